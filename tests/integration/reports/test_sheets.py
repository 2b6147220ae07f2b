"""Sheets and pages of density, hot spots and trend: against the period before, every character drawn, no network."""

from __future__ import annotations

import io
import json
import re
import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from typer.testing import CliRunner

from gridgov.analytics.period import Period
from gridgov.areas.rules import Level
from gridgov.bootstrap import House, build
from gridgov.cli.report import app
from gridgov.incidents.service import OldIncident, take_many
from gridgov.platform.clock import utcnow
from gridgov.platform.cluster import Cluster
from gridgov.platform.db import bump
from gridgov.reports import findings, fonts, sheet, wording
from gridgov.reports.briefing import Briefing, Kind, briefing
from gridgov.reports.shading import MUCH_MORE, shading
from gridgov.reports.wording import Language
from tests import sample
from tests.conftest import CITY, cloned

FIRST = datetime(2026, 1, 5, 4, tzinfo=UTC)
NOW = datetime(2026, 3, 15, 20, tzinfo=UTC)  # the 16th in the city
DAYS = 70


def history() -> list[OldIncident]:
    """Ten weeks: in every grid one every fourth day; in the last seven days five more in B02, each day."""
    rng = np.random.default_rng(4)
    old = []
    for day in range(DAYS):
        at = FIRST + timedelta(days=day)
        grids = [code for codes in sample.CODES for code in codes if rng.random() < 0.25]
        grids += ["B02"] * 5 if day >= DAYS - 7 else []
        old += [OldIncident(uuid.uuid4(), "06010", *sample.centre(code), at) for code in grids]
    old.append(OldIncident(uuid.uuid4(), "06010", *sample.centre("A01"), FIRST, status="void"))
    return old


@pytest.fixture(scope="module")
def city(cluster: Cluster, migrated_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One city for all these tests, which read it."""
    with cloned(cluster, migrated_template) as url:
        house = build(url, CITY, tmp_path_factory.mktemp("sheets"))
        with house.db.transaction() as session:
            sample.set_up(session)
            take_many(session, history(), locator=house.locator, router=house.router, now=utcnow())
        yield house
        house.close()


def made(house: House, kind: Kind, period: Period | None = None) -> Briefing:
    with house.db.transaction() as session:
        index = house.locator.index(session)
        return briefing(session, index, kind, period=period or Period(), now=NOW, level=Level.GRID)


def test_the_trend_tells_the_last_week_against_the_one_before(city: House) -> None:
    shown = made(city, Kind.TREND)
    assert (str(shown.first), str(shown.last)) == ("2026-03-09", "2026-03-15")
    assert shown.before is not None
    assert (shown.total, shown.before_total) == (int(shown.counts.sum()), int(shown.before.sum()))
    at = next(i for i, area in enumerate(shown.areas) if area.code == "B02")
    assert shown.counts[at] - shown.before[at] > 28
    assert shading(shown).colours[at] == MUCH_MORE
    assert shown.areas[at].id in shown.rising_ids
    assert "B02" in shown.rises[0][1]["en"] or shown.rises[0][0].area_id is None
    calm = made(city, Kind.TREND, Period(None, datetime(2026, 3, 8, 16, tzinfo=UTC)))  # the control: a week earlier
    assert (str(calm.last), calm.rising_ids) == ("2026-03-08", frozenset())
    assert calm.total == shown.before_total


def test_void_reports_are_left_out_and_an_empty_period_is_a_page(city: House) -> None:
    whole = made(city, Kind.DENSITY)
    assert whole.before_total is None
    with city.db.transaction() as session:
        stored = session.connection().exec_driver_sql("select count(*) from incidents where status <> 'void'").scalar()
    assert whole.total == stored
    empty = made(city, Kind.HOTSPOTS, Period(None, datetime(2020, 1, 1, tzinfo=UTC)))
    assert (empty.total, empty.first) == (0, None)
    assert sheet.drawn(empty, "pdf").startswith(b"%PDF")
    assert findings.render(empty)


def test_a_sheet_is_one_a4_page_in_colours_and_the_same_each_time(city: House) -> None:
    shown = made(city, Kind.TREND)
    picture = Image.open(io.BytesIO(sheet.drawn(shown, "png", language="both"))).convert("RGB")
    assert picture.size == (int(210 / 25.4 * 200), int(297 / 25.4 * 200))
    seen = {colour for _, colour in picture.getcolors(1 << 24) or []}
    assert tuple(int(MUCH_MORE[i : i + 2], 16) for i in (1, 3, 5)) in seen
    pdf = sheet.drawn(shown, "pdf", language="zh")
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1
    assert pdf == sheet.drawn(shown, "pdf", language="zh")


@pytest.mark.parametrize("language", list(Language))
def test_every_character_of_a_sheet_has_a_shape(city: House, language: Language) -> None:
    """What is written on the drawn page, not what was meant to be, against the font's own table of characters."""
    shown = made(city, Kind.TREND)
    words = wording.of(shown, language)
    face = fonts.face(words.texts())
    texts = [one for one in sheet.texts_of(sheet.page_of(shown, words, face)) if one.strip()]
    assert len(texts) > 30
    assert face.lacking(texts) == ""
    assert face.lacking(["\U0010fffd"]) == "\U0010fffd"  # the control: of no font
    has_chinese = any("\u4e00" <= letter <= "\u9fff" for one in texts for letter in one)
    assert has_chinese == (language is not Language.EN)


def test_without_a_font_for_them_characters_are_named_and_nothing_is_written() -> None:
    with pytest.raises(fonts.NoFont, match="点热") as caught:
        fonts.face(["热点 hot"], families=("No Such Family",))
    assert "fonts-noto-cjk" in str(caught.value.remedy)
    assert fonts.face(["hot spots"], families=("No Such Family",)).families[0] == fonts.LATIN
    with pytest.raises(fonts.NoFont, match="cannot be read"):
        fonts.face(["热"], font=Path(__file__))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.mark.parametrize("kind", [Kind.HOTSPOTS, Kind.TREND])
def test_a_page_needs_no_network_and_shows_what_was_found(
    city: House, kind: Kind, browser: Browser, tmp_path: Path
) -> None:
    shown = made(city, kind)
    path = tmp_path / "热点 page.html"
    path.write_text(findings.render(shown), encoding="utf-8")
    asked: list[str] = []
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    page = context.new_page()
    own = ("file:", "data:", "blob:")
    page.on("request", lambda one: asked.append(one.url) if not one.url.startswith(own) else None)
    page.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda one: complaints.append(str(one)))
    page.goto(path.as_uri())
    page.wait_for_load_state("networkidle")
    assert (asked, complaints) == ([], [])
    assert page.locator("h1").inner_text() == wording.of(shown, Language.BOTH).title
    assert page.locator("tbody tr").count() == 16
    assert page.locator("#said li").count() == len(wording.of(shown, Language.BOTH).told)
    before = page.evaluate("window.map_city.getZoom()")
    page.locator("tbody tr").first.click()
    page.wait_for_function(f"window.map_city.getZoom() > {before}")
    context.close()


def test_what_stands_in_names_stays_text(city: House) -> None:
    evil = "</script><script>window.broken=1</script>"
    try:
        rename(city, evil)
        page = findings.render(made(city, Kind.TREND))
    finally:
        rename(city, "B02")
    assert "window.broken" in page
    assert "<script>window.broken" not in page


def rename(house: House, name: str) -> None:
    with house.db.transaction() as session:
        names = json.dumps({"zh": name, "en": name})
        session.connection().exec_driver_sql("update areas_version set names = %s where code = 'B02'", (names,))
        bump(session, "areas")


@pytest.mark.parametrize(("name", "magic"), [("a.png", b"\x89PNG"), ("b.pdf", b"%PDF"), ("c.HTML", b"<!DOCTYPE html>")])
def test_the_ending_says_what_is_written(
    city: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, magic: bytes
) -> None:
    run = commanded(city, monkeypatch)
    result = run("trend", "--out", str(tmp_path / name), "--to", "2026-03-16", "--language", "zh")
    assert result.exit_code == 0, result.output
    assert (tmp_path / name).read_bytes().startswith(magic)


def test_another_ending_is_refused_with_its_remedy(
    city: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = commanded(city, monkeypatch)("hotspots", "--out", str(tmp_path / "x.docx"))
    assert result.exit_code != 0
    assert getattr(result.exception, "remedy", "") == "End it in .html, .png or .pdf."
    assert not list(tmp_path.iterdir())


def commanded(house: House, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command on this test's own city."""
    monkeypatch.setenv("GRIDGOV_DATABASE_URL", house.db.url.render_as_string(hide_password=False))
    monkeypatch.setenv("GRIDGOV_HOME", str(house.home))
    return lambda *words: CliRunner().invoke(app, list(words))
