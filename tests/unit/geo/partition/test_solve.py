"""Ground that is not as one would wish, jobs that are ended in the middle, and numbers that cannot be had."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gridgov.geo.partition.graph import AtomGraph
from gridgov.geo.partition.solve import Cancelled, Exceptional, propose, propose_many
from tests.property.geo.partition.planes import lattice

BAND: dict[str, Any] = {"least": 270, "most": 330, "target": 300}


WEST = np.flatnonzero(np.arange(400) % 20 < 8)
"""Eight columns of a lattice of twenty."""


def codes(found: tuple[Exceptional, ...]) -> set[str]:
    return {said.code for said in found}


def island(graph: AtomGraph, atoms: NDArray[np.integer]) -> AtomGraph:
    """The same with the given atoms cut off from the others."""
    inside = np.zeros(len(graph), dtype=bool)
    inside[atoms] = True
    kept = (graph.source < graph.indices) & (inside[graph.source] == inside[graph.indices])
    return AtomGraph.of_edges(
        graph.source[kept], graph.indices[kept], graph.shared_m[kept], graph.on_street[kept], graph.bridge[kept],
        households=graph.households, block=graph.block, area_m2=graph.area_m2, perimeter_m=graph.perimeter_m,
    )  # fmt: skip


def test_a_plain_community_is_within_the_band() -> None:
    found = propose(lattice(20, 20, 1), **BAND, seed=1)
    assert found.exceptions == ()
    assert bool(found.in_band.all())
    assert bool(found.contiguous.all())
    # the control: without a single move it is dearer
    assert found.price < propose(lattice(20, 20, 1), **BAND, seed=1, effort=0.0).price


def test_parts_are_numbered_by_their_lowest_atom() -> None:
    found = propose(lattice(20, 20, 1), **BAND, seed=1)
    first = [int(np.flatnonzero(found.assignment == number)[0]) for number in found.numbers]
    assert first == sorted(first)


def test_no_atoms_one_atom_no_households() -> None:
    nothing = propose(lattice(2, 2, 1).part(np.empty(0, dtype=np.int64)), **BAND, seed=1)
    assert nothing.grids == 0
    assert nothing.exceptions == ()
    one = propose(lattice(2, 2, 1, empty=0.0).part(np.array([0])), **BAND, seed=1)
    assert one.assignment.tolist() == [0]
    assert codes(one.exceptions) == {"arithmetic"}
    ground = lattice(6, 6, 1)
    empty = propose(replace(ground, households=np.zeros(36, dtype=np.int32)), **BAND, seed=1)
    assert empty.grids == 1
    assert codes(empty.exceptions) == {"no-households"}


@pytest.mark.parametrize(("total", "grids"), [(100, 1), (340, 1), (530, 2), (700, 2), (800, 3), (1000, 3), (1330, 4)])
def test_totals_in_a_gap_are_divided_all_the_same_and_evenly(total: int, grids: int) -> None:
    ground = lattice(10, 10, 2)
    households = np.full(100, total // 100, dtype=np.int32)
    households[: total - int(households.sum())] += 1
    found = propose(replace(ground, households=households), **BAND, seed=1)
    assert found.grids == grids
    assert codes(found.exceptions) == {"arithmetic"}
    assert found.households.max() - found.households.min() <= 0.25 * found.households.mean()


def test_an_atom_above_the_band_is_a_part_of_its_own_and_said() -> None:
    ground = lattice(20, 20, 1)
    households = ground.households.copy()
    households[210] = 900
    found = propose(replace(ground, households=households), **BAND, seed=1)
    assert [(said.code, said.part) for said in found.exceptions] == [("large-atom", int(found.assignment[210]))]
    assert found.exceptions[0].households == 900


def test_islands_are_divided_each_by_itself() -> None:
    ground = island(lattice(20, 20, 1), WEST)
    found = propose(ground, **BAND, seed=1)
    assert found.exceptions == ()
    assert bool(found.contiguous.all())
    tiny = island(lattice(20, 20, 1, empty=0.0), np.array([0, 1, 20]))
    found = propose(tiny, **BAND, seed=1)
    assert [(said.code, said.part) for said in found.exceptions] == [("arithmetic", int(found.assignment[0]))]
    desert = replace(ground, households=np.where(np.arange(400) % 20 < 8, 0, 30).astype(np.int32))
    assert codes(propose(desert, **BAND, seed=1).exceptions) == {"no-households"}


def test_a_bridge_joins_what_would_be_an_island() -> None:
    ground = lattice(4, 4, 3, empty=0.0)
    apart = island(ground, np.arange(8))
    a, b = apart.source[apart.source < apart.indices], apart.indices[apart.source < apart.indices]
    joined = AtomGraph.of_edges(
        np.r_[a, 5], np.r_[b, 9], np.r_[np.full(len(a), 20.0), 0.0], np.r_[np.ones(len(a), dtype=bool), False],
        np.r_[np.zeros(len(a), dtype=bool), True], households=np.full(16, 18, dtype=np.int32), block=ground.block,
        area_m2=ground.area_m2, perimeter_m=ground.perimeter_m,
    )  # fmt: skip
    assert propose(joined, **BAND, seed=1).grids == 1
    assert propose(replace(apart, households=joined.households), **BAND, seed=1).grids == 2


def test_numbers_of_the_plan_before_go_on() -> None:
    ground = lattice(20, 20, 1)
    before = propose(ground, **BAND, seed=1, effort=2.0)
    odd = before.assignment * 7 + 3
    after = propose(ground, **BAND, seed=2, effort=5.0, start=odd)
    assert set(after.numbers.tolist()) == {7 * number + 3 for number in range(before.grids)}
    more = propose(ground, **BAND, seed=2, effort=5.0, start=odd, grids=before.grids + 1)
    assert set(after.numbers.tolist()) < set(more.numbers.tolist())
    assert max(more.numbers.tolist()) > odd.max()


def test_a_plan_with_atoms_of_no_grid_and_a_grid_in_pieces_is_made_whole() -> None:
    ground = lattice(20, 20, 1)
    drawn = propose(ground, **BAND, seed=1, effort=2.0).assignment.copy()
    drawn[:15], drawn[399] = -1, drawn[200]
    found = propose(ground, **BAND, seed=2, effort=5.0, start=drawn)
    assert (found.assignment >= 0).all()
    assert bool(found.contiguous.all())


def test_progress_rises_to_one_and_cancelling_ends_it() -> None:
    ground, heard = lattice(30, 30, 1), list[float]()
    propose(ground, **BAND, seed=1, effort=400.0, progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert len(heard) > 3
    asked: list[int] = []

    def enough() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        propose(ground, **BAND, seed=1, effort=400.0, cancelled=enough)
    assert len(asked) == 3


def test_cancelling_many_ends_all_and_leaves_the_next_run_untouched() -> None:
    grounds = [lattice(12, 12, seed) for seed in range(8)]
    done: list[tuple[int, int]] = []
    first = propose_many(grounds, **BAND, seed=4, effort=5.0, progress=lambda at, whole: done.append((at, whole)))
    assert done == [(at, 8) for at in range(1, 9)]
    asked: list[int] = []

    def enough() -> bool:
        asked.append(1)
        return len(asked) > 10

    with pytest.raises(Cancelled):
        propose_many(grounds, **BAND, seed=4, effort=5.0, cancelled=enough)
    again = propose_many(grounds, **BAND, seed=4, effort=5.0)
    assert all((a.assignment == b.assignment).all() for a, b in zip(first, again, strict=True))


def test_what_does_not_fit_is_refused_by_name() -> None:
    ground = lattice(4, 4, 1)
    with pytest.raises(ValueError, match="groups has 3 values for 16 atoms"):
        propose(ground, **BAND, seed=1, groups=np.zeros(3, dtype=np.int32))
    with pytest.raises(ValueError, match="held"):
        propose(ground, **BAND, seed=1, held=np.ones(16, dtype=bool))
    with pytest.raises(ValueError, match="band"):
        propose(ground, least=330, most=270, target=300, seed=1)
