"""What the store knows of an incident and of a case: the columns and their codes. Pure.

Owns names, types and codes of columns. Does not own where they are read from (`reading`), nor how they lie on disk
(`files`).

    family     column       type    meaning
    both       at           i4      seconds since the month began (UTC), rounded down
               category     i4      id of the matter
               place        i4      row of `view.Places`: grid, or area and unit where no grid is
               agency       i4      row of the view's agencies; 0: none. Of a case: who has it now
               channel      u1      CHANNELS
               state        u1      incidents: STATUSES; cases: STATES
    incidents  key          u8      Z-order number of the map cell of zoom 25 (geo.zorder); rows are sorted by it
               hex          i4      row of the view's H3 cells of resolution 9
               lon, lat     f8      degrees, as stored
    cases      tier         u1      TIERS: who had it last, or has it
               answered     i4      seconds from its opening until it was accepted; -1: not yet
               handled      i4      seconds from its opening until it ended; -1: not yet
               late         i8      seconds since 1970 from which it is overdue; NEVER: it is not
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import numpy as np

from gridgov.incidents.rules import Channel, Status

NEVER = int(np.iinfo(np.int64).max)
CHANNELS: tuple[str, ...] = tuple(Channel)
STATUSES: tuple[str, ...] = tuple(Status)
STATES: tuple[str, ...] = (
    "reported", "verifying", "accepted", "dispatched", "handling", "returning", "disputed", "suspended", "whistled",
    "answered", "checking", "checked", "closed", "refused", "cancelled", "merged",
)  # fmt: skip
TIERS: tuple[str, ...] = ("none", "grid", "community", "subdistrict", "district", "city", "agency")

_BOTH: Mapping[str, str] = {
    "at": "<i4", "category": "<i4", "place": "<i4", "agency": "<i4", "channel": "|u1", "state": "|u1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of rows. `table`, `changes`: where they and their changes are read; `sorted_by`: the order of base rows.

    `sign` is not among the columns: whoever holds changes keeps it beside them.
    """

    name: str
    table: str
    changes: str
    columns: Mapping[str, np.dtype[Any]]
    states: tuple[str, ...]
    sorted_by: str

    @property
    def row_bytes(self) -> int:
        return sum(dtype.itemsize for dtype in self.columns.values())


def _columns(more: Mapping[str, str]) -> Mapping[str, np.dtype[Any]]:
    return {name: np.dtype(code) for name, code in {**_BOTH, **more}.items()}


INCIDENTS = Family(
    "incidents", "incidents", "analytics_incident_change",
    _columns({"key": "<u8", "hex": "<i4", "lon": "<f8", "lat": "<f8"}), STATUSES, "key",
)  # fmt: skip
CASES = Family(
    "cases", "cases", "analytics_case_change",
    _columns({"tier": "|u1", "answered": "<i4", "handled": "<i4", "late": "<i8"}), STATES, "category",
)  # fmt: skip
FAMILIES: tuple[Family, ...] = (INCIDENTS, CASES)


def month_of(moment: datetime) -> int:
    """Months since January 1970 (UTC) of an instant: the number of its segment."""
    at = moment.astimezone(UTC)
    return (at.year - 1970) * 12 + at.month - 1


def month_start(month: int) -> datetime:
    """The instant at which a month begins."""
    return datetime(1970 + month // 12, month % 12 + 1, 1, tzinfo=UTC)


@lru_cache(maxsize=1 << 12)
def start_s(month: int) -> int:
    """The same in seconds since 1970."""
    return int(month_start(month).timestamp())
