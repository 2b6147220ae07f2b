"""SQL of merging: where a case stands that another goes into, and one merger at a time. Private to the domain."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.auth.scope import condition

_ALONE = text("select pg_advisory_xact_lock(hashtext(current_schema() || '.cases.merge'))")


def alone(session: Session) -> None:
    """Until the transaction ends nobody else merges: two at once could merge each other's cases in a circle."""
    session.execute(_ALONE)


def standing(session: Session, case_id: UUID, reach: Reach) -> Row[Any] | None:
    """(id, state, ended_at, category_id, merged_into) of a case within the reach."""
    within, values = condition(reach, "c", many=True)
    sql = f"select id, state, ended_at, category_id, merged_into from cases c where c.id = :id and {within}"  # noqa: S608  # of names
    return session.execute(text(sql), {"id": case_id, **values}).one_or_none()
