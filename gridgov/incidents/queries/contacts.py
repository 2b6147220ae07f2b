"""SQL of the reporters' contacts."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session


def add(session: Session, incident_id: UUID, name_sealed: bytes | None, phone_sealed: bytes | None) -> None:
    session.execute(
        text("insert into incidents_contact (incident_id, name_sealed, phone_sealed) values (:id, :name, :phone)"),
        {"id": incident_id, "name": name_sealed, "phone": phone_sealed},
    )
