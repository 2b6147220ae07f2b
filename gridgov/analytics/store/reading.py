"""Months as they stand in the database at one moment, and changes, as columns of the store.

Owns what a row of the database becomes: seconds rounded down, numbers in place of ids. Does not own the SQL
(`queries.changes`), nor where columns go (`files`, `feed`).
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gridgov.analytics.queries import changes as queries
from gridgov.analytics.store.columns import NEVER, Family, month_start, start_s
from gridgov.analytics.store.dictionaries import Dictionaries, place_keys
from gridgov.analytics.store.feed import Column, Columns, Rows, joined
from gridgov.analytics.store.snapshot import Snapshot

SINCE_1970_S = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())


def read_months(
    session: Session, family: Family, months: tuple[int, int], dictionaries: Dictionaries
) -> dict[int, Columns]:
    """The rows of some months, from the first to before the second, each month sorted; those without any are left out.

    In a transaction that stands (`queries.stand`). Raises `OSError` when a new place cannot be numbered.
    """
    begin, end = (month_start(month) for month in months)
    helpings = [_columns(some, family, dictionaries) for some in queries.facts(session, family, begin, end)]
    month = np.concatenate([at for _, at in helpings])
    columns = {name: np.concatenate([some[name] for some, _ in helpings]) for name in family.columns}
    found: dict[int, Columns] = {}
    for one in np.unique(month).tolist():
        of = {name: column[month == one] for name, column in columns.items()} if months[1] - months[0] > 1 else columns
        order = np.argsort(of[family.sorted_by], kind="stable")
        found[int(one)] = {name: column[order] for name, column in of.items()}
    return found


def read_changes(session: Session, family: Family, since: Snapshot, dictionaries: Dictionaries) -> Rows:
    """Changes that the transaction sees and `since` did not. Raises `OSError` as above."""
    parts = []
    for some in queries.changes(session, family, since):
        columns, month = _columns(some, family, dictionaries)
        parts.append(Rows(columns, some["sign"].astype(np.int8), month, some["xid"].astype(np.int64)))
    return joined(family, parts)


def months_of(seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Months since January 1970 (UTC) of instants in seconds since 1970."""
    months: NDArray[np.int64] = seconds.astype("M8[s]").astype("M8[M]").astype(np.int64)
    return months


def _columns(some: queries.Helping, family: Family, dictionaries: Dictionaries) -> tuple[Columns, NDArray[np.int64]]:
    """(columns of the family, month of each row)."""
    seconds = _seconds(some["at"])
    month = months_of(seconds)
    whole = {name: some[name].astype(np.int64) for name in ("grid", "area", "unit", "agency")}
    places = place_keys(whole["grid"], whole["area"], whole["unit"], some["outside"] != 0)
    made: dict[str, Column] = {
        "at": seconds - _starts(month),
        "category": some["category"],
        "channel": some["channel"],
        "state": some["state"],
        "place": dictionaries.places.codes(places),
        "agency": dictionaries.agencies.codes(whole["agency"]),
    }
    if "hex" in family.columns:
        made |= {name: some[name] for name in ("lon", "lat", "key")}
        made["hex"] = dictionaries.hexes.codes(some["hex"].astype(np.int64))
    else:
        opened = some["opened"].astype(np.int64)
        made["tier"] = some["tier"]
        made["answered"] = _since(opened, some["accepted"].astype(np.int64))
        made["handled"] = _since(opened, some["ended"].astype(np.int64))
        made["late"] = np.where(some["late"] == queries.UNSAID, NEVER, _seconds(some["late"]))
    return {name: made[name].astype(dtype) for name, dtype in family.columns.items()}, month


def _seconds(at_us: Column) -> NDArray[np.int64]:
    """Whole seconds since 1970 of microseconds since 2000, rounded down."""
    return np.floor_divide(at_us.astype(np.int64), 1_000_000) + SINCE_1970_S


def _starts(month: NDArray[np.int64]) -> NDArray[np.int64]:
    """Seconds since 1970 at which each month begins."""
    if len(month) and month.min() == month.max():
        return np.full(len(month), start_s(int(month[0])))
    starts: NDArray[np.int64] = month.astype("M8[M]").astype("M8[s]").astype(np.int64)
    return starts


def _since(opened: NDArray[np.int64], then: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole seconds from one to the other, -1 where there is no other; never below nought."""
    there = then != queries.UNSAID
    passed = np.floor_divide(np.where(there, then - np.where(there, opened, 0), 0), 1_000_000)
    return np.where(there, np.clip(passed, 0, np.iinfo(np.int32).max), -1)
