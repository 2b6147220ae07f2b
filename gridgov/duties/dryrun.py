"""What past incidents would have met under other lists: who would have been responsible, counted by what changes. Pure.

Owns the counting. Does not own where past incidents come from (`checking.PastIncidents`). They come as counts by
matter and area, and each choice is made once, so that a dry run costs what the city is wide, not what it has seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gridgov.areas.rules import AreaFacts, Located
from gridgov.duties.ground import Path
from gridgov.duties.route import Responsible, body_at
from gridgov.duties.routing import Book
from gridgov.duties.rules import Category, Item

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Past:
    """Incidents of one matter in one area, as it belongs now. `number` is that of one of them."""

    category_id: int
    area_id: int
    count: int
    number: int


@dataclass(frozen=True, slots=True)
class Example:
    """Incidents of a move in one area, and the number of one of them."""

    area: AreaFacts
    number: int
    count: int


@dataclass(frozen=True, slots=True)
class Move:
    """Incidents of a matter that go from one body to another; None: nobody is responsible."""

    category: Category
    before: Responsible | None
    after: Responsible | None
    count: int
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class DryRun:
    """`incidents` = `same` + those of `moves` + `unplaced`, whose area or matter is not there any more."""

    incidents: int
    same: int
    unplaced: int
    moves: tuple[Move, ...]

    @property
    def orphaned(self) -> int:
        """Incidents that would have had nobody, and had somebody."""
        return sum(move.count for move in self.moves if move.after is None)

    @property
    def adopted(self) -> int:
        """The other way round."""
        return sum(move.count for move in self.moves if move.before is None)


@dataclass(slots=True)
class _Moving:
    category: Category
    before: Responsible | None
    after: Responsible | None
    count: int = 0
    seen: list[Example] = field(default_factory=list)

    def done(self) -> Move:
        most = sorted(self.seen, key=lambda one: (-one.count, one.area.code))[:EXAMPLES]
        return Move(self.category, self.before, self.after, self.count, tuple(most))


def rehearse(
    past: Iterable[Past],
    paths: Mapping[int, Path],
    categories: Mapping[int, Category],
    before: Book,
    after: Book,
) -> DryRun:
    """Counts, for incidents of areas whose `paths` (city first) are given, who is responsible by either book."""
    named = {item.area_id for book in (before, after) for item in book.items}
    chosen: dict[tuple[str, tuple[int, ...]], tuple[Item | None, Item | None]] = {}
    moving: dict[tuple[object, ...], _Moving] = {}
    incidents = same = unplaced = 0
    for one in past:
        incidents += one.count
        path, category = paths.get(one.area_id), categories.get(one.category_id)
        if path is None or category is None:
            unplaced += one.count
            continue
        key = (category.code, tuple(area.id for area in path if area.id in named))
        if key not in chosen:
            ids = [area.id for area in path]
            chosen[key] = before.item(category.code, ids), after.item(category.code, ids)
        old, new = (_lead(item, path) for item in chosen[key])
        if _key(old) == _key(new):
            same += one.count
            continue
        move = moving.setdefault((category.code, _key(old), _key(new)), _Moving(category, old, new))
        move.count += one.count
        move.seen.append(Example(path[-1], one.number, one.count))
    found = sorted((move.done() for move in moving.values()), key=lambda move: (-move.count, move.category.code))
    return DryRun(incidents, same, unplaced, tuple(found))


def _lead(item: Item | None, path: Sequence[AreaFacts]) -> Responsible | None:
    return None if item is None else body_at(item.lead, Located(tuple(path), True, 0.0, False, ()))


def _key(body: Responsible | None) -> tuple[str, str] | None:
    return None if body is None else (body.kind, body.code)
