"""Work that is done beside answering: when it is tried again, and the loop that does it until it is told to end.

Owns back-off and the loop. Does not own any work: a job claims rows for a time, does what is to be done outside of
every transaction, and ends the claim in another; whoever is killed in between leaves a claim that ends by itself
(docs/adr/0018-deliveries-by-lease.md). So a job may run twice, and what it does must bear that.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Event

from gridgov.platform.errors import GridgovError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses between attempts: `first`, then `factor` times as long each time, never beyond `longest`.

    `spread`: the share by which a pause is made longer or shorter, so that what failed together is not tried together.
    """

    first: timedelta = timedelta(seconds=10)
    factor: float = 3.0
    longest: timedelta = timedelta(hours=6)
    spread: float = 0.2

    def pause(self, attempt: int, rng: Callable[[], float]) -> timedelta:
        """The pause after the attempt of this number (from 1). `rng`: evenly in [0, 1)."""
        most = math.log(self.longest / self.first, self.factor) + 1
        plain = self.first * float(self.factor ** min(max(attempt - 1, 0), most))
        return min(plain, self.longest) * (1 - self.spread + 2 * self.spread * rng())


def keep_on(name: str, step: Callable[[], int], ended: Event, *, idle_s: float, failed_s: float = 5.0) -> None:
    """Does steps until told to end: at once again after one that did something, after a pause otherwise.

    What a step raises is logged, and the step is tried again later: a loop that ended would do nothing any more, and
    nobody would hear of it.
    """
    pause = 0.0
    while not ended.wait(pause):
        try:
            pause = 0.0 if step() else idle_s
        except GridgovError as problem:
            log.warning("%s: put off: %s", name, problem)
            pause = failed_s
        except Exception:
            log.exception("%s: failed; it is tried again", name)
            pause = failed_s
