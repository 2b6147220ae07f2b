"""Building cells: the ground of a block goes to the building that is nearest to it.

The Voronoi diagram of footprints, approximated by points along their walls (Okabe et al. 2000, section 3.5;
morphological tessellation, Fleischmann et al. 2020), block by block. Walls near another building are dotted densely,
others sparsely. Fields far from every building of their block are open ground.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import shapely

from gridgov.geo.atoms import faces
from gridgov.geo.atoms.forms import Flags, Floats, Longs, Shapes
from gridgov.geo.atoms.outline import PER_M, key_of, on_grid

SPARSE_M = 8.0
DENSE_M = 2.0
CLOSE_M = 4.0
"""A wall nearer than this to another building is dotted densely."""
TOUCH_M = 1.0
"""A wall nearer than this to another building all but touches it."""
TOUCHING_M = 0.5
SHRUNK_M = 0.25
"""Footprints shrink by this before they are dotted, so that a shared wall has an owner on either side."""
STRAIGHT_M = 0.75
"""Cell borders are straightened by less than this."""
REACH_M = 60.0
"""Ground farther than this from every building of its block is open, where it is large enough to be said."""
FIELD_M2 = 5_000.0
FIELD_BEND_M = 5.0
NARROW_M = 15.0
FAR_M = 5_000.0
"""How far beyond its buildings a block may reach."""
SCRAP_M2 = 2.0


@dataclass(frozen=True)
class Cells:
    """`shapes` Polygon[c] on the grid that tile the blocks; `owner[c]` the footprint whose cell it is, -1 for open
    ground; `block[c]`.
    """

    shapes: Shapes
    owner: Longs
    block: Longs


@dataclass(frozen=True)
class _Seeds:
    """Points along walls: `at` float64[s, 2], whose they are, in which block, and moved apart block by block."""

    at: Floats
    owner: Longs
    block: Longs
    moved: Floats


def cells_of(gridded: object, blocks: Shapes, footprints: Shapes, block_of: Longs) -> Cells:
    """Cells of footprints (polygons or points, in metres) inside their blocks; `block_of[i]` the block of each."""
    seeds = _seeds(blocks, footprints, block_of)
    fields, field_block = _fields(blocks, footprints, block_of)
    rims = _clipped((shapely.boundary(fields), field_block), blocks)
    lines = [*shapely.boundary(blocks), *_ridges(seeds, blocks), *rims]
    found = faces.faces_of(lines, gridded)
    shared = faces.borders(found)
    block = _block_of(found, blocks)
    owner = _nearest(seeds, found, block, len(blocks))
    face, field = shapely.STRtree(fields).query(shapely.point_on_surface(found), predicate="intersects")
    owner[face[block[face] == field_block[field]]] = -1
    return _whole(found, shared, owner, block)


def _seeds(blocks: Shapes, footprints: Shapes, block_of: Longs) -> _Seeds:
    rows = np.flatnonzero(block_of >= 0)
    if not len(rows):
        return _Seeds(np.empty((0, 2)), rows, rows, np.empty((0, 2)))
    shapes = footprints[rows]
    inner = shapely.buffer(shapes, -SHRUNK_M, join_style="mitre", quad_segs=1)
    inner = np.where(shapely.is_empty(inner), shapely.point_on_surface(shapes), inner)
    walls = np.where(shapely.get_dimensions(inner) == 2, shapely.boundary(inner), inner)
    points, of = _dotted(shapely.segmentize(walls, SPARSE_M), shapes)
    points = on_grid(points)
    _, first = np.unique(key_of(points), return_index=True)
    first.sort()
    points, of = points[first], of[first]
    block = block_of[rows][of]
    return _Seeds(points, rows[of], block, _moved(points, block, blocks))


def _dotted(walls: Shapes, shapes: Shapes) -> tuple[Floats, Longs]:
    """(points along the walls, whose they are), the closer together the nearer another building is."""
    points, of = shapely.get_coordinates(walls, return_index=True)
    start = np.flatnonzero(of[1:] == of[:-1])
    span = points[start + 1] - points[start]
    ends = np.stack([points[start], points[start + 1]], axis=1)
    pieces = np.asarray(shapely.linestrings(ends), dtype=object)
    step = np.full(len(start), SPARSE_M)
    tree = shapely.STRtree(shapes)
    for near_m, step_m in ((CLOSE_M, DENSE_M), (TOUCH_M, TOUCHING_M)):
        piece, other = tree.query(pieces, predicate="dwithin", distance=near_m)
        step[piece[of[start[piece]] != other]] = step_m
    many = np.maximum(np.ceil(np.hypot(span[:, 0], span[:, 1]) / step), 1).astype(np.int64)
    row = np.repeat(np.arange(len(start)), many)
    share = (np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)) / many[row]
    added = points[start[row]] + share[:, None] * span[row]
    alone = np.setdiff1d(np.arange(len(points)), start)  # last corners of rings, and buildings that are points
    return np.concatenate([added, points[alone]]), np.concatenate([of[start[row]], of[alone]])


def _moved(points: Floats, block: Longs, blocks: Shapes) -> Floats:
    """Points with every block in a place of its own, so far from the next that no nearest point is another's."""
    bounds = shapely.bounds(blocks)
    middle = (bounds[:, :2] + bounds[:, 2:]) / 2.0
    step = _apart(blocks)
    out = points - middle[block]
    out[:, 0] += block * step
    return out


def _apart(blocks: Shapes) -> float:
    bounds = shapely.bounds(blocks)
    return 20.0 * float(np.hypot(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]).max())


def _fields(blocks: Shapes, footprints: Shapes, block_of: Longs) -> tuple[Shapes, Longs]:
    """(ground far from all buildings of its block, without narrow ends and reaching beyond the block; the block)."""
    near = shapely.buffer(footprints, REACH_M, quad_segs=2)
    out: list[Any] = []
    for block in np.unique(block_of[block_of >= 0]).tolist():
        around = shapely.simplify(shapely.union_all(near[block_of == block]), FIELD_BEND_M)
        left = shapely.difference(blocks[block], around, grid_size=1 / PER_M)
        if left.area < FIELD_M2:
            continue
        # out by more than in: the field's line leaves the block across its border, and never runs along it
        broad = shapely.buffer(shapely.buffer(left, -NARROW_M, join_style="mitre"), NARROW_M + 1.0, join_style="mitre")
        parts = [part for part in shapely.get_parts(broad) if part.area >= FIELD_M2]
        out += [(part, block) for part in parts]
    fields = np.empty(len(out), dtype=object)
    fields[:] = [part for part, _ in out]
    return fields, np.array([block for _, block in out], dtype=np.int64)


def _ridges(seeds: _Seeds, blocks: Shapes) -> Shapes:
    """Lines between cells of different footprints of one block, straightened and cut off at the block's border."""
    if not len(seeds.block):
        return np.empty(0, dtype=object)
    order = np.lexsort((seeds.owner, seeds.block))
    block, owner, at = seeds.block[order], seeds.owner[order], seeds.at[order]
    numbers, start = np.unique(block, return_index=True)
    ends = np.append(start[1:], len(block))
    lively = owner[start] != owner[ends - 1]
    pieces, low, high, of = [], [], [], []
    for number, first, last in zip(numbers[lively], start[lively], ends[lively], strict=True):
        found, a, b = _walls(at[first:last], owner[first:last])
        pieces.append(found)
        low.append(np.minimum(a, b))
        high.append(np.maximum(a, b))
        of.append(np.full(len(a), number))
    if not pieces:
        return np.empty(0, dtype=object)
    lines = _straight(np.concatenate(pieces), np.concatenate(low), np.concatenate(high), np.concatenate(of))
    return _clipped(lines, blocks)


def _walls(points: Floats, owner: Longs) -> tuple[Floats, Longs, Longs]:
    """(float64[r, 2, 2], a, b): the pieces of the Voronoi diagram between points of different owners."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle, reach = (low + high) / 2.0, float(np.hypot(*(high - low))) + FAR_M
    far = 4.0 * reach * np.array([[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]])
    diagram = import_module("scipy.spatial").Voronoi(np.concatenate([points - middle, far]))
    first, second = np.asarray(diagram.ridge_points).T
    vertex = np.asarray(diagram.ridge_vertices)
    inner = (first < len(points)) & (second < len(points)) & (vertex >= 0).all(axis=1)
    first, second, vertex = first[inner], second[inner], vertex[inner]
    part = owner[first] != owner[second]
    ends = diagram.vertices[vertex[part]] + middle
    return ends, owner[first[part]], owner[second[part]]


def _straight(pieces: Floats, low: Longs, high: Longs, block: Longs) -> tuple[Shapes, Longs]:
    """The pieces between each two owners as one line, straightened; and the block of each."""
    _, pair = np.unique((low << 32) + high, return_inverse=True)
    order = np.argsort(pair, kind="stable")
    lines = shapely.linestrings(pieces[order])
    merged: Any = shapely.line_merge(shapely.multilinestrings(np.asarray(lines, dtype=object), indices=pair[order]))
    blocks = np.empty(len(merged), dtype=np.int64)
    blocks[pair] = block
    parts, of = shapely.get_parts(merged, return_index=True)
    return np.asarray(shapely.simplify(parts, STRAIGHT_M), dtype=object), blocks[of]


def _clipped(found: tuple[Shapes, Longs], blocks: Shapes) -> Shapes:
    lines, block = found
    shapely.prepare(blocks)
    inside = shapely.contains_properly(blocks[block], lines)
    crossing = ~inside & shapely.intersects(blocks[block], lines)
    cut = shapely.intersection(lines[crossing], blocks[block[crossing]])
    return np.concatenate([lines[inside], shapely.get_parts(cut)])


def _block_of(found: Shapes, blocks: Shapes) -> Longs:
    face, block = shapely.STRtree(blocks).query(shapely.point_on_surface(found), predicate="intersects")
    out = np.full(len(found), -1, dtype=np.int64)
    out[face[::-1]] = block[::-1]
    lost = np.flatnonzero(out < 0)  # a sliver between a block and the same block noded once more
    if len(lost):
        out[lost] = shapely.STRtree(blocks).nearest(found[lost])
    return out


def _nearest(seeds: _Seeds, found: Shapes, block: Longs, blocks: int) -> Longs:
    """The owner of the wall nearest to each face's inner point, within its block; -1 in a block without buildings."""
    owner = np.full(len(found), -1, dtype=np.int64)
    built = np.isin(block, seeds.block)
    if not built.any():
        return owner
    points = shapely.get_coordinates(shapely.point_on_surface(found))[built]
    shift = np.full((blocks, 2), np.nan)
    shift[seeds.block] = seeds.moved - seeds.at
    _, at = import_module("scipy.spatial").cKDTree(seeds.moved).query(points + shift[block[built]])
    owner[built] = seeds.owner[at]
    return owner


def _whole(found: Shapes, shared: faces.Borders, owner: Longs, block: Longs) -> Cells:
    """Faces put together to one cell for each owner in a block; a cell's scraps that lie apart go to a neighbour."""
    name = (block << 32) + (owner + 1)
    piece = faces.parted(np.unique(name, return_inverse=True)[1], shared)
    area = shapely.area(found)
    size = np.bincount(piece, area).astype(np.float64)
    of = np.full(len(size), -1, dtype=np.int64)
    of[piece] = owner
    in_block = np.full(len(size), -1, dtype=np.int64)
    in_block[piece] = block
    best = _largest(of, size)
    keep = best | (of < 0)

    def scrap(area_m2: Floats, _: Floats, groups: Longs) -> object:
        return ~keep[groups] | (area_m2 < SCRAP_M2)

    label = faces.joined(piece, shared, area, scrap, kin=block)
    labels, shapes = faces.dissolved(found, label)
    return Cells(shapes, of[labels], in_block[labels])


def _largest(owner: Longs, size: Floats) -> Flags:
    """bool[g]: the largest piece of each owner."""
    order = np.lexsort((-size, owner))
    first = np.unique(owner[order], return_index=True)[1]
    out = np.zeros(len(owner), dtype=np.bool_)
    out[order[first]] = True
    return out
