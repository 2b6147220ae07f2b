"""Incidents of the past as columns: one month after the other, from wherever they come.

Owns that form. Does not own how they are loaded (`history`). Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.crs import Datum
from gridgov.incidents.rules import Channel, Status

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CHANNELS, STATUSES = tuple(Channel), tuple(Status)


@dataclass(frozen=True)
class History:
    """Incidents of one month (UTC), rising in time; parallel arrays of n.

    `id`: uint8[n, 16]; `category`, `text`: numbers into `Source.codes` and `Source.texts`; `channel`, `status`: numbers
    in the order of their enums; `lon`, `lat`: degrees of `Source.datum`; `happened_us`: microseconds since 1970 (UTC).
    `digest`: uint8[n, 32] as `service.bulk_digest`; None: the id is named after all that the row says.
    """

    id: NDArray[np.uint8]
    category: Ints
    channel: Ints
    status: Ints
    text: Ints
    happened_us: Ints
    lon: Floats
    lat: Floats
    digest: NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.happened_us)


class Source(Protocol):
    """Where incidents come from. The same `name`, the same rows."""

    @property
    def name(self) -> str: ...

    @property
    def codes(self) -> Sequence[str]: ...

    @property
    def texts(self) -> Sequence[str]: ...

    @property
    def datum(self) -> Datum: ...

    def months(self) -> Sequence[tuple[date, int]]:
        """First days of the months (UTC) that have rows, and how many."""

    def slices(self, month: date) -> Iterator[History]:
        """The month's rows in pieces that fit into memory. Called by several threads for different months."""


@dataclass(frozen=True)
class Arrays:
    """A source of rows that are all in memory, in any order."""

    name: str
    codes: Sequence[str]
    texts: Sequence[str]
    datum: Datum
    rows: History

    def months(self) -> Sequence[tuple[date, int]]:
        found, counts = np.unique(self._month(), return_counts=True)
        return [(one.astype("datetime64[D]").item(), int(rows)) for one, rows in zip(found, counts, strict=True)]

    def slices(self, month: date) -> Iterator[History]:
        places = np.flatnonzero(self._month() == np.datetime64(month, "M"))
        places = places[np.argsort(self.rows.happened_us[places], kind="stable")]
        rows = self.rows
        yield History(
            rows.id[places],
            rows.category[places],
            rows.channel[places],
            rows.status[places],
            rows.text[places],
            rows.happened_us[places],
            rows.lon[places],
            rows.lat[places],
            None if rows.digest is None else rows.digest[places],
        )

    def _month(self) -> NDArray[np.datetime64]:
        return self.rows.happened_us.astype("datetime64[us]").astype("datetime64[M]")
