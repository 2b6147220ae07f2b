"""What the platform does for plans by itself: what was decided becomes the state, what is due takes effect, history
follows slice by slice.

Owns the steps. Does not own the loop (`platform.jobs.keep_on`). Several processes do no harm: a plan, and what is to
follow of a noun, is held by one transaction at a time, and others pass it over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from gridgov.areas.following import NOTHING_LEFT, SLICE, Follower, Redrawn
from gridgov.areas.locator import Locator
from gridgov.planning import activation, drafts, publishing
from gridgov.planning.queries import time as queries
from gridgov.planning.rules import PlanState
from gridgov.platform.errors import BadInput, Conflict, NotFound

log = logging.getLogger(__name__)
Opened = Callable[[], AbstractContextManager[Session]]


def step(
    opened: Opened, followers: Sequence[Follower], locator: Locator, clock: Callable[[], datetime], *, most: int = SLICE
) -> int:
    """One round: decisions, what is due, one slice of history. `opened` gives the owner's transactions. How much was
    done; 0: nothing waits."""
    done = 0
    with opened() as session:
        due = queries.waiting(session, clock())
    for row in due:
        done += _moved(opened, row.id, followers, clock)
    return done + (1 if follow(opened, followers, locator, clock, most=most) else 0)


def _moved(opened: Opened, plan_id: int, followers: Sequence[Follower], clock: Callable[[], datetime]) -> int:
    """One plan one step further; 1 where it is somewhere else then."""
    with opened() as session:
        if queries.claim(session, plan_id) is None:
            return 0
        plan = drafts.plan(session, plan_id)
        if publishing.settle(session, plan, now=clock()) is not plan.state:
            return 1
    if plan.state is not PlanState.APPROVED:
        return 0
    try:
        with opened() as session:
            activation.activate(session, plan_id, followers=followers, clock=clock)
    except (activation.NotYet, activation.TakenByAnother):
        return 0
    except (BadInput, Conflict, NotFound) as problem:  # it will not do better by being tried again
        log.warning("plan %s cannot take effect and is a draft again: %s", plan_id, problem)
        with opened() as session:
            plan = drafts.hold(session, plan_id, alone=True)
            if plan.state is PlanState.APPROVED:
                publishing.give_back(session, plan_id, "give-back", str(problem))
    return 1


def follow(
    opened: Opened, followers: Sequence[Follower], locator: Locator, clock: Callable[[], datetime], *, most: int = SLICE
) -> bool:
    """One slice of history; False where nothing is to follow, or others are at it. What it costs grows with what lies
    in the grids that changed, whatever else is stored."""
    by_noun = {one.noun: one for one in followers}
    with opened() as session:
        row = queries.next_follow(session, [noun for noun in activation.HISTORY if noun in by_noun])
        if row is None:
            return False
        now = clock()
        before = locator.index(session, row.effective_from - timedelta(microseconds=1))
        redrawn = Redrawn(before, locator.index(session, now), now)
        part = by_noun[row.noun].later(session, redrawn, row.after, most)
        ended = now if part.after == NOTHING_LEFT else None
        queries.followed(session, row.activation_id, row.noun, part.after, part.moved, ended)
    return True
