"""Rate limits over processes: exact together, undone with their transaction, swept at the cost of what changed."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from gridgov.platform import limits
from gridgov.platform.db import Database
from gridgov.platform.errors import Unavailable
from gridgov.platform.limits import Rate, RateLimited, forgive, sweep, take, take_all
from tests.integration.platform.taking import KEY, LOCK, NOW, OTHER_KEY, RATE, passes, wait

ROOT = Path(__file__).resolve().parents[3]
PROCESSES, TRIES = 4, 25


def count(db: Database) -> int:
    with db.transaction() as session:
        return int(session.execute(text("select count(*) from platform_bucket")).scalar_one())


# --- several processes ---------------------------------------------------------------------------------------------

TAKING = """
import sys
from tests.integration.platform.taking import KEY, LOCK, NOW, RATE, passes
from tests.integration.platform.test_limits import TRIES
from gridgov.platform.db import Database
db = Database({url!r}, "demo")
print("ready", flush=True)
sys.stdin.readline()
print(sum(passes(db, {rule}, NOW) for _ in range(TRIES)))
"""
IN_MEMORY = """
import sys
from tests.integration.platform.taking import NOW, RATE
from tests.integration.platform.test_limits import TRIES, InMemory
bucket = InMemory(RATE)
print("ready", flush=True)
sys.stdin.readline()
print(sum(bucket.passes(NOW) for _ in range(TRIES)))
"""


class InMemory:
    """What a limiter inside one process does: the same rule, with the bucket in a variable."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._until: datetime | None = None

    def passes(self, now: datetime) -> bool:
        base = max(self._until or now, now)
        if base + self._rate.step > now + self._rate.room:
            return False
        self._until = base + self._rate.step
        return True


def passed_by(programs: Iterable[str]) -> list[int]:
    """How many takes passed in each of several processes, which begin together."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for program in programs
    ]
    for one in running:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    return [int(one.communicate()[0]) for one in running]


@pytest.mark.parametrize(("rule", "allowed"), [("RATE", RATE.limit), ("LOCK", LOCK.failures)])
def test_processes_together_pass_exactly_the_limit(db: Database, rule: str, allowed: int) -> None:
    url = db.url.render_as_string(hide_password=False)
    passed = passed_by([TAKING.format(url=url, rule=rule)] * PROCESSES)
    assert allowed < TRIES * PROCESSES
    assert sum(passed) == allowed


def test_a_bucket_in_memory_lets_each_process_pass_that_many() -> None:
    """Control: the same race, the same rule, the bucket in the process."""
    passed = passed_by([IN_MEMORY] * PROCESSES)
    assert passed == [min(TRIES, RATE.limit)] * PROCESSES
    assert sum(passed) > RATE.limit


def test_threads_of_one_process_pass_exactly_the_limit(db: Database) -> None:
    passed: list[bool] = []
    threads = [
        threading.Thread(target=lambda: passed.extend(passes(db, RATE, NOW) for _ in range(10))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(passed), sum(passed)) == (80, RATE.limit)


# --- the rate ------------------------------------------------------------------------------------------------------


def test_a_spent_bucket_fills_step_by_step_and_says_how_long(db: Database) -> None:
    assert [passes(db, RATE, NOW) for _ in range(32)] == [True] * 30 + [False] * 2
    step_s = int(RATE.step.total_seconds())
    assert wait(db, RATE, NOW) == step_s == 20
    assert not passes(db, RATE, NOW + RATE.step - timedelta(microseconds=1))
    assert passes(db, RATE, NOW + RATE.step)
    assert not passes(db, RATE, NOW + RATE.step)
    assert sum(passes(db, RATE, NOW + RATE.step + RATE.per) for _ in range(40)) == 30


def test_refusals_cost_the_one_who_asks_nothing(db: Database) -> None:
    for _ in range(60):
        passes(db, RATE, NOW)
    assert passes(db, RATE, NOW + RATE.step)


def test_keys_do_not_touch_each_other(db: Database) -> None:
    assert sum(passes(db, RATE, NOW) for _ in range(40)) == 30
    assert sum(passes(db, RATE, NOW, OTHER_KEY) for _ in range(40)) == 30


def test_a_clock_that_was_a_year_ahead_locks_nobody_out(db: Database) -> None:
    assert sum(passes(db, RATE, NOW + timedelta(days=365)) for _ in range(40)) == 30
    assert [passes(db, RATE, NOW) for _ in range(3)] == [True, False, False]
    assert passes(db, RATE, NOW + RATE.step)
    assert sum(passes(db, RATE, NOW + RATE.step + RATE.per) for _ in range(40)) == 30
    assert sum(passes(db, LOCK, NOW + timedelta(days=365), OTHER_KEY) for _ in range(9)) == 5
    assert [passes(db, LOCK, NOW, OTHER_KEY) for _ in range(3)] == [True, False, False]
    assert passes(db, LOCK, NOW + LOCK.longest, OTHER_KEY)


def test_hosts_that_disagree_by_seconds_pass_what_the_seconds_are_worth_once(db: Database) -> None:
    """Two hosts, one 40 s (two steps) ahead, take in turns for ten minutes, thirty times a minute each."""
    ahead, passed = timedelta(seconds=40), 0
    for second in range(0, 600, 2):
        now = NOW + timedelta(seconds=second)
        passed += passes(db, RATE, now) + passes(db, RATE, now + ahead)
    assert passed <= RATE.limit + 600 / 20 + 2


# --- the lock ------------------------------------------------------------------------------------------------------


def test_after_five_failures_it_holds_and_each_further_one_doubles_it(db: Database) -> None:
    assert [passes(db, LOCK, NOW) for _ in range(6)] == [True] * 5 + [False]
    now, waits = NOW, []
    for _ in range(9):
        waits.append(wait(db, LOCK, now))
        now += timedelta(seconds=waits[-1])
        assert passes(db, LOCK, now)
    assert waits == [900 * 2**n for n in range(7)] + [86_400] * 2


def test_trying_while_it_holds_does_not_make_it_longer(db: Database) -> None:
    for _ in range(50):
        passes(db, LOCK, NOW)
    assert wait(db, LOCK, NOW + timedelta(minutes=14)) == 60
    assert passes(db, LOCK, NOW + timedelta(minutes=15))


def test_success_gives_all_tries_back(db: Database) -> None:
    for _ in range(3):
        assert [passes(db, LOCK, NOW) for _ in range(5)] == [True] * 5
        with db.transaction() as session:
            forgive(session, KEY, NOW)
    assert sum(passes(db, LOCK, NOW) for _ in range(10)) == 5


def test_it_forgets_after_its_memory(db: Database) -> None:
    assert sum(passes(db, LOCK, NOW) for _ in range(4)) == 4
    assert sum(passes(db, LOCK, NOW + LOCK.memory - timedelta(seconds=1)) for _ in range(9)) == 1, "the fifth"
    much_later = NOW + 3 * LOCK.memory
    assert sum(passes(db, LOCK, much_later) for _ in range(9)) == 5


def test_a_thousand_strikes_still_end(db: Database) -> None:
    now = NOW
    for _ in range(1_000):
        passes(db, LOCK, now)
        now += LOCK.longest
    assert wait(db, LOCK, now - timedelta(hours=1)) == 3_600


# --- transactions ------------------------------------------------------------------------------------------------


class _Refused(Exception):
    """The work's own refusal."""


def test_a_take_inside_the_work_is_undone_with_it(db: Database) -> None:
    """Control: why a take has a transaction of its own. Failing inside the same one costs nothing, for ever."""

    def refused() -> None:
        with db.transaction() as session:
            take(session, KEY, LOCK, NOW)
            raise _Refused

    for _ in range(20):
        with pytest.raises(_Refused):
            refused()
    assert count(db) == 0


def test_a_take_of_its_own_stays_when_the_work_is_refused(db: Database) -> None:
    passed = 0
    for _ in range(20):
        if passes(db, LOCK, NOW):
            passed += 1
            with pytest.raises(_Refused), db.transaction():
                raise _Refused
    assert passed == LOCK.failures


def test_of_several_keys_all_are_taken_or_none(db: Database) -> None:
    small = Rate("small", 1, timedelta(minutes=1))
    with db.transaction() as session:
        take_all(session, [(KEY, RATE), (OTHER_KEY, small)], NOW)
    for _ in range(2):
        with pytest.raises(RateLimited) as caught, db.transaction() as session:
            take_all(session, [(KEY, RATE), (OTHER_KEY, small)], NOW)
        assert caught.value.rule == "small"
    assert sum(passes(db, RATE, NOW) for _ in range(40)) == 29


def crossing(db: Database, first: Callable[[Database, threading.Barrier], None]) -> list[str]:
    """Errors of two threads that take the same two keys, named in opposite orders."""
    barrier, seen = threading.Barrier(2), []

    def work() -> None:
        try:
            first(db, barrier)
        except Unavailable as problem:
            seen.append(problem.detail)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def test_opposite_orders_do_not_block_each_other(db: Database) -> None:
    turns = iter(((KEY, OTHER_KEY), (OTHER_KEY, KEY)))

    def both(db: Database, barrier: threading.Barrier) -> None:
        keys = next(turns)
        barrier.wait()
        for _ in range(50):
            with db.transaction() as session:
                take_all(session, [(key, RATE_WIDE) for key in keys], NOW)

    assert crossing(db, both) == []


RATE_WIDE = Rate("wide", 100_000, timedelta(minutes=1))


def test_one_by_one_they_do(db: Database) -> None:
    """Control: the same two keys, each thread in its own order, meet half-way."""
    turns = iter(((KEY, OTHER_KEY), (OTHER_KEY, KEY)))

    def one_by_one(db: Database, barrier: threading.Barrier) -> None:
        keys = next(turns)
        with db.transaction() as session:
            take(session, keys[0], RATE_WIDE, NOW)
            barrier.wait()
            take(session, keys[1], RATE_WIDE, NOW)

    assert crossing(db, one_by_one) == ["Somebody else is changing the same thing."]


# --- housekeeping --------------------------------------------------------------------------------------------------


def test_what_is_stale_goes_and_what_counts_stays(db: Database) -> None:
    with db.transaction() as session:
        for n in range(40):
            take(session, n.to_bytes(16), RATE, NOW)
        take(session, KEY, LOCK, NOW)
    later = NOW + RATE.per + limits.SWEEP_MARGIN
    with db.transaction() as session:
        assert sweep(session, NOW).seen == 0, "nothing can be stale yet"
        swept = sweep(session, later, most=30), sweep(session, later, most=30)
    assert [(one.seen, one.gone) for one in swept] == [(30, 30), (10, 10)]
    assert count(db) == 1
    assert sum(passes(db, LOCK, later) for _ in range(9)) == 4, "four of five tries are left"
    with db.transaction() as session:
        gone = sweep(session, later + LOCK.memory + limits.SWEEP_MARGIN)
    assert (gone.seen, gone.gone, count(db)) == (1, 1, 0)


def test_a_bucket_in_use_is_looked_at_once_a_time_and_never_loses_a_take(db: Database) -> None:
    """A thousand takes of a key cost housekeeping no more than one."""
    later = NOW + RATE.per + timedelta(seconds=1)
    assert sum(passes(db, RATE, NOW) for _ in range(40)) == 30
    assert sum(passes(db, RATE, later) for _ in range(40)) == 30
    with db.transaction() as session:
        first, second = sweep(session, later), sweep(session, later)
    assert (first.seen, first.kept, first.gone) == (1, 1, 0)
    assert second.seen == 0
    assert not passes(db, RATE, later)


def test_it_costs_what_came_up_and_not_all_there_is(db: Database) -> None:
    """The plan goes by the index of what is due, with a hundred thousand buckets that are not."""
    with db.transaction() as session:
        session.execute(
            text(
                "insert into platform_bucket (key, rule, until, passed, stale_at, sweep_at) "
                "select decode(lpad(to_hex(n), 32, '0'), 'hex'), 'x', :now, true, :later, :later "
                "from generate_series(1, 100000) n"
            ),
            {"now": NOW, "later": NOW + timedelta(days=2)},
        )
        session.execute(text("analyze platform_bucket"))
    with db.transaction() as session:
        take(session, KEY, RATE, NOW)
    read = _blocks_read(db)
    with db.transaction() as session:
        assert sweep(session, NOW + RATE.per + limits.SWEEP_MARGIN).gone == 1
    read = _blocks_read(db) - read
    assert read < 60, read
    with db.transaction() as session:
        whole = int(session.execute(text("select pg_relation_size('platform_bucket') / 8192")).scalar_one())
    assert whole > 1_000, "a look at everything would be seen"


def _blocks_read(db: Database) -> int:
    """Blocks of the table and its indexes that were asked for so far."""
    with db.transaction() as session:
        session.execute(text("select pg_stat_force_next_flush()"))
    with db.transaction() as session:
        found = session.execute(
            text(
                "select heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read "
                "from pg_statio_user_tables where relname = 'platform_bucket'"
            )
        )
        return int(found.scalar_one())


def test_a_bucket_that_is_being_taken_from_is_left_for_the_next_time(db: Database) -> None:
    later = NOW + RATE.per + limits.SWEEP_MARGIN
    assert passes(db, RATE, NOW)
    with db.transaction() as taking:
        take(taking, KEY, RATE, later)
        with db.transaction() as session:
            assert sweep(session, later).seen == 0, "it does not wait either"
    with db.transaction() as session:
        assert sweep(session, later).kept == 1


def test_the_table_writes_no_log_and_says_so(db: Database) -> None:
    with db.transaction() as session:
        kind = session.execute(text("select relpersistence from pg_class where relname = 'platform_bucket'"))
        assert kind.scalar_one() in ("u", b"u")
