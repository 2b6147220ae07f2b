"""`GET /density` and `GET /density/days`: how many incidents, where and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Generic, Self

from fastapi import APIRouter, Query, Response
from pydantic import Field, TypeAdapter

from gridgov.analytics import counting, service
from gridgov.analytics.rules import AreaCount, Density, Filter, HexCount, Item, area_density, within
from gridgov.analytics.store.chosen import whole_seconds
from gridgov.analytics.store.columns import INCIDENTS
from gridgov.api.deps import CallerDep, HouseDep
from gridgov.api.filters import FiltersDep, index_now
from gridgov.api.shapes import Body, Names
from gridgov.areas.rules import AreaFacts, Level
from gridgov.bootstrap import House, Work

router = APIRouter(tags=["density"])


class Tier(StrEnum):
    """What incidents are counted by."""

    GRID = "grid"
    COMMUNITY = "community"
    SUBDISTRICT = "subdistrict"
    DISTRICT = "district"
    CITY = "city"
    HEXAGON = "hexagon"


class AreaItem(Body):
    """One area. `households` are its own or else its children's; without any there is no rate."""

    id: int
    code: str = Field(examples=["349902001001001"])
    names: Names = Field(examples=[{"zh": "第一网格", "en": "Grid 1"}])
    count: int
    households: int | None
    per_100_households: float | None = Field(examples=[4.25])


class HexItem(Body):
    """One H3 cell that has incidents, by its index, its centre and its corners."""

    cell: str = Field(examples=["8830944001fffff"])
    lon: float
    lat: float
    count: int
    ring: list[tuple[float, float]] = Field(description="Corners in order, the first one once.")


class DensityBody(Body):
    """`total` = the items' counts + `unlocated` (outside every area) + `above_level` (placed only above this level)."""

    level: Tier
    from_: datetime | None = Field(serialization_alias="from", validation_alias="from")
    to: datetime | None
    total: int
    unlocated: int
    above_level: int
    items: list[AreaItem] | list[HexItem]


class DayItem(Body):
    """A calendar day in the city's zone."""

    day: date
    count: int


class DaysBody(Body):
    """Every day of the period, those without incidents too."""

    items: list[DayItem]


@dataclass(frozen=True)
class _Written(Generic[Item]):
    """`DensityBody` as it is written: items are the counts themselves, a twentieth of the work of bodies."""

    level: Tier
    from_: Annotated[datetime | None, Field(serialization_alias="from")]
    to: datetime | None
    total: int
    unlocated: int
    above_level: int
    items: tuple[Item, ...]

    @classmethod
    def of(cls, level: Tier, chosen: Filter, found: Density[Item]) -> Self:
        period = chosen.period
        sums = found.total, found.unlocated, found.above_level
        return cls(level, period.begin, period.end, *sums, found.items)


_areas_json, _cells_json = TypeAdapter(_Written[AreaCount]), TypeAdapter(_Written[HexCount])


@router.get("/density", summary="Incidents by area or hexagon", response_model=DensityBody)
def density(
    house: HouseDep,
    caller: CallerDep,
    *,
    filters: FiltersDep,
    level: Annotated[Tier, Query(description="What to count by.")] = Tier.GRID,
    resolution: Annotated[int, Query(description="Of hexagons: 5 (coarse) to 9 (fine).")] = 8,
) -> Response:
    """Every area of the level in force now, by code, also those without incidents; of hexagons only those with some."""
    with house.acting(caller) as work:
        zone, chosen = house.zone(work), filters.read(house, work)
        view = house.counts.view(work.session, INCIDENTS) if whole_seconds(chosen) or level is Tier.HEXAGON else None
        if view is not None and level is Tier.HEXAGON:
            cells = service.hexagons(work.session, chosen, resolution=resolution, view=view)
        else:
            known = _areas_now(house, work)
            if view is None:
                found = service.density(work.session, known, Level(level), chosen)
            else:
                found = area_density(known, Level(level), *counting.by_home(view, house.cubes, known, chosen, zone))
            found = within(found, known, work.reach, chosen.within)
    if level is Tier.HEXAGON:
        content = _cells_json.dump_json(_Written.of(level, chosen, cells), by_alias=True)
    else:
        content = _areas_json.dump_json(_Written.of(level, chosen, found), by_alias=True)
    return Response(content, media_type="application/json")


@router.get("/density/days", summary="Incidents by day")
def days(
    house: HouseDep,
    caller: CallerDep,
    filters: FiltersDep,
) -> DaysBody:
    """Days of the city's zone. Without `from` or `to` from the first or to the last day that has any."""
    with house.acting(caller) as work:
        zone, chosen = house.zone(work), filters.read(house, work)
        if whole_seconds(chosen):
            counted = counting.days(house.counts.view(work.session, INCIDENTS), house.cubes, chosen, zone)
        else:
            counted = service.days(work.session, chosen, zone)
    return DaysBody.model_construct(items=[DayItem.model_construct(day=d.day, count=d.count) for d in counted])


def _areas_now(house: House, work: Work) -> tuple[AreaFacts, ...]:
    index = index_now(house, work)
    return () if index is None else index.areas
