"""Hexagons to count in: H3 cells (Brodsky 2018) as plain int64.

Owns: the cell of a point, its outline, and its parent, in numbers and in SQL. Does not own counting (`analytics`).

An H3 cell is 64 bits, of which the top one is always 0, so it fits PostgreSQL's bigint: 4 bits mode, 3 reserved, 4
resolution (bits 52-55), 7 base cell, then 15 digits of 3 bits, those finer than the resolution filled with ones
(h3geo.org, "Bitwise layout"). So a parent is bit arithmetic: write the coarser resolution, fill the finer digits.
0 is no cell.
"""

from __future__ import annotations

from itertools import repeat
from typing import Any, overload

import h3.api.basic_int as h3
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

Cells = NDArray[np.int64]

NO_CELL = 0
FINEST = 15
RESOLUTION_SHIFT = 52
RESOLUTION_BITS = 15 << RESOLUTION_SHIFT
ALL_BITS = (1 << 63) - 1  # the sign bit is never set


class BadCell(ValueError):
    """Not an H3 cell, or no resolution from 0 to 15, or finer than the cell itself."""


def cells(lon: ArrayLike, lat: ArrayLike, res: int) -> Cells:
    """The cell of each point (degrees, WGS-84) at resolution `res`; 0 where the point is not finite.

    About a million points a second; latitudes are taken as they are (beyond 90 they wrap). Raises BadCell.
    """
    _check_resolution(res)
    x, y = np.atleast_1d(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    found = np.full(x.shape, NO_CELL, dtype=np.int64)
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    points = map(h3.latlng_to_cell, y[known].tolist(), x[known].tolist(), repeat(res))
    found[known] = np.fromiter(points, dtype=np.int64, count=len(known))
    return found


def resolution(cell: int) -> int:
    """0 (about 4,357,000 km2 a cell) to 15 (under 1 m2), seven times finer at each step."""
    return (cell & RESOLUTION_BITS) >> RESOLUTION_SHIFT


def is_cell(cell: int) -> bool:
    """Whether this number is an H3 cell."""
    return 0 < cell <= ALL_BITS and bool(h3.is_valid_cell(cell))


def boundary(cell: int) -> shapely.Polygon:
    """The cell's outline in degrees, longitude first, counter-clockwise, with edges as straight lines.

    Across the 180th meridian longitudes run past 180. Raises BadCell.
    """
    if not is_cell(cell):
        raise BadCell(f"{cell} is not an H3 cell")
    corners = np.array(h3.cell_to_boundary(cell))[:, ::-1]
    if np.ptp(corners[:, 0]) > 180.0:
        corners[corners[:, 0] < 0.0, 0] += 360.0
    return shapely.orient_polygons(shapely.Polygon(corners), exterior_cw=False)


@overload
def parent(cell: int, res: int) -> int: ...
@overload
def parent(cell: Cells, res: int) -> Cells: ...
def parent(cell: Any, res: int) -> Any:
    """The cell of resolution `res` that holds each cell (itself at its own resolution); 0 stays 0. Raises BadCell."""
    keep, fill = _parent_bits(res)
    if np.ndim(cell) == 0:
        number = int(cell)
        if number and resolution(number) < res:
            raise BadCell(f"{number} has resolution {resolution(number)}, coarser than {res}")
        return (number & keep) | fill if number else NO_CELL
    numbers = np.asarray(cell, dtype=np.int64)
    if ((numbers != NO_CELL) & ((numbers & RESOLUTION_BITS) >> RESOLUTION_SHIFT < res)).any():
        raise BadCell(f"a cell is coarser than resolution {res}")
    return np.where(numbers == NO_CELL, NO_CELL, (numbers & keep) | fill)


def parent_sql(column: str, res: int) -> str:
    """The same as an SQL expression over a bigint column of cells no coarser than `res` (0 and NULL excepted: NULL
    stays NULL, 0 is not kept). `column` is put in as it is: a name from the program, never from outside.

    `((cell & 9155818042444218367) | 36028797021061119)` for resolution 8: two constants, an immutable expression,
    so it can be grouped by and indexed. Raises BadCell.
    """
    keep, fill = _parent_bits(res)
    return f"(({column} & {keep}) | {fill})"


def _parent_bits(res: int) -> tuple[int, int]:
    """Bits to keep, bits to set: the resolution is rewritten, digits finer than it become ones."""
    _check_resolution(res)
    finer = (1 << (3 * (FINEST - res))) - 1
    return ALL_BITS & ~RESOLUTION_BITS, (res << RESOLUTION_SHIFT) | finer


def _check_resolution(res: int) -> None:
    if not 0 <= res <= FINEST:
        raise BadCell(f"resolution {res} is not in 0 to 15")
