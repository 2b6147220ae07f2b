"""Receipts: what lets somebody without an account ask how a matter stands.

Owns number and secret. Does not own how often somebody may ask (`api`), nor what the row policies show. The secret
follows from the incident's id and the key of the installation, so that it is stored nowhere: 50 bits, ten characters
without letters that look like others.
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.incidents.queries import receipts as queries
from gridgov.platform.crypto import Sealer, crockford
from gridgov.platform.errors import NotFound

CHARACTERS = 10
_NUMBER = re.compile(r"(\d{8})-(\d{6,18})")
_LOOKS_LIKE = str.maketrans("OIL", "011", "- ")
_NOBODYS = UUID(int=0)
_NEVER = datetime(1900, 1, 1, tzinfo=UTC)


class ReceiptUnknown(NotFound):
    """There is no incident of this number, or the secret is not its own; which of these is not said."""

    code = "receipt-unknown"


def receipt_secret(sealer: Sealer, incident_id: UUID) -> str:
    """What is told to whoever reported it."""
    return crockford(sealer.receipts(incident_id.bytes)[0], CHARACTERS)


def number_of(number: int, happened_at: datetime, zone: ZoneInfo) -> str:
    """The number as it is told: the day in the city, and a count."""
    return f"{happened_at.astimezone(zone):%Y%m%d}-{number:06d}"


def proved(session: Session, sealer: Sealer, number: str, secret: str, *, zone: ZoneInfo) -> UUID | None:
    """The incident whose number and secret these are. Takes the same steps whatever is wrong."""
    count, since, until = _span(number, zone)
    found = queries.numbered(session, count, since, until)
    typed = secret.strip().upper().translate(_LOOKS_LIKE).encode()
    made = sealer.receipts((found or _NOBODYS).bytes)
    right = sum(hmac.compare_digest(crockford(one, CHARACTERS).encode(), typed) for one in made)
    return found if right else None


def standing(session: Session, incident_id: UUID) -> Row[Any]:
    """How the matter stands; in a transaction bound to this incident. Raises `ReceiptUnknown`."""
    row = queries.standing(session, incident_id)
    if row is None:
        raise unknown()
    return row


def unknown() -> ReceiptUnknown:
    """One answer for every reason."""
    return ReceiptUnknown("No matter has this number and secret.", remedy="Type both as the receipt shows them.")


def _span(number: str, zone: ZoneInfo) -> tuple[int, datetime, datetime]:
    """(count, the day's begin, its end); what cannot be a number asks for one that nothing has."""
    parts = _NUMBER.fullmatch(number.strip())
    try:
        day = date.fromisoformat(parts[1]) if parts else date.min
        since = datetime.combine(day, time.min, zone)
        until = datetime.combine(day + timedelta(days=1), time.min, zone)
        return int(parts[2]) if parts else 0, max(since.astimezone(UTC), _NEVER), max(until.astimezone(UTC), _NEVER)
    except (ValueError, OverflowError):
        return 0, _NEVER, _NEVER
