"""Rows by where and place, summed up from month to month, so that a map of years costs what is drawn on it.

Owns the sums beside base segments, and who keeps them. Does not own changes (`bins` and `hexes` count those row by
row), nor months that a period cuts. Exact: a sum of whole months that nothing but places is asked of.

A *spot* is where and in which place rows lie: a map cell of zoom 17 or 19, or an H3 cell, with the row of `Places`.
There are as many as the city has cells in use, however many rows; for each, `upto` says how many rows lie in it in all
months before a month, so that a run of months is one subtraction. Finer cells are summed on crowded ground alone, the
blocks of map that hold most rows first, as far as the room goes: elsewhere rows are about as few as spots.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.store.columns import INCIDENTS
from gridgov.analytics.store.view import Segment
from gridgov.geo.compiled import kernel
from gridgov.geo.zorder import KEY_ZOOM

PLACE_BITS = 24
PLACES = (1 << PLACE_BITS) - 1
MOST_BYTES = 160 << 20  # of one kind's sums; beyond it, rows are counted one by one
KEPT = 16
BLOCK_ZOOM = 13
_BLOCK_BITS = 2 * (KEY_ZOOM - BLOCK_ZOOM)
CROWD = 50_000  # rows of a block from which it is crowded
WORTH = 3  # rows a spot from which sums are read sooner than rows
AT_ONCE = 16  # months whose spots are merged at a time
THREADS = 2

Spots = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Kind:
    """What is summed by: `column` of a segment, shifted right by `shift`. At most 2^39 of them. `crowded`: on crowded
    ground alone, by map cell."""

    column: str
    shift: int
    crowded: bool = False


def cells(zoom: int) -> Kind:
    """Map cells of a zoom."""
    return Kind("key", 2 * (KEY_ZOOM - zoom))


def crowded_cells(zoom: int) -> Kind:
    """Map cells of a zoom, beyond that of blocks."""
    return Kind("key", 2 * (KEY_ZOOM - zoom), crowded=True)


HEXAGONS = Kind("hex", 0)


@dataclass(frozen=True, eq=False)
class Sums:
    """`spots`: int64[C], rising: where << 24 | place. `upto`: int32[M + 1, C]: rows in the first m of M segments.
    `blocks`: Z-order numbers, rising, of the map cells of `BLOCK_ZOOM` that were summed; None: all ground was."""

    spots: Spots
    upto: NDArray[np.int32]
    blocks: Spots | None = None

    def within(self, low: int, high: int) -> tuple[int, int] | None:
        """Keys from `low` up to `high` as spots count them: those of the n-th block begin at n times its size. None
        where not all of them were summed."""
        if self.blocks is None:
            return low, high
        block = low >> _BLOCK_BITS
        place = int(np.searchsorted(self.blocks, block))
        if place == len(self.blocks) or self.blocks[place] != block or (high - 1) >> _BLOCK_BITS != block:
            return None
        begin = (block - place) << _BLOCK_BITS
        return low - begin, high - begin


class SumsCache:
    """Sums by kind and by what they were made of. Safe for many threads; the one who comes first makes them, others
    are told that there are none yet and count rows."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._making: set[Kind] = set()
        self._sums: list[tuple[Kind, Sums | None, tuple[ref[Segment], ...]]] = []
        self._spots: WeakKeyDictionary[Segment, dict[Kind, tuple[Spots, Spots]]] = WeakKeyDictionary()

    def get(self, segments: Sequence[Segment], kind: Kind) -> Sums | None:
        """The sums over these segments (base ones, by month); None where they would be too large, or are being made."""
        with self._lock:
            for its, sums, made_of in self._sums:
                if its == kind and _same(made_of, segments):
                    return sums
            if kind in self._making:
                return None
            self._making.add(kind)
        try:
            made = self._made(segments, kind)
            with self._lock:
                kept = [one for one in self._sums if all(held() is not None for held in one[2])]
                self._sums = [*kept[1 - KEPT :], (kind, made, tuple(ref(one) for one in segments))]
        finally:
            with self._lock:
                self._making.discard(kind)
        return made

    def _made(self, segments: Sequence[Segment], kind: Kind) -> Sums | None:
        if kind.crowded:
            return _of_crowds(segments, kind)
        with ThreadPoolExecutor(THREADS, "sums") as pool:
            found = list(pool.map(lambda one: self._of_one(one, kind), segments))
        return _together(found, MOST_BYTES // (4 * (len(segments) + 1)))

    def _of_one(self, segment: Segment, kind: Kind) -> tuple[Spots, Spots]:
        """Spots of one segment and how many rows lie in each; worked out once for as long as anybody holds it."""
        with self._lock:
            known = self._spots.setdefault(segment, {})
        if kind not in known:
            known[kind] = spots_of(segment, kind)
        return known[kind]


def _same(made_of: tuple[ref[Segment], ...], segments: Sequence[Segment]) -> bool:
    return len(made_of) == len(segments) and all(a() is b for a, b in zip(made_of, segments, strict=True))


def _together(found: Sequence[tuple[Spots, Spots]], most: int) -> Sums | None:
    """(spots, rows in each) of several segments, summed up; None where there are more than `most` spots."""
    spots = _union([its for its, _ in found], most)
    if spots is None:
        return None
    upto = np.zeros((len(found) + 1, len(spots)), dtype=np.int32)
    for m, (its, counts) in enumerate(found):
        upto[m + 1] = upto[m]
        upto[m + 1, np.searchsorted(spots, its)] += counts.astype(np.int32)
    return Sums(spots, upto)


def _of_crowds(segments: Sequence[Segment], kind: Kind) -> Sums:
    """Sums of the most crowded blocks, as many as there is room for."""
    blocks, rows = crowds(segments)
    room, made = MOST_BYTES // (4 * (len(segments) + 1)), list[tuple[int, Sums]]()
    for block, its_rows in zip(blocks.tolist(), rows.tolist(), strict=True):
        its = _together([_of_block(one, block, kind) for one in segments], room)
        if its is None:
            break
        if len(its.spots) * WORTH <= its_rows:
            room -= len(its.spots)
            made.append((block, its))
    made.sort(key=lambda one: one[0])
    size = 1 << _BLOCK_BITS - kind.shift + PLACE_BITS
    spots = np.concatenate([np.zeros(0, np.int64), *(its.spots + n * size for n, (_, its) in enumerate(made))])
    upto = np.concatenate([np.zeros((len(segments) + 1, 0), np.int32), *(its.upto for _, its in made)], axis=1)
    return Sums(spots, upto, np.array([block for block, _ in made], dtype=np.int64))


def crowds(segments: Sequence[Segment]) -> tuple[Spots, Spots]:
    """(crowded blocks, rows of each), the most crowded first; of segments that are sorted by key."""
    blocks, counts = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for one in segments:
        block = (np.asarray(one.columns["key"]) >> np.uint64(_BLOCK_BITS)).astype(np.int64)
        first = np.flatnonzero(np.append(True, block[1:] != block[:-1])) if len(block) else np.zeros(0, np.int64)
        blocks.append(block[first])
        counts.append(np.diff(first, append=len(block)))
    found, at = np.unique(np.concatenate(blocks), return_inverse=True)
    rows = np.bincount(at, weights=np.concatenate(counts), minlength=len(found)).astype(np.int64)
    order = np.argsort(-rows, kind="stable")
    order = order[rows[order] >= CROWD]
    return found[order], rows[order]


def _of_block(segment: Segment, block: int, kind: Kind) -> tuple[Spots, Spots]:
    """(spots, rows in each) of the rows of a segment in one block, whose keys begin at nought there."""
    key = np.asarray(segment.columns["key"])
    ends = np.array([block << _BLOCK_BITS, (block + 1) << _BLOCK_BITS], dtype=key.dtype)
    a, b = np.searchsorted(key, ends)
    return _ordered(key[a:b] - ends[0], np.asarray(segment.columns["place"])[a:b], kind.shift)


def _ordered(key: Any, place: Any, shift: int) -> tuple[Spots, Spots]:
    spots, counts = np.empty(len(key), dtype=np.int64), np.empty(len(key), dtype=np.int64)
    n = _in_order(key, place, shift, spots, counts)
    return spots[:n].copy(), counts[:n].copy()


def _union(found: list[Spots], most: int) -> Spots | None:
    """All of several rising arrays, rising, each once; None where there are more than `most`."""
    spots = np.zeros(0, dtype=np.int64)
    for at in range(0, len(found), AT_ONCE):
        merged = np.sort(np.concatenate([spots, *found[at : at + AT_ONCE]]), kind="stable")  # merges what is sorted
        spots = merged[np.append(True, merged[1:] != merged[:-1])] if len(merged) else merged
        if len(spots) > most:
            return None
    return spots


def spots_of(segment: Segment, kind: Kind) -> tuple[Spots, Spots]:
    """(spots, rows in each) of a base segment, by spot."""
    column, place = np.asarray(segment.columns[kind.column]), np.asarray(segment.columns["place"])
    if kind.column == INCIDENTS.sorted_by:
        return _ordered(column, place, kind.shift)
    spots, counts = np.empty(len(column), dtype=np.int64), np.empty(len(column), dtype=np.int64)
    n = _runs(column, place, kind.shift, spots, counts)
    found, at = np.unique(spots[:n], return_inverse=True)
    return found, np.bincount(at, weights=counts[:n], minlength=len(found)).astype(np.int64)


@kernel
def _in_order(column: Any, place: Any, shift: int, spots: Spots, counts: Spots) -> int:
    """Spots of rows that are sorted by where: within one cell there are few places, which are put in their order."""
    n = first = 0  # spots so far; the first one of the cell in hand
    last = np.int64(-1)
    for i in range(len(column)):
        cell = np.int64(column[i]) >> shift
        if cell != last:
            first, last = n, cell
        spot = cell << PLACE_BITS | np.int64(place[i])
        at = n
        while at > first and spots[at - 1] > spot:
            at -= 1
        if at > first and spots[at - 1] == spot:
            counts[at - 1] += 1
            continue
        for k in range(n, at, -1):
            spots[k], counts[k] = spots[k - 1], counts[k - 1]
        spots[at], counts[at] = spot, 1
        n += 1
    return n


@kernel
def _runs(column: Any, place: Any, shift: int, runs: Spots, lengths: Spots) -> int:
    """Rows of one spot that follow one another, as one; how many such runs there are."""
    n = 0
    for i in range(len(column)):
        spot = (np.int64(column[i]) >> shift) << PLACE_BITS | np.int64(place[i])
        if n and runs[n - 1] == spot:
            lengths[n - 1] += 1
        else:
            runs[n], lengths[n] = spot, 1
            n += 1
    return n


SUMS = SumsCache()
"""Of this process."""
