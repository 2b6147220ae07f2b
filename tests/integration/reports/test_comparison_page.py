"""The page of two plans in a browser without a network: two maps in step, words in two languages, tables that sort."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from gridgov.planning.board import Board, Inputs
from gridgov.planning.compare import Side, compare
from gridgov.planning.comparing import Compared
from gridgov.planning.drawn import Drawn
from gridgov.planning.operations import Assign, Merge
from gridgov.planning.rules import Sheet, Target
from gridgov.reports.comparison import Shown, comparison_page
from tests.unit.planning.grounds import bands, ground

pytestmark = pytest.mark.browser
SHOWN = Shown(
    "现行 <b>in force</b>", "第三稿</script>", {"zh": "样城", "en": "Sample City"},
    datetime(2026, 11, 1, tzinfo=UTC), ZoneInfo("Asia/Shanghai"),
)  # fmt: skip


def compared() -> Compared:
    """Twelve grids of which two become one and one becomes two."""
    base = ground(16, 12, seed=4)
    cases = np.arange(len(base)) % 3
    before = bands(base, 12)
    names = {n: replace(one, names={"zh": f"第{n}网格", "en": f"Grid {n}"}) for n, one in before.grids.items()}
    before = replace(before, grids=names)
    board = Board(base, before, Target())
    board.apply(Merge((1, 2)))
    board.apply(Assign(tuple(int(one) for one in board.members(7)[:6])))

    def side(sheet: Sheet) -> Side:
        measured = Board(base, sheet, Target(), inputs=Inputs(open_cases=cases))
        metrics = {number: dict(measured.metrics(number)) for number in sheet.grids}
        return Side(base, sheet, cases, metrics, dict(measured.totals()))

    named = {"zh": "一社区", "en": "Community 1"}
    sheets = Drawn("C1", named, base, before), Drawn("C1", named, base, board.sheet)
    return Compared(*sheets, compare(side(before), side(board.sheet)))


FOUND = compared()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(params=[("light", 1280), ("dark", 390)], ids=["light-1280", "dark-390"])
def page(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The page from a file, offline; at the end it must have asked for nothing and raised no error."""
    scheme: Literal["light", "dark"] = request.param[0]
    path = tmp_path / "page.html"
    path.write_text(comparison_page([FOUND], SHOWN), encoding="utf-8")
    context = browser.new_context(
        viewport={"width": request.param[1], "height": 900}, color_scheme=scheme, offline=True
    )
    opened = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    opened.on("request", lambda one: asked.append(one.url))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    opened.goto(path.as_uri())
    yield opened
    context.close()
    assert asked == [path.as_uri()]
    assert wrong == []


def test_figures_names_and_hostile_titles(page: Page) -> None:
    told = FOUND.comparison
    assert page.locator("#figures strong").first.inner_text() == f"{told.households_moved:,}"
    assert page.locator("#figures strong").nth(1).inner_text() == f"{told.cases_moved:,}"
    assert "现行 <b>in force</b>" in page.locator("#left figcaption").inner_text()
    assert "第三稿</script>" in page.locator("#right figcaption").inner_text()
    page.click("#language")
    assert "households change their grid" in page.locator("#figures").inner_text()
    assert page.locator("html").get_attribute("lang") == "en"


def test_both_maps_show_the_same_place(page: Page) -> None:
    def views() -> list[list[float]]:
        found: list[list[float]] = page.evaluate(
            "[map_before, map_after].map((m) => [m.getCenter().lat, m.getCenter().lng, m.getZoom()])"
        )
        return found

    first = views()
    assert np.allclose(first[0], first[1], rtol=0, atol=1e-6)
    page.evaluate("map_before.setView(map_before.getCenter(), map_before.getZoom() + 1, {animate: false})")
    then = views()
    assert then[0][2] == then[1][2] == first[0][2] + 1
    page.evaluate("map_after.panBy([40, 30], {animate: false})")
    last = views()
    assert np.allclose(last[0], last[1], rtol=0, atol=1e-5)
    assert not np.allclose(last[0], then[0], rtol=0, atol=1e-6)


def test_changed_ground_is_hatched_on_both_and_the_key_hides_it(page: Page) -> None:
    assert page.locator("#left path.moved").count() == page.locator("#right path.moved").count() > 0
    assert "hatch" in page.locator("#right path.moved").first.evaluate("(one) => getComputedStyle(one).fill")
    page.locator("#key button").first.click()
    assert page.locator("#right path.moved >> visible=true").count() == 0


def test_tables_sort_and_a_row_shows_its_grid(page: Page) -> None:
    rows = page.locator("#grids tbody tr")
    changed = sum(one.fate != "same" for one in FOUND.comparison.grids)
    assert rows.count() == changed
    page.locator("#changed input").uncheck()
    assert rows.count() == len(FOUND.comparison.grids)
    page.locator("#grids th button").nth(3).click()  # after
    page.locator("#grids th button").nth(3).click()
    texts = page.locator("#grids tbody tr td:nth-child(4)").all_inner_texts()
    values = [int(one.replace(",", "")) for one in texts if one != "–"]
    assert values == sorted(values)
    assert values[0] < values[-1]
    rows.first.click()
    assert page.locator("path.grid.on").count() >= 1
    ground_rows = page.locator("#ground tbody tr").all_inner_texts()
    assert len(ground_rows) == len(FOUND.comparison.moved)


def test_everybody_can_read_it(page: Page) -> None:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]})
    assert found.violations_count == 0, found.generate_report()
