"""Exact counts by place for any categories and period without looking at what is stored: sums from month to month.

Owns the sums beside base segments, which categories have some, and who keeps them. Does not own the order of rows
within a month (`slices`) nor filters by anything but category, time and place (`scan`).

For a category with a row of its own, `upto[m]` says how many of its rows lie in each place in all months before month
m of the base, so that a run of months is one subtraction (Ho et al., Range Queries in OLAP Data Cubes, 1997). Row 0 is
that of all categories. As many categories have a row as the budget allows, those with most rows first; the others are
few rows each, and are counted in the slices of their months. A month that the period cuts is counted in its slices; if
most of it is wanted, all of it and less what is not. Of all categories together, whole local days are sums too.
Changes since are few and are scanned.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Lock
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.period import local_day, midnight
from gridgov.analytics.store import scan
from gridgov.analytics.store.chosen import EARLIEST, LATEST, Chosen, Mask
from gridgov.analytics.store.columns import month_start, start_s
from gridgov.analytics.store.rows import Ints, each, meets, period_of
from gridgov.analytics.store.slices import Slices
from gridgov.analytics.store.view import Segment, View

BUDGET_BYTES = 256 << 20
"""For the sums of a family; slices take 8 bytes a row besides."""
ANEW = 2
"""How many times as many rows a category must have as the least one with a row of its own, to take its place."""
THREADS = 2
_ALL_ROWS = Chosen(EARLIEST, LATEST, None, None, None, None, None, None, None)


@dataclass(frozen=True, eq=False)
class Cube:
    """`categories`: those that have rows at all, rising, with as many `counts`. `row_of[category]`: 1 up to the number
    of rows of the sums, 0 for none. `upto`: one more than months, int32[rows][places so far]."""

    base: tuple[Segment, ...]
    slices: tuple[Slices, ...]
    categories: Ints
    counts: Ints
    row_of: NDArray[np.int32]
    upto: tuple[NDArray[np.int32], ...]
    days: Days

    @property
    def nbytes(self) -> int:
        """Bytes of the sums."""
        return sum(one.nbytes for one in self.upto)

    def places(self, view: View, wanted: Chosen) -> Ints:
        """int64[places of the view]: chosen rows by place. `wanted` must be additive, the view of this very base."""
        out = np.zeros(len(view.places), np.int64)
        asked, weight = self._smaller(wanted.category)
        if weight < 0:
            self._sum(None, wanted, 1, out)
        self._sum(asked, wanted, weight, out)
        if view.changes:
            out += scan.count(view.changes, wanted, (each("place", len(out)),))
        for mask in (wanted.place, wanted.reach_place):
            if mask is not None:
                out[~mask] = 0
        return out

    def spans(self, view: View, wanted: Chosen, edges: Ints) -> Ints:
        """int64[n]: chosen rows by time, cut at n + 1 rising edges (seconds since 1970), wherever they lie.

        `wanted` must be additive and ask for no place.
        """
        out = np.zeros(len(edges) - 1, np.int64)
        since, until = max(wanted.since, int(edges[0])), min(wanted.until, int(edges[-1]))
        for one, slices in zip(self.base, self.slices, strict=True):
            if meets(one, since, until):
                cut = np.clip(edges, since, until) - one.start_s
                if wanted.category is not None or not self.days.add_spans(one, cut, out):
                    slices.add_spans(wanted.category, cut, out)
        return out + scan.count(view.changes, wanted, edges=edges)

    def by_category(self, view: View, wanted: Chosen, size: int) -> Ints:
        """int64[size]: chosen rows by category. The same is asked of `wanted`."""
        out = np.zeros(size, np.int64)
        for one, slices in zip(self.base, self.slices, strict=True):
            if meets(one, wanted.since, wanted.until):
                slices.add_categories(*period_of(one, wanted.since, wanted.until), out)
        if wanted.category is not None:
            kept = np.zeros(size, np.bool_)
            kept[: len(wanted.category)] = wanted.category[:size]
            out[~kept] = 0
        return out + scan.count(view.changes, wanted, (each("category", size),))

    def _smaller(self, wanted: Mask | None) -> tuple[Mask | None, int]:
        """The categories and +1; or, where that is fewer rows, those that are not wanted and −1 (from all)."""
        if wanted is None:
            return None, 1
        there = np.zeros(len(self.categories), np.bool_)
        known = self.categories < len(wanted)
        there[known] = wanted[self.categories[known]]
        if 2 * int(self.counts[there].sum()) <= int(self.counts.sum()):
            return wanted, 1
        others = np.zeros(int(self.categories[-1]) + 1 if len(self.categories) else 1, np.bool_)
        others[self.categories[~there]] = True
        return others, -1

    def _sum(self, wanted: Mask | None, period: Chosen, weight: int, out: Ints) -> None:
        """out[place] += weight × rows of the base of these categories in the period."""
        whole: list[int] = []
        for place, one in enumerate(self.base):
            if not meets(one, period.since, period.until):
                continue
            begin, end = period_of(one, period.since, period.until)
            length_s = start_s(one.month + 1) - one.start_s
            if begin <= 0 and end >= length_s:
                whole.append(place)
            elif wanted is None and self.days.add(one, begin, end, weight, out):
                continue
            elif 2 * (end - begin) > length_s:
                whole.append(place)
                self.slices[place].add_places(wanted, 0, begin, -weight, out)
                self.slices[place].add_places(wanted, end, length_s, -weight, out)
            else:
                self.slices[place].add_places(wanted, begin, end, weight, out)
        if whole:
            self._sum_months(wanted, whole[0], whole[-1] + 1, weight, out)

    def _sum_months(self, wanted: Mask | None, first: int, after: int, weight: int, out: Ints) -> None:
        if wanted is None:
            rows, rest = np.zeros(1, np.int64), None
        else:
            known = self.row_of[: len(wanted)]
            rows = known[wanted[: len(known)] & (known > 0)].astype(np.int64)
            rest = wanted.copy()
            rest[: len(known)][known > 0] = False
        for upto, sign in ((self.upto[after], weight), (self.upto[first], -weight)):
            out[: upto.shape[1]] += sign * upto[rows].sum(axis=0, dtype=np.int64)
        if rest is not None and rest[self.categories[self.categories < len(rest)]].any():
            for slices in self.slices[first:after]:
                slices.add_places(rest, 0, _MONTH_S, weight, out)


_MONTH_S = 31 * 86_400


class Days:
    """Rows of all categories by place up to each local day of a month, for months that were asked for. Thread-safe."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._kept: WeakKeyDictionary[Segment, tuple[NDArray[np.int32], Ints]] = WeakKeyDictionary()
        self._lock = Lock()

    def add(self, segment: Segment, begin: int, end: int, weight: int, out: Ints) -> bool:
        """out[place] += weight × rows of some seconds of the month; False, and nothing, if days do not end there."""
        edges = self.edges(segment.month)
        first, last = (int(np.searchsorted(edges, moment)) for moment in (begin, end))
        if edges[first] != begin or edges[last] != end:
            return False
        upto, _ = self._upto(segment, edges)
        for place, sign in ((last, weight), (first, -weight)):
            out[: upto.shape[1]] += sign * upto[place].astype(np.int64)
        return True

    def add_spans(self, segment: Segment, cut: Ints, out: Ints) -> bool:
        """out[i] += rows from cut[i] up to cut[i + 1], in seconds of the month; False if days do not end there."""
        edges = self.edges(segment.month)
        inside = np.clip(cut, 0, edges[-1])
        places = np.searchsorted(edges, inside)
        if not np.array_equal(edges[places], inside):
            return False
        out += np.diff(self._upto(segment, edges)[1][places])
        return True

    def edges(self, month: int) -> Ints:
        """Midnights of the city within a month, in its seconds, and its own two ends."""
        begin, after = month_start(month), month_start(month + 1)
        day: date = local_day(begin, self.zone)
        found = {0, int((after - begin).total_seconds())}
        while (moment := midnight(day, self.zone)) < after:
            found.add(max(0, int(moment.timestamp()) - int(begin.timestamp())))
            day += timedelta(days=1)
        return np.array(sorted(found), dtype=np.int64)

    def _upto(self, segment: Segment, edges: Ints) -> tuple[NDArray[np.int32], Ints]:
        """Rows up to each edge, by place and of all places."""
        kept = self._kept.get(segment)
        if kept is None:
            places = int(np.asarray(segment.columns["place"]).max(initial=0)) + 1
            found = scan.count(
                (segment,), _ALL_ROWS, (each("place", places),), edges=edges + segment.start_s, threads=1
            )
            upto = np.zeros((len(edges), places), np.int32)
            np.cumsum(found, axis=0, out=upto[1:], dtype=np.int32)
            with self._lock:
                self._kept[segment] = kept = (upto, upto.sum(axis=1, dtype=np.int64))
        return kept


@dataclass
class Cubes:
    """Who keeps cubes: for each family that of the newest base. What a month has is kept as long as the month is."""

    budget_bytes: int = BUDGET_BYTES
    _lock: Lock = field(default_factory=Lock)
    _slices: WeakKeyDictionary[Segment, Slices] = field(default_factory=WeakKeyDictionary)
    _cubes: dict[str, Cube] = field(default_factory=dict)

    def cube(self, view: View, zone: ZoneInfo) -> Cube:
        """That of the view's base. Costs what is new: the months that changed, and the sums from the first of them."""
        kept = self._cubes.get(view.family.name)
        if kept is not None and _same(kept, view, zone):
            return kept
        with self._lock:
            kept = self._cubes.get(view.family.name)
            if kept is None or not _same(kept, view, zone):
                self._cubes[view.family.name] = kept = self._build(view, zone, kept)
            return kept

    def _build(self, view: View, zone: ZoneInfo, before: Cube | None) -> Cube:
        slices = self._sliced(view.base)
        categories, counts = _totals(slices)
        row_of = _rows_of(categories, counts, self._most_rows(view), None if before is None else before.row_of)
        upto: list[NDArray[np.int32]] = []
        if before is not None and row_of is before.row_of:
            same = 0
            while same < min(len(before.base), len(view.base)) and before.base[same] is view.base[same]:
                same += 1
            upto = list(before.upto[: same + 1])
        rows = int(row_of.max(initial=0)) + 1
        if not upto:
            upto = [np.zeros((rows, len(view.places)), np.int32)]
        for one in slices[len(upto) - 1 :]:
            now = np.zeros((rows, len(view.places)), np.int32)
            now[:, : upto[-1].shape[1]] = upto[-1]
            one.dense(row_of, now)
            upto.append(now)
        days = before.days if before is not None and before.days.zone.key == zone.key else Days(zone)
        return Cube(view.base, slices, categories, counts, row_of, tuple(upto), days)

    def _most_rows(self, view: View) -> int:
        """Rows of sums that the budget allows, besides that of all categories."""
        return max(0, self.budget_bytes // (4 * (len(view.base) + 1) * max(1, len(view.places))) - 1)

    def _sliced(self, base: Sequence[Segment]) -> tuple[Slices, ...]:
        new = [one for one in base if one not in self._slices]
        if new:
            with ThreadPoolExecutor(THREADS) as pool:
                for one, found in zip(new, pool.map(Slices.of, new), strict=True):
                    self._slices[one] = found
        return tuple(self._slices[one] for one in base)


def _same(cube: Cube, view: View, zone: ZoneInfo) -> bool:
    same = cube.base is view.base or (
        len(cube.base) == len(view.base) and all(a is b for a, b in zip(cube.base, view.base, strict=True))
    )
    return same and cube.days.zone.key == zone.key


def _totals(slices: Sequence[Slices]) -> tuple[Ints, Ints]:
    """Categories that have rows, rising, and how many."""
    if not slices:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    categories, place = np.unique(np.concatenate([one.categories for one in slices]), return_inverse=True)
    counts = np.bincount(place, weights=np.concatenate([one.counts for one in slices]), minlength=len(categories))
    return categories, counts.astype(np.int64)


def _rows_of(categories: Ints, counts: Ints, most: int, before: NDArray[np.int32] | None) -> NDArray[np.int32]:
    """The row of each category; those before as long as they will do."""
    order = np.argsort(-counts, kind="stable")
    chosen = categories[order[:most]]
    if before is not None:
        held = before[np.minimum(categories, len(before) - 1)] * (categories < len(before)) > 0
        least = int(counts[held].min(initial=0)) if held.any() else 0
        full = int(before.max(initial=0)) >= min(most, len(categories))
        if full and int(before.max(initial=0)) <= most and not (counts[~held] > ANEW * least).any():
            return before
    row_of = np.zeros(int(chosen.max(initial=0)) + 1, np.int32)
    row_of[chosen] = np.arange(1, len(chosen) + 1)
    return row_of
