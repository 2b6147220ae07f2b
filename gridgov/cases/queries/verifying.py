"""SQL of replaying: cases with their events, clocks and summons, slice by slice. Private to the domain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

CHILDREN = {"cases_event": "seq", "cases_clock": "seq, summons, name", "cases_summons": "summons"}


def cases_after(session: Session, number: int, limit: int) -> list[Row[Any]]:
    """Whole rows of cases after a number, in the order of numbers."""
    sql = "select c.* from cases c where c.number > :number order by c.number limit :limit"
    return list(session.execute(text(sql), {"number": number, "limit": limit}))


def children(session: Session, table: str, numbers: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """Rows of one of `CHILDREN` by the number of their case, in the order of their keys."""
    sql = f"select * from {table} where number = any (:numbers) order by number, {CHILDREN[table]}"  # noqa: S608  # of this module
    found: dict[int, list[Row[Any]]] = {}
    for row in session.execute(text(sql), {"numbers": list(numbers)}):
        found.setdefault(row.number, []).append(row)
    return found
