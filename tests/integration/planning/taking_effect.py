"""Plans that take effect in tests: drawn by operations, submitted, decided on, put in force by the platform itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.areas.following import Takeover
from gridgov.areas.locator import Locator
from gridgov.audit import approval
from gridgov.auth.rules import Role
from gridgov.bootstrap import Caller, House
from gridgov.interop.followers import FOLLOWERS
from gridgov.planning import activation, drafts, editing, jobs, publishing, service, steering
from gridgov.planning.activation import Activated
from gridgov.planning.changes import Change
from gridgov.planning.operations import Operation
from gridgov.platform import clock
from tests.people import Person, appoint


def draft(
    house: House,
    operations: Mapping[int, Sequence[Operation]],
    changes: Sequence[Change] = (),
    takeovers: Sequence[Takeover] = (),
    name: str = "网格调整",
) -> int:
    """A plan of the owner: operations by community, changes above, who takes over what."""
    now = clock.utcnow()
    with house.db.transaction() as session:
        plan_id = service.create(session, None, name=name, communities=list(operations), now=now)
        for part in drafts.parts(session, plan_id):
            if operations[part.community_id]:
                editing.operate(session, None, part.id, list(operations[part.community_id]), revision=0, now=now)
        steering.put_changes(session, None, plan_id, list(changes), now=now)
        steering.put_matters(session, None, plan_id, list(takeovers), now=now)
    return plan_id


def submitted(house: House, plan_id: int, planner: Person | None = None, wanted_from: datetime | None = None) -> int:
    """Asks for another person's yes; the approval's id (0: the owner asked, and needs none)."""
    if planner is None:
        with house.db.transaction() as session:
            publishing.submit(
                session, None, plan_id, wanted_from=wanted_from, index=Locator().index(session, clock.utcnow()),
                followers=FOLLOWERS, now=clock.utcnow(),
            )  # fmt: skip
            return 0
    raise NotImplementedError


def put_in_force(house: House, plan_id: int) -> Activated:
    """The owner's way, at once."""
    submitted(house, plan_id)
    with house.db.transaction() as session:
        publishing.approve_alone(session, plan_id)
    with house.db.transaction() as session:
        return activation.activate(session, plan_id, followers=FOLLOWERS, clock=clock.utcnow)


def followed(house: House, most: int = 20_000) -> int:
    """All history follows; in how many slices."""
    slices = 0
    while jobs.follow(house.db.transaction, FOLLOWERS, house.locator, clock.utcnow, most=most):
        slices += 1
    return slices


def step(house: House, at: Callable[[], datetime] = clock.utcnow) -> int:
    """One round of the platform's own work."""
    return jobs.step(house.db.transaction, FOLLOWERS, house.locator, at)


def until(house: House, plan_id: int, state: str, at: Callable[[], datetime] = clock.utcnow) -> None:
    """Rounds until the plan is there and its history has followed; a server of the same city may be at it too."""
    asked = "select state from planning_plan where id = :id"
    left = "select count(*) from planning_follow where done_at is null"
    for _ in range(600):
        done = step(house, at)
        with house.db.transaction() as session:
            there = session.execute(text(asked), {"id": plan_id}).scalar_one() == state
            if there and not session.execute(text(left)).scalar_one():
                return
        if not done:
            time.sleep(0.05)
    raise AssertionError(f"plan {plan_id} does not become {state}")


def decided(house: House, approval_id: int, *, yes: bool, note: str = "") -> None:
    """By a supervisor of the whole city."""
    person = appoint(house, Role.DISTRICT_SUPERVISOR)
    with house.acting(Caller("approvals.decide", person.credential)) as work:
        approval.decide(work.session, work.actor, approval_id, yes=yes, note=note, now=work.now)


def grids(session: Session) -> dict[str, int]:
    """Code -> id of the grids in force."""
    rows = session.execute(text("select code, area_id from areas_version where level = 'grid' and upper_inf(valid)"))
    return {row.code: row.area_id for row in rows}


def in_one_grid(house: House) -> tuple[int, list[Any]]:
    """How many incidents there are, and those that do not lie in exactly the grid in force at their point, or whose
    case says otherwise."""
    with house.db.transaction() as session:
        rows = session.execute(
            text(
                "select i.id, i.grid_id, i.unit_id, c.grid_id as case_grid, c.unit_id as case_unit, "
                "st_x(i.geom) as lon, st_y(i.geom) as lat from incidents i left join cases c on c.id = i.id"
            )
        ).all()
        index = Locator().index(session, clock.utcnow())
    wrong = []
    for row in rows:
        found = index.locate(row.lon, row.lat)
        unit = found.unit
        if (row.grid_id, row.unit_id) != (found.deepest.id, None if unit is None else unit.id) or (
            row.case_grid is not None and (row.case_grid, row.case_unit) != (row.grid_id, row.unit_id)
        ):
            wrong.append(row)
    return len(rows), wrong
