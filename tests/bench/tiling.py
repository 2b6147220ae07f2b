"""A made city for benches and tests: jagged polygons that tile a rectangle exactly, and points clustered in it.

Owns: shapes and points from a seed. Does not own the demo city, which has names, levels and duties.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Polygons = npt.NDArray[np.object_]

BOUNDS = (117.0, 32.3, 117.6, 32.8)  # degrees: about 56 km x 56 km
STEPS = 10  # edges a side of a polygon


def jagged_tiling(
    rng: np.random.Generator, columns: int, rows: int, *, steps: int = STEPS, bounds: tuple[float, ...] = BOUNDS
) -> Polygons:
    """columns x rows polygons of 4 * steps vertices; neighbours share every vertex of their common side."""
    x0, y0, x1, y1 = bounds
    size = np.array([(x1 - x0) / columns, (y1 - y0) / rows])
    corner = np.stack(np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0), indexing="ij"), axis=-1)
    shift = rng.uniform(-0.22, 0.22, corner.shape)
    shift[[0, -1], :, 0] = 0.0
    shift[:, [0, -1], 1] = 0.0
    corner = (corner + shift) * size + [x0, y0]
    sway = 0.08 * float(size.min())
    along = _sides(rng, corner[:-1], corner[1:], sway, steps)  # [columns, rows + 1, steps + 1, 2]
    upward = _sides(rng, corner[:, :-1], corner[:, 1:], sway, steps)  # [columns + 1, rows, steps + 1, 2]
    rings = np.concatenate(
        [along[:, :-1, :-1], upward[1:, :, :-1], along[:, 1:, :0:-1], upward[:-1, :, ::-1]], axis=2
    )  # fmt: skip
    return np.asarray(shapely.polygons(rings.reshape(columns * rows, 4 * steps + 1, 2)))


def _sides(rng: np.random.Generator, start: Floats, end: Floats, sway: float, steps: int) -> Floats:
    """Broken lines from start to end, as both neighbours have them, less jagged towards their ends so that two never
    cross; sides on the city's border stay straight."""
    t = np.linspace(0.0, 1.0, steps + 1)[:, None]
    line = start[..., None, :] * (1 - t) + end[..., None, :] * t
    way = end - start
    normal = np.stack([-way[..., 1], way[..., 0]], axis=-1) / np.linalg.norm(way, axis=-1)[..., None]
    jag = rng.uniform(-sway, sway, (*line.shape[:-1], 1)) * 4 * t * (1 - t)
    straight = (way == 0.0).any(axis=-1)
    jag[straight] = 0.0
    line += normal[..., None, :] * jag
    line[..., 0, :], line[..., -1, :] = start, end
    return line


def clustered_points(
    rng: np.random.Generator, n: int, *, outside: float = 0.005, bounds: tuple[float, ...] = BOUNDS
) -> Floats:
    """n x 2 points: four fifths around 200 centres of uneven weight, the rest anywhere; `outside`: share beyond it."""
    low, size = np.array(bounds[:2]), np.array(bounds[2:]) - np.array(bounds[:2])
    centres = 200
    centre = rng.uniform(0.03, 0.97, (centres, 2))
    spread = rng.lognormal(np.log(0.012), 0.6, centres)
    weight = rng.pareto(1.2, centres) + 0.1
    chosen = rng.choice(centres, n, p=weight / weight.sum())
    points = centre[chosen] + rng.normal(size=(n, 2)) * spread[chosen][:, None]
    anywhere = (rng.random(n) < 0.2) | (points <= 0.0).any(axis=1) | (points >= 1.0).any(axis=1)
    points[anywhere] = rng.uniform(0.0, 1.0, (int(anywhere.sum()), 2))
    away = rng.choice(n, round(n * outside), replace=False)
    points[away, 0] += 1.2
    return np.asarray(np.round(low + points * size, 7))


def border_points(rng: np.random.Generator, polygons: Polygons, n: int) -> Floats:
    """About n x 2 points that are hard to place: vertices, edge midpoints, points on edges as well as doubles allow,
    and the neighbours of vertices one ulp away in each direction."""
    vertex, ring = shapely.get_coordinates(polygons, return_index=True)
    same = np.flatnonzero(ring[1:] == ring[:-1])
    chosen = same[rng.choice(len(same), n // 7, replace=len(same) < n // 7)]
    a, b = vertex[chosen], vertex[chosen + 1]
    t = rng.random((len(chosen), 1))
    up, down = np.nextafter(a, np.inf), np.nextafter(a, -np.inf)
    mixed = np.stack([up[:, 0], down[:, 1]], axis=1)
    return np.vstack([a, (a + b) / 2, a * t + b * (1 - t), b * t + a * (1 - t), up, down, mixed])
