"""A tile of the provider's base map as this server hands it out: fetched, checked to be a picture, shifted right, kept.

Owns the order of these, and that a provider which does not answer is left alone for a while. Does not own fetching
(`fetching`), the shift (`geo.tileshift`), pictures (`platform.mosaic`) nor the disk (`keeping`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from gridgov.basemap.fetching import Away, Fetcher, hosts_of
from gridgov.basemap.keeping import Kept
from gridgov.basemap.rules import Source, Standing, covers
from gridgov.geo.crs import Datum
from gridgov.geo.tileshift import lying
from gridgov.notices.addresses import Allowed
from gridgov.platform import mosaic
from gridgov.platform.errors import BadInput, NotFound, Unavailable
from gridgov.platform.logs import get_logger
from gridgov.platform.sandbox import Sandbox
from gridgov.platform.settings import Settings

REST = timedelta(seconds=20)
log = get_logger(__name__)


class NoBasemap(NotFound):
    """No provider is set up."""

    code = "no-basemap"


class NoSuchTile(NotFound):
    """The provider has no tile there."""

    code = "no-such-tile"


class BasemapAway(Unavailable):
    """The provider does not answer; our own map goes on."""

    code = "basemap-away"


@dataclass
class Basemap:
    """One provider, for all threads of a process."""

    fetcher: Fetcher
    kept: Kept
    workshop: Sandbox = field(default_factory=mosaic.workshop)
    _lock: Lock = field(default_factory=Lock)
    _away_since: datetime | None = None
    _rests_until: datetime | None = None

    @property
    def source(self) -> Source:
        return self.fetcher.source

    def standing(self) -> tuple[Standing, datetime | None]:
        """Whether the provider answered when it was asked last, and since when it does not."""
        return (Standing.READY, None) if self._away_since is None else (Standing.AWAY, self._away_since)

    def held(self, z: int, x: int, y: int, now: datetime) -> bytes | None:
        """The tile, if it is here already. Raises `NoSuchTile`."""
        self._require(z, x, y)
        return self.kept.get(f"out/{z}/{x}/{y}", now_s=now.timestamp())

    def tile(self, z: int, x: int, y: int, now: datetime) -> bytes:
        """The tile in WGS-84, as PNG or JPEG. Raises `NoSuchTile`, `BasemapAway`."""
        found = self.held(z, x, y, now)
        if found is not None:
            return found
        place = lying(z, x, y, self.source.datum)
        try:
            pieces = [self._piece(z, column, row, now) for column, row in place.tiles]
            made = mosaic.put_together(self.workshop, pieces, place.columns[1] - place.columns[0] + 1, place.corners)
        except Away as problem:
            if problem.none_here:
                self._answered()
                raise NoSuchTile("The provider has no such tile.", field="z") from None
            self._silent(problem.reason, now)
            raise self._away() from None
        except BadInput as problem:  # what came is no picture
            self._silent(problem.code, now)
            raise self._away() from None
        self._answered()
        self.kept.put(f"out/{z}/{x}/{y}", made, now_s=now.timestamp())
        return made

    def close(self) -> None:
        self.workshop.close()

    def _piece(self, z: int, x: int, y: int, now: datetime) -> bytes:
        name = f"in/{z}/{x}/{y}"
        found = self.kept.get(name, now_s=now.timestamp())
        if found is not None:
            return found
        with self._lock:
            if self._rests_until is not None and now < self._rests_until:
                raise self._away()
        data = self.fetcher.fetch(z, x, y)
        if self.source.datum is not Datum.WGS84:  # the next tile wants a part of it too
            self.kept.put(name, data, now_s=now.timestamp())
        return data

    def _require(self, z: int, x: int, y: int) -> None:
        if not covers(self.source, z, x, y):
            raise NoSuchTile(
                f"There is no tile {z}/{x}/{y}.", field="z", remedy=f"z runs from 0 to {self.source.max_zoom}."
            )

    def _silent(self, reason: str, now: datetime) -> None:
        with self._lock:
            if self._away_since is None:
                log.warning("the provider of the base map gives no tiles: %s", reason)
                self._away_since = now
            self._rests_until = now + REST

    def _answered(self) -> None:
        with self._lock:
            self._away_since = self._rests_until = None

    @staticmethod
    def _away() -> BasemapAway:
        return BasemapAway("The provider of the base map does not answer.", remedy="The city's own map goes on.")


def chosen(settings: Settings, home: Path) -> Basemap | None:
    """The provider that the settings name; None where they name none."""
    if settings.basemap_url is None:
        return None
    source = Source(
        template=settings.basemap_url,
        attribution=settings.basemap_attribution or "",
        datum=Datum(settings.basemap_datum),
        approval=settings.basemap_approval,
        max_zoom=settings.basemap_max_zoom,
        subdomains=tuple(one.strip() for one in settings.basemap_subdomains.split(",") if one.strip())
        if "{s}" in settings.basemap_url
        else (),
        key=settings.basemap_key or "",
    )
    ca = None if settings.basemap_authorities is None else os.fspath(settings.basemap_authorities)
    return Basemap(
        Fetcher(source, Allowed.of(hosts_of(source), settings.basemap_networks), ca),
        Kept(
            home / "basemap" / source.mark,
            room_bytes=settings.basemap_cache_mb << 20,
            keep_s=settings.basemap_keep_days * 86_400.0,
        ),
    )
