"""`gridgov report`: pages for readers, one file each."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gridgov.analytics.period import parse_period
from gridgov.areas.service import city
from gridgov.cli.house import opened
from gridgov.platform import clock
from gridgov.platform.settings import Settings
from gridgov.reports.density import density_report
from gridgov.reports.page import render
from gridgov.reports.writing import write_page

app = typer.Typer(no_args_is_help=True, help="Pages that open without a network.")


class ShownFirst(StrEnum):
    """What the choropleth shows when the page opens."""

    GRID = "grid"
    COMMUNITY = "community"
    SUBDISTRICT = "subdistrict"
    DISTRICT = "district"


@app.callback()
def _group() -> None:
    """Keeps `density` a word of its own while it is the only one."""


@app.command()
def density(
    out: Annotated[Path, typer.Option(help="The file to write, e.g. density.html.")],
    level: Annotated[ShownFirst, typer.Option(help="What the map shows first.")] = ShownFirst.GRID,
    since: Annotated[
        str | None, typer.Option("--from", help="Instant or date, included; left out: since the first incident.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="Instant or date, not included; left out: until the last incident.")
    ] = None,
    category: Annotated[
        str | None, typer.Option(help="A matter's code, a group's code, or a prefix such as 06*; left out: all.")
    ] = None,
) -> None:
    """Write the density of incidents as one page: map by grid and community, heat, time, table; Chinese and English."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        period = parse_period(since, until, city(session).zone)
        now = clock.utcnow()
        report = density_report(session, house.locator.index(session, now), period=period, category=category, now=now)
    size = write_page(out, render(report, level=level.value))
    print(f"{out}: {report.total:,} incidents in {len(report.spans)} {report.step}s, {size / 1e6:.1f} MB")
