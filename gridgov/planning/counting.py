"""Counting the load: what is new since the mark, slice by slice, or everything anew.

Owns `planning_load` and how far it is counted. Incidents are looked up once, in bulk, when they come. A number is
counted when every transaction that could have drawn it or a lower one is over; so nothing is passed over, and nothing
counted twice. What becomes void after it was counted stays in until the load is counted anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.geo.locate import PointIndex
from gridgov.planning.load import ALL, IncidentPoints, Ints, Points
from gridgov.planning.queries import load as queries

Opened = Callable[[], AbstractContextManager[Session]]

SLICE = 1_000_000  # numbers that are counted in one go
MOST_ATOMS = 400_000  # of one index
LOOKED_UP = 4_000  # points at most
FEW = 8  # bases that are new are read by where they lie, and not by all that ever happened
TRIES, PAUSE_S = 40, 0.05


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What counting did. `settled` False: somebody still stores incidents, and the rest is counted the next time."""

    bases: int
    counted: int
    upto: int
    settled: bool = True


def refresh(
    opened: Opened,
    points: IncidentPoints,
    basis_ids: Sequence[int],
    *,
    zone: ZoneInfo,
    now: datetime,
    anew: bool = False,
    advance: Callable[[int, int], None] = lambda _done, _total: None,
) -> Refreshed:
    """Counts what is new at the atoms of some bases, slice by slice, each in transactions of its own: killed anywhere,
    the next goes on where it stood. `anew`: forgets what was counted first.

    `opened`: a transaction that sees every incident. `advance(done, total)`: numbers of incidents; may raise.
    """
    with opened() as session:
        upto = points.newest(session)
        storing = points.storing(session)  # asked after it: whoever drew a lower number is among them, or is over
    settled = _settled(opened, points, storing)
    if anew:
        with opened() as session:
            queries.take_marks(session, basis_ids, now)
            queries.forget(session, basis_ids)
            queries.mark(session, basis_ids, 0, now)
    with opened() as session:
        rows = queries.bases(session, basis_ids)
    if not settled:
        return Refreshed(len(rows), 0, min((row.upto for row in rows), default=0), settled=False)
    counted = 0
    for batch in _batches(rows):
        counted += _batch(opened, points, batch, upto, zone, now, advance)
    return Refreshed(len(rows), counted, upto)


def _settled(opened: Opened, points: IncidentPoints, storing: frozenset[str]) -> bool:
    """Whether these transactions are over; waits a moment for short ones."""
    for _ in range(TRIES):
        with opened() as session:
            if not storing & points.storing(session):
                return True
        time.sleep(PAUSE_S)
    return False


def _batches(rows: Sequence[Row[Any]]) -> Iterator[list[Row[Any]]]:
    """Bases that are counted together: as far as each other, no two of one community, not too many atoms at once."""

    def layer(row: Row[Any]) -> tuple[int, int]:
        return row.upto, sum(1 for other in rows if other.community_id == row.community_id and other.id < row.id)

    for _, alike in groupby(sorted(rows, key=layer), layer):
        batch: list[Row[Any]] = []
        for row in alike:
            if batch and sum(one.atoms for one in batch) + row.atoms > MOST_ATOMS:
                yield batch
                batch = []
            batch.append(row)
        yield batch


def _batch(
    opened: Opened,
    points: IncidentPoints,
    batch: Sequence[Row[Any]],
    upto: int,
    zone: ZoneInfo,
    now: datetime,
    advance: Callable[[int, int], None],
) -> int:
    after, ids = batch[0].upto, [row.id for row in batch]
    if after >= upto:
        return 0
    with opened() as session:
        groups = points.groups(session)
        near = queries.box(session, ids) if after == 0 and len(batch) <= FEW else None
    places, counted, begun = _Places(batch), 0, after
    while after < upto:
        last = upto if near is not None else min(after + SLICE, upto)
        with opened() as session:
            read = list(points.read(session, after=after, upto=last, box=near))
        sums = _Sums(places, groups, zone)
        for some in read:
            sums.add(some, places.locate(opened, some, last_of=sum(len(one.lon) for one in read)))
        with opened() as session:
            marks = queries.take_marks(session, ids, now)
            if any(marks.get(one) != after for one in ids):  # somebody else counts the same
                return counted
            _store(session, places, sums)
            queries.mark(session, ids, last, now)
        counted += sums.counted
        after = last
        advance(after - begun, upto - begun)
    return counted


class _Places:
    """The atoms of some bases as one row: atom `no` of a basis has the place `offset[basis] + no`."""

    def __init__(self, bases: Sequence[Row[Any]]) -> None:
        self.ids = [row.id for row in bases]
        self.atoms = {row.id: int(row.atoms) for row in bases}
        ends = np.cumsum([row.atoms for row in bases])
        self.offset = dict(zip(self.ids, [0, *ends[:-1].tolist()], strict=True))
        self.width = int(ends[-1])
        self._index: PointIndex | None = None

    def locate(self, opened: Opened, some: Points, *, last_of: int) -> Ints:
        """int64: the place of each of some points, -1 for none. `last_of`: how many there are in all. A few are looked
        up in the database's own index: making ours takes longer than they do."""
        if self._index is None and last_of > LOOKED_UP:
            with opened() as session:
                rows = queries.shapes(session, self.ids)
            shapes = shapely.from_wkb(np.array([bytes(row.wkb) for row in rows], dtype=object))
            self._index = PointIndex.build(shapes)
        if self._index is not None:
            return self._index.locate(some.lon, some.lat).astype(np.int64)
        place = np.full(len(some.lon), -1, dtype=np.int64)
        if len(place):
            with opened() as session:
                for row in queries.located(session, self.ids, some.lon.tolist(), some.lat.tolist()):
                    place[row.n - 1] = self.offset[row.basis_id] + row.no
        return place

    def parts(self, places: Ints) -> Iterator[tuple[int, slice, Ints]]:
        """(basis, which of them, their numbers in it) of ascending places."""
        cuts = np.searchsorted(places, [self.offset[one] for one in self.ids] + [self.width])
        for basis, first, end in zip(self.ids, cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
            if first < end:
                yield basis, slice(first, end), places[first:end] - self.offset[basis]


class _Sums:
    """Counts by month, group and atom as they come; those at no atom are let go."""

    def __init__(self, places: _Places, groups: Mapping[int, str], zone: ZoneInfo) -> None:
        self._places, self._zone = places, zone
        self.names = sorted(set(groups.values()))
        place = {name: number for number, name in enumerate(self.names)}
        self._group = np.full(max(groups, default=0) + 1, -1, dtype=np.int64)
        for category_id, name in groups.items():
            self._group[category_id] = place[name]
        self._keys: list[Ints] = []
        self._counts: list[Ints] = []
        self.counted = 0

    def add(self, some: Points, atom: Ints) -> None:
        """`atom`: the place of each, -1 for none."""
        hit = atom >= 0
        month = months_of(some.at_us[hit], self._zone)
        group = self._group[some.category_id[hit]]
        width = self._places.width
        keys, counts = np.unique((month * len(self.names) + group) * width + atom[hit], return_counts=True)
        self._keys.append(keys)
        self._counts.append(counts.astype(np.int64))
        self.counted += int(hit.sum())

    def tables(self) -> Iterator[tuple[date, int, Ints, Ints]]:
        """(month, number of the group, places, counts), month by month and group by group."""
        if not self._keys:
            return
        keys, place = np.unique(np.concatenate(self._keys), return_inverse=True)
        counts = np.bincount(place, np.concatenate(self._counts), len(keys)).astype(np.int64)
        width = self._places.width
        head, atom = np.divmod(keys, width)
        cuts = np.flatnonzero(np.diff(head)) + 1
        for first, end in zip([0, *cuts.tolist()], [*cuts.tolist(), len(keys)], strict=True):
            month, group = divmod(int(head[first]), len(self.names))
            yield month_date(month), group, atom[first:end], counts[first:end]

    def by_basis(self) -> dict[tuple[int, date, str], tuple[Ints, Ints]]:
        """(basis, month, group) -> (numbers of atoms, counts)."""
        found: dict[tuple[int, date, str], tuple[Ints, Ints]] = {}
        for month, group, atoms, counts in self.tables():
            for basis, which, numbers in self._places.parts(atoms):
                found[basis, month, self.names[group]] = numbers, counts[which]
        return found


def _store(session: Session, places: _Places, sums: _Sums) -> None:
    """Adds the sums to what is held, and to that of all groups together."""
    added = sums.by_basis()
    if not added:
        return
    held = queries.held(session, places.ids, sorted({month for _, month, _ in added}))
    changed: dict[tuple[int, date, str], Ints] = {}
    for (basis, month, group), (numbers, counts) in added.items():
        for key in ((basis, month, group), (basis, month, ALL)):
            if key not in changed:
                changed[key] = held[key] if key in held else np.zeros(places.atoms[basis], dtype=np.int64)
            changed[key][numbers] += counts
    queries.put(session, ((*key, counts) for key, counts in sorted(changed.items(), key=lambda one: one[0])))


def months_of(at_us: Ints, zone: ZoneInfo) -> Ints:
    """int64: the month of each instant as the city's calendar has it, counted from the year 0."""
    if not len(at_us):
        return np.zeros(0, dtype=np.int64)
    first, last = (_month(datetime.fromtimestamp(int(us) // 1_000_000, UTC), zone) for us in (at_us.min(), at_us.max()))
    begins = [_begin_us(month, zone) for month in range(first, last + 2)]
    return first - 1 + np.searchsorted(np.array(begins, dtype=np.int64), at_us, side="right")


def month_date(month: int) -> date:
    """The first day of a month that is counted from the year 0."""
    return date(month // 12, month % 12 + 1, 1)


def _month(moment: datetime, zone: ZoneInfo) -> int:
    local = moment.astimezone(zone)
    return local.year * 12 + local.month - 1


def _begin_us(month: int, zone: ZoneInfo) -> int:
    first = month_date(month)
    return int(datetime(first.year, first.month, 1, tzinfo=zone).timestamp()) * 1_000_000
