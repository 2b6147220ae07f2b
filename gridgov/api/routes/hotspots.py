"""`GET /density/hotspots`: where incidents lie together more than chance would have them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from gridgov.analytics import counting, hotspots, service
from gridgov.analytics.hotspots import Measure, Pattern, Verdict
from gridgov.analytics.rules import area_density, within
from gridgov.analytics.store.chosen import whole_seconds
from gridgov.analytics.store.columns import INCIDENTS
from gridgov.api.deps import CallerDep, HouseDep
from gridgov.api.filters import FiltersDep
from gridgov.api.shapes import Body, Names
from gridgov.areas.rules import Level

router = APIRouter(tags=["density"])


class HotItem(Body):
    """One area. Verdict and pattern are null where chance may explain what is seen."""

    id: int
    code: str = Field(examples=["349902001001001"])
    names: Names = Field(examples=[{"zh": "第一网格", "en": "Grid 1"}])
    count: int
    per_100_households: float | None = Field(examples=[4.25])
    score: float | None = Field(description="Gi* as a standard score.", examples=[3.1])
    moran: float | None = Field(description="Local Moran's I.", examples=[1.8])
    p: float | None = Field(description="Two-sided, by drawing the neighbours anew.", examples=[0.0004])
    verdict: Verdict | None
    pattern: Pattern | None


class HotSpotsBody(Body):
    """`compared` areas; of those that are hot or cold at most `false_share` are expected to be chance."""

    level: Level
    measure: Measure
    false_share: float
    compared: int
    hot: int
    cold: int
    said: Names = Field(examples=[{"zh": "262 个网格中,12 个连同周边的事件数明显偏高。"}])
    items: list[HotItem]


@router.get("/density/hotspots", summary="Hot spots among areas")
def hot_spots(
    house: HouseDep,
    caller: CallerDep,
    *,
    filters: FiltersDep,
    level: Annotated[Level, Query(description="Which areas are compared.")] = Level.GRID,
    measure: Annotated[Measure, Query(description="What of them is compared.")] = Measure.COUNT,
    false_share: Annotated[float, Query(gt=0, le=0.2, description="Of the findings, expected to be chance.")] = 0.05,
) -> HotSpotsBody:
    """Getis-Ord Gi* and local Moran's I with chance by permutation, corrected for asking about every area at once.

    Only areas within the caller's reach, and in `area`, are compared. `said` is the finding in a sentence.
    """
    with house.acting(caller) as work:
        zone, chosen = house.zone(work), filters.read(house, work)
        index = house.locator.index(work.session, work.now, revision=work.marks.get("areas", 0))
        if whole_seconds(chosen):
            view = house.counts.view(work.session, INCIDENTS)
            homes = counting.by_home(view, house.cubes, index.areas, chosen, zone)
        else:
            homes = service.by_home(work.session, index.areas, chosen)
        found = within(area_density(index.areas, level, *homes), index.areas, work.reach, chosen.within)
    shapes = {item.id: index.shape(item.id) for item in found.items}
    told = hotspots.hot_spots(found, shapes, level, measure, false_share=false_share)
    return HotSpotsBody(
        level=told.level, measure=told.measure, false_share=told.false_share, compared=told.compared, hot=told.hot,
        cold=told.cold, said=dict(told.said),
        items=[
            HotItem(
                id=one.area.id, code=one.area.code, names=dict(one.area.names), count=one.area.count,
                per_100_households=one.area.per_100_households, score=one.score, moran=one.moran, p=one.p,
                verdict=one.verdict, pattern=one.pattern,
            )
            for one in told.items
        ],
    )  # fmt: skip
