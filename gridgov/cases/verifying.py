"""Whether cases stand as their histories say: replays events and compares with every row that follows from them.

Owns the comparison. Does not own the rows' form (`records`), nor who asks (`cli`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.cases import records
from gridgov.cases.applying import fold
from gridgov.cases.file import CaseFile
from gridgov.cases.queries import verifying as queries
from gridgov.platform import days

SLICE = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """The first value that does not follow from the history. `row`: which row of the table, by its key."""

    number: int
    table: str
    row: str
    column: str
    stored: Any
    replayed: Any

    def __str__(self) -> str:
        where = f"{self.table} {self.row}".strip()
        return f"case {self.number}: {where}: {self.column} is {self.stored!r}, its history says {self.replayed!r}"


@dataclass(frozen=True, slots=True)
class Verified:
    """How many cases and events were replayed, and the first difference; None where there is none."""

    cases: int
    events: int
    difference: Difference | None


def verify(session: Session, *, most: int | None = None, after: int = 0) -> Verified:
    """Replays cases in the order of their numbers, those after the number `after`, `most` of them or all."""
    calendar = days.calendar(session, areas.city(session).zone)
    cases = events = 0
    while most is None or cases < most:
        rows = queries.cases_after(session, after, SLICE if most is None else min(SLICE, most - cases))
        if not rows:
            break
        numbers = [row.number for row in rows]
        held = {table: queries.children(session, table, numbers) for table in queries.CHILDREN}
        for row in rows:
            history = [records.event_of(one) for one in held["cases_event"].get(row.number, ())]
            cases, events = cases + 1, events + len(history)
            try:
                file = fold(row.id, row.channel, history, calendar)
            except (ValueError, StopIteration, RuntimeError) as fault:
                broken = Difference(row.number, "cases_event", "", "seq", len(history), str(fault))
                return Verified(cases, events, broken)
            for difference in _differences(row, file, {table: held[table].get(row.number, []) for table in held}):
                return Verified(cases, events, difference)
        after = numbers[-1]
    return Verified(cases, events, None)


def _differences(row: Row[Any], file: CaseFile, held: Mapping[str, Sequence[Row[Any]]]) -> Iterator[Difference]:
    yield from _row(row.number, "cases", "", row, records.file_values(file))
    clocks = {f"{one['seq']}/{one['summons']}/{one['name']}": one for one in records.changed_clocks(None, file)}
    stored = {f"{one.seq}/{one.summons}/{one.name}": one for one in held["cases_clock"]}
    yield from _rows(row.number, "cases_clock", stored, clocks)
    summons = {str(one["summons"]): one for one in records.changed_summons(None, file)}
    for one in summons.values():
        one.pop("late")  # judged when it last changed
    yield from _rows(row.number, "cases_summons", {str(one.summons): one for one in held["cases_summons"]}, summons)


def _rows(
    number: int, table: str, stored: Mapping[str, Row[Any]], replayed: Mapping[str, Mapping[str, Any]]
) -> Iterator[Difference]:
    for key in sorted(set(stored) | set(replayed)):
        if key not in stored or key not in replayed:
            yield Difference(number, table, key, "row", key in stored, key in replayed)
        else:
            yield from _row(number, table, key, stored[key], replayed[key])


def _row(number: int, table: str, key: str, stored: Row[Any], replayed: Mapping[str, Any]) -> Iterator[Difference]:
    for column, value in replayed.items():
        found = getattr(stored, column)
        if _plain(found) != _plain(value):
            yield Difference(number, table, key, column, found, value)


def _plain(value: Any) -> Any:
    """Days as texts, as events carry them."""
    return value.isoformat() if hasattr(value, "isoformat") and not hasattr(value, "hour") else value
