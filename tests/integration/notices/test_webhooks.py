"""Webhooks to a real receiver: signed, pinned to the checked address, within limits; redirects lead nowhere."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from gridgov.notices.addresses import Allowed
from gridgov.notices.channels import Hook, NotSent
from gridgov.notices.signatures import BadSignature, verify, written
from gridgov.notices.webhooks import MOST_READ, MOST_SENT, Post
from tests.integration.notices.receivers import certificate, receiving, served

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SECRET = b"s" * 32
HERE = Allowed.of("127.0.0.1, localhost, hooks.example.org", "127.0.0.0/8")
PUBLIC_ONLY = Allowed.of("127.0.0.1, localhost, hooks.example.org", "")


def hook(url: str, body: bytes = b'{"type":"case.closed"}') -> Hook:
    return Hook(uuid4(), url, body, NOW, (SECRET,))


def refused(way: Post, sent: Hook) -> tuple[str, bool]:
    with pytest.raises(NotSent) as problem:
        way.post(sent)
    return str(problem.value), problem.value.final


def test_a_receiver_can_verify_what_came() -> None:
    with receiving() as receiver:
        sent = hook(f"http://127.0.0.1:{receiver.port}/in?x=1")
        Post(HERE).post(sent)
    ((headers, body),) = receiver.got
    assert verify(headers, body, written(SECRET), now=NOW) == str(sent.ident)
    assert headers["host"] == f"127.0.0.1:{receiver.port}"
    with pytest.raises(BadSignature):  # the control: one byte
        verify(headers, body.replace(b"closed", b"opened"), written(SECRET), now=NOW)


@pytest.mark.parametrize(
    ("status", "said"),
    [(200, None), (202, None), (301, "redirected: 301"), (307, "redirected: 307"), (404, "receiver-refused: 404"),
     (410, "receiver-refused: 410"), (503, "receiver-refused: 503")],
)  # fmt: skip
def test_only_2xx_counts_as_delivered(status: int, said: str | None) -> None:
    with receiving() as receiver:
        receiver.answer = lambda: (status, {"Location": f"http://127.0.0.1:{receiver.port}/other"}, b"")
        sent = hook(f"http://127.0.0.1:{receiver.port}/")
        if said is None:
            Post(HERE).post(sent)
        else:
            assert refused(Post(HERE), sent) == (said, status == 410)
        assert len(receiver.got) == 1  # whatever the answer says, nobody else is asked


def test_an_address_that_is_not_public_is_refused_unless_it_is_allowed() -> None:
    """The control is the receiver: allowed, it is reached at the same address."""
    with receiving() as receiver:
        sent = hook(f"https://127.0.0.1:{receiver.port}/")
        assert refused(Post(PUBLIC_ONLY), sent) == ("webhook-host-not-allowed", True)
        by_name = hook(f"https://localhost:{receiver.port}/")
        assert refused(Post(PUBLIC_ONLY), by_name) == ("webhook-host-not-allowed", True)
        assert receiver.got == []
        Post(HERE).post(hook(f"http://127.0.0.1:{receiver.port}/"))
        assert len(receiver.got) == 1


def test_a_host_taken_off_the_list_is_sent_nothing_more() -> None:
    assert refused(Post(Allowed()), hook("https://hooks.example.org/")) == ("webhook-host-not-allowed", True)


def test_the_certificate_is_that_of_the_name_although_the_number_is_asked(tmp_path: Path) -> None:
    pair = certificate(tmp_path, "localhost")
    with receiving(served(pair)) as receiver:
        trusting = Post(HERE, str(pair[0]))
        trusting.post(hook(f"https://localhost:{receiver.port}/"))
        assert receiver.got[0][0]["host"] == f"localhost:{receiver.port}"
        # The same server under a name that its certificate does not have; and for somebody who does not trust it.
        assert refused(trusting, hook(f"https://127.0.0.1:{receiver.port}/"))[0].startswith("receiver-unreachable")
        assert refused(Post(HERE), hook(f"https://localhost:{receiver.port}/"))[0].startswith("receiver-unreachable")
        assert len(receiver.got) == 1


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """DNS rebinding: the first answer of the name server is allowed, every later one is the metadata service."""
    answers = iter(["127.0.0.1"])
    asked: list[str] = []
    real = socket.getaddrinfo

    def server(host: Any, *more: Any, **named: Any) -> Any:
        if host != "hooks.example.org":
            return real(host, *more, **named)
        asked.append(host)
        return real(next(answers, "169.254.169.254"), *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", server)
    pair = certificate(tmp_path, "hooks.example.org")
    with receiving(served(pair)) as receiver:
        Post(HERE, str(pair[0])).post(hook(f"https://hooks.example.org:{receiver.port}/"))
        assert len(receiver.got) == 1
        assert asked == ["hooks.example.org"]
        # The control: now that the name leads elsewhere, nothing is sent at all.
        assert refused(Post(HERE, str(pair[0])), hook(f"https://hooks.example.org:{receiver.port}/"))[1]
        assert len(receiver.got) == 1


def test_one_bad_address_among_several_refuses_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(host: str, port: int, **_: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    assert refused(Post(HERE), hook("https://hooks.example.org/")) == ("webhook-host-not-allowed", True)


def test_an_unknown_name_and_a_closed_port_are_tried_again() -> None:
    gone = Allowed.of("nothing.invalid, 127.0.0.1", "127.0.0.0/8")
    assert refused(Post(gone), hook("https://nothing.invalid/")) == ("host-unknown", False)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        said, final = refused(Post(gone), hook(f"http://127.0.0.1:{closed.getsockname()[1]}/"))
    assert (said, final) == ("receiver-unreachable: ConnectError", False)


def test_nobody_holds_it_up_by_answering_slowly() -> None:
    """A byte now and then would go on for hours; what counts is the whole."""
    with receiving() as receiver:
        receiver.slowly_s = 0.05
        assert refused(Post(HERE, whole_s=1.0), hook(f"http://127.0.0.1:{receiver.port}/")) == (
            "receiver-too-slow",
            False,
        )


def test_sizes_are_bounded_both_ways() -> None:
    with receiving() as receiver:
        receiver.answer = lambda: (200, {}, b"x" * (MOST_READ + 1))
        assert refused(Post(HERE), hook(f"http://127.0.0.1:{receiver.port}/")) == ("answer-too-large", False)
        long = hook(f"http://127.0.0.1:{receiver.port}/", b"x" * (MOST_SENT + 1))
        assert refused(Post(HERE), long) == ("too-large", True)
        assert len(receiver.got) == 1


def test_a_proxy_of_the_environment_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with receiving() as receiver:
        Post(HERE).post(hook(f"http://127.0.0.1:{receiver.port}/"))
        assert len(receiver.got) == 1
