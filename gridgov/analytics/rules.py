"""What a count means: which incidents are asked for, and how counts of grids become counts of any level. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Generic, TypeVar

from gridgov.analytics.period import Period
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import TOP_DOWN, AreaFacts, Level
from gridgov.auth.rules import Reach

RESOLUTIONS = range(5, 10)


@dataclass(frozen=True, slots=True)
class Within:
    """An area in force by which a filter is cut down. `ids`: it and all below it; `in_force`: all areas in force.

    Both follow from the area and the `version` of the boundaries, so that these alone are told and compared.
    """

    area: int
    version: str
    ids: tuple[int, ...] = field(repr=False, compare=False)
    in_force: tuple[int, ...] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which incidents count. None stands for “any”; `category_ids` may be empty only if nothing can match.

    `reach` has no default: whoever counts says for whom.
    """

    period: Period = field(default_factory=Period)
    category_ids: tuple[int, ...] | None = None
    statuses: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    agency_ids: tuple[int, ...] | None = None
    within: Within | None = None
    reach: Reach = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class AreaCount:
    """One area and its incidents; `households` are its own or else the sum of its children's."""

    id: int
    code: str
    names: Mapping[str, str]
    count: int
    households: int | None
    per_100_households: float | None


@dataclass(frozen=True, slots=True)
class HexCount:
    """One H3 cell (its index in hexadecimal) with its centre, its corners in order, and its incidents."""

    cell: str
    lon: float
    lat: float
    count: int
    ring: tuple[tuple[float, float], ...]


Item = TypeVar("Item", AreaCount, HexCount)


@dataclass(frozen=True, slots=True)
class Density(Generic[Item]):
    """`total` = counts of the items + `unlocated` (outside every area) + `above_level` (in an area above the level)."""

    total: int
    unlocated: int
    above_level: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class DayCount:
    """Incidents of one calendar day in the city's zone."""

    day: date
    count: int


def per_100(count: int, households: int | None) -> float | None:
    """Incidents per 100 households; None where there are none to divide by."""
    return round(100 * count / households, 4) if households else None


def ancestors_at(areas: Iterable[AreaFacts], level: Level) -> dict[int, int]:
    """Id of every area at or below the level -> id of its ancestor (or itself) of that level."""
    by_id = {area.id: area for area in areas}
    found: dict[int, int] = {}
    for area in by_id.values():
        above: AreaFacts | None = area
        while above is not None and above.level != level:
            above = by_id.get(above.parent_id) if above.parent_id is not None else None
        if above is not None:
            found[area.id] = above.id
    return found


def below_or_at(areas: Iterable[AreaFacts], area: AreaFacts) -> list[int]:
    """Ids of an area and of all below it."""
    return [inner for inner, outer in ancestors_at(areas, area.level).items() if outer == area.id]


def households_of(areas: Sequence[AreaFacts]) -> dict[int, int | None]:
    """Households of every area: its own, or else the sum of its children's that are known."""
    known: dict[int, int | None] = {}
    below: dict[int, int] = {}
    for area in sorted(areas, key=lambda a: -TOP_DOWN.index(a.level)):
        own = area.households if area.households is not None else below.get(area.id)
        known[area.id] = own
        if own is not None and area.parent_id is not None:
            below[area.parent_id] = below.get(area.parent_id, 0) + own
    return known


def area_density(
    areas: Sequence[AreaFacts], level: Level, counts: Mapping[int, int], unlocated: int
) -> Density[AreaCount]:
    """Counts by deepest area (id -> n) brought to a level; every area of the level is there, by code, also with 0."""
    home = ancestors_at(areas, level)
    summed: dict[int, int] = {}
    for area_id, n in counts.items():
        at = home.get(area_id)
        if at is not None:
            summed[at] = summed.get(at, 0) + n
    households = households_of(areas)
    items = tuple(
        AreaCount(
            area.id,
            area.code,
            area.names,
            summed.get(area.id, 0),
            households[area.id],
            per_100(summed.get(area.id, 0), households[area.id]),
        )
        for area in sorted((a for a in areas if a.level == level), key=lambda a: a.code)
    )
    located = sum(counts.values())
    return Density(located + unlocated, unlocated, located - sum(summed.values()), items)


def told(areas: Iterable[AreaFacts], reach: Reach) -> set[int] | None:
    """Ids of the areas of which the reach tells anything; None: of all. Those above it too, with what is in it."""
    if reach.city or reach.agencies:
        return None
    by_id = {area.id: area for area in areas}
    reached = {*reach.units, *reach.places}

    def above(area: AreaFacts | None) -> Iterator[int]:
        while area is not None:
            yield area.id
            area = by_id.get(area.parent_id) if area.parent_id is not None else None

    found = {one for id_ in reached for one in above(by_id.get(id_))}
    return found | {area.id for area in by_id.values() if not reached.isdisjoint(above(area))}


def within_area(index: AreaIndex, area: int, *, revision: int) -> Within:
    """What lies in an area of these boundaries; `revision`: that of all boundaries."""
    ids = tuple(one.id for one in index.descendants(area))
    version = f"{revision}.{index.in_force_from}"
    return Within(area, version, ids, tuple(one.id for one in index.areas))


def within(
    found: Density[AreaCount], areas: Iterable[AreaFacts], reach: Reach, asked: Within | None = None
) -> Density[AreaCount]:
    """Without the areas of which the reach tells nothing: a 0 there would say that nothing happened.

    Those above the reach stay, with what is counted in it; agencies reach everywhere, so that theirs is a true 0.
    `asked`: without those beside the area that was asked for, too.
    """
    known = tuple(areas)
    for kept in (told(known, reach), about(known, asked)):
        if kept is not None:
            found = replace(found, items=tuple(item for item in found.items if item.id in kept))
    return found


def about(areas: Iterable[AreaFacts], asked: Within | None) -> set[int] | None:
    """Ids of an area that was asked for, of all below and of all above it; None: of all, for none was."""
    if asked is None:
        return None
    by_id = {area.id: area for area in areas}
    found, above = set(asked.ids), by_id.get(asked.area)
    while above is not None:
        found.add(above.id)
        above = by_id.get(above.parent_id) if above.parent_id is not None else None
    return found
