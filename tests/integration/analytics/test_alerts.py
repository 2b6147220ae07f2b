"""Thresholds: what stands above them is what `/counts` says, each time once, and the post that set one hears of it."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridgov.api import alerting
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.notices import jobs
from gridgov.platform.clock import utcnow
from gridgov.platform.db import bump
from tests import sample
from tests.integration.analytics.conftest import Known, Taking
from tests.integration.analytics.counted import ask
from tests.people import Person, appoint

Json = dict[str, Any]


@pytest.fixture
def supervisor(city: House) -> Person:
    """Of the whole city."""
    return appoint(city, Role.DISTRICT_SUPERVISOR)


def lately(n: int, where: str, **more: Any) -> list[Known]:
    return [Known((utcnow() - timedelta(minutes=one)).isoformat(), where, **more) for one in range(n)]


def rule(**more: Any) -> Json:
    return {"id": str(uuid.uuid4()), "by": "grid", "days": 2, "threshold": 3, **more}


def post(api: httpx.Client, who: Person, body: Json) -> httpx.Response:
    return api.post("/api/v1/alerts/rules", json=body, headers=who.headers)


def standing(api: httpx.Client, who: Person) -> dict[str, float]:
    answer = api.get("/api/v1/alerts", headers=who.headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == len(answer.json()["items"])
    return {item["area_code"]: item["value"] for item in answer.json()["items"]}


def past(api: httpx.Client, who: Person) -> list[tuple[str, bool]]:
    answer = api.get("/api/v1/alerts/past", headers=who.headers)
    return [(item["area_code"], item["ended_at"] is None) for item in answer.json()["items"]]


def told(house: House) -> list[Json]:
    with house.db.transaction() as session:
        found = session.execute(text("select facts from platform_outbox where topic = 'alert.began' order by id"))
        return list(found.scalars())


def area(house: House, code: str) -> int:
    with house.db.transaction() as session:
        index = house.locator.index(session, utcnow())
    return next(one.id for one in index.areas if one.code == code)


def test_a_new_rule_is_looked_at_at_once_and_says_what_counts_says(
    city: House, take: Taking, api: httpx.Client, supervisor: Person
) -> None:
    take([*lately(4, "A01"), *lately(3, "B02"), *lately(2, "A03"), *lately(9, "A04", category="09009")])
    take([Known((utcnow() - timedelta(days=5)).isoformat(), "A03")])  # too long ago
    answer = post(api, supervisor, rule(category=["06*"], names={"zh": "垃圾", "en": "Garbage"}))
    assert answer.status_code == 201, answer.text
    assert standing(api, supervisor) == {"A01": 4, "B02": 3}
    since = (utcnow() - timedelta(days=2)).replace(microsecond=0).isoformat()
    counts = ask(api, by="grid", category="06*", **{"from": since})
    above = {code: n for code, n in zip(counts["codes"], counts["counts"], strict=True) if n >= 3}
    assert standing(api, supervisor) == above
    items = api.get("/api/v1/alerts", headers=supervisor.headers).json()["items"]
    for item in items:
        west, south, east, north = sample.cell(item["area_code"]).bounds
        assert west < item["lon"] < east
        assert south < item["lat"] < north
        assert (item["rule"], item["names"]["zh"], item["threshold"]) == (answer.json()["id"], "垃圾", 3)
    (news,) = told(city)
    assert (news["areas"], news["worst"], news["value"], news["to"]) == (2, "A01", 4, ["area:0:district_supervisor"])


def test_each_beginning_and_each_end_is_written_once(
    city: House, take: Taking, api: httpx.Client, supervisor: Person
) -> None:
    post(api, supervisor, rule())
    assert alerting.look(city) == 0
    take(lately(3, "A01"))
    assert alerting.look(city) == 1
    assert alerting.look(city) == alerting.look(city) == 0, "a second look finds nothing new"
    take(lately(1, "A01"))
    assert alerting.look(city) == 0
    assert standing(api, supervisor) == {"A01": 4}, "the value is that of now"
    with city.db.transaction() as session:
        session.execute(text("update incidents set happened_at = happened_at - interval '9 days'"))
    assert alerting.look(city) == 1
    assert standing(api, supervisor) == {}
    take(lately(5, "A01"))
    assert alerting.look(city) == 1
    assert past(api, supervisor) == [("A01", True), ("A01", False)]
    assert len(told(city)) == 2


def test_many_looks_at_once_write_one_row(city: House, take: Taking, api: httpx.Client, supervisor: Person) -> None:
    post(api, supervisor, rule())
    take([*lately(3, "A01"), *lately(3, "A02")])
    with ThreadPoolExecutor(4) as pool:
        written = [one.result() for one in [pool.submit(alerting.look, city) for _ in range(6)]]
    assert sorted(written) == [0, 0, 0, 0, 0, 2]
    assert len(told(city)) == 1


def test_the_post_finds_the_message(city: House, take: Taking, api: httpx.Client, supervisor: Person) -> None:
    take(lately(3, "A01"))
    post(api, supervisor, rule())
    with city.internally("notifier") as session:
        jobs.fan_out(session, city.app.city, now=utcnow())
    other = appoint(city, Role.DISTRICT_SUPERVISOR, area="E")
    seen = api.get("/api/v1/notices", headers=supervisor.headers).json()["items"]
    assert [one["topic"] for one in seen] == ["alert.began"]
    assert "A01" in str(seen[0])
    assert api.get("/api/v1/notices", headers=other.headers).json()["items"] == []


def test_rules_are_repeated_changed_and_taken_back(
    city: House, take: Taking, api: httpx.Client, supervisor: Person
) -> None:
    take([*lately(4, "A01"), *lately(3, "B02")])
    body = rule()
    assert post(api, supervisor, body).status_code == 201
    assert post(api, supervisor, body).status_code == 200
    other = post(api, supervisor, {**body, "threshold": 4})
    assert (other.status_code, other.json()["code"]) == (409, "id-used-for-another-rule")
    at = f"/api/v1/alerts/rules/{body['id']}"
    said = {name: value for name, value in body.items() if name != "id"}
    changed = api.patch(at, json={**said, "threshold": 4, "revision": 1}, headers=supervisor.headers)
    assert (changed.status_code, changed.json()["revision"]) == (200, 2)
    assert standing(api, supervisor) == {"A01": 4}
    again = api.patch(at, json={**said, "threshold": 4, "revision": 1}, headers=supervisor.headers)
    assert (again.status_code, again.json()["revision"]) == (200, 2), "sent again, it changes nothing"
    late = api.patch(at, json={**said, "revision": 1}, headers=supervisor.headers)
    assert (late.status_code, late.json()["code"]) == (409, "alert-rule-moved-on")
    assert api.delete(at, params={"revision": 1}, headers=supervisor.headers).status_code == 409
    for _ in range(2):
        assert api.delete(at, params={"revision": 2}, headers=supervisor.headers).status_code == 200
    assert standing(api, supervisor) == {}
    assert api.get("/api/v1/alerts/rules", headers=supervisor.headers).json() == {"items": []}
    assert sorted(past(api, supervisor)) == [("A01", False), ("B02", False)], "what stood stays in the history"
    assert api.patch(at, json={**said, "revision": 2}, headers=supervisor.headers).status_code == 404


def test_what_cannot_be_measured_is_refused(city: House, api: httpx.Client, supervisor: Person) -> None:
    for wrong, status, code in (
        ({"measure": "wealth"}, 422, "bad-field"), ({"threshold": -1}, 422, "bad-alert-rule"),
        ({"threshold": 0}, 422, "bad-alert-rule"), ({"days": 0}, 422, "bad-alert-rule"),
        ({"days": 367}, 422, "bad-alert-rule"), ({"measure": "overdue"}, 422, "bad-grouping"),
        ({"category": ["77777"]}, 422, "unknown-category"), ({"agency": [999999]}, 422, "unknown-agency"),
        ({"area": 999999}, 404, "area-unknown"), ({"colour": "red"}, 422, "bad-field"),
        ({"area": area(city, "W1"), "by": "district"}, 422, "bad-alert-rule"),
    ):  # fmt: skip
        answer = post(api, supervisor, rule(**wrong))
        assert (answer.status_code, answer.json()["code"]) == (status, code), (wrong, answer.text)
    for word in ("NaN", "Infinity", "-Infinity", "1e999"):
        body = f'{{"id": "{uuid.uuid4()}", "threshold": {word}, "days": 3}}'
        answer = api.post(
            "/api/v1/alerts/rules", content=body, headers={**supervisor.headers, "Content-Type": "application/json"}
        )
        assert answer.status_code == 422, (word, answer.text)
    assert api.get("/api/v1/alerts/rules", headers=supervisor.headers).json() == {"items": []}


def test_a_post_has_fifty_rules_at_most(city: House, api: httpx.Client, supervisor: Person) -> None:
    first = rule(threshold=100)
    assert post(api, supervisor, first).status_code == 201
    for _ in range(49):
        assert post(api, supervisor, rule(threshold=100)).status_code == 201
    refused = post(api, supervisor, rule(threshold=100))
    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-alert-rules")
    assert post(api, supervisor, first).status_code == 200, "one that is there already is repeated all the same"
    api.delete(f"/api/v1/alerts/rules/{first['id']}", params={"revision": 1}, headers=supervisor.headers)
    assert post(api, supervisor, rule(threshold=100)).status_code == 201


def test_cases_are_measured_too(city: House, take: Taking, api: httpx.Client, supervisor: Person) -> None:
    take([*lately(4, "A01"), *lately(4, "B01")])
    with city.db.transaction() as session:
        session.execute(
            text(
                "insert into cases (id, number, happened_at, category_id, channel, state, version, opened_at, "
                "changed_at, late_from, area_id, grid_id, unit_id, agency_ids, geom) "
                "select id, number, happened_at, category_id, channel, 'accepted', 1, happened_at, happened_at, "
                "case when grid_id = :grid then happened_at - interval '1 hour' end, area_id, grid_id, unit_id, '{}', "
                "geom from incidents"
            ),
            {"grid": area(city, "A01")},
        )
    assert post(api, supervisor, rule(of="cases", measure="overdue_share", threshold=0.5)).status_code == 201
    assert standing(api, supervisor) == {"A01": 1.0}
    planner = appoint(city, Role.PLANNER)  # may count, may not read cases
    assert standing(api, planner) == {}
    assert past(api, planner) == []


def test_an_area_that_is_no_more_takes_its_alert_with_it(
    city: House, take: Taking, api: httpx.Client, supervisor: Person
) -> None:
    take([*lately(3, "A01"), *lately(3, "A02")])
    post(api, supervisor, rule(by="grid", area=area(city, "W1")))
    assert standing(api, supervisor) == {"A01": 3, "A02": 3}
    with city.db.transaction() as session:
        session.execute(
            text("update areas_version set valid = tstzrange(lower(valid), now()) where area_id = :id"),
            {"id": area(city, "A01")},
        )
        bump(session, "areas")
    assert standing(api, supervisor) == {"A02": 3}, "it is not shown before the next look, either"
    assert alerting.look(city) == 1
    assert sorted(past(api, supervisor)) == [("A01", False), ("A02", True)]
