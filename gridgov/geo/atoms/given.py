"""Atoms from polygons that are there already: census blocks, plots, voting districts.

Owns making a valid coverage of the community out of them: gaps, overlaps and slivers are found, said and closed, what
lies outside is cut off. Does not own whether the polygons are the right ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from shapely import MultiPolygon, Polygon

from gridgov.geo.atoms import edges, faces
from gridgov.geo.atoms.blocks import lines_of
from gridgov.geo.atoms.forms import Atoms, Edges, Finding, Flags, Floats, Ints, Longs, Shapes, Streets
from gridgov.geo.atoms.make import Making, mended, plain, restored
from gridgov.geo.atoms.outline import Border, metres
from gridgov.geo.crs import Projection

GAP_M = 2.0
"""A gap or an overlap narrower than this is a slip of the pen, and is closed in silence but for its number."""
ALONG_M = 12.0
"""A given border runs along a street when it lies nearer to its centre line than this."""
SHOWN = 20


@dataclass(frozen=True)
class Given:
    """Polygons in EPSG:4326. `keys` name the ground for ever; `groups[i]` what each must stay together with ("")."""

    shapes: Shapes
    keys: tuple[str, ...]
    groups: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.keys)


def make_given(
    outline_deg: Polygon | MultiPolygon,
    given: Given,
    streets: Streets,
    projection: Projection,
    *,
    gap_width_m: float = GAP_M,
    along_m: float = ALONG_M,
) -> Making:
    """Atoms that tile the community. `Making.atom_of[i]` is the atom of polygon i, -1 for one that lies outside.

    Ground that several polygons claim goes to the first of them; ground that none covers is an atom of its own, open,
    unless it is narrower than `gap_width_m`.
    """
    border = Border.of(outline_deg, projection)
    shapes, broken, useless = mended(metres(given.shapes, projection))
    findings: list[Finding] = []
    _count(findings, "polygons-mended", "个图斑无效，已修复", "polygons were invalid and were mended", broken)
    _count(findings, "polygons-unusable", "个图斑没有可用的形状，未使用", "polygons have no usable shape", useless)
    rows = _touching(shapes, border.gridded, findings)
    lines = [border.lines(), *shapely.boundary(shapes[rows]), *_bars(shapes[rows], border, gap_width_m)]
    found = faces.faces_of(lines, border.gridded)
    shared = faces.borders(found)
    owner, overlaps = _owner(shapes[rows], found)
    label = _labels(found, shared, owner, gap_width_m)
    labels, merged = faces.dissolved(found, label)
    _overlaps(findings, overlaps, shapely.area(found), gap_width_m, found, projection)
    order = _order(merged)
    owner = np.where(labels < len(rows), labels, -1)[order]
    deg, said = restored(border, merged[order])
    findings += said
    made = plain(metres(deg, projection))
    _gaps(findings, made[owner < 0], projection)
    every = lines_of(streets, projection)
    there = ~shapely.is_empty(every)
    touch, said_of_bridges = edges.edges_of(made, every[there & ~streets.sunk], every[there], along_m=along_m)
    keys, groups = _names(given, rows, owner, made)
    atoms = Atoms(
        projection, deg, made, keys, tuple("open" if one < 0 else "given" for one in owner.tolist()),
        _blocks(len(made), touch), groups, (None,) * len(made), touch, (*findings, *said_of_bridges),
    )  # fmt: skip
    atom_of = np.full(len(given), -1, dtype=np.int64)
    own = np.flatnonzero(owner >= 0)
    atom_of[rows[owner[own]]] = own
    return Making(atoms, atom_of, ((),) * len(given))


def _count(findings: list[Finding], code: str, zh: str, en: str, many: int) -> None:
    if many:
        findings.append(Finding(code, f"{many}{zh}", f"{many} {en}", many))


def _touching(shapes: Shapes, gridded: Any, findings: list[Finding]) -> Longs:
    """Numbers of the polygons that have ground in the community; what they have outside is said."""
    shapely.prepare(gridded)
    near = np.flatnonzero(shapely.intersects(gridded, shapes) & ~shapely.is_empty(shapes))
    inside = shapely.area(shapely.intersection(shapes[near], gridded))
    area = shapely.area(shapes[near])
    rows = near[inside > 1e-6 * area]
    beyond_m2 = (area - inside)[inside > 1e-6 * area]
    cut = int((beyond_m2 > np.maximum(0.01 * area[inside > 1e-6 * area], 1.0)).sum())
    beyond = "polygons reach beyond the community and were cut off"
    _count(findings, "polygons-clipped", "个图斑超出社区，已裁切", beyond, cut)
    _count(
        findings, "polygons-outside", "个图斑在社区之外，未使用", "polygons lie outside the community; left out",
        len(shapes) - len(rows) - int(shapely.is_empty(shapes).sum()),
    )  # fmt: skip
    return rows


def _bars(shapes: Shapes, border: Border, gap_width_m: float) -> Shapes:
    """Short lines from corners near the community's border to it: they part the strip between, so that each polygon
    gets the piece in front of it.
    """
    points = shapely.points(np.unique(shapely.get_coordinates(shapes), axis=0))
    edge = border.lines()
    shapely.prepare(edge)
    near = np.asarray(points, dtype=object)[shapely.dwithin(edge, points, gap_width_m)]
    bars = shapely.shortest_line(near, edge)
    kept: Shapes = np.asarray(bars, dtype=object)[shapely.length(bars) > 0.0]
    return kept


def _owner(shapes: Shapes, found: Shapes) -> tuple[Longs, Longs]:
    """(the first polygon that holds each face's inner point, -1 for none; how many hold it)."""
    owner = np.full(len(found), -1, dtype=np.int64)
    inner = shapely.point_on_surface(found)
    face, polygon = shapely.STRtree(shapes).query(inner, predicate="intersects")
    order = np.lexsort((polygon, face))
    owner[face[order][::-1]] = polygon[order][::-1]
    return owner, np.bincount(face, minlength=len(found))


def _labels(found: Shapes, shared: faces.Borders, owner: Longs, gap_width_m: float) -> Longs:
    """Faces by the number of their polygon; gaps too narrow to be ground, and scraps, by that of a neighbour; other
    gaps by numbers above all polygons.
    """
    area = shapely.area(found)
    most = int(owner.max()) + 1 if len(owner) else 0
    piece = faces.parted(np.where(owner < 0, most, owner), shared)
    size = np.bincount(piece, area)
    of = np.full(len(size), -1, dtype=np.int64)
    of[piece] = owner
    largest = np.zeros(len(size), dtype=np.bool_)
    order = np.lexsort((-size, of))
    largest[order[np.unique(of[order], return_index=True)[1]]] = True
    largest &= of >= 0

    def small(area_m2: Floats, border_m: Floats, groups: Longs) -> Flags:
        thin = 2.0 * area_m2 < gap_width_m * border_m
        flags: Flags = thin & ~largest[groups]
        return flags

    label = faces.joined(piece, shared, area, small)
    return np.where(of[label] >= 0, of[label], most + label)


def _order(shapes: Shapes) -> Longs:
    bounds = shapely.bounds(shapes)
    return np.lexsort((bounds[:, 1], bounds[:, 0]))


def _overlaps(
    findings: list[Finding], times: Longs, area: Floats, gap_width_m: float, found: Shapes, projection: Projection
) -> None:
    broad = 2.0 * area >= gap_width_m * shapely.length(found)
    rows = np.flatnonzero((times > 1) & broad)
    findings.extend(
        Finding(
            "polygons-overlap",
            f"图斑重叠{area[row]:.0f}平方米，归序号在前者",
            f"Polygons overlap by {area[row]:.0f} m²; the ground went to the first of them",
            int(times[row]),
            _place(found[row], projection),
        )
        for row in rows[np.argsort(-area[rows])][:SHOWN]
    )


def _gaps(findings: list[Finding], gaps: Shapes, projection: Projection) -> None:
    findings.extend(
        Finding(
            "polygons-gap",
            f"有{gap.area:.0f}平方米不属于任何图斑，单列为空地",
            f"No polygon covers {gap.area:.0f} m²; it is an open atom of its own",
            1,
            _place(gap, projection),
        )
        for gap in sorted(gaps, key=lambda one: -one.area)[:SHOWN]
    )


def _place(shape: Any, projection: Projection) -> tuple[float, float]:
    point = shapely.point_on_surface(shape)
    lon, lat = projection.inverse(point.x, point.y)
    return round(lon, 7), round(lat, 7)


def _names(given: Given, rows: Longs, owner: Longs, shapes: Shapes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    labels = shapely.get_coordinates(shapely.point_on_surface(shapes))
    keys = [
        f"g{given.keys[int(rows[one])]}" if one >= 0 else f"o{labels[number, 0]:.0f}_{labels[number, 1]:.0f}"
        for number, one in enumerate(owner.tolist())
    ]
    groups = [given.groups[int(rows[one])] if one >= 0 else "" for one in owner.tolist()]
    return tuple(keys), tuple(groups)


def _blocks(n: int, touch: Edges) -> Ints:
    """What no street parts is one block; where no street parts anything, each polygon is its own."""
    off = ~touch.on_street & ~touch.bridge
    ones = np.ones(int(off.sum()), dtype=np.int8)
    number, block = connected_components(csr_matrix((ones, (touch.a[off], touch.b[off])), shape=(n, n)), directed=False)
    return np.asarray(block if number > 1 else np.arange(n), dtype=np.int32)
