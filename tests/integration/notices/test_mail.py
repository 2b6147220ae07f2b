"""Letters through a real mail server: plain, STARTTLS, TLS from the start, signed in; and what it refuses."""

from __future__ import annotations

import asyncio
import email
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from gridgov.notices.channels import Letter, NotSent
from gridgov.notices.mail import Server
from tests.integration.notices.receivers import certificate, served

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SENDER = "grid@city.example"


class Mailbox:
    """What the server took; addresses that begin with `no` are refused for good, with `later` for now."""

    def __init__(self) -> None:
        self.got: list[tuple[str, list[str], Message, bool]] = []

    async def handle_RCPT(  # noqa: N802 -- the library's name
        self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address.startswith("no"):
            return "550 no such mailbox"
        if address.startswith("later"):
            return "451 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        letter = email.message_from_bytes(envelope.content, policy=default)
        self.got.append((envelope.mail_from, envelope.rcpt_tos, letter, session.ssl is not None))
        return "250 taken"


@contextmanager
def mailing(**options: Any) -> Iterator[tuple[Mailbox, int]]:
    """A mail server on a port of this machine while the block lasts."""
    box, loop = Mailbox(), asyncio.new_event_loop()
    ssl_context = options.pop("ssl_context", None)
    made = loop.run_until_complete(
        loop.create_server(
            lambda: SMTP(box, hostname="localhost", loop=loop, **options), "127.0.0.1", 0, ssl=ssl_context
        )
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield box, made.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(made.close)  # in its own thread: a caller that leaves just then closes it too
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(_settled())
        loop.close()


async def _settled() -> None:
    """What still talks hears that the server has gone."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for one in others:
        one.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def letter(to: str = "desk@city.example") -> Letter:
    return Letter(uuid4(), to, "案件派遣至本单位：7", "案件派遣至本单位：7\n\nA case was dispatched to you: 7\n", NOW)


def test_a_letter_arrives_whole() -> None:
    sent = letter()
    with mailing() as (box, port):
        Server("localhost", port, "smtp", SENDER).mail(sent)
    ((sender, to, got, secure),) = box.got
    assert (sender, to, secure) == (SENDER, ["desk@city.example"], False)
    assert got["Subject"] == sent.subject
    assert got["Message-ID"] == f"<{sent.ident}@city.example>"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got.get_content().replace("\r\n", "\n") == sent.text  # type: ignore[attr-defined]


def test_a_repeat_has_the_same_message_id() -> None:
    sent = letter()
    with mailing() as (box, port):
        for _ in range(2):
            Server("localhost", port, "smtp", SENDER).mail(sent)
    assert len({got["Message-ID"] for _, _, got, _ in box.got}) == 1


def test_over_tls_from_the_start(tmp_path: Path) -> None:
    pair = certificate(tmp_path, "localhost")
    with mailing(ssl_context=served(pair)) as (box, port):
        Server("localhost", port, "smtps", SENDER, authorities=str(pair[0])).mail(letter())
        assert len(box.got) == 1
        with pytest.raises(NotSent, match="mail-server-not-trusted"):  # the control: whoever does not trust it
            Server("localhost", port, "smtps", SENDER).mail(letter())
        assert len(box.got) == 1


def test_with_starttls_and_signed_in(tmp_path: Path) -> None:
    def known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data == LoginPassword(b"grid", b"open"), handled=False)

    pair = certificate(tmp_path, "localhost")
    with mailing(tls_context=served(pair), require_starttls=True, authenticator=known, auth_required=True) as (
        box,
        port,
    ):
        way = Server("localhost", port, "smtp+starttls", SENDER, "grid", "open", str(pair[0]))
        way.mail(letter())
        assert [secure for *_, secure in box.got] == [True]
        wrong = Server("localhost", port, "smtp+starttls", SENDER, "grid", "shut", str(pair[0]))
        with pytest.raises(NotSent, match="mail-sign-in-refused: 535"):
            wrong.mail(letter())
        with pytest.raises(NotSent):  # without TLS the server takes nothing
            Server("localhost", port, "smtp", SENDER).mail(letter())
        assert len(box.got) == 1


@pytest.mark.parametrize(
    ("to", "said", "final"),
    [("no@x.example", "mailbox-refused: 550", True), ("later@x.example", "mailbox-refused: 451", False)],
)
def test_what_the_server_refuses(to: str, said: str, final: bool) -> None:
    with mailing() as (box, port), pytest.raises(NotSent) as problem:
        Server("localhost", port, "smtp", SENDER).mail(letter(to))
    assert (str(problem.value), problem.value.final) == (said, final)
    assert box.got == []


def test_a_server_that_is_not_there_is_asked_again() -> None:
    with mailing() as (_, port):
        pass
    with pytest.raises(NotSent, match="mail-server-unreachable") as problem:
        Server("localhost", port, "smtp", SENDER).mail(letter())
    assert not problem.value.final


def test_a_subject_cannot_bring_other_headers() -> None:
    odd = letter()
    odd = Letter(odd.ident, odd.to, "x\r\nBcc: other@x.example", odd.text, NOW)
    with mailing() as (box, port):
        Server("localhost", port, "smtp", SENDER).mail(odd)
    ((_, to, got, _),) = box.got
    assert to == ["desk@city.example"]
    assert "Bcc" not in got
