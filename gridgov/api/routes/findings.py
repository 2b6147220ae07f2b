"""`GET /density/clusters`, `/density/repeats`, `/density/rising`: together in place and time, again and again, more.

Counts before places: who may count but not read incidents is told grids, never a spot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from gridgov.analytics import again, clusters, repeats, rising, searching
from gridgov.analytics.daily import happened, last_days
from gridgov.analytics.period import Period, midnight
from gridgov.analytics.store.columns import INCIDENTS
from gridgov.api.deps import CallerDep, HouseDep
from gridgov.api.filters import FiltersDep
from gridgov.api.shapes import Body, Names
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Level
from gridgov.bootstrap import House, Work

router = APIRouter(tags=["density"])

REPEAT_DAYS = 90
ALL: Mapping[str, str] = {"zh": "全部类别", "en": "All matters"}
WHOLE: Mapping[str, str] = {"zh": "全部辖区", "en": "The whole area"}
LevelQuery = Annotated[Level, Query(description="Which areas are compared.")]


class Where(Body):
    """An area in force now."""

    id: int
    code: str = Field(examples=["349902001001001"])
    names: Names = Field(examples=[{"zh": "第一网格", "en": "Grid 1"}])


class Kind(Body):
    """A group of the catalogue."""

    code: str = Field(examples=["06"])
    names: Names = Field(examples=[{"zh": "市容环境类", "en": "City appearance"}])


class KindItem(Body):
    """What there was more of."""

    group: Kind
    count: int
    expected: float


class ClusterItem(Body):
    """Areas, the one nearest to the middle first, from the first to the last day, both included."""

    areas: list[Where]
    first: date
    last: date
    count: int
    expected: float = Field(description="By what the places and the days had in all.", examples=[21.4])
    ratio: float = Field(examples=[2.1])
    p: float = Field(description="Corrected for every place and time that was looked at.", examples=[0.001])
    kinds: list[KindItem] = Field(description="At most three, most of all first.")
    said: Names


class ClustersBody(Body):
    """`cases` incidents in `compared` areas; chance by at most `draws` permutations of their times."""

    level: Level
    first: date | None
    last: date | None
    step_days: int
    compared: int
    cases: int
    draws: int
    said: Names
    items: list[ClusterItem]


class RepeatItem(Body):
    """A spot; to those who may count alone a grid with `spots` of them, without `lon`, `lat` and `gap_days`."""

    group: Kind
    area: Where | None
    spots: int
    count: int
    days: int = Field(description="On how many days; of several spots, of the busiest one.")
    first: date
    last: date
    gap_days: float | None = Field(description="Between one such day and the next; half are no longer.", examples=[4])
    lon: float | None
    lat: float | None
    said: Names


class RepeatsBody(Body):
    """`found` items in all, of which the first are given; `cut`: there was too much to read all of it."""

    first: date | None
    last: date | None
    radius_m: float
    least_days: int
    found: int
    cut: bool
    items: list[RepeatItem]


class RiseItem(Body):
    """One kind of matter (null: all) in one area (null: all within reach). `rising`: kept after correction."""

    group: Kind | None
    area: Where | None
    count: int
    expected: float
    ratio: float | None = Field(examples=[1.8])
    low: float | None = Field(description="Of the interval of 95 % of the ratio.", examples=[1.3])
    high: float | None = Field(examples=[2.4])
    p: float = Field(description="One-sided: so many or more by chance.", examples=[0.0004])
    rising: bool
    said: Names


class RisingBody(Body):
    """`enough`: whether the history lets anything be said; `seasonal`: whether the season is in what is usual."""

    level: Level
    first: date | None
    last: date | None
    history_days: int
    enough: bool
    seasonal: bool
    false_share: float
    compared: int
    said: Names
    items: list[RiseItem]


@router.get("/density/clusters", summary="Clusters in space and time")
def clusters_found(
    house: HouseDep,
    caller: CallerDep,
    *,
    filters: FiltersDep,
    level: LevelQuery = Level.GRID,
    radius_m: Annotated[float, Query(ge=100, le=20_000, description="Of the largest circle.")] = clusters.RADIUS_M,
    longest: Annotated[int, Query(ge=1, le=90, description="Days that a cluster may last.")] = clusters.LONGEST_DAYS,
) -> ClustersBody:
    """The space-time permutation scan statistic (Kulldorff 2005). Left out, `from` is eight weeks before `to`.

    Neither a place that always has much nor a day that has much everywhere is a cluster. Void and duplicate reports
    count only where `status` asks for them.
    """
    with house.acting(caller) as work:
        zone, chosen = house.zone(work), filters.read(house, work)
        view = house.counts.view(work.session, INCIDENTS)
        gathered = searching.for_clusters(work.session, _index(house, work), level, chosen, zone, view=view)
    found = gathered.search(radius_m=radius_m, longest_days=longest)
    kinds = [Kind(code=group.code, names=dict(group.names)) for group in gathered.counted.groups]
    return ClustersBody(
        level=found.level, first=found.first, last=found.last, step_days=found.step_days, compared=found.compared,
        cases=found.cases, draws=found.draws, said=dict(found.said),
        items=[
            ClusterItem(
                areas=[_where(area) for area in one.areas], first=one.first, last=one.last, count=one.count,
                expected=one.expected, ratio=round(one.ratio, 3), p=one.p, said=dict(one.said),
                kinds=[KindItem(group=kinds[k.group], count=k.count, expected=k.expected) for k in one.kinds],
            )
            for one in found.items
        ],
    )  # fmt: skip


@router.get("/density/repeats", summary="The same place again and again")
def repeats_found(
    house: HouseDep,
    caller: CallerDep,
    *,
    filters: FiltersDep,
    radius_m: Annotated[float, Query(ge=5, le=100, description="Of a spot.")] = repeats.RADIUS_M,
    least_days: Annotated[int, Query(ge=2, le=60, description="On so many days at least.")] = repeats.LEAST_DAYS,
    limit: Annotated[int, Query(ge=1, le=500, description="How many items are given.")] = 50,
) -> RepeatsBody:
    """Spots where the same kind of matter came back on several days. Left out, `from` is ninety days before `to`.

    Places alone: nobody who reported is in it. Void and duplicate reports count only where `status` asks for them.
    """
    with house.acting(caller) as work:
        zone, chosen = house.zone(work), happened(filters.read(house, work))
        span = last_days(work.session, chosen, zone, REPEAT_DAYS)
        if span is None:
            return RepeatsBody(
                first=None, last=None, radius_m=radius_m, least_days=least_days, found=0, cut=False, items=[]
            )
        chosen = replace(chosen, period=Period(chosen.period.begin or midnight(span[0], zone), chosen.period.end))
        index = _index(house, work)
        city = house.locator.city(work.session, revision=work.marks.get("areas", 0))
        found = again.again(
            work.session, index.areas, chosen, zone, index.projection, city.lat, radius_m=radius_m,
            least_days=least_days,
        )  # fmt: skip
        exact = work.actor.may("incidents.read") and work.actor.reach_of("incidents.read") == work.reach
        if exact:
            items = [_spot(house, work, one, index) for one in found.items[:limit]]
            number = len(found.items)
        else:
            grids = _by_grid(found.items, index)
            items, number = grids[:limit], len(grids)
    return RepeatsBody(
        first=span[0], last=span[1], radius_m=radius_m, least_days=least_days, found=number, cut=found.cut, items=items
    )


@router.get("/density/rising", summary="What is rising against the usual")
def rising_found(
    house: HouseDep,
    caller: CallerDep,
    *,
    filters: FiltersDep,
    level: LevelQuery = Level.COMMUNITY,
    days: Annotated[int, Query(ge=1, le=28, description="How many days are looked at.")] = searching.WINDOW_DAYS,
    false_share: Annotated[float, Query(gt=0, le=0.2, description="Of the findings, expected to be chance.")] = 0.05,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many items are given.")] = 100,
) -> RisingBody:
    """The last days before `to` against what is usual for these weekdays, holidays and, from a year on, the season.

    With `from` the days from then to `to` are looked at instead of `days`, the last 28 of them at most.
    Learnt from up to two years before; with less than eight weeks nothing is said. Rows with fewer than five incidents
    are not given.
    """
    with house.acting(caller) as work:
        calendar = house.calendar(work)
        chosen = filters.read(house, work)
        view = house.counts.view(work.session, INCIDENTS)
        gathered = searching.for_rising(
            work.session, _index(house, work), level, chosen, calendar, now=work.now, days=days, view=view
        )
    if gathered is None:
        nothing = rising.Rising(date.min, date.min, 0, False, False, false_share, 0, ())
        return RisingBody(
            level=level, first=None, last=None, history_days=0, enough=False, seasonal=False, false_share=false_share,
            compared=0, said=rising.summary(nothing), items=[],
        )  # fmt: skip
    found = gathered.search(false_share=false_share)
    groups = {group.code: Kind(code=group.code, names=dict(group.names)) for group in gathered.counted.groups}
    areas = {area.id: area for area in gathered.counted.areas}
    looked_at = (found.last - found.first).days + 1
    return RisingBody(
        level=level, first=found.first, last=found.last, history_days=found.history_days, enough=found.enough,
        seasonal=found.seasonal, false_share=found.false_share, compared=found.compared, said=rising.summary(found),
        items=[_rise(one, groups, areas, looked_at) for one in found.items[:limit]],
    )  # fmt: skip


def _rise(one: rising.Rise, groups: Mapping[str, Kind], areas: Mapping[int, AreaFacts], days: int) -> RiseItem:
    group = groups[one.group] if one.group is not None else None
    area = areas[one.area_id] if one.area_id is not None else None
    said = rising.told(one, group.names if group else ALL, area.names if area else WHOLE, days)
    return RiseItem(
        group=group, area=_where(area) if area else None, count=one.count, expected=one.expected, ratio=one.ratio,
        low=one.low, high=one.high, p=one.p, rising=one.kept, said=said,
    )  # fmt: skip


def _spot(house: House, work: Work, one: again.Found, index: AreaIndex) -> RepeatItem:
    area = index.get(one.area_id)
    place = house.places.describe(work.session, one.lon, one.lat, revision=work.marks.get("layers", 0))
    where = {**(area.names if area else {}), **{language: text for language, text in place.text.items() if text}}
    spot = one.spot
    return RepeatItem(
        group=Kind(code=one.group.code, names=dict(one.group.names)), area=_where(area) if area else None, spots=1,
        count=spot.count, days=spot.days, first=spot.first, last=spot.last, gap_days=spot.gap_days, lon=one.lon,
        lat=one.lat, said=repeats.told(spot, one.group.names, where),
    )  # fmt: skip


def _by_grid(found: Sequence[again.Found], index: AreaIndex) -> list[RepeatItem]:
    """The same by grid and kind of matter, for those who are not to know the spots."""
    held: dict[tuple[int, str], list[again.Found]] = defaultdict(list)
    for one in found:
        held[one.area_id, one.group.code].append(one)
    items = []
    for (area_id, code), some in held.items():
        area, group = index.get(area_id), some[0].group
        names: Mapping[str, Any] = area.names if area else {}
        count, spots = sum(one.spot.count for one in some), [one.spot for one in some]
        said = {
            "zh": f"{names.get('zh', '')}：{group.names.get('zh', code)}有 {len(some)} 处反复发生，共 {count} 件。",
            "en": f"{names.get('en', '')}: {group.names.get('en', code)} came back at {len(some)} "
            f"{'spot' if len(some) == 1 else 'spots'}, {count} incidents.",
        }
        items.append(
            RepeatItem(
                group=Kind(code=code, names=dict(group.names)), area=_where(area) if area else None, spots=len(some),
                count=count, days=max(one.days for one in spots), first=min(one.first for one in spots),
                last=max(one.last for one in spots), gap_days=None, lon=None, lat=None, said=said,
            )
        )  # fmt: skip
    return sorted(items, key=lambda one: (-one.count, one.group.code, one.area.code if one.area else ""))


def _where(area: AreaFacts) -> Where:
    return Where(id=area.id, code=area.code, names=dict(area.names))


def _index(house: House, work: Work) -> AreaIndex:
    return house.locator.index(work.session, work.now, revision=work.marks.get("areas", 0))
