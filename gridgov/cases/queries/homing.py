"""SQL of cases that belong elsewhere by new boundaries. Private to the domain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session


def open_after(session: Session, number: int, limit: int) -> list[Row[Any]]:
    """Open cases after a number, with where their incidents belong now: (id, number, channel, area_id, grid_id,
    unit_id, office_id, new_grid_id, new_unit_id, lon, lat)."""
    return list(
        session.execute(
            text(
                """
                select c.id, c.number, c.channel, c.area_id, c.grid_id, c.unit_id, c.office_id,
                       i.grid_id as new_grid_id, i.unit_id as new_unit_id, st_x(c.geom) as lon, st_y(c.geom) as lat
                from cases c join incidents i on i.id = c.id and i.happened_at = c.happened_at
                where c.ended_at is null and c.number > :number order by c.number limit :limit
                """
            ),
            {"number": number, "limit": limit},
        )
    )


_PLACES = "set area_id = :area_id, grid_id = :grid_id, unit_id = :unit_id"
_OF_CASE = "number = (select number from cases where id = :id)"  # children are found by the case's number
_MOVES = (
    text(f"update cases {_PLACES} where id = :id"),
    text(f"update cases_summons {_PLACES} where {_OF_CASE}"),
    text(f"update cases_rating {_PLACES} where {_OF_CASE}"),
    text(f"update cases_feedback {_PLACES} where {_OF_CASE}"),
    text(f"update cases_change {_PLACES} where case_id = :id"),
)


def place(session: Session, case_id: UUID, area_id: int, grid_id: int | None, unit_id: int | None) -> None:
    """Where one case and what belongs to it lie from now on."""
    given = {"id": case_id, "area_id": area_id, "grid_id": grid_id, "unit_id": unit_id}
    for statement in _MOVES:
        session.execute(statement, given)


def follow_ended(session: Session) -> int:
    """Sets grid and unit of ended cases, and of what belongs to them, to those of their incidents; how many moved."""
    moved: Sequence[Any] = session.execute(
        text(
            """
            with moved as (
                update cases c set grid_id = i.grid_id, unit_id = i.unit_id
                from incidents i
                where i.id = c.id and i.happened_at = c.happened_at and c.ended_at is not null
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
        )
    ).all()
    return len(moved)
