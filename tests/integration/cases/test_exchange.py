"""Orders of hotlines in and results out; feedback told and measured; orders in both directions; papers with numbers."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.duties.ledger import Promise
from gridgov.duties.lists import put_list
from gridgov.duties.rules import ListKind, ManagementClass, NewItem
from tests import sample
from tests.admissions import Play
from tests.integration.cases.helping import CONFIRMED, Cast, do, look, receipt, refused, report, send
from tests.integration.cases.test_homing import grids_joined
from tests.integration.incidents.taking import picture
from tests.people import Person, appoint

HOTLINE = {"name": "hotline-91580", "number": "R20260101000123", "kind": "complaint",
           "due_at": "2026-01-03T09:00:00+08:00"}  # fmt: skip
WAIVED = {"condition": True, "waived": True}


def order(**other: Any) -> dict[str, Any]:
    lon, lat = sample.centre("A01")
    return {"id": str(uuid.uuid4()), "category": "06010", "point": {"lon": lon, "lat": lat}, "channel": "hotline",
            "happened_at": "2026-01-01T00:00:00Z", "text": "垃圾成堆", "source": HOTLINE, **other}  # fmt: skip


def bring(api: httpx.Client, who: Person, body: dict[str, Any]) -> httpx.Response:
    return api.post("/api/v1/incidents", json=body, headers=who.headers)


@pytest.fixture
def machine(city: House) -> Person:
    return appoint(city, Role.MACHINE, permissions=("incidents.report", "cases.read", "exchange.read"))


def changes(api: httpx.Client, who: Person, after: int = 0, **other: Any) -> dict[str, Any]:
    answer = api.get("/api/v1/exchange/changes", params={"source": HOTLINE["name"], "after": after, **other},
                     headers=who.headers)  # fmt: skip
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


# --- hotlines -------------------------------------------------------------------------------------------------------


def test_an_order_is_taken_once(city: House, api: httpx.Client, cast: Cast, machine: Person) -> None:
    first = bring(api, machine, order())
    assert first.status_code == 201, first.text
    again = bring(api, machine, order())
    assert again.status_code == 200, "the same order under another id of the report"
    assert (again.json()["id"], again.json()["secret"]) == (first.json()["id"], first.json()["secret"])
    refused(bring(api, machine, order(text="别的事")), 409, "id-used-for-another-report")
    other = bring(api, machine, order(source={**HOTLINE, "name": "hotline-12345"}))
    assert other.status_code == 201, "the number of another source"
    seen = api.get(f"/api/v1/cases/{first.json()['id']}/incident", headers=cast.centre.headers).json()
    assert seen["source"] == {**HOTLINE, "due_at": "2026-01-03T01:00:00Z"}
    with city.db.transaction() as session:
        assert session.execute(text("select count(*) from cases")).scalar_one() == 2


def test_orders_are_brought_by_those_who_may(api: httpx.Client, cast: Cast, machine: Person) -> None:
    refused(bring(api, cast.worker, order(channel="worker")), 422, "bad-source")
    refused(bring(api, machine, order(source={**HOTLINE, "name": "13912345678"})), 422, "bad-source")
    refused(bring(api, cast.worker, order()), 403, "channel-not-yours")
    mini = order(channel="mini-program")
    answer = api.post("/api/v1/incidents", json=mini, headers={"Authorization": ""})
    refused(answer, 403, "source-not-yours")
    assert bring(api, cast.centre, mini).status_code == 201, "the control: the centre may"


def test_several_at_once_make_one_case(city: House, api: httpx.Client, machine: Person) -> None:
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(bring(api, machine, order()).status_code)) for _ in range(6)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert answers.count(201) == 1
    assert set(answers) <= {201, 200, 409}
    with city.db.transaction() as session:
        assert session.execute(text("select count(*) from cases")).scalar_one() == 1


def test_results_go_out_in_order_and_without_a_word(
    city: House, api: httpx.Client, cast: Cast, machine: Person
) -> None:
    case_id = bring(api, machine, order()).json()["id"]
    other = report(api, channel="hotline")
    do(api, case_id, cast.centre, "accept", facts=WAIVED)
    do(api, other, cast.centre, "accept", facts=WAIVED)
    first = changes(api, machine)
    assert [one["action"] for one in first["items"]] == ["accept"], "what no other system reported is not among them"
    do(api, case_id, cast.centre, "dispatch", to={"agency": cast.agency["HW"]})
    do(api, case_id, cast.cleaners, "receive")
    do(api, case_id, cast.cleaners, "answer", text="秘密处理经过")
    do(api, case_id, cast.cleaners, "feed-back", text="秘密答复内容")
    rest = changes(api, machine, after=first["next"])
    assert [one["action"] for one in rest["items"]] == ["dispatch", "receive", "answer", "feed-back"]
    assert [one["position"] for one in rest["items"]] == [2, 3, 4, 5]
    assert {one["order"] for one in rest["items"]} == {HOTLINE["number"]}
    assert rest["items"][0]["holder"] == "HW"
    assert rest["items"][0]["due_at"] is not None
    assert "秘密" not in str(rest)
    page = changes(api, machine, limit=2)
    assert (len(page["items"]), page["next"]) == (2, 2)
    assert changes(api, machine, after=rest["next"]) == {"items": [], "next": rest["next"]}
    with city.db.transaction() as session:
        told = session.execute(
            text("select facts->>'position' from platform_outbox where topic = 'exchange.changed' order by id")
        ).scalars()
        assert list(told) == ["1", "2", "3", "4", "5"], "webhooks of this topic are told each"


def test_why_an_order_was_refused_goes_out(api: httpx.Client, cast: Cast, machine: Person) -> None:
    one, other = (bring(api, machine, order(source={**HOTLINE, "number": n})).json()["id"] for n in ("1", "2"))
    redirect = {"redirect": {"why": "emergency", "where": "拨打110"}}
    do(api, one, cast.centre, "refuse", reason="紧急警情", facts=redirect)
    do(api, other, cast.centre, "refuse", reason="重复")
    seen = changes(api, machine)["items"]
    assert [(change["state"], change["why"]) for change in seen] == [("refused", "emergency"), ("refused", None)]
    assert "110" not in str(seen)


def test_a_reader_misses_nothing_while_others_write(
    city: House, api: httpx.Client, cast: Cast, machine: Person
) -> None:
    """Whoever keeps asking for what comes after the last position gets each once, whatever ends in which order."""
    ids = [bring(api, machine, order(source={**HOTLINE, "number": str(n)})).json()["id"] for n in range(4)]
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        after, last = 0, False
        while not last:
            last = done.is_set()
            page = changes(api, machine, after=after)
            seen.extend(one["position"] for one in page["items"])
            after = page["next"]

    def write(case_id: str) -> None:
        for _ in range(6):
            do(api, case_id, cast.centre, "note", text="备注")

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(one,)) for one in ids]
    for one in (reader, *writers):
        one.start()
    for one in writers:
        one.join()
    done.set()
    reader.join()
    assert seen == list(range(1, 25))


def test_an_unfinished_change_holds_back_those_behind_it(
    city: House, api: httpx.Client, cast: Cast, machine: Person
) -> None:
    """The control in the database: a number is drawn and not committed, and nobody gets the next one before it ends."""
    case_id = bring(api, machine, order()).json()["id"]
    drawn = "update cases_feed set last = last + 1 where name = :name returning last"
    stepped = threading.Thread(target=do, args=(api, case_id, cast.centre, "note"), kwargs={"text": "备注"})
    with city.db.transaction() as session:
        assert session.execute(text(drawn), {"name": HOTLINE["name"]}).scalar_one() == 1
        stepped.start()
        stepped.join(timeout=1)
        assert stepped.is_alive(), "it waits"
        assert changes(api, machine)["items"] == []
    stepped.join()
    assert [one["position"] for one in changes(api, machine)["items"]] == [2]


def test_changes_are_those_of_the_readers_area(city: House, api: httpx.Client, cast: Cast, machine: Person) -> None:
    case_id = bring(api, machine, order()).json()["id"]
    do(api, case_id, cast.centre, "accept", facts=WAIVED)
    east, west = (appoint(city, Role.MACHINE, area=code, permissions=("exchange.read",)) for code in ("E", "W"))
    assert changes(api, east)["items"] == []
    assert len(changes(api, west)["items"]) == 1
    assert api.get("/api/v1/exchange/changes?source=x", headers=cast.cleaners.headers).status_code == 403


def test_what_was_told_goes_with_its_place(city: House, api: httpx.Client, cast: Cast, machine: Person) -> None:
    case_id, gone = (bring(api, machine, order(source={**HOTLINE, "number": one})).json()["id"] for one in ("1", "2"))
    do(api, case_id, cast.centre, "accept", facts=WAIVED)
    do(api, case_id, cast.centre, "dispatch", to={"agency": cast.agency["HW"]})
    do(api, case_id, cast.cleaners, "receive")
    do(api, case_id, cast.cleaners, "answer", text="已清理")
    do(api, case_id, cast.cleaners, "feed-back", text="已清理完毕")
    do(api, gone, cast.centre, "cancel", reason="误报")

    def grids() -> set[tuple[str, int]]:
        with city.db.transaction() as session:
            sql = """
                select 'change', grid_id from cases_change union select 'feedback', grid_id from cases_feedback
                """
            return {tuple(row) for row in session.execute(text(sql))}

    assert grids() == {("change", cast.area["A01"]), ("feedback", cast.area["A01"])}
    assert grids_joined(city) == 1
    with city.db.transaction() as session:
        new = session.execute(text("select area_id from areas_version where code = 'A11'")).scalar_one()
    assert grids() == {("change", new), ("feedback", new)}


# --- feedback -------------------------------------------------------------------------------------------------------


def test_who_solved_it_tells_the_reporter(city: House, api: httpx.Client, cast: Cast) -> None:
    mine = receipt(api)
    case_id = mine["id"]

    def shown() -> dict[str, Any]:
        answer = api.post("/api/v1/receipts", json={"number": mine["number"], "secret": mine["secret"]})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["result"]
        return found

    assert shown()["feedback"] == []
    cast.handling(api, case_id)
    do(api, case_id, cast.cleaners, "answer", text="内部处理说明")
    do(api, case_id, cast.cleaners, "note", text="内部备注")
    do(api, case_id, cast.cleaners, "feed-back", text="已清运，感谢反映")
    seen = shown()
    assert [one["text"] for one in seen["feedback"]] == ["已清运，感谢反映"]
    assert "内部" not in str(seen)
    assert seen["state"] == "answered"
    wrong = api.post("/api/v1/receipts", json={"number": mine["number"], "secret": "0000000000"})
    assert wrong.status_code == 404
    with city.db.transaction() as session:
        told = session.execute(
            text("select facts from platform_outbox where topic = 'reporter.answered'")
        ).scalars().all()  # fmt: skip
    assert told == [{"number": mine["number"], "incident_id": case_id}]


def test_the_time_until_feedback_is_measured_once_an_answer(city: House, api: httpx.Client, cast: Cast) -> None:
    def figures(who: Person) -> list[tuple[str, int]]:
        answer = api.get("/api/v1/exchange/feedback", headers=who.headers)
        assert answer.status_code == 200, answer.text
        return [(one["body"]["code"], one["cases"]) for one in answer.json()]

    case_id = report(api)
    cast.handling(api, case_id)
    do(api, case_id, cast.cleaners, "feed-back", text="正在安排")
    assert figures(cast.centre) == [], "nothing was answered yet"
    do(api, case_id, cast.cleaners, "answer", text="已清理")
    do(api, case_id, cast.cleaners, "feed-back", text="已清理完毕")
    do(api, case_id, cast.cleaners, "feed-back", text="再次告知")
    assert figures(cast.centre) == [("HW", 1)]
    do(api, case_id, cast.centre, "rework", reason="又有垃圾")
    do(api, case_id, cast.cleaners, "answer", text="再次清理")
    with city.db.transaction() as session:
        session.execute(text("update cases_feedback set answered_at = at - interval '3 hours'"))
    do(api, case_id, cast.cleaners, "feed-back", text="已再次清理")
    assert figures(cast.centre) == [("HW", 2)]
    assert figures(cast.police) == [], "another body's"
    answer = api.get("/api/v1/exchange/feedback", headers=cast.supervisor.headers).json()
    assert (answer[0]["most_hours"], answer[0]["median_hours"]) == (3.0, 1.5)


# --- two-way dispatch -----------------------------------------------------------------------------------------------


def test_orders_go_in_both_directions(city: House, api: httpx.Client, cast: Cast) -> None:
    """双向派单: the street to the department, the department back to the street; each accepts or gives back."""
    case_id = report(api)
    do(api, case_id, cast.centre, "accept", facts=CONFIRMED)
    do(api, case_id, cast.centre, "dispatch", to={"agency": cast.agency["HW"]})
    refused(send(api, case_id, cast.police, "receive", version=3), 404, "case-unknown")
    do(api, case_id, cast.cleaners, "receive")
    street = {"area": cast.area["WS"], "level": "subdistrict"}
    refused(send(api, case_id, cast.cleaners, "order", reason="街道先行清扫", to={**street, "area": cast.area["W"]}),
            422, "need-missing")  # fmt: skip
    seen = do(api, case_id, cast.cleaners, "order", reason="街道先行清扫", to=street)
    assert seen["holder"] == {"agency": None, **street}
    assert (seen["state"], seen["counts"]["hops"]) == ("dispatched", 1)
    do(api, case_id, cast.leader, "receive")
    seen = look(api, case_id, cast.cleaners)
    assert seen["first"]["agency"] == cast.agency["HW"], "首接负责: it stays responsible, and sees it"
    with city.db.transaction() as session:
        sql = "select facts->>'first_id' from platform_outbox where key = :id and topic = 'case.receive' order by id"
        firsts = session.execute(text(sql), {"id": case_id}).scalars().all()
    assert firsts == [None, str(cast.agency["HW"])], "the others' steps are told to it"
    do(api, case_id, cast.leader, "ask-return", reason="无清运车辆")
    seen = do(api, case_id, cast.centre, "agree-return")
    assert (seen["state"], seen["holder"], seen["counts"]["returns"]) == ("accepted", None, 1)


def test_unadmitted_work_is_not_ordered_and_the_try_is_kept(city: House, api: httpx.Client, cast: Cast) -> None:
    def tries() -> list[Any]:
        with city.db.transaction() as session:
            sql = "select agency_id, area_id, category from duties_admission_attempt order by 1"
            return [tuple(row) for row in session.execute(text(sql))]

    case_id = report(api, category="09009")
    do(api, case_id, cast.centre, "accept", facts=CONFIRMED)
    do(api, case_id, cast.centre, "dispatch", to={"agency": cast.agency["JJ"]})
    do(api, case_id, cast.police, "receive")
    street = {"area": cast.area["WS"], "level": "subdistrict"}
    asked: dict[str, Any] = {"reason": "请街道劝导", "to": street}
    refused(send(api, case_id, cast.police, "order", **asked), 409, "not-admitted-here")
    assert tries() == [(cast.agency["JJ"], cast.area["WS"], "09009")]
    refused(send(api, case_id, cast.leader, "order", **asked), 403, "not-your-step")
    assert len(tries()) == 1, "who may not order at all has tried nothing"
    admit(city, cast, "JJ", "WS", "09009")
    seen = do(api, case_id, cast.police, "order", **asked)
    assert seen["holder"]["area"] == cast.area["WS"], "admitted: the control"
    assert len(tries()) == 1


def admit(city: House, cast: Cast, agency: str, area: str, category: str) -> None:
    """An admission in force, by everybody who decides on it."""
    decider = appoint(city, Role.DISTRICT_SUPERVISOR)
    people = {"jj": cast.police, "ws": cast.leader, "city": decider}
    made = Play(city, people, cast.area, cast.agency)
    now = datetime.now(UTC) - timedelta(days=10)
    ends = now + timedelta(days=300)
    asked = made.create(
        "jj", now=now, agency_id=cast.agency[agency], category=category, all_of=None, targets=(cast.area[area],),
        begins=now + timedelta(days=1), ends=ends,
        promises=(Promise((now + timedelta(days=200)).date(), Decimal("90000.00"), 3),),
    )  # fmt: skip
    made.decide(made.opine(made.submit(asked, "jj", now=now), "ws", now=now), now=now)


# --- the database itself --------------------------------------------------------------------------------------------


def test_who_works_on_a_case_sees_what_belongs_to_it_and_to_no_other(
    city: House, api: httpx.Client, cast: Cast
) -> None:
    cases = [report(api, channel="deputy") for _ in range(2)]
    for one in cases:
        cast.handling(api, one)
        do(api, one, cast.cleaners, "reply", text="答复")
        do(api, one, cast.cleaners, "answer", text="已清理")
        do(api, one, cast.cleaners, "feed-back", text="已清理")
        files = [("file", ("a", picture(1), "image/png"))]
        sent = api.post(f"/api/v1/cases/{one}/photos", files=files, headers=cast.cleaners.headers)
        assert sent.status_code == 201, sent.text
    with city.internally("casework", incident=uuid.UUID(cases[0])) as session:
        for table in ("cases_paper", "cases_photo"):
            found = session.execute(text(f"select case_id from {table}")).scalars().all()  # of the line above
            assert [str(one) for one in found] == [cases[0]], table
    with city.db.transaction() as session:
        for table in ("cases_paper", "cases_photo", "cases_feedback"):
            assert session.execute(text(f"select count(*) from {table}")).scalar_one() == 2, "the control"


# --- papers ---------------------------------------------------------------------------------------------------------


def test_a_written_reply_is_due_numbered_and_printed(api: httpx.Client, cast: Cast) -> None:
    year = datetime.now(ZoneInfo("Asia/Shanghai")).year
    case_id = report(api, channel="deputy")
    cast.handling(api, case_id)
    do(api, case_id, cast.cleaners, "answer", text="已清理")
    do(api, case_id, cast.centre, "check-at-desk", reason="照片可见")
    refused(send(api, case_id, cast.centre, "close", facts=CONFIRMED), 409, "not-yet")
    page = f"/api/v1/cases/{case_id}/reply"
    assert api.get(page, headers=cast.centre.headers).status_code == 404
    do(api, case_id, cast.cleaners, "reply", text="您反映的<b>垃圾</b>已清理")
    shown = api.get(page, headers=cast.centre.headers)
    assert f"网格复字〔{year}〕1号" in shown.text
    assert "您反映的&lt;b&gt;垃圾&lt;/b&gt;已清理" in shown.text
    assert "<b>" not in shown.text
    assert "环卫所" in shown.text
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert api.get(page, headers=cast.police.headers).status_code == 404
    do(api, case_id, cast.centre, "reply", text="补充答复")
    assert f"〔{year}〕2号" in api.get(page, headers=cast.centre.headers).text
    assert do(api, case_id, cast.centre, "close", facts=CONFIRMED)["state"] == "closed"


def test_numbers_of_replies_have_no_gaps(city: House, api: httpx.Client, cast: Cast) -> None:
    cases = [report(api, channel="deputy") for _ in range(5)]
    refused(send(api, cases[0], cast.centre, "reply", text=""), 422, "need-missing")
    threads = [
        threading.Thread(target=do, args=(api, one, cast.centre, "reply"), kwargs={"text": "答复"}) for one in cases
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with city.db.transaction() as session:
        serials = session.execute(text("select serial from cases_paper order by serial")).scalars().all()
    assert serials == [1, 2, 3, 4, 5]


def test_one_receipt_for_every_task_behind_the_desk(city: House, api: httpx.Client, cast: Cast) -> None:
    lon, lat = sample.centre("A01")
    body = {"id": str(uuid.uuid4()), "category": "06010", "point": {"lon": lon, "lat": lat},
            "happened_at": "2026-01-01T00:00:00Z", "channel": "window"}  # fmt: skip
    made = bring(api, cast.community, body).json()
    case_id = made["id"]
    cast.handling(api, case_id)
    for agency in ("JJ", "HW"):
        do(api, case_id, cast.centre, "add-task", to={"agency": cast.agency[agency]}, text="请办理")
    do(api, case_id, cast.police, "finish-task", text="已办", facts={"task": 1})
    do(api, case_id, cast.centre, "note", text="补交材料", facts={"visit": True})
    page = f"/api/v1/cases/{case_id}/receipt"
    shown = api.get(page, headers=cast.community.headers).text
    assert "交警大队" in shown
    assert (shown.count("已办结 "), shown.count("<td>办理中</td>")) == (1, 1)
    assert "<th>到场次数</th><td>2</td>" in shown
    assert made["secret"] in shown, "for who took the report"
    assert made["secret"] not in api.get(page, headers=cast.centre.headers).text
    assert made["number"] in api.get(page, headers=cast.centre.headers).text
    assert "服务事项" not in shown, "no list of public services has it yet"
    with city.db.transaction() as session:
        put_list(session, [NewItem("GF-07", "06*", "HW", ManagementClass.COMPREHENSIVE)], name="样城公共服务清单",
                 kind=ListKind.PUBLIC_SERVICES)  # fmt: skip
    assert "<td>样城公共服务清单 GF-07</td>" in api.get(page, headers=cast.community.headers).text
    refused(send(api, case_id, cast.cleaners, "answer", text="已办"), 409, "not-yet")
    do(api, case_id, cast.cleaners, "finish-task", text="已办", facts={"task": 2})
    assert do(api, case_id, cast.cleaners, "answer", text="已办")["state"] == "answered"
