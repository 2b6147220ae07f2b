"""What routes ask for: the house, and the values that many of them take and parse alike.

Dependencies are coroutines although they wait for nothing: a plain function would be handed to a thread and back,
which takes longer than any of them.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Path, Query, Request

from gridgov.auth.credentials import Credential
from gridgov.bootstrap import Caller, House
from gridgov.geo.crs import BadCoordinate, Datum, check_lonlat, to_wgs84
from gridgov.platform.errors import BadInput, Refused


async def house(request: Request) -> House:
    """The house this application was made for."""
    found: House = request.app.state.house
    return found


HouseDep = Annotated[House, Depends(house)]

COOKIE = "__Host-gridgov"
CSRF_HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignRequest(Refused):
    """A change asked for in somebody's name by another page."""

    code = "foreign-request"


def csrf_token(secret: str) -> str:
    """What a page repeats in a header with every change: it follows from the cookie, which the page cannot read."""
    return hashlib.sha256(b"gridgov csrf " + secret.encode()).hexdigest()


async def caller(request: Request) -> Caller:
    """Who asks, as far as the request shows it, for the permission of its route. A bearer token goes before a cookie.

    A change under a cookie must come from our own page: its origin is ours and it repeats the token of the session.
    Raises `ForeignRequest`.
    """
    return shown_by(request, request.app.state.gates[request.scope["endpoint"]])


def shown_by(request: Request, permission: str) -> Caller:
    """The same for a request that no route has been looked up for. Raises `ForeignRequest`."""
    address = request.client.host if request.client else ""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and secret:
        return Caller(permission, Credential("token", secret.strip()), address)
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return Caller(permission, None, address)
    if request.method not in SAFE:
        _own_page(request, cookie)
    return Caller(permission, Credential("session", cookie), address)


CallerDep = Annotated[Caller, Depends(caller)]


def _own_page(request: Request, cookie: str) -> None:
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    foreign = origin is not None and origin.partition("://")[2] != request.headers.get("host")
    shown = request.headers.get(CSRF_HEADER, "")
    if foreign or site not in (None, "same-origin", "none") or not hmac.compare_digest(shown, csrf_token(cookie)):
        raise ForeignRequest(
            "This change did not come from our own page.",
            field=CSRF_HEADER,
            remedy="Reload the page and try again; programs use an API token.",
        )


EARLIEST_YEAR, LATEST_YEAR = 1900, 2199
MAX_ID = 2**63 - 1  # of a bigint

AreaPath = Annotated[int, Path(ge=1, le=MAX_ID, description="Id of an area.", examples=[1])]
AreaQuery = Annotated[
    int | None, Query(ge=1, le=MAX_ID, description="Id of an area of any level in force now.", examples=[1])
]
AtQuery = Annotated[
    str | None,
    Query(
        description="Instant or date (in the city's zone) whose boundaries and lists count; default: now.",
        examples=["2025-11-20", "2025-11-20T08:15:00+08:00"],
    ),
]
BoxQuery = Annotated[
    str | None, Query(description="west,south,east,north in degrees.", examples=["116.8,33.0,117.0,33.2"])
]
LimitQuery = Annotated[int, Query(ge=1, le=1000, description="Most items on a page.")]


async def no_nul(request: Request) -> None:
    """Texts of the store cannot hold a NUL character, so no parameter may. Raises `BadInput`."""
    for name, value in (*request.query_params.multi_items(), *request.path_params.items()):
        if "\x00" in str(value):
            raise BadInput("The value holds a NUL character.", field=name, remedy="Take it out.")


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the query: as it was sent (`lon`, `lat`, `datum`) and in WGS-84 (`x`, `y`)."""

    lon: float
    lat: float
    datum: Datum
    x: float
    y: float


async def point(
    lon: Annotated[float, Query(description="Longitude in degrees of `datum`.", examples=[116.9])],
    lat: Annotated[float, Query(description="Latitude in degrees of `datum`.", examples=[33.12])],
    datum: Annotated[Datum, Query(description="Datum of the coordinates.")] = Datum.WGS84,
) -> Point:
    """The point of the query, checked. Raises `BadInput`."""
    try:
        check_lonlat(lon, lat)
    except BadCoordinate as fault:
        raise BadInput(str(fault), field="lon,lat", remedy="Send lon and lat in degrees, lon first.") from None
    x, y = to_wgs84(lon, lat, datum)
    return Point(lon, lat, datum, float(x), float(y))


PointDep = Annotated[Point, Depends(point)]


def instant(value: str | None, zone: ZoneInfo, field: str) -> datetime | None:
    """An ISO instant, or a date that begins at midnight in the city's zone. A time without zone is the city's.

    Raises `BadInput`, also for years outside 1900 to 2199.
    """
    if value is None or value == "":
        return None
    try:
        if len(value) == 10:
            parsed = datetime.combine(date.fromisoformat(value), time.min)
        else:
            parsed = datetime.fromisoformat(value)
        if not EARLIEST_YEAR <= parsed.year <= LATEST_YEAR:
            raise ValueError(parsed.year)
    except ValueError:
        raise BadInput(
            f"“{value}” is neither a date nor an instant of the years {EARLIEST_YEAR} to {LATEST_YEAR}.",
            field=field,
            remedy="Write 2026-01-31 or 2026-01-31T08:00:00+08:00.",
        ) from None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)


def box(value: str | None) -> tuple[float, float, float, float] | None:
    """`west,south,east,north` in degrees. Raises `BadInput`."""
    if value is None or value == "":
        return None
    try:
        west, south, east, north = (float(part) for part in value.split(","))
    except ValueError:
        raise BadInput(
            "A box is four numbers.", field="bbox", remedy="Write west,south,east,north in degrees."
        ) from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise BadInput(
            "This box is empty or not on earth.", field="bbox", remedy="Write west,south,east,north in degrees."
        )
    return west, south, east, north
