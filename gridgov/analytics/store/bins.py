"""Counts of a view in the cells of a map tile, and since when the newest few of them are.

Owns scanning by map cell. Does not own the filter (`chosen`), the sums of whole months (`sums`), where rows lie in
memory (`laid`), nor the bytes of a tile (`geo.mvt`). A tile is one contiguous run of each month's rows, which are
sorted by `key` (`geo.zorder`); months outside the period are not touched, whole months of which nothing but time and
place is asked come from sums as long as the cells are coarse enough, and the rest is counted row by row on two threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.quad import TileAddress
from gridgov.analytics.store import laid, sums
from gridgov.analytics.store.chosen import Chosen, Mask
from gridgov.analytics.store.columns import start_s
from gridgov.analytics.store.laid import Laid
from gridgov.analytics.store.sums import PLACE_BITS, PLACES, SUMS, Sums
from gridgov.analytics.store.view import Segment, View
from gridgov.geo.compiled import kernel
from gridgov.geo.zorder import KEY_ZOOM

SUMMED_ZOOMS = (17, 19)  # of cells: tiles up to zoom 10 and 12
CROWDED_ZOOMS = (21, 22)  # where most rows lie: tiles of zoom 13 to 14, and 15
THREADS = 2
WORTH_A_THREAD = 150_000  # rows
BLOCK = 2_048  # rows that are tested at a time
_PERIOD = (-(1 << 40), 1 << 40)  # seconds: wider than anything, and narrow enough to be subtracted from

Longs = NDArray[np.int64]
Rows = NDArray[np.int32]
Where = tuple[int, int]  # keys of zoom 25: first, one past the last
EVERYWHERE: Where = (0, 1 << 2 * KEY_ZOOM)
_ANY: Mask = np.zeros(0, dtype=np.bool_)
_UNSIGNED = np.zeros(0, dtype=np.int8)
_NO_TIME, _NO_KEYS = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.uint64)


def tile_bins(view: View, wanted: Chosen, tile: TileAddress, bits: int) -> Longs:
    """int64[4^bits]: rows of the view in the cells of a tile, in Z-order; their sum is the count of the whole tile."""
    return _counted(view, wanted, tile.key_range(), tile.z + bits)


def cells(view: View, wanted: Chosen, tile: TileAddress, zoom: int) -> tuple[Longs, Longs]:
    """(Z-order numbers of map cells of a zoom, rows in each), where there are any, in a tile at most 12 zooms above."""
    counts = _counted(view, wanted, tile.key_range(), zoom)
    found = np.flatnonzero(counts)
    first = tile.key_range()[0] >> 2 * (KEY_ZOOM - zoom)
    return found + first, counts[found]


def newest_since(view: View, wanted: Chosen, tile: TileAddress, most: int) -> int | None:
    """The earliest second (since 1970) from which on at most `most` rows of the tile happened; None: all of them.

    Months are looked through from the newest, and no further than the rows go that are asked for.
    """
    where, kept = tile.key_range(), 0
    for month in sorted({one.month for one in view.segments}, reverse=True):
        seconds, signs = _seconds(view, wanted, where, month)
        here = int(signs.sum())
        if kept + here <= most:
            kept += here
            continue
        order = np.argsort(-seconds, kind="stable")
        seconds, running = seconds[order], kept + np.cumsum(signs[order])
        last_of_second = np.append(seconds[1:] != seconds[:-1], True)
        ends, totals = seconds[last_of_second], running[last_of_second]
        over = int(np.argmax(totals > most))
        return int(ends[over]) + 1
    return None


def warm(view: View) -> None:
    """Makes the sums that tiles of this view are drawn from, ahead of the first who asks."""
    months = laid.of(view).months
    for kind in (*map(sums.cells, SUMMED_ZOOMS), *map(sums.crowded_cells, CROWDED_ZOOMS)):
        SUMS.get(months, kind)


def by_month(segments: Sequence[Segment]) -> list[Segment]:
    return sorted(segments, key=lambda one: one.month)


def touched(segment: Segment, wanted: Chosen) -> bool:
    """Whether the period reaches into the month."""
    return wanted.since < start_s(segment.month + 1) and wanted.until > segment.start_s


def whole(segment: Segment, wanted: Chosen) -> bool:
    """Whether all of the month lies in the period."""
    return wanted.since <= segment.start_s and wanted.until >= start_s(segment.month + 1)


def by_place_alone(wanted: Chosen) -> bool:
    """Whether nothing is asked of a row but when and in which place it lies."""
    return wanted.additive and wanted.category is None


def place_mask(wanted: Chosen) -> Mask | None:
    """Places that count, where nobody's agency lets one reach further."""
    if wanted.place is None or wanted.reach_place is None:
        return wanted.place if wanted.reach_place is None else wanted.reach_place
    return wanted.place & wanted.reach_place


def summed_months(view: View, wanted: Chosen, kind: sums.Kind) -> tuple[Sums | None, tuple[int, int], list[Segment]]:
    """(sums or None, months of them from and up to, base segments that are left to be counted by row)."""
    base = laid.of(view).months
    left = [one for one in base if touched(one, wanted)]
    if not by_place_alone(wanted):
        return None, (0, 0), left
    full = [m for m, one in enumerate(base) if whole(one, wanted)]
    if not full:
        return None, (0, 0), left
    found = SUMS.get(base, kind)
    if found is None:
        return None, (0, 0), left
    return found, (full[0], full[-1] + 1), [one for one in left if not whole(one, wanted)]


def signs_of(segment: Segment) -> NDArray[np.int8]:
    """+1 and -1 of changes; empty for base rows."""
    return _UNSIGNED if segment.sign is None else np.asarray(segment.sign)


def _counted(view: View, wanted: Chosen, where: Where, zoom: int) -> Longs:
    """Rows by cell of a zoom, from the first cell of a range of keys to its last."""
    shift = 2 * (KEY_ZOOM - zoom)
    out = np.zeros((where[1] - where[0]) >> shift, dtype=np.int64)
    lying = laid.of(view)
    summed = (0, 0)
    full = np.flatnonzero(_whole(lying, wanted)).tolist() if by_place_alone(wanted) else []
    for level in _levels(where, zoom) if len(full) else ():
        kind = sums.cells(level) if level in SUMMED_ZOOMS else sums.crowded_cells(level)
        found = SUMS.get(lying.months, kind)
        there = found.within(*where) if found is not None else None
        if found is not None and there is not None:
            summed = full[0], full[-1] + 1
            _add_sums(found, summed, wanted, there, level, zoom, out)
    _add_rows(lying, summed, wanted, where, shift, out)
    return out


def _levels(where: Where, zoom: int) -> list[int]:
    """Zooms whose sums may answer for cells of a zoom: the coarsest of all ground, or else of crowded ground."""
    crowded = CROWDED_ZOOMS if where[1] - where[0] <= 1 << 2 * (KEY_ZOOM - sums.BLOCK_ZOOM) else ()
    return [level for level in (*SUMMED_ZOOMS, *crowded) if level >= zoom][:1]


def _whole(lying: Laid, wanted: Chosen) -> Mask:
    """Which months lie in the period; as they are in order, these follow one another."""
    months = lying.table[: len(lying.months)]
    found: Mask = (months[:, laid.START] >= wanted.since) & (months[:, laid.END] <= wanted.until)
    return found


def _add_sums(
    found: Sums, months: tuple[int, int], wanted: Chosen, where: Where, level: int, zoom: int, out: Longs
) -> None:
    narrow = 2 * (KEY_ZOOM - level)
    low, high = (end >> narrow for end in where)
    a, b = np.searchsorted(found.spots, (low << PLACE_BITS, high << PLACE_BITS))
    mask = place_mask(wanted)
    _sum_up(
        found.spots[a:b], found.upto[months[0], a:b], found.upto[months[1], a:b],
        low, 2 * (level - zoom), _ANY if mask is None else mask, out,
    )  # fmt: skip


def rows_that_count(segment: Segment, wanted: Chosen, a: int, b: int, where: Where = EVERYWHERE) -> Rows:
    """Numbers of the rows from a to b of a segment that count, with keys of a range."""
    start, end = segment.start_s, start_s(segment.month + 1)
    within = (_NO_TIME,) if whole(segment, wanted) else (np.asarray(segment.columns["at"]),)
    names = ("category", "channel", "state", "agency", "place")
    masks = (wanted.category, wanted.channel, wanted.state, wanted.agency, wanted.place)
    reach = (wanted.reach_place, wanted.reach_agency)
    found = np.empty(b - a, dtype=np.int32)
    n = _that_count(
        np.asarray(segment.columns["key"]) if segment.sign is not None else _NO_KEYS, *where,
        *within, max(wanted.since, start) - start, min(wanted.until, end) - start,
        *(np.asarray(segment.columns[name]) for name in names), *(_known(mask) for mask in (*masks, *reach)),
        a, b, found,
    )  # fmt: skip
    return found[:n]


def _known(mask: Mask | None) -> Mask:
    """Empty where nothing is asked; a mask that asks for something is never empty."""
    if mask is None:
        return _ANY
    return mask if len(mask) else np.zeros(1, dtype=np.bool_)


def _add_rows(
    lying: Laid, summed: tuple[int, int], wanted: Chosen, where: Where, shift: int, out: Longs
) -> None:  # fmt: skip
    """out[cell] += rows of all segments but the months that were summed."""
    since, until = max(wanted.since, _PERIOD[0]), min(wanted.until, _PERIOD[1])
    runs = np.empty((len(lying.table), 2), dtype=np.int64)
    total = _runs(lying.table, *summed, *where, since, until, runs)
    if not total:
        return
    masks = (wanted.category, wanted.channel, wanted.state, wanted.agency, wanted.place)
    asked = tuple(_known(mask) for mask in (*masks, wanted.reach_place, wanted.reach_agency))

    def scan(first: int, last: int, into: Longs) -> None:
        _bin(lying.table, runs, first, last, *where, shift, since, until, asked, into)

    parts = THREADS if total >= WORTH_A_THREAD else 1
    ends = [total * part // parts for part in range(parts + 1)]
    beside = [(pool().submit(scan, a, b, more := np.zeros_like(out)), more) for a, b in pairwise(ends[1:])]
    scan(0, ends[1], out)
    for done, more in beside:
        done.result()
        out += more


@lru_cache(maxsize=1)
def pool() -> ThreadPoolExecutor:
    """Threads of this process that count beside whoever asks; made when they are first needed, for making some takes
    longer than many a tile."""
    return ThreadPoolExecutor(THREADS, "counting")


def _run(segment: Segment, where: Where) -> tuple[int, int]:
    """Rows of a base segment with these keys; of changes all, which are in no order."""
    if segment.sign is not None:
        return 0, len(segment)
    ends: tuple[int, int] = _range(np.asarray(segment.columns["key"]), *where)
    return ends


def _seconds(view: View, wanted: Chosen, where: Where, month: int) -> tuple[Longs, Longs]:
    """(seconds since 1970, sign) of every row of a month that counts in a range of keys."""
    seconds, signs = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for segment in view.segments:
        if segment.month != month or not touched(segment, wanted):
            continue
        a, b = _run(segment, where)
        rows = rows_that_count(segment, wanted, a, b, where)
        seconds.append(segment.columns["at"][rows].astype(np.int64) + segment.start_s)
        signs.append(np.ones(len(rows), np.int64) if segment.sign is None else segment.sign[rows].astype(np.int64))
    return np.concatenate(seconds), np.concatenate(signs)


@kernel
def _range(key: Any, low: int, high: int) -> tuple[int, int]:
    """First row of at least `low`, first of at least `high`."""
    ends = (low, high)
    found = np.zeros(2, dtype=np.int64)
    for which in range(2):
        a, b = np.int64(0), np.int64(len(key))
        while a < b:
            middle = (a + b) >> 1
            if np.int64(key[middle]) < ends[which]:
                a = middle + 1
            else:
                b = middle
        found[which] = a
    return found[0], found[1]


@kernel
def _sum_up(spots: Any, before: Any, after: Any, first: int, shift: int, mask: Any, out: Longs) -> None:
    for i in range(len(spots)):
        n = after[i] - before[i]
        if n and (len(mask) == 0 or mask[spots[i] & PLACES]):
            out[((spots[i] >> PLACE_BITS) - first) >> shift] += n


@kernel
def _runs(
    table: Any, summed_from: int, summed_upto: int, low: int, high: int, since: int, until: int, runs: Any
) -> int:  # fmt: skip
    """The run of rows of each segment that may count: of months those with keys of the range, of changes, which may
    come in any order, all; how many rows that is."""
    total = 0
    for m in range(len(table)):
        runs[m, 0] = runs[m, 1] = 0
        rows, start, end = table[m, laid.ROWS], table[m, laid.START], table[m, laid.END]
        if summed_from <= m < summed_upto or rows == 0 or start >= until or end <= since:
            continue
        runs[m, 1] = rows
        if table[m, laid.SIGN] == 0:
            runs[m] = _range(laid.keys(table, m), low, high)
        total += runs[m, 1] - runs[m, 0]
    return total


@kernel
def _bin(
    table: Any, runs: Any, first: int, last: int, low: int, high: int, shift: int, since: int, until: int, asked: Any,
    out: Longs,
) -> None:  # fmt: skip
    """out[cell] += rows of the runs, put one after another, from the first up to the last, that count."""
    before = 0
    asks_nothing = True
    for mask in asked:
        asks_nothing = asks_nothing and len(mask) == 0
    left = np.empty(BLOCK, dtype=np.int64)
    for m in range(len(table)):
        a, b = runs[m, 0] + max(first - before, 0), min(runs[m, 1], runs[m, 0] + last - before)
        before += runs[m, 1] - runs[m, 0]
        if a >= b:
            continue
        in_time = since <= table[m, laid.START] and table[m, laid.END] <= until
        if asks_nothing and in_time and table[m, laid.SIGN] == 0:
            key, origin, bits = laid.keys(table, m), np.uint64(low), np.uint64(shift)
            for i in range(a, b):
                out[(key[i] - origin) >> bits] += 1
            continue
        for start in range(a, b, BLOCK):
            n = _left(table, m, start, min(start + BLOCK, b), low, high, since, until, in_time, asked, left)
            _put(laid.keys(table, m), laid.signs(table, m), left, n, low, shift, out)


@kernel
def _put(key: Any, sign: Any, left: Any, n: int, low: int, shift: int, out: Longs) -> None:
    if len(sign) == 0:
        for k in range(n):
            out[(np.int64(key[left[k]]) - low) >> shift] += 1
    else:
        for k in range(n):
            out[(np.int64(key[left[k]]) - low) >> shift] += sign[left[k]]


# Test by test over the rows of a block that are left, so that no branch depends on a row.


@kernel
def _left(
    table: Any, m: int, a: int, b: int, low: int, high: int, since: int, until: int, in_time: bool, asked: Any,
    left: Any,
) -> int:  # fmt: skip
    """Rows from a up to b of a segment that count; how many."""
    in_category, in_channel, in_state, in_agency, in_place, reach_place, reach_agency = asked
    if len(in_category):
        n = _first_among(laid.longs(table, m, laid.CATEGORY), in_category, a, b, left)
    else:
        n = _all(a, b, left)
    if not in_time:
        begin = table[m, laid.START]
        n = _between(laid.longs(table, m, laid.AT), since - begin, until - begin, left, n)
    if table[m, laid.SIGN]:
        n = _between(laid.keys(table, m), low, high, left, n)
    if len(in_state):
        n = _among(laid.shorts(table, m, laid.STATE), in_state, left, n)
    if len(in_channel):
        n = _among(laid.shorts(table, m, laid.CHANNEL), in_channel, left, n)
    if len(in_agency):
        n = _among(laid.longs(table, m, laid.AGENCY), in_agency, left, n)
    if len(in_place):
        n = _among(laid.longs(table, m, laid.PLACE), in_place, left, n)
    if len(reach_place) and len(reach_agency):
        place, agency = laid.longs(table, m, laid.PLACE), laid.longs(table, m, laid.AGENCY)
        n = _reached(place, agency, reach_place, reach_agency, left, n)
    elif len(reach_place):
        n = _among(laid.longs(table, m, laid.PLACE), reach_place, left, n)
    return int(n)


@kernel
def _all(a: int, b: int, left: Any) -> int:
    for i in range(a, b):
        left[i - a] = i
    return b - a


@kernel
def _first_among(column: Any, mask: Any, a: int, b: int, left: Any) -> int:
    """Rows from a up to b whose value the mask holds; beyond its end: no."""
    top, n = len(mask) - 1, 0
    for i in range(a, b):
        left[n] = i
        n += int(column[i] <= top) & int(mask[min(np.int64(column[i]), top)])
    return n


@kernel
def _among(column: Any, mask: Any, left: Any, n: int) -> int:
    """Those that are left whose value the mask holds."""
    kept = 0
    for k in range(n):
        i = left[k]
        left[kept] = i
        kept += int(mask[column[i]])
    return kept


@kernel
def _between(column: Any, low: int, high: int, left: Any, n: int) -> int:
    kept = 0
    for k in range(n):
        i = left[k]
        value = np.int64(column[i])
        left[kept] = i
        kept += int(value >= low) & int(value < high)
    return kept


@kernel
def _reached(place: Any, agency: Any, reach_place: Any, reach_agency: Any, left: Any, n: int) -> int:
    kept = 0
    for k in range(n):
        i = left[k]
        left[kept] = i
        kept += int(reach_place[place[i]]) | int(reach_agency[agency[i]])
    return kept


@kernel
def _that_count(
    key: Any, low: int, high: int, at: Any, since: int, until: int,
    category: Any, channel: Any, state: Any, agency: Any, place: Any,
    in_category: Any, in_channel: Any, in_state: Any, in_agency: Any, in_place: Any,
    reach_place: Any, reach_agency: Any, a: int, b: int, found: Rows,
) -> int:  # fmt: skip
    """Rows that count; `key` and `at` are empty where all rows lie in the range and in the period."""
    by_key, by_time, known = len(key) > 0, len(at) > 0, len(in_category)
    by_channel, by_state, by_agency = len(in_channel) > 0, len(in_state) > 0, len(in_agency) > 0
    by_place, by_reach, by_own = len(in_place) > 0, len(reach_place) > 0, len(reach_agency) > 0
    n = 0
    for i in range(a, b):
        if known and not (category[i] < known and in_category[category[i]]):
            continue
        if by_time and not since <= at[i] < until:
            continue
        if by_key and not low <= np.int64(key[i]) < high:
            continue
        if (by_place and not in_place[place[i]]) or (by_state and not in_state[state[i]]):
            continue
        if (by_channel and not in_channel[channel[i]]) or (by_agency and not in_agency[agency[i]]):
            continue
        if by_reach and not (reach_place[place[i]] or (by_own and reach_agency[agency[i]])):
            continue
        found[n] = i
        n += 1
    return n
