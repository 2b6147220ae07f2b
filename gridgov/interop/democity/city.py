"""The whole city, from a seed: everything in memory, in the plan's metres, before any file is written.

Owns: the order of the steps and the progress told. Does not own: the steps themselves, coordinates on the globe
and files (`files`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.interop.democity import (
    agencies,
    areas,
    buildings,
    duties,
    estates,
    facilities,
    ground,
    hierarchy,
    households,
    incidents,
    landuse,
    stationed,
    streets,
)
from gridgov.interop.democity.areanames import Name
from gridgov.interop.democity.partition import Ints
from gridgov.interop.democity.plan import draw
from gridgov.interop.democity.planar import from_lines

HOUSEHOLDS = 75_000
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class City:
    """The city without its history. `households` is in the order of `buildings`, `blocks` in that of `land.blocks`."""

    land: landuse.Land
    blocks: NDArray[np.object_]
    estates: dict[int, Name]
    streets: list[streets.Piece]
    buildings: buildings.Buildings
    households: Ints
    areas: areas.Areas
    ground: ground.Ground
    facilities: facilities.Facilities
    sites: list[agencies.Site]
    duties: list[duties.Duty]

    def scene(self) -> incidents.Scene:
        at = {}
        for parcel in self.land.parcels.values():
            if parcel.single:
                mine = [i for i, b in enumerate(self.land.blocks) if b.parcel == parcel.id]
                x, y = shapely.get_coordinates(shapely.centroid(shapely.multipolygons(list(self.blocks[mine]))))[0]
                at[parcel.single] = (float(x), float(y))
        return incidents.Scene(
            self.land,
            self.streets,
            self.ground,
            self.facilities,
            self.buildings,
            self.households,
            self.estates,
            self.areas,
            at,
        )


def found(seed: int, progress: Progress | None = None) -> City:
    """Build the city of a seed. The same seed gives the same city."""
    tell = progress or (lambda _what, _share: None)
    tell("streets and blocks", 0.0)
    plan = draw(seed)
    net = from_lines(plan.lines)
    land = landuse.divide(plan, net, seed)
    blocks = net.polygons(b.face for b in land.blocks)
    tell("buildings", 0.25)
    built = buildings.build(net, land, seed, round(HOUSEHOLDS / households.USUAL))
    tell("grids and communities", 0.4)
    expected = np.bincount(built.block, built.dwellings * households.USUAL, len(blocks)).astype(np.float64)
    member = hierarchy.belong(plan, net, land, expected, seed)
    homes = households.settle(built, member, seed)
    names = estates.names(land, seed)
    villages = {k: v for k, v in names.items() if land.parcels[k].use == "village"}
    held = np.bincount(built.block, homes, len(blocks)).astype(np.int64)
    levels = areas.name_and_number(member, land, blocks, held, villages, seed)
    tell("names, facilities, agencies", 0.7)
    pieces = streets.lay(net, land, names, seed)
    spots = ground.walk(pieces, land, blocks, levels, seed)
    things = facilities.place(net, spots, levels, seed)
    sites = agencies.set_up(levels, spots, pieces, built, land, homes, seed)
    lines = duties.expand(levels)
    lines += stationed.lines(levels, lines)
    return City(land, blocks, names, pieces, built, homes, levels, spots, things, sites, lines)


def history(city: City, seed: int, until: date) -> incidents.Incidents:
    """The city's last 90 days before `until`."""
    return incidents.happen(city.scene(), seed, until)
