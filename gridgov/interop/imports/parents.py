"""Who is whose parent: by the code in a column, or by place (the area above that holds most of it).

Owns that choice. Does not own levels (`areas.rules`) nor what is in force (`areas.locator`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from sqlalchemy.orm import Session

from gridgov.areas import service
from gridgov.areas.locator import Locator, NoAreas
from gridgov.areas.rules import TOP_DOWN, AreaFacts, Level
from gridgov.geo.crs import Projection

# A parent holds at least half of its child.
LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Child:
    """An area that looks for its parent; `parent_code` counts when `by_column`."""

    code: str
    shape: Polygon | MultiPolygon
    by_column: bool
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class InForce:
    """The areas in force at the instant of an import, with their exact shapes."""

    areas: tuple[AreaFacts, ...]
    shapes: tuple[Polygon | MultiPolygon, ...]

    def places(self, level: Level) -> list[int]:
        return [i for i, area in enumerate(self.areas) if area.level == level]

    def ids_by_code(self) -> dict[str, int]:
        """Area code -> id, the highest level first where levels share one; and each as "level:code"."""
        codes: dict[str, int] = {}
        for level in TOP_DOWN:
            for i in self.places(level):
                codes.setdefault(self.areas[i].code, self.areas[i].id)
                codes[f"{level}:{self.areas[i].code}"] = self.areas[i].id
        return codes

    def missing(self, level: Level, codes: set[str]) -> list[int]:
        """Ids of the areas of a level whose code is not among `codes`."""
        return [self.areas[i].id for i in self.places(level) if self.areas[i].code not in codes]

    def made_from(self, session: Session, place: int) -> object:
        """The level that the city's area was made from; None when a file gave it."""
        row = service.get_area(session, self.areas[place].id, at=None, geometry=False)
        return row.attributes.get("made_from")


def in_force(session: Session, at: datetime | None) -> InForce:
    """Areas in force at an instant (None: the newest); empty before the first plan."""
    try:
        index = Locator().index(session, at)
    except NoAreas:
        return InForce((), ())
    return InForce(index.areas, index.shapes)


def parent_places(level: Level, children: Sequence[Child], before: InForce, projection: Projection) -> list[int | None]:
    """For each child the place of its parent in `before`, or None.

    The deepest level above that knows the code, or that holds half of the child, has it: so a community lies in a
    sub-district where there is one and in the district where there is none. Under the city alone everything belongs
    to the city.
    """
    above = [tier for tier in reversed(TOP_DOWN[: TOP_DOWN.index(level)]) if before.places(tier)]
    if above == [Level.CITY]:
        return [before.places(Level.CITY)[0]] * len(children)
    by_code = {(area.level, area.code): i for i, area in enumerate(before.areas)}
    found: list[int | None] = [
        next(
            (by_code[tier, child.parent_code or ""] for tier in above if (tier, child.parent_code or "") in by_code),
            None,
        )
        if child.by_column
        else None
        for child in children
    ]
    shapes_m = projection.geometry(np.asarray([child.shape for child in children], dtype=object))
    for tier in above:
        open_ = [i for i, at in enumerate(found) if at is None and not children[i].by_column]
        places = before.places(tier)
        tier_m = projection.geometry(np.asarray([before.shapes[i] for i in places], dtype=object))
        for i, best in zip(open_, holders(shapes_m[open_], tier_m), strict=True):
            found[i] = None if best < 0 else places[best]
    return found


def holders(shapes_m: Any, parents_m: Any) -> list[int]:
    """For each shape the parent that holds the most of it, at least half, the first among equals; -1 when there is
    none.
    """
    tree = shapely.STRtree(parents_m)
    best = [-1] * len(shapes_m)
    for i, shape in enumerate(shapes_m):
        most = LEAST_SHARE * shape.area
        for candidate in sorted(int(c) for c in tree.query(shape, predicate="intersects")):
            held = shapely.intersection(parents_m[candidate], shape).area
            if held > most or (best[i] < 0 and held == most):
                best[i], most = candidate, held
    return best
