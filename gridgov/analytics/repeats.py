"""The same place again and again: spots at which the same kind of matter came back on several days.

Owns what a spot is, how often something came back to it, and the sentence about it. Does not own reading (`again`) nor
who may be told of a spot (the routes). Only places: nothing here knows who reported.

A spot is a circle: its middle is the point with most incidents of the kind around it, and every one of its incidents
lies within the radius of it, so that spots do not grow along a street as chains of near points would (Hartigan 1975,
"Clustering Algorithms", chapter 3: the leader algorithm, busiest first).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import scipy.spatial
from numpy.typing import NDArray

from gridgov.analytics.quad import EARTH_M

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

RADIUS_M = 15.0
LEAST_DAYS = 3
"""What came on fewer days has not come back often enough to be told of."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a kind of matter came back. `row`: the incident nearest to the middle; `members`: all, by time.

    `days`: on how many days; `gap_days`: between one of these days and the next, half of the gaps are no longer.
    """

    group: str
    row: int
    members: tuple[int, ...]
    days: int
    first: date
    last: date
    gap_days: float

    @property
    def count(self) -> int:
        return len(self.members)


def spots(
    x_m: Floats,
    y_m: Floats,
    groups: Sequence[str],
    days: Sequence[date],
    *,
    radius_m: float = RADIUS_M,
    least_days: int = LEAST_DAYS,
) -> tuple[Spot, ...]:
    """Spots of incidents at points in metres, of kinds, on days (parallel); those on most days first.

    Several reports on one day are one occasion. Assumes that points are right to within the radius: what is geocoded
    to the middle of a street or an estate makes a spot that is none. Busy places have more of everything; a spot is a
    reason to go and look, not a proof that something was left undone.
    """
    found: list[Spot] = []
    kinds = np.asarray(groups, dtype=object)
    ordinal = np.array([day.toordinal() for day in days], dtype=np.int64)
    for group in sorted(set(groups)):
        rows = np.flatnonzero(kinds == group)
        for middle, held in _leaders(np.column_stack([x_m[rows], y_m[rows]]), radius_m):
            members = rows[held][np.argsort(ordinal[rows[held]], kind="stable")]
            busy = np.unique(ordinal[members])
            if len(busy) >= least_days:
                first, last = date.fromordinal(int(busy[0])), date.fromordinal(int(busy[-1]))
                gap = float(np.median(np.diff(busy))) if len(busy) > 1 else 0.0
                found.append(Spot(group, int(rows[middle]), tuple(members.tolist()), len(busy), first, last, gap))
    return tuple(sorted(found, key=lambda one: (-one.days, -one.count, one.group, one.row)))


def _leaders(points: Floats, radius_m: float) -> list[tuple[int, Longs]]:
    """(place of the middle, places of the members) of circles, the busiest first; each point is in one of them."""
    tree = scipy.spatial.cKDTree(points)
    near = tree.query_ball_point(points, radius_m, return_sorted=True)
    order = sorted(range(len(points)), key=lambda i: (-len(near[i]), i))
    free = np.ones(len(points), dtype=np.bool_)
    found = []
    for middle in order:
        if free[middle]:
            held = np.array([i for i in near[middle] if free[i]], dtype=np.int64)
            free[held] = False
            found.append((middle, held))
    return found


def zoom_for(radius_m: float, lat: float) -> int:
    """The finest zoom whose map cells are at least a radius wide: a circle touches a cell and its neighbours alone."""
    return int(np.floor(np.log2(EARTH_M * np.cos(np.radians(lat)) / radius_m)))


def candidates(cells: Mapping[tuple[int, int], int], least: int, most: int) -> tuple[list[tuple[int, int]], bool]:
    """Cells (column, row) that may hold part of a spot of at least so many, and whether some were left out.

    `cells`: incidents of one kind in each cell. Those with most around them first, until `most` incidents are in them.
    """
    steps = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)]
    around = {cell: sum(cells.get((cell[0] + x, cell[1] + y), 0) for x, y in steps) for cell in cells}
    chosen: list[tuple[int, int]] = []
    held = 0
    for cell in sorted((one for one in cells if around[one] >= least), key=lambda one: (-around[one], one)):
        held += cells[cell]
        if held > most:
            return chosen, True
        chosen.append(cell)
    return chosen, False


def told(spot: Spot, group: Mapping[str, str], where: Mapping[str, str]) -> dict[str, str]:
    """The finding in a sentence. `where`: the spot, or the area that stands for it, in words."""
    zh, en = (group.get(language) or next(iter(group.values()), spot.group) for language in ("zh", "en"))
    at_zh, at_en = (where.get(language) or next(iter(where.values()), "") for language in ("zh", "en"))
    return {
        "zh": f"{at_zh}：{zh}在 {spot.days} 天里出现 {spot.count} 件，通常每隔 {spot.gap_days:g} 天一次，"
        f"最近一次在 {spot.last.month} 月 {spot.last.day} 日。",
        "en": f"{at_en}: {en} on {spot.days} days, {spot.count} incidents, commonly {spot.gap_days:g} days apart, "
        f"last on {spot.last.isoformat()}.",
    }
