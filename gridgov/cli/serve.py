"""`gridgov serve`: the API and the pages, in the foreground until interrupted, by one process or several."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from socket import socket
from typing import Annotated

import typer
import uvicorn

from gridgov.api.app import create_app
from gridgov.api.cities import Cities
from gridgov.bootstrap import House
from gridgov.cli import wire
from gridgov.cli.house import also, opened, opening
from gridgov.cli.workers import Inherited, as_child, say_ready, serve_by
from gridgov.platform import limits, litter, logs
from gridgov.platform.errors import GridgovError
from gridgov.platform.ports import require_free
from gridgov.platform.settings import Settings


class _Announcing(uvicorn.Server):
    """Says once that it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def run(
    house: House,
    settings: Settings,
    *,
    ready: Callable[[], None],
    listening: socket | None = None,
    prepared: bool = False,
) -> None:
    """Serves until an interrupt; indexes are built beside the first requests, so that the pages appear at once.

    `listening`: a socket that is open already, else one of its own. `prepared`: further cities have been migrated.
    """
    logs.configure(settings.log_level, settings.log_format)
    making = partial(create_app, local_metrics=settings.metrics == "local", intake=settings.intake)
    first = making(house)
    app = (
        Cities(first, partial(also, settings, house), opening(settings, house, prepared=prepared), making)
        if settings.cities
        else first
    )
    limits.tune(settings.limits, "GRIDGOV_LIMITS")  # once every rule has been made
    config = wire.config(app, settings.host, settings.port, proxies=settings.proxies)
    # An interrupt is how a server in the foreground ends.
    with suppress(KeyboardInterrupt), litter.spared(), _warming(house):
        _Announcing(config, ready).run(sockets=None if listening is None else [listening])


def serve(
    port: Annotated[int | None, typer.Option(help="Port; default GRIDGOV_PORT or 8000.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes that answer; default GRIDGOV_WORKERS or 1.")
    ] = None,
    inherited: Annotated[str | None, typer.Option(hidden=True)] = None,
) -> None:
    """Serve the API and the pages of the city that GRIDGOV_CITY names, and of those of GRIDGOV_CITIES beside it."""
    settings = Settings.load(port=port, workers=workers)
    if inherited is not None:
        _as_child(settings, Inherited.parse(inherited))
        return
    require_free(settings.host, settings.port)

    def ready() -> None:
        print(f"gridgov answers on {address(settings)}", flush=True)

    with opened(settings) as house:  # held also where others answer: the cluster runs, and is migrated once
        if settings.workers == 1:
            run(house, settings, ready=ready)
        else:
            logs.configure(settings.log_level, settings.log_format)
            _migrate_others(house, settings)
            serve_by(settings.workers, settings.host, settings.port, ready=ready)


def _migrate_others(house: House, settings: Settings) -> None:
    """Once for all processes. One that fails is told of and is looked for by each of them."""
    for code in also(settings, house):
        try:
            opening(settings, house)(code).close()
        except GridgovError as problem:
            print(f"{code}: {problem}", flush=True)


def _as_child(settings: Settings, given: Inherited) -> None:
    with as_child(given) as listening, opened(settings, prepared=True) as house:
        run(house, settings, ready=lambda: say_ready(given), listening=listening, prepared=True)


def address(settings: Settings) -> str:
    """The page's address as a person would type it."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 -- compared, not bound
    return f"http://{host}:{settings.port}/"


@contextmanager
def _warming(house: House) -> Iterator[None]:
    """Builds the indexes beside the block; at its end, asks the work to stop and waits for the step that it is at.

    Waits whatever further orders come: a thread that the interpreter's end overtakes inside C++ (the R-tree's library)
    takes the process down with an abort or a segmentation fault.
    """
    ended = threading.Event()
    thread = threading.Thread(target=_warm, args=(house, ended.is_set), name="warm")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        while thread.is_alive():
            with suppress(KeyboardInterrupt, SystemExit):  # the first order is being followed
                thread.join()


def _warm(house: House, ended: Callable[[], bool]) -> None:
    """Builds the indexes before somebody waits for them; a city without boundaries yet has none."""
    try:
        with house.db.transaction() as session:
            if ended():
                return
            index = house.locator.index(session)
            if ended():
                return
            lon, lat = (index.bbox[0] + index.bbox[2]) / 2, (index.bbox[1] + index.bbox[3]) / 2
            house.places.describe(session, lon, lat)
            if not ended():
                house.router.warm(session)
    except GridgovError:
        return
    litter.settle()
