"""`gridgov export`: areas and incidents into files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from gridgov.areas.rules import Level
from gridgov.auth.rules import EVERYWHERE
from gridgov.cli.bars import watched
from gridgov.cli.house import opened
from gridgov.incidents.service import Filter
from gridgov.interop.exports import Format, export_areas, export_incidents
from gridgov.platform.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Write areas or incidents into a file.")

Form = Annotated[Format, typer.Option("--format", help="geojson, gpkg, csv or parquet.")]
Out = Annotated[Path | None, typer.Option(help="The file; default: areas.geojson and the like, here.")]


@app.command()
def areas(
    form: Form = Format.GEOJSON,
    out: Out = None,
    level: Annotated[Level | None, typer.Option(help="Only this level.")] = None,
    at: Annotated[datetime | None, typer.Option(help="As they were in force then; default: now.")] = None,
) -> None:
    """Areas with their codes, names, counts and shapes."""
    path = out or Path(f"areas.{form}")
    settings = Settings.load()
    with opened(settings) as house:
        instant = None if at is None else at.astimezone()
        count = export_areas(house, path, form, level=level, at=instant)
    print(f"{count:,} areas in {path}")


@app.command()
def incidents(
    form: Form = Format.GEOJSON,
    out: Out = None,
    category: Annotated[str | None, typer.Option(help='A code, or a prefix such as "06*".')] = None,
    since: Annotated[datetime | None, typer.Option(help="From this instant on.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Before this instant.")] = None,
) -> None:
    """Incidents with the codes of every level that held them. Contacts of reporters are in no export."""
    path = out or Path(f"incidents.{form}")
    settings = Settings.load()
    wanted = Filter(
        reach=EVERYWHERE,
        category=category,
        since=None if since is None else since.astimezone(),
        until=None if until is None else until.astimezone(),
    )
    with opened(settings) as house, watched() as progress:
        count = export_incidents(house, path, form, wanted=wanted, progress=progress)
    print(f"{count:,} incidents in {path}")
