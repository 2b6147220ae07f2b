"""What the density report shows: counts by area and step of time, cells for the heat, streets as a base.

Owns the choice and thinning of the data. Does not own how the page looks (`page`) nor how incidents are counted
(`analytics`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gridgov.analytics import service
from gridgov.analytics.period import Period, Step, midnight, next_step, step_for, steps
from gridgov.analytics.quad import TileAddress, centre_of, tile_of
from gridgov.analytics.rules import Filter, ancestors_at, area_density, households_of, within
from gridgov.analytics.store import bins, scan
from gridgov.analytics.store.chosen import chosen, homes, whole_seconds
from gridgov.analytics.store.rows import each
from gridgov.analytics.store.view import View
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Level
from gridgov.areas.service import CityFacts, city
from gridgov.auth.rules import EVERYWHERE
from gridgov.reports import queries
from gridgov.reports.classes import breaks

SHOWN_LEVELS = (Level.GRID, Level.COMMUNITY, Level.SUBDISTRICT, Level.DISTRICT)
HEAT_ZOOM, TILE_BITS = 18, 8  # of cells; how many of their zooms are counted at once
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
    narrowed: tuple[dict[str, str], ...] = ()


def density_report(
    session: Session,
    index: AreaIndex,
    *,
    period: Period,
    category: str | None = None,
    now: datetime,
    wanted: Filter | None = None,
    narrowed: Sequence[dict[str, str]] = (),
    view: View | None = None,
) -> DensityReport:
    """Reads what the page needs. `index`: the areas in force now. An empty period or city gives an empty report.

    `wanted`: for somebody's reach and by more filters, which `narrowed` says in words (by language); None: the whole
    city, `category` alone. `view`: of incidents, to count in memory. Raises `UnknownCategory` and `BadPeriod`.
    """
    here = city(session)
    if wanted is None:
        wanted = Filter(period, service.categories_like(session, category), reach=EVERYWHERE)
    days = service.whole_days(session, period, here.zone, reach=wanted.reach)
    step = step_for((days[1] - days[0]).days + 1) if days else Step.DAY
    spans, edges = _spans(days, step, period, here.zone) if days else ((), [])
    asked = replace(wanted, period=Period(edges[0], edges[-1])) if edges else wanted
    found = _counted(session, index, asked, edges, view)
    told = [
        figures
        for level in SHOWN_LEVELS
        if len((figures := _level(index, level, found.by_area, len(spans), wanted)).areas)
    ]
    return DensityReport(
        city=here,
        category=(category or "").strip() or None,
        category_names=queries.category_names(session, category.strip().rstrip("*")) if category else None,
        step=step,
        spans=spans,
        by_step=found.by_step,
        total=int(found.by_step.sum()),
        unlocated=found.unlocated,
        levels=tuple(told),
        cells=_cells(found.by_cell),
        streets=streets(session),
        made_at=now,
        narrowed=tuple(narrowed),
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """(deepest area, step) -> incidents; (map cell of `HEAT_ZOOM`, step) -> incidents, of those in and around the city;
    those of every step; those outside every area."""

    by_area: Mapping[tuple[int, int], int]
    by_cell: Mapping[tuple[int, int], int]
    by_step: NDArray[np.int64]
    unlocated: int


def _counted(
    session: Session, index: AreaIndex, wanted: Filter, edges: Sequence[datetime], view: View | None
) -> _Counted:
    if not edges:
        return _Counted({}, {}, np.zeros(0, dtype=np.int64), 0)
    if view is None or not whole_seconds(wanted):
        outside = service.density(session, index.areas, Level.CITY, wanted).unlocated
        by_area = service.by_area_and_span(session, index.areas, wanted, edges)
        by_cell = service.by_cell_and_span(session, wanted, edges, HEAT_ZOOM)
        by_step = np.zeros(len(edges) - 1, dtype=np.int64)
        for (_, span), n in by_cell.items():
            by_step[span] += n
        return _Counted(by_area, by_cell, by_step, outside)
    moments = np.array([int(edge.timestamp()) for edge in edges], dtype=np.int64)
    counts = scan.count(view.segments, chosen(view, wanted), (each("place", len(view.places)),), edges=moments)
    held = homes(view.places, [area.id for area in index.areas])
    by_home: dict[tuple[int, int], int] = {}
    for span, place in zip(*np.nonzero(counts), strict=True):
        key = (int(held[place]), int(span))
        by_home[key] = by_home.get(key, 0) + int(counts[span, place])
    outside = sum(by_home.pop((0, span), 0) for span in range(len(edges) - 1))
    cells: dict[tuple[int, int], int] = {}
    for span, (since, until) in enumerate(pairwise(edges)):
        asked = chosen(view, replace(wanted, period=Period(since, until)))
        for tile in _tiles(index):
            keys, numbers = bins.cells(view, asked, tile, HEAT_ZOOM)
            cells |= {(key, span): n for key, n in zip(keys.tolist(), numbers.tolist(), strict=True)}
    return _Counted(by_home, cells, counts.sum(axis=1), outside)


def _tiles(index: AreaIndex) -> list[TileAddress]:
    """Tiles that hold the city and what lies around it within its own width, few enough to be looked through."""
    west, south, east, north = index.bbox
    wide, high = max(east - west, 0.01), max(north - south, 0.01)
    zoom = HEAT_ZOOM - TILE_BITS
    first = tile_of(max(west - wide, -180.0), min(north + high, 85.0), zoom)
    last = tile_of(min(east + wide, 179.99), max(south - high, -85.0), zoom)
    return [TileAddress(zoom, x, y) for x in range(first.x, last.x + 1) for y in range(first.y, last.y + 1)]


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


def _level(
    index: AreaIndex, level: Level, by_area: Mapping[tuple[int, int], int], steps_: int, wanted: Filter
) -> LevelFigures:
    """Of the areas that the reader is told of."""
    told = within(area_density(index.areas, level, {}, 0), index.areas, wanted.reach, wanted.within).items
    areas = tuple(area for item in told if (area := index.get(item.id)) is not None)
    row = {area.id: i for i, area in enumerate(areas)}
    home = ancestors_at(index.areas, level)
    counts = np.zeros((len(areas), steps_), dtype=np.int64)
    for (area_id, span), n in by_area.items():
        at = home.get(area_id)
        if at in row:
            counts[row[at], span] += n
    known = households_of(index.areas)
    shapes = thinned([index.shape(area.id) for area in areas]) if areas else ()
    return LevelFigures(level, areas, tuple(known[area.id] for area in areas), counts, shapes)


def thinned(shapes: Sequence[Any]) -> tuple[Any, ...]:
    """Polygons with few enough vertices for a page; edges that were shared stay shared. Rounded to about 1 m."""
    found = np.array(shapes, dtype=object)
    tolerance_deg = 0.00002
    while True:
        thin = shapely.coverage_simplify(found, tolerance_deg)
        if shapely.get_num_coordinates(thin).sum() <= MAX_AREA_VERTICES or tolerance_deg > 0.001:
            return tuple(thin)
        tolerance_deg *= 2


def _cells(counted: Mapping[tuple[int, int], int]) -> tuple[tuple[float, float, dict[int, int]], ...]:
    """Map cells with incidents, as coarse as it takes to stay below `MAX_CELLS`."""
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
    return tuple(placed)


def streets(session: Session) -> tuple[Any, ...]:
    """Street lines as a base; without the minor classes where there are too many for a page."""
    rows = queries.streets(session, STREET_TOLERANCE_DEG)
    lines = shapely.from_wkb(np.array([row.wkb for row in rows], dtype=object))
    if shapely.get_num_coordinates(lines).sum() > MAX_STREET_VERTICES:
        lines = lines[np.array([row[0] not in MINOR for row in rows], dtype=bool)]
    while len(lines) and shapely.get_num_coordinates(lines).sum() > MAX_STREET_VERTICES:
        lines = lines[shapely.length(lines) >= np.median(shapely.length(lines))]
    return tuple(lines)
