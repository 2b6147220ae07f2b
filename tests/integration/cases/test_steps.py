"""Steps through the API with real posts: what the table has no line for, whose step it is not, and each way through."""

from __future__ import annotations

import threading
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.cases import verifying
from gridgov.cases.rules import ENDED, Action, State
from gridgov.cases.transitions import CASE_EDGES
from gridgov.platform import clock
from tests import sample
from tests.integration.cases.helping import CONFIRMED, Cast, do, look, refused, report, send
from tests.people import appoint


def office(cast: Cast, code: str, level: str) -> dict[str, Any]:
    return {"area": cast.area[code], "level": level}


# --- what is refused ------------------------------------------------------------------------------------------------


def test_what_does_not_follow_is_refused_and_changes_nothing(city: House, api: httpx.Client, cast: Cast) -> None:
    """Every action of a case on a matter that was only reported: those the table has no line for."""
    case_id = report(api)
    follows = {edge.action for edge in CASE_EDGES if State.REPORTED in edge.before}
    for action in Action:
        if action in follows or action is Action.REPORT:
            continue
        answer = send(api, case_id, cast.centre, action.value, version=1, summons=1, reason="理由", text="内容")
        assert answer.status_code in (409, 422), f"{action}: {answer.text}"
        assert answer.json()["code"] in ("not-in-table", "need-missing")
    assert look(api, case_id, cast.centre)["version"] == 1


def test_nothing_follows_an_end_but_what_undoes_it(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = report(api)
    do(api, case_id, cast.centre, "cancel", reason="误报")
    for edge in CASE_EDGES:
        if State.CANCELLED not in edge.before and edge.action is not Action.REPORT:
            refused(send(api, case_id, cast.centre, edge.action.value, reason="理由", text="内容"), 409, "not-in-table")
    assert look(api, case_id, cast.centre)["allowed"] == []


@pytest.mark.parametrize("who", ["worker", "community", "cleaners", "supervisor"])
def test_somebody_without_the_post(city: House, api: httpx.Client, cast: Cast, who: str) -> None:
    """Accepting is the desk's; each of these sees the case."""
    case_id = report(api)
    if who == "cleaners":
        cast.handling(api, case_id)
        answer = send(api, case_id, cast.cleaners, "check-at-desk", reason="照片可见")
        assert answer.status_code == 409
        refused(send(api, case_id, cast.cleaners, "cancel", reason="误报"), 409, "not-in-table")
        refused(send(api, case_id, cast.cleaners, "grant-extension"), 403, "not-your-step")
        return
    refused(send(api, case_id, getattr(cast, who), "accept", facts=CONFIRMED), 403, "not-your-step")


@pytest.mark.parametrize("role", [Role.DEPUTY, Role.MACHINE, Role.PLANNER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_a_role_that_takes_no_steps(city: House, api: httpx.Client, cast: Cast, role: Role) -> None:
    case_id = report(api)
    refused(send(api, case_id, appoint(city, role), "accept", version=1, facts=CONFIRMED), 403, "not-permitted")


def test_a_grid_worker_of_another_grid(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = report(api, "A01")
    refused(send(api, case_id, cast.neighbour, "handle-on-spot", version=1, text="已处理"), 404, "case-unknown")
    assert do(api, case_id, cast.worker, "handle-on-spot", text="已处理")["state"] == "checked"


def test_nobody_without_an_account(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = report(api)
    with httpx.Client(base_url=api.base_url) as nobody:
        assert nobody.get(f"/api/v1/cases/{case_id}").status_code == 401
        assert nobody.get("/api/v1/cases").status_code == 401


# --- two at once ----------------------------------------------------------------------------------------------------


def test_of_two_at_once_one_wins_and_the_other_is_told(city: House, api: httpx.Client, cast: Cast) -> None:
    """Twenty rounds of three people who saw the same version."""
    second, third = appoint(city, Role.CENTRE_OPERATOR, area="W"), appoint(city, Role.CENTRE_OPERATOR)
    for _ in range(20):
        case_id = report(api)
        answers: list[httpx.Response] = []
        begin = threading.Barrier(3)

        def go(who: Any, action: str, begin: threading.Barrier = begin, got: list[httpx.Response] = answers,
               case: str = case_id) -> None:  # fmt: skip
            begin.wait()
            got.append(send(api, case, who, action, version=1, reason="理由", facts=CONFIRMED))

        steps = ((cast.centre, "accept"), (second, "refuse"), (third, "cancel"))
        threads = [threading.Thread(target=go, args=step) for step in steps]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (won,) = [answer for answer in answers if answer.status_code == 200]
        lost = [answer for answer in answers if answer.status_code != 200]
        for answer in lost:
            problem = refused(answer, 409, "case-moved-on")
            assert f"→ {won.json()['state']} (" in problem["detail"], "it says what changed"
        history = api.get(f"/api/v1/cases/{case_id}/history", headers=cast.centre.headers).json()
        assert len(history) == 2
    with city.db.transaction() as session:
        assert verifying.verify(session).difference is None


# --- lowest level first ---------------------------------------------------------------------------------------------


def test_up_by_one_level_at_a_time_and_no_further_than_the_district(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = report(api)
    do(api, case_id, cast.centre, "accept", facts=CONFIRMED)
    refused(
        send(api, case_id, cast.centre, "escalate", reason="太难", to=office(cast, "WS", "subdistrict")),
        422, "need-missing",
    )  # fmt: skip
    refused(
        send(api, case_id, cast.centre, "escalate", reason="太难", to={"agency": cast.agency["HW"]}),
        422, "need-missing",
    )  # fmt: skip
    up = [("W1", "community", cast.community), ("WS", "subdistrict", cast.leader), ("W", "district", cast.supervisor)]
    who = cast.centre
    for code, level, next_one in up:
        seen = do(api, case_id, who, "escalate", reason="解决不了", to=office(cast, code, level))
        assert (seen["level"], seen["holder"]["area"]) == (level, cast.area[code])
        do(api, case_id, next_one, "receive")
        who = next_one
    assert look(api, case_id, cast.centre)["first"]["area"] == cast.area["W1"], "the first to receive stays responsible"
    assert look(api, case_id, cast.centre)["counts"]["hops"] == 2


def test_on_the_spot(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = report(api)
    refused(send(api, case_id, cast.worker, "handle-on-spot"), 422, "need-missing")
    seen = do(api, case_id, cast.worker, "handle-on-spot", text="顺手清理")
    assert (seen["state"], seen["level"], seen["stage"]) == ("checked", "grid", "check")
    assert do(api, case_id, cast.centre, "close", facts=CONFIRMED)["state"] == "closed"


# --- returns, disputes, precedents ----------------------------------------------------------------------------------


def test_a_return_declined_twice_leaves_a_dispute(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = report(api)
    cast.handling(api, case_id)
    for _ in range(2):
        do(api, case_id, cast.cleaners, "ask-return", reason="不是我们的")
        do(api, case_id, cast.centre, "decline-return", reason="是你们的")
    refused(send(api, case_id, cast.cleaners, "ask-return", reason="不是我们的"), 409, "not-yet")
    do(api, case_id, cast.cleaners, "dispute", reason="责任不清")
    refused(
        send(api, case_id, cast.centre, "rule", reason="归你", to={"agency": cast.agency["HW"]}), 403, "not-your-step"
    )
    seen = do(api, case_id, cast.supervisor, "rule", reason="归环卫", to={"agency": cast.agency["HW"]})
    assert (seen["state"], seen["counts"]["disputes"]) == ("dispatched", 1)
    with city.db.transaction() as session:
        found = session.execute(text("select count(*) from duties_list where kind = 'precedents'")).scalar_one()
    assert found == 0, "the lists gave it to somebody: no precedent"


def test_a_return_that_is_agreed_to(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = report(api)
    cast.handling(api, case_id)
    do(api, case_id, cast.cleaners, "ask-return", reason="不是我们的")
    seen = do(api, case_id, cast.centre, "agree-return")
    assert (seen["state"], seen["holder"], seen["first"], seen["counts"]["returns"]) == ("accepted", None, None, 1)
    assert api.get(f"/api/v1/cases/{case_id}", headers=cast.cleaners.headers).status_code == 404, "theirs no more"


def test_the_ruling_on_an_orphan_is_a_precedent(city: House, api: httpx.Client, cast: Cast) -> None:
    """Nobody's by any list; after the ruling the next like matter can be dispatched without one."""
    first = report(api, category="10001")
    do(api, first, cast.centre, "accept", facts=CONFIRMED)
    to = {"agency": cast.agency["HW"]}
    refused(send(api, first, cast.centre, "dispatch", to=to), 409, "not-their-duty")
    do(api, first, cast.centre, "dispute", reason="清单无此事项")
    seen = do(api, first, cast.supervisor, "rule", reason="扫雪归环卫", to=to)
    assert seen["state"] == "dispatched"
    with city.db.transaction() as session:
        item = city.router.route(session, "10001", *sample.centre("A07"), at=clock.utcnow()).item
        beyond = city.router.route(session, "10001", *sample.centre("B01"), at=clock.utcnow()).item
    assert item is not None
    assert item.list_kind == "precedents"
    assert item.basis is not None
    assert seen["number"] in item.basis
    assert "扫雪归环卫" not in item.basis, "what an officer wrote stays with the case"
    assert beyond is None, "for the unit of the place alone"
    second = report(api, "A07", category="10001")
    do(api, second, cast.centre, "accept", facts=CONFIRMED)
    assert do(api, second, cast.centre, "dispatch", to=to)["state"] == "dispatched"


# --- time -----------------------------------------------------------------------------------------------------------


def test_suspended_and_resumed(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = report(api)
    cast.handling(api, case_id)
    refused(send(api, case_id, cast.supervisor, "suspend", facts={"until": "2099-01-01"}), 409, "not-yet")
    do(api, case_id, cast.cleaners, "ask-suspension", reason="等拨款")
    until = str(clock.utcnow().date().replace(year=clock.utcnow().year + 3))
    refused(send(api, case_id, cast.supervisor, "suspend", facts={"until": until}), 422, "need-missing")
    refused(send(api, case_id, cast.supervisor, "suspend", facts={"until": "nonsense"}), 422, "need-missing")
    until = str(clock.utcnow().date().fromordinal(clock.utcnow().date().toordinal() + 90))
    seen = do(api, case_id, cast.supervisor, "suspend", facts={"until": until})
    assert (seen["state"], seen["suspended_until"]) == ("suspended", until)
    assert not any(one["running"] for one in seen["clocks"])
    seen = do(api, case_id, cast.centre, "resume")
    assert [one["name"] for one in seen["clocks"] if one["running"]] == ["handle"]
    refused(send(api, case_id, cast.cleaners, "ask-suspension", reason="又没钱"), 409, "not-yet")


def test_extended(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = report(api)
    cast.handling(api, case_id)

    def due() -> str:
        (one,) = [one for one in look(api, case_id, cast.centre)["clocks"] if one["running"]]
        return str(one["due_at"])

    before = due()
    refused(send(api, case_id, cast.cleaners, "ask-extension", reason="下雨", facts={"limit": "9 work_day"}), 422,
            "need-missing")  # fmt: skip
    refused(send(api, case_id, cast.centre, "grant-extension"), 409, "not-yet")
    for limit in ("2 work_day", "1 work_day"):
        do(api, case_id, cast.cleaners, "ask-extension", reason="下雨", facts={"limit": limit})
        do(api, case_id, cast.leader, "grant-extension")
        assert due() > before
        before = due()
    refused(send(api, case_id, cast.cleaners, "ask-extension", reason="下雨", facts={"limit": "1 work_day"}), 409,
            "not-yet")  # fmt: skip


# --- again, by force, in parts --------------------------------------------------------------------------------------


def test_rework_goes_to_the_same_body(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = report(api)
    cast.handling(api, case_id)
    do(api, case_id, cast.cleaners, "answer", text="已清理")
    do(api, case_id, cast.centre, "ask-check")
    seen = do(api, case_id, cast.worker, "rework", reason="没有清")
    assert (seen["state"], seen["counts"]["reworks"]) == ("handling", 1)
    assert seen["holder"]["agency"] == cast.agency["HW"]
    assert [one["name"] for one in seen["clocks"] if one["running"]] == ["handle"]


def test_closed_by_force_and_opened_again(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = report(api)
    cast.handling(api, case_id)
    refused(send(api, case_id, cast.centre, "force-close", reason="拖延"), 403, "not-your-step")
    assert do(api, case_id, cast.supervisor, "force-close", reason="已无必要")["state"] == "closed"
    seen = do(api, case_id, cast.centre, "reopen", reason="又出现了")
    assert (seen["state"], seen["holder"], seen["ended_at"]) == ("accepted", None, None)


def test_tasks_behind_one_desk(city: House, api: httpx.Client, cast: Cast) -> None:
    """Each back office finishes by itself; the answer waits for all of them."""
    case_id = report(api)
    cast.handling(api, case_id)
    do(api, case_id, cast.cleaners, "add-task", text="封路", to={"agency": cast.agency["JJ"]})
    refused(send(api, case_id, cast.cleaners, "answer", text="已清理"), 409, "not-yet")
    refused(send(api, case_id, cast.police, "finish-task", text="好", facts={"task": 9}), 422, "need-missing")
    do(api, case_id, cast.police, "finish-task", text="已封路", facts={"task": 1})
    assert do(api, case_id, cast.cleaners, "answer", text="已清理")["state"] == "answered"


# --- the history only grows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", ["update cases_event set text = 'x'", "delete from cases_event",
                                       "truncate cases_event", "delete from cases_rating"])  # fmt: skip
def test_nobody_changes_the_history(city: House, api: httpx.Client, cast: Cast, statement: str) -> None:
    """Neither the owner of the tables nor the role that writes them."""
    case_id = report(api)
    with pytest.raises(ProgrammingError, match="only grows"), city.db.transaction() as session:
        session.execute(text(statement))
    with pytest.raises(ProgrammingError, match="permission denied"), city.casework(case_id) as (session, _):  # type: ignore[arg-type]
        session.execute(text(statement))
    assert len(api.get(f"/api/v1/cases/{case_id}/history", headers=cast.centre.headers).json()) == 1


def test_other_tables_do_change(city: House, api: httpx.Client, cast: Cast) -> None:
    """The control: the same statements where nothing forbids them."""
    report(api)
    with city.db.transaction() as session:
        session.execute(text("update cases set hops = 3"))
        assert session.execute(text("select hops from cases")).scalar_one() == 3
    assert ENDED
