"""The demo city for benches: a copy of it in the benches' own cluster, and `gridgov serve` as a process.

Owns no data: the city is made and loaded by the product's own commands, once for each state of its sources.
"""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gridgov.bootstrap import House, build, prepare
from gridgov.cli.demo import set_up
from gridgov.platform.cluster import Cluster, running
from tests.bench.city import HOME

ROOT = Path(__file__).resolve().parents[2]
CITY = "demo"
READY_WITHIN_S = 120


@contextmanager
def demo_city() -> Iterator[tuple[House, str]]:
    """A house on a fresh copy of the demo city, and the address of its database; dropped afterwards."""
    name = f"bench_run_{os.getpid()}"
    with running(HOME) as cluster:
        template = _template(cluster)
        cluster.drop_database(name)
        cluster.clone_database(template, name)
        house = build(cluster.url(name), CITY, HOME)
        try:
            yield house, cluster.url(name)
        finally:
            house.close()
            cluster.drop_database(name)


@contextmanager
def serving(url: str, **settings: str) -> Iterator[int]:
    """`gridgov serve` on the database, as a process of its own on the loopback address; gives its port. `settings`:
    further environment variables."""
    folder = tempfile.TemporaryDirectory(prefix="gridgov-bench-")
    with folder as home, started(url, Path(home), **settings) as (port, _):
        yield port


@contextmanager
def started(url: str, home: Path, **settings: str) -> Iterator[tuple[int, int]]:
    """The same with a home folder of its own: (port, process id)."""
    port = free_port()
    env = {**os.environ, "GRIDGOV_DATABASE_URL": url, "GRIDGOV_HOME": str(home), "GRIDGOV_CITY": CITY, **settings}
    server = subprocess.Popen([sys.executable, "-m", "gridgov", "serve", "--port", str(port)], cwd=ROOT, env=env)
    try:
        _await(server, f"http://127.0.0.1:{port}/api/v1/city")
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    """One that the system gives, so that two who ask at once get two."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _await(server: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        try:
            with urllib.request.urlopen(address) as answer:
                answer.read()
                return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise RuntimeError(f"no answer within {READY_WITHIN_S} s")


def _template(cluster: Cluster) -> str:
    seen = hashlib.sha256()
    for folder in ("gridgov/interop/democity", "migrations", "geodata"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                seen.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    name = f"bench_demo_{seen.hexdigest()[:12]}"
    if name not in cluster.databases():
        half = f"{name}_half"
        cluster.drop_database(half)
        cluster.create_database(half)
        prepare(cluster.url(half), CITY, HOME)
        house = build(cluster.url(half), CITY, HOME)
        try:
            set_up(house, said=lambda _: None)
        finally:
            house.close()
        with cluster.connection() as connection:
            connection.execute(f'alter database "{half}" rename to "{name}"')
    return name
