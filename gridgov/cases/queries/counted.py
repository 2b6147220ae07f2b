"""SQL of the cases behind a number. Private to the domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.auth.scope import condition
from gridgov.cases.queries.worklists import CUSTOM, LIGHT, LISTED
from gridgov.incidents.lying import Lying, conditions

_TIER = "coalesce(c.level, case when c.agency_id is null then 'none' else 'agency' end)"
_CLAUSES: Mapping[str, str] = {
    "since": "c.happened_at >= :since",
    "until": "c.happened_at < :until",
    "category_ids": "c.category_id = any (:category_ids)",
    "states": "c.state = any (:states)",
    "channels": "c.channel = any (:channels)",
    "agency_ids": "c.agency_id = any (:agency_ids)",
    "held_by": "c.agency_id is not distinct from nullif(:held_by, 0)",
    "tiers": f"{_TIER} = any (:tiers)",
    "overdue_at": "c.late_from < date_trunc('second', cast(:overdue_at as timestamptz))",
    "before_at": "c.happened_at <= :before_at and (c.happened_at, c.number) < (:before_at, :before_number)",
}


def page(
    session: Session, filters: Mapping[str, Any], limit: int, reach: Reach, *, lying: Lying, ended: bool, closed: bool
) -> list[Row[Any]]:
    """Cases, newest happened first. What is None in `filters` is left out of the statement.

    Reached as counts reach them: by the agency that has a case, not by all that take part.
    """
    session.execute(CUSTOM)
    given = {name: value for name, value in filters.items() if value is not None}
    within, values = condition(reach, "c")
    where, more = conditions(lying, "c", outside_m=False)
    parts = [within, where, *(clause for name, clause in _CLAUSES.items() if name in given)]
    if ended:
        parts.append("c.ended_at is not null")
    if closed:
        parts.append("c.state = 'closed'")
    order = "order by c.happened_at desc, c.number desc"
    sql = f"""
        select c.*, st_x(c.geom) as lon, st_y(c.geom) as lat, k.code as category_code, k.names as category_names,
               a.code as agency_code, a.names as agency_names, {LIGHT} as light
        from (select {", ".join(f"c.{name}" for name in LISTED)} from cases c
              where {" and ".join(parts)} {order} limit :limit) c
        join duties_category k on k.id = c.category_id left join duties_agency a on a.id = c.agency_id
        {order}
        """  # noqa: S608  # every part is written in the code; values are bound
    return list(session.execute(text(sql), {**given, **values, **more, "limit": limit}))
