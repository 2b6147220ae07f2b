"""Signatures of webhooks, as Standard Webhooks 1.0 has them: HMAC-SHA-256 over id, instant and body. Pure.

Owns signing, and the check that a receiver makes. A signature is `v1,` and base64; while a secret is being changed,
one of each stands in the header, with a blank between. `verify` needs nothing but the standard library, so that a
receiver can copy it (docs/notices.md has test vectors).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

PREFIX = "whsec_"
VERSION = "v1"
TOLERANCE = timedelta(minutes=5)  # replay window: older and newer instants are refused


class BadSignature(ValueError):
    """The message is not from who it says, or not of now."""


def written(secret: bytes) -> str:
    """A secret as it is shown, once."""
    return PREFIX + base64.b64encode(secret).decode()


def read(secret: str) -> bytes:
    """The bytes of a secret that was shown. Raises `BadSignature`."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise BadSignature("this is no secret") from None


def headers(ident: str, at: datetime, body: bytes, secrets: Iterable[bytes]) -> dict[str, str]:
    """The three headers of a message, signed with every secret that counts now."""
    stamp = str(int(at.timestamp()))
    signed = " ".join(_signature(ident, stamp, body, secret) for secret in secrets)
    return {"Webhook-Id": ident, "Webhook-Timestamp": stamp, "Webhook-Signature": signed}


def verify(got: Mapping[str, str], body: bytes, secret: str, *, now: datetime) -> str:
    """What a receiver does first: the id of the message, to be used once. `body`: the bytes as they came.

    Raises `BadSignature` for a signature that does not fit, and for an instant further than `TOLERANCE` from now.
    """
    plain = {name.lower(): value for name, value in got.items()}
    ident, stamp = plain.get("webhook-id", ""), plain.get("webhook-timestamp", "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 12) or not ident:
        raise BadSignature("the headers are not whole")
    if abs(now - datetime.fromtimestamp(int(stamp), UTC)) > TOLERANCE:
        raise BadSignature("the message is not of now")
    wanted = _signature(ident, stamp, body, read(secret)).encode()
    shown = plain.get("webhook-signature", "").encode(errors="replace").split(b" ")
    if not any([hmac.compare_digest(wanted, one) for one in shown]):  # noqa: C419 -- each is looked at
        raise BadSignature("no signature fits")
    return ident


def _signature(ident: str, stamp: str, body: bytes, secret: bytes) -> str:
    digest = hmac.digest(secret, f"{ident}.{stamp}.".encode() + body, "sha256")
    return f"{VERSION},{base64.b64encode(digest).decode()}"
