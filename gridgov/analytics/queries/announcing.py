"""SQL that says which months were written past the triggers. Private to the domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session


def incidents_anew(session: Session, months: Sequence[date]) -> None:
    """Months (UTC, by their first days) of incidents that are to be read anew."""
    session.execute(
        text(
            "insert into analytics_incident_change (sign, happened_at) "
            "select 0, first::timestamp at time zone 'UTC' from unnest(cast(:months as date[])) first"
        ),
        {"months": list(months)},
    )
