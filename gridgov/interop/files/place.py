"""What the coordinates of a file mean: from its coordinate reference system and datum to longitude and latitude
(EPSG:4326).

Owns the order of belief (mapping, file, rule of the format), and finding out that a CRS cannot be right. Does not own
the datum formulas (`geo.crs`) nor polygon repair (`geo.coverage`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gridgov.geo.crs import Datum, to_wgs84
from gridgov.interop.files.faults import Fault
from gridgov.interop.files.refusals import CrsMissing, CrsUnknown, CrsWrong, NotInThisCity
from gridgov.interop.files.source import Batch, Shapes, Source

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.str_]
Box = tuple[float, float, float, float]

# How far beyond the area of use that EPSG gives a file may reach: a city astride two zones is mapped in one of them.
_MARGIN_DEGREES = 4.0
# How far from the city a file may lie: at least this, else the city's own size.
_NEAR_DEGREES = 0.5
_DEGREES: Box = (-180.0, -90.0, 180.0, 90.0)
_SAME_AS_LONLAT = frozenset({"EPSG:4326", "EPSG:4490", "OGC:CRS84"})
_ENOUGH_ROWS = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the mapping says about coordinates; `near` is the city's box in lon/lat (west, south, east, north), or
    None.
    """

    crs: str | None = None
    datum: Datum = Datum.WGS84
    near: Box | None = None


class Placer:
    """Moves batches of one source to EPSG:4326 and remembers how many rows cannot be there.

    Raises CrsMissing, CrsUnknown when made; CrsWrong, NotInThisCity from `place` and `verdict`.
    """

    def __init__(self, source: Source, wanted: Wanted) -> None:
        self._name = source.path.name
        self._columns = source.shape_columns or ("geometry",)
        self._wanted = wanted
        self._assumed = wanted.crs is None and source.crs is None
        if self._assumed and not source.lonlat_by_rule:
            raise _missing(self._name, "does not say")
        self.label = wanted.crs or source.crs or "EPSG:4326"
        self.overridden = source.crs if wanted.crs and source.crs and not _same(wanted.crs, source.crs) else None
        self._crs = parse_crs(self.label)
        self._transformer = (
            None if _is_lonlat(self._crs) else pyproj.Transformer.from_crs(self._crs, 4326, always_xy=True)
        )
        self._placed = self._unplaced = self._away = self._away_swapped = 0

    def place(self, batch: Batch) -> Batch:
        """The batch with its shapes in lon/lat; rows whose coordinates cannot be right get a fault and lose their
        shape.
        """
        faults = dict(batch.faults)
        rows = np.flatnonzero([shape is not None and index not in faults for index, shape in enumerate(batch.shapes)])
        if not len(rows):
            return batch
        given = batch.shapes[rows]
        coordinates, owner = shapely.get_coordinates(given, return_index=True)
        codes = self._check(given, coordinates, owner)
        lonlat, outside = self._moved(coordinates)
        codes[(codes == "") & _any(outside, owner, len(rows))] = "coordinate-outside-crs"
        self._find_swapped(given, codes, lonlat, owner)
        self._count(given, codes, lonlat, owner)
        moved = shapely.set_coordinates(given.copy(), lonlat) if lonlat is not coordinates else given
        shapes = batch.shapes.copy()
        shapes[rows] = moved
        for place in np.flatnonzero(codes != ""):
            row = int(rows[place])
            x, y = coordinates[owner == place][0]
            facts = {"x": f"{x:.10g}", "y": f"{y:.10g}", "crs": self.label}
            faults[row] = Fault(str(codes[place]), " ".join(self._columns), f"{x:.10g} {y:.10g}", facts)
            shapes[row] = None
        self._judge(batch.share >= 1.0, coordinates)
        return replace(batch, shapes=shapes, faults=faults)

    def verdict(self) -> None:
        """To be called after the last batch: raises when most of the file cannot be where it says."""
        self._judge(True, None)

    def _check(self, given: Shapes, coordinates: Floats, owner: NDArray[np.intp]) -> Codes:
        """One code a shape, "" when there is nothing to say."""
        count = len(given)
        codes = np.full(count, "", dtype="U40")
        endless: Flags = np.any(~np.isfinite(coordinates), axis=1)
        codes[_any(endless, owner, count)] = "coordinate-not-a-number"
        zero = (shapely.get_type_id(given) == 0) & _all((coordinates == 0.0).all(axis=1), owner, count)
        codes[(codes == "") & zero] = "coordinate-zero"
        if self._transformer is None or self._crs.is_geographic:
            x, y = np.abs(coordinates[:, 0]), np.abs(coordinates[:, 1])
            swapped = (x <= 90) & (y > 90) & (y <= 180)
            codes[(codes == "") & _any(swapped, owner, count)] = "coordinate-swapped"
            codes[(codes == "") & _any((x > 180) | (y > 90), owner, count)] = "coordinate-out-of-range"
        return codes

    def _moved(self, coordinates: Floats) -> tuple[Floats, Flags]:
        """Longitude and latitude in WGS-84, and which vertices fell outside what the CRS is for."""
        lonlat, outside = coordinates, np.zeros(len(coordinates), dtype=bool)
        if self._transformer is not None:
            lon, lat = self._transformer.transform(coordinates[:, 0], coordinates[:, 1])
            lonlat = np.column_stack([lon, lat])
            outside = ~np.isfinite(lonlat).all(axis=1) | _outside(lonlat, self._area_of_use())
            if self._crs.is_projected:  # degrees read as metres land beside the origin, which may well be in use
                outside |= ~_outside(coordinates, _DEGREES)
        if self._wanted.datum in (Datum.GCJ02, Datum.BD09):
            finite = np.isfinite(lonlat).all(axis=1)
            lonlat = lonlat.copy()
            lon, lat = to_wgs84(lonlat[finite, 0], lonlat[finite, 1], self._wanted.datum)
            lonlat[finite, 0], lonlat[finite, 1] = lon, lat
        return lonlat, outside

    def _find_swapped(self, given: Shapes, codes: Codes, lonlat: Floats, owner: NDArray[np.intp]) -> None:
        """Points that would lie in the city if their numbers were exchanged, where most others lie in it already."""
        near = self._wanted.near
        points = shapely.get_type_id(given) == 0
        if near is None or not points.all():
            return
        swapped = _any(_outside(lonlat, _widened(near)) & ~_outside(lonlat[:, ::-1], near), owner, len(given))
        if 2 * swapped.sum() < len(given):
            codes[(codes == "") & swapped] = "coordinate-swapped"

    def _area_of_use(self) -> Box:
        use = self._crs.area_of_use
        if use is None:
            return _DEGREES
        margin = _MARGIN_DEGREES
        if use.east < use.west:  # astride the date line
            return (-180.0, use.south - margin, 180.0, use.north + margin)
        return (use.west - margin, use.south - margin, use.east + margin, use.north + margin)

    def _count(self, given: Shapes, codes: Codes, lonlat: Floats, owner: NDArray[np.intp]) -> None:
        bad = codes != ""
        self._placed += len(given)
        self._unplaced += int((bad & (codes != "coordinate-zero") & (codes != "coordinate-not-a-number")).sum())
        near = self._wanted.near
        if near is None:
            return
        box = _widened(near)
        away = _all(_outside(lonlat, box), owner, len(given))
        turned = _all(_outside(lonlat[:, ::-1], box), owner, len(given))
        self._away += int((away & ~bad).sum())
        self._away_swapped += int((away & ~bad & ~turned).sum())

    def _judge(self, at_end: bool, sample: Floats | None) -> None:
        """A file of which most cannot be placed has a wrong CRS; some odd rows have not."""
        if not self._placed or not (at_end or self._placed >= 1_000):
            return
        if 2 * self._unplaced > self._placed and (self._placed >= _ENOUGH_ROWS or self._many_vertices(sample)):
            raise self._wrong(sample)
        usable = self._placed - self._unplaced
        if (
            self._wanted.near is not None
            and usable
            and 10 * self._away > 9 * usable
            and self._away >= min(_ENOUGH_ROWS, usable)
        ):
            hint = "Longitude and latitude look swapped. " if self._away_swapped * 2 > self._away else ""
            west, south, east, north = self._wanted.near
            raise NotInThisCity(
                f"{self._name} does not lie in this city: read as {self.label}, {self._away} of {usable} rows "
                f"are away from {west:.3f}..{east:.3f} E, {south:.3f}..{north:.3f} N.",
                field="crs",
                remedy=f"{hint}Check `crs`, `datum`, the order of the columns, and that it is the right file.",
            )

    @staticmethod
    def _many_vertices(sample: Floats | None) -> bool:
        return sample is not None and len(sample) > _ENOUGH_ROWS

    def _wrong(self, sample: Floats | None) -> CrsWrong | CrsMissing:
        shown = "" if sample is None or not len(sample) else f" such as ({sample[0, 0]:.10g}, {sample[0, 1]:.10g})"
        if self._assumed:
            return _missing(self._name, f"has coordinates{shown} that are no longitude and latitude, and does not say")
        return CrsWrong(
            f"{self._name} cannot be in {self.label} ({self._crs.name}): {self._unplaced} of {self._placed} rows "
            f"have coordinates{shown} that lie outside it.",
            field="crs",
            remedy='Name the right one with `crs`, for instance crs = "EPSG:4548" (CGCS2000, 3-degree zone at 117 E).',
        )


def parse_crs(label: str) -> pyproj.CRS:
    """A CRS by EPSG code, URN, WKT or PROJ text. Raises CrsUnknown, also for local systems that nothing ties to the
    earth.
    """
    try:
        crs = pyproj.CRS.from_user_input(label)
    except pyproj.exceptions.CRSError as error:
        raise CrsUnknown(
            f"There is no coordinate reference system {label!r}.",
            field="crs",
            remedy='Give an EPSG code, for instance "EPSG:4490".',
        ) from error
    if not (crs.is_geographic or crs.is_projected):
        raise CrsUnknown(
            f"{label!r} ({crs.name}) is a local system that nothing ties to the earth.",
            field="crs",
            remedy="Have the file exported in CGCS2000 (EPSG:4490) or WGS-84 (EPSG:4326).",
        )
    return crs


def _missing(name: str, what: str) -> CrsMissing:
    return CrsMissing(
        f"{name} {what} which coordinate reference system its coordinates are in.",
        field="crs",
        remedy='Say it with `crs`: "EPSG:4326" is longitude and latitude, "EPSG:4548" CGCS2000 in the zone at 117 E.',
    )


def _is_lonlat(crs: pyproj.CRS) -> bool:
    """WGS-84 and CGCS2000 in degrees: taken as equal at grid scale, nothing to compute."""
    authority = crs.to_authority(min_confidence=70)
    if authority is not None and ":".join(authority) in _SAME_AS_LONLAT:
        return True
    return crs.is_geographic and crs.to_epsg(min_confidence=70) in (4326, 4490)


def _same(left: str, right: str) -> bool:
    try:
        return bool(parse_crs(left).equals(parse_crs(right), ignore_axis_order=True))
    except CrsUnknown:
        return False


def _widened(box: Box) -> Box:
    west, south, east, north = box
    dx, dy = max(_NEAR_DEGREES, east - west), max(_NEAR_DEGREES, north - south)
    return (west - dx, south - dy, east + dx, north + dy)


def _outside(lonlat: Floats, box: Box) -> Flags:
    west, south, east, north = box
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    inside: Flags = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return np.logical_not(inside)


def _any(flags: Flags, owner: NDArray[np.intp], count: int) -> Flags:
    return np.asarray(np.bincount(owner[flags], minlength=count) > 0)


def _all(flags: Flags, owner: NDArray[np.intp], count: int) -> Flags:
    return np.asarray(np.bincount(owner[~flags], minlength=count) == 0)
