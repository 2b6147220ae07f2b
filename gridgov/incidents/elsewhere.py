"""A list of incidents as by other boundaries than those in force: of a plan, or of an instant of the past.

Owns finding the rows whose point lies in areas of an index, page by page. Does not own the boundaries (`areas`,
`planning`), the statement that reads rows (`queries`), nor where rows lie by the boundaries in force (`lying`).

Rows are read in the box around the areas and looked up by their points in the exact index, as counts by other
boundaries do (`analytics.under`), so that a list is as long as its number. A page costs what lies in the box.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Row

from gridgov.areas.index import AreaIndex

HELPING = 500  # rows that are read at once
CORNERS = ("west", "south", "east", "north")

Read = Callable[[Mapping[str, Any], int], list[Row[Any]]]
"""Reads rows, newest first: filters and how many at most."""


def page(index: AreaIndex, ids: Sequence[int], filters: Mapping[str, Any], limit: int, read: Read) -> list[Row[Any]]:
    """Rows whose deepest area by `index` is one of `ids`, newest first, after the key of the filters."""
    box = _box(index, ids, filters)
    if box is None:
        return []
    held = np.zeros(len(index) + 1, dtype=bool)  # the last: outside every area
    held[:-1] = np.isin([area.id for area in index.areas], list(ids))
    asked, found = {**filters, **box}, list[Row[Any]]()
    while len(found) < limit:
        rows = read(asked, HELPING)
        lon, lat = (np.array([getattr(row, axis) for row in rows], dtype=np.float64) for axis in ("lon", "lat"))
        found += [row for row, inside in zip(rows, held[index.inside_many(lon, lat)], strict=True) if inside]
        if len(rows) < HELPING:
            break
        asked |= {"before_at": rows[-1].happened_at, "before_id": rows[-1].id}
    return found[:limit]


def _box(index: AreaIndex, ids: Sequence[int], filters: Mapping[str, Any]) -> dict[str, float] | None:
    """The box around areas, cut down to that of the filters; None where nothing is left."""
    if not ids:
        return None
    west, south, east, north = shapely.total_bounds(np.array([index.shape(one) for one in ids], dtype=object)).tolist()
    if filters.get("west") is not None:
        west, south = max(west, filters["west"]), max(south, filters["south"])
        east, north = min(east, filters["east"]), min(north, filters["north"])
    return dict(zip(CORNERS, (west, south, east, north), strict=True)) if west <= east and south <= north else None
