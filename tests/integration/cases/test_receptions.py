"""Deputies' receptions: announced where the post is, opinions become cases all or none, answered in writing."""

from __future__ import annotations

import uuid
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from gridgov.auth.rules import Role
from gridgov.bootstrap import Caller, House
from tests import sample
from tests.integration.cases.helping import Cast, do, refused, send
from tests.people import Person, appoint

HELD = "2026-01-20T09:00:00+08:00"


@pytest.fixture
def deputy(city: House) -> Person:
    return appoint(city, Role.DEPUTY, area="W1")


def announce(api: httpx.Client, who: Person, area: int, **other: Any) -> httpx.Response:
    body = {"id": str(uuid.uuid4()), "area": area, "held_at": HELD, "notice": "社区服务中心一楼", **other}
    return api.post("/api/v1/receptions", json=body, headers=who.headers)


def opinion(**other: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "category": "06010", "text": "楼后垃圾无人清运", **other}


def say(api: httpx.Client, who: Person, reception: str, *said: dict[str, Any]) -> httpx.Response:
    return api.post(f"/api/v1/receptions/{reception}/opinions", json={"opinions": list(said)}, headers=who.headers)


def held(api: httpx.Client, who: Person, area: int) -> str:
    answer = announce(api, who, area)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def count(city: House, table: str) -> int:
    with city.db.transaction() as session:
        return int(session.execute(text(f"select count(*) from {table}")).scalar_one())  # of the tests


def test_a_reception_is_announced_where_the_post_is(city: House, api: httpx.Client, cast: Cast, deputy: Person) -> None:
    ident = str(uuid.uuid4())
    assert announce(api, deputy, cast.area["W1"], id=ident).status_code == 201
    assert announce(api, deputy, cast.area["W1"], id=ident).status_code == 200, "a repeat"
    refused(announce(api, deputy, cast.area["W1"], id=ident, notice="别处"), 409, "id-used-for-another-reception")
    refused(announce(api, deputy, cast.area["W2"]), 403, "not-your-community")
    refused(announce(api, deputy, cast.area["A01"]), 422, "bad-reception")
    assert announce(api, cast.centre, cast.area["W1"]).status_code == 403, "receptions are the deputies'"
    assert count(city, "cases_reception") == 1
    wide = appoint(city, Role.DEPUTY, area="WS")
    assert announce(api, wide, cast.area["W2"]).status_code == 201, "a wider post has more communities"


def test_opinions_become_cases_all_or_none(city: House, api: httpx.Client, cast: Cast, deputy: Person) -> None:
    reception = held(api, deputy, cast.area["W1"])
    lon, lat = sample.centre("A02")
    first, second = opinion(), opinion(point={"lon": lon, "lat": lat})
    bad = opinion(category="99999")
    refused(say(api, deputy, reception, first, bad), 404, "category-unknown")
    assert (count(city, "cases"), count(city, "cases_opinion"), count(city, "incidents")) == (0, 0, 0)
    answer = say(api, deputy, reception, first, second)
    assert answer.status_code == 201, answer.text
    assert [one["case"] for one in answer.json()] == [first["id"], second["id"]]
    again = say(api, deputy, reception, second, first, opinion())
    assert again.status_code == 201
    assert [one["repeated"] for one in again.json()] == [True, True, False]
    assert say(api, deputy, reception, first).status_code == 200
    with city.db.transaction() as session:
        rows = session.execute(text("select channel, state, version from cases order by number")).all()
        told = session.execute(text("select count(*) from platform_outbox where topic = 'case.report'")).scalar_one()
    assert [tuple(row) for row in rows] == [("deputy", "reported", 1)] * 3
    assert told == 3, "each is announced once"
    receipt = answer.json()[0]
    shown = api.post("/api/v1/receipts", json={"number": receipt["number"], "secret": receipt["secret"]})
    assert shown.status_code == 200


def test_an_opinion_belongs_to_one_reception(city: House, api: httpx.Client, cast: Cast, deputy: Person) -> None:
    one, other = held(api, deputy, cast.area["W1"]), held(api, deputy, cast.area["W1"])
    said = opinion()
    assert say(api, deputy, one, said).status_code == 201
    refused(say(api, deputy, other, said), 409, "id-used-for-another-reception")
    refused(say(api, deputy, one, *[opinion() for _ in range(50)]), 422, "bad-reception")
    stranger = appoint(city, Role.DEPUTY, area="W1")
    refused(say(api, stranger, one, opinion()), 403, "not-your-reception")
    elsewhere = appoint(city, Role.DEPUTY, area="W2")
    refused(say(api, elsewhere, one, opinion()), 404, "reception-unknown")
    soon = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    later = announce(api, deputy, cast.area["W1"], held_at=soon).json()["id"]
    refused(say(api, deputy, later, opinion()), 422, "bad-reception")
    assert count(city, "cases") == 1


def test_how_many_are_answered_in_writing(api: httpx.Client, cast: Cast, deputy: Person) -> None:
    reception = held(api, deputy, cast.area["W1"])
    said = [opinion(), opinion()]
    assert say(api, deputy, reception, *said).status_code == 201

    def seen(who: Person) -> tuple[int, int]:
        answer = api.get("/api/v1/receptions", headers=who.headers)
        assert answer.status_code == 200, answer.text
        (one,) = answer.json()["items"]
        return one["opinions"], one["replied"]

    assert seen(deputy) == (2, 0)
    do(api, said[0]["id"], cast.centre, "accept", facts={"condition": True})
    assert seen(cast.centre) == (2, 0), "taken up is not answered"
    do(api, said[0]["id"], cast.centre, "reply", text="已安排环卫所每日清运")
    assert seen(deputy) == seen(cast.centre) == seen(cast.leader) == (2, 1)
    one = api.get(f"/api/v1/receptions/{reception}", headers=deputy.headers).json()
    assert [(heard["state"], heard["replied_at"] is None) for heard in one["heard"]] == [
        ("accepted", False), ("reported", True),
    ]  # fmt: skip


def test_others_see_no_receptions(api: httpx.Client, cast: Cast, deputy: Person, city: House) -> None:
    reception = held(api, deputy, cast.area["W1"])
    assert api.get("/api/v1/receptions", headers=cast.cleaners.headers).status_code == 403
    east = appoint(city, Role.CENTRE_OPERATOR, area="E")
    assert api.get("/api/v1/receptions", headers=east.headers).json()["items"] == []
    assert api.get(f"/api/v1/receptions/{reception}", headers=east.headers).status_code == 404
    assert len(api.get("/api/v1/receptions", headers=cast.centre.headers).json()["items"]) == 1, "the control"


@pytest.mark.parametrize(("area", "may"), [("W1", True), ("W2", False)])
def test_the_database_itself_keeps_a_deputy_to_the_post(
    city: House, cast: Cast, deputy: Person, area: str, may: bool
) -> None:
    sql = """
        insert into cases_reception (id, held_at, notice, account_id, post_id, area_id, unit_id, made_at)
        values (gen_random_uuid(), :at, '', :account, :post, :area, :unit, :at)
        """
    given = {"at": datetime.now(UTC), "account": deputy.account_id, "post": deputy.post_id, "area": cast.area[area],
             "unit": cast.area["WS"]}  # fmt: skip
    expected = nullcontext() if may else pytest.raises(ProgrammingError, match="row-level security")
    with expected, city.acting(Caller("receptions.hold", deputy.credential)) as work:
        work.session.execute(text(sql), given)


def test_pages_follow_each_other(api: httpx.Client, cast: Cast, deputy: Person) -> None:
    made = [
        announce(api, deputy, cast.area["W1"], held_at=f"2026-01-{day:02}T09:00:00+08:00").json()["id"]
        for day in (3, 1, 2)
    ]
    shown, cursor = [], None
    while True:
        page = api.get("/api/v1/receptions", params={"limit": 1} | ({"cursor": cursor} if cursor else {}),
                       headers=deputy.headers).json()  # fmt: skip
        shown += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert shown == [made[0], made[2], made[1]]


def test_what_is_refused_is_led_on_and_answered(api: httpx.Client, cast: Cast, deputy: Person) -> None:
    """有限受理, 依法疏导, 有求必答: outside the duties here, led to where it belongs, and answered all the same."""
    reception = held(api, deputy, cast.area["W1"])
    said = opinion(text="对法院判决不服")
    assert say(api, deputy, reception, said).status_code == 201
    case_id = said["id"]
    refused(send(api, case_id, cast.centre, "refuse", reason="依法属诉讼事项"), 422, "need-missing")
    unknown = {"redirect": {"why": "tired", "where": "法院"}}
    refused(send(api, case_id, cast.centre, "refuse", reason="依法属诉讼事项", facts=unknown), 422, "need-missing")
    redirect = {"redirect": {"why": "other-channel", "where": "区人民法院诉讼服务中心"}}
    refused(send(api, case_id, cast.centre, "refuse", reason="依法属诉讼事项", facts=redirect), 409, "not-yet")
    do(api, case_id, cast.centre, "reply", text="该事项依法应向区人民法院提出")
    seen = do(api, case_id, cast.centre, "refuse", reason="依法属诉讼事项", facts=redirect)
    assert seen["state"] == "refused"
