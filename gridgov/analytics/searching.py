"""Verbs that look for what stands out: hot spots, clusters in space and time, rises. One way for the API and reports.

Owns which areas, days and counts a search is made on. Does not own the statistics (`hotspots`, `clusters`, `rising`)
nor counting (`service`, `daily`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gridgov.analytics import clusters, hotspots, rising, service
from gridgov.analytics.daily import Daily, daily, happened, last_days
from gridgov.analytics.period import Period, local_day
from gridgov.analytics.rules import AreaCount, Density, Filter, Within, area_density, within
from gridgov.analytics.store.view import View
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import Level
from gridgov.auth.rules import Reach
from gridgov.platform.calendars import Calendar

CLUSTER_DAYS = 56
HISTORY_DAYS = 730
WINDOW_DAYS, LONGEST_WINDOW_DAYS = 7, 28


@dataclass(frozen=True, slots=True)
class ToCluster:
    """Counts by area and day, and where the middles of the areas lie in metres. Searching needs no transaction."""

    level: Level
    counted: Daily
    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]

    def search(
        self,
        *,
        radius_m: float = clusters.RADIUS_M,
        longest_days: int = clusters.LONGEST_DAYS,
        seed: int = 0,
    ) -> clusters.Clusters:
        """Takes up to some seconds of two cores."""
        known = self.counted
        return clusters.clusters(
            known.areas, self.x_m, self.y_m, known.counts, known.days, self.level,
            groups=[group.names for group in known.groups], radius_m=radius_m,
            longest_days=longest_days, seed=seed,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ToRise:
    """Counts by kind of matter, area and day up to the last day that is looked at."""

    counted: Daily
    calendar: Calendar
    window: int

    def search(self, *, false_share: float = rising.FALSE_SHARE) -> rising.Rising:
        known = self.counted
        return rising.rising(
            known.counts, [group.code for group in known.groups], [area.id for area in known.areas], known.days,
            self.calendar, window=self.window, false_share=false_share,
        )  # fmt: skip


def reached(index: AreaIndex, level: Level, reach: Reach, asked: Within | None = None) -> list[int]:
    """Ids of the areas of a level that may be told of to somebody with this reach, by code."""
    return [one.id for one in within(area_density(index.areas, level, {}, 0), index.areas, reach, asked).items]


def hot_spots_in(
    session: Session,
    index: AreaIndex,
    level: Level,
    wanted: Filter,
    measure: hotspots.Measure,
    *,
    false_share: float = hotspots.FALSE_SHARE,
) -> hotspots.HotSpots:
    """Hot and cold areas of a level within the reach."""
    counted = service.density(session, index.areas, level, wanted)
    found: Density[AreaCount] = within(counted, index.areas, wanted.reach, wanted.within)
    shapes = {item.id: index.shape(item.id) for item in found.items}
    return hotspots.hot_spots(found, shapes, level, measure, false_share=false_share)


def for_clusters(
    session: Session, index: AreaIndex, level: Level, wanted: Filter, zone: ZoneInfo, *, view: View | None = None
) -> ToCluster:
    """What clusters are looked for in: the filter's whole days; with an open beginning the last eight weeks of it."""
    wanted = happened(wanted)
    span = last_days(session, wanted, zone, CLUSTER_DAYS)
    told = reached(index, level, wanted.reach, wanted.within)
    if span is None:
        return ToCluster(level, Daily((), (), (), np.zeros((0, 0, 0), dtype=np.int64)), np.zeros(0), np.zeros(0))
    counted = daily(session, index.areas, level, wanted, span, zone, told=told, view=view)
    middles = shapely.centroid(np.array([index.shape(area.id) for area in counted.areas], dtype=object))
    return ToCluster(level, counted, *index.projection.forward(shapely.get_x(middles), shapely.get_y(middles)))


def for_rising(
    session: Session,
    index: AreaIndex,
    level: Level,
    wanted: Filter,
    calendar: Calendar,
    *,
    now: datetime,
    days: int = WINDOW_DAYS,
    view: View | None = None,
) -> ToRise | None:
    """The last `days` whole days before the end of the filter's period, and up to two years before them.

    Where the period is open to the end, the last day is the one before today, or the last that has incidents. Where it
    has a beginning, the days since then are looked at instead, the last 28 of them at most. None without any incident,
    and without any such day.
    """
    since, wanted = wanted.period.begin, replace(happened(wanted), period=Period(None, wanted.period.end))
    if since is not None:
        days = LONGEST_WINDOW_DAYS
    span = last_days(session, wanted, calendar.zone, HISTORY_DAYS + days)
    if span is None:
        return None
    last = min(span[1], local_day(now, calendar.zone) - timedelta(days=1)) if wanted.period.end is None else span[1]
    if since is not None:
        days = min((last - local_day(since, calendar.zone)).days + 1, LONGEST_WINDOW_DAYS)
        if days < 1:
            return None
    first = min(_first(session, wanted, calendar.zone, span[0]), last)
    told = reached(index, level, wanted.reach, wanted.within)
    counted = daily(session, index.areas, level, wanted, (first, last), calendar.zone, told=told, view=view)
    return ToRise(counted, calendar, min(days, len(counted.days)))


def _first(session: Session, wanted: Filter, zone: ZoneInfo, first: date) -> date:
    """History begins with the first whole day after the first incident of all: before, nothing was kept."""
    known = service.whole_days(session, wanted.period, zone, reach=wanted.reach)
    return first if known is None else max(first, known[0] + timedelta(days=1))
