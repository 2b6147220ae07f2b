"""What a sheet is measured with that others know: open cases, workers, service points.

Owns what is asked of them, and bringing it to atoms and grids. Does not own the answers (`Surroundings`: whoever has
them), nor what is made of them (`measuring`). Numbers and places alone: no case, no person.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from threading import Lock
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.areas.rules import Level
from gridgov.planning.ground import Ground
from gridgov.planning.rules import Sheet

Ints = NDArray[np.int64]
MOST_GRIDS = 100_000
FRESH = timedelta(seconds=5)
"""So long an answer is good for those who draw: a brush does not ask for the city's cases with every stroke."""
WIDE_DEG = 0.05  # around the community, for service points beside it
KEPT = 64


class Surroundings(Protocol):
    """Who knows. Each asks in a transaction of its own, as a role that sees no more than this."""

    def open_cases(self, grids: Sequence[int], units: Sequence[int]) -> NDArray[np.float64]:
        """float64[m, 2]: longitude and latitude of every open case of these grids, and of those of these units that
        lie in no grid."""

    def workers(self, now: datetime) -> Mapping[int, int]:
        """Posts of grid workers in force in each area."""

    def service_points(self, box: tuple[float, float, float, float]) -> NDArray[np.float64]:
        """float64[k, 2]: longitude and latitude of every service point in a box (west, south, east, north)."""


@dataclass(frozen=True, eq=False)
class Around:
    """`open_cases` int64[n] by atom; `workers` by area; `service_points` Point[k] in metres."""

    at: datetime
    open_cases: Ints
    workers: Mapping[int, int]
    service_points: NDArray[np.object_]

    @cached_property
    def digest(self) -> str:
        said = hashlib.blake2b(self.open_cases.astype("<i8").tobytes(), digest_size=8)
        said.update(repr(sorted(self.workers.items())).encode())
        said.update(self.places)
        return said.hexdigest()

    @property
    def places(self) -> bytes:
        """Where service points are."""
        return bytes(shapely.get_coordinates(self.service_points).astype("<f8").tobytes())

    def of_grids(self, sheet: Sheet) -> dict[int, float]:
        """Workers by number of grid; a grid that no area is yet, and one without any, is not named."""
        held = {number: self.workers.get(one.area_id or 0, 0) for number, one in sheet.grids.items()}
        return {number: float(n) for number, n in held.items() if n > 0}


class KeptAround:
    """The last answers, by ground. Safe for many threads."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings, self._lock = surroundings, Lock()
        self._held: OrderedDict[tuple[int, int], Around] = OrderedDict()

    def of(self, session: Session, ground: Ground, *, now: datetime) -> Around:
        """What lies around a ground, at most some seconds old. `session`: any that sees areas."""
        key = (ground.basis_id, ground.count_id)
        with self._lock:
            held = self._held.get(key)
            if held is not None and abs(now - held.at) < FRESH:
                return held
        grids, units = where(session, ground, now)
        known = self._surroundings
        west, south, east, north = ground.projection.geometry_deg(ground.outline).bounds
        box = (west - WIDE_DEG, south - WIDE_DEG, east + WIDE_DEG, north + WIDE_DEG)
        lonlat = known.service_points(box)
        x, y = ground.projection.forward(lonlat[:, 0], lonlat[:, 1])
        points: NDArray[np.object_] = np.empty(len(lonlat), dtype=np.object_)
        points[:] = shapely.points(x, y)
        found = Around(
            now,
            at_atoms(ground, known.open_cases(grids, units)),
            {area: n for area, n in known.workers(now).items() if area in set(grids)},
            points,
        )
        with self._lock:
            self._held[key] = found
            self._held.move_to_end(key)
            while len(self._held) > KEPT:
                self._held.popitem(last=False)
        return found


def at_atoms(ground: Ground, lonlat: NDArray[np.float64]) -> Ints:
    """int64[n]: how many places lie in each atom; of atoms above one another in the lowest."""
    if not len(lonlat):
        return np.zeros(len(ground), dtype=np.int64)
    x, y = ground.projection.forward(lonlat[:, 0], lonlat[:, 1])
    place, atom = ground.tree.query(shapely.points(x, y), predicate="intersects")
    lowest = np.full(len(lonlat), len(ground), dtype=np.int64)
    np.minimum.at(lowest, place, atom)
    return np.bincount(lowest, minlength=len(ground) + 1)[:-1].astype(np.int64)


def where(session: Session, ground: Ground, now: datetime) -> tuple[list[int], list[int]]:
    """The grids of the community in force, and its unit: the sub-district, or the community itself."""
    community = areas.list_areas(session, at=now, area_id=ground.community_id, limit=1)
    grids = areas.list_areas(session, at=now, level=Level.GRID, parent=ground.community_id, limit=MOST_GRIDS)
    above = areas.list_areas(session, at=now, area_id=community[0].parent_id, limit=1) if community else []
    unit = above[0].id if above and above[0].level == Level.SUBDISTRICT else ground.community_id
    return [row.id for row in grids], [unit]
