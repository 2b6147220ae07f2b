"""Intake, counts and tiles at once: memory stays flat, counts are fresh and equal SQL; for twenty seconds with a small
city, and for half an hour at ten million (`make soak`)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from gridgov.bootstrap import House, build
from gridgov.platform.cluster import Cluster
from tests import sample
from tests.bench.demo import started
from tests.bench.grown import NOW, grown_city
from tests.bench.tiling import BOUNDS
from tests.conftest import CITY, cloned
from tests.soak import memory, together
from tests.soak.together import Seen, Town

MINUTES = float(os.environ.get("GRIDGOV_SOAK_MINUTES", "30"))
ROWS = int(os.environ.get("GRIDGOV_SOAK_ROWS", "10000000"))
SHARE_S = 20.0
MOST_MB_A_MINUTE = 2.0
FRESH_S = 2.0


def postmaster(house: House) -> int:
    """The process of the database's server."""
    with house.db.transaction() as session:
        backend = session.connection().exec_driver_sql("select pg_backend_pid()").scalar_one()
    stat = Path(f"/proc/{backend}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


@pytest.fixture
def small(cluster: Cluster, migrated_template: str, tmp_path: Path) -> Iterator[tuple[House, str]]:
    with cloned(cluster, migrated_template) as url:
        house = build(url, CITY, tmp_path)
        with house.db.transaction() as session:
            sample.set_up(session)
        yield house, url
        house.close()


def test_together_for_a_short_while(small: tuple[House, str], tmp_path: Path) -> None:
    house, url = small
    now = datetime.now(UTC)
    box = (sample.LON0, sample.LAT0, sample.LON0 + 8 * sample.STEP, sample.LAT0 + 2 * sample.STEP)
    town = Town(box, ("06010", "09009", "10001"), now.replace(year=now.year - 1), now)
    with started(url, tmp_path) as (port, server):
        together.ready(house, port)
        seen = together.run(house, port, server, postmaster(house), town, seconds=SHARE_S)
        counted, by_sql = together.same_as_sql(house, port)
    assert seen.failed == []
    assert len(seen.ms["report"]) > 50
    assert counted == by_sql
    assert sum(counted.values()) == len(seen.ms["report"]) + len(seen.fresh_s)
    assert float(np.percentile(seen.fresh_s, 99)) <= FRESH_S


@pytest.mark.soak
def test_half_an_hour_at_ten_million() -> None:
    codes = tuple(f"{1 + k // 20:02}{1 + k % 20:02}" for k in range(200))
    town = Town(BOUNDS, codes[::-1], NOW.replace(year=NOW.year - 3), NOW)
    with grown_city(ROWS) as city, started(city.url, city.house.home) as (port, server):
        together.ready(city.house, port)
        seen = together.run(city.house, port, server, postmaster(city.house), town, seconds=60 * MINUTES)
        counted, by_sql = together.same_as_sql(city.house, port)
    sys.stdout.write(said(seen) + "\n")
    assert seen.failed == []
    assert counted == by_sql
    assert float(np.percentile(seen.fresh_s, 99)) <= FRESH_S
    for name in ("server_mb", "database_mb"):
        found = memory.trend(seen.at_s, getattr(seen, name))
        assert found.flat(MOST_MB_A_MINUTE), f"{name}: {found}"


def said(seen: Seen) -> str:
    """A run in a few lines."""
    lines = [f"{name}: {memory.trend(seen.at_s, getattr(seen, name))}" for name in ("server_mb", "database_mb")]
    lines.append(f"resident, mapped files too: {seen.resident_mb[0]:.0f} … {seen.resident_mb[-1]:.0f} MB")
    lines += [
        f"{name}: {len(ms):,} answers, median {np.median(ms):.1f} ms, p99 {seen.p99(name):.1f} ms"
        for name, ms in seen.ms.items()
    ]
    lines.append(f"counted after the answer: p99 {1e3 * np.percentile(seen.fresh_s, 99):.1f} ms, late {seen.stale}")
    return "\n".join(lines)


def test_a_series_that_leaks_is_seen() -> None:
    """The control: ten megabytes a minute among noise are found, noise alone and a cache that fills are not."""
    rng = np.random.default_rng(1)
    at = np.arange(0.0, 30 * 60, 1.0)
    noise = 400 + rng.normal(0, 12, len(at))
    filling = noise + 150 * (1 - np.exp(-at / 120))
    assert memory.trend(list(at), list(noise)).flat(MOST_MB_A_MINUTE)
    assert memory.trend(list(at), list(filling)).flat(MOST_MB_A_MINUTE)
    for leak in (3.0, 10.0):
        assert not memory.trend(list(at), list(noise + leak * at / 60)).flat(MOST_MB_A_MINUTE)
    assert not memory.trend(list(at), list(noise + 200 * (at > 1_200))).flat(MOST_MB_A_MINUTE)


def test_what_a_process_holds_is_what_it_asked_for() -> None:
    before = memory.held_mb([os.getpid()])
    kept = np.ones(12_500_000)
    assert 95 < memory.held_mb([os.getpid()]) - before < 110
    assert kept[0] == 1.0
    assert os.getpid() in memory.below(os.getppid())
