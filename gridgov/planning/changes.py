"""Changes above the grids: communities merged, the tier of sub-districts abolished or brought back, areas given another
parent, name or code (domain A01-A05). Pure.

Owns what each does to the tree of areas, and what became of what. Does not own the ground of grids (`coming`), nor when
it holds (`activation`). Nothing is destroyed: an area that ends can come back under its own id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import shapely
from shapely import MultiPolygon, Polygon

from gridgov.areas.index import AreaIndex
from gridgov.areas.redrawing import NextArea
from gridgov.areas.rules import AreaFacts, Descent, Level
from gridgov.platform.errors import BadInput, Conflict

Shape = Polygon | MultiPolygon
MOST_MEMBERS = 500


class ChangeUnusable(BadInput):
    """A change names what is not there, or what it cannot be done with."""

    code = "change-unusable"


class ChangeImpossible(Conflict):
    """A change does not fit the boundaries in force, or the changes before it."""

    code = "change-impossible"


@dataclass(frozen=True, slots=True)
class MergeCommunities:
    """Communities become one (n → 1). `keeps`: the one that goes on under its id; None: a new one. `code` None: that of
    the one that goes on, or a new one is given; `parent` None: the parent that they share."""

    kind: ClassVar[str] = "merge-communities"
    communities: tuple[int, ...]
    names: Mapping[str, str]
    keeps: int | None = None
    code: str | None = None
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class AbolishTier:
    """A district's sub-districts cease; their communities lie below the district."""

    kind: ClassVar[str] = "abolish-tier"
    district: int


@dataclass(frozen=True, slots=True)
class NewSubdistrict:
    """A sub-district made of communities; `area_id`: one that was there before and comes back."""

    code: str
    names: Mapping[str, str]
    communities: tuple[int, ...]
    area_id: int | None = None


@dataclass(frozen=True, slots=True)
class RestoreTier:
    """A district has sub-districts (again)."""

    kind: ClassVar[str] = "restore-tier"
    district: int
    subdistricts: tuple[NewSubdistrict, ...]


@dataclass(frozen=True, slots=True)
class Reparent:
    """An area lies below another one from then on."""

    kind: ClassVar[str] = "reparent"
    area: int
    parent: int


@dataclass(frozen=True, slots=True)
class RenameArea:
    """An area is called, or coded, otherwise; None leaves a part as it is."""

    kind: ClassVar[str] = "rename-area"
    area: int
    names: Mapping[str, str] | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class BringBack:
    """The boundaries as they were when a plan took effect (`before` False), or as they were until then (True), on the
    ground that it changed."""

    kind: ClassVar[str] = "bring-back"
    plan: int
    before: bool


Change = MergeCommunities | AbolishTier | RestoreTier | Reparent | RenameArea | BringBack
KINDS: Mapping[str, type[Any]] = {
    one.kind: one for one in (MergeCommunities, AbolishTier, RestoreTier, Reparent, RenameArea, BringBack)
}


def document(change: Change) -> dict[str, Any]:
    """A change as it is kept; `change_of` reads it back."""
    match change:
        case MergeCommunities():
            return {"communities": list(change.communities), "names": dict(change.names), "keeps": change.keeps,
                    "code": change.code, "parent": change.parent}  # fmt: skip
        case AbolishTier():
            return {"district": change.district}
        case RestoreTier():
            return {"district": change.district, "subdistricts": [
                {"code": one.code, "names": dict(one.names), "communities": list(one.communities),
                 "area_id": one.area_id} for one in change.subdistricts]}  # fmt: skip
        case Reparent():
            return {"area": change.area, "parent": change.parent}
        case RenameArea():
            return {"area": change.area, "names": None if change.names is None else dict(change.names),
                    "code": change.code}  # fmt: skip
        case BringBack():
            return {"plan": change.plan, "before": change.before}


def change_of(kind: str, said: Mapping[str, Any]) -> Change:
    """Raises `ChangeUnusable`."""
    made: Change
    try:
        match kind:
            case "merge-communities":
                made = MergeCommunities(tuple(map(int, said["communities"])), said["names"], said.get("keeps"),
                                        said.get("code"), said.get("parent"))  # fmt: skip
            case "abolish-tier":
                made = AbolishTier(int(said["district"]))
            case "restore-tier":
                made = RestoreTier(int(said["district"]), tuple(
                    NewSubdistrict(one["code"], one["names"], tuple(map(int, one["communities"])), one.get("area_id"))
                    for one in said["subdistricts"]))  # fmt: skip
            case "reparent":
                made = Reparent(int(said["area"]), int(said["parent"]))
            case "rename-area":
                made = RenameArea(int(said["area"]), said.get("names"), said.get("code"))
            case "bring-back":
                made = BringBack(int(said["plan"]), bool(said["before"]))
            case _:
                raise ChangeUnusable(f"“{kind}” is no change.", field="kind", remedy=f"One of: {', '.join(KINDS)}.")
    except (KeyError, TypeError, ValueError) as problem:
        raise ChangeUnusable(f"A change “{kind}” lacks {problem}.", field="payload", remedy="Give it.") from None
    return made


@dataclass
class Tree:
    """The areas in force with what a plan makes of them. `fresh`: the last number that stands for a new area."""

    index: AreaIndex
    changed: dict[int, NextArea] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    descents: list[Descent] = field(default_factory=list)
    recode: set[int] = field(default_factory=set)
    fresh: int = 0

    def __post_init__(self) -> None:
        self._below: dict[int, set[int]] = {}
        for area in self.index.areas:
            if area.parent_id is not None:
                self._below.setdefault(area.parent_id, set()).add(area.id)

    def get(self, ref: int) -> NextArea | None:
        """An area as it is to be; None for one that ends or is not there."""
        if ref in self.ended:
            return None
        if ref in self.changed:
            return self.changed[ref]
        facts = self.index.get(ref)
        return None if facts is None else next_area(facts, self.index.shape(ref))

    def need(self, ref: int, level: Level, name: str) -> NextArea:
        """Raises `ChangeImpossible`."""
        found = self.get(ref)
        if found is None or found.level != level:
            raise ChangeImpossible(
                f"{name} {ref} is no {level} that is in force then.", field=name, remedy="Name one that is."
            )
        return found

    def below(self, ref: int) -> list[NextArea]:
        """What lies directly below, by `ref`."""
        return [one for key in sorted(self._below.get(ref, ())) if (one := self.get(key)) is not None]

    def put(self, area: NextArea) -> None:
        """An area is so from now on."""
        before = self.get(area.ref)
        if before is not None and before.parent is not None:
            self._below.get(before.parent, set()).discard(area.ref)
        if area.parent is not None:
            self._below.setdefault(area.parent, set()).add(area.ref)
        self.ended.discard(area.ref)
        self.changed[area.ref] = area

    def end(self, ref: int) -> None:
        """An area is no more."""
        area = self.get(ref)
        if area is not None and area.parent is not None:
            self._below.get(area.parent, set()).discard(ref)
        self.changed.pop(ref, None)
        if ref > 0:
            self.ended.add(ref)

    def new_ref(self) -> int:
        self.fresh -= 1
        return self.fresh

    def all_below(self, ref: int) -> list[NextArea]:
        """The area itself and everything below it, from the top down."""
        area = self.get(ref)
        found, waiting = [], [] if area is None else [area]
        while waiting:
            one = waiting.pop(0)
            found.append(one)
            waiting += self.below(one.ref)
        return found

    def households(self, ref: int) -> int:
        """Of an area, or of what lies below it where it does not say."""
        area = self.get(ref)
        if area is None:
            return 0
        if area.households is not None:
            return area.households
        return sum(self.households(one.ref) for one in self.below(ref))

    def ground(self, ref: int) -> frozenset[int]:
        """The communities below, for telling whether an area's own ground changes."""
        return frozenset(one.ref for one in self.all_below(ref) if one.level == Level.COMMUNITY)


def next_area(facts: AreaFacts, shape: Shape) -> NextArea:
    """An area in force as it would go on unchanged; what else is said of it is added when it is put in force."""
    return NextArea(facts.id, facts.level, facts.code, facts.names, facts.parent_id, shape, facts.kind,
                    facts.population, facts.households)  # fmt: skip


def apply(tree: Tree, changes: Iterable[Change]) -> None:
    """Does them in their order, then gives areas whose communities are others the ground of those.

    Raises `ChangeImpossible`. `BringBack` is not for here: it takes what was in force once (`returning`).
    """
    before = {one.id: tree.ground(one.id) for one in tree.index.areas if one.level in _MADE_OF}
    into: dict[int, int] = {}
    for change in changes:
        _DO[type(change)](tree, change, into)
    for ref in [*before, *(ref for ref in list(tree.changed) if ref not in before)]:
        area = tree.get(ref)
        if area is None or area.level not in _MADE_OF:
            continue
        was = {into.get(one, one) for one in before.get(ref, ())}
        now = tree.ground(ref)
        if ref not in before or was != now:
            if not now:
                raise ChangeImpossible(
                    f"The {area.level} “{area.code}” would have no community.", field="changes",
                    remedy="Give it one, or let the tier cease.",
                )  # fmt: skip
            tree.put(replace(area, geom=united([tree.need(one, Level.COMMUNITY, "community").geom for one in now])))


_MADE_OF = (Level.DISTRICT, Level.SUBDISTRICT)


def united(shapes: Sequence[Shape]) -> Shape:
    """Shapes side by side as one; corners stay where they are."""
    if len(shapes) == 1:
        return shapes[0]
    held = list(shapes)
    made = shapely.coverage_union_all(held) if shapely.coverage_is_valid(held) else shapely.union_all(held)
    return made  # type: ignore[return-value]  # of polygons side by side


def _merge(tree: Tree, change: MergeCommunities, into: dict[int, int]) -> None:
    members = [tree.need(one, Level.COMMUNITY, "communities") for one in dict.fromkeys(change.communities)]
    if not 2 <= len(members) <= MOST_MEMBERS or change.keeps not in (None, *(one.ref for one in members)):
        raise ChangeUnusable(
            "Two communities or more become one, and the one that goes on is one of them.", field="communities",
            remedy="Name at least two.",
        )  # fmt: skip
    parents = {one.parent for one in members}
    parent = change.parent if change.parent is not None else next(iter(parents)) if len(parents) == 1 else None
    if parent is None or tree.get(parent) is None:
        raise ChangeImpossible(
            "These communities lie below different areas.", field="parent", remedy="Say below which the new one lies."
        )
    ref = change.keeps or tree.new_ref()
    kept = next((one for one in members if one.ref == change.keeps), None)
    population = [one.population for one in members]
    merged = NextArea(
        ref, Level.COMMUNITY, change.code or (kept.code if kept else ""), change.names, parent,
        united([one.geom for one in members]), None,
        sum(one or 0 for one in population) if all(one is not None for one in population) else None,
        sum(tree.households(one.ref) for one in members), kept.attributes if kept else {},
    )  # fmt: skip
    grids = [grid for one in members for grid in tree.below(one.ref)]
    for one in members:
        tree.descents.append(Descent(one.ref, ref, tree.households(one.ref), 1.0))
        into[one.ref] = ref
    for grid in grids:
        tree.put(replace(grid, parent=ref))
    for one in members:
        tree.end(one.ref)
    tree.put(merged)
    tree.recode.add(ref)


def _abolish(tree: Tree, change: AbolishTier, _into: dict[int, int]) -> None:
    district = tree.need(change.district, Level.DISTRICT, "district")
    gone = [one for one in tree.below(district.ref) if one.level == Level.SUBDISTRICT]
    if not gone:
        raise ChangeImpossible(
            f"The district “{district.code}” has no sub-districts.", field="district", remedy="Leave this change out."
        )
    for one in gone:
        total = tree.households(one.ref)
        below = tree.below(one.ref)
        for community in below:
            count = tree.households(community.ref)
            share = count / total if total else 1 / len(below)
            tree.descents.append(Descent(one.ref, community.ref, count, share))
            tree.put(replace(community, parent=district.ref))
        tree.end(one.ref)


def _restore(tree: Tree, change: RestoreTier, _into: dict[int, int]) -> None:
    district = tree.need(change.district, Level.DISTRICT, "district")
    if not change.subdistricts:
        raise ChangeUnusable("No sub-district is named.", field="subdistricts", remedy="Name at least one.")
    for new in change.subdistricts:
        members = [tree.need(one, Level.COMMUNITY, "communities") for one in dict.fromkeys(new.communities)]
        if not members:
            raise ChangeUnusable(f"“{new.code}” has no community.", field="communities", remedy="Name at least one.")
        ref = new.area_id or tree.new_ref()
        shape = united([one.geom for one in members])
        tree.put(NextArea(ref, Level.SUBDISTRICT, new.code, new.names, district.ref, shape))
        for one in members:
            tree.put(replace(one, parent=ref))


def _reparent(tree: Tree, change: Reparent, _into: dict[int, int]) -> None:
    area, parent = tree.get(change.area), tree.get(change.parent)
    if area is None or area.level not in (Level.SUBDISTRICT, Level.COMMUNITY) or parent is None:
        raise ChangeImpossible(
            "A sub-district or a community that is in force goes below an area that is.", field="area",
            remedy="Name two that are.",
        )  # fmt: skip
    if parent.level not in ((Level.DISTRICT,) if area.level == Level.SUBDISTRICT else _MADE_OF):
        raise ChangeImpossible(
            f"A {area.level} does not lie below a {parent.level}.", field="parent", remedy="Name one above it."
        )
    tree.put(replace(area, parent=parent.ref))


def _rename(tree: Tree, change: RenameArea, _into: dict[int, int]) -> None:
    area = tree.get(change.area)
    if area is None or area.level == Level.GRID:
        raise ChangeImpossible(
            f"Area {change.area} is not in force above the grids.", field="area", remedy="Name one that is."
        )
    tree.put(replace(area, names=change.names or area.names, code=change.code or area.code))
    if area.level == Level.COMMUNITY and change.code not in (None, area.code):
        tree.recode.add(area.ref)


_DO: Mapping[type[Any], Callable[[Tree, Any, dict[int, int]], None]] = {
    MergeCommunities: _merge, AbolishTier: _abolish, RestoreTier: _restore, Reparent: _reparent, RenameArea: _rename,
}  # fmt: skip
