"""Rows of a month by category and time, so that any days of a category are one run of rows. Pure.

Owns the order and the ways to count in it. Does not own what is summed up over months (`cube`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.store.chosen import Mask
from gridgov.analytics.store.view import Segment
from gridgov.geo.compiled import kernel

Ints = NDArray[np.int64]
DIGIT = 11  # bits of `at` that a pass sorts by: two passes, as a month has less than 2^22 seconds


@dataclass(frozen=True, eq=False)
class Slices:
    """`at` and `place` of n rows sorted by (category, at). `categories[k]` has the rows `offsets[k]` to `offsets[k+1]`.

    8 bytes a row.
    """

    categories: NDArray[np.int64]
    offsets: Ints
    at: NDArray[np.int32]
    place: NDArray[np.int32]

    @classmethod
    def of(cls, segment: Segment) -> Slices:
        """Sorted by digits (Knuth, The Art of Computer Programming 3, 5.2.5): some 20 ns a row."""
        at, category, place = (np.asarray(segment.columns[name]) for name in ("at", "category", "place"))
        ends, at_sorted, place_sorted = _sorted(at, category, place, int(category.max(initial=0)))
        counts = np.diff(ends)
        there = np.flatnonzero(counts)
        return cls(there, np.concatenate([[0], np.cumsum(counts[there])]), at_sorted, place_sorted)

    @property
    def counts(self) -> Ints:
        """Rows of each category that is there."""
        return np.diff(self.offsets)

    @property
    def nbytes(self) -> int:
        return self.at.nbytes + self.place.nbytes + self.categories.nbytes + self.offsets.nbytes

    def add_places(self, wanted: Mask | None, begin: int, end: int, weight: int, out: Ints) -> None:
        """out[place] += weight for each row of a wanted category with begin <= at < end."""
        _add_places(self.categories, self.offsets, self.at, self.place, _mask(wanted), begin, end, weight, out)

    def add_spans(self, wanted: Mask | None, edges: Ints, out: Ints) -> None:
        """out[i] += rows of the wanted categories from edges[i] up to edges[i + 1] (seconds of the month, rising)."""
        _add_spans(self.categories, self.offsets, self.at, _mask(wanted), edges, out)

    def add_categories(self, begin: int, end: int, out: Ints) -> None:
        """out[category] += its rows with begin <= at < end; categories beyond the end of `out` are left out."""
        _add_categories(self.categories, self.offsets, self.at, begin, end, out)

    def dense(self, row_of: NDArray[np.int32], out: NDArray[np.int32]) -> None:
        """out[0, place] += 1 for each row, and out[row_of[category], place] where that is above 0."""
        _dense(self.categories, self.offsets, self.place, row_of, out)


_ALL = np.zeros(0, np.bool_)


def _mask(wanted: Mask | None) -> Mask:
    if wanted is None:
        return _ALL
    return wanted if len(wanted) else np.zeros(1, np.bool_)


@kernel
def _pass(keys: Any, shift: int, bits: int, order: Any, out: Any) -> Any:  # pragma: no cover
    """A stable pass by some bits of the keys; gives where each value ends."""
    ends = np.zeros((1 << bits) + 1, np.int64)
    low = (1 << bits) - 1
    for i in range(len(order)):
        ends[((keys[order[i]] >> shift) & low) + 1] += 1
    for value in range(1, len(ends)):
        ends[value] += ends[value - 1]
    place = ends[:-1].copy()
    for i in range(len(order)):
        value = (keys[order[i]] >> shift) & low
        out[place[value]] = order[i]
        place[value] += 1
    return ends


@kernel
def _sorted(at: Any, category: Any, place: Any, top: int) -> Any:  # pragma: no cover
    n = len(at)
    one, other = np.arange(n).astype(np.int32), np.empty(n, np.int32)
    _pass(at, 0, DIGIT, one, other)
    _pass(at, DIGIT, DIGIT, other, one)
    bits = 1
    while (1 << bits) <= top:
        bits += 1
    ends = _pass(category, 0, bits, one, other)
    at_sorted, place_sorted = np.empty(n, np.int32), np.empty(n, np.int32)
    for i in range(n):
        at_sorted[i] = at[other[i]]
        place_sorted[i] = place[other[i]]
    return ends, at_sorted, place_sorted


@kernel
def _first(at: Any, low: int, high: int, moment: int) -> int:  # pragma: no cover
    """The first of the rows from `low` up to `high` that is not before the moment, or `high`."""
    while low < high:
        middle = (low + high) // 2
        if at[middle] < moment:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def _asked(wanted: Any, category: int) -> bool:  # pragma: no cover
    return len(wanted) == 0 or (category < len(wanted) and wanted[category])


@kernel
def _add_places(
    categories: Any, offsets: Any, at: Any, place: Any, wanted: Any, begin: int, end: int, weight: int, out: Any
) -> None:  # pragma: no cover
    for k in range(len(categories)):
        if _asked(wanted, categories[k]):
            first = _first(at, offsets[k], offsets[k + 1], begin)
            after = _first(at, first, offsets[k + 1], end)
            for i in range(first, after):
                out[place[i]] += weight


@kernel
def _add_spans(categories: Any, offsets: Any, at: Any, wanted: Any, edges: Any, out: Any) -> None:  # pragma: no cover
    for k in range(len(categories)):
        if _asked(wanted, categories[k]):
            first = _first(at, offsets[k], offsets[k + 1], edges[0])
            for span in range(len(edges) - 1):
                if first == offsets[k + 1]:
                    break
                after = _first(at, first, offsets[k + 1], edges[span + 1])
                out[span] += after - first
                first = after


@kernel
def _add_categories(categories: Any, offsets: Any, at: Any, begin: int, end: int, out: Any) -> None:  # pragma: no cover
    for k in range(len(categories)):
        if categories[k] < len(out):
            first = _first(at, offsets[k], offsets[k + 1], begin)
            out[categories[k]] += _first(at, first, offsets[k + 1], end) - first


@kernel
def _dense(categories: Any, offsets: Any, place: Any, row_of: Any, out: Any) -> None:  # pragma: no cover
    for k in range(len(categories)):
        row = np.int32(0)
        if categories[k] < len(row_of):
            row = row_of[categories[k]]
        for i in range(offsets[k], offsets[k + 1]):
            out[0, place[i]] += 1
            if row > 0:
                out[row, place[i]] += 1
