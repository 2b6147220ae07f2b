"""Whether what is counted from is what the database holds: row by row, at one moment.

Owns the comparison. Does not own reading (`reading`) nor mending (`store`).

The moment is that of one repeatable-read transaction: every month is read there, and so are the changes since the files
were written. Both sides are compared as multisets of whole rows; nothing is rounded and nothing drawn by chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.queries import changes as queries
from gridgov.analytics.store.columns import FAMILIES, Family, month_of
from gridgov.analytics.store.feed import Columns, Month
from gridgov.analytics.store.reading import read_months
from gridgov.analytics.store.store import Store

_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Difference:
    """A month that differs. `missing`: rows of the database that the store lacks; `surplus`: those it has beyond."""

    family: str
    month: int
    missing: int
    surplus: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """`rows`: compared, in the database; `waiting`: months (family, month) that are about to be read anew, and were not
    compared."""

    rows: int
    months: int
    differences: tuple[Difference, ...] = ()
    waiting: tuple[tuple[str, int], ...] = field(default=())

    @property
    def good(self) -> bool:
        return not self.differences


def verify(store: Store, *, progress: Callable[[str, int], None] = lambda *_: None) -> Verdict:
    """Compares every month of every family. `progress` is told each: its family and month."""
    differences, waiting, rows, months = [], [], 0, 0
    with store.replayed() as replay:
        for family in FAMILIES:
            following = replay.following[family.name]
            listed = {month_of(at) for at in queries.months(replay.session, family)}
            for number in sorted(listed | set(following.months)):
                progress(family.name, number)
                held = following.months.get(number)
                if held is not None and held.waiting is not None:
                    waiting.append((family.name, number))
                    continue
                found = read_months(replay.session, family, (number, number + 1), replay.numbers).get(number)
                missing, surplus = compared(family, held, found)
                rows += 0 if found is None else len(found["at"])
                months += 1
                if missing or surplus:
                    differences.append(Difference(family.name, number, missing, surplus))
    return Verdict(rows, months, tuple(differences), tuple(waiting))


def compared(family: Family, held: Month | None, found: Columns | None) -> tuple[int, int]:
    """(rows that are found and not held, rows that are held and not found)."""
    parts: list[tuple[Columns, NDArray[np.int64]]] = []
    if held is not None and held.base is not None:
        parts.append((held.base.segment.columns, np.ones(len(held.base.segment), dtype=np.int64)))
    if held is not None and len(held.counted):
        parts.append((held.counted.columns, held.counted.sign.astype(np.int64)))
    if found is not None:
        parts.append((found, np.full(len(found["at"]), -1, dtype=np.int64)))
    if not parts:
        return 0, 0
    packed = np.concatenate([_packed(family, columns) for columns, _ in parts])
    weights = np.concatenate([weight for _, weight in parts])
    if not len(packed):
        return 0, 0
    left = _left(packed, weights)
    return int(-left[left < 0].sum()), int(left[left > 0].sum())


def _left(packed: NDArray[np.void], weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """The sum of the weights of each distinct row: rows of one hash lie together, and are compared byte by byte."""
    hashes = _hashed(packed)
    order = np.argsort(hashes, kind="stable")
    hashes, rows = hashes[order], packed[order].view(f"V{packed.dtype.itemsize}")
    new = np.concatenate(([True], hashes[1:] != hashes[:-1]))
    alike = np.concatenate(([True], rows[1:] == rows[:-1]))
    if (alike | new).all():
        sums: NDArray[np.int64] = np.add.reduceat(weights[order], np.flatnonzero(new))
        return sums
    by_row: Counter[bytes] = Counter()  # two rows of one hash
    for row, weight in zip(rows.tolist(), weights[order].tolist(), strict=True):
        by_row[row] += weight
    return np.array(list(by_row.values()), dtype=np.int64)


def _packed(family: Family, columns: Columns) -> NDArray[np.void]:
    rows = np.empty(len(columns["at"]), dtype=np.dtype(list(family.columns.items())))
    for name in family.columns:
        rows[name] = columns[name]
    return rows


def _hashed(packed: NDArray[np.void]) -> NDArray[np.uint64]:
    assert packed.dtype.names is not None
    found = np.zeros(len(packed), dtype=np.uint64)
    for name in packed.dtype.names:
        column = np.ascontiguousarray(packed[name])
        bits = column.view(np.uint64) if column.dtype.kind == "f" else column.astype(np.int64).view(np.uint64)
        found = (found ^ bits) * _MIX
        found ^= found >> np.uint64(29)
    return found
