"""The days and hours of a city's calendar as they are stored: kept in memory, compared, replaced.

Owns `platform_day` and `platform_hours`, and their revision "calendar". Does not own counting (`calendars`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from threading import Lock
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gridgov.platform import queries
from gridgov.platform.calendars import HOURS, BadCalendar, Calendar, Hours
from gridgov.platform.db import bump

NOUN = "calendar"
FIRST_YEAR, LAST_YEAR = 1900, 2199
_UTC = ZoneInfo("UTC")
_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*[-–]\s*(?:([01]\d|2[0-3]):([0-5]\d)|24:00)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Day:
    """A day that is free although it may be in the week, or worked although a weekend. `names`: {"zh": …, "en": …}."""

    day: date
    working: bool
    names: Mapping[str, str]
    source: str


@dataclass(frozen=True, slots=True)
class DayChange:
    """A day before and after; None where it was not, or is no more, told of."""

    day: date
    before: Day | None
    after: Day | None

    @property
    def counts(self) -> bool:
        """Whether it changes what counts, and not only what is said of the day."""
        return _working(self.day, self.before) != _working(self.day, self.after)


class Days:
    """The calendar in memory, kept fresh by the revision "calendar". Safe for many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._revision = -1
        self._kept: dict[str, Calendar] = {}

    def calendar(self, session: Session, zone: ZoneInfo, *, revision: int) -> Calendar:
        """The city's calendar as of this revision, in its zone."""
        with self._lock:
            if revision != self._revision:
                self._kept = {}
                self._revision = revision
            if zone.key not in self._kept:
                self._kept[zone.key] = calendar(session, zone)
            return self._kept[zone.key]


def calendar(session: Session, zone: ZoneInfo) -> Calendar:
    """The calendar as it is stored now."""
    found = days(session, FIRST_YEAR, LAST_YEAR)
    return Calendar(
        zone,
        free=frozenset(one.day for one in found if not one.working),
        worked=frozenset(one.day for one in found if one.working),
        hours=hours(session),
        years=frozenset(one.day.year for one in found),
    )


def days(session: Session, first_year: int, last_year: int) -> list[Day]:
    """Days of these years that are told of, in order."""
    found = queries.days(session, date(first_year, 1, 1), date(last_year, 12, 31))
    return [Day(row.day, row.working, row.names, row.source) for row in found]


def hours(session: Session) -> Hours:
    """Working hours of a working day."""
    return tuple((row.starts, row.ends) for row in queries.hours(session)) or HOURS


def compare(session: Session, wanted: Collection[Day], years: Collection[int]) -> list[DayChange]:
    """What would change if exactly these days were told of in these years; nothing is stored. Raises `BadCalendar`."""
    check(wanted, years)
    if not years:
        return []
    before = {one.day: one for one in days(session, min(years), max(years)) if one.day.year in years}
    after = {one.day: one for one in wanted}
    return [
        DayChange(day, before.get(day), after.get(day))
        for day in sorted(before.keys() | after.keys())
        if before.get(day) != after.get(day)
    ]


def put(session: Session, wanted: Collection[Day], years: Collection[int]) -> list[DayChange]:
    """Makes it so that exactly these days are told of in these years; what changed. Raises `BadCalendar`."""
    queries.hold_calendar(session)
    changes = compare(session, wanted, years)
    if changes:
        rows = [
            {"day": str(one.day), "working": one.working, "names": dict(one.names), "source": one.source}
            for one in (change.after for change in changes)
            if one is not None
        ]
        gone = [change.day for change in changes if change.after is None]
        queries.put_days(session, json.dumps(rows, ensure_ascii=False), gone)
        bump(session, NOUN)
    return changes


def put_hours(session: Session, wanted: Hours) -> bool:
    """Makes these the working hours; whether that changed any. Raises `BadCalendar`."""
    Calendar(_UTC, hours=wanted)  # refuses what no day has
    queries.hold_calendar(session)
    if wanted == hours(session):
        return False
    queries.put_hours(session, wanted)
    bump(session, NOUN)
    return True


def read_hours(windows: Iterable[str]) -> Hours:
    """Working hours from texts like "08:00-12:00"; a day ends at 24:00. Raises `BadCalendar`."""
    found: list[tuple[time, time]] = []
    for text in windows:
        match = _WINDOW.fullmatch(text.strip())
        if match is None:
            raise BadCalendar(f"{text[:40]!r} is no span of hours.", field="hours", remedy="Write 08:00-12:00.")
        starts, ends = match.group(1, 2), match.group(3, 4)
        found.append((time(int(starts[0]), int(starts[1])), time(int(ends[0] or 0), int(ends[1] or 0))))
    Calendar(_UTC, hours=tuple(found))  # refuses what no day has
    return tuple(found)


def written_hours(windows: Hours) -> list[str]:
    """What `read_hours` reads."""
    return [f"{starts:%H:%M}-{'24:00' if ends == time() else f'{ends:%H:%M}'}" for starts, ends in windows]


def check(wanted: Iterable[Day], years: Collection[int]) -> None:
    """Raises `BadCalendar` for a day that comes twice, lies in no such year, or would be worked anyway."""
    seen: set[date] = set()
    for one in wanted:
        if one.day.year not in years or not FIRST_YEAR <= one.day.year <= LAST_YEAR:
            raise BadCalendar(f"{one.day} lies in another year.", field="day", remedy="Give each year its own days.")
        if one.day in seen:
            raise BadCalendar(f"{one.day} comes twice.", field="day", remedy="Leave one of the two out.")
        if one.working and _working(one.day, None):
            raise BadCalendar(
                f"{one.day} is no Saturday or Sunday and is worked anyway.",
                field="working",
                remedy="Look whether the day or the word is wrong; leave plain working days out.",
            )
        if not one.names or not 1 <= len(one.source) <= 200:
            raise BadCalendar(
                f"{one.day} has no name, or no source of 1 to 200 characters.",
                field="source",
                remedy="Say what day it is and which notice says so.",
            )
        seen.add(one.day)


def _working(day: date, told: Day | None) -> bool:
    return day.isoweekday() <= 5 if told is None else told.working
