"""Metrics by hand on a small ground, the printed registry, and what the memory of grids seen before saves."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import shapely

from gridgov.planning import metrics
from gridgov.planning.board import Board, Inputs
from gridgov.planning.content import Remembered
from gridgov.planning.operations import Assign, ChangeTarget, Merge, Split
from gridgov.planning.rules import NOBODY, GridDraft, Sheet, Target
from tests.unit.planning.grounds import BLOCK, SOUTH_M, STEP_M, WEST_M, bands, ground

COLUMNS, ROWS = 8, 4
ROOT = Path(__file__).parents[3]


def _board(inputs: Inputs | None = None, remembered: Remembered | None = None) -> Board:
    """Two grids left and right of a street; households 1, 2, 3 … by atom."""
    on = ground(COLUMNS, ROWS, joined=0.0, households=np.arange(1, COLUMNS * ROWS + 1))
    return Board(on, _halves(on), Target(200, 0.1), inputs=inputs, remembered=remembered)


def _halves(on: object) -> Sheet:
    column = np.tile(np.arange(COLUMNS), ROWS)
    return Sheet(np.where(column < BLOCK, 1, 2).astype(np.int32), {1: GridDraft(1), 2: GridDraft(2)})


def test_each_metric_of_a_grid_by_hand() -> None:
    n = COLUMNS * ROWS
    point = np.array([shapely.Point(WEST_M, SOUTH_M)])
    board = _board(
        Inputs(cases_month=np.full(n, 0.5), open_cases=np.ones(n, dtype=int), workers={1: 2.0}, service_points=point)
    )
    on, members = board.ground, board.members(1)
    shape = shapely.union_all(on.shapes[members])
    households = on.households[members]
    expected = {
        "households": households.sum(),
        "deviation": households.sum() / 200 - 1,
        "in_band": float(180 <= households.sum() <= 220),
        "cases_month": 8.0,
        "worker_load": 4.0,
        "compactness": 4 * math.pi * shape.area / shape.length**2,
        "reock": shape.area / (math.pi * shapely.minimum_bounding_radius(shape) ** 2),
        "hull_ratio": shape.area / shape.convex_hull.area,
        "on_street": 1.0,
        "boundary_price": on.streets[-1].length,
        "contiguity": 1.0,
        "holes": 0.0,
        "open_cases": 16.0,
        "service_distance": (shapely.distance(on.labels[members], point[0]) * households).sum() / households.sum(),
    }
    assert dict(board.metrics(1)) == pytest.approx(expected, rel=1e-4)
    assert list(board.metrics(1)) == [name for name in metrics.NAMES if name in expected]


def test_what_was_not_given_has_no_metric_rather_than_nought() -> None:
    named = set(_board().metrics(1))
    missing = {"cases_month", "worker_load", "households_moved", "open_cases", "open_cases_moved", "service_distance"}
    assert named == set(metrics.NAMES) - missing


def test_a_border_off_the_streets_costs_three_times_and_is_no_street() -> None:
    board = _board()
    atom = BLOCK - 1  # beside the street: the atom's other borders come in its place
    board.apply(Assign((atom,), 2))
    graph, edges = board.ground.graph, slice(board.ground.graph.indptr[atom], board.ground.graph.indptr[atom + 1])
    street = board.ground.streets[-1].length - float(graph.shared_m[edges][graph.on_street[edges]].sum())
    off = float(graph.shared_m[edges][~graph.on_street[edges]].sum())
    assert board.metrics(1)["on_street"] == pytest.approx(street / (street + off))
    assert board.metrics(1)["boundary_price"] == pytest.approx(street + 3 * off)
    assert board.totals()["boundary_price"] == pytest.approx(street + 3 * off)


def test_households_and_cases_that_moved_are_counted_where_they_came_to() -> None:
    n = COLUMNS * ROWS
    board = _board()
    board = Board(
        board.ground, board.sheet, board.target,
        inputs=Inputs(open_cases=np.full(n, 2), original=board.sheet),
    )  # fmt: skip
    assert board.totals()["households_moved"] == 0
    board.apply(Assign((0, 1), 2))
    assert (board.metrics(2)["households_moved"], board.metrics(2)["open_cases_moved"]) == (3, 4)
    assert board.metrics(1)["households_moved"] == 0
    board.apply(Assign((2,), NOBODY))
    assert (board.totals()["households_moved"], board.totals()["open_cases_moved"]) == (6, 6)
    board.apply(Assign((0, 1, 2), 1))
    assert board.totals()["households_moved"] == 0


def test_a_number_that_another_area_takes_is_not_the_grid_that_had_it() -> None:
    board = _board()
    original = Sheet(board.sheet.assignment, {1: GridDraft(1, area_id=11), 2: GridDraft(2, area_id=12)})
    taken = Sheet(board.sheet.assignment, {1: GridDraft(1, area_id=11), 2: GridDraft(2)})
    board = Board(board.ground, taken, board.target, inputs=Inputs(original=original))
    assert board.metrics(1)["households_moved"] == 0
    assert board.metrics(2)["households_moved"] == board.metrics(2)["households"]


def test_totals_are_sums_means_and_shares_of_the_grids() -> None:
    board = _board()
    board.apply(Assign((0,), NOBODY))
    each, whole = [board.metrics(number) for number in (1, 2)], board.totals()
    assert whole["households"] == sum(one["households"] for one in each)
    assert whole["compactness"] == pytest.approx(sum(one["compactness"] for one in each) / 2)
    assert whole["deviation"] == pytest.approx(sum(abs(one["deviation"]) for one in each) / 2)
    assert (whole["grids"], whole["unassigned_atoms"], whole["unassigned_households"]) == (2, 1, 1)


def test_a_grid_of_its_own_target_is_measured_by_that() -> None:
    board = _board()
    board.apply(ChangeTarget(1, Target(int(board.metrics(1)["households"]), 0.0)))
    assert (board.metrics(1)["deviation"], board.metrics(1)["in_band"]) == (0.0, 1.0)


def test_a_grid_that_was_seen_before_is_not_measured_again() -> None:
    remembered = Remembered()
    board = _board(remembered=remembered)
    board.totals()
    applied = board.apply(Assign((0, 1), 2))
    board.totals()
    made = remembered.made
    board.apply(applied.inverse)
    board.totals()
    assert remembered.made == made
    board.apply(Assign((5,), 1))  # the control: what was never seen is made
    board.totals()
    assert remembered.made > made
    again, made = _board(remembered=remembered), remembered.made
    again.totals()
    assert remembered.made == made


def test_other_cases_other_metrics_from_one_memory() -> None:
    remembered, n = Remembered(), COLUMNS * ROWS
    one = _board(Inputs(cases_month=np.ones(n)), remembered)
    other = _board(Inputs(cases_month=np.full(n, 2.0)), remembered)
    assert other.metrics(1)["cases_month"] == 2 * one.metrics(1)["cases_month"]


def test_the_memory_forgets_what_was_longest_unused() -> None:
    remembered = Remembered(most=2)
    for key in ("a", "b", "a", "c"):
        remembered.get(key, object)
    made = remembered.made
    remembered.get("a", object)
    assert remembered.made == made
    remembered.get("b", object)
    assert remembered.made == made + 1


def test_a_grid_of_many_tiles_has_the_shape_of_all_its_atoms() -> None:
    on = ground(34, 30, seed=4)
    half = np.where(shapely.get_x(on.labels) < on.outline.centroid.x, 1, 2).astype(np.int32)
    board = Board(on, Sheet(half, {1: GridDraft(1), 2: GridDraft(2)}), Target())
    for _ in range(2):
        for number in (1, 2):
            expected = shapely.coverage_union_all(list(on.shapes[board.members(number)]))
            assert shapely.equals(board.shape(number), expected)
        board.apply(Assign(tuple(board.members(1)[::9].tolist()), 2))


def test_the_registry_is_printed_as_it_is() -> None:
    printed = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert metrics.table() in printed
    assert metrics.table(metrics.METRICS[1:]) not in printed


def test_every_metric_says_what_it_is() -> None:
    assert len(set(metrics.NAMES)) == len(metrics.NAMES)
    for one in metrics.METRICS:
        assert one.version >= 1
        assert all([one.unit, one.zh, one.en, one.definition, one.whole_is, one.source]), one.name


def test_all_shapes_at_once_tile_the_community() -> None:
    on = ground()
    board = Board(on, bands(on, 7), Target())
    board.apply(Merge((1, 2)))
    west, south, east, north = board.shape(3).bounds
    board.apply(Split(3, (((west + east) / 2, south - 9), ((west + east) / 2, north + 9))))
    shapes = board.shapes()
    assert sorted(shapes) == sorted(board.sheet.grids)
    assert shapely.coverage_is_valid(np.array(list(shapes.values()), dtype=object))
    assert sum(shape.area for shape in shapes.values()) == pytest.approx(on.outline.area)
    assert STEP_M > 0
