"""Whether atoms hang together: the pieces of a set of atoms. Pure.

Owns pieces. Does not own shapes (`content`) nor what is said of them (`findings`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from gridgov.geo.partition.graph import AtomGraph
from gridgov.planning.tallies import rows

Members = NDArray[np.intp]


def labelled(graph: AtomGraph, members: Members) -> tuple[int, NDArray[np.int32]]:
    """(number of pieces, piece of each member) of some atoms, ascending; bridges join. None: 0 pieces."""
    if not len(members):
        return 0, np.zeros(0, dtype=np.int32)
    edges, source = rows(graph, members)
    place = np.full(len(graph), -1, dtype=np.int32)
    place[members] = np.arange(len(members), dtype=np.int32)
    to = place[graph.indices[edges]]
    inside = to >= 0
    size = (len(members), len(members))
    matrix = csr_matrix((np.ones(int(inside.sum()), dtype=np.int8), (place[source[inside]], to[inside])), shape=size)
    number, label = connected_components(matrix, directed=False)
    return int(number), label.astype(np.int32)


def pieces(graph: AtomGraph, members: Members) -> list[Members]:
    """The pieces of some atoms, the one with most households first, then with most atoms, then the lowest atom."""
    number, label = labelled(graph, members)
    found = [members[label == one] for one in range(number)]
    return sorted(found, key=lambda one: (-int(graph.households[one].sum()), -len(one), int(one[0])))


def contiguous(graph: AtomGraph, members: Members) -> bool:
    """Whether some atoms, at least one, hang together."""
    return labelled(graph, members)[0] == 1
