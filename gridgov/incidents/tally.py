"""How many incidents there are of each category, counted now and then.

Owns the last count of this process and its age. Counting reads an index from end to end, so its cost grows with all
that was ever stored: a count is kept for `KEPT_S` seconds, and longer the more there is to count. Whoever shows a count
shows when it was made. A bulk load (the revision of `incidents`) makes the next question count anew.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.incidents import queries

KEPT_S = 5.0
KEPT_REACHES = 256
ROWS_FOR_A_SECOND = 250_000  # some 5 million are counted in a second: a twentieth of the time goes into it


@dataclass(frozen=True, slots=True)
class Counted:
    """Category id -> incidents, as they were committed at the instant `counted_at`."""

    by_category: Mapping[int, int]
    counted_at: datetime

    @property
    def total(self) -> int:
        return sum(self.by_category.values())


class Tally:
    """One for all threads of a process. While one of them counts, the others are given the last count."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[Reach, tuple[int, float, Counted]] = OrderedDict()  # revision, seconds to keep, count

    def counts(self, session: Session, *, now: datetime, revision: int, reach: Reach) -> Counted:
        """The count within the reach; `revision` is that of `incidents` as this transaction sees it."""
        kept = self._kept.get(reach)
        if kept is not None and kept[0] == revision and self._fresh(kept, now):
            return kept[2]
        if not self._lock.acquire(blocking=kept is None or kept[0] != revision):
            assert kept is not None
            return kept[2]
        try:
            later = self._kept.get(reach)
            if later is not kept and later is not None and later[0] == revision and self._fresh(later, now):
                return later[2]  # somebody counted while we waited
            counted = Counted(queries.counts_by_category(session, reach), now)
            keep_s = max(KEPT_S, counted.total / ROWS_FOR_A_SECOND)
            self._kept[reach] = (revision, keep_s, counted)
            self._kept.move_to_end(reach)
            while len(self._kept) > KEPT_REACHES:
                self._kept.popitem(last=False)
            return counted
        finally:
            self._lock.release()

    @staticmethod
    def _fresh(kept: tuple[int, float, Counted], now: datetime) -> bool:
        """Also false for a count of the future, which a clock that was set back leaves behind."""
        return abs((now - kept[2].counted_at).total_seconds()) < kept[1]
