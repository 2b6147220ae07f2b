"""The lowest polygon that covers each point, decided by whole numbers: no rounding, whatever the coordinates.

Owns: the truth that look-ups are compared with where shapely is not exact. GEOS decides orientation in double-double
arithmetic (`CGAlgorithmsDD`), whose products are rounded to about 106 bits: a point that lies exactly on an edge may
there lie beside it (`tests/unit/geo/test_locate_predicates.py` holds such a point). Does not own: invalid polygons.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Polygons = npt.NDArray[np.object_]
Answers = npt.NDArray[np.int64]

UNIT = 2**1074  # every double is a whole number of 2**-1074
SURE = 1e-14  # of the size of the two products: thirty times what rounding them can change
SMALL = 1e-280  # products below it may have lost digits


def lowest(polygons: Polygons, points: Floats) -> tuple[Answers, int]:
    """The lowest-numbered polygon that covers each point (-1: none), and how many points are on several of them."""
    found = np.full(len(points), -1)
    count = np.zeros(len(points), np.int64)
    for number, polygon in enumerate(polygons):
        held = covers(polygon, points)
        found[held & (count == 0)] = number
        count += held
    return found, int((count > 1).sum())


def covers(polygon: shapely.Geometry, points: Floats) -> npt.NDArray[np.bool_]:
    """Whether a valid Polygon or MultiPolygon holds each point, inside or on its boundary: the even-odd rule."""
    inside, on = np.zeros(len(points), np.bool_), np.zeros(len(points), np.bool_)
    for ring in shapely.get_rings(shapely.get_parts(polygon)):
        corners = shapely.get_coordinates(ring)
        for a, b in pairwise(corners):
            crossed, met = _ray(*((a, b) if a[1] <= b[1] else (b, a)), points)
            inside ^= crossed
            on |= met
    return inside | on


def _ray(low: Floats, high: Floats, points: Floats) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Whether the ray from each point towards +x crosses the edge (its lower end is of it, its upper end is not), and
    whether the point is on the edge. low, high: its ends, the lower one first."""
    x, y = points.T
    left, right = min(low[0], high[0]), max(low[0], high[0])
    level = (low[1] <= y) & (y <= high[1])
    asked = np.flatnonzero(level & (left <= x) & (x <= right))
    side = np.zeros(len(points), np.int64)
    side[asked] = sides(low, high, points[asked])
    on = np.zeros(len(points), np.bool_)
    on[asked] = side[asked] == 0
    return level & (y < high[1]) & ((x < left) | (side > 0)), on


def sides(a: Floats, b: Floats, points: Floats) -> Answers:
    """Sign of (a - p) x (b - p) for each point: 1 where p is left of a -> b, 0 where it is on the line."""
    first, second = (a[0] - points[:, 0]) * (b[1] - points[:, 1]), (a[1] - points[:, 1]) * (b[0] - points[:, 0])
    size = np.abs(first) + np.abs(second)
    side: Answers = np.sign(first - second).astype(np.int64)
    for i in np.flatnonzero((np.abs(first - second) <= SURE * size) | (size < SMALL)):
        side[i] = side_in_whole_numbers(a, b, points[i])
    return side


def side_in_whole_numbers(a: Floats, b: Floats, p: Floats) -> int:
    """The same of one point, without a rounded number anywhere."""
    (ax, ay), (bx, by), (px, py) = ((_whole(value) for value in pair.tolist()) for pair in (a, b, p))
    determinant = (ax - px) * (by - py) - (ay - py) * (bx - px)
    return (determinant > 0) - (determinant < 0)


def _whole(value: float) -> int:
    numerator, denominator = value.as_integer_ratio()
    return numerator * (UNIT // denominator)
