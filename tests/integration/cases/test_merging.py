"""Duplicates go into one case and out of it again; every reporter follows the one that goes on."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.cases.choosing import choose
from tests.integration.cases.helping import CONFIRMED, Cast, do, look, receipt, refused, report, send
from tests.people import appoint


def merge(api: httpx.Client, cast: Cast, one: str, into: str, **facts: Any) -> httpx.Response:
    return send(api, one, cast.centre, "merge", facts={"into": into, **facts}, reason="同一事项")


def status(city: House, case_id: str) -> str:
    with city.db.transaction() as session:
        return str(session.execute(text("select status from incidents where id = :id"), {"id": case_id}).scalar_one())


def test_merged_and_undone(city: House, api: httpx.Client, cast: Cast) -> None:
    main, double = report(api), report(api, east_m=20.0)
    do(api, main, cast.centre, "accept", facts=CONFIRMED)
    answer = merge(api, cast, double, main)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["merged_into"]) == ("merged", main)
    assert status(city, double) == "duplicate"
    assert not any(clock["running"] for clock in answer.json()["clocks"])
    back = do(api, double, cast.centre, "unmerge", reason="另一处")
    assert (back["state"], back["merged_into"]) == ("reported", None)
    assert status(city, double) == "open"
    assert [clock["name"] for clock in back["clocks"] if clock["running"]] == ["accept"]


def test_chains_end_in_the_one_that_is_open(city: House, api: httpx.Client, cast: Cast) -> None:
    one, two, three = report(api), report(api), report(api)
    assert merge(api, cast, two, one).status_code == 200
    answer = merge(api, cast, three, two)
    assert answer.json()["merged_into"] == one, "named the merged one, went into the open one"
    refused(merge(api, cast, one, two), 409, "not-to-be-merged")
    refused(merge(api, cast, one, one), 422, "need-missing")


def test_into_what_no_case_goes(city: House, api: httpx.Client, cast: Cast) -> None:
    one, ended, parking, east = report(api), report(api), report(api, category="09009"), report(api, "B01")
    do(api, ended, cast.centre, "cancel", reason="误报")
    assert refused(merge(api, cast, one, ended), 409, "not-to-be-merged")["field"] == "facts.into"
    refused(merge(api, cast, one, "00000000-0000-4000-8000-000000000001"), 404, "case-unknown")
    refused(merge(api, cast, one, east), 404, "case-unknown")
    refused(merge(api, cast, one, "nonsense"), 422, "need-missing")
    refused(send(api, one, cast.centre, "merge"), 422, "need-missing")
    assert refused(merge(api, cast, one, parking), 422, "need-missing")["field"] == "facts.other_category"
    assert look(api, one, cast.centre)["version"] == 1, "what was refused changed nothing"
    assert merge(api, cast, one, parking, other_category=True).status_code == 200


def test_two_that_merge_each_other_at_once_make_no_circle(city: House, api: httpx.Client, cast: Cast) -> None:
    for _ in range(8):
        pair = [report(api), report(api)]
        answers: list[httpx.Response] = []
        begin = threading.Barrier(2)

        def go(one: str, other: str, begin: threading.Barrier = begin, got: list[httpx.Response] = answers) -> None:
            begin.wait()
            got.append(merge(api, cast, one, other))

        threads = [threading.Thread(target=go, args=order) for order in (pair, pair[::-1])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert sorted(look(api, one, cast.centre)["state"] for one in pair) == ["merged", "reported"]


def asked(api: httpx.Client, paper: dict[str, Any]) -> dict[str, Any]:
    with httpx.Client(base_url=api.base_url) as nobody:
        answer = nobody.post("/api/v1/receipts", json={"number": paper["number"], "secret": paper["secret"]})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def reopen(api: httpx.Client, paper: dict[str, Any], reason: str = "又出现了") -> httpx.Response:
    with httpx.Client(base_url=api.base_url) as nobody:
        return nobody.post(
            "/api/v1/receipts/reopening",
            json={"number": paper["number"], "secret": paper["secret"], "reason": reason},
        )


def test_every_reporter_follows_and_may_reopen(city: House, api: httpx.Client, cast: Cast) -> None:
    main, double = receipt(api), receipt(api, east_m=20.0)
    assert merge(api, cast, double["id"], main["id"]).status_code == 200
    cast.handling(api, main["id"])
    do(api, main["id"], cast.cleaners, "feed-back", text="今天清理，请放心")
    told = asked(api, double)["result"]
    assert (told["state"], told["stage"], told["names"]["zh"]) == ("handling", "handling", "处理中")
    (handle,) = [one for one in look(api, main["id"], cast.centre)["clocks"] if one["running"]]
    due = datetime.fromisoformat(handle["due_at"]).astimezone(ZoneInfo("Asia/Shanghai"))
    assert told["due_on"] == due.date().isoformat()
    assert told["feedback"][-1]["text"] == "今天清理，请放心"
    refused(reopen(api, double), 409, "not-in-table")
    do(api, main["id"], cast.cleaners, "answer", text="已清理")
    do(api, main["id"], cast.centre, "check-at-desk", reason="照片可见")
    do(api, main["id"], cast.centre, "close", facts=CONFIRMED)
    answer = reopen(api, double)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["number"], answer.json()["state"]) == (main["number"], "accepted")
    seen = look(api, main["id"], cast.centre)
    assert (seen["state"], seen["counts"]["reopened"]) == ("accepted", 1)
    history = api.get(f"/api/v1/cases/{main['id']}/history", headers=cast.centre.headers).json()
    assert (history[-1]["action"], history[-1]["role"], history[-1]["reason"]) == ("reopen", "resident", "又出现了")


def test_only_with_the_secret_and_within_the_days(city: House, api: httpx.Client, cast: Cast) -> None:
    paper = receipt(api)
    cast.closed(api, paper["id"])
    refused(reopen(api, {**paper, "secret": "0000000000"}), 404, "receipt-unknown")
    assert reopen(api, paper, reason="").status_code == 422
    with city.db.transaction() as session:
        choose(session, "reopen_days", 0)
    refused(reopen(api, paper), 409, "not-yet")
    assert look(api, paper["id"], cast.centre)["state"] == "closed"
    with city.db.transaction() as session:
        choose(session, "reopen_days", None)
    assert reopen(api, paper).status_code == 200


def test_guessing_is_slowed_down(city: House, api: httpx.Client, cast: Cast) -> None:
    paper = receipt(api)
    codes = [reopen(api, {**paper, "secret": "0000000000"}).status_code for _ in range(11)]
    assert codes == [404] * 10 + [429]


@pytest.mark.parametrize("role", [Role.PLANNER, Role.GRID_WORKER])
def test_whoever_has_the_receipt_may_reopen_signed_in_or_not(
    city: House, api: httpx.Client, cast: Cast, role: Role
) -> None:
    """Also somebody whose post could not even see the case; the secret alone opens it, and another does not."""
    paper, other = receipt(api, "B01"), receipt(api, "B01")
    cast_east = appoint(city, Role.DISTRICT_SUPERVISOR, area="E")
    centre = appoint(city, Role.CENTRE_OPERATOR, area="E")
    for one in (paper, other):
        do(api, one["id"], centre, "accept", facts=CONFIRMED)
        do(api, one["id"], cast_east, "force-close", reason="已无必要")
    headers = appoint(city, role, area="W").headers
    said = {"number": paper["number"], "reason": "又出现了"}
    wrong = api.post("/api/v1/receipts/reopening", json={**said, "secret": other["secret"]}, headers=headers)
    refused(wrong, 404, "receipt-unknown")
    answer = api.post("/api/v1/receipts/reopening", json={**said, "secret": paper["secret"]}, headers=headers)
    assert answer.status_code == 200, answer.text
    assert look(api, paper["id"], centre)["state"] == "accepted"
    assert look(api, other["id"], centre)["state"] == "closed"
