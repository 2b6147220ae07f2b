"""What most commands begin with: settings, a running database in its present form, and the house on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gridgov.areas.service import require_city
from gridgov.auth.oidc import provider_of
from gridgov.bootstrap import House, build, prepare
from gridgov.notices import ways
from gridgov.platform.cluster import running
from gridgov.platform.db import Database
from gridgov.platform.settings import Settings
from gridgov.platform.storage import Storage

DATABASE = "gridgov"


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The address of the database: the one that is set, or the private cluster's, which runs while the block lasts."""
    if settings.database_url:
        yield settings.database_url
        return
    with running(settings.home) as cluster:
        cluster.create_database(DATABASE)
        yield cluster.url(DATABASE)


@contextmanager
def opened(
    settings: Settings,
    *,
    said: Callable[[str], None] = lambda _: None,
    fresh: bool = False,
    prepared: bool = False,
) -> Iterator[House]:
    """The house of the city that the settings name, migrated.

    Raises `CityUnknown` for a city that has not been loaded. `fresh`: it is about to be, and gets an empty schema.
    `prepared`: whoever began this process has migrated it a moment ago.
    """
    with database(settings) as url:
        if not fresh:
            _require_loaded(url, settings.city)
        if not prepared:
            prepare(url, settings.city, settings.home, said=said)
        house = build(
            url,
            settings.city,
            settings.home,
            app_url=settings.app_database_url,
            provider=provider_of(settings),
            storage=Storage.chosen(settings),
            public_least=settings.public_min_count,
            channels=ways.chosen(settings),
        )
        try:
            yield house
        finally:
            house.close()


def _require_loaded(url: str, city: str) -> None:
    asked = Database(url, city)
    try:
        with asked.transaction() as session:
            require_city(session, city)
    finally:
        asked.close()
