"""The table of a `PointIndex`: level under level of cells, written as the words that a look-up reads.

Owns: how many levels (`build`), what a look-up must ask in a cell (`trim`), the step to a finer level (`descend`), the
words (`pack`). Does not own: drawing a level (`raster`), reading the words and their layout (`predicates`).

Why the last candidate need not be tested in a true tiling. When the touching edges of a cell pair off (each present
twice), the parity of "how many faces hold P" is the same everywhere in the cell: the xor of the candidates' parities.
If that is odd, some candidate holds P; when all others refuse, the last one does.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gridgov.geo.compiled import kernel
from gridgov.geo.predicates import FINER_WORDS, READ_AHEAD, Floats, Int32s, Ints
from gridgov.geo.raster import NOBODY, Cells, Edges, Faces, Level, Spans, fill, floor, spans

FINEST = 2**28  # cells a side of the finest level's whole lattice; rounding there stays below 1e-6 of a cell
PAIRS = 32  # cells with more touching edges are not examined for pairs
SIDE = 16  # cells a side of the windows below the root
CROWDED = 24  # a cell with more edges to test gets finer cells
ROOM = 2**24  # cells that building may visit, whatever the polygons look like: bounds its time and memory
TOUCH = 4  # visits that an edge touching a cell counts for, since it also takes about 40 bytes


class Asked(NamedTuple):
    """What a look-up must ask, per slot."""

    end: Ints  # of the candidates to test
    otherwise: Int32s  # the polygon when all of them refuse, or NOBODY


@kernel
def _pair_off(edges: Edges, edge: Int32s) -> bool:
    """Whether each of these edges is there twice (either way round)."""
    used = 0
    for i in range(len(edge)):
        if used >> i & 1:
            continue
        e = edge[i]
        partner = -1
        for j in range(i + 1, len(edge)):
            if used >> j & 1:
                continue
            d = edge[j]
            if (
                edges.xa[e] == edges.xb[d] and edges.ya[e] == edges.yb[d]
                and edges.xb[e] == edges.xa[d] and edges.yb[e] == edges.ya[d]
            ) or (
                edges.xa[e] == edges.xa[d] and edges.ya[e] == edges.ya[d]
                and edges.xb[e] == edges.xb[d] and edges.yb[e] == edges.yb[d]
            ):  # fmt: skip
                partner = j
                break
        if partner < 0:
            return False
        used |= 1 << partner
    return True


@kernel
def trim(edges: Edges, cells: Cells) -> Asked:
    """Leave out the candidates that cannot be the answer, or must be it."""
    end = np.empty(len(cells.cell), np.int64)
    otherwise = np.empty(len(cells.cell), np.int32)
    for k in range(len(cells.cell)):
        first, last = cells.candidate_end[k], cells.candidate_end[k + 1]
        holder = cells.holder[cells.cell[k]]
        while last > first and cells.polygon[last - 1] >= holder:
            last -= 1
        if holder == NOBODY and last > first:
            odd = 0
            for i in range(first, last):
                odd ^= cells.parity[i]
            edge = cells.edge[cells.edge_end[first] : cells.edge_end[last]]
            if odd and len(edge) <= PAIRS and _pair_off(edges, edge):
                last -= 1
                holder = cells.polygon[last]
        end[k], otherwise[k] = last, holder
    return Asked(end, otherwise)


@kernel
def _marks(edges: Edges, level: Level, cells: Cells, i: int, row: int, column: int, mark: Floats, count: int) -> int:
    """Append the marks of candidate i: ends of its edges that lie in the cell's row, right of it. Equal neighbours
    cancel, also around the seam of a ring. The new count."""
    start = count
    for j in range(cells.edge_end[i], cells.edge_end[i + 1]):
        e = cells.edge[j]
        for x, y in ((edges.xa[e], edges.ya[e]), (edges.xb[e], edges.yb[e])):
            if floor((y - edges.y0) * edges.ky * level.scale) != row:
                continue
            if floor((x - edges.x0) * edges.kx * level.scale) <= column:
                continue
            if count > start and mark[count - 1] == y:
                count -= 1
            elif count > start and mark[start] == y:
                count -= 1
                mark[start] = mark[count]
            else:
                mark[count] = y
                count += 1
    return count


@kernel
def _place(level: Level, cell: int) -> tuple[int, int]:
    """Row and column of a cell in the level's lattice."""
    size = level.rows * level.columns
    window, rest = cell // size, cell % size
    return level.row[window] + rest // level.columns, level.column[window] + rest % level.columns


@kernel
def descend(edges: Edges, level: Level, cells: Cells, asked: Asked, crowded: Int32s, side: int) -> tuple[Level, Faces]:
    """The crowded slots as windows of side x side cells, with what the level above already knows of their faces."""
    count = len(crowded)
    row, column = np.empty(count, np.int64), np.empty(count, np.int64)
    below = Level(level.scale * side, side, side, row, column, asked.otherwise[crowded])
    total, entries = 0, 0
    for k in crowded:
        total += asked.end[k] - cells.candidate_end[k]
        entries += cells.edge_end[asked.end[k]] - cells.edge_end[cells.candidate_end[k]]
    faces = Faces(
        np.empty(total, np.int32), np.empty(total, np.int32), np.empty(total, np.uint8), np.zeros(total + 1, np.int64),
        np.empty(entries, np.int32), np.zeros(total + 1, np.int64), np.empty(2 * entries, np.float64),
    )  # fmt: skip
    f, edge_count, marks = 0, 0, 0
    for w in range(count):
        k = crowded[w]
        r, c = _place(level, cells.cell[k])
        row[w], column[w] = r * side, c * side
        for i in range(cells.candidate_end[k], asked.end[k]):
            faces.window[f], faces.polygon[f], faces.parity[f] = w, cells.polygon[i], cells.parity[i]
            for j in range(cells.edge_end[i], cells.edge_end[i + 1]):
                faces.edge[edge_count] = cells.edge[j]
                edge_count += 1
            marks = _marks(edges, level, cells, i, r, c, faces.mark, marks)
            f += 1
            faces.edge_end[f], faces.mark_end[f] = edge_count, marks
    return below, faces


@kernel
def _write_candidate(
    edges: Edges, level: Level, cells: Cells, i: int, row: int, column: int, pool: Floats, words: Ints, at: int
) -> int:
    """Write candidate i of the cell in (row, column); where the next word goes."""
    stop = _marks(edges, level, cells, i, row, column, pool, at + 3)
    first, last = cells.edge_end[i], cells.edge_end[i + 1]
    words[at], words[at + 1], words[at + 2] = cells.polygon[i], (last - first) << 1 | cells.parity[i], stop - at - 3
    for e in cells.edge[first:last]:
        low, high = stop, stop + 2
        if edges.ya[e] > edges.yb[e]:
            low, high = high, low
        pool[low], pool[low + 1] = edges.xa[e], edges.ya[e]
        pool[high], pool[high + 1] = edges.xb[e], edges.yb[e]
        stop += 4
    return stop  # type: ignore[no-any-return]


@kernel
def pack(
    edges: Edges, level: Level, cells: Cells, asked: Asked, finer: Int32s, side: int, base: int, offset: int
) -> tuple[Int32s, Floats]:
    """The level's part of the table; uses up `cells`.

    finer: per slot its window one level down, or -1. base: where that level begins in `lut`; offset: where these words
    begin in `pool`.
    """
    room = (FINER_WORDS + 2) * len(cells.cell) + 3 * len(cells.polygon) + 6 * len(cells.edge)
    pool = np.empty(room, np.float64)
    words = pool.view(np.int64)
    lut = cells.holder
    for i in range(len(lut)):
        if lut[i] == NOBODY:
            lut[i] = -1
    at = 0
    for k in range(len(cells.cell)):
        first, end = cells.candidate_end[k], asked.end[k]
        otherwise = -1 if asked.otherwise[k] == NOBODY else asked.otherwise[k]
        lut[cells.cell[k]] = otherwise if first == end else -2 - (offset + at)
        if first == end:
            continue
        row, column = _place(level, cells.cell[k])
        if finer[k] >= 0:
            words[at], words[at + 2], words[at + 3], words[at + 4] = -1, side, row * side, column * side
            pool[at + 1] = level.scale * side
            words[at + 5] = base + finer[k] * side * side
            at += FINER_WORDS
            continue
        words[at], words[at + 1] = end - first, otherwise
        at += 2
        for i in range(first, end):
            at = _write_candidate(edges, level, cells, i, row, column, pool, words, at)
    return lut, pool[:at].copy()


def build(edges: Edges, faces: Faces, rows: int, columns: int) -> tuple[Int32s, Floats]:
    """Draw level under level until no cell is crowded, finer cells help no more, or the room is used up."""
    zero = np.zeros(1, np.int64)
    level = Level(1.0, rows, columns, zero, zero, np.full(1, NOBODY, np.int32))
    found = spans(edges, level, faces, 2**62)
    room = ROOM
    above = np.full(1, np.iinfo(np.int64).max)  # per window: tests of the cell it refines
    luts: list[Int32s] = []
    pools: list[Floats] = []
    base = offset = 0
    while True:
        cells = fill(edges, level, faces, found)
        base += len(cells.holder)
        room -= TOUCH * len(cells.edge) + len(cells.holder)
        asked = trim(edges, cells)
        tests = cells.edge_end[asked.end] - cells.edge_end[cells.candidate_end[:-1]]
        # Edges reach across the whole lattice, so that its size decides, wherever the windows of this level lie.
        finest = max(rows, columns) * level.scale * SIDE > FINEST
        useful = _helped(level, cells, tests, above) & (not finest)
        crowded, below = _refine(edges, level, cells, asked, np.where(useful, tests, 0), room)
        finer = np.full(len(tests), -1, np.int32)
        finer[crowded] = np.arange(len(crowded), dtype=np.int32)
        lut, pool = pack(edges, level, cells, asked, finer, SIDE, base, offset)
        luts.append(lut)
        pools.append(pool)
        offset += len(pool)
        if below is None:
            return np.concatenate(luts), np.concatenate([*pools, np.zeros(READ_AHEAD)])
        level, faces, found = below
        above = tests[crowded]


def _helped(level: Level, cells: Cells, tests: Ints, above: Ints) -> npt.NDArray[np.bool_]:
    """Per slot: whether its window made tests fewer, or may yet, its edges being together in a corner.

    Where many borders run along one line, as those of nested areas do, no cell is ever fine enough.
    """
    window = cells.cell // (level.rows * level.columns)
    touched = np.bincount(window, minlength=len(above))
    total = np.bincount(window, tests, minlength=len(above))
    return ((touched <= SIDE // 2) | (total <= above / 2 * touched))[window]


def _refine(
    edges: Edges, level: Level, cells: Cells, asked: Asked, tests: Ints, room: int
) -> tuple[Int32s, tuple[Level, Faces, Spans] | None]:
    """Slots that get finer cells, the most crowded alone when not all of them fit into `room`; with the level below."""
    limit = CROWDED
    crowded = np.flatnonzero(tests > limit).astype(np.int32)
    while len(crowded):
        if len(crowded) * SIDE * SIDE <= room:
            below, faces = descend(edges, level, cells, asked, crowded, SIDE)
            found = spans(edges, below, faces, (room - len(crowded) * SIDE * SIDE) // TOUCH)
            if len(found.end):
                return crowded, (below, faces, found)
        limit *= 4
        crowded = np.flatnonzero(tests > limit).astype(np.int32)
    return crowded, None
