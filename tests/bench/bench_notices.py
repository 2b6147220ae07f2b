"""From a commit to the screen: events a second through the fan-out, and how long news takes while a server runs.

Beside it: the same rows written one transaction an event, as whoever tells at once would have to; and, for what a
delivery costs, one claimed and ended by itself instead of in rounds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from uuid import uuid4

from sqlalchemy import text

from gridgov.api import keeping
from gridgov.bootstrap import House, build, prepare
from gridgov.notices import jobs
from gridgov.notices.channels import Channels, Hook
from gridgov.notices.jobs import Deliverer
from gridgov.notices.sending import Ways
from gridgov.platform import clock
from gridgov.platform.cluster import running
from gridgov.platform.outbox import put
from tests import sample
from tests.bench.city import CITY, HOME
from tests.bench.harness import Row, Scale, bench

EVENTS: dict[Scale, int] = {"full": 10_000, "small": 2_000}
SEEN: dict[Scale, int] = {"full": 200, "small": 40}


class Nowhere:
    """A way out that takes everything at once: what is measured is ours alone."""

    def post(self, hook: Hook) -> None:
        assert hook.secrets


@bench("notices")
def notices(scale: Scale) -> Iterator[Row]:
    with city() as house:
        opened = partial(house.internally, "notifier")
        many = EVENTS[scale]
        ours, theirs = [], []
        for _ in range(3):  # in turns: what else the machine does hits both alike
            announce(house, many)
            ours.append(many / timed(partial(fan_out, house, jobs.BATCH)))
            announce(house, many // 20)
            theirs.append(many / 20 / timed(partial(fan_out, house, 1)))
        yield Row(
            "fan-out, two bodies and a webhook an event", many, statistics.median(ours), "one event a transaction",
            statistics.median(theirs), "events/s",
        )  # fmt: skip
        rates = []
        for at_once in (jobs.AT_ONCE, 1):
            way = Deliverer(Ways(opened, Channels(webhook=Nowhere()), house.sealer), clock.utcnow, lambda: 0.5, at_once)
            rates.append(min(many, 2_000) / timed(partial(steps, way, min(many, 2_000))))
        yield Row(
            "deliveries, claimed and ended", min(many, 2_000), rates[0], "one at a time", rates[1], "deliveries/s"
        )
        with house.db.transaction() as session:
            session.execute(text("truncate notices_delivery"))
        waits = seen(house, SEEN[scale])
        idle = 1_000 * keeping.FAN_OUT_IDLE_S
        yield Row(
            "from the commit to the message, median", len(waits), statistics.median(waits), "the pause between looks",
            idle, "ms", "less", f"p95 {sorted(waits)[int(0.95 * len(waits))]:.0f} ms",
        )  # fmt: skip


def announce(house: House, many: int) -> None:
    """So many events in one transaction."""
    with house.db.transaction() as session:
        for number in range(many):
            put(
                session,
                "case.dispatched",
                uuid4(),
                {"agency_ids": [number % 40, 41], "number": number},
                at=clock.utcnow(),
            )


def fan_out(house: House, most: int) -> None:
    done = 1
    while done:
        with house.internally("notifier") as session:
            done = jobs.fan_out(session, CITY, now=clock.utcnow(), most=most)


def steps(way: Deliverer, many: int) -> None:
    done = 0
    while done < many:
        done += way.step()


def seen(house: House, many: int) -> list[float]:
    """Milliseconds from the commit of an event until its message is there, at a quiet time."""
    found: list[float] = []
    with keeping.kept(house):
        for number in count():
            if number == many:
                return found
            time.sleep(0.05 + (number % 10) * 0.05)  # not in step with the pause
            with house.db.transaction() as session:
                made = put(session, "case.dispatched", uuid4(), {"agency_id": 1}, at=clock.utcnow())
            begun, there = time.perf_counter(), False
            while not there:
                time.sleep(0.002)
                with house.db.transaction() as session:
                    sql = "select exists (select from notices_message where outbox_id = :id)"
                    there = session.execute(text(sql), {"id": made}).scalar_one()
            found.append(1_000 * (time.perf_counter() - begun))
    return found


def timed(run: partial[None]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


@contextmanager
def city() -> Iterator[House]:
    """The sample city with one webhook, in a database of its own."""
    with running(HOME) as cluster:
        name = "bench_notices"
        cluster.drop_database(name)
        cluster.create_database(name)
        try:
            prepare(cluster.url(name), CITY, HOME)
            house = build(cluster.url(name), CITY, HOME)
            try:
                with house.db.transaction() as session:
                    sample.set_up(session)
                    session.execute(text(WEBHOOK))
                    sealed = house.sealer.seal("00" * 32, place="notices_secret|secret|1:1")
                    session.execute(text(SECRET), {"secret": sealed})
                yield house
            finally:
                house.close()
        finally:
            cluster.drop_database(name)


WEBHOOK = """
    insert into notices_subscription (id, channel, label, topics, url, created_at)
    values (1, 'webhook', 'bench', '{*}', 'https://hooks.example.org/', now())
"""
SECRET = "insert into notices_secret (subscription_id, version, secret, made_at) values (1, 1, :secret, now())"
