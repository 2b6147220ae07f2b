"""Sliding a boundary: cheapest within the band, handing over, along a street; and what cannot slide."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

import numpy as np
import pytest
import shapely

from gridgov.planning.board import Board, GridLocked, GridUnknown
from gridgov.planning.operations import Assign, Lock, Slide
from gridgov.planning.rules import GridDraft, Sheet, Target
from gridgov.planning.sliding import GridsApart, HandOverTooLarge, NothingToSlide
from gridgov.platform.errors import GridgovError
from tests.unit.planning.grounds import BLOCK, SOUTH_M, STEP_M, WEST_M, bands, ground

COLUMNS, ROWS = 12, 8


def _halves(at: float, target: Target, **more: object) -> Board:
    """Two grids left and right of columns `at` of an even ground, one household an atom."""
    on = ground(COLUMNS, ROWS, joined=0.0, households=np.ones(COLUMNS * ROWS, dtype=int), **more)  # type: ignore[arg-type]
    x = shapely.get_x(on.labels)
    assignment = np.where(x < WEST_M + at * STEP_M, 1, 2).astype(np.int32)
    return Board(on, Sheet(assignment, {1: GridDraft(1), 2: GridDraft(2)}), target)


def test_the_boundary_goes_to_the_street_that_lies_within_the_band() -> None:
    board = _halves(6, Target(48, 0.4))
    before = board.totals()
    board.apply(Slide((1, 2)))
    after = board.totals()
    assert after["on_street"] == 1.0 > before["on_street"]
    assert after["boundary_price"] < before["boundary_price"] / 2
    assert {len(board.members(1)), len(board.members(2))} == {4 * ROWS, 8 * ROWS}


def test_the_band_holds_it_back_from_the_street() -> None:
    board = _halves(6, Target(48, 0.1))
    with suppress(NothingToSlide):
        board.apply(Slide((1, 2)))
    assert board.metrics(1)["in_band"] == board.metrics(2)["in_band"] == 1.0


def test_no_atom_handed_over_singly_would_make_a_cheaper_boundary() -> None:
    on = ground(20, 16, seed=5)
    for grids in range(8, 12):
        board = Board(on, bands(on, grids), Target(300, 2.0))  # a band that nothing leaves
        here, there = _neighbours(board)
        board.apply(Slide((here, there)))
        price = board.totals()["boundary_price"]
        for atom in [*board.members(here)[:-1].tolist(), *board.members(there)[:-1].tolist()]:
            whose = int(board.sheet.assignment[atom])
            undo = board.apply(Assign((atom,), here + there - whose)).inverse
            moved = board.totals()
            if moved["contiguity"] == 1.0:
                assert moved["boundary_price"] >= price - 0.02 * len(on)  # prices are cut in whole centimetres
            board.apply(undo)


def _neighbours(board: Board) -> tuple[int, int]:
    """Two grids that touch and whose boundary is not the cheapest."""
    graph, assignment = board.ground.graph, board.sheet.assignment
    for one, other in sorted(
        set(zip(assignment[graph.source].tolist(), assignment[graph.indices].tolist(), strict=True))
    ):
        if one < other:
            with suppress(NothingToSlide):
                board.apply(board.apply(Slide((one, other))).inverse)
                return one, other
    raise AssertionError("every boundary is the cheapest")


@pytest.mark.parametrize("households", [0, 8, 16, 24])
def test_about_as_many_go_as_were_asked_for(households: int) -> None:
    board = _halves(6, Target(48, 0.1))
    before = board.metrics(1)["households"]
    try:
        board.apply(Slide((1, 2), households=households))
    except NothingToSlide:
        assert households == 0
    gone = before - board.metrics(1)["households"]
    assert abs(gone - households) <= 3  # a twentieth of the target, and a household
    assert board.metrics(1)["contiguity"] == board.metrics(2)["contiguity"] == 1.0


def test_it_follows_the_street_that_was_named_whatever_the_band() -> None:
    board = _halves(6, Target(48, 0.05))
    street = next(
        line for line in board.ground.streets if abs(line.coords[0][0] - WEST_M - BLOCK * STEP_M) < STEP_M / 2
    )
    applied = board.apply(Slide((1, 2), street=tuple((x, y) for x, y in street.coords)))
    assert board.totals()["on_street"] == 1.0
    assert len(board.members(1)) == BLOCK * ROWS
    assert {str(finding.kind) for finding in applied.findings} == {"off-target"}


def test_what_must_stay_together_goes_together_or_stays() -> None:
    free = _halves(6, Target(48, 0.4))
    free.apply(Slide((1, 2)))
    graph, before, after = free.ground.graph, _halves(6, Target(48, 0.4)).sheet.assignment, free.sheet.assignment
    now_apart = after[graph.source] < after[graph.indices]
    together = before[graph.source] == before[graph.indices]
    edge = int(np.flatnonzero(now_apart & together)[0])
    group = dict.fromkeys(_ends(free, edge), "三组")  # together now, and the cheapest boundary would part them
    tied = _halves(6, Target(48, 0.4), groups=group)
    tied.apply(Slide((1, 2)))
    assert len({int(tied.sheet.assignment[atom]) for atom in group}) == 1
    assert tied.totals()["boundary_price"] > free.totals()["boundary_price"]


def _ends(board: Board, edge: int) -> tuple[int, int]:
    return int(board.ground.graph.source[edge]), int(board.ground.graph.indices[edge])


@pytest.mark.parametrize(
    ("operation", "error", "field"),
    [
        (Slide((1, 1)), GridgovError, "grids"),
        (Slide((1, 9)), GridUnknown, "grids"),
        (Slide((1, 3)), GridLocked, "grids"),
        (Slide((1, 4)), GridsApart, "grids"),
        (Slide((1, 2), households=10**6), HandOverTooLarge, "households"),
        (Slide((1, 2), street=((0.0, 0.0), (1.0, 1.0))), NothingToSlide, "street"),
    ],
)
def test_what_cannot_slide_names_field_and_remedy(operation: Slide, error: type[GridgovError], field: str) -> None:
    on = ground(COLUMNS, ROWS, joined=0.0)
    column = ((shapely.get_x(on.labels) - WEST_M) // (3 * STEP_M)).astype(np.int32) + 1
    board = Board(on, Sheet(column, {number: GridDraft(number) for number in range(1, 5)}), Target(100, 0.5))
    board.apply(Lock((3,)))
    before = board.sheet.digest()
    with pytest.raises(error) as caught:
        board.apply(operation)
    assert caught.value.field == field
    assert caught.value.remedy
    assert board.sheet.digest() == before


def test_sliding_again_finds_nothing_better() -> None:
    board = _halves(6, Target(48, 0.4))
    board.apply(Slide((1, 2)))
    with pytest.raises(NothingToSlide):
        board.apply(Slide((1, 2)))


def test_the_streets_of_the_ground_do_run_between_its_blocks() -> None:
    on = ground(COLUMNS, ROWS, joined=0.0)
    street = on.streets[0]
    assert abs(street.coords[0][1] - SOUTH_M - BLOCK * STEP_M) < STEP_M
    assert all(one[0] < other[0] for one, other in pairwise(street.coords))


def test_no_grid_is_slid_away() -> None:
    """A grid on both sides of another: what is wanted is met nearest if the one between went."""
    on = ground(3, 1, joined=0.0, households=np.array([10, 1, 10]))
    sheet = Sheet(np.array([1, 2, 1], dtype=np.int32), {1: GridDraft(1), 2: GridDraft(2)})
    board = Board(on, sheet, Target(1, 0.0))
    with suppress(NothingToSlide):
        board.apply(Slide((1, 2), households=0))
    assert set(board.sheet.assignment.tolist()) == {1, 2}


def test_where_both_cannot_be_in_their_bands_they_come_out_about_as_far_from_them() -> None:
    board = _halves(9, Target(100, 0.1))  # 96 households for two times 90 to 110
    board.apply(Slide((1, 2)))
    here, there = board.metrics(1)["households"], board.metrics(2)["households"]
    assert abs(here - there) <= 2 * 5  # in steps of a twentieth of the target
