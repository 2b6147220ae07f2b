"""The least minimum cut, beside scipy's maximum flow on random graphs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from gridgov.geo.mincut import least_cut, twins


def _graph(rng: np.random.Generator, n: int, most: int) -> tuple[np.ndarray, ...]:
    upper = np.triu(rng.integers(0, most, (n, n)) * (rng.random((n, n)) < 0.2), 1)
    whole = csr_matrix(upper + upper.T)
    whole.eliminate_zeros()
    whole.sort_indices()
    source = np.repeat(np.arange(n), np.diff(whole.indptr)).astype(np.int64)
    indices = whole.indices.astype(np.int64)
    keep = (rng.integers(0, most, n) * (rng.random(n) < 0.3)).astype(np.int64)
    give = (rng.integers(0, most, n) * (rng.random(n) < 0.3)).astype(np.int64)
    indptr = whole.indptr.astype(np.int64)
    return indptr, indices, twins(source, indices), whole.data.astype(np.int64), keep, give


def _peer(graph: tuple[np.ndarray, ...]) -> tuple[int, np.ndarray]:
    """(value of the maximum flow, what the source still reaches), by scipy."""
    indptr, indices, _back, price, keep, give = graph
    n = len(indptr) - 1
    dense = np.zeros((n + 2, n + 2), dtype=np.int32)
    dense[np.repeat(np.arange(n), np.diff(indptr)), indices] = price
    dense[n, :n], dense[:n, n + 1] = keep, give
    capacity = csr_matrix(dense)
    found = maximum_flow(capacity, n, n + 1)
    left = csr_matrix(np.maximum((capacity - found.flow).toarray(), 0))
    reached = np.zeros(n + 2, dtype=bool)
    reached[breadth_first_order(left, n, return_predecessors=False)] = True
    return int(found.flow_value), reached[:n]


def _cost(graph: tuple[np.ndarray, ...], first: np.ndarray) -> int:
    indptr, indices, _back, price, keep, give = graph
    source = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    return int(price[first[source] & ~first[indices]].sum() + keep[~first].sum() + give[first].sum())


@pytest.mark.parametrize("seed", range(60))
def test_it_is_the_least_minimum_cut(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = _graph(rng, int(rng.integers(2, 40)), int(rng.choice([2, 5, 1000])))
    value, reached = _peer(graph)
    first = least_cut(*graph)
    assert np.array_equal(first, reached)
    assert _cost(graph, first) == value
    other = first.copy()
    other[int(rng.integers(len(other)))] ^= True
    assert _cost(graph, other) >= value  # the control: the cost that is compared does tell cuts apart
    assert _cost(graph, np.ones_like(first)) == graph[5].sum()


def test_an_edge_without_its_way_back_is_told() -> None:
    with pytest.raises(ValueError, match="way back"):
        twins(np.array([0, 1]), np.array([1, 2]))
