"""Admission over HTTP: the whole way under real posts, what is refused and how it says so, pages."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gridgov.bootstrap import House
from gridgov.platform import clock
from tests.admissions import Play, play

Json = dict[str, Any]
PATH = "/api/v1/admissions"


@pytest.fixture
def city(sampled: House) -> Play:
    return play(sampled)


@pytest.fixture
def ask(api: httpx.Client, city: Play) -> Any:
    """Asks as somebody; what was answered. `code`: the status that is expected."""

    def once(who: str, method: str, path: str = "", body: Json | None = None, *, code: int = 200, **query: Any) -> Json:
        headers = city.people[who].headers
        answer = api.request(method, f"{PATH}{path}", json=body, headers=headers, params=query)
        assert answer.status_code == code, answer.text
        found: Json = answer.json()
        return found

    return once


def request(**other: Any) -> Json:
    today = clock.utcnow().date()
    return {
        "key": str(uuid.uuid4()), "title": "门前三包巡查", "category": "10001", "all_of": "unit", "plan": "每周两次",
        "basis": "条例第八条", "begins": str(today), "ends": str(today + timedelta(days=300)), "total_yuan": "90000.00",
        "promises": [{"due_on": str(today + timedelta(days=30)), "amount_yuan": "90000.00", "posts": 3}],
        "burdens": [{"kind": "report", "times_a_year": 12}],
    } | other  # fmt: skip


def test_the_whole_way(ask: Any, city: Play, api: httpx.Client) -> None:
    draft = ask("hw", "POST", "", request(), code=201)
    one = f"/{draft['id']}"
    assert (draft["state"], draft["agency"]["code"], draft["following"]) == ("draft", "HW", ["submitted", "withdrawn"])
    ask("ws", "GET", one, code=404)
    submitted = ask("hw", "POST", f"{one}/submission")
    assert [unit["unit"]["code"] for unit in submitted["opinions"]] == ["WS", "E1", "E2"]
    assert {unit["stance"] for unit in submitted["opinions"]} == {None}
    early = ask(
        "city", "POST", f"{one}/decision", {"verdict": "admit", "reason": "同意办理", "document": "1"}, code=409
    )
    assert (early["code"], early["field"]) == ("admission-state", "state")
    for who, support in (("ws", True), ("e1", False), ("e2", True)):
        ask(who, "POST", f"{one}/opinions", {"support": support, "reason": "经研究答复如下"})
    (listed,) = ask("city", "GET", state="heard")["items"]
    assert listed["hearing"] == {"targets": 3, "units": 3, "supporting": 2, "opposing": 1, "silent": 0}
    done = ask("city", "POST", f"{one}/decision", {"verdict": "admit", "reason": "同意办理", "document": "区政办1号"})
    assert (done["state"], done["matter"]) == ("admitted", "10001")
    route = api.get(
        "/api/v1/route",
        params={"lon": 117.0025, "lat": 32.0025, "category": "10001"},
        headers=city.people["ws"].headers,
    ).json()
    assert (route["lead"]["code"], route["item"]["list"]["name"]) == ("HW", f"准入事项 {draft['id']}")
    sent = {
        "key": str(uuid.uuid4()), "area": city.areas["WS"], "arrived_on": str(clock.utcnow().date()),
        "amount_yuan": "30000.00", "posts": 1, "document": "城财7号",
    }  # fmt: skip
    row = ask("hw", "POST", f"{one}/transfers", sent, code=201)
    assert ask("hw", "POST", f"{one}/transfers", sent, code=201)["id"] == row["id"]
    assert row["receipt"] == "unconfirmed"
    ask("e1", "POST", f"/transfers/{row['id']}/confirmation", {"received": True}, code=403)
    assert ask("ws", "POST", f"/transfers/{row['id']}/confirmation", {"received": True})["receipt"] == "received"
    balance = ask("hw", "GET", f"{one}/ledger")["balance"]
    assert (balance["received_yuan"], balance["missing_yuan"], balance["posts_missing"]) == ("30000.00", "60000.00", 2)
    assert ask("ws", "GET", f"{one}/ledger")["balance"]["missing_yuan"] == "0.00"
    (total,) = ask("hw", "GET", "/ledger", by="agency")["items"]
    assert (total["id"], total["balance"]["promised_yuan"]) == (city.agencies["HW"], "90000.00")
    (area,) = ask("ws", "GET", "/burden")["items"]
    assert (area["counts"]["items"], area["counts"]["reports"], area["households"]) == (1, 12, 2400)
    assert area["balance"]["received_yuan"] == "30000.00"
    assert ask("city", "GET", "/alerts")["items"] == []
    ended = ask("city", "POST", f"{one}/revocation", {"reason": "经费未按约定到位"})
    assert (ended["state"], ended["following"]) == ("withdrawn", [])
    assert [step["after"] for step in ended["steps"]] == ["draft", "submitted", "heard", "admitted", "withdrawn"]
    gone = api.get(
        "/api/v1/route",
        params={"lon": 117.0025, "lat": 32.0025, "category": "10001"},
        headers=city.people["ws"].headers,
    ).json()
    assert gone["outcome"] == "orphan"


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"title": " "}, "title"),
        ({"category": "99999"}, "category"),
        ({"agency": "NOBODY"}, "agency"),
        ({"begins": "yesterday"}, "begins"),
        ({"total_yuan": "-1"}, "total_yuan"),
        ({"total_yuan": "1.001"}, "total_yuan"),
        ({"total_yuan": "1e400"}, "total_yuan"),
        ({"total_yuan": "NaN"}, "total_yuan"),
        ({"promises": [{"due_on": "2027-02-30", "amount_yuan": "1"}]}, "promises.0.due_on"),
        ({"burdens": [{"kind": "dance", "times_a_year": 1}]}, "burdens.0.kind"),
        ({"all_of": "grid"}, "all_of"),
        ({"colour": "red"}, "colour"),
        ({"targets": [0]}, "targets.0"),
        ({"targets": [999999], "all_of": None}, "targets"),
        ({"within": 999999}, "within"),
        ({"renews": 999999}, "renews"),
        ({"promises": [{"due_on": "2027-02-28", "amount_yuan": "1", "area": 999999}]}, "promises"),
        ({"title": "a\u0000b"}, "title"),
        ({"plan": "a\u0000b"}, "plan"),
    ],
)
def test_bad_input_names_the_field_and_the_remedy(ask: Any, other: Json, field: str) -> None:
    told = ask("hw", "POST", "", request(**other), code=422)
    assert told["field"] is not None
    assert told["field"].endswith(field)
    assert ask("hw", "GET")["items"] == []


def test_a_draft_that_lacks_something_is_kept_and_says_what(ask: Any) -> None:
    draft = ask("hw", "POST", "", {"key": str(uuid.uuid4()), "title": "巡查"}, code=201)
    told = ask("hw", "POST", f"/{draft['id']}/submission", code=422)
    assert (told["code"], told["field"]) == ("admission-incomplete", "category")
    whole = request()
    del whole["key"]
    ask("hw", "PUT", f"/{draft['id']}", whole)
    assert ask("hw", "POST", f"/{draft['id']}/submission")["state"] == "submitted"
    told = ask("hw", "PUT", f"/{draft['id']}", whole, code=409)
    assert told["code"] == "admission-state"


def test_pages_are_whole_and_without_doubles(ask: Any) -> None:
    made = [ask("hw", "POST", "", request(), code=201)["id"] for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = ask("cg", "GET", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(made, reverse=True)
    assert ask("cg", "GET", agency="HW", limit=1)["items"][0]["id"] == made[-1]
    assert ask("cg", "GET", agency="JJ")["items"] == []


@pytest.mark.parametrize(
    ("who", "method", "path"),
    [
        ("ws", "POST", ""), ("city", "POST", ""), ("hw", "POST", "/1/opinions"), ("hw", "POST", "/1/decision"),
        ("ws", "POST", "/1/decision"), ("ws", "POST", "/1/transfers"), ("hw", "POST", "/transfers/1/confirmation"),
        ("hw", "POST", "/appraisals"), ("city", "POST", "/1/withdrawal"), ("hw", "POST", "/1/revocation"),
    ],
)  # fmt: skip
def test_a_role_without_the_permission_is_refused(ask: Any, who: str, method: str, path: str) -> None:
    bodies: dict[str, Json] = {
        "": request(), "/1/opinions": {"support": True, "reason": "同意办理"}, "/1/withdrawal": {"reason": "撤回请求"},
        "/1/decision": {"verdict": "admit", "reason": "同意办理", "document": "1"},
        "/1/revocation": {"reason": "撤销准入"},
        "/1/transfers": {"key": str(uuid.uuid4()), "area": 1, "arrived_on": "2026-01-01", "document": "1"},
        "/transfers/1/confirmation": {"received": True},
        "/appraisals": {"code": "1", "title": "考核", "kind": "veto", "agency": "HW", "level": "unit", "document": "1",
                        "since": "2026-01-01"},
    }  # fmt: skip
    assert ask(who, method, path, bodies[path], code=403)["code"] == "not-permitted"


def test_the_register_of_appraisals(ask: Any) -> None:
    body = {
        "code": "2027-01", "title": "环境卫生考核", "kind": "assessment", "agency": "JJ", "level": "unit",
        "document": "区考办3号", "since": "2026-01-01",
    }  # fmt: skip
    made = ask("city", "POST", "/appraisals", body, code=201)
    assert ask("city", "POST", "/appraisals", body, code=409)["code"] == "appraisal-held"
    assert [one["code"] for one in ask("e1", "GET", "/appraisals")["items"]] == ["2027-01"]
    (area,) = ask("e1", "GET", "/burden", level="community")["items"]
    assert (area["counts"]["appraisals"], area["counts"]["inspecting_departments"]) == (1, 1)
    ask("city", "POST", f"/appraisals/{made['id']}/end")
    assert ask("e1", "GET", "/appraisals")["items"] == []
    ask("city", "POST", "/appraisals/999/end", code=404)
