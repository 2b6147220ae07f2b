"""Verbs of the trail that others use: note what changes no row, and look at what was noted.

Owns what a note must have. Does not own the entries that triggers write, nor sealing (`sealing`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.audit.queries import trail as queries
from gridgov.audit.rules import Action, Seal
from gridgov.platform.errors import BadInput, NotFound

REASON_LEAST, REASON_MOST = 4, 500
WITH_REASON = frozenset({Action.REVEAL, Action.EXPORT})


class ReasonMissing(BadInput):
    """What is done here is done for a reason that somebody can read later."""

    code = "reason-missing"


def note(
    session: Session,
    action: str,
    noun: str,
    row_id: str | None = None,
    *,
    reason: str | None = None,
    facts: Mapping[str, Any] | None = None,
    unit_id: int | None = None,
) -> int:
    """Records, in this transaction, what the bound account did; returns the entry's id.

    `noun`: the table or thing; `facts`: numbers and codes, never a personal value. A reveal and an export need a
    reason of 4 to 500 characters: `ReasonMissing`.
    """
    said = checked_reason(action, reason)
    values = {"action": action, "noun": noun, "row_id": row_id, "reason": said or None, "unit_id": unit_id}
    return queries.note(session, values, facts)


def checked_reason(action: str, reason: str | None) -> str:
    """The reason as it will be noted: for work that takes long, before it begins. Raises as `note` does."""
    said = (reason or "").strip()
    if action in WITH_REASON and len(said) < REASON_LEAST:
        raise ReasonMissing("Say why.", field="reason", remedy=f"At least {REASON_LEAST} characters.")
    if len(said) > REASON_MOST:
        raise BadInput(f"This is longer than {REASON_MOST} characters.", field="reason")
    return said


class EntryUnknown(NotFound):
    code = "entry-unknown"


class SealUnknown(NotFound):
    code = "seal-unknown"


class TrailMissing(NotFound):
    """The city has no audit trail yet, or is not there."""

    code = "trail-missing"


def require_trail(session: Session) -> None:
    """Raises `TrailMissing`. Looking at a trail brings nothing up to date: what is examined is not touched."""
    if not queries.is_there(session):
        raise TrailMissing(
            "This database holds no audit trail of the city.",
            field="GRIDGOV_CITY",
            remedy="Name another city, or run “gridgov db migrate” first.",
        )


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of entries is cut down to; None leaves a part open. `account`: a name; `before`: an entry's id."""

    id: int | None = None
    noun: str | None = None
    row_id: str | None = None
    account: str | None = None
    action: str | None = None
    unit_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def find(session: Session, wanted: Filter, *, limit: int = 100) -> list[Row[Any]]:
    """Entries, newest first (id, xid, at, account_id, account, post_id, role, login, action, noun, row_id, unit_id,
    before, after, facts, reason)."""
    return queries.entries(session, asdict(wanted), limit)


def one(session: Session, entry_id: int) -> Row[Any]:
    """One entry, with the columns of `find`. Raises `EntryUnknown`."""
    found = find(session, Filter(id=entry_id), limit=1)
    if not found:
        raise EntryUnknown("There is no such entry.", field="id")
    return found[0]


def seal(session: Session, number: int) -> Seal:
    """One seal; of number 0 the last. Raises `SealUnknown`."""
    found = queries.seal(session, number)
    if found is None:
        raise SealUnknown("There is no such seal.", field="number")
    return found


def waiting(session: Session) -> tuple[int, str | None]:
    """(count, since) of the entries that no seal has reached yet; for health and metrics."""
    before = queries.sealed_before(session)
    return queries.waiting(session, before.upto, before.open)
