"""Exact counts by scanning rows of a view: by any two columns, and by time.

Owns adding rows to their cells, and the share of the work among threads. Does not own how rows are tested (`rows`), nor
what is counted without looking at rows (`cube`). Pure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from gridgov.analytics.store import rows
from gridgov.analytics.store.chosen import Chosen
from gridgov.analytics.store.rows import BLOCK, By, Cases, Elsewhere, Ints, cells_of
from gridgov.analytics.store.view import Segment
from gridgov.geo.compiled import kernel

THREADS = 2
CHUNK = 500_000  # rows that a thread takes at a time: under a millisecond
ALONE = 300_000  # rows that one thread counts sooner than two are started


def count(
    segments: Sequence[Segment],
    wanted: Chosen,
    by: tuple[By, ...] = (),
    *,
    edges: Ints | None = None,
    of_cases: Cases | None = None,
    elsewhere: Elsewhere | None = None,
    threads: int = THREADS,
) -> Ints:
    """Counts as int64[spans][groups of the first][groups of the second], for as many as are given.

    segments: of one view, mostly all. edges: n + 1 rising seconds since 1970 that cut time into n spans, the last
    excluded. of_cases: only over cases. elsewhere: of every segment, where it is counted by. Changes count by their
    sign. Memory: one array of the answer's size a thread.
    """
    spans = 1 if edges is None else len(edges) - 1
    first, second = (by[i] if i < len(by) else None for i in range(2))
    sizes = (spans, first.size if first else 1, second.size if second else 1)
    since, until = rows.ends(wanted, edges)
    met = [one for one in segments if rows.meets(one, since, until)]
    pieces = deque((one, at, min(at + CHUNK, len(one))) for one in met for at in range(0, len(one), CHUNK))
    masks, dimensions = rows.masks_of(wanted), (rows.dimension(first), rows.dimension(second))

    def work() -> Ints:
        out = np.zeros(sizes[0] * sizes[1] * sizes[2], np.int64)
        while True:
            try:
                piece = pieces.popleft()
            except IndexError:
                return out
            one = piece[0]
            _count(
                rows.rows_of(*piece), rows.more_of(*piece, elsewhere), rows.signs_of(*piece),
                rows.period_of(one, since, until), masks, rows.asked_of(*piece, of_cases), rows.spans_of(one, edges),
                dimensions, out,
            )  # fmt: skip

    alone = threads <= 1 or sum(len(one) for one in met) <= ALONE
    out = work() if alone else _together(work, threads)
    shape = tuple(size for size, given in zip(sizes, (edges is not None, first, second), strict=True) if given)
    return out.reshape(shape)


def _together(work: Callable[[], Ints], threads: int) -> Ints:
    with ThreadPoolExecutor(threads) as pool:
        first, *others = [one.result() for one in [pool.submit(work) for _ in range(threads)]]
    for other in others:
        first += other
    return first


@kernel
def _count(
    held: Any, more: Any, sign: Any, period: Any, masks: Any, asked: Any, time: Any, dimensions: Any, out: Any
) -> None:  # fmt: skip  # pragma: no cover
    left, cells = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int64)
    for start in range(0, len(held[0]), BLOCK):
        stop = min(start + BLOCK, len(held[0]))
        n = cells_of(held, more, period, masks, asked, time, dimensions, start, stop, left, cells)
        if len(sign) == 0:
            for k in range(n):
                out[cells[k]] += 1
        else:
            for k in range(n):
                out[cells[k]] += sign[left[k]]
