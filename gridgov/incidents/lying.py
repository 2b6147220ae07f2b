"""Where incidents and cases lie for whoever counts them, as a condition of a query. Pure text.

Owns the rule in SQL, once: a row lies in its grid; without one in the area in which it happened, if that is in force;
or else in the unit where it belongs now; and what happened outside every area lies in none. Does not own the same rule
in memory (`analytics.store.chosen.homes`); tests hold both together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import Level, unit_of
from gridgov.areas.service import AreaUnknown

Clause = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Lying:
    """Rows of an area (`ids`: it and all below), those placed only above a level (`below`: ids of all areas at or below
    it), or those outside every area; None and False ask nothing. `known`: ids of all areas in force; `unit`: that in
    which the area lies, if it is not above all units."""

    known: tuple[int, ...]
    ids: tuple[int, ...] | None = None
    unit: int | None = None
    below: tuple[int, ...] | None = None
    outside: bool = False

    @property
    def anywhere(self) -> bool:
        return self.ids is None and self.below is None and not self.outside


ANYWHERE = Lying(())


def ids_below(index: AreaIndex, area: int | None, among: Sequence[int] | None) -> tuple[int, ...] | None:
    """Ids of all areas in `area` that are also in one of `among`; None: everywhere. Raises `AreaUnknown`."""
    for field, asked in (("area", () if area is None else (area,)), ("lies_in", among or ())):
        for one in asked:
            if index.get(one) is None:
                raise AreaUnknown(f"No area {one} is in force.", field=field, remedy="List them with /api/v1/areas.")
    inside = None if area is None else dict.fromkeys(one.id for one in index.descendants(area))
    if among:
        some = dict.fromkeys(below.id for one in among for below in index.descendants(one))
        inside = some if inside is None else {one: None for one in inside if one in some}
    return None if inside is None else tuple(inside)


def lying(
    index: AreaIndex,
    area: int | None,
    *,
    among: Sequence[int] | None = None,
    above: Level | None = None,
    outside: bool = False,
) -> Lying:
    """What lies in an area in force (and in one of `among`), only above a level, or nowhere. Raises `AreaUnknown`."""
    known = tuple(one.id for one in index.areas)
    ids, unit = ids_below(index, area, among), None
    if area is not None:
        held = unit_of(index.path_of(area))
        unit = None if held is None else held.id
    below = None
    if above is not None:
        tops = [one.id for one in index.areas if one.level == above]
        below = tuple(one.id for top in tops for one in index.descendants(top))
    return Lying(known, ids, unit, below, outside)


def conditions(where: Lying, alias: str, *, outside_m: bool) -> Clause:
    """The same over `alias`. `outside_m`: whether its rows can lie outside every area, as those of incidents can."""
    parts, values = list[str](), dict[str, Any]()
    out = f"{alias}.outside_m > 0" if outside_m else "false"
    if where.outside:
        parts.append(out)
    if not where.anywhere:
        values["lie_known"] = list(where.known)
    elsewhere = f"({alias}.unit_id is not null and {alias}.area_id <> all(cast(:lie_known as bigint[])))"
    if where.ids is not None:
        ids = "any(cast(:lie_ids as bigint[]))"
        values["lie_ids"] = list(where.ids)
        grid = f"{alias}.grid_id = {ids}"
        if where.unit is not None:  # what an index finds soonest; a grid lies in one unit
            grid, values["lie_unit"] = f"{alias}.unit_id = :lie_unit and {grid}", where.unit
        parts.append(
            f"not ({out}) and ({grid} or {alias}.grid_id is null and ({alias}.area_id = {ids}"
            f" or {elsewhere} and {alias}.unit_id = {ids}))"
        )
    if where.below is not None:
        values["lie_below"] = list(where.below)
        home = f"coalesce({alias}.grid_id, case when {elsewhere} then {alias}.unit_id else {alias}.area_id end)"
        parts.append(f"not ({out}) and {home} <> all(cast(:lie_below as bigint[]))")
    return " and ".join(f"({part})" for part in parts) or "true", values
