"""Polygons that must tile a city: mending one, and finding overlaps, gaps and strays among many.

Owns: when a broken polygon may be mended; overlaps, gaps and children outside their parent, with sizes.
Does not own: what an importer does about them, nor lookups (`locate`), nor parts of a plan (`partition`).

`repair` judges areas by share, so degrees and metres both do; `inspect` wants metres. Everything here is planar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

Geometries = NDArray[np.object_]
MAX_CHANGE = 0.001


class RepairFault(StrEnum):
    """Why a polygon cannot be taken."""

    EMPTY = "empty"
    NOT_POLYGON = "not_polygon"
    NOT_FINITE = "not_finite"
    TOO_FEW_POINTS = "too_few_points"
    ZERO_AREA = "zero_area"
    CHANGES_AREA = "changes_area"
    UNUSABLE = "unusable"


class NotRepairable(ValueError):
    """`reason` is the machine's word for it, `detail` a sentence with the figures."""

    def __init__(self, reason: RepairFault, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class Repaired(NamedTuple):
    """A valid Polygon or MultiPolygon, shells counter-clockwise; `changed_share` is 0.0 where nothing was wrong."""

    geom: shapely.Polygon | shapely.MultiPolygon
    changed_share: float


# ------------------------------------------------------------------------------------------------------- one polygon


def polygon_of_rings(shell: ArrayLike, holes: Sequence[ArrayLike] = ()) -> shapely.Polygon:
    """A polygon from bare coordinates (n x 2 or more columns; only the first two count), as files hold them.

    Closes an open ring, drops points that repeat the one before, and drops holes without area, none of which changes
    what is meant. The result may still be invalid: `repair` it. Raises NotRepairable (too_few_points, not_finite).
    """
    rings = [_ring(shell), *(_ring(hole) for hole in holes)]
    if len(rings[0]) < 4:
        raise NotRepairable(RepairFault.TOO_FEW_POINTS, f"the ring has {max(len(rings[0]) - 1, 0)} different points")
    return shapely.Polygon(rings[0], [ring for ring in rings[1:] if len(ring) >= 4])


def _ring(points: ArrayLike) -> NDArray[np.float64]:
    try:
        ring = np.asarray(points, dtype=np.float64)
    except (TypeError, ValueError):
        raise NotRepairable(RepairFault.NOT_FINITE, "a coordinate is not a number") from None
    if not ring.size:
        raise NotRepairable(RepairFault.EMPTY, "the ring has no points")
    if ring.ndim != 2 or ring.shape[1] < 2:
        raise NotRepairable(RepairFault.UNUSABLE, "the ring is not a list of coordinate pairs")
    ring = ring[:, :2]
    if not np.isfinite(ring).all():
        raise NotRepairable(RepairFault.NOT_FINITE, "a coordinate is not a finite number")
    ring = np.vstack([ring, ring[:1]])
    kept: NDArray[np.float64] = ring[np.append(True, (ring[1:] != ring[:-1]).any(axis=1))]
    return kept


def repair(geom: BaseGeometry | None, *, max_change: float = MAX_CHANGE) -> Repaired:
    """A valid polygon that means the same, or NotRepairable where nobody can say what was meant.

    What comes back is the **solid** reading: the ground that shells go round, less the ground that holes go round. A
    ring that crosses itself, or rings that cross each other, leave it open whether some ground is in or out:

    1. ground that a ring goes round backwards (the lesser lobe of a bow-tie);
    2. ground that a ring goes round more than once;
    3. ground of a hole that is not taken out of its shell (it lies outside, or two holes share it);
    4. ground that two parts share.

    `changed_share` is the area of all four over the area of the polygon (as written or solid, the larger; as written
    is the surveyor's formula, shells minus holes). At `max_change` or more the polygon is refused. So bow-ties, holes
    beside their shell and parts lying on one another are refused; needles, crossings of a hair's breadth, doubled
    points and reversed rings are mended. A valid polygon keeps its points. Z is dropped.

    500,000 vertices take seconds.
    """
    parts = _polygonal(geom)
    if not np.isfinite(shapely.get_coordinates(parts)).all():
        raise NotRepairable(RepairFault.NOT_FINITE, "a coordinate is not a finite number")
    if shapely.is_valid(parts):
        return Repaired(_with_area(_oriented(parts)), 0.0)
    try:
        solid, doubtful = _solid(parts)
        share = doubtful / max(float(parts.area), float(_with_area(solid).area))
    except shapely.GEOSException as error:
        raise NotRepairable(RepairFault.UNUSABLE, f"the polygon cannot be read: {error}") from error
    if not shapely.is_valid(solid):
        raise NotRepairable(RepairFault.UNUSABLE, "no valid polygon could be made of it")
    if share >= max_change:
        raise NotRepairable(
            RepairFault.CHANGES_AREA,
            f"mending it would change {share:.2%} of its area, and less than {max_change:.2%} is allowed: "
            f"{shapely.is_valid_reason(parts)}",
        )
    return Repaired(_oriented(solid), share)


def _solid(geom: BaseGeometry) -> tuple[BaseGeometry, float]:
    """The solid reading of a Polygon or MultiPolygon, and the area of the four kinds of doubtful ground in `repair`."""
    parts = [_solid_part(part) for part in shapely.get_parts(geom)]
    doubtful = sum(area for _, area in parts)
    if len(parts) == 1:
        return parts[0][0], doubtful
    solid = _together(_polygons(shapely.union_all([part for part, _ in parts])))
    shared = sum(part.area for part, _ in parts) - solid.area
    return solid, doubtful + max(float(shared), 0.0)


def _solid_part(part: shapely.Polygon) -> tuple[BaseGeometry, float]:
    if part.is_valid:
        return part, 0.0
    shell, doubtful = _solid_ring(part.exterior)
    if not part.interiors:
        return shell, doubtful
    holes = [_solid_ring(interior) for interior in part.interiors]
    solid = _together(_polygons(shapely.difference(shell, shapely.union_all([hole for hole, _ in holes]))))
    not_taken = sum(hole.area for hole, _ in holes) - (shell.area - solid.area)
    return solid, doubtful + sum(area for _, area in holes) + max(float(not_taken), 0.0)


def _solid_ring(ring: shapely.LinearRing) -> tuple[BaseGeometry, float]:
    """All the ground one ring goes round, and how much of it backwards or more than once.

    GEOS's buffer of nothing keeps what the ring goes round in its prevailing direction; its repair has the rest too.
    """
    alone = shapely.Polygon(ring)
    if alone.is_valid:
        return alone, 0.0
    ground = _together(_polygons(shapely.make_valid(alone, method="structure", keep_collapsed=False)))
    forwards = float(shapely.buffer(alone, 0.0).area)
    backwards = float(ground.area) - forwards
    return ground, abs(backwards) + abs(float(alone.area) - (forwards - backwards))


def _polygonal(geom: BaseGeometry | None) -> BaseGeometry:
    """The input in two dimensions, its polygons alone; lines and points beside them are left out."""
    if geom is None or geom.is_empty:
        raise NotRepairable(RepairFault.EMPTY, "the geometry is empty")
    polygons = _polygons(shapely.force_2d(geom))
    if not polygons:
        raise NotRepairable(RepairFault.NOT_POLYGON, f"a {geom.geom_type} has no area")
    return _together(polygons)


def _leaves(geom: BaseGeometry) -> list[BaseGeometry]:
    parts = list(shapely.get_parts(geom))
    if any(part.geom_type.startswith(("Multi", "GeometryCollection")) for part in parts):
        return [leaf for part in parts for leaf in _leaves(part)]
    return parts


def _polygons(geom: BaseGeometry) -> list[Any]:
    return [part for part in _leaves(geom) if part.geom_type == "Polygon" and not part.is_empty]


def _together(polygons: list[Any]) -> BaseGeometry:
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _with_area(geom: Any) -> Any:
    if not geom.area > 0.0:
        raise NotRepairable(RepairFault.ZERO_AREA, "the polygon has no area")
    return geom


def _oriented(geom: BaseGeometry) -> Any:
    return shapely.orient_polygons(geom, exterior_cw=False)


# ------------------------------------------------------------------------------------------------------ many polygons


class Overlap(NamedTuple):
    """Children `first` < `second` share `area_m2`."""

    first: int
    second: int
    area_m2: float


class Gap(NamedTuple):
    """Ground that no child covers."""

    polygon: shapely.Polygon
    area_m2: float


class Outside(NamedTuple):
    """`area_m2` of this child, `share` of its own area, lies outside its parent; 1.0 where it has no parent at all."""

    child: int
    area_m2: float
    share: float


@dataclass(frozen=True)
class CoverageReport:
    """What is wrong with a coverage, largest first; nothing below `min_area_m2`.

    `gap_parents` names the parent that each gap lies in (None without parents); `parent_of` is the parent each child
    was compared with, -1 where none was found.
    """

    overlaps: list[Overlap]
    gaps: list[Gap]
    outside: list[Outside]
    gap_parents: list[int | None]
    parent_of: NDArray[np.int64]

    @property
    def clean(self) -> bool:
        return not (self.overlaps or self.gaps or self.outside)


def inspect(
    children_m: Sequence[BaseGeometry] | Geometries,
    parents_m: Sequence[BaseGeometry] | Geometries | None = None,
    parent_of: ArrayLike | None = None,
    *,
    gap_width_m: float = 1.0,
    min_area_m2: float = 1.0,
) -> CoverageReport:
    """Overlaps between children, gaps between them, children outside their parent. Valid polygons, metres.

    With parents, a gap is any part of a parent that no child covers (whosever child it is). Without, it is a hole in
    the union of all children, or a slit in from the edge that is narrower than `gap_width_m`. `parent_of` gives each
    child's parent as an index (-1: none); left out, it is the parent that holds most of the child.

    Near-linear: an index finds the neighbours, a predicate the few pairs worth cutting.
    """
    children = np.asarray(children_m, dtype=object)
    parents = None if parents_m is None else np.asarray(parents_m, dtype=object)
    overlaps = _overlaps(children, min_area_m2)
    union = shapely.union_all(children)
    found: list[tuple[shapely.Polygon, int | None]]
    if parents is None:
        of = np.full(len(children), -1, dtype=np.int64)
        found = [(gap, None) for gap in _holes_and_slits(union, gap_width_m)]
        outside: list[Outside] = []
    else:
        of = _parents_of(children, parents) if parent_of is None else np.asarray(parent_of, dtype=np.int64)
        found = _uncovered(parents, children, union)
        outside = _outside(children, parents, of, min_area_m2)
    gaps = sorted(((Gap(gap, gap.area), of_) for gap, of_ in found if gap.area >= min_area_m2), key=_by_size)
    return CoverageReport(overlaps, [gap for gap, _ in gaps], outside, [of_ for _, of_ in gaps], of)


def _by_size(found: tuple[Gap, Any]) -> tuple[float, tuple[float, ...]]:
    return -found[0].area_m2, found[0].polygon.bounds


def _overlaps(children: Geometries, min_area_m2: float) -> list[Overlap]:
    """Pairs whose insides meet. (`shapely.coverage_invalid_edges` will not do: it passes over whoever lies beneath a
    polygon that covers it together with its neighbours.)"""
    first, second = shapely.STRtree(children).query(children)
    pairs = np.column_stack([first, second])[first < second]
    pairs = pairs[shapely.relate_pattern(children[pairs[:, 0]], children[pairs[:, 1]], "T********")]
    area_m2 = shapely.area(shapely.intersection(children[pairs[:, 0]], children[pairs[:, 1]]))
    kept = np.flatnonzero(area_m2 >= min_area_m2)
    kept = kept[np.lexsort((pairs[kept, 1], pairs[kept, 0], -area_m2[kept]))]
    return [Overlap(int(pairs[row, 0]), int(pairs[row, 1]), float(area_m2[row])) for row in kept]


def _holes_and_slits(union: BaseGeometry, gap_width_m: float) -> list[shapely.Polygon]:
    filled = shapely.union_all([shapely.Polygon(part.exterior) for part in _polygons(union)])
    # Out by half the width and in again closes whatever is narrower; mitred corners come back to where they were.
    wider = shapely.buffer(filled, gap_width_m / 2.0, join_style="mitre", mitre_limit=10.0)
    closed = shapely.buffer(wider, -gap_width_m / 2.0, join_style="mitre", mitre_limit=10.0)
    return _polygons(shapely.difference(shapely.union(filled, closed), union))


def _uncovered(
    parents: Geometries, children: Geometries, union: BaseGeometry
) -> list[tuple[shapely.Polygon, int | None]]:
    left = shapely.difference(parents, union) if len(children) else parents
    return [(polygon, number) for number, rest in enumerate(left) for polygon in _polygons(rest)]


def _parents_of(children: Geometries, parents: Geometries) -> NDArray[np.int64]:
    """The parent holding most of each child, the lowest index among equals; -1 where none touches its inside."""
    of = np.full(len(children), -1, dtype=np.int64)
    shapely.prepare(parents)
    child, parent = shapely.STRtree(children).query(parents, predicate="intersects")[::-1]
    whole = shapely.contains_properly(parents[parent], children[child])
    share = np.where(whole, shapely.area(children[child]), 0.0)
    for row in np.flatnonzero(~whole):
        share[row] = _clipped(parents[parent[row]], children[child[row]]).area
    order = np.lexsort((parent, -share))
    order = order[share[order] > 0.0]
    rows, first = np.unique(child[order], return_index=True)
    of[rows] = parent[order][first]
    return of


def _outside(children: Geometries, parents: Geometries, of: NDArray[np.int64], min_area_m2: float) -> list[Outside]:
    shapely.prepare(parents)
    area_m2 = shapely.area(children)
    found = [Outside(int(row), float(area_m2[row]), 1.0) for row in np.flatnonzero(of < 0)]
    rows = np.flatnonzero(of >= 0)
    for row in rows[~shapely.covers(parents[of[rows]], children[rows])]:
        lost_m2 = float(area_m2[row] - _clipped(parents[of[row]], children[row]).area)
        if lost_m2 >= min_area_m2:
            found.append(Outside(int(row), lost_m2, lost_m2 / float(area_m2[row])))
    return sorted(found, key=lambda one: (-one.area_m2, one.child))


def _clipped(parent: BaseGeometry, child: BaseGeometry) -> BaseGeometry:
    """parent ∩ child, cutting the child's surroundings out of a parent of many vertices first."""
    west, south, east, north = child.bounds
    margin = 0.01 * max(east - west, north - south)
    near = shapely.clip_by_rect(parent, west - margin, south - margin, east + margin, north + margin)
    return shapely.intersection(near if near.is_valid else parent, child)
