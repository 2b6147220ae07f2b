"""Where and when photos were taken, as their files said it: sealed, restricted, opened with a reason; and as a holding.

Owns what happens to the column. Does not own the photos (`attachments`), nor the requests of persons (`privacy`).
Without it a photo is still a photo of its incident: whatever ends the one leaves the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.incidents.attachments import TABLE, unknown
from gridgov.incidents.queries import attachments as queries
from gridgov.platform.crypto import Sealer
from gridgov.platform.personal import place
from gridgov.privacy import trail
from gridgov.privacy.holdings import Because, Ended, Held, Subject
from gridgov.privacy.retention import PHOTO_POSITION, Limits, past

NAME = "incidents.positions"


def reveal(
    session: Session, incident_id: UUID, attachment_id: UUID, *, reach: Reach | None, reason: str, sealer: Sealer
) -> dict[str, float | str]:
    """Where and when (`platform.exif.origin`); empty where the file said nothing, or it is gone. The trail keeps who
    asked, when and why. Raises `AttachmentUnknown`, `NoReason`."""
    trail.check_reason(reason)
    row = queries.gps(session, incident_id, attachment_id, reach)
    if row is None:
        raise unknown()
    trail.note(session, "reveal", TABLE, attachment_id, reason=reason, facts={"fields": ["gps"]})
    if row.gps_sealed is None:
        return {}
    facts: dict[str, float | str] = json.loads(_opened(bytes(row.gps_sealed), attachment_id, sealer))
    return facts


@dataclass(frozen=True, slots=True)
class Positions:
    """The holding (`privacy.holdings.Holding`) of the photos' positions; keys are the photos' ids.

    Nothing is frozen: a position under a legal hold stays as it is, one that is not is of no use to anybody.
    """

    name: str = NAME
    tables: tuple[str, ...] = (TABLE,)

    def find(self, session: Session, who: Subject) -> list[str]:
        """Of the incidents under a number, or of the one whose receipt was shown."""
        return [str(one) for one in queries.positions_of(session, who.indexes, who.incident_id)]

    def export(self, session: Session, keys: Sequence[str], sealer: Sealer) -> list[Held]:
        """Opened."""
        return [
            Held(
                holding=self.name,
                key=str(row.id),
                since=row.created_at,
                frozen_at=None,
                values={"gps": _opened(bytes(row.gps_sealed), row.id, sealer)},
                facts={"table": TABLE, "incident": str(row.incident_id), "photo": row.number},
            )
            for row in queries.positions(session, [UUID(key) for key in keys])
        ]

    def correct(self, session: Session, keys: Sequence[str], values: Mapping[str, str], sealer: Sealer) -> int:
        """What a camera wrote is not corrected; it can be erased."""
        return 0

    def erase(
        self, session: Session, keys: Sequence[str], *, held: Sequence[str], because: Because, now: datetime
    ) -> Ended:
        """The column is emptied, the photo stays: it is what was reported."""
        free = [UUID(key) for key in keys if key not in set(held)]
        return Ended(erased=queries.forget_positions(session, free))

    def expire(self, session: Session, *, limits: Limits, held: Sequence[str], now: datetime, slice_rows: int) -> Ended:
        """Those stored too long ago."""
        before = past(PHOTO_POSITION, limits, now)
        ids = queries.positions_past(session, before, held=[UUID(key) for key in held], limit=slice_rows)
        return Ended(erased=queries.forget_positions(session, ids))


def _opened(sealed: bytes, attachment_id: UUID, sealer: Sealer) -> str:
    return sealer.open(sealed, place=place(TABLE, "gps", attachment_id))
