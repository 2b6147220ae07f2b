"""Cells of very many points at once: a look-up table of the hexagons of one box, exact.

Owns: that table. Does not own what a cell is (`hexagons`), nor point in polygon (`locate`).

Borders of H3 cells are arcs of great circles on the faces of an icosahedron; drawn straight in degrees they stray by
less than a millimetre at resolution 9. A point that lies inside a hexagon made smaller by `MARGIN_M` is therefore in
its cell, and the few others are asked of H3 itself. So the answers are those of `hexagons.cells`, every one.
"""

from __future__ import annotations

import math

import h3.api.basic_int as h3
import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.geo import hexagons
from gridgov.geo.locate import PointIndex

MARGIN_M = 1.0
FINEST_TABLE = 10  # finer hexagons are too small for the margin
MOST_CELLS = 60_000  # of a table; 30,000 cover 3,000 km2 at resolution 9
METRES_PER_DEGREE = 111_320.0

Floats = NDArray[np.float64]
Cells = NDArray[np.int64]


class HexTable:
    """The cells of one resolution that touch a box (west, south, east, north in degrees); points beyond it are asked
    of H3. A box of too many cells makes a table without any."""

    def __init__(self, box: tuple[float, float, float, float], res: int) -> None:
        self.res = res
        self._cells: Cells = np.empty(0, dtype=np.int64)
        self._index: PointIndex | None = None
        west, south, east, north = box
        across_km2 = (east - west) * (north - south) * (METRES_PER_DEGREE / 1000) ** 2
        across_km2 *= math.cos(math.radians((south + north) / 2))
        if res > FINEST_TABLE or not 0 < across_km2 < MOST_CELLS * h3.average_hexagon_area(res, unit="km^2") / 1.2:
            return
        corners = [(south, west), (south, east), (north, east), (north, west)]
        self._cells = np.array(sorted(h3.h3shape_to_cells(h3.LatLngPoly(corners), res)), dtype=np.int64)
        if len(self._cells):
            self._index = PointIndex.build(_smaller(self._cells, (south + north) / 2))

    def __len__(self) -> int:
        return len(self._cells)

    def cells(self, lon: Floats, lat: Floats, *, threads: int = 1) -> Cells:
        """The cell of each point, as `hexagons.cells` gives it."""
        if self._index is None:
            return hexagons.cells(lon, lat, self.res)
        hit = self._index.locate(lon, lat, threads=threads)
        found = self._cells[hit]  # -1 takes any, and is asked for below
        missed = np.flatnonzero(hit < 0)
        found[missed] = hexagons.cells(lon[missed], lat[missed], self.res)
        return found


def _smaller(cells: Cells, lat: float) -> list[shapely.Polygon]:
    """Hexagons whose border lies at least `MARGIN_M` inside that of the cell, in degrees."""
    stretch = np.array([math.cos(math.radians(lat)), 1.0])
    rings = [h3.cell_to_boundary(int(one)) for one in cells]
    corners = np.array([corner for ring in rings for corner in ring])[:, ::-1] * stretch
    of = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    outer = shapely.polygons(shapely.linearrings(corners, indices=of))
    inner = shapely.buffer(outer, -MARGIN_M / METRES_PER_DEGREE / 0.98)
    return list(shapely.transform(inner, lambda at: at / stretch))
