"""`GET /tiles/{layer}/{z}/{x}/{y}.mvt`: vector tiles, revalidated by entity tag, compressed once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response
from fastapi.responses import Response as PlainResponse

from gridgov.analytics import tiles as service
from gridgov.analytics.quad import TileAddress
from gridgov.analytics.tilecache import Tile, packed
from gridgov.analytics.tiles import Layer
from gridgov.api.deps import HouseDep
from gridgov.api.routes.density import CategoryQuery, FromQuery, StatusQuery, ToQuery, wanted
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
    layer: str,
    z: int,
    x: int,
    y: int,
    since: FromQuery = None,
    until: ToQuery = None,
    category: CategoryQuery = None,
    status: StatusQuery = None,
    if_none_match: Annotated[str | None, Header()] = None,
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """Layers: areas (with area_labels), streets, blocks, buildings, facilities, sites, incidents.

    Filters concern incidents alone.
    """
    address = TileAddress(z, x, y)
    chosen = service.check(layer, address)
    now = clock.utcnow()
    with house.db.transaction() as session:
        asked = wanted(session, since, until, category, status) if chosen is Layer.INCIDENTS else None
        tag = service.etag(chosen, address, asked, service.mark(session, chosen, now))
        headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if _has(if_none_match, tag):
            return Response(status_code=304, headers=headers)
        found = house.tiles.get(tag)
        if found is None:
            found = packed(service.render(session, chosen, address, now=now, wanted=asked))
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
