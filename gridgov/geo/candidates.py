"""The nearest site of a group for very many points: a look-up table of who can be nearest where.

Owns that table. Does not own the rule, which is that of `nearest`: by squared distance `dx*dx + dy*dy` in double
precision, the lowest site among equals.

A box is cut into cells. Whoever is nearest to any point of a cell lies no farther from its middle than the site nearest
to the middle, and twice half the cell's diagonal more; so a cell keeps those alone, most cells but one. Cells of a
coarse cut tell a fine one whom to look at. The answers are those of looking at every site.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.compiled import kernel

NOBODY = -1
CELLS = 1 << 23  # of all groups together: 32 MB
EACH = 16  # cells of a group for each of its sites
MOST_ACROSS, LEAST_ACROSS = 512, 32
COARSE = 16  # fine cells along a side of a coarse one
MARGIN = 0.25  # of the sites' extent, on every side
SLACK, SLACK_M = 1.0 + 1e-9, 1e-6
CHUNK = 65_536

Floats = NDArray[np.float64]
Int32s = NDArray[np.int32]


class CandidateTable:
    """`members[g]`: positions of the sites of group g in `x_m`, `y_m`. Built once, then only read.

    `box` (west, south, east, north in metres): where most points lie; beyond it every site of the group is looked at.
    """

    def __init__(
        self,
        x_m: Floats,
        y_m: Floats,
        members: Sequence[NDArray[np.int64]],
        box: tuple[float, float, float, float] | None = None,
    ) -> None:
        self._x, self._y = (np.ascontiguousarray(one, dtype=np.float64) for one in (x_m, y_m))
        self._sites = np.concatenate([*(np.sort(one) for one in members), np.empty(0, np.int64)]).astype(np.int32)
        self._first = np.concatenate([[0], np.cumsum([len(one) for one in members])]).astype(np.int64)
        west, south, east, north = box or _box(self._x[self._sites], self._y[self._sites])
        most = max((len(one) for one in members), default=0)
        across = LEAST_ACROSS  # a table that fits into a processor's cache answers faster than a finer one
        while across < MOST_ACROSS and 4 * across * across < EACH * most and 4 * across * across * len(members) < CELLS:
            across *= 2
        self._grid = (west, south, across / max(east - west, 1e-3), across / max(north - south, 1e-3), across)
        self._lut, self._begin, self._many = build(self._x, self._y, self._sites, self._first, self._grid)

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the table holds."""
        return int(self._lut.nbytes + self._begin.nbytes + self._many.nbytes)

    def nearest(self, x_m: Floats, y_m: Floats, group: Int32s, *, threads: int = 1) -> Int32s:
        """For each point the nearest site of its group (a number of `members`); -1 where there is none, or for NaN."""
        x, y = (np.ascontiguousarray(one, dtype=np.float64) for one in (x_m, y_m))
        of = np.ascontiguousarray(group, dtype=np.int32)
        out = np.empty(len(x), dtype=np.int32)

        def find(some: slice) -> None:
            look_up(
                x[some], y[some], of[some], out[some], self._x, self._y, self._sites, self._first, self._grid,
                self._lut, self._begin, self._many,
            )  # fmt: skip

        if threads <= 1 or len(x) <= CHUNK:
            find(slice(None))
            return out
        with ThreadPoolExecutor(threads) as workers:
            list(workers.map(find, [slice(i, i + CHUNK) for i in range(0, len(x), CHUNK)]))
        return out


def _box(x: Floats, y: Floats) -> tuple[float, float, float, float]:
    if not len(x):
        return 0.0, 0.0, 1.0, 1.0
    wide, high = MARGIN * (x.max() - x.min()) + 1.0, MARGIN * (y.max() - y.min()) + 1.0
    return float(x.min() - wide), float(y.min() - high), float(x.max() + wide), float(y.max() + high)


@kernel
def _those(x: Any, y: Any, among: Any, count: int, at_x: float, at_y: float, reach: float, found: Any) -> int:
    """Puts into `found` who can be nearest within `reach` of a middle; returns how many."""
    best = np.inf
    for i in range(count):
        dx, dy = x[among[i]] - at_x, y[among[i]] - at_y
        best = min(best, dx * dx + dy * dy)
    limit = ((np.sqrt(best) + 2.0 * reach) * SLACK + SLACK_M) ** 2
    kept = 0
    for i in range(count):
        dx, dy = x[among[i]] - at_x, y[among[i]] - at_y
        if dx * dx + dy * dy <= limit:
            found[kept] = among[i]
            kept += 1
    return kept


@kernel
def build(x: Any, y: Any, sites: Any, first: Any, grid: Any) -> Any:
    """(lut, begin, many): per group and cell the one site there is, -1 for none, or -2 - l for the list l, which is
    many[begin[l] : begin[l + 1]]."""
    west, south, per_x, per_y, across = grid
    groups = len(first) - 1
    lut = np.full(groups * across * across, NOBODY, dtype=np.int32)
    begin = np.zeros(1024, dtype=np.int64)
    many = np.empty(4096, dtype=np.int32)
    lists, used = 0, 0
    reach = 0.5 * np.sqrt(1.0 / (per_x * per_x) + 1.0 / (per_y * per_y))
    rough, fine = np.empty(len(sites), dtype=np.int32), np.empty(len(sites), dtype=np.int32)
    for group in range(groups):
        own = sites[first[group] : first[group + 1]]
        if len(own) == 0:
            continue
        for block_row in range(0, across, COARSE):
            for block_column in range(0, across, COARSE):
                at_x, at_y = west + (block_column + COARSE / 2) / per_x, south + (block_row + COARSE / 2) / per_y
                near = _those(x, y, own, len(own), at_x, at_y, reach * COARSE, rough)
                for row in range(block_row, block_row + COARSE):
                    for column in range(block_column, block_column + COARSE):
                        at_x, at_y = west + (column + 0.5) / per_x, south + (row + 0.5) / per_y
                        kept = _those(x, y, rough, near, at_x, at_y, reach, fine)
                        cell = (group * across + row) * across + column
                        if kept == 1:
                            lut[cell] = fine[0]
                            continue
                        if used + kept > len(many):
                            wider = np.empty(2 * (used + kept), dtype=np.int32)
                            wider[:used] = many[:used]
                            many = wider
                        if lists + 2 > len(begin):
                            longer = np.zeros(2 * len(begin), dtype=np.int64)
                            longer[: lists + 1] = begin[: lists + 1]
                            begin = longer
                        many[used : used + kept] = fine[:kept]
                        used += kept
                        lut[cell] = -2 - lists
                        lists += 1
                        begin[lists] = used
    return lut, begin[: lists + 1].copy(), many[:used].copy()


@kernel
def look_up(
    px: Any, py: Any, group: Any, out: Any, x: Any, y: Any, sites: Any, first: Any, grid: Any, lut: Any, begin: Any,
    many: Any,
) -> None:  # fmt: skip
    """Fills `out` with the nearest site of each point's group."""
    west, south, per_x, per_y, across = grid
    for i in range(len(px)):
        at_x, at_y, of = px[i], py[i], group[i]
        column, row = (at_x - west) * per_x, (at_y - south) * per_y
        low, high, among = first[of], first[of + 1], sites
        if column >= 0.0 and row >= 0.0 and column < across and row < across:
            found = lut[(of * across + int(row)) * across + int(column)]
            if found >= NOBODY:
                out[i] = found
                continue
            low, high, among = begin[-2 - found], begin[-1 - found], many
        best, nearest = np.inf, NOBODY
        for j in range(low, high):
            site = among[j]
            dx, dy = x[site] - at_x, y[site] - at_y
            away = dx * dx + dy * dy
            if away < best:  # sites come in rising order: the lowest of equals stays
                best, nearest = away, site
        out[i] = nearest
