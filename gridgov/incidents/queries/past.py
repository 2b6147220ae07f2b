"""SQL of past incidents as counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session


def counts(session: Session, since: datetime, until: datetime) -> list[Row[Any]]:
    """(category_id, area_id, incidents, number): by the grid where an incident belongs now, or its area without one;
    the newest number of each."""
    return list(
        session.execute(
            text(
                """
                select category_id, coalesce(grid_id, area_id) as area_id, count(*) as incidents, max(number) as number
                from incidents
                where happened_at >= :since and happened_at < :until and status not in ('void', 'duplicate')
                group by 1, 2
                """
            ),
            {"since": since, "until": until},
        )
    )
