"""The log of a part: what was drawn, by whom, and the proof that it leads to what is stored.

Owns reading and replaying it. Does not own who appends to it (`editing`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.planning import drafts
from gridgov.planning.board import Board
from gridgov.planning.drafts import Boards
from gridgov.planning.operations import Restore, operation_of
from gridgov.planning.queries import drafts as queries
from gridgov.planning.rules import Sheet, sheet_of
from gridgov.platform.errors import Conflict, GridgovError

REBASE = "rebase"  # the ground below was changed: no operation of a board


@dataclass(frozen=True, slots=True)
class Line:
    """One operation of the log. `undoes`, `redoes`: the number of the line that it takes back."""

    no: int
    kind: str
    payload: Mapping[str, Any]
    touched: tuple[int, ...]
    undoes: int | None
    redoes: int | None
    digest: bytes
    account_id: int | None
    account: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Verified:
    """A part whose log leads to what is stored. `begun`: the snapshot that replaying began from."""

    part_id: int
    begun: int
    replayed: int
    digest: bytes


class LogBroken(Conflict):
    """What the log leads to is not what is stored: the store was changed by another way than the verbs."""

    code = "plan-log-broken"


def log(
    session: Session, part_id: int, *, before: int | None = None, after: int = 0, limit: int = 100, named: bool = False
) -> list[Line]:
    """Operations of a part, newest first, between two numbers; `named`: with the names of accounts."""
    rows = queries.log(session, part_id, before=before, after=after, limit=limit)
    ids = sorted({row.account_id for row in rows if row.account_id is not None})
    names = queries.names(session, ids) if named else {}
    return [line_of(row, names) for row in rows]


def verify(session: Session, part_id: int, *, whole: bool = False, boards: Boards | None = None) -> Verified:
    """Replays the log from the nearest snapshot, or the `whole` of it, and holds every digest against what is stored.

    Raises `PartUnknown`, `LogBroken`.
    """
    kept = Boards() if boards is None else boards
    facts = drafts.part(session, part_id)
    begin = queries.snapshot(session, part_id, 0 if whole else facts.revision)
    rows = queries.operations(session, part_id, after=begin.no, upto=facts.revision)
    if [row.no for row in rows] != list(range(begin.no + 1, facts.revision + 1)):
        raise _broken(part_id, begin.no, "lines are missing after it")
    target = drafts.plan(session, facts.plan_id).target
    before = next((row.inverse for row in rows if row.kind == REBASE), None)
    on = (facts.basis_id, facts.count_id) if before is None else (before["basis_id"], before["count_id"])
    board = Board(kept.ground(session, *on), snapshot_sheet(part_id, begin), target)
    for row in rows:
        if row.kind == REBASE:
            after = queries.snapshot(session, part_id, row.no)
            ground = kept.ground(session, row.payload["basis_id"], row.payload["count_id"])
            board = Board(ground, snapshot_sheet(part_id, after), target)
        else:
            _again(board, part_id, row)
        if board.sheet.digest() != bytes(row.digest):
            raise _broken(part_id, row.no, "it leads to another sheet than it did")
    stored = drafts.sheet(session, part_id).digest()
    if not stored == facts.digest == board.sheet.digest():
        raise _broken(part_id, facts.revision, "what is stored is another sheet")
    return Verified(part_id, begin.no, len(rows), facts.digest)


def _again(board: Board, part_id: int, row: Row[Any]) -> None:
    try:
        board.apply(operation_of(Restore.kind, row.effect))
    except GridgovError as error:
        raise _broken(part_id, row.no, f"it cannot be done again: {error.detail}") from error


def stored(sheet: Sheet) -> dict[str, Any]:
    """A sheet as the tables keep it."""
    return {"assignment": sheet.assignment.tolist(), "document": sheet.document(), "digest": sheet.digest()}


def line_of(row: Row[Any], names: Mapping[int, str]) -> Line:
    """A row of the log; `names` of accounts by id."""
    return Line(
        no=row.no,
        kind=row.kind,
        payload=row.payload,
        touched=tuple(row.touched),
        undoes=row.undoes,
        redoes=row.redoes,
        digest=bytes(row.digest),
        account_id=row.account_id,
        account=names.get(row.account_id) if row.account_id is not None else None,
        at=row.at,
    )


def snapshot_sheet(part_id: int, row: Row[Any]) -> Sheet:
    """A snapshot as a sheet. Raises `LogBroken`."""
    sheet = sheet_of(np.array(row.assignment, dtype=np.int32), row.document)
    if sheet.digest() != bytes(row.digest):
        raise _broken(part_id, row.no, "its snapshot is another sheet")
    return sheet


def _broken(part_id: int, no: int, why: str) -> LogBroken:
    return LogBroken(
        f"Part {part_id}, operation {no}: {why}. 日志与存储不一致。",
        field="part_id",
        remedy="Nothing was changed; compare with a backup. 请与备份比对。",
    )
