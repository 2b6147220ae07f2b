"""SQL of what a province sees: a city's days as they are counted, and as they are kept beside those of the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session


def counted(session: Session, zone: str, since: datetime | None, now: datetime) -> list[Row[Any]]:
    """(day, incidents, cases, overdue, closed, closed_lowest) by the day in the zone on which things happened.

    Incidents that are void or doubles of others do not count, nor cases that were merged into others or refused.
    """
    begin = "" if since is None else "and happened_at >= :since"
    sql = f"""
        with i as (
          select (happened_at at time zone :zone)::date as day, count(*) as incidents
          from incidents where status in ('open', 'closed') {begin} group by 1
        ), c as (
          select (happened_at at time zone :zone)::date as day, count(*) as cases,
                 count(*) filter (where late_from < coalesce(ended_at, :now)) as overdue,
                 count(*) filter (where state = 'closed') as closed,
                 count(*) filter (where state = 'closed' and level = 'grid') as closed_lowest
          from cases where state not in ('merged', 'refused', 'cancelled') {begin} group by 1
        )
        select day, coalesce(incidents, 0) as incidents, coalesce(cases, 0) as cases, coalesce(overdue, 0) as overdue,
               coalesce(closed, 0) as closed, coalesce(closed_lowest, 0) as closed_lowest
        from i full join c using (day) order by day
        """  # noqa: S608 -- the clause is written above; values are bound
    values = {"zone": zone, "now": now} | ({} if since is None else {"since": since})
    return list(session.execute(text(sql), values))


def households(session: Session, now: datetime) -> int:
    """Of all grids in force."""
    sql = """
        select coalesce(sum(households), 0) from areas_version
        where level = 'grid' and valid @> cast(:now as timestamptz)
        """
    return int(session.execute(text(sql), {"now": now}).scalar_one())


def standing(session: Session, city: str) -> Row[Any] | None:
    """(as_of, whole_as_of) of what is kept of a city."""
    sql = "select as_of, whole_as_of from catalogue.province_city where city = :city"
    return session.execute(text(sql), {"city": city}).one_or_none()


def keep(session: Session, city: str, rows: Iterable[Row[Any]], since: date | None, **city_wide: Any) -> None:
    """Puts a city's days from `since` on in the place of those that are kept; None: all of them."""
    session.execute(
        text(
            "delete from catalogue.province_day where city = :city and (cast(:since as date) is null or day >= :since)"
        ),
        {"city": city, "since": since},
    )
    values = [{"city": city, **row._mapping} for row in rows]
    if values:
        session.execute(
            text(
                "insert into catalogue.province_day (city, day, incidents, cases, overdue, closed, closed_lowest) "
                "values (:city, :day, :incidents, :cases, :overdue, :closed, :closed_lowest)"
            ),
            values,
        )
    session.execute(
        text(
            "insert into catalogue.province_city as c (city, as_of, whole_as_of, households) "
            "values (:city, :as_of, :whole_as_of, :households) on conflict (city) do update "
            "set as_of = excluded.as_of, whole_as_of = excluded.whole_as_of, households = excluded.households"
        ),
        {"city": city, **city_wide},
    )


def kept(session: Session, since: date | None, until: date | None, cities: Sequence[str] | None) -> list[Row[Any]]:
    """Every registered city in scope with its sums over days (nulls where nothing is kept), by code."""
    sql = """
        select r.code, r.names, p.as_of, p.whole_as_of, p.households, coalesce(d.incidents, 0) as incidents,
               coalesce(d.cases, 0) as cases, coalesce(d.overdue, 0) as overdue, coalesce(d.closed, 0) as closed,
               coalesce(d.closed_lowest, 0) as closed_lowest
        from catalogue.city r
        left join catalogue.province_city p on p.city = r.code
        left join (
          select city, sum(incidents)::bigint as incidents, sum(cases)::bigint as cases,
                 sum(overdue)::bigint as overdue, sum(closed)::bigint as closed,
                 sum(closed_lowest)::bigint as closed_lowest
          from catalogue.province_day
          where (cast(:since as date) is null or day >= :since) and (cast(:until as date) is null or day < :until)
          group by city
        ) d on d.city = r.code
        where cast(:cities as text[]) is null or r.code = any (cast(:cities as text[]))
        order by r.code
        """
    values = {"since": since, "until": until, "cities": None if cities is None else list(cities)}
    return list(session.execute(text(sql), values))


def reader(session: Session, digest: bytes, now: datetime) -> Row[Any] | None:
    """(id, name, cities) of a reader whose token counts now."""
    sql = """
        select id, name, cities from catalogue.province_reader
        where token_sha256 = :digest and revoked_at is null and expires_at > :now
        """
    return session.execute(text(sql), {"digest": digest, "now": now}).one_or_none()


def readers(session: Session) -> list[Row[Any]]:
    sql = "select id, name, cities, created_at, expires_at, revoked_at from catalogue.province_reader order by id"
    return list(session.execute(text(sql)))


def any_reader(session: Session, now: datetime) -> bool:
    """Whether anybody may ask at all."""
    sql = "select exists (select from catalogue.province_reader where revoked_at is null and expires_at > :now)"
    return bool(session.execute(text(sql), {"now": now}).scalar_one())


def add_reader(
    session: Session, name: str, digest: bytes, cities: Sequence[str] | None, now: datetime, expires_at: datetime
) -> int:
    sql = """
        insert into catalogue.province_reader (name, token_sha256, cities, created_at, expires_at)
        values (:name, :digest, cast(:cities as text[]), :now, :expires_at) returning id
        """
    values = {"name": name, "digest": digest, "cities": None if cities is None else list(cities), "now": now}
    return int(session.execute(text(sql), values | {"expires_at": expires_at}).scalar_one())


def revoke(session: Session, ident: int, now: datetime) -> bool:
    """Whether there was one to revoke."""
    sql = "update catalogue.province_reader set revoked_at = :now where id = :id and revoked_at is null returning 1"
    return session.execute(text(sql), {"id": ident, "now": now}).one_or_none() is not None
