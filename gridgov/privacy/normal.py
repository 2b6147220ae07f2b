"""The normal form of what a person is found by, so that one number written in two ways is one number. Pure.

Owns the forms. Does not own the blind index that is made of them (`platform.crypto`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from gridgov.platform.errors import BadInput

_SEVERAL = re.compile(r"[/,;、；，|]|\s或\s|\bor\b")
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|[x#])\s*\d{1,6}\s*$", re.I)
_HYPHENED = re.compile(r"^(\(?0\d{2,3}\)?[\s-]*\d{7,8})-\d{1,6}$")  # 0512-66660000-802: the last part is inside
_MARKS = re.compile(r"[\s()（）\-‐-―−.·_*]+")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_FEWEST, _MOST = 3, 15  # digits: short codes such as 110; the most of ITU-T E.164


class NoNumber(BadInput):
    """The text is not one telephone number."""

    code = "not-a-number"


def phone(text: str) -> str | None:
    """A telephone number as digits, national where it is one of the mainland, else with + and country code.

    Full-width digits, spaces, brackets and hyphens, +86, 0086 and extensions make no difference. Of several numbers
    the first counts. None for what is no number.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    plain = _SEVERAL.split(plain)[0].strip()
    plain = _EXTENSION.sub("", plain)
    inner = _HYPHENED.match(plain)
    digits = _MARKS.sub("", inner.group(1) if inner else plain)
    abroad = digits.startswith(("+", "00"))
    digits = digits.removeprefix("+").removeprefix("00") if abroad else digits
    if not (digits.isascii() and digits.isdigit() and _FEWEST <= len(digits) <= _MOST):
        return None
    if abroad and not digits.startswith("86"):
        return None if digits.startswith("0") else f"+{digits}"  # no country code begins with 0
    if abroad or (len(digits) == 13 and digits.startswith("86") and _MOBILE.fullmatch(digits[2:])):
        digits = digits.removeprefix("86")
        if len(digits) >= 9 and not _MOBILE.fullmatch(digits) and not digits.startswith(("0", "400", "800", "95")):
            digits = f"0{digits}"  # an area code is written without its 0 after +86
    return digits or None


def name(text: str) -> str | None:
    """A name without what differs by chance: width, blanks, letter case, the dot of foreign names. None if empty."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(one for one in plain if not one.isspace() and one not in "·•・.‧")
    return kept or None


NORMAL: Mapping[str, Callable[[str], str | None]] = {"phone": phone, "name": name}


def the_phone(text: str, *, field: str = "phone") -> str:
    """Like `phone`. Raises `NoNumber`."""
    found = phone(text)
    if found is None:
        raise NoNumber("This is not a telephone number.", field=field, remedy="Write digits, e.g. 13800138000.")
    return found
