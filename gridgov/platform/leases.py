"""Rate limits for what is asked very often: takes are paid for in advance, some at a time, and handed out from memory.

Owns what this process has paid for and not handed out. Does not own the bucket (`limits`).

Never more pass than the rule allows, however many processes there are, because nothing is handed out that was not
taken from the bucket before. What it costs: a process may hold up to a portion that another could have used, and what
is not handed out in the time in which the bucket makes good for it is lost.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy.orm import Session

from gridgov.platform.limits import Rate, RateLimited, in_force

SHARE = 40  # a portion is a fortieth of the limit
MOST_KEYS = 4_096


@dataclass(slots=True)
class _Lease:
    left: int
    since: datetime
    until: datetime


class Leases:
    """One rule's leases in this process, safe for many threads."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._lock = Lock()
        self._held: OrderedDict[bytes, _Lease] = OrderedDict()

    def take(self, opened: Callable[[], AbstractContextManager[Session]], key: bytes, now: datetime) -> None:
        """One take. `opened` gives a transaction of its own, when another portion is to be paid for.

        Raises `RateLimited`.
        """
        with self._lock:
            held = self._held.get(key)
            if held is not None and held.left and held.since <= now < held.until:
                held.left -= 1
                return
        rate = in_force(self._rate)
        portion = max(1, rate.limit // SHARE)
        try:
            with opened() as session:
                rate.take(session, key, now, count=portion)
        except RateLimited:
            if portion == 1:
                raise
            portion = 1
            with opened() as session:
                rate.take(session, key, now)
        with self._lock:
            self._held[key] = _Lease(portion - 1, now, now + rate.step * portion)
            self._held.move_to_end(key)
            while len(self._held) > MOST_KEYS:
                self._held.popitem(last=False)
