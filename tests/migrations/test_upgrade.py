"""Upgrading: from nothing, again, twice at once, after a failure; never backwards."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import make_url
from sqlalchemy.exc import ProgrammingError

from gridgov.platform import migrate
from gridgov.platform.cluster import Cluster
from gridgov.platform.db import Database
from gridgov.platform.errors import BadInput, Unavailable
from gridgov.platform.migrate import upgrade
from tests import sample

ROOT = Path(__file__).resolve().parents[2]
SCOPES = ("shared", "city")
FORM = """
    select format('%s.%s %s %s %s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull)
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('demo', 'other', 'catalogue') and a.attnum > 0 and not a.attisdropped
    union all
    select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint where conrelid <> 0
    order by 1
    """


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[str]:
    """The address of a database with nothing in it."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    cluster.create_database(name)
    yield cluster.url(name)
    cluster.drop_database(name)


def connect(url: str) -> psycopg.Connection:
    address = make_url(url)
    query = {key: str(value) for key, value in address.query.items()}
    return psycopg.connect(dbname=address.database, user=address.username, autocommit=True, **query)  # type: ignore[arg-type]  # host and port


def form(url: str) -> list[str]:
    """Every column and constraint of the schemas there are."""
    with connect(url) as connection:
        return [row[0] for row in connection.execute(FORM).fetchall()]


def versions(url: str, schema: str) -> list[str]:
    with connect(url) as connection:
        return [row[0] for row in connection.execute(f"select version_num from {schema}.alembic_version").fetchall()]


def head(scope: str) -> str:
    """The one newest migration of a chain."""
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(migrate.MIGRATIONS / scope / "versions"))
    (newest,) = ScriptDirectory.from_config(config).get_heads()
    return newest


def upgrading(url: str, city: str = "demo") -> subprocess.Popen[str]:
    """An upgrade in a process of its own."""
    program = f"from gridgov.platform.migrate import upgrade; upgrade({url!r}, {city!r})"
    return subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.PIPE, text=True)


def test_from_nothing_to_the_newest(empty: str) -> None:
    before = form(empty)
    upgrade(empty, "demo")
    assert len(form(empty)) > len(before) + 100
    assert versions(empty, "catalogue") == [head("shared")]
    assert versions(empty, "demo") == [head("city")]


def test_again_changes_nothing_and_loses_nothing(empty: str) -> None:
    upgrade(empty, "demo")
    db = Database(empty, "demo")
    with db.transaction() as session:
        sample.set_up(session)
    before = form(empty)
    said: list[str] = []
    upgrade(empty, "demo", said=said.append)
    assert said == ["migrations: catalogue", "migrations: demo"]
    assert form(empty) == before
    with connect(empty) as connection:
        assert connection.execute("select count(*) from demo.areas_version").fetchone() == (24,)
    db.close()


def test_a_second_city_stands_beside_the_first(empty: str) -> None:
    upgrade(empty, "demo")
    first = form(empty)
    upgrade(empty, "other")
    both = form(empty)
    assert set(first) < set(both)
    of_demo = sorted(line for line in both if line.startswith("demo."))
    of_other = sorted(line.replace("other.", "demo.") for line in both if line.startswith("other."))
    assert of_other == of_demo
    assert versions(empty, "catalogue") == [head("shared")]


def test_many_at_once_make_one(empty: str) -> None:
    processes = [upgrading(empty) for _ in range(3)]
    ends = [(process.communicate()[1], process.returncode) for process in processes]
    assert [code for _, code in ends] == [0, 0, 0], [said for said, _ in ends]
    assert versions(empty, "catalogue") == [head("shared")]
    assert versions(empty, "demo") == [head("city")]


def test_an_upgrade_waits_for_the_one_before_it(empty: str) -> None:
    """The control of the test above: it is the lock that keeps them apart."""
    with connect(empty) as first:
        first.execute("select pg_advisory_lock(%s)", [migrate._LOCK])
        second = upgrading(empty)
        waiting = """
            select count(*) from pg_locks join pg_database d on d.oid = database
            where locktype = 'advisory' and not granted and datname = current_database()
            """
        while first.execute(waiting).fetchone() != (1,):
            assert second.poll() is None, "it did not wait"
            time.sleep(0.05)
        assert first.execute("select to_regnamespace('demo'), to_regnamespace('catalogue')").fetchone() == (None, None)
        first.execute("select pg_advisory_unlock(%s)", [migrate._LOCK])
        _, said = second.communicate()
        assert second.returncode == 0, said
    assert versions(empty, "demo") == [head("city")]


def test_what_fails_leaves_nothing_half_made(empty: str) -> None:
    with connect(empty) as connection:
        connection.execute("create schema demo")
        connection.execute("create table demo.duties_list (mine int)")
    with pytest.raises(ProgrammingError):
        upgrade(empty, "demo")
    with connect(empty) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'demo'").fetchall()
        assert tables == [("duties_list",)]
        connection.execute("drop table demo.duties_list")
    upgrade(empty, "demo")
    assert versions(empty, "demo") == [head("city")]


@pytest.mark.parametrize("city", ["public", "catalogue", "pg_toast", "Demo", "1st", "a-b", "a;b", "", "a" * 42])
def test_a_city_that_cannot_be_a_schema_is_refused(city: str) -> None:
    with pytest.raises(BadInput):
        upgrade("postgresql://nobody@nowhere/none", city)


def test_no_server_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        upgrade(f"postgresql+psycopg://nobody@/none?host={tmp_path}", "demo")


@pytest.mark.parametrize("scope", SCOPES)
def test_each_chain_is_one_line_that_only_goes_forward(scope: str) -> None:
    files = sorted((migrate.MIGRATIONS / scope / "versions").glob("*.py"))
    assert files
    for number, path in enumerate(files, 1):
        values: dict[str, object] = {}
        exec(compile(path.read_text(encoding="utf-8"), path, "exec"), values)
        assert path.name.startswith(f"{number:04d}_")
        assert values["revision"] == f"{scope}_{number:04d}"
        assert values["down_revision"] == (f"{scope}_{number - 1:04d}" if number > 1 else None)
        assert "downgrade" not in values
    assert head(scope) == f"{scope}_{len(files):04d}"
