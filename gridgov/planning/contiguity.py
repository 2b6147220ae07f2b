"""Whether atoms hang together: the pieces of a set of atoms. Pure.

Owns pieces. Does not own shapes (`content`) nor what is said of them (`findings`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.partition.graph import AtomGraph
from gridgov.geo.pieces import member_pieces

Longs = NDArray[np.int64]
Members = NDArray[np.intp]


def labelled(graph: AtomGraph, members: Members) -> tuple[int, Longs]:
    """(number of pieces, piece of each member) of some atoms, ascending; bridges join. None: 0 pieces."""
    label: Longs = member_pieces(graph.indptr, graph.indices, members.astype(np.int64))
    return int(label.max(initial=-1)) + 1, label


def pieces(graph: AtomGraph, members: Members) -> list[Members]:
    """The pieces of some atoms, the one with most households first, then with most atoms, then the lowest atom."""
    number, label = labelled(graph, members)
    found = [members[label == one] for one in range(number)]
    return sorted(found, key=lambda one: (-int(graph.households[one].sum()), -len(one), int(one[0])))


def contiguous(graph: AtomGraph, members: Members) -> bool:
    """Whether some atoms, at least one, hang together."""
    return labelled(graph, members)[0] == 1
