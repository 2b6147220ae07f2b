"""Web-mercator tiles and the quadkeys of `incidents.quad25`. Pure.

A quadkey is the Z-order number of a cell (`geo.zorder`), so that a tile of zoom z is one contiguous range of the keys
of any finer zoom. Source: OGC Two Dimensional Tile Matrix Set 2.0, WebMercatorQuad.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from gridgov.geo.zorder import KEY_ZOOM, cell_of, interleave

__all__ = ["EARTH_M", "KEY_ZOOM", "MAX_ZOOM", "TILE_PX", "TileAddress", "centre_of", "interleave", "tile_of"]

MAX_ZOOM = 22
EARTH_M = 40_075_016.68557849
TILE_PX = 512


@dataclass(frozen=True, slots=True)
class TileAddress:
    """A tile of the XYZ scheme: x to the east, y to the south."""

    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        return 0 <= self.z <= MAX_ZOOM and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z

    def bounds(self, margin: float = 0.0) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees; `margin` is a fraction of the tile's side added on every side."""
        n = 1 << self.z
        north, south = (_latitude((self.y + edge) / n) for edge in (-margin, 1 + margin))
        return (self.x - margin) / n * 360 - 180, south, (self.x + 1 + margin) / n * 360 - 180, north

    def key_range(self) -> tuple[int, int]:
        """The keys of zoom 25 in this tile: first, and one past the last."""
        key, shift = interleave(self.x, self.y), 2 * (KEY_ZOOM - self.z)
        return key << shift, (key + 1) << shift

    @property
    def metres_per_px(self) -> float:
        """Metres on the ground of one pixel at the middle of the tile, drawn with 512 pixels a side."""
        latitude = _latitude((self.y + 0.5) / (1 << self.z))
        return EARTH_M * math.cos(math.radians(latitude)) / (TILE_PX << self.z)


def tile_of(lon: float, lat: float, z: int) -> TileAddress:
    """The tile of zoom z that holds a point in EPSG:4326."""
    return TileAddress(z, *cell_of(lon, lat, z))


def centre_of(key: int, zoom: int) -> tuple[float, float]:
    """Longitude and latitude of the middle of the cell with this Z-order number."""
    x = sum((key >> 2 * bit & 1) << bit for bit in range(zoom))
    y = sum((key >> 2 * bit + 1 & 1) << bit for bit in range(zoom))
    n = 1 << zoom
    return (x + 0.5) / n * 360 - 180, _latitude((y + 0.5) / n)


def _latitude(y: float) -> float:
    """Latitude of a height from 0 (north edge of the map) to 1 (south edge)."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y))))
