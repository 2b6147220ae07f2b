"""Admission from the draft to its end, under real posts: every edge, every forbidden one, silence, and who decides."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from gridgov.auth.rules import NotYours
from gridgov.bootstrap import House
from gridgov.duties import admission, admitting
from gridgov.duties.admission import Admission
from gridgov.duties.admitting import (
    EDGES,
    AdmissionUnknown,
    Incomplete,
    KeyUsed,
    NoSuchStep,
    NotAsked,
    NotTheDistrict,
    NotYourStep,
    OpinionGiven,
    OwnAgency,
    Part,
    State,
    Verdict,
)
from gridgov.platform.errors import BadInput, NotFound
from tests.admissions import ANSWER, BEGINS, DAY, DECIDE, ENDS, NOW, READ, Play, also_posted, play

LATER = NOW + 8 * DAY  # after five working days


@pytest.fixture
def city(house: House) -> Play:
    return play(house)


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


def test_a_renewal_follows_and_the_first_one_holds_to_its_end(city: Play) -> None:
    first = city.admitted()
    again = city.admitted(renews=first.id, begins=ENDS, ends=ENDS + timedelta(days=365))
    assert (city.get(first).state, city.get(again).state) == (State.RENEWED, State.ADMITTED)
    assert steps(city, first)[-1] == ("admitted", "renewed")
    assert [_routed(city, at) for at in (NOW, BEGINS, ENDS - DAY, ENDS, ENDS + 400 * DAY)] == [
        False,
        True,
        True,
        True,
        False,
    ]


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
    first = city.admitted()
    made = city.create("jj", agency_id=city.agencies["JJ"], renews=first.id, begins=ENDS, ends=ENDS + DAY)
    with pytest.raises(BadInput) as told:
        city.submit(made, "jj")
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


# --- the table ------------------------------------------------------------------------------------------------------


def _in(city: Play, state: State) -> Admission:
    """A request that stands in this state, as it is written down."""
    makers: dict[State, Callable[[], Admission]] = {
        State.DRAFT: city.create,
        State.SUBMITTED: lambda: city.submit(city.create()),
        State.HEARD: city.heard,
        State.ADMITTED: city.admitted,
        State.REFUSED: lambda: city.decide(city.heard(), verdict=Verdict.REFUSE),
        State.WITHDRAWN: lambda: city.withdraw(city.create()),
        State.EXPIRED: lambda: _expired(city),
        State.RENEWED: lambda: _renewed(city),
    }
    return makers[state]()


def _expired(city: Play) -> Admission:
    made = city.admitted()
    with city.house.internally("admitter") as session:
        admission.sweep(session, now=ENDS)
    return made


def _renewed(city: Play) -> Admission:
    made = city.admitted()
    city.admitted(renews=made.id, begins=ENDS, ends=ENDS + DAY)
    return made


VERBS: dict[str, tuple[State, Callable[[Play, Admission], object]]] = {
    "submit": (State.SUBMITTED, lambda city, made: city.submit(made)),
    "opine": (State.HEARD, lambda city, made: city.opine(made, "ws")),
    "admit": (State.ADMITTED, lambda city, made: city.decide(made)),
    "refuse": (State.REFUSED, lambda city, made: city.decide(made, verdict=Verdict.REFUSE)),
    "withdraw": (State.WITHDRAWN, lambda city, made: city.withdraw(made)),
    "revoke": (State.WITHDRAWN, lambda city, made: city.withdraw(made, "city")),
}


@pytest.mark.parametrize("state", State)
def test_every_verb_in_every_state_goes_where_the_table_goes_and_nowhere_else(city: Play, state: State) -> None:
    district = {(e.before, e.after) for e in EDGES if e.who is admitting.Who.DISTRICT}
    others = {(e.before, e.after) for e in EDGES if e.who is not admitting.Who.DISTRICT}
    for name, (after, verb) in VERBS.items():
        made = _in(city, state)
        assert city.state(made) is state
        allowed = (state, after) in (district if name in ("admit", "refuse", "revoke") else others)
        if allowed:
            verb(city, made)
            assert city.state(made) in (after, State.SUBMITTED)  # one opinion of three is not the last
        else:
            with pytest.raises((NoSuchStep, NotYourStep, AdmissionUnknown)):
                verb(city, made)
            assert city.state(made) is state


def test_the_database_knows_the_same_edges(city: Play) -> None:
    """Every pair of states is tried as the owner; those that are let through are those of the table."""
    let: set[tuple[State, State]] = set()
    more = {
        State.SUBMITTED: "submitted_by = created_by, submitted_at = now(), opinions_due_at = now() + interval '1 day'",
        State.ADMITTED: "decided_by = :by, decided_at = now(), verdict = 'admit', reason = 'good', document = 'x', "
        "matter = '10001'",
        State.REFUSED: "decided_by = :by, decided_at = now(), verdict = 'refuse', reason = 'nope', document = 'x'",
        State.WITHDRAWN: "ended_at = now()",
    }
    for before in State:
        made = _in(city, before)
        for after in State:
            sets = f", {more[after]}" if after in more else ""
            sql = f"update duties_admission set state = '{after}'{sets} where id = :id"
            try:
                with city.house.db.transaction() as session:
                    values = {"id": made.id} | ({"by": city.people["city"].account_id} if ":by" in sql else {})
                    assert session.execute(text(sql), values).rowcount == 1  # type: ignore[attr-defined]
                    let.add((before, after))
                    raise _Undone
            except (_Undone, DBAPIError):
                pass
    wanted = {(edge.before, edge.after) for edge in EDGES}
    assert let - {(State.DRAFT, State.DRAFT)} == wanted


class _Undone(Exception):
    """Ends a transaction that is not to last."""


@pytest.mark.parametrize(
    "sql",
    [
        "update duties_admission set title = 'x', state = 'withdrawn', ended_at = now() where id = :id",
        "update duties_admission set total_yuan = 1 where id = :id",
        "update duties_admission set verdict = 'refuse', state = 'expired' where id = :id",
        "delete from duties_admission where id = :id",
        "update duties_admission_target set unit_id = area_id where admission_id = :id",
        "delete from duties_admission_opinion where admission_id = :id",
        "update duties_admission_step set note = 'x' where admission_id = :id",
        "update duties_admission_promise set amount_yuan = 1 where admission_id = :id",
        "delete from duties_admission_promise where admission_id = :id",
        "insert into duties_admission_promise (admission_id, area_id, due_on, amount_yuan, posts) "
        "select admission_id, area_id, due_on, 5, 0 from duties_admission_promise where admission_id = :id limit 1",
    ],
)
def test_what_was_asked_for_and_decided_is_kept_by_the_database(city: Play, sql: str) -> None:
    made = city.admitted()
    with pytest.raises((DBAPIError, IntegrityError)), city.house.db.transaction() as session:
        session.execute(text(sql), {"id": made.id})


def test_every_step_stands_in_the_trail_without_free_text(city: Play) -> None:
    made = city.admitted()
    with city.house.db.transaction() as session:
        rows = session.execute(
            text("select action, account_id, after from audit_entry where noun = 'duties_admission' order by id")
        ).all()
    said = [row.action for row in rows if row.action not in ("insert", "update")]
    assert said == ["draft", "submitted", "opinion-support", "opinion-support", "opinion-support", "heard", "admitted"]
    assert {row.account_id for row in rows} == {city.people[who].account_id for who in ("hw", "ws", "e1", "e2", "city")}
    assert all(row.after["plan"].startswith("hmac:") for row in rows if row.action == "insert")
    assert made.asked.plan == "每周两次"


# --- in force -------------------------------------------------------------------------------------------------------


def _route(city: Play, code: str, grid: str, at: Any) -> Any:
    from tests import sample

    with city.house.db.transaction() as session:
        return city.house.router.route(session, code, *sample.centre(grid), at=at)


def _routed(city: Play, at: Any, code: str = "10001") -> bool:
    return bool(_route(city, code, "A01", at).item)


def test_it_routes_while_it_is_in_force_and_not_a_moment_longer(city: Play) -> None:
    made = city.admitted(all_of=None, targets=(city.areas["WS"],))
    tick = timedelta(microseconds=1)
    assert [_routed(city, at) for at in (BEGINS - tick, BEGINS, ENDS - tick, ENDS)] == [False, True, True, False]
    found = _route(city, "10001", "A01", BEGINS)
    assert (found.lead.code, [one.code for one in found.supporting]) == ("HW", ["WS"])
    assert (found.item.admission_id, found.item.payer.code) == (made.id, "HW")
    assert found.sites, "the agency still comes from the nearest of its sites"
    assert not _route(city, "10001", "B01", BEGINS).item  # the east was not asked for


def test_a_new_item_gets_a_code_by_which_it_is_routed(city: Play) -> None:
    made = city.admitted(category=None, item="每月报送一次商户名单", part=Part.LEAD)
    assert made.matter == f"ZR{made.id:06d}"
    found = _route(city, made.matter, "A01", BEGINS)
    assert (found.lead.code, [one.code for one in found.supporting]) == ("WS", ["HW"])
    assert _route(city, made.matter, "B01", BEGINS).lead.code == "E1"


def test_withdrawn_it_ends_now_also_before_it_began(city: Play) -> None:
    running = city.admitted()
    city.withdraw(running, now=BEGINS + DAY)
    assert [_routed(city, at) for at in (BEGINS, BEGINS + DAY)] == [True, False]
    early = city.admitted(category="09009", part=Part.LEAD)
    assert _route(city, "09009", "A01", BEGINS).item.admission_id == early.id
    city.withdraw(early)
    assert _route(city, "09009", "A01", BEGINS + DAY).item.admission_id is None


def test_admitted_late_it_begins_when_it_was_decided(city: Play) -> None:
    late = BEGINS + 3 * DAY
    city.admitted(now=late)
    assert [_routed(city, at) for at in (BEGINS + DAY, late)] == [False, True]


def test_what_is_over_when_it_is_decided_can_only_be_refused(city: Play) -> None:
    made = city.heard(ends=BEGINS + DAY)
    with pytest.raises(NoSuchStep):
        city.decide(made, now=BEGINS + DAY)
    assert city.decide(made, verdict=Verdict.REFUSE, now=BEGINS + DAY).state is State.REFUSED


def test_what_was_refused_routes_nothing(city: Play) -> None:
    city.decide(city.heard(), verdict=Verdict.REFUSE)
    assert not _routed(city, BEGINS)
    assert ANSWER  # who answers may not do more: the next test asks the database


@pytest.mark.parametrize("who", ["hw", "ws", "city", "w1"])
def test_reading_writes_nothing(city: Play, who: str) -> None:
    made = city.submit(city.create())
    with pytest.raises(DBAPIError, match="permission denied"), city.acting(who, READ) as work:
        work.session.execute(
            text("update duties_admission set state = 'withdrawn', ended_at = now() where id = :id"), {"id": made.id}
        )
