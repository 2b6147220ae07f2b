"""`GET /tiles/{layer}/{z}/{x}/{y}.mvt`: vector tiles, revalidated by entity tag, compressed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Response
from fastapi.responses import Response as PlainResponse

from gridgov.analytics import tiles as service
from gridgov.analytics.quad import TileAddress
from gridgov.analytics.rules import Filter
from gridgov.analytics.store.columns import INCIDENTS
from gridgov.analytics.store.view import View
from gridgov.analytics.tilecache import Standing, Tile, packed
from gridgov.analytics.tiles import Layer
from gridgov.api.deps import AtQuery, CallerDep, HouseDep, instant
from gridgov.api.filters import FiltersDep
from gridgov.bootstrap import House, Work
from gridgov.platform import metrics

router = APIRouter(tags=["tiles"])

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {}}, "description": "The tile."},
    204: {"description": "Nothing to show here."},
    304: {"description": "Still as the client has it."},
}
ZoomPath = Annotated[int, Path(description="Zoom, 0 to 22.", examples=[13])]
ColumnPath = Annotated[int, Path(description="Column of the zoom, from the west.", examples=[6756])]
RowPath = Annotated[int, Path(description="Row of the zoom, from the north.", examples=[3296])]
NoneMatch = Annotated[str | None, Header(description="Tags of tiles that the client has.", examples=["*"])]
GROUND = tuple(layer for layer in Layer if layer is not Layer.INCIDENTS)


@router.get(
    "/tiles/incidents/{z}/{x}/{y}.mvt",
    summary="A vector tile of incidents",
    response_class=PlainResponse,
    responses=RESPONSES,
)
def incident_tile(
    house: HouseDep,
    caller: CallerDep,
    *,
    filters: FiltersDep,
    z: ZoomPath,
    x: ColumnPath,
    y: RowPath,
    if_none_match: NoneMatch = None,
    accept_encoding: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Counts in bins; from zoom 15 single incidents for those who may read them, and still counts for the others."""
    address = TileAddress(z, x, y)
    chosen = service.check(Layer.INCIDENTS, address)
    with house.acting(caller) as work:
        filter_ = filters.read(house, work)
        asked = Asked(
            chosen,
            address,
            if_none_match,
            "gzip" in accept_encoding,
            filter=filter_,
            view=house.counts.view(work.session, INCIDENTS),
            timezone=house.zone(work).key,
            points=work.actor.may("incidents.read"),
        )
        return _answer(house, work, asked)


@router.get(
    "/tiles/boundaries/{z}/{x}/{y}.mvt",
    summary="A vector tile of the boundaries of an instant",
    response_class=PlainResponse,
    responses=RESPONSES,
)
def boundary_tile(
    house: HouseDep,
    caller: CallerDep,
    *,
    z: ZoomPath,
    x: ColumnPath,
    y: RowPath,
    at: AtQuery = None,
    if_none_match: NoneMatch = None,
    accept_encoding: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """As the layer `areas`, with the boundaries in force at the instant; its source layers have the same names."""
    address = TileAddress(z, x, y)
    chosen = service.check(Layer.AREAS, address)
    with house.acting(caller) as work:
        moment = instant(at, house.zone(work), "at") or work.now
        derived = service.derived(work.session, chosen, moment)
        tag = service.etag(chosen, address, None, f"at.{derived.text}")
        if has(if_none_match, tag):
            return Response(status_code=304, headers=headers_of(tag))
        found = house.tiles.get(tag)
        metrics.tile_asked(hit=found is not None)
        if found is None:
            found = packed(service.render(work.session, chosen, address, now=moment))
            house.tiles.put(tag, found, shows=repr((chosen, address, derived.text)))
    return sent(found, headers_of(tag), accepts_gzip="gzip" in accept_encoding)


@router.get(
    "/tiles/{layer}/{z}/{x}/{y}.mvt",
    summary="A vector tile",
    response_class=PlainResponse,
    responses=RESPONSES,
)
def tile(
    house: HouseDep,
    caller: CallerDep,
    *,
    layer: Annotated[str, Path(description=f"One of: {', '.join(GROUND)}.", examples=["areas"])],
    z: ZoomPath,
    x: ColumnPath,
    y: RowPath,
    if_none_match: NoneMatch = None,
    accept_encoding: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Layers: areas, area_labels, streets, blocks, buildings, facilities, sites. Incidents have a path of their own."""
    address = TileAddress(z, x, y)
    chosen = service.check(layer, address)
    with house.acting(caller) as work:
        return _answer(house, work, Asked(chosen, address, if_none_match, "gzip" in accept_encoding))


@dataclass(frozen=True)
class Asked:
    """A tile as it was asked for; the last four concern incidents alone."""

    layer: Layer
    address: TileAddress
    if_none_match: str | None
    accepts_gzip: bool
    filter: Filter | None = None
    view: View | None = None
    timezone: str = "UTC"
    points: bool = True


def _answer(house: House, work: Work, asked: Asked) -> Response:
    """From the cache or drawn. For whom it was drawn is in the filter, hence in the tag: nobody gets another's tile."""
    derived = service.derived(work.session, asked.layer, work.now, asked.view)
    tag = service.etag(asked.layer, asked.address, asked.filter, f"{derived.text}.{asked.points}")
    if asked.layer is not Layer.INCIDENTS:
        standing = Standing(tag, derived.noun, derived.revision, derived.until)
        house.tiles.stands(address_of(asked.layer, asked.address), standing)
    headers = headers_of(tag)
    if has(asked.if_none_match, tag):
        return Response(status_code=304, headers=headers)
    found = house.tiles.get(tag)
    metrics.tile_asked(hit=found is not None)
    if found is None:
        plain = service.render(
            work.session,
            asked.layer,
            asked.address,
            now=work.now,
            wanted=asked.filter,
            view=asked.view,
            timezone=asked.timezone,
            points=asked.points,
        )
        found = packed(plain)
        house.tiles.put(tag, found, shows=repr((asked.layer, asked.address, asked.filter, asked.points)))
    return sent(found, headers, accepts_gzip=asked.accepts_gzip)


def address_of(layer: str, tile: TileAddress) -> str:
    """How a tile of a layer is called in its path."""
    return f"{layer}/{tile.z}/{tile.x}/{tile.y}"


def headers_of(tag: str) -> dict[str, str]:
    """Of every answer with a tile, or with word that it is the same."""
    return {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding, Cookie, Authorization"}


def sent(found: Tile, headers: dict[str, str], *, accepts_gzip: bool) -> Response:
    """A kept tile as an answer."""
    if not found.plain:
        return Response(status_code=204, headers=headers)
    if accepts_gzip and found.gzipped is not None:
        return Response(found.gzipped, media_type=MEDIA_TYPE, headers=headers | {"Content-Encoding": "gzip"})
    return Response(found.plain, media_type=MEDIA_TYPE, headers=headers)


def has(if_none_match: str | None, tag: str) -> bool:
    """RFC 9110, 13.1.2: any of the listed tags, compared weakly."""
    if if_none_match is None:
        return False
    listed = [one.strip() for one in if_none_match.split(",")]
    return "*" in listed or tag.removeprefix("W/") in {one.removeprefix("W/") for one in listed}
