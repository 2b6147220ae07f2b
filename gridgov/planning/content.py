"""What follows from the ground of a grid alone: its dissolved shape, pieces, holes; remembered by content. Pure.

Owns dissolving and the memory: the same atoms with the same shapes are worked out once, whichever grid, sheet or board
they come by. Does not own metrics (`metrics`).
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar, cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from gridgov.planning import contiguity
from gridgov.planning.contiguity import Members
from gridgov.planning.ground import Ground

Shape = Polygon | MultiPolygon
Value = TypeVar("Value")

TILE = 64
"""A grid of many more atoms than this is put together from tiles, so that a change costs what lies around it."""


@dataclass(frozen=True, slots=True)
class Content:
    """`shape` in metres, the areas of its convex hull and of the least circle around it, what it surrounds."""

    shape: Shape
    hull_m2: float
    circle_m2: float
    pieces: int
    holes: tuple[Polygon, ...]


class Remembered:
    """Up to `most` results by content, the one longest unused forgotten first. Safe to share between threads.

    Keys begin with the number of the basis: boards of different grounds may share one memory if these differ.
    """

    def __init__(self, most: int = 20_000) -> None:
        self.most, self.found, self.made = most, 0, 0
        self._held: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What `make` made the first time."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                self.found += 1
                return cast("Value", self._held[key])
        value = make()
        with self._lock:
            self.made += 1
            self._held[key] = value
            while len(self._held) > self.most:
                self._held.popitem(last=False)
        return value


def content(ground: Ground, shape: Shape, members: Members) -> Content:
    """What follows from atoms (ascending) that are together this shape."""
    radius = float(shapely.minimum_bounding_radius(shape))
    return Content(
        shape,
        float(shapely.area(shapely.convex_hull(shape))),
        math.pi * radius**2,
        contiguity.labelled(ground.graph, members)[0],
        tuple(holes(ground, shape)),
    )


def dissolved(shapes: NDArray[np.object_]) -> Shape:
    """Shapes of a valid coverage as one; empty for none."""
    if len(shapes) == 1:
        return cast("Shape", shapes[0])
    return cast("Shape", shapely.coverage_union_all(list(shapes)) if len(shapes) else MultiPolygon())


def tiles(labels: NDArray[np.object_], most: int = TILE) -> NDArray[np.int32]:
    """int32[n]: a tile of at most `most` atoms for each, by halving the longer side again and again."""
    points = shapely.get_coordinates(labels)
    tile = np.zeros(len(points), dtype=np.int32)
    number, waiting = 0, [np.arange(len(points))]
    while waiting:
        atoms = waiting.pop()
        if len(atoms) <= most:
            tile[atoms] = number
            number += 1
            continue
        side = int(np.argmax(np.ptp(points[atoms], axis=0)))
        order = atoms[np.argsort(points[atoms, side], kind="stable")]
        waiting += [order[: len(order) // 2], order[len(order) // 2 :]]
    return tile


def holes(ground: Ground, shape: Shape) -> list[Polygon]:
    """What a shape surrounds and does not hold, as far as it lies inside the community."""
    parts = shape.geoms if isinstance(shape, MultiPolygon) else (shape,)
    inside = [Polygon(ring) for part in parts if shapely.get_num_interior_rings(part) for ring in part.interiors]
    if not any(len(part.interiors) for part in shapely.get_parts(ground.outline)):
        return inside
    return [hole for hole in inside if shapely.area(shapely.intersection(hole, ground.outline)) > 1e-4]
