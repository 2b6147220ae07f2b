"""Signatures: Ed25519 (RFC 8032), with one key an installation.

Owns the signing key's file and the signature. Does not own what is signed. Whoever has the public key, 32 bytes, can
check a signature without this installation.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gridgov.platform.crypto import new_key
from gridgov.platform.errors import Unavailable
from gridgov.platform.keyring import KEY_BYTES, write_first

VARIABLE = "GRIDGOV_AUDIT_KEY"


class Signer:
    """Signs with one key."""

    def __init__(self, seed: bytes) -> None:
        """`seed`: the 32 bytes of the private key."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    @classmethod
    def from_home(cls, home: Path) -> Signer:
        """The key of `GRIDGOV_AUDIT_KEY` (base64), else of `home/audit.key` (mode 0600), made at first use.

        Raises `Unavailable` when either holds no key.
        """
        given = os.environ.get(VARIABLE)
        if given:
            return cls(_decoded(given))
        path = home / "audit.key"
        if not path.exists():
            write_first(path, new_key())
        seed = path.read_bytes()
        if len(seed) != KEY_BYTES:
            raise Unavailable(
                f"“{path}” holds no key of {KEY_BYTES} bytes.",
                remedy="Put it back from a copy. A new one can be made by moving the file away; "
                "then name the old public key to “gridgov audit verify”.",
            )
        return cls(seed)

    def sign(self, data: bytes) -> bytes:
        """The signature, 64 bytes; the same for the same data."""
        return self._key.sign(data)


def is_signed(data: bytes, signature: bytes, public: bytes) -> bool:
    """Whether the owner of the public key signed exactly these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _decoded(given: str) -> bytes:
    try:
        seed = base64.b64decode(given, validate=True)
    except ValueError:
        seed = b""
    if len(seed) != KEY_BYTES:
        raise Unavailable(
            "is not a base64 text of 32 bytes.", field=VARIABLE, remedy="Make one with: openssl rand -base64 32"
        )
    return seed
