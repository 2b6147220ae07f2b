"""What people read about an event, in Chinese and English; and how many short messages a text takes. Pure.

Owns filling in and counting. Does not own the sentences (`rules.TABLE`). No personal data is among the facts, so none
is in the texts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gridgov.notices.topics import rule_of

LANGUAGES = ("zh", "en")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_FACT = re.compile(r"\{([a-z_]+)\}")
# GSM 03.38: the signs of a short message that needs no UCS-2; those of the second line count twice.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[~]|€\f")
ONE_PART, OF_MANY = (160, 153), (70, 67)  # signs of the only part, of each of several: GSM, UCS-2 (3GPP TS 23.040)


def title(topic: str, facts: Mapping[str, Any], zone: ZoneInfo, language: str) -> str:
    """One line about an event. Instants among the facts (their names end in `_at`) are shown in the city's zone."""
    rule = rule_of(topic)
    return _filled(rule.zh if language == "zh" else rule.en, facts, zone)


def titles(topic: str, facts: Mapping[str, Any], zone: ZoneInfo) -> dict[str, str]:
    """The line in each language."""
    return {language: title(topic, facts, zone, language) for language in LANGUAGES}


def letter(topic: str, facts: Mapping[str, Any], at: datetime, zone: ZoneInfo, link: str | None) -> tuple[str, str]:
    """(subject, text) of a mail: Chinese, then English, then where to read on."""
    zh, en = titles(topic, facts, zone).values()
    shown = f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
    lines = [zh, f"时间：{shown}", "", en, f"Time: {shown}"]
    return zh, "\n".join([*lines, *(["", link] if link else [])]) + "\n"


def parts(text: str) -> int:
    """How many short messages a text takes: 70 signs each in Chinese (67 of several), 160 (153) in plain Latin."""
    if all(sign in _GSM or sign in _GSM_TWICE for sign in text):
        length, (only, each) = sum(2 if sign in _GSM_TWICE else 1 for sign in text), ONE_PART
    else:
        length, (only, each) = len(text.encode("utf-16-le")) // 2, OF_MANY
    return 1 if length <= only else -(-length // each)


def _filled(sentence: str, facts: Mapping[str, Any], zone: ZoneInfo) -> str:
    """A sentence with its facts; what is in brackets only if all its facts are there."""

    def shown(name: str) -> str | None:
        value = facts.get(name)
        if value is None:
            return None
        return _instant(str(value), zone) if name.endswith("_at") else str(value)

    def put(found: re.Match[str]) -> str:
        return shown(found[1]) or ""

    def optional(found: re.Match[str]) -> str:
        whole = all(shown(name) is not None for name in _FACT.findall(found[1]))
        return _FACT.sub(put, found[1]) if whole else ""

    return _FACT.sub(put, _OPTIONAL.sub(optional, sentence))


def _instant(value: str, zone: ZoneInfo) -> str:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return value
    return f"{found.astimezone(zone):%m-%d %H:%M}"
