"""The city cut into pieces on which duty lists cannot tell one place from another. Pure.

Which item answers depends on the matter and on which of the areas that items name hold the place. So a list is looked
at once for each piece instead of once for each grid: a city of 10,000 grids whose lists name 60 areas has 60 pieces.
Owns the pieces, and what becomes of matters on them when lists change. Does not own which item answers (`routing`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gridgov.areas.rules import AreaFacts
from gridgov.duties.routing import Book
from gridgov.duties.rules import Item

Path = tuple[AreaFacts, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Areas of the deepest level that lie in the same named areas, by their paths, city first."""

    members: tuple[Path, ...]
    path: tuple[int, ...]  # ids, of one of them
    levels: frozenset[str]

    @property
    def leaves(self) -> int:
        return len(self.members)


@dataclass(frozen=True, slots=True)
class Loss:
    """A matter that loses its responsible body in some place: in how many of the deepest areas of the whole city, and
    the largest areas that lose it altogether."""

    category: str
    leaves: int
    of: int
    areas: tuple[AreaFacts, ...]

    @property
    def everywhere(self) -> bool:
        return self.leaves == self.of


def leaves(areas: Iterable[AreaFacts]) -> list[Path]:
    """The paths, city first, of the areas that have none below them."""
    by_id = {area.id: area for area in areas}
    parents = {area.parent_id for area in by_id.values()}
    return [path_of(area, by_id) for area in by_id.values() if area.id not in parents]


def path_of(area: AreaFacts, by_id: Mapping[int, AreaFacts]) -> Path:
    """From the city down to the area."""
    path = [area]
    while path[-1].parent_id is not None and path[-1].parent_id in by_id:
        path.append(by_id[path[-1].parent_id])
    return tuple(reversed(path))


def cut(paths: Iterable[Path], items: Iterable[Item]) -> tuple[Piece, ...]:
    """The pieces of a city for the areas that these items name."""
    named = {item.area_id for item in items}
    groups: dict[tuple[int, ...], list[Path]] = {}
    for path in paths:
        groups.setdefault(tuple(area.id for area in path if area.id in named), []).append(path)
    return tuple(
        Piece(
            members=tuple(members),
            path=tuple(area.id for area in members[0]),
            levels=frozenset(str(area.level) for path in members for area in path),
        )
        for members in groups.values()
    )


def whole(some: Iterable[Piece], pieces: Iterable[Piece]) -> tuple[AreaFacts, ...]:
    """The largest areas that lie in some of the pieces altogether, by code."""
    lost, total = (Counter(area.id for one in of for path in one.members for area in path) for of in (some, pieces))
    found: dict[int, AreaFacts] = {}
    for piece in some:
        for path in piece.members:
            top = next(area for area in path if lost[area.id] == total[area.id])
            found[top.id] = top
    return tuple(sorted(found.values(), key=lambda area: area.code))


def winners(book: Book, category: str, pieces: Sequence[Piece]) -> Iterator[tuple[Piece, Item | None]]:
    """Which item decides for a matter on each piece; each different choice is made once."""
    named: Collection[int | None] = {item.area_id for item in book.items_for(category)}
    chosen: dict[tuple[int, ...], Item | None] = {}
    for piece in pieces:
        key = tuple(area for area in piece.path if area in named)
        if key not in chosen:
            chosen[key] = book.item(category, piece.path)
        yield piece, chosen[key]


def losses(before: Book, after: Book, categories: Iterable[str], pieces: Sequence[Piece]) -> list[Loss]:
    """Matters for which somebody is responsible before and nobody after, and where. `pieces` are cut by both."""
    total = sum(piece.leaves for piece in pieces)
    found = []
    for category in categories:
        both = zip(winners(before, category, pieces), winners(after, category, pieces), strict=True)
        gone = [piece for (piece, old), (_, new) in both if old is not None and new is None]
        if gone:
            found.append(Loss(category, sum(piece.leaves for piece in gone), total, whole(gone, pieces)))
    return found
