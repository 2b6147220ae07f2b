"""SQL of the reporters' contacts. Reads of one incident go by its key; the row policies add the scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.auth.scope import condition

ADD = """
    insert into incidents_contact (incident_id, name_sealed, phone_sealed, phone_index, notice_id, created_at,
                                   area_id, grid_id, unit_id, agency_id)
    values (:incident_id, :name_sealed, :phone_sealed, :phone_index, :notice_id, :created_at,
            :area_id, :grid_id, :unit_id, :agency_id)
    """
COLUMNS = "incident_id, name_sealed, phone_sealed, created_at, notice_id, frozen_at, frozen_because"


def add(session: Session, values: Mapping[str, Any]) -> None:
    session.execute(text(ADD), dict(values))


def one(session: Session, incident_id: UUID, reach: Reach) -> Row[Any] | None:
    within, values = condition(reach, "c")
    sql = f"select {COLUMNS} from incidents_contact c where c.incident_id = :id and {within}"  # noqa: S608  # fixed parts
    return session.execute(text(sql), {**values, "id": incident_id}).one_or_none()


def home(session: Session, incident_id: UUID) -> Row[Any]:
    """(area_id, grid_id, unit_id, agency_id) of an incident that is there."""
    sql = """
        select area_id, grid_id, unit_id, agency_id from incidents
        where id = :id and happened_at = (select k.happened_at from incidents_key k where k.id = :id)
        """
    return session.execute(text(sql), {"id": incident_id}).one()


def by_ids(session: Session, ids: Sequence[UUID]) -> list[Row[Any]]:
    """In the order of reports."""
    sql = f"select {COLUMNS} from incidents_contact where incident_id = any(:ids) order by created_at, incident_id"  # noqa: S608  # fixed names
    return list(session.execute(text(sql), {"ids": list(ids)}))


def with_phone(session: Session, indexes: Sequence[bytes]) -> list[UUID]:
    """Incidents whose contact has one of these blind indexes."""
    return list(
        session.execute(
            text("select incident_id from incidents_contact where phone_index = any(:indexes) order by incident_id"),
            {"indexes": list(indexes)},
        ).scalars()
    )


def correct(session: Session, incident_id: UUID, values: Mapping[str, bytes | None]) -> None:
    """Sets sealed columns and the index; `values` by column."""
    columns = ", ".join(f"{column} = :{column}" for column in values)
    session.execute(
        text(f"update incidents_contact set {columns} where incident_id = :id"),  # noqa: S608  # names of this domain
        {**values, "id": incident_id},
    )


# A matter that is open is still to be answered: its contact is owed to the person and only frozen. So is one whose
# matter this role cannot see: what is not known to be over is not erased.
_KEPT = """
    (c.incident_id::text = any(:held)
     or not exists (select from incidents i where i.id = c.incident_id and i.status <> 'open'))
    """


def end(session: Session, ids: Sequence[UUID], *, held: Sequence[str], because: str, now: datetime) -> tuple[int, int]:
    """(erased, frozen): deletes contacts; what is held or still to be answered is frozen."""
    values = {"ids": list(ids), "held": list(held), "because": because, "now": now}
    sql = f"""
        with chosen as (
            select c.incident_id, {_KEPT} as kept from incidents_contact c
            where c.incident_id = any(:ids) for update
        ), erased as (
            delete from incidents_contact c using chosen x
            where x.incident_id = c.incident_id and not x.kept returning 1
        ), frozen as (
            update incidents_contact c set frozen_at = :now, frozen_because = :because
            from chosen x where x.incident_id = c.incident_id and x.kept and c.frozen_at is null returning 1
        )
        select (select count(*) from erased) as erased, (select count(*) from frozen) as frozen
        """  # noqa: S608  # fixed parts
    row = session.execute(text(sql), values).one()
    return int(row.erased), int(row.frozen)


def ending(session: Session, before: datetime, *, held: Sequence[str], limit: int) -> list[UUID]:
    """At most so many contacts with which something is to be done, oldest first.

    Those given at `before` or earlier; and frozen ones, however young, which nothing keeps any more: the hold was
    lifted, the matter closed.
    """
    sql = f"""
        select c.incident_id from incidents_contact c
        where c.created_at <= :before and c.frozen_at is null or c.frozen_at is not null and not {_KEPT}
        order by c.created_at, c.incident_id limit :limit
        """  # noqa: S608  # fixed parts
    values = {"before": before, "held": list(held), "limit": limit}
    return list(session.execute(text(sql), values).scalars())
