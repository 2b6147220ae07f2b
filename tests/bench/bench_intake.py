"""Reports over HTTP, durable before the answer: the hot path beside the plain one, in one city, in one run.

Both are `gridgov serve`, one process, as it comes: with sign-in (half of the clients show a session, half a token),
audit, limits, log and background work. They differ in GRIDGOV_INTAKE alone. The client is a process of its own with
prepared bytes (`reporters`); all of it, and PostgreSQL, share the machine. Every answer is a 201, and is looked up in
the tables afterwards, with its case and its entries of the trail.
"""

from __future__ import annotations

import json
import os
import statistics
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.platform import clock
from tests.bench.bench_cases import filled
from tests.bench.city import HOME
from tests.bench.demo import serving
from tests.bench.harness import LeftOut, Row, Scale, bench
from tests.bench.reporters import Reported, Sent, reported
from tests.people import Person, appoint

STORED: dict[Scale, int] = {"full": 100_000, "small": 5_000}
REPORTS: dict[Scale, int] = {
    "full": 6_000,
    "small": 600,
}  # of the hot path in one round; a third of it of the plain one
ROUNDS: dict[Scale, int] = {"full": 3, "small": 1}
CLIENTS = 64
STEPS = (1.0, 2.0, 3.0)  # of the plain path's rate
TIMES = STEPS[-1]  # what is promised: so many times that rate …
P99_MS = 20.0  # … with 99 of 100 answered within
WARMING = 400
SYNCS = 400
PEER = "our plain path"


class NotAllStored(AssertionError):
    """A report that was answered is not in the tables as it should be."""


@bench("intake")
def intake(scale: Scale) -> Iterator[Row | LeftOut]:
    stored, many = STORED[scale], REPORTS[scale]
    with filled(stored) as (house, url):
        people = [
            *(appoint(house, Role.GRID_WORKER, area="C") for _ in range(CLIENTS // 2)),
            *(appoint(house, Role.MACHINE, permissions=("incidents.report",)) for _ in range(CLIENTS // 2)),
        ]
        closed: dict[str, list[Reported]] = {}
        alone: dict[str, Reported] = {}
        spread: dict[float, list[Reported]] = {}
        for way, share in (("plain", 3), ("hot", 1)):
            with serving(url, GRIDGOV_INTAKE=way) as port:
                good(house, port, people, WARMING)  # while indexes are built
                closed[way] = [good(house, port, people, many // share) for _ in range(ROUNDS[scale])]
                alone[way] = good(house, port, people, 200, clients=1)
                if way == "hot":
                    plain = rate_of(closed["plain"])
                    for step in STEPS:
                        turns = range(ROUNDS[scale] if step == TIMES else 1)
                        spread[step] = [good(house, port, people, many, rate=step * plain) for _ in turns]
        note = f"{stored:,} stored; ours {times(closed['hot'])}; plain {times(closed['plain'])}"
        yield Row(
            f"reports, {CLIENTS} clients, closed loop", many, rate_of(closed["hot"]), PEER, rate_of(closed["plain"]),
            "reports/s", "more", f"{note}; {sync_rate():,.0f} fdatasync/s; {load()}",
        )  # fmt: skip
        for step, found in spread.items():
            p99 = statistics.median(quantile(one.ms, 0.99) for one in found)
            yield Row(
                f"a report, p99 at {step:.0f} times the rate", many, p99, "limit of ours", P99_MS, "ms", "less",
                f"open loop at {step * plain:,.0f}/s; {times(found)}; {sent_late(found)}; {load()}",
            )  # fmt: skip
        ours, theirs = alone["hot"].ms, alone["plain"].ms
        yield Row(
            "a report, one client, median", 200, quantile(ours, 0.5), PEER, quantile(theirs, 0.5), "ms", "less",
            f"p99 {quantile(ours, 0.99):.1f}; plain {quantile(theirs, 0.99):.1f}; {load()}",
        )  # fmt: skip


def rate_of(found: Sequence[Reported]) -> float:
    """Reports a second, the median of the rounds."""
    return statistics.median(len(one.ms) / one.seconds for one in found)


def good(
    house: House, port: int, people: Sequence[Person], count: int, *, clients: int = CLIENTS, rate: float = 0.0
) -> Reported:
    """A run whose every report was taken and is stored with its case and its trail. Raises `NotAllStored`."""
    sent = reports(house, people, count)
    found = reported(port, sent, connections=clients, rate=rate)
    if set(found.status) != {201}:
        raise NotAllStored(f"statuses {sorted(set(found.status))}")
    ids = [json.loads(body)["id"] for _, body in sent]
    with house.db.transaction() as session:
        row = session.execute(
            text(
                "select (select count(*) from incidents where id = any (cast(:ids as uuid[]))) as incidents, "
                "(select count(*) from cases where id = any (cast(:ids as uuid[]))) as cases, "
                "(select count(*) from audit_entry where noun = 'incidents' and row_id = any (cast(:names as text[])) "
                " and account_id is not null) as entries"
            ),
            {"ids": ids, "names": ids},
        ).one()
    if tuple(row) != (count,) * 3:
        raise NotAllStored(f"of {count}: {row}")
    return found


def reports(house: House, people: Sequence[Person], count: int) -> list[Sent]:
    """Reports at points of the city's own incidents, by all of the people in turn."""
    with house.db.transaction() as session:
        points = session.execute(
            text(
                "select st_x(geom) as lon, st_y(geom) as lat from incidents where number <= :n order by md5(id::text)"
            ),
            {"n": min(count, 2_000)},
        ).all()
    now = clock.utcnow()
    made = []
    for place in range(count):
        point = points[place % len(points)]
        body = {
            "id": str(uuid.uuid4()), "category": f"{place % 10 + 1:02}{1 + place % 20:02}", "channel": "worker",
            "point": {"lon": point.lon, "lat": point.lat}, "text": "路面坑洼，影响通行，请尽快派人处理。",
            "happened_at": (now - timedelta(minutes=place % 1440)).isoformat(), "accuracy_m": 10,
        }  # fmt: skip
        made.append((people[place % len(people)].headers, json.dumps(body)))
    return made


def quantile(ms: Sequence[float], share: float) -> float:
    return sorted(ms)[min(len(ms) - 1, int(share * len(ms)))]


def times(found: Sequence[Reported]) -> str:
    """Medians over the rounds, of what a half, 95 and 99 of 100 stay below."""
    p50, p95, p99 = (statistics.median(quantile(one.ms, share) for one in found) for share in (0.5, 0.95, 0.99))
    return f"p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms"


def sent_late(found: Sequence[Reported]) -> str:
    """How much of it is the client's own: so long after a report was due it went out, 99 of 100."""
    return f"sent late p99 {statistics.median(quantile(one.late_ms, 0.99) for one in found):.1f} ms"


def sync_rate() -> float:
    """How often a second a small write can be made durable on the disk of the database."""
    path = Path(HOME) / f"sync-{os.getpid()}"
    with path.open("wb", buffering=0) as file:
        begin = time.perf_counter()
        for _ in range(SYNCS):
            file.write(b"x" * 512)
            os.fdatasync(file.fileno())
        seconds = time.perf_counter() - begin
    path.unlink()
    return SYNCS / seconds


def load() -> str:
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
