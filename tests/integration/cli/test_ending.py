"""However a server is told to end, its private cluster ends with it; what a kill leaves behind is taken over."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gridgov.areas import service as areas
from gridgov.cli.house import opened
from gridgov.platform.cluster import Cluster
from gridgov.platform.settings import Settings
from tests.conftest import CITY


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder that the cluster's own user may enter, with a city that has no boundaries yet."""
    folder = Path(tempfile.mkdtemp(prefix="gridgov end "))
    folder.chmod(0o755)
    with opened(Settings.load(home=folder / "家"), fresh=True) as house, house.db.transaction() as session:
        areas.set_up_city(session, code=CITY, names={"en": "City"}, timezone="Asia/Shanghai", lon=117.0, lat=32.0)
    yield folder / "家"
    Cluster(folder / "家").stop(force=True)
    shutil.rmtree(folder)


def serving(home: Path) -> subprocess.Popen[str]:
    """A server that has said that it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"GRIDGOV_HOME": str(home), "GRIDGOV_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    child = subprocess.Popen(
        [sys.executable, "-m", "gridgov", "serve"], env=os.environ | settings, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert "answers on" in child.stdout.readline()
    return child


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT])
def test_an_order_to_end_ends_the_cluster_too(home: Path, order: signal.Signals) -> None:
    child = serving(home)
    assert Cluster(home).status().state == "running"
    child.send_signal(order)
    child.communicate()
    assert Cluster(home).status().state == "stopped"


def test_the_control_a_kill_leaves_it_and_the_next_start_takes_it_over(home: Path) -> None:
    child = serving(home)
    child.kill()
    child.communicate()
    assert Cluster(home).status().state == "running"
    again = serving(home)
    again.terminate()
    again.communicate()
    assert Cluster(home).status().state == "stopped"
