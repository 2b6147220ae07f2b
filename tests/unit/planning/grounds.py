"""Grounds to draw on, made from a seed: jittered rectangles between streets, some of them joined to larger ones."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Polygon

from gridgov.geo.atoms.forms import Atoms
from gridgov.geo.crs import Projection
from gridgov.geo.partition.graph import AtomGraph
from gridgov.planning.ground import Ground
from gridgov.planning.rules import GridDraft, Sheet

WEST_M, SOUTH_M = 500_000.0, 4_400_000.0
STEP_M = 30.0
BLOCK = 4  # atoms between two streets


def ground(
    columns: int = 16,
    rows: int = 12,
    *,
    seed: int = 1,
    joined: float = 0.1,
    households: NDArray[np.integer] | None = None,
    groups: dict[int, str] | None = None,
) -> Ground:
    """A community of about columns × rows atoms; a share `joined` of the places is joined with the next one."""
    rng = np.random.default_rng(seed)
    at = _corners(columns, rows, rng)
    place = np.arange(columns * rows).reshape(rows, columns)
    for row in range(rows):
        for column in range(columns - 1):
            lone = place[row, column] == row * columns + column
            if rng.random() < joined and lone and column % BLOCK != BLOCK - 1:
                place[row, column + 1] = place[row, column]
    kept, atom = np.unique(place, return_inverse=True)
    atom = atom.reshape(rows, columns)
    cells = _cells(at)
    shapes: NDArray[np.object_] = np.empty(len(kept), dtype=np.object_)
    shapes[:] = [shapely.coverage_union_all(cells[atom == one].tolist()) for one in range(len(kept))]
    block = np.array([_block(*np.argwhere(atom == one)[0]) for one in range(len(kept))])
    n = len(kept)
    if households is None:
        households = rng.choice([0, 0, 1, 4, 8, 12, 24, 48], n)
    names = tuple((groups or {}).get(one, "") for one in range(n))
    return _ground(shapes, block, np.asarray(households), names, _streets(at))


def _corners(columns: int, rows: int, rng: np.random.Generator) -> NDArray[np.float64]:
    x, y = np.meshgrid(np.arange(columns + 1) * STEP_M, np.arange(rows + 1) * STEP_M)
    at = np.stack([WEST_M + x, SOUTH_M + y], axis=2)
    jitter = rng.uniform(-0.25, 0.25, at.shape) * STEP_M
    jitter[[0, -1], :, 1] = 0
    jitter[:, [0, -1], 0] = 0
    jitter[[0, 0, -1, -1], [0, -1, 0, -1]] = 0
    return np.round(at + jitter, 2)


def _cells(at: NDArray[np.float64]) -> NDArray[np.object_]:
    rings = np.stack([at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1], at[:-1, :-1]], axis=2)
    flat = rings.reshape(-1, 5, 2)
    return np.array([Polygon(ring) for ring in flat], dtype=object).reshape(rings.shape[:2])


def _streets(at: NDArray[np.float64]) -> NDArray[np.object_]:
    along = [LineString(at[row]) for row in range(BLOCK, len(at) - 1, BLOCK)]
    across = [LineString(at[:, column]) for column in range(BLOCK, at.shape[1] - 1, BLOCK)]
    return np.array([*along, *across], dtype=object)


def _block(row: int, column: int) -> int:
    return int(row // BLOCK) * 1000 + int(column // BLOCK)


def _ground(
    shapes: NDArray[np.object_],
    block: NDArray[np.integer],
    households: NDArray[np.integer],
    groups: tuple[str, ...],
    streets: NDArray[np.object_],
) -> Ground:
    a, b, shared = borders(shapes)
    graph = AtomGraph.of_edges(
        a, b, shared, block[a] != block[b], np.zeros(len(a), dtype=bool),
        households=households, block=block, area_m2=shapely.area(shapes), perimeter_m=shapely.length(shapes),
    )  # fmt: skip
    n, outline = len(shapes), shapely.coverage_union_all(shapes.tolist())
    assert isinstance(outline, Polygon | MultiPolygon)
    return Ground(
        basis_id=1, count_id=1, community_id=1, counted_on=date(2026, 1, 1), projection=Projection(32650), graph=graph,
        shapes=shapes, labels=shapely.point_on_surface(shapes), keys=tuple(f"a{one}" for one in range(n)),
        kinds=("given",) * n, groups=groups, building_ids=(None,) * n,
        outline=outline, streets=streets,
    )  # fmt: skip


def of_atoms(atoms: Atoms, households: NDArray[np.integer], streets: NDArray[np.object_]) -> Ground:
    """Atoms as they are made of streets and buildings; `streets` in metres."""
    edges, shapes = atoms.edges, atoms.shapes.copy()
    single = shapely.get_num_geometries(shapes) == 1
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    graph = AtomGraph.of_edges(
        edges.a, edges.b, edges.shared_m, edges.on_street, edges.bridge, households=households, block=atoms.blocks,
        area_m2=shapely.area(shapes), perimeter_m=shapely.length(shapes),
    )  # fmt: skip
    return Ground(
        basis_id=1, count_id=1, community_id=1, counted_on=date(2026, 1, 1), projection=atoms.projection, graph=graph,
        shapes=shapes, labels=atoms.labels, keys=atoms.keys, kinds=atoms.kinds, groups=atoms.groups,
        building_ids=atoms.building_ids, outline=atoms.outline, streets=streets,
    )  # fmt: skip


def borders(shapes: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """(a, b, metres) of every border between two shapes of a valid coverage, found from their segments."""
    found: dict[tuple[bytes, bytes], int] = {}
    shared: dict[tuple[int, int], float] = {}
    for number, shape in enumerate(shapes):
        for ring in [shape.exterior, *shape.interiors]:
            points = shapely.get_coordinates(ring)
            for one, other in pairwise(points):
                ends = sorted([one.tobytes(), other.tobytes()])
                key = (ends[0], ends[1])
                if key in found:
                    pair = (found[key], number)
                    shared[pair] = shared.get(pair, 0.0) + float(np.hypot(*(one - other)))
                else:
                    found[key] = number
    pairs = np.array(sorted(shared), dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1], np.array([shared[int(one), int(other)] for one, other in pairs])


def bands(of: Ground, grids: int) -> Sheet:
    """A sheet of contiguous grids 1 … `grids`, grown side by side over the ground from evenly spread atoms."""
    n = len(of)
    assignment = np.full(n, -1, dtype=np.int32)
    queue = [int(one) for one in np.linspace(0, n - 1, grids)]
    for number, atom in enumerate(queue, start=1):
        assignment[atom] = number
    while queue:
        atom = queue.pop(0)
        for other in of.graph.indices[of.graph.indptr[atom] : of.graph.indptr[atom + 1]].tolist():
            if assignment[other] < 0:
                assignment[other] = assignment[atom]
                queue.append(other)
    return Sheet(assignment, {number: GridDraft(number) for number in range(1, grids + 1)})
