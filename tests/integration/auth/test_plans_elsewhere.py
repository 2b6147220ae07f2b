"""The plans of scope outlive a dump and an update, and a database whose owner is no superuser has plans of its own."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from gridgov.auth.install import RolesAreMissing
from gridgov.bootstrap import build, prepare
from gridgov.platform.cluster import Cluster
from gridgov.platform.migrate import OBJECTS
from gridgov.platform.postgres import find
from tests.conftest import CITY, HOME, cloned
from tests.integration.auth.crowd import ALONE, BUSY, FEW, SCOPES, Crowd, N, check_answers, filled, inside, page, view


@pytest.fixture(scope="module")
def few(cluster: Cluster, migrated_template: str) -> Iterator[Crowd]:
    """A smaller one, to be dumped and updated."""
    with cloned(cluster, migrated_template) as url, filled(url, FEW, HOME) as made:
        yield made


# --- dump, restore, update --------------------------------------------------------------------------------------------


def run(program: str, url: str, *words: str) -> None:
    """One of PostgreSQL's programs on a database."""
    address = make_url(url)
    where = [f"--host={address.query['host']}", f"--port={address.query['port']}", f"--username={address.username}"]
    done = subprocess.run([find().path(program), *where, *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


INDEXES = "select to_regclass('incidents_boxes')::text, to_regclass('incidents_geom')::text"
LEAKPROOF = "select proname from pg_proc where proleakproof and probin like '%postgis%' order by 1"


def test_a_dump_that_is_restored_keeps_the_plan(few: Crowd, cluster: Cluster, tmp_path: Path) -> None:
    source, restored, file = few.house.db.url, f"test_{uuid.uuid4().hex[:16]}", tmp_path / "dump"
    with few.house.db.transaction() as session:  # the control: what belongs to an extension does not keep its mark
        session.execute(text("alter function public.geometry_overlaps(geometry, geometry) leakproof"))
        assert list(session.execute(text(LEAKPROOF)).scalars()) == ["boxes_meet", "geometry_overlaps"]
    try:
        run("pg_dump", str(source), "--format=custom", "--compress=0", f"--file={file}", str(source.database))
    finally:
        with few.house.db.transaction() as session:
            session.execute(text("alter function public.geometry_overlaps(geometry, geometry) not leakproof"))
    cluster.create_database(restored)
    house = build(cluster.url(restored), CITY, HOME)
    try:
        run("pg_restore", str(source), "--exit-on-error", f"--dbname={restored}", str(file))
        with house.db.transaction() as session:
            session.execute(text("analyze incidents"))
            assert list(session.execute(text(LEAKPROOF)).scalars()) == ["boxes_meet"]
        with Crowd(house, few.city).bound("one unit") as (session, reach):
            assert view(session, few, reach).indexes == ALONE
            assert set(page(session, few.city.unit_box(BUSY), reach, limit=N)) == inside(
                few.city, few.city.unit_box(BUSY), reach
            )
    finally:
        house.close()
        cluster.drop_database(restored)


def test_an_update_of_postgis_keeps_the_plan(few: Crowd, cluster: Cluster) -> None:
    """To the version that stands for any other, and back: both ways run all that an update runs."""
    asked = """
        select e.extversion, p.target from pg_extension e, pg_extension_update_paths('postgis') p
        where e.extname = 'postgis' and p.source = e.extversion and p.path is not null
          and p.target in (e.extversion || 'next', 'ANY') order by p.target limit 1
        """
    with cluster.connection(str(few.house.db.url.database)) as connection:
        row = connection.execute(asked).fetchone()
        assert row is not None, "this PostGIS cannot be updated to itself"
        for version in (row[1], row[0]):
            connection.execute(f"alter extension postgis update to '{version}'".encode())
        names = connection.execute(LEAKPROOF).fetchall()
    assert [name for (name,) in names] == ["boxes_meet"]
    with few.bound("one unit") as (session, reach):
        assert view(session, few, reach).indexes == ALONE


# --- without a superuser ----------------------------------------------------------------------------------------------


@contextmanager
def elsewhere() -> Iterator[Cluster]:
    """A server of its own, without any of our roles."""
    folder = Path(tempfile.mkdtemp(prefix="gridgov-plain-"))
    folder.chmod(0o755)  # its user must pass
    made = Cluster(folder)
    made.start()
    try:
        yield made
    finally:
        made.stop(force=True)
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def plain() -> Iterator[Cluster]:
    with elsewhere() as made:
        yield made


def database_of(cluster: Cluster, owner: str, attributes: str) -> str:
    """The address of an empty database that an ordinary role owns, extensions in it, as providers hand them out."""
    with cluster.connection() as connection:
        connection.execute(f"create role {owner} login nosuperuser nobypassrls {attributes}".encode())
        connection.execute(f"create database {owner} owner {owner} template template0".encode())
    with cluster.connection(owner) as connection:
        for extension in ("postgis", "btree_gist", "pg_trgm"):
            connection.execute(f"create extension {extension} schema public".encode())
    return make_url(cluster.url(owner)).set(username=owner).render_as_string(hide_password=False)


def test_an_owner_who_may_make_roles_needs_nobody() -> None:
    with elsewhere() as cluster:
        url = database_of(cluster, "maker", "createrole")
        for _ in range(2):
            prepare(url, CITY, cluster.home)
        with filled(url, FEW, cluster.home, unchecked=False) as crowd:
            assert check_cells(crowd)


def check_cells(crowd: Crowd) -> bool:
    """Whether views are found by map cells under every scope."""
    for scope in SCOPES:
        with crowd.bound(scope) as (session, reach):
            plan = view(session, crowd, reach, with_text=scope != "deputy")
        assert plan.found_by("incidents_quad"), scope
        assert all("quad25" in condition for condition in plan.conditions("incidents_quad"))
    return True


@pytest.fixture(scope="module")
def plain_url(plain: Cluster) -> str:
    return database_of(plain, "warden", "nocreaterole")


class TestAPlainOwner:
    """Neither superuser nor allowed to make roles; one test builds on the one before."""

    def test_is_told_what_to_ask_for(self, plain: Cluster, plain_url: str, capsys: pytest.CaptureFixture[str],
                                     monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
        with pytest.raises(RolesAreMissing) as refused:
            prepare(plain_url, CITY, plain.home)
        assert "“gridgov auth roles”" in str(refused.value.remedy)
        from gridgov.cli import app

        monkeypatch.setenv("GRIDGOV_HOME", str(plain.home))
        app(["auth", "roles"], standalone_mode=False)
        said = capsys.readouterr().out
        with plain.connection() as connection:
            connection.execute(said.encode())
        for _ in range(2):
            prepare(plain_url, CITY, plain.home)

    def test_has_views_by_cells_with_the_same_answers(self, plain: Cluster, plain_url: str) -> None:
        with filled(plain_url, FEW, plain.home, unchecked=False) as crowd:
            with crowd.house.db.transaction() as session:
                plainly = "select rolsuper or rolcreaterole or rolbypassrls from pg_roles where rolname = current_user"
                assert session.execute(text(plainly)).scalar_one() is False
                assert session.execute(text(INDEXES)).one() == (None, "incidents_geom")
            assert check_cells(crowd)
            assert check_answers(crowd) > FEW
            self.become_boxes(plain, plain_url, crowd)

    def become_boxes(self, plain: Cluster, plain_url: str, crowd: Crowd) -> None:
        """A superuser may lend the operator afterwards: the next upgrade makes the index, and views use it."""
        with plain.connection("warden") as connection:
            connection.execute((OBJECTS / "shared" / "10_viewport.sql").read_bytes())
        prepare(plain_url, CITY, plain.home)
        with crowd.house.db.transaction() as session:
            session.execute(text("analyze incidents"))
            assert session.execute(text(INDEXES)).one() == ("incidents_boxes", None)
        for scope in SCOPES:
            with crowd.bound(scope) as (session, reach):
                assert view(session, crowd, reach, with_text=scope != "deputy").found_by("incidents_boxes")
        assert check_answers(crowd) > FEW
