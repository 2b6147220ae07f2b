"""What follows a change of boundaries: what changed, and what others have to answer for it. Pure but for the protocol.

Owns the form of both. Does not own what follows how: incidents, cases, duties and posts say that themselves, and
`bootstrap` names them (`Follower`). An import of areas and a plan that takes effect go the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import shapely
from sqlalchemy.orm import Session

from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Descent, Level, unit_of

SLICE = 20_000
NOTHING_LEFT = ""


@dataclass(frozen=True, slots=True)
class Takeover:
    """Who takes over a matter that loses its body: an item of a list by its code, and an agency's code or "@district",
    "@community", … as a duty list names it."""

    list: str
    item: str
    lead: str
    note: str = ""


@dataclass(frozen=True)
class Redrawn:
    """Boundaries before and after a change, of the whole city or of the part that changes, and from when they hold.

    An area of `after` with a negative id is not in force yet. `descents`: what became of what. `takeovers`: of matters
    whose body ceases.
    """

    before: AreaIndex
    after: AreaIndex
    at: datetime
    descents: tuple[Descent, ...] = ()
    takeovers: tuple[Takeover, ...] = ()

    @cached_property
    def changed(self) -> frozenset[int]:
        """Ids of areas of `before` that end, get another shape, or come to lie below others."""
        return frozenset(area.id for area in self.before.areas if self._changes(area))

    @cached_property
    def grids(self) -> tuple[int, ...]:
        """Grids of `before` whose rows may belong elsewhere now, ascending."""
        return tuple(sorted(area.id for area in self.before.areas
                            if area.level == Level.GRID and area.id in self.changed))  # fmt: skip

    @cached_property
    def units(self) -> tuple[int, ...]:
        """Units of `before` in which a row without a grid may belong elsewhere now, ascending."""
        found = {self.unit_of(self.before, one) for one in self.changed}
        found |= {self.unit_of(self.before, one.parent_id) for one in self.begun if one.parent_id is not None}
        return tuple(sorted(one for one in found if one is not None))

    @cached_property
    def ended(self) -> tuple[AreaFacts, ...]:
        """Areas of `before` that are no more."""
        return tuple(area for area in self.before.areas if self.after.get(area.id) is None)

    @cached_property
    def begun(self) -> tuple[AreaFacts, ...]:
        """Areas of `after` that were not before."""
        return tuple(area for area in self.after.areas if self.before.get(area.id) is None)

    @cached_property
    def _successors(self) -> Mapping[int, tuple[Descent, ...]]:
        found: dict[int, list[Descent]] = {}
        for one in self.descents:
            found.setdefault(one.before, []).append(one)
        return {key: tuple(sorted(rows, key=lambda one: (-one.share, one.after))) for key, rows in found.items()}

    def successors(self, area_id: int) -> tuple[Descent, ...]:
        """What became of an area, the largest share first; nothing where that is not known."""
        return self._successors.get(area_id, ())

    def successor(self, area_id: int) -> int | None:
        """The area of the same level to which most of it went; None where no such area follows."""
        held = self.before.get(area_id)
        for one in self.successors(area_id):
            follows = self.after.get(one.after)
            if held is not None and follows is not None and follows.level == held.level:
                return follows.id
        return None

    @property
    def nothing(self) -> bool:
        """Whether everything stays where it is."""
        return not self.changed and not self.begun

    @staticmethod
    def unit_of(index: AreaIndex, area_id: int | None) -> int | None:
        """The unit of an area; None where there is none or no such area."""
        if area_id is None or index.get(area_id) is None:
            return None
        unit = unit_of(index.path_of(area_id))
        return None if unit is None else unit.id

    def _changes(self, area: AreaFacts) -> bool:
        if self.after.get(area.id) is None or _path(self.before, area.id) != _path(self.after, area.id):
            return True
        mine, theirs = self.before.shape(area.id), self.after.shape(area.id)
        return mine is not theirs and not bool(shapely.equals_identical(_multi(mine), _multi(theirs)))


@dataclass(frozen=True, slots=True)
class Move:
    """How many of a noun go from one area to another (None: to none any more)."""

    before: int
    after: int | None
    count: int


@dataclass(frozen=True)
class Moves:
    """What follows of one noun. `total`: how many are looked at; `moved`: how many go elsewhere (None: seen when they
    go); `left`: how many have no place any more. `by`: from where to where. `facts`: what else its noun tells, as plain
    JSON."""

    noun: str
    total: int = 0
    moved: int | None = 0
    left: int = 0
    by: tuple[Move, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As it is kept with an activation."""
        return {"total": self.total, "moved": self.moved, "left": self.left, **dict(self.facts)}


@dataclass(frozen=True, slots=True)
class Ceasing:
    """A matter whose body ceases with the change: its list, its code, who leads it now, and where that ends."""

    list: str
    item: str
    category: str
    lead: str
    area: str


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the history that followed. `after`: where to go on, "" where nothing is left."""

    after: str
    seen: int
    moved: int


class Follower(Protocol):
    """A noun whose rows lie in areas, as its domain answers for it."""

    noun: str
    """One word; also the key under which it is kept how far its history has followed."""

    def preview(self, session: Session, redrawn: Redrawn) -> Moves:
        """What would move. Changes nothing."""
        ...

    def follow(self, session: Session, redrawn: Redrawn) -> Moves:
        """Moves what is alive, in the transaction in which the boundaries take effect, after they are in force."""
        ...

    def later(self, session: Session, redrawn: Redrawn, after: str, most: int) -> Slice:  # noqa: ARG002  # for others
        """Moves at most so many of what is history, from `after` on ("" at first), in a transaction of its own. May be
        done twice. `redrawn.after` are the boundaries in force now, which another plan may have changed since. A noun
        whose past stays as it was has none."""
        return Slice(NOTHING_LEFT, 0, 0)

    def ceasing(self, session: Session, redrawn: Redrawn) -> Sequence[Ceasing]:  # noqa: ARG002  # for those who have any
        """Matters that would have no body any more."""
        return ()


def by_pair(before: Iterable[int], after: Iterable[int]) -> tuple[Move, ...]:
    """Counts of each (from, to) that differ, the most first; 0 stands for no area."""
    pairs = np.array([(a, b) for a, b in zip(before, after, strict=True) if a != b], dtype=np.int64).reshape(-1, 2)
    found, counts = np.unique(pairs, axis=0, return_counts=True)
    moves = [Move(int(a), int(b) or None, int(n)) for (a, b), n in zip(found, counts, strict=True)]
    return tuple(sorted(moves, key=lambda one: (-one.count, one.before, one.after or 0)))


def follow_all(session: Session, followers: Sequence[Follower], redrawn: Redrawn, *, history: bool) -> list[Moves]:
    """Everything follows, noun by noun; `history`: also what is history, at once and not by a job later on."""
    if redrawn.nothing:
        return []
    moves = [one.follow(session, redrawn) for one in followers]
    for one in followers if history else ():
        after, done = "", False
        while not done:
            part = one.later(session, redrawn, after, SLICE)
            after, done = part.after, part.after == NOTHING_LEFT
    return moves


def _path(index: AreaIndex, area_id: int) -> tuple[int, ...]:
    return tuple(area.id for area in index.path_of(area_id))


def _multi(shape: Any) -> Any:
    return shape if shape.geom_type == "MultiPolygon" else shapely.multipolygons([shape])
