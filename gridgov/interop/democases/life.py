"""The time of one case: what its people do next, and when.

Owns delays and the end of the telling. Does not own what happens (`plots`), nor whether it may (`cases.deciding`): a
step that the tables refuse raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import exp, log
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
from sqlalchemy import Row

from gridgov.areas.rules import AreaFacts
from gridgov.cases.bulk import Step, Unfolding
from gridgov.cases.file import CaseFile
from gridgov.cases.rules import Action, Body, Command, Place, Standing
from gridgov.interop.democases.cast import Cast
from gridgov.interop.democases.words import REASONS, TEXTS
from gridgov.interop.democases.world import World
from gridgov.platform.calendars import Calendar, Unit, advance_us

T = TypeVar("T")


class Over(Exception):
    """The telling ends here: the last day is over, or nobody has gone on yet."""


@dataclass(slots=True)
class Life:
    """One case as it is lived. `until`: nothing happens after it; `most`: nor after so many steps. `last`: one of the
    last, which show what there is; `near`: an open case of the same matter close by."""

    unfolding: Unfolding
    incident: Row[Any]
    path: Sequence[AreaFacts]
    ground: Place
    cast: Cast
    world: World
    calendar: Calendar
    rng: np.random.Generator
    at: datetime
    until: datetime
    most: int
    bodies: tuple[Body, ...]
    last: bool = False
    near: UUID | None = None
    steps: list[Step] = field(default_factory=list)

    @property
    def file(self) -> CaseFile:
        return self.unfolding.file

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def linger(self, share: float = 0.35) -> None:
        """Among the last ones, some wait here for whoever is next. Raises `Over`."""
        if self.last and self.chance(share):
            raise Over

    def pick(self, some: Sequence[T]) -> T:
        return some[int(self.rng.random() * len(some))]

    def wait(self, minutes: float) -> None:
        """About so many minutes by any clock."""
        self.at += timedelta(seconds=max(20, round(60 * minutes * exp(float(self.rng.normal(0, 0.6))))))

    def office(self, hours: float) -> None:
        """About so many working hours."""
        seconds = max(60, round(3600 * hours * exp(float(self.rng.normal(0, 0.6)))))
        self.at = advance_us(self.at, seconds * 1_000_000, Unit.WORK_HOUR, self.calendar)

    def use(self, clock: str, summons: int = 0, *, usual: float = 0.45) -> None:
        """Time passes until a share of what a clock allows is used: about the usual one, seldom more than all."""
        found = self.file.clock(clock, summons)
        if found is None:
            return self.office(2)
        share = exp(log(usual) + 0.42 * float(self.rng.normal()))
        running = found.clock
        then = advance_us(
            running.running_since or self.at, max(0, round(running.allowed * share) - running.used),
            running.limit.unit, self.calendar,
        ).replace(microsecond=0)  # fmt: skip
        if running.limit.unit in (Unit.WORK_DAY, Unit.NATURAL_DAY):
            local = then.astimezone(self.calendar.zone)
            seconds = int(9 * 3600 + 8 * 3600 * self.rng.random())
            then = (local.replace(hour=0, minute=0, second=0) + timedelta(seconds=seconds)).astimezone(UTC)
        self.at = max(then, self.at + timedelta(minutes=5))

    def do(self, who: Standing, action: Action, **sent: Any) -> None:
        """One step, with words where it needs some. Raises `Over`."""
        if self.at > self.until or len(self.steps) >= self.most:
            raise Over
        sent.setdefault("reason", self.pick(REASONS[action]) if action in REASONS else "")
        sent.setdefault("text", self.pick(TEXTS[action]) if action in TEXTS else "")
        step = Step(self.at, who, Command(action, **sent))
        self.unfolding.take(step)
        self.steps.append(step)

    @property
    def holder(self) -> Body:
        found = self.file.holder
        assert found is not None
        return found
