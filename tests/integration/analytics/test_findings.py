"""Clusters, repeats and rises over HTTP: what is planted is told, of the caller's own area alone, and spots only to
those who may read incidents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import numpy as np
import pytest

from gridgov.analytics import service
from gridgov.analytics.daily import daily, happened
from gridgov.analytics.rules import Filter
from gridgov.analytics.store.columns import INCIDENTS
from gridgov.areas.rules import Level
from gridgov.auth.rules import EVERYWHERE, Role
from gridgov.bootstrap import House, area_reach
from tests import sample
from tests.integration.analytics.conftest import Known, Taking
from tests.people import appoint

Asking = Callable[..., Any]
FIRST = datetime.fromisoformat("2026-01-05T09:00:00+08:00")
DAYS = 70
GRIDS = [f"{letter}{number:02d}" for letter in "AB" for number in range(1, 9)]


def shifted(where: str, east_m: float) -> tuple[float, float]:
    lon, lat = sample.centre(where)
    return lon + east_m / 94_000, lat


@pytest.fixture
def weeks(take: Taking) -> None:
    """Ten weeks with an incident here and there; a spot in A03 that comes back every week; of the last seven days four
    more in B02 each, of another kind."""
    rng = np.random.default_rng(4)
    known = []
    for day in range(DAYS):
        at = FIRST + timedelta(days=day)
        known += [Known(at.isoformat(), grid) for grid in GRIDS if rng.random() < 0.25]
        known += [Known(at.isoformat(), shifted(grid, -90), "09009") for grid in GRIDS if rng.random() < 0.12]
        if day % 7 == 2:
            known.append(Known(at.isoformat(), shifted("A03", 60 + rng.uniform(-3, 3)), "09009"))
        if day >= DAYS - 7:
            known += [Known(at.isoformat(), shifted("B02", 40 * i), "09009") for i in range(4)]
    known.append(Known(FIRST.isoformat(), shifted("A05", 20), "09009", status="duplicate"))
    take(known)


@pytest.fixture
def found(weeks: None, api: httpx.Client) -> Asking:
    def asked(what: str, **params: str | int | list[str]) -> Any:
        answer = api.get(f"/api/v1/density/{what}", params={"to": "2026-03-16", **params})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return asked


def test_a_cluster_is_told_with_its_place_its_days_and_what_was_to_be_expected(found: Asking) -> None:
    told = found("clusters")
    (first, *_) = told["items"]
    assert "B02" in [area["code"] for area in first["areas"]]
    assert (first["first"] >= "2026-03-08", first["last"]) == (True, "2026-03-15")
    assert first["count"] > 2 * first["expected"]
    assert first["p"] <= 0.05
    assert first["kinds"][0]["group"]["code"] == "09"
    assert str(first["count"]) in first["said"]["zh"]
    assert told["first"] == "2026-01-19"  # eight weeks before the end
    calm = found("clusters", to="2026-03-08")
    assert calm["items"] == []  # the control: the same weeks before it


def test_what_comes_back_is_told_with_its_spot(found: Asking) -> None:
    told = found("repeats", category="09*", least_days=5, radius_m=10)
    lon, lat = shifted("A03", 60)
    (again,) = [item for item in told["items"] if abs(item["lon"] - lon) < 2e-4 and abs(item["lat"] - lat) < 1e-4]
    assert again["area"]["code"] == "A03"
    assert (again["count"], again["days"], again["gap_days"], again["spots"]) == (10, 10, 7.0, 1)
    assert found("repeats", category="09*", least_days=20)["found"] == 0  # the control
    void = found("repeats", status="duplicate", least_days=2)
    assert (found("repeats", status=["duplicate", "open"], least_days=2)["found"] > 0, void["found"]) == (True, 0)


def test_what_rises_is_told_against_the_usual(found: Asking) -> None:
    told = found("rising", level="grid")
    assert (told["first"], told["last"], told["enough"], told["seasonal"]) == ("2026-03-09", "2026-03-15", True, False)
    rising = [item for item in told["items"] if item["rising"]]
    assert {(item["area"] or {}).get("code") for item in rising if item["group"]["code"] == "09"} >= {"B02"}
    top = next(item for item in rising if item["area"] and item["area"]["code"] == "B02")
    assert (top["count"], top["low"] > 1) == (top["count"], True)
    assert 28 <= top["count"] <= 31
    before = found("rising", level="grid", to="2026-03-09")
    assert not any(item["rising"] for item in before["items"])  # the control
    short = found("rising", to="2026-02-20")
    assert (short["enough"], short["items"]) == (False, [])
    assert "历史不足" in short["said"]["zh"]


def test_everybody_is_told_of_their_own_area_and_spots_only_whoever_may_read(
    weeks: None, house: House, api: httpx.Client
) -> None:
    officer = appoint(house, Role.COMMUNITY_OFFICER, area="W1")
    planner = appoint(house, Role.PLANNER)
    until = {"to": "2026-03-16"}
    told = api.get("/api/v1/density/repeats", params={**until, "radius_m": 10}, headers=officer.headers).json()
    assert {item["area"]["code"][0] for item in told["items"]} == {"A"}
    assert all(item["lon"] is not None for item in told["items"])
    rising = api.get("/api/v1/density/rising", params={**until, "level": "grid"}, headers=officer.headers).json()
    assert not [item for item in rising["items"] if item["area"] and item["area"]["code"].startswith("B")]
    told = api.get("/api/v1/density/repeats", params={**until, "radius_m": 10}, headers=planner.headers).json()
    assert told["found"] >= 2
    assert {(item["lon"], item["lat"], item["gap_days"]) for item in told["items"]} == {(None, None, None)}


def test_nothing_to_find_is_empty_and_what_cannot_be_is_refused(take: Taking, api: httpx.Client) -> None:
    take([])
    for what in ("clusters", "repeats", "rising"):
        answer = api.get(f"/api/v1/density/{what}")
        assert (answer.status_code, answer.json()["items"]) == (200, [])
    assert api.get("/api/v1/density/clusters", params={"radius_m": 1}).status_code == 422
    assert api.get("/api/v1/density/repeats", params={"from": "2026-03-02", "to": "2026-03-01"}).status_code == 422
    assert api.get("/api/v1/density/rising", params={"category": "77"}).json()["code"] == "unknown-category"


def test_memory_and_database_count_the_same(weeks: None, house: House) -> None:
    """For the city and for somebody with one community, by three levels, filtered or not."""
    zone = ZoneInfo("Asia/Shanghai")
    span = date(2026, 1, 20), date(2026, 3, 15)
    with house.db.transaction() as session:
        index, view = house.locator.index(session), house.counts.view(session, INCIDENTS)
        officer = area_reach(index, next(area.id for area in index.areas if area.code == "W1"))
        seen = set()
        for reach, categories, level in product(
            (EVERYWHERE, officer), (None, service.categories_like(session, "09*")), (Level.GRID, Level.COMMUNITY)
        ):
            wanted = happened(Filter(category_ids=categories, reach=reach))
            plain, quick = (daily(session, index.areas, level, wanted, span, zone, view=v) for v in (None, view))
            assert (plain.groups, plain.areas, plain.days) == (quick.groups, quick.areas, quick.days)
            assert (plain.counts == quick.counts).all()
            seen.add(int(plain.counts.sum()))
        shifted_zone = daily(session, index.areas, level, wanted, span, ZoneInfo("America/New_York"), view=view)
    assert len(seen) == 4  # each filter and reach counts another number
    assert (shifted_zone.counts != quick.counts).any()  # the control: other days
