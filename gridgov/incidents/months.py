"""Monthly partitions of incidents. No date is refused: what has no month of its own lies in the default partition."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from gridgov.incidents import queries

AHEAD = 3


def month_of(moment: datetime) -> date:
    """The first day of the moment's month in UTC."""
    return moment.astimezone(UTC).date().replace(day=1)


def next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def ensure_months(session: Session, months: Iterable[date]) -> int:
    """Makes the partitions that are missing and moves in what the default one held for them. Returns their number."""
    wanted = {f"incidents_{first:%Y_%m}": first for first in months}
    if not wanted or set(wanted) <= queries.partitions(session):
        return 0
    queries.lock_months(session)
    missing = {name: first for name, first in wanted.items() if name not in queries.partitions(session)}
    for name, first in sorted(missing.items()):
        queries.add_month(session, name, first, next_month(first))
    return len(missing)


def ensure_coming(session: Session, now: datetime) -> int:
    """This month and the next three; called at every start and once a day."""
    months = [month_of(now)]
    for _ in range(AHEAD):
        months.append(next_month(months[-1]))
    return ensure_months(session, months)
