"""A newcomer's first minutes: the map is drawn, the filters do what they say, and the numbers are the API's."""

from __future__ import annotations

import itertools
import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import OpenPage, settled
from tests.e2e.pixels import MAP, colours, colours_in, difference

pytestmark = pytest.mark.browser


def query(page: Page) -> dict[str, str]:
    """The page's state as its address tells it."""
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


def shown_total(page: Page) -> int:
    return int(re.sub(r"\D", "", page.get_by_test_id("total").inner_text()))


def counted(server: httpx.Client, **params: Any) -> dict[str, Any]:
    answer = server.get("/density", params=params).raise_for_status()
    body: dict[str, Any] = answer.json()
    return body


def test_the_map_is_drawn(open_page: OpenPage, browser: Browser, server: httpx.Client) -> None:
    page = open_page()
    seen = colours(browser, page.locator(MAP))
    assert len(seen) > 200
    assert max(seen.values()) < 0.7
    assert shown_total(page) == counted(server)["total"]
    expect(page.get_by_role("heading", level=1)).to_contain_text(server.get("/city").json()["names"]["zh"])


def test_every_class_of_the_legend_is_on_the_map(open_page: OpenPage, browser: Browser, server: httpx.Client) -> None:
    page = open_page("/?level=community")
    classes = page.locator(".legend li button")
    areas = [int(row.inner_text().split("\n")[-1]) for row in classes.all()]
    assert sum(areas) == len(counted(server, level="community")["items"])
    before = colours(browser, page.locator(MAP))
    classes.last.click()
    settled(page)
    after = colours(browser, page.locator(MAP))
    expect(classes.last).to_have_attribute("aria-pressed", "false")
    assert query(page)["hide"] == str(len(areas) - 1)
    # The darkest class, the largest single colour of those areas, has left the map.
    gone = {colour: share for colour, share in before.items() if share > 0.002 and after.get(colour, 0) < share / 4}
    assert gone
    page.get_by_role("button", name="全部显示").click()
    settled(page)
    assert difference(before, colours(browser, page.locator(MAP))) < 0.02


def test_levels_measures_and_heat_draw_something_else(open_page: OpenPage, browser: Browser) -> None:
    page = open_page()
    pictures = [colours(browser, page.locator(MAP))]
    for label in ("社区", "每百户件数", "热力图"):
        page.get_by_role("radio", name=label, exact=True).check()
        settled(page)
        pictures.append(colours(browser, page.locator(MAP)))
    for one, other in itertools.pairwise(pictures):
        assert difference(one, other) > 0.02
    assert query(page) == {"level": "community", "measure": "rate", "paint": "heat"}
    page.reload()
    settled(page)
    assert difference(pictures[-1], colours(browser, page.locator(MAP))) < 0.02


def test_a_category_is_found_by_name_pinyin_or_code(
    open_page: OpenPage, browser: Browser, server: httpx.Client
) -> None:
    page = open_page()
    before = colours(browser, page.locator(MAP))
    total = counted(server)["total"]
    for typed in ("暴露垃圾", "baolulaji", "bllj", "06010"):
        page.get_by_role("combobox", name="类别").fill(typed)
        page.get_by_role("option", name="暴露垃圾").click()
        settled(page)
        assert query(page)["cat"] == "06010"
        assert shown_total(page) == counted(server, category="06010")["total"] > 0
        assert difference(before, colours(browser, page.locator(MAP))) > 0.001
        page.get_by_role("button", name="清除类别").click()
        settled(page)
        assert shown_total(page) == total


def test_a_whole_group_can_be_chosen(open_page: OpenPage, server: httpx.Client) -> None:
    page = open_page()
    page.get_by_role("combobox", name="类别").fill("垃圾")
    page.get_by_role("option", name=re.compile("市容环境类.*整个大类", re.S)).click()
    settled(page)
    assert shown_total(page) == counted(server, category="06")["total"] < counted(server)["total"]


def test_filters_that_leave_nothing_say_so_and_can_be_cleared(open_page: OpenPage, server: httpx.Client) -> None:
    matters = server.get("/categories", params={"kind": "matter"}).json()["items"]
    never = next(item["code"] for item in matters if item["incidents"] == 0)
    page = open_page(f"/?cat={never}")
    assert shown_total(page) == 0
    expect(page.get_by_text("所选类别和时间内没有事件")).to_be_visible()
    page.get_by_role("button", name="清除筛选").click()
    settled(page)
    assert shown_total(page) == counted(server)["total"] > 0
    assert query(page) == {}


def test_dragging_the_end_of_the_window_counts_fewer_days(open_page: OpenPage, server: httpx.Client) -> None:
    page = open_page()
    whole = shown_total(page)
    handle = page.get_by_role("slider", name="截止日")
    box = handle.bounding_box()
    track = page.locator(".track").bounding_box()
    assert box
    assert track
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] / 3, box["y"] + 20, steps=8)
    page.mouse.up()
    settled(page)
    last = date.fromisoformat(query(page)["to"])
    expected = counted(server, to=str(last + timedelta(days=1)))["total"]
    assert shown_total(page) == expected < whole

    # The window as a whole: it keeps its length.
    page.goto(page.url.split("?")[0] + f"?from={last - timedelta(days=6)}&to={last}")
    settled(page)
    page.get_by_role("slider", name="移动时间窗").focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    now = query(page)
    assert (now["from"], now["to"]) == (str(last - timedelta(days=5)), str(last + timedelta(days=1)))
    assert shown_total(page) == counted(server, **{"from": now["from"], "to": str(last + timedelta(days=2))})["total"]


def test_the_bars_are_the_days_of_the_api(open_page: OpenPage, server: httpx.Client) -> None:
    page = open_page()
    days = server.get("/density/days").json()["items"]
    end = page.get_by_role("slider", name="截止日")
    assert int(end.get_attribute("aria-valuenow") or -1) == len(days) - 1
    end.focus()
    for item in reversed(days[-4:]):
        assert f"当日 {item['count']} 件" in (end.get_attribute("aria-valuetext") or "")
        page.keyboard.press("ArrowLeft")
    settled(page)


def test_playing_moves_a_week_through_the_days_and_stops_when_told(open_page: OpenPage, server: httpx.Client) -> None:
    page = open_page(reduced_motion="no-preference")
    page.get_by_role("button", name="播放").click()
    page.wait_for_url(re.compile(r"from="))
    page.get_by_role("button", name="暂停").click()
    settled(page)
    now = query(page)
    first, last = date.fromisoformat(now["from"]), date.fromisoformat(now["to"])
    assert (last - first).days == 6
    assert shown_total(page) == counted(server, **{"from": str(first), "to": str(last + timedelta(days=1))})["total"]


def test_search_by_pinyin_flies_there(open_page: OpenPage, server: httpx.Client) -> None:
    street = next(
        item
        for item in server.get("/search", params={"q": "文昌路", "limit": 10}).json()["items"]
        if item["kind"] == "street"
    )
    page = open_page()
    field = page.get_by_role("combobox", name="查找街道、地点、区域")
    field.fill("wenchanglu")
    page.get_by_role("option", name=re.compile(street["names"]["zh"])).first.click()
    settled(page)
    zoom, lon, lat = (float(part) for part in query(page)["map"].split(","))
    west, south, east, north = street["bbox"]
    assert zoom > 13
    assert west - 0.01 <= lon <= east + 0.01
    assert south - 0.01 <= lat <= north + 0.01
    field.fill("qqqqzzzz")
    expect(page.get_by_text("没有找到“qqqqzzzz”")).to_be_visible()


def test_an_open_list_hides_no_more_of_the_map_than_it_covers(open_page: OpenPage, browser: Browser) -> None:
    """Chromium left out half of the map beneath an opaque list that scrolls (see --paper-over in tokens.css)."""
    page = open_page()
    box = page.locator(MAP).bounding_box()
    assert box
    below = (int(box["x"]), int(box["y"] + box["height"]) - 120, int(box["width"]), 100)  # far below the list
    before = colours_in(browser, page.screenshot(), below)
    page.get_by_role("combobox", name="查找街道、地点、区域").fill("wenchang")
    page.get_by_role("option").nth(8).wait_for()
    page.wait_for_timeout(1_000)
    # The whole page is photographed: a picture of a part alone is put together in another way.
    assert difference(before, colours_in(browser, page.screenshot(), below)) < 0.02


def test_back_closes_what_was_opened(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name="表格").click()
    expect(page.get_by_role("table")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("table")).to_have_count(0)
