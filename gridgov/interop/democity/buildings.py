"""Houses on the blocks: footprints, storeys, dwellings.

Owns: what is built on each use of land, and how many dwellings it holds. Does not own: how many of them are
lived in (`grids` settles that, since it counts households), footprints themselves (`forms`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridgov.interop.democity.chance import stream
from gridgov.interop.democity.forms import Form, main_direction, pack
from gridgov.interop.democity.landuse import Block, Land
from gridgov.interop.democity.mainlines import NEW_TOWN_TURN_DEG
from gridgov.interop.democity.planar import Floats, Net, key

HALF_WIDTH_M = {"arterial": 20.0, "secondary": 13.0, "local": 7.0, "lane": 3.5, "border": 2.0}

_FORMS: dict[str, Form] = {
    "slab": Form((30, 64), (11, 13.5), 24, 12, 4, 0.04),
    "court": Form((17, 30), (9.5, 12), 13, 6, 2.5, 0.08, angle="block", corner=0.12),
    "garden": Form((26, 44), (12, 14), 26, 15, 5, 0.05, angle="town"),
    "middle": Form((28, 48), (14, 16), 40, 22, 6, 0.04, angle="town"),
    "tower": Form((23, 28), (20, 23), 52, 36, 6, 0.04, angle="town"),
    "old": Form((8, 16), (7.5, 10), 4.5, 1.4, 0.8, 0.1, angle="block", corner=0.25),
    "village": Form((9.5, 14), (8, 10.5), 10, 4.5, 3, 0.16, angle="block", corner=0.18),
    "shop": Form((16, 64), (13, 22), 15, 6, 2.5, 0.14, angle="block", corner=0.15),
    "office": Form((30, 62), (17, 24), 34, 18, 10, 0.22, angle="block", corner=0.3),
    "school": Form((42, 74), (13, 17), 30, 16, 9, 0.35, angle="south", corner=0.3),
    "hall": Form((34, 90), (24, 44), 13, 12, 6, 0.08, angle="block"),
    "shed": Form((26, 50), (14, 24), 12, 9, 5, 0.2, angle="block"),
    "great": Form((40, 130), (36, 70), 24, 20, 12, 0.0, angle="block"),
    "campus": Form((44, 86), (15, 20), 44, 24, 14, 0.3, angle="south", corner=0.4),
    "hut": Form((10, 16), (7, 9), 120, 90, 18, 0.5, angle="block"),
    "temple": Form((18, 26), (12, 16), 16, 14, 8, 0.1, angle="south"),
}

_BY_USE = {
    "village": "village",
    "old_town": "old",
    "dormitory": "slab",
    "commercial": "shop",
    "office": "office",
    "school": "school",
    "hospital": "office",
    "market": "hall",
    "mall": "great",
    "factory": "hall",
    "works": "shed",
    "campus": "campus",
    "station": "great",
    "bus-station": "hall",
    "city-hall": "office",
    "stadium": "great",
    "library": "great",
    "barbecue": "shop",
    "civic": "shop",
    "temple": "temple",
    "construction": "tower",
    "orchard": "hut",
    "park": "hut",
}

# What a parcel of flats or towers looks like: (form, share, storeys from, to, dwellings per storey and 16 m of length).
_TALL = ("slab", "court", "garden", "middle", "tower")
_FLATS = (("slab", 0.8, 6, 7, 2.0), ("court", 0.2, 4, 5, 2.0))
_TOWERS = (("garden", 0.36, 6, 8, 1.75), ("middle", 0.42, 9, 11, 1.6), ("tower", 0.22, 15, 22, 2.3))


@dataclass(slots=True)
class Buildings:
    """One row a building; `polygon` in the plan's metres, `block` an index into the land's blocks."""

    polygon: NDArray[np.object_]
    block: NDArray[np.int64]
    kind: NDArray[np.str_]
    storeys: NDArray[np.int64]
    dwellings: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.block)


def _room(net: Net, block: Block, setback_m: float) -> shapely.Polygon | None:
    """The land of a block behind its streets' kerbs and the setback: the largest piece."""
    land: BaseGeometry = net.polygon(block.face).buffer(-setback_m - HALF_WIDTH_M["lane"], join_style="mitre")
    by_kind: dict[str, list[tuple[tuple[float, float], tuple[float, float]]]] = {}
    for a, b in net.steps(block.face):
        by_kind.setdefault(net.kind[key(a, b)], []).append((net.xy[a], net.xy[b]))
    for kind in ("arterial", "secondary", "local"):
        if kind in by_kind:
            wide = shapely.buffer(shapely.multilinestrings(by_kind[kind]), HALF_WIDTH_M[kind] + setback_m, quad_segs=2)
            land = land.difference(wide)
    parts = [p for p in shapely.get_parts(land) if p.geom_type == "Polygon" and p.area > 60]
    return max(parts, key=lambda p: p.area) if parts else None


def _angle(form: Form, room: shapely.Polygon) -> float:
    along = main_direction(shapely.get_coordinates(room.exterior)[:-1])
    if form.angle == "block":
        return along
    south = np.radians(NEW_TOWN_TURN_DEG) if form.angle == "town" else 0.0
    off = (along - south + np.pi / 4) % (np.pi / 2) - np.pi / 4
    return float(south + np.clip(off, -0.4, 0.4))  # facing south, more or less


@dataclass(frozen=True, slots=True)
class _Sort:
    """What stands on a parcel: a form ("" nothing), storeys from and to, dwellings per storey and 16 m of length."""

    form: str
    low: int
    high: int
    density: float


def build(net: Net, land: Land, seed: int, dwellings: int) -> Buildings:
    """All houses of the city, with that many dwellings in them (within one storey of one house)."""
    rng = stream(seed, "buildings")
    sorts = {p.id: _sort(p.use, stream(seed, "style", p.id)) for p in land.parcels.values()}
    rooms: list[shapely.Polygon] = []
    rows: list[tuple[shapely.Polygon, int, str, int, int]] = []
    for i, block in enumerate(land.blocks):
        sort = sorts[block.parcel]
        form = _FORMS.get(sort.form)
        room = _room(net, block, form.setback_m) if form else None
        if form is None or room is None:
            continue
        if block.use == "construction":
            form = replace(form, leave_out=0.72)
        levels = int(rng.integers(sort.low, sort.high + 1))
        for ring in pack(shapely.get_coordinates(room.exterior)[:-1], form, _angle(form, room), rng):
            storeys = max(1, levels + int(rng.integers(-1, 2)) * (levels > 8))
            homes = 0 if block.use == "construction" else _dwellings(ring, storeys, sort, rng)
            rows.append((shapely.Polygon(np.round(ring, 2)), i, sort.form, storeys, homes))
            rooms.append(room)
    polygon = np.array([row[0] for row in rows], dtype=object)
    fits = np.flatnonzero(shapely.covers(np.array(rooms, dtype=object), polygon) & shapely.is_valid(polygon))
    block_of, kind, storeys_of, homes_of = (np.array([row[k] for row in rows])[fits] for k in (1, 2, 3, 4))
    table = Buildings(polygon[fits], block_of, kind, storeys_of, homes_of)
    _raise_or_lower(table, dwellings, stream(seed, "storeys"))
    return table


def _raise_or_lower(table: Buildings, aim: int, rng: np.random.Generator) -> None:
    """Add or take single storeys, one house after the other, until all together hold the dwellings wanted."""
    tall = np.flatnonzero(np.isin(table.kind, _TALL) & (table.dwellings > 0))
    short = aim - int(table.dwellings.sum())
    way = 1 if short > 0 else -1
    for i in np.concatenate([rng.permutation(tall) for _ in range(4)]):
        step = int(table.dwellings[i] // table.storeys[i])
        if abs(short) < step or table.storeys[i] + way < 3:
            continue
        table.storeys[i] += way
        table.dwellings[i] += way * step
        short -= way * step


def _sort(use: str, rng: np.random.Generator) -> _Sort:
    if use in ("flats", "towers"):
        choice = _FLATS if use == "flats" else _TOWERS
        name, _, low, high, density = choice[int(rng.choice(len(choice), p=[c[1] for c in choice]))]
        return _Sort(name, low, high, density)
    lived = {"old_town": (1, 2, 2.2), "village": (1, 3, 1.0), "dormitory": (4, 6, 0.0)}
    if use in lived:
        return _Sort(_BY_USE[use], *lived[use])
    tall = {
        "office": (5, 16),
        "hospital": (5, 14),
        "commercial": (2, 6),
        "campus": (4, 8),
        "school": (3, 5),
        "city-hall": (5, 9),
    }
    return _Sort(_BY_USE.get(use, ""), *tall.get(use, (1, 3)), 0.0)


def _dwellings(ring: Floats, storeys: int, sort: _Sort, rng: np.random.Generator) -> int:
    if sort.form == "village":
        return 1 + int(rng.random() < 0.4)
    size = float(np.hypot(*(ring[1] - ring[0]))) / 16 * sort.density
    if sort.form == "old":
        return max(1, round(size * storeys * rng.uniform(0.7, 1.1)))
    return max(1, round(size)) * storeys if sort.density > 0 else 0
