"""Masking: what must not stand in a log, taken out of any text or nested value. Pure.

Owns the patterns. Does not own logs (`logs`). What it knows: Chinese telephone numbers, identity cards, addresses of
mail; passwords, tokens, cookies, keys, addresses with a password; values that a database repeats in its messages. It
cannot know names and free texts of persons, which look like any other text: those are not given to a log at all.
It errs to the safe side: a number that only looks like a telephone's is masked too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

MASK = "***"
DEPTH = 8

LONGEST = 10_000  # characters of one text; of a longer one the beginning and the end are kept

# Not inside a word or a number; an escaped sign of JSON ends in letters that are no word.
_START = r"(?:(?<![\w.])|(?<=\\u[0-9a-fA-F]{4}))"
_DIGIT = r"[\d０-９]"
_SENSITIVE = (
    r"pass(?:word|wd|phrase)|pwd|secret|token|cookie|authori[sz]ation|api[_-]?key|private[_-]?key|credential|csrf|"
    r"gridgov_key|database_url|dsn|verifier|signature|phone|mobile|id_?card|id_?number|contact|reporter|e?mail|"
    + "|".join(
        form
        for word in ("手机", "电话", "身份证", "密码", "姓名")
        for form in (word, "".join(rf"\\{{1,4}}u{ord(sign):04x}" for sign in word))  # as it is, and as JSON escapes it
    )
)
_NAMED = re.compile(_SENSITIVE, re.I)
_QUOTED = r"[bru]{0,2}\"(?:[^\"\\]|\\.)*\"|[bru]{0,2}'(?:[^'\\]|\\.)*'|\\{1,4}[\"'].*?\\{1,4}[\"']"


def _mask(pattern: str, instead: str = MASK, flags: int = 0) -> tuple[re.Pattern[str], str]:
    """Boundaries are those of Latin words (ASCII): in Chinese a number stands against the text without a blank."""
    return re.compile(pattern, flags | re.ASCII), instead


# The order counts: what spans most comes first. Every repeat is bounded or begins at a boundary, so that no text takes
# longer than its length allows.
_PATTERNS = (
    # What PostgreSQL and SQLAlchemy repeat of a row, to the end of their message; what pydantic does.
    _mask(
        r"(DETAIL: |Failing row contains |CONTEXT: |\[parameters: ).*?"
        r"(?=\n\[SQL:|\n\(Background on this|\nHINT: |\n\nThe above exception|\n\nDuring handling|\Z)",
        rf"\1{MASK}",
        re.S,
    ),
    _mask(r"(input_value=).*?(?=, input_type=|\]|$)", rf"\1{MASK}", re.M),
    _mask(r"-----BEGIN [A-Z ]{1,40}-----.*?(?:-----END [A-Z ]{1,40}-----|\Z)", flags=re.S),
    _mask(r"(cookie[\"']?\s{0,8}[:=,]\s{0,8})[^\r\n]+", rf"\1{MASK}", re.I),
    _mask(r"(__(?:host|secure)-[\w.-]{1,40}=)[^\s;,\"']*", rf"\1{MASK}", re.I),
    _mask(r"://\S{0,400}@", f"://{MASK}@"),
    _mask(r"(bearer|basic|digest|negotiate)(\s+)(?!realm\b)[^\s,;\"']+", rf"\1\2{MASK}", re.I),
    # name=value, "name": "value"; an unquoted value to the next blank, one with parts to the end of its line.
    _mask(
        rf"((?:{_SENSITIVE})[\w\u4e00-\u9fff-]{{0,40}}\\{{0,4}}[\"']?\s{{0,8}}(?:=>?|[:＝：])\s{{0,8}})(?!\*\*\*)"
        rf"(?:{_QUOTED}|[\w.]{{0,40}}[\[{{(].*|\S+)",
        rf"\1{MASK}",
        re.I,
    ),
    _mask(r"eyJ[\w-]+\.[\w-]+\.[\w-]*"),  # JSON web tokens
    _mask(r"[A-Za-z0-9+/]{43}="),  # 32 bytes in base64
    _mask(r"(?<![\w-])(?=[\w-]*[A-Z])[\w-]{32,}"),  # …in base64url, which a UUID in small letters is not
    _mask(r"[0-9a-fA-F]{32,}"),
    _mask(rf"{_START}[0-9A-HJKMNP-TV-Z]{{4}}(?:-[0-9A-HJKMNP-TV-Z]{{4}}){{3}}(?![\w-])"),  # crypto.new_words
    _mask(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+"),
    # Identity cards (18 or 15 places) and other long numbers; mobile numbers, with blanks or dashes at any place.
    _mask(rf"{_START}{_DIGIT}{{6}}[ -]?{_DIGIT}{{8}}[ -]?{_DIGIT}{{3}}[\dXx０-９](?!\w)"),
    _mask(rf"{_START}{_DIGIT}{{15,19}}[Xx]?(?!\w)"),
    _mask(rf"{_START}(?:\(?(?:[+＋]|00)?86\)?[ -]?)?[1１][ -]?[3-9３-９](?:[ -]?{_DIGIT}){{9}}(?!{_DIGIT})"),
    _mask(rf"{_START}\(?0\d{{2,3}}\)?[ -]\d{{7,8}}(?!\d)"),
    _mask(rf"{_START}\+\d[\d -]{{6,16}}\d(?!\d)"),
)
# Nothing of the above can be in a text without one of these: most texts are let go after one look.
_SUSPECT = re.compile(
    r"[\d０-９][ -]?[\d０-９][ -]?[\d０-９]|[@=:,＝：]|[A-Za-z0-9+/_-]{32}|[0-9A-Z]{4}-[0-9A-Z]{4}-"
    r"|(?i:earer|asic|igest|egotiate)|contains|BEGIN|eyJ"
)
# Signs that could end a line, move the cursor, or turn the direction of writing.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def masked(text: str) -> str:
    """The text without what must not stand in a log, and no longer than a log can bear."""
    if not _SUSPECT.search(text):
        return text
    if len(text) > LONGEST:
        text = _shortened(text)
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def _shortened(text: str) -> str:
    """Cut between words: half a number would not be known for what it is."""
    head, tail = text[: LONGEST * 3 // 4], text[-LONGEST // 4 :]
    head = re.sub(r"\S{0,200}$", "", head, count=1)
    tail = re.sub(r"^\S{0,200}", "", tail, count=1)
    return f"{head}… {len(text) - len(head) - len(tail)} characters …{tail}"


@lru_cache(maxsize=1024)
def is_sensitive(name: str) -> bool:
    """Whether whatever stands under this name is masked, whatever it looks like."""
    return _NAMED.search(name) is not None


def clean(value: Any, *, name: str = "", depth: int = DEPTH) -> Any:
    """A value fit for a log: masked at every depth, keys too, as plain texts, numbers, lists and dictionaries.

    Bytes are told by their length alone, other objects by their masked `str`; what lies deeper than `depth` is left
    out.
    """
    if name and is_sensitive(name):
        return MASK
    if type(value) is str:  # most are
        return visible(masked(value))
    match value:
        case None | bool() | float():
            found: Any = value
        case int():
            found = value if -(10**10) < value < 10**10 or masked(str(value)) == str(value) else MASK
        case bytes() | bytearray() | memoryview():
            found = f"{len(value)} bytes"
        case Mapping() | list() | tuple() | set() | frozenset() if depth <= 0:
            found = "…"
        case Mapping():
            found = {_key(str(key)): clean(one, name=str(key), depth=depth - 1) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            found = [clean(one, depth=depth - 1) for one in value]
        case _:
            found = _text(value)
    return found


def _text(value: object) -> str:
    return visible(masked(str(value)))


_key = lru_cache(maxsize=1024)(_text)  # names of facts come again with every line


def visible(text: str) -> str:
    """Control signs as their numbers; line breaks and tabs stay, for whoever writes the line to deal with."""
    return _CONTROL.sub(_numbered, text)


def on_one_line(text: str) -> str:
    """Line breaks and tabs too."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def _numbered(found: re.Match[str]) -> str:
    number = ord(found[0])
    if found[0] == "\r":
        return "\\r"
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"
