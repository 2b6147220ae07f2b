"""Columns as texts of arrays: what was sent is what the database reads, whatever stands in it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from gridgov.platform.bulk import array
from gridgov.platform.db import Database, cursor

WORDS = [
    "",
    "null",
    "NULL",
    "a,b",
    "{}",
    "{“1”}",
    '"',
    "\\",
    '\\"',
    " x ",
    "\n\t",
    "路面坑洼",
    "'; --",
    "%s",
    "\U0001f6a7",
    None,
]
COLUMNS: dict[str, list[Any]] = {
    "text": WORDS,
    "bytea": [b"", b"\x00\xff", b'"\\', None],
    "bigint": [0, -1, 2**63 - 1, None],
    "float8": [0.0, -0.0, 1e-300, 0.1 + 0.2, 116.9, 1e22, None],
    "boolean": [True, False, None],
    "uuid": [uuid.UUID(int=7), None],
    "timestamptz": [
        datetime(2026, 10, 5, 8, 15, 0, 123456, tzinfo=timezone(timedelta(hours=8))), datetime(1949, 1, 1, tzinfo=UTC),
        None,
    ],
}  # fmt: skip


def read(db: Database, kind: str, values: list[Any]) -> list[Any]:
    with db.transaction() as session:
        rows = cursor(session).execute(f"select * from unnest(%(sent)s::{kind}[])", {"sent": array(values)})
        return [row[0] for row in rows]


@pytest.mark.parametrize("kind", list(COLUMNS))
def test_what_was_sent_is_read(db: Database, kind: str) -> None:
    assert read(db, kind, COLUMNS[kind]) == COLUMNS[kind]
    assert read(db, kind, []) == []


def test_also_what_chance_puts_together(db: Database) -> None:
    rng = np.random.default_rng(3)
    letters = list("\",\\{}'nulNUL 中\n\x01%;")
    made = ["".join(rng.choice(letters, size=int(rng.integers(0, 9)))) for _ in range(2_000)]
    assert read(db, "text", made) == made


def test_the_control_without_quotes_it_would_read_otherwise(db: Database) -> None:
    with db.transaction() as session:
        (row,) = cursor(session).execute("select %(sent)s::text[]", {"sent": "{null,a,b}"}).fetchall()
    assert row[0] != ["null", "a,b"]
