"""SQL of photos. Each reads one incident's rows, within the reach of whoever asks; the row policies say it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.auth.scope import condition

SHOWN = "a.id, a.incident_id, a.number, a.sha256, a.size_bytes, a.width, a.height, a.kind, a.created_at"


def home(session: Session, incident_id: UUID, reach: Reach | None) -> Row[Any] | None:
    """Where the incident belongs (area_id, grid_id, unit_id, agency_id); None when it is not to be seen.

    `reach` None: the transaction is bound to this one incident, and the row policies show no other.
    """
    within, values = _within(reach, "i")
    sql = f"""
        select i.area_id, i.grid_id, i.unit_id, i.agency_id from incidents i
        where i.id = :id and i.happened_at = (select k.happened_at from incidents_key k where k.id = :id) and {within}
        """  # noqa: S608  # a fixed form; values are bound
    return session.execute(text(sql), {"id": incident_id, **values}).one_or_none()


def lock(session: Session, incident_id: UUID) -> None:
    """Alone with the photos of the incident until this transaction ends."""
    session.execute(
        text("select pg_advisory_xact_lock(hashtextextended('incidents_attachment|' || :id, 0))"),
        {"id": str(incident_id)},
    )


def of(session: Session, incident_id: UUID, reach: Reach | None) -> list[Row[Any]]:
    """Photos of an incident by their numbers."""
    within, values = _within(reach, "a")
    sql = f"""
        select {SHOWN} from incidents_attachment a where a.incident_id = :id and {within} order by a.number
        """  # noqa: S608  # a fixed form; values are bound
    return list(session.execute(text(sql), {"id": incident_id, **values}))


def one(session: Session, incident_id: UUID, attachment_id: UUID, reach: Reach | None) -> Row[Any] | None:
    within, values = _within(reach, "a")
    sql = f"""
        select {SHOWN} from incidents_attachment a
        where a.incident_id = :id and a.id = :attachment_id and {within}
        """  # noqa: S608  # a fixed form; values are bound
    return session.execute(text(sql), {"id": incident_id, "attachment_id": attachment_id, **values}).one_or_none()


def gps(session: Session, incident_id: UUID, attachment_id: UUID, reach: Reach | None) -> Row[Any] | None:
    """(id, gps_sealed): the restricted column, by itself."""
    within, values = _within(reach, "a")
    sql = f"""
        select a.id, a.gps_sealed from incidents_attachment a
        where a.incident_id = :id and a.id = :attachment_id and {within}
        """  # noqa: S608  # a fixed form; values are bound
    return session.execute(text(sql), {"id": incident_id, "attachment_id": attachment_id, **values}).one_or_none()


def add(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    session.execute(
        text(
            "insert into incidents_attachment (id, incident_id, number, sha256, size_bytes, width, height, kind, "
            "gps_sealed, created_at, area_id, grid_id, unit_id, agency_id) values (:id, :incident_id, :number, "
            ":sha256, :size_bytes, :width, :height, :kind, :gps_sealed, :created_at, :area_id, :grid_id, :unit_id, "
            ":agency_id)"
        ),
        [dict(row) for row in rows],
    )


def remove(session: Session, incident_id: UUID) -> int:
    """All photos of an incident; how many."""
    done = session.execute(text("delete from incidents_attachment where incident_id = :id"), {"id": incident_id})
    return int(done.rowcount)  # type: ignore[attr-defined]  # a DELETE's result has it; the general type has not


def digests(session: Session, incident_id: UUID) -> set[bytes]:
    """Which stored pictures of an incident a row still names."""
    rows = session.execute(text("select sha256 from incidents_attachment where incident_id = :id"), {"id": incident_id})
    return {bytes(value) for value in rows.scalars()}


def digests_of(session: Session, incident_ids: Sequence[UUID]) -> list[tuple[UUID, bytes]]:
    """The same for several: (incident, digest)."""
    rows = session.execute(
        text("select incident_id, sha256 from incidents_attachment where incident_id = any(:ids)"),
        {"ids": list(incident_ids)},
    )
    return [(row.incident_id, bytes(row.sha256)) for row in rows]


# --- positions --------------------------------------------------------------------------------------------------------


def positions_of(session: Session, indexes: Sequence[bytes], incident_id: UUID | None) -> list[UUID]:
    """Photos with a position: of one incident, or of those whose contact has one of these blind indexes."""
    sql = """
        select a.id from incidents_attachment a
        where a.gps_sealed is not null
          and (a.incident_id = :incident_id
               or a.incident_id in (select c.incident_id from incidents_contact c
                                    where c.phone_index = any(:indexes) and cast(:incident_id as uuid) is null))
        order by a.created_at, a.id
        """
    values = {"incident_id": incident_id, "indexes": list(indexes)}
    return list(session.execute(text(sql), values).scalars())


def positions(session: Session, ids: Sequence[UUID]) -> list[Row[Any]]:
    """(id, incident_id, number, created_at, gps_sealed) of photos that have one."""
    sql = """
        select id, incident_id, number, created_at, gps_sealed from incidents_attachment
        where id = any(:ids) and gps_sealed is not null order by created_at, id
        """
    return list(session.execute(text(sql), {"ids": list(ids)}))


def positions_past(session: Session, before: datetime, *, held: Sequence[UUID], limit: int) -> list[UUID]:
    """At most so many photos stored at that instant or earlier that have a position, oldest first."""
    sql = """
        select id from incidents_attachment
        where gps_sealed is not null and created_at <= :before and id <> all(:held)
        order by created_at, id limit :limit
        """
    return list(session.execute(text(sql), {"before": before, "held": list(held), "limit": limit}).scalars())


def forget_positions(session: Session, ids: Sequence[UUID]) -> int:
    """How many had one."""
    done = session.execute(
        text("update incidents_attachment set gps_sealed = null where id = any(:ids) and gps_sealed is not null"),
        {"ids": list(ids)},
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it; the general type has not


def _within(reach: Reach | None, alias: str) -> tuple[str, dict[str, Any]]:
    return ("true", {}) if reach is None else condition(reach, alias)
