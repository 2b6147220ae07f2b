"""What has happened, as counts by matter and area: for whoever asks what other lists would have done with it.

Owns where an incident counts: where it belongs now. Does not own what is made of the counts (`duties.dryrun`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from gridgov.duties.dryrun import Past
from gridgov.incidents.queries import past as queries


class PastIncidents:
    """`duties.checking.PastIncidents` by the incidents that are kept."""

    def counts(self, session: Session, since: datetime, until: datetime) -> Iterator[Past]:
        """One statement over the months of the time; void and double reports count for nothing."""
        for row in queries.counts(session, since, until):
            yield Past(row.category_id, row.area_id, row.incidents, row.number)
