"""Everybody can use it: both languages, keyboard alone, both themes, a phone; and failures are told."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from gridgov.auth.demo import PASSWORD
from gridgov.auth.rules import Role
from tests.e2e.conftest import Appoint, OpenPage, settled
from tests.e2e.pixels import colours, difference

pytestmark = pytest.mark.browser

BEYOND_THE_SCREEN = """() => [...document.querySelectorAll("button, input, h1, h2, h3, p, dd")]
    .filter((item) => item.checkVisibility() && !item.closest(".map-canvas, .skip"))
    .map((item) => [item, item.getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && (box.left < -1 || box.right > innerWidth + 1))
    .map(([item]) => item.outerHTML.slice(0, 120))"""
SMALL = """() => [...document.querySelectorAll("button, input, select, textarea")]
    .filter((item) => item.checkVisibility() && !item.closest(".legend"))
    .map((item) => [item, item.getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && (box.height < 44 || box.width < 44))
    .map(([item]) => item.outerHTML.slice(0, 120))"""
HAN = re.compile(r"[\u4e00-\u9fff]")
PLACE = "at=116.9005,33.1205&duty=06010"


def faults(page: Page) -> list[str]:
    """Everything that axe finds: rule and place."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{item['id']}: {node['target']}" for item in found for node in item["nodes"]]


def test_the_language_follows_the_browser_can_be_switched_and_is_remembered(open_page: OpenPage) -> None:
    page = open_page(f"/?{PLACE}", locale="en-GB")
    root = page.locator("html")
    expect(root).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", name="Who is responsible")).to_be_visible()
    page.get_by_role("button", name="Switch to Chinese").click()
    expect(root).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_role("heading", name="责任单位")).to_be_visible()
    page.reload()
    settled(page)
    expect(root).to_have_attribute("lang", "zh-CN")
    assert page.title() == "地图 · 泓川市"


def test_an_unknown_language_gets_chinese(open_page: OpenPage) -> None:
    page = open_page(locale="fr-FR")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_no_english_is_left_on_the_chinese_page_and_the_other_way_round(
    open_page: OpenPage, server: httpx.Client
) -> None:
    chinese = open_page("/?table=1&level=district").locator(".page").inner_text()
    assert not [word for word in ("incident", "Legend", "Table", "Grid", "District") if word in chinese]
    english = open_page("/?table=1&level=district", locale="en-US").locator(".page").inner_text()
    left = [line for line in english.splitlines() if any("一" <= letter <= "鿿" for letter in line)]
    assert left == ["中文"]


def test_the_theme_follows_the_system_and_can_be_switched(open_page: OpenPage, browser: Browser) -> None:
    page = open_page(color_scheme="dark")
    dark = colours(browser, page)
    page.get_by_role("button", name="浅色").click()
    settled(page)
    light = colours(browser, page)
    assert difference(dark, light) > 0.9
    page.reload()
    settled(page)
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_the_main_job_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page("/?map=16,116.9,33.12")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到地图")).to_be_focused()
    page.keyboard.press("Enter")
    canvas = page.locator(".map-canvas canvas")
    expect(canvas).to_be_focused()
    expect(page.locator(".crosshair")).to_have_css("visibility", "visible")
    page.keyboard.press("ArrowRight")
    settled(page)
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", name="所选位置")
    expect(heading).to_be_focused()
    expect(page.get_by_test_id("grid")).to_be_visible()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.getAttribute('role')") == "combobox":
            break
    page.keyboard.type("baolu")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("agency")).to_be_visible()
    page.keyboard.press("Escape")
    expect(heading).to_have_count(0)
    expect(canvas).to_be_focused()


def test_every_stop_of_the_tab_key_has_a_name_and_can_be_seen(open_page: OpenPage) -> None:
    page = open_page(f"/?{PLACE}")
    seen: set[str] = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
              const at = document.activeElement;
              if (at === null || at === document.body) return null;
              const style = getComputedStyle(at.closest(".segmented label") ?? at);
              const box = at.getBoundingClientRect();
              return {
                name: at.getAttribute("aria-label") ?? at.labels?.[0]?.innerText ?? at.innerText,
                marked: style.outlineStyle !== "none" || at.matches(".skip"),
                inside: box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight,
              };
            }"""
        )
        if stop is None:
            break
        assert stop["name"].strip()
        assert stop["marked"], stop
        assert stop["inside"], stop
        seen.add(stop["name"])
    assert len(seen) > 15


@pytest.mark.parametrize(
    ("path", "width"),
    [(f"/?{PLACE}", 1280), ("/?table=1", 1280), ("/?paint=heat", 390), (f"/?{PLACE}", 390)],
)
def test_axe_finds_nothing(open_page: OpenPage, path: str, width: int) -> None:
    page = open_page(path, width=width, height=844)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        settled(page)
        if PLACE in path:
            page.get_by_test_id("agency").wait_for()
        assert faults(page) == []


def missing(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^(登录|Sign in)$")).click()
    page.get_by_role("alert").wait_for()


def menu(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^(账号：|Account:)")).click()
    page.get_by_role("group", name=re.compile("^(账号|Account)$")).wait_for()


def dialog(page: Page) -> None:
    menu(page)
    page.get_by_role("button", name=re.compile("^(修改密码|Change password)$")).click()
    expect(page.get_by_label(re.compile("^(当前密码|Current password)$"))).to_be_focused()


def incident(page: Page) -> None:
    page.locator(".latest button").first.click()
    expect(page.locator(".incident h3")).to_be_focused()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    ("path", "role", "state"),
    [
        ("/", None, None),
        ("/", None, missing),
        ("/", Role.CENTRE_OPERATOR, menu),
        ("/", Role.CENTRE_OPERATOR, dialog),
        (f"/?{PLACE}", Role.CENTRE_OPERATOR, incident),
        (f"/?{PLACE}", Role.AUDITOR, None),
    ],
)
def test_axe_finds_nothing_around_the_account(
    open_page: OpenPage,
    people: Appoint,
    path: str,
    role: Role | None,
    state: Callable[[Page], None] | None,
    width: int,
) -> None:
    for locale, theme in (("zh-CN", "light"), ("en-US", "dark")):
        person = None if role is None else people(role)
        page = open_page(path, person=person, ready=False, width=width, height=844, locale=locale, color_scheme=theme)
        ready = "button[type=submit]" if role is None else '.map-canvas[aria-busy="false"]'
        page.wait_for_selector(ready)
        if state is not None:
            state(page)
        assert faults(page) == []


def test_signing_in_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page("/", person=None, ready=False, locale="en-US")
    expect(page.get_by_role("textbox", name="Account", exact=True)).to_be_focused()
    page.keyboard.type("centre-operator")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    settled(page)
    account = page.get_by_role("button", name="Account: centre operator")
    account.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign out")).to_be_focused()
    page.keyboard.press("Escape")
    expect(account).to_be_focused()
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Account", exact=True)).to_be_focused()


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_the_sign_in_page_fits_every_screen(open_page: OpenPage, locale: str) -> None:
    page = open_page("/", person=None, ready=False, locale=locale)
    page.get_by_role("button", name=re.compile("two-posts")).wait_for()
    for width in (1920, 1280, 900, 768, 390, 360, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate(BEYOND_THE_SCREEN) == []
    english = [line for line in page.locator("body").inner_text().splitlines() if HAN.search(line)]
    assert locale == "zh-CN" or english == ["中文"]
    small = open_page(
        "/", person=None, ready=False, locale=locale, width=390, height=844, has_touch=True, is_mobile=True
    )
    small.get_by_role("button", name=re.compile("two-posts")).wait_for()
    assert small.evaluate(SMALL) == []


def test_axe_would_find_something(open_page: OpenPage) -> None:
    page = open_page()
    page.evaluate("document.querySelector('.switches button:last-child').removeAttribute('aria-label')")
    assert any(found.startswith("button-name") for found in faults(page))


def test_the_report_form_passes_axe_too(open_page: OpenPage) -> None:
    page = open_page(f"/?{PLACE}")
    page.get_by_role("button", name="在此上报").click()
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("请填写情况描述")).to_be_visible()
    assert faults(page) == []


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_nothing_is_wider_than_the_screen(open_page: OpenPage, locale: str) -> None:
    page = open_page(f"/?{PLACE}", locale=locale)
    page.get_by_test_id("agency").wait_for()
    for width in (1920, 1280, 900, 768, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        settled(page)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        beyond = page.evaluate(BEYOND_THE_SCREEN)
        assert beyond == []


def test_a_phone_has_large_targets_and_the_whole_job(open_page: OpenPage) -> None:
    page = open_page("/?map=16,116.9,33.12", width=390, height=844, has_touch=True, is_mobile=True)
    page.locator(".map-canvas canvas").tap(position={"x": 180, "y": 200})
    panel = page.get_by_role("complementary", name="所选位置")
    expect(panel).to_be_visible()
    panel.get_by_role("combobox", name="类别").fill("bllj")
    panel.get_by_role("option", name="暴露垃圾").tap()
    expect(page.get_by_test_id("agency")).to_be_visible()
    panel.get_by_role("button", name="在此上报").tap()
    expect(page.get_by_label("情况描述")).to_be_visible()
    assert page.evaluate(SMALL) == []


def test_a_server_without_a_city_is_told_and_can_be_asked_again(api: httpx.Client, browser: Browser) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(str(api.base_url))
    expect(page.get_by_role("alert")).to_contain_text("没有取到数据")
    problem = api.get("/api/v1/city").json()
    expect(page.get_by_role("alert")).to_contain_text(problem["detail"])
    with page.expect_response("**/api/v1/city"):
        page.get_by_role("button", name="重试").click()
    context.close()
