"""Two grids and the borders between their atoms, numbered by themselves. Pure.

Owns that form: what a boundary between the two costs, holds, leaves apart and breaks. Does not own where it shall run
(`sliding`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.mincut import twins
from gridgov.geo.pieces import side_pieces
from gridgov.planning.contiguity import Members
from gridgov.planning.state import State
from gridgov.planning.tallies import rows

Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]

CM_UM = 10_000


@dataclass(frozen=True)
class Pair:
    """The atoms of both grids, numbered locally, and the borders between them as compressed rows, prices in cm.

    `first`: which are in the first grid now. `tied`: no border, but two atoms that are to stay together.
    """

    atoms: Members
    indptr: Counts
    source: Counts
    target: Counts
    back: Counts
    price: Counts
    tied: Flags
    households: Counts
    first: Flags

    def cost(self, first: Flags) -> int:
        """Price in cm of the boundary that leaves these (bool[n]) in the first grid."""
        return int(self.price[first[self.source] & ~first[self.target] & ~self.tied].sum())

    def held(self, first: Flags) -> int:
        """Households of the first grid."""
        return int(self.households[first].sum())

    def pieces(self, first: Flags) -> Counts:
        """int64[n]: the piece of each atom within its side."""
        found: Counts = side_pieces(self.indptr, self.target, ~self.tied, first)
        return found

    def breaks(self, first: Flags) -> bool:
        """Whether atoms that are to stay together are parted."""
        return bool((self.tied & (first[self.source] != first[self.target])).any())


def pair_of(state: State, one: int, other: int) -> Pair:
    """The atoms of two grids; a border between them counts at least a centimetre."""
    ground = state.ground
    atoms = np.flatnonzero((state.assignment == one) | (state.assignment == other))
    edges, source = rows(ground.graph, atoms)
    place = np.full(len(ground), -1, dtype=np.int64)
    place[atoms] = np.arange(len(atoms))
    to = place[ground.graph.indices[edges]]
    inside = to >= 0
    edges, source, to = edges[inside], place[source[inside]], to[inside]
    price = np.maximum(1, np.rint(state.drawing.price[edges] / CM_UM).astype(np.int64))
    first = state.assignment[atoms] == one
    ties = _ties(state, atoms, first)
    source, to = np.concatenate([source, ties[:, 0], ties[:, 1]]), np.concatenate([to, ties[:, 1], ties[:, 0]])
    tied = np.arange(len(source)) >= len(price)
    price = np.concatenate([price, np.zeros(2 * len(ties), dtype=np.int64)])
    order = np.lexsort((to, source))
    source, to, price, tied = source[order], to[order], price[order], tied[order]
    indptr = np.searchsorted(source, np.arange(len(atoms) + 1)).astype(np.int64)
    households = ground.graph.households[atoms].astype(np.int64)
    return Pair(atoms, indptr, source, to, twins(source, to), price, tied, households, first)


def _ties(state: State, atoms: Members, first: Flags) -> Counts:
    """int64[k, 2]: atoms that are to stay together and are so now, each with the next of its group."""
    last: dict[str, int] = {}
    ties = []
    for place, atom in enumerate(atoms.tolist()):
        group = state.ground.groups[atom]
        if group:
            before = last.get(group)
            if before is not None and first[before] == first[place]:
                ties.append((before, place))
            last[group] = place
    return np.array(ties, dtype=np.int64).reshape(-1, 2)
