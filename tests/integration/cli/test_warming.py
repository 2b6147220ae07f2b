"""A server that is ordered to end while it still builds its indexes ends in order."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psycopg
import pytest
from sqlalchemy import make_url

from gridgov.platform.cluster import Cluster
from gridgov.platform.db import Database
from tests.conftest import CITY, cloned

POINTS = 150_000  # of one more street: its R-tree takes most of a second
MOMENTS_S = np.random.default_rng(9).uniform(0.3, 1.1, 4).round(2).tolist()

# An R-tree is being built by a thread that nobody waits for when the process ends, as a server once did it.
LEFT_ALONE = """
import threading, time
from rtree.index import Index
begun = threading.Event()
def work():
    while True:
        Index((begun.set() or i, (i % 97, i % 89, i % 97 + 1, i % 89 + 1), None) for i in range(20_000))
threading.Thread(target=work, daemon=True).start()
begun.wait()
time.sleep({pause})
"""


@pytest.fixture(scope="module")
def large_city(cluster: Cluster, demo_template: str) -> Iterator[str]:
    """The address of a demo city with one very long street."""
    with cloned(cluster, demo_template) as url:
        made = Database(url, CITY)
        with made.engine.begin() as connection:
            connection.exec_driver_sql(
                f"""
                insert into areas_street (source, source_id, names, digest, geom)
                select 'long', '1', '{{"zh": "长街", "en": "Long Street"}}', '', st_multi(st_makeline(point order by i))
                from (
                    select i, st_setsrid(st_makepoint(118.0 + random() * 0.1, 31.0 + random() * 0.1), 4326) as point
                    from generate_series(1, {POINTS}) i
                ) p
                """
            )
        made.close()
        yield url


def building(url: str) -> bool:
    """Whether a server has fetched its streets and is at work on them: its transaction waits for it."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    sql = """
        select count(*) from pg_stat_activity
        where datname = current_database() and state = 'idle in transaction' and query like '%from areas_street%'
        """
    with psycopg.connect(address) as connection:
        return connection.execute(sql).fetchone() != (0,)


@pytest.mark.parametrize(
    "moment_s", [*MOMENTS_S[:2], *(pytest.param(s, marks=pytest.mark.soak) for s in MOMENTS_S[2:])]
)
def test_an_order_to_end_amid_the_building_of_indexes_is_followed(
    large_city: str, tmp_path: Path, moment_s: float
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"GRIDGOV_HOME": str(tmp_path), "GRIDGOV_PORT": str(port), "GRIDGOV_DATABASE_URL": large_city}
    with subprocess.Popen(
        [sys.executable, "-m", "gridgov", "serve"], env=os.environ | settings, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert b"answers on" in child.stdout.readline()
        for _ in range(500):
            if building(large_city):
                break
            time.sleep(0.01)
        time.sleep(moment_s)
        child.send_signal(signal.SIGINT)
    assert child.returncode == 0


def test_the_control_a_thread_left_alone_takes_the_process_down() -> None:
    pauses_s = np.random.default_rng(10).uniform(0.0, 0.3, 12)
    scripts = [LEFT_ALONE.format(pause=pause_s) for pause_s in pauses_s]
    codes = [
        subprocess.run([sys.executable, "-c", one], check=False, capture_output=True).returncode for one in scripts
    ]
    assert any(code < 0 for code in codes)
