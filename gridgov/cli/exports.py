"""`gridgov export`: areas and incidents into files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gridgov.areas.rules import Level
from gridgov.auth.rules import EVERYWHERE
from gridgov.cli.bars import watched
from gridgov.cli.house import opened
from gridgov.incidents.service import Filter
from gridgov.interop.exports import Format, export_areas, export_incidents
from gridgov.interop.national.boundaries import export_boundaries
from gridgov.interop.national.facts import export_facts
from gridgov.platform import clock
from gridgov.platform.errors import BadInput
from gridgov.platform.settings import Settings

app = typer.Typer(
    no_args_is_help=True, help="Write areas or incidents into a file, facts and boundaries into a folder."
)

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


@app.command()
def facts(
    out: Annotated[Path, typer.Option(help="The folder; several cities may share it.")],
    reason: Annotated[str, typer.Option(help="Why, for the audit trail.")],
    everything: Annotated[bool, typer.Option("--all", help="Months that have not changed, too.")] = False,
) -> None:
    """All incidents as bare facts (when, what, where, whose), a GeoParquet file a month; only what has changed since.

    No text and nothing of any person is among them.
    """
    with opened(Settings.load()) as house, watched() as progress:
        done = export_facts(house, out, now=clock.utcnow(), reason=reason, everything=everything, progress=progress)
    gone = f", {len(done.removed)} gone" if done.removed else ""
    print(f"{out}: {done.rows:,} incidents; {len(done.written)} months written, {len(done.kept)} as they were{gone}")


@app.command()
def boundaries(
    out: Annotated[Path, typer.Option(help="The folder; several cities may share it.")],
    at: Annotated[datetime | None, typer.Option(help="As they were in force then; default: now.")] = None,
    plan: Annotated[int | None, typer.Option(help="With the grids as this plan draws them, a draft too.")] = None,
) -> None:
    """All areas with their shapes as GeoParquet, to count by."""
    if at is not None and plan is not None:
        raise BadInput("An instant and a plan exclude each other.", field="at", remedy="Give one of them.")
    with opened(Settings.load()) as house:
        instant = None if at is None else at.astimezone(UTC)
        path, count = export_boundaries(house, out, now=clock.utcnow(), at=instant, plan_id=plan)
    print(f"{count:,} areas in {path}")
