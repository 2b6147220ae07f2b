"""Verbs of analytics: count incidents by area, hexagon and day.

Owns what is counted. Does not own the areas (`areas`; their tree comes in) nor tiles (`tiles`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import h3.api.numpy_int as h3
from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.analytics.period import BadPeriod, Period, local_day, midnight
from gridgov.analytics.queries import counts as queries
from gridgov.analytics.rules import (
    RESOLUTIONS,
    AreaCount,
    DayCount,
    Density,
    Filter,
    HexCount,
    area_density,
)
from gridgov.analytics.store.chosen import chosen, whole_seconds
from gridgov.analytics.store.hexes import by_hexagon
from gridgov.analytics.store.view import View
from gridgov.areas.rules import AreaFacts, Level
from gridgov.auth import posts
from gridgov.auth.rules import Reach, Role
from gridgov.incidents.rules import Status
from gridgov.platform.errors import BadInput

MAX_DAYS = 7_320  # twenty years


class UnknownCategory(BadInput):
    """The catalogue has no matter of this code, group or prefix."""

    code = "unknown-category"


class UnknownStatus(BadInput):
    """Not a status of an incident."""

    code = "unknown-status"


class BadResolution(BadInput):
    """Hexagons come in resolutions 5 to 9."""

    code = "bad-resolution"


def categories_like(session: Session, written: str | None) -> tuple[int, ...] | None:
    """Ids of the matters meant by a code, a group's code, or a prefix that ends in `*`. None and `*` mean all: None.

    Raises `UnknownCategory` when nothing of the kind is in the catalogue.
    """
    wanted = (written or "").strip()
    if wanted in {"", "*"}:
        return None
    is_prefix = wanted.endswith("*")
    found = queries.category_ids(
        session, code=None if is_prefix else wanted, prefix=wanted.removesuffix("*") if is_prefix else None
    )
    if not found:
        raise UnknownCategory(
            f"The catalogue has no category “{wanted}”.",
            field="category",
            remedy="Give a code such as 0601, a group such as 06, or a prefix such as 06*.",
        )
    return tuple(found)


def categories_of(session: Session, written: Iterable[str] | None) -> tuple[int, ...] | None:
    """The same of several together; nothing given means all. Raises `UnknownCategory`."""
    found: set[int] = set()
    given = [one for one in written or () if one.strip()]
    for one in given:
        some = categories_like(session, one)
        if some is None:
            return None
        found.update(some)
    return tuple(sorted(found)) if given else None


def category_codes(session: Session) -> dict[int, str]:
    """Codes of all matters by id."""
    return {row.id: row.code for row in queries.categories(session)}


def posts_by_area(session: Session, role: Role, now: datetime) -> dict[int, int]:
    """How many posts of a role are in force in each area; whose they are is not asked."""
    return posts.counted(session, role, now)


def states_like(known: Sequence[str], written: Iterable[str] | None) -> tuple[str, ...] | None:
    """Statuses or states by name; None or nothing means all. Raises `UnknownStatus`."""
    wanted = tuple(sorted({one.strip() for one in written or ()}))
    for one in wanted:
        if one not in known:
            raise UnknownStatus(
                f"“{one}” is not a status of these.", field="status", remedy=f"Use one of: {', '.join(known)}."
            )
    return wanted or None


def statuses_like(written: Iterable[str] | None) -> tuple[str, ...] | None:
    """Statuses by name; None or nothing means all. Raises `UnknownStatus`."""
    wanted = tuple(sorted({status.strip() for status in written or ()}))
    for status in wanted:
        if status not in set(Status):
            raise UnknownStatus(
                f"“{status}” is not a status.", field="status", remedy=f"Use one of: {', '.join(Status)}."
            )
    return wanted or None


def density(session: Session, areas: Sequence[AreaFacts], level: Level, wanted: Filter) -> Density[AreaCount]:
    """Incidents for every area of a level. `areas`: all areas in force now, of every level."""
    inside, unlocated = by_home(session, areas, wanted)
    return area_density(areas, level, inside, unlocated)


def by_home(session: Session, areas: Sequence[AreaFacts], wanted: Filter) -> tuple[Counter[int], int]:
    """(deepest area -> incidents inside it, incidents outside every area)."""
    queries.settle(session)
    in_force = {area.id for area in areas}
    inside: Counter[int] = Counter()
    unlocated = 0
    for row in queries.by_area(session, wanted):
        inside[_home(row, in_force)] += row.inside
        unlocated += row.n - row.inside
    return inside, unlocated


def _home(row: Row[Any], in_force: Container[int]) -> int:
    """The area a counted row belongs to now: its own if it is in force, or else its unit."""
    return int(row.area_id if row.area_id in in_force or row.unit_id is None else row.unit_id)


def hexagons(session: Session, wanted: Filter, *, resolution: int = 8, view: View | None = None) -> Density[HexCount]:
    """Incidents for every H3 cell that has any: the ancestor of the finest cell, which H3 nests nearly, not exactly.

    From the view; without one, and for a period with parts of a second, in SQL. Raises `BadResolution`.
    """
    if resolution not in RESOLUTIONS:
        raise BadResolution(
            f"Hexagons of resolution {resolution} are not counted.",
            field="resolution",
            remedy="Use 5 (about 9 km across an edge) to 9 (about 0.2 km).",
        )
    found: Iterable[tuple[int, int]]
    if view is not None and whole_seconds(wanted):
        cells, counts, unlocated = by_hexagon(view, chosen(view, wanted), resolution)
        found = zip(cells.tolist(), counts.tolist(), strict=True)
    else:
        queries.settle(session)
        rows = queries.by_hexagon(session, wanted, resolution)
        found, unlocated = ((row.cell, row.inside) for row in rows), sum(row.n - row.inside for row in rows)
    items = [_hexagon(cell, n) for cell, n in found if n]
    return Density(sum(item.count for item in items) + unlocated, unlocated, 0, tuple(items))


def _hexagon(cell: int, n: int) -> HexCount:
    lat, lon = h3.cell_to_latlng(cell)
    ring = tuple((round(x, 5), round(y, 5)) for y, x in h3.cell_to_boundary(cell))
    return HexCount(h3.int_to_str(cell), round(lon, 6), round(lat, 6), n, ring)


def days(session: Session, wanted: Filter, zone: ZoneInfo) -> tuple[DayCount, ...]:
    """Incidents of every day of the period in the city's zone, 0 included.

    An open end of the period is the first or last incident there is. Raises `BadPeriod` beyond twenty years.
    """
    queries.settle(session)
    span = whole_days(session, wanted.period, zone, reach=wanted.reach)
    if span is None:
        return ()
    found = queries.by_span(session, wanted, day_edges(span, wanted.period, zone))
    counted = [DayCount(span[0] + timedelta(days=i), n) for i, n in enumerate(found)]
    return tuple(_trimmed(counted, wanted.period))


def by_area_and_span(
    session: Session, areas: Sequence[AreaFacts], wanted: Filter, edges: Sequence[datetime]
) -> Counter[tuple[int, int]]:
    """(deepest area, place of the span from 0) -> incidents inside that area from one edge up to the next.

    The filter's period must lie within the edges.
    """
    queries.settle(session)
    in_force = {area.id for area in areas}
    found: Counter[tuple[int, int]] = Counter()
    for row in queries.by_area_and_span(session, wanted, edges):
        found[_home(row, in_force), row.span - 1] += row.n
    return found


def by_cell_and_span(
    session: Session, wanted: Filter, edges: Sequence[datetime], zoom: int
) -> dict[tuple[int, int], int]:
    """(Z-order number of a map cell, place of the span from 0) -> incidents, also outside every area."""
    queries.settle(session)
    return {(row.key, row.span - 1): int(row.n) for row in queries.by_cell_and_span(session, wanted, edges, zoom)}


def whole_days(session: Session, period: Period, zone: ZoneInfo, *, reach: Reach) -> tuple[date, date] | None:
    """First and last calendar day of a period; an open end is that of the city's incidents. None without any day.

    Raises `BadPeriod` beyond twenty years.
    """
    begin, end = period.begin, period.end
    if begin is None or end is None:
        first_at, last_at = queries.first_and_last(session, reach)
        if first_at is None or last_at is None:
            return None
        begin, end = begin or first_at, end or last_at + timedelta(microseconds=1)
    first, last = local_day(begin, zone), local_day(end - timedelta(microseconds=1), zone)
    if (last - first).days > MAX_DAYS:
        raise BadPeriod(
            "Days are counted for at most twenty years.", field="to", remedy="Ask for a shorter period, or several."
        )
    return (first, last) if first <= last else None


def day_edges(span: tuple[date, date], period: Period, zone: ZoneInfo) -> list[datetime]:
    """Where the days of a span begin, and where the last ends; the period's own ends cut the first and the last day."""
    first, last = span
    edges = [midnight(first + timedelta(days=i), zone) for i in range((last - first).days + 2)]
    if period.begin is not None:
        edges[0] = period.begin
    if period.end is not None:
        edges[-1] = period.end
    return edges


def _trimmed(counted: list[DayCount], period: Period) -> list[DayCount]:
    """Without the empty days at an open end: what is counted need not reach as far as the city's incidents do."""
    busy = [i for i, day in enumerate(counted) if day.count]
    if not busy and (period.begin is None or period.end is None):
        return []
    start = busy[0] if period.begin is None else 0
    stop = busy[-1] + 1 if period.end is None else len(counted)
    return counted[start:stop]
