"""Verbs of counting from memory: any of a dozen measures, by one dimension or two, for any filter.

Owns which way of counting answers a question, and putting the answer together. Does not own the ways (`store`), the
groups (`dimensions`), the formulas (`measures`), nor where the view comes from (`store.store`). Reads no database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics import dimensions, measures
from gridgov.analytics.dimensions import LEVELS, STEPS, Dimension, Groups
from gridgov.analytics.measures import OF_CASES, PER_AREA, QUANTILES, Measure, Of
from gridgov.analytics.period import BadPeriod, Step
from gridgov.analytics.rules import DayCount, Filter, households_of, told
from gridgov.analytics.store import durations, scan
from gridgov.analytics.store.chosen import Chosen, chosen, homes, whole_seconds
from gridgov.analytics.store.cube import Cubes
from gridgov.analytics.store.rows import Cases, Elsewhere, each
from gridgov.analytics.store.view import View
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Level
from gridgov.platform.errors import BadInput

Ints = NDArray[np.int64]
MOST_CELLS = 16_000_000
MOST_SPANS = 7_321  # days of twenty years


class BadGrouping(BadInput):
    """Dimensions or measures that do not go together."""

    code = "bad-grouping"


@dataclass(frozen=True)
class Question:
    """What is asked. `statuses` of the filter are states where cases are counted. `area`: only what lies in it."""

    wanted: Filter
    by: Dimension
    then: Dimension | None = None
    measures: tuple[Measure, ...] = (Measure.COUNT,)
    of: Of = Of.INCIDENTS
    area: int | None = None
    as_by: str | None = None

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        return (self.by,) if self.then is None else (self.by, self.then)


@dataclass(frozen=True, eq=False)
class Ground:
    """What an answer rests on besides rows. `other`: the boundaries that areas are counted by instead of those in
    force, with where every row lies by them. `workers`: grid workers posted in each area. Codes by id."""

    index: AreaIndex | None
    zone: ZoneInfo
    now: datetime
    categories: Mapping[int, str] = field(default_factory=dict)
    agencies: Mapping[int, str] = field(default_factory=dict)
    workers: Mapping[int, int] = field(default_factory=dict)
    other: tuple[AreaIndex, Elsewhere] | None = None

    @property
    def boundaries(self) -> AreaIndex | None:
        """Those that are counted by."""
        return self.index if self.other is None else self.other[0]


@dataclass(frozen=True, eq=False)
class Answer:
    """Parallel columns, one item a group or pair of groups. `keys`: (ids or None, codes) of each dimension.

    `total` = counts of all groups + `unlocated` (outside every area) + `above_level` (placed only above the level);
    the last two are 0 unless areas are counted by.
    """

    keys: tuple[tuple[Sequence[int] | None, Sequence[str]], ...]
    counts: Ints
    measures: Mapping[Measure, NDArray[np.float64] | Ints]
    total: int
    unlocated: int
    above_level: int


def check(asked: Question) -> None:
    """Raises `BadGrouping`, `BadPeriod`."""
    if asked.of is Of.INCIDENTS:
        for one in asked.measures:
            if one in OF_CASES:
                raise BadGrouping(f"“{one}” is of cases.", field="measure", remedy="Add of=cases.")
        if Dimension.TIER in asked.dimensions:
            raise BadGrouping("Only cases have a tier.", field="by", remedy="Add of=cases.")
    areas = [one for one in asked.dimensions if one in LEVELS]
    for one in asked.measures:
        if one in PER_AREA and not areas:
            raise BadGrouping(f"“{one}” is of areas.", field="measure", remedy="Count by grid, community or above.")
    if asked.as_by is not None and (asked.of is Of.CASES or not areas):
        raise BadGrouping(
            "Only incidents, and only by areas, are counted as by other boundaries.", field="as_by",
            remedy="Count incidents by grid, community or above.",
        )  # fmt: skip
    if len(areas) == 2 or sum(one in STEPS for one in asked.dimensions) == 2 or asked.by == asked.then:
        raise BadGrouping(
            "Counts are by one level of areas, one step of time, and each other dimension once.", field="then",
            remedy="Take another second dimension.",
        )  # fmt: skip
    if not whole_seconds(asked.wanted):
        raise BadPeriod("Counts are of whole seconds.", field="from", remedy="Leave out parts of a second.")


def answer(view: View, cubes: Cubes, asked: Question, ground: Ground) -> Answer:
    """The answer to a question that was checked. Raises `BadGrouping`, `BadPeriod` where it would be too large."""
    inside = _inside(ground.boundaries, asked.area)
    groups = [_groups(view, asked, one, ground, inside) for one in asked.dimensions]
    _bearable(groups)
    table = _Table(view, cubes, asked, ground, groups, inside)
    counts = table.counts()
    picked, keys = _picked(groups, counts, asked.wanted)
    found: dict[Measure, NDArray[np.float64] | Ints] = {}
    for one in asked.measures:
        if one is not Measure.COUNT:
            found[one] = _measured(one, table, counts)[picked]
    unlocated = above = 0
    axis = next((i for i, one in enumerate(asked.dimensions) if one in LEVELS), None)
    if axis is not None:
        above, unlocated = (int(np.take(counts, len(groups[axis]) + i, axis=axis).sum()) for i in range(2))
    return Answer(keys, counts[picked], found, int(counts.sum()), unlocated, above)


def by_home(view: View, cubes: Cubes, areas: Sequence[AreaFacts], wanted: Filter, zone: ZoneInfo) -> tuple[
    Counter[int], int
]:  # fmt: skip
    """(deepest area -> incidents inside it, incidents outside every area): as `service.by_home` says in SQL."""
    held = homes(view.places, [area.id for area in areas])
    counts = by_place(view, cubes, chosen(view, wanted), zone)
    inside: Counter[int] = Counter()
    for place in np.flatnonzero(counts):
        inside[int(held[place])] += int(counts[place])
    outside = inside.pop(0, 0)
    return inside, outside


def days(
    view: View,
    cubes: Cubes,
    wanted: Filter,
    zone: ZoneInfo,
    *,
    area_ids: Collection[int] | None = None,
    in_force: Collection[int] | None = None,
) -> tuple[DayCount, ...]:
    """Incidents of every local day of the period, 0 included, without the empty days at an open end; `area_ids`: only
    in these. Raises `BadPeriod` beyond twenty years."""
    groups = dimensions.time_groups(view, wanted.period, Step.DAY, zone)
    _bearable([groups])
    if not groups.codes or groups.edges is None:
        return ()
    asked = chosen(view, wanted, area_ids=area_ids, in_force=in_force)
    if asked.additive and asked.anywhere:
        counts = cubes.cube(view, zone).spans(view, asked, groups.edges)
    else:
        counts = scan.count(view.segments, asked, edges=groups.edges)
    some = _busy(groups, wanted, counts)
    return tuple(DayCount(date.fromisoformat(groups.codes[i]), int(counts[i])) for i in some)


def by_place(view: View, cubes: Cubes, asked: Chosen, zone: ZoneInfo) -> Ints:
    """int64[places]: chosen rows by place, by whatever way is quicker."""
    if asked.additive:
        return cubes.cube(view, zone).places(view, asked)
    return scan.count(view.segments, asked, (each("place", len(view.places)),))


class _Table:
    """Arrays over all groups, areas with their two more, from whichever way of counting answers soonest."""

    def __init__(
        self, view: View, cubes: Cubes, asked: Question, ground: Ground, groups: Sequence[Groups],
        inside: Collection[int] | None,
    ) -> None:  # fmt: skip
        self.view, self.cubes, self.asked, self.ground, self.groups = view, cubes, asked, ground, groups
        within = inside if ground.other is None else None  # by other boundaries the groups say what is inside
        in_force = None if ground.index is None else [area.id for area in ground.index.areas]
        self.chosen = chosen(view, asked.wanted, area_ids=within, in_force=in_force)
        self._by = tuple(one.by for one in groups if one.by is not None)
        self._edges = next((one.edges for one in groups if one.edges is not None), None)
        self._time_last = len(groups) == 2 and groups[1].edges is not None
        self._elsewhere = None if ground.other is None else ground.other[1]

    def counts(self) -> Ints:
        """Chosen rows."""
        if len(self.groups) == 1 and self.chosen.additive:
            found = self._summed(self.groups[0])
            if found is not None:
                return found
        return self._scanned(self.chosen)

    def of_cases(self, cases: Cases) -> Ints:
        """Those of which more is asked."""
        return self._scanned(self.chosen, cases)

    def closed(self) -> Ints:
        """Those in the state “closed”."""
        state = np.array([name == "closed" for name in self.view.family.states])
        if self.chosen.state is not None:
            state &= self.chosen.state
        return self._scanned(replace(self.chosen, state=state))

    def quantile(self, measure: Measure) -> NDArray[np.float64]:
        """Seconds; NaN where nothing was measured."""
        measured, share = QUANTILES[measure]
        asked = self.view.segments, self.chosen, measured, [share], self._by
        values: NDArray[np.float64] = durations.quantiles(*asked, edges=self._edges)[1][0]
        return np.swapaxes(values, 0, 1) if self._time_last else values

    def of_areas(self, values: Mapping[int, float]) -> NDArray[np.float64]:
        """Values of areas by id along their axis; NaN for the two more."""
        axis = next(i for i, one in enumerate(self.asked.dimensions) if one in LEVELS)
        ids = self.groups[axis].ids or ()
        column = np.array([*(values.get(one, np.nan) for one in ids), np.nan, np.nan])
        return column.reshape(-1, *([1] * (len(self.groups) - 1 - axis)))

    def _summed(self, group: Groups) -> Ints | None:
        """From sums, where they know it."""
        if group.by is None and group.edges is not None:
            if not self.chosen.anywhere or not group.codes:
                return None
            return self.cubes.cube(self.view, self.ground.zone).spans(self.view, self.chosen, group.edges)
        if group.by is None or group.by.column not in ("place", "category"):
            return None
        cube = self.cubes.cube(self.view, self.ground.zone)
        if group.by.column == "place":
            values = cube.places(self.view, self.chosen)
        elif self.chosen.anywhere:
            values = cube.by_category(self.view, self.chosen, len(group.by.groups))
        else:
            return None
        kept = group.by.groups >= 0
        # Sums of doubles are exact below 2^53.
        return np.bincount(group.by.groups[kept], weights=values[kept], minlength=group.by.size).astype(np.int64)

    def _scanned(self, wanted: Chosen, cases: Cases | None = None) -> Ints:
        found = scan.count(
            self.view.segments, wanted, self._by, edges=self._edges, of_cases=cases, elsewhere=self._elsewhere
        )
        return found.swapaxes(0, 1) if self._time_last else found


def _measured(one: Measure, table: _Table, counts: Ints) -> NDArray[np.float64] | Ints:
    if one in QUANTILES:
        return table.quantile(one)
    if one in PER_AREA:
        return _per_area(one, table, counts)
    if one in (Measure.ENDED, Measure.CLOSED, Measure.CLOSED_SHARE):
        ended, closed = table.of_cases(Cases(ended=True)), table.closed()
        if one is Measure.CLOSED_SHARE:
            return measures.share(closed, ended)
        return closed if one is Measure.CLOSED else ended
    overdue = table.of_cases(Cases(late_before=int(table.ground.now.timestamp())))
    return overdue if one is Measure.OVERDUE else measures.share(overdue, counts)


def _per_area(one: Measure, table: _Table, counts: Ints) -> NDArray[np.float64]:
    index = table.ground.boundaries
    if index is None:
        return np.full(counts.shape, np.nan)
    if one is Measure.PER_100_HOUSEHOLDS:
        known = {ident: float(n) for ident, n in households_of(index.areas).items() if n is not None}
        return measures.per(counts, np.broadcast_to(table.of_areas(known), counts.shape), times=100)
    if one is Measure.PER_KM2:
        return measures.per(counts, np.broadcast_to(table.of_areas(dimensions.km2_of(index)), counts.shape))
    below = dimensions.summed_up(index.areas, table.ground.workers)
    return measures.per(counts, np.broadcast_to(table.of_areas(below), counts.shape))


def _inside(index: AreaIndex | None, area: int | None) -> set[int] | None:
    """An area with all below it, and above it for the levels there; None: everywhere. Nothing where it is not."""
    if area is None:
        return None
    return set() if index is None or index.get(area) is None else {one.id for one in index.descendants(area)}


def _groups(view: View, asked: Question, one: Dimension, ground: Ground, inside: Collection[int] | None) -> Groups:
    if one in LEVELS:
        return _areas(view, asked, LEVELS[one], ground, inside)
    if one in STEPS:
        return dimensions.time_groups(view, asked.wanted.period, STEPS[one], ground.zone)
    if one is Dimension.CATEGORY:
        return dimensions.categories(ground.categories)
    if one is Dimension.AGENCY:
        return dimensions.agencies(view, ground.agencies)
    fixed = {Dimension.CHANNEL: dimensions.channels, Dimension.TIER: dimensions.tiers}
    return fixed[one]() if one in fixed else dimensions.states(view)


def _areas(view: View, asked: Question, level: Level, ground: Ground, inside: Collection[int] | None) -> Groups:
    boundaries = ground.boundaries
    if boundaries is None:
        raise BadGrouping("The city has no areas yet.", field="by", remedy="Load them with: gridgov city load FILE")
    if ground.other is not None:
        everywhere = told(boundaries.areas, asked.wanted.reach) is None
        return dimensions.groups_elsewhere(boundaries, level, inside=inside, everywhere=everywhere)
    if inside and asked.area is not None:
        inside = {*inside, *(area.id for area in boundaries.path_of(asked.area))}
    tell = told(boundaries.areas, asked.wanted.reach)
    return dimensions.area_groups(boundaries, level, view.places, told=tell, inside=inside)


def _bearable(groups: Sequence[Groups]) -> None:
    for one in groups:
        if one.edges is not None and len(one) > MOST_SPANS:
            raise BadPeriod(
                "Days are counted for at most twenty years.", field="to", remedy="Ask for a shorter period, or several."
            )
    cells = int(np.prod([one.by.size if one.by is not None else len(one) for one in groups]))
    if cells > MOST_CELLS:
        raise BadGrouping(
            f"This would be {cells} counts.", field="then",
            remedy="Count by one of them, by a level above, or by months instead of days.",
        )  # fmt: skip


def _picked(
    groups: Sequence[Groups], counts: Ints, wanted: Filter
) -> tuple[tuple[Ints, ...], tuple[tuple[Sequence[int] | None, Sequence[str]], ...]]:
    """Which cells are told, and their keys: of one dimension all that are shown, of two those that have rows."""
    shown = np.ones((), np.bool_)
    for axis, one in enumerate(groups):
        seen = np.zeros(counts.shape[axis], np.bool_)
        seen[: len(one)] = True if one.shown is None else one.shown
        shown = shown[..., None] & seen
    if len(groups) == 2 or any(one.shown is None and one.edges is None for one in groups):
        shown = shown & (counts != 0)
    picked = np.nonzero(shown)
    if len(groups) == 1 and groups[0].edges is not None:
        picked = (np.array(_busy(groups[0], wanted, counts), dtype=np.int64),)
    keys = []
    for one, places in zip(groups, picked, strict=True):
        if len(places) == len(one):
            keys.append((one.ids, one.codes))
            continue
        some = places.tolist()
        keys.append((None if one.ids is None else [one.ids[i] for i in some], [one.codes[i] for i in some]))
    return picked, tuple(keys)


def _busy(groups: Groups, wanted: Filter, counts: Ints) -> range:
    """Without the empty days at an open end."""
    busy = np.flatnonzero(counts)
    begin, end = wanted.period.begin, wanted.period.end
    if not len(busy) and (begin is None or end is None):
        return range(0)
    first = int(busy[0]) if begin is None else 0
    return range(first, int(busy[-1]) + 1 if end is None else len(groups))
