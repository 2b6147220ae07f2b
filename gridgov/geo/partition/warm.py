"""Where the annealing begins: the arrays of one connected piece, METIS, and a division that is broken made whole.

Owns: contracting atoms that stay together, the first division, exactly k parts each in one piece. Does not own how it
gets better (`anneal`).

Multilevel k-way division: Karypis and Kumar, SIAM Journal on Scientific Computing 20 (1998), through pymetis. METIS
promises neither contiguity nor that no part is empty; `mended` does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pymetis
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from gridgov.geo.compiled import kernel
from gridgov.geo.partition.graph import AtomGraph
from gridgov.geo.partition.kernels import (
    FOREVER,
    QUANTUM,
    Division,
    Field,
    best_cut,
    mark_below,
    move,
    set_up,
    tree,
)

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]
TREES = 12
"""Random trees tried for each division of a part into two."""


def field_of(graph: AtomGraph, node: Ints, nodes: int, home: Ints, fare_per_household: float) -> Field:
    """The arrays of a graph whose atoms are gathered in `nodes` nodes (`node` int32[n]); edges between the same two
    nodes become one. `home` int32[nodes]: the part where each should stay, -1 for none."""
    a, b = node[graph.source].astype(np.int64), node[graph.indices].astype(np.int64)
    between = a != b
    key = a[between] * nodes + b[between]
    edges, place = np.unique(key, return_inverse=True)
    metres = np.bincount(place, np.round(graph.price[between] / QUANTUM), len(edges)).astype(np.float64)
    price = np.maximum(metres, 1.0)
    source, indices = (edges // nodes).astype(np.int32), (edges % nodes).astype(np.int32)
    indptr = np.zeros(nodes + 1, dtype=np.int32)
    np.cumsum(np.bincount(source, minlength=nodes), out=indptr[1:])
    back = np.searchsorted(edges, (edges % nodes) * nodes + edges // nodes).astype(np.int32)
    households = np.bincount(node, graph.households, nodes).astype(np.float64)
    block = np.zeros(nodes, dtype=np.int32)
    block[node] = graph.block
    fare = np.round(households * fare_per_household / QUANTUM)
    return Field(indptr, indices, source, back, price, 1.0 / price, households, block, home, fare)


def division_of(field: Field, part: Ints, parts: int, seed: int) -> Division:
    """The state of a division of `field` into `parts`, every array of it filled."""
    n, m = len(part), len(field.indices)

    def ints(size: int) -> Ints:
        return np.zeros(size, dtype=np.int32)

    def floats(size: int) -> NDArray[np.float64]:
        return np.zeros(size, dtype=np.float64)

    division = Division(
        part=part.astype(np.int32), size=floats(parts), members=ints(parts), first=ints(parts), after=ints(n),
        before=ints(n), cut=ints(m), place=ints(m), mark=np.zeros(n, dtype=np.int64), queue=ints(n), moving=ints(n),
        node=ints(n), local=ints(n), order=ints(n), parent=ints(n), spot=ints(n), edge_key=floats(n),
        below=floats(n), fare_a=floats(n), fare_b=floats(n), side=ints(n),
        count_of=np.zeros(4, dtype=np.int64), chance=np.array([seed], dtype=np.uint64),
    )  # fmt: skip
    set_up(field, division)
    return division


def metis(field: Field, parts: int, seed: int) -> Ints:
    """A first division by METIS: k-way, contiguous where it can. Not to be trusted as it is: see `mended`."""
    nodes = len(field.households)
    if parts <= 1 or parts >= nodes:
        return np.zeros(nodes, dtype=np.int32)
    weight = np.maximum(1, np.round(field.price * QUANTUM)).astype(np.int64)
    options = pymetis.Options(contig=1, ufactor=60, seed=seed % 2**31)
    _, found = pymetis.part_graph(
        parts, pymetis.CSRAdjacency(field.indptr, field.indices), eweights=weight,
        vweights=field.households.astype(np.int64), options=options,
    )  # fmt: skip
    return np.asarray(found, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Begun:
    """A division to begin with: `part` int32[nodes]; `kept[p]` the part that p was before it was mended, -1: new."""

    part: Ints
    kept: Ints


def mended(field: Field, part: Ints, parts: int, seed: int) -> Begun:
    """Exactly `parts` parts (no more than nodes), each connected, as near to `part` as simple steps lead.

    A part in several pieces keeps that with most households, the others join the neighbour they share most with; parts
    too many are given, smallest first, to theirs; parts too few come of dividing the largest. The field is connected.
    """
    label = _in_one_piece(field, part)
    kept, place = np.unique(label, return_inverse=True)
    label = place.astype(np.int32)
    while len(kept) > parts:
        size = np.bincount(label, field.households, len(kept))
        gone = int(np.argmin(size))
        loose = label == gone
        label[loose] = -1
        label = _absorbed(field, label)
        kept = np.delete(kept, gone)
        label[label > gone] -= 1
    kept = kept.astype(np.int32)
    if len(kept) < parts:
        label, grown = _more_parts(field, label, len(kept), parts, seed)
        kept = np.concatenate([kept, np.full(grown - len(kept), -1, dtype=np.int32)])
    return Begun(label, kept)


def _in_one_piece(field: Field, part: Ints) -> Ints:
    same = part[field.source] == part[field.indices]
    shape = (len(part), len(part))
    rows, columns = field.source[same], field.indices[same]
    matrix = csr_matrix((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=shape)
    count, piece = connected_components(matrix, directed=False)
    if count == len(np.unique(part)):
        return part
    size = np.bincount(piece, field.households, count)
    lowest = np.full(count, len(part))
    np.minimum.at(lowest, piece, np.arange(len(part)))
    whose = part[lowest]
    order = np.lexsort((lowest, -size, whose))
    first = order[np.flatnonzero(np.r_[True, np.diff(whose[order]) != 0])]
    return _absorbed(field, np.where(np.isin(piece, first), part, -1).astype(np.int32))


def _absorbed(field: Field, label: Ints) -> Ints:
    """Nodes of no part (-1) join the part beside them with which they share most, nearest first."""
    label = label.copy()
    while (label == -1).any():
        border = (label[field.source] == -1) & (label[field.indices] != -1)
        if not border.any():
            label[label == -1] = 0
            break
        width = int(label.max()) + 1
        key = field.source[border].astype(np.int64) * width + label[field.indices[border]]
        pair, place = np.unique(key, return_inverse=True)
        shared = np.bincount(place, field.price[border], len(pair))
        order = np.lexsort((pair, -shared, pair // width))
        first = order[np.flatnonzero(np.r_[True, np.diff(pair[order] // width) != 0])]
        label[pair[first] // width] = pair[first] % width
    return label


def _more_parts(field: Field, label: Ints, parts: int, wanted: int, seed: int) -> tuple[Ints, int]:
    division = division_of(field, label, wanted, seed)
    ideal = max(1.0, float(field.households.sum()) / wanted)
    while parts < wanted:
        able = division.members[:parts] > 1
        if not able.any():
            break
        largest = int(np.argmax(np.where(able, division.size[:parts], -1.0)))
        holds = max(2, min(round(float(division.size[largest]) / ideal), wanted - parts + 1))
        side = np.zeros(len(label), dtype=np.int32)
        halve(field, division, largest, parts, holds // 2, holds - holds // 2, ideal, side, TREES)
        parts += 1
    return division.part, parts


@kernel
def halve(
    field: Field, division: Division, part: int, other: int, one: int, rest: int, ideal: float, side: Ints, trees: int
) -> None:
    """Divide a connected part of at least two nodes in two: a side that is worth `one` grids and one worth `rest`.

    The best edge of several random trees; the side of `one` stays `part`, the other becomes `other` (empty so far).
    """
    best = FOREVER
    heavy = 4.0 * field.price.mean() / max(1.0, ideal) * 100.0
    for _ in range(trees):
        m = tree(field, division, part, part, division.first[part])
        cost, at, label = best_cut(
            field, division, part, part, m, float(one), float(rest), ideal, ideal, ideal, heavy, 0.0, best
        )
        if at >= 0:
            best = cost
            mark_below(division, m, at)
            for i in range(m):
                side[division.node[i]] = division.side[i] if label == 0 else 1 - division.side[i]
    u = division.first[part]
    while u >= 0:
        following = division.after[u]
        if side[u] == 0:
            move(field, division, u, other)
        u = following
