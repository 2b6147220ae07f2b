"""Z-order numbers of web-mercator cells, and the few ranges of them that cover a box. Pure.

The bits of a cell's column and row take turns, the row's first, so that a cell of one zoom is one contiguous range of
the numbers of any finer zoom. Sources: Morton, A Computer Oriented Geodetic Data Base (1966); OGC Two Dimensional Tile
Matrix Set 2.0, WebMercatorQuad. Looking up a box by a few ranges of one plain index: Orenstein and Merrett, A Class of
Data Structures for Associative Searching (1984).
"""

from __future__ import annotations

import math

KEY_ZOOM = 25  # of `incidents.quad25`: cells of 1.2 m at the equator
ACROSS = 3  # cells across the longer side of a box, at most, before they are taken one zoom coarser

Box = tuple[float, float, float, float]  # west, south, east, north in degrees
Ranges = list[tuple[int, int]]


def cell_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Column from the west and row from the north of the cell that holds a point in EPSG:4326; beyond the edge of the
    map, the nearest."""
    n = 1 << zoom
    x = math.floor((lon + 180) / 360 * n)
    y = math.floor((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)
    return min(max(x, 0), n - 1), min(max(y, 0), n - 1)


def interleave(x: int, y: int) -> int:
    """The Z-order number of cell (x, y)."""
    key = 0
    for bit in range(max(x.bit_length(), y.bit_length())):
        key |= ((x >> bit & 1) << 2 * bit) | ((y >> bit & 1) << (2 * bit + 1))
    return key


def cover(box: Box, *, across: int = ACROSS) -> Ranges:
    """Ranges of numbers of zoom 25, as (first, one past the last), that hold every point of a box and some beside it.

    Rising and apart from each other; at most (across + 1)^2. A cell is added on every side, because the database
    computes the same cells with other roundings.
    """
    west, south, east, north = box
    most = (1 << KEY_ZOOM) - 1
    x0, y0 = (max(one - 1, 0) for one in cell_of(west, north, KEY_ZOOM))
    x1, y1 = (min(one + 1, most) for one in cell_of(east, south, KEY_ZOOM))
    shift = 0
    while max(x1 - x0, y1 - y0) >> shift >= across:
        shift += 1
    found: Ranges = []
    columns, rows = range(x0 >> shift, (x1 >> shift) + 1), range(y0 >> shift, (y1 >> shift) + 1)
    for key in sorted(interleave(x, y) for x in columns for y in rows):
        first, after = key << 2 * shift, (key + 1) << 2 * shift
        if found and found[-1][1] == first:
            found[-1] = (found[-1][0], after)
        else:
            found.append((first, after))
    return found
