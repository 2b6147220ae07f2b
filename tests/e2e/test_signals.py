"""Findings, alerts, comparison and export on the board: what is shown is what the API says, every finding leads to its
place and its cases, and what is taken away shows the map."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from gridgov.auth.rules import Role
from gridgov.platform import clock
from tests.e2e.conftest import Appoint, OpenPage
from tests.e2e.pages import quiet
from tests.e2e.pixels import MAP, colours, colours_in, difference

pytestmark = pytest.mark.browser

HOT = 0xA03B00  # the edge of hot spots in the light theme (web/src/features/comparison/ramp.ts)
ALERT = 0xB3261E


def query(page: Page) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


def asked(server: httpx.Client, path: str, **params: Any) -> dict[str, Any]:
    body: dict[str, Any] = server.get(path, params=params).raise_for_status().json()
    return body


def last_day(server: httpx.Client) -> date:
    return max(date.fromisoformat(item["day"]) for item in asked(server, "/density/days")["items"])


def hot_group(server: httpx.Client) -> tuple[str, dict[str, Any]]:
    """A group of matters that has hot spots."""
    for group in (f"{number:02}" for number in range(10, 0, -1)):
        found = asked(server, "/density/hotspots", level="grid", category=group)
        if found["hot"] > 0:
            return group, found
    raise AssertionError("no kind of matter lies together in the demo city")


def board(open_page: OpenPage, path: str, **more: Any) -> Page:
    page = open_page(path, ready=False, **more)
    page.wait_for_selector(MAP)
    quiet(page)
    return page


def figure(text: str) -> int:
    """The first number of a text, written with commas."""
    found = re.search(r"\d[\d,]*", text)
    assert found is not None, text
    return int(found[0].replace(",", ""))


# ---------------------------------------------------------------------------------------------------------- findings


def test_the_planted_sewer_is_a_cluster_and_opens_its_own_incidents(open_page: OpenPage, server: httpx.Client) -> None:
    found = asked(server, "/density/clusters", level="grid")
    sewer = next(one for one in found["items"] if one["kinds"][0]["group"]["code"] == "01")
    assert (date.fromisoformat(sewer["last"]) - date.fromisoformat(sewer["first"])).days == 2
    assert sewer["p"] < 0.05
    assert sewer["ratio"] > 2
    page = board(open_page, "/board?level=grid&signal=clusters")
    expect(page.locator(".finding-said")).to_have_text(found["said"]["zh"])
    page.locator(".finding").nth(found["items"].index(sewer)).click()
    quiet(page)
    ids = [str(one["id"]) for one in sewer["areas"]]
    assert query(page)["behind"] == "areas-" + ".".join(ids)
    expect(page.get_by_test_id("behind-title")).to_contain_text(f"{sewer['count']:,}")
    span = {"from": sewer["first"], "to": str(date.fromisoformat(sewer["last"]) + timedelta(days=1))}
    listed = asked(server, "/incidents", lies_in=ids, status=["open", "closed"], limit=1000, **span)["items"]
    assert len(listed) == sewer["count"]
    lines = [str(one.get_attribute("data-id")) for one in page.locator(".lines button").all()]
    assert lines == [one["id"] for one in listed[:50]]
    control = asked(server, "/incidents", lies_in=ids[:1], status=["open", "closed"], limit=1000, **span)["items"]
    assert len(control) < len(listed)


def test_hot_spots_are_the_apis_and_edged_on_the_map(
    open_page: OpenPage, browser: Browser, server: httpx.Client
) -> None:
    group, found = hot_group(server)
    hot = sorted((one for one in found["items"] if one["verdict"] == "hot"), key=lambda one: -one["score"])
    page = board(open_page, f"/board?level=grid&cat={group}")
    plain = colours(browser, page.locator(MAP))
    assert plain.get(HOT, 0) == 0
    page.get_by_role("button", name="研判", exact=True).click()
    quiet(page)
    expect(page.locator(".finding-said")).to_have_text(found["said"]["zh"])
    rows = page.locator(".findings").first.locator(".finding")
    assert rows.locator(".finding-title").all_inner_texts() == [one["names"]["zh"] for one in hot[:12]]
    assert [figure(text) for text in rows.locator(".finding-figure").all_inner_texts()] == [
        one["count"] for one in hot[:12]
    ]
    assert colours(browser, page.locator(MAP)).get(HOT, 0) > 0.0005
    rows.first.click()
    quiet(page)
    assert query(page)["selected"] == str(hot[0]["id"])
    assert query(page)["behind"] == f"area-{hot[0]['id']}"
    expect(page.locator(".behind")).to_contain_text(f"{hot[0]['count']:,}")
    page.go_back()
    expect(page.locator(".signals")).to_be_visible()


def plant_a_rise(server: httpx.Client) -> None:
    """Sixty reports of traffic facilities at one corner within three days: whatever other stories report."""
    for number in range(60):
        at = clock.utcnow() - timedelta(hours=24 + number)
        body = {
            "id": str(uuid4()), "category": "02017", "point": {"lon": 116.9005, "lat": 33.1205}, "channel": "hotline",
            "happened_at": at.isoformat(), "text": "护栏倒伏",
        }  # fmt: skip
        server.post("/incidents", json=body).raise_for_status()


def test_what_rises_opens_its_days_its_kind_and_its_cases(open_page: OpenPage, server: httpx.Client) -> None:
    plant_a_rise(server)
    found = asked(server, "/density/rising", level="community", limit=60)
    rising = [one for one in found["items"] if one["rising"]]
    assert any(one["group"] is not None and one["group"]["code"].startswith("02") for one in rising), found["said"]
    page = board(open_page, "/board?level=community&signal=rising")
    expect(page.locator(".finding-said")).to_have_text(found["said"]["zh"])
    expect(page.get_by_role("heading", name=f"上升 {len(rising)} 项")).to_be_visible()
    rows = page.locator(".findings").first.locator(".finding")
    assert [figure(text) for text in rows.locator(".finding-below").all_inner_texts()] == [
        one["count"] for one in rising
    ]
    first = next(one for one in rising if one["area"] is not None and one["group"] is not None)
    rows.nth(rising.index(first)).click()
    quiet(page)
    shown = query(page)
    assert (shown["from"], shown["to"]) == (found["first"], found["last"])
    assert (shown["cat"], shown["selected"]) == (first["group"]["code"], str(first["area"]["id"]))
    # Void and duplicate reports are no rise, but the list holds them: it has as many as the counts of the same.
    end = date.fromisoformat(found["last"]) + timedelta(days=1)
    counted = asked(server, "/counts", by="community", **{"from": found["first"]}, to=end, category=shown["cat"])
    behind = dict(zip(counted["ids"], counted["counts"], strict=True))[first["area"]["id"]]
    assert behind >= first["count"]
    expect(page.locator(".behind")).to_contain_text(f"{behind:,}")


def test_a_cluster_sets_the_days(open_page: OpenPage, browser: Browser, server: httpx.Client) -> None:
    found = asked(server, "/density/clusters", level="grid")
    assert found["items"], "the demo city has clusters"
    page = board(open_page, "/board?level=grid&signal=clusters")
    expect(page.locator(".finding-said")).to_have_text(found["said"]["zh"])
    rows = page.locator(".finding")
    assert rows.count() == min(12, len(found["items"]))
    rows.nth(0).click()
    quiet(page)
    first = found["items"][0]
    assert (query(page)["from"], query(page)["to"]) == (first["first"], first["last"])
    expect(page.get_by_test_id("behind-title")).to_be_visible()
    page.get_by_label("件数背后的清单").get_by_role("button", name="关闭", exact=True).first.click()
    expect(rows.nth(0)).to_have_attribute("aria-pressed", "true")
    # What was found stays, though the window is another now; the present view is asked for on demand.
    expect(page.locator(".finding-said")).to_have_text(found["said"]["zh"])
    page.get_by_role("button", name="按当前视图重算").click()
    quiet(page)
    expect(page.locator(".finding-said")).not_to_have_text(found["said"]["zh"])
    assert colours(browser, page.locator(MAP))


def test_a_long_question_can_be_stopped(open_page: OpenPage) -> None:
    page = open_page("/board?level=grid", ready=False)
    page.wait_for_selector(MAP)
    quiet(page)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/density/clusters*", hold)
    page.get_by_role("button", name="研判", exact=True).click()
    page.get_by_role("button", name="聚集", exact=True).click()
    page.get_by_role("button", name="停止").click()
    expect(page.locator(".signals")).to_contain_text("已停止")
    assert held
    page.unroute("**/api/v1/density/clusters*")
    page.get_by_role("button", name="重新计算").click()
    expect(page.locator(".finding").first).to_be_visible()


def test_places_for_who_may_read_numbers_for_who_may_count(
    open_page: OpenPage, people: Appoint, server: httpx.Client
) -> None:
    found = asked(server, "/density/repeats", limit=50)
    assert all(one["lon"] is not None for one in found["items"])
    page = board(open_page, "/board?signal=repeats")
    expect(page.locator(".finding-said")).to_contain_text(f"有 {found['found']:,} 处")
    other = board(open_page, "/board?signal=repeats", person=people(Role.PLANNER))
    expect(other.locator(".finding-said")).to_contain_text("这里只给数量，不给地点")
    assert "（距 " in page.locator(".findings").inner_text()
    assert "（距 " not in other.locator(".findings").inner_text()


# -------------------------------------------------------------------------------------------------------- comparison


def test_a_week_against_the_week_before(open_page: OpenPage, browser: Browser, server: httpx.Client) -> None:
    last = last_day(server)
    first = last - timedelta(days=6)
    now = asked(server, "/counts", by="community", **{"from": first}, to=last + timedelta(days=1))
    was = asked(server, "/counts", by="community", **{"from": first - timedelta(days=7)}, to=first)
    plain = board(open_page, f"/board?from={first}&to={last}")
    before = colours(browser, plain.locator(MAP))
    page = board(open_page, f"/board?from={first}&to={last}&against=week")
    said = page.get_by_test_id("compared").inner_text()
    assert [int(one.replace(",", "")) for one in re.findall(r"\d[\d,]*(?= 件|：|，差)", said)][:2] == [
        now["total"], was["total"],
    ]  # fmt: skip
    areas = [figure(text) for text in page.locator(".compare-legend li .soft").all_inner_texts()]
    assert sum(areas) == len(now["ids"])
    much = sum(
        a >= 2 * b and a - b > 1.96 * (a + b) ** 0.5 and max(a, b) >= 5
        for a, b in zip(now["counts"], was["counts"], strict=True)
    )
    assert areas[0] == much
    assert difference(before, colours(browser, page.locator(MAP))) > 0.05
    page.reload()
    quiet(page)
    assert page.get_by_test_id("compared").inner_text() == said


def test_nothing_is_compared_with_days_that_nobody_recorded(open_page: OpenPage, server: httpx.Client) -> None:
    last = last_day(server)
    page = board(open_page, f"/board?from={last - timedelta(days=6)}&to={last}&against=year")
    expect(page.locator(".notices")).to_contain_text("没有记录，无法比较")
    assert page.get_by_test_id("compared").count() == 0


def test_by_the_boundaries_of_another_day(
    open_page: OpenPage, browser: Browser, people: Appoint, server: httpx.Client
) -> None:
    day = last_day(server) - timedelta(days=3)
    page = board(open_page, "/board?level=grid", person=people(Role.PLANNER))
    before = colours(browser, page.locator(MAP))
    with page.expect_response(lambda one: "/counts?" in one.url and f"as_by={day}" in one.url) as counted:
        page.goto(page.url.split("?")[0] + f"?level=grid&as_by={day}")
    expect(page.locator(".whose")).to_contain_text("的边界，按它计数")
    quiet(page)
    body = counted.value.json()
    same = asked(server, "/counts", by="grid", as_by=str(day))
    assert (body["total"], body["counts"]) == (same["total"], same["counts"])
    areas = [figure(text) for text in page.locator(".legend li button .soft").all_inner_texts()]
    assert sum(areas) == len(same["ids"])
    # Other edges are drawn, in the colour of what is chosen.
    assert difference(before, colours(browser, page.locator(MAP))) > 0.01
    page.get_by_role("button", name="回到现行边界").click()
    quiet(page)
    assert "as_by" not in query(page)
    assert difference(before, colours(browser, page.locator(MAP))) < 0.01


def test_the_ranking_and_its_lists_hold_by_other_boundaries(open_page: OpenPage, server: httpx.Client) -> None:
    day = str(last_day(server) - timedelta(days=3))
    page = board(open_page, f"/board?level=community&rank=grid&as_by={day}")
    same = asked(server, "/counts", by="grid", as_by=day)
    most = max(same["counts"])
    top = page.locator(".ranking li").first
    assert figure(top.locator(".rank-value").inner_text()) == most
    with page.expect_response(lambda one: "/incidents?" in one.url) as listing:
        top.locator("button.rank-value").click()
    sent = parse_qs(urlsplit(listing.value.url).query)
    assert (sent["as_by"], same["counts"][same["ids"].index(int(sent["lies_in"][0]))]) == ([day], most)
    expect(page.get_by_test_id("behind-title")).to_contain_text(f"{most:,}")
    expect(page.locator(".behind")).to_contain_text("按所选的其他边界列出")
    page.goto(page.url.split("?")[0] + f"?rank=agency&as_by={day}")
    quiet(page)
    expect(page.locator(".rank-side")).to_contain_text("单位的件数不随边界变化")
    page.goto(page.url.split("?")[0] + "?rank=agency")
    quiet(page)
    expect(page.locator(".rank-side")).not_to_contain_text("单位的件数不随边界变化")


# ------------------------------------------------------------------------------------------------------------ alerts


def test_a_threshold_is_set_marked_changed_deleted_and_brought_back(
    open_page: OpenPage, browser: Browser, people: Appoint, server: httpx.Client
) -> None:
    last = last_day(server)
    supervisor = people(Role.DISTRICT_SUPERVISOR)
    counted = asked(server, "/counts", by="grid", **{"from": last - timedelta(days=27)})
    most = max(counted["counts"])
    page = board(open_page, "/board?level=grid&signal=alerts", person=supervisor)
    expect(page.locator(".signals")).to_contain_text("还没有预警规则")
    assert colours(browser, page.locator(MAP)).get(ALERT, 0) == 0
    page.get_by_role("button", name="用当前视图新建规则").click()
    page.get_by_label("名称").fill("一处太多")
    page.get_by_label("最近天数").fill("0")
    expect(page.locator(".fault")).to_be_visible()
    page.get_by_label("最近天数").fill("60")
    page.get_by_label("阈值").fill(str(most))
    page.get_by_role("button", name="保存规则").click()
    stands = page.locator(".findings .finding")
    expect(stands.first).to_contain_text("一处太多")
    assert figure(stands.first.locator(".finding-figure").inner_text()) >= most
    quiet(page)
    assert colours(browser, page.locator(MAP)).get(ALERT, 0) > 0.0003
    page.get_by_role("button", name="修改").click()
    page.get_by_label("阈值").fill("900000")
    page.get_by_role("button", name="保存规则").click()
    expect(page.locator(".finding-said")).to_have_text("目前没有区域达到阈值。")
    page.get_by_role("button", name="删除").click()
    expect(page.locator(".rule")).to_have_count(0)
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(".rule")).to_contain_text("一处太多")
    expect(page.locator(".rule")).to_contain_text("900,000")
    page.get_by_role("button", name="删除").click()
    expect(page.locator(".rule")).to_have_count(0)


def test_who_may_only_look_is_offered_no_rule(open_page: OpenPage, people: Appoint) -> None:
    page = board(open_page, "/board?signal=alerts", person=people(Role.PLANNER))
    expect(page.get_by_role("heading", name="规则")).to_be_visible()
    expect(page.get_by_role("button", name="用当前视图新建规则")).to_have_count(0)


# ------------------------------------------------------------------------------------------------------------ export


def test_the_picture_shows_the_map_and_the_csv_the_numbers(
    open_page: OpenPage, browser: Browser, server: httpx.Client, tmp_path: Path
) -> None:
    counted = asked(server, "/counts", by="community")
    page = board(open_page, "/board?level=community")
    on_screen = colours(browser, page.locator(MAP))
    page.get_by_role("button", name="导出").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="图片（PNG）").click()
    waiting.value.save_as(tmp_path / "map.png")
    seen = colours_in(browser, (tmp_path / "map.png").read_bytes())
    assert len(seen) > 200
    # The classes of the map are in the picture too, beneath paper and words.
    common = sorted((share, colour) for colour, share in on_screen.items())[-6:]
    assert all(seen.get(colour, 0) > share / 3 for share, colour in common)

    page.get_by_role("button", name="导出").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="表格（CSV）").click()
    waiting.value.save_as(tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(encoding="utf-8-sig", newline="") as handle:
        header, *rows = list(csv.reader(handle))
    assert header[:3] == ["名称", "代码", "件数"]
    assert {row[1]: int(row[2]) for row in rows} == dict(zip(counted["codes"], counted["counts"], strict=True))


def test_paper_has_the_map_the_legend_and_the_table(
    open_page: OpenPage, browser: Browser, server: httpx.Client
) -> None:
    counted = asked(server, "/counts", by="community")
    page = board(open_page, "/board?level=community", color_scheme="dark")
    assert not page.locator(".print-sheet").is_visible()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    still = page.locator(".map-still")
    expect(still).to_be_visible()
    seen = colours(browser, still)
    assert len(seen) > 200
    assert max(seen.values()) < 0.8
    expect(page.locator(".print-sheet tbody tr")).to_have_count(min(40, len(counted["ids"])))
    expect(page.locator(".print-sheet")).to_contain_text("来源：")
    most = dict(zip(counted["counts"], counted["codes"], strict=True))[max(counted["counts"])]
    first = page.locator(".print-sheet tbody tr").first
    expect(first).to_contain_text(most)
    expect(first).to_contain_text(f"{max(counted['counts']):,}")
    expect(page.locator(".export")).not_to_be_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(still).to_have_count(0)


def test_the_page_of_its_own_opens_without_a_network(
    open_page: OpenPage, browser: Browser, server: httpx.Client, tmp_path: Path
) -> None:
    last = last_day(server)
    page = board(open_page, f"/board?level=community&from={last - timedelta(days=6)}&to={last}")
    page.get_by_role("button", name="导出").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="独立网页").click()
    target = tmp_path / "view.html"
    waiting.value.save_as(target)
    context = browser.new_context(offline=True)
    try:
        alone = context.new_page()
        asked_for: list[str] = []
        alone.on("request", lambda one: asked_for.append(one.url))
        alone.goto(target.as_uri())
        alone.wait_for_selector(".leaflet-container")
        assert [url for url in asked_for if not url.startswith(("file:", "data:", "blob:"))] == []
        assert len(colours(browser, alone)) > 50
    finally:
        context.close()
