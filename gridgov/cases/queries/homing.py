"""SQL of cases that belong elsewhere by new boundaries. Private to the domain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.platform.bulk import stage

_OPEN = """
    select c.id, c.number, c.happened_at, c.channel, c.area_id, c.grid_id, c.unit_id, c.office_id,
           st_x(c.geom) as lon, st_y(c.geom) as lat
    from cases c where c.ended_at is null and {where}
"""
_WHERE = ("c.grid_id = any (:areas)", "c.grid_id is null and c.unit_id = any (:areas)")


def open_in(session: Session, grids: Sequence[int], units: Sequence[int], *, lock: bool) -> list[Row[Any]]:
    """Open cases of these grids, and those of these units that lie in no grid, by number."""
    rows: list[Row[Any]] = []
    for where, areas in zip(_WHERE, (grids, units), strict=True):
        sql = _OPEN.format(where=where) + ("order by c.number for update of c" if lock else "")
        rows += session.execute(text(sql), {"areas": list(areas)})
    return sorted(rows, key=lambda row: int(row.number))


def place(session: Session, rows: Iterable[tuple[int, UUID, int, int, int]]) -> None:
    """Rows of (number, id, area, grid, unit; 0: none): where cases and what belongs to them lie from now on."""
    columns = (("number", "bigint"), ("id", "uuid"), ("area_id", "bigint"), ("grid_id", "bigint"),
               ("unit_id", "bigint"))  # fmt: skip
    stage(session, "case_home", columns, rows)
    set_to = "set area_id = h.area_id, grid_id = nullif(h.grid_id, 0), unit_id = nullif(h.unit_id, 0) from case_home h"
    for table, key in (("cases", "id"), *_CHILDREN):
        same = "t.case_id = h.id" if key == "case_id" else f"t.{key} = h.{key}"
        session.execute(text(f"update {table} t {set_to} where {same}"))


_CHILDREN = (("cases_summons", "number"), ("cases_rating", "number"), ("cases_feedback", "number"),
             ("cases_change", "case_id"))  # fmt: skip


def ended(session: Session, kind: str, area_id: int, after: int, limit: int) -> list[int]:
    """Numbers of ended cases of a grid, or of what lies in no grid of a unit, above a number."""
    where = "grid_id = :area" if kind == "grid" else "grid_id is null and unit_id = :area"
    sql = (
        f"select number from cases where ended_at is not null and {where} and number > :after "  # noqa: S608  # of constants
        "order by number limit :limit"
    )
    return list(session.execute(text(sql), {"area": area_id, "after": after, "limit": limit}).scalars())


def follow_ended(session: Session, numbers: Sequence[int]) -> int:
    """Sets grid and unit of ended cases, and of what belongs to them, to those of their incidents; how many moved."""
    moved: Sequence[Any] = session.execute(
        text(
            """
            with moved as (
                update cases c set grid_id = i.grid_id, unit_id = i.unit_id
                from incidents i
                where c.number = any (:numbers) and i.id = c.id and i.happened_at = c.happened_at
                  and c.ended_at is not null
                  and (c.grid_id, c.unit_id) is distinct from (i.grid_id, i.unit_id)
                returning c.number, c.id, c.grid_id, c.unit_id
            ), summons as (
                update cases_summons s set grid_id = m.grid_id, unit_id = m.unit_id from moved m
                where s.number = m.number
            ), ratings as (
                update cases_rating r set grid_id = m.grid_id, unit_id = m.unit_id from moved m
                where r.number = m.number
            ), told as (
                update cases_feedback f set grid_id = m.grid_id, unit_id = m.unit_id from moved m
                where f.number = m.number
            ), changes as (
                update cases_change h set grid_id = m.grid_id, unit_id = m.unit_id from moved m
                where h.case_id = m.id
            )
            select number from moved
            """
        ),
        {"numbers": list(numbers)},
    ).all()
    return len(moved)
