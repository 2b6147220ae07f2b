"""Exact quantiles of how long cases took, by group: no estimate, no sketch. Pure.

Owns collecting what was measured and its order. Does not own which rows are chosen (`rows`).

A quantile is that of PostgreSQL's `percentile_cont`: with the n values in order from 0, the value at q(n − 1), and
between two values in proportion (type 7 of Hyndman and Fan, Sample Quantiles in Statistical Packages, 1996).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.store import rows
from gridgov.analytics.store.chosen import Chosen
from gridgov.analytics.store.rows import BLOCK, By, Ints, cells_of
from gridgov.analytics.store.view import Segment
from gridgov.geo.compiled import kernel

Measured = Literal["answered", "handled"]
VALUE_BITS = 32  # of a key; the cell is above


def quantiles(
    segments: Sequence[Segment],
    wanted: Chosen,
    measured: Measured,
    shares: Sequence[float],
    by: tuple[By, ...] = (),
    *,
    edges: Ints | None = None,
) -> tuple[Ints, NDArray[np.float64]]:
    """(n, values): how many of the chosen cases have the time at all, int64[cells]; float64[shares][cells] of seconds,
    NaN where n is 0. Cells are those of `scan.count` with the same `by` and `edges`. 8 bytes of memory a case."""
    sizes = ((len(edges) - 1,) if edges is not None else ()) + tuple(one.size for one in by)
    keys = _keys(segments, wanted, measured, by, edges)
    cells = keys >> VALUE_BITS
    values = keys & ((1 << VALUE_BITS) - 1)
    size = int(np.prod(sizes, dtype=np.int64))
    n = np.bincount(cells, minlength=size).astype(np.int64)
    first = np.cumsum(n) - n
    found = np.full((len(shares), size), np.nan)
    some = np.flatnonzero(n)
    for row, share in enumerate(shares):
        place = share * (n[some] - 1)
        low = np.floor(place).astype(np.int64)
        below, above = values[first[some] + low], values[first[some] + np.ceil(place).astype(np.int64)]
        found[row, some] = below + (place - low) * (above - below)
    return n.reshape(sizes), found.reshape((len(shares), *sizes))


def _keys(
    segments: Sequence[Segment], wanted: Chosen, measured: Measured, by: tuple[By, ...], edges: Ints | None
) -> Ints:
    """cell << 32 | seconds of every case that is there now, in order."""
    since, until = rows.ends(wanted, edges)
    dimensions = tuple(rows.dimension(by[i] if i < len(by) else None) for i in range(2))
    came, went = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for one in segments:
        if not rows.meets(one, since, until):
            continue
        piece = (one, 0, len(one))
        sign, column = rows.signs_of(*piece), np.asarray(one.columns[measured])
        keys, signs = _collect(
            rows.rows_of(*piece), rows.more_of(*piece, None), sign, rows.period_of(one, since, until),
            rows.masks_of(wanted), rows.asked_of(*piece, None), rows.spans_of(one, edges), dimensions, column,
        )  # fmt: skip
        came.append(keys[signs > 0])
        went.append(keys[signs < 0])
    return _without(np.sort(np.concatenate(came)), np.sort(np.concatenate(went)))


def _without(keys: Ints, gone: Ints) -> Ints:
    """Keys less those that went, each once for each time it went; both in order."""
    if not len(gone):
        return keys
    nth = np.arange(len(gone)) - np.searchsorted(gone, gone, side="left")
    return np.delete(keys, np.searchsorted(keys, gone, side="left") + nth)


@kernel
def _collect(
    held: Any, more: Any, sign: Any, period: Any, masks: Any, asked: Any, time: Any, dimensions: Any, column: Any
) -> Any:  # pragma: no cover
    keys, signs = np.empty(len(column), np.int64), np.empty(len(column), np.int8)
    left, cells = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int64)
    m = 0
    for start in range(0, len(column), BLOCK):
        stop = min(start + BLOCK, len(column))
        n = cells_of(held, more, period, masks, asked, time, dimensions, start, stop, left, cells)
        for k in range(n):
            i = left[k]
            keys[m] = (cells[k] << VALUE_BITS) | np.int64(column[i])
            signs[m] = 1 if len(sign) == 0 else sign[i]
            m += int(column[i] >= 0)
    return keys[:m], signs[:m]
