"""A sheet on its ground while it is being changed: atoms, grids and corners, and what may be named and touched. Pure.

Owns the state and the errors of naming what is not there or is locked. Does not own what operations do (`effects`), nor
what is measured (`measuring`).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from gridgov.planning.contiguity import Members
from gridgov.planning.corners import Drawing
from gridgov.planning.ground import Ground
from gridgov.planning.rules import GridDraft, Sheet, Target
from gridgov.platform.errors import BadInput, Conflict, NotFound

Ints = NDArray[np.int32]


class AtomUnknown(NotFound):
    code = "atom-unknown"


class GridUnknown(NotFound):
    code = "grid-unknown"


class GridLocked(Conflict):
    """The ground of this grid stays as it is."""

    code = "grid-locked"


class NothingNamed(BadInput):
    """An operation on nothing."""

    code = "nothing-named"


class State:
    """`assignment` int32[n], `grids` by number, `drawing` with the corners moved. Only the board writes to it."""

    def __init__(self, ground: Ground, sheet: Sheet, target: Target) -> None:
        if len(sheet.assignment) != len(ground):
            raise ValueError(f"a sheet of {len(sheet.assignment)} atoms does not lie on a ground of {len(ground)}")
        self.ground, self.target = ground, target
        self.assignment: Ints = np.array(sheet.assignment, dtype=np.int32)
        self.grids: dict[int, GridDraft] = dict(sheet.grids)
        self.drawing = Drawing(ground, sheet.corners)

    def sheet(self) -> Sheet:
        """A copy that nothing writes to."""
        assignment = self.assignment.copy()
        assignment.flags.writeable = False
        return Sheet(assignment, dict(self.grids), dict(self.drawing.corners))

    def members(self, number: int) -> Members:
        """The atoms of a grid, ascending."""
        return np.flatnonzero(self.assignment == number)

    # ------------------------------------------------------------------------------------------------ what may be named

    def next_number(self) -> int:
        """The number that a new grid gets."""
        return max(0, max(self.grids, default=0), int(self.assignment.max(initial=0))) + 1

    def draft(self, number: int, field: str = "grid") -> GridDraft:
        """The grid of a number. Raises `GridUnknown`."""
        found = self.grids.get(number)
        if found is None:
            raise GridUnknown(f"There is no grid {number} here.", field=field, remedy="Name one of this sheet.")
        return found

    def target_of(self, number: int) -> Target:
        """A grid's own target, or the plan's."""
        draft = self.grids.get(number)
        return self.target if draft is None or draft.target is None else draft.target

    def named_atoms(self, atoms: Iterable[int]) -> Members:
        """Atoms once each, ascending. Raises `NothingNamed`, `AtomUnknown`."""
        named = np.unique(np.fromiter(atoms, dtype=np.int64))
        if not len(named):
            raise NothingNamed("No atom is named.", field="atoms", remedy="Choose at least one.")
        if named[0] < 0 or named[-1] >= len(self.ground):
            wrong = named[-1] if named[-1] >= len(self.ground) else named[0]
            raise AtomUnknown(
                f"There is no atom {wrong} in this basis.", field="atoms", remedy=f"0 to {len(self.ground) - 1}."
            )
        return named.astype(np.intp)

    def unlocked(self, numbers: Iterable[int], field: str) -> None:
        """Raises `GridLocked`."""
        for number in numbers:
            draft = self.grids.get(number)
            if draft is not None and draft.locked:
                raise GridLocked(f"Grid {number} is locked.", field=field, remedy="Unlock it first, or leave it out.")
