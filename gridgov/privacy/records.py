"""The holdings of this package itself: records of consent, and requests of persons.

Owns how they are found, opened, ended and outlived. Does not own how they come about (`consents`, `requests`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.platform.crypto import Sealer
from gridgov.platform.personal import place
from gridgov.privacy import queries
from gridgov.privacy.holdings import Because, Ended, Held, Subject
from gridgov.privacy.queries import requests as request_queries
from gridgov.privacy.retention import CONSENT_RECORD, REQUEST_RECORD, Limits, past

CONSENTS, REQUESTS = "privacy.consents", "privacy.requests"
_CONSENT, _REQUEST = "privacy_consent", "privacy_request"
FORGOTTEN: Mapping[str, Any] = {"subject_sealed": None, "details_sealed": None}


@dataclass(frozen=True, slots=True)
class Consents:
    """The holding of the records of consent; keys are their ids."""

    name: str = CONSENTS
    tables: tuple[str, ...] = (_CONSENT,)

    def find(self, session: Session, who: Subject) -> list[str]:
        """By number; a receipt shows none."""
        return [str(one) for one in queries.consents_of(session, who.indexes)]

    def export(self, session: Session, keys: Sequence[str], sealer: Sealer) -> list[Held]:
        """With purposes, and since when and until when."""
        return [
            Held(
                holding=self.name,
                key=str(row.id),
                since=row.given_at,
                frozen_at=row.withdrawn_at,
                values={"phone": consent_subject(row, sealer)} if row.subject_sealed else {},
                facts={
                    "table": _CONSENT,
                    "notice": row.notice_id,
                    "purposes": list(row.purposes),
                    "separate": row.separate,
                    "channel": row.channel,
                },
            )
            for row in queries.consents(session, [UUID(key) for key in keys])
        ]

    def correct(self, session: Session, keys: Sequence[str], values: Mapping[str, str], sealer: Sealer) -> int:
        """None: what somebody agreed to, and under which number, is as it was."""
        return 0

    def erase(
        self, session: Session, keys: Sequence[str], *, held: Sequence[str], because: Because, now: datetime
    ) -> Ended:
        """Withdraws them; the records stay to show what was agreed to, until their own time is up."""
        ids = [UUID(key) for key in keys]
        queries.withdraw(session, ids, now=now, channel=because)
        return Ended(frozen=len(ids))

    def expire(self, session: Session, *, limits: Limits, held: Sequence[str], now: datetime, slice_rows: int) -> Ended:
        """Those withdrawn too long ago; one that stands is kept."""
        before = past(CONSENT_RECORD, limits, now)
        return Ended(erased=queries.expire_consents(session, before, held=held, limit=slice_rows))


@dataclass(frozen=True, slots=True)
class Requests:
    """The holding of the requests themselves; keys are their ids."""

    name: str = REQUESTS
    tables: tuple[str, ...] = (_REQUEST,)

    def find(self, session: Session, who: Subject) -> list[str]:
        """By number or by the incident whose receipt was shown."""
        return [str(one) for one in request_queries.of_subject(session, who.indexes, who.incident_id)]

    def export(self, session: Session, keys: Sequence[str], sealer: Sealer) -> list[Held]:
        """With the number and the words, where they are still there."""
        return [
            Held(
                holding=self.name,
                key=str(row.id),
                since=row.filed_at,
                frozen_at=row.ended_at,
                values=_said(row, sealer),
                facts={"table": _REQUEST, "kind": row.kind, "state": row.state},
            )
            for row in request_queries.by_ids(session, [UUID(key) for key in keys])
        ]

    def correct(self, session: Session, keys: Sequence[str], values: Mapping[str, str], sealer: Sealer) -> int:
        """None: what somebody asked for is as it was."""
        return 0

    def erase(
        self, session: Session, keys: Sequence[str], *, held: Sequence[str], because: Because, now: datetime
    ) -> Ended:
        """Forgets number and words of those that have ended; that they were answered can be shown without."""
        rows = [row for row in request_queries.by_ids(session, [UUID(key) for key in keys]) if row.ended_at is not None]
        free = [row for row in rows if str(row.id) not in set(held)]
        for row in free:
            request_queries.change(session, row.id, FORGOTTEN)
        return Ended(erased=len(free), frozen=len(keys) - len(free))

    def expire(self, session: Session, *, limits: Limits, held: Sequence[str], now: datetime, slice_rows: int) -> Ended:
        """Those answered too long ago."""
        before = past(REQUEST_RECORD, limits, now)
        return Ended(erased=request_queries.expire(session, before, held=held, limit=slice_rows))


def consent_subject(row: Row[Any], sealer: Sealer) -> str:
    """The number that a consent was given under."""
    return sealer.open(bytes(row.subject_sealed), place=place(_CONSENT, "subject", row.id))


def _said(row: Row[Any], sealer: Sealer) -> dict[str, str]:
    found: dict[str, str] = {}
    if row.subject_sealed is not None:
        found["phone"] = sealer.open(bytes(row.subject_sealed), place=place(_REQUEST, "subject", row.id))
    if row.details_sealed is not None:
        details = json.loads(sealer.open(bytes(row.details_sealed), place=place(_REQUEST, "details", row.id)))
        found |= {"words": details["words"]} if details["words"] else {}
        found |= {f"wanted {name}": value for name, value in details["values"].items()}
    return found
