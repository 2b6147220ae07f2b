"""A hundred thousand random edits of large communities leave no gap and no overlap: a share always, all of them in the
soak; and boards that are broken on purpose are found."""

from __future__ import annotations

import sys
import time
from collections import Counter

import numpy as np
import pytest
import shapely
import shapely.affinity

from gridgov.planning.board import Applied, Board
from gridgov.planning.operations import MoveCorner, Operation
from gridgov.planning.state import State
from tests.property.planning.redrawing import SHARES
from tests.soak.edits import Walk, community, twice_area_cm2

SHARE, ALL, WALKS = 300, 100_000, 10
LARGE = (106, 100)  # columns and rows: a good ten thousand atoms
SEED = 7


def walked(board: Board, edits: int, *, every: int = 500, seed: int = SEED) -> Walk:
    walk = Walk(board, np.random.default_rng(seed), every)
    while walk.done < edits:
        walk.step()
    walk.whole()
    return walk


def test_a_share_of_them() -> None:
    walk = walked(community(*LARGE, SEED), SHARE, every=150)
    assert walk.counts["undo"]
    assert walk.counts["redo"]
    walk.replayed()
    walk.taken_back()


@pytest.mark.soak
def test_a_hundred_thousand() -> None:
    counts: Counter[str] = Counter()
    for seed in range(SEED, SEED + WALKS):
        began = time.perf_counter()
        walk = walked(community(*LARGE, seed), ALL // WALKS, seed=seed)
        walk.replayed()
        grids, corners, edits = len(walk.board.sheet.grids), len(walk.board.sheet.corners), walk.done
        counts += walk.counts
        walk.taken_back()
        sys.stdout.write(
            f"{edits:,} edits of {len(walk.board.ground):,} atoms, replayed and taken back in"
            f" {time.perf_counter() - began:,.0f} s: {grids} grids, {corners:,} corners moved\n"
        )
        sys.stdout.flush()
    sys.stdout.write(", ".join(f"{kind} {times:,}" for kind, times in sorted(counts.items())) + "\n")
    assert all(counts[kind] for kind in SHARES)
    assert sum(counts[kind] for kind in (*SHARES, "undo", "redo")) >= ALL


class LeavesACorner(Board):
    """One atom does not follow when a corner moves: a gap, or an overlap."""

    def apply(self, operation: Operation) -> Applied:
        before = self.atom_shapes().copy()
        applied = super().apply(operation)
        moved = self.state.drawing.atoms_at(applied.inverse.corners)
        if isinstance(operation, MoveCorner) and len(moved):
            self.state.drawing.shapes[moved[0]] = before[moved[0]]
        return applied


@pytest.fixture
def small() -> Board:
    return community(16, 14, SEED)


def test_a_corner_that_one_atom_does_not_follow_is_found() -> None:
    with pytest.raises(AssertionError, match=r"ground lost or won|overlap or leave gaps"):
        walked(community(16, 14, SEED, LeavesACorner), SHARE)


def test_an_overlap_that_keeps_the_area_is_found(small: Board) -> None:
    """What the sum of areas cannot see, the coverage does: two corners of one atom go by the same, nothing follows."""
    walk = Walk(small, np.random.default_rng(SEED))
    shapes = small.atom_shapes()
    atom = len(shapes) // 2
    shapes[atom] = shapely.affinity.translate(shapes[atom], 1.0, 0.5)
    assert twice_area_cm2(shapes[atom]) == walk.area[atom]
    with pytest.raises(AssertionError, match="overlap or leave gaps"):
        walk.covers(np.array([atom], dtype=np.intp))
    with pytest.raises(AssertionError, match="overlap or leave gaps"):
        walk.whole()


def test_a_lock_that_does_not_hold_is_found(small: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(State, "unlocked", lambda _self, _numbers, _field: None)
    with pytest.raises(AssertionError, match="a locked grid changed"):
        walked(small, SHARE)


def test_a_log_that_lost_a_line_is_found(small: Board) -> None:
    walk = walked(small, SHARE)
    walk.replayed()
    walk.log.pop()
    with pytest.raises(AssertionError, match="the log leads elsewhere"):
        walk.replayed()
