"""Atoms of a community from streets and buildings.

Owns the order of the steps and what is said of bad input. Whatever comes, atoms come out that tile the community.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from gridgov.geo.atoms import blocks, cells, edges, faces, units
from gridgov.geo.atoms.forms import (
    UNIT_MOST,
    Atoms,
    Buildings,
    Finding,
    Floats,
    Longs,
    Regions,
    Shapes,
    Streets,
)
from gridgov.geo.atoms.outline import Border, metres
from gridgov.geo.crs import Projection

LEAST_M2 = 15.0
"""A smaller building without households (a shed, a kiosk) has no atom of its own."""
STEP_DEG = 0.002
ACROSS = 0.05
"""A building of which more than this share lies beyond the community's border is named."""


@dataclass(frozen=True)
class Making:
    """Atoms, and where each building went: `atom_of[i]` the atom of building i (the first of its units), -1 where the
    building belongs to another community; `unit_shares[i]` households of its units, () where it is not divided.
    """

    atoms: Atoms
    atom_of: Longs
    unit_shares: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class _Stock:
    """Buildings of the community in metres: `row` their numbers among all, `inner` a point inside each. `sheds`:
    numbers of those too small for an atom, with `shed_inner`.
    """

    row: Longs
    shapes: Shapes
    inner: Floats
    sheds: Longs
    shed_inner: Floats


def make(
    outline_deg: Polygon | MultiPolygon,
    streets: Streets,
    buildings: Buildings,
    projection: Projection,
    *,
    regions: Regions | None = None,
    divide_above: int = 330,
    unit_most: int = UNIT_MOST,
) -> Making:
    """Everything in EPSG:4326. `regions`: ground that no atom crosses and that stays together (villager groups).

    A building with more households than `divide_above` becomes units of at most `unit_most`.
    """
    regions = regions or Regions.none()
    border = Border.of(outline_deg, projection)
    findings: list[Finding] = []
    stock = _stock(border.gridded, buildings, projection, findings)
    within = _regions_m(border.gridded, regions, projection)
    made = blocks.blocks_of(border.gridded, streets, within, stock.inner, projection)
    findings += made.findings
    block_of = _at(made.shapes, stock.inner)
    footprints, building, unit, divided = _footprints(stock, buildings, divide_above, unit_most)
    found = cells.cells_of(border.gridded, made.shapes, footprints, block_of[building])
    shapes_deg, said = restored(border, found.shapes)
    findings += said
    order = _order(found)
    atoms = _atoms(
        shapes_deg[order], found.owner[order], found.block[order], stock, buildings, building, unit, projection,
        made, regions, findings,
    )  # fmt: skip
    atom_of = _atom_of(atoms, found.owner[order], building, unit, stock, len(buildings))
    shares: list[tuple[int, ...]] = [()] * len(buildings)
    for row, parts in divided.items():
        shares[int(stock.row[row])] = parts
    return Making(atoms, atom_of, tuple(shares))


def restored(border: Border, shapes: Shapes) -> tuple[Shapes, list[Finding]]:
    """Atoms cut out on the grid -> MultiPolygon[n] in EPSG:4326 with the border's own corners. Where the border has
    features below the grid's step that cannot be kept, the border on the grid stays, which is said.
    """
    outer = faces.outer_keys(faces.borders(shapes))
    deg = border.restore(shapes, outer)
    if _sound(metres(deg, border.projection)) and _sound(deg):
        return deg, []
    plain = border.restore(shapes, np.empty((0, 2), dtype=np.int64))
    return plain, [
        Finding(
            "border-rounded",
            "社区边界有小于1厘米的细节，边界按1厘米取整",
            "The community's border has features below 1 cm; it is kept to 1 cm",
        )
    ]


def _sound(shapes: Shapes) -> bool:
    return bool(shapely.is_valid(shapes).all()) and bool(shapely.coverage_is_valid(shapes))


def _stock(gridded: Any, buildings: Buildings, projection: Projection, findings: list[Finding]) -> _Stock:
    """Buildings whose inner point lies in the community, mended where broken; what is odd is said."""
    shapes, broken, useless = mended(metres(buildings.shapes, projection))
    _say(findings, "buildings-mended", "个建筑轮廓无效，已修复", "footprints were invalid and were mended", broken)
    _say(
        findings,
        "buildings-unusable",
        "个建筑没有可用的轮廓，未使用",
        "buildings have no usable footprint and were left out",
        useless,
    )
    inner = np.full((len(shapes), 2), np.nan)
    usable = ~shapely.is_empty(shapes)
    inner[usable] = shapely.get_coordinates(shapely.point_on_surface(shapes[usable]))
    shapely.prepare(gridded)
    ours = usable.copy()
    ours[usable] = shapely.intersects_xy(gridded, inner[usable, 0], inner[usable, 1])
    area = shapely.area(shapes)
    tiny = ours & (buildings.households <= 0) & (area < LEAST_M2) & (shapely.get_dimensions(shapes) == 2)
    _across(gridded, shapes, ours, area, findings)
    row = np.flatnonzero(ours & ~tiny)
    _overlapping(shapes[row], area[row], findings)
    if not len(row):
        findings.append(
            Finding(
                "no-buildings",
                "社区内没有建筑，街坊即为地块",
                "The community has no buildings; its blocks are the atoms",
            )
        )
    elif not (buildings.households[row] > 0).any():
        findings.append(
            Finding("no-households", "没有一栋建筑带有户数", "No building says how many households it has", len(row))
        )
    return _Stock(row, shapes[row], inner[row], np.flatnonzero(tiny), inner[tiny])


def mended(shapes: Any) -> tuple[Shapes, int, int]:
    """(valid polygons or points, how many were mended, how many are unusable and now empty)."""
    shapes = np.asarray(shapes, dtype=object).copy()
    missing = shapely.is_missing(shapes)
    finite = np.ones(len(shapes), dtype=np.bool_)
    points, of = shapely.get_coordinates(shapes, return_index=True)
    finite[of[~np.isfinite(points).all(axis=1)]] = False
    shapes[missing | ~finite] = Polygon()
    invalid = ~shapely.is_valid(shapes)
    shapes[invalid] = shapely.buffer(shapely.make_valid(shapes[invalid], method="structure", keep_collapsed=False), 0)
    lines = shapely.get_dimensions(shapes) == 1
    shapes[lines] = Polygon()
    empty = shapely.is_empty(shapes)
    return shapes, int((invalid & ~empty).sum()), int(empty.sum())


def _across(gridded: Any, shapes: Shapes, ours: Any, area: Floats, findings: list[Finding]) -> None:
    solid = (area > 0.0) & shapely.intersects(shapes, gridded) & ~shapely.contains(gridded, shapes)
    rows = np.flatnonzero(solid)
    inside = shapely.area(shapely.intersection(shapes[rows], gridded)) / area[rows]
    mine = int((ours[rows] & (inside < 1 - ACROSS)).sum())
    other = int((~ours[rows] & (inside > ACROSS)).sum())
    _say(
        findings,
        "buildings-across",
        "栋建筑跨越社区边界，归本社区",
        "buildings stand across the border and belong to this community",
        mine,
    )
    _say(
        findings,
        "buildings-next-door",
        "栋跨界建筑归相邻社区",
        "buildings stand across the border and belong next door",
        other,
    )


def _overlapping(shapes: Shapes, area: Floats, findings: list[Finding]) -> None:
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = (a < b) & (area[a] > 0) & (area[b] > 0)
    a, b = a[once], b[once]
    shared = shapely.area(shapely.intersection(shapes[a], shapes[b]))
    many = int((shared > 0.1 * np.minimum(area[a], area[b])).sum())
    _say(findings, "buildings-overlap", "对建筑轮廓重叠", "pairs of footprints overlap", many)


def _say(findings: list[Finding], code: str, zh: str, en: str, many: int) -> None:
    if many:
        findings.append(Finding(code, f"{many}{zh}", f"{many} {en}", many))


def _regions_m(gridded: Any, regions: Regions, projection: Projection) -> Shapes:
    if not len(regions):
        return regions.shapes
    stepped = shapely.segmentize(regions.shapes, STEP_DEG)  # straight in degrees, as it was drawn
    shapes, _, _ = mended(metres(stepped, projection))
    return np.asarray(shapely.intersection(shapes, gridded), dtype=object)


def _at(shapes: Shapes, points: Floats) -> Longs:
    """The shape that each point lies in, the lowest where it lies between several."""
    out = np.full(len(points), -1, dtype=np.int64)
    if len(points):
        found = np.asarray(shapely.points(points), dtype=object)
        point, shape = shapely.STRtree(shapes).query(found, predicate="intersects")
        order = np.lexsort((shape, point))
        out[point[order][::-1]] = shape[order][::-1]
        lost = np.flatnonzero(out < 0)  # on the border, by the width of the grid
        if len(lost):
            out[lost] = shapely.STRtree(shapes).nearest(found[lost])
    return out


def _footprints(
    stock: _Stock, buildings: Buildings, divide_above: int, unit_most: int
) -> tuple[Shapes, Longs, Longs, dict[int, tuple[int, ...]]]:
    """Footprints with large buildings cut into units: (shapes, row of the stock, unit from 1 or 0, shares by row)."""
    households = buildings.households[stock.row]
    shapes: list[Any] = []
    building: list[int] = []
    unit: list[int] = []
    divided: dict[int, tuple[int, ...]] = {}
    large = households > divide_above
    for row in np.flatnonzero(large):
        parts = units.shares(int(households[row]), buildings.parts[stock.row[row]], unit_most=unit_most)
        divided[int(row)] = tuple(parts)
        shapes += list(units.strips(stock.shapes[row], parts))
        building += [int(row)] * len(parts)
        unit += list(range(1, len(parts) + 1))
    plain = np.flatnonzero(~large)
    return (
        np.concatenate([stock.shapes[plain], np.array(shapes, dtype=object)]),
        np.concatenate([plain, np.array(building, dtype=np.int64)]),
        np.concatenate([np.zeros(len(plain), dtype=np.int64), np.array(unit, dtype=np.int64)]),
        divided,
    )


def _order(found: cells.Cells) -> Longs:
    """Atoms block by block, blocks from west to east."""
    west = shapely.bounds(found.shapes)[:, 0]
    south = shapely.bounds(found.shapes)[:, 1]
    first = np.full(int(found.block.max()) + 1, np.inf)
    np.minimum.at(first, found.block, west)
    return np.lexsort((south, west, found.block, first[found.block]))


def _atoms(
    shapes_deg: Shapes,
    owner: Longs,
    block: Longs,
    stock: _Stock,
    buildings: Buildings,
    building: Longs,
    unit: Longs,
    projection: Projection,
    made: blocks.Blocks,
    regions: Regions,
    findings: list[Finding],
) -> Atoms:
    shapes = plain(metres(shapes_deg, projection))
    found, said = edges.edges_of(shapes, made.streets, made.all_streets)
    labels = shapely.get_coordinates(shapely.point_on_surface(shapes))
    keys: list[str] = []
    kinds: list[str] = []
    ids: list[int | None] = []
    for number, one in enumerate(owner.tolist()):
        if one < 0:
            keys.append(f"o{labels[number, 0]:.0f}_{labels[number, 1]:.0f}")
            kinds.append("open")
            ids.append(None)
            continue
        row = int(stock.row[building[one]])
        keys.append(f"b{buildings.keys[row]}" + (f"/{unit[one]}" if unit[one] else ""))
        kinds.append("unit" if unit[one] else "building")
        ids.append(buildings.ids[row])
    names = [regions.names[one] if one >= 0 else "" for one in made.region[block].tolist()]
    _, numbered = np.unique(block, return_inverse=True)
    return Atoms(
        projection, shapes_deg, shapes, tuple(keys), tuple(kinds), numbered.astype(np.int32), tuple(names), tuple(ids),
        found, (*findings, *said),
    )  # fmt: skip


def plain(shapes: Any) -> Shapes:
    """Multi-polygons of one part as that part."""
    out = np.asarray(shapes, dtype=object).copy()
    single = shapely.get_num_geometries(out) == 1
    out[single] = shapely.get_geometry(out[single], 0)
    return out


def _atom_of(atoms: Atoms, owner: Longs, building: Longs, unit: Longs, stock: _Stock, many: int) -> Longs:
    out = np.full(many, -1, dtype=np.int64)
    own = np.flatnonzero(owner >= 0)
    first = own[unit[owner[own]] <= 1]
    out[stock.row[building[owner[first]]]] = first
    lost = np.flatnonzero(out[stock.row] < 0)  # beneath another building: its households count with that one
    out[stock.row[lost]] = _at(atoms.shapes, stock.inner[lost])
    out[stock.sheds] = _at(atoms.shapes, stock.shed_inner)
    return out
