"""The plan of the invented city, drawn by hand once and then bent by chance: river, railway, ring, main streets,
zones.

North of the river lie an old core within its belt of green, the quarters grown around it, the station, a campus
and industry; south of it a new town planned on a lattice around a park; villages and fields outside the ring
road.

Owns: the bend, the zones, how each zone is cut. Does not own: the main lines (`mainlines`), what single blocks are
used for (`landuse`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridgov.interop.democity import mainlines
from gridgov.interop.democity.chance import stream
from gridgov.interop.democity.mainlines import LIMIT, NEW_TOWN, RING, Drawn, beside, curve, square, straight
from gridgov.interop.democity.planar import BORDER, Floats, Line
from gridgov.interop.democity.subdivide import Style

_ACROSS = ((200_000.0, "secondary"), (45_000.0, "local"), (0.0, "lane"))
STYLES: dict[str, Style] = {
    "core": Style(4_300, ((70_000.0, "local"), (0.0, "lane")), 0.4, jitter_deg=11, bend=0.05, snap_m=20, gap_m=15),
    "inner": Style(7_800, _ACROSS, 0.3, jitter_deg=5, bend=0.012),
    "town": Style(9_600, ((60_000.0, "local"), (0.0, "lane")), 0.2, jitter_deg=1.5, snap_m=45),
    "industry": Style(38_000, ((150_000.0, "secondary"), (0.0, "local")), 0.3, jitter_deg=2, snap_m=60, gap_m=40),
    "campus": Style(26_000, ((0.0, "lane"),), 0.3, jitter_deg=6, bend=0.03),
    "park": Style(45_000, ((0.0, "lane"),), 0.3, jitter_deg=14, bend=0.06),
    "village": Style(7_500, ((60_000.0, "local"), (0.0, "lane")), 0.4, jitter_deg=12, bend=0.04, snap_m=22, gap_m=18),
    "rural": Style(190_000, ((900_000.0, "local"), (0.0, "lane")), 0.5, jitter_deg=12, bend=0.03, snap_m=80, gap_m=60),
    "strip": Style(9_000, ((0.0, "lane"),), 0.2, snap_m=60, gap_m=12, min_side=0.1),
    "river": Style(60_000, ((0.0, BORDER),), 0.2, snap_m=150, gap_m=12, min_side=0.1),
    "rail": Style(14_000, ((0.0, BORDER),), 0.2, snap_m=80, gap_m=8, min_side=0.1),
}


Zone = shapely.Polygon | shapely.MultiPolygon


@dataclass(frozen=True, slots=True)
class Plan:
    """`zones`: (name, polygon) from the most to the least special; the first that holds a face names its zone."""

    lines: list[Line]
    zones: list[tuple[str, Zone]]
    limit: shapely.Polygon
    ring: shapely.Polygon
    water_middle: Floats
    villages: list[tuple[float, float]]


class _Bend:
    """A smooth displacement of the whole plan, weaker where streets were planned with a ruler."""

    def __init__(self, seed: int) -> None:
        rng = stream(seed, "bend")
        self.waves = [
            (2 * np.pi / length, rng.uniform(0, 2 * np.pi), rng.uniform(0, 2 * np.pi), rng.uniform(0.6, 1.0) * reach)
            for length, reach in ((4300, 75), (2700, 45), (1500, 16), (850, 7))
            for _ in range(2)
        ]

    def __call__(self, xy: Floats) -> Floats:
        calm = 1 - 0.8 * np.exp(-(((xy - NEW_TOWN) / (1900, 1100)) ** 2).sum(axis=1))
        out = xy.copy()
        for k, angle, phase, reach in self.waves:
            push = reach * np.sin(k * (xy @ (np.cos(angle), np.sin(angle))) + phase) * calm
            out[:, 0] += push * np.sin(angle + 1.1)
            out[:, 1] += push * np.cos(angle + 1.1)
        return out


def _zones(at: dict[str, Floats], bend: _Bend) -> list[tuple[str, Zone]]:
    def strip(a: str, b: str) -> Zone:
        return _land(shapely.Polygon(np.vstack([at[a], at[b][::-1]])).buffer(0))

    def area(*points: tuple[float, float]) -> shapely.Polygon:
        return shapely.Polygon(bend(straight(*points, points[0])))

    def squares(u0: float, v0: float, u1: float, v1: float) -> shapely.Polygon:
        return area(*(square(u, v) for u, v in ((u0, v0), (u1, v0), (u1, v1), (u0, v1))))

    ring = shapely.Polygon(at["ring"])
    belt, core = shapely.Polygon(at["belt"]), shapely.Polygon(at["belt-inner"])
    south = shapely.Polygon(np.vstack([at["river"], [[6000, -9000], [-6000, -9000]]]))
    west = shapely.Polygon(np.vstack([at["south-west"], [[6000, -9000], [6000, 1000], [-1700, 1000]]]))
    town = _land(south & ring & west)
    return [
        ("river", strip("bank-north", "bank-south")),
        ("strip", _land(strip("bank-north", "riverside-north") & ring.buffer(60))),
        ("strip", _land(strip("bank-south", "riverside-south") & ring.buffer(60))),
        ("rail", strip("rail-north", "rail-south")),
        ("core", core),
        ("strip", belt),
        ("lake", shapely.Polygon(at["lake"])),
        ("park", squares(-1, -1, 1, 0)),
        ("axis", _land(squares(-0.11, 0, 0.11, 3.6) & south & ring)),
        ("rural", _land(shapely.Polygon(at["limit"]).difference(ring))),
        ("campus", area((-2800, 240), (-2075, 215), (-2040, 840), (-2800, 830))),
        ("industry", area((1430, 860), (3300, 1000), (3300, 2300), (1390, 2300))),
        ("industry", area((2200, 395), (3300, 420), (3300, 1020), (2190, 960))),
        ("industry", area((-3000, -1420), (-1545, -1480), (-1400, -3000), (-3000, -3000))),
        ("town", town),
        ("inner", ring),
    ]


def _land(shape: shapely.geometry.base.BaseGeometry) -> Zone:
    """The area of a shape; what is left of it in lines and points is dropped."""
    return shapely.MultiPolygon([p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"])


def _ragged(xy: Floats, seed: int) -> Floats:
    """The limit of the city follows ditches and field paths: pushed in and out at its corners."""
    rng = stream(seed, "limit")
    out = beside(xy, 1.0) - xy
    moved = xy + out * rng.normal(0, 85, (len(xy), 1)) + rng.normal(0, 40, xy.shape)
    moved[-1] = moved[0]
    return moved


def _trim_lattice(at: dict[str, Floats], town: Zone) -> None:
    """Streets of the new town end where the new town ends, a little beyond so that they meet what is there."""
    room = town.difference(shapely.LineString(at["river"]).buffer(150)).buffer(20, join_style="mitre")
    for name, xy in at.items():
        if name.startswith(("town-", "axis-east", "axis-west")):
            parts = shapely.get_parts(shapely.LineString(xy) & room)
            at[name] = shapely.get_coordinates(max(parts, key=lambda part: part.length))


def _land_bridges(at: dict[str, Floats]) -> None:
    """A bridge comes down where a street of the lattice begins."""
    for bridge, street in (
        ("north-south-2", "town-along--5"),
        ("gate-south", "town-along--3"),
        ("north-south-4", "town-along-1"),
    ):
        foot = max(at[street], key=lambda p: float(p[1]))
        river_y = np.interp(at[bridge][:, 0], at["river"][:, 0], at["river"][:, 1])
        north = at[bridge][at[bridge][:, 1] > river_y]
        at[bridge] = np.vstack([north, [foot]] if north[-1, 1] < north[0, 1] else [[foot], north])


def _scatter_villages(seed: int, rural: Zone) -> list[tuple[float, float]]:
    """Places of villages: anywhere outside the ring, at least 620 m apart and away from the limit."""
    rng = stream(seed, "villages")
    room = rural.buffer(-190)
    taken: list[tuple[float, float]] = []
    for _ in range(4000):
        x, y = rng.uniform((-4200, -3900), (4200, 3100))
        if shapely.contains_xy(room, x, y) and all(np.hypot(x - a, y - b) > 640 for a, b in taken):
            taken.append((float(x), float(y)))
    return taken


def draw(seed: int) -> Plan:
    """The plan of the city for a seed."""
    bend = _Bend(seed)
    raw: Drawn = {
        "limit": (BORDER, _ragged(curve(LIMIT, closed=True, step_m=430), seed)),
        "ring": ("arterial", curve(RING, closed=True)),
        **mainlines.water_and_rail(),
        **mainlines.north(),
        **mainlines.new_town(),
    }
    at = {
        name: shapely.get_coordinates(shapely.simplify(shapely.LineString(bend(xy)), 1.2))
        for name, (_, xy) in raw.items()
    }
    zones = _zones(at, bend)
    _trim_lattice(at, dict(zones)["town"])
    _land_bridges(at)
    limit = shapely.Polygon(at["limit"])
    ring = shapely.Polygon(at["ring"])
    dry = _land(limit.difference(ring).difference(zones[0][1].buffer(120)))
    lines = [Line(name, kind, at[name]) for name, (kind, _) in raw.items()]
    return Plan(lines, zones, limit, ring, at["river"], _scatter_villages(seed, dry))
