"""Due times after the calendar has changed: what runs is counted anew from its history.

Owns which cases are concerned and that each is counted under its lock. Does not own when (`api.keeping`), nor counting
(`clocks`). What it costs grows with the clocks that run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from sqlalchemy.orm import Session

from gridgov.cases import records
from gridgov.cases.applying import fold
from gridgov.cases.queries import recounting as queries
from gridgov.platform.calendars import Calendar
from gridgov.platform.db import revisions, settle

CALENDAR, DONE = "calendar", "cases-calendar"
SLICE = 200

Opened = Callable[[], AbstractContextManager[tuple[Session, Calendar]]]


def recount(opened: Opened) -> int:
    """Counts every running case anew where the calendar is newer than the last count; how many changed.

    `opened`: a transaction that sees all cases, and the calendar as it sees it. A count that was interrupted begins
    anew; a calendar that changes meanwhile is counted by the next.
    """
    with opened() as (session, _):
        marks = revisions(session)
        wanted = marks.get(CALENDAR, 0)
        if marks.get(DONE, 0) >= wanted:
            return 0
        numbers = queries.running(session)
    changed = 0
    for start in range(0, len(numbers), SLICE):
        with opened() as (session, calendar):
            changed += _slice(session, numbers[start : start + SLICE], calendar)
    with opened() as (session, _):
        settle(session, DONE, wanted)
    return changed


def _slice(session: Session, numbers: Sequence[int], calendar: Calendar) -> int:
    changed = 0
    histories, clocks = queries.held(session, numbers)
    for row in queries.locked(session, numbers):
        file = fold(row.id, row.channel, [records.event_of(one) for one in histories[row.number]], calendar)
        if file.version != row.version:  # somebody moved it between the two looks, and counted it with that
            continue
        stored = {(one.seq, one.summons, one.name): one for one in clocks.get(row.number, ())}
        other = [
            one for one in records.changed_clocks(None, file)
            if stored[one["seq"], one["summons"], one["name"]].due_at != one["due_at"]
        ]  # fmt: skip
        if other:
            queries.recount(session, row.number, row.id, records.file_values(file), other)
            changed += 1
    return changed
