"""Incidents of each month at every atom: the load under a draft, whatever its grids.

Owns what the load is, and asking for it: the counts of atoms and of grids. Does not own counting (`counting`), nor
incidents: who has them tells where they were (`IncidentPoints`, registered by the composition root).

What a question costs grows with the atoms of one community and the months asked for, never with incidents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gridgov.planning.ground import Ground
from gridgov.planning.queries import load as queries
from gridgov.planning.rules import NOBODY

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]

ALL = "*"


@dataclass(frozen=True)
class Points:
    """m incidents: degrees, microseconds since 1970 in UTC, and the id of the category."""

    lon: Floats
    lat: Floats
    at_us: Ints
    category_id: Ints


class IncidentPoints(Protocol):
    """Where incidents happened, when, and of what category; void and double reports are left out."""

    def newest(self, session: Session) -> int:
        """The highest number that was ever drawn, of incidents that can be seen or not yet."""

    def storing(self, session: Session) -> frozenset[str]:
        """Transactions that have drawn a number and are not over, by names that are not given again."""

    def groups(self, session: Session) -> Mapping[int, str]:
        """Category id -> code of its group (大类)."""

    def read(self, session: Session, *, after: int, upto: int, box: Box | None = None) -> Iterator[Points]:
        """Those with after < number <= upto, in helpings; `box`: those in it, and perhaps others."""

    def at_atoms(self, session: Session, basis_id: int, upto: int, zone: str) -> list[tuple[date, str, int, int]]:
        """The slow way, by SQL: (month, group, atom, incidents), each at the lowest atom that it touches."""


@dataclass(frozen=True, slots=True)
class PartLoad:
    """The load under one community of a plan. `grids`: number -> incidents, those of its atoms; `free`: at atoms of no
    grid. `upto`: the last number of an incident that is counted, as of `counted_at`; None: never counted."""

    community_id: int
    basis_id: int
    grids: Mapping[int, int]
    free: int
    upto: int
    counted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Difference:
    """An atom's month that is counted otherwise than by SQL."""

    month: date
    category: str
    atom: int
    held: int
    found: int


def vector(session: Session, ground: Ground, since: date, until: date, category: str | None = None) -> Ints:
    """int64[n]: incidents at each atom from the month of `since` until before that of `until`; of one group of
    categories by its code, or all. Nothing where the load was never counted."""
    return vector_of(session, ground.basis_id, len(ground), since, until, category)


def vector_of(
    session: Session, basis_id: int, atoms: int, since: date, until: date, category: str | None = None
) -> Ints:
    """The same for a basis that is not in memory."""
    total = np.zeros(atoms, dtype=np.int64)
    for raw in queries.counts(session, basis_id, since.replace(day=1), until.replace(day=1), category or ALL):
        total += _array(raw, atoms)
    return total


def monthly(session: Session, ground: Ground, now: datetime) -> Floats | None:
    """float64[n]: incidents a month at each atom over the last twelve whole months; None where none were counted."""
    until = now.date().replace(day=1)
    total = vector(session, ground, until.replace(year=until.year - 1), until)
    return total / 12 if total.any() else None


def of_grids(load: Ints, assignment: NDArray[np.integer], numbers: Sequence[int]) -> dict[int, int]:
    """Incidents of some grids of a sheet: sums over their atoms."""
    wanted = np.isin(assignment, np.asarray(numbers))
    sums = dict.fromkeys(numbers, 0)
    found, place = np.unique(assignment[wanted], return_inverse=True)
    for number, total in zip(found.tolist(), np.bincount(place, load[wanted], len(found)), strict=True):
        sums[number] = int(total)
    return sums


def of_plan(session: Session, plan_id: int, since: date, until: date, category: str | None = None) -> list[PartLoad]:
    """The load of every grid of a plan as it stands, community by community, between two months as `vector`."""
    found = []
    for row in queries.parts(session, plan_id):
        assignment = np.array(row.assignment, dtype=np.int32)
        load = vector_of(session, row.basis_id, len(assignment), since, until, category)
        sums = of_grids(load, assignment, np.unique(assignment).tolist())
        free = sums.pop(NOBODY, 0)
        found.append(PartLoad(row.community_id, row.basis_id, sums, free, row.upto, row.made_at))
    return found


def _array(raw: bytes, atoms: int) -> Ints:
    """A one-dimensional int4[] in PostgreSQL's binary form: a head of 20 bytes, then length and value of each."""
    found = np.frombuffer(raw, dtype=">i4", offset=20).reshape(-1, 2)[:, 1] if len(raw) > 20 else np.zeros(0, ">i4")
    if len(found) != atoms:
        raise ValueError(f"a load of {len(found)} atoms beside a ground of {atoms}")
    return found.astype(np.int64)


def verify(session: Session, points: IncidentPoints, basis_id: int, *, zone: ZoneInfo) -> list[Difference]:
    """Where the load of one basis differs from what SQL finds among incidents up to the mark (ST_Intersects)."""
    (row,) = queries.bases(session, [basis_id])
    found: dict[tuple[date, str], Ints] = {}
    for month, group, atom, incidents in points.at_atoms(session, basis_id, row.upto, zone.key):
        for category in (group, ALL):
            found.setdefault((month, category), np.zeros(row.atoms, dtype=np.int64))[atom] += incidents
    held = queries.held(session, [basis_id], sorted({one.month for one in queries.months(session, basis_id)}))
    mine = {(month, category): counts for (_, month, category), counts in held.items()}
    nothing = np.zeros(row.atoms, dtype=np.int64)
    differences = []
    for month, category in sorted({*mine, *found}):
        ours, theirs = mine.get((month, category), nothing), found.get((month, category), nothing)
        differences += [
            Difference(month, category, atom, int(ours[atom]), int(theirs[atom]))
            for atom in np.flatnonzero(ours != theirs).tolist()
        ]
    return differences
