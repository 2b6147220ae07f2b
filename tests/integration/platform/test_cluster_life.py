"""A cluster is made, started, reached, set and stopped; whatever the name of its home."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import create_engine, text

from gridgov.platform.cluster import Cluster, ClusterIsAbsent, DatabaseInUse, DatabaseIsAbsent, Status, running
from gridgov.platform.cluster_files import LONGEST_SOCKET, SOCKET_NAME
from gridgov.platform.postgres import PostgresMissing
from tests.integration.platform.homes import postmaster

AWKWARD = {
    "plain": "home",
    "blanks and 中文": "我的 数据",
    "what shells and lists mind": 'it\'s "q" $HOME `x`, \\ & ; {a} #',
    "longer than a socket's address": "很长的名字" * 12 + "/" + "x" * 200,
}


@pytest.mark.parametrize("name", AWKWARD.values(), ids=AWKWARD.keys())
def test_any_name_of_a_home_works(folder: Path, name: str) -> None:
    home = folder / name
    with running(home) as cluster:
        assert cluster.create_database("town")
        engine = create_engine(cluster.url("town"))
        with engine.begin() as connection:
            connection.execute(text("create extension postgis"))
            where = connection.execute(text("show unix_socket_directories")).scalar_one()
            assert connection.execute(text("select st_astext(st_point(117, 32))")).scalar_one() == "POINT(117 32)"
        engine.dispose()
        address = where.strip('"') + "/" + SOCKET_NAME
        assert len(os.fsencode(address)) <= LONGEST_SOCKET
        # The name decides: an address that would be too long or be misread lies elsewhere, all others in the home.
        inside = address.startswith(str(home))
        assert inside == (name in (AWKWARD["plain"], AWKWARD["blanks and 中文"]))
    assert Path(address).parent.exists() == inside, "a folder outside the home goes with the server"
    assert cluster.status().state == "stopped"


def test_a_stopped_cluster_keeps_its_data(home: Path) -> None:
    with running(home) as cluster:
        cluster.create_database("town")
        with cluster.connection("town") as connection:
            connection.execute("create table kept as select 42 as answer")
    with pytest.raises(psycopg.OperationalError), cluster.connection("town"):
        pass
    with running(home) as cluster, cluster.connection("town") as connection:
        assert connection.execute("select answer from kept").fetchone() == (42,)


def test_starting_twice_starts_once(home: Path) -> None:
    first, second = Cluster(home), Cluster(home)
    assert first.start() is True
    pid = postmaster(first)
    assert second.start() is False
    assert postmaster(second) == pid
    assert second.stop() is False, "the first one still uses it"
    assert first.stop() is True
    assert first.stop() is True, "stopping what is stopped is no error"


def test_two_spellings_of_a_home_are_one_cluster(home: Path) -> None:
    with running(home) as cluster:
        link = home.parent / "link"
        link.symlink_to(home)
        same = Cluster(link / ".." / "link")
        assert same.start() is False
        same.stop()
        assert cluster.status().state == "running"


def test_status_tells_and_makes_nothing(no_home: Path) -> None:
    cluster = Cluster(no_home)
    assert cluster.status() == Status("absent")
    assert not no_home.exists()
    with pytest.raises(ClusterIsAbsent):
        cluster.url()
    cluster.start()
    seen = cluster.status()
    assert (seen.state, seen.pid, seen.in_use, seen.kept) == ("running", postmaster(cluster), True, False)
    assert seen.major is not None
    assert seen.major >= 15
    cluster.stop()
    assert cluster.status() == Status("stopped", seen.major)


def test_a_kept_cluster_outlives_its_users_until_it_is_stopped_by_force(home: Path) -> None:
    cluster = Cluster(home)
    cluster.start(keep=True)
    assert cluster.stop() is False
    with running(home):
        pass
    assert Cluster(home).status().kept
    assert Cluster(home).status().state == "running"
    assert Cluster(home).stop(force=True) is True
    assert Cluster(home).status().state == "stopped"
    with running(home):
        pass
    assert Cluster(home).status().state == "stopped", "force also forgets that it was to be kept"


def test_nothing_listens_on_the_network(home: Path) -> None:
    with running(home) as cluster:
        server = psutil.Process(postmaster(cluster))
        family = [server, *server.children(recursive=True)]
        assert len(family) > 3
        assert [c for process in family for c in process.net_connections("inet")] == []
        assert [c for process in family for c in process.net_connections("unix")], "what was asked does find sockets"


def test_settings_keep_what_was_acknowledged(home: Path) -> None:
    with running(home) as cluster, cluster.connection() as connection:
        names = ("synchronous_commit", "fsync", "full_page_writes", "data_checksums")
        assert {name: connection.execute(f"show {name}").fetchone() for name in names} == dict.fromkeys(names, ("on",))
        encoding = connection.execute("select pg_encoding_to_char(encoding) from pg_database").fetchall()
        assert set(encoding) == {("UTF8",)}


def test_local_settings_have_the_last_word_and_are_not_overwritten(home: Path) -> None:
    with running(home) as cluster:
        cluster.files.local_conf.write_text("work_mem = '7MB'\n")
        cluster.files.local_conf.chmod(0o644)
    with running(home) as cluster, cluster.connection() as connection:
        assert connection.execute("show work_mem").fetchone() == ("7MB",)
    assert cluster.files.local_conf.read_text() == "work_mem = '7MB'\n"


def test_variables_meant_for_us_do_not_reach_the_server(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROJ_DATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=9MB")
    with running(home) as cluster:
        seen = psutil.Process(postmaster(cluster)).environ()
        assert "PATH" in seen
        assert not [name for name in seen if name in ("PROJ_DATA", "PGPORT", "PGOPTIONS")]


def test_a_cluster_of_another_version_is_left_alone(home: Path) -> None:
    with running(home) as cluster:
        cluster.create_database("town")
    version = cluster.files.data / "PG_VERSION"
    made_by = version.read_text()
    version.write_text("14\n")
    with pytest.raises(PostgresMissing, match=r"PostgreSQL 14 .* is not installed.*is PostgreSQL 1[5-9]"):
        Cluster(home).start()
    version.write_text(made_by)
    with running(home) as cluster:
        assert "town" in cluster.databases()


class TestDatabases:
    def test_made_cloned_and_dropped(self, home: Path) -> None:
        with running(home) as cluster:
            assert cluster.create_database("模板 one")
            assert not cluster.create_database("模板 one")
            with cluster.connection("模板 one") as connection:
                connection.execute("create table t as select 1 as n")
            assert cluster.clone_database("模板 one", 'odd "name"')
            assert not cluster.clone_database("模板 one", 'odd "name"')
            with cluster.connection('odd "name"') as connection:
                assert connection.execute("select n from t").fetchone() == (1,)
            engine = create_engine(cluster.url("模板 one"))
            with engine.connect() as connected:
                assert connected.execute(text("select current_database()")).scalar_one() == "模板 one"
            engine.dispose()
            cluster.drop_database('odd "name"')
            cluster.drop_database("never was")
            assert cluster.databases() == ["postgres", "模板 one"]

    def test_a_template_in_use_or_absent_is_a_clear_error(self, home: Path) -> None:
        with running(home) as cluster:
            cluster.create_database("busy")
            with cluster.connection("busy"), pytest.raises(DatabaseInUse, match="busy"):
                cluster.clone_database("busy", "copy")
            with pytest.raises(DatabaseIsAbsent, match="nowhere"):
                cluster.clone_database("nowhere", "copy")
            assert cluster.databases() == ["busy", "postgres"]

    def test_a_database_in_use_is_dropped_all_the_same(self, home: Path) -> None:
        with running(home) as cluster:
            cluster.create_database("town")
            with cluster.connection("town") as connection:
                cluster.drop_database("town")
                with pytest.raises(psycopg.OperationalError):
                    connection.execute("select 1")
            assert cluster.databases() == ["postgres"]
