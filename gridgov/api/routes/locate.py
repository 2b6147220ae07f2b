"""`GET /locate`: which areas hold a point, and the place in words."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from gridgov.api.deps import AtQuery, CallerDep, HouseDep, PointDep, instant
from gridgov.api.shapes import AreaBody, Body, Lonlat, Names
from gridgov.areas.places import NamedNear
from gridgov.areas.rules import EDGE_RULE

router = APIRouter(tags=["areas"])


class Reported(Lonlat):
    """The point as it was sent."""

    datum: str


class NamedBody(Body):
    """Something named near the point."""

    id: int
    names: Names
    distance_m: float

    @classmethod
    def of(cls, named: NamedNear | None) -> NamedBody | None:
        return (
            None if named is None else cls(id=named.id, names=dict(named.names), distance_m=round(named.distance_m, 1))
        )


class PlaceBody(Body):
    """The place in words."""

    text: Names = Field(examples=[{"zh": "平安路（距 12 米）", "en": "Ping'an Road (12 m away)"}])
    street: NamedBody | None
    crossing: NamedBody | None
    near: NamedBody | None


class LocateBody(Body):
    """Where a point belongs."""

    point: Reported
    wgs84: Lonlat
    inside: bool
    distance_m: float
    on_edge: bool
    rule: str
    in_force_from: str | None
    path: list[AreaBody]
    candidates: list[AreaBody]
    place: PlaceBody


@router.get("/locate", summary="Which grid, community and sub-district hold this point?")
def locate(
    house: HouseDep,
    caller: CallerDep,
    point: PointDep,
    at: AtQuery = None,
    accuracy_m: Annotated[
        float, Query(ge=0, le=50_000, description="Radius of uncertainty in metres; lists the grids it reaches.")
    ] = 0.0,
) -> LocateBody:
    """Outside every area the nearest one is given with its distance, and `inside` is false."""
    with house.acting(caller) as work:
        moment = instant(at, house.zone(work), "at") or work.now
        index = house.locator.index(work.session, moment, revision=work.marks.get("areas", 0))
        place = house.places.describe(work.session, point.x, point.y, revision=work.marks.get("layers", 0))
    located = index.locate(point.x, point.y, accuracy_m=accuracy_m)
    return LocateBody(
        point=Reported(lon=point.lon, lat=point.lat, datum=point.datum),
        wgs84=Lonlat(lon=point.x, lat=point.y),
        inside=located.inside,
        distance_m=round(located.distance_m, 2),
        on_edge=located.on_edge,
        rule=EDGE_RULE,
        in_force_from=located.in_force_from.isoformat() if located.in_force_from else None,
        path=[AreaBody.of(area) for area in located.path],
        candidates=[AreaBody.of(area) for area in located.candidates],
        place=PlaceBody(
            text=dict(place.text),
            street=NamedBody.of(place.street),
            crossing=NamedBody.of(place.crossing),
            near=NamedBody.of(place.near),
        ),
    )
