"""SQL of orders: which items decide at a place, which admissions allow an agency to order there, what was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_TAKES = "(i.category in (:code, '*') or right(i.category, 1) = '*' and starts_with(:code, left(i.category, -1)))"


def deciding(session: Session, code: str, path: Sequence[int], at: datetime) -> list[Row[Any]]:
    """Of each list in force the item that decides for the matter on the path of area ids, in the order of
    `routing.rank`: (list_name, lead_level, support_levels). Admitted items are left out."""
    return list(
        session.execute(
            text(
                f"""
                select distinct on (l.name) l.name as list_name, i.id, i.code, i.lead_level,
                       array(select s.level from duties_support s where s.item_id = i.id and s.level is not null)
                           as support_levels
                from duties_item i join duties_list l on l.id = i.list_id
                where l.valid @> cast(:at as timestamptz) and i.admission_id is null
                  and (i.expires_at is null or i.expires_at > :at)
                  and (i.area_id is null or i.area_id = any (cast(:path as bigint[]))) and {_TAKES}
                order by l.name, coalesce(array_position(cast(:path as bigint[]), i.area_id), 0) desc,
                         case when i.category = '*' then 2 when right(i.category, 1) = '*' then 1 else 0 end,
                         length(i.category) desc, i.code collate "C", i.id
                """  # noqa: S608 -- made of the constant above
            ),
            {"code": code, "path": list(path), "at": at},
        )
    )


def admitting(
    session: Session, code: str, path: Sequence[int], offices: Sequence[str], agency_id: int, at: datetime
) -> Row[Any] | None:
    """An admission by which the agency, or one above it, may order the matter of the office that is any of `offices` at
    the end of the path, else one that ended last, else one to come: (admission_id, in_force, ended)."""
    return (
        session.execute(
            text(
                f"""
                with recursive line as (
                    select id, parent_id from duties_agency where id = :agency
                    union select g.id, g.parent_id from duties_agency g join line on g.id = line.parent_id
                )
                select i.admission_id,
                       l.valid @> cast(:at as timestamptz) and i.expires_at > :at as in_force,
                       least(upper(l.valid), i.expires_at) <= :at as ended
                from duties_item i join duties_list l on l.id = i.list_id
                where i.admission_id is not null and i.area_id = any (cast(:path as bigint[])) and {_TAKES}
                  and l.state = 'published' and i.payer_agency_id in (select id from line)
                  and (i.lead_level = any (cast(:offices as text[])) or exists (
                         select from duties_support s
                         where s.item_id = i.id and s.level = any (cast(:offices as text[]))))
                order by in_force desc, ended desc, least(upper(l.valid), i.expires_at) desc, i.id desc limit 1
                """  # noqa: S608 -- made of the constant above
            ),
            {"code": code, "path": list(path), "offices": list(offices), "agency": agency_id, "at": at},
        )
    ).one_or_none()


def add_attempt(session: Session, facts: Mapping[str, Any], at: datetime) -> None:
    """Facts: admission_id, agency_id, area_id, category."""
    session.execute(
        text(
            "insert into duties_admission_attempt (admission_id, agency_id, area_id, category, at) "
            "values (:admission_id, :agency_id, :area_id, :category, :at)"
        ),
        {**facts, "at": at},
    )
