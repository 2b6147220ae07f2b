"""What is done for private data without anybody asking: the end of retention, and the change to a newer key.

Owns the slices: each is a transaction of its own, so that a run can be stopped anywhere and begun again. Does not own
when it runs (`cli`, `api`), nor what a holding deletes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.orm import Session

from gridgov.platform.crypto import Sealer, Unreadable, number_of
from gridgov.platform.personal import SEALED, place
from gridgov.privacy import queries, service, trail
from gridgov.privacy.holdings import Ended, Holding
from gridgov.privacy.normal import NORMAL
from gridgov.privacy.queries import renewal

Transaction = Callable[[], AbstractContextManager[Session]]


def retain(
    transaction: Transaction, holdings: Collection[Holding], *, now: datetime, slice_rows: int = 500
) -> dict[str, Ended]:
    """Deletes what is past its retention at `now`, freezes what must be kept; what was done, by holding."""
    total: dict[str, Ended] = {}
    for holding in holdings:
        total[holding.name] = Ended()
        while True:
            with transaction() as session:
                limits, held = service.limits(session), queries.held(session, holding.name)
                ended = holding.expire(session, limits=limits, held=held, now=now, slice_rows=slice_rows)
                if ended:
                    facts = {"erased": ended.erased, "frozen": ended.frozen}
                    trail.note(session, "retain", holding.tables[0], None, facts=facts)
            if not ended:
                break
            total[holding.name] += ended
    return total


@dataclass(frozen=True, slots=True)
class Renewed:
    """Rows of a table that were given the newest key, and rows that no key here opens, which were left alone."""

    done: int = 0
    unreadable: int = 0


def renew(
    transaction: Transaction, metadata: MetaData, sealer: Sealer, *, reseal: bool, slice_rows: int = 500
) -> dict[str, Renewed]:
    """Makes the blind indexes that are missing or of an older key; with `reseal`, seals with the newest key too.

    Repeatable and interruptible: what is done is no longer behind. By table.
    """
    total: dict[str, Renewed] = {}
    for one in renewal.sealed_tables(metadata):
        after: object | None = None
        done = unreadable = 0
        while True:
            with transaction() as session:
                rows = renewal.behind(session, one, newest=sealer.newest, reseal=reseal, after=after, limit=slice_rows)
                fresh = [found for row in rows if (found := _fresh(one, row, sealer, reseal=reseal)) is not None]
                for columns in {tuple(found) for found in fresh}:
                    renewal.renew(session, one, [found for found in fresh if tuple(found) == columns])
            if not rows:
                break
            after = rows[-1][0]
            done, unreadable = done + len(fresh), unreadable + len(rows) - len(fresh)
        total[one.table.name] = Renewed(done, unreadable)
    return total


def by_key(session: Session, metadata: MetaData) -> Mapping[int, int]:
    """Number of a key -> sealed values that need it."""
    total: dict[int, int] = {}
    for one in renewal.sealed_tables(metadata):
        for number, n in renewal.by_key(session, one).items():
            total[number] = total.get(number, 0) + n
    return total


def _fresh(one: renewal.Sealed, row: Any, sealer: Sealer, *, reseal: bool) -> dict[str, Any] | None:
    """ "key" and the new value of each column that changes; None where a value does not open."""
    values: dict[str, Any] = {"key": row[0]}
    for column in one.columns:
        sealed = getattr(row, column.name)
        if sealed is None:
            continue
        where = place(one.table.name, column.name.removesuffix(SEALED), row[0])
        try:
            text = sealer.open(bytes(sealed), place=where)
        except Unreadable:
            return None
        if reseal and number_of(bytes(sealed)) != sealer.newest:
            values[column.name] = sealer.seal(text, place=where)
        if column.name in one.indexes:
            index, kind = one.indexes[column.name]
            normal = NORMAL[kind](text)
            values[index.name] = sealer.index(kind, normal) if normal else None
    return values
