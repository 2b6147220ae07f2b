"""What is done with events without anybody asking: each is told to whom it concerns, and what is to go out goes out.

Owns the two steps, both of which may run twice, in several processes, and be killed anywhere.

fan out   one transaction: events that wait -> messages and deliveries, each under a unique key, and the mark on them
deliver   claim for a time (committed), send (no transaction), end the claim (committed). Killed before the last: the
          claim ends by itself and it is sent again, with the same id, by which the receiver knows the repeat
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.notices import sending
from gridgov.notices.channels import NotSent
from gridgov.notices.queries import deliveries, messages, posts, subscriptions
from gridgov.notices.rules import MAX_ATTEMPTS, Body, Channel, Event, State, Subscription, told_of
from gridgov.notices.rules import deliveries as going_out
from gridgov.platform import metrics, outbox
from gridgov.platform.errors import GridgovError
from gridgov.platform.jobs import Backoff

BATCH = 200
CLAIMED = timedelta(minutes=2)  # longer than any way of sending may take
AT_ONCE = 6
KEPT = timedelta(days=90)  # messages, deliveries that ended, events that were dealt with
SWEPT = 5_000
BACKOFF = Backoff()
REST = Backoff(first=timedelta(seconds=2), factor=2.0, longest=timedelta(minutes=5))
log = logging.getLogger(__name__)


def fan_out(session: Session, city: str, *, now: datetime, most: int = BATCH) -> int:
    """Deals with some events that wait; how many. An event that cannot be understood is marked so and left behind."""
    rows = outbox.waiting(session, most)
    if not rows:
        return 0
    wanted = [
        Subscription(row.id, Channel(row.channel), tuple(row.topics), row.body) for row in subscriptions.live(session)
    ]
    problems: dict[int, str | None] = dict.fromkeys(row.id for row in rows)
    understood: list[tuple[Event, tuple[Body, ...]]] = []
    for row in rows:
        event = Event(row.id, row.topic, row.key, row.facts, row.at)
        try:
            understood.append((event, told_of(event)))
        except (ValueError, TypeError, KeyError, GridgovError) as problem:
            log.exception("event %s (%s) cannot be understood", row.id, row.topic)
            problems[row.id] = type(problem).__name__
    reached = _reached(session, {body for _, told in understood for body in told}, now)
    told, sent = [], []
    for event, meant in understood:
        hearing = dict.fromkeys(reached.get(body, body) for body in meant)
        told += [(event.id, body.name) for body in hearing]
        sent += going_out(event, (*hearing, *meant), wanted, city)
    made = messages.make(session, told, now)
    gone = deliveries.make(session, sent, now)
    outbox.taken(session, problems, now=now)
    metrics.events_taken(len(rows), messages=made, deliveries=gone)
    return len(rows)


def _reached(session: Session, meant: set[Body], now: datetime) -> dict[Body, Body]:
    """The bodies that hear it instead: an area in which nobody holds the role is heard for by the nearest above."""
    wanted = {(body.id, body.role): body for body in meant if body.kind == "area" and body.role is not None}
    found = posts.nearest(session, wanted, now)
    return {wanted[pair]: Body("area", area_id, wanted[pair].role) for pair, area_id in found.items()}


@dataclass
class Deliverer:
    """Claims and sends for one process. `clock` and `rng` (evenly in [0, 1)) come from outside.

    Targets that did not answer rest for a while in this process, so that those behind them are not kept waiting.
    """

    ways: sending.Ways
    clock: Callable[[], datetime]
    rng: Callable[[], float]
    at_once: int = AT_ONCE
    _resting: dict[str, tuple[int, datetime]] = field(default_factory=dict)

    def step(self) -> int:
        """One round: as many as are sent at the same time; how many were tried."""
        now = self.clock()
        resting = [target for target, (_, until) in self._resting.items() if until > now]
        with self.ways.opened() as session:
            rows = deliveries.claim(session, now, until=now + CLAIMED, most=self.at_once, resting=resting)
        if len(rows) == 1:
            self._one(rows[0])
        elif rows:
            with ThreadPoolExecutor(len(rows), thread_name_prefix="delivery") as pool:
                list(pool.map(self._one, rows))
        return len(rows)

    def _one(self, row: Row[Any]) -> None:
        """One delivery that is claimed; whatever happens, the claim is ended."""
        try:
            if row.attempts > MAX_ATTEMPTS:  # whoever tried was killed each time
                raise NotSent("tried-too-often", final=True)
            parts = sending.send(self.ways, row, self.clock())
        except sending.NobodyToTell as nobody:
            self._end(row, State.NO_CONTACT, problem=nobody.code)
        except NotSent as problem:
            self._failed(row, problem)
        except Exception as problem:
            log.exception("delivery %s failed", row.id)
            self._failed(row, NotSent("failed", type(problem).__name__))
        else:
            self._resting.pop(row.target, None)
            self._end(row, State.SENT, parts=parts)

    def _failed(self, row: Row[Any], problem: NotSent) -> None:
        now = self.clock()
        if not problem.final:
            fails = self._resting.get(row.target, (0, now))[0] + 1
            self._resting[row.target] = (fails, now + REST.pause(fails, self.rng))
        if problem.final or row.attempts >= MAX_ATTEMPTS:
            self._end(row, State.DEAD, problem=str(problem))
            return
        next_at = now + BACKOFF.pause(row.attempts, self.rng)
        with self.ways.opened() as session:
            deliveries.put_off(session, row.id, row.claim, next_at=next_at, problem=str(problem))
        metrics.delivery_tried(row.channel, "put-off")

    def _end(self, row: Row[Any], state: State, *, problem: str | None = None, parts: int | None = None) -> None:
        with self.ways.opened() as session:
            held = deliveries.end(
                session, row.id, row.claim, state=state.value, now=self.clock(), problem=problem, parts=parts
            )
        metrics.delivery_tried(row.channel, state.value if held else "claim-lost")


def sweep(session: Session, *, now: datetime) -> int:
    """Forgets some of what nobody needs any more; how many rows. Dead deliveries stay until they are dealt with."""
    gone = deliveries.sweep(session, now, kept=KEPT, most=SWEPT)
    gone += messages.sweep(session, now, kept=KEPT, most=SWEPT)
    return gone + outbox.forget(session, kept=KEPT, most=SWEPT, now=now)
