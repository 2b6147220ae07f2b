"""Incidents counted under other boundaries than those in force: a draft, or a plan of the past.

Owns reading where they lie, in the grids that differ alone. Does not own the boundaries (`planning.preview`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from gridgov.areas.index import AreaIndex
from gridgov.incidents.queries import homing as queries


def counts(
    session: Session,
    now: AreaIndex,
    other: AreaIndex,
    grids: Sequence[int],
    units: Sequence[int],
    *,
    since: datetime,
    until: datetime,
) -> tuple[Mapping[int, int], Mapping[int, int]]:
    """Incidents of a time by area, as they belong now (`grids` and what lies in no grid of `units`), and the same ones
    by the other boundaries. Both sum to the same. An area is a grid, or the lowest area where no grid is.
    """
    lon, lat, held = queries.spots(session, grids, units, since, until)
    if not len(lon):
        return {}, {}
    found = other.locate_many(lon, lat)
    mine = np.where(held > 0, held, now.locate_many(lon, lat).area_id)
    theirs = np.where(found.grid_id != 0, found.grid_id, found.area_id)
    return _counted(mine), _counted(theirs)


def _counted(ids: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> dict[int, int]:
    values, counts_ = np.unique(ids, return_counts=True)
    return {int(one): int(count) for one, count in zip(values, counts_, strict=True)}
