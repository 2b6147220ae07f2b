"""The plan of the invented city, drawn by hand once and then bent by chance: river, railway, ring, main streets, zones.

The frame is a plane in metres, x to the east and y to the north, with its origin in the middle of the city.
North of the river lie an old core within its belt of green, the quarters grown around it, the station, a campus and industry;
south of it a new town planned on a lattice around a park; villages and fields outside the ring road.

Owns: the main lines, the zones, how each zone is cut. Does not own: names (`naming`), land use of single blocks (`landuse`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.interpolate import CubicSpline

from gridgov.interop.democity.chance import stream
from gridgov.interop.democity.planar import BORDER, Floats, Line
from gridgov.interop.democity.subdivide import Style

CORE = (-350.0, 150.0)
NEW_TOWN = (1113.0, -1716.0)
NEW_TOWN_TURN_DEG = 9.0
SQUARE_U_M, SQUARE_V_M = 440.0, 390.0  # a super-block of the new town

RIVER = ((-5200, -150), (-4300, -260), (-3300, -170), (-2150, -460), (-1100, -800), (50, -880), (1250, -610), (2500, -170), (3500, 40), (4500, -40), (5200, -160))  # fmt: skip
RING = ((-2780, 560), (-2480, 1620), (-1350, 2080), (200, 2200), (1800, 2130), (2850, 1300), (3080, 100), (2950, -1300), (2250, -2500), (750, -2880), (-800, -2760), (-2150, -2280), (-2830, -1150))  # fmt: skip
LIMIT = ((-4050, 300), (-3800, 1900), (-2500, 2850), (-600, 3050), (1400, 2980), (3200, 2500), (4080, 1100), (4150, -700), (3800, -2300), (2500, -3500), (300, -3820), (-1800, -3560), (-3500, -2600), (-4150, -1000))  # fmt: skip
RAIL = ((-5000, 1020), (-3000, 1250), (-1500, 1440), (-350, 1500), (1200, 1520), (3000, 1720), (5000, 1980))
BELT = ((-905, 170), (-760, 520), (-330, 655), (90, 560), (235, 190), (130, -210), (-300, -330), (-740, -240))
LAKE = (
    (-330, -150),
    (-210, -60),
    (0, -95),
    (180, -50),
    (330, -130),
    (290, -260),
    (60, -300),
    (-90, -250),
    (-260, -290),
)

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


@dataclass(frozen=True, slots=True)
class Plan:
    """`zones`: (name, polygon) from the most to the least special; the first that holds a face names its zone."""

    lines: list[Line]
    zones: list[tuple[str, shapely.Polygon]]
    limit: shapely.Polygon
    water_middle: Floats
    villages: list[tuple[float, float]]


def curve(points: tuple[tuple[float, float], ...], *, closed: bool = False, step_m: float = 60.0) -> Floats:
    """A smooth line through the points (cubic spline by chord length), a vertex about every `step_m`."""
    p = np.array(points + points[:1] if closed else points, dtype=float)
    t = np.r_[0, np.cumsum(np.hypot(*np.diff(p, axis=0).T))]
    spline = CubicSpline(t, p, bc_type="periodic" if closed else "natural")
    xy = np.asarray(spline(np.linspace(0, t[-1], max(3, round(t[-1] / step_m)))))
    if closed:
        xy[-1] = xy[0]
    return xy


def straight(*points: tuple[float, float], step_m: float = 70.0) -> Floats:
    """Straight pieces through the points, a vertex about every `step_m` so that they can be bent."""
    parts = [np.array(points[:1], dtype=float)]
    for a, b in zip(points, points[1:], strict=False):
        n = max(1, round(float(np.hypot(b[0] - a[0], b[1] - a[1])) / step_m))
        parts.append(np.linspace(a, b, n + 1)[1:])
    return np.vstack(parts)


def beside(xy: Floats, offset_m: float) -> Floats:
    """The line that runs `offset_m` to the left of another (negative: right)."""
    way = np.gradient(xy, axis=0)
    way /= np.hypot(way[:, 0], way[:, 1])[:, None]
    return xy + offset_m * np.c_[-way[:, 1], way[:, 0]]


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


def _square(u: float, v: float) -> tuple[float, float]:
    """A place of the new town's lattice (in super-blocks) in the plan's frame."""
    a = np.radians(NEW_TOWN_TURN_DEG)
    x, y = u * SQUARE_U_M, v * SQUARE_V_M
    return NEW_TOWN[0] + float(np.cos(a) * x - np.sin(a) * y), NEW_TOWN[1] + float(np.sin(a) * x + np.cos(a) * y)


def _water_and_rail() -> dict[str, tuple[str, Floats]]:
    river = curve(RIVER)
    half = 105 + 18 * np.sin(np.linspace(0, 9, len(river)))[:, None] + 30 * np.linspace(1, 0, len(river))[:, None]
    way = beside(river, 1.0) - river
    inside = (river[:, 0] > -3000) & (river[:, 0] < 3350)
    north, south = river + way * half, river - way * half
    rail = curve(RAIL)
    return {
        "riverside-north": ("arterial", (north + way * 48)[inside]),
        "riverside-south": ("arterial", (south - way * 62)[inside]),
        "bank-north": (BORDER, north),
        "bank-south": (BORDER, south),
        "river": (BORDER, river),
        "rail-north": (BORDER, beside(rail, 19)),
        "rail-south": (BORDER, beside(rail, -19)),
    }


def _north() -> dict[str, tuple[str, Floats]]:
    x0, y0 = CORE
    belt = curve(BELT, closed=True, step_m=45)
    inner = np.array(CORE) + (belt - CORE) * (1 - 46 / np.hypot(*(belt - CORE).T))[:, None]
    roads: dict[str, tuple[str, tuple[tuple[float, float], ...]]] = {
        "gate-south": ("secondary", ((x0, y0), (x0 + 10, -260), (x0 - 10, -680), (x0 + 10, -1130))),
        "gate-north": ("secondary", ((x0, y0), (x0 - 15, 620), (x0, 1440))),
        "gate-west": ("secondary", ((x0, y0), (-860, 190), (-1500, 170), (-2850, 260), (-3500, 420), (-4500, 360))),
        "gate-east": ("secondary", ((x0, y0), (230, 165), (900, 200), (3200, 420), (3700, 520), (4500, 480))),
        "first-east-west": ("arterial", ((-2900, 830), (-1200, 850), (-300, 900), (900, 880), (3200, 1020))),
        "station-front": ("secondary", ((-2750, 1160), (-1300, 1330), (-350, 1370), (1100, 1380), (2880, 1530))),
        "behind-rail": ("secondary", ((-2580, 1640), (-1100, 1790), (300, 1830), (2400, 1890))),
        "north-south-1": ("secondary", ((-2080, -450), (-2060, 400), (-1990, 1950), (-2300, 2500), (-2750, 3300))),
        "north-south-2": ("arterial", ((-1270, -1080), (-1230, -620), (-1200, 300), (-1170, 2150), (-1050, 2600), (-1100, 3400))),
        "north-south-3": ("secondary", ((560, -760), (575, 300), (560, 1440))),
        "north-south-4": ("arterial", ((1395, -740), (1420, -400), (1440, 400), (1400, 2200), (1600, 2700), (1700, 3400))),
        "north-south-5": ("secondary", ((2180, -230), (2200, 700), (2150, 2120))),
    }  # fmt: skip
    lines = {name: (kind, straight(*points)) for name, (kind, points) in roads.items()}
    return {"belt": ("arterial", belt), "belt-inner": ("lane", inner), **lines}


def _new_town() -> dict[str, tuple[str, Floats]]:
    """The lattice, but for the squares of the park and for the axis of green that leads to the river."""
    out: dict[str, tuple[str, Floats]] = {}
    across = {2: "secondary", 1: "arterial", 0: "secondary", -1: "secondary", -2: "arterial"}
    for v, kind in across.items():
        out[f"town-across-{v}"] = (kind, straight(_square(-6.5, v), _square(5.5, v)))
    along = {-5.1: "arterial", -4: "secondary", -3: "arterial", -2: "secondary", -1: "secondary", 1: "arterial", 2: "secondary", 3: "arterial", 4: "secondary"}  # fmt: skip
    for u, kind in along.items():
        out[f"town-along-{u}"] = (kind, straight(_square(u, 3.6), _square(u, -3.9)))
    for side, u in (("west", -0.09), ("east", 0.09)):
        out[f"axis-{side}"] = ("secondary", straight(_square(u, 3.6), _square(u, -0.02)))
    out["axis-south"] = ("secondary", straight(_square(0, -0.98), _square(0, -2.9), (900, -3300), (850, -4100)))
    out["lake"] = ("lane", np.array(_square(0, 0)) + curve(LAKE, closed=True, step_m=40) @ _turn().T)
    for name, a, b in (("north", (0, 0.02), (0, -0.3)), ("south", (0, -0.7), (0, -1.02)), ("west", (-1.02, -0.5), (-0.6, -0.5)), ("east", (0.6, -0.5), (1.02, -0.5))):  # fmt: skip
        out[f"park-{name}"] = ("lane", straight(_square(*a), _square(*b)))
    out["south-west"] = (
        "arterial",
        straight((-1640, -760), (-1520, -1700), (-1420, -2650), (-1550, -3200), (-1500, -4000)),
    )
    out["south-west-across"] = ("secondary", straight((-4400, -1500), (-3400, -1450), (-2900, -1420), (-1490, -1480)))
    out["road-south-east"] = ("secondary", straight((2960, -1230), (3500, -1560), (4400, -1700)))
    return out


def _turn() -> Floats:
    a = np.radians(NEW_TOWN_TURN_DEG)
    return np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])


def _zones(at: dict[str, Floats], bend: _Bend) -> list[tuple[str, shapely.Polygon]]:
    def strip(a: str, b: str) -> shapely.Polygon:
        return shapely.Polygon(np.vstack([at[a], at[b][::-1]])).buffer(0)

    def area(*points: tuple[float, float]) -> shapely.Polygon:
        return shapely.Polygon(bend(straight(*points, points[0])))

    def squares(u0: float, v0: float, u1: float, v1: float) -> shapely.Polygon:
        return area(*(_square(u, v) for u, v in ((u0, v0), (u1, v0), (u1, v1), (u0, v1))))

    ring = shapely.Polygon(at["ring"])
    belt, core = shapely.Polygon(at["belt"]), shapely.Polygon(at["belt-inner"])
    south = shapely.Polygon(np.vstack([at["river"], [[6000, -9000], [-6000, -9000]]]))
    town = south & ring & shapely.Polygon(np.vstack([at["south-west"], [[6000, -9000], [6000, 1000], [-1700, 1000]]]))
    return [
        ("river", strip("bank-north", "bank-south")),
        ("strip", strip("bank-north", "riverside-north") & ring.buffer(60)),
        ("strip", strip("bank-south", "riverside-south") & ring.buffer(60)),
        ("rail", strip("rail-north", "rail-south")),
        ("core", core),
        ("strip", belt),
        ("lake", shapely.Polygon(at["lake"])),
        ("park", squares(-1, -1, 1, 0)),
        ("axis", squares(-0.11, 0, 0.11, 3.6) & south & ring),
        ("rural", shapely.Polygon(at["limit"]).difference(ring)),
        ("campus", area((-2800, 240), (-2075, 215), (-2040, 840), (-2800, 830))),
        ("industry", area((1430, 860), (3300, 1000), (3300, 2300), (1390, 2300))),
        ("industry", area((2200, 395), (3300, 420), (3300, 1020), (2190, 960))),
        ("industry", area((-3000, -1420), (-1545, -1480), (-1400, -3000), (-3000, -3000))),
        ("town", town),
        ("inner", ring),
    ]


def _ragged(xy: Floats, seed: int) -> Floats:
    """The limit of the city follows ditches and field paths: pushed in and out at its corners."""
    rng = stream(seed, "limit")
    out = beside(xy, 1.0) - xy
    moved = xy + out * rng.normal(0, 85, (len(xy), 1)) + rng.normal(0, 40, xy.shape)
    moved[-1] = moved[0]
    return moved


def _trim_lattice(at: dict[str, Floats], town: shapely.Polygon) -> None:
    """Streets of the new town end where the new town ends, a little beyond so that they meet what is there."""
    room = town.difference(shapely.LineString(at["river"]).buffer(150)).buffer(20, join_style="mitre")
    for name in at:
        if name.startswith(("town-", "axis-east", "axis-west")):
            parts = shapely.get_parts(shapely.LineString(at[name]) & room)
            at[name] = shapely.get_coordinates(max(parts, key=lambda part: part.length))


def _land_bridges(at: dict[str, Floats]) -> None:
    """A bridge comes down where a street of the lattice begins."""
    for bridge, street in (
        ("north-south-2", "town-along--5.1"),
        ("gate-south", "town-along--3"),
        ("north-south-4", "town-along-1"),
    ):
        foot = max(at[street], key=lambda p: float(p[1]))
        river_y = np.interp(at[bridge][:, 0], at["river"][:, 0], at["river"][:, 1])
        north = at[bridge][at[bridge][:, 1] > river_y]
        at[bridge] = np.vstack([north, [foot]] if north[-1, 1] < north[0, 1] else [[foot], north])


def _scatter_villages(seed: int, rural: shapely.Polygon) -> list[tuple[float, float]]:
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
    raw: dict[str, tuple[str, Floats]] = {
        "limit": (BORDER, _ragged(curve(LIMIT, closed=True, step_m=430), seed)),
        "ring": ("arterial", curve(RING, closed=True)),
        **_water_and_rail(), **_north(), **_new_town(),
    }  # fmt: skip
    at = {
        name: shapely.get_coordinates(shapely.simplify(shapely.LineString(bend(xy)), 1.2))
        for name, (_, xy) in raw.items()
    }
    zones = _zones(at, bend)
    _trim_lattice(at, dict(zones)["town"])
    _land_bridges(at)
    limit = shapely.Polygon(at["limit"])
    dry = limit.difference(shapely.Polygon(at["ring"])).difference(zones[0][1].buffer(120))
    lines = [Line(name, kind, at[name]) for name, (kind, _) in raw.items()]
    return Plan(lines, zones, limit, at["river"], _scatter_villages(seed, dry))
