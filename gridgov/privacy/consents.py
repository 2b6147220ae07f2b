"""Consents (同意): given to named purposes after a notice, apart for sensitive ones, withdrawn at any time.

Owns the record and what follows from a withdrawal. Does not own the data that was given: the holdings end its use.
Where the law lays a duty on the city no consent is asked for (articles 13, 34), and none is recorded.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from gridgov.platform.crypto import Sealer
from gridgov.platform.errors import BadInput, Conflict
from gridgov.platform.personal import Basis, place
from gridgov.privacy import normal, notices, queries, trail
from gridgov.privacy.holdings import Because, Ended, Holding, Subject
from gridgov.privacy.records import CONSENTS, consent_subject

TABLE = "privacy_consent"


class Channel(StrEnum):
    """How a consent was given or withdrawn."""

    MINI_PROGRAM = "mini-program"
    WINDOW = "window"
    VISIT = "visit"
    HOTLINE = "hotline"


class NoConsentNeeded(BadInput):
    """The purpose rests on something else, and stays lawful without consent."""

    code = "no-consent-needed"


class SeparateConsentNeeded(BadInput):
    """Sensitive data needs a consent of its own (单独同意)."""

    code = "separate-consent-needed"


class OtherConsent(Conflict):
    """The id was used before for another consent."""

    code = "id-used-for-another-consent"


@dataclass(frozen=True, slots=True)
class NewConsent:
    """A consent as it was given; `id` is made by the client. `separate`: asked and given for these purposes alone."""

    id: UUID
    phone: str
    notice_id: int
    purposes: tuple[str, ...]
    channel: Channel
    separate: bool = False


def give(session: Session, new: NewConsent, *, sealer: Sealer, now: datetime, by: int | None = None) -> None:
    """Records it; the same again changes nothing.

    Raises `NoticeUnknown`, `NoConsentNeeded`, `SeparateConsentNeeded`, `NoNumber`, `OtherConsent`.
    """
    number = normal.the_phone(new.phone)
    _check(new, {one.code: one for one in notices.get(session, new.notice_id).purposes})
    values = {
        "id": new.id,
        "index": sealer.index("phone", number),
        "sealed": sealer.seal(new.phone, place=place(TABLE, "subject", new.id)),
        "notice_id": new.notice_id,
        "purposes": list(new.purposes),
        "separate": new.separate,
        "channel": new.channel,
        "now": now,
        "by": by,
    }
    if queries.add_consent(session, values):
        return
    row = queries.consent(session, new.id)
    same = row is not None and (row.notice_id, tuple(row.purposes), row.separate) == (
        new.notice_id,
        new.purposes,
        new.separate,
    )
    if not same or row is None or consent_subject(row, sealer) != new.phone:
        raise OtherConsent(
            "This id was used before for another consent.", field="id", remedy="Make a new id for a new consent."
        )


def stands(session: Session, who: Subject, purpose: str, *, separate: bool = False) -> bool:
    """Whether somebody agrees to a purpose now; ask before each use that rests on consent."""
    return queries.agreed(session, who.indexes, purpose, separate=separate)


def withdraw(
    session: Session,
    who: Subject,
    holdings: Collection[Holding],
    *,
    channel: Channel,
    now: datetime,
) -> Mapping[str, Ended]:
    """Ends every consent of a number, and the use of what was given: erased, or frozen where a duty keeps it.

    Contacts rest on a duty and not on consent; who withdraws does not want to be called, and they end too. What was
    done until now stays lawful (article 15). What each holding did, by name.
    """
    ids = queries.consents_of(session, who.indexes)
    withdrawn = queries.withdraw(session, ids, now=now, channel=channel)
    # Found before anything ends: what lies beside a contact is found by it.
    found = {holding: holding.find(session, who) for holding in holdings if holding.name != CONSENTS}
    done: dict[str, Ended] = {}
    for holding, keys in found.items():
        if keys:
            held = queries.held(session, holding.name)
            done[holding.name] = holding.erase(session, keys, held=held, because=Because.WITHDRAWAL, now=now)
    facts = {name: {"erased": one.erased, "frozen": one.frozen} for name, one in done.items()}
    trail.note(session, "withdraw", TABLE, None, facts={"consents": withdrawn, "holdings": facts})
    return done


def _check(new: NewConsent, offered: Mapping[str, notices.Purpose]) -> None:
    if not new.purposes or len(set(new.purposes)) != len(new.purposes):
        raise BadInput("A consent names its purposes, each once.", field="purposes")
    for code in new.purposes:
        if code not in offered:
            raise BadInput(
                f"The notice has no purpose “{code}”.", field="purposes", remedy=f"Use one of: {', '.join(offered)}."
            )
        if offered[code].basis is not Basis.CONSENT:
            raise NoConsentNeeded(
                f"“{code}” rests on {offered[code].basis}, not on consent.",
                field="purposes",
                remedy="Do not ask for consent where none is needed.",
            )
    if any(offered[code].sensitive for code in new.purposes) and not (new.separate and len(new.purposes) == 1):
        raise SeparateConsentNeeded(
            "Sensitive data needs a consent of its own.", field="separate", remedy="Ask for this purpose alone."
        )
