"""Where the columns of months lie in memory, so that one call of a kernel goes through all of them.

Owns the table of addresses, and who keeps the arrays while it is used. Does not own what is counted (`bins`). A city of
years has dozens of months; a call a month would cost more than counting what a tile shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np.numpy_support import carray
from numpy.typing import NDArray

from gridgov.analytics.store.columns import INCIDENTS, start_s
from gridgov.analytics.store.view import Segment, View
from gridgov.geo.compiled import kernel

KEY, AT, CATEGORY, PLACE, AGENCY, CHANNEL, STATE, SIGN, ROWS, START, END = range(11)
_COLUMNS = ("key", "at", "category", "place", "agency", "channel", "state")

Table = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Laid:
    """`months`: base segments by month, of `table[:len(months)]`, then changes. `table`: int64[segments][11]: addresses
    of the columns of incidents and of signs (0: every row counts once), rows, the first second of the month and the
    first after. `held`: the arrays that lie there."""

    months: tuple[Segment, ...]
    table: Table
    held: tuple[tuple[NDArray[Any], ...], ...]


_Row = tuple[Table, tuple[NDArray[Any], ...]]
_ROWS: WeakKeyDictionary[Segment, _Row] = WeakKeyDictionary()
_LAID: WeakKeyDictionary[View, Laid] = WeakKeyDictionary()


def of(view: View) -> Laid:
    """The table of a view of incidents; made once a view, the rows of it once a segment."""
    found = _LAID.get(view)
    if found is None:
        months = tuple(sorted(view.base, key=lambda one: one.month))
        rows = [_row(one) for one in (*months, *view.changes)]
        table = np.array([row for row, _ in rows], dtype=np.int64).reshape(len(rows), END + 1)
        found = _LAID[view] = Laid(months, table, tuple(held for _, held in rows))
    return found


def _row(segment: Segment) -> _Row:
    known = _ROWS.get(segment)
    if known is None:
        held = [np.ascontiguousarray(segment.columns[name], dtype=INCIDENTS.columns[name]) for name in _COLUMNS]
        if segment.sign is not None:
            held.append(np.ascontiguousarray(segment.sign, dtype=np.int8))
        addresses = [one.ctypes.data for one in held] + [0] * (segment.sign is None)
        row = np.array([*addresses, len(segment), segment.start_s, start_s(segment.month + 1)], dtype=np.int64)
        known = _ROWS[segment] = (row, tuple(held))
    return known


def _address(_context: Any, _number: Any) -> Any:
    def made(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(types.int64), made


_pointer: Any = intrinsic(_address)  # a number as the address that it is


@kernel
def keys(table: Table, m: int) -> Any:
    return carray(_pointer(table[m, KEY]), table[m, ROWS], np.uint64)


@kernel
def longs(table: Table, m: int, column: int) -> Any:
    """A column of four bytes a row."""
    return carray(_pointer(table[m, column]), table[m, ROWS], np.int32)


@kernel
def shorts(table: Table, m: int, column: int) -> Any:
    """A column of one byte a row."""
    return carray(_pointer(table[m, column]), table[m, ROWS], np.uint8)


@kernel
def signs(table: Table, m: int) -> Any:
    """Of changes; of base segments nothing is there."""
    return carray(_pointer(table[m, SIGN]), table[m, ROWS] if table[m, SIGN] else 0, np.int8)
