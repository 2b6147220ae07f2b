"""`gridgov calendar`: the days and hours by which the city's limits count."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.cli.house import opened
from gridgov.platform import clock, days
from gridgov.platform.calendars import Calendar, Limit, due
from gridgov.platform.days import FIRST_YEAR, LAST_YEAR, Day, DayChange
from gridgov.platform.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The city's working calendar (docs/clocks.md).")


@app.command()
def show(
    year: Annotated[
        int | None, typer.Argument(min=FIRST_YEAR, max=LAST_YEAR, help="A year; default: the present one.")
    ] = None,
) -> None:
    """Free days, make-up days and working hours of a year."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        found = _calendar(session)
        wanted = year or clock.utcnow().astimezone(found.zone).year
        told = days.days(session, wanted, wanted)
    print(f"{wanted}, {found.zone.key}, working hours {' '.join(days.written_hours(found.hours))}")
    for one in told:
        print(f"  {_day(one.day)}  {_said(one)}  {one.source}")
    if wanted not in found.years:
        until = f"known until {found.known_until}" if found.known_until else "nothing is known"
        print(f"  Not known: only Saturdays and Sundays count as free ({until}). Load it: gridgov import calendar FILE")


@app.command()
def hours(
    windows: Annotated[list[str], typer.Argument(help="Spans of a working day, as 08:00-12:00 14:00-18:00.")],
) -> None:
    """Set the working hours."""
    wanted = days.read_hours(windows)
    with opened(Settings.load()) as house, house.db.transaction() as session:
        changed = days.put_hours(session, wanted)
    print(f"working hours {' '.join(days.written_hours(wanted))}{'' if changed else ' (as before)'}")


@app.command("due")
def due_at(
    limit: Annotated[str, typer.Argument(help='As "2 work_day".')],
    opened_at: Annotated[
        datetime | None, typer.Option("--from", help="When it begins, by the city's clock; default: now.")
    ] = None,
) -> None:
    """When a limit is used up."""
    wanted = Limit.parse(limit)
    with opened(Settings.load()) as house, house.db.transaction() as session:
        found = _calendar(session)
    begins = opened_at.replace(tzinfo=opened_at.tzinfo or found.zone) if opened_at else clock.utcnow()
    ends = due(begins, wanted, found).astimezone(found.zone)
    print(f"{begins.astimezone(found.zone):%Y-%m-%d %H:%M} + {wanted} = {ends:%Y-%m-%d %H:%M}")
    if not all(year in found.years for year in range(begins.astimezone(found.zone).year, ends.year + 1)):
        until = found.known_until or "no day"
        print(f"  The calendar is known until {until}; after it only Saturdays and Sundays count as free.")


def written_change(change: DayChange) -> str:
    """One line: the day, what was said of it, what is said now."""
    before, after = (_said(one) if one else "plain" for one in (change.before, change.after))
    return f"{_day(change.day)}  {before} -> {after}"


def _calendar(session: Session) -> Calendar:
    return days.calendar(session, areas.city(session).zone)


def _day(day: date) -> str:
    return f"{day} {day:%a}"


def _said(one: Day) -> str:
    chinese_first = sorted(one.names, key=lambda language: (language != "zh", language))
    return f"{'worked' if one.working else 'free'} {' '.join(one.names[language] for language in chinese_first)}"
