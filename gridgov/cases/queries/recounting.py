"""SQL of counting anew: cases with running clocks, and what another calendar makes of them. Private to the domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.cases.queries import RECOUNT, recounted
from gridgov.cases.queries.verifying import children

_LOCKED = text(
    "select id, number, channel, version from cases where number = any (:numbers) order by number for update"
)


def running(session: Session) -> list[int]:
    """Numbers of the cases with a clock that has not ended, running or paused, in their order."""
    paused = "paused_at is not null and ended_at is null"
    sql = f"select number from cases_clock where running union select number from cases_clock where {paused} order by 1"  # noqa: S608  # of constants
    return list(session.execute(text(sql)).scalars())


def held(session: Session, numbers: Sequence[int]) -> tuple[dict[int, list[Row[Any]]], dict[int, list[Row[Any]]]]:
    """Events and clocks by the number of their case."""
    return children(session, "cases_event", numbers), children(session, "cases_clock", numbers)


def locked(session: Session, numbers: Sequence[int]) -> list[Row[Any]]:
    """(id, number, channel, version), nobody else's until the transaction ends."""
    return list(session.execute(_LOCKED, {"numbers": list(numbers)}))


def recount(
    session: Session, number: int, case_id: UUID, case: Mapping[str, Any], clocks: Sequence[Mapping[str, Any]]
) -> None:
    session.execute(RECOUNT, {"number": number, "case_id": case_id, **recounted(case, clocks)})
