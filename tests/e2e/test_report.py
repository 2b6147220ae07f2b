"""The main job in the browser: click a place, see who is responsible and why, report there, find it counted once."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import OpenPage, settled

pytestmark = pytest.mark.browser

RUBBISH = "06010"


def place_in_a_grid(server: httpx.Client, rank: int) -> dict[str, Any]:
    """The middle of one of the demo city's grids; each story takes one of its own."""
    items = server.get("/areas", params={"level": "grid", "limit": 300}).json()["items"]
    label = items[rank]["label"]
    located: dict[str, Any] = server.get("/locate", params=label).json()
    assert located["path"][-1]["code"] == items[rank]["code"]
    return {"at": f"{label['lon']:.6f},{label['lat']:.6f}", **label, "grid": items[rank]}


def grid_count(server: httpx.Client, code: str) -> int:
    items = server.get("/density", params={"level": "grid"}).json()["items"]
    return int(next(item["count"] for item in items if item["code"] == code))


def point_in_url(page: Page) -> tuple[float, float]:
    found = re.search(r"at=([\d.]+),([\d.]+)", page.url)
    assert found
    return float(found[1]), float(found[2])


def fill_in(page: Page, words: str) -> None:
    page.get_by_role("button", name="在此上报").click()
    page.get_by_label("情况描述").fill(words)


def test_a_click_says_which_grid_this_is_and_who_is_responsible_and_why(
    open_page: OpenPage, server: httpx.Client
) -> None:
    page = open_page("/?map=16,116.9,33.12")
    page.locator(".map-canvas canvas").click(position={"x": 300, "y": 260})
    lon, lat = point_in_url(page)
    located = server.get("/locate", params={"lon": lon, "lat": lat}).json()
    grid = page.get_by_test_id("grid")
    expect(grid).to_have_attribute("data-code", located["path"][-1]["code"])
    panel = page.get_by_role("complementary", name="所选位置")
    for area in located["path"]:
        expect(panel).to_contain_text(area["names"]["zh"])
    expect(panel).to_contain_text(located["place"]["text"]["zh"])

    panel.get_by_role("combobox", name="类别").fill(RUBBISH)
    panel.get_by_role("option", name="暴露垃圾").click()
    route = server.get("/route", params={"lon": lon, "lat": lat, "category": RUBBISH}).json()
    assert route["outcome"] == "routed"
    expect(page.get_by_test_id("agency")).to_have_text(route["lead"]["names"]["zh"])
    expect(panel).to_contain_text(route["item"]["code"])
    for site in route["sites_considered"]:
        expect(panel).to_contain_text(site["names"]["zh"])
    for item in route["next"]:
        expect(panel).to_contain_text(item["why"]["zh"])
    panel.get_by_text("判定过程").click()
    for reason in route["reasons"]:
        expect(panel).to_contain_text(reason["zh"])


def test_an_orphan_matter_is_an_answer_of_its_own(open_page: OpenPage, server: httpx.Client) -> None:
    place = place_in_a_grid(server, 5)
    codes = [item["code"] for item in server.get("/categories", params={"kind": "matter"}).json()["items"]]
    where = {"lon": place["lon"], "lat": place["lat"]}
    orphan = next(
        (
            code
            for code in codes
            if server.get("/route", params={**where, "category": code}).json()["outcome"] == "orphan"
        ),
        None,
    )
    assert orphan, "the demo city should have a matter without an owner"
    page = open_page(f"/?at={place['at']}&duty={orphan}")
    panel = page.get_by_role("complementary", name="所选位置")
    expect(panel).to_contain_text("无主事项")
    for reason in server.get("/route", params={**where, "category": orphan}).json()["reasons"]:
        expect(panel).to_contain_text(reason["zh"])


def test_outside_every_grid_the_nearest_is_named_with_its_distance(open_page: OpenPage, server: httpx.Client) -> None:
    west, south, *_ = server.get("/city").json()["bbox"]
    lon, lat = west - 0.02, south
    page = open_page(f"/?at={lon:.6f},{lat:.6f}")
    located = server.get("/locate", params={"lon": round(lon, 6), "lat": round(lat, 6)}).json()
    assert not located["inside"]
    panel = page.get_by_role("complementary", name="所选位置")
    expect(panel).to_contain_text("此处不在任何网格内")
    expect(panel).to_contain_text(f"最近的是{located['path'][-1]['names']['zh']}")
    expect(panel).to_contain_text("公里")


def test_a_report_is_received_and_counted(open_page: OpenPage, server: httpx.Client) -> None:
    place = place_in_a_grid(server, 20)
    code = place["grid"]["code"]
    before = grid_count(server, code)
    total = server.get("/density").json()["total"]
    page = open_page(f"/?at={place['at']}&duty={RUBBISH}")
    fill_in(page, "路口西北角有暴露垃圾")
    page.get_by_label("定位精度（米）").fill("20")
    page.get_by_label("姓名").fill("测试")
    with page.expect_response("**/api/v1/incidents") as waiting:
        page.get_by_role("button", name="提交").click()
    assert waiting.value.status == 201
    sent = json.loads(waiting.value.request.post_data or "")
    expect(page.get_by_role("heading", name="已受理")).to_be_focused()
    kept = server.get(f"/incidents/{sent['id']}").json()
    assert page.get_by_test_id("receipt-number").inner_text() == kept["number"]
    assert kept["path"][-1]["code"] == code
    assert kept["text"] == "路口西北角有暴露垃圾"
    assert "测试" not in json.dumps(kept, ensure_ascii=False)
    expect(page.locator(".receipt")).to_contain_text(kept["lead"]["names"]["zh"])
    assert grid_count(server, code) == before + 1

    page.get_by_role("button", name="在地图上查看").click()
    settled(page)
    expect(page.get_by_test_id("total")).to_have_text(f"{total + 1:,} 件")
    page.get_by_role("button", name="表格").click()
    row = page.locator(f'tr[data-code="{code}"] td').nth(1)
    expect(row).to_have_text(f"{before + 1:,}")


def test_when_the_answer_gets_lost_sending_again_records_once(open_page: OpenPage, server: httpx.Client) -> None:
    place = place_in_a_grid(server, 40)
    before = grid_count(server, place["grid"]["code"])
    page = open_page(f"/?at={place['at']}&duty={RUBBISH}")
    bodies: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        bodies.append(route.request.post_data or "")
        if len(bodies) == 1:
            assert route.fetch().status == 201  # it was recorded …
            route.abort("connectionreset")  # … but nobody hears of it
        else:
            route.continue_()

    page.route("**/api/v1/incidents", lose_the_first_answer)
    fill_in(page, "答复丢失的一件")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("alert")).to_contain_text("连不上服务器")
    expect(page.get_by_label("情况描述")).to_have_value("答复丢失的一件")
    page.get_by_role("button", name="重新提交").click()
    expect(page.get_by_role("heading", name="此前已受理")).to_be_visible()
    assert bodies[0] == bodies[1]
    assert grid_count(server, place["grid"]["code"]) == before + 1


def test_other_words_under_a_recorded_id_are_a_conflict_that_the_user_decides(
    open_page: OpenPage, server: httpx.Client
) -> None:
    place = place_in_a_grid(server, 60)
    before = grid_count(server, place["grid"]["code"])
    page = open_page(f"/?at={place['at']}&duty={RUBBISH}")
    lost: list[int] = []

    def lose_the_first_answer(route: Route) -> None:
        if not lost:
            lost.append(route.fetch().status)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/api/v1/incidents", lose_the_first_answer)
    fill_in(page, "第一种说法")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("button", name="重新提交")).to_be_visible()
    page.get_by_label("情况描述").fill("第二种说法")
    with page.expect_response("**/api/v1/incidents") as waiting:
        page.get_by_role("button", name="重新提交").click()
    assert waiting.value.status == 409
    page.get_by_role("button", name="作为新的一件提交").click()
    expect(page.get_by_role("heading", name="已受理")).to_be_visible()
    assert grid_count(server, place["grid"]["code"]) == before + 2


def test_what_is_missing_is_said_at_its_field_and_nothing_is_sent(open_page: OpenPage, server: httpx.Client) -> None:
    place = place_in_a_grid(server, 80)
    page = open_page(f"/?at={place['at']}")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="在此上报").click()
    page.get_by_label("定位精度（米）").fill("-3")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("请填写类别")).to_be_visible()
    expect(page.get_by_text("请填写情况描述")).to_be_visible()
    expect(page.get_by_text("请输入 0 到 10000 之间的米数")).to_be_visible()
    expect(page.locator("form").get_by_role("combobox", name="类别")).to_be_focused()
    assert sent == []


def test_a_refusal_of_the_server_is_shown_with_its_field(open_page: OpenPage, server: httpx.Client) -> None:
    place = place_in_a_grid(server, 90)
    page = open_page(f"/?at={place['at']}&duty={RUBBISH}")

    def with_an_unknown_category(route: Route) -> None:
        """Stands for a page that is older than the catalogue; the refusal itself is the server's own."""
        body = json.loads(route.request.post_data or "")
        route.continue_(post_data=json.dumps({**body, "category": "99999"}))

    page.route("**/api/v1/incidents", with_an_unknown_category)
    fill_in(page, "类别已撤销")
    with page.expect_response("**/api/v1/incidents") as waiting:
        page.get_by_role("button", name="提交").click()
    problem = waiting.value.json()
    assert waiting.value.status == 404
    assert problem["field"] == "category"
    expect(page.locator("#report-category").get_by_role("alert")).to_contain_text(problem["detail"])
    expect(page.locator("form")).to_contain_text(problem["remedy"])
    expect(page.get_by_label("情况描述")).to_have_value("类别已撤销")


def test_offline_keeps_the_draft_and_sends_it_later(open_page: OpenPage, server: httpx.Client) -> None:
    place = place_in_a_grid(server, 100)
    before = grid_count(server, place["grid"]["code"])
    page = open_page(f"/?at={place['at']}&duty={RUBBISH}")
    fill_in(page, "断网时写下的一件")
    page.get_by_label("电话").fill("10000")
    page.context.set_offline(True)
    expect(page.get_by_text("当前离线")).to_be_visible()
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("连不上服务器")).to_be_visible()

    page.context.set_offline(False)
    page.reload()
    settled(page)
    page.get_by_role("button", name="在此上报").click()
    expect(page.get_by_text("已恢复上次未提交的草稿")).to_be_visible()
    expect(page.get_by_label("情况描述")).to_have_value("断网时写下的一件")
    expect(page.get_by_label("电话")).to_have_value("")  # a contact is personal: it is never kept
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="已受理")).to_be_visible()
    assert grid_count(server, place["grid"]["code"]) == before + 1
