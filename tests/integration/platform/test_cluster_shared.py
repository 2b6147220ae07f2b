"""Many processes, one server: it runs while anybody needs it and not longer, and no interrupt leaves one behind."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gridgov.platform import processes
from gridgov.platform.cluster import Cluster, running
from tests.integration.platform.homes import Other, owner, postmaster

Others = Callable[..., Other]

STARTS = """
import sys
from pathlib import Path
from gridgov.platform.cluster import Cluster
sys.stdin.readline()
cluster = Cluster(Path(sys.argv[1]))
began = cluster.start()
with cluster.connection() as connection:
    print(int(began), connection.execute("select pg_postmaster_start_time()").fetchone()[0], flush=True)
sys.stdin.readline()
cluster.stop()
"""


def test_processes_that_start_at_once_make_one_server(no_home: Path, other: Others) -> None:
    others = [other(no_home, STARTS) for _ in range(4)]
    for one in others:
        assert one.process.stdin is not None
        one.process.stdin.write("\n")
        one.process.stdin.flush()
    began, when = zip(*(one.line().split(" ", 1) for one in others), strict=True)
    assert sorted(began) == ["0", "0", "0", "1"]
    assert len(set(when)) == 1
    for one in others:
        one.go_on()
    assert Cluster(no_home).status().state == "stopped"


def test_the_last_one_out_stops_it(home: Path, other: Others) -> None:
    first, second = other(home), other(home)
    assert (first.line(), second.line()) == ("in", "in")
    pid = postmaster(Cluster(home))
    first.go_on()
    assert postmaster(Cluster(home)) == pid
    second.go_on()
    assert Cluster(home).status().state == "stopped"


def test_a_killed_user_does_not_hold_it_for_ever(home: Path, other: Others) -> None:
    killed = other(home)
    assert killed.line() == "in"
    killed.kill()
    assert Cluster(home).status().state == "running", "nobody was there to stop it"
    assert not Cluster(home).status().in_use
    with running(home) as cluster:
        assert cluster.databases() == ["postgres"]
    assert Cluster(home).status().state == "stopped"


def test_force_stops_it_under_its_users(home: Path, other: Others) -> None:
    user = other(home)
    assert user.line() == "in"
    assert Cluster(home).stop() is False
    assert Cluster(home).stop(force=True) is True
    assert user.go_on()[0] == 0


def test_ctrl_c_stops_the_server(home: Path, other: Others) -> None:
    user = other(home)
    assert user.line() == "in"
    pid = postmaster(Cluster(home))
    assert user.interrupt() != 0
    assert not processes.alive(pid)
    assert Cluster(home).status().state == "stopped"


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGHUP])
def test_a_polite_order_to_end_stops_the_server(home: Path, other: Others, order: signal.Signals) -> None:
    user = other(home)
    assert user.line() == "in"
    user.process.send_signal(order)
    user.process.communicate()
    assert user.process.returncode == 128 + order
    assert Cluster(home).status().state == "stopped"


def test_signals_that_somebody_else_handles_stay_his(home: Path) -> None:
    def handler(number: int, frame: object) -> None: ...

    before = signal.signal(signal.SIGTERM, handler)
    try:
        with running(home):
            assert signal.getsignal(signal.SIGTERM) is handler
            assert signal.getsignal(signal.SIGHUP) is not signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is handler
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("moment_s", [0.0, 0.1, 0.4, 0.55])
def test_ctrl_c_while_it_starts_leaves_no_server_and_no_half_cluster(
    no_home: Path, other: Others, moment_s: float
) -> None:
    user = other(no_home)
    while not (no_home / "cluster.lock").exists():
        assert user.process.poll() is None
        time.sleep(0.01)
    time.sleep(moment_s)
    user.interrupt()
    cluster = Cluster(no_home)
    assert processes.postmaster(owner(cluster), cluster.files.data) is None
    assert processes.backends(owner(cluster), cluster.files.name) == []
    assert list(cluster.files.folder.glob("making-*")) == []
    with running(no_home):
        assert cluster.databases() == ["postgres"]
