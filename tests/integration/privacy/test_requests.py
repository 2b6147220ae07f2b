"""Requests of persons: filed once, answered from every holding, never beyond what was proved."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from gridgov.auth.rules import EVERYWHERE, Reach
from gridgov.bootstrap import HOLDINGS, House
from gridgov.incidents.contacts import Contacts
from gridgov.platform.calendars import Calendar
from gridgov.platform.db import say
from gridgov.privacy import jobs, requests, service
from gridgov.privacy.deadlines import Limit
from gridgov.privacy.holdings import Because, Ended
from gridgov.privacy.records import REQUESTS, Requests
from gridgov.privacy.requests import Answer, NeedsWholeCity, OtherRequest, Request, RequestUnknown, overdue
from gridgov.privacy.retention import ANSWER
from gridgov.privacy.rules import Home, Kind, NewRequest, NotNow, Proof, RequestState
from tests.integration.privacy.conftest import NOW, Reporting, contact_row, trail

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar(ZONE)
DAY = timedelta(days=1)


def by_papers(kind: Kind, number: str = "13812345678", **values: str) -> NewRequest:
    return NewRequest(uuid.uuid4(), kind, Proof.PAPERS, phone=number, values=values)


def by_receipt(house: House, kind: Kind, incident: uuid.UUID, **values: str) -> NewRequest:
    with house.db.transaction() as session:
        row = session.execute(
            text("select area_id, grid_id, unit_id, agency_id from incidents where id = :id"), {"id": incident}
        ).one()
    return NewRequest(uuid.uuid4(), kind, Proof.RECEIPT, incident_id=incident, home=Home(*row), values=values)


def file(house: House, new: NewRequest, now: datetime = NOW) -> Request:
    with house.db.transaction() as session:
        return requests.file(session, new, reach=EVERYWHERE, calendar=CALENDAR, sealer=house.sealer, now=now)


def answer(house: House, new: NewRequest, *, reach: Reach = EVERYWHERE) -> Answer:
    """Files, takes and fulfils it."""
    file(house, new)
    with house.db.transaction() as session:
        requests.take(session, new.id, reach=reach)
        return requests.fulfil(session, new.id, HOLDINGS, reach=reach, sealer=house.sealer, now=NOW + DAY)


def test_a_request_is_due_after_fifteen_working_days(city: House) -> None:
    """Filed on a Monday; three weeks later that day ends."""
    found = file(city, by_papers(Kind.ACCESS))
    assert found.state is RequestState.RECEIVED
    assert found.due_at == datetime(2026, 11, 24, tzinfo=ZONE)
    assert not overdue(found, found.due_at - timedelta(seconds=1))
    assert overdue(found, found.due_at)


def test_the_citys_own_limit_counts(city: House) -> None:
    with city.db.transaction() as session:
        service.set_limit(session, Limit(ANSWER.name, 7, "rules of the city", working=False), known=[], now=NOW)
    assert file(city, by_papers(Kind.ACCESS)).due_at == datetime(2026, 11, 10, tzinfo=ZONE)


def test_the_same_again_is_the_first_and_another_under_its_id_is_refused(city: House) -> None:
    new = by_papers(Kind.CORRECT, name="李四")
    first = file(city, new)
    assert file(city, new, NOW + DAY) == first
    assert file(city, replace(new, phone="+86 138 1234 5678")) == first, "the same number"
    for other in (replace(new, phone="13900000000"), replace(new, values={"name": "王五"})):
        with pytest.raises(OtherRequest):
            file(city, other)
    with city.db.transaction() as session:
        assert session.execute(text("select count(*) from privacy_request")).scalar_one() == 1


def test_what_a_person_says_is_sealed(city: House) -> None:
    new = replace(by_papers(Kind.CORRECT, name="李四"), words="my name is wrong, call 13812345678")
    file(city, new)
    with city.db.transaction() as session:
        row = session.execute(text("select * from privacy_request")).one()
    stored = b"".join(bytes(value) for value in row if isinstance(value, bytes | memoryview))
    assert not [secret for secret in ("13812345678", "李四", "wrong") if secret.encode() in stored]


# --- what is held -----------------------------------------------------------------------------------------------------


def test_access_gives_everything_held_about_the_number_and_nothing_else(city: House, report: Reporting) -> None:
    mine = {report(), report("+86 138-1234-5678", place="B01"), report("138 1234 5678", status="open")}
    report("13900000000")
    found = answer(city, by_papers(Kind.ACCESS))
    contacts = [one for one in found.held if one.holding == "incidents.contacts"]
    assert {uuid.UUID(one.key) for one in contacts} == mine
    assert {one.values["name"] for one in contacts} == {"张三"}
    assert found.request.state is RequestState.DONE
    (entry,) = trail(city, "export")
    assert entry["facts"] == {"found": 3, "request": found.request.number}


def test_the_holdings_tell_of_each_other(city: House, report: Reporting) -> None:
    """An earlier request is itself held about the person, and so is a frozen contact."""
    report(status="open")
    answer(city, by_papers(Kind.ERASE))
    file(city, earlier := by_papers(Kind.EXPLAIN))
    found = answer(city, by_papers(Kind.COPY))
    held = {(one.holding, one.frozen_at is not None) for one in found.held}
    assert ("incidents.contacts", True) in held
    assert str(earlier.id) in {one.key for one in found.held if one.holding == REQUESTS}


def test_a_receipt_reaches_its_own_report_and_no_further(city: House, report: Reporting) -> None:
    """Anybody may type another's number into a report. Were the number what counts, the receipt of that report would
    open or erase all that the other ever left: the control is the same request with papers."""
    victims = {report(), report()}
    typed_by_another = report("13812345678", name="王五")
    found = answer(city, by_receipt(city, Kind.ACCESS, typed_by_another))
    assert {one.key for one in found.held if one.holding == "incidents.contacts"} == {str(typed_by_another)}
    done = answer(city, by_receipt(city, Kind.ERASE, typed_by_another))
    assert done.ended["incidents.contacts"] == Ended(erased=1)
    assert all(contact_row(city, one) is not None for one in victims)
    assert answer(city, by_papers(Kind.ERASE)).ended["incidents.contacts"] == Ended(erased=2)


def test_a_number_is_only_answered_by_who_reaches_the_whole_city(city: House, report: Reporting) -> None:
    incident, elsewhere = report(), report(place="B01")
    with city.db.transaction() as session:
        unit = session.execute(text("select unit_id from incidents where id = :id"), {"id": incident}).scalar_one()
    mine = Reach(units=(unit,))
    with pytest.raises(RequestUnknown):  # it lies nowhere, so not within a part
        answer(city, by_papers(Kind.ERASE), reach=mine)
    with pytest.raises(NeedsWholeCity), city.db.transaction() as session:
        requests.file(session, by_papers(Kind.ERASE), reach=mine, calendar=CALENDAR, sealer=city.sealer, now=NOW)
    assert contact_row(city, incident) is not None
    assert answer(city, by_receipt(city, Kind.ACCESS, incident), reach=mine).held
    with pytest.raises(RequestUnknown):
        answer(city, by_receipt(city, Kind.ACCESS, elsewhere), reach=mine)


def test_a_correction_is_found_by_the_new_number(city: House, report: Reporting) -> None:
    incident = report()
    done = answer(city, by_papers(Kind.CORRECT, name="李四", phone="13911112222"))
    assert done.corrected["incidents.contacts"] == 1
    found = answer(city, by_papers(Kind.ACCESS, "13911112222"))
    (contact,) = [one for one in found.held if one.holding == "incidents.contacts"]
    assert (contact.key, contact.values) == (str(incident), {"name": "李四", "phone": "13911112222"})
    assert not [one for one in answer(city, by_papers(Kind.ACCESS)).held if one.holding == "incidents.contacts"], (
        "the control: the old number finds it no more"
    )


def test_a_correction_leaves_what_was_not_named(city: House, report: Reporting) -> None:
    incident = report()
    answer(city, by_receipt(city, Kind.CORRECT, incident, name="李四"))
    (contact,) = [o for o in answer(city, by_papers(Kind.ACCESS)).held if o.holding == "incidents.contacts"]
    assert contact.values == {"name": "李四", "phone": "13812345678"}


def test_erasing_obeys_a_hold_and_the_duty_to_answer(city: House, report: Reporting) -> None:
    closed, held, still_open = report(), report(), report(status="open")
    with city.db.transaction() as session:
        service.hold(session, Contacts(), str(held), reason="court 2026-17", now=NOW)
    done = answer(city, by_papers(Kind.ERASE))
    assert done.ended["incidents.contacts"] == Ended(erased=1, frozen=2)
    assert contact_row(city, closed) is None
    for one in (held, still_open):
        row = contact_row(city, one)
        assert row is not None
        assert (row["frozen_because"], row["frozen_at"]) == ("erase", NOW + DAY)
    assert done.request.outcome is not None
    assert done.request.outcome["incidents.contacts"] == {"found": 3, "erased": 1, "frozen": 2}


def test_what_was_frozen_for_the_duty_goes_as_soon_as_the_matter_is_closed(city: House, report: Reporting) -> None:
    """Not two years later: the person has asked. The control is a contact of the same age that nobody asked about."""
    asked, other = report(status="open"), report("13900000000", status="open")
    answer(city, by_papers(Kind.ERASE))
    assert jobs.retain(city.db.transaction, [Contacts()], now=NOW + DAY)["incidents.contacts"] == Ended()
    with city.db.transaction() as session:
        session.execute(text("update incidents set status = 'closed'"))
    assert jobs.retain(city.db.transaction, [Contacts()], now=NOW + DAY)["incidents.contacts"] == Ended(erased=1)
    assert contact_row(city, asked) is None
    assert contact_row(city, other) is not None


def test_what_is_not_known_to_be_over_is_not_erased(city: House, report: Reporting) -> None:
    """Somebody who sees contacts and not their matters freezes them: a right that is missing must not erase."""
    incident, blind = report(status="open"), f"blind_{uuid.uuid4().hex}"
    made = f"""
        create role {blind};
        grant usage on schema demo to {blind};
        grant select, update, delete on incidents_contact to {blind};
        grant select on incidents to {blind};
        create policy blind on incidents_contact to {blind} using (true);
        set local role {blind};
        """
    with city.db.transaction() as session:
        say(session, made)
        ended = Contacts().erase(session, [str(incident)], held=[], because=Because.ERASE, now=NOW)
        say(session, f"reset role; drop owned by {blind}; drop role {blind}")
    assert ended == Ended(frozen=1)


def test_after_an_erasure_the_request_itself_forgets_the_number(city: House, report: Reporting) -> None:
    """That it was answered can still be shown: by the number, to whoever gives it."""
    report()
    done = answer(city, by_papers(Kind.ERASE))
    with city.db.transaction() as session:
        row = session.execute(text("select subject_sealed, details_sealed, outcome from privacy_request")).one()
        assert (row.subject_sealed, row.details_sealed) == (None, None)
        found = Requests().find(session, service.by_phone(city.sealer, "13812345678"))
    assert found == [str(done.request.id)]


# --- how it goes ------------------------------------------------------------------------------------------------------


def test_nothing_is_answered_before_somebody_takes_it(city: House) -> None:
    new = by_papers(Kind.ACCESS)
    file(city, new)
    with pytest.raises(NotNow), city.db.transaction() as session:
        requests.fulfil(session, new.id, HOLDINGS, reach=EVERYWHERE, sealer=city.sealer, now=NOW)


def test_it_is_answered_once(city: House, report: Reporting) -> None:
    report()
    new = by_papers(Kind.ACCESS)
    answer(city, new)
    with pytest.raises(NotNow), city.db.transaction() as session:
        requests.take(session, new.id, reach=EVERYWHERE)
    with pytest.raises(NotNow), city.db.transaction() as session:
        requests.refuse(session, new.id, reach=EVERYWHERE, reason="no right", now=NOW)
    assert len(trail(city, "export")) == 1


def test_it_is_extended_once_and_with_a_reason(city: House) -> None:
    new = by_papers(Kind.ACCESS)
    first = file(city, new)
    with city.db.transaction() as session:
        later = requests.extend(
            session, new.id, reach=EVERYWHERE, reason="many reports to look through", calendar=CALENDAR, now=NOW
        )
    assert later.due_at == datetime(2026, 12, 15, tzinfo=ZONE)
    assert later.due_at > first.due_at
    assert later.reason == "many reports to look through"
    with pytest.raises(NotNow), city.db.transaction() as session:
        requests.extend(session, new.id, reach=EVERYWHERE, reason="still more to do", calendar=CALENDAR, now=NOW)


def test_a_refusal_has_a_reason_and_is_in_the_trail(city: House) -> None:
    new = by_papers(Kind.ERASE)
    file(city, new)
    with city.db.transaction() as session:
        requests.take(session, new.id, reach=EVERYWHERE)
        found = requests.refuse(session, new.id, reach=EVERYWHERE, reason="the court needs it", now=NOW)
    assert (found.state, found.reason) == (RequestState.REFUSED, "the court needs it")
    assert trail(city, "refuse")[0]["reason"] == "the court needs it"


def test_what_is_dropped_is_forgotten(city: House) -> None:
    new = by_papers(Kind.CORRECT, name="李四")
    file(city, new)
    with city.db.transaction() as session:
        assert requests.drop(session, new.id, now=NOW).state is RequestState.DROPPED
        row = session.execute(text("select subject_sealed, details_sealed from privacy_request")).one()
    assert tuple(row) == (None, None)


def test_the_most_urgent_come_first_and_the_ended_are_left_out(city: House) -> None:
    late, soon, dropped = by_papers(Kind.ACCESS), by_papers(Kind.ERASE), by_papers(Kind.EXPLAIN)
    file(city, late, NOW + 2 * DAY)
    file(city, soon, NOW)
    file(city, dropped, NOW)
    with city.db.transaction() as session:
        requests.drop(session, dropped.id, now=NOW)
        assert [one.id for one in requests.find(session, reach=EVERYWHERE)] == [soon.id, late.id]
        assert [one.id for one in requests.find(session, reach=EVERYWHERE, only_open=False)] == [
            soon.id,
            late.id,
            dropped.id,
        ]


def test_a_request_that_is_not_there(city: House) -> None:
    with pytest.raises(RequestUnknown), city.db.transaction() as session:
        requests.take(session, uuid.uuid4(), reach=EVERYWHERE)


def test_a_record_is_kept_for_three_years_after_the_answer(city: House, report: Reporting) -> None:
    report()
    answer(city, by_papers(Kind.ACCESS))
    end = NOW + DAY + timedelta(days=1095)

    def run(now: datetime) -> Ended:
        return jobs.retain(city.db.transaction, [Requests()], now=now)[REQUESTS]

    assert run(end - timedelta(seconds=1)) == Ended()
    assert run(end) == Ended(erased=1)


def test_an_open_request_is_never_outlived(city: House) -> None:
    file(city, by_papers(Kind.ACCESS))
    assert jobs.retain(city.db.transaction, [Requests()], now=NOW + 10_000 * DAY)[REQUESTS] == Ended()
