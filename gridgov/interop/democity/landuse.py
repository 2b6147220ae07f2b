"""From the plan to blocks: which face is cut how far, and what stands on each.

Two rounds: faces are cut into parcels (streets a car may use), each parcel gets a use, and parcels that are
lived in are cut on into blocks by lanes. Blocks are the atoms of every area above them.

Owns: parcels, blocks and their use. Does not own: the cuts themselves (`subdivide`), houses (`buildings`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

from gridgov.interop.democity.chance import stream
from gridgov.interop.democity.plan import STYLES, Plan
from gridgov.interop.democity.planar import Floats, Net, key, ring_area_m2
from gridgov.interop.democity.subdivide import subdivide

PARCEL_M2 = {"core": 15_000.0, "inner": 30_000.0, "town": 42_000.0, "industry": 60_000.0}
LIVED_IN = ("old_town", "flats", "towers", "village", "dormitory")
_VILLAGE_RADIUS_M = (135.0, 235.0)

# What a parcel may be, by zone: (use, share). The order is the order of the draw.
_MIX: dict[str, tuple[tuple[str, float], ...]] = {
    "core": (("old_town", 0.66), ("commercial", 0.22), ("civic", 0.06), ("park", 0.06)),
    "inner": (
        ("flats", 0.66),
        ("commercial", 0.12),
        ("office", 0.07),
        ("works", 0.05),
        ("park", 0.04),
        ("towers", 0.06),
    ),
    "town": (
        ("towers", 0.52),
        ("commercial", 0.12),
        ("office", 0.11),
        ("park", 0.08),
        ("construction", 0.07),
        ("flats", 0.06),
        ("vacant", 0.04),
    ),
    "industry": (("factory", 0.82), ("dormitory", 0.04), ("vacant", 0.14)),
}

# Where single things stand: (use, x, y, most square metres). The nearest free parcel takes it.
_SINGLE: tuple[tuple[str, str, float, float], ...] = (
    ("market", "market-old", -120.0, 20.0),
    ("civic", "drum-tower", -345.0, 190.0),
    ("temple", "temple", -560.0, 330.0),
    ("station", "station", -340.0, 1420.0),
    ("hospital", "hospital-city", -900.0, 620.0),
    ("hospital", "hospital-south", 2150.0, -950.0),
    ("mall", "mall", 560.0, -1390.0),
    ("city-hall", "city-hall", 1000.0, -2330.0),
    ("stadium", "stadium", 2050.0, -1720.0),
    ("market", "market-north", 350.0, 1120.0),
    ("market", "market-west", -1600.0, 520.0),
    ("market", "market-south", -640.0, -1530.0),
    ("bus-station", "bus-station", 240.0, 1250.0),
    ("barbecue", "barbecue", 1010.0, 560.0),
    ("library", "library", 1420.0, -1480.0),
    ("construction", "construction-1", 2620.0, -1480.0),
    ("construction", "construction-2", 2850.0, -1000.0),
    ("construction", "construction-3", 2450.0, -1850.0),
    ("construction", "construction-4", 2900.0, -700.0),
    ("construction", "construction-5", 2250.0, -2150.0),
)
_SCHOOL_APART_M = {"core": 520.0, "inner": 640.0, "town": 760.0}


@dataclass(frozen=True, slots=True)
class Parcel:
    """A piece of land of one use. `single` names the one thing that stands there, where there is such a thing."""

    id: int
    zone: str
    use: str
    single: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A face of the net; `parcel` is the land it was cut from."""

    face: int
    zone: str
    use: str
    parcel: int


@dataclass(slots=True)
class Land:
    """Blocks in a fixed order (`blocks[i].face` is the face of block i) and the parcels they belong to."""

    blocks: list[Block]
    parcels: dict[int, Parcel]


def tidy(net: Net, limit: shapely.Polygon) -> None:
    """Drop faces beyond the limit; join slivers, too small or thin for a block, to the face they share most with."""
    for face in sorted(net.rings):
        if not limit.contains(net.polygon(face).representative_point()):
            for step in net.steps(face):
                del net.left[step]
            del net.rings[face]
    for _ in range(4):
        small = [f for f in sorted(net.rings) if _is_sliver(net, f)]
        for face in small:
            if face in net.rings:
                _join_best(net, face)
        if not small:
            break


def _is_sliver(net: Net, face: int) -> bool:
    polygon = net.polygon(face)
    return bool(polygon.area < 900 or polygon.area / polygon.length < 5.5)


def _join_best(net: Net, face: int) -> None:
    soft = {"border": 0.0, "arterial": 0.3, "secondary": 0.5, "local": 0.8, "lane": 1.0}
    around = net.neighbours(face)
    order = sorted(around, key=lambda f: (-sum(soft[k] * m for k, m in around[f].items()), f))
    for other in order:
        if set(around[other]) != {"border"} and net.join(face, other) is not None:
            return


def _zone(plan: Plan, polygon: shapely.Polygon) -> str:
    at = polygon.representative_point()
    return next((name for name, area in plan.zones if area.contains(at)), "rural")


def divide(plan: Plan, net: Net, seed: int) -> Land:
    """Cut the whole net into parcels and blocks. Changes `net`."""
    tidy(net, plan.limit)
    rng = stream(seed, "parcels")
    land = Land([], {})
    open_parcels: list[tuple[int, str]] = []
    for face in sorted(net.rings):
        zone = _zone(plan, net.polygon(face))
        if zone == "rural":
            _rural(plan, net, face, land, rng)
        elif zone in PARCEL_M2:
            style = replace(STYLES[zone], target_m2=PARCEL_M2[zone])
            open_parcels += [(f, zone) for f in subdivide(net, face, style, f"{zone}.{face}", rng)]
        else:
            _whole(net, face, zone, land, rng)
    _fill(net, open_parcels, land, seed)
    net.unroad_islands()
    return land


def _add(land: Land, faces: list[int], zone: str, use: str, single: str = "") -> None:
    parcel = Parcel(len(land.parcels), zone, use, single)
    land.parcels[parcel.id] = parcel
    land.blocks += [Block(f, zone, use, parcel.id) for f in faces]


def _whole(net: Net, face: int, zone: str, land: Land, rng: np.random.Generator) -> None:
    use = {"river": "water", "lake": "water", "rail": "railway", "strip": "green", "axis": "green"}.get(zone, zone)
    style = {"axis": "strip"}.get(zone, zone)
    faces = [face] if zone == "lake" else subdivide(net, face, STYLES[style], f"{zone}.{face}", rng)
    _add(land, faces, zone, use)


def _rural(plan: Plan, net: Net, face: int, land: Land, rng: np.random.Generator) -> None:
    """Fields, and around the places of villages the fine net of a village."""
    centres = np.array(plan.villages)
    reach = np.array(
        [
            _VILLAGE_RADIUS_M[0] + (_VILLAGE_RADIUS_M[1] - _VILLAGE_RADIUS_M[0]) * ((i * 7) % 10) / 9
            for i in range(len(centres))
        ]
    )

    def far(xy: Floats, grow: float) -> bool:
        away = shapely.distance(shapely.Polygon(xy), shapely.points(centres))
        return bool((away > reach * grow).all())

    for field in subdivide(net, face, STYLES["rural"], f"rural.{face}", rng):
        parts = subdivide(net, field, STYLES["village"], f"village.{field}", rng, keep=lambda xy: far(xy, 0.72))
        village: list[int] = []
        rest: list[int] = []
        for f in parts:
            near = not far(net.coords(f), 0.75) and ring_area_m2(net.coords(f)) < 16_000
            (village if near else rest).append(f)
        if village:
            _add(land, village, "rural", "village")
        for f in rest:
            _add(land, [f], "rural", "orchard" if rng.random() < 0.16 else "field")


def _fill(net: Net, parcels: list[tuple[int, str]], land: Land, seed: int) -> None:
    """Give every open parcel a use, then cut those that are lived in."""
    rng = stream(seed, "uses")
    polygons = net.polygons(f for f, _ in parcels)
    at = shapely.get_coordinates(shapely.centroid(polygons))
    area = shapely.area(polygons)
    zones = np.array([zone for _, zone in parcels])
    use = [""] * len(parcels)
    single = [""] * len(parcels)
    for kind, name, x, y in _SINGLE:
        away = np.hypot(at[:, 0] - x, at[:, 1] - y) + 1e6 * np.array([bool(u) for u in use]) + 400 * (area < 9_000)
        i = int(np.argmin(away))
        use[i], single[i] = kind, name
    _schools(at, area, zones, use, rng)
    busy = np.array([_on_main_road(net, f) for f, _ in parcels])
    for i, (_, zone) in enumerate(parcels):
        use[i] = use[i] or _draw_use(zone, float(busy[i]), float(area[i]), rng)
    cuts = stream(seed, "lanes")
    for i, (face, zone) in enumerate(parcels):
        style = STYLES["village"] if use[i] == "village" else STYLES[zone]
        lived = use[i] in LIVED_IN or (use[i] == "commercial" and zone == "core")
        faces = subdivide(net, face, style, f"lane.{face}", cuts) if lived else [face]
        _add(land, faces, zone, use[i], single[i])


def _schools(at: Floats, area: Floats, zones: np.ndarray, use: list[str], rng: np.random.Generator) -> None:
    taken: list[int] = []
    for i in rng.permutation(len(use)):
        apart = _SCHOOL_APART_M.get(str(zones[i]))
        if (
            apart
            and not use[i]
            and 12_000 < area[i] < 60_000
            and all(np.hypot(*(at[i] - at[j])) > apart for j in taken)
        ):
            use[i] = "school"
            taken.append(int(i))


def _on_main_road(net: Net, face: int) -> float:
    """The share of a parcel's edge that lies on an arterial or secondary street."""
    metres = [(net.length_m(a, b), net.kind[key(a, b)]) for a, b in net.steps(face)]
    return sum(m for m, kind in metres if kind in ("arterial", "secondary")) / sum(m for m, _ in metres)


def _draw_use(zone: str, busy: float, area_m2: float, rng: np.random.Generator) -> str:
    names = [name for name, _ in _MIX[zone]]
    weight = np.array([share for _, share in _MIX[zone]])
    for i, name in enumerate(names):
        if name in ("commercial", "office"):
            weight[i] *= 0.35 + 2.6 * busy
        if name in ("park", "construction") and area_m2 < 10_000:
            weight[i] = 0.0
    return str(rng.choice(names, p=weight / weight.sum()))
