"""A small city whose writes are watched, ways to write, and the trail as it stands."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.audit.sealing import seal_all
from gridgov.audit.verifying import Anchor, Verdict, verify
from gridgov.bootstrap import House, build
from gridgov.platform.cluster import Cluster
from gridgov.platform.db import Database
from gridgov.platform.signing import Signer
from tests import sample
from tests.conftest import cloned

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADD = """
    insert into incidents (id, category_id, channel, happened_at, reported_lon, reported_lat, datum, area_id, grid_id,
                           unit_id, hex9, text, address, geom)
    select :id, (select min(id) from duties_category), 'worker', :at, 117.001, 32.001, 'wgs84', g.area_id, g.area_id,
           (select area_id from areas_version where code = 'WS'), 1, :text, :address,
           st_setsrid(st_makepoint(117.001, 32.001), 4326)
    from areas_version g where g.code = 'A05'
"""


def add_incident(session: Session, *, said: str = "路口有暴露垃圾", address: str = "人民路1号") -> uuid.UUID:
    """An incident, by one statement of its own."""
    made = uuid.uuid4()
    session.execute(
        text("insert into incidents_key (id, body_sha256, happened_at) values (:id, '', :at)"), {"id": made, "at": NOW}
    )
    session.execute(text(ADD), {"id": made, "at": NOW, "text": said, "address": address})
    return made


CONTACT = """
    insert into incidents_contact (incident_id, name_sealed, created_at, area_id, grid_id, unit_id)
    select id, :sealed, :at, area_id, grid_id, unit_id from incidents where id = :id
    on conflict (incident_id) do update set name_sealed = excluded.name_sealed
"""


def put_contact(session: Session, incident: uuid.UUID, sealed: bytes) -> None:
    """The contact of an incident, new or changed."""
    session.execute(text(CONTACT), {"id": incident, "sealed": sealed, "at": NOW})


def entries(session: Session, **wanted: object) -> list[Row[Any]]:
    """The trail, oldest first, with only those that have these values."""
    where = " and ".join(f"{name} = :{name}" for name in wanted) or "true"
    return list(session.execute(text(f"select * from audit_entry where {where} order by id"), wanted))


def bind(session: Session, **settings: object) -> None:
    """Sets the context of the transaction."""
    for name, value in settings.items():
        session.execute(
            text("select set_config(:name, :value, true)"), {"name": f"gridgov.{name}", "value": str(value)}
        )


def run(session: Session, sql: str, **values: object) -> Any:
    return session.execute(text(sql), values)


@pytest.fixture
def signer() -> Signer:
    return Signer(b"a" * 32)


@pytest.fixture
def city(sampled: House) -> House:
    """The sample city; what its making left in the trail is sealed by nobody yet."""
    return sampled


@pytest.fixture(scope="module")
def lasting_city(cluster: Cluster, migrated_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The same for all tests of a module: for those that undo what they do."""
    with cloned(cluster, migrated_template) as url:
        made = build(url, "demo", tmp_path_factory.mktemp("home"))
        with made.db.transaction() as session:
            sample.set_up(session)
        yield made
        made.close()


@pytest.fixture
def session(lasting_city: House) -> Iterator[Session]:
    """A transaction that is undone at its end."""
    with lasting_city.db.engine.connect() as connection, Session(connection) as session:
        yield session
        session.rollback()


class Trail:
    """The trail of a city, with the key that seals it."""

    def __init__(self, db: Database, signer: Signer) -> None:
        self.db = db
        self.signer = signer

    def seal(self) -> list[int]:
        """Seals what waits; how many entries each seal took."""
        return [seal.count for seal in seal_all(self.db.transaction, self.signer, clock=lambda: NOW)]

    def settle(self) -> int:
        """Writes and seals until every gap is closed; how many entries that took.

        Tests share a server, and whoever may have drawn an id is any transaction that runs on it.
        """
        written = 0
        while True:
            self.write(1)
            written += 1
            (last,) = seal_all(self.db.transaction, self.signer, clock=lambda: NOW)
            if not last.open:
                return written

    def verify(self, *, anchors: tuple[Anchor, ...] = ()) -> Verdict:
        with self.db.transaction() as session:
            return self.look(session, anchors=anchors)

    def look(self, session: Session, *, anchors: tuple[Anchor, ...] = ()) -> Verdict:
        return verify(session, frozenset([self.signer.public]), anchors=anchors)

    @contextmanager
    def as_superuser(self) -> Iterator[Session]:
        """A transaction in which no trigger fires: what somebody can do who rules the database."""
        with self.db.transaction() as session:
            run(session, "set local session_replication_role = replica")
            yield session

    def write(self, count: int) -> list[uuid.UUID]:
        """So many incidents, each in a transaction of its own."""
        made = []
        for _ in range(count):
            with self.db.transaction() as session:
                made.append(add_incident(session))
        return made


@pytest.fixture
def trail(city: House, signer: Signer) -> Trail:
    return Trail(city.db, signer)
