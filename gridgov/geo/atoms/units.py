"""Vertical atoms: a building with more households than a grid may have is divided into units.

Units lie above one another on the same ground. To keep the atoms a coverage, the footprint is cut across its long side
into strips, one a unit, as broad as the unit has households; the cell follows the strips. Neighbouring strips share a
border, so units are joined in their order, and a grid of neighbouring units is one piece of ground.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from gridgov.geo.atoms.forms import UNIT_MOST, Floats, Shapes

POINT_SIDE_M = 20.0
"""A building known as a point alone stands on a square of this side when it is divided."""


def shares(households: int, parts: Sequence[int], *, unit_most: int = UNIT_MOST) -> list[int]:
    """Households of each unit: those of the entrances where they are known and sum up, else parts as equal as can be,
    none above `unit_most`.
    """
    if len(parts) > 1 and sum(parts) == households:
        return [int(one) for one in parts]
    many = len(parts) if len(parts) > 1 else -(-households // unit_most)
    least, more = divmod(households, many)
    return [least + (number < more) for number in range(many)]


def strips(footprint: Any, weights: Sequence[int]) -> Shapes:
    """A polygon or point in metres cut across its long side into len(weights) strips, as broad as their weights, from
    west to east (south to north where it stands upright).
    """
    if shapely.get_dimensions(footprint) < 2:
        footprint = shapely.buffer(footprint, POINT_SIDE_M / 2, cap_style="square")
    corners = np.asarray(shapely.get_coordinates(shapely.minimum_rotated_rectangle(footprint)))[:4]
    sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    origin, along, across = _frame(corners, long_first=bool(sides[0] >= sides[1]))
    share = np.concatenate([[0.0], np.cumsum(np.maximum(np.asarray(weights, dtype=float), 1e-3))])
    share /= share[-1]
    low, high = share[:-1, None], share[1:, None]
    wide = across * 0.01  # beyond the walls on both sides, so that rounding leaves nothing over
    a, b = origin - wide + along * low, origin - wide + along * high
    quads = np.stack([a, b, b + across + 2 * wide, a + across + 2 * wide], axis=1)
    return np.asarray(shapely.intersection(footprint, shapely.polygons(quads)), dtype=object)


def _frame(corners: Floats, *, long_first: bool) -> tuple[Floats, Floats, Floats]:
    """(corner, vector along the long side eastwards, vector across it)."""
    a, b, _, d = corners
    origin, along, across = (a, b - a, d - a) if long_first else (a, d - a, b - a)
    if (along[0], along[1]) < (0.0, 0.0):
        origin, along = origin + along, -along
    return origin, along, across
