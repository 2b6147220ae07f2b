"""Drawing in one part of a plan: operations, undoing and doing again, a whole sheet, other ground below it.

Owns the log of a part: appended, never changed; undoing appends the inverse. Whoever draws names the revision they saw;
one that is not the last is refused and told what happened since. Does not own what an operation does (`board`), nor
reading and proving the log (`history`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.auth.rules import Actor
from gridgov.planning import drafts, history
from gridgov.planning.board import Applied, Board
from gridgov.planning.drafts import Boards, PartFacts
from gridgov.planning.findings import Finding
from gridgov.planning.history import REBASE, Line, stored
from gridgov.planning.operations import Operation, Restore, operation_of
from gridgov.planning.queries import drafts as queries
from gridgov.planning.rebasing import Carried, carry
from gridgov.planning.rules import Sheet
from gridgov.platform.errors import BadInput, Conflict, GridgovError

SNAPSHOT_EACH = 100
SHOWN = 20  # of the operations that a conflict tells


class SheetMovedOn(Conflict):
    """Somebody has drawn in this part since it was read; `changes` says who, what and in which grids."""

    code = "sheet-moved-on"


class NothingToUndo(Conflict):
    code = "nothing-to-undo"


class NothingToRedo(Conflict):
    code = "nothing-to-redo"


class GroundIsNewest(Conflict):
    """The part lies on the newest basis with its newest count."""

    code = "ground-is-newest"


@dataclass(frozen=True, slots=True)
class Done:
    """What was drawn: the revision and digest after it, the grids it touched, what it `changed` as it now stands, what
    the board says of the last of it; of an undoing or a doing again also the line that it was about. `changed` is None
    where other ground lies below: then all is to be read anew."""

    revision: int
    digest: bytes
    touched: frozenset[int]
    findings: tuple[Finding, ...] = ()
    changed: Restore | None = None
    about: Line | None = None


@dataclass(frozen=True, slots=True)
class _Step:
    operation: Operation
    undoes: int | None = None
    redoes: int | None = None


@dataclass(frozen=True)
class _Drawing:
    """A part that is kept for a change, its board, and who draws."""

    session: Session
    actor: Actor | None
    facts: PartFacts
    board: Board
    now: datetime


def operate(
    session: Session,
    actor: Actor | None,
    part_id: int,
    operations: Sequence[Operation],
    *,
    revision: int,
    boards: Boards | None = None,
    made_with: Mapping[str, Any] | None = None,
    now: datetime,
) -> Done:
    """Draws: all operations or none. None as the actor: the owner. `made_with`: where the sheet is a proposal.

    Raises `SheetMovedOn`, `PlanClosed`, `PartUnknown`, `CommunityNotYours`, and what an operation raises; of several
    the field says which.
    """
    if not operations:
        raise BadInput("No operation came.", field="operations", remedy="Send at least one.")
    with _drawing(session, actor, part_id, revision, boards, now) as drawing:
        return _append(drawing, [_Step(one) for one in operations], made_with)


def redraw(
    session: Session,
    actor: Actor | None,
    part_id: int,
    sheet: Sheet,
    *,
    revision: int,
    boards: Boards | None = None,
    made_with: Mapping[str, Any] | None = None,
    now: datetime,
) -> Done:
    """Puts a whole sheet in the place of what is drawn, as one operation that can be undone: a proposal, a file.

    The sheet must lie on the part's own basis. Locks are for whoever draws the sheet to heed. Raises as `operate`.
    """
    with _drawing(session, actor, part_id, revision, boards, now) as drawing:
        n = len(drawing.board.ground)
        if len(sheet.assignment) != n:
            raise BadInput(f"The sheet has {len(sheet.assignment)} atoms, the basis {n}.", field="assignment")
        return _append(drawing, [_Step(difference(drawing.board.sheet, sheet))], made_with)


def undo(
    session: Session,
    actor: Actor | None,
    part_id: int,
    *,
    revision: int,
    boards: Boards | None = None,
    now: datetime,
) -> Done:
    """Takes the last operation back that stands, whoever made it; the answer says whose it was.

    Raises `NothingToUndo`, and as `operate`.
    """
    with _drawing(session, actor, part_id, revision, boards, now) as drawing:
        no = queries.undoable(session, part_id, drawing.facts.revision)
        if no is None:
            raise NothingToUndo(
                "Nothing has been drawn that stands. 没有可撤销的操作。", field="part_id", remedy="Begin to draw."
            )
        return _back(drawing, no, redoing=False)


def redo(
    session: Session,
    actor: Actor | None,
    part_id: int,
    *,
    revision: int,
    boards: Boards | None = None,
    now: datetime,
) -> Done:
    """Does again what was undone last, as long as nothing else was drawn since. Raises `NothingToRedo`, as `undo`."""
    with _drawing(session, actor, part_id, revision, boards, now) as drawing:
        no = queries.redoable(session, part_id, drawing.facts.revision)
        if no is None:
            raise NothingToRedo(
                "Nothing was undone since something was drawn. 没有可重做的操作。",
                field="part_id",
                remedy="Undo first.",
            )
        return _back(drawing, no, redoing=True)


def rebase(
    session: Session,
    actor: Actor | None,
    part_id: int,
    *,
    revision: int,
    boards: Boards | None = None,
    now: datetime,
) -> tuple[Done, Carried]:
    """Puts the part on the newest basis of its community with its newest count, by the keys of atoms and by overlap,
    and says what could not be carried. It can be undone. Raises `GroundIsNewest`, and as `operate`.
    """
    with _drawing(session, actor, part_id, revision, boards, now) as drawing:
        facts, before = drawing.facts, drawing.board
        if not facts.outdated:
            raise GroundIsNewest(
                "The part lies on the newest ground. 已是最新底图。", field="part_id", remedy="Nothing is to be done."
            )
        newest = replace(facts, basis_id=facts.newest_basis_id)
        count_id = drafts.newest_count(session, newest.basis_id)
        ground = (boards or Boards()).ground(session, newest.basis_id, count_id)
        carried = carry(before.ground, before.sheet, ground)
        done = _switch(drawing, (newest.basis_id, count_id), carried.sheet, _Step(Restore()))
    return done, carried


def difference(before: Sheet, after: Sheet) -> Restore:
    """What leads from one sheet to another on the same ground, as large as what differs."""
    changed = np.flatnonzero(before.assignment != after.assignment)
    atoms = _by_grid(changed, after)
    grids = {number for number in {*before.grids, *after.grids} if before.grids.get(number) != after.grids.get(number)}
    corners = {one for one in {*before.corners, *after.corners} if before.corners.get(one) != after.corners.get(one)}
    return Restore(
        atoms,
        {number: after.grids.get(number) for number in sorted(grids)},
        {corner: after.corners.get(corner) for corner in sorted(corners)},
    )


def effect(inverse: Restore, after: Sheet) -> Restore:
    """What an operation did, from its inverse and the sheet that it led to."""
    named = np.array([atom for atoms in inverse.atoms.values() for atom in atoms], dtype=np.int64)
    return Restore(
        _by_grid(np.sort(named), after),
        {number: after.grids.get(number) for number in inverse.grids},
        {corner: after.corners.get(corner) for corner in inverse.corners},
    )


def _together(inverses: Sequence[Restore]) -> Restore:
    """Whatever any of them names."""
    atoms = sorted({atom for one in inverses for named in one.atoms.values() for atom in named})
    grids = {number: None for one in inverses for number in one.grids}
    return Restore({0: tuple(atoms)}, grids, {corner: None for one in inverses for corner in one.corners})


def _by_grid(atoms: Any, sheet: Sheet) -> dict[int, tuple[int, ...]]:
    now = sheet.assignment[atoms]
    return {number: tuple(atoms[now == number].tolist()) for number in np.unique(now).tolist()}


@contextmanager
def _drawing(
    session: Session, actor: Actor | None, part_id: int, revision: int, boards: Boards | None, now: datetime
) -> Iterator[_Drawing]:
    """The part, kept for whoever saw its last revision. Raises `SheetMovedOn`, and as `drafts.hold_part`."""
    plan, facts = drafts.hold_part(session, actor, part_id)
    if facts.revision != revision:
        raise _moved_on(session, facts, revision)
    with (boards or Boards()).board(session, facts, plan.target, now=now) as board:
        yield _Drawing(session, actor, facts, board, now)


def _append(drawing: _Drawing, steps: Sequence[_Step], made_with: Mapping[str, Any] | None = None) -> Done:
    """Applies steps one after the other and writes them to the log, then the sheet as it stands."""
    session, facts, board = drawing.session, drawing.facts, drawing.board
    rows: list[dict[str, Any]] = []
    touched: set[int] = set()
    findings: tuple[Finding, ...] = ()
    inverses: list[Restore] = []
    for at, step in enumerate(steps):
        applied = _applied(board, step.operation, at if len(steps) > 1 else None)
        row = _row(drawing, step, facts.revision + at + 1, board.sheet)
        what = {"payload": step.operation.document(), "effect": effect(applied.inverse, board.sheet).document()}
        rows.append({**row, **what, "inverse": applied.inverse.document(), "touched": sorted(applied.touched)})
        touched |= applied.touched
        inverses.append(applied.inverse)
        findings = applied.findings
        if row["no"] % SNAPSHOT_EACH == 0:
            queries.add_snapshot(session, facts.id, row["no"], stored(board.sheet))
    queries.add_operations(session, rows)
    after = replace(facts, revision=rows[-1]["no"], made_with=facts.made_with if made_with is None else made_with)
    changed = effect(_together(inverses), board.sheet)
    return _put(session, after, board.sheet, Done(after.revision, b"", frozenset(touched), findings, changed))


def _row(drawing: _Drawing, step: _Step, no: int, sheet: Sheet) -> dict[str, Any]:
    """What every line of the log says."""
    by = None if drawing.actor is None else drawing.actor.account_id
    return {
        "part": drawing.facts.id, "no": no, "kind": step.operation.kind, "undoes": step.undoes, "redoes": step.redoes,
        "digest": sheet.digest(), "by": by, "now": drawing.now,
    }  # fmt: skip


def _put(session: Session, facts: PartFacts, sheet: Sheet, done: Done) -> Done:
    values = {
        **stored(sheet), "basis": facts.basis_id, "count": facts.count_id, "revision": facts.revision,
        "made_with": dict(facts.made_with),
    }  # fmt: skip
    queries.put_sheet(session, facts.id, values)
    return replace(done, digest=values["digest"])


def _applied(board: Board, operation: Operation, at: int | None) -> Applied:
    try:
        return board.apply(operation)
    except GridgovError as error:
        if at is not None:
            error.field = f"operations.{at}" + (f".{error.field}" if error.field else "")
        raise


def _back(drawing: _Drawing, no: int, *, redoing: bool) -> Done:
    """Appends the inverse of a line."""
    row = queries.operation(drawing.session, drawing.facts.id, no)
    undoes, redoes = (None, no) if redoing else (no, None)
    if row.kind == REBASE:
        done = _ground_back(drawing, row, _Step(Restore(), undoes=undoes, redoes=redoes))
    else:
        inverse = operation_of(Restore.kind, row.inverse)
        done = _append(drawing, [_Step(inverse, undoes=undoes, redoes=redoes)])
    names = {} if row.account_id is None else queries.names(drawing.session, [row.account_id])
    return replace(done, about=history.line_of(row, names))


def _ground_back(drawing: _Drawing, row: Row[Any], step: _Step) -> Done:
    """The ground that was before, and what was drawn on it."""
    before = row.inverse
    sheet = history.snapshot_sheet(
        drawing.facts.id, queries.snapshot(drawing.session, drawing.facts.id, before["snapshot"])
    )
    return _switch(drawing, (before["basis_id"], before["count_id"]), sheet, step)


def _switch(drawing: _Drawing, on: tuple[int, int], sheet: Sheet, step: _Step) -> Done:
    """Other ground below a part, and the sheet on it: snapshots before and after, which no replay goes across."""
    session, facts = drawing.session, drawing.facts
    no = facts.revision + 1
    queries.add_snapshot(session, facts.id, facts.revision, stored(drawing.board.sheet))
    queries.add_snapshot(session, facts.id, no, stored(sheet))
    touched = frozenset({*drawing.board.sheet.grids, *sheet.grids})
    row = {
        **_row(drawing, step, no, sheet), "kind": REBASE, "payload": {"basis_id": on[0], "count_id": on[1]},
        "effect": {}, "touched": sorted(touched),
        "inverse": {"basis_id": facts.basis_id, "count_id": facts.count_id, "snapshot": facts.revision},
    }  # fmt: skip
    queries.add_operations(session, [row])
    after = replace(facts, basis_id=on[0], count_id=on[1], revision=no)
    return _put(session, after, sheet, Done(no, b"", touched))


def _moved_on(session: Session, facts: PartFacts, seen: int) -> Conflict:
    if seen > facts.revision:
        return SheetMovedOn(
            f"The part is at revision {facts.revision}; there has been no {seen}. 版本号有误。",
            field="revision",
            remedy="Read the part again. 请重新读取。",
            changes=[],
        )
    lines = history.log(session, facts.id, after=seen, limit=SHOWN, named=True)
    grids = sorted({number for line in lines for number in line.touched})[:SHOWN]
    told = "; ".join(f"{line.no} {line.kind} by {line.account or 'the owner'}" for line in lines[:5])
    count = facts.revision - seen
    return SheetMovedOn(
        f"{count} operation{'' if count == 1 else 's'} since revision {seen}, in the grids "
        f"{', '.join(map(str, grids))}: {told}"
        f"{' …' if count > 5 else ''}. 图幅已被他人修改，共{count}步。",
        field="revision",
        remedy=f"Read what is drawn now, then draw on revision {facts.revision}. 查看后在新版本上重做。",
        changes=[
            {
                "no": line.no, "kind": line.kind, "grids": list(line.touched), "account_id": line.account_id,
                "account": line.account, "at": line.at.isoformat(),
            }
            for line in lines
        ],
    )  # fmt: skip
