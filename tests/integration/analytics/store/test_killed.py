"""Workers that are killed at any moment: whoever comes after them counts right."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import text

from gridgov.analytics.store.columns import CASES, INCIDENTS
from gridgov.analytics.store.keeper import Setting
from gridgov.analytics.store.store import Store
from gridgov.analytics.store.verify import verify
from gridgov.bootstrap import House, build
from gridgov.platform.clock import utcnow
from tests.conftest import CITY
from tests.integration.analytics.conftest import Taking
from tests.integration.analytics.store.conftest import CASES_SQL, another, counted, crowd, run, said, seen

FORK = multiprocessing.get_context("fork")


def work(url: str, home: Path) -> None:
    """Follows and keeps until it is killed: months are read one by one, and anew after few changes."""
    house = build(url, CITY, home)
    setting = Setting(least=20, small_bytes=0)
    store = Store(house.counts.folder, partial(house.internally, "counter"), now=utcnow, setting=setting)
    while True:
        store.step()
        with house.db.transaction() as session:
            for family in (INCIDENTS, CASES):
                store.view(session, family)


def killed(city: House, take: Taking, kills: int, seed: int) -> None:
    """Two workers at a time; one is killed after a moment and replaced, while the database goes on changing."""
    take(crowd(400, seed))
    run(city, CASES_SQL)
    rng = random.Random(seed)
    changes = (
        "update incidents set status = 'void' where number % 7 = :n",
        "update incidents set status = 'open', grid_id = null where number % 5 = :n",
        "update cases set state = 'closed', ended_at = changed_at where number % 6 = :n",
        "delete from cases where number % 31 = :n",
        "update incidents set status = 'duplicate' where number > :n",
    )
    url = city.db.url.render_as_string(hide_password=False)
    workers: list[BaseProcess] = []
    try:
        for _ in range(kills):
            while len(workers) < 2:
                workers.append(FORK.Process(target=work, args=(url, city.home)))
                workers[-1].start()
            until = time.monotonic() + rng.uniform(0.05, 0.8)
            while time.monotonic() < until:
                with city.db.transaction() as session:
                    session.execute(text(f"set local gridgov.changes_most = {rng.choice([30, 20_000])}"))
                    session.execute(text(rng.choice(changes)), {"n": rng.randrange(5)})
            victim = workers.pop(rng.randrange(2))
            assert victim.pid is not None
            os.kill(victim.pid, signal.SIGKILL)
            victim.join()
            assert victim.exitcode == -signal.SIGKILL  # it had not ended by itself
            take(crowd(5, rng.randrange(10**6)))
    finally:
        for worker in workers:
            worker.kill()
            worker.join()
    store = another(city)
    for family in (INCIDENTS, CASES):
        assert counted(seen(city, family, store=store)) == said(city, family)
    verdict = verify(store)
    assert verdict.good
    assert verdict.waiting == ()
    assert verdict.rows == sum(sum(said(city, family).values()) for family in (INCIDENTS, CASES))


def test_killed_workers_leave_nothing_wrong(city: House, take: Taking) -> None:
    killed(city, take, 3, seed=21)


@pytest.mark.soak
def test_fifty_killed_workers_leave_nothing_wrong(city: House, take: Taking) -> None:
    killed(city, take, 50, seed=22)
