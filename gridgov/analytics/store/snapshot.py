"""Which transactions a moment of the database contains, as PostgreSQL writes it (pg_snapshot). Pure.

Owns its text and what it sees. Does not own where it is taken (`queries.changes`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Sees every transaction before `xmin`, none from `xmax` on, and between them those that are not `running`.

    PostgreSQL 15, 9.27.9 "Transaction ID and Snapshot Information"; `sees` is `pg_visible_in_snapshot`.
    """

    xmin: int
    xmax: int
    running: frozenset[int] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Snapshot:
        """From `xmin:xmax:running,running`. Raises `ValueError`."""
        low, high, running = text.split(":")
        return cls(int(low), int(high), frozenset(int(one) for one in running.split(",") if one))

    def __str__(self) -> str:
        return f"{self.xmin}:{self.xmax}:{','.join(str(one) for one in sorted(self.running))}"

    def sees(self, xid: int) -> bool:
        """Whether what this transaction did belongs to the moment."""
        return xid < self.xmin or (xid < self.xmax and xid not in self.running)

    def seen(self, xids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """The same for many."""
        seen: NDArray[np.bool_] = xids < self.xmax
        return seen & ~np.isin(xids, _array(self.running)) if self.running else seen


def _array(xids: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(xids, dtype=np.int64)
