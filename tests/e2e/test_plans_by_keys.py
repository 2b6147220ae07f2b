"""A plan from its first name to boundaries in force without a pointer: every control is reached by Tab, by its name."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from gridgov.auth.rules import Role
from tests.e2e.conftest import Appoint
from tests.e2e.test_plans import Desk, OpenPlan, base, desk, open_plan, people, plan_of, planner, town

__all__ = ["base", "desk", "open_plan", "people", "planner", "town"]  # fixtures of a city of its own

pytestmark = pytest.mark.browser
MOST_STOPS = 200
NAME = """() => {
  const at = document.activeElement;
  if (at === null || at === document.body) return null;
  if (at.matches(".maplibregl-canvas")) return "MAP";
  return (at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText || at.tagName).trim();
}"""
TRIED = ["ArrowRight"] * 9 + ["ArrowLeft"] * 18 + ["ArrowRight"] * 9 + ["ArrowDown"] * 7 + ["ArrowUp"] * 14


def go_to(page: Page, name: str) -> None:
    """By Tab to the control of this name (its beginning). Fails where none is reached."""
    for _ in range(MOST_STOPS):
        if (page.evaluate(NAME) or "").startswith(name):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"“{name}” is not reached by Tab")


def press(page: Page, name: str, key: str = "Enter") -> None:
    go_to(page, name)
    page.keyboard.press(key)


def table_still(page: Page) -> None:
    expect(page.locator(".editor[data-waiting='0'][data-phase='settled']")).to_be_visible()
    page.wait_for_selector('.map-canvas[aria-busy="false"]')
    page.wait_for_timeout(200)


def test_from_the_first_name_to_boundaries_in_force(desk: Desk, open_plan: OpenPlan, people: Appoint) -> None:
    before = desk.grids()
    page = open_plan()
    press(page, "新建方案")
    go_to(page, "方案名称")
    page.keyboard.type("只用键盘")
    press(page, "春晖社区", "Space")
    press(page, "新建")
    plan = plan_of(page)
    (part,) = desk.parts(plan)
    press(page, "绘制")
    table_still(page)
    drawn_by_keys(page, desk, f"/plans/{plan}/parts/{part['id']}")
    press(page, "返回方案")
    page.wait_for_selector(".plan-head")
    go_to(page, "社区")  # one stop for all tabs; arrows go along them
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="送审")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")  # from the tab to what it holds
    press(page, "送审")
    expect(page.locator('.plan-head [data-state="review"]')).to_be_visible()
    assert desk.state(plan) == "review"

    second = open_plan(f"?plan={plan}&show=publish", person=people(Role.DISTRICT_SUPERVISOR))
    expect(second.locator(".decision")).to_be_visible()
    press(second, "批准")
    expect(second.locator('.plan-head [data-state="effective"]')).to_be_visible()
    assert desk.state(plan) == "effective"
    after = desk.grids()
    assert set(after) < set(before)
    assert len(after) == len(before) - 1, "two became one"
    assert desk.one("select count(*) from planning_activation") == 1


def drawn_by_keys(page: Page, desk: Desk, at: str) -> None:
    """Two grids become one, with the crosshair."""

    def assigned() -> list[int]:
        found: list[int] = desk.api.get(f"{at}/board").json()["assignment"]
        return found

    was = assigned()
    go_to(page, "MAP")
    page.keyboard.press("c")  # the grid below the crosshair is chosen, and takes in another
    page.keyboard.press("m")
    expect(page.locator(".editor-grids tr.selected")).to_have_count(1)
    for key in TRIED:
        page.keyboard.press(key)
        table_still(page)
        page.keyboard.press("Enter")
        table_still(page)
        if assigned() == was:
            continue
        if desk.api.get(f"{at}/findings").json()["publishable"]:
            return
        page.keyboard.press("Control+z")  # they do not touch
        table_still(page)
    raise AssertionError("nothing was drawn")


def test_what_tab_does_not_reach_is_found(browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_content("<main><button>甲</button><button tabindex='-1'>批准</button></main>")
    go_to(page, "甲")
    with pytest.raises(AssertionError, match=re.escape("“批准” is not reached")):
        go_to(page, "批准")
    context.close()
