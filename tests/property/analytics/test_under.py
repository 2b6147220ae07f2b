"""Looking up again only what a change can have moved says what looking everything up says, point for point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon

from gridgov.analytics import under
from gridgov.analytics.store.columns import INCIDENTS
from gridgov.analytics.store.view import View
from gridgov.analytics.under import Relocations
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Level
from tests.unit.analytics.store.making import ACROSS, SOUTH, WEST, Size, make_view

SIDE = 5  # cells across the city, of which grids are made
STEP = ACROSS / (SIDE + 1)  # a rim of the made city lies outside


def made() -> View:
    """Incidents in and around the city, a fifth of them exactly on the lines between cells and on their corners."""
    view = make_view(INCIDENTS, Size(rows=3_000, months=3, changed=0.02), seed=2)
    rng = np.random.default_rng(3)
    for one in view.segments:
        lon, lat = one.columns["lon"], one.columns["lat"]
        for column, start in ((lon, WEST), (lat, SOUTH)):
            some = rng.random(len(column)) < 0.2
            column[some] = np.array([start + k * STEP for k in range(SIDE + 1)])[rng.integers(0, SIDE + 1, some.sum())]
    return view


VIEW = made()


def index_of(owner: Sequence[int], codes: Sequence[str], bare: int | None = None) -> AreaIndex:
    """A city whose cell k belongs to grid `owner[k]`, in two communities (left and right); `bare`: a grid that is not
    there, so that its ground lies in its community alone."""
    cells = [
        shapely.box(WEST + i * STEP, SOUTH + j * STEP, WEST + (i + 1) * STEP, SOUTH + (j + 1) * STEP)
        for j in range(SIDE) for i in range(SIDE)
    ]  # fmt: skip
    city = shapely.union_all(cells)
    halves = [shapely.union_all([c for k, c in enumerate(cells) if (k % SIDE < 2) == left]) for left in (True, False)]
    areas = [AreaFacts(1, Level.CITY, "C", {}, None)]
    areas += [AreaFacts(2 + i, Level.COMMUNITY, f"C{i}", {}, 1) for i in range(2)]
    shapes = [city, *halves]
    for grid in sorted(set(owner) - {bare}):
        areas.append(AreaFacts(10 + grid, Level.GRID, codes[grid], {}, 2))
        shapes.append(shapely.union_all([cell for cell, one in zip(cells, owner, strict=True) if one == grid]))
    return AreaIndex(areas, [one for one in shapes if isinstance(one, Polygon | MultiPolygon)], 4528)


owners = st.lists(st.integers(0, 9), min_size=SIDE**2, max_size=SIDE**2)


@settings(max_examples=40, deadline=None)
@given(owners, st.data())
def test_following_a_draft_says_what_looking_all_up_says(owner: list[int], data: st.DataObject) -> None:
    codes = [f"G{k}" for k in data.draw(st.permutations(range(12)))]
    before = index_of(owner, codes)
    after_owner, after_codes = list(owner), list(codes)
    for cell in data.draw(st.lists(st.integers(0, SIDE**2 - 1), max_size=3)):
        after_owner[cell] = data.draw(st.integers(0, 11))
    if data.draw(st.booleans()):
        after_codes[3], after_codes[4] = after_codes[4], after_codes[3]
    after = index_of(after_owner, after_codes, bare=data.draw(st.none() | st.integers(0, 9)))
    keeper = Relocations()
    keeper.of(VIEW, "before", before)
    followed = keeper.of(VIEW, "after", after)
    afresh = Relocations().of(VIEW, "after", after)
    for one in VIEW.segments:
        assert np.array_equal(followed[one], afresh[one])
        plain = after.locate_many(one.columns["lon"], one.columns["lat"])
        ids = np.array([0, *(area.id for area in after.areas)])
        assert np.array_equal(ids[followed[one]], np.where(plain.outside_m > 0, 0, plain.area_id))


def test_only_what_changed_is_looked_up_again() -> None:
    owner = [k % SIDE for k in range(SIDE**2)]  # five columns
    codes = [f"G{k}" for k in range(12)]
    changed = list(owner)
    changed[0] = 9  # a corner cell of the first column becomes a grid
    keeper, rows = Relocations(), sum(len(one) for one in VIEW.segments)
    first = keeper.of(VIEW, 0, index_of(owner, codes))
    assert keeper.looked_up == rows
    keeper.of(VIEW, 0, index_of(owner, codes))
    assert keeper.looked_up == rows
    keeper.of(VIEW, 1, index_of(changed, codes))
    again = keeper.looked_up - rows
    touched = sum(int(np.isin(first[one], [0, 4, 5]).sum()) for one in VIEW.segments)  # outside; two columns of five
    assert 0 < again <= touched < rows
    keeper.of(VIEW, 2, index_of(changed, codes))  # another name, the same boundaries
    assert keeper.looked_up - rows == again


def test_the_test_would_notice_rows_that_are_not_looked_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: carrying every row over by the id of its area alone is wrong."""
    codes = [f"G{k}" for k in range(12)]
    before, after = index_of([0] * 8 + [1] * 17, codes), index_of([0] * 17 + [1] * 8, codes)
    monkeypatch.setattr(under, "_same", lambda *_: True)
    keeper = Relocations()
    keeper.of(VIEW, "before", before)
    wrong = keeper.of(VIEW, "after", after)
    right = Relocations().of(VIEW, "after", after)
    assert any(not np.array_equal(wrong[one], right[one]) for one in VIEW.base)
