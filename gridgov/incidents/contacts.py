"""The reporters' contacts: kept sealed, shown masked, revealed with a reason; and as a holding of personal data.

Owns what happens to a contact. Does not own the masks nor the requests of persons (`privacy`), nor the trail (`audit`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.incidents.queries import contacts as queries
from gridgov.incidents.rules import BadReport, Reporter
from gridgov.platform.crypto import Sealer
from gridgov.platform.errors import Conflict, NotFound
from gridgov.platform.personal import place
from gridgov.privacy import normal, notices, trail
from gridgov.privacy.holdings import Because, Ended, Held, Subject
from gridgov.privacy.masks import masked
from gridgov.privacy.retention import REPORTER_CONTACT, Limits, past
from gridgov.privacy.rules import Home

TABLE = "incidents_contact"
NAME = "incidents.contacts"
FIELDS = ("name", "phone")


class NoContact(NotFound):
    """The reporter left no contact, or it is gone, or it is not for you."""

    code = "no-contact"


class ContactFrozen(Conflict):
    """The contact is only stored: its owner or its time said so."""

    code = "contact-frozen"


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as it may be shown: masked, or opened by `reveal`. A frozen one shows no value."""

    incident_id: UUID
    name: str | None
    phone: str | None
    given_at: datetime
    frozen_at: datetime | None
    frozen_because: str | None


def keep(
    session: Session, incident_id: UUID, reporter: Reporter | None, home: Home, *, sealer: Sealer, now: datetime
) -> None:
    """Stores what the reporter left, sealed; nothing when nothing was. Raises `BadReport` for an unknown notice."""
    given = columns(session, incident_id, reporter, home, sealer=sealer, now=now)
    if given is not None:
        queries.add(session, given)


def columns(
    session: Session, incident_id: UUID, reporter: Reporter | None, home: Home, *, sealer: Sealer, now: datetime
) -> dict[str, Any] | None:
    """What is stored of what the reporter left; None where nothing was. Raises `BadReport` for an unknown notice."""
    if reporter is None or not (reporter.name or reporter.phone):
        return None
    if reporter.notice_id is not None and not notices.exists(session, reporter.notice_id):
        raise BadReport(
            "No notice has this id.", field="reporter.notice", remedy="Send the id of the notice that was shown."
        )
    sealed = _sealed(incident_id, {"name": reporter.name, "phone": reporter.phone}, sealer)
    where = {"area_id": home.area_id, "grid_id": home.grid_id, "unit_id": home.unit_id, "agency_id": home.agency_id}
    rest = {"incident_id": incident_id, "notice_id": reporter.notice_id, "created_at": now}
    return {**sealed, **where, **rest}


def home(session: Session, incident_id: UUID) -> Home:
    """Where an incident belongs that is known to be there."""
    row = queries.home(session, incident_id)
    return Home(row.area_id, row.grid_id, row.unit_id, row.agency_id)


def shown(session: Session, incident_id: UUID, *, reach: Reach, sealer: Sealer) -> Contact:
    """The contact, masked. Raises `NoContact`, also for one that lies beyond the reach."""
    return _contact(_row(session, incident_id, reach), sealer, masked)


def reveal(session: Session, incident_id: UUID, *, reach: Reach, reason: str, sealer: Sealer) -> Contact:
    """The contact as it was given; the trail keeps who, when and why.

    Raises `NoReason`, `NoContact`, `ContactFrozen`.
    """
    trail.check_reason(reason)
    row = _row(session, incident_id, reach)
    if row.frozen_at is not None:
        raise ContactFrozen(
            "This contact is only stored and may not be used.",
            remedy="Its owner, or its time, has said so; answer through the receipt.",
            because=row.frozen_because,
        )
    found = _contact(row, sealer, lambda _kind, value: value)
    fields = [name for name in FIELDS if getattr(found, name) is not None]
    trail.note(session, "reveal", TABLE, incident_id, reason=reason, facts={"fields": fields})
    return found


@dataclass(frozen=True, slots=True)
class Contacts:
    """The holding (`privacy.holdings.Holding`) of the reporters' contacts; keys are the incidents' ids."""

    name: str = NAME
    tables: tuple[str, ...] = (TABLE,)

    def find(self, session: Session, who: Subject) -> list[str]:
        """By number wherever it was left, or by the one incident whose receipt was shown."""
        if who.incident_id is not None:
            return [str(row.incident_id) for row in queries.by_ids(session, [who.incident_id])]
        return [str(one) for one in queries.with_phone(session, who.indexes)]

    def export(self, session: Session, keys: Sequence[str], sealer: Sealer) -> list[Held]:
        """Opened, frozen ones too: they are still held."""
        return [self._held(row, sealer) for row in queries.by_ids(session, [UUID(key) for key in keys])]

    def correct(self, session: Session, keys: Sequence[str], values: Mapping[str, str], sealer: Sealer) -> int:
        """Name and number; what is not given stays."""
        known = {name: values[name] for name in FIELDS if name in values}
        if not known:
            return 0
        for key in keys:
            queries.correct(session, UUID(key), _sealed(UUID(key), known, sealer))
        return len(keys)

    def erase(
        self, session: Session, keys: Sequence[str], *, held: Sequence[str], because: Because, now: datetime
    ) -> Ended:
        """Gone, but for what is held or whose matter is open: there the duty to answer stands, and it is frozen."""
        return Ended(*queries.end(session, [UUID(key) for key in keys], held=held, because=because, now=now))

    def expire(self, session: Session, *, limits: Limits, held: Sequence[str], now: datetime, slice_rows: int) -> Ended:
        """Those given too long ago, and frozen ones that nothing keeps any more."""
        ids = queries.ending(session, past(REPORTER_CONTACT, limits, now), held=held, limit=slice_rows)
        return Ended(*queries.end(session, ids, held=held, because=Because.RETENTION, now=now)) if ids else Ended()

    def _held(self, row: Row[Any], sealer: Sealer) -> Held:
        return Held(
            holding=self.name,
            key=str(row.incident_id),
            since=row.created_at,
            frozen_at=row.frozen_at,
            values=_opened(row, sealer),
            facts={"table": TABLE, "notice": row.notice_id, "frozen_because": row.frozen_because},
        )


def _row(session: Session, incident_id: UUID, reach: Reach) -> Row[Any]:
    row = queries.one(session, incident_id, reach)
    if row is None:
        raise NoContact("No contact was left with this report, or it is gone.", field="id")
    return row


def _contact(row: Row[Any], sealer: Sealer, show: Callable[[str, str | None], str | None]) -> Contact:
    values = _opened(row, sealer) if row.frozen_at is None else {}
    name, phone = (show(field, values.get(field)) for field in FIELDS)
    return Contact(row.incident_id, name, phone, row.created_at, row.frozen_at, row.frozen_because)


def _opened(row: Row[Any], sealer: Sealer) -> dict[str, str]:
    sealed = {"name": row.name_sealed, "phone": row.phone_sealed}
    return {
        field: sealer.open(bytes(value), place=place(TABLE, field, row.incident_id))
        for field, value in sealed.items()
        if value is not None
    }


def _sealed(incident_id: UUID, values: Mapping[str, str | None], sealer: Sealer) -> dict[str, bytes | None]:
    """Columns of the given fields, with the index of a number; a number that cannot be read has none."""
    columns: dict[str, bytes | None] = {
        f"{field}_sealed": sealer.seal(value, place=place(TABLE, field, incident_id)) if value else None
        for field, value in values.items()
    }
    if "phone" in values:
        number = normal.phone(values["phone"] or "")
        columns["phone_index"] = sealer.index("phone", number) if number else None
    return columns
