"""`gridgov exchange`: what other systems are told of their orders, and how feedback fares."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from gridgov.areas import service as areas
from gridgov.auth.rules import EVERYWHERE
from gridgov.cases import exchange
from gridgov.cli.house import opened
from gridgov.platform import clock
from gridgov.platform.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Orders of other systems, and feedback (docs/exchange.md).")
Since = Annotated[datetime | None, typer.Option("--from", help="By the city's clock, included.")]
Until = Annotated[datetime | None, typer.Option("--to", help="By the city's clock, not included.")]


@app.command()
def changes(
    source: Annotated[str, typer.Argument(help="Name of the source, as hotline-91580.")],
    after: Annotated[int, typer.Option(min=0, help="The last position that is known.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most lines.")] = 100,
) -> None:
    """What became of a source's orders after a position."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        zone = areas.city(session).zone
        found = exchange.changes(session, source, EVERYWHERE, after=after, limit=limit)
    for one in found:
        at = one.at.astimezone(zone)
        print(f"{one.position}  {one.order_number}  {at:%Y-%m-%d %H:%M:%S}  {one.action}  {one.state}")
    if not found:
        print("Nothing new.")


@app.command()
def feedback(since: Since = None, until: Until = None) -> None:
    """How long each body took from its answer until the reporter was told; default: the last 30 days."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        zone = areas.city(session).zone
        end = until.replace(tzinfo=zone) if until else clock.utcnow()
        begin = since.replace(tzinfo=zone) if since else end - exchange.LATELY
        found = exchange.feedback_times(session, EVERYWHERE, since=begin, until=end)
    for one in found:
        median, most = float(one.median_s) / 3600, float(one.most_s) / 3600
        print(f"{one.code:<14} cases {one.cases}, median {median:.2f} h, longest {most:.2f} h")
    if not found:
        print("No feedback.")
