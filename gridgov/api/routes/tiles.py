"""`GET /tiles/{layer}/{z}/{x}/{y}.mvt`: vector tiles, revalidated by entity tag, compressed once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path, Response
from fastapi.responses import Response as PlainResponse

from gridgov.analytics import tiles as service
from gridgov.analytics.quad import TileAddress
from gridgov.analytics.tilecache import Tile, packed
from gridgov.analytics.tiles import Layer
from gridgov.api.deps import HouseDep
from gridgov.api.routes.density import CategoryQuery, FromQuery, StatusQuery, ToQuery, wanted
from gridgov.areas import service as areas
from gridgov.platform import clock

router = APIRouter(tags=["tiles"])

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"


@router.get(
    "/tiles/{layer}/{z}/{x}/{y}.mvt",
    summary="A vector tile",
    response_class=PlainResponse,
    responses={
        200: {"content": {MEDIA_TYPE: {}}, "description": "The tile."},
        204: {"description": "Nothing to show here."},
        304: {"description": "Still as the client has it."},
    },
)
def tile(
    house: HouseDep,
    *,
    layer: Annotated[str, Path(description=f"One of: {', '.join(Layer)}.", examples=["areas"])],
    z: Annotated[int, Path(description="Zoom, 0 to 22.", examples=[13])],
    x: Annotated[int, Path(description="Column of the zoom, from the west.", examples=[6756])],
    y: Annotated[int, Path(description="Row of the zoom, from the north.", examples=[3296])],
    since: FromQuery = None,
    until: ToQuery = None,
    category: CategoryQuery = None,
    status: StatusQuery = None,
    if_none_match: Annotated[
        str | None, Header(description="Tags of tiles that the client has.", examples=["*"])
    ] = None,
    accept_encoding: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Layers: areas (with area_labels), streets, blocks, buildings, facilities, sites, incidents.

    Filters concern incidents alone.
    """
    address = TileAddress(z, x, y)
    chosen = service.check(layer, address)
    now = clock.utcnow()
    asked, timezone = None, "UTC"
    with house.db.transaction() as session:
        if chosen is Layer.INCIDENTS:
            zone = areas.city(session).zone
            asked, timezone = wanted(session, zone, since, until, category, status), zone.key
        tag = service.etag(chosen, address, asked, service.mark(session, chosen, now))
        headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if _has(if_none_match, tag):
            return Response(status_code=304, headers=headers)
        found = house.tiles.get(tag)
        if found is None:
            plain = service.render(session, chosen, address, now=now, wanted=asked, timezone=timezone)
    if found is None:
        found = packed(plain)
        house.tiles.put(tag, found)
    return _sent(found, headers, accepts_gzip="gzip" in accept_encoding)


def _sent(found: Tile, headers: dict[str, str], *, accepts_gzip: bool) -> Response:
    if not found.plain:
        return Response(status_code=204, headers=headers)
    if accepts_gzip and found.gzipped is not None:
        return Response(found.gzipped, media_type=MEDIA_TYPE, headers=headers | {"Content-Encoding": "gzip"})
    return Response(found.plain, media_type=MEDIA_TYPE, headers=headers)


def _has(if_none_match: str | None, tag: str) -> bool:
    """RFC 9110, 13.1.2: any of the listed tags, compared weakly."""
    if if_none_match is None:
        return False
    listed = [one.strip() for one in if_none_match.split(",")]
    return "*" in listed or tag.removeprefix("W/") in {one.removeprefix("W/") for one in listed}
