"""Signatures of webhooks: the published vector of Standard Webhooks, ours, and what a receiver refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gridgov.notices.signatures import TOLERANCE, BadSignature, headers, read, verify, written

# https://github.com/standard-webhooks/standard-webhooks, spec and reference libraries
PUBLISHED = {
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "at": datetime.fromtimestamp(1614265330, UTC),
    "body": b'{"test": 2432232314}',
    "signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
# As docs/notices.md shows them.
OURS = {
    "secret": written(bytes(range(32))),
    "id": "0190a1b2-0000-5000-8000-000000000001",
    "at": datetime(2026, 11, 23, 4, 0, tzinfo=UTC),
    "body": '{"type":"case.closed","data":{"key":"例"}}'.encode(),
    "signature": "v1,VEycq4QnCPRG3NoCi1+WS/UyMiZJiwrHdpQX4uNdvIE=",
}


@pytest.mark.parametrize("vector", [PUBLISHED, OURS], ids=["published", "ours"])
def test_vectors(vector: dict[str, object]) -> None:
    secret, ident, at, body = (vector[name] for name in ("secret", "id", "at", "body"))
    assert isinstance(secret, str) and isinstance(ident, str) and isinstance(at, datetime) and isinstance(body, bytes)  # noqa: PT018
    made = headers(ident, at, body, [read(secret)])
    assert made["Webhook-Signature"] == vector["signature"]
    assert verify(made, body, secret, now=at) == ident


SECRET, AT, BODY = written(b"s" * 32), datetime(2026, 11, 23, 4, 0, tzinfo=UTC), b"{}"
GOOD = headers("m1", AT, BODY, [read(SECRET)])


def test_while_a_secret_is_changed_either_opens() -> None:
    old, new = written(b"o" * 32), written(b"n" * 32)
    made = headers("m1", AT, BODY, [read(new), read(old)])
    assert verify(made, BODY, old, now=AT) == verify(made, BODY, new, now=AT) == "m1"


@pytest.mark.parametrize(
    ("change", "body", "secret", "now"),
    [
        ({}, b"{ }", SECRET, AT),
        ({}, BODY, written(b"x" * 32), AT),
        ({"Webhook-Id": "m2"}, BODY, SECRET, AT),
        ({"Webhook-Timestamp": str(int(AT.timestamp()) + 1)}, BODY, SECRET, AT),
        ({"Webhook-Timestamp": "x"}, BODY, SECRET, AT),
        ({"Webhook-Timestamp": "²"}, BODY, SECRET, AT),
        ({"Webhook-Id": ""}, BODY, SECRET, AT),
        ({"Webhook-Signature": ""}, BODY, SECRET, AT),
        ({"Webhook-Signature": "v1,é"}, BODY, SECRET, AT),
        ({}, BODY, "whsec_no base64", AT),
        ({}, BODY, SECRET, AT + TOLERANCE + timedelta(seconds=1)),
        ({}, BODY, SECRET, AT - TOLERANCE - timedelta(seconds=1)),
    ],
)
def test_what_is_refused(change: dict[str, str], body: bytes, secret: str, now: datetime) -> None:
    with pytest.raises(BadSignature):
        verify(GOOD | change, body, secret, now=now)


def test_names_of_headers_are_taken_in_any_case() -> None:
    assert verify({name.upper(): value for name, value in GOOD.items()}, BODY, SECRET, now=AT + TOLERANCE) == "m1"
