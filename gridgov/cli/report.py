"""`gridgov report`: pages for readers, one file each: HTML, PNG or PDF by the file's ending."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gridgov.analytics.period import Period, parse_period
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import Level
from gridgov.areas.service import city
from gridgov.cli.house import opened
from gridgov.platform import clock
from gridgov.platform.errors import BadInput
from gridgov.platform.settings import Settings
from gridgov.reports import findings
from gridgov.reports.briefing import Briefing, Kind, briefing
from gridgov.reports.density import density_report
from gridgov.reports.page import render
from gridgov.reports.wording import Language
from gridgov.reports.writing import write_bytes, write_page

app = typer.Typer(no_args_is_help=True, help="Pages that open without a network, and sheets to print.")


class UnknownForm(BadInput):
    """A file's ending says what is written."""

    code = "unknown-form"


class Shown(StrEnum):
    """What the map shows; of a density page what it shows first."""

    GRID = "grid"
    COMMUNITY = "community"
    SUBDISTRICT = "subdistrict"
    DISTRICT = "district"


OutOption = Annotated[Path, typer.Option(help="The file to write; its ending says what: .html, .png or .pdf.")]
LevelOption = Annotated[Shown, typer.Option(help="Which areas the map shows.")]
SinceOption = Annotated[
    str | None, typer.Option("--from", help="Instant or date, included; left out: as docs/reports.md says.")
]
UntilOption = Annotated[str | None, typer.Option("--to", help="Instant or date, not included; left out: until now.")]
CategoryOption = Annotated[
    str | None, typer.Option(help="A matter's code, a group's code, or a prefix such as 06*; left out: all.")
]
LanguageOption = Annotated[Language, typer.Option(help="Of sheets and of hot spots and trends.")]
FontOption = Annotated[Path | None, typer.Option(help="A font file for sheets; left out: Noto Sans CJK or another.")]


@app.command()
def density(
    out: OutOption,
    level: LevelOption = Shown.GRID,
    since: SinceOption = None,
    until: UntilOption = None,
    category: CategoryOption = None,
    language: LanguageOption = Language.BOTH,
    font: FontOption = None,
) -> None:
    """Where incidents are dense: as HTML with heat, steps of time and a table; as PNG or PDF one A4 page."""
    if _form(out) != "html":
        _sheet(Kind.DENSITY, out, level, since, until, category, language, font)
        return
    with opened(Settings.load()) as house, house.db.transaction() as session:
        period = parse_period(since, until, city(session).zone)
        now = clock.utcnow()
        report = density_report(session, house.locator.index(session, now), period=period, category=category, now=now)
    size = write_page(out, render(report, level=level.value))
    print(f"{out}: {report.total:,} incidents in {len(report.spans)} {report.step}s, {size / 1e6:.1f} MB")


@app.command()
def hotspots(
    out: OutOption,
    level: LevelOption = Shown.GRID,
    since: SinceOption = None,
    until: UntilOption = None,
    category: CategoryOption = None,
    language: LanguageOption = Language.BOTH,
    font: FontOption = None,
) -> None:
    """Hot and cold spots with their significance, and clusters in space and time; left out, of the last four weeks."""
    _sheet(Kind.HOTSPOTS, out, level, since, until, category, language, font)


@app.command()
def trend(
    out: OutOption,
    level: LevelOption = Shown.GRID,
    since: SinceOption = None,
    until: UntilOption = None,
    category: CategoryOption = None,
    language: LanguageOption = Language.BOTH,
    font: FontOption = None,
) -> None:
    """What there is more and less of than in the period before, and what is rising; left out, the last seven days."""
    _sheet(Kind.TREND, out, level, since, until, category, language, font)


def _form(out: Path) -> str:
    form = out.suffix.lower().removeprefix(".")
    if form not in {"html", "png", "pdf"}:
        raise UnknownForm(f"“{out.name}” has no known ending.", field="out", remedy="End it in .html, .png or .pdf.")
    return form


def _sheet(
    kind: Kind,
    out: Path,
    level: Shown,
    since: str | None,
    until: str | None,
    category: str | None,
    language: Language,
    font: Path | None,
) -> None:
    form = _form(out)
    with opened(Settings.load()) as house, house.db.transaction() as session:
        now = clock.utcnow()
        period: Period = parse_period(since, until, city(session).zone)
        index: AreaIndex = house.locator.index(session, now)
        shown = briefing(session, index, kind, period=period, now=now, level=Level(level.value), category=category)
    size = _written(shown, out, form, language, font)
    print(
        f"{out}: {shown.total:,} incidents in {len(shown.days)} days, {len(shown.findings)} findings, "
        f"{size / 1e6:.1f} MB"
    )


def _written(shown: Briefing, out: Path, form: str, language: Language, font: Path | None) -> int:
    if form == "html":
        return write_page(out, findings.render(shown, language=language.value))
    from gridgov.reports.sheet import drawn  # noqa: PLC0415 -- a second to load, and only for sheets

    return write_bytes(out, drawn(shown, form, language=language.value, font=font))
