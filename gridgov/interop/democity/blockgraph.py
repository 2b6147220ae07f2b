"""Blocks as a graph: which share how many metres of what street, and how they are grouped before they are divided.

Owns: edges between blocks, groups that stay together, the joining of what is left over. Does not own: how the graph is
divided (`partition`), what the parts are (`hierarchy`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridgov.interop.democity.landuse import Land
from gridgov.interop.democity.partition import Graph, Ints
from gridgov.interop.democity.planar import Floats, Net

_TIE = {"lane": 1.0, "local": 2.4, "secondary": 4.5, "arterial": 8.0, "border": 14.0}
_COST_PER_KM = {"lane": 4.0, "local": 2.4, "secondary": 1.5, "arterial": 1.0, "border": 1.2}


@dataclass(frozen=True, slots=True)
class Edges:
    """Pairs of neighbouring blocks. `tie`, `cost` as in `partition.Graph`; `shared_m`: metres in common."""

    a: Ints
    b: Ints
    tie: Floats
    cost: Floats
    shared_m: Floats

    def graph(self, weight: Floats) -> Graph:
        return Graph(weight, self.a, self.b, self.tie, self.cost)


@dataclass(slots=True)
class Contracted:
    """`group[i]` is the node of block i, -1: joined last. Special nodes come first, `special` says for what."""

    group: Ints
    graph: Graph
    special: list[str]
    part: list[str]  # of a node

    def is_special(self, node: int) -> bool:
        return node < len(self.special)


def edges_of(net: Net, land: Land) -> Edges:
    place = {block.face: i for i, block in enumerate(land.blocks)}
    rows = []
    for i, block in enumerate(land.blocks):
        for face, kinds in net.neighbours(block.face).items():
            j = place[face]
            if i < j:
                main = max(kinds, key=lambda k: (kinds[k], k))
                cost = sum(_COST_PER_KM[k] * m for k, m in kinds.items()) / 1000
                rows.append((i, j, _TIE[main], cost, sum(kinds.values())))
    a, b, tie, cost_of, shared = (np.array(column) for column in zip(*rows, strict=True))
    return Edges(a, b, tie, cost_of, shared)


def loose(land: Land, edges: Edges) -> NDArray[np.bool_]:
    """The river and the green along it: too long and thin to hold an area together, so they are joined to one last."""
    river = np.array([b.zone == "river" for b in land.blocks])
    wet = np.zeros(len(river), dtype=bool)
    wet[edges.a[river[edges.b]]] = wet[edges.b[river[edges.a]]] = True
    strip = np.array([b.zone == "strip" for b in land.blocks])
    return np.asarray(river | (strip & wet))


def contract(
    part: list[str], edges: Edges, last: NDArray[np.bool_], specials: list[tuple[str, list[int]]], households: Floats
) -> Contracted:
    """One node for each special group and for every other block but those that are joined last."""
    group = np.full(len(part), -1, dtype=np.int64)
    for node, (_, blocks) in enumerate(specials):
        group[blocks] = node
    free = np.flatnonzero((group < 0) & ~last)
    group[free] = len(specials) + np.arange(len(free))
    nodes = len(specials) + len(free)
    held = group >= 0
    weight = np.bincount(group[held], households[held], nodes).astype(np.float64)
    ga, gb = group[edges.a], group[edges.b]
    keep = (ga >= 0) & (gb >= 0) & (ga != gb)
    pairs, at = np.unique(np.sort(np.c_[ga, gb][keep], axis=1), axis=0, return_inverse=True)
    tie = np.full(len(pairs), np.inf)
    np.minimum.at(tie, at, edges.tie[keep])
    cost = np.bincount(at, edges.cost[keep], len(pairs)).astype(np.float64)
    names = [""] * nodes
    for i in np.flatnonzero(held)[::-1]:
        names[group[i]] = part[i]
    graph = Graph(weight, pairs[:, 0], pairs[:, 1], tie, cost)
    return Contracted(group, graph, [what for what, _ in specials], names)


def join_rest(grid: Ints, ordinary: NDArray[np.bool_], part: list[str], edges: Edges) -> Ints:
    """Join every block without a grid (-1) to the grid it shares most metres with.

    First within its part of the city, then on its bank of the river; ordinary grids before special ones. Raises
    ValueError where a block touches no grid.
    """
    grid = grid.copy()
    ends = list(zip(edges.a, edges.b, strict=True))
    same_part = np.array([part[i] == part[j] for i, j in ends])
    same_bank = np.array([part[i][:5] == part[j][:5] for i, j in ends])
    for allowed in (same_part, same_bank):
        for takes in (ordinary, np.ones_like(ordinary)):
            while _wave(grid, edges, allowed, takes):
                pass
    if (grid < 0).any():
        raise ValueError("a block touches no grid")
    return grid


def _wave(grid: Ints, edges: Edges, allowed: NDArray[np.bool_], takes: NDArray[np.bool_]) -> bool:
    """Join those blocks that touch a grid now; true where there were any."""
    a, b = np.r_[edges.a, edges.b], np.r_[edges.b, edges.a]
    metres, ok = np.r_[edges.shared_m, edges.shared_m], np.r_[allowed, allowed]
    ok &= (grid[a] < 0) & (grid[b] >= 0) & takes[grid[b]]
    totals: dict[int, dict[int, float]] = {}
    for i, g, m in zip(a[ok], grid[b[ok]], metres[ok], strict=True):
        mine = totals.setdefault(int(i), {})
        mine[int(g)] = mine.get(int(g), 0.0) + float(m)
    for i, mine in totals.items():
        grid[i] = max(mine, key=lambda g: (mine[g], -g))
    return bool(totals)
