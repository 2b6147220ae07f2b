"""SQL of the search by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.platform.bulk import stage

COLUMNS = (
    ("kind", "text"),
    ("ref_id", "bigint"),
    ("names", "jsonb"),
    ("detail", "jsonb"),
    ("folded", "text"),
    ("pinyin", "text"),
    ("initials", "text"),
    ("point", "geometry"),
    ("extent", "geometry"),
)


def replace(session: Session, kinds: list[str], rows: Iterable[tuple[Any, ...]]) -> int:
    """Puts these rows (in the order of `COLUMNS`) in place of all names of these kinds."""
    stage(session, "new_name", COLUMNS, rows)
    session.execute(text("delete from areas_name where kind = any(:kinds)"), {"kinds": kinds})
    done = session.execute(
        text(
            "insert into areas_name (kind, ref_id, names, detail, folded, pinyin, initials, point, extent) "
            "select kind, ref_id, names, detail, folded, pinyin, initials, point, extent from new_name"
        )
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def areas_and_layers(session: Session) -> list[Row[Any]]:
    """What can be searched for in this domain: areas in force now, streets by name, named buildings."""
    return list(
        session.execute(
            text(
                """
                select 'area' as kind, v.area_id as ref_id, v.names, coalesce(p.names, '{}') as detail, v.code,
                       st_asbinary(v.label) as point, st_asbinary(st_envelope(v.geom)) as extent
                from areas_version v left join areas_version p on p.area_id = v.parent_id and upper_inf(p.valid)
                where upper_inf(v.valid)
                union all
                select 'street', min(id), names, '{}', null, st_asbinary(st_pointonsurface(st_collect(geom))),
                       st_asbinary(st_envelope(st_collect(geom)))
                from areas_street where names <> '{}' group by names
                union all
                select 'building', id, names, '{}', null, st_asbinary(st_pointonsurface(geom)), null
                from areas_building where names <> '{}'
                """
            )
        )
    )


def find(session: Session, folded: str, limit: int) -> list[Row[Any]]:
    """Names that contain the folded text, or whose pinyin or initials begin with it; the closest first."""
    return list(
        session.execute(
            text(
                """
                with hit as (
                    select kind, ref_id, names, detail, point, extent,
                           case when folded = :q or folded like :q || ' %' or folded like '% ' || :q then 0
                                when folded like :q || '%' then 1
                                when initials = :q then 2
                                when pinyin like :q || '%' then 3
                                when folded like '%' || :q || '%' then 4
                                when initials like :q || '%' then 5
                                else 6 end as rank
                    from areas_name
                    where folded like '%' || :q || '%' or pinyin like '%' || :q || '%' or initials like :q || '%'
                )
                select kind, ref_id, names, detail, st_x(point) as lon, st_y(point) as lat,
                       st_xmin(extent) as west, st_ymin(extent) as south,
                       st_xmax(extent) as east, st_ymax(extent) as north
                from hit
                order by rank, case kind when 'street' then 0 when 'area' then 1 when 'site' then 2 else 3 end,
                         length(names::text), ref_id
                limit :limit
                """
            ),
            {"q": folded, "limit": limit},
        )
    )
