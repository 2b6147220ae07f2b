"""Months whose rows were written past the triggers: what counts are derived from is told here.

Owns that one verb, for whoever loads or removes in bulk. Does not own what follows from it (`store`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from gridgov.analytics.queries import announcing as queries


def months_anew(session: Session, months: Sequence[date]) -> None:
    """In the very transaction that writes them: these months (UTC, by their first days) are to be read anew."""
    queries.incidents_anew(session, months)
