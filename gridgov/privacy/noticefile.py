"""A notice as a TOML text: what geodata/notices/report.toml looks like. Pure.

Owns the form of the text. Does not own what a notice must say (`notices`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from gridgov.platform.personal import Basis
from gridgov.privacy.notices import LANGUAGES, BadNotice, NewNotice, Purpose

_KNOWN = {"code", "kept", "rights", "handler", "purposes", "kinds", "texts"}


def parse(text: str) -> NewNotice:
    """Raises `BadNotice`, which names the part that cannot be read."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise BadNotice(f"This is not TOML: {problem}.", field="file") from None
    strange = set(found) - _KNOWN
    missing = _KNOWN - set(found)
    if strange or missing:
        raise BadNotice(
            f"Unknown: {', '.join(sorted(strange)) or 'nothing'}; missing: {', '.join(sorted(missing)) or 'nothing'}.",
            field="file",
        )
    try:
        return NewNotice(
            code=str(found["code"]),
            handler=_texts(found["handler"]),
            texts=_texts(found["texts"]),
            purposes=tuple(
                Purpose(str(one["code"]), _names(one), Basis(one["basis"]), bool(one.get("sensitive", False)))
                for one in found["purposes"]
            ),
            kinds=tuple(_names(one) for one in found["kinds"]),
            kept=tuple(str(one) for one in found["kept"]),
            rights=tuple(str(one) for one in found["rights"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise BadNotice(
            f"A part is missing or has another form: {problem}.",
            field="file",
            remedy="See geodata/notices/report.toml.",
        ) from None


def _texts(table: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in table.items()}


def _names(table: Mapping[str, Any]) -> dict[str, str]:
    return {language: str(table[language]) for language in LANGUAGES}
