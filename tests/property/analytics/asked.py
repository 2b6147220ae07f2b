"""Filters over made views, and what they choose, row by row: what every way of counting is held against."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from gridgov.analytics.period import Period
from gridgov.analytics.rules import Filter
from gridgov.analytics.store.columns import CHANNELS, start_s
from gridgov.analytics.store.view import View
from gridgov.auth.rules import EVERYWHERE, Reach
from tests.unit.analytics.store.making import FIRST_AGENCY, FIRST_AREA, FIRST_GRID, FIRST_UNIT, MONTH_0, Size

SMALL = Size(rows=1_500, months=4, grids=9, units=3, categories=7, agencies=3, changed=0.1)
BEGIN, END = start_s(MONTH_0) - 90_000, start_s(MONTH_0 + SMALL.months) + 90_000

moments = st.integers(BEGIN, END).map(lambda second: datetime.fromtimestamp(second, UTC))


def some_of(values: Any) -> st.SearchStrategy[tuple[Any, ...] | None]:
    """None (any), or some of the values, perhaps none at all."""
    return st.none() | st.lists(st.sampled_from(values), unique=True).map(tuple)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Any ends, open ones and beginnings of months too."""
    whole = st.integers(0, SMALL.months).map(lambda m: datetime.fromtimestamp(start_s(MONTH_0 + m), UTC))
    begin, end = draw(st.none() | moments | whole), draw(st.none() | moments | whole)
    if begin is not None and end is not None and end <= begin:
        begin, end = (end, begin) if end < begin else (begin, None)
    return Period(begin, end)


reaches = st.just(EVERYWHERE) | st.builds(
    Reach,
    units=st.lists(st.sampled_from([FIRST_UNIT, FIRST_UNIT + 1]), unique=True).map(tuple),
    places=st.lists(st.sampled_from([FIRST_GRID, FIRST_GRID + 1, FIRST_AREA]), unique=True).map(tuple),
    agencies=st.lists(st.sampled_from([FIRST_AGENCY, FIRST_AGENCY + 1]), unique=True).map(tuple),
)


@st.composite
def filters(draw: st.DrawFn, states: tuple[str, ...]) -> Filter:
    """Any filter; category 99 has no row."""
    return Filter(
        draw(periods()),
        draw(some_of([*range(1, SMALL.categories + 1), 99])),
        draw(some_of(states)),
        draw(some_of(CHANNELS)),
        draw(some_of(range(FIRST_AGENCY, FIRST_AGENCY + SMALL.agencies))),
        reach=draw(reaches),
    )


def holds(view: View, rows: dict[str, NDArray[Any]], wanted: Filter) -> NDArray[np.bool_]:
    """Which rows the filter chooses, said as in SQL, condition by condition."""
    places, reach = view.places, wanted.reach
    grid, area, unit = (ids[rows["place"]] for ids in (places.grid, places.area, places.unit))
    agency = view.agencies[rows["agency"]]
    found = np.ones(len(rows["second"]), np.bool_)
    if wanted.period.begin is not None:
        found &= rows["second"] >= wanted.period.begin.timestamp()
    if wanted.period.end is not None:
        found &= rows["second"] < wanted.period.end.timestamp()
    if wanted.category_ids is not None:
        found &= np.isin(rows["category"], wanted.category_ids)
    if wanted.statuses is not None:
        found &= np.isin(np.array(view.family.states)[rows["state"]], wanted.statuses)
    if wanted.channels is not None:
        found &= np.isin(np.array(CHANNELS)[rows["channel"]], wanted.channels)
    if wanted.agency_ids is not None:
        found &= np.isin(agency, wanted.agency_ids) & (agency != 0)
    if not reach.city:
        found &= (
            np.isin(unit, reach.units) | np.isin(grid, reach.places) | ((grid == 0) & np.isin(area, reach.places))
        ) | (np.isin(agency, reach.agencies) & (agency != 0))
    return found
