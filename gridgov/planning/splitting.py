"""Where a line divides a grid: which atoms lie left of it, which right. Pure.

Owns the sides. Does not own which side keeps the number (`effects`).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString

from gridgov.planning.content import dissolved
from gridgov.planning.contiguity import Members
from gridgov.planning.ground import Ground
from gridgov.planning.operations import Line
from gridgov.planning.rules import AtomKind
from gridgov.platform.errors import BadInput

ON_LINE_M = 1e-6


class LineMisses(BadInput):
    """The line does not divide the grid."""

    code = "line-misses"


def sides(ground: Ground, shapes: NDArray[np.object_], members: Members, line: Line) -> tuple[Members, Members]:
    """(left, right) of a line in metres: atoms (ascending) of a grid with these shapes, each of them whole.

    A building or part of one lies where its label does, any other atom where most of its area does; on ground that the
    line does not reach (a piece apart), by the nearest place of the line. Raises `LineMisses`.
    """
    cut = LineString(line)
    faces = _faces(dissolved(shapes[members]), cut)
    turns = [_side(face, cut) for face in faces]
    left = shapely.union_all([face for face, turn in zip(faces, turns, strict=True) if turn > 0])
    right = shapely.union_all([face for face, turn in zip(faces, turns, strict=True) if turn < 0])
    if left.is_empty or right.is_empty:
        raise LineMisses(
            "The line does not divide the grid.", field="line", remedy="Draw it across the grid, from edge to edge."
        )
    is_left = _sided(ground, shapes, members, (left, right, cut))
    if is_left.all() or not is_left.any():
        raise LineMisses(
            "All atoms of the grid lie on one side of the line.", field="line",
            remedy="Draw it between the atoms that are to part.",
        )  # fmt: skip
    return members[is_left], members[~is_left]


def _faces(shape: Any, cut: LineString) -> list[Any]:
    """What the line makes of a shape."""
    noded = shapely.union_all([shapely.boundary(shape), cut])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return list(faces[shapely.contains(shape, shapely.point_on_surface(faces))]) if len(faces) else []


def _side(face: Any, cut: LineString) -> float:
    """Metres along which a face lies left of the line, less those along which it lies right; 0: it does not touch."""
    points = shapely.get_coordinates(face.exterior if face.exterior.is_ccw else face.exterior.reverse())
    middles = shapely.points((points[1:] + points[:-1]) / 2)
    along = np.asarray(shapely.line_locate_point(cut, shapely.points(points)))
    near = np.asarray(shapely.distance(cut, middles)) < ON_LINE_M
    return float(sum(end - start for (start, end), on in zip(pairwise(along), near, strict=True) if on))


def _sided(
    ground: Ground, shapes: NDArray[np.object_], members: Members, parted: tuple[Any, Any, LineString]
) -> NDArray[np.bool_]:
    """bool[len(members)]: left."""
    left, right, cut = parted
    shapely.prepare([left, right, cut])
    labels = ground.labels[members]
    is_left = np.asarray(shapely.contains(left, labels))
    neither = ~is_left & ~shapely.contains(right, labels)
    is_left[neither] = [_beside(cut, label) for label in labels[neither]]
    built = np.array([ground.kinds[one] in (AtomKind.BUILDING, AtomKind.UNIT) for one in members])
    for place in np.flatnonzero(~built & shapely.intersects(cut, shapes[members])).tolist():
        shape = shapes[members[place]]
        on_left, on_right = shapely.area(shapely.intersection(shape, [left, right]))
        if on_left != on_right:
            is_left[place] = on_left > on_right
    return is_left


def _beside(cut: LineString, point: Any) -> bool:
    """Whether a point lies left of the nearest place of a line."""
    at = min(max(cut.project(point), ON_LINE_M), cut.length - ON_LINE_M)
    one, other = cut.interpolate(at - ON_LINE_M), cut.interpolate(at + ON_LINE_M)
    return bool((other.x - one.x) * (point.y - one.y) - (other.y - one.y) * (point.x - one.x) > 0)
