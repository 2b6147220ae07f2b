"""The ground as a change of grids sees it: pieces that move as a whole, where each is at home, the band of each grid.

Owns: drawing atoms of a group together, numbering grids 0…k-1, the way from a grid to an atom in households. Does not
own what is done on it (`handover`, `exact`, `repair`, `bound`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from gridgov.geo.partition.graph import AtomGraph
from gridgov.geo.partition.pieces import lumps_of

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NOWHERE = -1
SLIGHT = 0.05
"""What an atom away from home costs beside its households: one without households does not wander for nothing."""


class Terrain(NamedTuple):
    """n nodes, k grids: compressed rows of neighbours with `price` metres; `fare` what a node away from `home` costs
    (in households; home -1: none); `least`, `most` households of each grid; `frozen` grids that do not change."""

    indptr: Ints
    indices: Ints
    price: Floats
    households: Floats
    home: Ints
    fare: Floats
    least: Floats
    most: Floats
    frozen: Flags


@dataclass(frozen=True)
class Laid:
    """`land` with `node` int32[atoms]: the node that each atom is part of; `grids`: the number of each grid of the
    land, ascending, then grids to be opened."""

    land: Terrain
    node: Ints
    grids: tuple[int, ...]

    def numbers(self, part: NDArray[np.integer]) -> Ints:
        """int32[atoms]: numbers of grids from a division int[nodes] of the land; `NOWHERE` stays."""
        names = np.array([*self.grids, NOWHERE], dtype=np.int32)
        found: Ints = names[part[self.node]]
        return found


def lay_out(
    graph: AtomGraph,
    assignment: NDArray[np.integer],
    *,
    least: int,
    most: int,
    held: Collection[int] = (),
    groups: NDArray[np.integer] | None = None,
    bands: Mapping[int, tuple[int, int]] | None = None,
    opened: Collection[int] = (),
) -> Laid:
    """The terrain of a graph and the grids its atoms are in (`assignment` int[n], `NOWHERE`: in none).

    Atoms that touch and have the same number in `groups` int[n] (-1: free) become one node, at home where most of its
    households are; `bands` gives (least, most) where a grid's differ; `opened` are numbers of grids without ground. The
    band of a held grid is widened to what it has.
    """
    grids = (*sorted({int(one) for one in np.unique(assignment)} - {NOWHERE}), *opened)
    place = {number: i for i, number in enumerate(grids)}
    node, _ = lumps_of(graph, groups)
    count = int(node.max(initial=-1)) + 1
    households = np.bincount(node, weights=graph.households, minlength=count).astype(np.float64)
    at = np.array([place.get(int(one), NOWHERE) for one in assignment], dtype=np.int32)
    home = _homes(node, count, at, graph.households, len(grids))
    rows, columns = node[graph.source], node[graph.indices]
    keep = rows != columns
    price = coo_matrix((graph.price[keep], (rows[keep], columns[keep])), shape=(count, count)).tocsr()
    price.sum_duplicates()
    frozen = np.array([number in set(held) for number in grids], dtype=np.bool_)
    size = np.bincount(home[home != NOWHERE], weights=households[home != NOWHERE], minlength=len(grids))
    limits = np.array([(bands or {}).get(number, (least, most)) for number in grids], dtype=np.float64).reshape(-1, 2)
    land = Terrain(
        indptr=price.indptr.astype(np.int32),
        indices=price.indices.astype(np.int32),
        price=price.data.astype(np.float64),
        households=households,
        home=home,
        fare=np.where(home == NOWHERE, 0.0, households + SLIGHT),
        least=np.where(frozen, np.minimum(limits[:, 0], size), limits[:, 0]),
        most=np.where(frozen, np.maximum(limits[:, 1], size), limits[:, 1]),
        frozen=frozen,
    )
    return Laid(land, node, grids)


def sizes(land: Terrain, part: NDArray[np.integer]) -> Floats:
    """float64[k]: households of each grid."""
    placed = part != NOWHERE
    return np.bincount(part[placed], weights=land.households[placed], minlength=len(land.least)).astype(np.float64)


def outside(land: Terrain, part: NDArray[np.integer]) -> Floats:
    """float64[k]: households by which each grid is short of its band or beyond it; 0 for one without any ground."""
    size = sizes(land, part)
    drawn = np.bincount(part[part != NOWHERE], minlength=len(land.least)) > 0
    return np.where(drawn, np.maximum(0.0, np.maximum(land.least - size, size - land.most)), 0.0)


def moved(land: Terrain, part: NDArray[np.integer]) -> int:
    """Households in another grid than at home."""
    return int(land.households[(part != land.home) & (land.home != NOWHERE)].sum())


def pieces(land: Terrain, part: NDArray[np.integer]) -> Ints:
    """int32[n]: the connected piece of its grid that each node is in."""
    source = np.repeat(np.arange(len(part)), np.diff(land.indptr))
    same = part[source] == part[land.indices]
    matrix = csr_matrix((np.ones(int(same.sum())), (source[same], land.indices[same])), shape=(len(part), len(part)))
    label: Ints = connected_components(matrix, directed=False)[1].astype(np.int32)
    return label


def ways(land: Terrain, grid: int) -> Floats:
    """float64[n]: fewest households that must change their grid so that `grid` reaches each node, that node's too; 0 at
    home, infinite where no way leads that avoids frozen grids."""
    blocked = np.isin(land.home, np.flatnonzero(land.frozen))
    if land.frozen[grid]:
        return np.where(land.home == grid, 0.0, np.inf)
    entering = np.where(blocked, np.inf, np.where(land.home == NOWHERE, 0.0, land.households))[land.indices]
    n = len(land.home)
    matrix = csr_matrix((entering + 1e-7, land.indices, land.indptr), shape=(n, n))
    own = np.flatnonzero(land.home == grid)
    if not len(own):
        return np.where(blocked, np.inf, 0.0)
    found: Floats = dijkstra(matrix, indices=own, min_only=True)
    return np.where(land.home == grid, 0.0, np.floor(found + 0.5))


def _homes(node: Ints, count: int, at: Ints, households: NDArray[np.integer], k: int) -> Ints:
    """Where most households of each node are (then most atoms, then the lowest grid)."""
    placed = at != NOWHERE
    weight = households[placed] * 1024.0 + 1.0
    there = coo_matrix((weight, (node[placed], at[placed])), shape=(count, max(k, 1))).toarray()
    return np.where(there.max(axis=1) > 0, there.argmax(axis=1), NOWHERE).astype(np.int32)
