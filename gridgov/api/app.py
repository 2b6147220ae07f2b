"""The application: routes under /api/v1, the web build at /, one security header set for everything.

Owns how parts are put on paths. Does not own what they answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gridgov import __version__
from gridgov.api import problems
from gridgov.api.deps import no_nul
from gridgov.api.gates import gates
from gridgov.api.ground import Ground, opened
from gridgov.api.guards import Bounded, Bounds, Observed
from gridgov.api.intake import Intake, begun
from gridgov.api.keeping import kept
from gridgov.api.pages import Pages
from gridgov.api.readiness import Readiness
from gridgov.api.routes import (
    accounts,
    admissions,
    agencies,
    alerts,
    appraisals,
    approvals,
    area_history,
    areas,
    attachments,
    audit,
    basemap,
    boundaries,
    calendar,
    cases,
    city,
    contacts,
    counts,
    deliveries,
    density,
    duties,
    exchange,
    findings,
    funding,
    health,
    hotspots,
    incidents,
    locate,
    metrics,
    notices,
    outlines,
    participation,
    plan_bases,
    plan_editing,
    plan_files,
    plan_jobs,
    plan_publishing,
    plans,
    privacy,
    public,
    receipts,
    receptions,
    reopening,
    reports,
    route,
    session,
    surface,
    tiles,
    tokens,
    webhooks,
    whistles,
    worklists,
)
from gridgov.bootstrap import House

WEB = Path(__file__).resolve().parents[2] / "web" / "dist"
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; worker-src 'self'; "
    "connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",  # of no effect over plain HTTP
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
}
RAW = tuple((name.lower().encode(), value.encode()) for name, value in HEADERS.items())
RAW_OF_API = (*RAW, (b"cache-control", b"no-store"))
PARTS = (
    city, calendar, area_history, outlines, areas, agencies, locate, route, basemap, incidents, worklists, whistles,
    cases, attachments, density, hotspots, public,
    counts, boundaries, findings, surface, tiles, alerts, reports,
    session, accounts, tokens, receipts, reopening, contacts, privacy, audit, approvals, duties, appraisals, funding,
    admissions, notices, webhooks, deliveries, participation, exchange, receptions,
    plan_publishing, plan_bases, plan_files, plans, plan_editing,
    plan_jobs,
)  # fmt: skip
BESIDE = (health, metrics)  # for those who watch the server
BOUNDS = Bounds()
THREADS = 8


class _Application(FastAPI):
    """An application whose document says that errors are problem bodies."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = problems.described(super().openapi())
        return self.openapi_schema


def create_app(
    house: House, *, web: Path = WEB, bounds: Bounds = BOUNDS, local_metrics: bool = False, intake: str = "hot"
) -> FastAPI:
    """The application for one house; `web` is the folder of the built pages, left out where it does not exist.

    `local_metrics`: whoever asks from this machine may read the metrics without an account. `intake`: "hot", or "plain"
    for one transaction a report.
    """
    app = _Application(
        title="gridgov",
        version=__version__,
        summary="Grid governance: where is it, who is responsible, and where is it dense?",
        description="Coordinates are longitude and latitude in degrees, WGS-84 unless a `datum` says otherwise. "
        "Every error is a problem body (RFC 9457) that names the field and the remedy.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    settle(app, house)
    problems.install(app)
    app.state.local_metrics = local_metrics
    app.state.hot_intake = intake == "hot"
    app.add_middleware(Intake)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    app.add_middleware(Ground)
    app.add_middleware(Bounded, bounds=bounds)
    app.add_middleware(Secure)
    app.add_middleware(Observed)  # the outermost
    v1 = APIRouter(prefix="/api/v1", responses=problems.RESPONSES, dependencies=[Depends(no_nul)])
    for part in PARTS:
        v1.include_router(part.router)
    app.include_router(v1)
    for part in BESIDE:
        app.include_router(part.router)
    app.state.gates = gates([*((v1.prefix, part.router) for part in PARTS), *(("", part.router) for part in BESIDE)])
    if web.is_dir():
        app.mount("/", Pages(directory=web, html=True), name="web")
    return app


def settle(app: FastAPI, house: House) -> None:
    """Puts a house behind an application that serves no other; making one takes longer than most requests."""
    app.state.house = house
    app.state.readiness = Readiness(house)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Does what is to be done beside answering (`keeping`).

    Requests share few threads: the 40 that are usual only take the interpreter from one another, and together ask for
    more connections than the pool has; what has to wait does so in the event loop, where it costs nothing.
    """
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    async with begun(app.state.house) as queue:
        app.state.intake = queue if app.state.hot_intake else None
        with kept(app.state.house), opened(lambda: app.state.house) as door:
            app.state.door = door
            yield


class Secure:
    """Puts the security headers on every answer that has none of its own.

    Plain ASGI: Starlette's `BaseHTTPMiddleware` runs each request in a task and passes its body through a stream.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message.get("headers", ())}
                # What the API says depends on who asks: not kept unless the route says so.
                added = RAW_OF_API if scope["path"].startswith("/api/") else RAW
                message["headers"] = [*message.get("headers", ()), *(one for one in added if one[0] not in own)]
            await send(message)

        await self._app(scope, receive, secured)
