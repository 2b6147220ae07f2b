"""`gridgov province`: what a province sees of the cities of this installation, and who there may ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from gridgov.analytics import province
from gridgov.analytics.province import Counts, Reader
from gridgov.areas.service import cities_here
from gridgov.cli.house import built, database
from gridgov.cli.standing import ANY
from gridgov.platform import clock
from gridgov.platform.db import Database
from gridgov.platform.errors import BadInput, GridgovError
from gridgov.platform.settings import Settings

app = typer.Typer(no_args_is_help=True, help="A province's view over the cities of this installation (docs/scale.md).")
City = Annotated[list[str] | None, typer.Option(help="Only this city. Repeatable; default: every one.")]


@app.command()
def counts(
    since: Annotated[str | None, typer.Option("--from", help="First day, 2026-01-01; default: since ever.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="The day after the last; default: until ever.")] = None,
    city: City = None,
    stored: Annotated[bool, typer.Option("--stored", help="As they were rolled up last; nothing is counted.")] = False,
) -> None:
    """Counts by city and in sum. A city that does not answer is named, and the others are shown."""
    begin, end = _day(since, "from"), _day(until, "to")
    if not stored:
        _roll_up(city)
    with _shared() as session:
        found = province.view(session, Reader("", tuple(city) if city else None), begin, end, now=clock.utcnow())
    print("city\tas of\thouseholds\tincidents\tper 100 households\tcases\toverdue\tclosed\tclosed by the grid")
    for one in found.cities:
        at = one.as_of.isoformat(timespec="seconds") if one.as_of else "never"
        print(f"{one.code}\t{at}\t{_line(one.counts) if one.counts else 'missing'}")
    print(f"all\t\t{_line(found.total)}")
    if found.missing:
        print(f"missing, and in no sum: {', '.join(found.missing)}")


@app.command()
def refresh(city: City = None) -> None:
    """Let every city roll up its counts now, all days. A server does so by itself while somebody may ask."""
    _roll_up(city)


@app.command()
def reader(
    name: Annotated[str, typer.Argument(help="Of the office or system that asks; not of a person.")],
    city: City = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How long its token counts.")] = 365,
) -> None:
    """Let an office of the province read counts. Its token is printed once, and kept nowhere."""
    with _shared() as session:
        known = [one.code for one in cities_here(session)]
        print(province.add_reader(session, name, city or [], known_cities=known, now=clock.utcnow(), days=days))


@app.command()
def readers() -> None:
    """Who may read, without what is secret."""
    with _shared() as session:
        now = clock.utcnow()
        for row in province.readers(session):
            over = row.revoked_at is not None or row.expires_at <= now
            cities = ",".join(row.cities) if row.cities else "every city"
            print(f"{row.id}\t{row.name}\t{cities}\t{'over' if over else 'counts'}\tuntil {row.expires_at:%Y-%m-%d}")


@app.command()
def revoke(ident: Annotated[int, typer.Argument(metavar="ID", help="As “readers” shows it.")]) -> None:
    """End a reader's access at once."""
    with _shared() as session:
        province.revoke(session, ident, now=clock.utcnow())
    print("It counts no more.")


def _roll_up(chosen: list[str] | None) -> None:
    settings = Settings.load()
    with database(settings) as url, _shared() as session:
        codes = [one.code for one in cities_here(session) if not chosen or one.code in chosen]
    with database(settings) as url:
        for code in codes:
            house = built(url, settings, code, pool_size=2)
            try:
                with house.internally("counter") as session:
                    zone = house.locator.city(session).zone
                province.roll_up(house.internally, house.shared, code, zone, now=clock.utcnow(), anyway=True)
            except GridgovError as problem:
                print(f"{code}: {problem}")
            finally:
                house.close()


@contextmanager
def _shared() -> Iterator[Session]:
    """A transaction of the owner on what cities share."""
    with database(Settings.load()) as url:
        asked = Database(url, ANY, pool_size=1)
        try:
            with asked.transaction() as session:
                yield session
        finally:
            asked.close()


def _day(value: str | None, field: str) -> date | None:
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        raise BadInput(f"“{value}” is no date.", field=field, remedy="Write 2026-01-31.") from None


def _line(found: Counts) -> str:
    def share(value: float | None) -> str:
        return "-" if value is None else f"{value:.1%}"

    per = "-" if found.per_100_households is None else f"{found.per_100_households:.2f}"
    return (
        f"{found.households}\t{found.incidents}\t{per}\t{found.cases}\t{found.overdue} ({share(found.overdue_share)})\t"
        f"{found.closed}\t{found.closed_lowest} ({share(found.closed_lowest_share)})"
    )
