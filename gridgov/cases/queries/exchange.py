"""SQL of what passes between bodies and outwards: sources, changes, feedback, papers, marks on photos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.auth.scope import condition

# --- sources --------------------------------------------------------------------------------------------------------


def case_of(session: Session, name: str, order_number: str) -> UUID | None:
    """The case of an order."""
    return session.execute(
        text("select case_id from cases_source where name = :name and order_number = :order_number"),
        {"name": name, "order_number": order_number},
    ).scalar_one_or_none()


def keep_source(session: Session, values: Mapping[str, Any]) -> bool:
    """Whether the order was new; its source gets a feed."""
    session.execute(
        text("insert into cases_feed (name, last) values (:name, 0) on conflict do nothing"), {"name": values["name"]}
    )
    sql = """
        insert into cases_source (name, order_number, case_id, kind, due_at, taken_at)
        values (:name, :order_number, :case_id, :kind, :due_at, :taken_at)
        on conflict do nothing returning 1
        """
    return session.execute(text(sql), dict(values)).scalar_one_or_none() is not None


def source_of(session: Session, case_id: UUID) -> Row[Any] | None:
    """(name, order_number, kind, due_at) of a case that came from elsewhere."""
    return session.execute(
        text("select name, order_number, kind, due_at from cases_source where case_id = :case_id"),
        {"case_id": case_id},
    ).one_or_none()


# The update holds the feed's row until the transaction ends, so that numbers become visible in their order.
_CHANGED = text(
    """
    with source as (
        select name, order_number from cases_source where case_id = :case_id
    ), counted as (
        update cases_feed f set last = f.last + 1 from source s where f.name = s.name returning f.name, f.last
    )
    insert into cases_change (name, position, order_number, case_id, seq, at, action, state, holder, due_at, paper,
                              why, area_id, grid_id, unit_id, agency_id)
    select c.name, c.last, s.order_number, :case_id, :seq, :at, :action, :state,
           coalesce((select code from duties_agency where id = :holder_agency),
                    (select code from areas_version where area_id = :holder_area
                     and valid @> cast(:at as timestamptz))),
           :due_at, :paper, :why, :area_id, :grid_id, :unit_id, :holder_agency
    from counted c join source s on s.name = c.name
    returning name, position
    """
)


def add_change(session: Session, values: Mapping[str, Any]) -> Row[Any] | None:
    """(name, position) of the change; None for a case that no other system reported."""
    return session.execute(_CHANGED, dict(values)).one_or_none()


def changes(session: Session, name: str, reach: Reach, *, after: int, limit: int) -> list[Row[Any]]:
    """What became of a source's orders after a number, in order."""
    within, values = condition(reach, "c")
    sql = f"""
        select position, order_number, case_id, seq, at, action, state, holder, due_at, paper, why from cases_change c
        where name = :name and position > :after and {within} order by position limit :limit
        """  # noqa: S608  # a fixed form; values are bound
    return list(session.execute(text(sql), {"name": name, "after": after, "limit": limit, **values}))


# --- feedback -------------------------------------------------------------------------------------------------------


def add_feedback(session: Session, values: Mapping[str, Any]) -> None:
    session.execute(
        text(
            """
            insert into cases_feedback (number, seq, case_id, agency_id, office_id, answered_at, at, area_id, grid_id,
                                        unit_id)
            values (:number, :seq, :case_id, :agency_id, :office_id, :answered_at, :at, :area_id, :grid_id, :unit_id)
            """
        ),
        dict(values),
    )


def feedback_times(session: Session, reach: Reach, *, since: datetime, until: datetime) -> list[Row[Any]]:
    """(agency_id, office_id, code, names, cases, median_s, most_s) of each body that told reporters in the span."""
    within, values = condition(reach, "f")
    sql = f"""
        with told as (
            select f.agency_id, f.office_id, count(*) as cases,
                   percentile_cont(0.5) within group (order by extract(epoch from f.at - f.answered_at)) as median_s,
                   max(extract(epoch from f.at - f.answered_at)) as most_s
            from cases_feedback f where f.at >= :since and f.at < :until and {within}
            group by f.agency_id, f.office_id
        )
        select t.*, coalesce(a.code, v.code) as code, coalesce(a.names, v.names) as names
        from told t
        left join duties_agency a on a.id = t.agency_id
        left join lateral (
            select code, names from areas_version where area_id = t.office_id order by lower(valid) desc limit 1
        ) v on true
        order by t.cases desc, code
        """  # noqa: S608  # a fixed form; values are bound
    return list(session.execute(text(sql), {"since": since, "until": until, **values}))


# --- papers ---------------------------------------------------------------------------------------------------------


def next_serial(session: Session, year: int) -> int:
    """The next number of a year; held until the transaction ends, so that none is left out."""
    sql = """
        insert into cases_paper_year (year, last) values (:year, 1)
        on conflict (year) do update set last = cases_paper_year.last + 1 returning last
        """
    return int(session.execute(text(sql), {"year": year}).scalar_one())


def add_paper(session: Session, values: Mapping[str, Any]) -> None:
    session.execute(
        text(
            "insert into cases_paper (year, serial, number, seq, case_id, title, at) "
            "values (:year, :serial, :number, :seq, :case_id, :title, :at)"
        ),
        dict(values),
    )


def papers(session: Session, case_id: UUID) -> list[Row[Any]]:
    """(seq, title, at) of a case's replies, first one first."""
    return list(
        session.execute(
            text("select seq, title, at from cases_paper where case_id = :case_id order by seq"), {"case_id": case_id}
        )
    )


# --- opinions -------------------------------------------------------------------------------------------------------


def opinion_replied(session: Session, case_id: UUID, at: datetime) -> None:
    """An opinion of a reception has been answered in writing; nothing for any other case."""
    session.execute(
        text("update cases_opinion set replied_at = :at where case_id = :case_id and replied_at is null"),
        {"case_id": case_id, "at": at},
    )


# --- photos ---------------------------------------------------------------------------------------------------------


def mark_photos(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """What photos show of the handling; a mark that is there stays."""
    session.execute(
        text(
            "insert into cases_photo (attachment_id, case_id, stage, account_id, post_id, agency_id, added_at) "
            "values (:attachment_id, :case_id, :stage, :account_id, :post_id, :agency_id, :added_at) "
            "on conflict do nothing"
        ),
        [dict(row) for row in rows],
    )


def photo_marks(session: Session, case_id: UUID) -> list[Row[Any]]:
    """(attachment_id, stage, agency_id) of photos of the handling."""
    return list(
        session.execute(
            text("select attachment_id, stage, agency_id from cases_photo where case_id = :case_id"),
            {"case_id": case_id},
        )
    )


def names_of(session: Session, agencies: Sequence[int], areas: Sequence[int]) -> tuple[dict[int, Any], dict[int, Any]]:
    """Names of agencies and of the newest version of areas, by id."""
    found = session.execute(
        text("select id, names from duties_agency where id = any(:ids)"), {"ids": list(agencies)}
    ).all()
    offices = session.execute(
        text(
            "select distinct on (area_id) area_id as id, names from areas_version where area_id = any(:ids) "
            "order by area_id, lower(valid) desc"
        ),
        {"ids": list(areas)},
    ).all()
    return {row.id: row.names for row in found}, {row.id: row.names for row in offices}
