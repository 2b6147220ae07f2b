"""Posts, with the names of the areas and agencies they are in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

# The boundaries in force before all others: a post whose area is gone still says which one that was.
_SHOWN = """
    select p.id, p.account_id, a.name as account, a.title, p.role, lower(p.valid) as since, upper(p.valid) as until,
           p.valid @> cast(:now as timestamptz) as in_force,
           p.area_id, v.level as area_level, v.code as area_code, v.names as area_names,
           v.valid @> cast(:now as timestamptz) as area_in_force,
           p.agency_id, g.code as agency_code, g.names as agency_names
    from auth_post p join auth_account a on a.id = p.account_id
    left join lateral (
      select level, code, names, valid from areas_version v where v.area_id = p.area_id
      order by v.valid @> cast(:now as timestamptz) desc, lower(v.valid) desc nulls last limit 1
    ) v on true
    left join duties_agency g on g.id = p.agency_id
"""


def of_accounts(session: Session, account_ids: Iterable[int], now: datetime) -> list[Row[Any]]:
    """All posts of these accounts, in force or not, oldest first."""
    return list(
        session.execute(
            text(f"{_SHOWN} where p.account_id = any (:ids) order by lower(p.valid), p.id"),
            {"ids": list(account_ids), "now": now},
        )
    )


def one(session: Session, post_id: int, now: datetime) -> Row[Any] | None:
    return session.execute(text(f"{_SHOWN} where p.id = :id"), {"id": post_id, "now": now}).one_or_none()


def within(
    session: Session,
    *,
    city: bool,
    areas: Iterable[int],
    agencies: Iterable[int],
    ended: bool,
    after: int,
    limit: int,
    now: datetime,
) -> list[Row[Any]]:
    """Posts in these areas or agencies (`city`: everywhere) by id; without `ended` those in force and to come."""
    where = ["p.id > :after"]
    if not city:
        where.append("(p.area_id = any (:areas) or p.agency_id = any (:agencies))")
    if not ended:
        where.append("(upper_inf(p.valid) or upper(p.valid) > :now)")
    values = {"areas": list(areas), "agencies": list(agencies), "after": after, "limit": limit, "now": now}
    return list(session.execute(text(f"{_SHOWN} where {' and '.join(where)} order by p.id limit :limit"), values))


def add(
    session: Session,
    *,
    account_id: int,
    role: str,
    area_id: int | None,
    agency_id: int | None,
    since: datetime,
    until: datetime | None,
    by: int | None,
    now: datetime,
) -> int:
    """A new post's id."""
    return int(
        session.execute(
            text(
                """
                insert into auth_post (account_id, role, area_id, agency_id, valid, appointed_by, created_at)
                values (:account, :role, :area, :agency, tstzrange(:since, :until, '[)'), :by, :now) returning id
                """
            ),
            {
                "account": account_id,
                "role": role,
                "area": area_id,
                "agency": agency_id,
                "since": since,
                "until": until,
                "by": by,
                "now": now,
            },
        ).scalar_one()
    )


def held(
    session: Session,
    account_id: int,
    role: str,
    area_id: int | None,
    agency_id: int | None,
    since: datetime,
    until: datetime | None,
) -> bool:
    """Whether the account holds the same role in the same place at any time of the span."""
    return bool(
        session.execute(
            text(
                """
                select exists (
                  select from auth_post where account_id = :account and role = :role
                    and area_id is not distinct from cast(:area as bigint)
                    and agency_id is not distinct from cast(:agency as bigint)
                    and valid && tstzrange(:since, :until, '[)'))
                """
            ),
            {
                "account": account_id,
                "role": role,
                "area": area_id,
                "agency": agency_id,
                "since": since,
                "until": until,
            },
        ).scalar_one()
    )


def end(session: Session, post_id: int, now: datetime) -> None:
    """Over from now on. One that has not begun never will have been: it shrinks to the instant of its appointment."""
    session.execute(
        text(
            """
            update auth_post set valid = case
              when lower(valid) < :now then tstzrange(lower(valid), :now, '[)')
              else tstzrange(created_at, created_at + interval '1 microsecond', '[)') end
            where id = :id and (upper_inf(valid) or upper(valid) > :now)
            """
        ),
        {"id": post_id, "now": now},
    )


def in_areas(session: Session, area_ids: Iterable[int], at: datetime) -> list[Row[Any]]:
    """(id, account_id, role, area_id) of the posts in these areas that are in force at the instant or later."""
    return list(
        session.execute(
            text(
                "select id, account_id, role, area_id from auth_post where area_id = any (:areas) "
                "and (upper_inf(valid) or upper(valid) > :at) order by id"
            ),
            {"areas": list(area_ids), "at": at},
        )
    )


def counted(session: Session, role: str, now: datetime) -> list[Row[Any]]:
    """(area_id, n) of posts of a role in force."""
    return list(
        session.execute(
            text(
                "select area_id, count(*) as n from auth_post where role = :role and area_id is not null "
                "and valid @> cast(:now as timestamptz) group by area_id"
            ),
            {"role": role, "now": now},
        )
    )


def roles_at(session: Session, area_ids: Iterable[int], at: datetime) -> list[Row[Any]]:
    """(area_id, role, n) of the posts in these areas that are in force at the instant: how many, not whose."""
    return list(
        session.execute(
            text(
                "select area_id, role, count(*) as n from auth_post where area_id = any (:ids) "
                "and valid @> cast(:at as timestamptz) group by area_id, role order by area_id, role"
            ),
            {"ids": list(area_ids), "at": at},
        )
    )


def move(session: Session, post_id: int, area_id: int, at: datetime) -> None:
    """In another area from the instant on, under the same id, so that sessions and tokens go on; where it was until
    then stays as a post that ended."""
    values = {"id": post_id, "area": area_id, "at": at}
    session.execute(
        text(
            "insert into auth_post (account_id, role, area_id, agency_id, valid, appointed_by, created_at) "
            "select account_id, role, area_id, agency_id, tstzrange(lower(valid), :at, '[)'), appointed_by, created_at "
            "from auth_post where id = :id and lower(valid) < :at"
        ),
        values,
    )
    session.execute(
        text(
            "update auth_post set area_id = :area, valid = tstzrange(greatest(lower(valid), :at), upper(valid), '[)') "
            "where id = :id"
        ),
        values,
    )


def place_exists(session: Session, *, area_id: int | None, agency_id: int | None) -> bool:
    """Whether there is such an area or agency."""
    return bool(
        session.execute(
            text("select exists (select from areas where id = :area) or exists (select from duties_agency "
                 "where id = :agency)"),
            {"area": area_id, "agency": agency_id},
        ).scalar_one()
    )  # fmt: skip


def areas_by_code(session: Session, code: str, now: datetime) -> list[Row[Any]]:
    """(id, level, names) of the areas in force with this code; levels may share one."""
    return list(
        session.execute(
            text(
                "select area_id as id, level, names from areas_version "
                "where code = :code and valid @> cast(:now as timestamptz) order by level"
            ),
            {"code": code, "now": now},
        )
    )


def agency_by_code(session: Session, code: str) -> int | None:
    return session.execute(text("select id from duties_agency where code = :code"), {"code": code}).scalar_one_or_none()
