"""`GET /route`: who is responsible for this kind of matter here, and why."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from shapely.geometry.base import BaseGeometry

from gridgov.api.deps import AtQuery, CallerDep, HouseDep, PointDep, instant
from gridgov.api.shapes import AreaBody, Body, BodyRef, CategoryRef, Names
from gridgov.duties.route import Route, SiteDistance

router = APIRouter(tags=["duties"])


class SiteBody(Body):
    """A site that was considered; `road_m` is null where no road leads there."""

    id: int
    names: Names
    address: str | None
    lon: float
    lat: float
    straight_m: float
    road_m: float | None
    in_service_area: bool | None
    chosen: bool

    @classmethod
    def of(cls, seen: SiteDistance) -> SiteBody:
        return cls(
            id=seen.site.id,
            names=dict(seen.site.names),
            address=seen.site.address,
            lon=seen.site.lon,
            lat=seen.site.lat,
            straight_m=round(seen.straight_m, 1),
            road_m=None if seen.road_m is None else round(seen.road_m, 1),
            in_service_area=seen.in_service_area,
            chosen=seen.chosen,
        )


class ListRef(Body):
    """A version of a duty list."""

    name: str
    version: int


class AreaRef(Body):
    """The area that an item is for."""

    code: str
    names: Names


class ItemBody(Body):
    """The line of the duty list that decides; `area` null: it holds for the whole city."""

    code: str
    category: str
    basis: str | None
    management_class: str
    served_from_sites: bool
    list: ListRef
    area: AreaRef | None
    match: str


class ReasonBody(Body):
    """One step of the decision, in 中文 and English."""

    step: str
    zh: str
    en: str


class NextBody(Body):
    """What would have been chosen next, and why it was not chosen now."""

    item_code: str
    body: BodyRef
    why: Names


class RouteBody(Body):
    """The responsible body with every reason. `outcome` orphan: no list names anybody (无责任主体)."""

    category: CategoryRef
    outcome: str
    lead: BodyRef | None
    agency: BodyRef | None
    site: SiteBody | None
    supporting: list[BodyRef]
    item: ItemBody | None
    sites_considered: list[SiteBody]
    next: list[NextBody]
    reasons: list[ReasonBody]
    inside: bool
    distance_m: float
    path: list[AreaBody]

    @classmethod
    def of(cls, route: Route) -> RouteBody:
        lead = BodyRef.of(route.lead) if route.lead else None
        return cls(
            category=CategoryRef(code=route.category.code, names=dict(route.category.names)),
            outcome=route.outcome,
            lead=lead,
            agency=lead if lead and lead.kind == "agency" else None,
            site=SiteBody.of(route.site) if route.site else None,
            supporting=[BodyRef.of(body) for body in route.supporting],
            item=_item(route),
            sites_considered=[SiteBody.of(site) for site in route.sites],
            next=[
                NextBody(item_code=n.item_code, body=BodyRef.of(n.body), why={"zh": n.zh, "en": n.en})
                for n in route.next
            ],
            reasons=[ReasonBody(step=reason.step, zh=reason.zh, en=reason.en) for reason in route.reasons],
            inside=route.located.inside,
            distance_m=round(route.located.distance_m, 2),
            path=[AreaBody.of(area) for area in route.located.path],
        )


def _item(route: Route) -> ItemBody | None:
    item = route.item
    if item is None or route.match is None:
        return None
    area = route.item_area
    return ItemBody(
        code=item.code,
        category=item.category,
        basis=item.basis,
        management_class=item.management_class,
        served_from_sites=item.served_from_sites,
        list=ListRef(name=item.list_name, version=item.list_version),
        area=AreaRef(code=area.code, names=dict(area.names)) if area else None,
        match=route.match,
    )


class WayBody(Body):
    """The way by road to a site that was considered; `path` is a GeoJSON LineString from the point to the site, null
    where no road leads there."""

    site: SiteBody
    path: dict[str, Any] | None


class WaysBody(Body):
    """Ways to the sites of the responsible agency, the one that serves first; empty where no site is asked."""

    agency: BodyRef | None
    measure: str | None = Field(description="road or straight: by what the nearest is chosen.", examples=["road"])
    items: list[WayBody]


@router.get("/route/ways", summary="How far is it to the responsible sites, and which way?")
def ways(
    house: HouseDep,
    caller: CallerDep,
    point: PointDep,
    category: Annotated[str, Query(description="Code of a matter (事项).", examples=["06010"])],
    at: AtQuery = None,
) -> WaysBody:
    """The sites that `/route` considers, each with its distance by road and by straight line, and the way. Roads count
    both ways and every crossing is a junction: the distance measures responsibility, not driving."""
    with house.acting(caller) as work:
        moment = instant(at, house.zone(work), "at") or work.now
        found = house.router.route(work.session, category, point.x, point.y, at=moment, marks=work.marks)
        paths = house.router.ways(found, point.x, point.y)
        facts = house.locator.city(work.session, revision=work.marks.get("areas", 0))
    served = bool(found.sites) and found.item is not None and found.lead is not None
    measure = (found.item.nearest or facts.nearest) if served and found.item is not None else None
    return WaysBody(
        agency=BodyRef.of(found.lead) if served and found.lead is not None else None,
        measure=None if measure is None else str(measure),
        items=[
            WayBody(site=SiteBody.of(site), path=_line(path)) for site, path in zip(found.sites, paths, strict=True)
        ],
    )


def _line(path: BaseGeometry | None) -> dict[str, Any] | None:
    if path is None:
        return None
    return {"type": "LineString", "coordinates": [[round(x, 6), round(y, 6)] for x, y in path.coords]}


@router.get("/route", summary="Who is responsible for this kind of matter here, and why?")
def route(
    house: HouseDep,
    caller: CallerDep,
    point: PointDep,
    category: Annotated[str, Query(description="Code of a matter (事项).", examples=["06010"])],
    at: AtQuery = None,
) -> RouteBody:
    """No owner is an answer of its own: `outcome` is then "orphan"."""
    with house.acting(caller) as work:
        moment = instant(at, house.zone(work), "at") or work.now
        found = house.router.route(work.session, category, point.x, point.y, at=moment, marks=work.marks)
    return RouteBody.of(found)
