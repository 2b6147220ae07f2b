"""Every page in every state of `pages.py`: usable by ear and by keyboard in both languages and both themes, drawn, as
wide as the screen, and asking nothing of others.

Languages, themes and widths meet in pairs, every two of them once; all eight ways together are looked at in the soak.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, product
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from gridgov.auth.rules import Role
from tests.e2e.axe import faults, walk
from tests.e2e.conftest import Appoint, OpenPage
from tests.e2e.pages import LOCALES, ROWS, THEMES, WIDTHS, Facts, Row, quiet, stands
from tests.e2e.pixels import MAP, colours
from tests.e2e.watch import Watch
from tests.people import Person

pytestmark = pytest.mark.browser
PLAIN = 0.9  # a map that is drawn has no colour over more of it than this
FEW = 12  # colours of a canvas on which nothing is drawn
HIGH = 800

Look = tuple[Literal["light", "dark"], int]
LOOKS: dict[str, tuple[Look, ...]] = {
    LOCALES[0]: ((THEMES[1], WIDTHS[1]), (THEMES[0], WIDTHS[0])),
    LOCALES[1]: ((THEMES[1], WIDTHS[0]), (THEMES[0], WIDTHS[1])),
}


def opened(open_page: OpenPage, people: Appoint, server: httpx.Client, row: Row, locale: str) -> Page:
    person: Person | None = None if row.role is None else people(row.role)
    width, height = row.size or (WIDTHS[0], HIGH)
    path = row.path(Facts(server, people(Role.PLANNER)))
    page = open_page(path, person=person, ready=False, width=width, height=height, locale=locale)
    stands(page, row)
    return page


def looked_at(browser: Browser, page: Page, row: Row, looks: Iterable[Look]) -> None:
    for theme, width in looks:
        page.emulate_media(color_scheme=theme)
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        if row.size is None:
            page.set_viewport_size({"width": width, "height": HIGH})
        quiet(page)
        assert faults(page) == [], (theme, width)
        if row.size is None:
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        drawn(browser, page, row)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_page(
    open_page: OpenPage, browser: Browser, people: Appoint, server: httpx.Client, watch: Watch, row: Row, locale: str
) -> None:
    page = opened(open_page, people, server, row, locale)
    looked_at(browser, page, row, LOOKS[locale])
    if locale == LOCALES[0]:
        walked = walk(page)
        assert walked.wrong == []
        assert (walked.stops > 3) == row.controls
    watch.verdict()


@pytest.mark.soak
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_page_in_every_look(
    open_page: OpenPage, browser: Browser, people: Appoint, server: httpx.Client, row: Row, locale: str
) -> None:
    looked_at(browser, opened(open_page, people, server, row, locale), row, product(THEMES, WIDTHS))


def unmet(looks: dict[str, tuple[Look, ...]]) -> set[tuple[object, object]]:
    """Which two of a language, a theme and a width never meet."""
    wanted: set[tuple[object, object]] = {
        pair for three in product(LOCALES, THEMES, WIDTHS) for pair in combinations(three, 2)
    }
    return wanted - {pair for locale in looks for look in looks[locale] for pair in combinations((locale, *look), 2)}


def test_every_two_meet() -> None:
    assert not unmet(LOOKS)
    assert unmet(LOOKS | {LOCALES[1]: LOOKS[LOCALES[1]][:1]}) == {  # the control: one look left out
        (LOCALES[1], THEMES[0]),
        (LOCALES[1], WIDTHS[1]),
        (THEMES[0], WIDTHS[1]),
    }


def drawn(browser: Browser, page: Page, row: Row) -> None:
    """Every map of the page shows something."""
    maps = page.locator(MAP)
    if row.maps:
        expect(maps).to_have_count(row.maps)
    for at in range(row.maps):
        seen = colours(browser, maps.nth(at))
        assert len(seen) > FEW, "a map is blank"
        assert max(seen.values()) < PLAIN, "a map is blank"


def test_the_rows_have_names_of_their_own() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


# ------------------------------------------------------------------------------------------------------- the controls

BAD = """<!doctype html><html lang="zh-CN"><title>坏</title><main><h1>坏</h1><a href="#one">一</a>
<button style="outline:none">看不见焦点</button><button></button><input aria-label="够得着">
<button style="position:absolute;left:-4000px">屏幕外</button>
<span tabindex="0" id="loop">困住</span><button id="after">之后</button></main>"""


TRAP = """() => {
  document.getElementById("after").addEventListener("focus", () => document.getElementById("loop").focus());
  for (const name of ["甲", "乙", "丙", "丁"]) {
    document.querySelector("main").append(Object.assign(document.createElement("button"), { textContent: name }));
  }
}"""


def test_axe_and_the_walk_find_what_is_wrong(browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_content(BAD)
    assert any(found.startswith("button-name") for found in faults(page))
    walked = walk(page)
    context.close()
    assert walked.trap is None
    assert any("看不见焦点" in item for item in walked.unmarked)
    assert not any("够得着" in item for item in walked.unmarked)
    assert any("<button></button>" in item for item in walked.nameless)
    assert any("屏幕外" in item for item in walked.outside)
    assert walked.missed == []


def test_a_trap_and_what_lies_behind_it_are_found(browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_content(BAD)
    page.evaluate(TRAP)
    walked = walk(page)
    context.close()
    assert walked.trap is not None
    assert len(walked.missed) == 5


def test_a_map_without_a_picture_is_found(browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_content("<body style='margin:0;background:#f4f4f2'><div class='map-canvas' style='height:600px'></div>")
    with pytest.raises(AssertionError, match="blank"):
        drawn(browser, page, Row("blank", "/", None, "main", maps=1))
    context.close()
