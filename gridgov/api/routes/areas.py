"""`GET /areas`: areas in force at an instant, by level and code, as JSON or GeoJSON."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from sqlalchemy import Row

from gridgov.api import paging
from gridgov.api.deps import MAX_ID, AreaPath, AtQuery, BoxQuery, CallerDep, HouseDep, LimitQuery, box, instant
from gridgov.api.shapes import Body, Lonlat, Names
from gridgov.areas import service
from gridgov.areas.rules import Level

router = APIRouter(tags=["areas"])
CURSOR = paging.pack(["grid", "349902001001001"])


class Format(StrEnum):
    """How areas are written."""

    JSON = "json"
    GEOJSON = "geojson"


class AreaDetail(Body):
    """An area with its parent, size, label point and (where asked for) its shape as GeoJSON."""

    id: int
    level: Level
    code: str
    names: Names
    parent: int | None
    parent_code: str | None
    kind: str | None
    population: int | None
    households: int | None
    area_km2: float
    label: Lonlat
    valid_from: str | None
    valid_to: str | None
    attributes: dict[str, Any]
    geometry: dict[str, Any] | None


class AreaPage(Body):
    """A page; `next` is the cursor of the page after, null on the last."""

    items: list[AreaDetail]
    next: str | None


@router.get(
    "/areas",
    summary="Areas in force at an instant",
    response_model=AreaPage,
    responses={200: {"content": {"application/geo+json": {}}}},
)
def areas(
    house: HouseDep,
    caller: CallerDep,
    level: Annotated[Level | None, Query(description="Only areas of this level.")] = None,
    parent: Annotated[int | None, Query(ge=1, le=MAX_ID, description="Id of the area above.", examples=[1])] = None,
    code: Annotated[str | None, Query(description="Official code.", examples=["349902001001001"])] = None,
    bbox: BoxQuery = None,
    at: AtQuery = None,
    geometry: Annotated[bool, Query(description="With shapes.")] = False,
    format: Annotated[Format, Query(description="Form of the answer.")] = Format.JSON,  # the word of the field
    limit: LimitQuery = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[CURSOR])] = None,
) -> Response | AreaPage:
    """By level and code. GeoJSON always carries shapes; its `next` lies beside `features`."""
    key = paging.unpack(cursor, 2)
    with house.acting(caller) as work:
        moment = instant(at, house.zone(work), "at") or work.now
        rows = service.list_areas(
            work.session,
            at=moment,
            level=level,
            parent=parent,
            code=code,
            bbox=box(bbox),
            geometry=geometry or format is Format.GEOJSON,
            after=(key[0], key[1]) if key else None,
            limit=limit + 1,
        )
    more = paging.pack([rows[limit - 1].level, rows[limit - 1].code]) if len(rows) > limit else None
    items = [_detail(row) for row in rows[:limit]]
    if format is Format.GEOJSON:
        features = [_feature(item) for item in items]
        body = {"type": "FeatureCollection", "features": features, "next": more}
        return JSONResponse(body, media_type="application/geo+json")
    return AreaPage(items=items, next=more)


@router.get("/areas/{area_id}", summary="One area with its shape")
def area(house: HouseDep, caller: CallerDep, area_id: AreaPath, at: AtQuery = None) -> AreaDetail:
    """404 when no such area is in force at the instant."""
    with house.acting(caller) as work:
        moment = instant(at, house.zone(work), "at") or work.now
        return _detail(service.get_area(work.session, area_id, at=moment))


def _detail(row: Row[Any]) -> AreaDetail:
    return AreaDetail(
        id=row.id,
        level=row.level,
        code=row.code,
        names=row.names,
        parent=row.parent_id,
        parent_code=row.parent_code,
        kind=row.kind,
        population=row.population,
        households=row.households,
        area_km2=round(row.area_m2 / 1e6, 6),
        label=Lonlat(lon=row.lon, lat=row.lat),
        valid_from=row.valid_from.isoformat() if row.valid_from else None,
        valid_to=row.valid_to.isoformat() if row.valid_to else None,
        attributes=row.attributes,
        geometry=row.geometry,
    )


def _feature(item: AreaDetail) -> dict[str, Any]:
    properties = item.model_dump(mode="json", exclude={"geometry", "label"})
    return {"type": "Feature", "id": item.id, "geometry": item.geometry, "properties": properties}
