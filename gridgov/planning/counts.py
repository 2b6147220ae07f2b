"""Households of every atom of a basis, as counted on a day.

Owns keeping counts. Does not own how households are spread over atoms (`geo.atoms.households`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.geo.atoms.households import moved
from gridgov.planning.queries import basis as queries
from gridgov.platform.errors import BadInput, NotFound


class CountUnknown(NotFound):
    """No count of this id, or none of this basis."""

    code = "count-unknown"


class CountUnfit(BadInput):
    """Not one number of households for every atom."""

    code = "count-unfit"


@dataclass(frozen=True, slots=True)
class CountFacts:
    """A count as it is listed."""

    id: int
    counted_on: date
    source: str
    total: int


def put(
    session: Session,
    basis_id: int,
    households: NDArray[np.integer],
    *,
    counted_on: date,
    source: str,
    now: datetime,
) -> int:
    """Keeps int[n] households of the atoms of a basis as of a day, and returns the count's id; the same again is the
    count that is there. Raises `CountUnfit`, `BasisUnknown`.
    """
    row = queries.basis_row(session, basis_id)
    if row is None:
        raise CountUnknown("There is no such basis.", field="basis_id", remedy="Make it: gridgov plan atoms.")
    values = np.asarray(households)
    if values.shape != (row.atoms,) or bool((values < 0).any()):
        raise CountUnfit(
            f"The basis has {row.atoms} atoms; {values.size} numbers came, {int((values < 0).sum())} below 0.",
            field="households",
            remedy="Give one number from 0 up for every atom, in the order of their numbers.",
        )
    digest = hashlib.sha256(np.ascontiguousarray(values, dtype="<i4").tobytes()).digest()
    numbers = [int(one) for one in values]
    return queries.put_count(session, basis_id, counted_on, source, numbers, digest, now)


def carry(session: Session, count_id: int, to_basis_id: int, *, now: datetime) -> int:
    """Carries a count over to another basis, as of the same day, and returns its id: to the atoms of the same key, the
    rest by shared ground, so that it sums to the same. Raises `CountUnknown`.
    """
    row = queries.count_row(session, count_id)
    if row is None:
        raise CountUnknown(f"There is no count {count_id}.", field="count_id", remedy="Name one that is there.")
    if row.basis_id == to_basis_id:
        return count_id
    before, after = queries.atoms(session, row.basis_id), queries.atoms(session, to_basis_id)
    if not after:
        raise CountUnknown(f"There is no basis {to_basis_id}.", field="basis_id", remedy="Make it: gridgov plan atoms.")
    households = moved(
        _shapes(before),
        [atom.key for atom in before],
        np.array(row.households, dtype=np.int64),
        _shapes(after),
        [atom.key for atom in after],
    )
    source = f"{row.source} (count {count_id} carried over)"
    return put(session, to_basis_id, households, counted_on=row.counted_on, source=source, now=now)


def _shapes(rows: list[Row[Any]]) -> NDArray[np.object_]:
    return np.asarray(shapely.from_wkb([row.wkb for row in rows]), dtype=object)


def listed(session: Session, basis_id: int) -> list[CountFacts]:
    """The counts of a basis, the newest day first."""
    return [CountFacts(row.id, row.counted_on, row.source, row.total) for row in queries.counts(session, basis_id)]
