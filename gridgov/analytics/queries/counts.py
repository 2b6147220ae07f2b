"""SQL that counts incidents: by deepest area, by day, by hexagon, by week and place.

Every statement reads incidents once and groups there; the columns asked for lie in the indexes of the partitions, so
that what is read grows with the period and the categories asked for. Areas are not joined: their tree is in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.analytics.quad import KEY_ZOOM
from gridgov.analytics.rules import Filter
from gridgov.auth.rules import Reach
from gridgov.auth.scope import condition
from gridgov.geo.hexagons import parent_sql
from gridgov.incidents.lying import Lying
from gridgov.incidents.lying import conditions as lying

_SETTLE = """
    select set_config('work_mem', '32MB', true), set_config('plan_cache_mode', 'force_custom_plan', true),
           set_config('max_parallel_workers_per_gather', case when :alone then '0'
                      else current_setting('max_parallel_workers_per_gather') end, true)
    """


def settle(session: Session, *, alone: bool = False) -> None:
    """Settings for grouping statements, until this transaction ends; `alone` for short ones that helpers only delay.

    Many groups fit in memory; and a plan made for these very dates and categories beats one made for any.
    """
    session.execute(text(_SETTLE), {"alone": alone})


def conditions(wanted: Filter) -> tuple[str, dict[str, Any]]:
    """The filter as SQL over `incidents i`, without parts that ask for nothing."""
    where, values = condition(wanted.reach)
    parts = [where]
    if wanted.period.begin is not None:
        parts.append("i.happened_at >= :begin")
        values["begin"] = wanted.period.begin
    if wanted.period.end is not None:
        parts.append("i.happened_at < :end")
        values["end"] = wanted.period.end
    if wanted.category_ids is not None:
        parts.append("i.category_id = any(cast(:categories as integer[]))")
        values["categories"] = list(wanted.category_ids)
    if wanted.statuses is not None:
        parts.append("i.status = any(cast(:statuses as text[]))")
        values["statuses"] = list(wanted.statuses)
    if wanted.channels is not None:
        parts.append("i.channel = any(cast(:channels as text[]))")
        values["channels"] = list(wanted.channels)
    if wanted.agency_ids is not None:
        parts.append("i.agency_id = any(cast(:agencies as bigint[]))")
        values["agencies"] = list(wanted.agency_ids)
    if wanted.within is not None:
        inside, ids = lying(Lying(wanted.within.in_force, wanted.within.ids), "i", outside_m=True)
        parts.append(inside)
        values |= ids
    return " and ".join(parts), values


def by_area(session: Session, wanted: Filter) -> list[Row[Any]]:
    """(area_id, unit_id, inside, n) by grid; without one by the area when it happened and the unit now.

    inside: not outside every area.

    Groups by bare columns: the planner knows how many grids there are, so that it may share the work among processes.
    """
    where, values = conditions(wanted)
    counted = "count(*) filter (where i.outside_m = 0) as inside, count(*) as n"
    sql = f"""
        select g.grid_id as area_id, null::bigint as unit_id, g.inside, g.n
        from (select i.grid_id, {counted} from incidents i where {where} group by i.grid_id) g
        where g.grid_id is not null
        union all
        select i.area_id, i.unit_id, {counted}
        from incidents i where {where} and i.grid_id is null group by i.area_id, i.unit_id
        """  # noqa: S608 -- every part is written in the code; values are bound
    return list(session.execute(text(sql), values))


def by_hexagon(session: Session, wanted: Filter, resolution: int) -> list[Row[Any]]:
    """(cell, inside, n) by H3 cells of a resolution of at most 9."""
    where, values = conditions(wanted)
    sql = f"""
        select {parent_sql("i.hex9", resolution)} as cell, sum(i.inside)::bigint as inside, sum(i.n)::bigint as n
        from (select i.hex9, count(*) filter (where i.outside_m = 0) as inside, count(*) as n
              from incidents i where {where} group by i.hex9) i
        group by 1 order by 1
        """  # noqa: S608 -- every part is written in the code; values are bound
    return list(session.execute(text(sql), values))


def by_span(session: Session, wanted: Filter, edges: Sequence[datetime]) -> list[int]:
    """Incidents from each edge up to the next, also outside every area: one short range of an index for every span."""
    where, values = conditions(wanted)
    sql = f"""
        select c.n
        from unnest(cast(:begins as timestamptz[]), cast(:ends as timestamptz[]))
             with ordinality as span (begins, ends, place)
        cross join lateral (
            select count(*) as n from incidents i
            where {where} and i.happened_at >= span.begins and i.happened_at < span.ends
        ) c
        order by span.place
        """  # noqa: S608 -- every part is written in the code; values are bound
    spans = {"begins": list(edges[:-1]), "ends": list(edges[1:])}
    return list(session.execute(text(sql), {**values, **spans}).scalars())


def by_area_and_span(session: Session, wanted: Filter, edges: Sequence[datetime]) -> list[Row[Any]]:
    """(area_id, unit_id, span, n) of what lies inside an area, as in `by_area`; span 1 begins at the first edge."""
    where, values = conditions(wanted)
    sql = f"""
        select coalesce(i.grid_id, i.area_id) as area_id, i.unit_id,
               width_bucket(i.happened_at, cast(:edges as timestamptz[])) as span, count(*) as n
        from incidents i where {where} and i.outside_m = 0 group by 1, 2, 3
        """  # noqa: S608 -- every part is written in the code; values are bound
    return list(session.execute(text(sql), {**values, "edges": list(edges)}))


def by_cell_and_span(session: Session, wanted: Filter, edges: Sequence[datetime], zoom: int) -> list[Row[Any]]:
    """(key, span, n): map cells of a zoom as Z-order numbers, also outside every area."""
    where, values = conditions(wanted)
    sql = f"""
        select i.quad25 >> :shift as key, width_bucket(i.happened_at, cast(:edges as timestamptz[])) as span,
               count(*) as n
        from incidents i where {where} group by 1, 2
        """  # noqa: S608 -- every part is written in the code; values are bound
    return list(session.execute(text(sql), {**values, "edges": list(edges), "shift": 2 * (KEY_ZOOM - zoom)}))


def first_and_last(session: Session, reach: Reach) -> tuple[datetime | None, datetime | None]:
    """When the first and the last incident within the reach happened; None without any."""
    where, values = condition(reach)
    sql = f"select min(i.happened_at), max(i.happened_at) from incidents i where {where}"  # noqa: S608  # of constants
    row = session.execute(text(sql), values).one()
    return row[0], row[1]


def category_ids(session: Session, *, code: str | None, prefix: str | None) -> list[int]:
    """Matters of this code or group code, or whose code begins with the prefix (`_` and `%` are plain letters)."""
    return list(
        session.execute(
            text(
                """
                select id from duties_category
                where kind = 'matter'
                  and (code = :code or group_code = :code or starts_with(code, cast(:prefix as text)))
                order by id
                """
            ),
            {"code": code, "prefix": prefix},
        ).scalars()
    )


def categories(session: Session) -> list[Row[Any]]:
    """(id, code) of all matters."""
    return list(session.execute(text("select id, code from duties_category where kind = 'matter' order by id")))
