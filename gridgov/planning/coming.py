"""The boundaries as a plan will have them: grids from atoms, changes above them, identities, codes, lineage.

Owns the whole of it before anything is put in force, so that a preview and an activation look at the same. Does not own
when (`activation`), nor what follows (`following`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import numpy as np
import shapely
from sqlalchemy.orm import Session

from gridgov.areas import redrawing
from gridgov.areas.following import Redrawn, Takeover
from gridgov.areas.index import AreaIndex
from gridgov.areas.redrawing import NextArea
from gridgov.areas.rules import AreaFacts, Descent, Kind, Level
from gridgov.planning import basis, changes, codes, drafts, lineage, returning, standing
from gridgov.planning.changes import BringBack, Change, ChangeImpossible, Tree
from gridgov.planning.corners import CM
from gridgov.planning.drafts import PartFacts
from gridgov.planning.ground import Ground
from gridgov.planning.queries import basis as basis_queries
from gridgov.planning.queries import time as queries
from gridgov.planning.rules import NOBODY, Sheet
from gridgov.platform.errors import Conflict

LEAST_M2 = 0.5
"""Ground by which the border of a community may differ from that of its grids: corners lie on lines to the double."""


class GroundMovedOn(Conflict):
    """The border of a community is not that of its basis any more."""

    code = "ground-moved-on"


class NotACoverage(Conflict):
    """Grids that would leave a gap or overlap."""

    code = "not-a-coverage"


@dataclass(frozen=True)
class Coming:
    """What a plan changes. `areas`: all that are new or different; `ending`: ids; `before` and `after`: the part of the
    city that changes, with all that lies above and below it."""

    plan_id: int
    areas: tuple[NextArea, ...]
    ending: tuple[int, ...]
    descents: tuple[Descent, ...]
    takeovers: tuple[Takeover, ...]
    before: AreaIndex
    after: AreaIndex

    @property
    def nothing(self) -> bool:
        return not self.areas and not self.ending

    def redrawn(self, at: datetime) -> Redrawn:
        """As those who follow ask for it; new areas have negative ids."""
        return Redrawn(self.before, self.after, at, self.descents, self.takeovers)


def coming(session: Session, index: AreaIndex, plan_id: int, *, now: datetime) -> Coming:
    """What a plan would change of the boundaries in force (`index`, those of `now`).

    Raises `ChangeImpossible`, `GroundMovedOn`, `NotACoverage`, `CodesExhausted`.
    """
    tree = Tree(index)
    for part in drafts.parts(session, plan_id):
        _draw(session, tree, part, now)
    wanted = changes_of(session, plan_id)
    for one in wanted:
        if isinstance(one, BringBack):
            returning.bring_back(session, tree, one)
    changes.apply(tree, [one for one in wanted if not isinstance(one, BringBack)])
    _code(session, tree, now)
    taken = tuple(Takeover(row.list, row.item, row.lead, row.note) for row in queries.matters(session, plan_id))
    return _result(session, tree, plan_id, taken, now)


def changes_of(session: Session, plan_id: int) -> list[Change]:
    """Those of a plan, in their order."""
    return [changes.change_of(row.kind, row.payload) for row in queries.changes(session, plan_id)]


def marks(session: Session, index: AreaIndex, plan_id: int) -> dict[str, str]:
    """Code -> a mark of every community (or area above) that a plan draws on, as it is in force with all below it.

    Two marks that differ: something there has been put in force since.
    """
    ids = {part.community_id for part in drafts.parts(session, plan_id)}
    for one in changes_of(session, plan_id):
        ids |= _named(one)
    return {area.code: _mark(index, area.id) for ident in sorted(ids) if (area := index.get(ident)) is not None}


def _named(change: Change) -> set[int]:
    match change:
        case changes.MergeCommunities():
            return {*change.communities}
        case changes.AbolishTier():
            return {change.district}
        case changes.RestoreTier():
            return {change.district}
        case changes.Reparent():
            return {change.area, change.parent}
        case changes.RenameArea():
            return {change.area}
    return set()


def _mark(index: AreaIndex, area_id: int) -> str:
    said = hashlib.sha256()
    for area in sorted(index.descendants(area_id), key=lambda one: one.id):
        said.update(f"{area.id}|{area.code}|{area.parent_id}|{area.names}|".encode())
        said.update(shapely.to_wkb(index.shape(area.id), byte_order=1))
    return said.hexdigest()


# ------------------------------------------------------------------------------------------------------------- drawing


def _draw(session: Session, tree: Tree, part: PartFacts, now: datetime) -> None:
    """The grids of one community as its sheet has them."""
    community = tree.get(part.community_id)
    if community is None:
        raise ChangeImpossible(
            f"The community {part.community_id} is not in force any more.", field="parts", remedy="Take it out."
        )
    ground = basis.ground(session, part.basis_id, part.count_id)
    sheet = drafts.sheet(session, part.id)
    loose = int(np.count_nonzero(sheet.assignment == NOBODY))
    if loose:
        raise NotACoverage(
            f"{loose} atoms of the community “{community.code}” belong to no grid.", field="parts",
            remedy="Give them to one.",
        )  # fmt: skip
    shapes = grid_shapes(session, ground, sheet)
    _check(community, shapes)
    there = standing.sheet_in_force(session, ground, now=now)
    areas = {number: grid.area_id for number, grid in there.grids.items() if grid.area_id is not None}
    held = {one.ref: one for one in tree.below(community.ref)}
    old = np.array([areas.get(int(number), NOBODY) for number in there.assignment], dtype=np.int64)
    fixed = {number: grid.area_id for number, grid in sheet.grids.items()
             if grid.locked and grid.area_id in held and number in shapes}  # fmt: skip
    found = lineage.lineage(
        old, sheet.assignment, households=ground.households, area_m2=ground.graph.area_m2,
        codes={ref: one.code for ref, one in held.items()}, fixed=fixed,
    )  # fmt: skip
    counts = _counts(sheet, ground)
    refs = {number: found.goes_on.get(number) or tree.new_ref() for number in sorted(shapes)}
    same = not sheet.corners and bool(np.array_equal(np.array([refs[int(one)] for one in sheet.assignment]), old))
    for number, ref in refs.items():
        if same:  # nothing moves: what is in force has its ground and its count already
            tree.put(_said(sheet, number, held[ref]))
        else:
            tree.put(_grid(sheet, number, ref, held.get(ref), shapes[number], counts[number], community.ref))
    for ref in set(held) - set(refs.values()):
        tree.end(ref)
    tree.descents += [Descent(one.before, refs[one.after], one.households, one.share) for one in found.descents
                      if one.share < 1 or refs[one.after] != one.before]  # fmt: skip
    tree.recode.add(community.ref)


def _said(sheet: Sheet, number: int, before: NextArea) -> NextArea:
    """A grid whose ground stays: what is said of it."""
    draft = sheet.grids[number]
    kind = before.kind if before.kind is None and draft.kind is Kind.URBAN else str(draft.kind)
    return replace(before, names=draft.names or before.names, kind=kind)


def _grid(
    sheet: Sheet, number: int, ref: int, before: NextArea | None, shape: changes.Shape, households: int, community: int
) -> NextArea:
    draft = sheet.grids[number]
    if before is None:
        return NextArea(ref, Level.GRID, "", draft.names, community, shape, str(draft.kind), None, households)
    # To the corner: beside grids that are new, one without their corners would leave slits.
    same = bool(shapely.equals_identical(shapely.normalize(_multi(before.geom)), shapely.normalize(_multi(shape))))
    return replace(
        before, names=draft.names or before.names, geom=before.geom if same else shape, kind=str(draft.kind),
        population=before.population if same else None, households=households,
    )  # fmt: skip


def _counts(sheet: Sheet, ground: Ground) -> dict[int, int]:
    numbers, place = np.unique(sheet.assignment, return_inverse=True)
    total = np.bincount(place, weights=ground.households, minlength=len(numbers))
    return {int(number): int(count) for number, count in zip(numbers, total, strict=True)}


def grid_shapes(session: Session, ground: Ground, sheet: Sheet) -> dict[int, changes.Shape]:
    """The grids of a sheet by number, in degrees: corners that were not moved are those of the basis to the double."""
    atoms = np.asarray(shapely.from_wkb([row.wkb for row in basis_queries.atoms(session, ground.basis_id)]))
    if sheet.corners:
        atoms = _moved(atoms, ground, sheet)
    shapes: dict[int, changes.Shape] = {}
    for number in np.unique(sheet.assignment):
        if number != NOBODY:
            members = atoms[sheet.assignment == number]
            shapes[int(number)] = _normal(shapely.coverage_union_all(list(members)))
    return shapes


def _moved(atoms: Any, ground: Ground, sheet: Sheet) -> Any:
    points = shapely.get_coordinates(atoms)
    named = np.rint(shapely.get_coordinates(ground.shapes) * CM).astype(np.int64)
    for place, (x, y) in enumerate(named.tolist()):
        now = sheet.corners.get((x, y))
        if now is not None:
            points[place] = ground.projection.inverse(now[0] / CM, now[1] / CM)
    return shapely.set_coordinates(atoms.copy(), points)


def _normal(shape: Any) -> changes.Shape:
    parts = shapely.get_parts(shape)
    return cast("changes.Shape", parts[0] if len(parts) == 1 else shapely.multipolygons(parts))


def _multi(shape: Any) -> Any:
    return shape if shape.geom_type == "MultiPolygon" else shapely.multipolygons([shape])


def _check(community: NextArea, shapes: Mapping[int, Any]) -> None:
    """The grids tile the community, whose border stays as it is."""
    held = list(shapes.values())
    if not held or not bool(np.all(shapely.is_valid(held))) or not shapely.coverage_is_valid(held):
        raise NotACoverage(
            f"The grids of the community “{community.code}” would leave gaps or overlap.", field="parts",
            remedy="Look at the findings of the part.",
        )  # fmt: skip
    apart = shapely.area(shapely.symmetric_difference(shapely.coverage_union_all(held), community.geom))
    if apart * _M2_OF_DEGREE > LEAST_M2 + 1e-9 * shapely.area(community.geom) * _M2_OF_DEGREE:
        raise GroundMovedOn(
            f"The border of the community “{community.code}” is not that of the ground it is drawn on.",
            field="parts", remedy="Bring the part to a newer basis.",
        )  # fmt: skip


_M2_OF_DEGREE = 111_320.0**2


# --------------------------------------------------------------------------------------------------- codes and indexes


def _code(session: Session, tree: Tree, now: datetime) -> None:
    """Codes for what has none: communities first, then the grids of those that were drawn, merged or coded anew."""
    voided = {level: redrawing.voided_codes(session, level, now) for level in (Level.COMMUNITY, Level.GRID)}
    used = {level: _codes(tree, level) | voided[level] for level in voided}
    for ref in sorted(ref for ref in tree.recode if (one := tree.get(ref)) is not None and not one.code):
        one = tree.need(ref, Level.COMMUNITY, "community")
        above = tree.get(one.parent or 0)
        assert above is not None  # a community lies below something
        code = codes.community_code(above.code, used[Level.COMMUNITY])
        used[Level.COMMUNITY].add(code)
        tree.put(replace(one, code=code))
    for ref in sorted(tree.recode):
        community = tree.get(ref)
        if community is not None:
            _code_grids(tree, community, used[Level.GRID])


def _code_grids(tree: Tree, community: NextArea, used: set[str]) -> None:
    """A grid that goes on in its community keeps its code; one of another community keeps it too, unless it is made of
    that one's code."""
    grids = [one for one in tree.below(community.ref) if one.level == Level.GRID]
    wanted = [one for one in grids if not one.code or _made_of_another(tree.index, one, community)]
    if not wanted:
        return
    spots = shapely.get_coordinates(shapely.point_on_surface([one.geom for one in wanted]))
    placed = [codes.Placed(number, float(x), float(y)) for number, (x, y) in enumerate(spots)]
    coded = codes.grid_codes(community.code, placed, void=used).codes
    for number, one in enumerate(wanted):
        used.add(coded[number])
        names = one.names or {"zh": coded[number], "en": coded[number]}
        tree.put(replace(one, code=coded[number], names=names))


def _made_of_another(index: AreaIndex, grid: NextArea, community: NextArea) -> bool:
    before = index.get(grid.ref)
    above = None if before is None or before.parent_id is None else index.get(before.parent_id)
    if above is None or above.code == community.code:
        return False
    return codes.number_of(codes.stem_of(above.code), grid.code) is not None


def _codes(tree: Tree, level: Level) -> set[str]:
    found = {one.code for one in tree.index.areas if one.level == level}
    return found | {one.code for one in tree.changed.values() if one.level == level and one.code}


def _result(session: Session, tree: Tree, plan_id: int, takeovers: tuple[Takeover, ...], now: datetime) -> Coming:
    """Only what differs, with all that is said of areas in force."""
    said = redrawing.attributes_of(session, [ref for ref in tree.changed if ref > 0], now)
    areas = []
    for ref in sorted(tree.changed):
        one = tree.changed[ref]
        facts = tree.index.get(ref)
        if facts is not None and one == changes.next_area(facts, tree.index.shape(ref)):
            continue
        areas.append(replace(one, attributes=said.get(ref, one.attributes)))
    ending = tuple(sorted(tree.ended))
    ids = {one.ref for one in areas} | set(ending)
    before = part_of(tree.index, ids)
    after = _after(tree, ids, before)
    return Coming(plan_id, tuple(areas), ending, tuple(tree.descents), takeovers, before, after)


def part_of(index: AreaIndex, ids: Iterable[int]) -> AreaIndex:
    """The areas of these ids that there are, with all above and below them, as an index of their own."""
    wanted: set[int] = set()
    for one in ids:
        if index.get(one) is not None and one not in wanted:
            wanted |= {area.id for area in index.descendants(one)} if _deep(index, one) else {one}
            wanted |= {area.id for area in index.path_of(one)}
    held = [area for area in index.areas if area.id in wanted]
    return AreaIndex(held, [index.shape(area.id) for area in held], index.projection.srid)


def _deep(index: AreaIndex, area_id: int) -> bool:
    """A city or a district that only takes part because something in it changes is not looked at as a whole."""
    area = index.get(area_id)
    return area is not None and area.level in (Level.SUBDISTRICT, Level.COMMUNITY)


def _after(tree: Tree, changed: set[int], before: AreaIndex) -> AreaIndex:
    """The same part as it will be."""
    wanted: dict[int, NextArea] = {}
    for ref in [*sorted(changed), *(one.id for one in before.areas)]:
        one = tree.get(ref)
        if one is None:
            continue
        deep = ref in changed and one.level in (Level.SUBDISTRICT, Level.COMMUNITY)
        wanted |= {area.ref: area for area in (tree.all_below(ref) if deep else [one])}
        step = one.parent
        while step is not None and step not in wanted and (above := tree.get(step)) is not None:
            wanted[step] = above
            step = above.parent
    held = [wanted[ref] for ref in sorted(wanted)]
    facts = [AreaFacts(one.ref, one.level, one.code, one.names, one.parent, one.kind, one.population, one.households)
             for one in held]  # fmt: skip
    return AreaIndex(facts, [one.geom for one in held], tree.index.projection.srid)
