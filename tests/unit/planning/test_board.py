"""A board: what each operation does, what takes it back, and what is refused with everything left as it was."""

from __future__ import annotations

import numpy as np
import pytest

from gridgov.areas.rules import Kind
from gridgov.planning.board import AtomUnknown, Board, GridLocked, GridUnknown, NothingNamed
from gridgov.planning.operations import (
    Assign,
    ChangeKind,
    ChangeTarget,
    Lock,
    Merge,
    Operation,
    Rename,
)
from gridgov.planning.rules import NOBODY, Target
from gridgov.platform.errors import GridgovError
from tests.unit.planning.grounds import bands, ground

TARGET = Target(300, 0.1)


@pytest.fixture
def board() -> Board:
    on = ground()
    return Board(on, bands(on, 6), TARGET)


OPERATIONS: list[Operation] = [
    Assign((0, 1, 2), 4),
    Assign((5, 6)),
    Assign((7,), NOBODY),
    Assign((9, 10), 77),
    Merge((1, 2, 3)),
    Merge((1, 2), into=2),
    Lock((1, 2)),
    Rename(3, {"zh": "第三网格"}),
    ChangeKind(3, Kind.RURAL),
    ChangeTarget(3, Target(200, 0.2)),
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.kind)
def test_an_operation_changes_the_sheet_and_its_inverse_takes_that_back_to_the_byte(
    board: Board, operation: Operation
) -> None:
    before = board.sheet.digest()
    applied = board.apply(operation)
    after = board.sheet.digest()
    assert after != before
    assert applied.touched
    redo = board.apply(applied.inverse).inverse
    assert board.sheet.digest() == before
    board.apply(redo)
    assert board.sheet.digest() == after


def test_a_grid_that_loses_its_last_atom_ceases_and_comes_back_with_its_name(board: Board) -> None:
    board.apply(Rename(2, {"zh": "老名字"}))
    inverse = board.apply(Assign(tuple(board.members(2).tolist()), 1)).inverse
    assert 2 not in board.sheet.grids
    board.apply(inverse)
    assert board.sheet.grids[2].names == {"zh": "老名字"}


def test_a_new_grid_is_as_those_that_it_comes_from(board: Board) -> None:
    board.apply(ChangeKind(2, Kind.RURAL))
    board.apply(ChangeTarget(2, Target(80, 0.3)))
    made = board.apply(Assign((int(board.members(2)[0]),))).touched
    draft = board.sheet.grids[max(made)]
    assert (draft.kind, draft.target) == (Kind.RURAL, Target(80, 0.3))


@pytest.mark.parametrize(
    ("operation", "error", "field"),
    [
        (Assign((), 1), NothingNamed, "atoms"),
        (Assign((10**6,), 1), AtomUnknown, "atoms"),
        (Assign((-1,), 1), AtomUnknown, "atoms"),
        (Merge((1,)), NothingNamed, "grids"),
        (Merge((1, 99)), GridUnknown, "grids"),
        (Merge((1, 2), into=3), GridUnknown, "into"),
        (Merge((1, 5)), GridLocked, "grids"),
        (Lock(()), NothingNamed, "grids"),
        (Rename(99, {}), GridUnknown, "grid"),
        (Assign((0,), 5), GridLocked, "grid"),
    ],
)
def test_what_cannot_be_done_names_field_and_remedy_and_changes_nothing(
    board: Board, operation: Operation, error: type[GridgovError], field: str
) -> None:
    board.apply(Lock((5,)))
    before = board.sheet.digest()
    with pytest.raises(error) as caught:
        board.apply(operation)
    assert caught.value.field == field
    assert caught.value.remedy
    assert board.sheet.digest() == before


def test_atoms_of_a_locked_grid_stay(board: Board) -> None:
    board.apply(Lock((5,)))
    atom = int(board.members(5)[0])
    with pytest.raises(GridLocked):
        board.apply(Assign((atom,), 1))
    board.apply(Lock((5,), locked=False))
    board.apply(Assign((atom,), 1))
    assert board.sheet.assignment[atom] == 1


def test_the_sheet_that_was_handed_in_is_never_written_to() -> None:
    on = ground()
    sheet = bands(on, 3)
    before = sheet.assignment.copy()
    Board(on, sheet, TARGET).apply(Assign((0, 1), 3))
    assert np.array_equal(sheet.assignment, before)
