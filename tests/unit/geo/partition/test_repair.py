"""Repair: what is handed over, what stays, what cannot be had and why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gridgov.geo.partition.graph import AtomGraph
from gridgov.geo.partition.openings import closed, flooded, mended, opened
from gridgov.geo.partition.polish import polished
from gridgov.geo.partition.repair import Repaired, repair
from gridgov.geo.partition.solve import Cancelled
from gridgov.geo.partition.terrain import NOWHERE, lay_out, moved, outside, ways
from tests.property.geo.partition.tiny import Ints, in_one_piece, lattice

SIDE = 12


def town(per_atom: int = 20, side: int = SIDE) -> tuple[AtomGraph, Ints]:
    """side x side atoms, each grid a square of 4 x 4: nine grids (four at side 8) of 320 households at 20 an atom."""
    graph = lattice(side, side, np.full(side * side, per_atom))
    rows, columns = np.divmod(np.arange(side * side), side)
    return graph, (rows // 4 * (side // 4) + columns // 4).astype(np.int32)


def counted(graph: AtomGraph, **households: int) -> AtomGraph:
    """The same ground with other households at some atoms, named a0, a1 …"""
    made = graph.households.copy()
    for atom, number in households.items():
        made[int(atom[1:])] = number
    return replace(graph, households=made)


def fixed(graph: AtomGraph, before: Ints, **given: object) -> Repaired:
    settings: dict[str, object] = {"least": 270, "most": 370, "target": 320, "seed": 3, "effort": 0.5}
    return repair(graph, before, **(settings | given))  # type: ignore[arg-type]


def sizes_of(graph: AtomGraph, assignment: Ints) -> list[int]:
    return [int(graph.households[assignment == one].sum()) for one in np.unique(assignment)]


def test_nothing_moves_where_nothing_is_wrong() -> None:
    graph, before = town()
    made = fixed(graph, before)
    assert (made.assignment == before).all()
    assert (made.moved, made.bound.households, made.gap) == (0, 0, 1.0)
    assert made.in_band.all()
    assert not made.exceptions


def test_an_estate_hands_over_the_least_that_can_be_handed() -> None:
    graph, before = town()
    graph = counted(graph, a0=80)  # grid 0: 380 of at most 370
    assert max(sizes_of(graph, before)) > 370
    made = fixed(graph, before)
    assert made.in_band.all()
    assert in_one_piece(graph, made.assignment)
    assert made.moved == int(graph.households[made.assignment != before].sum()) == 20
    assert (made.bound.simple, made.bound.lumps, made.bound.households) == (10, 20, 20)
    assert made.grids.tolist() == list(range(9))
    assert made.households.tolist() == sizes_of(graph, made.assignment)


def test_the_same_seed_gives_the_same_repair_to_the_bit() -> None:
    graph, before = town()
    graph = counted(graph, a0=150, a143=150, a60=0, a61=0, a62=0)
    first, again = (fixed(graph, before, seed=9) for _ in range(2))
    assert (first.assignment == again.assignment).all()
    assert (first.moved, first.bound) == (again.moved, again.bound)


def test_what_has_to_pass_through_a_full_neighbour_does() -> None:
    graph = lattice(1, 12, np.array([20, 10, 15, 15, 10, 10, 10, 15, 10, 10, 10, 2]))
    before = np.repeat(np.arange(3, dtype=np.int32), 4)
    made = repair(graph, before, least=40, most=50, target=45, seed=1, grids=3)
    assert sizes_of(graph, before) == [60, 45, 32]
    assert sizes_of(graph, made.assignment) == [45, 45, 47]
    assert (made.bound.simple, made.bound.lumps) == (10, 10)
    assert made.moved == made.bound.households == 30  # 15 that the second cannot take without handing 15 on


def test_a_held_grid_neither_gives_nor_takes_and_says_so() -> None:
    graph, before = town()
    graph = counted(graph, a0=80)
    made = fixed(graph, before, held={0})
    assert ((made.assignment == 0) == (before == 0)).all()
    assert [(one.code, one.part, one.households) for one in made.exceptions] == [("held", 0, 380)]
    assert made.moved == 0
    assert fixed(graph, before).moved > 0
    beside = fixed(graph, before, held={1})
    assert ((beside.assignment == 1) == (before == 1)).all()
    assert beside.in_band.all()


def test_a_group_goes_as_a_whole_or_not_at_all() -> None:
    graph, before = town()
    graph = counted(graph, a3=60, a15=60)  # both at the edge of grids 0 and 1: 400 in grid 0
    groups = np.full(len(graph), -1)
    groups[[3, 15]] = 5
    made = fixed(graph, before, groups=groups)
    assert made.in_band.all()
    assert made.assignment[3] == made.assignment[15]
    alone = fixed(graph, before)
    assert alone.moved < 120
    groups[:] = np.where(before == 0, 7, -1)
    whole = fixed(graph, before, groups=groups)
    assert len(np.unique(whole.assignment[before == 0])) == 1
    assert [one.code for one in whole.exceptions] == ["large-atom"]


def test_atoms_of_no_grid_find_one_and_cost_nothing() -> None:
    graph, before = town()
    before = before.copy()
    before[[0, 1, 70]] = NOWHERE
    made = fixed(graph, before)
    assert (made.assignment != NOWHERE).all()
    assert made.moved == 0
    assert made.in_band.all()
    assert in_one_piece(graph, made.assignment)


def test_where_no_number_of_the_old_grids_would_do_one_is_opened() -> None:
    graph, before = town(side=8)
    graph = replace(graph, households=np.where(np.arange(64) % 8 == 0, 50, graph.households).astype(np.int32))
    assert graph.households.sum() > 4 * 370
    made = fixed(graph, before)
    assert made.opened == (4,)
    assert made.grids.tolist() == [0, 1, 2, 3, 4]
    assert made.in_band.all()
    assert in_one_piece(graph, made.assignment)
    assert made.moved >= made.bound.households >= 270


def test_where_too_few_are_left_a_grid_ends() -> None:
    graph, before = town(16, side=8)
    assert graph.households.sum() < 4 * 270
    made = fixed(graph, before)
    assert len(made.closed) == 1
    assert made.closed[0] not in made.assignment
    assert made.in_band.all()
    assert in_one_piece(graph, made.assignment)
    assert made.moved >= made.bound.households > 0


def test_as_many_grids_as_are_asked_for() -> None:
    graph, before = town(side=8)
    assert len(fixed(graph, before, grids=5).grids) == 5
    assert len(fixed(graph, before, grids=3).grids) == 3
    assert len(fixed(graph, before).grids) == 4


def test_a_grid_with_a_band_of_its_own_is_left_alone() -> None:
    graph, before = town()
    graph = counted(graph, a0=80)
    made = fixed(graph, before, bands={0: (270, 400)})
    assert made.moved == 0
    assert made.in_band.all()


def test_what_cannot_be_is_explained() -> None:
    graph, before = town(side=8)
    large = fixed(counted(graph, a0=500), before, grids=4)
    assert [(one.code, one.part) for one in large.exceptions][:1] == [("large-atom", 0)]
    short = fixed(replace(graph, households=np.full(64, 2, dtype=np.int32)), before, grids=4)
    assert {one.code for one in short.exceptions} == {"arithmetic"}
    assert len(short.exceptions) == 4


def test_a_grid_in_pieces_is_brought_together() -> None:
    graph, before = town()
    before = before.copy()
    before[143] = 0
    assert not in_one_piece(graph, before)
    assert in_one_piece(graph, fixed(graph, before).assignment)


def test_an_island_stays_with_the_grid_that_it_has() -> None:
    graph, before = town()
    n = len(graph)
    source, target = graph.source, graph.indices
    keep = (source < target) & (source != 143) & (target != 143)
    alone = AtomGraph.of_edges(
        source[keep], target[keep], graph.shared_m[keep], graph.on_street[keep], graph.bridge[keep],
        households=graph.households, block=graph.block, area_m2=graph.area_m2, perimeter_m=graph.perimeter_m,
    )  # fmt: skip
    made = fixed(alone, before)
    assert made.assignment[143] == before[143]
    assert len(made.assignment) == n


def test_cancelled_in_the_middle_nothing_comes_out() -> None:
    graph, before = town()
    graph = counted(graph, a0=80)
    heard: list[float] = []
    with pytest.raises(Cancelled):
        fixed(graph, before, progress=heard.append, cancelled=lambda: len(heard) >= 2)
    assert len(heard) == 2
    heard.clear()
    fixed(graph, before, progress=heard.append)
    assert heard[-1] == 1.0
    assert heard == sorted(heard)
    heard.clear()
    fixed(counted(graph, a0=400), before, progress=heard.append, effort=0.05)  # in vain: other numbers are tried too
    assert heard == sorted(heard)
    assert len(heard) > 20


@pytest.mark.parametrize(
    "wrong", [{"least": 0}, {"target": 500}, {"groups": np.zeros(3)}, {"price_per_household": 0.0}, {"effort": 0.0}]
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    graph, before = town()
    with pytest.raises(ValueError, match=r"band|values|above zero"):
        fixed(graph, before, **wrong)
    with pytest.raises(ValueError, match="nothing to repair"):
        fixed(graph, np.full(len(graph), NOWHERE, dtype=np.int32))


def test_the_way_to_an_atom_is_what_has_to_be_moved_to_reach_it() -> None:
    graph = lattice(1, 6, np.array([1, 2, 3, 4, 5, 6]))
    land = lay_out(graph, np.array([0, 0, 1, 1, 2, -1]), least=1, most=99).land
    assert ways(land, 0).tolist() == [0, 0, 3, 7, 12, 12]
    assert ways(land, 2).tolist() == [10, 9, 7, 4, 0, 0]
    held = lay_out(graph, np.array([0, 0, 1, 1, 2, -1]), least=1, most=99, held={1}).land
    assert np.isinf(ways(held, 0)[2:]).all()


def test_beginnings_are_in_one_piece() -> None:
    graph, before = town()
    ground = lay_out(graph, before, least=270, most=370, opened=(9,))
    starts = list(opened(ground.land, ground.land.home, 9))
    assert starts
    for part in starts:
        assert in_one_piece(graph, part)
        assert (part == 9).any()
    shared = list(closed(ground.land, ground.land.home))
    assert shared
    for grid, part in shared:
        assert in_one_piece(graph, part)
        assert grid not in part
    empty = np.where(before == 4, NOWHERE, before).astype(np.int32)
    assert (flooded(ground.land, empty) != NOWHERE).all()
    assert (mended(ground.land) == before).all()


def test_a_window_is_divided_better_than_it_was() -> None:
    graph, before = town()
    graph = counted(graph, a0=80)
    land = lay_out(graph, before, least=270, most=370).land
    clumsy = before.copy()
    clumsy[[3, 15]] = 1  # two atoms where one would do
    better = polished(land, clumsy, reach=1, nodes=50, rounds=10)
    assert moved(land, clumsy) == 40
    assert moved(land, better) == 20
    assert not outside(land, better).any()
    assert in_one_piece(graph, better)
