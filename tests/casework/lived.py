"""Cases of the small sample city, told by the plots of the demo: their incidents, and what happens to each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from gridgov.bootstrap import House, build
from gridgov.incidents.service import OldIncident, take_many
from gridgov.interop.democases.loading import Story, tell
from gridgov.interop.demopeople import colleagues, seats
from gridgov.platform.cluster import Cluster
from tests import sample
from tests.conftest import CITY, cloned

SEED = 20261123
UNTIL = date(2026, 4, 1)
DAYS = 30
GRIDS = [code for codes in sample.CODES for code in codes]
CATEGORIES = ("06010", "06010", "09009", "10001")  # of an office or a department, of one alone, of nobody
CHANNELS = ("worker", "worker", "hotline", "mini-program", "deputy", "window", "sensor")
TABLES = {
    "cases": "number", "cases_event": "number, seq", "cases_clock": "number, seq, summons, name",
    "cases_summons": "number, summons", "cases_rating": "number, seq",
}  # fmt: skip
NOW = datetime(2026, 4, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Town:
    """A city with incidents and people, and no case yet, as a database that can be copied."""

    cluster: Cluster
    url: str
    home: Path

    @contextmanager
    def copy(self) -> Iterator[House]:
        """A house on a copy of its own."""
        name = make_url(self.url).database
        assert name is not None
        with cloned(self.cluster, name) as url:
            house = build(url, CITY, self.home)
            try:
                yield house
            finally:
                house.close()


@contextmanager
def town(cluster: Cluster, template: str, home: Path, incidents: int) -> Iterator[Town]:
    with cloned(cluster, template) as url:
        house = build(url, CITY, home)
        with house.db.transaction() as session:
            sample.set_up(session)
        with house.db.transaction() as session:
            take_many(session, happened(incidents), locator=house.locator, router=house.router, now=NOW)
        colleagues(house, now=NOW)
        house.close()
        yield Town(cluster, url, home)


def happened(count: int) -> list[OldIncident]:
    """Incidents of the month before `UNTIL`."""
    rng = np.random.default_rng(SEED)
    begin = datetime(UNTIL.year, UNTIL.month, UNTIL.day, tzinfo=UTC) - timedelta(days=DAYS)

    def pick(some: tuple[str, ...] | list[str]) -> str:
        return some[int(rng.random() * len(some))]

    made = []
    for _ in range(count):
        lon, lat = sample.centre(pick(GRIDS))
        at = begin + timedelta(seconds=int(rng.random() * DAYS * 86_400))
        made.append(
            OldIncident(UUID(bytes=rng.bytes(16), version=4), pick(CATEGORIES), lon, lat, at, channel=pick(CHANNELS))
        )
    return made


def told(house: House) -> Story:
    with house.db.transaction() as session:
        return tell(house, session, seed=SEED, until=UNTIL, seats=seats(house, now=NOW))


def rows(session: Session) -> dict[str, list[str]]:
    """Every row of the five tables, and what became of the incidents."""
    found = {
        table: [
            str(row)
            for row in session.execute(text(f"select to_jsonb(t)::text from {table} t order by {key}")).scalars()
        ]
        for table, key in TABLES.items()
    }
    statuses = "select id || ' ' || status from incidents order by id"
    return found | {"incidents": list(session.execute(text(statuses)).scalars())}
