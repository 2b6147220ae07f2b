"""The least set of nodes that a minimum cut leaves with the source, on an undirected graph with whole capacities.

Owns the cut. Does not own what is parted nor what a cut costs (`gridgov.planning.sliding`).

Dinic's algorithm (Dinitz 1970): shortest augmenting paths, level by level. Of all minimum cuts it answers the one
nearest to the source, the nodes that the source still reaches; that set is the same for every maximum flow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.compiled import kernel

Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]


def twins(source: Longs, target: Longs) -> Longs:
    """int64[m]: the place of each edge's way back, for edges sorted by (source, target), each there both ways.

    Raises ValueError where one is missing.
    """
    order = np.lexsort((source, target))
    if not (np.array_equal(source[order], target) and np.array_equal(target[order], source)):
        raise ValueError("an edge has no way back")
    return order.astype(np.int64)


@kernel
def least_cut(indptr: Longs, indices: Longs, back: Longs, price: Longs, keep: Longs, give: Longs) -> Flags:
    """bool[n]: the least source side of a minimum cut.

    n nodes as compressed rows (`indptr`, `indices`, `price` of each edge, the same both ways, `back` from `twins`);
    parting a node from the source costs `keep`, from the sink `give`. Sums must stay below 2**62.
    """
    left = price.copy()
    both = np.minimum(keep, give)  # flows from source to sink through one node alone
    keep, give = keep - both, give - both
    level = np.empty(len(keep), dtype=np.int64)
    while _levels(indptr, indices, left, keep, give, level):
        arc = indptr[:-1].copy()
        for start in range(len(keep)):
            if level[start] == 0:
                _fill(indptr, indices, back, left, keep, give, level, arc, start)
    return level >= 0


@kernel
def _levels(indptr: Longs, indices: Longs, left: Longs, keep: Longs, give: Longs, level: Longs) -> bool:
    """Steps from the source to every node that it reaches (-1: none); whether the sink is among what it reaches."""
    queue = np.empty(len(level), dtype=np.int64)
    head, tail, reached = 0, 0, False
    for node in range(len(level)):
        level[node] = -1
        if keep[node] > 0:
            level[node] = 0
            queue[tail] = node
            tail += 1
    while head < tail:
        node = queue[head]
        head += 1
        reached = reached or give[node] > 0
        for edge in range(indptr[node], indptr[node + 1]):
            if left[edge] > 0 and level[indices[edge]] < 0:
                level[indices[edge]] = level[node] + 1
                queue[tail] = indices[edge]
                tail += 1
    return reached


@kernel
def _fill(
    indptr: Longs, indices: Longs, back: Longs, left: Longs, keep: Longs, give: Longs, level: Longs, arc: Longs,
    start: int,
) -> None:  # fmt: skip
    """All that flows from one node to the sink along rising levels; what leads nowhere is left out from then on."""
    path = np.empty(len(level) + 1, dtype=np.int64)
    depth, node = 0, start
    while keep[start] > 0:
        if give[node] > 0:
            _push(path[:depth], back, left, keep, give, start, node)
            depth, node = 0, start
        elif arc[node] == indptr[node + 1]:
            if depth == 0:
                return
            depth -= 1
            node = indices[back[path[depth]]]
            arc[node] += 1
        elif left[arc[node]] > 0 and level[indices[arc[node]]] == level[node] + 1:
            path[depth] = arc[node]
            node = indices[arc[node]]
            depth += 1
        else:
            arc[node] += 1


@kernel
def _push(path: Longs, back: Longs, left: Longs, keep: Longs, give: Longs, start: int, end: int) -> None:
    """As much as fits through a path."""
    flow = min(keep[start], give[end])
    for edge in path:
        flow = min(flow, left[edge])
    keep[start] -= flow
    give[end] -= flow
    for edge in path:
        left[edge] -= flow
        left[back[edge]] += flow
