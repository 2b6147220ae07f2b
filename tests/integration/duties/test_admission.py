"""Admission from the draft to its end, under real posts: every edge, every forbidden one, silence, and who decides."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gridgov.auth.rules import NotYours
from gridgov.bootstrap import House
from gridgov.duties import admission, admitting
from gridgov.duties.admission import Admission
from gridgov.duties.admitting import (
    AdmissionUnknown,
    Incomplete,
    KeyUsed,
    NoSuchStep,
    NotAsked,
    NotTheDistrict,
    NotYourStep,
    OpinionGiven,
    OwnAgency,
    State,
    Verdict,
)
from gridgov.platform.errors import BadInput, NotFound
from tests.admissions import BEGINS, DAY, DECIDE, ENDS, NOW, READ, Play, also_posted, play

LATER = NOW + 8 * DAY  # after five working days


@pytest.fixture
def city(sampled: House) -> Play:
    return play(sampled)


def steps(city: Play, made: Admission) -> list[tuple[str | None, str]]:
    with city.acting("city", READ) as work:
        return [(row.from_state, row.to_state) for row in admission.history(work.session, made.id)]


def opinions(city: Play, made: Admission) -> dict[str, str | None]:
    codes = {area: code for code, area in city.areas.items()}
    with city.acting("city", READ) as work:
        return {codes[row.unit_id]: row.stance for row in admission.opinions_of(work.session, made.id)}


# --- the way -----------------------------------------------------------------------------------------------------


def test_asked_heard_admitted_in_force_over(city: Play) -> None:
    made = city.submit(city.create())
    assert made.state is State.SUBMITTED
    assert made.opinions_due_at == NOW + 7 * DAY  # five working days: over one weekend
    assert sorted(city.units(made)) == ["E1", "E2", "WS"]
    city.opine(made, "ws")
    city.opine(made, "e1", support=False)
    assert city.get(made).state is State.SUBMITTED
    assert city.opine(made, "e2").state is State.HEARD
    done = city.decide(made, verdict=Verdict.ADMIT_WITH_CONDITIONS, conditions="首笔经费到位后开始")
    assert (done.state, done.matter, done.conditions) == (State.ADMITTED, "10001", "首笔经费到位后开始")
    assert opinions(city, made) == {"WS": "support", "E1": "oppose", "E2": "support"}
    assert city.get(made, now=ENDS - DAY).state is State.ADMITTED
    assert city.get(made, now=ENDS).state is State.EXPIRED
    assert steps(city, made) == [(None, "draft"), ("draft", "submitted"), ("submitted", "heard"), ("heard", "admitted")]


def test_silence_is_written_down_as_silence_and_never_as_yes(city: Play) -> None:
    made = city.submit(city.create())
    city.opine(made, "ws")
    with pytest.raises(NoSuchStep):
        city.decide(made)  # the others still have time
    assert city.get(made, now=LATER).state is State.HEARD
    with pytest.raises(NoSuchStep):
        city.opine(made, "e1", now=LATER)  # too late
    done = city.decide(made, verdict=Verdict.REFUSE, now=LATER)
    assert done.state is State.REFUSED
    assert opinions(city, made) == {"WS": "support", "E1": "silent", "E2": "silent"}


def test_the_sweep_does_the_same_and_finds_nothing_the_second_time(city: Play) -> None:
    waiting, over = city.submit(city.create()), city.admitted()
    with city.house.internally("admitter") as session:
        assert admission.sweep(session, now=LATER) == 1
        assert admission.sweep(session, now=LATER) == 0
        assert admission.sweep(session, now=ENDS) == 1
        assert admission.sweep(session, now=ENDS) == 0
    assert (city.state(waiting), city.state(over)) == (State.HEARD, State.EXPIRED)
    assert set(opinions(city, waiting).values()) == {"silent"}
    assert set(opinions(city, over).values()) == {"support"}


def test_a_repeat_gives_the_first_and_another_content_is_refused(city: Play) -> None:
    key = uuid.uuid4()
    first = city.create(key=key)
    assert city.create(key=key).id == first.id
    with pytest.raises(KeyUsed):
        city.create(key=key, title="另一件事")


def test_a_draft_is_changed_whole_and_only_as_a_draft(city: Play) -> None:
    made = city.create()
    with city.acting("hw", "admissions.request") as work:
        new = city.asked(title="改名", promises=(), total=Decimal(0))
        assert admission.change(work.session, work.actor, made.id, new, now=NOW).asked.title == "改名"
    city.submit(made)
    with pytest.raises(NoSuchStep), city.acting("hw", "admissions.request") as work:
        admission.change(work.session, work.actor, made.id, city.asked(), now=NOW)


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"begins": ENDS - DAY, "ends": ENDS + DAY}, "begins"),
        ({"begins": ENDS, "ends": ENDS + DAY, "category": "09009"}, "category"),
    ],
)
def test_what_renews_nothing(city: Play, other: dict[str, Any], field: str) -> None:
    first = city.admitted()
    made = city.create(renews=first.id, **other)
    with pytest.raises(BadInput) as told:
        city.submit(made)
    assert told.value.field == field


def test_nobody_renews_for_another_agency(city: Play) -> None:
    """Neither one that it does not see, nor that of an office under it as if it were its own."""
    first = city.admitted()
    with pytest.raises(BadInput) as told:
        city.create("jj", agency_id=city.agencies["JJ"], renews=first.id, begins=ENDS, ends=ENDS + DAY)
    assert told.value.field == "renews"
    made = city.create("cg", agency_id=city.agencies["CG"], renews=first.id, begins=ENDS, ends=ENDS + DAY)
    with pytest.raises(BadInput) as told:
        city.submit(made, "cg")
    assert told.value.field == "renews"


# --- what a request must say ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"category": None, "item": " "}, "category"),
        ({"all_of": None}, "targets"),
        ({"plan": ""}, "plan"),
        ({"basis": " "}, "basis"),
        ({"begins": None}, "begins"),
        ({"ends": None}, "ends"),
        ({"begins": NOW - 9 * DAY, "ends": NOW}, "ends"),
        ({"total": None}, "total_yuan"),
        ({"total": Decimal("90000.01")}, "total_yuan"),
    ],
)
def test_what_is_left_out_is_named_and_nothing_is_lost(city: Play, other: dict[str, Any], field: str) -> None:
    made = city.create(**other)
    with pytest.raises(Incomplete) as told:
        city.submit(made)
    assert (told.value.field, bool(told.value.remedy)) == (field, True)
    assert city.get(made, "hw").state is State.DRAFT


@pytest.mark.parametrize(
    "other",
    [
        {"title": " "}, {"category": "99999"}, {"all_of": "grid"}, {"begins": ENDS, "ends": BEGINS},
        {"targets": (1,), "all_of": "unit"}, {"burdens": {admitting.Burden.SIGN: 0}},
    ],
)  # fmt: skip
def test_what_not_even_a_draft_may_say(city: Play, other: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        city.create(**other)


def test_targets_are_sub_districts_or_communities(city: Play) -> None:
    for code in ("A01", "W"):
        made = city.create(all_of=None, targets=(city.areas[code],))
        with pytest.raises(BadInput, match="no sub-district or community"):
            city.submit(made)


def test_a_community_below_a_sub_district_is_spoken_for_by_it(city: Play) -> None:
    made = city.submit(city.create(all_of="community", within=city.areas["W"]))
    assert city.units(made) == ["WS"]
    with city.acting("city", READ) as work:
        placed = {one.area_id for one in admission.targets_of(work.session, made.id)}
    assert placed == {city.areas["W1"], city.areas["W2"]}
    with pytest.raises(NotAsked):
        city.opine(made, "w1")
    assert city.opine(made, "ws").state is State.HEARD


# --- who ------------------------------------------------------------------------------------------------------------


def test_who_sees_what(city: Play) -> None:
    draft = city.create()
    for who in ("hw", "cg"):
        city.get(draft, who)
    for who in ("jj", "ws", "west", "city"):
        with pytest.raises(AdmissionUnknown):
            city.get(draft, who)
    west = city.submit(city.create(all_of="unit", within=city.areas["W"]))
    seen = set()
    for who in ("hw", "cg", "jj", "ws", "w1", "e1", "west", "east", "city"):
        with city.acting(who, READ) as work:
            if any(one.id == west.id for one in admission.find(work.session, work.actor, now=NOW)):
                seen.add(who)
    assert seen == {"hw", "cg", "ws", "west", "city"}


def test_an_agency_asks_for_itself_and_for_those_under_it(city: Play) -> None:
    city.create("cg")  # the bureau for its office
    with pytest.raises(NotFound):
        city.create("jj")
    with pytest.raises(NotYours):
        city.create("ws")


def test_a_unit_speaks_once_and_only_for_itself(city: Play) -> None:
    made = city.submit(city.create(all_of="unit", within=city.areas["W"]))
    with pytest.raises(AdmissionUnknown):
        city.opine(made, "e1")
    all_units = city.submit(city.create())
    city.opine(all_units, "ws")
    with pytest.raises(OpinionGiven):
        city.opine(all_units, "ws", support=False)
    assert opinions(city, all_units)["WS"] == "support"
    with pytest.raises(NotYours):
        city.opine(all_units, "hw")


def test_the_district_of_all_targets_decides_and_no_other(city: Play) -> None:
    made = city.heard(all_of="unit", within=city.areas["W"])
    with pytest.raises(AdmissionUnknown):
        city.decide(made, "east")
    with pytest.raises(NotTheDistrict):
        city.decide(made, "street")  # a supervisor of the sub-district itself
    with pytest.raises(NotYours):
        city.decide(made, "hw")
    assert city.decide(made, "west").state is State.ADMITTED
    both = city.heard()
    with pytest.raises(NotTheDistrict, match="2 of 3"):
        city.decide(both, "west")
    assert city.decide(both, "city").state is State.ADMITTED


@pytest.mark.parametrize("agency", ["HW", "CG"])
def test_nobody_decides_on_the_request_of_their_own_body(city: Play, agency: str) -> None:
    """Neither in the agency itself nor in the one above it; the control is a post in another agency."""
    made = city.heard()
    also_posted(city, "west", agency="JJ")
    also_posted(city, "city", agency=agency)
    with pytest.raises(OwnAgency):
        city.decide(made)
    assert city.state(made) is State.HEARD
    west = city.heard(all_of="unit", within=city.areas["W"])
    assert city.decide(west, "west").state is State.ADMITTED


def test_the_database_refuses_the_own_agency_too(city: Play) -> None:
    made = city.heard()
    also_posted(city, "city", agency="HW")
    sql = (
        "update duties_admission set state = 'refused', decided_by = :by, decided_at = :now, verdict = 'refuse', "
        "reason = '没有必要', document = 'x' where id = :id"
    )
    values = {"by": city.people["city"].account_id, "now": NOW, "id": made.id}
    with pytest.raises(DBAPIError, match="own body"), city.acting("city", DECIDE) as work:
        work.session.execute(text(sql), values)
    with pytest.raises(DBAPIError, match="in the name of another"), city.acting("city", DECIDE) as work:
        work.session.execute(text(sql), values | {"by": city.people["west"].account_id})
    with city.acting("west", DECIDE) as work:  # the control: another body, and oneself
        work.session.execute(text(sql), values | {"by": city.people["west"].account_id})
    assert city.state(made) is State.REFUSED


def test_a_decision_has_a_reason_a_document_and_conditions_where_it_says_so(city: Play) -> None:
    made = city.heard()
    for field, given in (("reason", "否"), ("document", " "), ("conditions", "先付款")):
        with pytest.raises(BadInput) as told:
            city.decide(made, "city", Verdict.ADMIT, now=NOW, **{field: given})
        assert told.value.field == field
    with pytest.raises(BadInput):
        city.decide(made, verdict=Verdict.ADMIT_WITH_CONDITIONS)
    assert city.state(made) is State.HEARD


def test_what_is_withdrawn_by_whom(city: Play) -> None:
    draft = city.create()
    assert city.withdraw(draft, reason="").state is State.WITHDRAWN
    submitted = city.submit(city.create())
    with pytest.raises(BadInput):
        city.withdraw(submitted, reason="")
    with pytest.raises(NotYourStep):
        city.withdraw(submitted, "city")
    assert city.withdraw(submitted).state is State.WITHDRAWN
    heard = city.heard()
    with pytest.raises(AdmissionUnknown):
        city.withdraw(heard, "jj")
    assert city.withdraw(heard).state is State.WITHDRAWN
    assert city.withdraw(city.admitted()).state is State.WITHDRAWN
    west = city.decide(city.heard(within=city.areas["W"]), "west")
    with pytest.raises(NotTheDistrict):
        city.withdraw(west, "street")
    assert city.withdraw(west, "west").state is State.WITHDRAWN
