"""Figures of a cluster beside plain PostgreSQL, in one run: set-up, intake, a move while somebody writes.

`GRIDGOV_CITUS_URL=… python -m tests.citus.figures [INCIDENTS]`. Plain is a private cluster with the same settings of
durability; both answer over HTTP by one process, eight clients, every report durable before its answer.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import httpx
from sqlalchemy import text

from gridgov.api.app import create_app
from gridgov.auth.rules import Role
from gridgov.bootstrap import House, build, prepare
from gridgov.platform import citus
from gridgov.platform.cluster import Cluster
from tests import sample
from tests.conftest import serving
from tests.people import appoint

CITY, CLIENTS, REPORTS = "citus_figures", 8, 400
HISTORY = """
    with k as (
      insert into incidents_key (id, body_sha256, happened_at)
      select gen_random_uuid(), '', timestamptz '2026-09-01' + n * interval '1 second' * 2
      from generate_series(1, :n) n returning id, happened_at
    )
    insert into incidents (id, category_id, channel, happened_at, reported_lon, reported_lat, datum, area_id, grid_id,
                           unit_id, hex9, geom)
    select k.id, (select min(id) from duties_category), 'hotline', k.happened_at, 117, 32, 'wgs84', g.id, g.id, g.id, 1,
           st_setsrid(st_makepoint(117.001, 32.001), 4326)
    from k, (select area_id as id from areas_version where code = 'A01') g
    """


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def timed(name: str, work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    took = time.perf_counter() - begun
    say(f"{name}: {took:.1f} s")
    return took


def body() -> dict[str, object]:
    lon, lat = sample.centre("A01")
    return {"id": str(uuid4()), "category": "06010", "point": {"lon": lon, "lat": lat}, "channel": "hotline",
            "happened_at": "2026-11-05T08:00:00Z", "text": "路口有暴露垃圾"}  # fmt: skip


def intake(name: str, house: House) -> None:
    """Reports a second by the plain path and by the hot one."""
    headers = appoint(house, Role.CENTRE_OPERATOR).headers
    for way in ("plain", "hot"):
        with serving(create_app(house, intake=way)) as base, httpx.Client(base_url=base, timeout=60) as client:
            client.post("/api/v1/incidents", json=body(), headers=headers).raise_for_status()
            time.sleep(3)  # the months are made beside

            def send(_: int, client: httpx.Client = client) -> float:
                begun = time.perf_counter()
                client.post("/api/v1/incidents", json=body(), headers=headers).raise_for_status()
                return time.perf_counter() - begun

            begun = time.perf_counter()
            with ThreadPoolExecutor(CLIENTS) as pool:
                waits = sorted(pool.map(send, range(REPORTS)))
            rate = REPORTS / (time.perf_counter() - begun)
            say(f"{name}, intake {way}: {rate:.0f} reports/s, p50 {1e3 * waits[len(waits) // 2]:.0f} ms, "
                f"p99 {1e3 * waits[int(len(waits) * 0.99)]:.0f} ms")  # fmt: skip


def move(url: str, house: House) -> None:
    """Moves the city to another node while one client reports to it without a pause."""
    headers = appoint(house, Role.CENTRE_OPERATOR).headers
    with citus.owner(url) as connection:
        here = "{}:{}".format(*citus.nodes(connection)[CITY])
        found = connection.execute("select nodename || ':' || nodeport from pg_dist_node where shouldhaveshards")
        target = next(node for (node,) in found if node != here)
    ended, taken, refused = threading.Event(), [time.perf_counter()], [0]
    with serving(create_app(house)) as base, ThreadPoolExecutor(1) as pool:

        def write() -> None:
            while not ended.is_set():
                answer = httpx.post(f"{base}/api/v1/incidents", json=body(), headers=headers, timeout=60)
                if answer.status_code == 201:
                    taken.append(time.perf_counter())
                else:
                    refused[0] += 1
                    time.sleep(0.05)

        running = pool.submit(write)
        time.sleep(2)
        timed("move", lambda: citus.move(url, CITY, target))
        time.sleep(3)
        ended.set()
        running.result()
    pause = max(after - before for before, after in pairwise(taken))
    say(f"while it moved: {len(taken) - 1} reports taken, {refused[0]} refused (503), longest pause {pause:.2f} s")


def main() -> None:
    url, incidents = os.environ["GRIDGOV_CITUS_URL"], int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="gridgov-figures-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        with citus.owner(url) as connection:
            connection.execute(f'drop schema if exists "{CITY}" cascade')
        plain = Cluster(home / "plain")
        plain.start()
        try:
            plain.create_database("gridgov")
            for name, address in (("plain", plain.url("gridgov")), ("citus", url)):
                timed(f"{name}, set-up of a city", lambda address=address: prepare(address, CITY, home))  # type: ignore[misc]
                house = build(address, CITY, home, cluster=name == "citus")
                try:
                    with house.db.transaction() as session:
                        sample.set_up(session, code=CITY)
                    intake(name, house)
                    if name == "citus":
                        with house.db.transaction() as session:
                            session.execute(text("set local statement_timeout = 0"))
                            session.execute(text(HISTORY), {"n": incidents})
                        say(f"{incidents:,} incidents stored")
                        move(url, house)
                finally:
                    house.close()
        finally:
            plain.stop()
            with citus.owner(url) as connection:
                connection.execute(f'drop schema if exists "{CITY}" cascade')


if __name__ == "__main__":
    main()
