"""What counts are grouped by: areas of a level, categories, agencies, channels, states, tiers, and time. Pure.

Owns the groups: their order, their ids and codes, and which group a row's value falls in. Does not own counting.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.analytics.period import Period, Step, local_day, midnight, next_step, step_start
from gridgov.analytics.rules import ancestors_at
from gridgov.analytics.store.chosen import homes
from gridgov.analytics.store.columns import CHANNELS, TIERS, month_start
from gridgov.analytics.store.rows import By, Column
from gridgov.analytics.store.view import Places, View
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Level

Ints = NDArray[np.int64]


class Dimension(StrEnum):
    """What may be counted by."""

    GRID = "grid"
    COMMUNITY = "community"
    SUBDISTRICT = "subdistrict"
    DISTRICT = "district"
    CITY = "city"
    CATEGORY = "category"
    AGENCY = "agency"
    CHANNEL = "channel"
    STATUS = "status"
    TIER = "tier"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


LEVELS: Mapping[Dimension, Level] = {one: Level(one) for one in list(Dimension)[:5]}
STEPS: Mapping[Dimension, Step] = {one: Step(one) for one in list(Dimension)[-3:]}


@dataclass(frozen=True, eq=False)
class Groups:
    """n groups in their order. `ids`: None where they have none. `shown`: which are told of; None: those with rows.

    `by` may have two groups more, of areas: those placed only above the level, and those outside every area. `edges`:
    of time instead, n + 1 seconds since 1970.
    """

    ids: Sequence[int] | None
    codes: Sequence[str]
    by: By | None = None
    edges: Ints | None = None
    shown: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, eq=False)
class Tier:
    """The areas of a level by code, and the group of any area: its ancestor of that level. Kept with the boundaries."""

    areas: tuple[AreaFacts, ...]
    known: Ints
    group: NDArray[np.int32]

    @classmethod
    def of(cls, areas: Sequence[AreaFacts], level: Level) -> Tier:
        members = tuple(sorted((area for area in areas if area.level == level), key=lambda area: area.code))
        number = {area.id: i for i, area in enumerate(members)}
        above = ancestors_at(areas, level)
        known = np.array(sorted(above), dtype=np.int64)
        return cls(members, known, np.array([number[above[one]] for one in known.tolist()], dtype=np.int32))

    @cached_property
    def ids(self) -> tuple[int, ...]:
        return tuple(area.id for area in self.areas)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(area.code for area in self.areas)

    def grouped(self, held: Ints) -> NDArray[np.int32]:
        """The group of each area by its id; n: not at or below the level; n + 1 for 0, outside every area."""
        n = len(self.areas)
        if not len(self.known):
            found = np.full(len(held), n, np.int32)
        else:
            place = np.minimum(np.searchsorted(self.known, held), len(self.known) - 1)
            found = np.where(self.known[place] == held, self.group[place], np.int32(n)).astype(np.int32)
        found[held == 0] = n + 1
        return found


_TIERS: WeakKeyDictionary[AreaIndex, dict[Level, Tier]] = WeakKeyDictionary()
_GROUPED: WeakKeyDictionary[Places, WeakKeyDictionary[Tier, NDArray[np.int32]]] = WeakKeyDictionary()


def tier_of(index: AreaIndex, level: Level) -> Tier:
    """The level of these boundaries, made once."""
    kept = _TIERS.setdefault(index, {})
    if level not in kept:
        kept[level] = Tier.of(index.areas, level)
    return kept[level]


def area_groups(
    index: AreaIndex, level: Level, places: Places, *, told: Collection[int] | None, inside: Collection[int] | None
) -> Groups:
    """The areas of a level in force. `told`: ids that the reach tells of, None: all. `inside`: ids of the areas that
    are asked for, None: all; those above them are shown too."""
    tier = tier_of(index, level)
    kept = _GROUPED.setdefault(places, WeakKeyDictionary())
    if tier not in kept:
        kept[tier] = tier.grouped(homes(places, [area.id for area in index.areas]))
    by = By("place", kept[tier], len(tier.areas) + 2)
    return Groups(tier.ids, tier.codes, by, shown=_shown(tier, told, inside))


def groups_elsewhere(
    index: AreaIndex, level: Level, *, inside: Collection[int] | None, everywhere: bool = True
) -> Groups:
    """The areas of a level by other boundaries, of rows that are numbered by them: 1 + the place in `index.areas`.

    everywhere: whether whoever asks is told of all of them; otherwise only of those that have rows.
    """
    tier = tier_of(index, level)
    held = np.array([0, *(area.id for area in index.areas)], dtype=np.int64)
    groups = tier.grouped(held)
    if inside is not None:
        groups[~np.isin(held, list(inside))] = -1
    by = By("elsewhere", groups, len(tier.areas) + 2)
    return Groups(tier.ids, tier.codes, by, shown=_shown(tier, None, inside) if everywhere else None)


def _shown(tier: Tier, told: Collection[int] | None, inside: Collection[int] | None) -> NDArray[np.bool_]:
    ids = np.array(tier.ids, dtype=np.int64)
    shown = np.ones(len(ids), np.bool_)
    for some in (told, inside):
        if some is not None:
            shown &= np.isin(ids, list(some))
    return shown


def named(column: Column, names: Sequence[str]) -> Groups:
    """Values that have names and no ids."""
    by = By(column, np.arange(len(names), dtype=np.int32), len(names))
    return Groups(None, names, by, shown=np.ones(len(names), np.bool_))


def channels() -> Groups:
    return named("channel", CHANNELS)


def states(view: View) -> Groups:
    return named("state", view.family.states)


def tiers() -> Groups:
    return named("tier", TIERS)


def categories(codes: Mapping[int, str]) -> Groups:
    """Matters by id; `codes` of all that there ever were."""
    size = max(codes, default=0) + 1
    ids = sorted(codes, key=lambda one: codes[one])
    groups = np.full(size, -1, np.int32)
    groups[ids] = np.arange(len(ids))
    return Groups(ids, [codes[one] for one in ids], By("category", groups, len(ids)))


def agencies(view: View, codes: Mapping[int, str]) -> Groups:
    """Agencies that ever had a row, in the order of the store; 0 and "" for nobody."""
    ids = view.agencies.tolist()
    by = By("agency", np.arange(len(ids), dtype=np.int32), len(ids))
    return Groups(ids, [codes.get(one, "") for one in ids], by)


def time_groups(view: View, period: Period, step: Step, zone: ZoneInfo) -> Groups:
    """Days, weeks (by their Monday) or months that a period touches, in the city's zone; its own ends cut the first
    and the last. An open end is that of the months (UTC) there are."""
    months = [one.month for one in view.segments]
    begin, end = period.begin, period.end
    if months:
        begin, end = begin or month_start(min(months)), end or month_start(max(months) + 1)
    if begin is None or end is None or begin >= end:
        return Groups(None, [], edges=np.zeros(1, np.int64))
    starts: list[date] = []
    day = step_start(local_day(begin, zone), step)
    last = local_day(end - timedelta(microseconds=1), zone)
    while day <= last:
        starts.append(day)
        day = next_step(day, step)
    edges = [int(midnight(one, zone).timestamp()) for one in (*starts, day)]
    edges[0], edges[-1] = int(begin.timestamp()), int(end.timestamp())
    codes = [one.isoformat()[:7] if step is Step.MONTH else one.isoformat() for one in starts]
    return Groups(None, codes, edges=np.array(edges, dtype=np.int64))


_KM2: WeakKeyDictionary[AreaIndex, dict[int, float]] = WeakKeyDictionary()


def km2_of(index: AreaIndex) -> Mapping[int, float]:
    """Square kilometres of every area in the city's metre projection, by id; worked out once."""
    if index not in _KM2:
        shapes = np.asarray(index.shapes, dtype=object)
        km2 = shapely.area([index.projection.geometry(shape) for shape in shapes]) / 1e6
        _KM2[index] = {area.id: float(one) for area, one in zip(index.areas, km2, strict=True)}
    return _KM2[index]


def summed_up(areas: Sequence[AreaFacts], own: Mapping[int, int]) -> dict[int, float]:
    """Of every area its own and that of all below it; 0 where there is none."""
    parent = {area.id: area.parent_id for area in areas}
    found = dict.fromkeys(parent, 0.0)
    for one, n in own.items():
        step = one if one in parent else None
        while step is not None and step in parent:
            found[step] += n
            step = parent[step]
    return found
