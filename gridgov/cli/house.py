"""What most commands begin with: settings, a running database in its present form, and the house on it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from gridgov.bootstrap import House, build
from gridgov.platform.cluster import running
from gridgov.platform.migrate import upgrade
from gridgov.platform.settings import Settings

DATABASE = "gridgov"


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The address of the database: the one that is set, or the private cluster's, which runs while the block lasts."""
    if settings.database_url:
        yield settings.database_url
        return
    signal.signal(signal.SIGTERM, _interrupt)
    with running(settings.home) as cluster:
        cluster.create_database(DATABASE)
        yield cluster.url(DATABASE)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """An order to end is taken like Ctrl-C: what was begun is left tidily, the cluster among it."""
    raise KeyboardInterrupt


@contextmanager
def opened(settings: Settings, *, said: Callable[[str], None] = lambda _: None) -> Iterator[House]:
    """The house of the city that the settings name, migrated."""
    with database(settings) as url:
        upgrade(url, settings.city, said=said)
        settings.home.mkdir(parents=True, exist_ok=True)
        house = build(url, settings.city, settings.home)
        try:
            yield house
        finally:
            house.close()
