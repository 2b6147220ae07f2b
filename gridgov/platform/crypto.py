"""Sealing of personal fields: AES-256-GCM with the place of the field as additional data; and what else comes of a key.

Owns the cipher, keyed fingerprints, blind indexes. Does not own the key file (`keyring`), what is personal (the tables
say so) nor who may open it (`auth`). A sealed field is bound to its table, column and row: copied elsewhere, it does
not open. Its first byte is the number of its key, so that a newer key can take over field by field.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gridgov.platform import keyring
from gridgov.platform.errors import Unavailable
from gridgov.platform.keyring import KEY_BYTES

_NONCE_BYTES = 12
_INDEX_BYTES = 16
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Unreadable(Unavailable):
    """A sealed field does not open: another key, another place, or a changed byte."""

    code = "sealed-field-unreadable"


class _Key:
    """One key, and the keys for other uses that are derived from it, each under its own label."""

    def __init__(self, key: bytes) -> None:
        self.cipher = AESGCM(key)
        self.fingerprints = hmac.digest(key, b"gridgov fingerprint", "sha256")
        self.indexes = hmac.digest(key, b"gridgov blind index", "sha256")
        self.passwords = hmac.digest(key, b"gridgov password", "sha256")
        self.receipts = hmac.digest(key, b"gridgov receipt", "sha256")


class Sealer:
    """Seals and opens short texts with the keys of an installation: the newest seals, all of them open."""

    def __init__(self, keys: bytes | Mapping[int, bytes], *, home: Path | None = None) -> None:
        """`keys`: one of 32 bytes (number 1), or several by number. `home`: whose key file they are from; when it
        changes, they are read anew, so that a key that was taken away seals nothing any more."""
        self._home = home
        self._seen = None if home is None else keyring.stamp(home)
        self._take({1: keys} if isinstance(keys, bytes) else keys)

    @classmethod
    def from_home(cls, home: Path) -> Sealer:
        """The keys of this installation: `GRIDGOV_KEY`, else `home/key`, made at first use.

        Raises `Unavailable` when either holds no key.
        """
        return cls(keyring.read(home, new_key()), home=home)

    @property
    def newest(self) -> int:
        """The number of the key that seals."""
        self._look()
        return self._newest

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of all keys, newest first."""
        self._look()
        return tuple(sorted(self._keys, reverse=True))

    def seal(self, text: str, *, place: str) -> bytes:
        """`place` is "table|column|row"; the result is the key's number, nonce and cipher text."""
        number, nonce = self.newest, secrets.token_bytes(_NONCE_BYTES)
        return bytes([number]) + nonce + self._keys[number].cipher.encrypt(nonce, text.encode(), place.encode())

    def open(self, sealed: bytes, *, place: str) -> str:
        """Raises `Unreadable` when key, place or bytes are not those it was sealed with."""
        self._look()
        key = self._keys.get(number_of(sealed))
        if key is None:
            raise Unreadable("The sealed field names a key that is not here.")
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return key.cipher.decrypt(nonce, body, place.encode()).decode()
        except (InvalidTag, ValueError):  # ValueError: shorter than any sealed field
            raise Unreadable("The sealed field does not open with this key at this place.") from None

    def fingerprint(self, data: bytes) -> bytes:
        """HMAC-SHA-256: the same for the same data, and without the key of no help in guessing what it was."""
        return hmac.digest(self._keys[self.newest].fingerprints, data, "sha256")

    def is_fingerprint(self, found: bytes, data: bytes) -> bool:
        """Whether `found` is the fingerprint of the data by any of the keys: one may be older than the newest key."""
        self._look()
        made = (hmac.digest(key.fingerprints, data, "sha256") for key in self._keys.values())
        return any(hmac.compare_digest(one, found) for one in made)

    def index(self, kind: str, value: str) -> bytes:
        """Blind index: what an equal value is found by, without telling the value. `value` is in its normal form.

        The key's number and 16 bytes of HMAC-SHA-256 under a key derived for this alone. Keyed, for all telephone
        numbers of a country can be tried in seconds. Half of the digest: with 10^9 values two of them share it once
        in 10^20, and the index in the database takes half the room.
        """
        return self._index(self.newest, kind, value)

    def indexes(self, kind: str, value: str) -> list[bytes]:
        """The index by every key, newest first: what to look for while some rows still have that of an older key."""
        return [self._index(number, kind, value) for number in self.numbers]

    def receipts(self, data: bytes) -> list[bytes]:
        """What proves that somebody got a receipt, by every key, newest first: only the newest is given out."""
        return [hmac.digest(self._keys[number].receipts, data, "sha256") for number in self.numbers]

    def password(self, name: str) -> str:
        """A secret of this installation for a log-in of that name. From the oldest key: a new key changes nothing."""
        digest = hmac.digest(self._keys[min(self._keys)].passwords, name.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def _index(self, number: int, kind: str, value: str) -> bytes:
        digest = hmac.digest(self._keys[number].indexes, f"{kind}|{value}".encode(), "sha256")
        return bytes([number]) + digest[:_INDEX_BYTES]

    def _look(self) -> None:
        """Takes the keys anew if their file is another now: a look at it costs about a microsecond."""
        if self._home is not None and (stamp := keyring.stamp(self._home)) != self._seen and stamp is not None:
            self._take(keyring.read(self._home, None))
            self._seen = stamp

    def _take(self, ring: Mapping[int, bytes]) -> None:
        self._keys = {number: _Key(key) for number, key in ring.items()}
        self._newest = max(self._keys)


def number_of(sealed: bytes) -> int:
    """The number of the key that a sealed field or an index was made with; 0 for an empty one."""
    return sealed[0] if sealed else 0


def new_key() -> bytes:
    """32 bytes that nobody can foresee."""
    return secrets.token_bytes(KEY_BYTES)


def new_secret() -> str:
    """43 characters of base64url: 32 bytes that nobody can foresee, for whoever has to show them."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode().rstrip("=")


def new_salt() -> bytes:
    """16 bytes, another for every password."""
    return secrets.token_bytes(16)


def new_words() -> str:
    """A password for one use, to be read out or copied by hand: 80 bits as four groups of Crockford base32."""
    drawn = crockford(secrets.token_bytes(10), 16)
    return "-".join(drawn[i : i + 4] for i in range(0, 16, 4))


def crockford(data: bytes, characters: int) -> str:
    """The first bits of the data, 5 a character, without letters that look like others (I, L, O, U)."""
    number = int.from_bytes(data) >> (8 * len(data) - 5 * characters)
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in reversed(range(characters)))
