"""Bulk transfer: a temporary table filled by COPY, to be joined by a domain's own set-based SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import shapely
from psycopg import sql
from psycopg.types.json import Jsonb
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from gridgov.platform.db import cursor


def stage(session: Session, name: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> int:
    """Fills temporary table `name` (columns as (name, SQL type); gone at commit) and returns the number of rows.

    Dicts are sent as jsonb. Geometry goes as EWKB bytes into a column of type `geometry`.
    """
    named = [sql.Identifier(column) for column, _ in columns]
    kinds = [sql.SQL(kind) for _, kind in columns]  # types are literals of our own code
    table = sql.Identifier("pg_temp", name)
    count = 0
    with cursor(session) as cur:
        cur.execute(sql.SQL("drop table if exists {}").format(table))
        definition = sql.SQL(", ").join(sql.SQL("{} {}").format(n, k) for n, k in zip(named, kinds, strict=True))
        cur.execute(sql.SQL("create temporary table {} ({}) on commit drop").format(sql.Identifier(name), definition))
        copy = sql.SQL("copy {} ({}) from stdin").format(table, sql.SQL(", ").join(named))
        with cur.copy(copy) as sink:
            for row in rows:
                sink.write_row([Jsonb(value) if isinstance(value, dict) else value for value in row])
                count += 1
        cur.execute(sql.SQL("analyze {}").format(table))
    return count


def array(values: Iterable[Any]) -> str:
    """A column as the text of a PostgreSQL array, to be cast where it is used: numbers, texts, bytes, instants, UUIDs,
    None. The driver's own lists cost six times as much, and their types, which follow from the values, a new plan."""
    return f"{{{','.join(map(_element, values))}}}"


def _element(value: Any) -> str:
    """PostgreSQL, "8.15.6 Array Input and Output Syntax"."""
    if value is None:
        return "null"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    if isinstance(value, datetime):
        return f'"{value.isoformat()}"'
    return str(value)


def ewkb(geometry: BaseGeometry) -> str:
    """Hex EWKB in EPSG:4326, as COPY takes it."""
    return str(shapely.to_wkb(shapely.set_srid(geometry, 4326), hex=True, include_srid=True))
