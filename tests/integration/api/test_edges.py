"""Values at the edge of what can be held, and what "now" means, over HTTP."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from shapely import box

from gridgov.areas import service as areas
from gridgov.areas.names import index_own_names
from gridgov.areas.rules import Level
from gridgov.bootstrap import House
from gridgov.duties import service as duties
from gridgov.duties.rules import ManagementClass
from gridgov.duties.service import NewItem
from gridgov.platform import clock
from tests import sample


@pytest.fixture(params=["hot", "plain"])
def intake(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(sampled: House, api: httpx.Client) -> httpx.Client:
    return api


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/areas?code=A%00", "code"),
        ("/api/v1/search?q=%00", "q"),
        ("/api/v1/route?lon=117&lat=32&category=%00", "category"),
        ("/api/v1/areas?parent=99999999999999999999", "parent"),
        ("/api/v1/areas/99999999999999999999", "area_id"),
        ("/api/v1/incidents?area=-1", "area"),
        ("/api/v1/locate?lon=117&lat=32&at=0001-01-01", "at"),
        ("/api/v1/locate?lon=117&lat=32&at=9999-12-31T23:59:59-08:00", "at"),
        ("/api/v1/incidents?from=0001-01-01T00:00:00", "from"),
        ("/api/v1/incidents?cursor=WyJ4Il0", "cursor"),
        ("/api/v1/incidents?bbox=nan,0,1,1", "bbox"),
        ("/api/v1/locate?lon=nan&lat=32", "lon,lat"),
    ],
)
def test_a_value_that_nothing_can_hold_is_refused_by_name(client: httpx.Client, path: str, field: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["field"] == field
    assert answer.json()["remedy"]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"])
def test_a_report_from_the_end_of_time_is_refused(client: httpx.Client, moment: str) -> None:
    lon, lat = sample.centre("A01")
    body = {"id": str(uuid.uuid4()), "category": "06010", "point": {"lon": lon, "lat": lat}, "channel": "worker"}
    answer = client.post("/api/v1/incidents", json=body | {"happened_at": moment})
    assert (answer.status_code, answer.json()["field"]) == (422, "happened_at")
    assert client.post("/api/v1/incidents", json=body | {"happened_at": "2025-01-01T00:00:00Z"}).status_code == 201


def test_another_method_says_which_would_do(client: httpx.Client) -> None:
    answer = client.delete("/api/v1/city")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.json()["code"] == "method-not-allowed"


def test_what_has_yet_to_take_effect_does_not_count_today(client: httpx.Client, house: House) -> None:
    tomorrow = clock.utcnow() + timedelta(days=1)
    with house.db.transaction() as session:
        moved = [replace(one, names={"en": "Renamed"}) for one in sample.new_areas() if one.code == "A01"]
        areas.put_in_force(session, moved, name="tomorrow", valid_from=tomorrow)
        item = NewItem("1", "10*", "HW", ManagementClass.PROFESSIONAL)
        duties.put_list(session, [item], name="winter", valid_from=tomorrow)
    lon, lat = sample.centre("A01")
    here = {"lon": str(lon), "lat": str(lat)}
    later = here | {"at": (tomorrow + timedelta(days=1)).isoformat()}
    names = [client.get("/api/v1/locate", params=when).json()["path"][-1]["names"]["en"] for when in (here, later)]
    assert names == ["Grid A01", "Renamed"]
    routes = [client.get("/api/v1/route", params=when | {"category": "10001"}).json() for when in (here, later)]
    assert [route["outcome"] for route in routes] == ["orphan", "routed"]
    listed = [client.get("/api/v1/areas", params={"code": "A01"} | extra).json() for extra in ({}, {"at": later["at"]})]
    assert [page["items"][0]["names"]["en"] for page in listed] == ["Grid A01", "Renamed"]


def test_an_incident_in_no_grid_is_listed_under_all_that_hold_it(client: httpx.Client, house: House) -> None:
    west, south = sample.LON0 - sample.STEP, sample.LAT0
    with house.db.transaction() as session:
        shape = box(west, south, sample.LON0, south + sample.STEP)
        wild = replace(sample.new_areas()[-1], code="W3", level=Level.COMMUNITY, parent_code="WS", geom=shape)
        areas.put_in_force(session, [replace(wild, kind=None)], name="a community without grids")
        index_own_names(session)
    body = {
        "id": str(uuid.uuid4()),
        "category": "06010",
        "point": {"lon": west + sample.STEP / 2, "lat": south + sample.STEP / 2},
        "happened_at": "2025-01-01T00:00:00Z",
        "channel": "worker",
    }
    receipt = client.post("/api/v1/incidents", json=body).json()
    assert [area["level"] for area in receipt["path"]] == ["city", "district", "subdistrict", "community"]
    for area in receipt["path"]:
        found = client.get("/api/v1/incidents", params={"area": area["id"]}).json()["items"]
        assert [one["id"] for one in found] == [body["id"]], area["code"]
    elsewhere = client.get("/api/v1/areas", params={"code": "E"}).json()["items"][0]["id"]
    assert client.get("/api/v1/incidents", params={"area": elsewhere}).json()["items"] == []
