"""Grounds so small that every division of them can be tried."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.partition.graph import AtomGraph

Ints = NDArray[np.int32]


def lattice(rows: int, columns: int, households: NDArray[np.integer], missing: tuple[int, ...] = ()) -> AtomGraph:
    """rows x columns cells of 100 m, side by side; `missing` of the edges (in the order of their making) left out."""
    cells = np.arange(rows * columns).reshape(rows, columns)
    a = np.concatenate([cells[:, :-1].ravel(), cells[:-1].ravel()])
    b = np.concatenate([cells[:, 1:].ravel(), cells[1:].ravel()])
    keep = np.setdiff1d(np.arange(len(a)), missing)
    a, b = a[keep], b[keep]
    n = rows * columns
    return AtomGraph.of_edges(
        a, b, np.full(len(a), 100.0), np.ones(len(a), dtype=bool), np.zeros(len(a), dtype=bool),
        households=households, block=np.zeros(n, dtype=int), area_m2=np.full(n, 1e4), perimeter_m=np.full(n, 400.0),
    )  # fmt: skip


def in_one_piece(graph: AtomGraph, assignment: NDArray[np.integer]) -> bool:
    """Whether every grid is connected."""
    count, _ = graph.pieces(assignment)
    return count == len(np.unique(assignment))


def least_moved(
    graph: AtomGraph, home: NDArray[np.integer], least: int, most: int, *, grids: tuple[int, ...], gone: int = 0
) -> int | None:
    """Fewest households that any plan moves: every division is tried (None: none is in the band).

    A plan is in the band, has each grid in one piece, `gone` of the old grids end and all others keep an atom.
    """
    old = [int(one) for one in np.unique(home) if one >= 0]
    every = np.array(list(product(range(len(grids)), repeat=len(graph))), dtype=np.int8)
    names = np.array(grids)
    possible, ended = np.ones(len(every), dtype=bool), np.zeros(len(every), dtype=int)
    for place, grid in enumerate(grids):
        here = every == place
        size, present = here @ graph.households, here.any(axis=1)
        kept = present if grid not in old else (here & (home == grid)).any(axis=1)
        possible &= ~present | ((size >= least) & (size <= most) & kept)
        ended += ~present
    possible &= ended == gone
    cost = ((names[every] != home) & (home >= 0)) @ graph.households
    for choice in np.flatnonzero(possible)[np.argsort(cost[possible], kind="stable")]:
        if in_one_piece(graph, names[every[choice]]):
            return int(cost[choice])
    return None
