"""Reports over HTTP: taken once, found where they belong, refused with a field and a remedy."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridgov.bootstrap import House
from gridgov.geo.crs import Datum, from_wgs84
from tests import sample


@pytest.fixture(params=["hot", "plain"])
def intake(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(sampled: House, api: httpx.Client) -> httpx.Client:
    return api


def body(**other: Any) -> dict[str, Any]:
    lon, lat = sample.centre("A02")
    return {
        "id": str(uuid.uuid4()),
        "category": "06010",
        "point": {"lon": lon, "lat": lat},
        "happened_at": "2026-10-05T08:15:00+08:00",
        "channel": "worker",
        "text": "路口有暴露垃圾",
    } | other


def test_a_report_finds_its_place_and_its_agency(client: httpx.Client) -> None:
    sent = body(accuracy_m=20)
    answer = client.post("/api/v1/incidents", json=sent)
    assert answer.status_code == 201, answer.text
    receipt = answer.json()
    assert [area["code"] for area in receipt["path"]] == ["C", "W", "WS", "W1", "A02"]
    assert receipt["agency"]["code"] == "HW"
    assert receipt["site"]["names"]["en"] == "West Station"
    assert receipt["number"].startswith("20261005-")
    assert answer.headers["location"] == f"/api/v1/incidents/{sent['id']}"
    assert receipt.pop("secret")  # for the reporter alone
    assert client.get(answer.headers["location"]).json() == receipt


def test_repeating_gives_the_first_receipt_and_another_body_a_conflict(client: httpx.Client, house: House) -> None:
    sent = body()
    first = client.post("/api/v1/incidents", json=sent)
    again = client.post("/api/v1/incidents", json=dict(reversed(list(sent.items()))))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    other = client.post("/api/v1/incidents", json=sent | {"text": "something else"})
    assert other.status_code == 409
    assert other.headers["content-type"] == "application/problem+json"
    assert other.json()["code"] == "id-used-for-another-report"
    with house.db.transaction() as session:
        assert session.execute(text("select count(*) from incidents")).scalar_one() == 1


def test_many_at_once_with_one_id_store_one(client: httpx.Client, house: House) -> None:
    sent, answers = body(), []

    def post() -> None:
        answers.append(httpx.post(f"{client.base_url}/api/v1/incidents", json=sent, timeout=60, auth=client.auth))

    threads = [threading.Thread(target=post) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    assert len({answer.text for answer in answers}) == 1
    with house.db.transaction() as session:
        assert session.execute(text("select count(*) from incidents")).scalar_one() == 1


def test_the_control_without_the_key_table_would_store_twice(client: httpx.Client, house: House) -> None:
    """Two ids for one matter are two reports: what makes a repeat harmless is the client's id and nothing else."""
    sent = body()
    client.post("/api/v1/incidents", json=sent)
    client.post("/api/v1/incidents", json=sent | {"id": str(uuid.uuid4())})
    with house.db.transaction() as session:
        assert session.execute(text("select count(*) from incidents")).scalar_one() == 2


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09, Datum.CGCS2000])
def test_the_reported_point_and_its_datum_are_kept(client: httpx.Client, datum: Datum) -> None:
    lon, lat = sample.centre("A02")
    x, y = from_wgs84(lon, lat, datum)
    receipt = client.post("/api/v1/incidents", json=body(point={"lon": x, "lat": y}, datum=datum)).json()
    assert receipt["reported"] == {"lon": x, "lat": y}
    assert receipt["datum"] == datum
    assert receipt["path"][-1]["code"] == "A02"
    assert receipt["point"]["lon"] == pytest.approx(lon, abs=1e-6)
    assert receipt["point"]["lat"] == pytest.approx(lat, abs=1e-6)


def test_reading_it_as_wgs84_would_put_it_elsewhere() -> None:
    """The control of the test above: the shift is about 500 m here, a whole grid."""
    lon, lat = sample.centre("A02")
    x, _ = from_wgs84(lon, lat, Datum.GCJ02)
    assert abs(x - lon) > 0.003


def test_near_a_boundary_the_candidates_are_listed(client: httpx.Client) -> None:
    edge = sample.cell("A02").bounds[2] - 0.00005
    receipt = client.post(
        "/api/v1/incidents", json=body(point={"lon": edge, "lat": sample.centre("A02")[1]}, accuracy_m=30)
    ).json()
    assert [area["code"] for area in receipt["candidates"]] == ["A02", "A03"]


def test_outside_every_area_is_taken_and_says_so(client: httpx.Client) -> None:
    receipt = client.post("/api/v1/incidents", json=body(point={"lon": sample.LON0 - 0.01, "lat": sample.LAT0})).json()
    assert receipt["inside"] is False
    assert receipt["distance_m"] == pytest.approx(944, abs=5)
    assert receipt["path"][-1]["code"] == "A05"


def test_an_orphan_matter_is_taken(client: httpx.Client) -> None:
    receipt = client.post("/api/v1/incidents", json=body(category="10001")).json()
    assert receipt["lead"] is None
    route = client.get("/api/v1/route", params={"category": "10001", "lon": 117.01, "lat": 32.005}).json()
    assert route["outcome"] == "orphan"
    assert route["reasons"][-1]["step"] == "orphan"


LON, LAT = sample.centre("A02")


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"point": {"lon": LAT, "lat": LON}}, 422, "point"),
        ({"point": {"lon": 0, "lat": 0}}, 422, "point"),
        ({"point": {"lon": 500, "lat": 3}}, 422, "point"),
        ({"point": {"lon": "NaN", "lat": 3}}, 422, "point"),
        ({"point": {"lon": 117}}, 422, "point.lat"),
        ({"point": {"lon": 33, "lat": 36.9}}, 422, "point"),
        ({"datum": "mars"}, 422, "datum"),
        ({"category": "99999"}, 404, "category"),
        ({"channel": "pigeon"}, 422, "channel"),
        ({"happened_at": "2126-01-01T00:00:00Z"}, 422, "happened_at"),
        ({"happened_at": "2026-01-01T00:00:00"}, 422, "happened_at"),
        ({"happened_at": "yesterday"}, 422, "happened_at"),
        ({"accuracy_m": -1}, 422, "accuracy_m"),
        ({"text": "长" * 5000}, 422, "text"),
        ({"text": "a\x00b"}, 422, "text"),
        ({"id": "1"}, 422, "id"),
        ({"catagory": "06010"}, 422, "catagory"),
    ],
)
def test_bad_input_names_the_field_and_stores_nothing(
    client: httpx.Client, house: House, change: dict[str, Any], status: int, field: str
) -> None:
    answer = client.post("/api/v1/incidents", json=body(**change))
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert problem["field"] == field
    assert problem["detail"]
    assert problem["remedy"]
    with house.db.transaction() as session:
        assert session.execute(text("select count(*) from incidents_key")).scalar_one() == 0, "the id stays free"


def test_a_body_that_is_no_json(client: httpx.Client) -> None:
    answer = client.post("/api/v1/incidents", content=b"{", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed-body")


def test_the_contact_is_sealed_and_never_shown(client: httpx.Client, house: House) -> None:
    sent = body(reporter={"name": "某人", "phone": "00000001234"})
    answers = [
        client.post("/api/v1/incidents", json=sent),
        client.get("/api/v1/incidents"),
        client.get(f"/api/v1/incidents/{sent['id']}"),
    ]
    for answer in answers:
        assert "1234" not in answer.text.replace(sent["id"], "")
        assert "某人" not in answer.text
    with house.db.transaction() as session:
        row = session.execute(text("select name_sealed, phone_sealed from incidents_contact")).one()
    assert b"1234" not in bytes(row.phone_sealed)
    place = f"incidents_contact|phone|{sent['id']}"
    assert house.sealer.open(bytes(row.phone_sealed), place=place) == "00000001234"
    assert b"00000001234" not in bytes(row.phone_sealed)


def test_pages_are_complete_and_in_order(client: httpx.Client) -> None:
    sent = [body(happened_at=f"2026-10-{1 + i % 5:02d}T0{i % 7}:00:00+08:00") for i in range(23)]
    for one in sent:
        assert client.post("/api/v1/incidents", json=one).status_code == 201
    seen, cursor = [], None
    while True:
        page = client.get("/api/v1/incidents", params={"limit": 5} | ({"cursor": cursor} if cursor else {})).json()
        seen += [(item["happened_at"], item["id"]) for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(ident for _, ident in seen) == sorted(one["id"] for one in sent)
    assert seen == sorted(seen, reverse=True)
    bad = client.get("/api/v1/incidents", params={"cursor": "abc"})
    assert (bad.status_code, bad.json()["field"]) == (422, "cursor")


def test_filters(client: httpx.Client) -> None:
    client.post("/api/v1/incidents", json=body())
    lon, lat = sample.centre("B01")
    client.post(
        "/api/v1/incidents",
        json=body(point={"lon": lon, "lat": lat}, category="09009", happened_at="2026-09-01T08:00:00+08:00"),
    )
    areas = {a["code"]: a["id"] for a in client.get("/api/v1/areas", params={"limit": 1000}).json()["items"]}

    def codes(**params: Any) -> list[str]:
        return [item["category"]["code"] for item in client.get("/api/v1/incidents", params=params).json()["items"]]

    assert codes() == ["06010", "09009"]
    assert codes(area=areas["E1"]) == ["09009"]
    assert codes(area=areas["WS"]) == ["06010"]
    assert codes(area=areas["C"]) == ["06010", "09009"]
    assert codes(category="06*") == ["06010"]
    assert codes(category="09009") == ["09009"]
    assert codes(**{"from": "2026-10-01"}) == ["06010"]
    assert codes(to="2026-10-01") == ["09009"]
    assert codes(status="closed") == []
    assert codes(bbox=f"{lon - 0.001},{lat - 0.001},{lon + 0.001},{lat + 0.001}") == ["09009"]
    backwards = client.get("/api/v1/incidents", params={"from": "2026-10-02", "to": "2026-10-01"})
    assert (backwards.status_code, backwards.json()["field"]) == (422, "to")
    assert client.get("/api/v1/incidents", params={"area": 999999}).status_code == 404
