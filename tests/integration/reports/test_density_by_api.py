"""The density page by the API: the same filters, the same reach, the same numbers, and no way out of the page."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from gridgov.areas.rules import Level
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.platform.clock import utcnow
from tests import sample
from tests.integration.analytics.conftest import Known, Taking, city, take
from tests.integration.analytics.counted import ask, crowd
from tests.integration.reports.test_density_page import Opened, browser
from tests.people import appoint

__all__ = ["browser", "city", "take"]
PAGE = "/api/v1/reports/density.html"


@pytest.fixture
def full(city: House, take: Taking) -> House:
    crowd(city, take, seed=61, n=400)
    take([Known("2026-03-08T08:00:00+08:00", (121.5, 31.2))])  # far away
    return city


def facts(page: str) -> dict[str, Any]:
    found = re.search(r"const REPORT = (\{.*?\});?\s*</script>", page, re.S)
    assert found is not None
    told: dict[str, Any] = json.loads(found[1].rstrip(";"))
    return told


def got(api: httpx.Client, headers: Any = None, **query: Any) -> tuple[dict[str, Any], httpx.Response]:
    answer = api.get(PAGE, params=query, headers=headers)
    assert answer.status_code == 200, answer.text[:500]
    return facts(answer.text), answer


def test_it_counts_what_counts_counts(full: House, api: httpx.Client) -> None:
    with full.db.transaction() as session:
        index = full.locator.index(session, utcnow())
    district = next(one.id for one in index.areas if one.level == Level.DISTRICT)
    for query in (
        {},
        {"from": "2026-03-05", "to": "2026-03-20"},
        {"category": ["06", "09*"], "status": ["open", "closed"], "channel": ["hotline", "worker", "window"]},
        {"area": district, "from": "2026-03-05"},
        {"from": "2026-03-05T00:00:00.000001+08:00", "to": "2026-03-20"},  # by SQL
    ):
        told, _ = got(api, **query)
        whole = {name: "2026-03-05" if name == "from" and "." in str(value) else value for name, value in query.items()}
        counts = ask(api, by="grid", **whole)
        assert told["total"] == counts["total"] > 0, query
        assert told["unlocated"] == counts["unlocated"]
        grids = told["levels"]["grid"]
        shown = {area[0]: sum(row) for area, row in zip(grids["areas"], grids["counts"], strict=True)}
        assert shown == dict(zip(counts["codes"], counts["counts"], strict=True))
        assert sum(told["byStep"]) == told["total"]


def test_it_is_one_file_that_asks_nobody_and_shows_first_what_was_asked_for(
    full: House,
    api: httpx.Client,
    browser: Browser,
    tmp_path: Path,
) -> None:
    told, answer = got(api, level="community", measure="rate", paint="heat", channel="hotline", agency=agency(full))
    assert (told["first"], told["measure"]) == ("community", "rate")
    assert [one["zh"] for one in told["narrowed"]] == ["热线", "部门 CG"]
    assert answer.headers["content-type"].startswith("text/html")
    assert re.fullmatch(r'attachment; filename="density-\d{8}-\d{4}\.html"', answer.headers["content-disposition"])
    for text, heated in ((answer.text, True), (got(api, level="community", measure="rate")[1].text, False)):
        path = tmp_path / f"{heated}.html"
        path.write_text(text, encoding="utf-8")
        found = Opened(browser, path)
        assert (found.asked, found.complaints) == ([], [])
        assert found.page.locator("#measures input:checked").get_attribute("value") == "rate"
        heat = found.page.locator(".leaflet-control-layers-overlays label", has_text="热力").locator("input")
        assert heat.is_checked() == heated
        assert ("热线 · 部门 CG" in found.page.locator("#scope").inner_text()) == heated
        assert found.colours() > 3
        found.context.close()


def agency(house: House) -> int:
    with house.db.transaction() as session:
        return next(ident for ident, code in house.agencies.codes(session, revision=0).items() if code == "CG")


def test_it_is_within_the_reach(full: House, api: httpx.Client) -> None:
    headers = appoint(full, Role.COMMUNITY_OFFICER, area="W1").headers
    told, _ = got(api, headers)
    mine = {code for code, of in sample.COMMUNITY.items() if of == "W1"}
    assert {area[0] for area in told["levels"]["grid"]["areas"]} == mine
    everything, _ = got(api)
    assert 0 < told["total"] < everything["total"]
    assert len(told["cells"]) < len(everything["cells"])
    refused = api.get(PAGE, headers=appoint(full, Role.AUDITOR).headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")


def test_others_are_answered_while_pages_are_made(full: House, api: httpx.Client) -> None:
    with ThreadPoolExecutor(6) as pool:
        pages = [pool.submit(api.get, PAGE) for _ in range(4)]
        others = [pool.submit(api.get, "/api/v1/density", params={"level": "grid"}) for _ in range(6)]
        assert {one.result().status_code for one in others} == {200}
        assert {one.result().status_code for one in pages} == {200}


def test_bad_filters_are_refused_as_elsewhere(full: House, api: httpx.Client) -> None:
    for query, code in (
        ({"category": "77777"}, "unknown-category"), ({"agency": 999999}, "unknown-agency"),
        ({"area": 999999}, "area-unknown"), ({"level": "planet"}, "bad-field"),
    ):  # fmt: skip
        assert api.get(PAGE, params=query).json()["code"] == code
