"""Scanning says what a list of the rows says: any filter, any two columns, any edges of time, changes and all."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgov.analytics.rules import Filter
from gridgov.analytics.store import scan
from gridgov.analytics.store.chosen import chosen
from gridgov.analytics.store.columns import CASES, CHANNELS, FAMILIES, INCIDENTS, TIERS, Family
from gridgov.analytics.store.rows import COLUMNS, By, Cases, each
from gridgov.analytics.store.scan import count
from gridgov.analytics.store.view import Segment, View
from gridgov.auth.rules import EVERYWHERE
from tests.property.analytics.asked import BEGIN, END, SMALL, filters, holds
from tests.unit.analytics.store.making import AS_OF, make_view, rows_of

VIEWS = {family.name: make_view(family, SMALL, seed=3) for family in FAMILIES}
ROWS = {name: rows_of(view) for name, view in VIEWS.items()}
NOW = int(AS_OF.timestamp())
sizes = {"place": 40, "category": 9, "agency": 9, "channel": len(CHANNELS), "state": 16, "tier": len(TIERS)}


@st.composite
def columns(draw: st.DrawFn, family: Family) -> By:
    """A column by itself, or its values in few groups, some values in none."""
    name = draw(st.sampled_from(COLUMNS[:-1] if family is CASES else COLUMNS[:-2]))
    if draw(st.booleans()):
        return each(name, sizes[name])
    groups = draw(st.lists(st.integers(-1, 3), min_size=1, max_size=sizes[name]))
    return By(name, np.array(groups, dtype=np.int32), 4)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_count_is_that_of_the_list_of_rows(family: Family, data: st.DataObject) -> None:
    view, rows = VIEWS[family.name], ROWS[family.name]
    wanted = data.draw(filters(family.states))
    by = tuple(data.draw(st.lists(columns(family), max_size=2)))
    edges = data.draw(st.none() | st.lists(st.integers(BEGIN, END), min_size=2, max_size=40, unique=True).map(sorted))
    late = (
        data.draw(st.none() | st.just(Cases(ended=True)) | st.just(Cases(late_before=NOW))) if family is CASES else None
    )
    found = count(
        view.segments,
        chosen(view, wanted),
        by,
        edges=None if edges is None else np.array(edges, dtype=np.int64),
        of_cases=late,
    )
    held = holds(view, rows, wanted)
    if late is not None:
        held &= (rows["handled"] >= 0) if late.ended else (rows["late"] < NOW)
    expected: Counter[tuple[int, ...]] = Counter()
    for i in np.flatnonzero(held):
        spot = [] if edges is None else [int(np.searchsorted(edges, rows["second"][i], side="right")) - 1]
        values = [int(rows[one.column][i]) for one in by]
        spot += [int(one.groups[v]) if v < len(one.groups) else -1 for one, v in zip(by, values, strict=True)]
        if all(place >= 0 for place in spot) and (edges is None or spot[0] < len(edges) - 1):
            expected[tuple(spot)] += 1
    assert {spot: int(n) for spot, n in np.ndenumerate(found) if n} == expected


@settings(max_examples=10, deadline=None)
@given(filters(INCIDENTS.states))
def test_two_threads_count_what_one_counts(wanted: Filter) -> None:
    view = make_view(INCIDENTS, replace(SMALL, rows=12_000))
    by = (each("place", len(view.places)),)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "ALONE", 0)
        patch.setattr(scan, "CHUNK", 700)
        two = count(view.segments, chosen(view, wanted), by, threads=2)
    assert np.array_equal(two, count(view.segments, chosen(view, wanted), by, threads=1))


def test_rows_of_a_mapped_file_count_like_those_in_memory() -> None:
    view = VIEWS["incidents"]
    frozen = View(
        view.family, tuple(_frozen(one) for one in view.base), view.changes, view.places, view.agencies, view.hexes,
        view.as_of, view.mark,
    )  # fmt: skip
    wanted, by = Filter(reach=EVERYWHERE), (each("place", len(view.places)),)
    assert np.array_equal(
        count(frozen.segments, chosen(frozen, wanted), by), count(view.segments, chosen(view, wanted), by)
    )


def _frozen(segment: Segment) -> Segment:
    columns = {name: column.copy() for name, column in segment.columns.items()}
    for column in columns.values():
        column.flags.writeable = False
    return Segment(segment.month, columns, segment.sign, segment.version)
