"""Rows of a segment, tested and put in cells: what all scanning is made of. Pure.

Owns what a row is tested by, what it is grouped by, and the kernels of both. Does not own what is done with the rows
that are left (`scan`, `durations`), nor what a filter means (`chosen`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.store.chosen import Chosen
from gridgov.analytics.store.columns import start_s
from gridgov.analytics.store.view import Segment
from gridgov.geo.compiled import kernel

Ints = NDArray[np.int64]
Groups = NDArray[np.int32]
Column = Literal["place", "category", "agency", "channel", "state", "tier", "elsewhere"]
COLUMNS: tuple[Column, ...] = ("place", "category", "agency", "channel", "state", "tier", "elsewhere")
Elsewhere = Mapping[Segment, NDArray[np.int32]]
"""A column more: where rows lie by other boundaries (`under`)."""

BLOCK = 4_096
BUCKET_S = 900  # clocks are set forward and back at quarters of an hour, mostly; other edges only cost a step more


@dataclass(frozen=True, eq=False)
class By:
    """A column to count by. `groups[value]` is the number of the group that a value falls in, of `size`; −1: not
    counted, and so is a value beyond its end."""

    column: Column
    groups: Groups
    size: int


@dataclass(frozen=True)
class Cases:
    """What is asked of cases besides: only those that ended; only those late before a moment (seconds since 1970)."""

    ended: bool = False
    late_before: int | None = None


def each(column: Column, size: int) -> By:
    """Every value of a column by itself."""
    return By(column, np.arange(size, dtype=np.int32), size)


def meets(segment: Segment, since: int, until: int) -> bool:
    """Whether rows of the month can lie in a period."""
    return len(segment) > 0 and segment.start_s < until and start_s(segment.month + 1) > since


_NO_MASK = np.zeros(0, np.bool_)
_NO_SIGN, _NO_TIER = np.zeros(0, np.int8), np.zeros(0, np.uint8)
_NO_LATE, _NO_EDGES = np.zeros(0, np.int64), np.zeros(0, np.int64)
_NO_GROUPS, _NOWHERE = np.zeros(0, np.int32), np.full(1, -1, np.int32)


def rows_of(segment: Segment, begin: int, end: int) -> tuple[NDArray[Any], ...]:
    """at, category, place, agency, channel, state of some rows: what `pick` goes by."""
    return tuple(
        np.asarray(segment.columns[name])[begin:end]
        for name in ("at", "category", "place", "agency", "channel", "state")
    )


def ends(wanted: Chosen, edges: Ints | None) -> tuple[int, int]:
    """The period that both leave."""
    if edges is None:
        return wanted.since, wanted.until
    return max(wanted.since, int(edges[0])), min(wanted.until, int(edges[-1]))


def period_of(segment: Segment, since: int, until: int) -> tuple[int, int]:
    """First second of the month that counts, and the first after."""
    length_s = start_s(segment.month + 1) - segment.start_s
    return max(since - segment.start_s, 0), min(until - segment.start_s, length_s)


def masks_of(wanted: Chosen) -> tuple[NDArray[np.bool_], ...]:
    """category, channel, state, agency, place, reach by place and by agency; empty: not asked."""
    if wanted.reach_place is None and wanted.reach_agency is not None:
        raise ValueError("a reach by agency goes with one by place")
    asked = (wanted.category, wanted.channel, wanted.state, wanted.agency, wanted.place)
    masks = (*asked, wanted.reach_place, wanted.reach_agency)
    # A mask that is asked for holds one value at least: length 0 asks nothing.
    return tuple(_NO_MASK if one is None else one if len(one) else np.zeros(1, np.bool_) for one in masks)


def more_of(segment: Segment, begin: int, end: int, elsewhere: Elsewhere | None) -> tuple[NDArray[Any], ...]:
    """tier and elsewhere of some rows; empty where there is none."""
    tier = np.asarray(segment.columns["tier"])[begin:end] if "tier" in segment.columns else _NO_TIER
    return tier, _NO_GROUPS if elsewhere is None else elsewhere[segment][begin:end]


def signs_of(segment: Segment, begin: int, end: int) -> NDArray[np.int8]:
    """Signs of some rows; empty where every row counts once."""
    return _NO_SIGN if segment.sign is None else segment.sign[begin:end]


def asked_of(
    segment: Segment, begin: int, end: int, asked: Cases | None
) -> tuple[NDArray[np.int64], int, NDArray[np.int32]]:
    """late and its limit, handled; empty: not asked."""
    late, before, handled = _NO_LATE, 0, _NO_GROUPS
    if asked is not None and asked.late_before is not None:
        late, before = np.asarray(segment.columns["late"])[begin:end], asked.late_before
    if asked is not None and asked.ended:
        handled = np.asarray(segment.columns["handled"])[begin:end]
    return late, before, handled


def spans_of(segment: Segment, edges: Ints | None) -> tuple[Ints, Groups]:
    """Edges in seconds of the month, and the span at the start of every quarter of an hour of it."""
    if edges is None:
        return _NO_EDGES, _NO_GROUPS
    inside = edges - segment.start_s
    buckets = np.arange(0, start_s(segment.month + 1) - segment.start_s, BUCKET_S)
    first = np.searchsorted(inside, buckets, side="right") - 1
    return inside, np.maximum(first, 0).astype(np.int32)


def dimension(by: By | None) -> tuple[int, Groups, int]:
    if by is None:
        return -1, _NOWHERE, 1
    return COLUMNS.index(by.column), by.groups if len(by.groups) else _NOWHERE, by.size


# Kernels work block by block and test by test over the rows that are left, so that no branch depends on a row. `left`
# holds row numbers; each returns how many are left.


@kernel
def within(at: Any, start: int, stop: int, since: int, until: int, left: Any) -> int:  # pragma: no cover
    """Rows from `start` up to `stop` of a period."""
    n = 0
    for i in range(start, stop):
        left[n] = i
        n += int(at[i] >= since) & int(at[i] < until)
    return n


@kernel
def among(column: Any, mask: Any, left: Any, n: int) -> int:  # pragma: no cover
    """Rows whose value the mask holds; beyond its end: no. A mask of length 0 asks nothing."""
    if len(mask) == 0:
        return n
    top, m = len(mask) - 1, 0
    for k in range(n):
        i = left[k]
        left[m] = i
        m += int(column[i] <= top) & int(mask[min(np.int64(column[i]), top)])
    return m


@kernel
def reached(place: Any, agency: Any, reach_place: Any, reach_agency: Any, left: Any, n: int) -> int:  # pragma: no cover
    """Rows within the reach: by place or by agency."""
    if len(reach_agency) == 0:
        return int(among(place, reach_place, left, n))
    m = 0
    for k in range(n):
        i = left[k]
        left[m] = i
        m += int(reach_place[place[i]]) | int(reach_agency[agency[i]])
    return m


@kernel
def below(column: Any, limit: int, left: Any, n: int) -> int:  # pragma: no cover
    """Rows whose value is less; a column of length 0 asks nothing."""
    if len(column) == 0:
        return n
    m = 0
    for k in range(n):
        i = left[k]
        left[m] = i
        m += int(column[i] < limit)
    return m


@kernel
def known(column: Any, left: Any, n: int) -> int:  # pragma: no cover
    """Rows whose value is not −1; a column of length 0 asks nothing."""
    if len(column) == 0:
        return n
    m = 0
    for k in range(n):
        i = left[k]
        left[m] = i
        m += int(column[i] >= 0)
    return m


@kernel
def spread(at: Any, edges: Any, span_at: Any, left: Any, n: int, cells: Any) -> None:  # pragma: no cover
    """The span of each row, as its cell."""
    cells[:n] = 0
    if len(span_at) == 0:
        return
    for k in range(n):
        second_s = at[left[k]]
        span = np.int64(span_at[second_s // BUCKET_S])
        while span + 2 < len(edges) and second_s >= edges[span + 1]:
            span += 1
        cells[k] = span


@kernel
def _group(column: Any, groups: Any, size: int, left: Any, n: int, cells: Any) -> int:  # pragma: no cover
    """Cells made finer by the groups of a column; rows of no group go."""
    top, m = len(groups) - 1, 0
    for k in range(n):
        i = left[k]
        group = np.int64(groups[min(np.int64(column[i]), top)])
        left[m] = i
        cells[m] = cells[k] * size + group
        m += int(group >= 0) & int(column[i] <= top)
    return m


@kernel
def grouped(
    which: int, held: Any, more: Any, groups: Any, size: int, left: Any, n: int, cells: Any
) -> int:  # pragma: no cover
    _, category, place, agency, channel, state = held
    tier, elsewhere = more
    m = n
    if which == 0:
        m = _group(place, groups, size, left, n, cells)
    elif which == 1:
        m = _group(category, groups, size, left, n, cells)
    elif which == 2:
        m = _group(agency, groups, size, left, n, cells)
    elif which == 3:
        m = _group(channel, groups, size, left, n, cells)
    elif which == 4:
        m = _group(state, groups, size, left, n, cells)
    elif which == 5:
        m = _group(tier, groups, size, left, n, cells)
    elif which == 6:
        m = _group(elsewhere, groups, size, left, n, cells)
    return int(m)


@kernel
def pick(held: Any, period: Any, masks: Any, start: int, stop: int, left: Any) -> int:  # pragma: no cover
    """Chosen rows of a block, by the columns, period and masks that `columns`, `period` and `masks` hand over."""
    at, category, place, agency, channel, state = held
    want_category, want_channel, want_state, want_agency, want_place, reach_place, reach_agency = masks
    n = within(at, start, stop, period[0], period[1], left)
    n = among(category, want_category, left, n)
    n = among(place, want_place, left, n)
    n = among(channel, want_channel, left, n)
    n = among(state, want_state, left, n)
    n = among(agency, want_agency, left, n)
    return int(reached(place, agency, reach_place, reach_agency, left, n))


@kernel
def cells_of(
    held: Any, more: Any, period: Any, masks: Any, asked: Any, time: Any, dimensions: Any, start: int, stop: int,
    left: Any, cells: Any,
) -> int:  # fmt: skip  # pragma: no cover
    """Chosen rows of a block that fall in a cell of the answer, and their cells."""
    late, late_before, handled = asked
    edges, span_at = time
    n = pick(held, period, masks, start, stop, left)
    n = below(late, late_before, left, n)
    n = known(handled, left, n)
    spread(held[0], edges, span_at, left, n, cells)
    for which, groups, size in dimensions:
        n = grouped(which, held, more, groups, size, left, n, cells)
    return int(n)
