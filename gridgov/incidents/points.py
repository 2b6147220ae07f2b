"""Where incidents happened, in bulk: for whoever counts them at ground that is no area yet.

Owns the form in which they are read. Does not own what they are counted at (`planning.load`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime

import numpy as np
from sqlalchemy.orm import Session

from gridgov.incidents.queries import points as queries
from gridgov.planning.load import Box, Points

SINCE_1970_US = int((datetime(2000, 1, 1, tzinfo=UTC)).timestamp()) * 1_000_000


class StoredPoints:
    """`planning.load.IncidentPoints` by the incidents that are kept."""

    def newest(self, session: Session) -> int:
        return queries.newest(session)

    def storing(self, session: Session) -> frozenset[str]:
        return queries.storing(session)

    def groups(self, session: Session) -> Mapping[int, str]:
        return queries.groups(session)

    def read(self, session: Session, *, after: int, upto: int, box: Box | None = None) -> Iterator[Points]:
        """A quarter of a million at a time, in no order."""
        for some in queries.read(session, after, upto, box):
            yield Points(
                lon=some["lon"].astype(np.float64),
                lat=some["lat"].astype(np.float64),
                at_us=some["at"].astype(np.int64) + SINCE_1970_US,
                category_id=some["category_id"].astype(np.int64),
            )

    def at_atoms(self, session: Session, basis_id: int, upto: int, zone: str) -> list[tuple[date, str, int, int]]:
        return [(row.month, row.code, row.no, row.incidents) for row in queries.at_atoms(session, basis_id, upto, zone)]
