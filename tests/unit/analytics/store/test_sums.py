"""Sums by spot and month beside counting by hand; who makes them, and for how long they are kept."""

from __future__ import annotations

import gc
import threading
from dataclasses import replace

import numpy as np
import pytest

from gridgov.analytics.store import sums
from gridgov.analytics.store.columns import INCIDENTS
from gridgov.analytics.store.sums import HEXAGONS, PLACE_BITS, Kind, SumsCache, cells, spots_of
from gridgov.analytics.store.view import Segment, View
from tests.unit.analytics.store.making import Size, make_view


@pytest.fixture(scope="module")
def view() -> View:
    return make_view(INCIDENTS, Size(rows=5_000, months=20))


def by_hand(segment: Segment, kind: Kind) -> dict[int, int]:
    where = segment.columns[kind.column].astype(np.int64) >> kind.shift
    spots, counts = np.unique(where << PLACE_BITS | segment.columns["place"], return_counts=True)
    return dict(zip(spots.tolist(), counts.tolist(), strict=True))


@pytest.mark.parametrize("kind", [cells(17), cells(12), cells(0), cells(25), HEXAGONS])
def test_spots_are_those_of_the_rows(view: View, kind: Kind) -> None:
    for segment in view.base:
        spots, counts = spots_of(segment, kind)
        assert (np.diff(spots) > 0).all()
        assert dict(zip(spots.tolist(), counts.tolist(), strict=True)) == by_hand(segment, kind)


def test_sums_run_up_from_month_to_month(view: View) -> None:
    found = SumsCache().get(view.base, cells(14))
    assert found is not None
    assert (found.upto[0] == 0).all()
    for m, segment in enumerate(view.base):
        month = found.upto[m + 1] - found.upto[m]
        told = {spot: n for spot, n in zip(found.spots.tolist(), month.tolist(), strict=True) if n}
        assert told == by_hand(segment, cells(14))


def test_they_are_made_once_and_go_with_their_segments(view: View) -> None:
    cache = SumsCache()
    mine = [replace(one) for one in view.base[:3]]
    first = cache.get(mine, cells(14))
    assert cache.get(list(mine), cells(14)) is first
    assert cache.get(mine[:2], cells(14)) is not first
    assert len(cache._sums) == 2
    assert len(cache._spots) == 3
    mine.clear()
    gc.collect()
    cache.get(view.base[:1], cells(14))
    assert len(cache._sums) == 1, "what nobody holds any more is forgotten"
    assert len(cache._spots) == 1


def test_whoever_comes_while_they_are_made_is_told_that_there_are_none(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, begun, go = SumsCache(), threading.Event(), threading.Event()
    whole = sums.spots_of

    def slowly(segment: Segment, kind: Kind) -> tuple[sums.Spots, sums.Spots]:
        begun.set()
        go.wait(30)
        return whole(segment, kind)

    monkeypatch.setattr(sums, "spots_of", slowly)
    maker = threading.Thread(target=cache.get, args=(view.base, cells(14)))
    maker.start()
    assert begun.wait(30)
    assert cache.get(view.base, cells(14)) is None
    go.set()
    maker.join()
    assert cache.get(view.base, cells(14)) is not None
