"""Sealing of personal fields: AES-256-GCM with the place of the field as additional data; and keyed fingerprints.

Owns the key file and the cipher. Does not own what is personal (the tables say so) nor who may open it (`auth`).
A sealed field is bound to its table, column and row: copied elsewhere, it does not open.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gridgov.platform.errors import Unavailable

_KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = b"\x01"


class Unreadable(Unavailable):
    """A sealed field does not open: another key, another place, or a changed byte."""

    code = "sealed-field-unreadable"


class Sealer:
    """Seals and opens short texts with one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._fingerprint_key = hmac.digest(key, b"gridgov fingerprint", "sha256")

    @classmethod
    def from_home(cls, home: Path) -> Sealer:
        """The key of this installation: `GRIDGOV_KEY` (base64), else `home/key` (mode 0600), made at first use.

        Raises `Unavailable` when either holds no key.
        """
        given = os.environ.get("GRIDGOV_KEY")
        if given:
            try:
                key = base64.b64decode(given, validate=True)
            except ValueError:
                key = b""
            if len(key) != _KEY_BYTES:
                raise Unavailable(
                    "is not a base64 text of 32 bytes.",
                    field="GRIDGOV_KEY",
                    remedy="Make one with: openssl rand -base64 32",
                )
            return cls(key)
        path = home / "key"
        if not path.exists():
            _make_key(path)
        key = path.read_bytes()
        if len(key) != _KEY_BYTES:
            raise Unavailable(
                f"“{path}” holds no key of {_KEY_BYTES} bytes.",
                remedy="Put it back from a copy; without it the sealed fields cannot be opened.",
            )
        return cls(key)

    def seal(self, text: str, *, place: str) -> bytes:
        """`place` is "table|column|row"; the result is version, nonce and cipher text."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())

    def fingerprint(self, data: bytes) -> bytes:
        """HMAC-SHA-256: the same for the same data, and without the key of no help in guessing what it was."""
        return hmac.digest(self._fingerprint_key, data, "sha256")

    def password(self, name: str) -> str:
        """The password of a database login of the platform's own: follows from the key, so that nobody stores it."""
        return base64.urlsafe_b64encode(hmac.digest(self._fingerprint_key, f"login {name}".encode(), "sha256")).decode()

    def open(self, sealed: bytes, *, place: str) -> str:
        """Raises `Unreadable` when key, place or bytes are not those it was sealed with."""
        if sealed[:1] != _VERSION:
            raise Unreadable("The sealed field has an unknown form.")
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, body, place.encode()).decode()
        except InvalidTag:
            raise Unreadable("The sealed field does not open with this key at this place.") from None


def _make_key(path: Path) -> None:
    """Written apart, then linked: whoever sees the file sees all of it, and of two that make one the first wins."""
    handle, draft = tempfile.mkstemp(prefix="key-", dir=path.parent)  # mode 0600
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)
    os.unlink(draft)
