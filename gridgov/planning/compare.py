"""Two drawings of one community side by side: what became of every grid, what moves, metric by metric. Pure.

The two may lie on different bases: ground is paired by its keys, and where a key is new by how much of it is shared.
Owns the comparison. Does not own which grid goes on as which (`lineage`), what is measured (`metrics`) nor how it is
shown (`reports.comparison`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.planning.ground import Ground
from gridgov.planning.lineage import Lineage, lineage
from gridgov.planning.rules import NOBODY, GridDraft, Sheet
from gridgov.planning.settling import divided

NOWHERE = -1
"""In place of an atom: this ground is not in the other basis."""
LEAST_M2 = 0.5
Ints = NDArray[np.int64]


class Fate(StrEnum):
    """What became of a grid. A split or merged one goes on; what came out of it is new, what went into it ended."""

    SAME = "same"
    CHANGED = "changed"
    SPLIT = "split"
    MERGED = "merged"
    NEW = "new"
    ENDED = "ended"


FATES: Mapping[Fate, tuple[str, str]] = {
    Fate.SAME: ("不变", "unchanged"),
    Fate.CHANGED: ("调整", "changed"),
    Fate.SPLIT: ("拆分", "split"),
    Fate.MERGED: ("合并", "merged"),
    Fate.NEW: ("新设", "new"),
    Fate.ENDED: ("撤销", "ended"),
}


@dataclass(frozen=True)
class Side:
    """A sheet on its ground. `cases`: open cases at each atom, int[n], None: not asked. `metrics` by grid and `totals`
    as the registry names them."""

    ground: Ground
    sheet: Sheet
    cases: Ints | None = None
    metrics: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    totals: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Pieces:
    """p pieces of ground: the atom of each before and after (`NOWHERE`: in this basis it is not), its households by the
    count of the ground after (before, where it is nowhere after), its square metres."""

    before: Ints
    after: Ints
    households: Ints
    area_m2: NDArray[np.float64]


@dataclass(frozen=True)
class GridPair:
    """What became of a grid: its number before and after, None where it was not or is no more.

    `partners`: with a split the new numbers that came out of it, with a merger the old ones that went into it.
    `came`, `went`: households that it got from other grids and gave to others.
    """

    fate: Fate
    before: GridDraft | None
    after: GridDraft | None
    partners: tuple[int, ...]
    households_before: int
    households_after: int
    came: int
    went: int
    metrics_before: Mapping[str, float]
    metrics_after: Mapping[str, float]


@dataclass(frozen=True)
class Moved:
    """Ground of one atom that changes its grid. `cases` None: not asked. Never says who lives there."""

    key: str
    kind: str
    building_id: int | None
    place: tuple[float, float]
    before: int
    after: int
    households: int
    cases: int | None
    atom: int


@dataclass(frozen=True)
class Comparison:
    """`moved`: most households first. Households and cases that come from no grid, or go to none, are counted apart."""

    grids: tuple[GridPair, ...]
    moved: tuple[Moved, ...]
    goes_on: Mapping[int, int]
    households: int
    households_moved: int
    cases_moved: int | None
    households_unassigned: tuple[int, int]
    totals_before: Mapping[str, float]
    totals_after: Mapping[str, float]
    same_ground: bool

    def fates(self) -> dict[Fate, int]:
        """Grids by what became of them."""
        return {fate: sum(one.fate is fate for one in self.grids) for fate in Fate}


def compare(before: Side, after: Side) -> Comparison:
    """What becomes of one sheet with the other. A grid that names the area it goes on as keeps that identity on both
    sides; the others go on where most of their households are."""
    ground = pieces(before.ground, after.ground)
    old = _at(before.sheet.assignment, ground.before)
    new = _at(after.sheet.assignment, ground.after)
    codes = {number: draft.code or "" for number, draft in before.sheet.grids.items()}
    descent = lineage(
        old, new, households=ground.households, area_m2=ground.area_m2, codes=codes, fixed=_fixed(before, after)
    )
    stays = np.asarray([descent.goes_on.get(int(n), NOBODY - 1) for n in new], dtype=np.int64)
    kept = (stays == old) | (old == new) & (new == NOBODY)
    moving = ~kept & (ground.after != NOWHERE) & (ground.before != NOWHERE)
    counted = moving & (old != NOBODY) & (new != NOBODY)
    cases = _cases(after, ground)
    return Comparison(
        grids=_grids(before, after, descent, (old, new, ground.households, counted)),
        moved=_moved(after, ground, cases, (old, new, np.flatnonzero(moving))),
        goes_on=descent.goes_on,
        households=int(after.ground.households.sum()),
        households_moved=int(ground.households[counted].sum()),
        cases_moved=None if cases is None else int(cases[counted].sum()),
        households_unassigned=(_lost(before), _lost(after)),
        totals_before=before.totals,
        totals_after=after.totals,
        same_ground=before.ground.keys == after.ground.keys,
    )


def pieces(before: Ground, after: Ground) -> Pieces:
    """Pairs the ground of two bases. The same key is the same ground; new ground is shared by area, its households by
    the same shares (whole, adding up)."""
    if before.keys == after.keys:
        every = np.arange(len(after), dtype=np.int64)
        return Pieces(every, every, after.households.astype(np.int64), np.asarray(after.graph.area_m2))
    known = np.asarray([before.number_of.get(key, NOWHERE) for key in after.keys], dtype=np.int64)
    whole = np.flatnonzero(known != NOWHERE)
    rest_after = np.flatnonzero(known == NOWHERE)
    rest_before = np.setdiff1d(np.arange(len(before)), known[whole])
    parts = [
        (known[whole], whole, after.households[whole].astype(np.int64), np.asarray(after.graph.area_m2)[whole]),
        *_shared(before, after, rest_before, rest_after),
    ]
    columns = [np.concatenate([part[column] for part in parts]) for column in range(4)]
    return Pieces(columns[0], columns[1], columns[2], columns[3])


def _shared(before: Ground, after: Ground, old: Ints, new: Ints) -> list[tuple[Ints, Ints, Ints, Any]]:
    """Pieces of ground without a common key: (before, after, households, m²) by overlap, and what is left over."""
    found: list[tuple[Ints, Ints, Ints, Any]] = []
    tree = shapely.STRtree(before.shapes[old])
    place, other = tree.query(after.shapes[new], predicate="intersects")
    area = shapely.area(shapely.intersection(after.shapes[new[place]], before.shapes[old[other]]))
    real = area >= LEAST_M2
    place, other, area = place[real], other[real], area[real]
    for at, atom in enumerate(new.tolist()):
        rows = place == at
        shares, partners = area[rows], old[other[rows]]
        left = float(after.graph.area_m2[atom]) - float(shares.sum())
        if left >= LEAST_M2 or not len(shares):
            shares, partners = np.append(shares, max(left, LEAST_M2)), np.append(partners, NOWHERE)
        homes = divided(int(after.households[atom]), shares)
        found.append((partners, np.full(len(partners), atom, dtype=np.int64), homes, shares))
    covered = np.bincount(old[other], weights=area, minlength=len(before))
    gone = old[
        np.asarray(before.graph.area_m2)[old] - covered[old]
        >= np.maximum(LEAST_M2, 0.5 * shapely.area(before.shapes[old]))
    ]
    nowhere = np.full(len(gone), NOWHERE, dtype=np.int64)
    found.append((gone, nowhere, before.households[gone].astype(np.int64), np.asarray(before.graph.area_m2)[gone]))
    return found


def _at(assignment: NDArray[np.int32], atoms: Ints) -> Ints:
    numbers = np.full(len(atoms), NOBODY, dtype=np.int64)
    there = atoms != NOWHERE
    numbers[there] = assignment[atoms[there]]
    return numbers


def _fixed(before: Side, after: Side) -> dict[int, int]:
    """New -> old where both say which area they are."""
    old = {draft.area_id: number for number, draft in before.sheet.grids.items() if draft.area_id is not None}
    fixed: dict[int, int] = {}
    for number, draft in sorted(after.sheet.grids.items()):
        if draft.area_id in old and old[draft.area_id] not in fixed.values():
            fixed[number] = old[draft.area_id]
    return fixed


def _cases(after: Side, ground: Pieces) -> Ints | None:
    """Open cases of every piece; those of an atom in several pieces are divided by area."""
    if after.cases is None:
        return None
    cases = np.zeros(len(ground.after), dtype=np.int64)
    order = np.argsort(ground.after, kind="stable")
    order = order[ground.after[order] != NOWHERE]
    atoms, begins = np.unique(ground.after[order], return_index=True)
    for atom, rows in zip(atoms.tolist(), np.split(order, begins[1:]), strict=True):
        cases[rows] = divided(int(after.cases[atom]), ground.area_m2[rows])
    return cases


def _lost(side: Side) -> int:
    return int(side.ground.households[side.sheet.assignment == NOBODY].sum())


def _grids(
    before: Side, after: Side, descent: Lineage, moves: tuple[Ints, Ints, Ints, NDArray[np.bool_]]
) -> tuple[GridPair, ...]:
    old, new, households, moved = moves
    came = _sums(new[moved], households[moved])
    went = _sums(old[moved], households[moved])
    homes_before = _sums(before.sheet.assignment, before.ground.households)
    homes_after = _sums(after.sheet.assignment, after.ground.households)
    changed = _touched(old, new, descent.goes_on)
    split, merged = descent.split, descent.merged
    gone_on = {was: now for now, was in descent.goes_on.items()}

    def pair(fate: Fate, was: int | None, now: int | None, partners: Sequence[int] = ()) -> GridPair:
        return GridPair(
            fate=fate,
            before=None if was is None else before.sheet.grids[was],
            after=None if now is None else after.sheet.grids[now],
            partners=tuple(partners),
            households_before=0 if was is None else homes_before.get(was, 0),
            households_after=0 if now is None else homes_after.get(now, 0),
            came=0 if now is None else came.get(now, 0),
            went=0 if was is None else went.get(was, 0),
            metrics_before={} if was is None else before.metrics.get(was, {}),
            metrics_after={} if now is None else after.metrics.get(now, {}),
        )

    found: list[GridPair] = []
    for was in sorted(before.sheet.grids):
        now = gone_on.get(was)
        if now is None or now not in after.sheet.grids:
            found.append(pair(Fate.ENDED, was, None, [to for to, of in merged.items() if was in of]))
        elif was in split and (others := [to for to in split[was] if to in descent.begun]):
            found.append(pair(Fate.SPLIT, was, now, others))
        elif now in merged and (others := [of for of in merged[now] if of in descent.ended]):
            found.append(pair(Fate.MERGED, was, now, others))
        else:
            found.append(pair(Fate.CHANGED if was in changed else Fate.SAME, was, now))
    begun = sorted(set(after.sheet.grids) - set(gone_on.values()))
    found += [pair(Fate.NEW, None, now, [was for was, to in split.items() if now in to]) for now in begun]
    return tuple(found)


def _touched(old: Ints, new: Ints, goes_on: Mapping[int, int]) -> set[int]:
    """Old grids of which some ground, lived on or not, lies elsewhere now or came to them."""
    stays = np.asarray([goes_on.get(int(n), NOBODY - 1) for n in new], dtype=np.int64)
    differs = stays != old
    return set(old[differs].tolist()) | set(stays[differs].tolist())


def _sums(numbers: Any, households: Any) -> dict[int, int]:
    found, place = np.unique(numbers, return_inverse=True)
    sums = np.bincount(place.reshape(-1), weights=households, minlength=len(found))
    return {int(number): int(total) for number, total in zip(found, sums, strict=True)}


def _moved(
    after: Side, ground: Pieces, cases: Ints | None, which: tuple[Ints, Ints, NDArray[np.intp]]
) -> tuple[Moved, ...]:
    old, new, rows = which
    on = after.ground
    atoms = ground.after[rows]
    lon, lat = on.projection.inverse(shapely.get_x(on.labels[atoms]), shapely.get_y(on.labels[atoms]))
    found = [
        Moved(
            key=on.keys[atom],
            kind=on.kinds[atom],
            building_id=on.building_ids[atom],
            place=(round(float(lon[at]), 7), round(float(lat[at]), 7)),
            before=int(old[row]),
            after=int(new[row]),
            households=int(ground.households[row]),
            cases=None if cases is None else int(cases[row]),
            atom=atom,
        )
        for at, (row, atom) in enumerate(zip(rows.tolist(), atoms.tolist(), strict=True))
    ]
    return tuple(sorted(found, key=lambda one: (-one.households, one.before, one.after, one.key)))
