"""`GET /basemap` and its tiles: the base map of a provider, fetched by the server: no page asks another host."""

from __future__ import annotations

import functools
import hashlib
from datetime import datetime, timedelta
from typing import Annotated, Any

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar
from fastapi import APIRouter, Path, Response
from fastapi.responses import Response as PlainResponse
from pydantic import Field

from gridgov.api.deps import CallerDep, HouseDep
from gridgov.api.desk import elsewhere
from gridgov.api.door import DOOR
from gridgov.api.routes.tiles import NoneMatch, has
from gridgov.api.shapes import Body
from gridgov.basemap.rules import Standing
from gridgov.basemap.service import Basemap, NoBasemap
from gridgov.bootstrap import Caller, House
from gridgov.platform import clock, mosaic
from gridgov.platform.limits import Rate, key_of, take

router = APIRouter(tags=["tiles"])
# Tiles that are not here yet: looking around a city takes some hundreds; a copy of it takes many more.
ASKED = Rate("basemap", 3_000, timedelta(minutes=10))
AT_ONCE = 4  # threads of their own: a provider that is slow holds up nobody else
LARGEST = 2**24
_LIMITER: RunVar[anyio.CapacityLimiter] = RunVar("gridgov basemap")
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {mosaic.PNG: {}, mosaic.JPEG: {}}, "description": "The tile, 256 or 512 pixels a side."},
    304: {"description": "Still as the client has it."},
}


class BasemapBody(Body):
    """Whether there is a provider's base map, and what every map that shows it has to say."""

    standing: Standing = Field(examples=["none"])
    away_since: datetime | None = None
    attribution: str = Field(description="Whose map it is.", examples=["天地图"])
    approval: str = Field(description="The number of its approval (审图号).", examples=["GS（2024）0650号"])
    max_zoom: int = Field(examples=[18])


@router.get("/basemap", summary="Is there a provider's base map?")
def basemap(house: HouseDep, caller: CallerDep) -> BasemapBody:
    """The address and the key of the provider are never told."""
    with house.acting(caller):
        found = house.basemap
    if found is None:
        return BasemapBody(standing=Standing.NONE, attribution="", approval="", max_zoom=0)
    standing, since = found.standing()
    source = found.source
    return BasemapBody(
        standing=standing,
        away_since=since,
        attribution=source.attribution,
        approval=source.approval,
        max_zoom=source.max_zoom,
    )


@router.get(
    "/basemap/{z}/{x}/{y}",
    summary="A tile of the provider's base map",
    response_class=PlainResponse,
    responses=RESPONSES,
)
async def basemap_tile(
    house: HouseDep,
    caller: CallerDep,
    z: Annotated[int, Path(ge=0, le=22, description="Zoom.", examples=[13])],
    x: Annotated[int, Path(ge=0, le=LARGEST, description="Column, from the west.", examples=[6756])],
    y: Annotated[int, Path(ge=0, le=LARGEST, description="Row, from the north.", examples=[3296])],
    if_none_match: NoneMatch = None,
) -> Response:
    """In WGS-84, whatever the provider draws in. 404 where no provider is set up or it has no such tile, 503 while it
    does not answer."""
    now = clock.utcnow()
    found, data, account = await elsewhere(_held, house, caller, z, x, y, now)
    if data is None:
        await elsewhere(_counted, house, account, now)
        data = await anyio.to_thread.run_sync(functools.partial(found.tile, z, x, y, now), limiter=_limiter())
    tag = f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "private, max-age=3600",
        "Vary": "Cookie, Authorization",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if has(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=mosaic.media_type(data), headers=headers)


def _held(
    house: House, caller: Caller, z: int, x: int, y: int, now: datetime
) -> tuple[Basemap, bytes | None, int | None]:
    """Refuses whoever may not; then the tile, if it is here."""
    with house.acting(caller) as work:
        account = work.actor.account_id
    if house.basemap is None:
        raise NoBasemap("No provider of a base map is set up.", remedy="Set GRIDGOV_BASEMAP_URL.")
    return house.basemap, house.basemap.held(z, x, y, now), account


def _counted(house: House, account: int | None, now: datetime) -> None:
    key = key_of(house.sealer, ASKED, str(account))
    with house.internally(DOOR) as session:
        take(session, key, ASKED, now)


def _limiter() -> anyio.CapacityLimiter:
    try:
        return _LIMITER.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(AT_ONCE)
        _LIMITER.set(limiter)
        return limiter
