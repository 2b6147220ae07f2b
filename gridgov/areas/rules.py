"""What areas are: levels and their order, the unit, a point's answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from shapely import MultiPolygon, Polygon

EDGE_RULE = (
    "A point on a shared edge belongs to the area with the lowest code; a point outside every area to the nearest one."
)


class Level(StrEnum):
    """Tiers from the top down. The sub-district may be absent: nothing counts levels, all ask for the parent."""

    CITY = "city"
    DISTRICT = "district"
    SUBDISTRICT = "subdistrict"
    COMMUNITY = "community"
    GRID = "grid"


TOP_DOWN: tuple[Level, ...] = tuple(Level)


class Kind(StrEnum):
    """Kinds of grid (domain A14): 城市, 农村, 专属."""

    URBAN = "urban"
    RURAL = "rural"
    SPECIAL = "special"


@dataclass(frozen=True, slots=True)
class AreaFacts:
    """One area at an instant, without its geometry."""

    id: int
    level: Level
    code: str
    names: Mapping[str, str]
    parent_id: int | None
    kind: str | None = None
    population: int | None = None
    households: int | None = None


@dataclass(frozen=True, slots=True)
class NewArea:
    """An area as a boundary plan brings it; `geom` in EPSG:4326. `parent_code` names an area of a level above."""

    level: Level
    code: str
    parent_code: str | None
    names: Mapping[str, str]
    geom: Polygon | MultiPolygon
    kind: str | None = None
    population: int | None = None
    households: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Descent:
    """Households that go from one area to another, and their share of those of the area that they leave; where that had
    none, the share is of its ground."""

    before: int
    after: int
    households: int
    share: float


@dataclass(frozen=True, slots=True)
class Located:
    """Where a point belongs.

    `path` runs from the city down to the deepest area; outside every area it is that of the nearest one, `inside` is
    false and `distance_m` says how far it is. `on_edge`: more than one area of the deepest level touches the point.
    `candidates`: areas of the deepest level within the point's accuracy, the chosen one first. `in_force_from`: since
    when these boundaries hold (None: since before any record).
    """

    path: tuple[AreaFacts, ...]
    inside: bool
    distance_m: float
    on_edge: bool
    candidates: tuple[AreaFacts, ...]
    in_force_from: datetime | None = None

    @property
    def deepest(self) -> AreaFacts:
        return self.path[-1]

    def at(self, level: Level) -> AreaFacts | None:
        """The area of that level in the path, or None where the tier is absent."""
        return next((area for area in self.path if area.level == level), None)

    @property
    def unit(self) -> AreaFacts | None:
        """The sub-district, or the community where that tier is absent."""
        return unit_of(self.path)


def unit_of(path: Sequence[AreaFacts]) -> AreaFacts | None:
    """The sub-district of a path, or the community where that tier is absent."""
    by_level = {area.level: area for area in path}
    return by_level.get(Level.SUBDISTRICT) or by_level.get(Level.COMMUNITY)
