"""What stands there while a map is on its way: the areas themselves, where the map will have them; and a way back when
it does not come."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from gridgov.auth.rules import Role
from tests.e2e.conftest import DIST, Appoint, OpenPage, settled

pytestmark = pytest.mark.browser
PAGES = ["/board", "/map"]


def script() -> str:
    """The part of the build in which MapLibre is."""
    (found,) = Path(DIST.parent / "assets").glob("gl-*.js")
    return f"**/assets/{found.name}"


class Held:
    """Requests that wait until they are let go."""

    def __init__(self, page: Page) -> None:
        self._waiting: list[Route] = []
        page.route(script(), self._hold)

    def go(self) -> None:
        while self._waiting:
            self._waiting.pop().continue_()

    def _hold(self, route: Route) -> None:
        self._waiting.append(route)


@pytest.mark.parametrize("path", PAGES)
def test_the_areas_are_there_before_the_map(
    open_page: OpenPage, base: str, server: httpx.Client, people: Appoint, path: str
) -> None:
    communities = server.get("/areas", params={"level": "community", "limit": 1000}).json()["items"]
    page = open_page("/health/live", person=people(Role.DISTRICT_SUPERVISOR), ready=False)
    held = Held(page)
    page.goto(f"{base}{path}?level=community")
    areas = page.locator(".map-sketch path")
    expect(areas).to_have_count(len(communities))
    expect(page.locator('.map-sketch path:not([fill="none"])').first).to_be_visible()
    expect(page.locator(".map-canvas canvas")).to_have_count(0)
    early = page.locator(".map").screenshot()
    held.go()
    settled(page)
    expect(page.locator(".map-sketch")).to_have_count(0)
    assert page.locator(".map").screenshot() != early, "it was the map that came"


@pytest.mark.parametrize("path", PAGES)
def test_a_map_that_did_not_come_can_be_asked_for_again(
    open_page: OpenPage, base: str, people: Appoint, path: str
) -> None:
    page = open_page("/health/live", person=people(Role.DISTRICT_SUPERVISOR), ready=False)
    page.route(script(), lambda route: route.abort())
    page.goto(f"{base}{path}")
    notice = page.get_by_role("status").or_(page.get_by_role("alert")).filter(has_text="部分地图没有载入")
    expect(notice).to_be_visible()
    expect(page.locator(".map-sketch path").first).to_be_visible()
    page.unroute(script())
    notice.get_by_role("button").click()
    settled(page)
    expect(notice).to_have_count(0)
    expect(page.locator(".map-sketch")).to_have_count(0)


def test_the_drawing_lies_where_the_map_draws(open_page: OpenPage, base: str, people: Appoint) -> None:
    """An area's place on the drawing, asked of the map that took over, is that very area."""
    page = open_page("/health/live", person=people(Role.DISTRICT_SUPERVISOR), ready=False)
    held = Held(page)
    page.goto(f"{base}/board?level=community")
    expect(page.locator(".map-sketch path").first).to_be_visible()
    inside: list[tuple[float, float]] = page.evaluate(MIDDLES)
    held.go()
    settled(page)
    names = set()
    for x, y in inside[:4]:
        page.mouse.click(x, y)
        expect(page.locator(".chosen strong")).to_be_visible()
        names.add(page.locator(".chosen strong").inner_text())
        page.get_by_role("button", name="取消选中").click()
    assert len(names) == len(inside[:4]), "each is another area"


# Of areas that are wholly on the screen: a point inside, in pixels of the window.
MIDDLES = """() => [...document.querySelectorAll(".map-sketch path")].flatMap((path) => {
  const { left, top, right, bottom } = path.getBoundingClientRect();
  const at = path.ownerSVGElement.createSVGPoint();
  [at.x, at.y] = [(left + right) / 2, (top + bottom) / 2];
  const on = document.elementFromPoint(at.x, at.y);
  const free = on !== null && on.closest(".map") !== null;
  const own = at.matrixTransform(path.getScreenCTM().inverse());
  return free && path.isPointInFill(own) ? [[at.x, at.y]] : [];
})"""
