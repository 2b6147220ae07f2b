"""`/agencies`, their sites, and which ground each site serves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import shapely
from fastapi import APIRouter, Path, Query
from pydantic import Field

from gridgov.api.deps import MAX_ID, AtQuery, CallerDep, HouseDep, instant
from gridgov.api.shapes import Body, Names
from gridgov.areas.rules import AreaFacts
from gridgov.duties import directory
from gridgov.duties.rules import Nearest
from gridgov.duties.serving import Served

router = APIRouter(tags=["duties"])
DIGITS = 6  # of degrees: a decimetre


class AgencyBody(Body):
    """An agency or one of its units. `sites` are its own, `sites_below` those of agencies under it; `stationed`: the
    area in which a unit has its post (条块结合)."""

    id: int
    code: str = Field(examples=["HW"])
    names: Names = Field(examples=[{"zh": "环卫所", "en": "Sanitation Office"}])
    kind: str | None
    parent: int | None
    stationed: int | None
    stationed_names: Names | None
    closed_at: datetime | None
    sites: int
    sites_below: int


class AgencyList(Body):
    """Every agency, by code."""

    items: list[AgencyBody]


class AgencySiteBody(Body):
    """A site of an agency, or of one under it. `claims`: a service area is written down for it."""

    id: int
    agency: int
    names: Names
    kind: str | None
    address: str | None
    lon: float
    lat: float
    claims: bool


class SiteList(Body):
    """Sites by id."""

    items: list[AgencySiteBody]


@router.get("/agencies", summary="Agencies")
def agencies(house: HouseDep, caller: CallerDep) -> AgencyList:
    """Departments, the units below them and those that are stationed in an area."""
    with house.acting(caller) as work:
        rows = directory.agencies(work.session)
        index = house.locator.index(work.session, work.now, revision=work.marks.get("areas", 0))
    return AgencyList(
        items=[
            AgencyBody(
                id=one.id,
                code=one.code,
                names=dict(one.names),
                kind=one.kind,
                parent=one.parent_id,
                stationed=one.stationed_id,
                stationed_names=_names(index.get(one.stationed_id) if one.stationed_id else None),
                closed_at=one.closed_at,
                sites=one.sites,
                sites_below=one.sites_below,
            )
            for one in rows
        ]
    )


@router.get("/agencies/{agency_id}/sites", summary="Sites of an agency")
def sites(
    house: HouseDep,
    caller: CallerDep,
    agency_id: Annotated[int, Path(ge=1, le=MAX_ID, description="Id of an agency.", examples=[1])],
) -> SiteList:
    """Its own and those of the agencies under it, from which its matters are served."""
    with house.acting(caller) as work:
        found = directory.sites(work.session, house.agencies, agency_id, revision=work.marks.get("duties", 0))
    return SiteList(
        items=[
            AgencySiteBody(
                id=one.id,
                agency=one.agency_id,
                names=dict(one.names),
                kind=one.kind,
                address=one.address,
                lon=one.lon,
                lat=one.lat,
                claims=one.claims,
            )
            for one in found
        ]
    )


class ServedFacts(Body):
    """What is told of a site's ground; `colour`: a small number that no two neighbours share; `households` null where
    no grid tells them."""

    names: Names
    address: str | None
    agency: int
    agency_names: Names
    lon: float
    lat: float
    by: Nearest
    area_km2: float = Field(examples=[1.96])
    households: int | None = Field(examples=[5898])
    colour: int = Field(examples=[2])


class ServedBody(Body):
    """A GeoJSON feature: the ground that a site serves; `id` is the site's."""

    type: Literal["Feature"] = "Feature"
    id: int
    geometry: dict[str, Any]
    properties: ServedFacts


class ServedCollection(Body):
    """A GeoJSON FeatureCollection; empty where no list has the matter served from sites."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[ServedBody]


@router.get("/sites/service-areas", summary="Which ground each site serves")
def service_areas(
    house: HouseDep,
    caller: CallerDep,
    category: Annotated[str, Query(description="Code of a matter (事项).", examples=["06010"])],
    by: Annotated[Nearest | None, Query(description="This measure, instead of that of the duty lists.")] = None,
    at: AtQuery = None,
) -> ServedCollection:
    """As GeoJSON: each point of the ground lies in the feature of the site that `/route` sends to, to within half a
    metre of the line between two."""
    with house.acting(caller) as work:
        moment = instant(at, house.zone(work), "at") or work.now
        drawing = house.router.grounds(work.session, category, at=moment, by=by, marks=work.marks)
        named = house.agencies.named(work.session, revision=work.marks.get("duties", 0))
    return ServedCollection(features=[_feature(one, dict(named.get(one.site.agency_id, {}))) for one in drawing()])


def _feature(one: Served, agency_names: Names) -> ServedBody:
    return ServedBody(
        id=one.site.id,
        geometry=shapely.geometry.mapping(shapely.set_precision(one.geom, 10.0**-DIGITS, mode="pointwise")),
        properties=ServedFacts(
            names=dict(one.site.names),
            address=one.site.address,
            agency=one.site.agency_id,
            agency_names=agency_names,
            lon=one.site.lon,
            lat=one.site.lat,
            by=one.by,
            area_km2=round(one.area_km2, 4),
            households=one.households,
            colour=one.colour,
        ),
    )


def _names(area: AreaFacts | None) -> Names | None:
    return None if area is None else dict(area.names)
