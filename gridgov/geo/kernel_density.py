"""How dense points lie around every place: kernel density in metres, on a raster, and as bands of equal density.

Owns the kernels, a rule for how wide they are, the sum itself and its bands. Does not own what is counted nor any
projection: coordinates are metres of one. Pure numbers.

The sum is exact at the middle of every raster cell: each point adds its kernel to all cells that the kernel reaches, so
that nothing depends on where cells begin. Nothing is made up for at the edge of what is known: near it density is too
low, as with any kernel. Sources: Silverman 1986, "Density estimation", 4.2-4.3 (the quartic kernel is (4.5) with power
2; the rule of width is (4.14) in two dimensions, where Scott 1992, (6.42), says the same).
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.geo.compiled import kernel as compiled

MOST_CELLS = 4_000_000
CELLS_A_BANDWIDTH = 6
SIGMAS = 5.0  # a Gaussian is cut there; 4 in a million lie beyond
LEAST_BANDWIDTH_M = 100.0  # of the rule; who wants less says so
SPREAD = math.sqrt(8.0)  # a quartic of this radius spreads like a Gaussian of 1
THREADS = 2

Floats = NDArray[np.float64]


class Kernel(StrEnum):
    """quartic: 3/(pi h^2) (1 - d^2/h^2)^2 up to d = h, nothing beyond. gaussian: 1/(2 pi h^2) exp(-d^2 / 2h^2)."""

    QUARTIC = "quartic"
    GAUSSIAN = "gaussian"

    def reach_m(self, bandwidth_m: float) -> float:
        """As far as one point is felt."""
        return bandwidth_m if self is Kernel.QUARTIC else SIGMAS * bandwidth_m


class TooFine(ValueError):
    """So narrow a kernel over so wide a ground takes more raster cells than there may be."""


@dataclass(frozen=True, eq=False)
class Surface:
    """`per_km2`: float64[rows, columns], density at cell middles; cell [0, 0] has its middle at (`x_m`, `y_m`), rows go
    north, columns east, `cell_m` apart."""

    per_km2: Floats
    x_m: float
    y_m: float
    cell_m: float
    kernel: Kernel
    bandwidth_m: float

    @property
    def mass(self) -> float:
        """The points that the surface speaks of: close to their number, less what lies beyond its edge."""
        return float(self.per_km2.sum()) * self.cell_m**2 / 1e6


def rule_of_thumb_m(x_m: Floats, y_m: Floats, n: Floats, kernel: Kernel) -> float:
    """A width that suits n points in one cluster: s · N^(-1/6) for a Gaussian, sqrt(8) times that for a quartic (the
    same variance); s is the lesser of the standard deviation along an axis and the median distance from the mean
    centre / 1.1774, which few far points do not move. At least 100 m. A city of many clusters bears a narrower one.

    `n`: how many points lie at each (x, y); float64[m] all three.
    """
    total = float(n.sum())
    if total <= 0:
        return LEAST_BANDWIDTH_M
    dx, dy = x_m - np.average(x_m, weights=n), y_m - np.average(y_m, weights=n)
    spread = math.sqrt(float(np.average(dx**2 + dy**2, weights=n)) / 2)
    far = np.hypot(dx, dy)
    order = np.argsort(far)
    median = float(far[order][np.searchsorted(np.cumsum(n[order]), total / 2)])
    width = min(spread, median / 1.1774) * total ** (-1 / 6)
    return max(float(width) * (SPREAD if kernel is Kernel.QUARTIC else 1.0), LEAST_BANDWIDTH_M)


def least_bandwidth_m(box_m: tuple[float, float, float, float]) -> float:
    """The narrowest kernel that a ground (west, south, east, north in metres) can be drawn with."""
    width, height = box_m[2] - box_m[0], box_m[3] - box_m[1]
    return CELLS_A_BANDWIDTH * math.sqrt(max(width * height, 1.0) / MOST_CELLS)


def surface(
    x_m: Floats,
    y_m: Floats,
    n: Floats,
    box_m: tuple[float, float, float, float],
    *,
    kernel: Kernel,
    bandwidth_m: float,
) -> Surface:
    """Density per km2 over a box (west, south, east, north in metres). Six raster cells a bandwidth.

    `n`: how many points lie at each (x, y); float64[m] all three; those outside the box are felt inside.
    Raises TooFine.
    """
    cell_m = bandwidth_m / CELLS_A_BANDWIDTH
    columns = math.ceil((box_m[2] - box_m[0]) / cell_m) + 1
    rows = math.ceil((box_m[3] - box_m[1]) / cell_m) + 1
    if columns * rows > 1.1 * MOST_CELLS:
        raise TooFine(f"{columns} x {rows} cells of {cell_m:.0f} m")
    parts = [slice(i, None, THREADS) for i in range(THREADS)]
    outs = [np.zeros((rows, columns)) for _ in parts]

    def add(part: slice, out: Floats) -> None:
        _add(
            x_m[part], y_m[part], n[part], box_m[0], box_m[1], cell_m, bandwidth_m, kernel.reach_m(bandwidth_m),
            kernel is Kernel.GAUSSIAN, out,
        )  # fmt: skip

    with ThreadPoolExecutor(THREADS, "density") as pool:
        list(pool.map(add, parts, outs))
    total = np.sum(outs, axis=0) * 1e6
    return Surface(total, box_m[0], box_m[1], cell_m, kernel, bandwidth_m)


def levels(peak: float, most: int) -> list[float]:
    """At most so many round numbers (1, 2, 5, 10, …) below the peak, rising: where bands begin."""
    if not peak > 0:
        return []
    power = math.floor(math.log10(peak))
    steps = [digit * 10.0**at for at in range(power - most, power + 1) for digit in (1, 2, 5)]
    return [step for step in steps if step < peak][-most:]


def bands(found: Surface, edges: list[float]) -> list[shapely.MultiPolygon]:
    """For each edge, where density lies between it and the next (the last: above it), in metres; may be empty.

    By straight lines between cell middles (contourpy, marching squares).
    """
    x = found.x_m + found.cell_m * np.arange(found.per_km2.shape[1])
    y = found.y_m + found.cell_m * np.arange(found.per_km2.shape[0])
    drawn = contourpy.contour_generator(x, y, found.per_km2, fill_type=contourpy.FillType.OuterOffset)
    above = 2 * float(found.per_km2.max()) + 1
    shapes = []
    for low, high in pairwise([*edges, above] if edges else []):
        rings = list(zip(*drawn.filled(low, high), strict=True))
        polygons = [_polygon(np.asarray(ring), np.asarray(at)) for ring, at in rings]
        shapes.append(shapely.MultiPolygon([one for one in polygons if not one.is_empty and one.area > 0]))
    return shapes


def _polygon(points: Floats, offsets: NDArray[np.uint32]) -> shapely.Polygon:
    rings = [points[a:b] for a, b in pairwise(offsets.tolist())]
    return shapely.Polygon(rings[0], rings[1:])


@compiled
def _add(
    x: Floats, y: Floats, n: Floats, x0: float, y0: float, cell: float, h: float, reach: float, gaussian: bool,
    out: Floats,
) -> None:  # fmt: skip
    """Adds each point's kernel (per m2) to the middles of the cells that it reaches."""
    rows, columns = out.shape
    scale = 1 / (2 * np.pi * h * h) if gaussian else 3 / (np.pi * h * h)
    along = np.empty(columns)
    for i in range(len(x)):
        first = max(0, int(np.ceil((x[i] - reach - x0) / cell)))
        last = min(columns - 1, int(np.floor((x[i] + reach - x0) / cell)))
        for c in range(first, last + 1):
            d = (x0 + c * cell - x[i]) / h
            along[c] = np.exp(-d * d / 2) if gaussian else d * d
        low = max(0, int(np.ceil((y[i] - reach - y0) / cell)))
        high = min(rows - 1, int(np.floor((y[i] + reach - y0) / cell)))
        for r in range(low, high + 1):
            d = (y0 + r * cell - y[i]) / h
            if gaussian:
                across = scale * n[i] * np.exp(-d * d / 2)
                for c in range(first, last + 1):
                    out[r, c] += across * along[c]
            else:
                for c in range(first, last + 1):
                    rest = 1 - d * d - along[c]
                    if rest > 0:
                        out[r, c] += scale * n[i] * rest * rest
