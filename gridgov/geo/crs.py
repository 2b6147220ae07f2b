"""Datums, metre projections and the sanity of a coordinate.

Owns: WGS-84, CGCS2000, GCJ-02 and BD-09; the metre projection of a city; what makes a coordinate impossible.
Does not own: what is stored (the reported point is kept beside the converted one by whoever stores it), nor files' CRS.

All coordinates are longitude, latitude in degrees. CGCS2000 is taken as equal to WGS-84 (they differ by decimetres).

**GCJ-02 and BD-09** have no published definition: the constants are those of eviltransform's and coordtransform's test
vectors. (eviltransform's own BD-09 writes sin(pi y) for sin(3000/180 pi y), up to 92 m wrong over China; not here.)
Both are written as `wgs + weight(wgs) * shift(wgs)`, where `weight` is 1 in mainland China and 0 outside:

* The outline (`mainland`) errs outwards by 5 to 30 km; beyond it the weight falls to 0 within 0.1 degree (10 km).
* Inside Hong Kong, Macao, Kinmen, Matsu and Wuqiu it falls to 0 within 0.9 km (GCJ-02) or 2 km (BD-09) of the line.
  No narrower: a jump, or a steeper slope, would send two places to one, and no inverse could tell them apart.

So the forward is continuous and one-to-one, and the inverse, a fixed-point iteration on it, returns to within 1e-11
degree everywhere, borders included. The usual rectangle (72.004-137.8347 E, 0.8293-55.8271 N) shifts half of Asia.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, overload

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Geod, Transformer

from gridgov.geo import mainland

Floats = NDArray[np.float64]
Bbox = tuple[float, float, float, float]  # west, south, east, north

GCJ_A_M = 6378245.0  # Krasovsky 1940
GCJ_EE = 0.00669342162296594323
BD_PI = math.pi * 3000.0 / 180.0
OUTER_BAND_DEG = 0.1
STEP_DEG = 1e-13  # a hundredth of a micrometre: the iteration has arrived
MAX_STEPS = 400


class Datum(StrEnum):
    """How a longitude and a latitude are to be read."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


# How far inside a place that keeps plain WGS-84 the shift fades out: 1.35 and 1.5 times the longest shift there.
INNER_BAND_DEG = {Datum.GCJ02: 0.008, Datum.BD09: 0.018}


class UnknownDatum(ValueError):
    """Not one of `Datum`."""


class BadProjection(ValueError):
    """The EPSG code is unknown, or is no projection in metres."""


class CoordinateFault(StrEnum):
    """Why a pair of numbers is no place."""

    NAN = "nan"
    OUT_OF_RANGE = "out_of_range"
    ZERO_ZERO = "zero_zero"
    LOOKS_SWAPPED = "looks_swapped"


class BadCoordinate(ValueError):
    """`reason` is the machine's word for it, `lon` and `lat` what was given."""

    def __init__(self, reason: CoordinateFault, lon: float, lat: float) -> None:
        super().__init__(f"longitude {lon!r}, latitude {lat!r}: {reason.value.replace('_', ' ')}")
        self.reason, self.lon, self.lat = reason, lon, lat


# ------------------------------------------------------------------------------------------------------------- datums


@overload
def to_wgs84(lon: float, lat: float, datum: Datum | str) -> tuple[float, float]: ...
@overload
def to_wgs84(
    lon: Floats | Sequence[float], lat: Floats | Sequence[float], datum: Datum | str
) -> tuple[Floats, Floats]: ...
def to_wgs84(lon: Any, lat: Any, datum: Datum | str) -> tuple[Any, Any]:
    """Degrees in `datum` -> degrees in WGS-84; numbers give numbers, arrays give float64 arrays. NaN stays NaN.

    The exact inverse of `from_wgs84` (within 1e-11 degree, a micrometre). Raises UnknownDatum.
    """
    return _convert(lon, lat, datum, _inverse)


@overload
def from_wgs84(lon: float, lat: float, datum: Datum | str) -> tuple[float, float]: ...
@overload
def from_wgs84(
    lon: Floats | Sequence[float], lat: Floats | Sequence[float], datum: Datum | str
) -> tuple[Floats, Floats]: ...
def from_wgs84(lon: Any, lat: Any, datum: Datum | str) -> tuple[Any, Any]:
    """Degrees in WGS-84 -> degrees in `datum`; numbers give numbers, arrays give float64 arrays. NaN stays NaN.

    Within 0.75 m of what the map providers answer (83 cities). Raises UnknownDatum.
    """
    return _convert(lon, lat, datum, _forward)


def _convert(lon: Any, lat: Any, datum: Datum | str, how: Any) -> tuple[Any, Any]:
    try:
        kind = Datum(datum)
    except ValueError:
        raise UnknownDatum(f"{datum!r} is not one of {', '.join(Datum)}") from None
    x, y = np.broadcast_arrays(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    ox, oy = x.ravel().copy(), y.ravel().copy()
    if kind in INNER_BAND_DEG:
        ox, oy = how(ox, oy, kind)
    if x.ndim == 0:
        return float(ox[0]), float(oy[0])
    return ox.reshape(x.shape), oy.reshape(x.shape)


def _forward(lon: Floats, lat: Floats, datum: Datum) -> tuple[Floats, Floats]:
    weight = _weight(lon, lat, INNER_BAND_DEG[datum])
    at = np.flatnonzero(weight)
    dlon, dlat = _shift(lon[at], lat[at], datum)
    lon[at] += weight[at] * dlon
    lat[at] += weight[at] * dlat
    return lon, lat


def _inverse(lon: Floats, lat: Floats, datum: Datum) -> tuple[Floats, Floats]:
    """p = q - weight(p) shift(p), iterated; a contraction, because every band is longer than the longest shift."""
    shapes = _shapes()
    at = np.flatnonzero(shapely.contains_xy(shapes.reach, lon, lat))
    deep = shapely.contains_xy(shapes.deep, lon[at], lat[at])  # nowhere near a border: the weight stays 1
    for plain, rows in ((True, at[deep]), (False, at[~deep])):
        qx, qy = lon[rows], lat[rows]
        px, py = qx.copy(), qy.copy()
        active = np.arange(len(rows))
        for _ in range(MAX_STEPS):
            if not len(active):
                break
            x, y = px[active], py[active]
            weight = 1.0 if plain else _weight(x, y, INNER_BAND_DEG[datum])
            dx, dy = _shift(x, y, datum)
            px[active] = nx = qx[active] - weight * dx
            py[active] = ny = qy[active] - weight * dy
            active = active[(np.abs(nx - x) > STEP_DEG) | (np.abs(ny - y) > STEP_DEG)]
        lon[rows], lat[rows] = px, py
    return lon, lat


def _shift(lon: Floats, lat: Floats, datum: Datum) -> tuple[Floats, Floats]:
    dlon, dlat = _gcj_shift(lon, lat)
    if datum is Datum.GCJ02:
        return dlon, dlat
    x, y = lon + dlon, lat + dlat
    r = np.hypot(x, y) + 0.00002 * np.sin(y * BD_PI)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * BD_PI)
    return r * np.cos(angle) + 0.0065 - lon, r * np.sin(angle) + 0.006 - lat


def _gcj_shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y, pi = lon - 105.0, lat - 35.0, math.pi
    root = np.sqrt(np.abs(x))
    wave = 20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m += (wave + 20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north_m += (160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y / 30.0 * pi)) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east_m += (wave + 20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east_m += (150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    flat = 1.0 - GCJ_EE * np.sin(phi) ** 2
    half = np.sqrt(flat)
    return (
        np.degrees(east_m / (GCJ_A_M / half * np.cos(phi))),
        np.degrees(north_m / (GCJ_A_M * (1.0 - GCJ_EE) / (flat * half))),
    )


def _weight(lon: Floats, lat: Floats, inner_band_deg: float) -> Floats:
    """1 where the shift applies in full, 0 where not at all, in between in the bands described at the top."""
    shapes = _shapes()
    weight = shapely.contains_xy(shapes.outline, lon, lat).astype(np.float64)
    near = np.flatnonzero((weight == 0.0) & shapely.contains_xy(shapes.reach, lon, lat))
    if len(near):
        away = shapely.distance(shapes.outline, shapely.points(lon[near], lat[near]))
        weight[near] = np.clip(1.0 - away / OUTER_BAND_DEG, 0.0, 1.0)
    for apart, edge in shapes.apart:
        within = np.flatnonzero((weight > 0.0) & shapely.contains_xy(apart, lon, lat))
        if len(within):
            depth = shapely.distance(edge, shapely.points(lon[within], lat[within]))
            weight[within] *= np.clip(1.0 - depth / inner_band_deg, 0.0, 1.0)
    return weight


class _Shapes:
    """The outline and what follows from it, prepared once."""

    def __init__(self) -> None:
        self.outline = shapely.MultiPolygon([_ring(text, 100.0) for text in mainland.OUTLINE])
        apart = [_ring(text, 1.0) for text in mainland.APART.values()]
        self.apart = [(polygon, polygon.exterior) for polygon in apart]
        self.reach = self.outline.buffer(OUTER_BAND_DEG + 0.05)
        self.deep = self.outline.buffer(-0.05).difference(shapely.union_all(apart).buffer(0.05))
        for shape in (self.outline, self.reach, self.deep, *apart):
            shapely.prepare(shape)


def _ring(text: str, unit: float) -> shapely.Polygon:
    return shapely.Polygon([[float(number) / unit for number in pair.split(",")] for pair in text.split()])


@lru_cache(maxsize=1)
def _shapes() -> _Shapes:
    return _Shapes()


# ------------------------------------------------------------------------------------------------ sanity of coordinates


def looks_swapped(lon: ArrayLike, lat: ArrayLike, bbox: Bbox) -> Any:
    """True where the point lies outside `bbox` (degrees) and would lie inside with its two numbers exchanged."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    swapped = ~_within(x, y, bbox) & _within(y, x, bbox)
    return bool(swapped) if swapped.ndim == 0 else swapped


def coordinate_faults(lon: ArrayLike, lat: ArrayLike, bbox: Bbox | None = None) -> NDArray[np.object_]:
    """A `CoordinateFault` for each point, None where there is none; the city's `bbox` sharpens "looks swapped"."""
    x, y = np.atleast_1d(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    found = np.full(x.shape, None, dtype=object)
    if bbox is not None:
        found[np.asarray(looks_swapped(x, y, bbox))] = CoordinateFault.LOOKS_SWAPPED
    found[(x == 0.0) & (y == 0.0)] = CoordinateFault.ZERO_ZERO
    beyond = (np.abs(x) > 180.0) | (np.abs(y) > 90.0)
    found[beyond] = CoordinateFault.OUT_OF_RANGE
    found[beyond & (np.abs(x) <= 90.0) & (np.abs(y) <= 180.0)] = CoordinateFault.LOOKS_SWAPPED
    found[np.isnan(x) | np.isnan(y)] = CoordinateFault.NAN
    return found


def check_lonlat(lon: float, lat: float, bbox: Bbox | None = None) -> None:
    """Raise BadCoordinate, with its reason, unless this can be a place on earth."""
    fault = coordinate_faults(lon, lat, bbox)[0]
    if fault is not None:
        raise BadCoordinate(fault, lon, lat)


def _within(x: Floats, y: Floats, bbox: Bbox) -> NDArray[np.bool_]:
    west, south, east, north = bbox
    inside: NDArray[np.bool_] = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return inside


# -------------------------------------------------------------------------------------------------------------- metres


def metre_srid(lon: float, lat: float) -> int:
    """EPSG code of a metre projection that fits a city there.

    Within the outline of mainland China the CGCS2000 3-degree Gauss-Kruger zone without zone prefix (EPSG:4534, central
    meridian 75, to 4554, 135); elsewhere UTM on WGS-84 (326xx north, 327xx south; Norway's exceptions left aside).
    Raises BadCoordinate.
    """
    check_lonlat(lon, lat)
    if shapely.contains_xy(_shapes().outline, lon, lat):
        return 4534 + min(max(math.floor((lon - 73.5) / 3.0), 0), 20)
    zone = min(math.floor((lon + 180.0) / 6.0), 59) + 1
    return (32600 if lat >= 0.0 else 32700) + zone


class Projection:
    """Longitude, latitude (WGS-84) <-> metres in `srid`. Raises BadProjection. Safe to share between threads."""

    def __init__(self, srid: int) -> None:
        self.srid = srid
        self._to_m, self._to_deg = _transformers(srid)

    def __repr__(self) -> str:
        return f"Projection({self.srid})"

    @overload
    def forward(self, lon: float, lat: float) -> tuple[float, float]: ...
    @overload
    def forward(self, lon: Floats | Sequence[float], lat: Floats | Sequence[float]) -> tuple[Floats, Floats]: ...
    def forward(self, lon: Any, lat: Any) -> tuple[Any, Any]:
        """Degrees -> easting, northing in metres; infinite where the projection has no answer."""
        return _apply(self._to_m, lon, lat)

    @overload
    def inverse(self, x_m: float, y_m: float) -> tuple[float, float]: ...
    @overload
    def inverse(self, x_m: Floats | Sequence[float], y_m: Floats | Sequence[float]) -> tuple[Floats, Floats]: ...
    def inverse(self, x_m: Any, y_m: Any) -> tuple[Any, Any]:
        """Easting, northing in metres -> degrees."""
        return _apply(self._to_deg, x_m, y_m)

    def geometry(self, geom: Any) -> Any:
        """A shapely geometry (or an array of them) in degrees -> the same in metres; vertices only, no densifying."""
        return _moved(geom, self._to_m)

    def geometry_deg(self, geom_m: Any) -> Any:
        """The way back."""
        return _moved(geom_m, self._to_deg)


@lru_cache(maxsize=64)
def _transformers(srid: int) -> tuple[Transformer, Transformer]:
    try:
        crs = CRS.from_epsg(srid)
    except Exception as error:
        raise BadProjection(f"EPSG:{srid} is not known") from error
    if not crs.is_projected or any(axis.unit_name != "metre" for axis in crs.axis_info):
        raise BadProjection(f"EPSG:{srid} ({crs.name}) is not a projection in metres")
    return _spelled_out(4326, crs), _spelled_out(crs, 4326)


def _spelled_out(source: Any, target: Any) -> Transformer:
    """One by its steps, where there is one way alone: each thread makes its own of it, and would look both systems up
    in PROJ's database first, which takes 45 ms."""
    found = Transformer.from_crs(source, target, always_xy=True)
    steps = found.definition
    return Transformer.from_pipeline(steps) if steps.startswith("proj=pipeline ") else found


def _apply(transformer: Transformer, first: Any, second: Any) -> tuple[Any, Any]:
    if np.ndim(first) or np.ndim(second):
        first, second = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    x, y = transformer.transform(first, second)
    return x, y


def _moved(geom: Any, transformer: Transformer) -> Any:
    def move(points: Floats) -> Floats:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    return shapely.transform(geom, move)


_WGS84 = Geod(ellps="WGS84")


def distance_m(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> Any:
    """Geodesic length on WGS-84 in metres (Karney 2013, through PROJ); a number for numbers, an array for arrays."""
    a, b, c, d = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in (lon1, lat1, lon2, lat2)))
    length_m = np.asarray(_WGS84.inv(a.ravel(), b.ravel(), c.ravel(), d.ravel())[2])
    return float(length_m[0]) if a.ndim == 0 else length_m.reshape(a.shape)
