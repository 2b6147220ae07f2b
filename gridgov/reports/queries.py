"""SQL of reports. Private to the domain."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session


def streets(session: Session, tolerance_deg: float) -> list[Row[Any]]:
    """(class, wkb) of every street, thinned to a tolerance in degrees."""
    sql = "select class, st_asbinary(st_simplify(geom, :tolerance)) as wkb from areas_street order by id"
    return [row for row in session.execute(text(sql), {"tolerance": tolerance_deg}) if row.wkb is not None]


def category_names(session: Session, code: str) -> dict[str, str] | None:
    """Names of the matter, or of the group of matters, that has this code."""
    sql = """
        select names from duties_category where kind = 'matter' and code = :code
        union all
        (select group_names from duties_category where kind = 'matter' and group_code = :code order by code limit 1)
        limit 1
        """
    return session.execute(text(sql), {"code": code}).scalar_one_or_none()
