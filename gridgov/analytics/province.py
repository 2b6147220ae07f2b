"""A province's view over its cities: additive counts that each city rolls up, never a single incident.

    roll-up   each city counts its own days and keeps them in the shared schema, where one read shows them all
    reader    an office of the province with a token and a scope of cities; it has no post in any city

Owns the roll-up, readers, and what is said of a city whose counts are old or were never made: it is named as missing
and counts in no sum, and the others are shown. Does not own when cities roll up (`api.keeping`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.analytics.queries import province as queries
from gridgov.auth.credentials import digest_of
from gridgov.platform.crypto import new_secret
from gridgov.platform.errors import BadInput, NotFound, Unauthenticated

LATEST = timedelta(days=3)  # these days are counted at each roll-up, all of them once a day
WHOLE_EVERY = timedelta(days=1)
OLD_AFTER = timedelta(minutes=10)  # a city that has not rolled up for so long does not answer
Opened = Callable[[str], AbstractContextManager[Session]]


class ReaderUnknown(Unauthenticated):
    """The token is no reader's, has expired, or was revoked; which of these is not said."""

    code = "reader-unknown"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks. `cities`: codes in its scope; None: every city."""

    name: str
    cities: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums over days; shares are None where there is nothing to divide by.

    overdue: cases whose clock ran out before they ended, or before the roll-up. closed_lowest: closed cases that the
    grid had, the lowest tier.
    """

    households: int
    incidents: int
    cases: int
    overdue: int
    closed: int
    closed_lowest: int

    @property
    def per_100_households(self) -> float | None:
        return _ratio(100 * self.incidents, self.households)

    @property
    def overdue_share(self) -> float | None:
        return _ratio(self.overdue, self.cases)

    @property
    def closed_lowest_share(self) -> float | None:
        return _ratio(self.closed_lowest, self.closed)


@dataclass(frozen=True, slots=True)
class CityCounts:
    """One city. `as_of`: of its latest three days; `whole_as_of`: of those before; `counts` is None where missing."""

    code: str
    names: Mapping[str, str]
    as_of: datetime | None
    whole_as_of: datetime | None
    counts: Counts | None


@dataclass(frozen=True, slots=True)
class View:
    """Cities by code, those that are missing, and the sum of those that are not."""

    cities: tuple[CityCounts, ...]
    missing: tuple[str, ...]
    total: Counts


def roll_up(inside: Opened, shared: Opened, city: str, zone: ZoneInfo, *, now: datetime, anyway: bool = False) -> bool:
    """Counts a city's latest days, or all where that was a day ago, and keeps them. False: nobody asks for them.

    `inside` opens the city's own transactions, `shared` those of what cities share, both as the role named.
    """
    with shared("counter") as session:
        if not anyway and not queries.any_reader(session, now):
            return False
        standing = queries.standing(session, city)
    whole = anyway or standing is None or not timedelta() <= now - standing.whole_as_of < WHOLE_EVERY
    first = None if whole else (now - LATEST).astimezone(zone).date()
    since = None if first is None else datetime(first.year, first.month, first.day, tzinfo=zone)
    with inside("counter") as session:
        rows = queries.counted(session, str(zone), since, now)
        households = queries.households(session, now)
    whole_as_of = now if whole or standing is None else standing.whole_as_of
    with shared("counter") as session:
        queries.keep(session, city, rows, first, as_of=now, whole_as_of=whole_as_of, households=households)
    return True


def known(session: Session, token: str, now: datetime) -> Reader:
    """Whose token it is. Raises `ReaderUnknown`."""
    row = queries.reader(session, digest_of(token), now) if token else None
    if row is None:
        raise ReaderUnknown("This is no token of a province's reader.", remedy="Ask for one: gridgov province reader.")
    return Reader(row.name, None if row.cities is None else tuple(row.cities))


def view(session: Session, reader: Reader, since: date | None, until: date | None, *, now: datetime) -> View:
    """The counts of every city in the reader's scope from one day to before another. Raises `BadInput`."""
    if since is not None and until is not None and until < since:
        raise BadInput("The range ends before it begins.", field="to", remedy="Give “from” before “to”.")
    cities = tuple(_city(row, now) for row in queries.kept(session, since, until, reader.cities))
    there = [one.counts for one in cities if one.counts is not None]
    total = Counts(*(sum(getattr(one, name) for one in there) for name in Counts.__slots__))
    return View(cities, tuple(one.code for one in cities if one.counts is None), total)


def add_reader(
    session: Session, name: str, cities: Sequence[str], *, known_cities: Sequence[str], now: datetime, days: int
) -> str:
    """A new reader's token, which is kept nowhere. No cities: every one, also later ones. Raises `BadInput`."""
    if not 1 <= len(name.strip()) <= 80:
        raise BadInput("A reader has a name of at most 80 characters.", field="name", remedy="Name the office.")
    unknown = sorted(set(cities) - set(known_cities))
    if unknown:
        raise BadInput(f"There is no city “{unknown[0]}”.", field="city", remedy="Those there are: gridgov city list.")
    secret = new_secret()
    queries.add_reader(
        session, name.strip(), digest_of(secret), sorted(set(cities)) or None, now, now + timedelta(days=days)
    )
    return secret


def readers(session: Session) -> list[Row[Any]]:
    """Every reader, without what is secret."""
    return queries.readers(session)


def revoke(session: Session, ident: int, *, now: datetime) -> None:
    """Raises `NotFound`."""
    if not queries.revoke(session, ident, now):
        raise NotFound(f"No reader {ident} counts.", field="id", remedy="Look at “gridgov province readers”.")


def _city(row: Row[Any], now: datetime) -> CityCounts:
    fresh = row.as_of is not None and now - row.as_of < OLD_AFTER
    values = (row.households, row.incidents, row.cases, row.overdue, row.closed, row.closed_lowest)
    return CityCounts(row.code, row.names, row.as_of, row.whole_as_of, Counts(*values) if fresh else None)


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 6) if whole else None
