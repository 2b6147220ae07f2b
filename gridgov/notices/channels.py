"""What a channel is handed and what it may answer; the channels that an installation has. No I/O here.

Owns the forms. Does not own any way of sending (`webhooks`, `mail`, `sms`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from gridgov.notices.addresses import Allowed


class NotSent(Exception):
    """It was not delivered. `code`: a word of ours; `facts`: what it was about, without any address or text of another.

    `final`: it can never succeed as it is, so that trying again is of no use. `absent`: there is nobody to tell.
    """

    def __init__(self, code: str, facts: str = "", *, final: bool = False) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts
        self.final = final

    def __str__(self) -> str:
        return f"{self.code}: {self.facts}" if self.facts else self.code


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail. `ident` becomes its Message-ID, the same at every attempt."""

    ident: UUID
    to: str
    subject: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Short:
    """A short message. `ident` goes along, so that a gateway can know a repeat."""

    ident: UUID
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook: the bytes that are signed and sent, and the secrets that count now (newest first)."""

    ident: UUID
    url: str
    body: bytes
    at: datetime
    secrets: tuple[bytes, ...] = field(repr=False)


class Poster(Protocol):
    """Sends webhooks. Raises `NotSent`."""

    def post(self, hook: Hook) -> None: ...


class Mailer(Protocol):
    """Hands letters to a mail server. Raises `NotSent`."""

    def mail(self, letter: Letter) -> None: ...


class Gateway(Protocol):
    """Sends short messages. An adapter for a vendor is one more class of this form."""

    def send(self, short: Short) -> int:
        """How many parts were sent. Raises `NotSent`."""


@dataclass(frozen=True, slots=True)
class Channels:
    """The ways out that are set up; a delivery for one that is not waits, and says so.

    `hosts`: where webhooks may go. `link`: what people type to come here, for letters.
    """

    webhook: Poster | None = None
    mail: Mailer | None = None
    sms: Gateway | None = None
    hosts: Allowed = field(default_factory=Allowed)
    link: str | None = None
