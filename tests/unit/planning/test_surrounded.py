"""Open cases and workers that change under a board: it measures as one that was made with them, at what changed."""

from __future__ import annotations

import numpy as np
import pytest

from gridgov.planning.board import Board
from gridgov.planning.measuring import Inputs, Measure
from gridgov.planning.operations import Assign
from gridgov.planning.rules import Target
from tests.unit.planning.grounds import bands, ground

TARGET = Target(300, 0.1)


def everything(board: Board) -> tuple[dict[int, dict[str, float]], dict[str, float]]:
    return {one: dict(board.metrics(one)) for one in board.sheet.grids}, dict(board.totals())


def test_a_board_that_was_told_of_changes_measures_as_a_new_one() -> None:
    on = ground()
    first = bands(on, 6)
    rng = np.random.default_rng(5)
    load = np.full(len(on), 0.5)
    board = Board(on, first, TARGET, inputs=Inputs(cases_month=load, original=first))
    for turn in range(12):
        cases = rng.integers(0, 4, len(on)) if turn else None
        workers = {int(one): float(rng.integers(1, 4)) for one in rng.choice(6, 2, replace=False) + 1}
        board.surrounded(open_cases=cases, workers=workers)
        if turn % 2:
            atoms = rng.choice(len(on), 9, replace=False)
            board.apply(Assign(tuple(int(one) for one in atoms), int(rng.integers(1, 7))))
        fresh = Board(
            on, board.sheet, TARGET, inputs=Inputs(cases_month=load, open_cases=cases, workers=workers, original=first)
        )
        assert everything(board) == everything(fresh), turn
        assert ("open_cases" in board.totals()) == (cases is not None)


def test_only_grids_that_they_change_for_are_measured_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    on = ground()
    first = bands(on, 6)
    cases = np.zeros(len(on), dtype=np.int64)
    board = Board(on, first, TARGET, inputs=Inputs(open_cases=cases, original=first))
    everything(board)
    made: list[int] = []
    real = Measure._make

    def making(self: Measure, number: int) -> object:
        made.append(number)
        return real(self, number)

    monkeypatch.setattr(Measure, "_make", making)
    more = cases.copy()
    more[board.members(3)[0]] = 7
    board.surrounded(open_cases=more, workers={5: 2.0})
    found, totals = everything(board)
    assert sorted(made) == [3, 5]
    assert (found[3]["open_cases"], totals["open_cases"]) == (7, 7)
    board.surrounded(open_cases=more.copy(), workers={5: 2.0})
    everything(board)
    assert sorted(made) == [3, 5], "the same again costs nothing"
