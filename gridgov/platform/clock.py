"""The only reader of the clock. Everything else receives `now` as an argument (rule 7)."""

from __future__ import annotations

from datetime import UTC, datetime


def utcnow() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)
