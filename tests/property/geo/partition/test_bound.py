"""The bound beside the truth: on tiny grounds every division is tried."""

from __future__ import annotations

import numpy as np
import pytest

from gridgov.geo.partition.bound import lower_bound
from gridgov.geo.partition.graph import AtomGraph
from gridgov.geo.partition.repair import repair
from gridgov.geo.partition.terrain import lay_out
from tests.property.geo.partition.tiny import Ints, in_one_piece, lattice, least_moved

CASES = 40


def grounds(seed: int, *, some_in_none: bool = False) -> list[tuple[AtomGraph, Ints]]:
    """Lattices of 3 x 3 with three rows of grids, after a count that moved households about."""
    rng = np.random.default_rng(seed)
    made: list[tuple[AtomGraph, Ints]] = []
    while len(made) < CASES:
        households = np.where(rng.random(9) < 0.3, 0, rng.integers(1, 8, 9))
        missing = tuple(rng.choice(12, 1)) if rng.random() < 0.5 else ()
        graph = lattice(3, 3, households, missing)
        home = np.repeat(np.arange(3, dtype=np.int32), 3)
        if some_in_none:
            home[rng.integers(0, 9)] = -1
        if graph.pieces()[0] == 1 and in_one_piece(graph, home):
            made.append((graph, home))
    return made


@pytest.mark.parametrize("some_in_none", [False, True])
def test_no_plan_moves_fewer_than_the_bound_and_often_one_moves_as_many(some_in_none: bool) -> None:
    equal, possible, simple_short = 0, 0, 0
    for graph, home in grounds(1, some_in_none=some_in_none):
        total = int(graph.households.sum())
        least, most = int(0.8 * total / 3), int(np.ceil(1.2 * total / 3))
        truth = least_moved(graph, home, least, most, grids=(0, 1, 2))
        land = lay_out(graph, home, least=least, most=most).land
        bound = lower_bound(land, nodes=1000, rounds=20)
        if truth is None:
            continue
        possible += 1
        assert bound.simple <= bound.lumps <= bound.households <= truth
        assert not bound.impossible
        assert lower_bound(land, ceiling=truth, nodes=1000, rounds=20).households <= truth
        equal += bound.households == truth
        simple_short += bound.simple < truth
        # Control: the bound is no constant, one household more would be wrong as often as it is exact.
        assert (bound.households + 1 > truth) == (bound.households == truth)
    assert possible > CASES // 2
    assert equal >= 0.9 * possible
    assert simple_short > possible // 4


def test_what_is_proven_impossible_has_no_plan() -> None:
    found = {True: 0, False: 0}
    for graph, home in grounds(2):
        total = int(graph.households.sum())
        least, most = total // 3, -(-total // 3)
        if least < 1:
            continue
        bound = lower_bound(lay_out(graph, home, least=least, most=most).land, nodes=1000, rounds=20)
        truth = least_moved(graph, home, least, most, grids=(0, 1, 2))
        found[bound.impossible] += 1
        if bound.impossible:
            assert truth is None
    assert found[True]
    assert found[False]


def test_a_grid_that_ends_or_begins_is_bounded_too() -> None:
    tried = {1: 0, -1: 0}
    for graph, home in grounds(3)[:12]:
        total = int(graph.households.sum())
        for change in tried:
            k = 3 + change
            least, most = int(0.7 * total / k), int(np.ceil(1.3 * total / k))
            fresh = (3,) if change > 0 else ()
            land = lay_out(graph, home, least=least, most=most, opened=fresh).land
            gone = max(0, -change)
            if least < 1:
                continue
            truth = least_moved(graph, home, least, most, grids=(0, 1, 2, *fresh), gone=gone)
            if truth is None:
                continue
            tried[change] += 1
            assert lower_bound(land, closing=gone, nodes=1000, rounds=10).households <= truth
    assert all(tried.values())


def test_what_repair_finds_is_the_least_on_tiny_grounds() -> None:
    best, possible = 0, 0
    for graph, home in grounds(4):
        total = int(graph.households.sum())
        least, most = max(1, int(0.8 * total / 3)), int(np.ceil(1.2 * total / 3))
        truth = least_moved(graph, home, least, most, grids=(0, 1, 2))
        if truth is None:
            continue
        made = repair(graph, home, least=least, most=most, target=max(least, total // 3), seed=7, grids=3)
        assert in_one_piece(graph, made.assignment)
        if not made.in_band.all():
            continue
        possible += 1
        assert made.moved >= truth
        assert made.bound.households <= truth
        best += made.moved == truth
    assert possible > CASES // 3
    assert best >= 0.9 * possible
