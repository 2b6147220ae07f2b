"""Months whose rows were written past the triggers: what counts are derived from is told here.

Owns that one verb, for whoever loads or removes in bulk. Does not own what follows from it (`store`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from gridgov.analytics.queries import changes
from gridgov.analytics.store.columns import INCIDENTS


def months_anew(session: Session, months: Sequence[date]) -> None:
    """In the very transaction that writes them: these months (UTC, by their first days) are to be read anew."""
    for month in months:
        first = datetime(month.year, month.month, 1, tzinfo=UTC)
        changes.announce(session, INCIDENTS, first, first)
