"""Counts of a view in H3 cells of resolutions 5 to 9.

Owns counting by hexagon. Does not own the filter (`chosen`) nor H3 itself (`geo.hexagons`). Whole months of which
nothing but time and place is asked come from sums; the rest is counted row by row, on two threads. What lies outside
every area is counted apart, as in SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.store import bins
from gridgov.analytics.store.bins import WORTH_A_THREAD, Longs
from gridgov.analytics.store.chosen import Chosen, Mask
from gridgov.analytics.store.sums import HEXAGONS, PLACE_BITS, PLACES, SUMS
from gridgov.analytics.store.view import Segment, View
from gridgov.geo import hexagons
from gridgov.geo.compiled import kernel


def by_hexagon(view: View, wanted: Chosen, resolution: int) -> tuple[Longs, Longs, int]:
    """(H3 cells rising, rows in each, rows outside every area): int64[n], int64[n]. `resolution`: at most 9.

    Rows of no cell are among the cells as 0, as they are in SQL.
    """
    out = np.zeros((2, len(view.hexes)), dtype=np.int64)  # outside, inside
    inside = (~view.places.outside).astype(np.int64)
    found, (first, last), left = bins.summed_months(view, wanted, HEXAGONS)
    if found is not None:
        mask = bins.place_mask(wanted)
        _sum_up(found.spots, found.upto[first], found.upto[last], _any(mask), inside, out)
    _add_rows([*left, *(one for one in view.changes if bins.touched(one, wanted))], wanted, inside, out)
    coarse, at = np.unique(hexagons.parent(view.hexes, resolution), return_inverse=True)
    counts = np.bincount(at, weights=out[1], minlength=len(coarse)).astype(np.int64)
    some = counts > 0
    return coarse[some], counts[some], int(out[0].sum())


def warm(view: View) -> None:
    """Makes the sums that hexagons of this view are counted from, ahead of the first who asks."""
    SUMS.get(bins.by_month(view.base), HEXAGONS)


def _any(mask: Mask | None) -> Mask:
    return np.zeros(0, dtype=np.bool_) if mask is None else mask


def _add_rows(segments: Sequence[Segment], wanted: Chosen, inside: Longs, out: NDArray[np.int64]) -> None:
    def count(segment: Segment) -> NDArray[np.int64]:
        mine = np.zeros_like(out)
        rows = bins.rows_that_count(segment, wanted, 0, len(segment))
        columns = (np.asarray(segment.columns[name]) for name in ("hex", "place"))
        _count(*columns, bins.signs_of(segment), rows, inside, mine)
        return mine

    if sum(len(one) for one in segments) < WORTH_A_THREAD:
        for one in segments:
            out += count(one)
        return
    for counted in bins.pool().map(count, segments):
        out += counted


@kernel
def _sum_up(spots: Any, before: Any, after: Any, mask: Any, inside: Any, out: Any) -> None:
    for i in range(len(spots)):
        n = after[i] - before[i]
        place = spots[i] & PLACES
        if n and (len(mask) == 0 or mask[place]):
            out[inside[place], spots[i] >> PLACE_BITS] += n


@kernel
def _count(cell: Any, place: Any, sign: Any, rows: Any, inside: Any, out: Any) -> None:
    signed = len(sign) > 0
    for i in rows:
        out[inside[place[i]], cell[i]] += sign[i] if signed else 1
