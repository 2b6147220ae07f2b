"""SQL of one step: the case and its history in one way to the database. Private to the domain."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.auth.scope import condition
from gridgov.cases.queries import EVENT, ONE

_EVENTS = f"select {', '.join(EVENT)} from cases_event where number = c.number"  # noqa: S608  # of names
_TOLD = f", (select json_agg(e order by e.seq) from ({_EVENTS}) e) as history from cases c"  # noqa: S608  # the same
_OPENED = text(f"{ONE.replace(' from cases c', _TOLD, 1)} where c.id = :id")
_ALONE = text(f"{_OPENED.text} for update of c")


def visible(session: Session, case_id: UUID, reach: Reach) -> bool:
    """Whether a case of this id lies within the reach, and within what the bound role sees."""
    within, values = condition(reach, "c", many=True)
    sql = f"select 1 from cases c where c.id = :id and {within}"  # noqa: S608  # of names
    return session.execute(text(sql), {"id": case_id, **values}).one_or_none() is not None


def opened(session: Session, case_id: UUID, *, alone: bool) -> Row[Any]:
    """The case with its events as `history` (JSON, first one first); `alone`: until the transaction ends.

    Whoever had to wait for somebody else gets the case as it is now and the history as it was when they asked: it is
    shorter than the case's version then, and has to be read again.
    """
    return session.execute(_ALONE if alone else _OPENED, {"id": case_id}).one()


def events(history: list[dict[str, Any]]) -> list[SimpleNamespace]:
    """Events of `opened` as rows of `queries.history` would be."""
    return [SimpleNamespace(**{**one, "at": datetime.fromisoformat(one["at"])}) for one in history]
