"""docs/clocks.md tells what the code does: its tables are worked out here and compared.

`python -m tests.unit.cases.test_clock_docs` writes them anew.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gridgov.cases import clocks
from gridgov.cases.clocks import Clock
from gridgov.platform.calendars import Calendar, Limit, due

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "clocks.md"
SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


def shipped() -> Calendar:
    with (ROOT / "geodata" / "calendar.csv").open(encoding="utf-8", newline="") as stream:
        rows = [(date.fromisoformat(row["day"]), row["working"] == "true") for row in csv.DictReader(stream)]
    return Calendar(
        SHANGHAI,
        free=frozenset(day for day, working in rows if not working),
        worked=frozenset(day for day, working in rows if working),
    )


CALENDAR, AMERICAN = shipped(), Calendar(NEW_YORK)
# What begins when, and what is to be seen in it.
DUE = (
    ("2026-09-18 22:00", "4 urgent_hour", "hours of the night and of free days count"),
    ("2026-09-18 17:00", "2 work_hour", "Saturday is free, Sunday 20 September is worked (调休)"),
    ("2026-09-23 11:00", "2 work_hour", "noon does not count"),
    ("2026-09-23 12:30", "4 work_hour", "begun at noon; it ends with the day, not next morning"),
    ("2026-09-30 16:00", "4 work_hour", "National Day is free from 1 to 7 October"),
    ("2026-10-09 16:00", "4 work_hour", "Saturday 10 October is worked"),
    ("2026-09-30 10:30", "1 work_day", "the same clock time on the next working day"),
    ("2026-09-30 10:30", "3 work_day", "8, 9 and the make-up Saturday"),
    ("2026-10-03 10:30", "1 work_day", "begun on a free day: all of 8 October"),
    ("2026-09-30 10:30", "2 natural_day", "free days count"),
    ("2025-12-31 16:00", "1 work_day", "1 to 3 January are free, Sunday 4 January is worked"),
)
TURNS = (
    ("2026-03-07 12:00", "1 natural_day", "the clocks leap from 2 to 3: 23 hours, the same clock time"),
    ("2026-03-07 12:00", "24 urgent_hour", "24 hours, by any clock"),
    ("2026-03-07 02:30", "1 natural_day", "half past two is leapt over: the instant of the leap"),
    ("2026-10-31 12:00", "1 natural_day", "the hour from 1 to 2 comes twice: 25 hours"),
    ("2026-10-31 12:00", "24 urgent_hour", "24 hours, by any clock"),
    ("2026-10-30 16:00", "4 work_hour", "working hours lie elsewhere in the day"),
)
LIMIT = Limit.parse("10 work_hour")
HISTORY: tuple[tuple[str, str, Callable[[Clock, datetime], Clock]], ...] = (
    ("2026-09-28 10:00", "pause (挂账)", lambda clock, at: clocks.pause(clock, at, CALENDAR)),
    ("2026-09-29 14:00", "resume", lambda clock, at: clocks.resume(clock, at, CALENDAR)),
    ("2026-09-30 11:00", "time passes", lambda clock, _: clock),
    ("2026-09-30 12:00", "extend by 5 work_hour", lambda clock, at: clocks.extend(
        clock, Limit.parse("5 work_hour"), at, CALENDAR)),
    ("2026-10-08 09:00", "time passes", lambda clock, _: clock),
    ("2026-10-08 10:00", "end", lambda clock, at: clocks.end(clock, at, CALENDAR)),
)  # fmt: skip


def at(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def shown(moment: datetime, zone: ZoneInfo, *, offset: bool = False) -> str:
    local = moment.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M}" + (f" {local:%z}"[:4] if offset else "")


def due_table(rows: tuple[tuple[str, str, str], ...], calendar: Calendar, *, offset: bool = False) -> str:
    lines = ["| begins | limit | due | to be seen |", "|---|---|---|---|"]
    for begins, limit, why in rows:
        opened = at(begins, calendar.zone)
        ends = shown(due(opened, Limit.parse(limit), calendar), calendar.zone, offset=offset)
        lines.append(f"| {opened:%a} {shown(opened, calendar.zone, offset=offset)} | {limit} | {ends} | {why} |")
    return "\n".join(lines)


def clock_table() -> str:
    lines = ["| at | what | used | share | yellow from | due | light |", "|---|---|---|---|---|---|---|"]
    begins = at("2026-09-28 08:00", SHANGHAI)
    clock = clocks.start("handle", LIMIT, begins, CALENDAR)
    lines.append(_line(clock, begins, f"start, {LIMIT}"))
    for moment, what, verb in HISTORY:
        now = at(moment, SHANGHAI)
        clock = verb(clock, now)
        lines.append(_line(clock, now, what))
    return "\n".join(lines)


def _line(clock: Clock, now: datetime, what: str) -> str:
    return (
        f"| {shown(now, SHANGHAI)} | {what} | {clocks.used_units(clock, now, CALENDAR):g} of "
        f"{clock.allowed // 3_600_000_000} | {clocks.share(clock, now, CALENDAR):.0%} | "
        f"{shown(clock.yellow_at, SHANGHAI)} | {shown(clock.due_at, SHANGHAI)} | {clocks.light(clock, now)} |"
    )


TABLES: dict[str, Callable[[], str]] = {
    "due": lambda: due_table(DUE, CALENDAR),
    "turns": lambda: due_table(TURNS, AMERICAN, offset=True),
    "clock": clock_table,
}


def part(text: str, name: str) -> re.Match[str]:
    """What stands between the marks of a table."""
    found = re.search(rf"(?s)(<!-- {name} -->\n)(.*?)(<!-- /{name} -->)", text)
    assert found is not None, f"docs/clocks.md has no place for {name}"
    return found


@pytest.mark.parametrize("name", TABLES)
def test_the_table_is_what_the_code_says(name: str) -> None:
    assert part(PAGE.read_text(encoding="utf-8"), name)[2] == TABLES[name]() + "\n"


def test_a_calendar_without_make_up_days_would_say_something_else() -> None:
    """The control."""
    assert due_table(DUE, Calendar(SHANGHAI, CALENDAR.free)) != due_table(DUE, CALENDAR)
    assert due_table(DUE, Calendar(SHANGHAI)) != due_table(DUE, CALENDAR)


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    for each, table in TABLES.items():
        place = part(page, each)
        page = page[: place.start(2)] + table() + "\n" + page[place.end(2) :]
    PAGE.write_text(page, encoding="utf-8")
