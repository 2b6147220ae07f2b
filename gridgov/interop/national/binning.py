"""One partition counted by other boundaries: what a worker does. The same file and table always give the same answer.

Owns reading a month's file and counting it by area and category group. Does not own which files there are (`manifest`),
who counts them (`crew`), nor what becomes of the counts (`rebin`). No database, no settings, no state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gridgov.geo.locate import PointIndex

BATCH_ROWS = 131_072
DENSE = 1 << 22
MOST_GROUPS = 1 << 20
Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Task:
    """A month of a city. `accepted`: SHA-256 of the file as it may be; `statuses`: only these, () for all."""

    number: int
    city: str
    month: str
    path: str
    accepted: tuple[str, ...]
    statuses: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.city} {self.month}"


@dataclass(frozen=True, eq=False)
class Counted:
    """How many of a partition's points lie where: parallel `area` int32 (-1: in none), `group` int32 into `groups`,
    `count` int64; cells without any point are not there. `sha256`: of what was read."""

    number: int
    groups: tuple[str, ...]
    area: NDArray[np.int32]
    group: NDArray[np.int32]
    count: Longs
    sha256: str


@dataclass(frozen=True, slots=True)
class Damaged:
    """A partition that cannot be counted, and why."""

    number: int
    why: str


def counted(task: Task, table: PointIndex) -> Counted | Damaged:
    """Count the file of a task. Only what its manifest says was put there is counted."""
    try:
        with open(task.path, "rb") as file:  # one and the same file, whatever takes its name meanwhile
            found = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            if found not in task.accepted:
                return Damaged(task.number, "it is not the file that its manifest names")
            return _summed(task, found, _cells(file, task.statuses, table))
    except FileNotFoundError:
        return Damaged(task.number, "it is not there")
    except (OSError, pa.ArrowException, KeyError) as problem:
        return Damaged(task.number, f"it cannot be read: {(str(problem).splitlines() or [type(problem).__name__])[0]}")


def _cells(
    file: BinaryIO, statuses: tuple[str, ...], table: PointIndex
) -> Iterator[tuple[tuple[str, ...], Longs, Longs]]:
    """Of each batch: its groups, and which of (area + 1) * len(groups) + group occur how often."""
    columns = ["lon", "lat", "category_group", *(["status"] if statuses else [])]
    for batch in pq.ParquetFile(file).iter_batches(BATCH_ROWS, columns=columns, use_threads=False):
        rows = batch
        if statuses:
            wanted = pa.compute.is_in(batch.column("status").cast(pa.string()), pa.array(statuses, pa.string()))
            rows = batch.filter(wanted)
        names, group = _groups(rows.column("category_group"))
        area = table.locate(rows.column("lon").to_numpy(), rows.column("lat").to_numpy())
        keys, counts = _tallied((area.astype(np.int64) + 1) * len(names) + group)
        yield names, keys, counts


def _groups(column: pa.Array) -> tuple[tuple[str, ...], Longs]:
    """The names in a column, "" where there is none, and the number of each row's."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    names = (*(name or "" for name in coded.dictionary.to_pylist()), "")
    return names, coded.indices.fill_null(len(names) - 1).to_numpy().astype(np.int64)


def _tallied(keys: Longs) -> tuple[Longs, Longs]:
    """Distinct numbers, ascending, and how often each occurs. Those of a city lie together: a row of counters does."""
    if not len(keys):
        return keys, keys
    low, high = int(keys.min()), int(keys.max())
    if high - low > DENSE:
        found, counts = np.unique(keys, return_counts=True)
        return found, counts.astype(np.int64)
    sums = np.bincount(keys - low)
    found = np.flatnonzero(sums)
    return found + low, sums[found].astype(np.int64)


def _summed(task: Task, sha256: str, batches: Iterable[tuple[tuple[str, ...], Longs, Longs]]) -> Counted:
    groups: dict[str, int] = {}
    keys, counts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for names, found, times in batches:
        number = np.array([groups.setdefault(name, len(groups)) for name in names], dtype=np.int64)
        keys.append(found // len(names) * MOST_GROUPS + number[found % len(names)])
        counts.append(times)
    every, place = np.unique(np.concatenate(keys), return_inverse=True)
    sums = np.zeros(len(every), dtype=np.int64)
    np.add.at(sums, place, np.concatenate(counts))
    area = (every // MOST_GROUPS - 1).astype(np.int32)
    return Counted(task.number, tuple(groups), area, (every % MOST_GROUPS).astype(np.int32), sums, sha256)
