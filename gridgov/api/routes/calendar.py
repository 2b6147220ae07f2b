"""`/calendar`: the days and hours by which the city's limits count, and what that makes of a limit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Query
from pydantic import ConfigDict, Field, JsonValue

from gridgov.api.deps import CallerDep, HouseDep, instant
from gridgov.api.shapes import Body, Names
from gridgov.platform import days as verbs
from gridgov.platform.calendars import Limit, due
from gridgov.platform.days import FIRST_YEAR, LAST_YEAR, Day, DayChange

router = APIRouter(tags=["calendar"])
YearPath = Annotated[int, Path(ge=FIRST_YEAR, le=LAST_YEAR, description="A year.", examples=[2026])]
PreviewQuery = Annotated[bool, Query(description="Only say what would change.", examples=[True])]
MOST_DAYS = 366
HOURS: list[JsonValue] = ["08:00-12:00", "14:00-18:00"]
NATIONAL_DAY: JsonValue = {
    "day": "2026-10-01", "working": False, "names": {"zh": "国庆节", "en": "National Day"},
    "source": "国务院办公厅关于2026年部分节假日安排的通知（2025-11-04）",
}  # fmt: skip


class DayBody(Body):
    """A day that is free, or worked although it is a Saturday or Sunday (调休); `source` is the notice that says so."""

    day: date
    working: bool
    names: Names
    source: str = Field(min_length=1, max_length=200)

    @classmethod
    def of(cls, one: Day) -> Self:
        return cls(day=one.day, working=one.working, names=dict(one.names), source=one.source)


class CalendarBody(Body):
    """The calendar of a year.

    `known`: whether its free and worked days were ever loaded. Where not, only Saturdays and Sundays count as free, and
    due times in it may move; `known_until` is the last day for which they are known.
    """

    year: int
    known: bool
    known_until: date | None
    timezone: str = Field(examples=["Asia/Shanghai"])
    hours: list[str] = Field(examples=[HOURS], description="Working hours of a working day.")
    days: list[DayBody]


class CalendarDaysBody(Body):
    """All days of a year that are free, or worked although a Saturday or Sunday; others follow from the week."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"days": [NATIONAL_DAY]}]})

    days: list[DayBody] = Field(max_length=MOST_DAYS)


class CalendarHoursBody(Body):
    """Working hours in order, as 08:00-12:00; a day ends at 24:00."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"hours": HOURS}]})

    hours: list[str] = Field(min_length=1, max_length=12)


class DayChangeBody(Body):
    """A day before and after; null where nothing was, or is, said of it. `counts`: whether limits count differently."""

    day: date
    before: DayBody | None
    after: DayBody | None
    counts: bool

    @classmethod
    def of(cls, one: DayChange) -> Self:
        return cls(
            day=one.day,
            before=None if one.before is None else DayBody.of(one.before),
            after=None if one.after is None else DayBody.of(one.after),
            counts=one.counts,
        )


class DayChangesBody(Body):
    """What changed, or would change: `stored` says which."""

    stored: bool
    changes: list[DayChangeBody]


class DueBody(Body):
    """When a limit is used up. `known`: whether the calendar of every year in between is known."""

    opened_at: datetime
    limit: str = Field(examples=["2 work_day"])
    due_at: datetime
    known: bool


@router.get("/calendar", summary="The calendar of a year")
def calendar(
    house: HouseDep,
    caller: CallerDep,
    year: Annotated[
        int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR, description="Default: the present one.", examples=[2026])
    ] = None,
) -> CalendarBody:
    """Free days, make-up days and working hours."""
    with house.acting(caller) as work:
        found = house.calendar(work)
        wanted = year or work.now.astimezone(found.zone).year
        told = verbs.days(work.session, wanted, wanted)
    return CalendarBody(
        year=wanted,
        known=wanted in found.years,
        known_until=found.known_until,
        timezone=found.zone.key,
        hours=verbs.written_hours(found.hours),
        days=[DayBody.of(one) for one in told],
    )


@router.get("/calendar/due", summary="When a limit is used up")
def due_at(
    house: HouseDep,
    caller: CallerDep,
    limit: Annotated[
        str,
        Query(
            max_length=60,
            description="A whole number and urgent_minute, urgent_hour, work_hour, work_day or natural_day.",
            examples=["2 work_day"],
        ),
    ],
    opened: Annotated[
        str | None,
        Query(description="When it begins, an instant or date; default: now.", examples=["2026-09-30T16:00:00+08:00"]),
    ] = None,
) -> DueBody:
    """By the city's calendar, for a clock that is never paused."""
    wanted = Limit.parse(limit)
    with house.acting(caller) as work:
        found = house.calendar(work)
        begins = instant(opened, found.zone, "opened") or work.now
        ends = due(begins, wanted, found).astimezone(found.zone)
    first = begins.astimezone(found.zone)
    years = range(first.year, ends.year + 1)
    return DueBody(opened_at=first, limit=str(wanted), due_at=ends, known=all(year in found.years for year in years))


@router.put("/calendar/hours", summary="Working hours")
def put_hours(house: HouseDep, caller: CallerDep, body: CalendarHoursBody) -> CalendarHoursBody:
    """For clocks that are started from now on; those that run keep what was counted."""
    wanted = verbs.read_hours(body.hours)
    with house.acting(caller) as work:
        verbs.put_hours(work.session, wanted)
        return CalendarHoursBody(hours=verbs.written_hours(verbs.hours(work.session)))


@router.put("/calendar/{year}", summary="The days of a year")
def put_days(
    house: HouseDep, caller: CallerDep, year: YearPath, body: CalendarDaysBody, preview: PreviewQuery = False
) -> DayChangesBody:
    """Replaces all that was said of the days of this year, or with `preview` says what that would change."""
    wanted = [Day(one.day, one.working, one.names, one.source) for one in body.days]
    with house.acting(caller) as work:
        changes = (verbs.compare if preview else verbs.put)(work.session, wanted, {year})
    return DayChangesBody(stored=not preview, changes=[DayChangeBody.of(one) for one in changes])
