"""Which ground each site serves: the ground in pieces, one a site, by straight line or by road.

Owns these pieces. Does not own the rule that they picture (`nearest`, `network`), nor whose sites they are. Metres of
one projection throughout.

By straight line the pieces are Voronoi cells, exact to rounding. By road a point goes to the nearest spot of a road and
on along roads, so its site is that of the spot: of the Voronoi cells of samples along roads those edges are kept which
part two sites. Samples lie `STEP_M` apart at first; where cells of two sites meet they are cut in three until the line
between them is off by less than `FAULT_M` (a sample w wide, and d from the next one, is off by w² / 4d). Where no road
leads, or none is within `max_snap_m`, the straight line counts, as in `network`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from gridgov.geo.network import MAX_SNAP_M

if TYPE_CHECKING:
    from gridgov.geo.network import RoadNetwork, RoadSites
    from gridgov.geo.reach import Reach

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Pieces = dict[int, BaseGeometry]

STEP_M = 24.0
FAULT_M = 0.25
FINER, ROUNDS = 3, 10
MOST_SAMPLES = 200_000  # a city of 4,800 km of roads; in a larger one samples lie further apart
SMOOTH_M = 0.5
BY_STRAIGHT = -2


def _spatial() -> Any:
    """Read when it is used: it takes a tenth of a second, and few commands need it."""
    return import_module("scipy.spatial")


def by_straight_line(ground_m: BaseGeometry, x_m: Floats, y_m: Floats, among: ArrayLike) -> Pieces:
    """Site -> the part of the ground that is nearer to it than to every other of `among`; of sites on one spot the
    lowest has it all. Sites without any ground are left out."""
    members = np.unique(np.asarray(among, dtype=np.int64))
    spots = np.column_stack([x_m[members], y_m[members]])
    _, first = np.unique(spots, axis=0, return_index=True)
    members, spots = members[np.sort(first)], spots[np.sort(first)]
    if not len(members) or ground_m.is_empty:
        return {}
    return _kept(_parted(ground_m, spots, members))


def by_road(
    ground_m: BaseGeometry,
    network: RoadNetwork,
    sites: RoadSites,
    among: ArrayLike,
    *,
    max_snap_m: float = MAX_SNAP_M,
    step_m: float = STEP_M,
) -> Pieces:
    """Site -> the part of the ground from which it is the first by road, as `RoadNetwork.nearest_sites` says."""
    members = np.unique(np.asarray(among, dtype=np.int64))
    if not len(members) or ground_m.is_empty:
        return {}
    straight = by_straight_line(ground_m, sites.x_m, sites.y_m, members)
    lines = network.lines_m
    if len(straight) < 2 or not len(lines):
        return straight
    near = shapely.STRtree(lines).query(ground_m, predicate="dwithin", distance=max_snap_m)
    lines = lines[np.sort(near)]
    if not len(lines):
        return straight
    step_m = max(step_m, float(shapely.length(lines).sum()) / MOST_SAMPLES)
    spots, labels = _sampled(lines, network.reach(sites, members), max_snap_m, step_m)
    far = _beyond(ground_m, lines, max_snap_m)
    pieces: dict[int, list[BaseGeometry]] = {}
    alone = [far]
    for one, part in _parted(ground_m, spots, labels).items():
        here = part if far.is_empty else shapely.difference(part, far)
        if one == BY_STRAIGHT:
            alone.append(here)
        else:
            pieces.setdefault(one, []).append(here)
    rest = shapely.union_all(alone)
    if not rest.is_empty:
        for site, cell in straight.items():
            pieces.setdefault(site, []).append(shapely.intersection(cell, rest))
    return _smooth(_kept({site: shapely.union_all(parts) for site, parts in sorted(pieces.items())}))


def claimed(
    ground_m: BaseGeometry, claims_m: Mapping[int, BaseGeometry], among: Sequence[int]
) -> list[tuple[tuple[int, ...], BaseGeometry]]:
    """The ground by who may serve it: inside the service areas that sites claim, those whose area holds it; outside
    all of them, every one of `among`."""
    areas = {site: claims_m[site] for site in among if site in claims_m}
    if not areas:
        return [(tuple(among), ground_m)]
    edges = shapely.union_all([shapely.boundary(one) for one in (*areas.values(), ground_m)])
    faces = np.asarray(shapely.get_parts(shapely.polygonize([edges])), dtype=object)
    faces = np.asarray(shapely.get_parts(faces), dtype=object)
    spots = shapely.point_on_surface(faces)
    shapely.prepare(ground_m)
    inside = shapely.intersects(ground_m, spots)
    groups: dict[tuple[int, ...], list[BaseGeometry]] = {}
    for face, spot in zip(faces[inside], spots[inside], strict=True):
        held = tuple(site for site, area in areas.items() if shapely.intersects(area, spot))
        groups.setdefault(held or tuple(among), []).append(face)
    return [(held, shapely.union_all(parts)) for held, parts in sorted(groups.items())]


def colours(pieces: Sequence[BaseGeometry], *, apart_m: float = 1.0) -> list[int]:
    """A small number for each piece, so that no two that touch have the same: the lowest that is free, the pieces with
    most neighbours first."""
    shapes = np.asarray(list(pieces), dtype=object)
    if not len(shapes):
        return []
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=apart_m)
    beside: dict[int, set[int]] = {place: set() for place in range(len(shapes))}
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        if one != other:
            beside[one].add(other)
    found: dict[int, int] = {}
    for place in sorted(beside, key=lambda one: (-len(beside[one]), one)):
        taken = {found[other] for other in beside[place] if other in found}
        found[place] = next(number for number in range(len(shapes)) if number not in taken)
    return [found[place] for place in range(len(shapes))]


def _parted(ground_m: BaseGeometry, spots: Floats, labels: Indices) -> Pieces:
    """The ground by the label of the nearest of these distinct spots. Only what parts two labels is ever drawn."""
    if len(np.unique(labels)) == 1:
        return {int(labels[0]): ground_m}
    west, south, east, north = shapely.bounds(ground_m)
    low, high = np.minimum(spots.min(axis=0), (west, south)), np.maximum(spots.max(axis=0), (east, north))
    turn = np.arange(16) * np.pi / 8  # far enough that no cell of a spot ends on the ground for want of neighbours
    far = (low + high) / 2 + 8 * float(np.hypot(*(high - low))) * np.column_stack([np.cos(turn), np.sin(turn)])
    middle = (low + high) / 2
    cells = _spatial().Voronoi(np.vstack([spots, far]) - middle)
    pair = np.asarray(cells.ridge_points)
    several = np.asarray((pair < len(spots)).all(axis=1), dtype=np.bool_)
    several[several] = labels[pair[several, 0]] != labels[pair[several, 1]]
    ends = np.array([cells.ridge_vertices[one] for one in np.flatnonzero(several)], dtype=np.int64).reshape(-1, 2)
    ridges = shapely.linestrings((cells.vertices[ends] + middle).reshape(-1, 2, 2))
    shapely.prepare(ground_m)
    ridges = ridges[shapely.intersects(ground_m, ridges)]
    noded = shapely.union_all([*ridges, shapely.boundary(ground_m)])
    faces = np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))), dtype=object)
    inner = np.asarray(shapely.point_on_surface(faces), dtype=object)
    inside = shapely.intersects(ground_m, inner)
    faces, inner = faces[inside], shapely.get_coordinates(inner[inside])
    of = labels[_spatial().cKDTree(spots).query(inner)[1]]
    return {int(one): shapely.multipolygons(list(faces[of == one])) for one in np.unique(of)}


def _sampled(lines: NDArray[np.object_], reach: Reach, max_snap_m: float, step_m: float) -> tuple[Floats, Indices]:
    """Spots along roads, denser where sites meet, and the first site of each (`BY_STRAIGHT`: no road leads to any)."""
    length_m = shapely.length(lines)
    count = np.maximum(2, np.ceil(length_m / step_m).astype(np.int64))
    line = np.repeat(np.arange(len(lines)), count + 1)  # both ends too: past the end of a lane the end is the nearest
    number = np.arange(len(line)) - np.repeat(np.cumsum(count + 1) - count - 1, count + 1)
    wide_m = (length_m / count)[line]
    along_m = number * wide_m
    for left in range(ROUNDS, -1, -1):
        spots = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], along_m)).reshape(-1, 2)
        _, kept = np.unique(np.round(spots, 3), axis=0, return_index=True)
        line, along_m, wide_m, spots = line[kept], along_m[kept], wide_m[kept], spots[kept]
        site, road_m = reach.nearest(spots[:, 0], spots[:, 1], max_snap_m)
        labels = np.where(np.isnan(road_m), BY_STRAIGHT, site).astype(np.int64)
        meeting = _meeting(spots, labels, wide_m) if left else np.empty(0, dtype=np.int64)
        if not len(meeting):
            break
        third_m = wide_m[meeting] / FINER
        parts = np.arange(FINER) - (FINER - 1) / 2
        stay = np.delete(np.arange(len(line)), meeting)
        finer_m = (along_m[meeting][:, None] + parts * third_m[:, None]).ravel()
        finer_m = np.clip(finer_m, 0.0, np.repeat(length_m[line[meeting]], FINER))
        line = np.concatenate([line[stay], np.repeat(line[meeting], FINER)])
        along_m = np.concatenate([along_m[stay], finer_m])
        wide_m = np.concatenate([wide_m[stay], np.repeat(third_m, FINER)])
    return spots, labels


def _meeting(spots: Floats, labels: Indices, wide_m: Floats) -> Indices:
    """The spots whose cell borders on one of another site, along a line that is not exact enough."""
    if len(np.unique(labels)) < 2:
        return np.empty(0, dtype=np.int64)
    if len(spots) < 4:
        return np.arange(len(spots))
    try:
        first, beside = _spatial().Delaunay(spots - spots.mean(axis=0)).vertex_neighbor_vertices
    except _spatial().QhullError:  # they lie on one line
        return np.flatnonzero(wide_m > FAULT_M)
    of = np.repeat(np.arange(len(spots)), np.diff(first))
    other = labels[of] != labels[beside]
    of, beside = of[other], beside[other]
    along_m = (wide_m[of] + wide_m[beside]) / 2  # they may lie on two roads side by side, and not opposite each other
    apart_m = np.sqrt(np.maximum(np.square(spots[of] - spots[beside]).sum(axis=1) - along_m**2, 1e-6))
    return np.unique(of[(wide_m[of] ** 2 / (4 * apart_m) > FAULT_M) & (wide_m[of] > FAULT_M)])


def _beyond(ground_m: BaseGeometry, lines: NDArray[np.object_], max_snap_m: float) -> BaseGeometry:
    """The ground that lies further than that from every road. Roads are widened only where a look at points in a
    lattice does not show that there is none."""
    spacing_m = max_snap_m / 2
    west, south, east, north = shapely.bounds(ground_m)
    x, y = np.meshgrid(np.arange(west, east + spacing_m, spacing_m), np.arange(south, north + spacing_m, spacing_m))
    points = np.asarray(shapely.points(x.ravel(), y.ravel()), dtype=object)
    points = points[shapely.dwithin(ground_m, points, spacing_m)]
    (_, _), away_m = shapely.STRtree(lines).query_nearest(points, return_distance=True, all_matches=False)
    if not len(away_m) or away_m.max() + spacing_m * np.sqrt(0.5) <= max_snap_m:
        return shapely.Polygon()
    return shapely.difference(ground_m, shapely.union_all(shapely.buffer(lines, max_snap_m, quad_segs=16)))


def _kept(pieces: Pieces) -> Pieces:
    """Polygons alone, and of those what is more than a rounding."""
    found: Pieces = {}
    for site, piece in pieces.items():
        parts = np.asarray(shapely.get_parts(piece), dtype=object)
        parts = parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 1e-3)] if len(parts) else parts
        if len(parts):
            found[site] = shapely.multipolygons(list(parts))
    return found


def _smooth(pieces: Pieces) -> Pieces:
    """Fewer vertices along common edges, on both sides the same; the ground's own edge stays as it is."""
    shapes = np.asarray(list(pieces.values()), dtype=object)
    if len(shapes) < 2:
        return pieces
    return dict(zip(pieces, shapely.coverage_simplify(shapes, SMOOTH_M, simplify_boundary=False), strict=True))
