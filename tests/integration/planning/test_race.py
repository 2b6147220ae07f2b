"""A plan takes effect while cases are being reported: nothing lost, each case in exactly one grid in force.

The control takes the lock away from intake, and loses a case to a grid that has ended.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.areas import redrawing
from gridgov.bootstrap import House
from gridgov.cases import service as cases
from gridgov.cases.duty import Lists
from gridgov.cases.rules import SYSTEM
from gridgov.incidents import service
from gridgov.incidents.rules import Channel, Report
from gridgov.incidents.service import Indexes
from gridgov.interop.followers import FOLLOWERS
from gridgov.planning import activation, publishing
from gridgov.planning.operations import Merge
from gridgov.platform import clock, days
from gridgov.platform.db import revisions
from gridgov.platform.errors import Unavailable
from tests import sample
from tests.integration.planning import drawing
from tests.integration.planning.taking_effect import draft, followed, in_one_grid, submitted

WITHIN_S = 60.0


@pytest.fixture
def ids(house: House) -> dict[str, int]:
    return drawing.set_up(house, "W1")


@pytest.fixture
def approved(house: House, ids: dict[str, int]) -> int:
    """A plan that joins A01 and A02, ready to take effect."""
    plan_id = draft(house, {ids["W1"]: [Merge((1, 2))]})
    submitted(house, plan_id)
    with house.db.transaction() as session:
        publishing.approve_alone(session, plan_id)
    return plan_id


def report(house: House, session: Session, grid: str, rng: np.random.Generator | None = None) -> None:
    """A report and its case, in this transaction, by what the process knows."""
    lon, lat = sample.centre(grid)
    if rng is not None:
        lon, lat = lon + rng.uniform(-0.002, 0.002), lat + rng.uniform(-0.002, 0.002)
    now, marks = clock.utcnow(), revisions(session)
    house.locator.index(session, now, revision=marks.get("areas", 0))
    new = Report(uuid.uuid4(), "06010", lon, lat, now, Channel.WORKER)
    receipt = service.report(
        session, new, indexes=Indexes(house.locator, house.places, house.router, house.sealer), now=now
    )
    setting = cases.Setting(
        calendar=days.calendar(session, house.locator.city(session).zone), rules=cases.rules(session),
        locator=house.locator, lists=Lists(house.router, house.agencies), marks=marks, now=now,
    )  # fmt: skip
    cases.open_case(session, receipt.seen.row, SYSTEM, setting=setting)


def activate(house: House, plan_id: int) -> None:
    with house.db.transaction() as session:
        activation.activate(session, plan_id, followers=FOLLOWERS, clock=clock.utcnow)


def waiting(house: House) -> bool:
    """Whether anybody waits for the lock on boundaries."""
    with house.db.transaction() as session:
        sql = "select exists (select from pg_locks where locktype = 'advisory' and not granted)"
        return bool(session.execute(text(sql)).scalar_one())


def until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < ends, "nothing happens"
        time.sleep(0.01)


def reported_before_and_stored_after(house: House, plan_id: int) -> None:
    """Intake has read the boundaries; the plan takes effect; then intake ends."""
    with house.db.transaction() as session:
        report(house, session, "A01")
        report(house, session, "A02")
        plan = threading.Thread(target=activate, args=(house, plan_id))
        plan.start()
        until(lambda: waiting(house) or not plan.is_alive())
    plan.join(WITHIN_S)
    assert not plan.is_alive()


def test_whoever_has_read_the_old_boundaries_is_waited_for(house: House, approved: int) -> None:
    reported_before_and_stored_after(house, approved)
    assert in_one_grid(house) == (2, [])


def test_without_the_lock_a_case_is_left_in_a_grid_that_has_ended(
    house: House, approved: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(service, "keep_boundaries", lambda _session: None)
    reported_before_and_stored_after(house, approved)
    count, wrong = in_one_grid(house)
    assert (count, len(wrong)) == (2, 1)
    followed(house)
    assert in_one_grid(house) == (2, []), "its history's job finds it in the end"


def reported_while_it_takes_effect(house: House, plan_id: int) -> None:
    """The plan is being put in force; a report comes that began by the old boundaries."""
    began = threading.Event()

    def intake() -> None:
        with house.db.transaction() as session:
            revisions(session)
            began.set()
            report(house, session, "A01")
            report(house, session, "A02")

    taking = threading.Thread(target=intake)
    with house.db.transaction() as session:
        activation.activate(session, plan_id, followers=FOLLOWERS, clock=clock.utcnow)
        taking.start()
        began.wait(WITHIN_S)
        until(lambda: waiting(house) or not taking.is_alive())
    taking.join(WITHIN_S)
    assert not taking.is_alive()


def test_a_report_waits_and_lies_in_the_new_grid(house: House, approved: int) -> None:
    reported_while_it_takes_effect(house, approved)
    assert in_one_grid(house) == (2, [])


def test_without_the_lock_it_lies_in_the_old_one(house: House, approved: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(service, "keep_boundaries", lambda _session: None)
    reported_while_it_takes_effect(house, approved)
    assert len(in_one_grid(house)[1]) == 1


def test_many_report_while_plans_come_and_go(house: House, ids: dict[str, int]) -> None:
    """Four at once, without a pause; two plans of the community take effect among them."""
    ended, taken, faults = threading.Event(), [0] * 4, []

    def intake(number: int) -> None:
        rng = np.random.default_rng(number)
        while not ended.is_set() and taken[number] < 200:
            try:
                with house.db.transaction() as session:
                    report(house, session, ("A01", "A02", "A05", "A06")[int(rng.integers(4))], rng)
                taken[number] += 1
            except Exception as fault:  # whatever it is, the test names it
                faults.append(fault)
                return

    threads = [threading.Thread(target=intake, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        plan_id = draft(house, {ids["W1"]: [Merge((1, 2))]})
        submitted(house, plan_id)
        with house.db.transaction() as session:
            publishing.approve_alone(session, plan_id)
        before = sum(taken)
        until(lambda seen=before: sum(taken) > seen or not any(one.is_alive() for one in threads))  # type: ignore[misc]
        activate(house, plan_id)
        before = sum(taken)
        until(lambda seen=before: sum(taken) > seen or not any(one.is_alive() for one in threads))  # type: ignore[misc]
    ended.set()
    for thread in threads:
        thread.join(WITHIN_S)
    assert not faults
    assert in_one_grid(house) == (sum(taken), []), "before any job of history"


def test_a_long_import_is_not_waited_for(house: House, approved: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reports would wait behind the plan: it gives way, and is tried again."""
    monkeypatch.setattr(redrawing, "WAIT_MS", 200)
    with house.db.transaction() as session:
        redrawing.keep_boundaries(session)
        with pytest.raises(Unavailable):
            activate(house, approved)
        with house.db.transaction() as other:
            report(house, other, "A01")
    activate(house, approved)
    assert in_one_grid(house) == (1, [])


def test_two_processes_put_a_plan_in_force_once(house: House, approved: int) -> None:
    """The second passes it over while the first has it, and finds nothing to do afterwards."""
    with house.db.transaction() as session:
        activation.activate(session, approved, followers=FOLLOWERS, clock=clock.utcnow)
        with house.db.transaction() as other, pytest.raises(activation.TakenByAnother):
            activation.activate(other, approved, followers=FOLLOWERS, clock=clock.utcnow)
    with house.db.transaction() as session, pytest.raises(publishing.PlanNotThere):
        activation.activate(session, approved, followers=FOLLOWERS, clock=clock.utcnow)
    with house.db.transaction() as session:
        assert session.execute(text("select count(*) from planning_activation")).scalar_one() == 1
