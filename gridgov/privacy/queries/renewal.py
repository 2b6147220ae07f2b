"""SQL that gives marked columns a newer key: the same value, sealed again, and its index made anew.

The one place that writes to tables of other domains: to sealed columns and their indexes, which it finds by their mark,
so that no table is forgotten. What the value is does not change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, MetaData, Row, Table, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from gridgov.platform.personal import INDEX, MARK, SEALED, BlindIndex


@dataclass(frozen=True, slots=True)
class Sealed:
    """A table with sealed columns, and blind indexes of some of them; `key` is its primary key."""

    table: Table
    key: Column[Any]
    columns: tuple[Column[Any], ...]
    indexes: Mapping[str, tuple[Column[Any], str]]  # sealed column -> its index, and the kind of its normal form


def sealed_tables(metadata: MetaData) -> Iterator[Sealed]:
    """Every table with sealed columns, by name."""
    for table in sorted(metadata.tables.values(), key=lambda one: one.name):
        columns = tuple(c for c in table.columns if MARK in c.info and c.name.endswith(SEALED))
        if not columns:
            continue
        (key,) = table.primary_key.columns
        found: list[tuple[Column[Any], BlindIndex]] = [(c, c.info[INDEX]) for c in table.columns if INDEX in c.info]
        yield Sealed(table, key, columns, {index.of: (column, index.kind) for column, index in found})


def behind(
    session: Session, one: Sealed, *, newest: int, reseal: bool, after: object | None, limit: int
) -> Sequence[Row[Any]]:
    """Rows (key, sealed columns) in the order of keys with something of an older key, or without an index; locked."""
    wanted: list[ColumnElement[bool]] = []
    if reseal:
        wanted += [func.get_byte(column, 0) != newest for column in one.columns]
    for sealed, (index, _) in one.indexes.items():
        stale = or_(index.is_(None), func.get_byte(index, 0) != newest)
        wanted.append(and_(one.table.c[sealed].is_not(None), stale))
    if not wanted:
        return []
    query = select(one.key, *one.columns).where(or_(*wanted)).order_by(one.key).limit(limit).with_for_update()
    if after is not None:
        query = query.where(one.key > after)
    return session.execute(query).all()


def renew(session: Session, one: Sealed, rows: Sequence[Mapping[str, Any]]) -> None:
    """`rows`: "key", and for each column its new value; all rows with the same columns."""
    names = [name for name in rows[0] if name != "key"]
    statement = update(one.table).where(one.key == bindparam("key"))
    session.connection().execute(
        statement.values({one.table.c[name]: bindparam(f"new_{name}") for name in names}),
        [{"key": row["key"], **{f"new_{name}": row[name] for name in names}} for row in rows],
    )


def by_key(session: Session, one: Sealed) -> dict[int, int]:
    """Number of a key -> sealed values that it opens, in one table."""
    counted: dict[int, int] = {}
    for column in one.columns:
        number = func.get_byte(column, 0)
        query = select(number, func.count()).where(column.is_not(None)).group_by(number)
        for key, n in session.execute(query):
            counted[int(key)] = counted.get(int(key), 0) + int(n)
    return counted
