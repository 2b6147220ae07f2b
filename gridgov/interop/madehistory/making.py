"""Making a long history for a city, and taking it away again.

Owns those verbs: how many rows are allowed, whether the disk has the room, which ids are ours. Does not own the rows
(`drawing`) nor the load (`incidents.history`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Event
from typing import Protocol
from uuid import UUID

from gridgov.analytics import announcing
from gridgov.areas.locator import Locator
from gridgov.duties.router import Router
from gridgov.geo.crs import Datum
from gridgov.incidents import history, unloading
from gridgov.incidents.history import Loaded
from gridgov.incidents.months import month_of, next_month
from gridgov.incidents.pastrows import History
from gridgov.interop.madehistory import ground
from gridgov.interop.madehistory.drawing import TAG, Plan
from gridgov.platform.db import Database
from gridgov.platform.errors import BadInput, Refused

LEAST, MOST = 10_000, 100_000_000
SLICE = 250_000
# Of a row with its indexes and its key, measured at ten million (docs/performance.md), with a quarter to spare.
ROW_BYTES = 1_100
LOG_BYTES = 5 << 30  # of the write-ahead log between two checkpoints
GIB = 1 << 30


class BadNumber(BadInput):
    """So many incidents are not made."""

    code = "number-out-of-range"


class NoRoom(Refused):
    """The disk has not the room."""

    code = "no-room"


class House(Protocol):
    @property
    def db(self) -> Database: ...

    @property
    def locator(self) -> Locator: ...

    @property
    def router(self) -> Router: ...


@dataclass(frozen=True)
class Made:
    """A `pastrows.Source`."""

    name: str
    plan: Plan
    codes: Sequence[str]
    texts: Sequence[str]
    datum: Datum = Datum.WGS84

    def months(self) -> Sequence[tuple[date, int]]:
        return [(month, end - begin) for month, begin, end in self._spans() if end > begin]

    def slices(self, month: date) -> Iterator[History]:
        _, begin, end = next(one for one in self._spans() if one[0] == month)
        for start in range(begin, end, SLICE):
            yield self.plan.rows(start, min(end, start + SLICE))

    def _spans(self) -> Iterator[tuple[date, int, int]]:
        """(month, its first row, the first row after it)"""
        start = datetime.fromtimestamp(self.plan.start_us / 1e6, UTC)
        hours = len(self.plan.until_hour) - 1
        month, begin = month_of(start), 0
        while begin < self.plan.n:
            after = next_month(month)
            hour = min(hours, int((datetime(after.year, after.month, 1, tzinfo=UTC) - start) / timedelta(hours=1)))
            end = self.plan.n if hour == hours else self.plan.first_at(hour)
            yield month, begin, end
            month, begin = after, end


def source(house: House, n: int, *, seed: int, until: date) -> Made:
    """The history of n incidents in the city of the house, 36 months and what has passed of the one of `until`.

    Raises `BadNumber`, `CityUnknown`, `NoAreas`.
    """
    if not LEAST <= n <= MOST:
        raise BadNumber(f"{n:,} incidents are not made.", field="n", remedy=f"Ask for {LEAST:,} to {MOST:,}.")
    with house.db.transaction() as session:
        zone = house.locator.city(session).zone
        index = house.locator.index(session)
        plan, codes, texts = ground.plan(session, index, zone, seed=seed, n=n, until=until)
    if not codes:
        raise BadInput("The city has no matters yet.", remedy="Load a catalogue of categories first.")
    return Made(f"made {seed} {n} {until}", plan, codes, texts)


def make(
    house: House,
    n: int,
    *,
    seed: int,
    now: datetime,
    until: date | None = None,
    progress: history.Progress = lambda _step, _share, _rows: None,
    timer: history.Timer = lambda: 0.0,
    stop: Event | None = None,
    connections: int = 2,
) -> Loaded:
    """Makes n incidents and loads them; what is there already is not made twice. Raises `NoRoom` besides what `source`
    and `history.load` raise."""
    made = source(house, n, seed=seed, until=until or now.astimezone(UTC).date())
    first, last = (UUID(bytes=bytes(made.plan.rows(row, row + 1).id[0])) for row in (0, n - 1))
    if unloading.taken(house.db, first, last) == n:
        return Loaded(added=0, repeated=n, other=0, outside=0, kept_months=0)
    require_room(house.db, n)
    return history.load(
        house.db, made, locator=house.locator, router=house.router, announce=announcing.months_anew, now=now,
        connections=connections, progress=progress, timer=timer, stop=stop,
    )  # fmt: skip


def remove(house: House, *, progress: history.Progress = lambda _step, _share, _rows: None) -> int:
    """Takes away all that `make` made, finished or not, and nothing else; how many rows. Raises `StillUsed`."""
    history.discard(house.db)
    low = UUID(bytes=TAG + bytes(12))
    high = UUID(bytes=TAG + b"\xff" * 12)
    return unloading.remove(house.db, low, high, announce=announcing.months_anew, progress=progress)


def require_room(db: Database, n: int) -> None:
    """Raises `NoRoom`. Where the database's disk is another machine's, nothing can be said, and nothing is."""
    folder = unloading.data_folder(db)
    if not folder.is_dir():
        return
    needed, free = n * ROW_BYTES + min(LOG_BYTES, n * ROW_BYTES), shutil.disk_usage(folder).free
    if needed > free:
        raise NoRoom(
            f"{n:,} incidents need about {needed / GIB:.1f} GiB of the database's disk; {free / GIB:.1f} are free.",
            field="n",
            remedy="Make fewer, or give the database a larger disk.",
        )
