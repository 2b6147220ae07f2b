"""The sample city, events put into its outbox, and the two steps that deal with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from gridgov.bootstrap import House
from gridgov.notices import jobs
from gridgov.notices.channels import Channels
from gridgov.notices.jobs import Deliverer
from gridgov.notices.sending import Ways
from gridgov.platform.outbox import put

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
NOTIFIER = "notifier"


@dataclass
class Post:
    """The office: a house, its clock, and the ways out that are set up."""

    house: House
    channels: Channels = field(default_factory=Channels)
    now: datetime = NOW

    def announce(self, topic: str, key: UUID | str | None = None, **facts: Any) -> int:
        with self.house.db.transaction() as session:
            return put(session, topic, key or uuid4(), facts, at=self.now)

    def fan_out(self, most: int = jobs.BATCH) -> int:
        with self.house.internally(NOTIFIER) as session:
            return jobs.fan_out(session, self.house.app.city, now=self.now, most=most)

    def deliverer(self) -> Deliverer:
        ways = Ways(partial(self.house.internally, NOTIFIER), self.channels, self.house.sealer)
        return Deliverer(ways, lambda: self.now, lambda: 0.5)

    def rows(self, sql: str, **values: Any) -> list[Any]:
        with self.house.db.transaction() as session:
            return list(session.execute(text(sql), values))

    def do(self, sql: str, **values: Any) -> None:
        with self.house.db.transaction() as session:
            session.execute(text(sql), values)

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def area(self, code: str) -> int:
        return int(self.rows("select area_id from areas_version where code = :code", code=code)[0][0])

    def agency(self, code: str) -> int:
        return int(self.rows("select id from duties_agency where code = :code", code=code)[0][0])

    @property
    def messages(self) -> list[tuple[Any, ...]]:
        """(outbox_id, target), in the order in which they were made."""
        return [tuple(row) for row in self.rows("select outbox_id, target from notices_message order by id")]

    @property
    def deliveries(self) -> list[Any]:
        return self.rows("select * from notices_delivery order by made_at, outbox_id, channel, target")


@pytest.fixture
def office(sampled: House) -> Post:
    """The sample city, with nothing announced yet."""
    return Post(sampled)


@pytest.fixture
def subscribe(office: Post) -> Callable[..., int]:
    """A webhook straight in the table, without its secret."""

    def made(topics: list[str], url: str = "https://hooks.example.org/x", number: int = 1) -> int:
        office.do(
            "insert into notices_subscription (id, channel, label, topics, url, created_at) "
            "values (:id, 'webhook', 'test', :topics, :url, :now)",
            id=number, topics=topics, url=url, now=NOW,
        )  # fmt: skip
        return number

    return made
