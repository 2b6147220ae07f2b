"""The areas of the city with codes, names and polygons, from the membership of blocks.

Codes are 6 + 3 + 3 + 3 digits: district, sub-district, community, grid (GB/T 2260 and its extensions). In the flat
district the segment of the sub-district is 000, "the district itself". Sub-districts are numbered from 001, towns from
100, communities from 001, villages from 201, grids from 001; within a parent numbers follow the reading order, row by
row from the north, each row from west to east.

Owns: codes, counts, polygons of areas. Does not own: who belongs where (`hierarchy`), names (`areanames`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.interop.democity import areanames, stock
from gridgov.interop.democity.areanames import Name
from gridgov.interop.democity.chance import stream
from gridgov.interop.democity.hierarchy import Membership
from gridgov.interop.democity.landuse import Land
from gridgov.interop.democity.partition import Ints
from gridgov.interop.democity.planar import Floats

CAMPUS_PEOPLE = 9_200  # students live in no household


@dataclass(frozen=True, slots=True)
class Area:
    """One area of a level; `polygon` in the plan's metres; `parent` is a code."""

    level: str
    code: str
    name: Name
    parent: str
    kind: str
    households: int
    population: int
    polygon: shapely.Polygon | shapely.MultiPolygon


@dataclass(frozen=True, slots=True)
class Areas:
    """All areas by level in the order of their codes, and for every block the place of its grid in `grid`."""

    district: list[Area]
    subdistrict: list[Area]
    community: list[Area]
    grid: list[Area]
    grid_of_block: Ints

    def levels(self) -> dict[str, list[Area]]:
        return {
            "district": self.district,
            "subdistrict": self.subdistrict,
            "community": self.community,
            "grid": self.grid,
        }


def reading_order(xy: Floats) -> Ints:
    """Positions of points as they are read: rows from north to south, each from west to east.

    There are about as many rows as columns: the spread from north to south is cut into round(sqrt(n)) equal bands.
    """
    top, bottom = xy[:, 1].max(), xy[:, 1].min()
    bands = max(1, round(np.sqrt(len(xy))))
    height = max((top - bottom) / bands, 1e-9)
    row = np.minimum(((top - xy[:, 1]) / height).astype(np.int64), bands - 1)
    return np.lexsort((xy[:, 0], row)).astype(np.int64)


def numbered(parents: Sequence[str], at: Floats, first: Sequence[int]) -> list[str]:
    """Codes: the parent's, and three digits in reading order among siblings that start at the same number."""
    codes = [""] * len(parents)
    for parent, start in sorted(set(zip(parents, first, strict=True))):
        mine = np.array([i for i, p in enumerate(parents) if p == parent and first[i] == start])
        for n, i in enumerate(mine[reading_order(at[mine])]):
            codes[i] = f"{parent}{start + n:03d}"
    return codes


def centres(polygons: NDArray[np.object_]) -> Floats:
    return np.asarray(shapely.get_coordinates(shapely.centroid(polygons)))


def _unions(polygons: NDArray[np.object_], label: Ints, count: int) -> NDArray[np.object_]:
    return np.array([shapely.coverage_union_all(polygons[label == k]) for k in range(count)], dtype=object)


@dataclass(frozen=True, slots=True)
class _Tier:
    """One level in the making: codes, polygons, and for every grid the area of this level (-1: none)."""

    codes: list[str]
    polygons: NDArray[np.object_]
    of_grid: Ints

    def areas(
        self, level: str, names: list[Name], parents: list[str], kinds: list[str], homes: Ints, people: Ints
    ) -> list[Area]:
        made = []
        for k, code in enumerate(self.codes):
            mine = self.of_grid == k
            total = int(homes[mine].sum()), int(people[mine].sum())
            made.append(Area(level, code, names[k], parents[k], kinds[k], *total, self.polygons[k]))
        return sorted(made, key=lambda area: area.code)


def name_and_number(
    member: Membership, land: Land, blocks: NDArray[np.object_], households: Ints, villages: dict[int, Name], seed: int
) -> Areas:
    """All areas. `blocks`: the blocks' polygons; `households`: of every block; `villages`: names of parcels."""
    given = stock.places()["districts"]
    city = stock.places()["city"]["code"]
    rural = [part.endswith("villages") for part in member.part]
    district, town, community, grid = _tiers(member, blocks, [d["code"] for d in given], rural)
    is_town = [code[6:] >= "100" for code in town.codes]
    c_names = areanames.of_communities(member, land, villages, seed)
    g_names = areanames.of_grids(member, grid.codes, c_names)
    homes = np.bincount(member.grid, households, len(grid.codes)).astype(np.int64)
    people = _people(homes, member.what, seed)
    c_parents = [code[:6] if code[6:9] == "000" else code[:9] for code in community.codes]
    grids = grid.areas("grid", g_names, [code[:12] for code in grid.codes], member.kind, homes, people)
    place = {area.code: i for i, area in enumerate(grids)}
    d_names = [(d["zh"], d["en"]) for d in given]
    t_names, t_kinds = areanames.of_towns(centres(town.polygons), is_town), ["town" if t else "street" for t in is_town]
    return Areas(
        district.areas("district", d_names, [city] * len(given), [""] * len(given), homes, people),
        town.areas("subdistrict", t_names, [code[:6] for code in town.codes], t_kinds, homes, people),
        community.areas("community", c_names, c_parents, ["village" if r else "urban" for r in rural], homes, people),
        grids,
        np.array([place[grid.codes[g]] for g in member.grid]),
    )


def _tiers(
    member: Membership, blocks: NDArray[np.object_], districts: list[str], rural: list[bool]
) -> tuple[_Tier, _Tier, _Tier, _Tier]:
    """The four levels from the top down, with codes."""
    grids = _unions(blocks, member.grid, len(member.kind))
    communities = _unions(grids, member.community, len(member.part))
    town_of = member.subdistrict
    held = town_of >= 0
    towns = _unions(communities[held], town_of[held], int(town_of.max()) + 1)
    first = [100 if rural[int(np.flatnonzero(town_of == t)[0])] else 1 for t in range(len(towns))]
    t_code = numbered([districts[0]] * len(towns), centres(towns), first)
    parents = [t_code[t] if t >= 0 else f"{districts[d]}000" for t, d in zip(town_of, member.district, strict=True)]
    c_code = numbered(parents, centres(communities), [201 if r else 1 for r in rural])
    g_code = numbered([c_code[c] for c in member.community], centres(grids), [1] * len(grids))
    d_shape = _unions(communities, member.district, len(districts))
    return (
        _Tier(districts, d_shape, member.district[member.community]),
        _Tier(t_code, towns, town_of[member.community]),
        _Tier(c_code, communities, member.community),
        _Tier(g_code, grids, np.arange(len(grids))),
    )


def _people(homes: Ints, what: list[str], seed: int) -> Ints:
    people = np.round(homes * stream(seed, "population").uniform(2.35, 2.75, len(homes))).astype(np.int64)
    people[np.array(what) == "campus"] = CAMPUS_PEOPLE
    return people
