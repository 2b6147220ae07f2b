"""The queue of the hot path: what waits, what is sent away, what its end waits for; and a plan that takes effect."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import text

from gridgov import bootstrap
from gridgov.api import intake
from gridgov.api.app import create_app
from gridgov.api.guards import Busy
from gridgov.api.intake import Queue
from gridgov.api.taking import Outcome
from gridgov.areas.redrawing import change_boundaries
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.interop.followers import FOLLOWERS
from gridgov.planning import activation, publishing
from gridgov.planning.operations import Merge
from gridgov.platform import clock
from tests.integration.api.serving import eventually, served
from tests.integration.incidents.together import asked, body, receipts, taken
from tests.integration.planning import drawing
from tests.integration.planning.taking_effect import draft, in_one_grid, submitted
from tests.people import Person, appoint


@pytest.fixture
def city(sampled: House) -> House:
    return sampled


@pytest.fixture
def worker(city: House) -> Person:
    return appoint(city, Role.GRID_WORKER, area="A02")


def stored(house: House) -> list[tuple[str, int]]:
    """(transaction, reports in it), oldest first."""
    with house.db.transaction() as session:
        sql = "select xmin::text, count(*) from incidents group by 1 order by min(number)"
        return [(row[0], row[1]) for row in session.execute(text(sql))]


def waiting(house: House) -> int:
    """How many wait for the lock on boundaries."""
    with house.db.transaction() as session:
        sql = "select count(*) from pg_locks where locktype = 'advisory' and not granted and database = " \
              "(select oid from pg_database where datname = current_database())"  # fmt: skip
        return int(session.execute(text(sql)).scalar_one())


async def until(true: Callable[[], bool]) -> None:
    await asyncio.to_thread(eventually, true)


def test_what_comes_while_one_is_written_is_written_together(city: House, worker: Person) -> None:
    """Nothing waits for others to come: the first goes alone. The next transaction takes all that came meanwhile."""

    async def run() -> list[Outcome]:
        queue = Queue(city, writers=1)
        with city.db.transaction() as session:
            change_boundaries(session)
            first = asyncio.create_task(queue.put(asked(worker, body())))
            await until(lambda: waiting(city) == 1)
            rest = [asyncio.create_task(queue.put(asked(worker, body()))) for _ in range(9)]
            await asyncio.sleep(0)
        outcomes = await asyncio.gather(first, *rest)
        await queue.close()
        return list(outcomes)

    receipts(asyncio.run(run()))
    assert [n for _, n in stored(city)] == [1, 9]


def test_a_batch_has_an_end(city: House, worker: Person) -> None:
    async def run() -> list[Outcome]:
        queue = Queue(city, writers=1, most_together=4)
        outcomes = await asyncio.gather(*(queue.put(asked(worker, body())) for _ in range(10)))
        await queue.close()
        return list(outcomes)

    receipts(asyncio.run(run()))
    assert sorted(n for _, n in stored(city)) == [1, 1, 4, 4]


def test_who_comes_when_too_many_wait_is_sent_away(city: House, worker: Person) -> None:
    async def run() -> tuple[list[Outcome], list[BaseException]]:
        queue = Queue(city, writers=1, most_waiting=3)
        with city.db.transaction() as session:
            change_boundaries(session)
            tasks = [asyncio.create_task(queue.put(asked(worker, body()))) for _ in range(6)]
            await until(lambda: waiting(city) == 1)
        found = await asyncio.gather(*tasks, return_exceptions=True)
        await queue.close()
        return [one for one in found if not isinstance(one, BaseException)], [
            one for one in found if isinstance(one, BaseException)
        ]

    taken_ones, refused = asyncio.run(run())
    assert len(receipts(taken_ones)) == 4
    assert [type(one) for one in refused] == [Busy, Busy]
    assert sum(n for _, n in stored(city)) == 4


def test_the_end_waits_for_what_was_put(city: House, worker: Person) -> None:
    """Also for those whose client has stopped to listen: they are stored, and a repeat finds them."""

    async def run() -> bool:
        queue = Queue(city)
        with city.db.transaction() as session:
            change_boundaries(session)
            tasks = [asyncio.create_task(queue.put(asked(worker, body()))) for _ in range(5)]
            await until(lambda: waiting(city) > 0)
            for one in tasks[:2]:
                one.cancel()
            closing = asyncio.create_task(queue.close())
            await asyncio.sleep(0.05)
            early = closing.done()
        await closing
        return early

    assert asyncio.run(run()) is False
    assert sum(n for _, n in stored(city)) == 5


def test_over_http_it_is_said_when_to_come_again(city: House, worker: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_WAITING", 0)
    with served(create_app(city)) as port:
        address = f"http://127.0.0.1:{port}/api/v1/incidents"
        answer = httpx.post(address, json=body(), headers=worker.headers, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["retry-after"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert stored(city) == []


# --- a plan takes effect ---------------------------------------------------------------------------------------------


@pytest.fixture
def approved(house: House) -> int:
    """A plan that joins A01 and A02, ready to take effect."""
    ids = drawing.set_up(house, "W1")
    plan_id = draft(house, {ids["W1"]: [Merge((1, 2))]})
    submitted(house, plan_id)
    with house.db.transaction() as session:
        publishing.approve_alone(session, plan_id)
    return plan_id


def reported_while_it_takes_effect(house: House, plan_id: int) -> None:
    """The plan is being put in force; reports come that know the old boundaries."""
    worker = appoint(house, Role.CENTRE_OPERATOR)
    receipts(taken(house, (worker, body("A05", channel="hotline"))))  # whatever is kept in memory is kept from before
    found: list[Outcome] = []
    sent = [(worker, body(grid, channel="hotline", happened_at=clock.utcnow().isoformat())) for grid in ("A01", "A02")]
    taking = threading.Thread(target=lambda: found.extend(taken(house, *sent)))
    with house.db.transaction() as session:
        activation.activate(session, plan_id, followers=FOLLOWERS, clock=clock.utcnow)
        taking.start()
        eventually(lambda: waiting(house) > 0 or not taking.is_alive())
    taking.join(60)
    assert len(receipts(found)) == 2


def test_reports_wait_for_a_plan_and_lie_in_the_new_grid(house: House, approved: int) -> None:
    reported_while_it_takes_effect(house, approved)
    assert in_one_grid(house) == (3, [])


def test_without_the_lock_they_lie_in_the_old_one(house: House, approved: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(bootstrap, "keep_boundaries", lambda _session: None)
    reported_while_it_takes_effect(house, approved)
    assert len(in_one_grid(house)[1]) == 1


def test_many_report_while_plans_come_and_go(house: House) -> None:
    """Through the queue, without a pause; two plans of the community take effect among them."""
    ids = drawing.set_up(house, "W1")
    worker = appoint(house, Role.CENTRE_OPERATOR)
    ended = threading.Event()
    outcomes: list[Outcome] = []

    async def report(queue: Queue, grid: str) -> None:
        while not ended.is_set() and len(outcomes) < 600:
            sent = body(grid, id=str(uuid.uuid4()), channel="hotline", happened_at=clock.utcnow().isoformat())
            outcomes.append(await queue.put(asked(worker, sent)))

    async def run() -> None:
        queue = Queue(house)
        await asyncio.gather(*(report(queue, grid) for grid in ("A01", "A02", "A05", "A06") * 3))
        await queue.close()

    def some_more() -> None:
        before = len(outcomes)
        eventually(lambda: len(outcomes) > before or not thread.is_alive())

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    for _ in range(2):
        plan_id = draft(house, {ids["W1"]: [Merge((1, 2))]})
        submitted(house, plan_id)
        with house.db.transaction() as session:
            publishing.approve_alone(session, plan_id)
        some_more()
        with house.db.transaction() as session:
            activation.activate(session, plan_id, followers=FOLLOWERS, clock=clock.utcnow)
        some_more()
    ended.set()
    thread.join(60)
    assert in_one_grid(house) == (len(receipts(outcomes)), []), "before any job of history"
