"""Where a walk of repair begins: every grid in one piece, every atom in a grid, one grid more or one fewer.

Owns: mending, opening, closing. Each is rough; the walk (`handover`) makes it good. Does not own the choice among them
(`repair`).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.partition.terrain import NOWHERE, Floats, Ints, Terrain, pieces, sizes

TRIED = 6
"""Grids that are tried as the place where one is opened or closed."""


def mended(land: Terrain) -> Ints:
    """int32[n]: everyone at home, but each grid keeps only its heaviest piece and every node is in a grid, as far as
    the ground hangs together. Frozen grids keep all of theirs, and take none."""
    part = land.home.copy()
    label = pieces(land, part)
    for g in np.flatnonzero(~land.frozen):
        mine = np.flatnonzero(part == g)
        labels = np.unique(label[mine])
        weight = [land.households[mine[label[mine] == one]].sum() for one in labels]
        if len(labels) > 1:
            part[mine[label[mine] != labels[int(np.argmax(weight))]]] = NOWHERE
    filled = flooded(land, part)
    left = filled == NOWHERE
    filled[left] = land.home[left]
    return filled


def flooded(land: Terrain, part: Ints) -> Ints:
    """`part` with nodes in no grid given to a grid beside them, the one with most room first."""
    part, size = part.copy(), sizes(land, part)
    room = [
        (float(size[g] - land.most[g]), int(g)) for g in range(len(size)) if not land.frozen[g] and (part == g).any()
    ]
    heapq.heapify(room)
    edge: dict[int, list[int]] = {g: _beside(land, part, np.flatnonzero(part == g)) for _, g in room}
    while room:
        _, g = heapq.heappop(room)
        free = [u for u in edge[g] if part[u] == NOWHERE]
        if not free:
            continue
        u = min(free, key=lambda one: (land.home[one] != g, one))
        part[u] = g
        size[g] += land.households[u]
        edge[g] = [*free, *_beside(land, part, np.array([u]))]
        heapq.heappush(room, (float(size[g] - land.most[g]), g))
    return part


def opened(land: Terrain, part: Ints, fresh: int) -> Iterator[Ints]:
    """Divisions in which grid `fresh` has about half of another one: the fullest, and those in the fullest company."""
    for g in _ranked(land, part, fullest=True):
        side = _half(land, part, g)
        if len(side):
            made = part.copy()
            made[side] = fresh
            yield made


def closed(land: Terrain, part: Ints) -> Iterator[tuple[int, Ints]]:
    """(grid, division) in which a grid is shared out among its neighbours: the emptiest, in the emptiest company."""
    for g in _ranked(land, part, fullest=False):
        rest = part.copy()
        rest[part == g] = NOWHERE
        made = flooded(land._replace(home=np.where(land.home == g, NOWHERE, land.home).astype(np.int32)), rest)
        if not (made == NOWHERE).any():
            yield int(g), made


def _ranked(land: Terrain, part: Ints, *, fullest: bool) -> list[int]:
    """Grids by how much they and their neighbours have beyond the middle of their bands, at most `TRIED`."""
    k = len(land.least)
    middle = np.where(land.frozen, 0.0, (land.least + land.most) / 2)
    over: Floats = np.where(land.frozen, 0.0, sizes(land, part) - middle)
    source = np.repeat(part, np.diff(land.indptr))
    beside = np.zeros((k, k), dtype=np.bool_)
    inside = (source != NOWHERE) & (part[land.indices] != NOWHERE)
    beside[source[inside], part[land.indices[inside]]] = True
    np.fill_diagonal(beside, False)
    score = over + 0.5 * (beside @ over) if fullest else -sizes(land, part) - 0.25 * (beside @ over)
    drawn = np.bincount(part[part != NOWHERE], minlength=k)
    able = [g for g in range(k) if not land.frozen[g] and drawn[g] > (1 if fullest else 0)]
    return sorted(able, key=lambda g: (-score[g], g))[:TRIED]


def _half(land: Terrain, part: Ints, g: int) -> Ints:
    """Nodes of a grid that hang together, leave the rest together, and have nearest to half of its households."""
    mine = np.flatnonzero(part == g)
    start = int(mine[0])
    for _ in range(2):  # the last one reached from anywhere lies at the edge
        order, parent = _walk(land, part, start)
        start = order[-1]
    order, parent = _walk(land, part, start)
    below = {u: float(land.households[u]) for u in order}
    for u in reversed(order[1:]):
        below[parent[u]] += below[u]
    half = below[order[0]] / 2
    root = min(order[1:], key=lambda u: (abs(below[u] - half), u), default=None)
    if root is None:
        return np.empty(0, dtype=np.int32)
    side = {root}
    for u in order[1:]:
        if parent[u] in side:
            side.add(u)
    return np.array(sorted(side), dtype=np.int32)


def _walk(land: Terrain, part: Ints, start: int) -> tuple[list[int], dict[int, int]]:
    """Nodes of a grid in the order of a breadth-first walk, and the node from which each was reached."""
    order, parent = [start], {start: start}
    for u in order:
        for y in _beside(land, part, np.array([u]), within=int(part[start])):
            if y not in parent:
                parent[y] = u
                order.append(y)
    return order, parent


def _beside(land: Terrain, part: Ints, nodes: NDArray[np.integer], within: int = NOWHERE) -> list[int]:
    """Neighbours of nodes that are in grid `within`."""
    found = [land.indices[land.indptr[u] : land.indptr[u + 1]] for u in nodes]
    around = np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int32)
    return [int(y) for y in around if part[y] == within]
