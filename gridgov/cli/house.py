"""What most commands begin with: settings, a running database in its present form, and the house on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gridgov.areas.service import cities_here, require_city
from gridgov.auth.oidc import provider_of
from gridgov.basemap import service as basemap
from gridgov.bootstrap import House, build, prepare
from gridgov.notices import ways
from gridgov.platform import citus
from gridgov.platform.cluster import running
from gridgov.platform.db import POOL, Database
from gridgov.platform.settings import ALL, Settings
from gridgov.platform.storage import Storage

DATABASE = "gridgov"
LEAST_POOL = 2  # connections that are kept for each of many cities


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
        house = built(url, settings, settings.city)
        try:
            yield house
        finally:
            house.close()


def opening(settings: Settings, first: House, *, prepared: bool = False) -> Callable[[str], House]:
    """How further cities of the installation are opened beside the first: migrated, then built, with their share of the
    connections. Raises whatever keeps a city from being served."""
    url = (first.forming or first.db).url.render_as_string(hide_password=False)

    def one(code: str) -> House:
        _require_loaded(url, code)
        if not prepared:
            prepare(url, code, settings.home)
        cities = len(also(settings, first)) + 1
        return built(url, settings, code, pool_size=max(LEAST_POOL, POOL // cities))

    return one


def also(settings: Settings, first: House) -> list[str]:
    """Codes of the cities that are served beside the first."""
    if settings.cities != ALL:
        return [code for code in settings.cities.split(",") if code and code != settings.city]
    with first.db.transaction() as session:
        return [one.code for one in cities_here(session) if one.code != settings.city]


def built(url: str, settings: Settings, city: str, *, pool_size: int = POOL) -> House:
    return build(
        url,
        city,
        settings.home,
        app_url=settings.app_database_url,
        provider=provider_of(settings, city=None if city == settings.city else city),
        storage=Storage.chosen(settings),
        public_least=settings.public_min_count,
        channels=ways.chosen(settings),
        basemap=basemap.chosen(settings, settings.home),
        pool_size=pool_size,
        cluster=citus.is_cluster(url),
    )


def _require_loaded(url: str, city: str) -> None:
    asked = Database(url, city)
    try:
        with asked.transaction() as session:
            require_city(session, city)
    finally:
        asked.close()
