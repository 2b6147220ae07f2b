"""Splitting a grid by a line: each atom whole on the side where it lies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely import Point

from gridgov.areas.rules import Kind
from gridgov.planning.board import Board, GridLocked, GridUnknown
from gridgov.planning.effects import NumberTaken
from gridgov.planning.operations import ChangeKind, Lock, Split
from gridgov.planning.rules import GridDraft, Sheet, Target
from gridgov.planning.splitting import LineMisses
from gridgov.platform.errors import GridgovError
from tests.unit.planning.grounds import SOUTH_M, STEP_M, WEST_M, ground

COLUMNS, ROWS = 12, 8
MIDDLE = WEST_M + 6 * STEP_M
ACROSS = ((MIDDLE, SOUTH_M - 50), (MIDDLE, SOUTH_M + ROWS * STEP_M + 50))


def _board(**more: object) -> Board:
    on = replace(ground(COLUMNS, ROWS, joined=0.0), **more)  # type: ignore[arg-type]
    whole = np.ones(len(on), dtype=np.int32)
    whole[-1] = 2
    return Board(on, Sheet(whole, {1: GridDraft(1), 2: GridDraft(2)}), Target(300, 0.1))


def test_each_atom_goes_where_most_of_its_area_lies() -> None:
    board = _board()
    before = board.members(1)
    applied = board.apply(Split(1, ACROSS))
    west = shapely.box(WEST_M - 100, SOUTH_M - 100, MIDDLE, SOUTH_M + 1e4)
    shapes = board.ground.shapes[before]
    is_west = shapely.area(shapely.intersection(shapes, west)) > shapely.area(shapes) / 2
    sides = [set(board.members(number).tolist()) for number in sorted(applied.touched)]
    assert sorted(map(sorted, sides)) == sorted(
        map(sorted, (set(before[is_west].tolist()), set(before[~is_west].tolist())))
    )
    assert (shapely.intersects(shapes, shapely.LineString(ACROSS)) & is_west).any()  # some were cut


def test_the_side_with_more_households_keeps_the_number_and_the_other_is_as_it_was() -> None:
    board = _board()
    board.apply(ChangeKind(1, Kind.SPECIAL))
    board.apply(Split(1, ((WEST_M + 2.5 * STEP_M, SOUTH_M - 9), (WEST_M + 2.5 * STEP_M, SOUTH_M + 999)), new=70))
    assert len(board.members(70)) < len(board.members(1))
    assert board.sheet.grids[70].kind is Kind.SPECIAL


def test_a_building_goes_where_its_label_lies_even_if_most_of_its_cell_does_not() -> None:
    plain = _board()
    plain.apply(Split(1, ACROSS))
    cut = [
        atom for atom in range(COLUMNS * ROWS - 1)
        if plain.ground.shapes[atom].intersects(shapely.LineString(ACROSS))
    ]  # fmt: skip
    labels = plain.ground.labels.copy()
    labels[cut] = [Point(MIDDLE - 0.01, label.y) for label in labels[cut]]
    board = _board(labels=labels, kinds=("building",) * len(plain.ground))
    board.apply(Split(1, ACROSS))
    west = int(board.sheet.assignment[0])
    assert all(board.sheet.assignment[atom] == west for atom in cut)
    assert any(plain.sheet.assignment[atom] != plain.sheet.assignment[0] for atom in cut)  # the control


def test_a_line_that_crosses_twice_parts_what_lies_left_from_what_lies_right() -> None:
    board = _board()
    x, top = WEST_M + 3 * STEP_M, SOUTH_M + ROWS * STEP_M + 30
    line = ((x, SOUTH_M - 30), (x, top), (x + 4 * STEP_M, top), (x + 4 * STEP_M, SOUTH_M - 30))
    applied = board.apply(Split(1, line))
    other = max(applied.touched)
    columns = {
        number: {int((board.ground.labels[atom].x - WEST_M) // STEP_M) for atom in board.members(number)}
        for number in (1, other)
    }
    middle = {3, 4, 5, 6}
    assert columns[1].isdisjoint(columns[other])
    assert middle in (columns[1], columns[other])
    kinds = [str(one.kind) for one in applied.findings if one.grids in {(1,), (other,)}]
    assert "not-contiguous" in kinds  # said, not refused


@pytest.mark.parametrize(
    ("operation", "error", "field"),
    [
        (Split(1, ((0.0, 0.0), (1.0, 1.0))), LineMisses, "line"),
        (Split(1, ((MIDDLE, SOUTH_M - 50), (MIDDLE, SOUTH_M + 100))), LineMisses, "line"),
        (Split(1, ((WEST_M - 1, SOUTH_M + 3), (WEST_M + 2, SOUTH_M - 3))), LineMisses, "line"),
        (Split(9, ACROSS), GridUnknown, "grid"),
        (Split(2, ACROSS), GridLocked, "grid"),
        (Split(1, ACROSS, new=2), NumberTaken, "new"),
    ],
)
def test_what_cannot_be_split_names_field_and_remedy(operation: Split, error: type[GridgovError], field: str) -> None:
    board = _board()
    board.apply(Lock((2,)))
    before = board.sheet.digest()
    with pytest.raises(error) as caught:
        board.apply(operation)
    assert caught.value.field == field
    assert caught.value.remedy
    assert board.sheet.digest() == before
