"""One community of ten thousand atoms, edited at random by somebody who also takes back and does again; all is checked.

Owns the walk and its checks: exact ones on the arrays after each step, the whole coverage every so many. Does not own
which operations there are to draw from, nor what is measured (`tests/property/planning/redrawing.py`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.planning.board import Board
from gridgov.planning.corners import CM
from gridgov.planning.operations import Lock, Operation, Restore, Split, operation_of
from gridgov.planning.rules import Sheet, Target
from gridgov.platform.errors import GridgovError
from tests.property.planning.redrawing import Planner, inputs_for
from tests.unit.planning.grounds import bands, ground

TARGET = Target(300, 0.1)
UNDO, REDO = 0.15, 0.5  # how often a step takes back; how often one that follows does again

Longs = NDArray[np.int64]


def community(columns: int, rows: int, seed: int, board: type[Board] = Board) -> Board:
    """A board on a made community; 106 x 100 are a good ten thousand atoms in more than four hundred grids."""
    on = ground(columns, rows, seed=seed, joined=0.06)
    sheet = bands(on, max(2, round(int(on.households.sum()) / TARGET.households)))
    return board(on, sheet, TARGET, inputs=inputs_for(on, sheet, np.random.default_rng(seed)))


def twice_area_cm2(shape: Any) -> int:
    """Twice the area of a shape in whole square centimetres, exactly: corners are whole centimetres."""
    total = 0
    for part in shapely.get_parts(shape):
        total += _shoelace(part.exterior) - sum(_shoelace(ring) for ring in part.interiors)
    return total


def _shoelace(ring: Any) -> int:
    at = np.rint(shapely.get_coordinates(ring) * CM).astype(np.int64)
    at -= at[0]
    return abs(int((at[:-1, 0] * at[1:, 1] - at[1:, 0] * at[:-1, 1]).sum()))


class Draughtsman(Planner):
    """Splits a grid through its own ground: a line anywhere would miss nearly every one of four hundred."""

    def _split(self) -> Split:
        number = self._grid()
        if number not in self.board.sheet.grids or not len(self.board.members(number)):
            return super()._split()
        x, y = self.board.shape(number).centroid.coords[0]
        angle, far = self.rng.uniform(0, np.pi), 5_000.0
        east, north = float(far * np.cos(angle)), float(far * np.sin(angle))
        return Split(number, ((x - east, y - north), (x + east, y + north)))


@dataclass
class Walk:
    """Edits, undoing and doing again. `log`: everything that changed the sheet, in its order, as it is written down."""

    board: Board
    rng: np.random.Generator
    every: int = 500
    counts: Counter[str] = field(default_factory=Counter)
    log: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    undo: list[tuple[Restore, bytes]] = field(default_factory=list)
    redo: list[tuple[Restore, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.planner = Draughtsman(self.board, self.rng)
        self.first = self.board.sheet
        self.area = np.array([twice_area_cm2(shape) for shape in self.board.atom_shapes()], dtype=np.int64)
        self.ground_cm2 = int(self.area.sum())
        self.digest = self.first.digest()

    @property
    def done(self) -> int:
        """Edits that changed something, undoing and doing again among them."""
        return sum(times for kind, times in self.counts.items() if not kind.startswith(("refused", "nothing")))

    def step(self) -> None:
        """One edit; refused ones count for nothing."""
        if self.redo and self.rng.random() < REDO:
            self._back(self.redo, self.undo, "redo")
        elif self.undo and self.rng.random() < UNDO:
            self._back(self.undo, self.redo, "undo")
        else:
            self._edit()
        if self.done and self.done % self.every == 0:
            self.whole()

    def _edit(self) -> None:
        operation = self.planner.operation()
        before = self.board.sheet
        try:
            inverse = self._apply(operation)
        except GridgovError:
            assert self.board.sheet.digest() == self.digest, "refused, and yet something changed"
            self.counts[f"refused {operation.kind}"] += 1
            return
        if inverse is None:
            self.counts[f"nothing {operation.kind}"] += 1
            return
        self.counts[operation.kind] += 1
        self._locks(operation, before)
        self.undo.append((inverse, self.digest))
        self.digest = self.board.sheet.digest()
        self.redo.clear()

    def _back(self, stack: list[tuple[Restore, bytes]], other: list[tuple[Restore, bytes]], name: str) -> None:
        inverse, digest = stack.pop()
        again = self._apply(inverse)
        assert again is not None, f"{name} did nothing"
        other.append((again, self.digest))
        assert self.board.sheet.digest() == digest, f"{name} does not lead where it came from"
        self.digest = digest
        self.counts[name] += 1

    def _apply(self, operation: Operation) -> Restore | None:
        """Its inverse, after everything was checked; None where it changed nothing."""
        applied = self.board.apply(operation)
        if not applied.touched:
            return None
        self.log.append((operation.kind, operation.document()))
        self.covers(self.board.state.drawing.atoms_at(applied.inverse.corners))
        self.planner.holds()
        return applied.inverse

    # ------------------------------------------------------------------------------------------------- what is checked

    def covers(self, atoms: NDArray[np.intp]) -> None:
        """Where corners moved: what one atom lost another won, to the square centimetre; and these and those around
        them neither overlap nor leave a gap."""
        if not len(atoms):
            return
        shapes, graph = self.board.atom_shapes(), self.board.ground.graph
        self.area[atoms] = [twice_area_cm2(shapes[atom]) for atom in atoms]
        assert int(self.area.sum()) == self.ground_cm2, "ground lost or won"
        around = [graph.indices[graph.indptr[atom] : graph.indptr[atom + 1]] for atom in atoms]
        near = np.unique(np.concatenate([atoms, *around]))
        assert shapely.coverage_is_valid(shapes[near]), "atoms overlap or leave gaps"

    def _locks(self, operation: Operation, before: Sheet) -> None:
        if isinstance(operation, Lock):
            return
        moved = before.assignment != self.board.sheet.assignment
        touched = {*before.assignment[moved].tolist(), *self.board.sheet.assignment[moved].tolist()}
        locked = {number for number, draft in before.grids.items() if draft.locked}
        assert not touched & locked, "a locked grid changed"

    def whole(self) -> None:
        """The coverage of atoms and of grids, its union against the community's border, and all metrics anew."""
        self.planner.tiles()
        self.planner.measured_anew()
        self.counts["nothing: whole coverages checked"] += 1

    def replayed(self) -> None:
        """The log, read from what was written down, leads to the same sheet on a fresh board."""
        fresh = Board(self.board.ground, self.first, self.board.target, inputs=self.board.inputs)
        for kind, document in self.log:
            fresh.apply(operation_of(kind, document))
        assert fresh.sheet.digest() == self.digest, "the log leads elsewhere"

    def taken_back(self) -> None:
        """Undoing has no limit: everything that stands is taken back, to the byte."""
        while self.undo:
            self._back(self.undo, self.redo, "undo")
        assert self.digest == self.first.digest()
        self.whole()
