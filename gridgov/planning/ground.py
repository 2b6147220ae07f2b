"""The ground of one community as it is drawn on: atoms with shapes in metres, how they touch, who lives there. Pure.

Owns the form of it. Does not own where it comes from (`basis`) nor what is drawn on it (`board`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon, STRtree

from gridgov.geo.crs import Projection
from gridgov.geo.partition.graph import AtomGraph

Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Ground:
    """n atoms of one basis with the households of one count.

    `shapes` Polygon or MultiPolygon[n] and `labels` Point[n] in metres of `projection`; `outline` the community in the
    same metres. `keys`: the same ground has the same key in another basis. `groups[i]`: what the atom must stay
    together with ("" for nothing). `streets`: centre lines in metres, for sliding along and for maps.
    """

    basis_id: int
    count_id: int
    community_id: int
    counted_on: date
    projection: Projection
    graph: AtomGraph
    shapes: Shapes
    labels: Shapes
    keys: tuple[str, ...]
    kinds: tuple[str, ...]
    groups: tuple[str, ...]
    building_ids: tuple[int | None, ...]
    outline: Polygon | MultiPolygon
    streets: Shapes

    def __len__(self) -> int:
        return len(self.graph)

    @cached_property
    def tree(self) -> STRtree:
        """Finds atoms by place."""
        return STRtree(self.shapes)

    @cached_property
    def number_of(self) -> dict[str, int]:
        """The atom of each key."""
        return {key: number for number, key in enumerate(self.keys)}

    @property
    def households(self) -> Any:
        """int32[n]."""
        return self.graph.households
