"""`GET /city`, `/categories`, `/search`: what a page needs before it asks about places."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query

from gridgov.api.deps import CallerDep, HouseDep
from gridgov.api.shapes import Body, Names
from gridgov.areas import layers, names, service
from gridgov.bootstrap import House, Work
from gridgov.duties import service as duties
from gridgov.incidents import service as incidents
from gridgov.incidents.tally import Counted

router = APIRouter(tags=["city"])


class Counts(Body):
    """How much the city holds; `incidents` null for those who may not count them."""

    areas: dict[str, int]
    incidents: int | None
    streets: int
    buildings: int
    blocks: int
    facilities: int


class CityBody(Body):
    """The city, its extent and its counts; the incidents were counted at the instant `counted_at`."""

    code: str
    names: Names
    timezone: str
    centre: tuple[float, float]
    bbox: tuple[float, float, float, float] | None
    levels: list[str]
    counts: Counts
    incidents_from: str | None
    incidents_to: str | None
    counted_at: str | None
    revision: str
    demo: bool


class CategoryKind(StrEnum):
    """事项 and 部件."""

    MATTER = "matter"
    COMPONENT = "component"


class GroupBody(Body):
    """A large class (大类) of the catalogue."""

    code: str | None
    names: Names


class CategoryBody(Body):
    """A category with the number of its incidents."""

    code: str
    kind: str
    names: Names
    group: GroupBody
    pinyin: str
    initials: str
    incidents: int | None


class CategoriesBody(Body):
    """The whole catalogue of the city; the incidents were counted at the instant `counted_at`."""

    items: list[CategoryBody]
    counted_at: str | None


class FoundBody(Body):
    """One answer of the search."""

    kind: str
    id: int
    names: Names
    detail: Names
    lon: float
    lat: float
    bbox: tuple[float, float, float, float] | None


class SearchBody(Body):
    """The closest names first."""

    items: list[FoundBody]


LEVEL_ORDER = ("city", "district", "subdistrict", "community", "grid")


@router.get("/city", summary="The city, its extent and its counts")
def city(house: HouseDep, caller: CallerDep) -> CityBody:
    """`revision` changes whenever boundaries, layers or duties do. Incidents are those that the caller may count."""
    with house.acting(caller) as work:
        facts = house.locator.city(work.session, revision=work.marks.get("areas", 0))
        levels = service.counts_by_level(work.session)
        layer = layers.counts_by_layer(work.session)
        counted = _counted(house, work)
        span = incidents.span(work.session, work.actor.reach_of("density.read")) if counted else None
        extent = service.extent(work.session)
    return CityBody(
        code=facts.code,
        names=dict(facts.names),
        timezone=facts.timezone,
        centre=(facts.lon, facts.lat),
        bbox=extent,
        levels=[level for level in LEVEL_ORDER if level in levels],
        counts=Counts(
            areas=levels,
            incidents=counted.total if counted else None,
            streets=layer["street"],
            buildings=layer["building"],
            blocks=layer["block"],
            facilities=layer["facility"],
        ),
        incidents_from=span.first.isoformat() if span and span.first else None,
        incidents_to=span.last.isoformat() if span and span.last else None,
        counted_at=counted.counted_at.isoformat() if counted else None,
        revision="-".join(str(work.marks.get(noun, 0)) for noun in ("areas", "layers", "duties")),
        demo=facts.demo,
    )


@router.get("/categories", summary="The catalogue of matters and components")
def categories(
    house: HouseDep,
    caller: CallerDep,
    kind: Annotated[CategoryKind | None, Query(description="Only these; default: both.")] = None,
) -> CategoriesBody:
    """Matters (事项) are what an incident can be about; components (部件) are kinds of facility."""
    with house.acting(caller) as work:
        rows = duties.list_categories(work.session, kind)
        counted = _counted(house, work)
    return CategoriesBody(
        items=[
            CategoryBody(
                code=row.code,
                kind=row.kind,
                names=row.names,
                group=GroupBody(code=row.group_code, names=row.group_names),
                pinyin=row.pinyin,
                initials=row.initials,
                incidents=counted.by_category.get(row.id, 0) if counted else None,
            )
            for row in rows
        ],
        counted_at=counted.counted_at.isoformat() if counted else None,
    )


def _counted(house: House, work: Work) -> Counted | None:
    """What the caller may count; None for those who may not."""
    if not work.actor.may("density.read"):
        return None
    reach = work.actor.reach_of("density.read")
    return house.tally.counts(work.session, now=work.now, revision=work.marks.get("incidents", 0), reach=reach)


@router.get("/search", summary="Streets, places and areas by name")
def search(
    house: HouseDep,
    caller: CallerDep,
    q: Annotated[str, Query(max_length=120, description="中文, Latin, pinyin or its initials.", examples=["pinganlu"])],
    limit: Annotated[int, Query(ge=1, le=50, description="Most answers.")] = 10,
) -> SearchBody:
    """The closest names first."""
    with house.acting(caller) as work:
        found = names.find_names(work.session, q, limit=limit)
    return SearchBody(
        items=[
            FoundBody(
                kind=one.kind,
                id=one.id,
                names=dict(one.names),
                detail=dict(one.detail),
                lon=one.lon,
                lat=one.lat,
                bbox=one.bbox,
            )
            for one in found
        ]
    )
