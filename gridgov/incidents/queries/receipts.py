"""What a reporter may see of an incident with its number and secret."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session


def numbered(session: Session, number: int, since: datetime, until: datetime) -> UUID | None:
    """The incident of this number that happened in the span."""
    return session.execute(
        text("select id from incidents where number = :number and happened_at >= :since and happened_at < :until"),
        {"number": number, "since": since, "until": until},
    ).scalar_one_or_none()


def standing(session: Session, incident_id: UUID) -> Row[Any] | None:
    """How the incident stands, without anything that a person wrote or that tells where it is."""
    return session.execute(
        text(
            """
            select i.number, i.status, i.happened_at, i.received_at, c.code as category_code, c.names as category_names,
                   a.code as agency_code, a.names as agency_names
            from incidents i join duties_category c on c.id = i.category_id
            left join duties_agency a on a.id = i.agency_id
            where i.id = :id and i.happened_at = (select k.happened_at from incidents_key k where k.id = :id)
            """
        ),
        {"id": incident_id},
    ).one_or_none()
