"""The main stories on a cluster of Citus: two cities on two nodes, one that moves while it is written to, a node down.

Run against the coordinator that GRIDGOV_CITUS_URL names, as its superuser; `python -m tests.citus.cluster` brings one
up.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
from sqlalchemy import text

from gridgov.api.app import create_app
from gridgov.api.cities import Cities
from gridgov.auth.rules import Role
from gridgov.bootstrap import House, build, prepare
from gridgov.platform import citus
from gridgov.platform.errors import GridgovError
from tests import sample
from tests.conftest import serving
from tests.people import Person, appoint

URL = os.environ.get("GRIDGOV_CITUS_URL", "")
pytestmark = pytest.mark.skipif(not URL, reason="GRIDGOV_CITUS_URL is not set: no cluster to test with")
FIRST, SECOND = "citus_east", "citus_west"


@dataclass
class Cluster:
    """Two cities, served together, each on a node of its own; an operator in each."""

    base: str
    houses: dict[str, House]
    people: dict[str, Person] = field(default_factory=dict)

    def path(self, code: str) -> str:
        return self.base if code == FIRST else f"{self.base}/c/{code}"

    def headers(self, code: str) -> dict[str, str]:
        person = self.people[code]
        if code == FIRST:
            return person.headers
        return person.headers | {"Cookie": person.headers["Cookie"].replace("=", f".{code}=", 1)}

    def get(self, code: str, path: str) -> httpx.Response:
        return httpx.get(f"{self.path(code)}/api/v1{path}", headers=self.headers(code), timeout=30)

    def report(self, code: str, grid: str = "A01") -> httpx.Response:
        lon, lat = sample.centre(grid)
        body = {"id": str(uuid4()), "category": "06010", "point": {"lon": lon, "lat": lat}, "channel": "hotline"}
        return httpx.post(
            f"{self.path(code)}/api/v1/incidents",
            json=body | {"happened_at": "2026-11-05T08:00:00Z", "text": "路口有暴露垃圾"},
            headers=self.headers(code),
            timeout=30,
        )

    def count(self, code: str, table: str) -> int:
        with self.houses[code].db.transaction() as session:
            return int(session.execute(text(f"select count(*) from {table}")).scalar_one())


def lies() -> dict[str, tuple[str, int]]:
    with citus.owner(URL) as connection:
        return citus.nodes(connection)


def workers() -> list[str]:
    with citus.owner(URL) as connection:
        found = connection.execute("select nodename, nodeport from pg_dist_node where shouldhaveshards order by 1, 2")
        return [f"{host}:{port}" for host, port in found]


def forget(code: str) -> None:
    with citus.owner(URL) as connection:
        connection.execute(f'drop schema if exists "{code}" cascade')


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("citus-home")


@pytest.fixture(scope="module")
def cluster(home: Path) -> Iterator[Cluster]:
    houses = {}
    for code, node in zip((FIRST, SECOND), workers(), strict=False):
        forget(code)
        prepare(URL, code, home)
        citus.move(URL, code, node)
        houses[code] = build(URL, code, home, cluster=True, pool_size=4)
        with houses[code].db.transaction() as session:
            sample.set_up(session, code=code)

    def opening(code: str) -> House:
        return build(URL, code, home, cluster=True, pool_size=4)

    app = Cities(create_app(houses[FIRST]), lambda: [SECOND], opening, create_app, look_s=0.2)
    with serving(app) as base:
        made = Cluster(base, houses)
        until(lambda: httpx.get(f"{made.path(SECOND)}/health/live").status_code == 200)
        for code, house in houses.items():
            made.people[code] = appoint(house, Role.CENTRE_OPERATOR)
        yield made
    for house in houses.values():
        house.close()
    for code in houses:
        forget(code)


def until(met: Callable[[], bool]) -> None:
    """Waits for what must come; a run that hangs is ended from outside."""
    while not met():
        time.sleep(0.1)


def test_each_city_lies_whole_on_a_node_of_its_own(cluster: Cluster) -> None:
    found = lies()
    assert {f"{host}:{port}" for host, port in (found[FIRST], found[SECOND])} == set(workers()[:2])
    with psycopg.connect(citus._at(URL, found[FIRST])) as connection:
        shards = citus.shards_of(connection, FIRST).names
        here = connection.execute("select count(*) from pg_tables where schemaname = %s", [FIRST]).fetchone()
    assert here is not None
    assert {"incidents", "cases", "audit_entry"} <= set(shards)


def test_nothing_is_done_to_a_city_in_the_present_form(cluster: Cluster, home: Path) -> None:
    before = lies()[FIRST]
    said: list[str] = []
    prepare(URL, FIRST, home, said=said.append)
    assert said == []
    assert lies()[FIRST] == before


def tile_of(lon: float, lat: float, z: int) -> str:
    """z/x/y of the tile that holds a point."""
    x, y = (lon + 180) / 360, (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return f"{z}/{int(x * 2**z)}/{int(y * 2**z)}"


def test_a_report_is_located_counted_sealed_and_shown(cluster: Cluster) -> None:
    with cluster.houses[FIRST].db.transaction() as session:
        before = session.execute(text("select coalesce(max(number), 0) from incidents")).scalar_one()
    made = cluster.report(FIRST)
    assert made.status_code == 201, made.text
    assert made.json()["number"].endswith(f"{before + 1:06d}")  # numbers go on from one, whatever node draws them
    ident = made.json()["id"]
    assert cluster.get(FIRST, f"/incidents/{ident}").json()["text"] == "路口有暴露垃圾"
    counted = cluster.get(FIRST, "/density?level=city")
    assert counted.status_code == 200, counted.text
    assert counted.json()["total"] == cluster.count(FIRST, "incidents")
    assert cluster.get(SECOND, f"/incidents/{ident}").status_code == 404
    lon, lat = sample.centre("A01")
    near = cluster.get(FIRST, f"/route?category=06010&lon={lon}&lat={lat}").json()
    assert near["lead"]["code"] == "HW"  # by the nearest of its sites
    assert near["site"]["names"]["en"] == "West Station"
    tile = cluster.get(FIRST, f"/tiles/incidents/{tile_of(lon, lat, 14)}.mvt")
    assert tile.status_code == 200
    assert len(tile.content) > 20
    (case,) = [one for one in cluster.get(FIRST, "/cases").json()["items"] if one["id"] == ident]
    assert case["state"] == "reported"

    def sealed() -> bool:
        with cluster.houses[FIRST].db.transaction() as session:
            newest = session.execute(text("select max(id) from audit_entry where noun = 'incidents'")).scalar_one()
            return bool(
                session.execute(
                    text("select coalesce(max(upto), 0) >= :id from audit_seal"), {"id": newest}
                ).scalar_one()
            )

    until(sealed)


def test_a_row_policy_holds_on_the_node(cluster: Cluster) -> None:
    """Whoever has the west sees nothing of the east; the control is whoever has the city."""
    cluster.report(FIRST, "B01")
    house = cluster.houses[FIRST]
    west = appoint(house, Role.DISTRICT_SUPERVISOR, area="W")
    seen = httpx.get(f"{cluster.base}/api/v1/incidents", headers=west.headers).json()["items"]
    whole = cluster.get(FIRST, "/incidents").json()["items"]
    assert 0 < len(seen) < len(whole)
    role = "gridgov_district_supervisor"
    with house.app.transaction() as session:
        session.execute(text(f"set local role {role}"))
        assert session.execute(text("select count(*) from incidents")).scalar_one() == 0  # bound to nobody: nothing


@dataclass
class Writing:
    """What became of reports that were sent one after another."""

    taken: list[str] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    longest_s: float = 0.0


@contextmanager
def writing(cluster: Cluster, code: str) -> Iterator[Writing]:
    """Reports to a city as long as the block lasts."""
    done, ended = Writing(), threading.Event()

    def write() -> None:
        last = time.monotonic()
        while not ended.is_set():
            answer = cluster.report(code)
            if answer.status_code == 201:
                done.taken.append(answer.json()["id"])
                done.longest_s, last = max(done.longest_s, time.monotonic() - last), time.monotonic()
            else:
                done.refused.append((answer.status_code, answer.json()["code"]))
                time.sleep(0.05)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(write)
        try:
            yield done
        finally:
            ended.set()
            running.result()


def answers(house: House) -> bool:
    try:
        with house.db.transaction() as session:
            session.execute(text("select 1"))
    except GridgovError:
        return False
    return True


def test_a_city_moves_while_it_is_written_to(cluster: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    before, target = lies()[SECOND], next(one for one in workers() if one != "{}:{}".format(*lies()[SECOND]))
    seals = cluster.count(SECOND, "audit_seal")
    with ExitStack() as back:
        back.callback(citus.move, URL, SECOND, "{}:{}".format(*before))
        with writing(cluster, SECOND) as done:
            until(lambda: len(done.taken) >= 5)
            began = time.monotonic()
            citus.move(URL, SECOND, target)
            took = time.monotonic() - began
            there = len(done.taken)
            until(lambda: len(done.taken) >= there + 5)
        assert "{}:{}".format(*lies()[SECOND]) == target
        assert lies()[SECOND] != before
        until(lambda: answers(cluster.houses[SECOND]))  # its connections to the old node were ended
        with cluster.houses[SECOND].db.transaction() as session:
            kept = set(session.execute(text("select id::text from incidents")).scalars())
            numbers = session.execute(text("select number from incidents")).scalars().all()
            doubles = session.execute(text("select count(*) - count(distinct id) from audit_entry")).scalar_one()
            told = session.execute(text("select count(*) from audit_entry where noun = 'incidents'")).scalar_one()
        assert set(done.taken) <= kept  # nothing that was answered is lost
        assert max(numbers) < 10_000  # no more than gaps of what was refused
        assert len(numbers) == len(set(numbers))
        assert doubles == 0
        assert told >= len(kept)
        assert all(status == 503 for status, _ in done.refused), done.refused
        until(lambda: cluster.count(SECOND, "audit_seal") > seals)
        with capsys.disabled():
            rows = len(kept)
            sys.stdout.write(
                f"\nmoved {rows} incidents in {took:.1f} s; refused {len(done.refused)}; "
                f"longest pause {done.longest_s:.2f} s\n"
            )


def test_a_node_that_is_down_takes_its_city_along_and_no_other(cluster: Cluster) -> None:
    host, port = lies()[SECOND]
    with psycopg.connect(citus._at(URL, (host, port))) as connection:
        row = connection.execute(
            "select current_setting('data_directory'), setting from pg_config where name = 'BINDIR'"
        )
        found = row.fetchone()
    assert found is not None
    data, programs = Path(found[0]), found[1]
    if not data.is_dir():
        pytest.skip("the nodes of this cluster are not on this machine: none can be stopped from here")
    control(programs, "stop", data)
    try:
        answer = cluster.get(SECOND, "/incidents")
        assert (answer.status_code, answer.json()["code"]) == (503, "city-unavailable")
        assert SECOND in answer.json()["detail"]
        assert cluster.report(SECOND).status_code == 503
        assert cluster.get(FIRST, "/incidents").status_code == 200
        for _ in range(5):
            assert cluster.report(FIRST).status_code == 201
    finally:
        control(programs, "start", data)
    until(lambda: cluster.get(SECOND, "/incidents").status_code == 200)
    assert cluster.report(SECOND).status_code == 201


def control(programs: str, order: str, data: Path) -> None:
    """`pg_ctl` as whoever the folder belongs to."""
    owner = data.stat().st_uid
    command = [f"{programs}/pg_ctl", order, "-w", "-m" if order == "stop" else "-l"]
    command += ["fast" if order == "stop" else str(data / "server.log"), "-D", str(data)]
    env = {**os.environ, "HOME": str(data)}
    subprocess.run(
        command, user=owner, cwd="/", env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def test_a_city_in_another_form_is_brought_to_the_present_one(cluster: Cluster, home: Path) -> None:
    """Gathered, altered, given back: its rows and its numbers are as before."""
    until(lambda: answers(cluster.houses[SECOND]))
    before = cluster.count(SECOND, "incidents")
    citus.remember(URL, SECOND, "of yesterday")
    said: list[str] = []
    prepare(URL, SECOND, home, said=said.append)
    assert "gathered from its node" in said
    fresh = build(URL, SECOND, home, cluster=True, pool_size=2)
    try:
        with fresh.db.transaction() as session:
            assert session.execute(text("select count(*) from incidents")).scalar_one() == before
            appointed = session.execute(text("select max(id) from auth_account")).scalar_one()
        assert appoint(fresh, Role.CENTRE_OPERATOR).account_id == appointed + 1
    finally:
        fresh.close()
