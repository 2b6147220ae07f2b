"""The areas of the city with codes and names, from the membership of blocks.

Codes are 6 + 3 + 3 + 3 digits: district, sub-district, community, grid (GB/T 2260 and its extensions). In the flat district the
segment of the sub-district is 000, "the district itself". Sub-districts are numbered from 001, towns from 100, communities from
001, villages from 201, grids from 001; within a parent numbers follow the reading order, row by row from the north, each row from
west to east.

Owns: codes, names, polygons of areas. Does not own: who belongs where (`hierarchy`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from gridgov.interop.democity import stock
from gridgov.interop.democity.chance import stream
from gridgov.interop.democity.hierarchy import Membership
from gridgov.interop.democity.landuse import Land
from gridgov.interop.democity.partition import Ints
from gridgov.interop.democity.planar import Floats

Name = tuple[str, str]  # zh, en


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
    """All areas by level, and for every block the place of its grid in `grid`."""

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

    There are about as many rows as there are columns: the spread from north to south is cut into round(sqrt(n)) equal bands.
    """
    top, bottom = xy[:, 1].max(), xy[:, 1].min()
    bands = max(1, round(np.sqrt(len(xy))))
    height = max((top - bottom) / bands, 1e-9)
    row = np.minimum(((top - xy[:, 1]) / height).astype(np.int64), bands - 1)
    return np.lexsort((xy[:, 0], row)).astype(np.int64)


def _centres(polygons: NDArray[np.object_]) -> Floats:
    return shapely.get_coordinates(shapely.centroid(polygons))


def _unions(polygons: NDArray[np.object_], label: Ints, count: int) -> NDArray[np.object_]:
    return np.array([shapely.coverage_union_all(polygons[label == k]) for k in range(count)], dtype=object)


def _town_names(polygons: NDArray[np.object_], towns: list[bool]) -> list[Name]:
    """Each sub-district takes the name whose place is nearest, no name twice."""
    given = stock.places()["subdistricts"]
    at = _centres(polygons)
    away = np.array(
        [
            [np.hypot(*(p - g["at"])) + 1e6 * (t != g.get("town", False)) for g in given]
            for p, t in zip(at, towns, strict=True)
        ]
    )
    row, column = linear_sum_assignment(away)
    out: list[Name] = [("", "")] * len(polygons)
    for r, c in zip(row, column, strict=True):
        out[r] = (given[c]["zh"], given[c]["en"])
    return out


def _community_names(member: Membership, land: Land, villages: dict[int, Name], seed: int) -> list[Name]:
    rng = stream(seed, "community names")
    pool = {}
    for zone in ("core", "inner", "town"):
        stems = stock.stems("community_stems", "zone", zone)
        pool[zone] = [stems[i] for i in rng.permutation(len(stems))]
    of_block = member.community[member.grid]
    used: set[str] = set()
    out: list[Name] = []
    for c, part in enumerate(member.part):
        mine = [land.blocks[i] for i in np.flatnonzero(of_block == c)]
        if part.endswith("villages"):
            held = [b.parcel for b in mine if b.use == "village"]
            zh, en = villages[max(sorted(set(held)), key=held.count)]
            out.append((f"{zh}村", f"{en} Village"))
            continue
        core = sum(b.zone == "core" for b in mine) * 2 > len(mine)
        zone = "core" if core else "inner" if part.startswith("north") else "town"
        zh, en = next(n for n in pool[zone] if n[0] not in used)
        used.add(zh)
        out.append((f"{zh}社区", f"{en} Community"))
    return out


def _numbered(parents: list[str], at: Floats, first: list[int]) -> list[str]:
    """Codes: the parent's, and three digits in reading order among siblings that start at the same number."""
    codes = [""] * len(parents)
    for parent, start in sorted(set(zip(parents, first, strict=True))):
        mine = np.array([i for i, p in enumerate(parents) if p == parent and first[i] == start])
        for n, i in enumerate(mine[reading_order(at[mine])]):
            codes[i] = f"{parent}{start + n:03d}"
    return codes


def _grid_names(member: Membership, codes: list[str], communities: list[Name]) -> list[Name]:
    singles = stock.places()["singles"]
    out: list[Name] = []
    for g, code in enumerate(codes):
        zh, en = communities[member.community[g]]
        if member.what[g]:
            zh, en = singles[member.what[g]]
            twins = sorted(
                codes[k] for k in range(len(codes)) if singles.get(member.what[k]) == singles[member.what[g]]
            )
            number = f"{twins.index(code) + 1}号" if len(twins) > 1 else ""
            out.append((f"{zh}{number}专属网格", f"{en} Special Grid {number[:-1]}".rstrip()))
        else:
            out.append((f"{zh}第{int(code[-3:])}网格", f"{en} Grid {int(code[-3:])}"))
    return out


def name_and_number(
    member: Membership, land: Land, blocks: NDArray[np.object_], households: Ints, villages: dict[int, Name], seed: int
) -> Areas:
    """All areas. `blocks`: the blocks' polygons; `households`: of every block; `villages`: names of parcels."""
    rng = stream(seed, "population")
    grids = _unions(blocks, member.grid, len(member.kind))
    communities = _unions(grids, member.community, len(member.part))
    town_of = member.subdistrict
    towns = _unions(communities[town_of >= 0], town_of[town_of >= 0], int(town_of.max()) + 1)
    districts = _unions(communities, member.district, 2)
    given = stock.places()["districts"]
    d_code = [d["code"] for d in given]
    is_town = [member.part[int(np.flatnonzero(town_of == t)[0])].endswith("villages") for t in range(len(towns))]
    t_code = _numbered([d_code[0]] * len(towns), _centres(towns), [100 if t else 1 for t in is_town])
    c_parent = [t_code[t] if t >= 0 else f"{d_code[d]}000" for t, d in zip(town_of, member.district, strict=True)]
    c_code = _numbered(c_parent, _centres(communities), [201 if p.endswith("villages") else 1 for p in member.part])
    g_code = _numbered([c_code[c] for c in member.community], _centres(grids), [1] * len(grids))
    c_names = _community_names(member, land, villages, seed)
    g_households = np.bincount(member.grid, households, len(grids)).astype(np.int64)
    g_people = np.round(g_households * rng.uniform(2.35, 2.75, len(grids))).astype(np.int64)
    g_people[np.array(member.what) == "campus"] = 9200

    def total(of_grid: Ints, values: Ints) -> list[int]:
        return [int(values[of_grid == k].sum()) for k in range(int(of_grid.max()) + 1)]

    of_district = member.district[member.community]
    of_town = town_of[member.community]

    def tier(
        level: str,
        codes: list[str],
        names: list[Name],
        parents: list[str],
        kinds: list[str],
        of: Ints,
        shapes: NDArray[np.object_],
    ) -> list[Area]:
        homes, people = total(of, g_households), total(of, g_people)
        made = [Area(level, *row) for row in zip(codes, names, parents, kinds, homes, people, shapes, strict=True)]
        return sorted(made, key=lambda area: area.code)

    city = stock.places()["city"]["code"]
    every = tier(
        "grid",
        g_code,
        _grid_names(member, g_code, c_names),
        [c_code[c] for c in member.community],
        member.kind,
        np.arange(len(grids)),
        grids,
    )
    place = {area.code: i for i, area in enumerate(every)}
    return Areas(
        tier("district", d_code, [(d["zh"], d["en"]) for d in given], [city] * 2, [""] * 2, of_district, districts),
        tier("subdistrict", t_code, _town_names(towns, is_town), [d_code[0]] * len(towns), ["town" if t else "street" for t in is_town], of_town, towns),
        tier("community", c_code, c_names, [p.removesuffix("000") for p in c_parent],
             ["village" if p.endswith("villages") else "residential" for p in member.part], member.community, communities),
        every,
        np.array([place[g_code[g]] for g in member.grid]),
    )  # fmt: skip
