"""SQL of what is exported month by month: at which moment, which months, what has changed since, and the facts.

All of it inside one transaction that sees one moment (`one_moment`). No text and no person is read here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.platform.db import cursor

_FACTS = """
    copy (
        select (extract(epoch from happened_at) * 1000000)::bigint, category_id, channel, status,
               coalesce(agency_id, 0), coalesce(grid_id, 0), coalesce(unit_id, 0), st_x(geom), st_y(geom)
        from incidents
        where happened_at >= '{since}' and happened_at < '{until}'
        order by quad25, id
    ) to stdout (format csv)
    """


def one_moment(session: Session) -> None:
    """Everything that follows in this transaction is of one moment. Must come first in it."""
    session.execute(text("set transaction isolation level repeatable read, read only"))
    session.execute(text("select set_config('work_mem', '64MB', true)"))


def standing(session: Session) -> Row[Any]:
    """(snapshot, origin): where this transaction stands, and in which database of which cluster."""
    return session.execute(
        text(
            """
            select pg_current_snapshot()::text as snapshot,
                   concat_ws('/', o.id, c.system_identifier, d.oid) as origin
            from analytics_origin o, pg_control_system() c, pg_database d where d.datname = current_database()
            """
        )
    ).one()


def follows(session: Session, snapshot: str) -> bool:
    """Whether that snapshot is of an earlier time, or of now; it is not where a database was set back."""
    return bool(
        session.execute(
            text(
                """
                select pg_snapshot_xmin(cast(:snapshot as pg_snapshot)) <= pg_snapshot_xmin(pg_current_snapshot())
                   and pg_snapshot_xmax(cast(:snapshot as pg_snapshot)) <= pg_snapshot_xmax(pg_current_snapshot())
                """
            ),
            {"snapshot": snapshot},
        ).scalar_one()
    )


def changed_months(session: Session, snapshot: str) -> list[datetime]:
    """First instants (UTC) of the months in which anything came, went or changed since the snapshot; of changes that
    are forgotten by now, of the months in which anything may have."""
    return list(
        session.execute(
            text(
                """
                select distinct date_trunc('month', happened_at, 'UTC') as month from analytics_incident_change
                where xid >= pg_snapshot_xmin(cast(:snapshot as pg_snapshot))
                  and not pg_visible_in_snapshot(xid, cast(:snapshot as pg_snapshot))
                union
                select month from analytics_incident_month
                where xid >= pg_snapshot_xmin(cast(:snapshot as pg_snapshot))
                order by month
                """
            ),
            {"snapshot": snapshot},
        ).scalars()
    )


def months(session: Session) -> list[datetime]:
    """First instants (UTC) of the months that hold any incident; one step through the index of time for each."""
    return list(
        session.execute(
            text(
                """
                with recursive seen as (
                    select date_trunc('month', min(happened_at), 'UTC') as month from incidents
                    union all
                    select (select date_trunc('month', min(i.happened_at), 'UTC') from incidents i
                            where i.happened_at >= date_trunc('month', s.month + interval '32 days', 'UTC'))
                    from seen s where s.month is not null
                )
                select month from seen where month is not null order by month
                """
            )
        ).scalars()
    )


def codes(session: Session) -> Row[Any]:
    """(categories, agencies, areas): what the ids of facts are called. categories: [id, code, group]; the others
    [id, code], an area by its newest boundaries."""
    return session.execute(
        text(
            """
            select (select jsonb_agg(jsonb_build_array(id, code, group_code) order by id)
                    from duties_category where kind = 'matter') as categories,
                   (select jsonb_agg(jsonb_build_array(id, code) order by id) from duties_agency) as agencies,
                   (select jsonb_agg(jsonb_build_array(area_id, code) order by area_id) from (
                        select distinct on (area_id) area_id, code from areas_version
                        order by area_id, lower(valid) desc nulls last) v) as areas
            """
        )
    ).one()


def facts(session: Session, since: datetime, until: datetime) -> Iterator[bytes]:
    """CSV rows (microseconds since 1970, category_id, channel, status, agency_id, grid_id, unit_id, lon, lat) of a
    period, along a Z-order curve; 0 for no agency, grid or unit. They stream: nothing is held here."""
    statement = _FACTS.format(since=since.isoformat(), until=until.isoformat())  # two instants of our own making
    with cursor(session) as cur, cur.copy(statement) as rows:
        for row in rows:
            yield bytes(row)
