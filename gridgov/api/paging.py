"""Cursors of keyset paging: the last key seen, packed so that nobody builds one by hand."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime

from gridgov.platform.errors import BadInput


def pack(key: Sequence[str]) -> str:
    """The key as a cursor."""
    return base64.urlsafe_b64encode(json.dumps(list(key), ensure_ascii=False).encode()).decode().rstrip("=")


def unpack(cursor: str | None, parts: int) -> list[str] | None:
    """The key of a cursor; raises `BadInput` for anything that `pack` did not make."""
    if cursor is None or cursor == "":
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        key = None
    if not isinstance(key, list) or len(key) != parts or not all(isinstance(part, str) for part in key):
        raise BadInput(
            "This cursor was not made here.", field="cursor", remedy="Take `next` of the page before, or leave it out."
        )
    return key


def number(key: Sequence[str] | None) -> int | None:
    """The id that a key of one part holds; None, which is the first page, for anything else."""
    return int(key[0]) if key and key[0].isdecimal() and key[0].isascii() and len(key[0]) < 19 else None


def moment(key: Sequence[str] | None) -> tuple[datetime, int] | None:
    """The instant and the id that a key of two parts holds; None, which is the first page, for none.

    Raises `BadInput`.
    """
    if key is None:
        return None
    ident = number(key[1:])
    try:
        at = datetime.fromisoformat(key[0])
    except ValueError:
        at = None
    if ident is None or at is None or at.tzinfo is None:
        raise BadInput("This cursor was not made here.", field="cursor", remedy="Take `next` of the page before.")
    return at, ident
