"""Which clocks turned yellow or red between two instants. Pure.

Owns the decision. Does not own finding clocks whose instants lie in the span, nor telling anybody. The instants of a
clock stay where they are once they have passed, so spans that follow each other find each turn once, whatever was
paused and resumed in between. A sweep that runs again, or looks back further than transactions last, finds the same
turns with the same keys: who writes a key once announces once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gridgov.cases.clocks import Clock, Light
from gridgov.platform.civil import TICK


@dataclass(frozen=True, slots=True)
class Turn:
    """A clock shows this light from `at` on; red from the microsecond after the due time on."""

    name: str
    light: Light
    at: datetime

    @property
    def key(self) -> str:
        """The same for the same turn; an extension that moves it makes it another."""
        return f"{self.name}|{self.light}|{self.at.isoformat()}"


def turned(clocks: Iterable[Clock], since: datetime, until: datetime) -> list[Turn]:
    """Turns after `since`, up to and at `until`, in order of time.

    A clock that stood still before an instant did not reach it; one that skipped the span between yellow and red has
    both turns.
    """
    found = [turn for clock in clocks for turn in turns(clock) if since < turn.at <= until]
    return sorted(found, key=lambda turn: (turn.at, turn.name, list(Light).index(turn.light)))


def turns(clock: Clock) -> list[Turn]:
    """When the clock turned, or will turn if nothing happens to it; none after it stood still or ended."""
    stopped = clock.paused_at or clock.ended_at
    instants = ((Light.YELLOW, clock.yellow_at), (Light.RED, clock.due_at + TICK))
    return [Turn(clock.name, light, at) for light, at in instants if stopped is None or at <= stopped]


def next_turn(clock: Clock, now: datetime) -> datetime | None:
    """When to look at the clock next: its first turn after `now`; None when none is to come."""
    return min((turn.at for turn in turns(clock) if turn.at > now), default=None)
