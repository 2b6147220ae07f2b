"""Washington, DC, from open data: 344 areas, 22,947 service requests, their agencies and their stations.

What is compared with is read here from the files themselves, by other means than the product's.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Geod
from sqlalchemy import text

from gridgov.areas.index import AreaIndex
from gridgov.bootstrap import House, build
from gridgov.geo.locate import PointIndex
from gridgov.interop.cityload import load_city
from gridgov.interop.problems import ImportReport
from gridgov.platform.cluster import Cluster
from gridgov.platform.migrate import upgrade
from tests.conftest import cloned
from tests.integration.interop import making

pytestmark = pytest.mark.realdata

CITY_FILE = Path(__file__).parent / "dc.toml"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
EDGE_M = 1.0
WGS84 = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Loaded:
    house: House
    data: Path
    reports: dict[str, ImportReport]
    problems: Path


@dataclass(frozen=True)
class Request:
    """One feature of the source files."""

    file: str
    number: int
    properties: dict[str, Any]
    point: tuple[float, float] | None


@pytest.fixture(scope="module")
def dc(
    realdata: Path, cluster: Cluster, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loaded]:
    data = realdata / "dc_washington"
    folder = tmp_path_factory.mktemp("dc")
    with cloned(cluster, migrated_template) as url:
        upgrade(url, "dc")
        house = build(url, "dc", folder)
        reports = load_city(house, CITY_FILE, data=data, problems=folder / "problems", now=NOW)
        yield Loaded(house, data, {report.title: report for report in reports}, folder / "problems")
        house.close()


@pytest.fixture(scope="module")
def requests(realdata: Path) -> list[Request]:
    found = []
    for path in sorted((realdata / "dc_washington" / "incidents_311").glob("*.geojson")):
        for number, feature in enumerate(json.loads(path.read_text("utf-8"))["features"], start=1):
            geometry = feature["geometry"]
            point = None if geometry is None else (geometry["coordinates"][0], geometry["coordinates"][1])
            found.append(Request(path.name, number, feature["properties"], point))
    assert len(found) == 22_947
    return found


@pytest.fixture(scope="module")
def first_of_each(requests: list[Request]) -> dict[str, Request]:
    """The first feature of every request id."""
    first: dict[str, Request] = {}
    for request in requests:
        if request.properties["SERVICEREQUESTID"]:
            first.setdefault(request.properties["SERVICEREQUESTID"], request)
    return first


@pytest.fixture(scope="module")
def stored(dc: Loaded) -> list[Any]:
    with dc.house.db.transaction() as session:
        return list(
            session.execute(
                text(
                    "select i.attributes->>'source_id' as source_id, i.attributes->>'WARD' as ward, i.area_id, "
                    "i.grid_id, "
                    "i.unit_id, i.outside_m, i.status, i.happened_at, i.text, i.address, c.code as category, "
                    "st_x(i.geom) as lon, st_y(i.geom) as lat, a.code as agency, s.source_id as site "
                    "from incidents i join duties_category c on c.id = i.category_id "
                    "left join duties_agency a on a.id = i.agency_id left join duties_site s on s.id = i.site_id"
                )
            )
        )


@pytest.fixture(scope="module")
def index(dc: Loaded) -> AreaIndex:
    with dc.house.db.transaction() as session:
        return dc.house.locator.index(session)


def test_8_40_and_296_areas_nest(dc: Loaded, index: AreaIndex) -> None:
    """Every district lies in the commission that its file names, every commission in the ward that holds most of it."""
    assert Counter(area.level for area in index.areas) == {"city": 1, "subdistrict": 8, "community": 40, "grid": 296}
    for area in index.areas:
        if area.level == "grid":
            assert [above.level for above in index.path_of(area.id)] == ["city", "subdistrict", "community", "grid"]
    named = {
        feature["properties"]["SMD_ID"]: feature["properties"]["ANC_ID"]
        for feature in json.loads((dc.data / "boundaries/single-member-district-2013.geojson").read_text())["features"]
    }
    assert {a.code: index.path_of(a.id)[-2].code for a in index.areas if a.level == "grid"} == named
    grids = dc.reports["grid from single-member-district-2013.geojson"]
    assert "outside-parent" not in {note.code for note in grids.notes}


def test_every_grid_lies_in_its_parent_by_another_measure(index: AreaIndex) -> None:
    """Geodesic areas, computed here: less than a square metre of any of the 296 lies outside its commission."""
    for area, shape in zip(index.areas, index.shapes, strict=True):
        if area.level == "grid":
            outside = shapely.difference(shape, index.shape(index.path_of(area.id)[-2].id))
            assert abs(WGS84.geometry_area_perimeter(outside)[0]) < 1.0


def test_commissions_that_cross_a_ward_line_are_reported(dc: Loaded) -> None:
    """3/4G belongs to two wards and 6D reaches into the river; a tree has one parent, so the import says how much."""
    report = dc.reports["community from advisory-neighborhood-commission-2013.geojson"]
    note = next(note for note in report.notes if note.code == "outside-parent")
    assert note.facts["count"] == 19
    assert str(note.facts["named"]).startswith("6D 4,16")
    assert "3G 1,41" in str(note.facts["named"])


def test_22576_distinct_requests_are_taken_and_the_rest_is_accounted_for(
    dc: Loaded, stored: list[Any], first_of_each: dict[str, Request]
) -> None:
    report = dc.reports["incidents from 35 files"]
    assert (report.read, report.taken, report.repeated, report.refused) == (22_947, 22_576, 370, 1)
    assert {row.source_id for row in stored} == set(first_of_each)
    assert len(stored) == 22_576
    assert report.problem_file is not None
    with report.problem_file.open(encoding="utf-8-sig", newline="") as stream:
        (line,) = csv.DictReader(stream)
    assert (line["file"], line["row"]) == ("trash-collection-last-30-days.geojson", "690")
    assert (line["column"], line["code"]) == ("SERVICEREQUESTID", "value-missing")


def test_repeats_that_say_something_else_are_named(dc: Loaded, requests: list[Request]) -> None:
    """Six requests stand in two files under two categories; the first file counts, and the report says which rows
    differ.
    """
    category: dict[str, str] = {}
    differing = []
    for request in requests:
        key = request.properties["SERVICEREQUESTID"]
        if key and category.setdefault(key, request.properties["SERVICECODE"]) != request.properties["SERVICECODE"]:
            differing.append(f"{request.file} {request.number}")
    note = next(note for note in dc.reports["incidents from 35 files"].notes if note.code == "repeats-differ")
    assert note.facts == {"count": 6, "rows": "; ".join(differing)}


def test_missing_wards_are_counted_not_invented(stored: list[Any], requests: list[Request]) -> None:
    assert sum(request.properties["WARD"] in (None, "NULL") for request in requests) == 151
    wards = Counter(row.ward for row in stored)
    assert (wards["NULL"], wards[None]) == (148, 1)
    assert all(row.area_id and row.grid_id and row.unit_id for row in stored)


def test_every_usable_ward_agrees_within_a_metre_of_an_edge(
    stored: list[Any], index: AreaIndex, record_property: Callable[[str, object], None]
) -> None:
    """The platform's own bulk look-up over the eight wards against the ward that each record names."""
    wards = sorted((a.code, s) for a, s in zip(index.areas, index.shapes, strict=True) if a.level == "subdistrict")
    codes = [code for code, _shape in wards]
    usable = [row for row in stored if row.ward in codes]
    assert len(usable) == 22_427
    lon, lat = np.array([row.lon for row in usable]), np.array([row.lat for row in usable])
    found = PointIndex.build([shape for _code, shape in wards]).locate(lon, lat)
    agrees = np.array([place >= 0 and codes[place] == row.ward for place, row in zip(found, usable, strict=True)])
    plain_share = agrees.mean()
    own_m = [index.projection.geometry(shape) for _code, shape in wards]
    x, y = index.projection.forward(lon, lat)
    for at in np.flatnonzero(~agrees):
        assert shapely.distance(own_m[codes.index(usable[at].ward)], shapely.Point(x[at], y[at])) <= EDGE_M
    record_property("wards that agree plainly", f"{agrees.sum()} of {len(usable)}")
    assert 0.998 < plain_share < 1.0


def test_the_tree_differs_from_the_ward_only_where_a_commission_crosses_it(stored: list[Any], index: AreaIndex) -> None:
    """By grid, commission and ward: what does not agree lies in 3/4G or 6D, or within a metre of a ward line."""
    wards = {a.code: s for a, s in zip(index.areas, index.shapes, strict=True) if a.level == "subdistrict"}
    edges_m = {code: index.projection.geometry(shapely.boundary(shape)) for code, shape in wards.items()}
    differing: Counter[str] = Counter()
    for row in stored:
        _city, ward, commission, _grid = index.path_of(row.area_id)
        assert row.unit_id == ward.id
        if row.ward in wards and ward.code != row.ward:
            differing[commission.code] += 1
            if commission.code not in ("3G", "6D"):
                x, y = index.projection.forward(row.lon, row.lat)
                assert shapely.distance(edges_m[row.ward], shapely.Point(x, y)) <= EDGE_M
    assert (differing["3G"], differing["6D"], sum(differing.values())) == (158, 4, 199)


def test_each_request_lies_in_the_grid_that_a_plain_search_finds(stored: list[Any], index: AreaIndex) -> None:
    """GEOS is the other opinion: every point touches the grid it was given."""
    places = {area.id: shape for area, shape in zip(index.areas, index.shapes, strict=True) if area.level == "grid"}
    points = shapely.points([row.lon for row in stored], [row.lat for row in stored])
    assert shapely.intersects(np.array([places[row.grid_id] for row in stored], dtype=object), points).all()
    assert not any(row.outside_m for row in stored)


def test_each_request_goes_to_the_agency_of_the_list_taken_from_the_files(
    stored: list[Any], first_of_each: dict[str, Request]
) -> None:
    for row in stored:
        source = first_of_each[row.source_id].properties
        assert (row.category, row.agency) == (source["SERVICECODE"], source["ORGANIZATIONACRONYM"])
    assert set(Counter(row.agency for row in stored)) == {"DPW", "DDOT", "DOH", "FEMS", "DOEE", "OUC"}


def test_what_is_served_from_stations_goes_to_the_nearest(dc: Loaded, stored: list[Any]) -> None:
    """Against all 34 fire stations on the ellipsoid, one by one."""
    stations = {
        feature["properties"]["GIS_ID"]: feature["geometry"]["coordinates"]
        for feature in json.loads((dc.data / "poi/fire-stations.geojson").read_text("utf-8"))["features"]
    }
    assert len(stations) == 34
    served = [row for row in stored if row.category.startswith("FES")]
    assert len(served) == 107
    for row in served:
        far = {name: WGS84.inv(row.lon, row.lat, lon, lat)[2] for name, (lon, lat) in stations.items()}
        assert far[row.site] <= min(far.values()) * 1.0005
    assert all(row.site is None for row in stored if not row.category.startswith("FES"))


def test_what_the_record_says_is_stored(stored: list[Any], first_of_each: dict[str, Request]) -> None:
    words = {"OPEN": "open", "CLOSED": "closed", "VOIDED": "void", "IN-PROGRESS": "open", "IN PROGRESS": "open"}
    for row in stored:
        source = first_of_each[row.source_id]
        said = source.properties["SERVICEORDERSTATUS"]
        expected = "duplicate" if said.startswith("DUPLICATE") else words.get(said, "closed")
        assert row.status == expected
        assert row.happened_at == datetime.fromisoformat(source.properties["ADDDATE"])
        assert (row.lon, row.lat) == source.point
        assert row.text == source.properties["SERVICECODEDESCRIPTION"]
    assert sum(row.status == "duplicate" for row in stored) == 495


def test_loading_the_city_again_changes_nothing(dc: Loaded) -> None:
    with dc.house.db.transaction() as session:
        before = making.fingerprint(session)
    again = load_city(dc.house, CITY_FILE, data=dc.data, now=NOW)
    assert sum(report.taken for report in again) == 0
    assert [(r.read, r.repeated + r.refused) for r in again] == [(r.read, r.read) for r in dc.reports.values()]
    with dc.house.db.transaction() as session:
        assert making.fingerprint(session) == before
