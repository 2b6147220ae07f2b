"""Kernel density of incidents over the city's ground, as bands that a map can draw.

Owns which incidents it speaks of, how wide its kernel is where nobody says, and its bands in degrees. Does not own the
sum (`geo.kernel_density`). Incidents are taken at the middle of map cells of at most a twelfth of the bandwidth, so
that the work follows how many places there are and not how many incidents; this moves the peaks by less than 1 %.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gridgov.analytics.quad import EARTH_M, KEY_ZOOM, TileAddress, tile_of
from gridgov.analytics.queries import tiles as queries
from gridgov.analytics.rules import Filter
from gridgov.analytics.store import bins
from gridgov.analytics.store.chosen import chosen, whole_seconds
from gridgov.analytics.store.view import View
from gridgov.geo import kernel_density
from gridgov.geo.crs import Projection
from gridgov.geo.kernel_density import Kernel
from gridgov.platform.errors import BadInput

CELLS_A_BANDWIDTH = 12
COARSE_ZOOM = 17  # what the rule of width is told of
TILE_BITS = 8  # of map cells counted at once
MOST_BANDWIDTH_M = 20_000.0
MOST_BANDS = 12
MOST_ACROSS_M = 1_000_000.0
DIGITS = 6  # of degrees: 0.1 m

Box = tuple[float, float, float, float]
Floats = NDArray[np.float64]


class BadBandwidth(BadInput):
    """The kernel is too narrow for so wide a ground, or wider than any city."""

    code = "bad-bandwidth"


class BadGround(BadInput):
    """A box that is no part of any city."""

    code = "bad-ground"


class Rule(StrEnum):
    """Where a bandwidth comes from: it was given; it follows from how incidents are spread (`geo.kernel_density`); or
    it is the narrowest for so wide a ground."""

    GIVEN = "given"
    SPREAD = "spread"
    LEAST = "least"


@dataclass(frozen=True, eq=False)
class Ground:
    """Where: a box in degrees, the city's metres, and the outline to cut bands at (degrees; None: not cut)."""

    box: Box
    projection: Projection
    outline: shapely.Geometry | None = None

    @property
    def box_m(self) -> Box:
        """The box that holds it in metres. Raises `BadGround` beyond a thousand kilometres."""
        around = self.projection.geometry(shapely.segmentize(shapely.box(*self.box), 0.1))
        west, south, east, north = around.bounds
        if not max(east - west, north - south) <= MOST_ACROSS_M:  # also where the projection has no answer
            raise BadGround(
                "This box is larger than any city.", field="bbox", remedy="Give a box around the city, or leave it out."
            )
        return west, south, east, north


@dataclass(frozen=True, eq=False)
class Band:
    """Where density lies from `low` up to `high` incidents per km2 (None: the highest), in degrees."""

    low: float
    high: float | None
    shape: shapely.MultiPolygon


@dataclass(frozen=True, eq=False)
class Told:
    """`total`: incidents of the box; those within the kernel's reach beyond it are felt, too."""

    kernel: Kernel
    bandwidth_m: float
    rule: Rule
    cell_m: float
    total: int
    peak_per_km2: float
    bands: tuple[Band, ...]


def surface(
    session: Session,
    view: View,
    wanted: Filter,
    ground: Ground,
    *,
    kernel: Kernel = Kernel.QUARTIC,
    bandwidth_m: float | None = None,
    most_bands: int = 7,
) -> Told:
    """Kernel density of the filter's incidents. Raises `BadBandwidth`, `BadGround`."""
    box_m = ground.box_m
    width_m, rule = _width(session, view, wanted, ground, box_m, kernel, bandwidth_m)
    reach_m = kernel.reach_m(width_m)
    x_m, y_m, n = _points(session, view, wanted, ground, _zoom(ground.box, width_m), margin_m=reach_m)
    found = kernel_density.surface(x_m, y_m, n, box_m, kernel=kernel, bandwidth_m=width_m)
    peak = float(found.per_km2.max())
    edges = kernel_density.levels(peak, most_bands)
    shapes = [_drawn(shape, ground) for shape in kernel_density.bands(found, edges)]
    ends = [*edges[1:], None][: len(edges)]
    bands = tuple(Band(*one) for one in zip(edges, ends, shapes, strict=True) if not one[2].is_empty)
    total = _within(x_m, y_m, n, box_m)
    return Told(kernel, width_m, rule, found.cell_m, total, peak, bands)


def _within(x_m: Floats, y_m: Floats, n: Floats, box_m: Box) -> int:
    west, south, east, north = box_m
    return int(n[(x_m >= west) & (x_m <= east) & (y_m >= south) & (y_m <= north)].sum())


def _width(
    session: Session, view: View, wanted: Filter, ground: Ground, box_m: Box, kernel: Kernel, given_m: float | None
) -> tuple[float, Rule]:
    least_m = kernel_density.least_bandwidth_m(box_m)
    if given_m is None:
        x_m, y_m, n = _points(session, view, wanted, ground, COARSE_ZOOM, margin_m=0.0)
        width_m = min(kernel_density.rule_of_thumb_m(x_m, y_m, n, kernel), MOST_BANDWIDTH_M)
        return (width_m, Rule.SPREAD) if width_m >= least_m else (least_m, Rule.LEAST)
    if not least_m <= given_m <= MOST_BANDWIDTH_M:
        raise BadBandwidth(
            f"A bandwidth of {given_m:g} m cannot be drawn over this ground.",
            field="bandwidth_m",
            remedy=f"Give {math.ceil(least_m)} to {MOST_BANDWIDTH_M:.0f} metres, or a smaller box (bbox).",
        )
    return given_m, Rule.GIVEN


def _zoom(box: Box, width_m: float) -> int:
    """Of map cells that are at most a twelfth of the bandwidth wide."""
    across_m = EARTH_M * math.cos(math.radians((box[1] + box[3]) / 2))
    zoom = math.ceil(math.log2(across_m * CELLS_A_BANDWIDTH / width_m))
    return min(max(zoom, TILE_BITS), KEY_ZOOM)


def _points(
    session: Session, view: View, wanted: Filter, ground: Ground, zoom: int, *, margin_m: float
) -> tuple[Floats, Floats, Floats]:
    """(x, y, incidents) of the map cells of a zoom that have any, in metres, as far as a margin around the box."""
    found = [_cells(session, view, wanted, tile, zoom) for tile in _tiles(ground.box, zoom - TILE_BITS, margin_m)]
    keys = np.concatenate([np.zeros(0, np.int64), *(cells for cells, _ in found)])
    counts = np.concatenate([np.zeros(0, np.int64), *(n for _, n in found)])
    x_m, y_m = ground.projection.forward(*_middles(keys, zoom))
    return np.atleast_1d(x_m), np.atleast_1d(y_m), counts.astype(np.float64)


def _cells(
    session: Session, view: View, wanted: Filter, tile: TileAddress, zoom: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if whole_seconds(wanted):
        return bins.cells(view, chosen(view, wanted), tile, zoom)
    counted = queries.cells(session, tile, wanted, zoom)
    return np.array(list(counted), dtype=np.int64), np.array(list(counted.values()), dtype=np.int64)


def _tiles(box: Box, zoom: int, margin_m: float) -> Iterator[TileAddress]:
    """Tiles that touch a box with a margin around it."""
    west, south, east, north = box
    tall = math.degrees(margin_m / 6_371_000)
    wide = tall / max(math.cos(math.radians(max(abs(south), abs(north)))), 0.01)
    first = tile_of(west - wide, min(north + tall, 89.9), zoom)
    last = tile_of(east + wide, max(south - tall, -89.9), zoom)
    for x in range(first.x, last.x + 1):
        for y in range(first.y, last.y + 1):
            yield TileAddress(zoom, x, y)


def _middles(keys: NDArray[np.int64], zoom: int) -> tuple[Floats, Floats]:
    """Longitude and latitude of the middles of map cells (as `quad.centre_of`, for many)."""
    x, y = np.zeros_like(keys), np.zeros_like(keys)
    for bit in range(zoom):
        x |= (keys >> 2 * bit & 1) << bit
        y |= (keys >> 2 * bit + 1 & 1) << bit
    n = float(1 << zoom)
    lon = np.asarray((x + 0.5) / n * 360 - 180, dtype=np.float64)
    lat = np.asarray(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (y + 0.5) / n)))), dtype=np.float64)
    return lon, lat


def _drawn(shape_m: shapely.MultiPolygon, ground: Ground) -> shapely.MultiPolygon:
    shape = ground.projection.geometry_deg(shape_m)
    if ground.outline is not None:
        shape = shapely.intersection(shapely.make_valid(shape), ground.outline)
    rounded = shapely.transform(shape, lambda points: np.round(points, DIGITS))
    parts: list[Any] = [part for part in shapely.get_parts(rounded) if isinstance(part, shapely.Polygon)]
    return shapely.MultiPolygon(parts)
