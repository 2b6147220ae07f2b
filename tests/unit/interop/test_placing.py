"""From a file's coordinate reference system and datum to longitude and latitude."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from gridgov.geo.crs import Datum, distance_m, from_wgs84
from gridgov.interop.files import Reading, Wanted, read
from gridgov.interop.files.refusals import CrsMissing, CrsUnknown, CrsWrong, NotInThisCity

CITY = (116.9, 31.9, 117.3, 32.3)


def put(folder: Path, points: list[tuple[float, float]], crs: str | None = None) -> Path:
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": list(point)}}
        for point in points
    ]
    content: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if crs:
        content["crs"] = {"type": "name", "properties": {"name": crs}}
    path = folder / "a.geojson"
    path.write_text(json.dumps(content))
    return path


def placed(path: Path, wanted: Wanted) -> tuple[list[Any], list[str]]:
    with read(path, Reading(wanted=wanted)) as source:
        batches = list(source.batches)
    shapes = [shape for batch in batches for shape in batch.shapes]
    return shapes, [fault.code for batch in batches for fault in batch.faults.values()]


def spread(count: int = 10) -> list[tuple[float, float]]:
    return [(117.0 + n / 100, 32.0 + n / 100) for n in range(count)]


@pytest.mark.parametrize("code", [4548, 4527, 32650, 3857, 4547])
def test_projected_coordinates_come_back_to_where_they_were(tmp_path: Path, code: int) -> None:
    there = pyproj.Transformer.from_crs(4326, code, always_xy=True)
    path = put(tmp_path, [there.transform(lon, lat) for lon, lat in spread()])
    shapes, faults = placed(path, Wanted(f"EPSG:{code}", near=CITY))
    assert not faults
    for shape, (lon, lat) in zip(shapes, spread(), strict=True):
        assert distance_m(shape.x, shape.y, lon, lat) < 0.01


def test_cgcs2000_in_degrees_is_taken_as_it_is(tmp_path: Path) -> None:
    """EPSG:4490 names latitude first; files hold longitude first, and nothing is computed."""
    shapes, _faults = placed(put(tmp_path, spread(), "urn:ogc:def:crs:EPSG::4490"), Wanted())
    assert [(shape.x, shape.y) for shape in shapes] == spread()


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_shifted_datums_are_shifted_back(tmp_path: Path, datum: Datum) -> None:
    shifted = [from_wgs84(lon, lat, datum) for lon, lat in spread()]
    path = put(tmp_path, shifted)
    shapes, _faults = placed(path, Wanted(datum=datum))
    for shape, (lon, lat), moved in zip(shapes, spread(), shifted, strict=True):
        assert distance_m(shape.x, shape.y, lon, lat) < 0.1
        assert distance_m(*moved, lon, lat) > 300
    unshifted, _faults = placed(path, Wanted())
    assert distance_m(unshifted[0].x, unshifted[0].y, *spread()[0]) > 300


def test_a_wrong_crs_is_refused_not_obeyed(tmp_path: Path) -> None:
    degrees = put(tmp_path, spread())
    with pytest.raises(CrsWrong, match="EPSG:32614"):
        placed(degrees, Wanted("EPSG:32614"))
    there = pyproj.Transformer.from_crs(4326, 4548, always_xy=True)
    metres = put(tmp_path, [there.transform(*point) for point in spread()])
    with pytest.raises(CrsWrong, match="EPSG:4326"):
        placed(metres, Wanted("EPSG:4326"))
    with pytest.raises(CrsMissing, match="no longitude and latitude"):
        placed(metres, Wanted())


def test_the_wrong_zone_lands_outside_the_city(tmp_path: Path) -> None:
    """A neighbouring zone gives believable longitudes; only the city's own place shows that they are wrong."""
    there = pyproj.Transformer.from_crs(4326, 4548, always_xy=True)
    path = put(tmp_path, [there.transform(*point) for point in spread()])
    with pytest.raises(NotInThisCity, match="does not lie in this city"):
        placed(path, Wanted("EPSG:4549", near=CITY))
    shapes, _faults = placed(path, Wanted("EPSG:4548", near=CITY))
    assert shapes[0].x == pytest.approx(117.0)


def test_swapped_columns_are_named(tmp_path: Path) -> None:
    path = put(tmp_path, [(lat, lon) for lon, lat in spread()])
    with pytest.raises(CrsMissing, match="no longitude and latitude"):
        placed(path, Wanted(near=CITY))


def test_swapped_columns_that_stay_in_range_are_seen_by_the_city(tmp_path: Path) -> None:
    west = (-77.2, 38.7, -76.8, 39.0)
    swapped = put(tmp_path, [(38.8 + n / 100, -77.0 + n / 100) for n in range(10)])
    with pytest.raises(NotInThisCity, match="look swapped"):
        placed(swapped, Wanted(near=west))


def test_one_swapped_row_among_good_ones_is_refused_alone(tmp_path: Path) -> None:
    west = (-77.2, 38.7, -76.8, 39.0)
    points = [(-77.0 + n / 100, 38.8) for n in range(10)]
    shapes, faults = placed(put(tmp_path, [*points[:5], (38.8, -77.0), *points[5:]]), Wanted(near=west))
    assert faults == ["coordinate-swapped"]
    assert sum(shape is None for shape in shapes) == 1


def test_some_bad_rows_do_not_condemn_the_file(tmp_path: Path) -> None:
    _shapes, faults = placed(put(tmp_path, [*spread(), (500.0, 32.0), (0.0, 0.0)]), Wanted())
    assert sorted(faults) == ["coordinate-out-of-range", "coordinate-zero"]


def test_unknown_and_local_systems_are_refused(tmp_path: Path) -> None:
    path = put(tmp_path, spread())
    with pytest.raises(CrsUnknown, match="EPSG:999999"):
        placed(path, Wanted("EPSG:999999"))
    local = 'LOCAL_CS["city grid",UNIT["metre",1]]'
    with pytest.raises(CrsUnknown, match="nothing ties to the earth"):
        placed(path, Wanted(local))


def test_polygons_are_placed_with_all_their_vertices(tmp_path: Path) -> None:
    there = pyproj.Transformer.from_crs(4326, 4548, always_xy=True)
    square = shapely.box(117.0, 32.0, 117.1, 32.1)
    metres = shapely.transform(square, lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1])))
    path = tmp_path / "a.geojson"
    feature = {"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(metres))}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    shapes, _faults = placed(path, Wanted("EPSG:4548"))
    assert shapely.hausdorff_distance(shapes[0], square) < 1e-9
    with pytest.raises(CrsMissing):
        placed(path, Wanted())
