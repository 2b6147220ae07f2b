"""The files of several incidents begun at once, in the transaction that takes the reports.

Owns nothing of what a file is: `service.first` says. All begin at one instant under one calendar, so that files of one
channel differ in nothing but where they lie and by whom they were begun, and are worked out once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from gridgov.cases import records
from gridgov.cases.queries import opening as queries
from gridgov.cases.rules import By
from gridgov.cases.service import Setting, announced, first, fixed
from gridgov.platform import outbox


def open_cases(session: Session, incidents: Sequence[tuple[Any, By]], *, setting: Setting) -> None:
    """Begins the file of each incident (its row as it was stored, and who reported it)."""
    news = []
    for channel in sorted({str(row.channel) for row, _ in incidents}):
        alike = [(row, by) for row, by in incidents if row.channel == channel]
        event, file = first(*alike[0], setting=setting)
        queries.add(
            session,
            [
                {**fixed(row, setting.now), "account_id": by.account_id, "post_id": by.post_id,
                 "role": by.role.value if by.role else None, "by_agency": by.agency_id, "by_area": by.area_id}
                for row, by in alike
            ],
            records.event_values(event),
            records.file_values(file),
            records.changed_clocks(None, file),
        )  # fmt: skip
        news += [announced(event, file, row) for row, _ in alike]
    outbox.put_many(session, news, at=setting.now)
