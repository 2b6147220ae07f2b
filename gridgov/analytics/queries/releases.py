"""SQL of public counts: one release a month, stored as it was published and never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session


def release(session: Session, month: date) -> Row[Any] | None:
    """(month, least, released_at, counts) of the month that begins on this day."""
    sql = "select month, least, released_at, counts from analytics_release where month = :month"
    return session.execute(text(sql), {"month": month}).one_or_none()


def add(session: Session, month: date, *, least: int, now: datetime, counts: Sequence[Mapping[str, Any]]) -> bool:
    """False when somebody released the month before; then theirs stands."""
    done = session.execute(
        text(
            "insert into analytics_release (month, least, released_at, counts) "
            "values (:month, :least, :now, cast(:counts as jsonb)) on conflict (month) do nothing returning 1"
        ),
        {"month": month, "least": least, "now": now, "counts": json.dumps(list(counts), ensure_ascii=False)},
    )
    return done.one_or_none() is not None
