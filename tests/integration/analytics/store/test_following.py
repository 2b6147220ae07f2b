"""The store says what SQL says, whatever happened since it was read."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from gridgov.analytics.store.columns import INCIDENTS
from gridgov.bootstrap import House
from tests import sample
from tests.integration.analytics.conftest import Known, Taking
from tests.integration.analytics.store.conftest import Same, counted, said, seen


def crowd(count: int, seed: int) -> list[Known]:
    rng = random.Random(seed)
    start = datetime(2025, 11, 1, tzinfo=UTC)
    made = []
    for _ in range(count):
        lon = rng.uniform(sample.LON0 - 0.003, sample.LON0 + 8 * sample.STEP + 0.003)
        lat = rng.uniform(sample.LAT0 - 0.003, sample.LAT0 + 2 * sample.STEP + 0.003)
        at = start + timedelta(seconds=rng.uniform(0, 200 * 86_400))
        made.append(Known(at.isoformat(), (lon, lat), rng.choice(["06010", "09009"]), rng.choice(["open", "closed"])))
    return made


def run(house: House, sql: str, **values: object) -> int:
    with house.db.transaction() as session:
        return session.connection().execute(text(sql), values).rowcount


def test_an_empty_city(city: House, same: Same) -> None:
    assert seen(city, INCIDENTS).rows == 0
    same()


def test_what_was_there_before_and_what_came_after(city: House, take: Taking, same: Same) -> None:
    take(crowd(400, 1))
    same()
    first = seen(city, INCIDENTS)
    assert first is seen(city, INCIDENTS)
    assert first.rows == 400
    take(crowd(100, 2))
    assert first.rows == 400  # as it was
    assert seen(city, INCIDENTS).rows == 500
    same()


def test_random_changes(city: House, take: Taking, same: Same) -> None:
    take(crowd(300, 3))
    rng = random.Random(4)
    changes = (
        "update incidents set status = 'closed' where number % 7 = :n",
        "update incidents set status = 'void' where number % 11 = :n",
        "update incidents set grid_id = null where number % 5 = :n",
        "update incidents set unit_id = null, agency_id = null where number % 6 = :n",
        "update incidents set happened_at = happened_at + interval '40 days' where number % 13 = :n",
        "update incidents set text = text || '.' where number % 3 = :n",
        "delete from incidents where number % 17 = :n",
    )
    for step in range(25):
        run(city, rng.choice(changes), n=rng.randrange(3))
        if step % 5 == 0:
            take(crowd(20, 100 + step))
        same()
    assert counted(seen(city, INCIDENTS)) == said(city, INCIDENTS)
