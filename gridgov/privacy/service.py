"""Verbs that the others of this package stand on: whose data is meant, limits, legal holds.

Owns these. Does not own notices, consents, requests, nor the jobs; each has a module of its own.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from gridgov.platform.crypto import Sealer
from gridgov.platform.errors import BadInput, Conflict, NotFound
from gridgov.privacy import normal, queries, trail
from gridgov.privacy.deadlines import Limit
from gridgov.privacy.holdings import Holding, Subject
from gridgov.privacy.retention import DEADLINES

MOST_DAYS = 36_525


class LimitUnknown(BadInput):
    """No class of retention and no deadline has this name."""

    code = "limit-unknown"


class HoldingUnknown(BadInput):
    """No holding of personal data has this name."""

    code = "holding-unknown"


class HeldAlready(Conflict):
    """The row is under a legal hold."""

    code = "held-already"


class HoldUnknown(NotFound):
    """No hold of this id is in force."""

    code = "hold-unknown"


def by_phone(sealer: Sealer, phone: str) -> Subject:
    """Everything under a number, whatever key its index was made with. Raises `NoNumber`."""
    return Subject(indexes=tuple(sealer.indexes("phone", normal.the_phone(phone))))


def by_receipt(incident_id: UUID) -> Subject:
    """What came with one incident."""
    return Subject(incident_id=incident_id)


def limits(session: Session) -> dict[str, Limit]:
    """What the city has set otherwise, by name."""
    return {row.name: Limit(row.name, row.days, row.source, row.working) for row in queries.limits(session)}


def set_limit(session: Session, limit: Limit, *, known: Collection[str], now: datetime, by: int | None = None) -> None:
    """The city's own number for a class of retention (`known`) or a deadline. Raises `LimitUnknown`, `BadInput`."""
    names = {*known, *(one.name for one in DEADLINES)}
    if limit.name not in names:
        raise LimitUnknown(
            f"Nothing has the limit “{limit.name}”.", field="name", remedy=f"Use one of: {', '.join(sorted(names))}."
        )
    if not 1 <= limit.days <= MOST_DAYS:
        raise BadInput(f"A limit has 1 to {MOST_DAYS:,} days.", field="days")
    source = trail.check_reason(limit.source)
    values = {"name": limit.name, "days": limit.days, "working": limit.working, "source": source}
    queries.set_limit(session, {**values, "now": now, "by": by})


def hold(session: Session, holding: Holding, key: str, *, reason: str, now: datetime, by: int | None = None) -> int:
    """Keeps a row although its time is up, for a court or an inquiry. Its id. Raises `HeldAlready`, `NoReason`."""
    reason = trail.check_reason(reason)
    values = {"holding": holding.name, "row_key": key, "reason": reason, "now": now, "by": by}
    hold_id = queries.place_hold(session, values)
    if hold_id is None:
        raise HeldAlready("This row is held already.", field="key", remedy="Lift that hold first.")
    trail.note(session, "hold", holding.tables[0], key, reason=reason, facts={"hold": hold_id})
    return hold_id


def lift(session: Session, hold_id: int, *, reason: str, now: datetime, by: int | None = None) -> None:
    """Ends a hold: the next run of the retention does what it would have done. Raises `HoldUnknown`, `NoReason`."""
    reason = trail.check_reason(reason)
    row = queries.lift_hold(session, hold_id, now=now, by=by)
    if row is None:
        raise HoldUnknown("No hold of this id is in force.", field="id")
    trail.note(session, "lift", "privacy_hold", hold_id, reason=reason, facts={"holding": row.holding})


def holding_named(holdings: Collection[Holding], name: str) -> Holding:
    """Raises `HoldingUnknown`."""
    for one in holdings:
        if one.name == name:
            return one
    names = ", ".join(sorted(one.name for one in holdings))
    raise HoldingUnknown(f"There is no holding “{name}”.", field="holding", remedy=f"Use one of: {names}.")
