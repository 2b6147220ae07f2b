"""SQL of lists of cases, of their counts, and of what lies near one. Private to the domain.

Open cases are found by the partial indexes of what is open, ended ones within a span of time: what a list costs grows
with what is open, or with what ended in the span, never with all that was ever stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import cos, radians
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.auth.scope import condition

LISTED = (
    "id", "number", "happened_at", "category_id", "channel", "state", "version", "opened_at", "changed_at", "ended_at",
    "next_due_at", "next_yellow_at", "suspended_until", "level", "area_id", "grid_id", "unit_id", "agency_id",
    "office_id", "merged_into", "whistles", "asking", "on_spot", "forced", "geom",
)  # fmt: skip
LIGHT = """
    case when c.next_due_at < :now then 'red' when c.next_yellow_at <= :now then 'yellow' else 'green' end
"""
_CLAUSES: Mapping[str, str] = {
    "state": "c.state = :state",
    "category_ids": "c.category_id = any (:category_ids)",
    "agency_id": "c.agency_ids @> array[cast(:agency_id as bigint)]",
    "unit_id": "c.unit_id = :unit_id",
    "grid_id": "c.grid_id = :grid_id",
    "area_ids": "(c.grid_id = any (:area_ids) or c.grid_id is null and c.area_id = any (:area_ids))",
    "due_before": "c.next_due_at < :due_before",
    "due_after": "c.next_due_at >= :due_after",
    "west": "coalesce(st_x(c.geom) between :west and :east and st_y(c.geom) between :south and :north, false)",
    "light": f"{LIGHT} = :light",
}
_WHISTLED = {True: "c.whistles > 0", False: "c.whistles = 0"}
CUSTOM = text("select set_config('plan_cache_mode', 'force_custom_plan', true)")
METRES_OF_DEGREE = 111_000.0  # of latitude, at least


def page(
    session: Session, filters: Mapping[str, Any], limit: int, reach: Reach, *, ended: bool, mine: Mapping[str, Any]
) -> list[Row[Any]]:
    """Cases, newest change first (ended ones: newest end first). What is None in `filters` is left out of the
    statement; `mine`: the values of `_mine`, empty for all."""
    session.execute(CUSTOM)
    where, values = _where(filters, reach, ended=ended, mine=mine)
    key = "ended_at" if ended else "changed_at"
    if "before_at" in values:
        where += f" and (c.{key}, c.number) < (:before_at, :before_number)"
    order = f"order by c.{key} desc, c.number desc"
    sql = f"""
        select c.*, st_x(c.geom) as lon, st_y(c.geom) as lat, k.code as category_code, k.names as category_names,
               a.code as agency_code, a.names as agency_names, {LIGHT} as light
        from (select {", ".join(f"c.{name}" for name in LISTED)} from cases c where {where} {order} limit :limit) c
        join duties_category k on k.id = c.category_id left join duties_agency a on a.id = c.agency_id
        {order}
        """  # noqa: S608  # every part is written in the code; values are bound
    return list(session.execute(text(sql), {**values, "limit": limit}))


def counts(session: Session, filters: Mapping[str, Any], reach: Reach, *, mine: Mapping[str, Any]) -> list[Row[Any]]:
    """(state, light, cases) of what is open."""
    session.execute(CUSTOM)
    where, values = _where(filters, reach, ended=False, mine=mine)
    sql = f"select c.state, {LIGHT} as light, count(*) as cases from cases c where {where} group by 1, 2"  # noqa: S608  # the same
    return list(session.execute(text(sql), values))


def _where(
    filters: Mapping[str, Any], reach: Reach, *, ended: bool, mine: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    given = {name: value for name, value in filters.items() if value is not None}
    within, values = condition(reach, "c", many=True)
    parts = [f"c.ended_at is {'not ' if ended else ''}null", within]
    moment = "c.ended_at" if ended else "c.changed_at"
    for name, compared in (("since", ">="), ("until", "<")):
        if name in given:
            parts.append(f"{moment} {compared} :{name}")
    parts += [clause for name, clause in _CLAUSES.items() if name in given]
    if "whistled" in given:
        parts.append(_WHISTLED[given["whistled"]])
    if mine:
        parts.append(_mine(mine))
    return " and ".join(parts), {**given, **values, **mine}


def _mine(mine: Mapping[str, Any]) -> str:
    """Whose step it is, as a condition; a part that somebody has nothing to do with is left out."""
    summons = "select from cases_summons s where s.number = c.number and s.ended_at is null"
    parts = ["c.state = any (:mine_states)"]
    if "mine_agencies" in mine:
        parts.append("c.agency_id = any (:mine_agencies) and c.state = any (:mine_held)")
        parts.append(  # no holder, and no summons: it has a task
            "c.agency_ids && cast(:mine_agencies as bigint[]) and c.agency_id <> all (:mine_agencies)"
            " and c.state = any (:mine_tasks)"
        )
        parts.append(
            f"c.state = 'whistled' and exists ({summons} and s.agency_id = any (:mine_agencies)"
            " and s.state = any (:mine_summons))"
        )
    if "mine_offices" in mine:
        parts.append("c.office_id = any (:mine_offices) and c.state = any (:mine_held)")
    if mine.get("mine_unit"):
        parts.append("c.asking")
        parts.append(f"c.state = 'whistled' and exists ({summons} and s.state = any (:mine_summons))")
    if mine.get("mine_concluding"):
        parts.append(f"c.state = 'whistled' and not exists ({summons})")
    return " or ".join(f"({part})" for part in parts).join("()")


def near(
    session: Session,
    *,
    lon: float,
    lat: float,
    within_m: float,
    since: datetime,
    until: datetime,
    besides: UUID,
    category_id: int,
    reach: Reach,
    limit: int,
) -> list[Row[Any]]:
    """Open cases of the same matter about a point, nearest first: those that happened in the span, without `besides`.

    The box about the point is looked up, the distance over ground (m) judged.
    """
    session.execute(CUSTOM)
    inside, values = condition(reach, "c", many=True)
    high = within_m / METRES_OF_DEGREE
    wide = high / max(cos(radians(min(abs(lat) + high, 89.9))), 1e-6)
    sql = f"""
        select c.id, c.number, c.happened_at, c.state, c.opened_at, c.version,
               st_distance(c.geom::geography, p.geom::geography) as distance_m
        from cases c, (select st_setsrid(st_makepoint(:lon, :lat), 4326) as geom) p
        where c.ended_at is null and {inside} and c.id <> :besides and c.category_id = :category_id
          and c.happened_at >= :since and c.happened_at <= :until
          and c.geom && st_makeenvelope(:west, :south, :east, :north, 4326)
          and st_dwithin(c.geom::geography, p.geom::geography, :within_m)
        order by distance_m, c.number limit :limit
        """  # noqa: S608  # the same
    given = {
        "lon": lon, "lat": lat, "within_m": within_m, "since": since, "until": until, "besides": besides,
        "category_id": category_id, "limit": limit, "west": lon - wide, "east": lon + wide, "south": lat - high,
        "north": lat + high,
    }  # fmt: skip
    return list(session.execute(text(sql), {**values, **given}))


def due_turns(session: Session, now: datetime, most: int) -> list[Row[Any]]:
    """Clocks that show another light than the one that was told, soonest first; held until the transaction ends.

    Others who look meanwhile get others.
    """
    sql = """
        select t.number, t.seq, t.summons, t.name, t.case_id, t.agency_id, t.office_id, t.due_at,
               case when t.due_at < :now then 'red' else 'yellow' end as light,
               c.unit_id, c.grid_id, c.area_id, c.agency_ids, c.state
        from cases_clock t join cases c on c.number = t.number
        where t.running and t.told is distinct from 'red'
          and (case when t.told is null then t.yellow_at else t.due_at end) <= :now
          and (t.told is null or t.due_at < :now)
        order by case when t.told is null then t.yellow_at else t.due_at end
        limit :most for update of t skip locked
        """
    return list(session.execute(text(sql), {"now": now, "most": most}))


def told(session: Session, turned: Sequence[Row[Any]]) -> None:
    """Marks the lights of `due_turns` as announced."""
    session.execute(
        text(
            """
            update cases_clock t set told = n.light
            from unnest(cast(:numbers as bigint[]), cast(:seqs as smallint[]), cast(:summons as smallint[]),
                        cast(:names as text[]), cast(:lights as text[])) n (number, seq, summons, name, light)
            where (t.number, t.seq, t.summons, t.name) = (n.number, n.seq, n.summons, n.name)
            """
        ),
        {
            "numbers": [row.number for row in turned], "seqs": [row.seq for row in turned],
            "summons": [row.summons for row in turned], "names": [row.name for row in turned],
            "lights": [row.light for row in turned],
        },
    )  # fmt: skip


def to_resume(session: Session, day: str, most: int) -> list[UUID]:
    """Suspended cases whose day has come, longest due first."""
    sql = (
        "select id from cases where suspended_until <= cast(:day as date) order by suspended_until, number limit :most"
    )
    return list(session.execute(text(sql), {"day": day, "most": most}).scalars())


def numbered(session: Session, number: int) -> UUID | None:
    return session.execute(text("select id from cases where number = :number"), {"number": number}).scalar_one_or_none()
