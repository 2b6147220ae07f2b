"""Building cells: the ground of a block goes to the building that is nearest to it.

The Voronoi diagram of footprints, approximated by points along their walls (Okabe et al. 2000, section 3.5;
morphological tessellation, Fleischmann et al. 2020), all blocks of a community in one call: each block is moved so far
from the others that they do not see each other. Walls near another building are dotted densely, others sparsely.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.spatial import Voronoi, cKDTree

from gridgov.geo.atoms import faces
from gridgov.geo.atoms.forms import Flags, Floats, Longs, Shapes
from gridgov.geo.atoms.outline import key_of, on_grid

SPARSE_M = 8.0
DENSE_M = 2.0
CLOSE_M = 4.0
"""A wall nearer than this to another building is dotted densely."""
TOUCH_M = 1.0
"""A wall nearer than this to another building all but touches it."""
SHRUNK_M = 0.25
"""Footprints shrink by this before they are dotted, so that a shared wall has an owner on either side."""
STRAIGHT_M = 0.75
"""Cell borders are straightened by less than this."""
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
    lines = [*shapely.boundary(blocks), *_ridges(seeds, blocks)]
    found = faces.faces_of(lines, gridded)
    shared = faces.borders(found)
    block = _block_of(found, blocks)
    owner = _nearest(seeds, found, block, len(blocks))
    return _whole(found, shared, owner, block)


def _seeds(blocks: Shapes, footprints: Shapes, block_of: Longs) -> _Seeds:
    rows = np.flatnonzero(block_of >= 0)
    shapes = footprints[rows]
    inner = shapely.buffer(shapes, -SHRUNK_M, join_style="mitre", quad_segs=1)
    inner = np.where(shapely.is_empty(inner), shapely.point_on_surface(shapes), inner)
    a, b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=CLOSE_M)
    close = np.zeros(len(rows), dtype=np.bool_)
    close[a[a != b]] = True
    walls = np.where(shapely.get_dimensions(inner) == 2, shapely.boundary(inner), inner)
    walls = shapely.segmentize(walls, np.where(close, DENSE_M, SPARSE_M))
    points, of = _dotted(walls, shapes)
    points = on_grid(points)
    _, first = np.unique(key_of(points), return_index=True)
    first.sort()
    points, of = points[first], of[first]
    block = block_of[rows][of]
    return _Seeds(points, rows[of], block, _moved(points, block, blocks))


def _dotted(walls: Shapes, shapes: Shapes) -> tuple[Floats, Longs]:
    """(points along the walls, whose they are), four times as many where a wall all but touches another building."""
    points, of = shapely.get_coordinates(walls, return_index=True)
    start = np.flatnonzero(of[1:] == of[:-1])
    middle = (points[start] + points[start + 1]) / 2.0
    piece, other = shapely.STRtree(shapes).query(shapely.points(middle), predicate="dwithin", distance=TOUCH_M)
    touching = np.unique(start[piece[of[start[piece]] != other]])
    span = points[touching + 1] - points[touching]
    more = [points[touching] + share * span for share in (0.25, 0.5, 0.75)]
    return np.concatenate([points, *more]), np.concatenate([of, *[of[touching]] * 3])


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


def _ridges(seeds: _Seeds, blocks: Shapes) -> Shapes:
    """Lines between cells of different footprints of one block, straightened and cut off at the block's border."""
    owners = np.unique(np.column_stack([seeds.block, seeds.owner]), axis=0)
    lively = np.flatnonzero(np.bincount(owners[:, 0], minlength=len(blocks)) > 1)
    if not len(lively):
        return np.empty(0, dtype=object)
    use = np.flatnonzero(np.isin(seeds.block, lively))
    moved, owner, block = seeds.moved[use], seeds.owner[use], seeds.block[use]
    step = _apart(blocks)
    around = step / 5.0 * np.array([[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]])
    far = (around[None, :, :] + np.column_stack([lively * step, np.zeros(len(lively))])[:, None, :]).reshape(-1, 2)
    diagram = Voronoi(np.concatenate([moved, far]))
    first, second = np.asarray(diagram.ridge_points).T
    vertex = np.asarray(diagram.ridge_vertices)
    inner = (first < len(moved)) & (second < len(moved)) & (vertex >= 0).all(axis=1)
    first, second, vertex = first[inner], second[inner], vertex[inner]
    part = (owner[first] != owner[second]) & (block[first] == block[second])
    first, second, vertex = first[part], second[part], vertex[part]
    bounds = shapely.bounds(blocks)
    back = (bounds[:, :2] + bounds[:, 2:]) / 2.0
    shift = back[block[first]] - np.column_stack([block[first] * step, np.zeros(len(first))])
    pieces = np.stack([diagram.vertices[vertex[:, 0]] + shift, diagram.vertices[vertex[:, 1]] + shift], axis=1)
    low, high = np.minimum(owner[first], owner[second]), np.maximum(owner[first], owner[second])
    return _clipped(_straight(pieces, low, high, block[first]), blocks)


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
    _, at = cKDTree(seeds.moved).query(points + shift[block[built]])
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
