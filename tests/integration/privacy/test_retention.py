"""The end of retention: the clock is moved to the very second, and the control is the second before."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from gridgov.bootstrap import HOLDINGS, House
from gridgov.incidents.contacts import NAME, Contacts
from gridgov.platform.errors import BadInput
from gridgov.privacy import jobs, service
from gridgov.privacy.deadlines import Limit
from gridgov.privacy.holdings import Ended
from gridgov.privacy.retention import REPORTER_CONTACT
from gridgov.privacy.service import HeldAlready, HoldUnknown, LimitUnknown
from tests.integration.privacy.conftest import NOW, Reporting, contact_row, trail

SECOND = timedelta(seconds=1)
END = NOW + timedelta(days=730)


def run(house: House, now: datetime, *, slice_rows: int = 500) -> Ended:
    return jobs.retain(house.db.transaction, HOLDINGS, now=now, slice_rows=slice_rows)[NAME]


def test_a_contact_lives_for_two_years_and_not_a_second_longer(city: House, report: Reporting) -> None:
    incident = report()
    assert run(city, END - SECOND) == Ended()
    assert contact_row(city, incident) is not None
    assert run(city, END) == Ended(erased=1)
    assert contact_row(city, incident) is None
    (entry,) = trail(city, "retain")
    assert (entry["noun"], entry["facts"]) == ("incidents_contact", {"erased": 1, "frozen": 0})


def test_the_incident_stays(city: House, report: Reporting) -> None:
    report()
    run(city, END)
    with city.db.transaction() as session:
        assert session.execute(text("select count(*) from incidents")).scalar_one() == 1


def test_again_does_nothing_and_says_nothing(city: House, report: Reporting) -> None:
    report()
    run(city, END)
    assert run(city, END) == Ended()
    assert len(trail(city, "retain")) == 1


def test_in_slices_it_does_the_same_and_each_is_in_the_trail(city: House, report: Reporting) -> None:
    incidents = [report() for _ in range(7)]
    young = report(at=NOW + timedelta(days=1))
    assert run(city, END, slice_rows=3) == Ended(erased=7)
    assert all(contact_row(city, one) is None for one in incidents)
    assert contact_row(city, young) is not None
    assert [entry["facts"]["erased"] for entry in trail(city, "retain")] == [3, 3, 1]


class Stopped(Exception):
    """The power went."""


def test_what_is_stopped_is_taken_up_where_it_was(city: House, report: Reporting) -> None:
    incidents = [report() for _ in range(6)]
    begun = 0

    def transaction():  # type: ignore[no-untyped-def]  # as the database's own
        nonlocal begun
        begun += 1
        if begun == 3:
            raise Stopped
        return city.db.transaction()

    with pytest.raises(Stopped):
        jobs.retain(transaction, [Contacts()], now=END, slice_rows=2)
    left = [one for one in incidents if contact_row(city, one) is not None]
    assert len(left) == 2
    assert run(city, END) == Ended(erased=2)
    assert sum(entry["facts"]["erased"] for entry in trail(city, "retain")) == 6


def test_what_is_still_to_be_answered_is_frozen_and_goes_when_it_is_closed(city: House, report: Reporting) -> None:
    incident = report(status="open")
    assert run(city, END) == Ended(frozen=1)
    row = contact_row(city, incident)
    assert row is not None
    assert (row["frozen_at"], row["frozen_because"]) == (END, "retention")
    assert run(city, END + SECOND) == Ended()
    with city.db.transaction() as session:
        session.execute(text("update incidents set status = 'closed'"))
    assert run(city, END + SECOND) == Ended(erased=1)


def test_a_hold_keeps_a_row_until_it_is_lifted(city: House, report: Reporting) -> None:
    held, free = report(), report()
    with city.db.transaction() as session:
        hold = service.hold(session, Contacts(), str(held), reason="court 2026-17", now=NOW)
        with pytest.raises(HeldAlready):
            service.hold(session, Contacts(), str(held), reason="once more", now=NOW)
    assert run(city, END) == Ended(erased=1, frozen=1)
    assert contact_row(city, free) is None
    assert run(city, END) == Ended()
    with city.db.transaction() as session:
        service.lift(session, hold, reason="the court has decided", now=END)
        with pytest.raises(HoldUnknown):
            service.lift(session, hold, reason="once more", now=END)
    assert run(city, END) == Ended(erased=1)
    assert contact_row(city, held) is None
    assert [entry["reason"] for entry in trail(city, "hold") + trail(city, "lift")] == [
        "court 2026-17",
        "the court has decided",
    ]


def test_without_the_hold_it_is_gone(city: House, report: Reporting) -> None:
    """The control: another row's hold does not help."""
    incident = report()
    with city.db.transaction() as session:
        service.hold(session, Contacts(), str(uuid.uuid4()), reason="court 2026-17", now=NOW)
    assert run(city, END) == Ended(erased=1)
    assert contact_row(city, incident) is None


def test_a_city_may_keep_for_a_shorter_time(city: House, report: Reporting) -> None:
    report()
    shorter = Limit(REPORTER_CONTACT.name, 90, "rules of the city, section 4")
    with city.db.transaction() as session:
        service.set_limit(session, shorter, known=[REPORTER_CONTACT.name], now=NOW)
    assert run(city, NOW + timedelta(days=90) - SECOND) == Ended()
    assert run(city, NOW + timedelta(days=90)) == Ended(erased=1)


@pytest.mark.parametrize(
    ("limit", "problem"),
    [
        (Limit("nobody-knows-it", 90, "rules of the city"), LimitUnknown),
        (Limit(REPORTER_CONTACT.name, 0, "rules of the city"), BadInput),
        (Limit(REPORTER_CONTACT.name, 40_000, "rules of the city"), BadInput),
        (Limit(REPORTER_CONTACT.name, 90, "x"), BadInput),
    ],
)
def test_a_limit_that_means_nothing_is_refused(city: House, limit: Limit, problem: type[BadInput]) -> None:
    with pytest.raises(problem), city.db.transaction() as session:
        service.set_limit(session, limit, known=[REPORTER_CONTACT.name], now=NOW)
