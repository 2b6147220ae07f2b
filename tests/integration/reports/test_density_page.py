"""The density report: its figures are those of the API, and the page opens without any network at all."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import folium
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, sync_playwright

from gridgov.analytics.period import Period, Step
from gridgov.areas import service as areas
from gridgov.areas.rules import Level, NewArea
from gridgov.bootstrap import House
from gridgov.incidents.service import OldIncident, take_many
from gridgov.platform.clock import utcnow
from gridgov.platform.errors import BadInput
from gridgov.reports.density import DensityReport, density_report
from gridgov.reports.page import render
from gridgov.reports.writing import write_page
from tests import sample

NOW = datetime(2026, 4, 20, tzinfo=UTC)
EVIL = "</script><script>window.broken=1</script><b>&amp;"


@pytest.fixture
def city(sampled: House) -> House:
    """Four weeks from Monday 2 March 2026 on: every day one incident in A01, every Monday two in B08, one outside."""
    start = datetime(2026, 3, 2, 4, tzinfo=UTC)
    spots = [(start + timedelta(days=day), "A01") for day in range(28)]
    spots += [(start + timedelta(weeks=week), "B08") for week in range(4) for _ in range(2)]
    old = [OldIncident(uuid.uuid4(), "06010", *sample.centre(where), at) for at, where in spots]
    old.append(OldIncident(uuid.uuid4(), "09009", sample.LON0 - 0.01, sample.LAT0, start))
    with sampled.db.transaction() as session:
        take_many(session, old, locator=sampled.locator, router=sampled.router, now=utcnow())
    return sampled


def report(house: House, period: Period | None = None, category: str | None = None) -> DensityReport:
    with house.db.transaction() as session:
        index = house.locator.index(session)
        return density_report(session, index, period=period or Period(), category=category, now=NOW)


def facts(page: str) -> dict[str, Any]:
    """What the page's script reads."""
    found = re.search(r"const REPORT = (\{.*\});</script>", page)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium: the system's where there is one, or else Playwright's own. Ends with the module, since two of
    them, or one and an event loop, do not go together in one process."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield found
        found.close()


class Opened:
    """A page from a file with the network cut off, and everything it asked for or complained about."""

    def __init__(self, browser: Browser, path: Path) -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", self._seen)
        self.page.on(
            "console", lambda message: self.complaints.append(message.text) if message.type == "error" else None
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path.as_uri())
        self.page.wait_for_load_state("networkidle")

    def _seen(self, request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            self.asked.append(request.url)

    def colours(self) -> int:
        """How many colours the map's canvases show."""
        count: int = self.page.evaluate(
            """() => { const seen = new Set();
                 for (const canvas of document.querySelectorAll('#map_city canvas')) {
                   const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                   for (let i = 0; i < data.length; i += 4)
                     if (data[i + 3] > 40) seen.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
                 } return seen.size; }"""
        )
        return count


@pytest.fixture
def opened(city: House, browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    path = tmp_path / "密度 report.html"
    write_page(path, render(report(city)))
    found = Opened(browser, path)
    yield found
    found.context.close()


def test_the_figures_are_those_that_went_in(city: House) -> None:
    made = report(city)
    assert (made.total, made.unlocated, made.step) == (37, 1, Step.WEEK)
    assert [(str(span.first), str(span.last)) for span in made.spans][:1] == [("2026-03-02", "2026-03-08")]
    assert made.by_step.tolist() == [10, 9, 9, 9]
    by_level = {figures.level: figures for figures in made.levels}
    grids = by_level[Level.GRID]
    rows = {area.code: counts.tolist() for area, counts in zip(grids.areas, grids.counts, strict=True)}
    assert (rows["A01"], rows["B08"], rows["A02"]) == ([7] * 4, [2] * 4, [0] * 4)
    communities = by_level[Level.COMMUNITY]
    assert {a.code: int(n.sum()) for a, n in zip(communities.areas, communities.counts, strict=True)} == {
        "W1": 28, "W2": 0, "E1": 0, "E2": 8,
    }  # fmt: skip
    assert sum(sum(cell.values()) for _, _, cell in made.cells) == 37


def test_the_period_and_the_category_narrow_it(city: House) -> None:
    begin = datetime(2026, 3, 2, 16, tzinfo=UTC)
    week = report(city, Period(begin, begin + timedelta(days=7)), "06*")
    assert (week.total, week.unlocated, week.step) == (9, 0, Step.DAY)
    assert len(week.spans) == 7
    assert week.category_names == {"zh": "市容环境类", "en": "City appearance"}
    assert report(city, Period(None, datetime(2020, 1, 1, tzinfo=UTC))).total == 0
    with pytest.raises(BadInput):
        report(city, category="77")


def test_the_page_holds_the_same_figures(city: House) -> None:
    data = facts(render(report(city), level="community"))
    assert (data["first"], data["total"], data["byStep"]) == ("community", 37, [10, 9, 9, 9])
    grid = data["levels"]["grid"]
    place = next(i for i, area in enumerate(grid["areas"]) if area[0] == "A01")
    assert grid["areas"][place] == ["A01", "A01网格", "Grid A01", 300]
    assert grid["counts"][place] == [7, 7, 7, 7]
    assert grid["breaks"]["count"] == {"all": [8, 28], "step": [2, 7]}


def test_the_same_city_gives_the_same_page(city: House) -> None:
    assert render(report(city)) == render(report(city))


def test_it_opens_offline_and_draws(opened: Opened) -> None:
    assert opened.asked == []
    assert opened.complaints == []
    assert opened.colours() >= 3, "the map is blank"
    page = opened.page
    assert page.locator("h1").inner_text().split("\n") == ["样城事件密度", "Sample City: density of incidents"]
    assert "37 件" in page.locator("#scope").inner_text()
    assert page.locator("#twin tbody tr").count() == 16
    first = page.locator("#twin tbody tr").first
    assert first.locator("td").all_inner_texts()[1:] == ["28", "9.3", "300"]


def test_a_page_as_folium_makes_it_would_ask_the_network(browser: Browser, tmp_path: Path) -> None:
    """The control of the test above: the same watcher sees what a page with links asks for."""
    path = tmp_path / "linked.html"
    folium.Map(location=[32, 117], tiles=None).save(str(path))
    linked = Opened(browser, path)
    assert any("leaflet" in url for url in linked.asked)
    assert linked.colours() == 0
    linked.context.close()


def test_time_measure_level_and_language_move_map_key_and_table(opened: Opened) -> None:
    page = opened.page

    def row(name: str) -> list[str]:
        return page.locator("#twin tbody tr", has_text=name).first.locator("td").all_inner_texts()[1:]

    page.fill("#slider", "1")
    assert row("B08网格") == ["2", "0.7", "300"]
    assert "2026-03-09 至 2026-03-15" in page.locator("#now").inner_text()
    page.click("#language")
    assert page.locator("html").get_attribute("lang") == "en"
    assert "9 incidents" in page.locator("#now").inner_text()
    assert row("Grid A01") == ["7", "2.3", "300"]
    page.check("input[value=rate]")
    assert "Per 100 households" in page.locator("#key h2").inner_text()
    page.click("text=社区 Communities")
    assert page.locator("#twin tbody tr").count() == 4
    before = opened.colours()
    page.click("text=热力 Heat")
    deadline = time.monotonic() + 20
    while opened.colours() <= before + 20 and time.monotonic() < deadline:  # the heat is drawn in the next frames
        page.wait_for_timeout(50)
    assert opened.colours() > before + 20, "the heat is not drawn"
    page.click("#twin th button >> text=Name")
    assert page.locator("#twin tbody tr").first.inner_text().startswith("Community E1")
    assert opened.complaints == []
    assert opened.asked == []


def test_it_can_be_read_by_everyone(city: House, browser: Browser, tmp_path: Path) -> None:
    def broken(page: str) -> set[str]:
        path = tmp_path / "read.html"
        write_page(path, page)
        context = browser.new_context(bypass_csp=True)  # the checker itself is a script from outside
        opened = context.new_page()
        opened.goto(path.as_uri())
        found = {one["id"] for one in Axe().run(opened).response["violations"]}
        context.close()
        return found

    page = render(report(city))
    assert broken(page) == set()
    assert "document-title" in broken(page.replace("<title>", "<!-- ", 1).replace("</title>", "-->", 1)), "control"


def test_names_from_outside_stay_names(city: House, browser: Browser, tmp_path: Path) -> None:
    with city.db.transaction() as session:
        evil = NewArea(Level.GRID, "A01", "W1", {"zh": EVIL, "en": EVIL}, sample.cell("A01"), "urban", 1, 1)
        areas.put_in_force(session, [evil], name="evil", valid_from=datetime(2026, 4, 1, tzinfo=UTC))
    path = tmp_path / "evil.html"
    write_page(path, render(report(city)))
    found = Opened(browser, path)
    assert found.page.evaluate("window.broken") is None
    assert found.complaints == []
    assert EVIL in found.page.locator("#twin tbody tr").first.inner_text()
    found.context.close()


def test_without_households_there_is_no_rate(city: House, browser: Browser, tmp_path: Path) -> None:
    bare = report(city)
    levels = tuple(replace(figures, households=(None,) * len(figures.areas)) for figures in bare.levels)
    path = tmp_path / "bare.html"
    write_page(path, render(replace(bare, levels=levels)))
    found = Opened(browser, path)
    assert found.complaints == []
    assert not found.page.locator("#measures").is_visible()
    assert found.page.locator("#twin th").count() == 2
    found.context.close()


def test_a_city_without_incidents_gives_a_page_that_says_so(house: House, browser: Browser, tmp_path: Path) -> None:
    with house.db.transaction() as session:
        sample.set_up(session)
    path = tmp_path / "empty.html"
    write_page(path, render(report(house)))
    found = Opened(browser, path)
    assert found.complaints == []
    assert "这一时段没有事件" in found.page.locator("#now").inner_text()
    assert found.page.locator("#twin tbody tr").count() == 16
    found.context.close()


def test_the_command_writes_the_page(city: House, tmp_path: Path) -> None:
    out = tmp_path / "density.html"
    url = city.db.url.render_as_string(hide_password=False)
    environment = os.environ | {
        "GRIDGOV_DATABASE_URL": url,
        "GRIDGOV_HOME": str(tmp_path / "home"),
        "GRIDGOV_CITY": "demo",
    }

    def gridgov(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from gridgov.cli import app; app()", "report", "density", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    done = gridgov(
        "--out", str(out), "--from", "2026-03-09", "--to", "2026-03-16", "--category", "06", "--level", "community"
    )
    assert done.returncode == 0, done.stderr
    assert "9 incidents in 7 days" in done.stdout
    data = facts(out.read_text(encoding="utf-8"))
    assert (data["first"], data["total"], data["category"]) == ("community", 9, "06")
    bad = gridgov("--out", str(tmp_path / "no" / "folder.html"))
    assert (bad.returncode, "cannot be written" in bad.stderr) == (2, True)
    assert gridgov("--out", str(out), "--from", "soon").returncode == 2


def test_a_page_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")
    with pytest.raises(BadInput):
        write_page(tmp_path / "absent" / "page.html", "new")
    assert write_page(path, "新") == 3
    assert path.read_text(encoding="utf-8") == "新"
    assert list(tmp_path.iterdir()) == [path]
