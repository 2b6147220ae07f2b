"""`gridgov serve` takes a city that has been loaded, and makes nothing for one that has not."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from gridgov.areas import service as areas
from gridgov.bootstrap import House
from gridgov.platform.cluster import Cluster


def gridgov(command: list[str], url: str, city: str, home: Path) -> subprocess.Popen[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    settings = {"GRIDGOV_DATABASE_URL": url, "GRIDGOV_CITY": city, "GRIDGOV_HOME": str(home), "GRIDGOV_PORT": port}
    return subprocess.Popen(
        [sys.executable, "-m", "gridgov", *command],
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


SERVE = ("serve",)
OTHERS = (("export", "areas", "--out", "areas.gpkg"), ("report", "density", "--out", "page.html"), ("duties", "list"))


def refused(url: str, city: str, home: Path, words: Sequence[str] = SERVE) -> str:
    """What a command says when it ends without having answered."""
    with gridgov(list(words), url, city, home) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        if first:  # it serves: the assertion below says so
            child.terminate()
        _, said = child.communicate()
    assert (first, child.returncode) == ("", 3)
    return said


def schemas(url: str) -> set[str]:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        return {row[0] for row in connection.execute("select nspname from pg_namespace").fetchall()}


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[str]:
    """The address of a database with nothing in it."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    cluster.create_database(name)
    yield cluster.url(name)
    cluster.drop_database(name)


def test_a_mistyped_city_is_refused_with_those_that_there_are(house: House, database_url: str, tmp_path: Path) -> None:
    with house.db.transaction() as session:
        areas.set_up_city(session, code="demo", names={"en": "Demo"}, timezone="Asia/Shanghai", lon=117.0, lat=32.0)
    before = schemas(database_url)
    said = refused(database_url, "dmeo", tmp_path)
    assert "“dmeo” has not been loaded; those there are: demo." in said
    assert "GRIDGOV_CITY" in said
    assert "gridgov city load" in said
    assert schemas(database_url) == before


@pytest.mark.parametrize("words", OTHERS, ids=lambda words: words[0])
def test_other_commands_refuse_a_mistyped_city_too(empty: str, tmp_path: Path, words: Sequence[str]) -> None:
    before = schemas(empty)
    assert "“dmeo” has not been loaded" in refused(empty, "dmeo", tmp_path, words)
    assert schemas(empty) == before


def test_before_any_city_nothing_is_made(empty: str, tmp_path: Path) -> None:
    before = schemas(empty)
    assert "no city has been loaded yet" in refused(empty, "demo", tmp_path)
    assert schemas(empty) == before


def test_the_control_a_command_that_may_make_a_city_makes_its_schema(empty: str, tmp_path: Path) -> None:
    with gridgov(["db", "migrate"], empty, "dmeo", tmp_path) as child:
        child.communicate()
    assert child.returncode == 0
    assert "dmeo" in schemas(empty)
