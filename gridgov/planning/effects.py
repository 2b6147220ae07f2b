"""What each operation would do to a sheet: atoms that go to other grids, grids and corners as they then are. Pure.

Owns which change an operation means, and whether it may be. Does not own carrying it out (`board`), nor where a line
divides a grid (`splitting`), where a boundary slides (`sliding`), what corners do to shapes (`corners`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gridgov.areas.rules import Kind
from gridgov.planning.contiguity import Members
from gridgov.planning.corners import CornerUnknown
from gridgov.planning.operations import (
    Assign,
    ChangeKind,
    ChangeTarget,
    Corner,
    Lock,
    Merge,
    MoveCorner,
    MoveEdge,
    Operation,
    Rename,
    Restore,
    Slide,
    Split,
)
from gridgov.planning.rules import NOBODY, GridDraft
from gridgov.planning.sliding import slid
from gridgov.planning.splitting import sides
from gridgov.planning.state import GridUnknown, Ints, NothingNamed, State
from gridgov.platform.errors import Conflict


class NumberTaken(Conflict):
    """There is a grid of this number."""

    code = "number-taken"


def effect(state: State, operation: Operation) -> Restore:
    """The change that an operation means. Raises what `Board.apply` says; writes nothing."""
    if isinstance(operation, Restore):
        return _checked(state, operation)
    if isinstance(operation, Lock | Rename | ChangeKind | ChangeTarget):
        return _said(state, operation)
    if isinstance(operation, MoveCorner | MoveEdge):
        return _moved(state, operation)
    return _drawn(state, operation)


def _said(state: State, operation: Lock | Rename | ChangeKind | ChangeTarget) -> Restore:
    """What is said of grids, apart from their ground."""
    if isinstance(operation, Lock):
        return _drafts(state, operation.grids, locked=operation.locked)
    if isinstance(operation, Rename):
        return _drafts(state, [operation.grid], names=dict(operation.names))
    if isinstance(operation, ChangeKind):
        return _drafts(state, [operation.grid], kind=operation.to)
    return _drafts(state, [operation.grid], target=operation.to)


def _drawn(state: State, operation: Assign | Split | Merge | Slide) -> Restore:
    if isinstance(operation, Assign):
        return _assign(state, operation)
    if isinstance(operation, Merge):
        return _merge(state, operation)
    if isinstance(operation, Split):
        return _split(state, operation)
    return _slide(state, operation)


def _assign(state: State, operation: Assign) -> Restore:
    atoms = state.named_atoms(operation.atoms)
    number = state.next_number() if operation.grid is None else operation.grid
    before = state.assignment[atoms]
    state.unlocked(np.unique(before[before != number]).tolist(), "atoms")
    if (before != number).any():
        state.unlocked([number], "grid")
    return _moving(state, atoms, number, _draft_for(state, number, before))


def _merge(state: State, operation: Merge) -> Restore:
    grids = sorted(set(operation.grids))
    if len(grids) < 2:
        raise NothingNamed("Merging takes two grids or more.", field="grids", remedy="Name another beside it.")
    drafts = [state.draft(number, "grids") for number in grids]
    into = operation.into
    if into is None:
        households = state.ground.graph.households
        into = max(drafts, key=lambda one: (int(households[state.members(one.number)].sum()), -one.number)).number
    elif into not in grids:
        raise GridUnknown(f"Grid {into} is not one of those to merge.", field="into", remedy="Name one of them.")
    state.unlocked(grids, "grids")
    atoms = np.flatnonzero(np.isin(state.assignment, grids))
    effect = _moving(state, atoms, into, state.grids[into])
    gone = dict.fromkeys((number for number in grids if number != into), None)
    return replace(effect, grids={**effect.grids, **gone})


def _split(state: State, operation: Split) -> Restore:
    """The side with more households keeps the number, of equals the left one."""
    draft = state.draft(operation.grid)
    state.unlocked([operation.grid], "grid")
    new = state.next_number() if operation.new is None else operation.new
    if new in state.grids:
        raise NumberTaken(f"There is a grid {new} already.", field="new", remedy="Give another number, or none.")
    left, right = sides(state.ground, state.drawing.shapes, state.members(operation.grid), operation.line)
    households = state.ground.graph.households
    leaving = right if households[left].sum() >= households[right].sum() else left
    return _moving(state, leaving, new, GridDraft(new, kind=draft.kind, target=draft.target))


def _slide(state: State, operation: Slide) -> Restore:
    """Atoms of both grids go to one or the other; none goes elsewhere and neither vanishes."""
    one, other = operation.grids
    if one == other:
        raise NothingNamed("A boundary lies between two grids.", field="grids", remedy="Name two different ones.")
    for number in operation.grids:
        state.draft(number, "grids")
    state.unlocked(operation.grids, "grids")
    to_one, to_other = slid(state, operation)
    atoms = {number: tuple(moving.tolist()) for number, moving in ((one, to_one), (other, to_other)) if len(moving)}
    return Restore(atoms)


def _moved(state: State, operation: MoveCorner | MoveEdge) -> Restore:
    drawing = state.drawing
    if isinstance(operation, MoveCorner):
        field, named, to = "to", [operation.corner], [operation.to]
        places = drawing.places(named, "corner")
    else:
        field, named = "by", list(dict.fromkeys(operation.corners))
        to = [(x + operation.by[0], y + operation.by[1]) for x, y in named]
        places = drawing.places(named, "corners")
        if len(named) < 2 or not drawing.joined(drawing.places(operation.corners, "corners")):
            raise CornerUnknown(
                "No border runs from each of these corners to the next.", field="corners",
                remedy="Give the corners of one border in their order.",
            )  # fmt: skip
    changes: dict[Corner, Corner | None] = {
        was: None if was == now else now for was, now in zip(places, to, strict=True)
    }
    redrawn = drawing.redrawn(changes)
    state.unlocked(np.unique(state.assignment[redrawn.atoms]).tolist(), "corner" if field == "to" else "corners")
    drawing.check(redrawn, field)
    return Restore(corners=changes)


def _drafts(state: State, numbers: Sequence[int], **values: Any) -> Restore:
    if not numbers:
        raise NothingNamed("No grid is named.", field="grids", remedy="Name at least one.")
    name = "grid" if len(numbers) == 1 else "grids"
    return Restore(grids={number: replace(state.draft(number, name), **values) for number in set(numbers)})


def _moving(state: State, atoms: Members, number: int, draft: GridDraft | None) -> Restore:
    """Atoms go to a grid (`draft`: as it then is); one that loses its last atom ceases to be."""
    moving = atoms[state.assignment[atoms] != number]
    grids: dict[int, GridDraft | None] = {}
    if len(moving) and draft is not None:
        grids[number] = draft
    left = state.assignment.copy()
    left[moving] = number
    for source in np.unique(state.assignment[moving]).tolist():
        if source != NOBODY and not (left == source).any():
            grids[source] = None
    return Restore({number: tuple(moving.tolist())} if len(moving) else {}, grids)


def _draft_for(state: State, number: int, before: Ints) -> GridDraft | None:
    """The grid of this number, or a new one that is as those are that its atoms come from, where they agree."""
    if number == NOBODY:
        return None
    if number in state.grids:
        return state.grids[number]
    sources = [state.grids[one] for one in np.unique(before).tolist() if one in state.grids]
    if len({(one.kind, one.target) for one in sources}) == 1 and sources[0].kind is not Kind.SPECIAL:
        return GridDraft(number, kind=sources[0].kind, target=sources[0].target)
    return GridDraft(number)


def _checked(state: State, operation: Restore) -> Restore:
    """Only what leaves every atom in a grid that there is."""
    named = [atom for atoms in operation.atoms.values() for atom in atoms]
    if named:
        state.named_atoms(named)
    after = {**state.grids, **operation.grids}
    kept = state.assignment.copy()
    kept[named] = NOBODY
    gone = [number for number, draft in operation.grids.items() if draft is None]
    wrong = _missing(operation.atoms, after) | set(kept[np.isin(kept, gone)].tolist())
    if wrong:
        raise GridUnknown(f"There is no grid {min(wrong)}.", field="atoms", remedy="Undo by the log of the sheet.")
    return operation


def _missing(numbers: Iterable[int], grids: dict[int, GridDraft | None]) -> set[int]:
    return {number for number in numbers if number != NOBODY and grids.get(number) is None}
