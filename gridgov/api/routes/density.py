"""`GET /density` and `GET /density/days`: how many incidents, where and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Generic, Self
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response
from pydantic import Field, TypeAdapter

from gridgov.analytics import counting, service
from gridgov.analytics.period import parse_period
from gridgov.analytics.rules import AreaCount, Density, Filter, HexCount, Item, area_density, below_or_at, within
from gridgov.analytics.store.chosen import whole_seconds
from gridgov.analytics.store.columns import INCIDENTS
from gridgov.api.deps import MAX_ID, AreaQuery, CallerDep, HouseDep
from gridgov.api.shapes import Body, Names
from gridgov.areas.locator import NoAreas
from gridgov.areas.rules import AreaFacts, Level
from gridgov.areas.service import AreaUnknown
from gridgov.bootstrap import House, Work
from gridgov.incidents.rules import Channel, Status
from gridgov.platform.errors import BadInput

router = APIRouter(tags=["density"])

FromQuery = Annotated[
    str | None,
    Query(
        alias="from",
        description="Instant or date (in the city's zone), included; left out: since ever.",
        examples=["2026-10-01"],
    ),
]
ToQuery = Annotated[
    str | None,
    Query(
        alias="to",
        description="Instant or date (in the city's zone), not included; left out: until ever.",
        examples=["2026-11-01"],
    ),
]
CategoryQuery = Annotated[
    str | None,
    Query(description="A matter's code, a group's code, or a prefix that ends in *; left out: all.", examples=["06*"]),
]
StatusQuery = Annotated[
    list[Status] | None, Query(description="May come several times; left out: all.", examples=[["open"]])
]
ChannelQuery = Annotated[
    list[Channel] | None,
    Query(description="How it came in; may come several times; left out: all.", examples=[["hotline"]]),
]
AgencyQuery = Annotated[
    int | None,
    Query(ge=1, le=MAX_ID, description="Id of the agency that answers for it, with those below.", examples=[1]),
]


class UnknownAgency(BadInput):
    """No agency of this id is there."""

    code = "unknown-agency"


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
    """One H3 cell that has incidents, by its index and its centre."""

    cell: str = Field(examples=["8830944001fffff"])
    lon: float
    lat: float
    count: int


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


def wanted(
    work: Work,
    zone: ZoneInfo,
    since: str | None,
    until: str | None,
    category: str | None,
    status: list[Status] | None,
    channel: Sequence[Channel] | None = None,
    agencies: tuple[int, ...] | None = None,
) -> Filter:
    """The filter of a query, checked against the catalogue and read in the city's zone."""
    period = parse_period(since, until, zone)
    categories = service.categories_like(work.session, category)
    channels = tuple(sorted(set(channel))) if channel else None
    return Filter(period, categories, service.statuses_like(status), channels, agencies, reach=work.reach)


def agencies_like(house: House, work: Work, ids: Sequence[int] | None) -> tuple[int, ...] | None:
    """Agencies with all below them; None or nothing means all. Raises `UnknownAgency`."""
    if not ids:
        return None
    found: set[int] = set()
    for one in ids:
        under = house.agencies.under(work.session, one, revision=work.marks.get("duties", 0))
        if not under:
            raise UnknownAgency(f"No agency {one}.", field="agency", remedy="Take an id from /api/v1/agencies.")
        found.update(under)
    return tuple(sorted(found))


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
    level: Annotated[Tier, Query(description="What to count by.")] = Tier.GRID,
    since: FromQuery = None,
    until: ToQuery = None,
    category: CategoryQuery = None,
    status: StatusQuery = None,
    channel: ChannelQuery = None,
    agency: AgencyQuery = None,
    resolution: Annotated[int, Query(description="Of hexagons: 5 (coarse) to 9 (fine).")] = 8,
) -> Response:
    """Every area of the level in force now, by code, also those without incidents; of hexagons only those with some."""
    with house.acting(caller) as work:
        zone, agencies = house.zone(work), agencies_like(house, work, None if agency is None else [agency])
        chosen = wanted(work, zone, since, until, category, status, channel, agencies)
        view = house.counts.view(work.session, INCIDENTS) if whole_seconds(chosen) or level is Tier.HEXAGON else None
        if view is not None and level is Tier.HEXAGON:
            cells = service.hexagons(work.session, chosen, resolution=resolution, view=view)
        else:
            known = _areas_now(house, work)
            if view is None:
                found = service.density(work.session, known, Level(level), chosen)
            else:
                found = area_density(known, Level(level), *counting.by_home(view, house.cubes, known, chosen, zone))
            found = within(found, known, work.reach)
    if level is Tier.HEXAGON:
        content = _cells_json.dump_json(_Written.of(level, chosen, cells), by_alias=True)
    else:
        content = _areas_json.dump_json(_Written.of(level, chosen, found), by_alias=True)
    return Response(content, media_type="application/json")


@router.get("/density/days", summary="Incidents by day")
def days(
    house: HouseDep,
    caller: CallerDep,
    *,
    since: FromQuery = None,
    until: ToQuery = None,
    category: CategoryQuery = None,
    status: StatusQuery = None,
    channel: ChannelQuery = None,
    agency: AgencyQuery = None,
    area: AreaQuery = None,
) -> DaysBody:
    """Days of the city's zone. Without `from` or `to` from the first or to the last day that has any."""
    with house.acting(caller) as work:
        zone, agencies = house.zone(work), agencies_like(house, work, None if agency is None else [agency])
        chosen = wanted(work, zone, since, until, category, status, channel, agencies)
        known = _areas_now(house, work) if area is not None else ()
        within = next((one for one in known if one.id == area), None)
        if area is not None and within is None:
            raise AreaUnknown(f"No area {area} is in force now.", field="area", remedy="List them with /api/v1/areas.")
        if whole_seconds(chosen):
            below = None if within is None else below_or_at(known, within)
            counted = counting.days(
                house.counts.view(work.session, INCIDENTS), house.cubes, chosen, zone,
                area_ids=below, in_force=[one.id for one in known],
            )  # fmt: skip
        else:
            counted = service.days(work.session, chosen, zone, areas=known, area=within)
    return DaysBody.model_construct(items=[DayItem.model_construct(day=d.day, count=d.count) for d in counted])


def _areas_now(house: House, work: Work) -> tuple[AreaFacts, ...]:
    try:
        return house.locator.index(work.session, work.now, revision=work.marks.get("areas", 0)).areas
    except NoAreas:
        return ()
