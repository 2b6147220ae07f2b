"""Random redrawing leaves no gap, no overlap and no lost household, is measured as from nothing, and is undone to the
byte; and boards that are broken on purpose are caught.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
import shapely

from gridgov.planning.board import Applied, Board
from gridgov.planning.corners import Drawing, Redrawn
from gridgov.planning.operations import Operation, Restore
from tests.property.planning.redrawing import SHARES, Planner

STEPS = 250
SOAK_WALKS, SOAK_STEPS, SOAK_DONE = 200, 800, 100_000


def _walk(planner: Planner, steps: int) -> Planner:
    for number in range(steps):
        planner.step(number)
    planner.undo_all()
    return planner


@pytest.mark.parametrize("seed", range(6))
def test_redrawing_at_random(seed: int) -> None:
    planner = _walk(Planner.on(seed), STEPS)
    assert sum(planner.counts[kind] for kind in SHARES) > STEPS / 3


@pytest.mark.parametrize("seed", range(4))
def test_redrawing_on_atoms_of_streets_and_houses(seed: int) -> None:
    planner = _walk(Planner.on_atoms(seed), STEPS)
    assert planner.counts["undo"]


def test_every_kind_of_operation_is_done_and_refused_somewhere() -> None:
    counts = sum(
        (_walk(Planner.on(seed, every=1000), 150).counts for seed in range(20, 26)), start=Planner.on(0).counts
    )
    assert all(counts[kind] for kind in SHARES)
    assert all(counts[f"refused {kind}"] for kind in SHARES if kind not in {"lock", "rename", "kind", "target"})


@pytest.mark.soak
def test_redrawing_a_hundred_thousand_times() -> None:
    counts: Counter[str] = Counter()
    for seed in range(1000, 1000 + SOAK_WALKS):
        counts += _walk(Planner.on(seed, every=50), SOAK_STEPS).counts
    assert sum(times for kind, times in counts.items() if not kind.startswith("refused")) > SOAK_DONE


class ForgetsAnAtom(Board):
    """Its inverse leaves an atom where it went."""

    def apply(self, operation: Operation) -> Applied:
        applied = super().apply(operation)
        atoms = {number: named[1:] for number, named in applied.inverse.atoms.items() if named[1:]}
        return replace(applied, inverse=replace(applied.inverse, atoms=atoms))


class ForgetsADraft(Board):
    """Its inverse does not bring names, locks and targets back."""

    def apply(self, operation: Operation) -> Applied:
        applied = super().apply(operation)
        grids = {number: one for number, one in applied.inverse.grids.items() if one is None}
        kept = {number: one for number, one in applied.inverse.grids.items() if number in applied.inverse.atoms}
        return replace(applied, inverse=replace(applied.inverse, grids=grids | kept))


class ForgetsCorners(Board):
    """Its inverse leaves corners where they went."""

    def apply(self, operation: Operation) -> Applied:
        applied = super().apply(operation)
        return replace(applied, inverse=replace(applied.inverse, corners={}))


class TouchesLess(Board):
    """Does not say all that it touched."""

    def apply(self, operation: Operation) -> Applied:
        applied = super().apply(operation)
        return replace(applied, touched=frozenset(sorted(applied.touched)[1:]))


class LosesAHousehold(Board):
    """Its sums forget what left."""

    def apply(self, operation: Operation) -> Applied:
        applied = super().apply(operation)
        if not isinstance(operation, Restore):
            for number in applied.touched:
                self._measure.tally.of(number)[1] -= 1
        return applied


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (ForgetsAnAtom, "undoing"),
        (ForgetsADraft, "undoing"),
        (ForgetsCorners, "undoing"),
        (TouchesLess, "touched and not said"),
        (LosesAHousehold, "households lost"),
    ],
)
def test_a_broken_board_is_caught(broken: type[Board], what: str) -> None:
    with pytest.raises(AssertionError, match=what):
        _walk(Planner.on(3, board=broken), STEPS)


def test_corners_that_cross_are_caught_if_nothing_refuses_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def let_through(self: Drawing, redrawn: Redrawn, field: str) -> None:
        return

    monkeypatch.setattr(Drawing, "check", let_through)
    with pytest.raises((AssertionError, shapely.errors.ShapelyError)):
        _walk(Planner.on(0, every=1), STEPS)


def test_a_measure_that_is_not_kept_up_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    planner = Planner.on(5, every=1)
    monkeypatch.setattr(planner.board._measure, "leave", lambda atoms: None)
    with pytest.raises(AssertionError):
        _walk(planner, STEPS)
