"""Which nodes of a graph hang together, where only some of them count or two sides are told apart.

Owns the search. Does not own what a piece means (`gridgov.planning.contiguity`, `sliding`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.compiled import kernel

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]


@kernel
def member_pieces(indptr: Ints, indices: Ints, members: Longs) -> Longs:
    """int64[len(members)]: the piece of each of these nodes (ascending) of a graph in compressed rows, numbered from 0
    by the lowest member.
    """
    place = np.full(len(indptr) - 1, -1, dtype=np.int64)
    for number in range(len(members)):
        place[members[number]] = number
    label = np.full(len(members), -1, dtype=np.int64)
    queue = np.empty(len(members), dtype=np.int64)
    number = 0
    for start in range(len(members)):
        if label[start] >= 0:
            continue
        label[start] = number
        queue[0] = start
        head, tail = 0, 1
        while head < tail:
            node = members[queue[head]]
            head += 1
            for edge in range(indptr[node], indptr[node + 1]):
                other = place[indices[edge]]
                if other >= 0 and label[other] < 0:
                    label[other] = number
                    queue[tail] = other
                    tail += 1
        number += 1
    return label


@kernel
def side_pieces(indptr: Longs, indices: Longs, joins: Flags, first: Flags) -> Longs:
    """int64[n]: the piece of each node, numbered by its lowest node; only edges that `joins` hold a side together."""
    label = np.full(len(first), -1, dtype=np.int64)
    queue = np.empty(len(first), dtype=np.int64)
    number = 0
    for start in range(len(first)):
        if label[start] >= 0:
            continue
        label[start] = number
        queue[0] = start
        head, tail = 0, 1
        while head < tail:
            node = queue[head]
            head += 1
            for edge in range(indptr[node], indptr[node + 1]):
                other = indices[edge]
                if joins[edge] and label[other] < 0 and first[other] == first[node]:
                    label[other] = number
                    queue[tail] = other
                    tail += 1
        number += 1
    return label
