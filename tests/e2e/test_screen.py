"""The wall screen: its numbers are the API's, it turns its pages by itself, goes on without the server and says how old
its numbers are, and ends with the session."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.pages import quiet
from tests.e2e.pixels import MAP, colours

pytestmark = pytest.mark.browser

PAGES = ["map", "ranking", "hotspots", "rising", "alerts"]
WALL = ".wall"
SIZES = """all => all.filter(one => one.children.length === 0 && one.textContent.trim() !== "")
  .map(one => parseFloat(getComputedStyle(one).fontSize))"""


def screen(open_page: OpenPage, path: str, **more: Any) -> Page:
    page = open_page(path, ready=False, width=1920, height=1080, **more)
    page.wait_for_selector(MAP)
    quiet(page)
    return page


def counted(server: httpx.Client, **params: Any) -> dict[str, Any]:
    body: dict[str, Any] = server.get("/counts", params=params).raise_for_status().json()
    return body


def week(server: httpx.Client) -> dict[str, Any]:
    days = server.get("/density/days").raise_for_status().json()["items"]
    last = max(date.fromisoformat(item["day"]) for item in days)
    return counted(server, by="community", **{"from": last - timedelta(days=6)})


def test_the_last_week_large_and_drawn(open_page: OpenPage, browser: Browser, server: httpx.Client) -> None:
    page = screen(open_page, "/board?screen=1&every=600")
    assert int(re.sub(r"\D", "", page.get_by_test_id("screen-total").inner_text())) == week(server)["total"]
    seen = colours(browser, page.locator(MAP))
    assert len(seen) > 200
    assert max(seen.values()) < 0.7
    # Nothing to press, nothing beyond the edges, and every letter beside the map can be read from afar.
    assert page.locator("button:visible, a:visible, input:visible").count() == 0
    assert page.evaluate(
        "document.documentElement.scrollWidth <= innerWidth && document.body.scrollHeight <= innerHeight"
    )
    page.keyboard.press("ArrowRight")
    found = week(server)
    ranked = sorted(found["counts"], reverse=True)[:7]
    figures = page.locator(".wall-figure")
    expect(figures).to_have_count(7)
    assert [int(re.sub(r"\D", "", text)) for text in figures.all_inner_texts()] == ranked
    sizes = page.locator(".wall-side *, .wall-head *").evaluate_all(SIZES)
    assert min(sizes) >= 28


def test_it_turns_its_pages_by_itself_and_rests_when_told(open_page: OpenPage) -> None:
    page = screen(open_page, "/board?screen=1&every=5")
    wall = page.locator(WALL)
    for name in [*PAGES[1:], PAGES[0]]:
        expect(wall).to_have_attribute("data-page", name)
    page.keyboard.press(" ")
    expect(page.locator(".wall-foot")).to_contain_text("已暂停")
    stopped = wall.get_attribute("data-page")
    page.wait_for_timeout(6_500)  # longer than a page stands
    assert wall.get_attribute("data-page") == stopped
    page.keyboard.press(" ")
    following = PAGES[(PAGES.index(str(stopped)) + 1) % len(PAGES)]
    expect(wall).to_have_attribute("data-page", following)


def test_it_goes_on_without_the_server_says_how_old_it_is_and_recovers(
    open_page: OpenPage, server: httpx.Client
) -> None:
    page = open_page("/sign-in", ready=False, width=1920, height=1080)
    page.clock.install()
    page.goto(page.url.split("/sign-in")[0].rstrip("/") + "/board?screen=1&every=600")
    total = page.get_by_test_id("screen-total")
    expect(total).to_have_text(f"{week(server)['total']:,}")
    expect(page.locator(".wall-stale")).to_have_count(0)
    page.keyboard.press(" ")  # the page that shows the total stays
    page.route("**/api/v1/**", lambda route: route.abort("connectionrefused"))
    page.clock.fast_forward("10:00")
    expect(page.locator(".wall-stale")).to_contain_text(re.compile(r"网络中断，显示的是 (9|10|11) 分钟前的数据"))
    expect(total).to_have_text(f"{week(server)['total']:,}")
    page.unroute("**/api/v1/**")
    page.clock.fast_forward("00:30")
    expect(page.locator(".wall-stale")).to_have_count(0)
    expect(total).to_have_text(f"{week(server)['total']:,}")


def test_the_end_of_the_session_leads_to_signing_in(open_page: OpenPage) -> None:
    page = open_page("/sign-in", ready=False, width=1920, height=1080)
    page.clock.install()
    page.goto(page.url.split("/sign-in")[0].rstrip("/") + "/board?screen=1&every=600")
    expect(page.get_by_test_id("screen-total")).not_to_have_text("…")
    page.context.clear_cookies()
    page.clock.fast_forward("02:00")
    expect(page.get_by_role("textbox", name="账号", exact=True)).to_be_visible()
    # Whoever signs in comes back to the wall.
    assert "screen=1" in page.url


def test_escape_leads_back_to_the_board(open_page: OpenPage) -> None:
    page = screen(open_page, "/board?screen=1&every=600")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="导出")).to_be_visible()
    assert "screen" not in page.url
