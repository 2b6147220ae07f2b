"""A long history loaded, located, routed and durable, beside our own general path; then its indexes, then its months.

The same made rows in two cities of one database server: by `incidents.history` with two connections, and some of them
by `incidents.service.take_many`, which every import goes by. What both have stored is compared row by row.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from gridgov.bootstrap import House
from gridgov.incidents.history import Loaded
from gridgov.incidents.pastrows import CHANNELS, STATUSES, History
from gridgov.incidents.service import OldIncident, take_many
from gridgov.interop.madehistory import making
from tests.bench.grown import NOW, SEED, grown_city
from tests.bench.harness import Row, Scale, bench

SIZES: dict[Scale, int] = {"full": 10_000_000, "small": 200_000}
THEIRS = 20_000
COMPARED = """
    select id, category_id, channel, status, happened_at, reported_lon, reported_lat, area_id, grid_id, unit_id,
           outside_m, agency_id, site_id, item_id, hex9, text, quad25
    from incidents where id = any(:ids) order by id
    """


class AnswersDiffer(AssertionError):
    """Both ways store other rows: no figure means anything then."""


@bench("history")
def history(scale: Scale) -> Iterator[Row]:
    n = SIZES[scale]
    with grown_city(n) as city, grown_city(making.LEAST) as other:
        done = city.loaded
        if done is None:
            raise AnswersDiffer("the city was there already")
        making.remove(other.house)
        source = making.source(city.house, n, seed=SEED, until=NOW.date())
        some = one_by_one(source, source.plan.rows(0, min(n, THEIRS)))
        begin = time.perf_counter()
        with other.house.db.transaction() as session:
            house = other.house
            taken = take_many(session, some, locator=house.locator, router=house.router, now=NOW)
        theirs_s = time.perf_counter() - begin
        ids = [one.id for one in some]
        if taken.added != len(some) or stored(city.house, ids) != stored(other.house, ids):
            raise AnswersDiffer("take_many has stored other rows")
    yield from rows(n, done, len(some) / theirs_s)


def rows(n: int, done: Loaded, theirs: float) -> Iterator[Row]:
    peer, whole = "our own take_many", done.loaded_s + done.indexed_s + done.attached_s
    note = f"{done.loaded_s:.1f} s; then indexes {done.indexed_s:.1f} s, keys and months {done.attached_s:.1f} s"
    yield Row("history: located, routed and durable, before indexes", n, n / done.loaded_s, peer, theirs, "rows/s",
              note=note)  # fmt: skip
    yield Row("history: part of the city, with all indexes", n, n / whole, peer, theirs, "rows/s")


def one_by_one(source: making.Made, made: History) -> list[OldIncident]:
    return [
        OldIncident(
            id=UUID(bytes=bytes(made.id[i])), category=source.codes[made.category[i]], lon=float(made.lon[i]),
            lat=float(made.lat[i]), channel=CHANNELS[made.channel[i]], status=STATUSES[made.status[i]],
            happened_at=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(made.happened_us[i])),
            text=source.texts[made.text[i]],
        )
        for i in range(len(made))
    ]  # fmt: skip


def stored(house: House, ids: list[UUID]) -> list[tuple[object, ...]]:
    with house.db.transaction() as session:
        return [tuple(row) for row in session.execute(text(COMPARED), {"ids": ids})]
