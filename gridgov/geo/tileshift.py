"""Where the picture of a map tile lies among tiles drawn in another datum.

Owns that place, in pixels. Does not own the datums (`crs`), nor pictures. Tiles are those of Web Mercator, 2^z a side,
counted from the north-west.

Within a tile the shift between WGS-84 and GCJ-02 is taken as bilinear between its four corners. Measured against the
exact shift at 4,000 points a zoom inland (`tests/unit/geo/test_tileshift.py`): at most 0.4 px off at zoom 10 and 11,
0.2 at 12, 0.1 at 13, below 0.06 from 14 on. One shift for the whole tile would be off by 0.8 px, none at all by 3 px at
zoom 10 and 160 at 15. Within some 10 km of a border, where the shift fades out, more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.crs import Datum, from_wgs84

Floats = NDArray[np.float64]
MOST_LAT = 85.0511287798066
CORNERS = np.array([(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)])  # north-west, south-west, south-east, north-east


@dataclass(frozen=True, slots=True)
class Lying:
    """The tiles `columns` x `rows` (first and last) that hold the picture, and its four corners among them, as shares
    of a tile from the north-west corner of the first: north-west, south-west, south-east, north-east."""

    columns: tuple[int, int]
    rows: tuple[int, int]
    corners: tuple[tuple[float, float], ...]

    @property
    def tiles(self) -> list[tuple[int, int]]:
        """(column, row) of each, row by row."""
        return [
            (column, row)
            for row in range(self.rows[0], self.rows[1] + 1)
            for column in range(self.columns[0], self.columns[1] + 1)
        ]


def to_tiles(lon: Floats, lat: Floats, z: int) -> tuple[Floats, Floats]:
    """Degrees -> place among the tiles of a zoom: column and row with their fractions."""
    y = np.arctanh(np.sin(np.radians(np.clip(lat, -MOST_LAT, MOST_LAT))))
    return (lon / 360.0 + 0.5) * 2**z, (0.5 - y / (2.0 * math.pi)) * 2**z


def to_lonlat(column: Floats, row: Floats, z: int) -> tuple[Floats, Floats]:
    """The way back."""
    n = 2.0**z
    return (column / n - 0.5) * 360.0, np.degrees(np.arctan(np.sinh(math.pi * (1.0 - 2.0 * row / n))))


def exact(column: Floats, row: Floats, z: int, datum: Datum) -> tuple[Floats, Floats]:
    """Where a place among WGS-84 tiles lies among those of a datum."""
    return to_tiles(*from_wgs84(*to_lonlat(column, row, z), datum), z)


def lying(z: int, x: int, y: int, datum: Datum) -> Lying:
    """Where the picture of the tile lies among the tiles of a datum; itself where the datum is WGS-84 or nothing is
    shifted."""
    if datum in (Datum.WGS84, Datum.CGCS2000):
        return Lying((x, x), (y, y), tuple((float(u), float(v)) for u, v in CORNERS))
    column, row = exact(x + CORNERS[:, 0], y + CORNERS[:, 1], z, datum)
    last = 2**z - 1
    columns = _span(column, last)
    rows = _span(row, last)
    placed = tuple((float(u - columns[0]), float(v - rows[0])) for u, v in zip(column, row, strict=True))
    return Lying(columns, rows, placed)


def bilinear(place: Lying, u: Floats, v: Floats) -> tuple[Floats, Floats]:
    """Where the spot (u, v) of the tile, as shares of its sides, is taken from: column and row among all tiles."""
    nw, sw, se, ne = (np.array(corner) for corner in place.corners)
    weight = [(1 - u) * (1 - v), (1 - u) * v, u * v, u * (1 - v)]
    column, row = sum(w[:, None] * corner for w, corner in zip(weight, (nw, sw, se, ne), strict=True)).T
    return column + place.columns[0], row + place.rows[0]


def _span(at: Floats, last: int) -> tuple[int, int]:
    """First and last tile along one axis; a sliver thinner than a thousandth of a pixel asks for no tile of its own."""
    slack = 1.0 / 256_000
    first = min(max(math.floor(float(at.min()) + slack), 0), last)
    return first, min(max(math.ceil(float(at.max()) - slack) - 1, first), last)
