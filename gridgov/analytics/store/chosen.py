"""A filter made ready for one view: what kernels test a row by. Pure.

Owns the meaning of a filter in the store; it is that of `queries.counts.conditions` in SQL, and tests hold both
together. Does not own scanning.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.rules import Filter
from gridgov.analytics.store.columns import CHANNELS
from gridgov.analytics.store.view import Places, View

Mask = NDArray[np.bool_]
EARLIEST, LATEST = int(np.iinfo(np.int64).min), int(np.iinfo(np.int64).max)


@dataclass(frozen=True, eq=False)
class Chosen:
    """A row counts when `since <= second < until`, and each mask that is given holds for it, and somebody who asks
    reaches it: `reach_place[place] or reach_agency[agency]` (None, None: everywhere).

    Masks go by the number in the column; a category beyond the end of its mask is not wanted.
    """

    since: int
    until: int
    category: Mask | None
    channel: Mask | None
    state: Mask | None
    agency: Mask | None
    place: Mask | None
    reach_place: Mask | None
    reach_agency: Mask | None

    @property
    def additive(self) -> bool:
        """Whether only time and category are cut down, besides place: what sums by day can answer."""
        return self.channel is None and self.state is None and self.agency is None and self.reach_agency is None

    @property
    def anywhere(self) -> bool:
        """Whether no place is asked for."""
        return self.place is None and self.reach_place is None


def whole_seconds(wanted: Filter) -> bool:
    """Whether the period can be told from whole seconds; the store keeps no parts of them."""
    return not any(end is not None and end.microsecond for end in (wanted.period.begin, wanted.period.end))


def chosen(
    view: View,
    wanted: Filter,
    *,
    area_ids: Collection[int] | None = None,
    in_force: Collection[int] | None = None,
) -> Chosen:
    """The filter for a view. `area_ids`: only what lies in one of these areas (`homes`), given all below them too;
    None: in those of the filter's own area, if it has one.

    in_force: ids of every area in force now; None: those of `area_ids`, which is the same as long as no area has gone
    to another unit.
    """
    reach, places = wanted.reach, view.places
    if area_ids is None and wanted.within is not None:
        area_ids, in_force = wanted.within.ids, wanted.within.in_force
    reach_place = reach_agency = None
    if not reach.city:
        held = np.isin(places.unit, reach.units) | np.isin(places.grid, reach.places)
        reach_place = held | ((places.grid == 0) & np.isin(places.area, reach.places))
        reach_agency = _among(view.agencies, reach.agencies) if reach.agencies else None
    return Chosen(
        since=_seconds(wanted.period.begin, EARLIEST),
        until=_seconds(wanted.period.end, LATEST),
        category=_categories(wanted.category_ids),
        channel=_named(CHANNELS, wanted.channels),
        state=_named(view.family.states, wanted.statuses),
        agency=None if wanted.agency_ids is None else _among(view.agencies, wanted.agency_ids),
        place=None if area_ids is None else _inside(view, area_ids, area_ids if in_force is None else in_force),
        reach_place=reach_place,
        reach_agency=reach_agency,
    )


def homes(places: Places, in_force: Collection[int]) -> NDArray[np.int64]:
    """The area that each place belongs to: its grid, or else its area if that is in force, or else its unit.

    0: outside every area. The rule of SQL is that of `service.by_home`.
    """
    elsewhere = (places.unit != 0) & ~np.isin(places.area, np.fromiter(in_force, np.int64))
    found: NDArray[np.int64] = np.where(places.grid != 0, places.grid, np.where(elsewhere, places.unit, places.area))
    found[places.outside] = 0
    return found


def _inside(view: View, area_ids: Collection[int], in_force: Collection[int]) -> Mask:
    ids = np.fromiter(area_ids, np.int64)
    return np.isin(homes(view.places, in_force), ids[ids != 0])


def _among(ids: NDArray[np.int64], wanted: Iterable[int]) -> Mask:
    found: Mask = np.isin(ids, list(wanted))
    found[0] = False  # of nobody
    return found


def _categories(ids: tuple[int, ...] | None) -> Mask | None:
    if ids is None:
        return None
    mask = np.zeros(max(ids, default=0) + 1, dtype=np.bool_)
    mask[list(ids)] = True
    return mask


def _named(names: tuple[str, ...], wanted: tuple[str, ...] | None) -> Mask | None:
    return None if wanted is None else np.array([name in wanted for name in names], dtype=np.bool_)


def _seconds(moment: datetime | None, otherwise: int) -> int:
    return otherwise if moment is None else int(moment.timestamp())
