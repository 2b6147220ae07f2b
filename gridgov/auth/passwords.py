"""Passwords: how they are kept, proved and judged.

Owns argon2id with its parameters, the bound on memory, the policy for new ones. Does not own where hashes lie
(`queries`), nor how often somebody may try (`signin`).

Parameters: 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet; RFC 9106). A hash made with others is
proved as it is and made anew at the next sign-in. Policy: NIST SP 800-63B-4, 3.1.1.2 and ASVS 5.0, 6.2: length and
what can be guessed count, not kinds of characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gridgov.platform import crypto
from gridgov.platform.errors import BadInput

MEMORY_KIB, PASSES, LANES = 19_456, 2, 1
AT_ONCE = 4  # hashes at the same time: 76 MiB at most
LEAST, MOST = 12, 128
LEAST_GUESSES = 10**8  # by zxcvbn's estimate; Wheeler, USENIX Security 2016
JUDGED = 64  # characters that the estimate looks at: its time grows with their square
# What people here put into passwords, beside the words of other countries that zxcvbn knows.
LOCAL_WORDS = (
    "gridgov", "wangge", "wanggezhili", "网格", "网格员", "网格化", "woaini", "woaiwojia", "mima", "zhongguo",
    "beijing", "shanghai", "5201314", "1314520", "888888", "666666", "admin", "administrator", "jiedao", "shequ",
    "zhengfu",
)  # fmt: skip

_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
_room = BoundedSemaphore(AT_ONCE)


class WeakPassword(BadInput):
    """A new password that is too short, too long, or can be guessed."""

    code = "weak-password"

    def __init__(self, detail: str, remedy: str) -> None:
        super().__init__(detail, field="password", remedy=remedy)


def hashed(password: str) -> str:
    """The argon2id hash with parameters and salt, as text."""
    with _room:
        return _hasher.hash(_normal(password), salt=crypto.new_salt())


def proves(stored: str | None, password: str) -> bool:
    """Whether this is the password of the hash. Without a hash it is not, and that takes as long to find out."""
    with _room:
        try:
            _hasher.verify(stored or _nobodys(), _normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(stored)


def check_new(password: str, *, words: Iterable[str] = ()) -> None:
    """`words`: names of the account and its city, which others know too. Raises `WeakPassword`."""
    normal = _normal(password)
    if len(normal) < LEAST:
        raise WeakPassword(f"A password has at least {LEAST} characters.", "Take several words, or one sentence.")
    if len(normal) > MOST:
        raise WeakPassword(f"A password has at most {MOST} characters.", "Take a shorter one.")
    known = sorted({word.lower() for word in (*words, *LOCAL_WORDS) if word})
    if any(normal.lower() == word for word in known) or _guesses(normal[:JUDGED], known) < LEAST_GUESSES:
        raise WeakPassword(
            "This password is among the first that others would try.",
            "Take words that do not belong together, and no row of keys, repetition or name.",
        )


def _normal(password: str) -> str:
    """The same text however the keyboard composed it (NIST SP 800-63B-4, 3.1.1.2); nothing is cut off."""
    return unicodedata.normalize("NFKC", password)


def _guesses(password: str, known: list[str]) -> float:
    """How many tries somebody needs who knows what people choose."""
    # Its word lists take 0.2 s to load, and few processes ever judge a password.
    from zxcvbn import zxcvbn  # noqa: PLC0415

    return float(zxcvbn(password, user_inputs=known, max_length=JUDGED)["guesses"])


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """A hash with the parameters of today that no account has."""
    return _hasher.hash(crypto.new_secret(), salt=crypto.new_salt())
