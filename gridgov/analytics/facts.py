"""What happened, month by month, as bare facts: when, what, where, by which channel, how it stands, whose it is.

Owns the form in which a month is handed out, and which months are to be handed out anew. Does not own files
(`interop.national`). No text and no person is among the facts.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gridgov.analytics.queries import exported as queries

BATCH_ROWS = 131_072
_IDS = ("category", "agency", "grid", "unit")
_READ = {
    "happened_us": pa.int64(), "category": pa.int64(), "channel": pa.string(), "status": pa.string(),
    "agency": pa.int64(), "grid": pa.int64(), "unit": pa.int64(), "lon": pa.float64(), "lat": pa.float64(),
}  # fmt: skip
_CODE = pa.dictionary(pa.int32(), pa.string())
COLUMNS = pa.schema(
    [
        ("happened_at", pa.timestamp("us", "UTC")), ("category", _CODE), ("category_group", _CODE),
        ("channel", _CODE), ("status", _CODE), ("agency", _CODE), ("grid", _CODE), ("unit", _CODE),
        ("lon", pa.float64()), ("lat", pa.float64()),
    ]
)  # fmt: skip
"""Codes, not ids: `grid` and `unit` where it belongs now, `agency` whose it is; missing where there is none."""


@dataclass(frozen=True, eq=False)
class _Names:
    """ids int64[n] ascending, and the code of each."""

    ids: NDArray[np.int64]
    codes: pa.Array

    def of(self, column: pa.Array) -> pa.DictionaryArray:
        """The codes of a column of ids; none for 0 and for what has no code."""
        ids = column.to_numpy(zero_copy_only=False)
        at = np.minimum(np.searchsorted(self.ids, ids), max(len(self.ids) - 1, 0)).astype(np.int32)
        known = self.ids[at] == ids if len(self.ids) else np.zeros(len(ids), dtype=np.bool_)
        return pa.DictionaryArray.from_arrays(pa.array(at, mask=~known), self.codes)


@dataclass(frozen=True, eq=False)
class Moment:
    """One moment of a city. `origin`, `snapshot`: of which database and when, to ask what has changed since; `codes`:
    a digest of what ids are called."""

    origin: str
    snapshot: str
    codes: str
    _names: dict[str, _Names]

    def changed_since(self, session: Session, origin: str, snapshot: str, codes: str) -> set[datetime] | None:
        """Months whose facts have changed since an earlier moment; None: all may have."""
        if origin != self.origin or codes != self.codes or not queries.follows(session, snapshot):
            return None
        return {month.astimezone(UTC) for month in queries.changed_months(session, snapshot)}

    def months(self, session: Session) -> list[datetime]:
        """First instants (UTC) of the months that hold anything, ascending."""
        return [month.astimezone(UTC) for month in queries.months(session)]

    def month(self, session: Session, month: datetime) -> Iterator[pa.RecordBatch]:
        """The facts of a month along a Z-order curve, the same rows always in the same order: batches of `COLUMNS`."""
        gathered: list[bytes] = []
        for row in queries.facts(session, month, next_month(month)):
            gathered.append(row)
            if len(gathered) >= BATCH_ROWS:
                yield self._batch(b"".join(gathered))
                gathered = []
        if gathered:
            yield self._batch(b"".join(gathered))

    def _batch(self, rows: bytes) -> pa.RecordBatch:
        table = pa.csv.read_csv(
            io.BytesIO(rows),
            read_options=pa.csv.ReadOptions(column_names=list(_READ), block_size=max(len(rows), 1), use_threads=False),
            convert_options=pa.csv.ConvertOptions(column_types=_READ),
        ).combine_chunks()
        found = {name: table.column(name).chunk(0) for name in _READ}
        named = {name: self._names[name].of(found[name]) for name in _IDS}
        return pa.RecordBatch.from_arrays(
            [
                found["happened_us"].cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC")),
                named["category"], self._names["group"].of(found["category"]),
                found["channel"].dictionary_encode(), found["status"].dictionary_encode(),
                named["agency"], named["grid"], named["unit"], found["lon"], found["lat"],
            ],
            schema=COLUMNS,
        )  # fmt: skip


def this_moment(session: Session) -> Moment:
    """Fixes what the transaction sees from now on; must be the first thing that is done in it."""
    queries.one_moment(session)
    standing = queries.standing(session)
    row = queries.codes(session)
    categories, agencies, areas = row.categories or [], row.agencies or [], row.areas or []
    told = json.dumps([categories, agencies, areas], ensure_ascii=False, separators=(",", ":"))
    places = _names(areas)
    names = {
        "category": _names([[one, code] for one, code, _ in categories]),
        "group": _names([[one, group] for one, _, group in categories]),
        "agency": _names(agencies), "grid": places, "unit": places,
    }  # fmt: skip
    return Moment(standing.origin, standing.snapshot, hashlib.sha256(told.encode()).hexdigest(), names)


def next_month(month: datetime) -> datetime:
    """The first instant of the month after, in UTC."""
    return (month.astimezone(UTC) + timedelta(days=32)).replace(day=1)


def _names(pairs: list[list[object]]) -> _Names:
    ids = np.array([one for one, _ in pairs], dtype=np.int64)
    return _Names(ids, pa.array([code for _, code in pairs], type=pa.string()))
