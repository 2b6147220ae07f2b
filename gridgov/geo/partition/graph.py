"""The graph that is divided: atoms with households, and the metres of border that neighbours share.

Owns: the form of a graph, its checks, its parts by community. Does not own how atoms are made (`geo.atoms`) nor how it
is divided (`solve`, `repair`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

OFF_STREET = 3.0
"""A metre of boundary that follows no street costs as much as this many that do."""
BRIDGE_M = 1.0
"""What it costs to part two atoms that only a bridge or an underpass joins, in metres."""


@dataclass(frozen=True)
class AtomGraph:
    """n atoms and their m directed neighbourhoods (each edge stands twice) as compressed rows.

    `indptr` int32[n+1], `indices` int32[m] ascending within a row; `shared_m` float64[m] metres of common border, 0 for
    a bridge; `on_street` bool[m]: that border runs along a street; `bridge` bool[m]: joined by a bridge or underpass
    alone. `households` int32[n]; `block` int32[n] the street block of each; `area_m2`, `perimeter_m` float64[n].
    """

    indptr: Ints
    indices: Ints
    shared_m: Floats
    on_street: Flags
    bridge: Flags
    households: Ints
    block: Ints
    area_m2: Floats
    perimeter_m: Floats

    @classmethod
    def of_edges(
        cls,
        a: NDArray[np.integer],
        b: NDArray[np.integer],
        shared_m: Floats,
        on_street: Flags,
        bridge: Flags,
        *,
        households: NDArray[np.integer],
        block: NDArray[np.integer],
        area_m2: Floats,
        perimeter_m: Floats,
    ) -> AtomGraph:
        """From undirected edges, each once, a != b. Raises ValueError for an edge that comes twice or leads nowhere."""
        n = len(households)
        a, b = np.asarray(a, dtype=np.int64), np.asarray(b, dtype=np.int64)
        if len(a) and (min(a.min(), b.min()) < 0 or max(a.max(), b.max()) >= n or bool((a == b).any())):
            raise ValueError("an edge joins an atom to itself or to none")
        source, target = np.concatenate([a, b]), np.concatenate([b, a])
        order = np.lexsort((target, source))
        if len(order) and bool(((np.diff(source[order]) == 0) & (np.diff(target[order]) == 0)).any()):
            raise ValueError("an edge comes twice")

        def twice(values: NDArray[np.generic], kind: type) -> NDArray[np.generic]:
            return np.concatenate([values, values])[order].astype(kind)

        indptr = np.zeros(n + 1, dtype=np.int32)
        np.cumsum(np.bincount(source, minlength=n), out=indptr[1:])
        return cls(
            indptr=indptr,
            indices=target[order].astype(np.int32),
            shared_m=twice(np.asarray(shared_m), np.float64),  # type: ignore[arg-type]  # of the kind named
            on_street=twice(np.asarray(on_street), np.bool_),  # type: ignore[arg-type]  # of the kind named
            bridge=twice(np.asarray(bridge), np.bool_),  # type: ignore[arg-type]  # of the kind named
            households=np.asarray(households, dtype=np.int32),
            block=np.asarray(block, dtype=np.int32),
            area_m2=np.asarray(area_m2, dtype=np.float64),
            perimeter_m=np.asarray(perimeter_m, dtype=np.float64),
        )

    def __len__(self) -> int:
        return len(self.households)

    @cached_property
    def price(self) -> Floats:
        """float64[m]: what it costs to cut each neighbourhood, in metres along a street."""
        metres = np.where(self.on_street, self.shared_m, OFF_STREET * self.shared_m)
        return np.where(self.bridge, BRIDGE_M, metres)

    @cached_property
    def source(self) -> Ints:
        """int32[m]: the atom whose row each neighbourhood stands in."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.indptr))

    def part(self, atoms: NDArray[np.integer]) -> AtomGraph:
        """The graph of some atoms (ascending), numbered in their order; neighbourhoods with others are left out."""
        place = np.full(len(self), -1, dtype=np.int64)
        place[atoms] = np.arange(len(atoms))
        inside = (place[self.source] >= 0) & (place[self.indices] >= 0)
        indptr = np.zeros(len(atoms) + 1, dtype=np.int32)
        np.cumsum(np.bincount(place[self.source[inside]], minlength=len(atoms)), out=indptr[1:])
        return AtomGraph(
            indptr=indptr,
            indices=place[self.indices[inside]].astype(np.int32),
            shared_m=self.shared_m[inside],
            on_street=self.on_street[inside],
            bridge=self.bridge[inside],
            households=self.households[atoms],
            block=self.block[atoms],
            area_m2=self.area_m2[atoms],
            perimeter_m=self.perimeter_m[atoms],
        )

    def pieces(self, assignment: NDArray[np.integer] | None = None) -> tuple[int, Ints]:
        """(number, label of each atom) of the connected pieces; with `assignment`, of pieces within one part."""
        keep = slice(None) if assignment is None else assignment[self.source] == assignment[self.indices]
        rows, columns = self.source[keep], self.indices[keep]
        matrix = csr_matrix((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(len(self), len(self)))
        number, label = connected_components(matrix, directed=False)
        return int(number), label.astype(np.int32)
