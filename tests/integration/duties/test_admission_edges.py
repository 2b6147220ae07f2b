"""Every verb in every state, against the table; the database's own guards; the trail."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from gridgov.bootstrap import House
from gridgov.duties import admission, admitting
from gridgov.duties.admission import Admission
from gridgov.duties.admitting import (
    EDGES,
    AdmissionUnknown,
    NoSuchStep,
    NotYourStep,
    State,
    Verdict,
)
from gridgov.notices.rules import Event, told_of
from tests.admissions import BEGINS, DAY, ENDS, NOW, READ, Play, play


@pytest.fixture
def city(sampled: House) -> Play:
    return play(sampled)


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


@pytest.mark.parametrize("who", ["hw", "ws", "city", "w1"])
def test_reading_writes_nothing(city: Play, who: str) -> None:
    made = city.submit(city.create())
    with pytest.raises(DBAPIError, match="permission denied"), city.acting(who, READ) as work:
        work.session.execute(
            text("update duties_admission set state = 'withdrawn', ended_at = now() where id = :id"), {"id": made.id}
        )


def test_whom_it_concerns_is_told(city: Play) -> None:
    """Each unit that it is asked, those who may decide that it was heard, all what was decided and what came."""
    made = city.admitted()
    row = city.transfer(made, "WS", "5.00", now=NOW + DAY, on=NOW.date())
    city.confirm(row, "ws", now=NOW + DAY)
    city.withdraw(made, "city")
    with city.house.db.transaction() as session:
        rows = session.execute(
            text("select id, topic, key, facts, at from platform_outbox where topic like 'admission.%' order by id")
        ).all()
    told = [(one.topic.removeprefix("admission."), [b.name for b in told_of(Event(*one))]) for one in rows]
    units = [f"area:{city.areas[code]}:office" for code in ("WS", "E1", "E2")]
    hw, first = f"agency:{city.agencies['HW']}", city.areas["WS"]
    assert told == [
        *(("asked", [unit]) for unit in units),
        ("heard", [hw, f"area:{first}:district_supervisor"]),
        ("admitted", [hw]),
        *(("placed", [unit]) for unit in units),
        ("transferred", [units[0]]),
        ("confirmed", [hw]),
        *(("ended", [hw, unit]) for unit in units),
    ]


def test_a_renewed_one_can_be_ended_while_it_lasts(city: Play) -> None:
    made = _in(city, State.RENEWED)
    with pytest.raises(NoSuchStep):
        city.withdraw(made, now=ENDS)
    assert city.withdraw(made, now=BEGINS + DAY).state is State.WITHDRAWN


def test_two_who_decide_at_once(city: Play) -> None:
    """One wins; the other is told where the request stands. The control is one after the other, which ends the same."""
    made = city.heard(all_of="unit", within=city.areas["W"])

    def once(who: str) -> str:
        try:
            return str(city.decide(made, who).state)
        except NoSuchStep as told:
            return told.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(once, ["west", "city"])) == ["admission-state", "admitted"]
    assert once("west") == "admission-state"
    with city.house.db.transaction() as session:
        lists = session.execute(text("select count(*) from duties_list where kind = 'admitted'")).scalar_one()
    assert lists == 1
