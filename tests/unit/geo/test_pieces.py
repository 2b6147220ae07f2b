"""Pieces of some nodes and of two sides, beside scipy's connected components on random graphs."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from gridgov.geo.pieces import member_pieces, side_pieces

Longs = NDArray[np.int64]


def _graph(rng: np.random.Generator, n: int) -> csr_matrix:
    upper = np.triu(rng.random((n, n)) < 2.2 / n, 1)
    whole = csr_matrix((upper | upper.T).astype(np.int8))
    whole.sort_indices()
    return whole


def _same(one: Longs, other: NDArray[np.integer]) -> bool:
    """The same pieces, and ours numbered by their lowest node."""
    firsts = [int(np.flatnonzero(one == number)[0]) for number in range(int(one.max(initial=-1)) + 1)]
    pairs = {(int(a), int(b)) for a, b in zip(one, other, strict=True)}
    return firsts == sorted(firsts) and len(pairs) == len(set(one.tolist())) == len(set(other.tolist()))


@pytest.mark.parametrize("seed", range(25))
def test_pieces_of_some_nodes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    whole = _graph(rng, int(rng.integers(1, 60)))
    members = np.flatnonzero(rng.random(whole.shape[0]) < 0.7).astype(np.int64)
    found = member_pieces(whole.indptr, whole.indices, members)
    expected = connected_components(whole[members][:, members], directed=False)[1] if len(members) else members
    assert _same(found, expected)
    if len(members) > 1 and int(found.max()) > 0:
        merged = np.zeros_like(found)
        assert not _same(merged, expected)  # the control: the comparison tells pieces apart


@pytest.mark.parametrize("seed", range(25))
def test_pieces_of_two_sides(seed: int) -> None:
    rng = np.random.default_rng(seed)
    whole = _graph(rng, int(rng.integers(1, 60)))
    first = rng.random(whole.shape[0]) < 0.5
    source = np.repeat(np.arange(whole.shape[0]), np.diff(whole.indptr))
    joins = (source + whole.indices) % 7 != 0  # the same both ways
    indptr, indices = whole.indptr.astype(np.int64), whole.indices.astype(np.int64)
    found = side_pieces(indptr, indices, joins, first)
    kept = joins & (first[source] == first[indices])
    cut = csr_matrix((np.ones(int(kept.sum())), (source[kept], indices[kept])), shape=whole.shape)
    assert _same(found, connected_components(cut, directed=False)[1])
