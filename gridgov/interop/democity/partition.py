"""Balanced, contiguous parts of a graph of blocks, cut along streets rather than through quarters.

A random spanning tree that prefers to join what only a lane divides is cut where the two sides come nearest to
their shares; of many such cuts the best is kept, and pairs of neighbouring parts are then re-combined while
that helps (the recombination step of DeFord, Duchin, Solomon 2019, "Recombination: a family of Markov chains
for redistricting").

Owns: pure numbers, no geometry. Does not own: what a block is, what the parts are called (`areas`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_UNBALANCE = 30.0


@dataclass(frozen=True, slots=True)
class Graph:
    """`weight[i]`: what is balanced. Edge e joins `a[e]` and `b[e]`.

    `tie[e]`: the higher, the less likely a tree uses it; `cost[e]`: the price of cutting it.
    """

    weight: Floats
    a: Ints
    b: Ints
    tie: Floats
    cost: Floats

    def __len__(self) -> int:
        return len(self.weight)

    def part(self, nodes: Ints) -> Graph:
        """The graph of some of the nodes, numbered in their order."""
        place = np.full(len(self), -1)
        place[nodes] = np.arange(len(nodes))
        a, b = place[self.a], place[self.b]
        keep = (a >= 0) & (b >= 0)
        return Graph(self.weight[nodes], a[keep], b[keep], self.tie[keep], self.cost[keep])

    def matrix(self, value: Floats) -> csr_matrix:
        n = len(self)
        return coo_matrix((value, (self.a, self.b)), shape=(n, n)).tocsr()

    def pieces(self) -> Ints:
        """The connected piece of every node."""
        return np.asarray(connected_components(self.matrix(np.ones(len(self.a))), directed=False)[1], dtype=np.int64)


def _below(graph: Graph, rng: np.random.Generator) -> tuple[Ints, Ints, Floats]:
    """A random tree: nodes from the root down, the parent of each, and the weight at and below each."""
    noise = rng.lognormal(0, 0.55, len(graph.tie))
    tree = minimum_spanning_tree(graph.matrix(graph.tie * noise))
    order, parent = breadth_first_order(tree, int(rng.integers(len(graph))), directed=False)
    below = graph.weight.copy()
    for node in order[:0:-1]:
        below[parent[node]] += below[node]
    return order, parent, below


def _side(order: Ints, parent: Ints, top: int) -> NDArray[np.bool_]:
    """The nodes at and below one node of a tree."""
    inside = np.zeros(len(order), dtype=bool)
    inside[top] = True
    for node in order[int(np.flatnonzero(order == top)[0]) + 1 :]:
        inside[node] = inside[parent[node]]
    return inside


def _miss(share: float, target: float, slack: float) -> float:
    """How far a part is from its share, beyond what is allowed."""
    return max(0.0, abs(share - target) / target - slack)


def halve(
    graph: Graph, first: float, second: float, slack: float, tries: int, rng: np.random.Generator
) -> NDArray[np.bool_] | None:
    """Two contiguous parts of weights near `first` and `second`, True marks the first; None for a graph in pieces."""
    best, found = np.inf, None
    for _ in range(tries):
        order, parent, below = _below(graph, rng)
        if len(order) < len(graph) or len(order) < 2:
            return None
        total = below[order[0]]
        scale = total / (first + second)
        ends = order[1:]
        down = np.abs(below[ends] / scale - first) / first
        up = np.abs((total - below[ends]) / scale - first) / first
        off = np.minimum(down, up)
        for e in np.argsort(off, kind="stable")[:3]:
            inside = _side(order, parent, int(ends[e]))
            if up[e] < down[e]:
                inside = ~inside
            held = float(graph.weight[inside].sum())
            cut = graph.cost[inside[graph.a] != inside[graph.b]].sum()
            score = (
                _UNBALANCE * (_miss(held / scale, first, slack) + _miss((total - held) / scale, second, slack)) + cut
            )
            if score < best:
                best, found = score, inside
    return found


def split(graph: Graph, shares: Sequence[float], slack: float, tries: int, rng: np.random.Generator) -> Ints:
    """A part number for every node, weights near the shares. Raises ValueError where the graph is in pieces."""
    label = np.zeros(len(graph), dtype=np.int64)
    todo = [(np.arange(len(graph)), list(range(len(shares))))]
    while todo:
        nodes, parts = todo.pop()
        if len(parts) == 1:
            label[nodes] = parts[0]
            continue
        half = len(parts) // 2
        first, second = sum(shares[p] for p in parts[:half]), sum(shares[p] for p in parts[half:])
        inside = halve(graph.part(nodes), first, second, slack / max(1.0, np.log2(len(parts))), tries, rng)
        if inside is None:
            raise ValueError("what is to be divided lies in pieces")
        todo += [(nodes[inside], parts[:half]), (nodes[~inside], parts[half:])]
    return label


def recombine(
    graph: Graph, label: Ints, target: float, slack: float, rounds: int, tries: int, rng: np.random.Generator
) -> Ints:
    """Re-draw the line between neighbouring parts where that brings both nearer to the target."""
    label = label.copy()
    for _ in range(rounds):
        held = np.bincount(label, graph.weight, label.max() + 1)
        miss = np.array([_miss(h, target, slack) for h in held])
        pairs = np.unique(np.sort(np.c_[label[graph.a], label[graph.b]], axis=1), axis=0)
        pairs = pairs[pairs[:, 0] != pairs[:, 1]]
        pairs = pairs[(miss[pairs] > 0).any(axis=1)]
        if not len(pairs):
            break
        for p, q in rng.permutation(pairs):
            _redraw(graph, label, int(p), int(q), target, slack, tries, rng)
    return label


def _redraw(
    graph: Graph, label: Ints, p: int, q: int, target: float, slack: float, tries: int, rng: np.random.Generator
) -> None:
    nodes = np.flatnonzero((label == p) | (label == q))
    both = graph.part(nodes)
    inside = halve(both, target, target, 0.0, tries, rng)
    if inside is None:
        return
    if _price(both, inside, target, slack) < _price(both, label[nodes] == p, target, slack):
        label[nodes] = np.where(inside, p, q)


def _price(graph: Graph, inside: NDArray[np.bool_], target: float, slack: float) -> float:
    first = float(graph.weight[inside].sum())
    second = float(graph.weight.sum()) - first
    cut = float(graph.cost[inside[graph.a] != inside[graph.b]].sum())
    return _UNBALANCE * (_miss(first, target, slack) + _miss(second, target, slack)) + cut
