"""How personal values are shown to those who do not need them whole: 138****5678. Pure.

What is in no known form is hidden altogether, its length too. What a mask may show at most stands in `ALLOWED`, and is
tested for any text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping

from gridgov.privacy import normal

HIDDEN = "****"
_TOO_SHORT = 7  # fewer digits are the number of an office, or would tell too much
ALLOWED: Mapping[str, str] = {
    "phone": "of a mobile number the first 3 and last 4 digits; of a number with an area code that code and the last "
    "half of the rest; of a foreign or local one the last quarter; of any other text nothing",
    "name": "the first character; nothing where it is the only one",
    "id_card": "of 18 characters the first 6 and last 4, of 15 the first 6 and last 3; of any other text nothing",
    "address": "names of areas down to the sub-district, where the text begins with them; else nothing",
}

_MOBILE = re.compile(r"1[3-9]\d{9}")
_AREA_CODE = re.compile(r"(0(?:10|2\d|[3-9]\d\d))(\d{7,8})")
_ID_CARD = re.compile(r"\d{17}[\dX]|\d{15}")


def phone(text: str) -> str:
    """138****5678; 0512-****1234; +****78; a text that is no number: ****."""
    digits = normal.phone(text)
    if digits is None:
        return HIDDEN
    if _MOBILE.fullmatch(digits):
        return f"{digits[:3]}{HIDDEN}{digits[-4:]}"
    landline = _AREA_CODE.fullmatch(digits)
    if landline:
        code, local = landline.groups()
        return f"{code}-{HIDDEN}{local[4:]}"
    bare = digits.removeprefix("+")
    shown = len(bare) // 4 if len(bare) >= _TOO_SHORT else 0
    return ("+" if digits.startswith("+") else "") + HIDDEN + bare[len(bare) - shown :]


def name(text: str) -> str:
    """张*; how long the name is stays hidden. A name of one character is hidden altogether."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return f"{plain[0]}*" if len(plain) > 1 else "*"


def id_card(text: str) -> str:
    """320102********1234: where it was issued and the last four; never the day of birth."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    if not _ID_CARD.fullmatch(plain) or not plain.isascii():
        return HIDDEN
    tail = 4 if len(plain) == 18 else 3
    return f"{plain[:6]}{'*' * (len(plain) - 6 - tail)}{plain[-tail:]}"


def address(text: str, known: Collection[str] = ()) -> str:
    """泓川市东区幸福街道****: as far as the text is made of `known` names, those of areas down to the sub-district.

    What a grammar of 省市区 would let through (张三丰镇…) stays hidden: names are shown because they are known.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    longest_first = sorted({name for name in known if name}, key=len, reverse=True)
    end = 0
    while found := next((name for name in longest_first if plain.startswith(name, end)), None):
        end += len(found)
    return plain[:end] + HIDDEN


MASKS: Mapping[str, Callable[[str], str]] = {"phone": phone, "name": name, "id_card": id_card, "address": address}


def masked(kind: str, text: str | None) -> str | None:
    """The value as its kind is shown; of a kind without a mask nothing. None stays None."""
    if text is None or text == "":
        return None
    return MASKS[kind](text) if kind in MASKS else HIDDEN
