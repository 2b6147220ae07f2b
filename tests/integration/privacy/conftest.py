"""The sample city, and reports with contacts in it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from gridgov.bootstrap import House
from gridgov.incidents import service
from gridgov.incidents.rules import Channel, Report, Reporter
from gridgov.incidents.service import Indexes
from tests import sample

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
Reporting = Callable[..., uuid.UUID]


@pytest.fixture
def city(house: House) -> House:
    """A house with the sample city."""
    with house.db.transaction() as session:
        sample.set_up(session, valid_from=datetime(2020, 1, 1, tzinfo=UTC))
    return house


@pytest.fixture
def report(city: House) -> Reporting:
    """Reports something and leaves a contact: report(phone=…, name=…, place="A02", at=NOW, status="closed")."""

    def reporting(
        phone: str | None = "13812345678",
        *,
        name: str | None = "张三",
        place: str = "A02",
        at: datetime = NOW,
        status: str = "closed",
        notice_id: int | None = None,
    ) -> uuid.UUID:
        lon, lat = sample.centre(place)
        reporter = Reporter(name, phone, notice_id) if name or phone else None
        new = Report(
            id=uuid.uuid4(),
            category="06010",
            lon=lon,
            lat=lat,
            happened_at=at - timedelta(hours=1),
            channel=Channel.HOTLINE,
            text="路口有暴露垃圾",
            reporter=reporter,
        )
        indexes = Indexes(city.locator, city.places, city.router, city.sealer)
        with city.db.transaction() as session:
            service.report(session, new, indexes=indexes, now=at)
            session.execute(
                text("update incidents set status = :status where id = :id"), {"status": status, "id": new.id}
            )
        return new.id

    return reporting


def contact_row(house: House, incident_id: uuid.UUID) -> Mapping[str, Any] | None:
    """The stored row as it is."""
    with house.db.transaction() as session:
        row = session.execute(
            text("select * from incidents_contact where incident_id = :id"), {"id": incident_id}
        ).one_or_none()
        return None if row is None else dict(row._mapping)


def trail(house: House, action: str) -> list[Mapping[str, Any]]:
    """Entries of the audit trail for an action, oldest first."""
    with house.db.transaction() as session:
        rows = session.execute(
            text("select noun, row_id, reason, facts from audit_entry where action = :action order by id"),
            {"action": action},
        )
        return [dict(row._mapping) for row in rows]
