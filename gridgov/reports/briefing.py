"""What a page for the morning meeting is made of: figures against the period before, a map, findings in sentences.

Owns which facts stand on a page of each kind. Does not own how it looks (`sheet`, `findings`), nor the counting and the
statistics (`analytics`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gridgov.analytics import rising, searching, service
from gridgov.analytics.clusters import Cluster
from gridgov.analytics.daily import daily, happened
from gridgov.analytics.hotspots import HotSpots, Measure
from gridgov.analytics.period import Period, local_day, midnight
from gridgov.analytics.rules import Filter, households_of
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Level
from gridgov.areas.service import CityFacts, city
from gridgov.auth.rules import EVERYWHERE
from gridgov.platform.days import calendar
from gridgov.reports import queries
from gridgov.reports.density import streets, thinned

Longs = NDArray[np.int64]
Rises = tuple[tuple[rising.Rise, Mapping[str, str]], ...]
MOST_RISES, MOST_CLUSTERS = 6, 5
ALL: Mapping[str, str] = {"zh": "全部类别", "en": "All matters"}
WHOLE: Mapping[str, str] = {"zh": "全市", "en": "The whole city"}


class Kind(StrEnum):
    """What a page is about."""

    DENSITY = "density"
    HOTSPOTS = "hotspots"
    TREND = "trend"


DEFAULT_DAYS: Mapping[Kind, int | None] = {Kind.DENSITY: None, Kind.HOTSPOTS: 28, Kind.TREND: 7}
"""How many days a page shows where nobody says since when; None: all there are."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence in each language; `area_ids`: which areas of the map it is about."""

    said: Mapping[str, str]
    area_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Briefing:
    """`counts`, `before`: int64[areas] of the period and of as many days before it (None: nothing was kept then).

    `days`: int64 of each day of the period; `total` and `before_total` count what lies outside every area, too.
    """

    kind: Kind
    city: CityFacts
    category: str | None
    category_names: Mapping[str, str] | None
    level: Level
    first: date | None
    last: date | None
    areas: tuple[AreaFacts, ...]
    households: tuple[int | None, ...]
    shapes: tuple[Any, ...]
    counts: Longs
    before: Longs | None
    days: Longs
    total: int
    before_total: int | None
    hot: HotSpots | None
    rises: Rises
    clusters: tuple[Cluster, ...]
    findings: tuple[Finding, ...]
    streets: tuple[Any, ...]
    made_at: datetime

    @property
    def rising_ids(self) -> frozenset[int]:
        """Areas in which something is rising."""
        return frozenset(one.area_id for one, _ in self.rises if one.kept and one.area_id is not None)


def briefing(
    session: Session,
    index: AreaIndex,
    kind: Kind,
    *,
    period: Period,
    now: datetime,
    level: Level = Level.GRID,
    category: str | None = None,
) -> Briefing:
    """Reads and works out what a page shows. Void and duplicate reports are not counted.

    Raises `UnknownCategory`, `BadPeriod`.
    """
    here = city(session)
    wanted = happened(Filter(period, service.categories_like(session, category), reach=EVERYWHERE))
    level = level if len(index.ids_of(level)) else Level.GRID
    span = _span(session, wanted, kind, here, now)
    named = queries.category_names(session, category.strip().rstrip("*")) if category else None
    areas = tuple(sorted((one for one in index.areas if one.level == level), key=lambda one: one.code))
    homes = households_of(index.areas)
    shapes = thinned([index.shape(area.id) for area in areas])
    none = np.zeros(len(areas), dtype=np.int64)
    counts, before, days, total, before_total = none, None, np.zeros(0, dtype=np.int64), 0, None
    hot: HotSpots | None = None
    rises: Rises = ()
    found: tuple[Finding, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    if span is not None:
        counts, before, days, before_total = _figures(session, index, level, wanted, span, here)
        total = int(days.sum())
        within = _within(wanted, span, here)
        hot = searching.hot_spots_in(session, index, level, within, Measure.COUNT) if kind is Kind.HOTSPOTS else None
        clusters = _clusters(session, index, level, within, here) if kind is Kind.HOTSPOTS else ()
        rises, found = _rises(session, index, level, within, here, kind, now, span)
    findings = _findings(hot, clusters, found)
    return Briefing(
        kind, here, (category or "").strip() or None, named, level, span[0] if span else None,
        span[1] if span else None, areas,
        tuple(homes[area.id] for area in areas), shapes, counts, before, days, total, before_total, hot, rises,
        clusters, findings, streets(session), now,
    )  # fmt: skip


def _span(session: Session, wanted: Filter, kind: Kind, here: CityFacts, now: datetime) -> tuple[date, date] | None:
    """The days shown; an open end is yesterday for what is compared by days, an open beginning goes by the kind."""
    found = service.whole_days(session, wanted.period, here.zone, reach=wanted.reach)
    if found is None:
        return None
    first, last = found
    if wanted.period.end is None and kind is not Kind.DENSITY:
        last = max(min(last, local_day(now, here.zone) - timedelta(days=1)), first)
    most = DEFAULT_DAYS[kind]
    if wanted.period.begin is None and most is not None:
        first = max(first, last - timedelta(days=most - 1))
    return first, last


def _within(wanted: Filter, span: tuple[date, date], here: CityFacts) -> Filter:
    period = Period(midnight(span[0], here.zone), midnight(span[1] + timedelta(days=1), here.zone))
    return Filter(period, wanted.category_ids, wanted.statuses, reach=wanted.reach)


def _figures(
    session: Session, index: AreaIndex, level: Level, wanted: Filter, span: tuple[date, date], here: CityFacts
) -> tuple[Longs, Longs | None, Longs, int | None]:
    """Counts by area now and before, by day now, and the sum before; None before where history begins later."""
    length = (span[1] - span[0]).days + 1
    earlier = span[0] - timedelta(days=length), span[0] - timedelta(days=1)
    known = service.whole_days(session, Period(), here.zone, reach=wanted.reach)
    there = known is not None and known[0] <= earlier[0]
    days = service.days(session, _within(wanted, span, here), here.zone)
    whole = daily(session, index.areas, level, wanted, (earlier[0] if there else span[0], span[1]), here.zone)
    summed = whole.counts.sum(axis=0)
    by_day = np.array([one.count for one in days], dtype=np.int64)
    if not there or len(whole.days) < 2 * length:
        return summed[:, -length:].sum(axis=1), None, by_day, None
    before = sum(one.count for one in service.days(session, _within(wanted, earlier, here), here.zone))
    return summed[:, -length:].sum(axis=1), summed[:, :-length].sum(axis=1), by_day, before


def _clusters(session: Session, index: AreaIndex, level: Level, within: Filter, here: CityFacts) -> tuple[Cluster, ...]:
    return searching.for_clusters(session, index, level, within, here.zone).search().items[:MOST_CLUSTERS]


def _rises(
    session: Session,
    index: AreaIndex,
    level: Level,
    within: Filter,
    here: CityFacts,
    kind: Kind,
    now: datetime,
    span: tuple[date, date],
) -> tuple[Rises, tuple[Finding, ...]]:
    """Rises of the last days of the period (at most four weeks), as rows and as sentences."""
    days = min((span[1] - span[0]).days + 1, 7 if kind is not Kind.TREND else 28)
    until = Filter(Period(None, within.period.end), within.category_ids, within.statuses, reach=within.reach)
    coarse = Level.COMMUNITY if level is Level.GRID and len(index.ids_of(Level.COMMUNITY)) else level
    gathered = searching.for_rising(
        session, index, level if kind is Kind.TREND else coarse, until, calendar(session, here.zone), now=now, days=days
    )
    if gathered is None:
        return (), ()
    found = gathered.search()
    groups = {one.code: one.names for one in gathered.counted.groups}
    areas = {one.id: one.names for one in gathered.counted.areas}
    rows = []
    for one in [one for one in found.items if one.kept][:MOST_RISES]:
        group = ALL if one.group is None else groups[one.group]
        rows.append((one, rising.told(one, group, WHOLE if one.area_id is None else areas[one.area_id], days)))
    return tuple(rows), (Finding(rising.summary(found)),)


def _findings(hot: HotSpots | None, clusters: tuple[Cluster, ...], rises: tuple[Finding, ...]) -> tuple[Finding, ...]:
    found = [] if hot is None else [Finding(hot.said)]
    found += [Finding(one.said, tuple(area.id for area in one.areas)) for one in clusters]
    return (*found, *rises)
