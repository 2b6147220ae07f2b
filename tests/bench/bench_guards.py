"""What the layers around a request cost, and what a take costs: with and without them, in turns, in the same run.

Two servers on the same database answer a client with one connection: one as `gridgov serve` runs it, with the log of
requests written as JSON; the other without guards, log and wire of our own. A take is put beside an empty transaction.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.error import URLError

from gridgov.bootstrap import House, build, prepare
from gridgov.platform import clock
from gridgov.platform.cluster import running
from gridgov.platform.leases import Leases
from gridgov.platform.limits import Rate, key_of, take
from tests import sample
from tests.bench.city import CITY, HOME
from tests.bench.client import Request, measure
from tests.bench.harness import Row, Scale, bench

ROOT = Path(__file__).resolve().parents[2]
ROUNDS: dict[Scale, int] = {"full": 12, "small": 4}
EACH = 400
WIDE = Rate("bench", 10**9, timedelta(minutes=1))


@bench("guards")
def guards(scale: Scale) -> Iterator[Row]:
    with city() as (house, url):
        lon, lat = sample.centre("A01")
        asked = {"/health/live": "/health/live", "locate": f"/api/v1/locate?lon={lon}&lat={lat}"}
        with server(url, house.home, "guarded") as ours, server(url, house.home, "bare") as theirs:
            for name, path in asked.items():
                requests: list[Request] = [("GET", path, None)] * EACH
                ms = in_turns(ROUNDS[scale], partial(one_run, ours, requests), partial(one_run, theirs, requests))
                yield row(f"request, {name}", ROUNDS[scale] * EACH, ms, "the same without guards and log")
        yield from takes(house, ROUNDS[scale])


def takes(house: House, rounds: int) -> Iterator[Row]:
    """One take in a transaction of its own, and one that was paid for in advance."""
    key, leases = key_of(house.sealer, WIDE, "somebody"), Leases(Rate("bench-leased", 10**6, timedelta(minutes=1)))
    opened = partial(house.internally, "door")

    def taking() -> None:
        with opened() as session:
            take(session, key, WIDE, clock.utcnow())

    def nothing() -> None:
        with opened():
            pass

    for name, ours in (("take", taking), ("take paid for in advance", partial(lease, leases, opened, key))):
        ms = in_turns(rounds, partial(timed, ours), partial(timed, nothing))
        yield row(f"{name}, in a transaction of its own", rounds * EACH, ms, "an empty bound transaction")


def lease(leases: Leases, opened: Callable[[], object], key: bytes) -> None:
    leases.take(opened, key, clock.utcnow())  # type: ignore[arg-type]  # a context of a session


def in_turns(
    rounds: int, ours: Callable[[], list[float]], theirs: Callable[[], list[float]]
) -> tuple[list[float], list[float]]:
    """Milliseconds of both, taken in turns: what else the machine does hits both alike. The first turn is left out."""
    found: tuple[list[float], list[float]] = ([], [])
    for n in range(rounds + 1):
        for into, run in zip(found, (ours, theirs), strict=True):
            ms = run()
            into.extend(ms if n else ())
    return found


def one_run(port: int, requests: list[Request]) -> list[float]:
    measured = measure(port, requests, connections=1)
    assert set(measured.status) == {200}, set(measured.status)
    return measured.ms


def timed(work: Callable[[], None]) -> list[float]:
    ms = []
    for _ in range(EACH):
        began = time.perf_counter()
        work()
        ms.append(1e3 * (time.perf_counter() - began))
    return ms


def row(name: str, n: int, ms: tuple[list[float], list[float]], peer: str) -> Row:
    ours, theirs = (statistics.median(one) for one in ms)
    note = f"{1e3 * (ours - theirs):+.0f} µs at the median"
    return Row(name, n, ours=ours, peer=peer, theirs=theirs, unit="ms", better="less", note=note)


@contextmanager
def city() -> Iterator[tuple[House, str]]:
    """The sample city in a database of its own, and its address."""
    name = "bench_guards"
    with running(HOME) as cluster, ExitStack() as stack:
        cluster.drop_database(name)
        cluster.create_database(name)
        stack.callback(cluster.drop_database, name)
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridgov-bench-")))
        prepare(cluster.url(name), CITY, home)
        house = build(cluster.url(name), CITY, home)
        stack.callback(house.close)
        with house.db.transaction() as session:
            sample.set_up(session)
        yield house, cluster.url(name)


@contextmanager
def server(url: str, home: Path, kind: str) -> Iterator[int]:
    """The port of a server in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.guarded", kind, url, CITY, str(home)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        wait_for(f"http://127.0.0.1:{port}/health/ready")
        yield port
    finally:
        process.terminate()
        process.wait()


def wait_for(address: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=60):
                return
        except URLError:
            time.sleep(0.1)
    raise RuntimeError(f"{address} never answered")
