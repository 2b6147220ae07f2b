"""What is counted at one moment: months of rows, and the changes since. Never altered; a newer one takes its place.

Owns the form in memory that all counting kernels read. Does not own where it comes from (`store`), nor any counting.

A view is a set of segments of the same columns. Base segments hold a month as it was read; change segments hold what
came (+1) and went (-1) in a month since, so that any additive count is the sum over both. Change segments are small.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.store.columns import Family, start_s

Column = NDArray[Any]
Signs = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Segment:
    """Rows of one month, each column an array of the same length, sorted by `Family.sorted_by`; may be mapped files.

    `sign`: +1 and -1 of changes; None: every row counts once (a base segment). `version`: grows when it is made anew.
    """

    month: int
    columns: Mapping[str, Column]
    sign: Signs | None = None
    version: str = ""

    @property
    def start_s(self) -> int:
        """Seconds since 1970 at which the month begins: `at` counts from there."""
        return start_s(self.month)

    def __len__(self) -> int:
        return len(self.columns["at"])


@dataclass(frozen=True, eq=False)
class Places:
    """Where rows belong now: parallel int64 arrays of ids, 0 for none; row 0 is nowhere at all.

    `area`: only where no grid is: the deepest area when it happened. `outside`: outside every area when it happened.
    Grows at the end alone, so that a row keeps its number.
    """

    grid: NDArray[np.int64]
    area: NDArray[np.int64]
    unit: NDArray[np.int64]
    outside: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.grid)


@dataclass(frozen=True, eq=False)
class View:
    """All rows of a family. `base` by month, one a month; `changes` likewise, for some months.

    `agencies`, `hexes`: ids and H3 cells by row number, row 0 is none. `as_of`: when the database was asked last.
    `mark`: the same text, the same rows. `behind`: why it does not follow just now ("" when it does).
    """

    family: Family
    base: tuple[Segment, ...]
    changes: tuple[Segment, ...]
    places: Places
    agencies: NDArray[np.int64]
    hexes: NDArray[np.int64]
    as_of: datetime
    mark: str
    behind: str = ""
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Base and changes."""
        return self.base + self.changes

    @cached_property
    def rows(self) -> int:
        """How many incidents or cases there are."""
        changed = sum(int(one.sign.sum(dtype=np.int64)) for one in self.changes if one.sign is not None)
        return sum(len(one) for one in self.base) + changed
