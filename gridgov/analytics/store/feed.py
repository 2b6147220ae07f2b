"""One family followed in memory: each month as it was read, and what came and went since. Pure.

Owns which change belongs to which month, and when a month can no longer be followed. Does not own reading (`reading`),
nor files (`files`).

A worker stands at one snapshot; each month was read at its own, which may be newer. So a change is left out where the
month's snapshot saw it already. A change of sign 0 says that the month was changed in bulk: from then on the month
stays as it was before, and what comes waits, until the month is read anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.store.columns import Family
from gridgov.analytics.store.snapshot import Snapshot
from gridgov.analytics.store.view import Segment

Column = NDArray[Any]
Columns = Mapping[str, Column]


@dataclass(frozen=True, eq=False)
class Rows:
    """Changes: parallel arrays. `columns` of the family; `sign`: +1 came, -1 went, 0 the month is to be read anew;
    `month` (months since 1970) and `xid` (the transaction) of each."""

    columns: Columns
    sign: NDArray[np.int8]
    month: NDArray[np.int64]
    xid: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.sign)

    def take(self, which: NDArray[Any]) -> Rows:
        """The rows of a mask, or of some places."""
        columns = {name: column[which] for name, column in self.columns.items()}
        return Rows(columns, self.sign[which], self.month[which], self.xid[which])


def no_rows(family: Family) -> Rows:
    """None of them."""
    nothing = np.zeros(0, dtype=np.int64)
    columns = {name: np.zeros(0, dtype=dtype) for name, dtype in family.columns.items()}
    return Rows(columns, nothing.astype(np.int8), nothing, nothing)


def joined(family: Family, parts: Iterable[Rows]) -> Rows:
    """One after another."""
    some = [part for part in parts if len(part)]
    if len(some) <= 1:
        return some[0] if some else no_rows(family)
    columns = {name: np.concatenate([part.columns[name] for part in some]) for name in family.columns}
    sign, month, xid = (np.concatenate([getattr(part, name) for part in some]) for name in ("sign", "month", "xid"))
    return Rows(columns, sign, month, xid)


@dataclass(frozen=True, slots=True)
class Base:
    """A month as it was read, and the moment when."""

    segment: Segment
    snapshot: Snapshot


@dataclass(eq=False)
class Month:
    """A month: its base, changes that count, in order, and those that wait (None: none has to)."""

    base: Base | None
    counted: Rows
    waiting: Rows | None = None
    segment: Segment | None = None


@dataclass(eq=False)
class Following:
    """`floor`: months without a base had no rows at this moment. Not safe among threads."""

    family: Family
    floor: Snapshot
    months: dict[int, Month] = field(default_factory=dict)
    made: int = 0

    def adopt(self, bases: Mapping[int, Base], floor: Snapshot) -> bool:
        """Takes months that were read anew; whether any was. What they saw is no longer a change."""
        anew = False
        self.floor = floor
        for number in sorted(set(bases) | set(self.months)):
            before, base = self.months.get(number), bases.get(number)
            if before is None:
                self.months[number] = Month(base, no_rows(self.family))
                anew = True
                continue
            old = before.base
            if base is old:
                continue
            same = base is not None and old is not None and base.segment is old.segment
            if same and base is not None and old is not None and base.snapshot == old.snapshot:
                continue
            parts = [before.counted, *([before.waiting] if before.waiting is not None else [])]
            if not same:
                self.months[number] = Month(base, no_rows(self.family))
                self._put(number, joined(self.family, parts))
                anew = True
            else:
                before.base = base  # the same rows, known to stand at a later moment
        return anew

    def apply(self, rows: Rows) -> bool:
        """Takes changes; whether anything that is counted came of them."""
        came = False
        for number in np.unique(rows.month).tolist():
            came |= self._put(int(number), rows.take(rows.month == number))
        return came

    def _put(self, number: int, rows: Rows) -> bool:
        month = self.months.get(number)
        stands = month.base.snapshot if month is not None and month.base is not None else self.floor
        rows = rows.take(~stands.seen(rows.xid))
        if not len(rows):
            return False
        if month is None:
            month = self.months[number] = Month(None, no_rows(self.family))
        if month.waiting is not None or not rows.sign.all():
            month.waiting = joined(self.family, [part for part in (month.waiting, rows) if part is not None])
            return True
        month.counted = _inserted(self.family, month.counted, rows)
        self.made += 1
        month.segment = Segment(number, month.counted.columns, month.counted.sign, f"{number}+{self.made}")
        return True

    @property
    def stale(self) -> list[int]:
        """Months that are to be read anew before they can be followed again."""
        return [number for number, month in sorted(self.months.items()) if month.waiting is not None]

    def crowded(self, least: int, share: float) -> list[int]:
        """Months with so many changes that reading them anew is cheaper than carrying them along."""
        return [
            number for number, month in sorted(self.months.items())
            if len(month.counted) > max(least, share * (len(month.base.segment) if month.base else 0))
        ]  # fmt: skip

    def changed(self) -> list[int]:
        """Months with any changes."""
        return [n for n, month in sorted(self.months.items()) if len(month.counted) or month.waiting is not None]

    def bases(self) -> tuple[Segment, ...]:
        """By month."""
        return tuple(month.base.segment for _, month in sorted(self.months.items()) if month.base is not None)

    def segments(self) -> tuple[Segment, ...]:
        """Changes by month."""
        return tuple(month.segment for _, month in sorted(self.months.items()) if month.segment is not None)


def _inserted(family: Family, rows: Rows, new: Rows) -> Rows:
    """Sorted rows with some more, sorted: copies each column once."""
    new = new.take(np.argsort(new.columns[family.sorted_by], kind="stable"))
    if not len(rows):
        return new
    at = np.searchsorted(rows.columns[family.sorted_by], new.columns[family.sorted_by], side="right")
    columns = {name: np.insert(column, at, new.columns[name]) for name, column in rows.columns.items()}
    sign, month, xid = (np.insert(getattr(rows, name), at, getattr(new, name)) for name in ("sign", "month", "xid"))
    return Rows(columns, sign, month, xid)


def months_said(months: Iterable[int]) -> str:
    """`2026-03, 2026-04`."""
    return ", ".join(f"{1970 + month // 12:04d}-{month % 12 + 1:02d}" for month in months)
