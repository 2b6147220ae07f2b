"""Where the same thing came again: reads the few places that may be spots, never all incidents one by one.

Owns the two steps of reading: counts by map cell first, then single incidents of the busiest cells. Does not own what
a spot is (`repeats`) nor who may be told of it (the routes). Reads only what counting may read: no text, no person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gridgov.analytics import repeats
from gridgov.analytics.daily import Group, groups_of, home_of
from gridgov.analytics.period import local_day
from gridgov.analytics.quad import KEY_ZOOM, centre_of, interleave
from gridgov.analytics.queries import counts as counting
from gridgov.analytics.queries import daily as queries
from gridgov.analytics.rules import Filter
from gridgov.areas.rules import AreaFacts
from gridgov.geo.crs import Projection

MOST_READ = 200_000
"""Single incidents; where more lie in busy cells, the least busy of these are left out, and it is said."""


@dataclass(frozen=True, slots=True)
class Found:
    """A spot with its middle in degrees and the deepest area that most of its incidents belong to now."""

    spot: repeats.Spot
    group: Group
    lon: float
    lat: float
    area_id: int


@dataclass(frozen=True, slots=True)
class Again:
    """`cut`: there was too much to read all of it, so that spots with few incidents may be missing."""

    items: tuple[Found, ...]
    cut: bool


def again(
    session: Session,
    areas: Sequence[AreaFacts],
    wanted: Filter,
    zone: ZoneInfo,
    projection: Projection,
    lat: float,
    *,
    radius_m: float = repeats.RADIUS_M,
    least_days: int = repeats.LEAST_DAYS,
) -> Again:
    """Spots of what the filter asks for. `areas`: those in force now; `lat`: of the middle of the city."""
    counting.settle(session)
    kinds = groups_of(session)
    zoom = repeats.zoom_for(radius_m, lat)
    keys, cut = _busy(session, wanted, zoom, kinds, least_days)
    if not keys:
        return Again((), cut)
    rows = queries.in_cells(session, wanted, zoom, sorted(keys))
    where = {key: centre_of(key, KEY_ZOOM) for key in {row.key for row in rows}}
    lon, lats = (np.array([where[row.key][axis] for row in rows]) for axis in (0, 1))
    x_m, y_m = projection.forward(lon, lats)
    days = [local_day(row.happened_at, zone) for row in rows]
    found = repeats.spots(
        x_m, y_m, [kinds[row.category_id].code for row in rows], days, radius_m=radius_m, least_days=least_days
    )
    in_force = {area.id for area in areas}
    items = []
    for spot in found:
        home = Counter(home_of(rows[i], in_force) for i in spot.members).most_common(1)[0][0]
        group = kinds[rows[spot.row].category_id]
        items.append(Found(spot, group, round(float(lon[spot.row]), 5), round(float(lats[spot.row]), 5), home))
    return Again(tuple(items), cut)


def _busy(session: Session, wanted: Filter, zoom: int, kinds: Mapping[int, Group], least: int) -> tuple[set[int], bool]:
    """Keys of the cells that may hold part of a spot of any kind, and whether some had to be left out."""
    rows = queries.by_cell_and_category(session, wanted, zoom)
    keys = np.array([row.key for row in rows], dtype=np.uint64)
    columns, lines = _even_bits(keys).tolist(), _even_bits(keys >> np.uint64(1)).tolist()
    cells: dict[str, dict[tuple[int, int], int]] = {}
    for row, x, y in zip(rows, columns, lines, strict=True):
        of_kind = cells.setdefault(kinds[row.category_id].code, {})
        of_kind[x, y] = of_kind.get((x, y), 0) + int(row.n)
    found: set[int] = set()
    cut = False
    for of_kind in cells.values():
        chosen, missing = repeats.candidates(of_kind, least, MOST_READ // len(cells))
        found |= {interleave(x, y) for x, y in chosen}
        cut = cut or missing
    return found, cut


def _even_bits(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every other bit, the lowest first, pushed together: the column of a Z-order number."""
    out = keys & np.uint64(0x5555555555555555)
    for shift, mask in (
        (1, 0x3333333333333333), (2, 0x0F0F0F0F0F0F0F0F), (4, 0x00FF00FF00FF00FF), (8, 0x0000FFFF0000FFFF),
        (16, 0x00000000FFFFFFFF),
    ):  # fmt: skip
        out = (out | (out >> np.uint64(shift))) & np.uint64(mask)
    return out
