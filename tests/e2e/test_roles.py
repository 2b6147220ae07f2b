"""What a role may not do is not on its page; and what is on its page, the server answers."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from gridgov.auth.matrix import grants_of
from gridgov.auth.rules import Role
from tests.e2e.conftest import Appoint, OpenPage
from tests.e2e.test_report import RUBBISH, fill_in, place_in_a_grid
from tests.e2e.watch import Watch
from tests.people import Person

pytestmark = pytest.mark.browser
PEOPLE: list[Role] = [role for role in Role if role not in (Role.MACHINE, Role.RESIDENT)]


@pytest.fixture(scope="module")
def agency(server: httpx.Client) -> str:
    """The agency that answers for rubbish in the old town."""
    route = server.get("/route", params={"category": RUBBISH, "lon": 116.9005, "lat": 33.1205}).json()
    return str(route["lead"]["code"])


def somebody(people: Appoint, role: Role, agency: str) -> Person:
    """In the whole city, as far as the role can be."""
    return people(role, agency=agency) if role in (Role.AGENCY_OFFICER, Role.AGENCY_HEAD) else people(role)


@pytest.mark.parametrize("role", PEOPLE)
def test_the_page_of_a_role_asks_for_nothing_that_is_refused_and_shows_what_is_allowed(
    open_page: OpenPage, people: Appoint, agency: str, watch: Watch, base: str, role: Role
) -> None:
    may = grants_of(role).keys()
    refused: list[str] = []
    page = open_page("/", person=somebody(people, role, agency), ready=False)
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    page.goto(f"{base}/map?at=116.9005,33.1205&duty={RUBBISH}&map=16.5,116.9005,33.1205&table=1")
    page.wait_for_selector('.map-canvas[aria-busy="false"]')
    page.get_by_test_id("agency").wait_for()
    page.wait_for_timeout(300)
    assert refused == []

    counts, reports, reads = "density.read" in may, "incidents.report" in may, "incidents.read" in may
    for shown, thing in (
        (counts, page.get_by_role("region", name="时间")),
        (counts, page.get_by_role("button", name="地图", exact=True)),
        (counts, page.locator(".table-twin")),
        (counts, page.locator(".controls").get_by_role("combobox", name="类别")),
        (counts, page.get_by_role("radiogroup", name="指标")),
        (reports, page.get_by_role("button", name="在此上报")),
        (reads, page.locator(".latest")),
    ):
        expect(thing).to_have_count(1 if shown else 0)
    assert counts == any("/density" in url for url in watch.requests)
    assert counts == any("/tiles/incidents/" in url for url in watch.requests)
    expect(page.get_by_role("radiogroup", name="层级")).to_be_visible()


def test_a_question_beyond_the_role_would_be_seen(open_page: OpenPage, people: Appoint) -> None:
    refused: list[str] = []
    page = open_page("/map", person=people(Role.AUDITOR), ready=False)
    page.wait_for_selector('.map-canvas[aria-busy="false"]')
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    page.evaluate("() => fetch('/api/v1/density')")
    assert [url.split("/api/v1")[1] for url in refused] == ["/density"]


@pytest.mark.parametrize("role", [role for role in PEOPLE if "incidents.report" in grants_of(role)])
def test_a_role_reports_by_its_own_channels(
    open_page: OpenPage, server: httpx.Client, people: Appoint, agency: str, role: Role
) -> None:
    channels = grants_of(role)["incidents.report"].fields.split("+")
    place = place_in_a_grid(server, 140 + PEOPLE.index(role))
    page = open_page(f"/?at={place['at']}&duty={RUBBISH}", person=somebody(people, role, agency))
    fill_in(page, "各有各的来源")
    choice = page.get_by_label("来源")
    if len(channels) == 1:
        expect(choice).to_have_count(0)
    else:
        offered = choice.locator("option").evaluate_all("options => options.map(option => option.value)")
        assert offered == channels
        choice.select_option(channels[-1])
    with page.expect_response("**/api/v1/incidents") as waiting:
        page.get_by_role("button", name="提交").click()
    assert waiting.value.status == 201
    kept = server.get(f"/incidents/{waiting.value.json()['id']}").json()
    assert kept["channel"] == channels[-1]


def test_the_figures_are_those_of_the_post(
    open_page: OpenPage, server: httpx.Client, people: Appoint, base: str
) -> None:
    areas = server.get("/areas", params={"level": "community", "limit": 3}).json()["items"]
    person = people(Role.COMMUNITY_OFFICER, area=areas[2]["code"])
    page = open_page("/?level=community", person=person)
    own = httpx.get(f"{base}/api/v1/density", params={"level": "community"}, headers=person.headers).json()
    expect(page.get_by_test_id("total")).to_have_text(f"{own['total']:,} 件")
    assert 0 < own["total"] < server.get("/density").json()["total"]
    # The map of a post begins at its area.
    label = areas[2]["label"]
    zoom, lon, lat = (float(part) for part in page.evaluate(CAMERA).split(","))
    assert zoom > 13
    assert abs(lon - label["lon"]) < 0.01
    assert abs(lat - label["lat"]) < 0.01


def test_a_refusal_tells_what_to_do(open_page: OpenPage, people: Appoint, server: httpx.Client) -> None:
    """A right that was taken away while the page was open; the refusal is the server's own."""
    place = place_in_a_grid(server, 110)
    page = open_page(f"/?at={place['at']}&duty={RUBBISH}")
    fill_in(page, "来源不归这个岗位")
    page.get_by_label("来源").evaluate("select => { select.options[0].value = 'import'; }")
    page.route(
        "**/api/v1/incidents",
        lambda route: route.continue_(post_data=(route.request.post_data or "").replace('"hotline"', '"import"')),
    )
    with page.expect_response("**/api/v1/incidents") as waiting:
        page.get_by_role("button", name="提交").click()
    assert waiting.value.status == 403
    expect(page.get_by_role("form", name="上报事件")).to_contain_text(waiting.value.json()["remedy"])
    expect(page.get_by_label("情况描述")).to_have_value("来源不归这个岗位")


CAMERA = """async () => {
  document.querySelector('[aria-label="放大"]').click();
  await new Promise((done) => setTimeout(done, 1500));
  return new URLSearchParams(location.search).get("map");
}"""
