"""SQL of the requests of persons. What may be seen follows from the row policies: each carries where it belongs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.auth.scope import condition

COLUMNS = """
    select id, number, kind, state, proof, incident_id, subject_index, subject_sealed, details_sealed, digest, filed_at,
           due_at, extended_at, taken_by, ended_at, outcome, reason
    from privacy_request r
    """


def add(session: Session, values: Mapping[str, Any]) -> bool:
    """False when there is one of this id."""
    done = session.execute(
        text(
            """
            insert into privacy_request (id, kind, state, proof, incident_id, subject_index, subject_sealed,
                                         details_sealed, digest, area_id, grid_id, unit_id, agency_id, filed_at,
                                         filed_by, due_at)
            values (:id, :kind, :state, :proof, :incident_id, :subject_index, :subject_sealed,
                    :details_sealed, :digest, :area_id, :grid_id, :unit_id, :agency_id, :filed_at, :filed_by, :due_at)
            on conflict (id) do nothing returning 1
            """
        ),
        dict(values),
    )
    return done.one_or_none() is not None


def one(session: Session, request_id: UUID, reach: Reach, *, lock: bool = False) -> Row[Any] | None:
    """`lock`: alone with the request, until this transaction ends."""
    within, values = condition(reach, "r")
    sql = f"{COLUMNS} where r.id = :id and {within} {'for update' if lock else ''}"
    return session.execute(text(sql), {**values, "id": request_id}).one_or_none()


def page(session: Session, reach: Reach, *, only_open: bool, limit: int) -> list[Row[Any]]:
    """Open ones first by what is due, then the newest that have ended."""
    within, values = condition(reach, "r")
    which = "r.ended_at is null" if only_open else "true"
    order = "r.ended_at is not null, r.due_at, r.number"
    sql = f"{COLUMNS} where {within} and {which} order by {order} limit :limit"
    return list(session.execute(text(sql), {**values, "limit": limit}))


def of_incident(session: Session, incident_id: UUID) -> list[Row[Any]]:
    """Those filed with the receipt of one incident."""
    sql = f"{COLUMNS} where r.incident_id = :incident and r.proof = 'receipt' order by r.number"
    return list(session.execute(text(sql), {"incident": incident_id}))


def change(session: Session, request_id: UUID, values: Mapping[str, Any]) -> None:
    """Sets columns, `outcome` as JSON text."""
    casts = {"outcome": "cast(:outcome as jsonb)"}
    columns = ", ".join(f"{column} = {casts.get(column, f':{column}')}" for column in values)
    session.execute(
        text(f"update privacy_request set {columns} where id = :id"),  # noqa: S608  # names of this package
        {**values, "id": request_id},
    )


def by_ids(session: Session, ids: Sequence[UUID]) -> list[Row[Any]]:
    sql = f"{COLUMNS} where id = any(:ids) order by filed_at, id"
    return list(session.execute(text(sql), {"ids": list(ids)}))


def of_subject(session: Session, indexes: Sequence[bytes], incident_id: UUID | None) -> list[UUID]:
    """By number, or by the one incident whose receipt was shown."""
    where = "incident_id = :incident" if incident_id is not None else "subject_index = any(:indexes)"
    sql = f"select id from privacy_request where {where} order by filed_at, id"  # noqa: S608  # one of two texts above
    return list(session.execute(text(sql), {"incident": incident_id, "indexes": list(indexes)}).scalars())


def expire(session: Session, before: datetime, *, held: Sequence[str], limit: int) -> int:
    """Deletes at most so many that ended at that instant or before it."""
    sql = """
        delete from privacy_request where id in (
            select id from privacy_request where ended_at <= :before and not id::text = any(:held)
            order by ended_at, id limit :limit)
        """
    done = session.execute(text(sql), {"before": before, "held": list(held), "limit": limit})
    return int(done.rowcount)  # type: ignore[attr-defined]  # a DELETE's result has it; the general type has not
