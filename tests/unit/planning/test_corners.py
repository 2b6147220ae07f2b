"""Corners and edges moved by hand: all atoms that have them move, the coverage stays, and what cannot be is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely import Polygon

from gridgov.planning.board import Board, GridLocked
from gridgov.planning.corners import BuildingLeftOut, CornerOnBorder, CornerUnknown, LineCrossed
from gridgov.planning.operations import Corner, Lock, MoveCorner, MoveEdge
from gridgov.planning.rules import GridDraft, Sheet, Target
from gridgov.platform.errors import GridgovError
from tests.unit.planning.grounds import SOUTH_M, STEP_M, WEST_M, borders, ground

COLUMNS, ROWS = 5, 4


def _board() -> Board:
    """A board of even squares, two grids left and right of the second column."""
    on = ground(COLUMNS, ROWS, joined=0.0, households=np.ones(COLUMNS * ROWS, dtype=int))
    shapes = np.array(
        [
            Polygon([(x, y), (x + STEP_M, y), (x + STEP_M, y + STEP_M), (x, y + STEP_M)])
            for y in SOUTH_M + np.arange(ROWS) * STEP_M
            for x in WEST_M + np.arange(COLUMNS) * STEP_M
        ]
    )
    graph = replace(
        on.graph, area_m2=shapely.area(shapes), perimeter_m=shapely.length(shapes),
        shared_m=np.full(len(on.graph.shared_m), STEP_M),
    )  # fmt: skip
    outline = shapely.coverage_union_all(list(shapes))
    on = replace(on, graph=graph, shapes=shapes, labels=shapely.centroid(shapes), outline=outline)  # type: ignore[arg-type]
    whose = np.where(shapely.get_x(on.labels) < WEST_M + 2 * STEP_M, 1, 2).astype(np.int32)
    return Board(on, Sheet(whose, {1: GridDraft(1), 2: GridDraft(2)}), Target(10, 0.5))


def _at(column: int, row: int) -> Corner:
    return round((WEST_M + column * STEP_M) * 100), round((SOUTH_M + row * STEP_M) * 100)


def test_every_atom_that_has_the_corner_moves_and_nothing_else() -> None:
    board = _board()
    x, y = _at(2, 2)
    board.apply(MoveCorner((x, y), (x + 500, y - 300)))
    moved = [
        atom for atom in range(len(board.ground))
        if not board.atom_shapes()[atom].equals_exact(board.ground.shapes[atom], 0.0)
    ]  # fmt: skip
    assert moved == [6, 7, 11, 12]
    assert shapely.coverage_is_valid(board.atom_shapes())
    assert dict(board.sheet.corners) == {(x, y): (x + 500, y - 300)}


def test_areas_perimeters_and_shared_metres_are_those_of_the_shapes_as_drawn() -> None:
    board = _board()
    for column, row, east, north in ((1, 1, 700, 100), (2, 2, 500, -300), (3, 1, -200, 900), (2, 1, 100, 100)):
        x, y = _at(column, row)
        board.apply(MoveCorner((x, y), (x + east, y + north)))
    for number in (1, 2):
        shape = board.shape(number)
        compact = 4 * np.pi * shape.area / shape.length**2
        assert board.metrics(number)["compactness"] == pytest.approx(compact, rel=1e-7)
    a, b, shared = borders(board.atom_shapes())
    graph = board.ground.graph
    kept = {(int(one), int(other)): metres for one, other, metres in zip(a, b, shared, strict=True)}
    now = {
        (one, other): metres / 1e6
        for one, other, metres in zip(
            graph.source.tolist(), graph.indices.tolist(), board.state.drawing.shared.tolist(), strict=True
        )
        if one < other
    }
    assert now == pytest.approx(kept, abs=1e-5)


def test_a_corner_that_goes_back_where_it_was_leaves_no_trace() -> None:
    board = _board()
    before = board.sheet.digest()
    x, y = _at(2, 2)
    board.apply(MoveCorner((x, y), (x + 500, y)))
    board.apply(MoveCorner((x + 500, y), (x + 100, y + 40)))
    assert board.sheet.corners == {(x, y): (x + 100, y + 40)}
    board.apply(MoveCorner((x + 100, y + 40), (x, y)))
    assert board.sheet.digest() == before
    assert not board.state.drawing.marks


def test_an_edge_moves_as_a_whole() -> None:
    board = _board()
    edge = tuple(_at(2, row) for row in (1, 2, 3))
    applied = board.apply(MoveEdge(edge, (600, 0)))
    assert applied.touched == {1, 2}
    assert board.state.drawing.atoms_at(edge).tolist() == [1, 2, 6, 7, 11, 12, 16, 17]
    assert shapely.coverage_is_valid(board.atom_shapes())
    assert board.shape(1).area == pytest.approx(2 * ROWS * STEP_M**2 + 6 * (2 * STEP_M + STEP_M))


@pytest.mark.parametrize(
    ("operation", "error", "field"),
    [
        (MoveCorner((1, 1), (2, 2)), CornerUnknown, "corner"),
        (MoveCorner(_at(0, 2), (2, 2)), CornerOnBorder, "corner"),
        (MoveCorner(_at(2, 0), (2, 2)), CornerOnBorder, "corner"),
        (MoveCorner(_at(2, 2), _at(5, 2)), LineCrossed, "to"),
        (MoveCorner(_at(2, 2), _at(2, 1)), LineCrossed, "to"),
        (MoveCorner(_at(2, 2), (_at(2, 2)[0] + 1600, _at(2, 2)[1] + 1600)), BuildingLeftOut, "to"),
        (MoveEdge((_at(2, 2), _at(3, 3)), (1, 1)), CornerUnknown, "corners"),
        (MoveEdge((_at(2, 2),), (1, 1)), CornerUnknown, "corners"),
        (MoveEdge((_at(2, 0), _at(2, 1)), (1, 1)), CornerOnBorder, "corners"),
        (MoveEdge((_at(2, 1), _at(2, 2)), (9000, 0)), LineCrossed, "by"),
    ],
)
def test_what_cannot_be_moved_names_field_and_remedy_and_changes_nothing(
    operation: MoveCorner | MoveEdge, error: type[GridgovError], field: str
) -> None:
    board = _board()
    before = board.sheet.digest()
    with pytest.raises(error) as caught:
        board.apply(operation)
    assert caught.value.field == field
    assert caught.value.remedy
    assert board.sheet.digest() == before
    assert shapely.equals_exact(board.atom_shapes(), board.ground.shapes).all()


def test_where_nobody_lives_the_label_may_come_to_lie_outside() -> None:
    kinds, nobody = ("open",) * (COLUMNS * ROWS), np.zeros(COLUMNS * ROWS, dtype=np.int32)
    board = _board()
    ground = replace(board.ground, kinds=kinds, graph=replace(board.ground.graph, households=nobody))
    board = Board(ground, board.sheet, board.target)
    x, y = _at(2, 2)
    board.apply(MoveCorner((x, y), (x + 1600, y + 1600)))
    assert board.sheet.corners


def test_the_ground_of_a_locked_grid_stays() -> None:
    board = _board()
    board.apply(Lock((2,)))
    with pytest.raises(GridLocked):
        board.apply(MoveCorner(_at(2, 2), (_at(2, 2)[0] + 100, _at(2, 2)[1])))
    board.apply(MoveCorner(_at(1, 2), (_at(1, 2)[0] + 100, _at(1, 2)[1])))


def test_a_sheet_with_corners_is_drawn_as_it_was_when_it_is_read_again() -> None:
    board = _board()
    board.apply(MoveEdge(tuple(_at(2, row) for row in (1, 2)), (300, 200)))
    again = Board(board.ground, board.sheet, board.target)
    assert shapely.equals_exact(again.atom_shapes(), board.atom_shapes()).all()
    assert again.metrics(1) == board.metrics(1)
