"""SQL of deputies' receptions and of the opinions that became cases in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.auth.scope import condition

_SHOWN = """
    r.id, r.held_at, r.notice, r.account_id, r.post_id, r.area_id, v.code as area_code, v.names as area_names,
    r.made_at, o.opinions, o.replied
    """
_FROM = """
    cases_reception r
    cross join lateral (
        select code, names from areas_version where area_id = r.area_id order by lower(valid) desc limit 1
    ) v
    cross join lateral (
        select count(*) as opinions, count(replied_at) as replied from cases_opinion where reception_id = r.id
    ) o
    """


def add(session: Session, values: Mapping[str, Any]) -> bool:
    """Whether it is new."""
    sql = """
        insert into cases_reception (id, held_at, notice, account_id, post_id, area_id, grid_id, unit_id, agency_id,
                                     made_at)
        values (:id, :held_at, :notice, :account_id, :post_id, :area_id, null, :unit_id, null, :made_at)
        on conflict (id) do nothing returning 1
        """
    return session.execute(text(sql), dict(values)).scalar_one_or_none() is not None


def one(session: Session, reception_id: UUID, reach: Reach) -> Row[Any] | None:
    """With how many opinions it brought, and how many of them are answered in writing."""
    within, values = condition(reach, "r")
    sql = f"select {_SHOWN} from {_FROM} where r.id = :id and {within}"  # noqa: S608  # fixed parts
    return session.execute(text(sql), {"id": reception_id, **values}).one_or_none()


def page(
    session: Session,
    reach: Reach,
    *,
    since: datetime | None,
    until: datetime | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Row[Any]]:
    """Those held in a span, newest first, before (held_at, id)."""
    within, values = condition(reach, "r")
    tests = [within]
    tests += ["r.held_at >= :since"] if since is not None else []
    tests += ["r.held_at < :until"] if until is not None else []
    tests += ["(r.held_at, r.id) < (:before_at, :before_id)"] if before is not None else []
    sql = f"""
        select {_SHOWN} from {_FROM} where {" and ".join(tests)} order by r.held_at desc, r.id desc limit :limit
        """  # noqa: S608  # fixed parts
    given: dict[str, Any] = {"since": since, "until": until, "limit": limit, "before_at": None, "before_id": None}
    if before is not None:
        given |= {"before_at": before[0], "before_id": before[1]}
    return list(session.execute(text(sql), {**given, **values}))


def lock(session: Session, reception_id: UUID) -> None:
    """Alone with the opinions of a reception until the transaction ends."""
    session.execute(
        text("select pg_advisory_xact_lock(hashtextextended('cases_opinion|' || :id, 0))"), {"id": str(reception_id)}
    )


def opinions(session: Session, reception_id: UUID) -> list[Row[Any]]:
    """(case_id, ordinal, replied_at, number, happened_at, state, category_code, category_names), in order; what lies
    beyond the reader's reach has no number and no state."""
    sql = """
        select o.case_id, o.ordinal, o.replied_at, c.number, c.happened_at, c.state, k.code as category_code,
               k.names as category_names
        from cases_opinion o left join cases c on c.id = o.case_id left join duties_category k on k.id = c.category_id
        where o.reception_id = :id order by o.ordinal
        """
    return list(session.execute(text(sql), {"id": reception_id}))


def add_opinion(session: Session, values: Mapping[str, Any]) -> None:
    session.execute(
        text(
            "insert into cases_opinion (case_id, reception_id, ordinal, area_id, grid_id, unit_id, agency_id) "
            "values (:case_id, :reception_id, :ordinal, :area_id, null, :unit_id, null)"
        ),
        dict(values),
    )


def middle_of(session: Session, area_id: int) -> tuple[float, float]:
    """A point (lon, lat) within an area in force."""
    sql = """
        select st_x(p) as lon, st_y(p) as lat
        from (select st_pointonsurface(geom) as p from areas_version where area_id = :id and upper_inf(valid)) v
        """
    row = session.execute(text(sql), {"id": area_id}).one()
    return float(row.lon), float(row.lat)
