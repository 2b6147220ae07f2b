"""Takes that are paid for in advance, and rules with an operator's numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from gridgov.platform import limits
from gridgov.platform.db import Database
from gridgov.platform.errors import BadInput
from gridgov.platform.leases import Leases
from gridgov.platform.limits import Rate, RateLimited
from tests.integration.platform.taking import KEY, LOCK, NOW, OTHER_KEY, RATE, passes, wait

OFTEN = Rate("often", 400, timedelta(minutes=1))


def leased(db: Database, leases: Leases, now: datetime, key: bytes = KEY) -> bool:
    try:
        leases.take(db.transaction, key, now)
    except RateLimited:
        return False
    return True


def test_what_is_paid_for_in_advance_is_exact_over_processes_too(db: Database) -> None:
    """Four processes that take in turns: together as many as the rule allows, to the last one."""
    processes = [Leases(OFTEN) for _ in range(4)]
    passed = [leased(db, processes[n % 4], NOW) for n in range(800)]
    assert sum(passed) == OFTEN.limit
    assert not any(passed[-50:])


def test_it_asks_the_database_once_a_portion(db: Database) -> None:
    opened = 0

    @contextmanager
    def counted() -> Iterator[Session]:
        nonlocal opened
        opened += 1
        with db.transaction() as session:
            yield session

    leases = Leases(OFTEN)
    for _ in range(200):
        leases.take(counted, KEY, NOW)
    assert opened == 20, "ten at a time"


def test_what_was_paid_for_is_not_kept_for_a_rush(db: Database) -> None:
    """A portion holds for as long as the bucket needs to make good for it, not for ever."""
    processes = [Leases(OFTEN) for _ in range(10)]
    for one in processes:
        assert leased(db, one, NOW)
    later = NOW + OFTEN.per
    assert sum(leased(db, one, later) for _ in range(100) for one in processes) == OFTEN.limit


def test_a_clock_that_goes_back_finds_no_lease(db: Database) -> None:
    leases = Leases(OFTEN)
    assert leased(db, leases, NOW + timedelta(hours=1))
    held = leases._held[KEY].left
    assert leased(db, leases, NOW)
    assert leases._held[KEY].left <= held


def test_so_many_keys_are_remembered_and_no_more(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridgov.platform.leases.MOST_KEYS", 5)
    leases = Leases(OFTEN)
    for n in range(20):
        assert leased(db, leases, NOW, n.to_bytes(16))
    assert len(leases._held) == 5


# --- other numbers ---------------------------------------------------------------------------------------------------


@pytest.fixture
def _as_written() -> Iterator[None]:
    yield
    limits.tune("", "X")


@pytest.mark.usefixtures("_as_written")
def test_an_operator_gives_a_rule_other_numbers(db: Database) -> None:
    limits.tune(" calls=3/1h , tries=2/1m", "GRIDGOV_LIMITS")
    assert sum(passes(db, RATE, NOW) for _ in range(9)) == 3
    assert wait(db, RATE, NOW) == 20 * 60
    assert sum(passes(db, LOCK, NOW, OTHER_KEY) for _ in range(9)) == 2
    assert passes(db, LOCK, NOW + timedelta(minutes=1), OTHER_KEY)
    limits.tune("", "GRIDGOV_LIMITS")
    assert sum(passes(db, RATE, NOW + timedelta(hours=2)) for _ in range(40)) == 30


@pytest.mark.usefixtures("_as_written")
def test_numbers_that_are_lowered_hold_from_the_next_take(db: Database) -> None:
    assert sum(passes(db, RATE, NOW) for _ in range(20)) == 20
    limits.tune("calls=5/10m", "GRIDGOV_LIMITS")
    assert sum(passes(db, RATE, NOW) for _ in range(20)) <= 1
    assert sum(passes(db, RATE, NOW + timedelta(hours=1)) for _ in range(20)) == 5


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ("call=3/1h", "no limit “call”"),
        ("calls", "no limit"),
        ("calls=three", "60/10m"),
        ("calls=3/1h;tries=1/1m", "60/10m"),
    ],
)
def test_numbers_that_mean_nothing_are_refused(numbers: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        limits.tune(numbers, "GRIDGOV_LIMITS")
    assert caught.value.field == "GRIDGOV_LIMITS"
