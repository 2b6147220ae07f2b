"""Counts by area, kind of matter and day: what clusters and rises are looked for in.

Owns the table of counts and its days. Does not own the statistics (`clusters`, `rising`) nor the areas.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gridgov.analytics import service
from gridgov.analytics.period import Period, midnight
from gridgov.analytics.queries import counts as counting
from gridgov.analytics.queries import daily as queries
from gridgov.analytics.rules import Filter, ancestors_at
from gridgov.analytics.store import scan
from gridgov.analytics.store.chosen import chosen, homes
from gridgov.analytics.store.rows import By
from gridgov.analytics.store.view import View
from gridgov.areas.rules import AreaFacts, Level
from gridgov.incidents.rules import Status

Longs = NDArray[np.int64]

HAPPENED: tuple[str, ...] = (Status.OPEN, Status.CLOSED)
"""What is counted where nobody asks for a status: neither void reports nor repeats of one that is counted already."""
MOST_CELLS = 10_000_000
"""Of a table; where there would be more, earlier days are left out."""


@dataclass(frozen=True, slots=True)
class Group:
    """A kind of matter: the group of the catalogue."""

    code: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Daily:
    """`counts`: int64[groups, areas, days], days of the city without a gap; areas of one level by code."""

    groups: tuple[Group, ...]
    areas: tuple[AreaFacts, ...]
    days: tuple[date, ...]
    counts: Longs


def groups_of(session: Session) -> dict[int, Group]:
    """The group of every matter by the matter's id."""
    return {row.id: Group(row.code, row.names) for row in queries.groups(session)}


def happened(wanted: Filter) -> Filter:
    """The filter, without void and duplicate reports unless somebody asks for a status."""
    return replace(wanted, statuses=wanted.statuses or HAPPENED)


def last_days(session: Session, wanted: Filter, zone: ZoneInfo, most: int) -> tuple[date, date] | None:
    """First and last day of the filter's period; an open end is that of the city's incidents, and at most `most` days
    before the last where the beginning is open. None without any day."""
    begin, end = wanted.period.begin, wanted.period.end
    span = service.whole_days(
        session, Period(begin or _floor(session, wanted, end, most), end), zone, reach=wanted.reach
    )
    if span is None or begin is not None:
        return span
    return max(span[0], span[1] - timedelta(days=most - 1)), span[1]


def _floor(session: Session, wanted: Filter, end: datetime | None, most: int) -> datetime | None:
    """A beginning that is early enough, so that twenty years and more before it are no matter."""
    first_at, last_at = counting.first_and_last(session, wanted.reach)
    if first_at is None or last_at is None:
        return None
    return max(first_at, (end or last_at) - timedelta(days=most + 2))


def daily(
    session: Session,
    areas: Sequence[AreaFacts],
    level: Level,
    wanted: Filter,
    span: tuple[date, date],
    zone: ZoneInfo,
    *,
    told: Sequence[int] | None = None,
    view: View | None = None,
) -> Daily:
    """Counts of every day from the first to the last of `span`. `areas`: all areas in force now, of every level.

    `told`: ids of the areas that may be told of; default: all of the level. `view`: of incidents, to count in memory;
    None: in the database, which takes as long as there are incidents in the days. Whole days: the filter's own period
    is not looked at. Groups without any incident are left out.
    """
    shown = tuple(
        sorted((a for a in areas if a.level == level and (told is None or a.id in told)), key=lambda a: a.code)
    )
    kinds = groups_of(session)
    codes = sorted({group.code for group in kinds.values()})
    most = MOST_CELLS // max(len(codes) * len(shown), 1)
    first = span[1] - timedelta(days=max(min(most, (span[1] - span[0]).days + 1), 1) - 1)
    days = tuple(first + timedelta(days=i) for i in range((span[1] - first).days + 1))
    edges = [midnight(day, zone) for day in (*days, span[1] + timedelta(days=1))]
    within = replace(wanted, period=Period(edges[0], edges[-1]))
    if view is not None:
        return _scanned(view, within, shown, areas, level, kinds, days, edges)
    counting.settle(session)
    rows = queries.by_area_category_and_day(session, within, edges)
    return _table(rows, shown, areas, level, kinds, days)


def _scanned(
    view: View,
    wanted: Filter,
    shown: tuple[AreaFacts, ...],
    areas: Sequence[AreaFacts],
    level: Level,
    kinds: Mapping[int, Group],
    days: tuple[date, ...],
    edges: Sequence[datetime],
) -> Daily:
    """The same from memory: rows by kind and area in one pass."""
    codes = sorted({group.code for group in kinds.values()})
    place = {code: i for i, code in enumerate(codes)}
    groups = np.full(max(kinds, default=0) + 1, -1, dtype=np.int32)
    for category_id, group in kinds.items():
        groups[category_id] = place[group.code]
    home, row_of = ancestors_at(areas, level), {area.id: i for i, area in enumerate(shown)}
    held = homes(view.places, [area.id for area in areas])
    rows = np.array([row_of.get(home.get(int(area_id), -1), -1) for area_id in held], dtype=np.int32)
    by = (By("category", groups, len(codes)), By("place", rows, max(len(shown), 1)))
    moments = np.array([int(edge.timestamp()) for edge in edges], dtype=np.int64)
    counts = scan.count(view.segments, chosen(view, wanted), by, edges=moments)
    some = np.flatnonzero(counts.any(axis=(0, 2)))
    names = {group.code: group for group in kinds.values()}
    table = np.ascontiguousarray(counts[:, some, : len(shown)].transpose(1, 2, 0))
    return Daily(tuple(names[codes[i]] for i in some), shown, days, table)


def home_of(row: Any, in_force: Container[int]) -> int:
    """The area that a counted row belongs to now: its own if it is in force, or else its unit."""
    return int(row.area_id if row.area_id in in_force or row.unit_id is None else row.unit_id)


def _table(
    rows: Sequence[Any],
    shown: tuple[AreaFacts, ...],
    areas: Sequence[AreaFacts],
    level: Level,
    kinds: Mapping[int, Group],
    days: tuple[date, ...],
) -> Daily:
    in_force, home = {area.id for area in areas}, ancestors_at(areas, level)
    row_of = {area.id: i for i, area in enumerate(shown)}
    found = sorted({kinds[row.category_id].code for row in rows})
    names = {group.code: group for group in kinds.values()}
    place = {code: i for i, code in enumerate(found)}
    counts = np.zeros((len(found), len(shown), len(days)), dtype=np.int64)
    for row in rows:
        at = row_of.get(home.get(home_of(row, in_force), -1))
        if at is not None:
            counts[place[kinds[row.category_id].code], at, row.day - 1] += row.n
    return Daily(tuple(names[code] for code in found), shown, days, counts)
