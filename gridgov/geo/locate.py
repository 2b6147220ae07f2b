"""Exact bulk look-up: which polygon holds each of many points.

Owns: `PointIndex`, reading polygons, choosing how fine its cells are. Does not own the table
(`table`, `raster`), the walk through it (`predicates`), nor what a polygon means (`areas`).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, SupportsFloat

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from gridgov.geo import raster, table
from gridgov.geo.predicates import BLOCK, Floats, Int32s, Ints, find_many, find_one

Geometries = Sequence[BaseGeometry] | npt.NDArray[np.object_]

LARGEST = 1e100  # coordinates above it would overflow in the exact test
MOST_CELLS = 2**22  # of the root level: 16 MB
CELLS_PER_EDGE = 8
CHUNK = 256 * BLOCK  # points a thread takes at a time, at least: two milliseconds of work


class NotPolygonal(ValueError):
    """A geometry that is neither Polygon nor MultiPolygon. `position`: which one."""

    def __init__(self, position: int, kind: str) -> None:
        super().__init__(f"geometry {position} is a {kind}; an index takes Polygon and MultiPolygon")
        self.position = position


class CoordinateOutOfRange(ValueError):
    """A polygon with a coordinate that is not finite or beyond 1e100. `position`: which polygon."""

    def __init__(self, position: int) -> None:
        super().__init__(f"polygon {position} has a coordinate that is not a number below {LARGEST:g}")
        self.position = position


@dataclass(frozen=True, slots=True, eq=False)
class PointIndex:
    """Answers, for any point, the lowest-numbered polygon that covers it; the boundary belongs to the polygon.

    Exact: the answers of `shapely.covers`, polygon by polygon, also on vertices, on shared edges and one ulp beside
    them. GEOS itself rounds products to about 106 bits and this does not, so that a few points exactly on an edge that
    shapely places beside it are on it here. Polygons may have holes and parts, leave gaps and overlap; an invalid one
    is read by the even-odd rule, part by part. Any planar coordinates; a polygon that crosses the antimeridian must
    come split in two. Immutable; safe to share between threads and over a fork.
    """

    polygons: int
    x0: float
    y0: float
    kx: float
    ky: float
    rows: int
    columns: int
    lut: Int32s
    pool: Floats
    words: Ints

    @classmethod
    def build(cls, polygons: Geometries, *, cells: int | None = None) -> PointIndex:
        """Index Polygons and MultiPolygons (empty ones cover nothing).

        cells: of the coarsest level; by default 8 an edge, at most 4 million, fewer where the polygons would make that
        slow. It changes speed and size, never an answer. Raises NotPolygonal, CoordinateOutOfRange.
        """
        geometries = np.asarray(polygons, dtype=object)
        edges, faces = _read(geometries)
        rows = columns = 0
        lut, pool = np.empty(0, np.int32), np.empty(0, np.float64)
        if len(edges.xa):
            rows, columns = _shape(edges, faces, cells)
            edges = _lattice(edges, rows, columns)
            lut, pool = table.build(edges, faces, rows, columns)
        return cls._of(len(geometries), (edges.x0, edges.y0, edges.kx, edges.ky, rows, columns), lut, pool)

    @classmethod
    def _of(
        cls, polygons: int, lattice: tuple[float, float, float, float, int, int], lut: Int32s, pool: Floats
    ) -> PointIndex:
        return cls(polygons, *lattice, lut, pool, pool.view(np.int64))

    def __len__(self) -> int:
        return self.polygons

    def __reduce__(self) -> tuple[Any, ...]:
        # `words` and `pool` are one memory: a plain pickle would store and restore it twice.
        lattice = (self.x0, self.y0, self.kx, self.ky, self.rows, self.columns)
        return PointIndex._of, (self.polygons, lattice, self.lut, self.pool)

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the table holds."""
        return self.lut.nbytes + self.pool.nbytes

    def locate(self, x: npt.ArrayLike, y: npt.ArrayLike, *, threads: int = 1) -> Int32s:
        """Polygon of each point (int32[n]); -1 where there is none, and for NaN and infinities.

        x, y: n coordinates each, in the polygons' own reference system. threads: how many may work at once.
        Raises ValueError when x and y differ in length or are not one-dimensional.
        """
        px, py = _plain(x), _plain(y)
        if px.ndim != 1 or px.shape != py.shape:
            raise ValueError(f"x and y are two rows of numbers of one length, not {px.shape} and {py.shape}")
        out = np.empty(len(px), np.int32)

        def find(some: slice) -> None:
            find_many(
                px[some], py[some], out[some], self.x0, self.y0, self.kx, self.ky, self.rows, self.columns,
                self.lut, self.pool, self.words,
            )  # fmt: skip

        if threads <= 1 or len(px) <= CHUNK:
            find(slice(None))
            return out
        step = max(CHUNK, -(-len(px) // (threads * 4)))
        parts = [slice(i, i + step) for i in range(0, len(px), step)]
        with ThreadPoolExecutor(min(threads, len(parts))) as workers:
            list(workers.map(find, parts))  # the list makes an error of a worker surface here
        return out

    def locate_one(self, x: SupportsFloat, y: SupportsFloat) -> int:
        """Polygon of one point, or -1."""
        return find_one(  # type: ignore[no-any-return]
            float(x), float(y), self.x0, self.y0, self.kx, self.ky, self.rows, self.columns,
            self.lut, self.pool, self.words,
        )  # fmt: skip


def warm() -> None:
    """Compile every kernel, or load it from the disk cache, so that no later call has to wait for that."""
    # Two levels, so that the step between them is compiled as well.
    index = PointIndex.build([shapely.Point(0.0, 0.0).buffer(1.0, quad_segs=table.CROWDED)], cells=1)
    index.locate(np.zeros(1), np.zeros(1))
    index.locate_one(0.0, 0.0)


def _plain(values: npt.ArrayLike) -> Floats:
    """Contiguous, writeable float64: one array type, hence one compiled version of each kernel."""
    return np.require(values, np.float64, ["C", "W"])


def _read(geometries: npt.NDArray[np.object_]) -> tuple[raster.Edges, raster.Faces]:
    """Edges of all rings, and one face a polygon part, at the root level. The lattice is still unknown."""
    kinds = shapely.get_type_id(geometries)
    wrong = np.flatnonzero((kinds != shapely.GeometryType.POLYGON) & (kinds != shapely.GeometryType.MULTIPOLYGON))
    if len(wrong):
        first = geometries[wrong[0]]
        raise NotPolygonal(int(wrong[0]), "missing geometry" if first is None else first.geom_type)
    parts, polygon_of_part = shapely.get_parts(geometries, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    points, ring_of_point = shapely.get_coordinates(rings, return_index=True)
    same = ring_of_point[1:] == ring_of_point[:-1]
    part_of_edge = part_of_ring[ring_of_point[:-1][same]]
    bad = np.flatnonzero(~(np.abs(points) <= LARGEST).all(axis=1))
    if len(bad):
        raise CoordinateOutOfRange(int(polygon_of_part[part_of_ring[ring_of_point[bad[0]]]]))
    (xa, ya), (xb, yb) = points[:-1][same].T.copy(), points[1:][same].T.copy()
    count = len(parts)
    faces = raster.Faces(
        window=np.zeros(count, np.int32),
        polygon=polygon_of_part.astype(np.int32),
        parity=np.zeros(count, np.uint8),
        edge_end=np.searchsorted(part_of_edge, np.arange(count + 1)).astype(np.int64),
        edge=np.arange(len(xa), dtype=np.int32),
        mark_end=np.zeros(count + 1, np.int64),
        mark=np.empty(0, np.float64),
    )
    return raster.Edges(xa, ya, xb, yb, 0.0, 0.0, 0.0, 0.0), faces


def _shape(edges: raster.Edges, faces: raster.Faces, cells: int | None) -> tuple[int, int]:
    """Rows and columns of the root level: as many cells as building may visit, and of the shape that edges touch least
    (square where edges run in all directions, flat over a stack of strips)."""
    if cells is not None and cells < 1:
        raise ValueError(f"cells is at least 1, not {cells}")
    target = min(cells or max(256, CELLS_PER_EDGE * len(edges.xa)), MOST_CELLS)
    width, height = np.ptp(edges.xa), np.ptp(edges.ya)
    across = np.abs(edges.xb - edges.xa).sum() / (width or 1.0)
    down = np.abs(edges.yb - edges.ya).sum() / (height or 1.0)
    some = faces.edge_end[:-1] < faces.edge_end[1:]
    starts = faces.edge_end[:-1][some]
    wide = (np.maximum.reduceat(edges.xa, starts) - np.minimum.reduceat(edges.xa, starts)) / (width or 1.0)
    high = (np.maximum.reduceat(edges.ya, starts) - np.minimum.reduceat(edges.ya, starts)) / (height or 1.0)
    while True:
        columns = int(np.clip(round(np.sqrt(target * down / across)) if across > 0.0 else 1, 1, target))
        rows = max(1, target // columns)
        visits = table.TOUCH * (across * columns + down * rows) + ((wide * columns + 1) * (high * rows + 1)).sum()
        if visits <= table.ROOM or target == 1:
            return rows, columns
        target = max(1, target // 2)


def _lattice(edges: raster.Edges, rows: int, columns: int) -> raster.Edges:
    """Lay rows x columns cells over the edges, the last of them ending just beyond the largest coordinate."""
    x0, y0 = float(edges.xa.min()), float(edges.ya.min())
    with np.errstate(divide="ignore", over="ignore"):
        kx, ky = np.array([columns, rows]) * (1 - 1e-9) / np.array([np.ptp(edges.xa), np.ptp(edges.ya)])
    # An extent of nothing (a degenerate polygon): everything lies in the first row or column.
    kx, ky = (float(k) if np.isfinite(k) else 0.0 for k in (kx, ky))
    return edges._replace(x0=x0, y0=y0, kx=kx, ky=ky)
