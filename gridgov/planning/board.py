"""One sheet on its ground in memory: operations are applied and undone, and every change is measured. Pure.

Owns what an operation does to the sheet, its inverse, and who may not be touched. Does not own where atoms go when a
boundary slides or a grid is split (`sliding`, `splitting`), what corners do to shapes (`corners`), nor what is measured
(`metrics`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgov.areas.rules import Kind
from gridgov.planning.ground import Ground
from gridgov.planning.operations import (
    Assign,
    ChangeKind,
    ChangeTarget,
    Corner,
    Lock,
    Merge,
    Operation,
    Rename,
    Restore,
)
from gridgov.planning.rules import NOBODY, GridDraft, Sheet, Target
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


@dataclass(frozen=True)
class Applied:
    """What an operation did: its `inverse` (applied, it takes the sheet back to the byte), the numbers of the grids
    whose ground or draft it changed (`NOBODY` among them where atoms came from none or went to none), what there is to
    say about them. An operation that changed nothing touched nothing.
    """

    inverse: Restore
    touched: frozenset[int]
    findings: tuple[object, ...]


class Board:
    """A sheet that is being drawn on. Not safe to share between threads. An error leaves it as it was."""

    def __init__(self, ground: Ground, sheet: Sheet, target: Target) -> None:
        if len(sheet.assignment) != len(ground):
            raise ValueError(f"a sheet of {len(sheet.assignment)} atoms does not lie on a ground of {len(ground)}")
        self.ground, self.target = ground, target
        self._assignment: Ints = np.array(sheet.assignment, dtype=np.int32)
        self._grids: dict[int, GridDraft] = dict(sheet.grids)
        self._corners: dict[Corner, Corner] = dict(sheet.corners)
        self._sheet: Sheet | None = sheet

    @property
    def sheet(self) -> Sheet:
        """As it now stands."""
        if self._sheet is None:
            assignment = self._assignment.copy()
            assignment.flags.writeable = False
            self._sheet = Sheet(assignment, dict(self._grids), dict(self._corners))
        return self._sheet

    def apply(self, operation: Operation) -> Applied:
        """Does it. Raises `AtomUnknown`, `GridUnknown`, `GridLocked`, `NothingNamed`, and what the kind of operation
        has of its own (`splitting`, `sliding`, `corners`); then nothing has changed.
        """
        return self._put(self._effect(operation))

    def members(self, number: int) -> NDArray[np.intp]:
        """The atoms of a grid, ascending."""
        return np.flatnonzero(self._assignment == number)

    # ------------------------------------------------------------------------------------------ what an operation does

    def _effect(self, operation: Operation) -> Restore:
        if isinstance(operation, Lock | Rename | ChangeKind | ChangeTarget):
            return self._said(operation)
        if isinstance(operation, Assign):
            return self._assign(operation)
        if isinstance(operation, Merge):
            return self._merge(operation)
        if isinstance(operation, Restore):
            return self._checked(operation)
        raise NotImplementedError(operation.kind)

    def _said(self, operation: Lock | Rename | ChangeKind | ChangeTarget) -> Restore:
        """What is said of grids, apart from their ground."""
        if isinstance(operation, Lock):
            return self._drafts(operation.grids, locked=operation.locked)
        if isinstance(operation, Rename):
            return self._drafts([operation.grid], names=dict(operation.names))
        if isinstance(operation, ChangeKind):
            return self._drafts([operation.grid], kind=operation.to)
        return self._drafts([operation.grid], target=operation.to)

    def _assign(self, operation: Assign) -> Restore:
        atoms = self._atoms(operation.atoms)
        number = self.next_number() if operation.grid is None else operation.grid
        before = self._assignment[atoms]
        self._unlocked(np.unique(before[before != number]).tolist(), "atoms")
        if (before != number).any():
            self._unlocked([number], "grid")
        return self._moving(atoms, number, self._draft_for(number, before))

    def _merge(self, operation: Merge) -> Restore:
        grids = sorted(set(operation.grids))
        if len(grids) < 2:
            raise NothingNamed("Merging takes two grids or more.", field="grids", remedy="Name another beside it.")
        drafts = [self.draft(number, "grids") for number in grids]
        into = operation.into
        if into is None:
            into = max(drafts, key=lambda one: (self._households(one.number), -one.number)).number
        elif into not in grids:
            raise GridUnknown(f"Grid {into} is not one of those to merge.", field="into", remedy="Name one of them.")
        self._unlocked(grids, "grids")
        atoms = np.flatnonzero(np.isin(self._assignment, grids))
        effect = self._moving(atoms, into, self._grids[into])
        gone = dict.fromkeys((number for number in grids if number != into), None)
        return replace(effect, grids={**effect.grids, **gone})

    def _drafts(self, numbers: Sequence[int], **values: Any) -> Restore:
        if not numbers:
            raise NothingNamed("No grid is named.", field="grids", remedy="Name at least one.")
        name = "grid" if len(numbers) == 1 else "grids"
        return Restore(grids={number: replace(self.draft(number, name), **values) for number in set(numbers)})

    def _moving(self, atoms: NDArray[np.intp], number: int, draft: GridDraft | None) -> Restore:
        """Atoms go to a grid (`draft`: as it then is); one that loses its last atom ceases to be."""
        moving = atoms[self._assignment[atoms] != number]
        grids: dict[int, GridDraft | None] = {}
        if len(moving) and draft is not None:
            grids[number] = draft
        left = self._assignment.copy()
        left[moving] = number
        for source in np.unique(self._assignment[moving]).tolist():
            if source != NOBODY and not (left == source).any():
                grids[source] = None
        return Restore({number: tuple(moving.tolist())} if len(moving) else {}, grids)

    def _draft_for(self, number: int, before: Ints) -> GridDraft | None:
        """The grid of this number, or a new one that is as those are that its atoms come from, where they agree."""
        if number == NOBODY:
            return None
        if number in self._grids:
            return self._grids[number]
        sources = [self._grids[one] for one in np.unique(before).tolist() if one in self._grids]
        if len({(one.kind, one.target) for one in sources}) == 1 and sources[0].kind is not Kind.SPECIAL:
            return GridDraft(number, kind=sources[0].kind, target=sources[0].target)
        return GridDraft(number)

    def _checked(self, effect: Restore) -> Restore:
        named = [atom for atoms in effect.atoms.values() for atom in atoms]
        if named:
            self._atoms(named)
        after = {number for number in self._grids if effect.grids.get(number, True) is not None}
        after |= {number for number, one in effect.grids.items() if one is not None}
        gone = [number for number, one in effect.grids.items() if one is None]
        kept = self._assignment.copy()
        kept[named] = NOBODY
        wrong = sorted((set(effect.atoms) - after - {NOBODY}) | set(kept[np.isin(kept, gone)].tolist()))
        if wrong:
            raise GridUnknown(f"There is no grid {wrong[0]}.", field="atoms", remedy="Undo by the log of the sheet.")
        return effect

    def _put(self, effect: Restore) -> Applied:
        """Carries an effect out; the inverse is what stood where it wrote."""
        before: dict[int, list[int]] = {}
        touched: set[int] = set()
        for number, atoms in effect.atoms.items():
            at = np.asarray(atoms, dtype=np.intp)
            at = at[self._assignment[at] != number]
            for atom, was in zip(at.tolist(), self._assignment[at].tolist(), strict=True):
                before.setdefault(was, []).append(atom)
            touched |= {number} if len(at) else set()
            self._assignment[at] = number
        grids = {number: one for number, one in effect.grids.items() if self._grids.get(number) != one}
        corners = {was: now for was, now in effect.corners.items() if self._corners.get(was) != now}
        inverse = Restore(
            {number: tuple(sorted(atoms)) for number, atoms in before.items()},
            {number: self._grids.get(number) for number in grids},
            {was: self._corners.get(was) for was in corners},
        )
        _write(self._grids, grids)
        _write(self._corners, corners)
        touched |= set(before) | set(grids)
        if touched or corners:
            self._sheet = None
        return Applied(inverse, frozenset(touched), ())

    # ---------------------------------------------------------------------------------------------------- what there is

    def next_number(self) -> int:
        """The number that a new grid gets."""
        return max(0, max(self._grids, default=0), int(self._assignment.max(initial=0))) + 1

    def draft(self, number: int, field: str = "grid") -> GridDraft:
        """The grid of a number. Raises `GridUnknown`."""
        found = self._grids.get(number)
        if found is None:
            raise GridUnknown(
                f"There is no grid {number} on this sheet.", field=field, remedy="Name one that there is."
            )
        return found

    def _households(self, number: int) -> int:
        return int(self.ground.graph.households[self.members(number)].sum())

    def _atoms(self, atoms: Iterable[int]) -> NDArray[np.intp]:
        named = np.unique(np.fromiter(atoms, dtype=np.int64))
        if not len(named):
            raise NothingNamed("No atom is named.", field="atoms", remedy="Choose at least one.")
        if named[0] < 0 or named[-1] >= len(self.ground):
            wrong = named[-1] if named[-1] >= len(self.ground) else named[0]
            raise AtomUnknown(
                f"There is no atom {wrong} in this basis.", field="atoms", remedy=f"0 to {len(self.ground) - 1}."
            )
        return named.astype(np.intp)

    def _unlocked(self, numbers: Iterable[int], field: str) -> None:
        for number in numbers:
            draft = self._grids.get(number)
            if draft is not None and draft.locked:
                raise GridLocked(f"Grid {number} is locked.", field=field, remedy="Unlock it first, or leave it out.")


def _write(into: dict[Any, Any], changes: Mapping[Any, Any]) -> None:
    for key, value in changes.items():
        if value is None:
            into.pop(key, None)
        else:
            into[key] = value
