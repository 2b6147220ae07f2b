"""Real databases for tests: one private cluster a run, cloned templates, a live server.

Every database test works in a clone of a migrated template; nothing is mocked and nothing is rolled back to hide it.
"""

from __future__ import annotations

import asyncio
import fcntl
import gc
import hashlib
import os
import shutil
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from socket import socket

import httpx
import psycopg
import pytest
import uvicorn
from fastapi import FastAPI
from hypothesis import settings

from gridgov.api.app import create_app, settle
from gridgov.api.cities import Cities
from gridgov.auth.rules import Role
from gridgov.bootstrap import House, build, prepare
from gridgov.incidents.months import ensure_coming
from gridgov.platform import clock
from gridgov.platform.cluster import Cluster
from gridgov.platform.db import Database
from gridgov.platform.locks import is_held, take_shared
from tests import sample
from tests.people import Person, appoint

gc.disable()  # what is read while tests are looked for stays: looking through it again and again costs ten seconds

# The same examples in every run: a share that is seeded. Searching for new ones is done apart, with another profile.
settings.register_profile("seeded", derandomize=True, deadline=None)
settings.load_profile("seeded")

ROOT = Path(__file__).resolve().parents[1]
MEMORY, ROOM = Path("/dev/shm"), 6 << 30  # bytes free there; the tests take about a sixth


def _home() -> Path:
    """Where the cluster of the tests lies: in memory, where a copy of a database takes a twentieth of the time; on disk
    where there is little memory, or somebody says where. As root, PostgreSQL is run by a user who cannot enter a
    checkout in a closed folder."""
    named = os.environ.get("GRIDGOV_TEST_HOME")
    mine = f"gridgov-tests-{hashlib.sha256(f'{os.getuid()} {ROOT}'.encode()).hexdigest()[:8]}"
    home = MEMORY / mine
    if named is None and os.access(MEMORY, os.W_OK) and (home.is_dir() or shutil.disk_usage(MEMORY).free > ROOM):
        return home
    closed = any(not folder.stat().st_mode & 0o001 for folder in [ROOT, *ROOT.parents])
    return Path(named or (Path("/var/tmp") / mine if os.getuid() == 0 and closed else ROOT / "build" / "test-home"))


HOME = _home()
CITY = "demo"
TEMPLATES_KEPT = 3  # of each kind, besides the one that is being made
DEMO_UNTIL = date(2026, 11, 1)
DEMO_CASES = 3_000  # of its 20,000 incidents, the newest ones, the last 1,000 lived through as in the whole demo


# What takes long goes first, so that no process is left with it in the end; the first of the browser's makes the demo
# city, and whoever came for it meanwhile would wait.
FIRST = (
    "tests/e2e/test_reach.py",
    *(f"tests/{part}/" for part in ("security", "realdata", "soak", "e2e", "integration/cli", "integration")),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules that take long first; otherwise as they stand."""
    items.sort(key=lambda one: next((at for at, name in enumerate(FIRST) if one.nodeid.startswith(name)), len(FIRST)))


def pytest_collection_finish() -> None:
    """From here on garbage is looked for, among what is new."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of real data sets; a test that needs it is left out, with the reason, where none is named."""
    folder = os.environ.get("GRIDGOV_REALDATA")
    if not folder:
        pytest.skip("GRIDGOV_REALDATA is not set: no real data to test with")
    path = Path(folder).resolve()
    assert path.is_dir(), f"GRIDGOV_REALDATA names no folder: {path}"
    return path


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One cluster for all test processes; the last one stops it."""
    made = Cluster(HOME)
    made.start()
    with made.connection() as connection:  # nothing here outlives the run; crashes are tested on clusters of their own
        for setting in ("fsync", "full_page_writes"):
            connection.execute(f"alter system set {setting} = off")
        connection.execute("select pg_reload_conf()")
    yield made
    made.stop()


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """One test process at a time."""
    HOME.mkdir(parents=True, exist_ok=True)
    with open(HOME / f"{name}.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _digest(*names: str) -> str:
    """Changes whenever one of these files does, or one below one of these folders: no template is ever stale."""
    seen = hashlib.sha256()
    for name in names:
        for path in sorted((ROOT / name).rglob("*")) if (ROOT / name).is_dir() else [ROOT / name]:
            if path.suffix in {".py", ".sql", ".csv", ".toml"}:
                seen.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return seen.hexdigest()[:12]


def _mark(template: str) -> Path:
    """The lock that every process holds which may still copy the template."""
    return HOME / f"{template}.lock"


def drop_older(cluster: Cluster, kind: str) -> None:
    """Drops the templates of a kind but for the newest and those that some test process may still copy."""
    newest_first = "select datname from pg_database where datname ~ %s order by oid desc"
    with cluster.connection() as connection:
        found = connection.execute(newest_first, [f"^template_{kind}_[0-9a-f]+$"]).fetchall()
        for (name,) in found[TEMPLATES_KEPT:]:
            if not is_held(_mark(name)):
                with suppress(psycopg.errors.ObjectInUse):  # somebody looks into it
                    connection.execute(f'drop database "{name}"')
                    _mark(name).unlink(missing_ok=True)


def _template(cluster: Cluster, kind: str, key: str, fill: Callable[[str], None]) -> str:
    """The name of a template database, filled once for this state of the sources; older ones make room for it."""
    name = f"template_{kind}_{key}"
    with _alone(f"templates-{kind}"):  # while one is made, others are made and copied
        take_shared(_mark(name))  # until this process ends
        if name not in cluster.databases():
            drop_older(cluster, kind)
            half = f"{name}_half"
            cluster.drop_database(half)
            cluster.create_database(half)
            fill(cluster.url(half))
            with cluster.connection() as connection:
                connection.execute(f'alter database "{half}" rename to "{name}"')
    return name


@pytest.fixture(scope="session")
def migrated_template(cluster: Cluster) -> str:
    """A database with the migrations of the city and nothing in it."""
    key = _digest("migrations") + _digest("gridgov/platform", "gridgov/auth")[:4]
    return _template(cluster, "migrated", key, lambda url: prepare(url, CITY, HOME))


@pytest.fixture(scope="session")
def sample_template(cluster: Cluster) -> str:
    """A database with the sample city, and with the months that a server would make at its start."""

    def fill(url: str) -> None:
        prepare(url, CITY, HOME)
        house = build(url, CITY, HOME)
        try:
            with house.db.transaction() as session:
                sample.set_up(session)
                ensure_coming(session, clock.utcnow())
        finally:
            house.close()

    key = _digest("gridgov", "migrations", "geodata", "tests/sample.py") + f"{clock.utcnow():%y%m}"
    return _template(cluster, "sample", key, fill)


@pytest.fixture(scope="session")
def demo_template(cluster: Cluster) -> str:
    """A database with the whole demo city, generated and loaded by the product's own commands."""

    from gridgov.cli.demo import set_up  # the whole product: only for those who ask for it

    def fill(url: str) -> None:
        prepare(url, CITY, HOME)
        house = build(url, CITY, HOME)
        try:
            set_up(house, said=lambda _: None, until=DEMO_UNTIL, most=DEMO_CASES)
        finally:
            house.close()

    return _template(cluster, "demo", _digest("gridgov", "migrations", "geodata"), fill)


@contextmanager
def cloned(cluster: Cluster, template: str) -> Iterator[str]:
    """The address of a fresh copy of a template; dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    with _alone("copies"):
        cluster.clone_database(template, name, by_file=True)
    try:
        yield cluster.url(name)
    finally:
        cluster.drop_database(name)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[str]:
    """A migrated database of this test's own: empty, or with the sample city for who asks for `sampled`."""
    kind = "sample_template" if "sampled" in request.fixturenames else "migrated_template"
    with cloned(cluster, request.getfixturevalue(kind)) as url:
        yield url


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """A house on an empty, migrated city of this test's own."""
    made = build(database_url, CITY, tmp_path)
    yield made
    made.close()


@pytest.fixture
def sampled(house: House) -> House:
    """`house` with the sample city in it (`tests/sample.py`)."""
    return house


@pytest.fixture
def db(house: House) -> Database:
    """The database of `house`."""
    return house.db


@pytest.fixture(scope="session")
def demo_house(cluster: Cluster, demo_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo city, shared by the tests of one process: read it, or add to it under ids of your own."""
    with cloned(cluster, demo_template) as url:
        made = build(url, CITY, tmp_path_factory.mktemp("home"))
        yield made
        made.close()


BRIEF = httpx.Limits(keepalive_expiry=2)  # a server ends an idle connection after 5 s: who asks just then is reset
TRUST = ssl.create_default_context()  # read once: each client would read every authority of the system anew
IDLE: list[FastAPI] = []  # applications that serve nobody now


@pytest.fixture
def intake() -> str:
    """How reports are taken, "hot" or "plain"; tests that hold for both ways name both."""
    return "hot"


@contextmanager
def live(house: House, *, intake: str = "hot") -> Iterator[str]:
    """A real server on a free port of the loopback address. An application is used again with the next house: it holds
    nothing else of the one before."""
    app = IDLE.pop() if IDLE else create_app(house)
    settle(app, house)
    app.state.hot_intake = intake == "hot"
    with serving(app) as base:
        yield base
    IDLE.append(app)


class _Brief(uvicorn.Server):
    """Looks every hundredth of a second, not every tenth, whether it is to end: hundreds of servers begin and end."""

    async def main_loop(self) -> None:
        await self.on_tick(0)
        while not self.should_exit:
            await asyncio.sleep(0.01)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)  # gives them a tenth of a second, also where nobody is there
            return
        for one in self.servers:
            one.close()
        await self.lifespan.shutdown()


@contextmanager
def serving(app: FastAPI | Cities) -> Iterator[str]:
    """The same for an application that is made already."""
    server = _Brief(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        for _ in range(25):  # the client has closed: noticed in a moment, while the server looks ten times a second
            if not server.server_state.connections:
                break
            time.sleep(0.002)
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def demo_server(demo_house: House) -> Iterator[str]:
    """The base address of a live server with the demo city."""
    with live(demo_house) as base:
        yield base


@pytest.fixture(scope="session")
def demo_api(demo_server: str, demo_house: House) -> Iterator[httpx.Client]:
    """A client of the live demo server."""
    with httpx.Client(base_url=demo_server, timeout=60, limits=BRIEF, auth=Somebody(demo_house)) as client:
        yield client


@pytest.fixture
def api(house: House, intake: str) -> Iterator[httpx.Client]:
    """A client of a live server on this test's own house."""
    person = Somebody(house)
    with (
        live(house, intake=intake) as base,
        httpx.Client(base_url=base, timeout=60, limits=BRIEF, auth=person, verify=TRUST) as client,
    ):
        yield client


class Somebody(httpx.Auth):
    """Asks as an operator of the centre who has the whole city; a request with a credential of its own keeps it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._person: Person | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._person is None:
            self._person = appoint(self._house, Role.CENTRE_OPERATOR)
        if not {"cookie", "authorization"} & set(request.headers):
            request.headers.update(self._person.headers)
        yield request
