"""Who can get in: the cluster's user and root, nobody else; and PostgreSQL never runs as root."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import psutil
import pytest

from gridgov.platform.cluster import Cluster, running
from gridgov.platform.cluster_files import FolderIsForeign, HomeIsClosed
from gridgov.platform.locks import HomeIsAnothers
from gridgov.platform.postgres import find
from gridgov.platform.processes import Owner
from tests.integration.platform.homes import owner, postmaster

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as several users")


def nobody() -> Owner:
    entry = pwd.getpwnam("nobody")
    return Owner(entry.pw_uid, entry.pw_gid, entry.pw_name)


def test_the_server_does_not_run_as_root(home: Path) -> None:
    with running(home) as cluster:
        assert psutil.Process(postmaster(cluster)).uids().real == owner(cluster).uid != 0
        data = cluster.files.data.stat()
        assert (data.st_uid, stat.S_IMODE(data.st_mode)) == (owner(cluster).uid, 0o700)


@needs_root
@pytest.mark.parametrize("name", ["home", "n" * 150], ids=["socket in the home", "socket elsewhere"])
def test_other_users_cannot_reach_the_socket(folder: Path, name: str) -> None:
    with running(folder / name) as cluster:
        socket = cluster._socket().parent
        command = [find().path("psql"), "-h", str(socket), "-U", "gridgov", "-Atc", "select 7", "postgres"]
        assert owner(cluster).run(command, stdout=PIPE).stdout == b"7\n"
        refused = nobody().run(command, stderr=PIPE)
        assert refused.returncode != 0
        assert b"Permission denied" in refused.stderr


@needs_root
def test_a_home_that_the_clusters_user_cannot_enter_is_named() -> None:
    closed = Path(tempfile.mkdtemp())
    try:
        with pytest.raises(HomeIsClosed, match=r"GRIDGOV_HOME: .*cannot enter.*chmod o\+x"):
            Cluster(closed / "home").start()
        closed.chmod(0o711)
        with running(closed / "home") as cluster:
            assert cluster.databases() == ["postgres"]
    finally:
        shutil.rmtree(closed)


@needs_root
def test_root_does_not_write_into_another_users_home(no_home: Path) -> None:
    no_home.mkdir()
    os.chown(no_home, nobody().uid, nobody().gid)
    with pytest.raises(HomeIsAnothers):
        Cluster(no_home).start()
    assert list(no_home.iterdir()) == []


@needs_root
class TestForeignSocketFolder:
    @pytest.fixture
    def elsewhere(self, folder: Path) -> Iterator[Path]:
        """The folder that a socket of this too long home would get."""
        place = Path("/run") / Cluster(folder / ("n" * 150)).files.name
        yield place
        if place.is_symlink():
            place.unlink()
        else:
            shutil.rmtree(place, ignore_errors=True)

    def test_of_another_user(self, folder: Path, elsewhere: Path) -> None:
        elsewhere.mkdir()
        os.chown(elsewhere, nobody().uid, -1)
        with pytest.raises(FolderIsForeign, match=elsewhere.name):
            Cluster(folder / ("n" * 150)).start()

    def test_that_is_a_link(self, folder: Path, elsewhere: Path) -> None:
        elsewhere.symlink_to(folder)
        mode = folder.stat().st_mode
        with pytest.raises(FolderIsForeign):
            Cluster(folder / ("n" * 150)).start()
        assert folder.stat().st_mode == mode

    def test_of_our_own_but_open_is_closed(self, folder: Path, elsewhere: Path) -> None:
        elsewhere.mkdir(mode=0o777)
        with running(folder / ("n" * 150)):
            assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o700
