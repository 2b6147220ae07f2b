"""The page of areas: whose a place is, since when, what it was before; service areas, the way to a site; base map."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import shapely
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from gridgov.areas import redrawing
from gridgov.areas.locator import Locator
from gridgov.areas.redrawing import NextArea
from gridgov.areas.rules import Descent
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.geo.crs import Datum
from tests.conftest import live
from tests.e2e.conftest import Appoint, OpenPage, sign_in
from tests.e2e.pages import quiet
from tests.e2e.pixels import MAP, colours, difference
from tests.e2e.watch import Watch
from tests.integration.basemap.test_tiles import made
from tests.integration.basemap.tileserver import Provider, serving

pytestmark = pytest.mark.browser
PLACE, MATTER = "116.9005,33.1205", "06010"
CHANGED = datetime(2026, 9, 1, tzinfo=UTC) - timedelta(hours=8)  # midnight in the city


def stands(page: Page) -> None:
    page.wait_for_selector('.map-canvas[aria-busy="false"]')
    quiet(page)


def query(page: Page) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


@pytest.fixture(scope="module")
def merged(demo_house: House) -> Iterator[dict[str, str]]:
    """In September the grid of the place has taken over a neighbour. Codes and names; afterwards all is as it was."""
    lon, lat = (float(one) for one in PLACE.split(","))
    with demo_house.db.transaction() as session:
        index = Locator().index(session, CHANGED)
        here = index.locate(lon, lat).deepest
        shape = index.shape(here.id)
        other = max(
            (
                one
                for one in index.areas
                if one.level == "grid" and one.parent_id == here.parent_id and one.id != here.id
            ),
            key=lambda one: float(shapely.length(shapely.intersection(shape.boundary, index.shape(one.id).boundary))),
        )
        whole = shapely.union_all([shape, index.shape(other.id)])
        assert isinstance(whole, shapely.Polygon | shapely.MultiPolygon)
        now = NextArea(here.id, here.level, here.code, here.names, here.parent_id, whole, here.kind, here.population,
                       (here.households or 0) + (other.households or 0))  # fmt: skip
        done = redrawing.redraw(
            session, [now], ending=[other.id], name="九月调整",
            lineage=[Descent(other.id, here.id, other.households or 0, 1.0)], valid_from=CHANGED,
        )  # fmt: skip
    yield {"code": here.code, "name": here.names["zh"], "gone": other.code, "gone_name": other.names["zh"],
           "households": str(now.households)}  # fmt: skip
    with demo_house.db.transaction() as session:  # other stories of this process know the city as it was generated
        plan = {"plan": done.areas_plan_id}
        session.execute(text("delete from areas_lineage where plan_id = :plan"), plan)
        session.execute(text("delete from areas_version where plan_id = :plan"), plan)
        session.execute(
            text("update areas_version set valid = tstzrange(lower(valid), null), ended_plan_id = null "
                 "where ended_plan_id = :plan"), plan,
        )  # fmt: skip
        session.execute(text("delete from areas_plan where id = :plan"), plan)
        session.execute(text("update platform_revision set revision = revision + 1 where noun = 'areas'"))


def test_whose_a_place_is_since_when_and_what_it_was_before(
    open_page: OpenPage, browser: Browser, server: httpx.Client, merged: dict[str, str]
) -> None:
    page = open_page(f"/areas?place={PLACE}", ready=False)
    stands(page)
    area = page.get_by_test_id("area")
    expect(area).to_have_attribute("data-code", merged["code"])
    expect(page.get_by_test_id("since")).to_contain_text("2026")
    expect(page.locator(".point")).to_contain_text("九月调整")
    expect(page.locator(".kin")).to_contain_text(merged["gone_name"])
    told = server.get("/locate", params=dict(zip(("lon", "lat"), PLACE.split(","), strict=True))).json()["path"][-1]
    expect(page.locator(".point .facts").first).to_contain_text(f"{told['households']:,}")
    now = colours(browser, page.locator(MAP))
    assert len(now) > 100

    page.locator(".kin button", has_text=merged["gone_name"]).click()
    stands(page)
    expect(area).to_have_attribute("data-code", merged["gone"])
    assert query(page)["at"] == "2026-08-31"
    expect(page.get_by_test_id("past")).to_be_visible()
    assert difference(now, colours(browser, page.locator(MAP))) > 0.002, "the map shows the boundaries of that day"
    expect(page.locator(".versions")).to_contain_text(merged["name"])

    page.go_back()
    stands(page)
    expect(area).to_have_attribute("data-code", merged["code"])
    expect(page.get_by_test_id("past")).to_be_hidden()
    assert difference(now, colours(browser, page.locator(MAP))) < 0.02

    page.goto(re.sub(r"\?.*", f"?place={PLACE}&at=2026-08-31", page.url))
    stands(page)
    expect(area).to_have_attribute("data-code", merged["code"])
    expect(page.get_by_test_id("since")).to_have_text("有记录以来")


def test_the_same_by_keyboard_and_in_english(open_page: OpenPage, server: httpx.Client) -> None:
    page = open_page("/areas", ready=False, locale="en-US")
    stands(page)
    page.locator(f"{MAP} canvas").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("area")).to_be_visible()
    expect(page.locator("#area-title")).to_be_focused()
    stands(page)
    lon, lat = query(page)["place"].split(",")
    path = server.get("/locate", params={"lon": lon, "lat": lat}).json()["path"]
    expect(page.get_by_test_id("area")).to_have_attribute("data-code", path[-1]["code"])
    page.locator(".point .names button").first.focus()
    page.keyboard.press("Enter")
    stands(page)
    assert query(page)["area"]
    page.locator("#area-title").focus()
    page.keyboard.press("Escape")
    expect(page.locator(".point")).to_have_count(0)
    assert "place" not in query(page)


def test_the_way_to_the_site_is_the_apis(open_page: OpenPage, server: httpx.Client) -> None:
    page = open_page(f"/areas?place={PLACE}&cat={MATTER}", ready=False)
    stands(page)
    lon, lat = PLACE.split(",")
    told = server.get("/route", params={"lon": lon, "lat": lat, "category": MATTER}).json()
    rows = page.get_by_test_id("ways").locator("tbody tr")
    expect(rows).to_have_count(len(told["sites_considered"]))
    chosen = page.locator("[data-testid=ways] tr.chosen")
    expect(chosen).to_have_attribute("data-site", str(told["site"]["id"]))
    expect(chosen).to_contain_text(f"{round(told['site']['road_m'])} 米")
    expect(chosen).to_contain_text(f"{round(told['site']['straight_m'])} 米")
    assert told["site"]["road_m"] > told["site"]["straight_m"]
    expect(page.get_by_test_id("ways-agency")).to_have_text(told["lead"]["names"]["zh"])


def test_service_areas_by_road_and_by_straight_line(
    open_page: OpenPage, browser: Browser, server: httpx.Client
) -> None:
    page = open_page("/areas?tab=service", ready=False)
    stands(page)
    pictures = [colours(browser, page.locator(MAP))]
    field = page.locator(".service").get_by_role("combobox")
    field.fill(MATTER)
    field.press("Enter")
    stands(page)
    told = server.get("/sites/service-areas", params={"category": MATTER}).json()["features"]
    expect(page.locator(".served li")).to_have_count(len(told))
    pictures.append(colours(browser, page.locator(MAP)))
    page.get_by_role("radio", name="直线", exact=True).check()
    stands(page)
    pictures.append(colours(browser, page.locator(MAP)))
    assert query(page)["by"] == "straight"
    for one, other in itertools.pairwise(pictures):
        assert difference(one, other) > 0.005
    page.locator(".served button").first.click()
    stands(page)
    assert query(page)["site"] == str(told[0]["id"])
    page.get_by_role("button", name="表格").click()
    expect(page.locator(".table-twin tbody tr")).to_have_count(len(told))
    page.go_back()
    stands(page)
    expect(page.locator(".table-twin")).to_have_count(0)


def test_agencies_are_found_and_their_sites_shown(open_page: OpenPage, server: httpx.Client) -> None:
    page = open_page("/areas?tab=agencies", ready=False)
    stands(page)
    agencies = server.get("/agencies").json()["items"]
    one = next(agency for agency in agencies if agency["sites"] > 1)
    page.get_by_role("searchbox").first.fill(one["names"]["zh"])
    button = page.locator(f'.agency[data-code="{one["code"]}"]')
    button.click()
    sites = server.get(f"/agencies/{one['id']}/sites").json()["items"]
    expect(page.locator(".site-list li")).to_have_count(len(sites))
    page.locator(".site-list button").first.click()
    stands(page)
    assert query(page) | {"map": ""} == {
        "tab": "agencies",
        "agency": str(one["id"]),
        "site": str(sites[0]["id"]),
        "map": "",
    }


@pytest.mark.parametrize("role", [Role.GRID_WORKER, Role.AUDITOR, Role.DEPUTY])
def test_it_is_for_everybody_who_is_signed_in(
    open_page: OpenPage, people: Appoint, server: httpx.Client, role: Role
) -> None:
    area = server.get("/areas", params={"level": "grid", "limit": 1}).json()["items"][0]["code"]
    where = {"area": area} if role is Role.GRID_WORKER else {}
    page = open_page(f"/areas?place={PLACE}&cat={MATTER}", person=people(role, **where), ready=False)
    stands(page)
    expect(page.get_by_test_id("area")).to_be_visible()
    expect(page.locator(".offices li").first).to_be_visible()
    expect(page.get_by_test_id("ways")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_providers_pictures_lie_under_the_map_and_may_go_away(
    open_page: OpenPage, browser: Browser, demo_house: House, watch: Watch, tmp_path: Path, people: Appoint
) -> None:
    marks = [(116.9005, 33.1205)]
    with serving(Provider(Datum.GCJ02, marks)) as provider:
        basemap = made(provider, tmp_path)
        with live(replace(demo_house, basemap=basemap)) as base:
            watch.base = base
            page = open_page("/sign-in", person=None, ready=False)
            context = page.context
            person = people(Role.CENTRE_OPERATOR)
            sign_in(context, person)
            page.goto("about:blank")  # the page before was another server's, and may still be asking
            watch.requests.clear()
            page.goto(f"{base}/areas?map=14,116.9005,33.1205")
            stands(page)
            own = colours(browser, page.locator(MAP))
            page.get_by_text("影像/矢量底图").click()
            stands(page)
            expect(page.locator(".attribution")).to_contain_text("样图")
            expect(page.locator(".attribution")).to_contain_text("GS（2026）0001号")
            assert difference(own, colours(browser, page.locator(MAP))) > 0.2
            assert provider.asked
            page.goto(f"{base}/board?paint=heat&map=14,116.9005,33.1205")  # this browser's choice, on every map
            stands(page)
            expect(page.locator(".attribution")).to_contain_text("GS（2026）0001号")
            theirs = colours(browser, page.locator(MAP))
            page.get_by_role("button", name="影像/矢量底图", pressed=True).click()
            stands(page)
            expect(page.locator(".attribution")).not_to_contain_text("样图")
            assert difference(theirs, colours(browser, page.locator(MAP))) > 0.2
            page.get_by_role("button", name="影像/矢量底图", pressed=False).click()
            expect(page.locator(".attribution")).to_contain_text("样图")
            provider.mood = "refuses"
            page.goto(f"{base}/areas?map=15,116.86,33.10")
            expect(page.get_by_text("底图服务暂不可用")).to_be_visible()
            stands(page)
            expect(page.locator(".attribution")).not_to_contain_text("样图")
            assert len(colours(browser, page.locator(MAP))) > 100, "our own map goes on"
        basemap.close()


def test_on_paper_the_whole_panel_stands_below_the_map(open_page: OpenPage) -> None:
    page = open_page(f"/areas?place={PLACE}", ready=False, height=600)
    stands(page)
    cut = "(body => body.scrollHeight > body.clientHeight)(document.querySelector('.point .side-body'))"
    box = "document.querySelector('{}').getBoundingClientRect()"
    beside = f"{box.format('.point')}.top < {box.format('#stage')}.bottom"
    assert page.evaluate(cut), "the control: on the screen it is scrolled"
    assert page.evaluate(beside)
    page.emulate_media(media="print")
    assert not page.evaluate(cut)
    assert not page.evaluate(beside)
    expect(page.locator(".areas-page .search")).to_be_hidden()
    expect(page.locator(MAP)).to_be_visible()
