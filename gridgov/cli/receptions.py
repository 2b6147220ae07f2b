"""`gridgov receptions`: what deputies heard."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from gridgov.areas import service as areas
from gridgov.auth.rules import EVERYWHERE
from gridgov.cases import receptions as verbs
from gridgov.cli.house import opened
from gridgov.platform.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Receptions of deputies (docs/exchange.md).")
Since = Annotated[datetime | None, typer.Option("--from", help="By the city's clock, included.")]
Until = Annotated[datetime | None, typer.Option("--to", help="By the city's clock, not included.")]
Most = Annotated[int, typer.Option(min=1, max=1000, help="Most lines.")]


@app.command("list")
def listed(since: Since = None, until: Until = None, limit: Most = 50) -> None:
    """Receptions, newest first: opinions, and how many of them are answered in writing."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        zone = areas.city(session).zone
        found = verbs.find(
            session, EVERYWHERE, limit=limit,
            since=since.replace(tzinfo=zone) if since else None, until=until.replace(tzinfo=zone) if until else None,
        )  # fmt: skip
    for one in found:
        at = one.held_at.astimezone(zone)
        print(f"{one.id}  {at:%Y-%m-%d %H:%M}  {one.area_code:<14} opinions {one.opinions}, in writing {one.replied}")
    if not found:
        print("No receptions.")
