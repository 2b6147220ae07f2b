"""The cube says what scanning says, whatever has a row of its own in it, and costs only what is new."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgov.analytics.period import Period
from gridgov.analytics.rules import Filter
from gridgov.analytics.store import scan
from gridgov.analytics.store.chosen import chosen
from gridgov.analytics.store.columns import FAMILIES, INCIDENTS, Family
from gridgov.analytics.store.cube import Cubes
from gridgov.analytics.store.rows import each
from gridgov.analytics.store.slices import Slices
from gridgov.analytics.store.view import Segment, View
from gridgov.auth.rules import EVERYWHERE
from tests.property.analytics.asked import BEGIN, END, SMALL, filters
from tests.unit.analytics.store.making import Size, make_places, make_segment, make_view

VIEWS = {family.name: make_view(family, SMALL, seed=5) for family in FAMILIES}
PLACES = len(make_places(SMALL))
SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = [SHANGHAI, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")]
A_ROW = 4 * (SMALL.months + 1) * PLACES  # bytes
# No category has a row of its own, some have, all have.
KEEPERS = [Cubes(0), Cubes(4 * A_ROW), Cubes(1 << 20)]


def additive(wanted: Filter) -> Filter:
    """Without what only rows can tell."""
    return replace(wanted, statuses=None, channels=None, agency_ids=None, reach=replace(wanted.reach, agencies=()))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@pytest.mark.parametrize("keeper", KEEPERS, ids=["no rows", "few rows", "rows"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_counts_by_place_are_those_of_scanning(family: Family, keeper: Cubes, data: st.DataObject) -> None:
    view, wanted = VIEWS[family.name], additive(data.draw(filters(family.states)))
    zone = data.draw(st.sampled_from(ZONES))
    if data.draw(st.booleans()):  # ends at midnight
        begin, end = (None if m is None else m.astimezone(zone).replace(hour=0, minute=0, second=0)
                      for m in (wanted.period.begin, wanted.period.end))  # fmt: skip
        if begin is None or end is None or begin < end:
            wanted = replace(wanted, period=Period(begin, end))
    asked = chosen(view, wanted)
    found = keeper.cube(view, zone).places(view, asked)
    assert np.array_equal(found, scan.count(view.segments, asked, (each("place", PLACES),)))


@settings(max_examples=40, deadline=None)
@given(filters(INCIDENTS.states), st.lists(st.integers(BEGIN, END), min_size=2, max_size=50, unique=True).map(sorted))
def test_counts_by_time_and_by_category_are_those_of_scanning(wanted: Filter, edges: list[int]) -> None:
    view, wanted = VIEWS["incidents"], replace(additive(wanted), reach=EVERYWHERE)
    asked, cut = chosen(view, wanted), np.array(edges, dtype=np.int64)
    cube = KEEPERS[0].cube(view, SHANGHAI)
    days = np.unique((cut + 28_800) // 86_400 * 86_400 - 28_800)
    for ends in (cut, days) if len(days) > 1 else (cut,):
        assert np.array_equal(cube.spans(view, asked, ends), scan.count(view.segments, asked, edges=ends))
    assert np.array_equal(cube.spans(view, asked, cut), scan.count(view.segments, asked, edges=cut))
    by = (each("category", 9),)
    assert np.array_equal(cube.by_category(view, asked, 9), scan.count(view.segments, asked, by))


@given(st.integers(0, 2**32), st.sampled_from([0, 1, 2, 300]))
@settings(max_examples=20, deadline=None)
def test_slices_are_the_rows_by_category_and_time(seed: int, n: int) -> None:
    segment = _segment(n, seed)
    found, held = Slices.of(segment), segment.columns
    order = np.lexsort([held["at"], held["category"]])
    assert np.array_equal(found.at, held["at"][order])
    assert np.array_equal(np.repeat(found.categories, found.counts), held["category"][order])
    rows = sorted(zip(held["category"], held["at"], held["place"], strict=True))
    assert sorted(zip(np.repeat(found.categories, found.counts), found.at, found.place, strict=True)) == rows


def test_a_month_made_anew_costs_that_month_and_the_sums_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    view, keeper = VIEWS["incidents"], Cubes()
    first = keeper.cube(view, SHANGHAI)
    sorted_: list[int] = []
    plain = Slices.of

    def watched(segment: Segment) -> Slices:
        sorted_.append(segment.month)
        return plain(segment)

    monkeypatch.setattr(Slices, "of", watched)
    changed = replace(view, base=(*view.base[:2], _again(view, 2), *view.base[3:]), changes=())
    second = keeper.cube(changed, SHANGHAI)
    assert sorted_ == [view.base[2].month]
    assert [a is b for a, b in zip(first.upto, second.upto, strict=True)] == [True, True, True, False, False]
    asked = chosen(changed, Filter(category_ids=(1, 3), reach=EVERYWHERE))
    by_place = (each("place", PLACES),)
    assert np.array_equal(second.places(changed, asked), scan.count(changed.segments, asked, by_place))
    assert keeper.cube(replace(changed, changes=view.changes, mark="newer"), SHANGHAI) is second
    # An older view is still answered by its own cube.
    asked = chosen(view, Filter(category_ids=(1, 3), reach=EVERYWHERE))
    assert np.array_equal(first.places(view, asked), scan.count(view.segments, asked, by_place))


def test_ten_thousand_categories_cost_no_more_than_the_budget() -> None:
    size = Size(rows=60_000, months=3, grids=200, categories=10_000, changed=0.01)
    view, budget = make_view(INCIDENTS, size, seed=9), 1 << 20
    cube = Cubes(budget).cube(view, SHANGHAI)
    assert len(cube.categories) > 500
    assert cube.nbytes <= budget < 4 * len(cube.categories) * len(view.places) * 4
    for ids in [tuple(range(1, 10_001)), tuple(range(1, 10_001, 2)), (7,), (9_999,), tuple(range(5_000, 10_001)), ()]:
        asked = chosen(view, Filter(category_ids=ids, reach=EVERYWHERE))
        by_place = (each("place", len(view.places)),)
        assert np.array_equal(cube.places(view, asked), scan.count(view.segments, asked, by_place)), ids[:3]


def test_a_category_that_grows_gets_a_row() -> None:
    view, keeper = VIEWS["incidents"], Cubes(3 * A_ROW)
    before = keeper.cube(view, SHANGHAI)
    without = int(before.categories[np.argmin(before.counts)])
    assert before.row_of[without : without + 1].sum() == 0
    grown = _segment(20_000, 4, month=view.base[-1].month + 1)
    grown.columns["category"][:] = without
    after = keeper.cube(replace(view, base=(*view.base, grown)), SHANGHAI)
    assert after.row_of[without] > 0


def _segment(n: int, seed: int, month: int = 648) -> Segment:
    view = VIEWS["incidents"]
    return make_segment(INCIDENTS, month, n, SMALL, np.random.default_rng(seed), view.places, view.hexes)


def _again(view: View, place: int) -> Segment:
    return _segment(len(view.base[place]) + 10, 8, view.base[place].month)
