"""SQL of whistles: an agency's inbox, lists of whistles, figures of both sides, ratings that count. Private.

All of it reads cases_summons, whose rows say what their clocks are. A page costs what it shows, figures what was called
in their span. A case that somebody was released from is no longer theirs to see: of it the summons alone is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.auth.scope import condition

# Open ends are never less than an instant, and null is no light.
_DUE = "least(s.sign_due_at, s.contact_due_at, s.report_due_at)"
LIGHT = f"""
    case when {_DUE} is null then null when {_DUE} < :now then 'red' when s.yellow_at <= :now then 'yellow'
         else 'green' end
"""
LATE = f"(s.late or coalesce({_DUE} < :now, false))"
_CLAUSES: Mapping[str, str] = {
    "unit_ids": "s.unit_id = any (:unit_ids)",
    "place_ids": "(s.grid_id = any (:place_ids) or s.grid_id is null and s.area_id = any (:place_ids))",
    "agency_ids": "s.agency_id = any (:agency_ids)",
    "kind": "s.kind = :kind",
    "state": "s.state = :state",
    "light": f"({LIGHT}) = :light",
    "since": "{at} >= :since",
    "until": "{at} < :until",
}
_CUSTOM = text("select set_config('plan_cache_mode', 'force_custom_plan', true)")
_SHOWN = f"""
    s.number, s.summons, s.case_id, s.whistle, s.kind, s.ground, s.part, s.state, s.agency_id, s.unit_id, s.grid_id,
    s.area_id, s.called_at, s.signed_at, s.contacted_at, s.answered_at, s.ended_at, s.ended_by, s.refused, s.declined,
    s.reworks, s.extensions, s.asking, s.sign_due_at, s.contact_due_at, s.report_due_at, s.whistled_at, s.meetings,
    s.attended, s.meeting_at, s.meeting_place, s.leads, {LIGHT} as light, {LATE} as late
"""
# The rating of a summons that counts: the final one, or the last that corrects it.
EFFECTIVE = """
    (r.final or r.corrects is not null)
    and not exists (select from cases_rating n where n.number = r.number and n.corrects = r.seq)
"""


def summons(session: Session, filters: Mapping[str, Any], limit: int, reach: Reach) -> list[Row[Any]]:
    """Summons, newest call first. `open`: only those that have not ended; `ended`: only those that have. What is None
    in `filters` is left out of the statement."""
    session.execute(_CUSTOM)
    where, values = _where(filters, reach, "s.called_at")
    if "open" in values:
        where += f" and s.ended_at is {'null' if values['open'] else 'not null'}"
    if "late" in values:
        where += f" and {LATE} = :late"
    if "before_at" in values:
        where += (
            " and s.called_at <= :before_at and (s.called_at, s.number, s.summons)"
            " < (:before_at, :before_number, :before_summons)"
        )
    order = "order by s.called_at desc, s.number desc, s.summons desc"
    sql = f"""
        select s.*, a.code as agency_code, a.names as agency_names, c.happened_at, c.state as case_state, c.version,
               k.code as category_code, k.names as category_names
        from (select {_SHOWN} from cases_summons s where {where} {order} limit :limit) s
        join duties_agency a on a.id = s.agency_id left join cases c on c.id = s.case_id
        left join duties_category k on k.id = c.category_id
        {order}
        """  # noqa: S608  # every part is written in the code; values are bound
    return list(session.execute(text(sql), {**values, "limit": limit}))


def whistles(session: Session, filters: Mapping[str, Any], limit: int, reach: Reach) -> list[Row[Any]]:
    """Whistles, newest first, each with those of its summons that lie within the reach."""
    session.execute(_CUSTOM)
    where, values = _where(filters, reach, "s.whistled_at")
    if "open" in values:
        where += f" and s.whistle_ended_at is {'null' if values['open'] else 'not null'}"
    if "late" in values:
        where += f" and {LATE} = :late"
    if "before_at" in values:
        where += (
            " and s.whistled_at <= :before_at and (s.whistled_at, s.number, s.whistle)"
            " < (:before_at, :before_number, :before_whistle)"
        )
    within, _ = condition(reach, "s")
    sql = f"""
        select w.number, w.whistle, w.whistled_at, c.happened_at, c.state as case_state, c.version,
               k.code as category_code, k.names as category_names, f.*
        from (
            select distinct s.whistled_at, s.number, s.whistle from cases_summons s where {where}
            order by s.whistled_at desc, s.number desc, s.whistle desc limit :limit
        ) w
        cross join lateral (
            select (array_agg(s.case_id))[1] as case_id, min(s.unit_id) as unit_id, min(s.grid_id) as grid_id,
                   min(s.area_id) as area_id, min(s.kind) as kind, min(s.ground) as ground,
                   min(s.whistle_ended_at) as ended_at,
                   bool_or(s.withdrawn) as withdrawn, max(s.meetings) as meetings, max(s.meeting_at) as meeting_at,
                   min(s.meeting_place) as meeting_place, bool_or({LATE}) as late,
                   max(array_position(array['green', 'yellow', 'red'], {LIGHT})) as light,
                   jsonb_agg(jsonb_build_object(
                       'summons', s.summons, 'agency_id', s.agency_id, 'code', a.code, 'names', a.names,
                       'part', s.part, 'state', s.state, 'refused', s.refused, 'late', {LATE},
                       'light', {LIGHT}, 'attended', s.attended, 'leads', s.leads) order by s.summons) as summons
            from cases_summons s join duties_agency a on a.id = s.agency_id
            where s.number = w.number and s.whistle = w.whistle and {within}
        ) f
        left join cases c on c.number = w.number left join duties_category k on k.id = c.category_id
        order by w.whistled_at desc, w.number desc, w.whistle desc
        """  # noqa: S608  # the same
    return list(session.execute(text(sql), {**values, "limit": limit}))


def _missed(name: str, done: str) -> str:
    """Counts of one clock among the summons that stand: done in time, missed, still open."""
    late = f"coalesce(s.{name}_late, s.{name}_due_at < :now, false)"
    refused = " or s.refused and s.state <> 'disputed'" if name == "sign" else ""
    in_time = f"s.{done}_at is not null and not ({late}{refused})"
    return f"""
        count(*) filter (where s.stands and {in_time}) as {done}_in_time,
        count(*) filter (where s.stands and ({late}{refused})) as {done}_late,
        count(*) filter (where s.stands and not ({in_time}) and not ({late}{refused})) as {done}_open
    """


_FIGURES = f"""
    count(*) as summoned,
    count(*) filter (where s.state = 'released') as released,
    count(*) filter (where s.ended_by = 'summons-agree') as returned,
    count(*) filter (where s.state = 'withdrawn') as withdrawn,
    count(*) filter (where s.refused) as refused,
    count(*) filter (where s.refused and s.state = 'released') as refused_rightly,
    count(*) filter (where s.reworks > 0) as reworked,
    count(*) filter (where s.state = 'answered') as awaiting_rating,
    {_missed("sign", "signed")}, {_missed("contact", "contacted")}, {_missed("report", "answered")},
    sum(s.meetings) as meetings, sum(s.attended) as attended,
    count(r.quality) as rated, sum(r.speed) as speed, sum(r.quality) as quality,
    count(*) filter (where r.corrects is not null) as corrected
"""


def by_agency(session: Session, filters: Mapping[str, Any], reach: Reach) -> list[Row[Any]]:
    """Figures of each agency that was summoned in the span, by code. Sums of grades beside their counts."""
    return _figures(session, filters, reach, "agency_id", "a.code, a.names",
                    "join duties_agency a on a.id = f.agency_id")  # fmt: skip


def by_unit(session: Session, filters: Mapping[str, Any], reach: Reach) -> list[Row[Any]]:
    """Figures of each unit that whistled in the span: with its whistles, those withdrawn, and those with a meeting."""
    more = """,
        count(distinct (s.number, s.whistle)) as whistles,
        count(distinct (s.number, s.whistle)) filter (where s.withdrawn) as whistles_withdrawn,
        count(distinct (s.number, s.whistle)) filter (where s.meetings > 0) as whistles_joint,
        count(distinct (s.number, s.whistle)) filter (where s.kind = 'hard') as whistles_hard
    """
    return _figures(session, filters, reach, "unit_id", "null as code, null as names", "", more)


def _figures(
    session: Session, filters: Mapping[str, Any], reach: Reach, key: str, named: str, join: str, more: str = ""
) -> list[Row[Any]]:
    session.execute(_CUSTOM)
    where, values = _where(filters, reach, "s.called_at")
    sql = f"""
        select f.*, {named} from (
            select s.{key}, {_FIGURES} {more}
            from (select s.*, s.state not in ('released', 'withdrawn') as stands from cases_summons s where {where}) s
            left join cases_rating r on r.number = s.number and r.summons = s.summons and {EFFECTIVE}
            where s.{key} is not null group by s.{key}
        ) f {join} order by code, {key}
        """  # noqa: S608  # the same
    return list(session.execute(text(sql), values))


def effective(session: Session, since: datetime, until: datetime, reach: Reach) -> list[Row[Any]]:
    """Ratings that count, of summons whose final rating was given in the span: (number, case_id, summons, agency_id,
    unit_id, rated_at, speed, quality, corrected), by time. What yearly scores read."""
    within, values = condition(reach, "f")
    sql = f"""
        select f.number, f.case_id, f.summons, f.agency_id, f.unit_id, f.at as rated_at, r.speed, r.quality,
               r.corrects is not null as corrected
        from cases_rating f join cases_rating r on r.number = f.number and r.summons = f.summons and {EFFECTIVE}
        where f.final and f.at >= :since and f.at < :until and {within} order by f.at, f.number, f.summons
        """  # noqa: S608  # the same
    return list(session.execute(text(sql), {**values, "since": since, "until": until}))


def area_of_post(session: Session, post_id: int) -> Row[Any] | None:
    """(area_id,) of a post."""
    return session.execute(text("select area_id from auth_post where id = :id"), {"id": post_id}).one_or_none()


def _where(filters: Mapping[str, Any], reach: Reach, at: str) -> tuple[str, dict[str, Any]]:
    given = {name: value for name, value in filters.items() if value is not None}
    within, values = condition(reach, "s")
    parts = [within, *(clause.replace("{at}", at) for name, clause in _CLAUSES.items() if name in given)]
    return " and ".join(parts), {**given, **values}
