"""Composition root: puts settings, database and the process-wide indexes together.

Owns no behaviour. The API and the CLI take a `House` from here; nothing below knows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gridgov.analytics.tilecache import TileCache
from gridgov.areas.locator import Locator
from gridgov.areas.places import Places
from gridgov.duties.router import Router
from gridgov.incidents.tally import Tally
from gridgov.platform.crypto import Sealer
from gridgov.platform.db import Database


@dataclass(frozen=True)
class House:
    """Everything a request or a command needs, made once a process."""

    db: Database
    locator: Locator
    places: Places
    router: Router
    sealer: Sealer
    tiles: TileCache = field(default_factory=TileCache)
    tally: Tally = field(default_factory=Tally)

    def close(self) -> None:
        self.db.close()


def build(database_url: str, city: str, home: Path) -> House:
    """A house for one city. Indexes are built at first use and whenever what they come from has changed."""
    db = Database(database_url, city)
    locator = Locator()
    places = Places()
    return House(db=db, locator=locator, places=places, router=Router(locator), sealer=Sealer.from_home(home))
