"""One delivery: its address and text are made ready, then it is sent.

Owns what goes into a message outside, and where the address comes from: from the subscription, or, for somebody who
reported, from the sealed contact at the very moment of sending, with a line in the trail. No address is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.auth.rules import EVERYWHERE
from gridgov.incidents import contacts
from gridgov.notices import texts
from gridgov.notices.channels import Channels, Hook, Letter, NotSent, Short
from gridgov.notices.queries import subscriptions
from gridgov.notices.rules import REPORTER, Channel
from gridgov.notices.texts import title
from gridgov.platform.crypto import Sealer, Unreadable
from gridgov.platform.personal import place
from gridgov.privacy.normal import phone

Opened = Callable[..., AbstractContextManager[Session]]
_MOBILE = re.compile(r"1[3-9][0-9]{9}|[+][0-9]{6,18}")  # as `normal.phone` writes them
DESTINATION, SECRET = ("notices_subscription", "destination"), ("notices_secret", "secret")


class NobodyToTell(Exception):
    """No contact was left, or it is frozen or erased, or it is no number of a mobile. `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Ways:
    """What sending needs. `opened` gives a transaction of the internal role, `incident=` names the one whose contact
    is read."""

    opened: Opened
    channels: Channels
    sealer: Sealer


def send(ways: Ways, row: Row[Any], now: datetime) -> int | None:
    """Sends one delivery; the number of parts of a short message. Raises `NotSent`, `NobodyToTell`."""
    match Channel(row.channel):
        case Channel.WEBHOOK:
            _require(ways.channels.webhook, row).post(_hook(ways, row, now))
            return None
        case Channel.MAIL:
            server = _require(ways.channels.mail, row)
            server.mail(_letter(ways, row))
            return None
        case Channel.SMS:
            return int(_require(ways.channels.sms, row).send(_short(ways, row)))


def _require(way: Any, row: Row[Any]) -> Any:
    if way is None:
        raise NotSent("channel-not-set-up", row.channel)
    return way


def payload(row: Row[Any]) -> bytes:
    """What a webhook carries: type, instant and facts. Signed as these very bytes."""
    document = {
        "id": str(row.id),
        "type": row.topic,
        "timestamp": row.at.isoformat(),
        "data": {"key": row.key, **row.facts},
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _hook(ways: Ways, row: Row[Any], now: datetime) -> Hook:
    with ways.opened() as session:
        found = _subscription(session, row)
        held = subscriptions.secrets(session, row.subscription_id, now)
    secrets = tuple(
        bytes.fromhex(_open(ways.sealer, one.secret, *SECRET, f"{row.subscription_id}:{one.version}")) for one in held
    )
    return Hook(row.id, found.url, payload(row), now, secrets)


def _letter(ways: Ways, row: Row[Any]) -> Letter:
    with ways.opened() as session:
        found = _subscription(session, row)
        zone = areas.city(session).zone
    subject, text = texts.letter(row.topic, row.facts, row.at, zone, ways.channels.link)
    to = _open(ways.sealer, found.destination, *DESTINATION, found.id)
    return Letter(row.id, to, subject, text, row.at)


def _short(ways: Ways, row: Row[Any]) -> Short:
    if row.target == REPORTER:
        to = _reporter(ways, row)
        with ways.opened() as session:
            zone = areas.city(session).zone
    else:
        with ways.opened() as session:
            found, zone = _subscription(session, row), areas.city(session).zone
        to = _open(ways.sealer, found.destination, *DESTINATION, found.id)
    return Short(row.id, to, title(row.topic, row.facts, zone, "zh"))


def _reporter(ways: Ways, row: Row[Any]) -> str:
    """The number that the reporter left. Its use stands in the trail, committed before anything is sent."""
    try:
        with ways.opened(incident=row.incident_id) as session:
            found = contacts.reveal(
                session,
                row.incident_id,
                reach=EVERYWHERE,
                reason=f"{row.topic}: answer to the reporter, delivery {row.id}",
                sealer=ways.sealer,
            )
    except contacts.ContactFrozen:
        raise NobodyToTell("contact-frozen") from None
    except contacts.NoContact:
        raise NobodyToTell("no-contact") from None
    except Unreadable:
        raise NotSent("contact-unreadable") from None
    number = phone(found.phone or "")
    if number is None or not _MOBILE.fullmatch(number):
        raise NobodyToTell("no-mobile")
    return number


def _subscription(session: Session, row: Row[Any]) -> Row[Any]:
    found = None if row.subscription_id is None else subscriptions.one(session, row.subscription_id)
    if found is None or found.ended_at is not None:
        raise NotSent("subscription-ended", final=True)
    return found


def _open(sealer: Sealer, sealed: bytes, table: str, field: str, ident: object) -> str:
    try:
        return sealer.open(bytes(sealed), place=place(table, field, ident))
    except Unreadable:
        raise NotSent("sealed-field-unreadable") from None
