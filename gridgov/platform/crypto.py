"""Sealing of personal fields: AES-256-GCM with the place of the field as additional data.

Owns the key file and the cipher. Does not own what is personal (the tables say so) nor who may open it (`auth`).
A sealed field is bound to its table, column and row: copied elsewhere, it does not open.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gridgov.platform.errors import Unavailable

_NONCE_BYTES = 12
_VERSION = b"\x01"


class Unreadable(Unavailable):
    """A sealed field does not open: another key, another place, or a changed byte."""

    code = "sealed-field-unreadable"


class Sealer:
    """Seals and opens short texts with one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    @classmethod
    def from_home(cls, home: Path) -> Sealer:
        """The key of this installation, made at first use (`home/key`, mode 0600); `GRIDGOV_KEY` (base64) goes before it."""
        given = os.environ.get("GRIDGOV_KEY")
        if given:
            try:
                key = base64.b64decode(given, validate=True)
            except ValueError:
                key = b""
            if len(key) != 32:
                raise Unavailable("is not a base64 text of 32 bytes.", field="GRIDGOV_KEY", remedy="Make one with: openssl rand -base64 32")
            return cls(key)
        path = home / "key"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return cls(path.read_bytes())
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
        return cls(path.read_bytes())

    def seal(self, text: str, *, place: str) -> bytes:
        """`place` is "table|column|row"; the result is version, nonce and cipher text."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())

    def open(self, sealed: bytes, *, place: str) -> str:
        """Raises `Unreadable` when key, place or bytes are not those it was sealed with."""
        if sealed[:1] != _VERSION:
            raise Unreadable("The sealed field has an unknown form.")
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, body, place.encode()).decode()
        except InvalidTag:
            raise Unreadable("The sealed field does not open with this key at this place.") from None
