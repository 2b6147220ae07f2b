"""SQL that counts by place, matter and day, and reads where the same thing happened again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.analytics.quad import KEY_ZOOM
from gridgov.analytics.queries.counts import conditions
from gridgov.analytics.rules import Filter


def groups(session: Session) -> list[Row[Any]]:
    """(id, code, names) of every matter's group; of one without a group its own."""
    sql = """
        select id, coalesce(nullif(group_code, ''), code) as code,
               case when coalesce(group_code, '') = '' then names else group_names end as names
        from duties_category where kind = 'matter' order by id
        """
    return list(session.execute(text(sql)))


def by_area_category_and_day(session: Session, wanted: Filter, edges: Sequence[datetime]) -> list[Row[Any]]:
    """(area_id, unit_id, category_id, day, n) of what lies inside an area; day 1 begins at the first edge."""
    where, values = conditions(wanted)
    sql = f"""
        select coalesce(i.grid_id, i.area_id) as area_id, i.unit_id, i.category_id,
               width_bucket(i.happened_at, cast(:edges as timestamptz[])) as day, count(*) as n
        from incidents i where {where} and i.outside_m = 0 group by 1, 2, 3, 4
        """  # noqa: S608 -- every part is written in the code; values are bound
    return list(session.execute(text(sql), {**values, "edges": list(edges)}))


def by_cell_and_category(session: Session, wanted: Filter, zoom: int) -> list[Row[Any]]:
    """(key, category_id, n): map cells of a zoom as Z-order numbers."""
    where, values = conditions(wanted)
    sql = f"""
        select i.quad25 >> :shift as key, i.category_id, count(*) as n from incidents i where {where} group by 1, 2
        """  # noqa: S608 -- every part is written in the code; values are bound
    return list(session.execute(text(sql), {**values, "shift": 2 * (KEY_ZOOM - zoom)}))


def in_cells(session: Session, wanted: Filter, zoom: int, keys: Sequence[int]) -> list[Row[Any]]:
    """(key, category_id, happened_at, area_id, unit_id) of single incidents in map cells; keys of zoom 25."""
    where, values = conditions(wanted)
    sql = f"""
        select i.quad25 as key, i.category_id, i.happened_at, coalesce(i.grid_id, i.area_id) as area_id, i.unit_id
        from incidents i where {where} and i.quad25 >> :shift = any(cast(:keys as bigint[]))
        order by i.happened_at, i.quad25, i.category_id
        """  # noqa: S608 -- every part is written in the code; values are bound
    cells = {"shift": 2 * (KEY_ZOOM - zoom), "keys": list(keys)}
    return list(session.execute(text(sql), {**values, **cells}))
