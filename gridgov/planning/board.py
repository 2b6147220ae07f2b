"""One sheet on its ground in memory: operations are applied and undone, and every change is measured. Pure.

Owns carrying operations out, their inverses, what they touched. Does not own what an operation means (`effects`), nor
what is measured (`measuring`, `metrics`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgov.areas.rules import Kind
from gridgov.planning.content import Remembered, Shape
from gridgov.planning.contiguity import Members
from gridgov.planning.effects import effect
from gridgov.planning.findings import Finding, blocking
from gridgov.planning.ground import Ground
from gridgov.planning.measuring import Inputs, Measure
from gridgov.planning.operations import Operation, Restore
from gridgov.planning.rules import NOBODY, Sheet, Target
from gridgov.planning.state import AtomUnknown, GridLocked, GridUnknown, NothingNamed, State

__all__ = ["Applied", "AtomUnknown", "Board", "GridLocked", "GridUnknown", "Inputs", "NothingNamed", "publishable"]


@dataclass(frozen=True)
class Applied:
    """What an operation did: its `inverse` (applied, it takes the sheet back to the byte; its own inverse does the
    operation again, exactly), the numbers of the grids whose ground or draft it changed (`NOBODY` among them where
    atoms came from none or went to none), and what there is to say of these. An operation that changed nothing touched
    nothing, and its inverse is empty.
    """

    inverse: Restore
    touched: frozenset[int]
    findings: tuple[Finding, ...]


class Board:
    """A sheet that is being drawn on. Not safe to share between threads. An error leaves it as it was.

    `inputs`: what it is measured with; `remembered`: shared among boards, grids seen before cost nothing.
    """

    def __init__(
        self,
        ground: Ground,
        sheet: Sheet,
        target: Target,
        *,
        inputs: Inputs | None = None,
        remembered: Remembered | None = None,
    ) -> None:
        self.ground, self.target, self.inputs = ground, target, inputs or Inputs()
        self.state = State(ground, sheet, target)
        self._measure = Measure(self.state, self.inputs, remembered or Remembered())
        self._sheet: Sheet | None = sheet

    @property
    def sheet(self) -> Sheet:
        """As it now stands; never written to again."""
        if self._sheet is None:
            self._sheet = self.state.sheet()
        return self._sheet

    def apply(self, operation: Operation) -> Applied:
        """Does it. Raises `AtomUnknown`, `GridUnknown`, `GridLocked`, `NothingNamed`, `NumberTaken` (`effects`),
        `LineMisses` (`splitting`), `NothingToSlide` (`sliding`), `CornerUnknown`, `CornerOnBorder`, `LineCrossed`,
        `BuildingLeftOut` (`corners`); then nothing has changed.
        """
        return self._put(effect(self.state, operation))

    def surrounded(self, *, open_cases: NDArray[np.integer] | None, workers: Mapping[int, float]) -> None:
        """Measures from now on with these; only grids that they change for are measured anew."""
        self.inputs = self._measure.surrounded(open_cases, workers)

    # ---------------------------------------------------------------------------------------------------- what there is

    def members(self, number: int) -> Members:
        """The atoms of a grid, ascending; with `NOBODY` those of none."""
        return self._measure.members(number)

    def shape(self, number: int) -> Shape:
        """The ground of a grid as one shape in metres; empty for one without any. Raises `GridUnknown`."""
        self.state.draft(number)
        return self._measure.content(number).shape

    def shapes(self) -> dict[int, Shape]:
        """Of every grid, by number."""
        return {number: self._measure.content(number).shape for number in sorted(self.state.grids)}

    def atom_shapes(self) -> Any:
        """Polygon or MultiPolygon[n]: the atoms as they are drawn, with corners moved."""
        return self.state.drawing.shapes

    def metrics(self, number: int) -> Mapping[str, float]:
        """Metrics of one grid by name; those without a value are left out. Raises `GridUnknown`."""
        self.state.draft(number)
        return self._measure.values(number)

    def totals(self) -> Mapping[str, float]:
        """Metrics over the sheet, and `grids`, `unassigned_atoms`, `unassigned_households`."""
        return self._measure.totals()

    def findings(self) -> tuple[Finding, ...]:
        """All there is to say of the sheet as it stands, grid by grid."""
        found = [one for number in sorted(self.state.grids) for one in self._measure.findings_of(number)]
        return (*found, *self._measure.unassigned(), *self._measure.divided(self._measure.groups))

    # ----------------------------------------------------------------------------------------------------- carrying out

    def _put(self, change: Restore) -> Applied:
        """The inverse is what stood where it wrote."""
        state = self.state
        moving = _pairs(change.atoms)
        moving = moving[state.assignment[moving[:, 0]] != moving[:, 1]]
        grids = {number: one for number, one in change.grids.items() if state.grids.get(number) != one}
        corners = {was: now for was, now in change.corners.items() if state.drawing.corners.get(was) != now}
        inverse = Restore(
            _by_grid(moving[:, 0], state.assignment[moving[:, 0]]),
            {number: state.grids.get(number) for number in grids},
            {was: state.drawing.corners.get(was) for was in corners},
        )
        redrawn = state.drawing.redrawn(corners)
        atoms = np.union1d(moving[:, 0], redrawn.atoms).astype(np.intp)
        before = self._whose(atoms)
        special = {number for number in before if self._special(number)}

        self._measure.leave(atoms)
        state.assignment[moving[:, 0]] = moving[:, 1]
        for number, draft in grids.items():
            if draft is None:
                state.grids.pop(number, None)
            else:
                state.grids[number] = draft
        if corners:
            state.drawing.put(corners, redrawn)
        touched = frozenset(before | self._whose(atoms) | set(grids))
        self._measure.enter(atoms, touched)
        if touched:
            self._sheet = None
        special |= {number for number in self._whose(atoms) if self._special(number)}
        return Applied(inverse, touched, self._findings(touched, atoms, special))

    def _findings(self, touched: frozenset[int], atoms: Members, special: set[int]) -> tuple[Finding, ...]:
        measure = self._measure
        found = [one for number in sorted(touched & set(self.state.grids)) for one in measure.findings_of(number)]
        if NOBODY in touched:
            found += measure.unassigned()
        groups = {self.ground.groups[atom] for atom in atoms.tolist()} - {""}
        return (*found, *measure.divided(groups), *measure.special(special, atoms))

    def _whose(self, atoms: Members) -> set[int]:
        return set(np.unique(self.state.assignment[atoms]).tolist())

    def _special(self, number: int) -> bool:
        draft = self.state.grids.get(number)
        return draft is not None and draft.kind is Kind.SPECIAL


def publishable(board: Board) -> tuple[Finding, ...]:
    """What keeps a sheet from being published; empty: nothing does."""
    return blocking(board.findings())


def _pairs(atoms: Mapping[int, Iterable[int]]) -> Any:
    """int64[k, 2]: atom and grid."""
    pairs = [(atom, number) for number, named in atoms.items() for atom in named]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _by_grid(atoms: Any, numbers: Any) -> dict[int, tuple[int, ...]]:
    return {number: tuple(np.sort(atoms[numbers == number]).tolist()) for number in np.unique(numbers).tolist()}
