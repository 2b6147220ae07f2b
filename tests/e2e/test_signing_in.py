"""Nobody sees the map without an account: signing in and out, here and in another tab, and what happens in between."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from gridgov.api.app import create_app
from gridgov.auth import accounts
from gridgov.auth.accounts import OWNER
from gridgov.auth.demo import PASSWORD
from gridgov.auth.oidc import CALLBACK, Provider
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.platform import clock
from tests.conftest import serving
from tests.e2e.conftest import Appoint, OpenPage, settled
from tests.e2e.test_report import RUBBISH, fill_in, place_in_a_grid
from tests.e2e.watch import Watch
from tests.integration.auth.test_oidc import provider, register

pytestmark = pytest.mark.browser
SUBJECT = "staff-17"


def total(page: Page) -> int:
    return int(re.sub(r"\D", "", page.get_by_test_id("total").inner_text()))


def counted(base: str, cookie: str) -> int:
    """What the API counts for whoever holds the cookie."""
    answer = httpx.get(f"{base}/api/v1/density", headers={"Cookie": cookie}, timeout=60).raise_for_status()
    return int(answer.json()["total"])


def cookie_of(page: Page) -> str:
    return "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())


def type_in(page: Page, name: str, password: str) -> None:
    page.get_by_role("textbox", name="账号", exact=True).fill(name)
    page.get_by_label("密码", exact=True).fill(password)
    page.keyboard.press("Enter")


def end_sessions(house: House, name: str) -> None:
    """As an administrator, or time, would."""
    with house.db.transaction() as session:
        ended = accounts.end_sessions(session, OWNER, accounts.id_of(session, name), now=clock.utcnow())
    assert ended > 0


def test_without_an_account_there_is_the_sign_in_page_and_nothing_is_asked_for(
    open_page: OpenPage, watch: Watch
) -> None:
    page = open_page("/?at=116.9,33.12&table=1", person=None, ready=False)
    expect(page.get_by_role("heading", level=1)).to_have_text("泓川市网格治理")
    expect(page).to_have_title("登录 · 网格治理")
    expect(page.get_by_role("textbox", name="账号", exact=True)).to_be_focused()
    asked = {url.split("/api/v1")[1].split("?")[0] for url in watch.requests if "/api/v1" in url}
    assert asked == {"/session", "/city"}


def test_one_click_signs_in_as_somebody_of_the_demo_and_the_address_is_kept(open_page: OpenPage, base: str) -> None:
    page = open_page("/?level=community&paint=heat", person=None, ready=False)
    demo = page.get_by_role("region", name="演示账号")
    expect(demo.get_by_role("button")).to_have_count(13)
    demo.get_by_role("button", name="网格中心坐席").click()
    settled(page)
    assert "/?level=community&paint=heat" in page.url
    assert total(page) == counted(base, cookie_of(page)) > 0
    (cookie,) = page.context.cookies()
    assert cookie["name"] == "__Host-gridgov"
    assert cookie["httpOnly"]
    assert cookie["secure"]
    assert page.evaluate("document.cookie") == ""


def test_a_wrong_password_says_so_and_the_right_one_opens(open_page: OpenPage) -> None:
    page = open_page("/sign-in?to=/%3Flevel%3Ddistrict", person=None, ready=False)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_have_text("请填写账号和密码")
    expect(page.get_by_role("textbox", name="账号", exact=True)).to_be_focused()
    type_in(page, "planner", "not the password")
    expect(page.get_by_role("alert")).to_contain_text("账号或密码不对")
    expect(page.get_by_label("密码", exact=True)).to_be_focused()
    selected = page.evaluate("document.activeElement.selectionEnd - document.activeElement.selectionStart")
    assert selected == len("not the password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    settled(page)
    assert page.url.split("?")[1].startswith("level=district")


def test_the_way_back_leads_to_our_own_pages_alone(open_page: OpenPage, base: str) -> None:
    page = open_page("/sign-in?to=//elsewhere.example/", person=None, ready=False)
    page.get_by_role("button", name="审计员").click()
    page.wait_for_selector('.map-canvas[aria-busy="false"]')
    assert page.url.startswith(f"{base}/")


def test_whoever_is_signed_in_needs_no_sign_in_page(open_page: OpenPage, base: str) -> None:
    page = open_page("/sign-in?to=/%3Flevel%3Ddistrict")
    assert page.url.startswith(f"{base}/?level=district")


def test_after_several_wrong_tries_the_minutes_are_told(open_page: OpenPage) -> None:
    page = open_page("/sign-in", person=None, ready=False)
    alert = page.get_by_role("alert")
    for _ in range(6):
        with page.expect_response("**/api/v1/session") as waiting:
            type_in(page, "nobody-by-this-name", "guess")
        if waiting.value.status == 429:
            break
        expect(alert).to_contain_text("账号或密码不对")
    assert waiting.value.status == 429
    assert 0 < int(waiting.value.headers["retry-after"]) <= 60
    expect(alert).to_have_text("错误次数过多，请 1 分钟后再试。")
    # Another account is not kept out with it.
    type_in(page, "auditor", PASSWORD)
    page.wait_for_selector('.map-canvas[aria-busy="false"]')


def test_an_unreachable_server_is_told_and_what_was_typed_stays(open_page: OpenPage) -> None:
    page = open_page("/sign-in?to=/map", person=None, ready=False)
    page.get_by_role("textbox", name="账号", exact=True).wait_for()
    page.context.set_offline(True)
    type_in(page, "planner", PASSWORD)
    expect(page.get_by_role("alert")).to_contain_text("连不上服务器")
    page.context.set_offline(False)
    page.get_by_role("button", name="登录").click()
    settled(page)


def test_no_server_at_the_start_is_told_and_can_be_asked_again(open_page: OpenPage) -> None:
    page = open_page("/sign-in", person=None, ready=False)
    page.get_by_role("textbox", name="账号", exact=True).wait_for()
    page.route("**/api/v1/session", lambda route: route.abort("connectionrefused"))
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("连不上服务器")
    page.unroute("**/api/v1/session")
    page.get_by_role("button", name="重试").click()
    expect(page.get_by_role("textbox", name="账号", exact=True)).to_be_visible()


def test_a_session_that_ends_while_somebody_writes_costs_them_nothing(
    open_page: OpenPage, server: httpx.Client, demo_house: House
) -> None:
    place = place_in_a_grid(server, 120)
    page = open_page(f"/?at={place['at']}&duty={RUBBISH}", person=None, ready=False)
    type_in(page, "centre-operator", PASSWORD)
    settled(page)
    fill_in(page, "写到一半登录失效")
    page.get_by_label("电话").fill("13800005678")
    page.get_by_label("来源").select_option("window")
    end_sessions(demo_house, "centre-operator")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("status")).to_have_text("登录已失效，请重新登录。未提交的内容已保留。")
    assert f"at={place['at']}" in page.url
    expect(page.get_by_role("textbox", name="账号", exact=True)).to_have_value("centre-operator")
    expect(page.locator("body")).not_to_contain_text("写到一半登录失效")

    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    settled(page)
    expect(page.get_by_label("情况描述")).to_have_value("写到一半登录失效")
    expect(page.get_by_label("电话")).to_have_value("13800005678")
    expect(page.get_by_label("来源")).to_have_value("window")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="已受理")).to_be_visible()


def test_what_one_account_wrote_is_shown_to_no_other(
    open_page: OpenPage, server: httpx.Client, demo_house: House
) -> None:
    place = place_in_a_grid(server, 130)
    page = open_page(f"/?at={place['at']}&duty={RUBBISH}", person=None, ready=False)
    type_in(page, "centre-operator", PASSWORD)
    settled(page)
    fill_in(page, "别人不该看到")
    page.get_by_label("电话").fill("13800005678")
    end_sessions(demo_house, "centre-operator")
    page.get_by_role("button", name="提交").click()
    type_in(page, "grid-worker", PASSWORD)
    settled(page)
    page.get_by_role("button", name="在此上报").click()
    expect(page.get_by_label("情况描述")).to_have_value("")
    expect(page.get_by_label("电话")).to_have_value("")
    expect(page.get_by_text("已恢复上次未提交的草稿")).to_have_count(0)


def test_a_session_that_ended_while_the_page_lay_still_is_noticed_by_the_tiles(
    open_page: OpenPage, demo_house: House
) -> None:
    page = open_page("/map", person=None, ready=False)
    type_in(page, "district-supervisor", PASSWORD)
    settled(page)
    end_sessions(demo_house, "district-supervisor")
    page.get_by_role("button", name="放大").click()
    expect(page.get_by_role("status")).to_contain_text("登录已失效")


def test_signing_out_is_noticed_in_the_other_tab_and_leaves_nothing_behind(
    open_page: OpenPage, demo_house: House
) -> None:
    page = open_page("/", person=None, ready=False)
    type_in(page, "two-posts", PASSWORD)
    settled(page)
    page.get_by_role("button", name="表格").click()
    cookie = cookie_of(page)
    other = page.context.new_page()
    other.goto(page.url)
    settled(other)
    expect(other.get_by_role("table")).to_be_visible()

    page.get_by_role("button", name=re.compile("^账号：")).click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/sign-in")
    expect(page.get_by_role("textbox", name="账号", exact=True)).to_have_value("")
    expect(other.get_by_role("status")).to_have_text("已退出登录。")
    expect(other.get_by_role("table")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("textbox", name="账号", exact=True)).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(0)
    # The cookie that somebody might have copied is worth nothing.
    base = page.url.split("/", 3)[:3]
    assert httpx.get("/".join(base) + "/api/v1/density", headers={"Cookie": cookie}).status_code == 401

    # Signing in again opens both tabs.
    type_in(page, "two-posts", PASSWORD)
    settled(page)
    settled(other)


def test_another_post_shows_what_that_post_sees(open_page: OpenPage, base: str) -> None:
    page = open_page("/", person=None, ready=False)
    type_in(page, "two-posts", PASSWORD)
    settled(page)
    first = total(page)
    assert first == counted(base, cookie_of(page))
    other = page.context.new_page()
    other.goto(base)
    settled(other)

    menu = page.get_by_role("button", name=re.compile("^账号："))
    menu.click()
    current = page.locator('.posts [aria-current="true"]')
    was = current.inner_text()
    page.locator(".posts button:not([aria-current])").click()
    expect(page.locator(".posts")).to_have_count(1)
    settled(page)
    expect(page.get_by_test_id("total")).not_to_have_text(f"{first:,} 件")
    assert total(page) == counted(base, cookie_of(page)) != first
    menu.click()
    assert current.inner_text() != was
    # The other tab acts in the same post: it has the same cookie.
    expect(other.get_by_test_id("total")).to_have_text(f"{total(page):,} 件")


def test_the_first_password_must_be_changed_and_somebody_without_a_post_is_told(
    open_page: OpenPage, people: Appoint, base: str
) -> None:
    administrator = people(Role.ADMINISTRATOR)
    with closing(httpx.Client(base_url=f"{base}/api/v1", headers=administrator.headers, timeout=60)) as office:
        made = office.post("/accounts", json={"name": "g0815", "title": "新同事"}).raise_for_status().json()
        page = open_page("/map", person=None, ready=False)
        type_in(page, "g0815", made["initial_password"])
        expect(page.get_by_role("heading", name="修改密码")).to_be_visible()
        expect(page.get_by_role("status")).to_contain_text("请先改成自己的密码")
        page.get_by_label("当前密码").fill(made["initial_password"])
        page.get_by_label("新密码", exact=True).fill("short")
        page.get_by_label("再次输入新密码").fill("shorter")
        page.get_by_role("button", name="修改密码").click()
        expect(page.get_by_role("alert")).to_have_text("两次输入的新密码不一样")
        page.get_by_label("再次输入新密码").fill("short")
        page.get_by_role("button", name="修改密码").click()
        expect(page.get_by_role("alert")).to_contain_text("at least 12 characters")
        for label in ("新密码", "再次输入新密码"):
            page.get_by_label(label, exact=True).fill("七盏安静的灯笼与石桥流水")
        page.get_by_role("button", name="修改密码").click()

        expect(page.get_by_role("heading", name="请选择岗位")).to_be_visible()
        expect(page.get_by_role("status")).to_contain_text("没有任何岗位")
        office.post(f"/accounts/{made['id']}/posts", json={"role": "planner"}).raise_for_status()
        page.reload()
        page.get_by_role("button", name="网格规划员").click()
        settled(page)

    menu = page.get_by_role("button", name="账号：网格规划员")
    menu.click()
    page.get_by_role("button", name="修改密码").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("当前密码").fill("七盏安静的灯笼与石桥流水")
    for label in ("新密码", "再次输入新密码"):
        dialog.get_by_label(label, exact=True).fill("八盏明亮的路灯与青瓦白墙")
    dialog.get_by_role("button", name="修改密码").click()
    expect(page.get_by_text("密码已修改")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="退出登录").click()
    type_in(page, "g0815", "七盏安静的灯笼与石桥流水")
    expect(page.get_by_role("alert")).to_contain_text("账号或密码不对")
    type_in(page, "g0815", "八盏明亮的路灯与青瓦白墙")
    page.wait_for_url("**/plan*")  # where a planner's work begins
    page.wait_for_selector('.map-canvas[aria-busy="false"]')


def test_a_post_that_ended_leaves_the_others_to_choose_from(open_page: OpenPage, demo_house: House) -> None:
    page = open_page("/", person=None, ready=False)
    type_in(page, "two-posts", PASSWORD)
    settled(page)
    with demo_house.db.transaction() as session:
        ended = session.execute(
            text(
                "update auth_post set valid = tstzrange(lower(valid), now()) where id ="
                " (select post_id from auth_session where account_id = :id order by id desc limit 1) returning id"
            ),
            {"id": accounts.id_of(session, "two-posts")},
        ).scalar_one()
    try:
        page.get_by_role("button", name="放大").click()
        expect(page.get_by_role("heading", name="请选择岗位")).to_be_visible()
        expect(page.get_by_role("status")).to_contain_text("已到期或被撤销")
        page.locator(".posts button").click()
        settled(page)
    finally:
        with demo_house.db.transaction() as session:
            session.execute(
                text("update auth_post set valid = tstzrange(lower(valid), null) where id = :id"), {"id": ended}
            )


def test_a_post_whose_area_is_gone_shows_nothing_and_says_why(
    open_page: OpenPage, demo_house: House, server: httpx.Client, people: Appoint
) -> None:
    code = server.get("/areas", params={"level": "community", "limit": 1}).json()["items"][0]["code"]
    person = people(Role.COMMUNITY_OFFICER, area=code)
    page = open_page("/", person=person)
    assert total(page) > 0
    expect(page.locator(".banner")).to_have_count(0)
    with demo_house.db.transaction() as session:
        session.execute(
            text(
                "with gone as"
                " (insert into areas (level, plan_id) select level, plan_id from areas limit 1 returning id)"
                " update auth_post set area_id = (select id from gone) where id = :id"
            ),
            {"id": person.post_id},
        )
    page.reload()
    settled(page)
    expect(page.locator(".banner")).to_contain_text("该岗位所在的区域已不存在")
    assert total(page) == 0


def test_signing_in_at_the_provider(demo_house: House, browser: Browser) -> None:
    with provider() as issuer:
        app = create_app(demo_house)
        with serving(app) as base:
            client_id, secret = register(issuer, base + CALLBACK)
            app.state.house = replace(demo_house, provider=Provider(issuer, client_id, secret, base + CALLBACK))
            context = browser.new_context(locale="zh-CN", reduced_motion="reduce")
            page = context.new_page()
            page.goto(f"{base}/?level=district")
            page.get_by_role("link", name="用统一身份认证登录").click()
            page.locator("input[name=sub]").fill(SUBJECT)
            page.locator("form button, form input[type=submit]").first.click()
            expect(page.get_by_role("alert")).to_contain_text("尚未关联账号")
            assert "sign-in=" not in page.url

            with demo_house.db.transaction() as session:
                made = accounts.id_of(session, "deputy")
                accounts.link(session, OWNER, made, issuer, SUBJECT, now=clock.utcnow())
            page.goto(f"{base}/?level=district")
            page.get_by_role("link", name="用统一身份认证登录").click()
            page.locator("input[name=sub]").fill(SUBJECT)
            page.locator("form button, form input[type=submit]").first.click()
            settled(page)
            assert page.url.startswith(f"{base}/?level=district")
            expect(page.get_by_role("button", name="账号：人大代表")).to_be_visible()
            context.close()
