"""Sums of every grid, kept up as atoms come and go: whole numbers, so that no order of changes leaves a trace. Pure.

Owns what is summed and how a change is carried over. Does not own what is made of the sums (`metrics`).
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.partition.graph import AtomGraph

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

MICRO = 1_000_000


class Sum(IntEnum):
    """The columns of a tally. Lengths in micrometres, areas in square millimetres, cases in millionths a month."""

    ATOMS = 0
    HOUSEHOLDS = 1
    AREA = 2
    PERIMETER = 3
    CASES = 4
    OPEN_CASES = 5
    DISTANCE = 6  # households times millimetres to the service point
    INNER = 7  # of every border between two atoms of the grid, once
    CUT = 8  # of its borders with other grids
    CUT_STREET = 9
    PRICE = 10


OF_ATOMS = 7
"""So many columns are sums over atoms; the rest over borders."""


class Tally:
    """`columns` int64[n, OF_ATOMS] of the atoms, `shared` and `price` int64[m] of the neighbourhoods in micrometres.

    Whoever changes an atom's grid or one of these takes the atom out first and puts it in again afterwards.
    """

    def __init__(self, graph: AtomGraph, columns: Longs, shared: Longs, price: Longs, assignment: Ints) -> None:
        self.graph, self.columns, self.shared, self.price, self.assignment = graph, columns, shared, price, assignment
        self._of: dict[int, Longs] = {}
        self.put_in(np.arange(len(graph)))

    def of(self, number: int) -> Longs:
        """int64[len(Sum)] of a grid; zeros for one without ground."""
        found = self._of.get(number)
        return np.zeros(len(Sum), dtype=np.int64) if found is None else found

    def take_out(self, atoms: NDArray[np.integer]) -> None:
        """These atoms (each once) and their borders count no longer."""
        self._turn(atoms, -1)

    def put_in(self, atoms: NDArray[np.integer]) -> None:
        """These atoms (each once) count as they now are."""
        self._turn(atoms, 1)

    def _turn(self, atoms: NDArray[np.integer], sign: int) -> None:
        grids, place = np.unique(self.assignment[atoms], return_inverse=True)
        self._add(grids, place, slice(0, OF_ATOMS), sign * self.columns[atoms])
        edges, source = rows(self.graph, atoms)
        other = self.graph.indices[edges]
        among = np.zeros(len(self.graph), dtype=np.bool_)
        among[atoms] = True
        once = ~among[other] | (source < other)
        edges, here, there = edges[once], self.assignment[source[once]], self.assignment[other[once]]
        self._borders(edges, here, there, sign)

    def _borders(self, edges: Longs, here: Ints, there: Ints, sign: int) -> None:
        inner, cut = here == there, here != there
        shared, street = sign * self.shared[edges], self.graph.on_street[edges]
        price = sign * self.price[edges]
        grids, place = np.unique(here[inner], return_inverse=True)
        self._add(grids, place, slice(Sum.INNER, Sum.INNER + 1), shared[inner, None])
        both = np.concatenate([here[cut], there[cut]])
        told = np.column_stack([shared[cut], np.where(street[cut], shared[cut], 0), price[cut]])
        grids, place = np.unique(both, return_inverse=True)
        self._add(grids, place, slice(Sum.CUT, Sum.PRICE + 1), np.concatenate([told, told]))

    def _add(self, grids: Ints, place: NDArray[np.intp], columns: slice, values: Longs) -> None:
        sums = np.zeros((len(grids), values.shape[1]), dtype=np.int64)
        np.add.at(sums, place, values)
        for number, row in zip(grids.tolist(), sums, strict=True):
            held = self._of.setdefault(number, np.zeros(len(Sum), dtype=np.int64))
            held[columns] += row


def rows(graph: AtomGraph, atoms: NDArray[np.integer]) -> tuple[Longs, Longs]:
    """(places in the rows, atom whose row it is) of all neighbourhoods of some atoms."""
    starts = graph.indptr[atoms].astype(np.int64)
    counts = graph.indptr[np.asarray(atoms) + 1].astype(np.int64) - starts
    source = np.repeat(np.asarray(atoms, dtype=np.int64), counts)
    ends = np.cumsum(counts)
    steps = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - counts, counts)
    return np.repeat(starts, counts) + steps, source
