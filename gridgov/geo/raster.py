"""From polygons to cells: which polygon holds a whole cell, which candidates and edges are left to ask in the others.

Owns: one level of cells (`spans`, `fill`). Does not own: how many cells (`locate`), how many levels and what is written
for a look-up (`table`), reading it (`predicates`).

Coordinates here are cells of the root lattice, tx = (x - x0) * kx, computed exactly as a look-up computes them, times
the level's `scale`, a power of two; so flooring says in which cell of any level a vertex or a queried point lies, with
no rounding between levels. A *window* is the part of a level under one cell of the level above (the root is one
window). A *face* is one polygon part with its holes; inside means an odd number of crossings.

Why a cell needs only the edges that touch it. Take the ray from a queried point P of cell (r, c) towards +x, and write
for an edge ab
    f(ab) = crossed(ab)  xor  [a is right of the cell, in its row](a.y > P.y)  xor  the same of b.
Over closed rings the vertex terms cancel, so the xor of all f is "inside". An edge that does not touch the cell has the
same f for every P of the cell: 0 when it passes on the left; on the right, whether it crosses the top of row r. That is
whole-number work: a running parity along the row. Only touching edges need the point; their vertex terms are the
*marks* (`table`), most of which cancel at once. "Touches" is decided with a margin far above the rounding error, and an
edge that merely might touch does no harm.

Why a finer level needs only what the cell above it knows. There, inside = parity xor the crossings of the touching
edges xor the marks. Ends that two of these edges share cancel as before; an end that only one of them has lies outside
the cell, so it is right of a finer cell in its row exactly when it is a mark in that row, and cancels against it. The
marks of other rows are constant: the row begins with their parity.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gridgov.geo.compiled import kernel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

NOBODY = np.int32(2**31 - 1)  # "no polygon holds the whole cell": above every polygon's number
MARGIN = 4e-6  # of a cell; far above the rounding error of a level of table.FINEST cells a side


class Edges(NamedTuple):
    """All edges, and the root lattice."""

    xa: Floats
    ya: Floats
    xb: Floats
    yb: Floats
    x0: float
    y0: float
    kx: float
    ky: float


class Level(NamedTuple):
    """Windows of rows x columns cells each; window w starts at (row[w], column[w]) of the level's lattice."""

    scale: float
    rows: int
    columns: int
    row: Ints
    column: Ints
    holder: Int32s  # per window: the polygon to answer where no face of the window does, or NOBODY


class Faces(NamedTuple):
    """What is to be drawn: per face its window, polygon and parity so far, its edges and its marks (y)."""

    window: Int32s
    polygon: Int32s
    parity: Bytes
    edge_end: Ints  # [faces + 1], starts with 0
    edge: Int32s
    mark_end: Ints
    mark: Floats


class Spans(NamedTuple):
    """A span is the run of cells, first..last, that an edge touches in one row of its face's window.

    first == columns: wholly right of the window. `over`: the edge crosses the top of the row.
    """

    end: Ints  # [faces + 1]
    edge: Int32s
    row: Int32s
    first: Int32s
    last: Int32s
    over: Bytes


class Cells(NamedTuple):
    """The drawn level. `holder` and `slot` per cell; slots (cells that some edge touches) have candidate faces."""

    holder: Int32s
    slot: Int32s  # -1: no edge touches the cell
    cell: Ints  # per slot
    candidate_end: Ints  # [slots + 1]
    polygon: Int32s  # per candidate, rising within a slot
    parity: Bytes
    edge_end: Ints  # [candidates + 1]
    edge: Int32s


@kernel
def floor(value: float) -> int:
    return int(np.floor(value))


@kernel
def _trace(
    edges: Edges, e: int, level: Level, window: int, count: int,
    edge: Int32s, row: Int32s, first: Int32s, last: Int32s, over: Bytes,
) -> int:  # fmt: skip
    """Append the spans of one edge; with empty arrays only count them. The new count."""
    r0, c0 = level.row[window], level.column[window]
    ax = (edges.xa[e] - edges.x0) * edges.kx * level.scale
    ay = (edges.ya[e] - edges.y0) * edges.ky * level.scale
    bx = (edges.xb[e] - edges.x0) * edges.kx * level.scale
    by = (edges.yb[e] - edges.y0) * edges.ky * level.scale
    if ay > by:
        ax, ay, bx, by = bx, by, ax, ay
    low, high = floor(ay) - r0, floor(by) - r0
    ax, bx, ay, by = ax - c0, bx - c0, ay - r0, by - r0
    for r in range(max(0, floor(ay - MARGIN)), min(level.rows - 1, floor(by + MARGIN)) + 1):
        left, right = ax, bx
        if ay < by:
            left = ax + (max(ay, r - MARGIN) - ay) / (by - ay) * (bx - ax)
            right = ax + (min(by, r + 1 + MARGIN) - ay) / (by - ay) * (bx - ax)
        begin = max(0, min(level.columns, floor(min(left, right) - MARGIN)))
        end = min(level.columns - 1, floor(max(left, right) + MARGIN))
        crosses = low <= r < high
        if end < 0 or (begin == level.columns and not crosses):
            continue
        if len(edge) > 0:
            edge[count], row[count], first[count], last[count], over[count] = e, r, begin, end, crosses
        count += 1
    return count


@kernel
def spans(edges: Edges, level: Level, faces: Faces, most: int) -> Spans:
    """All spans, or none at all (`end` of length 0) when they would cover more than `most` cells."""
    none = np.empty(0, np.int32)
    none8 = np.empty(0, np.uint8)
    total = 0
    for f in range(len(faces.window)):
        for i in range(faces.edge_end[f], faces.edge_end[f + 1]):
            total = _trace(edges, faces.edge[i], level, faces.window[f], total, none, none, none, none, none8)
        if total > most:
            return Spans(np.empty(0, np.int64), none, none, none, none, none8)
    found = Spans(
        np.zeros(len(faces.window) + 1, np.int64), np.empty(total, np.int32), np.empty(total, np.int32),
        np.empty(total, np.int32), np.empty(total, np.int32), np.empty(total, np.uint8),
    )  # fmt: skip
    count = 0
    cells = 0
    for f in range(len(faces.window)):
        for i in range(faces.edge_end[f], faces.edge_end[f + 1]):
            count = _trace(
                edges, faces.edge[i], level, faces.window[f], count,
                found.edge, found.row, found.first, found.last, found.over,
            )  # fmt: skip
        for s in range(found.end[f], count):
            cells += max(0, found.last[s] - found.first[s] + 1)
        if cells > most:
            return Spans(np.empty(0, np.int64), none, none, none, none, none8)
        found.end[f + 1] = count
    return found


@kernel
def _slots(level: Level, faces: Faces, found: Spans) -> tuple[Int32s, Ints, Ints, Ints]:
    """Number the touched cells in the order of their first face; their candidates and edges, as running ends."""
    size = level.rows * level.columns
    slot = np.full(size * len(level.row), -1, np.int32)
    touches = 0
    for s in range(len(found.edge)):
        touches += max(0, found.last[s] - found.first[s] + 1)
    most = min(touches, len(slot))
    cell = np.empty(most, np.int64)
    candidate_end = np.zeros(most + 1, np.int64)
    edge_end = np.zeros(most + 1, np.int64)
    latest = np.empty(most, np.int32)
    count = 0
    for f in range(len(faces.window)):
        for s in range(found.end[f], found.end[f + 1]):
            base = faces.window[f] * size + found.row[s] * level.columns
            for i in range(base + found.first[s], base + found.last[s] + 1):
                k = slot[i]
                if k < 0:
                    k = count
                    slot[i] = k
                    cell[k] = i
                    latest[k] = -1
                    count += 1
                edge_end[k + 1] += 1
                if latest[k] != f:
                    latest[k] = f
                    candidate_end[k + 1] += 1
    return slot, cell[:count].copy(), np.cumsum(candidate_end[: count + 1]), np.cumsum(edge_end[: count + 1])


@kernel
def _extent(level: Level, found: Spans, f: int) -> tuple[int, int, int, int]:
    """Rows and columns a face can hold cells in: its spans' at the root, the whole window below it, where a face's
    edges are only those near the window."""
    if len(level.row) > 1 or level.scale > 1.0:
        return 0, level.rows - 1, 0, level.columns - 1
    top, bottom, left, right = level.rows, -1, level.columns, -1
    for s in range(found.end[f], found.end[f + 1]):
        top, bottom = min(top, found.row[s]), max(bottom, found.row[s])
        left, right = min(left, found.first[s]), max(right, found.last[s])
    return top, bottom, left, right


@kernel
def _start(edges: Edges, level: Level, faces: Faces, f: int, row: Bytes) -> None:
    """Parity of each row of the window at its right end: the face's own, and the marks above the row."""
    row[:] = faces.parity[f]
    for i in range(faces.mark_end[f], faces.mark_end[f + 1]):
        above = floor((faces.mark[i] - edges.y0) * edges.ky * level.scale) - level.row[faces.window[f]]
        for r in range(min(level.rows, above)):
            row[r] ^= 1


@kernel
def fill(edges: Edges, level: Level, faces: Faces, found: Spans) -> Cells:
    """Draw the faces: the lowest polygon that holds each untouched cell, the candidates of each touched one."""
    size = level.rows * level.columns
    holder = np.repeat(level.holder, size)
    slot, cell, candidate_end, edge_to = _slots(level, faces, found)
    next_candidate, next_edge = candidate_end[:-1].copy(), edge_to[:-1].copy()
    polygon = np.empty(candidate_end[-1], np.int32)
    parity = np.empty(candidate_end[-1], np.uint8)
    edge_end = np.zeros(candidate_end[-1] + 1, np.int64)
    edge = np.empty(edge_to[-1], np.int32)
    sketch = np.zeros(size, np.uint8)  # 1: touched by this face, 2: an odd number of its edges begin here and go over
    row = np.empty(level.rows, np.uint8)
    for f in range(len(faces.window)):
        base = faces.window[f] * size
        top, bottom, left, right = _extent(level, found, f)
        _start(edges, level, faces, f, row)
        for s in range(found.end[f], found.end[f + 1]):
            at = found.row[s] * level.columns
            if found.first[s] == level.columns:
                row[found.row[s]] ^= found.over[s]
                continue
            sketch[at + found.first[s]] ^= found.over[s] << 1
            for i in range(at + found.first[s], at + found.last[s] + 1):
                sketch[i] |= 1
                k = slot[base + i]
                edge[next_edge[k]] = found.edge[s]
                next_edge[k] += 1
        for r in range(top, bottom + 1):
            inside = row[r]
            for i in range(r * level.columns + right, r * level.columns + left - 1, -1):
                if sketch[i]:
                    k = slot[base + i]
                    at = next_candidate[k]
                    polygon[at], parity[at], edge_end[at + 1] = faces.polygon[f], inside, next_edge[k]
                    next_candidate[k] += 1
                    inside ^= sketch[i] >> 1
                    sketch[i] = 0
                elif inside and faces.polygon[f] < holder[base + i]:
                    holder[base + i] = faces.polygon[f]
    return Cells(holder, slot, cell, candidate_end, polygon, parity, edge_end, edge)
