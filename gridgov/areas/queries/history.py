"""SQL of how areas came about: versions, what lay there before and after, whose borders they share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

SLIVER = 0.0005
"""Common ground below this share of both areas is an edge drawn anew to a hair's breadth, and no descent."""


def turns(session: Session) -> list[Row[Any]]:
    """(id, name, valid_from, began, ended) of each boundary plan that began or ended anything, the newest first;
    `valid_from` None: since before any record."""
    return list(
        session.execute(
            text(
                """
                with began as (select plan_id as id, count(*) as n from areas_version group by plan_id),
                     over as (select ended_plan_id as id, count(*) as n from areas_version
                              where ended_plan_id is not null group by ended_plan_id)
                select p.id, p.name, nullif(p.valid_from, '-infinity') as valid_from,
                       coalesce(began.n, 0) as began, coalesce(over.n, 0) as ended
                from areas_plan p left join began using (id) left join over using (id)
                where began.n is not null or over.n is not null
                order by p.valid_from desc, p.id desc
                """
            )
        )
    )


def versions(session: Session, area_id: int) -> list[Row[Any]]:
    """Every version of an identity with the plans that began and ended it, the newest first."""
    return list(
        session.execute(
            text(
                """
                select v.id, v.level, v.code, v.names, v.kind, v.population, v.households, v.area_m2, v.parent_id,
                       lower(v.valid) as valid_from, upper(v.valid) as valid_to,
                       b.id as begun_id, b.name as begun_name, e.id as ended_id, e.name as ended_name
                from areas_version v join areas_plan b on b.id = v.plan_id
                left join areas_plan e on e.id = v.ended_plan_id
                where v.area_id = :id order by v.valid desc
                """
            ),
            {"id": area_id},
        )
    )


def overlaps(session: Session, version_id: int, srid_m: int, *, after: bool) -> list[Row[Any]]:
    """Areas of the same level whose ground a version has, just before it began or, `after`, as soon as it was over.

    (area_id, code, names, common_m2, whole_m2, households, share): `whole_m2` is the other area's ground, the last two
    what the plan noted of households (None where it noted nothing). The largest common ground first.
    """
    when = "upper(v.valid)" if after else "lower(v.valid) - interval '1 microsecond'"
    pair = "l.from_id = v.area_id and l.to_id = o.area_id" if after else "l.from_id = o.area_id and l.to_id = v.area_id"
    plan = "v.ended_plan_id" if after else "v.plan_id"
    bounded = "not upper_inf(v.valid)" if after else "not lower_inf(v.valid)"
    sql = f"""
        with pair as materialized (
            select o.area_id, o.code, o.names, o.area_m2 as whole_m2, v.area_m2, l.households, l.share,
                   st_area(st_transform(st_intersection(v.geom, o.geom), :srid)) as common_m2
            from areas_version v
            join areas_version o on o.level = v.level and o.geom && v.geom and o.valid @> {when}
            left join areas_lineage l on l.plan_id = {plan} and {pair}
            where v.id = :id and {bounded}
        )
        select * from pair where common_m2 > {SLIVER} * least(whole_m2, area_m2) order by common_m2 desc, code
        """  # noqa: S608 -- every part is written in the code; values are bound
    return list(session.execute(text(sql), {"id": version_id, "srid": srid_m}))


def neighbours(session: Session, area_id: int, at: datetime, srid_m: int) -> list[Row[Any]]:
    """(id, level, code, names, kind, population, households, parent_id, shared_m) of the areas of the same level that
    share a border with this one at the instant, the longest border first."""
    return list(
        session.execute(
            text(
                """
                with pair as materialized (
                    select o.area_id as id, o.level, o.code, o.names, o.kind, o.population, o.households, o.parent_id,
                           st_length(st_transform(st_collectionextract(
                               st_intersection(st_boundary(v.geom), st_boundary(o.geom)), 2), :srid)) as shared_m
                    from areas_version v
                    join areas_version o on o.level = v.level and o.geom && v.geom and o.area_id <> v.area_id
                     and o.valid @> cast(:at as timestamptz)
                    where v.area_id = :id and v.valid @> cast(:at as timestamptz)
                )
                select * from pair where shared_m > 0.5 order by shared_m desc, code
                """
            ),
            {"id": area_id, "at": at, "srid": srid_m},
        )
    )
