"""What the density report shows: counts by area and step of time, cells for the heat, streets as a base.

Owns the choice and thinning of the data. Does not own how the page looks (`page`) nor how incidents are counted
(`analytics`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gridgov.analytics import service
from gridgov.analytics.period import Period, Step, midnight, next_step, step_for, steps
from gridgov.analytics.quad import centre_of
from gridgov.analytics.rules import Filter, ancestors_at, households_of
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Level
from gridgov.areas.service import CityFacts, city
from gridgov.auth.rules import EVERYWHERE
from gridgov.reports import queries
from gridgov.reports.classes import breaks

SHOWN_LEVELS = (Level.GRID, Level.COMMUNITY, Level.SUBDISTRICT, Level.DISTRICT)
HEAT_ZOOM = 18
MAX_CELLS = 20_000
MAX_STREET_VERTICES = 120_000
STREET_TOLERANCE_DEG = 0.00003
MAX_AREA_VERTICES = 150_000
MINOR = frozenset(
    {"service", "track", "path", "footway", "cycleway", "steps", "alley", "lane", "driveway", "residential"}
)


@dataclass(frozen=True, slots=True)
class Span:
    """One step of time: calendar days of the city, both inclusive."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class LevelFigures:
    """The areas of one level, by code. `counts` has a row an area and a column a step; shapes in EPSG:4326."""

    level: Level
    areas: tuple[AreaFacts, ...]
    households: tuple[int | None, ...]
    counts: NDArray[np.int64]
    shapes: tuple[Any, ...]

    def rates(self) -> NDArray[np.float64]:
        """Incidents per 100 households and step; NaN where there are no households."""
        homes = np.array([h or np.nan for h in self.households], dtype=np.float64)
        return 100.0 * self.counts / homes[:, None] if len(homes) else np.empty(self.counts.shape)

    def breaks(self) -> dict[str, dict[str, list[float]]]:
        """Class bounds of counts and rates, for the whole period and for single steps (the same for all of them)."""
        rates = self.rates()
        return {
            "count": {"all": breaks(self.counts.sum(axis=1)), "step": breaks(self.counts)},
            "rate": {"all": breaks(rates.sum(axis=1)), "step": breaks(rates)},
        }


@dataclass(frozen=True, slots=True)
class DensityReport:
    """Everything the page shows. `total` counts `unlocated` (outside every area) too; `cells`: (lat, lon, by step)."""

    city: CityFacts
    category: str | None
    category_names: dict[str, str] | None
    step: Step
    spans: tuple[Span, ...]
    by_step: NDArray[np.int64]
    total: int
    unlocated: int
    levels: tuple[LevelFigures, ...]
    cells: tuple[tuple[float, float, dict[int, int]], ...]
    streets: tuple[Any, ...]
    made_at: datetime


def density_report(
    session: Session, index: AreaIndex, *, period: Period, category: str | None = None, now: datetime
) -> DensityReport:
    """Reads what the page needs. `index`: the areas in force now. An empty period or city gives an empty report.

    Raises `UnknownCategory` and `BadPeriod`.
    """
    here = city(session)
    wanted = Filter(period, service.categories_like(session, category), reach=EVERYWHERE)
    days = service.whole_days(session, period, here.zone, reach=EVERYWHERE)
    step = step_for((days[1] - days[0]).days + 1) if days else Step.DAY
    spans, edges = _spans(days, step, period, here.zone) if days else ((), [])
    within = Filter(Period(edges[0], edges[-1]), wanted.category_ids, reach=wanted.reach) if edges else wanted
    counted = service.density(session, index.areas, Level.CITY, within)
    by_area = service.by_area_and_span(session, index.areas, within, edges) if edges else {}
    cells, by_step = _cells(session, within, edges)
    return DensityReport(
        city=here,
        category=(category or "").strip() or None,
        category_names=queries.category_names(session, category.strip().rstrip("*")) if category else None,
        step=step,
        spans=spans,
        by_step=by_step,
        total=counted.total if edges else 0,
        unlocated=counted.unlocated if edges else 0,
        levels=tuple(_level(index, level, by_area, len(spans)) for level in SHOWN_LEVELS if len(index.ids_of(level))),
        cells=cells,
        streets=streets(session),
        made_at=now,
    )


def _spans(
    days: tuple[date, date], step: Step, period: Period, zone: ZoneInfo
) -> tuple[tuple[Span, ...], list[datetime]]:
    """The steps that the days fall into, cut to the days, and the instants between them."""
    first, last = days
    starts = list(steps(first, last, step))
    spans = tuple(Span(max(start, first), min(next_step(start, step) - timedelta(days=1), last)) for start in starts)
    edges = [midnight(span.first, zone) for span in spans] + [midnight(last + timedelta(days=1), zone)]
    edges[0], edges[-1] = period.begin or edges[0], period.end or edges[-1]
    return spans, edges


def _level(index: AreaIndex, level: Level, by_area: Mapping[tuple[int, int], int], steps_: int) -> LevelFigures:
    areas = tuple(sorted((a for a in index.areas if a.level == level), key=lambda a: a.code))
    row = {area.id: i for i, area in enumerate(areas)}
    home = ancestors_at(index.areas, level)
    counts = np.zeros((len(areas), steps_), dtype=np.int64)
    for (area_id, span), n in by_area.items():
        at = home.get(area_id)
        if at is not None:
            counts[row[at], span] += n
    homes = households_of(index.areas)
    shapes = thinned([index.shape(area.id) for area in areas])
    return LevelFigures(level, areas, tuple(homes[area.id] for area in areas), counts, shapes)


def thinned(shapes: Sequence[Any]) -> tuple[Any, ...]:
    """Polygons with few enough vertices for a page; edges that were shared stay shared. Rounded to about 1 m."""
    found = np.array(shapes, dtype=object)
    tolerance_deg = 0.00002
    while True:
        thin = shapely.coverage_simplify(found, tolerance_deg)
        if shapely.get_num_coordinates(thin).sum() <= MAX_AREA_VERTICES or tolerance_deg > 0.001:
            return tuple(thin)
        tolerance_deg *= 2


def _cells(
    session: Session, wanted: Filter, edges: Sequence[datetime]
) -> tuple[tuple[tuple[float, float, dict[int, int]], ...], NDArray[np.int64]]:
    """Map cells with incidents, as coarse as it takes to stay below `MAX_CELLS`, and the sum of each step."""
    by_step = np.zeros(max(len(edges) - 1, 0), dtype=np.int64)
    if not edges:
        return (), by_step
    counted = service.by_cell_and_span(session, wanted, edges, HEAT_ZOOM)
    for (_, span), n in counted.items():
        by_step[span] += n
    zoom, keys = HEAT_ZOOM, {key for key, _ in counted}
    while len(keys) > MAX_CELLS:
        zoom, keys = zoom - 1, {key >> 2 for key in keys}
    cells: dict[int, dict[int, int]] = {}
    for (key, span), n in counted.items():
        cell = cells.setdefault(key >> 2 * (HEAT_ZOOM - zoom), {})
        cell[span] = cell.get(span, 0) + n
    placed = []
    for key in sorted(cells):
        lon, lat = centre_of(key, zoom)
        placed.append((round(lat, 5), round(lon, 5), cells[key]))
    return tuple(placed), by_step


def streets(session: Session) -> tuple[Any, ...]:
    """Street lines as a base; without the minor classes where there are too many for a page."""
    rows = queries.streets(session, STREET_TOLERANCE_DEG)
    lines = shapely.from_wkb(np.array([row.wkb for row in rows], dtype=object))
    if shapely.get_num_coordinates(lines).sum() > MAX_STREET_VERTICES:
        lines = lines[np.array([row[0] not in MINOR for row in rows], dtype=bool)]
    while len(lines) and shapely.get_num_coordinates(lines).sum() > MAX_STREET_VERTICES:
        lines = lines[shapely.length(lines) >= np.median(shapely.length(lines))]
    return tuple(lines)
