"""A sheet on its ground while it is being changed: atoms, grids and corners, and what may be named and touched. Pure.

Owns the state and the errors of naming what is not there or is locked. Does not own what operations do (`effects`), nor
what is measured (`measuring`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.planning.contiguity import Members
from gridgov.planning.corners import Drawing
from gridgov.planning.ground import Ground
from gridgov.planning.rules import NOBODY, AtomKind, GridDraft, Sheet, Target
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

    def drawn(self, members: Members) -> Members:
        """Of the atoms of a grid those that it has on the map: of parts of one building, lying upon each other, the
        ground goes to the grid with most of their households (of equals the lowest), and stands once.
        """
        if not self.stacks:
            return members
        number = int(self.assignment[members[0]]) if len(members) else NOBODY
        kept = members[self.stack_of[members] < 0]
        stacks = np.unique(self.stack_of[members])
        carried = [int(self.stacks[one][0]) for one in stacks[stacks >= 0].tolist() if self.carrier(one) == number]
        return np.sort(np.concatenate([kept, np.array(carried, dtype=kept.dtype)]))

    def carrier(self, stack: int) -> int:
        """The grid that has the ground of parts of a building on the map."""
        households: dict[int, int] = {}
        atoms = self.stacks[stack]
        counts = self.ground.graph.households[atoms].tolist()
        for number, count in zip(self.assignment[atoms].tolist(), counts, strict=True):
            households[number] = households.get(number, 0) + count
        real = {number: count for number, count in households.items() if number != NOBODY} or households
        return min(real, key=lambda number: (-real[number], number))

    @cached_property
    def stacks(self) -> list[Members]:
        """Parts of buildings that lie upon each other: two atoms or more of one shape."""
        found: dict[bytes, list[int]] = {}
        for atom, kind in enumerate(self.ground.kinds):
            if kind == AtomKind.UNIT:
                found.setdefault(shapely.to_wkb(self.ground.shapes[atom]), []).append(atom)
        return [np.array(atoms, dtype=np.intp) for atoms in found.values() if len(atoms) > 1]

    @cached_property
    def stack_of(self) -> Ints:
        """int32[n]: the place in `stacks`, -1 for most atoms."""
        of = np.full(len(self.ground), -1, dtype=np.int32)
        for number, atoms in enumerate(self.stacks):
            of[atoms] = number
        return of

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
