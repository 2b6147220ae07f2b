"""Small graphs to divide: a lattice with diagonals left out, lumpy households, street blocks; sometimes in pieces."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from gridgov.geo.partition.graph import AtomGraph


def lattice(
    columns: int, rows: int, seed: int, *, missing: float = 0.0, most: int = 60, empty: float = 0.4
) -> AtomGraph:
    """columns x rows atoms; a share `missing` of the neighbourhoods is left out, a share `empty` has no households."""
    rng = np.random.default_rng(seed)
    number = np.arange(columns * rows).reshape(rows, columns)
    a = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    b = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    kept = rng.random(len(a)) >= missing
    a, b = a[kept], b[kept]
    y, x = np.divmod(np.arange(columns * rows), columns)
    block = y // 3 * columns + x // 3
    households = np.where(rng.random(columns * rows) < empty, 0, rng.integers(1, most + 1, columns * rows))
    return AtomGraph.of_edges(
        a, b, rng.uniform(5.0, 40.0, len(a)), block[a] != block[b], np.zeros(len(a), dtype=bool),
        households=households, block=block, area_m2=np.full(columns * rows, 400.0),
        perimeter_m=np.full(columns * rows, 80.0),
    )  # fmt: skip


PLANES = st.builds(
    lattice,
    st.integers(2, 12),
    st.integers(2, 12),
    st.integers(0, 2**32 - 1),
    missing=st.sampled_from([0.0, 0.1, 0.4]),
    most=st.sampled_from([5, 60, 400]),
    empty=st.sampled_from([0.0, 0.4, 0.9]),
)


def hangs_together(graph: AtomGraph, label: NDArray[np.integer]) -> bool:
    """Whether each part can be walked through without leaving it. Written apart from `AtomGraph.pieces`."""
    left = set(range(len(label)))
    parts = 0
    while left:
        parts += 1
        stack = [left.pop()]
        while stack:
            atom = stack.pop()
            for other in graph.indices[graph.indptr[atom] : graph.indptr[atom + 1]].tolist():
                if other in left and label[other] == label[atom]:
                    left.remove(other)
                    stack.append(other)
    return parts == len(set(label.tolist()))
