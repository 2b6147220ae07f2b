"""Which ground each site serves for a matter, as shapes: what the map of service areas shows.

Owns putting together who answers in which area (`decided`) and which site is first there (`sites`), and keeping what
was drawn. Does not own either rule, nor freshness (`router`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridgov.areas.index import AreaIndex
from gridgov.duties.decided import MEASURES, NO_SITES, Decided
from gridgov.duties.rules import Nearest, Site
from gridgov.duties.sites import SiteTable
from gridgov.geo.service_areas import colours

KEPT = 16


@dataclass(frozen=True, slots=True)
class Served:
    """The ground that a site serves, in degrees. `by`: the measure by which it is the nearest (where lists differ, that
    of most of its ground). No two that touch have the same `colour`, a small number. `households`: those of the grids
    that lie in it wholly or, by their share of ground, in part; None where no grid tells them."""

    site: Site
    by: Nearest
    geom: BaseGeometry
    area_km2: float
    households: int | None
    colour: int


class Drawn:
    """The last few answers. Two that ask for the same at once wait for one drawing."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, tuple[Served, ...]] = OrderedDict()

    def of(self, key: Hashable, make: Callable[[], tuple[Served, ...]]) -> tuple[Served, ...]:
        """The kept answer of a key, else a new one."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = make()
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]


def draw(decided: Decided, index: AreaIndex, sites: SiteTable, by: Nearest | None) -> tuple[Served, ...]:
    """The service areas of the one matter that was decided, by the sites' ids; empty where no list has it served from
    sites."""
    grounds = index.deepest()
    ids = np.array([area.id for area in grounds], dtype=np.int64)
    _, agency, _, measure = decided.of(np.zeros(len(ids), dtype=np.int64), ids)
    groups: dict[tuple[int, Nearest], list[int]] = {}
    for place in np.flatnonzero(measure != NO_SITES).tolist():
        nearest = by or MEASURES[int(measure[place]) - 1]
        groups.setdefault((int(agency[place]), nearest), []).append(place)
    shapes_m = index.projection.geometry(np.array([index.shape(area.id) for area in grounds], dtype=object))
    pieces: dict[int, list[tuple[Nearest, BaseGeometry]]] = {}
    for (agency_id, nearest), places in sorted(groups.items()):
        ground_m = shapely.union_all(shapes_m[places])
        for site, piece in sites.grounds(agency_id, ground_m, nearest).items():
            pieces.setdefault(site, []).append((nearest, piece))
    whole = {site: shapely.union_all([piece for _, piece in parts]) for site, parts in sorted(pieces.items())}
    number = colours(list(whole.values()))
    told = [area.households for area in grounds]
    return tuple(
        Served(
            site=sites.sites[site],
            by=max(pieces[site], key=lambda one: float(one[1].area))[0],
            geom=index.projection.geometry_deg(geom_m),
            area_km2=float(geom_m.area) / 1e6,
            households=_households(geom_m, shapes_m, told),
            colour=number[place],
        )
        for place, (site, geom_m) in enumerate(whole.items())
    )


def _households(geom_m: BaseGeometry, shapes_m: np.ndarray, told: list[int | None]) -> int | None:
    shapely.prepare(geom_m)
    touched = np.flatnonzero(shapely.intersects(geom_m, shapes_m))
    counted = [place for place in touched.tolist() if told[place] is not None]
    if not counted:
        return None
    share = shapely.area(shapely.intersection(geom_m, shapes_m[counted])) / shapely.area(shapes_m[counted])
    return round(float(sum((told[place] or 0) * part for place, part in zip(counted, share, strict=True))))
