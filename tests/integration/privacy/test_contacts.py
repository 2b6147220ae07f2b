"""Contacts: sealed, masked, revealed with a reason, and where their matter is."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from gridgov.areas import service as areas
from gridgov.auth.rules import EVERYWHERE, Reach
from gridgov.bootstrap import House
from gridgov.incidents import contacts, months
from gridgov.incidents.contacts import ContactFrozen, NoContact
from gridgov.platform import clock
from gridgov.privacy.holdings import Because
from gridgov.privacy.trail import NoReason
from tests import sample
from tests.followed import followed, standing
from tests.integration.privacy.conftest import NOW, Reporting, contact_row, trail


def test_a_contact_is_shown_masked(city: House, report: Reporting) -> None:
    incident = report()
    with city.db.transaction() as session:
        shown = contacts.shown(session, incident, reach=EVERYWHERE, sealer=city.sealer)
    assert (shown.name, shown.phone) == ("张*", "138****5678")
    assert shown.given_at == NOW
    row = contact_row(city, incident)
    assert row is not None
    stored = b"".join(bytes(value) for value in row.values() if isinstance(value, bytes | memoryview))
    assert b"13812345678" not in stored
    assert "张三".encode() not in stored


def test_to_reveal_it_takes_a_reason_and_leaves_a_trace(city: House, report: Reporting) -> None:
    incident = report()
    with city.db.transaction() as session:
        plain = contacts.reveal(
            session, incident, reach=EVERYWHERE, reason="ask where exactly it lies", sealer=city.sealer
        )
    assert (plain.name, plain.phone) == ("张三", "13812345678")
    (entry,) = trail(city, "reveal")
    assert (entry["noun"], entry["row_id"]) == ("incidents_contact", str(incident))
    assert entry["reason"] == "ask where exactly it lies"
    assert entry["facts"] == {"fields": ["name", "phone"]}
    assert "138" not in str(entry["facts"])


@pytest.mark.parametrize("reason", ["", "abc", "   abc   ", "\n\t", "x" * 501, "abcd\x00"])
def test_without_a_reason_nothing_is_revealed(city: House, report: Reporting, reason: str) -> None:
    incident = report()
    with pytest.raises(NoReason), city.db.transaction() as session:
        contacts.reveal(session, incident, reach=EVERYWHERE, reason=reason, sealer=city.sealer)
    assert trail(city, "reveal") == []


def test_a_reveal_that_is_undone_leaves_none(city: House, report: Reporting) -> None:
    """The trace stands if and only if the act does: who is refused afterwards got nothing."""
    incident = report()

    def undone() -> None:
        with city.db.transaction() as session:
            contacts.reveal(session, incident, reach=EVERYWHERE, reason="ask where exactly", sealer=city.sealer)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    assert trail(city, "reveal") == []


def test_a_frozen_contact_shows_and_reveals_nothing(city: House, report: Reporting) -> None:
    incident = report(status="open")
    with city.db.transaction() as session:
        assert contacts.Contacts().erase(session, [str(incident)], held=[], because=Because.WITHDRAWAL, now=NOW).frozen
        shown = contacts.shown(session, incident, reach=EVERYWHERE, sealer=city.sealer)
        assert (shown.name, shown.phone, shown.frozen_because) == (None, None, "withdrawal")
        with pytest.raises(ContactFrozen):
            contacts.reveal(session, incident, reach=EVERYWHERE, reason="call back", sealer=city.sealer)


def test_no_contact_is_said_alike_for_none_and_for_no_incident(city: House, report: Reporting) -> None:
    incident = report(None, name=None)
    said = set()
    for one in (incident, uuid.uuid4()):
        with pytest.raises(NoContact) as problem, city.db.transaction() as session:
            contacts.shown(session, one, reach=EVERYWHERE, sealer=city.sealer)
        said.add(str(problem.value))
    assert len(said) == 1


def test_what_lies_beyond_the_reach_is_not_there(city: House, report: Reporting) -> None:
    """The condition of the query, whatever the row policies do; the control is the reach that holds it."""
    incident = report()
    area, grid, unit, agency = where(city, "incidents", "id", incident)
    assert area is not None
    assert grid is not None
    assert unit is not None
    assert agency is not None
    within = [Reach(units=(unit,)), Reach(places=(grid,)), Reach(agencies=(agency,))]
    beyond = [Reach(units=(unit + 1,)), Reach(places=(unit,)), Reach(agencies=(agency + 1,)), Reach()]
    for reach in within:
        with city.db.transaction() as session:
            assert contacts.shown(session, incident, reach=reach, sealer=city.sealer).phone == "138****5678"
    for reach in beyond:
        with pytest.raises(NoContact), city.db.transaction() as session:
            contacts.reveal(session, incident, reach=reach, reason="call back", sealer=city.sealer)
    assert trail(city, "reveal") == []


def test_a_sealed_value_moved_to_another_row_does_not_open(city: House, report: Reporting) -> None:
    mine, theirs = report("13812345678"), report("13900000000")
    with city.db.transaction() as session:
        session.execute(
            text(
                "update incidents_contact set phone_sealed = (select phone_sealed from incidents_contact "
                "where incident_id = :theirs) where incident_id = :mine"
            ),
            {"mine": mine, "theirs": theirs},
        )
    with pytest.raises(Exception, match="does not open"), city.db.transaction() as session:
        contacts.shown(session, mine, reach=EVERYWHERE, sealer=city.sealer)


# --- where it belongs -------------------------------------------------------------------------------------------------

PLACE = "area_id, grid_id, unit_id, agency_id"


def where(house: House, table: str, key: str, incident: uuid.UUID) -> tuple[int | None, ...]:
    with house.db.transaction() as session:
        row = session.execute(text(f"select {PLACE} from {table} where {key} = :id"), {"id": incident}).one()
        return tuple(row)


def test_a_contact_lies_where_its_incident_lies(city: House, report: Reporting) -> None:
    incident = report()
    assert where(city, "incidents_contact", "incident_id", incident) == where(city, "incidents", "id", incident)
    assert None not in where(city, "incidents_contact", "incident_id", incident)


def moved(house: House, report: Reporting) -> tuple[uuid.UUID, tuple[int | None, ...]]:
    """An incident of A02 after new boundaries gave that ground to another community; and where it lay before."""
    incident = report(at=datetime(2026, 10, 1, tzinfo=UTC))
    before = where(house, "incidents", "id", incident)
    with house.db.transaction() as session:
        standing_before = standing(session)
        new = [
            replace(area, geom=sample.cell("B01" if area.code == "A02" else "A02"))
            if area.code in ("A02", "B01")
            else area
            for area in sample.new_areas()
        ]
        areas.put_in_force(session, new, name="A02 and B01 change places", valid_from=clock.utcnow())
    with house.db.transaction() as session:
        assert followed(session, standing_before, clock.utcnow()) == 1
    return incident, before


def test_it_follows_when_boundaries_change(city: House, report: Reporting) -> None:
    incident, before = moved(city, report)
    after = where(city, "incidents_contact", "incident_id", incident)
    assert after == where(city, "incidents", "id", incident)
    assert after != before


def test_without_the_trigger_it_would_stay_behind(city: House, report: Reporting) -> None:
    """The control of the test above: whoever had lost the place would still see the contact."""
    with city.db.transaction() as session:
        session.execute(text("drop trigger incidents_contact_follow on incidents"))
    incident, before = moved(city, report)
    assert where(city, "incidents_contact", "incident_id", incident) == before
    assert where(city, "incidents", "id", incident) != before


def test_it_follows_in_a_month_that_was_made_later(city: House, report: Reporting) -> None:
    """A partition gets the trigger when it is attached, also for rows that come from the default one."""
    incident = report()
    with city.db.transaction() as session:
        months.ensure_months(session, [months.month_of(NOW)])
        session.execute(
            text("update incidents set agency_id = (select id from duties_agency where code = 'JJ') where id = :id"),
            {"id": incident},
        )
    assert where(city, "incidents_contact", "incident_id", incident) == where(city, "incidents", "id", incident)


def test_other_changes_of_an_incident_do_not_touch_its_contact(city: House, report: Reporting) -> None:
    incident = report()
    sql = text("select xmin::text from incidents_contact where incident_id = :id")
    with city.db.transaction() as session:
        before = session.execute(sql, {"id": incident}).scalar_one()
        session.execute(text("update incidents set status = 'closed', agency_id = agency_id"))
    with city.db.transaction() as session:
        assert session.execute(sql, {"id": incident}).scalar_one() == before
