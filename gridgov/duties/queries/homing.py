"""SQL of units that are stationed in areas which change. Private to the domain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session


def stationed(session: Session, area_ids: Sequence[int]) -> list[Row[Any]]:
    """(code, stationed_id) of the units stationed in these areas, by code."""
    return list(
        session.execute(
            text("select code, stationed_id from duties_agency where stationed_id = any (:areas) order by code"),
            {"areas": list(area_ids)},
        )
    )
