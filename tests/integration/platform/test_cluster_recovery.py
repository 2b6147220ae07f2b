"""What crashes leave behind is mended, and nothing that may hold data is ever taken away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from gridgov.platform import processes, server
from gridgov.platform.cluster import Cluster, running
from gridgov.platform.cluster_files import SOCKET_NAME
from gridgov.platform.postgres import find
from gridgov.platform.server import ClusterFailed, DiskIsFull, NotACluster
from tests.integration.platform.homes import ROOT, Other, kill_server, owner, postmaster

LOOP = "do $$ begin loop end loop; end $$"
IMPORT = "import sys; from pathlib import Path; from gridgov.platform.cluster import Cluster; "
INIT = f"{IMPORT} Cluster(Path(sys.argv[1])).init()"
START = f"{IMPORT} Cluster(Path(sys.argv[1])).start()"


def refused_by_postgres(cluster: Cluster) -> str:
    """What PostgreSQL itself says when it is started on these files without any mending; it must refuse."""
    command = [find().path("postgres"), "-D", str(cluster.files.data), "-c", f"config_file={cluster.files.conf}"]
    done = owner(cluster).run(["timeout", "60", *command], stderr=subprocess.PIPE)
    assert done.returncode != 0
    return done.stderr.decode()


@pytest.fixture
def crashed(home: Path) -> Cluster:
    """A cluster whose server was killed with one row committed and another not."""
    cluster = Cluster(home)
    cluster.start()
    with cluster.connection() as connection:
        connection.execute("create table written (what text)")
        connection.execute("insert into written values ('committed')")
        with connection.transaction():
            connection.execute("insert into written values ('not committed')")
            kill_server(cluster)
            with suppress(psycopg.OperationalError):
                connection.execute("select 1")
            connection.close()
    assert cluster.files.pid_file.exists()
    return cluster


def written(cluster: Cluster) -> list[tuple[str]]:
    with cluster.connection() as connection:
        return connection.execute("select what from written").fetchall()


def test_after_kill_9_what_was_committed_is_there(crashed: Cluster) -> None:
    assert crashed.start() is True
    assert written(crashed) == [("committed",)]


def test_a_process_id_that_belongs_to_another_process_by_now(crashed: Cluster) -> None:
    who = owner(crashed)
    identity = {} if who.uid == os.geteuid() else {"user": who.uid, "group": who.gid}
    stranger = subprocess.Popen(["sleep", "3600"], **identity)  # type: ignore[call-overload]
    try:
        lines = crashed.files.pid_file.read_text().splitlines()
        crashed.files.pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        socket_lock = crashed.files.folder / "socket" / f"{SOCKET_NAME}.lock"
        socket_lock.write_text("\n".join([str(stranger.pid), *lines[1:5]]) + "\n")
        assert "lock file" in refused_by_postgres(crashed)
        assert crashed.start() is True
        assert written(crashed) == [("committed",)]
        assert stranger.poll() is None, "the stranger was left alone"
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize(
    "left", [b"", b"\0\0\0garbage\xff", b"999999999\n/elsewhere\n"], ids=["empty", "garbage", "other"]
)
def test_a_spoilt_pid_file(crashed: Cluster, left: bytes) -> None:
    crashed.files.pid_file.write_bytes(left)
    assert crashed.start() is True
    assert written(crashed) == [("committed",)]


def test_an_empty_pid_file_is_more_than_postgres_takes(crashed: Cluster) -> None:
    crashed.files.pid_file.write_bytes(b"")
    assert "is empty" in refused_by_postgres(crashed)


def test_orphans_that_still_hold_the_memory_are_ended(home: Path) -> None:
    cluster = Cluster(home)
    cluster.start()
    with cluster.connection() as connection:
        busy = connection.info.backend_pid

        def work() -> None:
            with suppress(psycopg.Error):
                connection.execute(LOOP)

        thread = threading.Thread(target=work)
        thread.start()
        with cluster.connection() as watching:
            while watching.execute("select query from pg_stat_activity where pid = %s", [busy]).fetchone() != (LOOP,):
                time.sleep(0.01)
        os.kill(postmaster(cluster), signal.SIGKILL)
        assert processes.wait_until_gone([busy], 2) == [busy], "it does not end by itself"
        assert "shared memory" in refused_by_postgres(cluster) or "lock file" in refused_by_postgres(cluster)
        assert cluster.start() is True
        assert not processes.alive(busy)
        thread.join()
    assert cluster.databases() == ["postgres"]


def test_a_swept_temporary_folder(home: Path) -> None:
    with running(home) as cluster:
        first = postmaster(cluster)
        (cluster.files.folder / "socket" / SOCKET_NAME).unlink()
        with pytest.raises(psycopg.OperationalError), cluster.connection():
            pass
        again = Cluster(home)
        assert again.start() is True
        assert postmaster(again) != first
        assert again.databases() == ["postgres"]
        again.stop()


def test_a_making_that_was_killed_is_made_anew(no_home: Path, other: Callable[..., Other]) -> None:
    maker = other(no_home, INIT)
    while not list(no_home.glob("cluster/making-*/base")):
        assert maker.process.poll() is None
        time.sleep(0.005)
    maker.kill()
    assert not (no_home / "cluster" / "data").exists()
    with running(no_home) as cluster:
        assert cluster.databases() == ["postgres"]
        assert cluster.init() is False


def test_a_folder_with_something_else_in_it_is_left_alone(home: Path) -> None:
    cluster = Cluster(home)
    cluster.init()
    version = cluster.files.data / "PG_VERSION"
    version.rename(cluster.files.data / "PG_VERSION.lost")
    before = sorted(path.name for path in cluster.files.data.iterdir())
    with pytest.raises(NotACluster, match="left alone"):
        cluster.start()
    assert sorted(path.name for path in cluster.files.data.iterdir()) == before
    (cluster.files.data / "PG_VERSION.lost").rename(version)
    with running(home):
        assert cluster.databases() == ["postgres"]


def test_a_server_that_will_not_start_says_why(home: Path) -> None:
    with running(home) as cluster:
        pass
    cluster.files.local_conf.write_text("shared_buffers = 'many'\n")
    cluster.files.local_conf.chmod(0o644)
    with pytest.raises(ClusterFailed, match='invalid value for parameter "shared_buffers"'):
        cluster.start()
    assert cluster.status().state == "stopped"
    cluster.files.local_conf.unlink()
    with running(home):
        assert cluster.databases() == ["postgres"]


class TestFullDisk:
    @pytest.fixture
    def small(self, folder: Path) -> Path:
        """A home on a disk of 30 MB; a new cluster takes 39."""
        disk = folder / "small"
        disk.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=30m,mode=755", "tmpfs", disk], capture_output=True, check=False
        )
        if done.returncode != 0:
            pytest.skip(f"needs the right to mount: {done.stderr.decode().strip()}")
        return disk

    @pytest.fixture(autouse=True)
    def _unmounted(self, folder: Path) -> object:
        yield
        subprocess.run(["umount", folder / "small"], capture_output=True, check=False)

    def test_is_noticed_beforehand(self, small: Path) -> None:
        with pytest.raises(DiskIsFull, match="has 30 MB left"):
            Cluster(small / "home").start()

    def test_fills_while_the_cluster_is_made(self, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(server, "INIT_NEEDS_BYTES", 0)
        cluster = Cluster(small / "home")
        with pytest.raises(DiskIsFull, match="is full"):
            cluster.start()
        assert list(cluster.files.folder.iterdir()) == [], "nothing half-made stays"
        subprocess.run(["mount", "-o", "remount,size=300m", small], check=True)
        with running(small / "home"):
            assert cluster.databases() == ["postgres"]


def test_a_server_in_another_container_is_noticed_and_left_alone(home: Path) -> None:
    """Two containers that share the folder do not see each other's processes, and PostgreSQL alone would not notice."""
    namespace = ["unshare", "--pid", "--fork", "--mount-proc"]
    if subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to make a process namespace")
    with running(home) as cluster:
        pid = postmaster(cluster)
        done = subprocess.run(
            [*namespace, sys.executable, "-c", START, home], cwd=ROOT, capture_output=True, check=False, text=True
        )
        assert done.returncode != 0
        assert "A server that cannot be seen from here runs on" in done.stderr
        assert postmaster(cluster) == pid
        assert cluster.files.pid_file.read_text().splitlines()[0] == str(pid)
        assert cluster.databases() == ["postgres"]
