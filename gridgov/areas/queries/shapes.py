"""SQL of the shapes of single areas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

COLUMNS = "area_id as id, level, code, names, parent_id, kind, population, households, st_asbinary(geom) as wkb"


def by_id(session: Session, ids: Sequence[int], at: datetime | None) -> list[Row[Any]]:
    """Areas in force at the instant (None: beyond the last change), by id."""
    return _rows(session, "area_id = any(:ids)", {"ids": list(ids)}, at)


def children(session: Session, parent_id: int, at: datetime | None) -> list[Row[Any]]:
    """Areas right under another one, by code."""
    return _rows(session, "parent_id = :parent", {"parent": parent_id}, at)


def _rows(session: Session, which: str, values: dict[str, Any], at: datetime | None) -> list[Row[Any]]:
    sql = f"""
        select {COLUMNS} from areas_version where valid @> cast(:at as timestamptz) and {which} order by code, area_id
        """  # noqa: S608  # both are literals of this file
    return list(session.execute(text(sql), {**values, "at": "infinity" if at is None else at.isoformat()}))
