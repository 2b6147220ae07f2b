"""Between degrees and metres so that corners stay the same corner.

What is stored is in degrees. A corner on the 1 cm grid of the metre projection comes back onto it exactly; any other
(the community's own border) comes back as the double that the projection gives. Both ways go point by point, so
corners that neighbours share stay shared.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gridgov.geo.atoms.forms import GRID_M, Floats
from gridgov.geo.crs import Projection

ON_GRID_M = 1e-5
"""Nearer to the grid than this is on it: a hundred times what the projection loses on the way there and back."""


def metres(geom_deg: Any, projection: Projection) -> Any:
    """Degrees -> metres, a geometry or an array of them; corners within `ON_GRID_M` of the 1 cm grid lie on it."""

    def move(points: Floats) -> Floats:
        return grid_near(np.column_stack(projection.forward(points[:, 0], points[:, 1])))

    return shapely.transform(geom_deg, move)


def grid_near(points_m: Floats) -> Floats:
    """float64[n, 2] with the points that lie within `ON_GRID_M` of the 1 cm grid put onto it."""
    gridded = on_grid(points_m)
    near = (np.abs(gridded - points_m) <= ON_GRID_M).all(axis=1, keepdims=True)
    return np.where(near, gridded, points_m)


def on_grid(points_m: Floats) -> Floats:
    """float64[n, 2] rounded to the 1 cm grid; the same double for the same place, whatever it was computed from."""
    return np.rint(points_m / GRID_M) / round(1 / GRID_M)
