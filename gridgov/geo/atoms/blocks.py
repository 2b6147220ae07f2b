"""Street blocks: what the streets and the community's border enclose.

Owns which streets bound a block: not those in a tunnel; not a flyover, beneath which the ground belongs together (a
raised stretch longer than `FLYOVER_M`; a shorter one is a bridge in its street); not a dead end. Owns the joining of
slivers (the strip between two carriageways, between a street and the border, a roundabout) to a neighbouring block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from gridgov.geo.atoms import faces
from gridgov.geo.atoms.forms import Finding, Flags, Floats, Longs, Shapes, Streets
from gridgov.geo.atoms.outline import key_of, metres
from gridgov.geo.crs import Projection

FLYOVER_M = 150.0
NEAR_M = 3.0
"""A street that ends nearer than this to another one, or to the border, was meant to reach it."""
SLIVER_M2 = 150.0
THIN_M = 10.0
"""A block without a building whose mean width is less is a strip, not a block."""


@dataclass(frozen=True)
class Blocks:
    """`shapes` Polygon[b] on the grid; `region[b]` the region (villager group) each lies in, -1 for none.

    `streets`: the lines in metres that bound them; `all_streets`: every street, for bridges.
    """

    shapes: Shapes
    region: Longs
    streets: Shapes
    all_streets: Shapes
    findings: tuple[Finding, ...]


def blocks_of(gridded: Any, streets: Streets, regions: Shapes, built: Floats, projection: Projection) -> Blocks:
    """Blocks of a community put onto the grid. `regions`: polygons in metres that no block crosses; `built`
    float64[k, 2]: a point inside each building, whose block is no sliver.
    """
    every = lines_of(streets, projection)
    chosen, findings = _bounding(gridded, every, streets)
    lines = [shapely.boundary(gridded), *chosen, *_reaching(chosen, shapely.boundary(gridded))]
    lines += [shapely.boundary(region) for region in regions]
    found = faces.faces_of(lines, gridded)
    shared = faces.borders(found)
    region = _inside(regions, found)
    full = np.zeros(len(found), dtype=np.bool_)
    if len(built):
        _, at = shapely.STRtree(found).query(shapely.points(built), predicate="within")
        full[at] = True
    label = faces.joined(np.arange(len(found)), shared, shapely.area(found), _sliver(full), kin=region)
    labels, shapes = faces.dissolved(found, label)
    led = every[~shapely.is_empty(every)]
    return Blocks(shapes, region[labels], np.asarray(chosen, dtype=object), led, tuple(findings))


def lines_of(streets: Streets, projection: Projection) -> Shapes:
    """Centre lines in metres; an empty line where there is none that could be read."""
    lines = np.asarray(metres(streets.lines, projection), dtype=object).copy()
    points, of = shapely.get_coordinates(lines, return_index=True)
    bad = shapely.is_missing(lines)
    bad[of[~np.isfinite(points).all(axis=1)]] = True
    bad[~bad] = ~shapely.is_valid(lines[~bad])
    lines[bad] = shapely.LineString()
    return lines


def _sliver(full: Flags) -> Any:
    """Whether a group of faces is no block: small or thin, and without a building."""

    def small(area_m2: Floats, border_m: Floats, groups: Longs) -> Flags:
        thin = 2.0 * area_m2 < THIN_M * border_m
        return ((area_m2 < SLIVER_M2) | thin) & ~full[groups]

    return small


def _bounding(gridded: Any, every: Shapes, streets: Streets) -> tuple[list[Any], list[Finding]]:
    """The lines that bound blocks: near the community, on the ground, no flyover."""
    findings: list[Finding] = []
    shapely.prepare(gridded)
    usable = ~shapely.is_empty(every)
    touch = np.zeros(len(every), dtype=np.bool_)
    touch[usable] = shapely.dwithin(every[usable], gridded, NEAR_M)
    flyover = _flyovers(every, touch & streets.raised & ~streets.sunk)
    kept = touch & ~streets.sunk & ~flyover
    outside = int((~touch).sum())
    if outside and not touch.any():
        findings.append(
            Finding(
                "streets-outside",
                f"{outside}条道路全部在社区之外",
                f"All {outside} streets lie outside the community",
                outside,
            )
        )
    if not kept.any():
        findings.append(
            Finding("no-streets", "社区内没有可作边界的道路，整个社区为一个街坊",
                    "No street runs through the community; it is one block as a whole")
        )  # fmt: skip
    if flyover.any():
        many = int(flyover.sum())
        findings.append(
            Finding("flyovers", f"{many}段高架不作为边界，桥下地面不分割",
                    f"{many} stretches of flyover bound nothing; the ground beneath belongs together", many)
        )  # fmt: skip
    lines = shapely.get_parts(every[kept])
    return list(lines[shapely.dwithin(lines, gridded, NEAR_M)]), findings


def _flyovers(every: Shapes, raised: Flags) -> Flags:
    """Raised stretches that with those they continue are longer than `FLYOVER_M`."""
    rows = np.flatnonzero(raised)
    out = np.zeros(len(every), dtype=np.bool_)
    if not len(rows):
        return out
    tree = shapely.STRtree(every[rows])
    a, b = tree.query(every[rows], predicate="touches")
    ones = np.ones(len(a), dtype=np.int8)
    _, chain = connected_components(csr_matrix((ones, (a, b)), shape=(len(rows), len(rows))), directed=False)
    out[rows] = np.bincount(chain, shapely.length(every[rows]))[chain] > FLYOVER_M
    return out


def _reaching(chosen: list[Any], border: Any) -> list[Any]:
    """Short lines that lead a street's loose end to what it was meant to reach."""
    if not chosen:
        return []
    lines = np.asarray(chosen, dtype=object)
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    own = np.tile(np.arange(len(lines)), 2)
    _, place, many = np.unique(key_of(shapely.get_coordinates(ends)), return_inverse=True, return_counts=True)
    loose = np.flatnonzero(many[place] == 1)
    if not len(loose):
        return []
    targets = np.append(lines, border)
    point, target = shapely.STRtree(targets).query(ends[loose], predicate="dwithin", distance=NEAR_M)
    other = target != own[loose[point]]
    point, target = point[other], target[other]
    away = shapely.distance(ends[loose[point]], targets[target])
    order = np.lexsort((target, away, point))
    first = np.unique(point[order], return_index=True)[1]
    best = order[first]
    best = best[away[best] > 0.0]
    return list(shapely.shortest_line(ends[loose[point[best]]], targets[target[best]]))


def _inside(regions: Shapes, found: Shapes) -> Longs:
    """The region that each face lies in: the first one that holds its inner point, -1 for none."""
    out = np.full(len(found), -1, dtype=np.int64)
    if len(regions):
        face, region = shapely.STRtree(regions).query(shapely.point_on_surface(found), predicate="within")
        order = np.lexsort((region, face))
        first = np.unique(face[order], return_index=True)[1]
        out[face[order][first]] = region[order][first]
    return out
