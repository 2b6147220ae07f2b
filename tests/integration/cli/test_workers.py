"""`gridgov serve --workers 2`: both answer at one address, one that is killed comes again, all end together."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from gridgov.areas import service as areas
from gridgov.bootstrap import House

WORKERS = 2


@pytest.fixture
def city(house: House) -> House:
    with house.db.transaction() as session:
        areas.set_up_city(session, code="demo", names={"en": "Demo"}, timezone="Asia/Shanghai", lon=117.0, lat=32.0)
    return house


@contextmanager
def serving(url: str, home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server that has said that it answers, and where."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    settings = {"GRIDGOV_DATABASE_URL": url, "GRIDGOV_CITY": "demo", "GRIDGOV_HOME": str(home), "GRIDGOV_PORT": port}
    command = [sys.executable, "-m", "gridgov", "serve", "--workers", str(WORKERS)]
    parent = subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    try:
        assert "answers on" in parent.stdout.readline()
        yield parent, f"http://127.0.0.1:{port}"
    finally:
        parent.terminate()
        parent.communicate()


def children(parent: subprocess.Popen[str]) -> set[int]:
    return {one.pid for one in psutil.Process(parent.pid).children() if one.status() != psutil.STATUS_ZOMBIE}


def until(met: Callable[[], bool]) -> None:
    """Waits for what must come; a run that hangs is ended from outside."""
    while not met():
        time.sleep(0.05)


def counted(base: str) -> int:
    """Requests for the page of health that the metrics tell of; each is asked over a connection of its own."""
    found = re.search(
        r'gridgov_requests_total{method="GET",route="/health/live",status="200"} (\S+)',
        httpx.get(f"{base}/metrics").text,
    )
    return round(float(found[1])) if found else 0


def test_a_server_of_several_processes(database_url: str, city: House, tmp_path: Path) -> None:
    with serving(database_url, tmp_path) as (parent, base):
        first = children(parent)
        assert len(first) == WORKERS
        for _ in range(40):
            assert httpx.get(f"{base}/health/live").status_code == 200
        assert counted(base) == 40  # whichever is asked

        killed = min(first)
        os.kill(killed, signal.SIGKILL)
        until(lambda: len(children(parent)) == WORKERS and killed not in children(parent))
        for _ in range(5):
            assert httpx.get(f"{base}/health/live", timeout=60).status_code == 200
        assert counted(base) == 45  # what the one that is gone has counted stays
        last = children(parent)
    assert parent.returncode == 0
    assert not any(psutil.pid_exists(pid) for pid in first | last)


def test_children_do_not_outlive_a_parent_that_was_killed(database_url: str, city: House, tmp_path: Path) -> None:
    with serving(database_url, tmp_path) as (parent, _):
        left = children(parent)
        assert len(left) == WORKERS  # the control: they were there
        parent.kill()
        until(lambda: not any(psutil.pid_exists(pid) for pid in left))
