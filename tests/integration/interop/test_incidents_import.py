"""Old incidents in bulk: once each, where they belong, with what was reported."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from gridgov.bootstrap import House
from gridgov.geo.crs import Datum, distance_m, from_wgs84
from gridgov.interop.cityfile import Incidents
from gridgov.interop.imports import incidents as module
from gridgov.interop.imports.incidents import import_incidents
from gridgov.interop.imports.run import Place
from gridgov.interop.problems import ImportReport
from tests import sample
from tests.integration.interop import making

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def place(sampled: House, tmp_path: Path) -> Place:
    return Place(sampled.db, problems=tmp_path / "problems")


def load(house: House, place: Place, path: Path, **how: Any) -> ImportReport:
    columns = {"id": "id", "category": "category", "happened_at": "at", "text": "text", "status": "status"}
    part = Incidents.model_validate(
        {
            "file": path.name,
            "columns": columns | how.pop("columns", {}),
            "status_values": {"已办结": "closed", "办理中": "open"},
            **how,
        }
    )
    return import_incidents(place, part, [path], indexes=house, now=NOW)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.read, report.taken, report.repeated, report.refused


def problems(report: ImportReport) -> list[tuple[int, str, str]]:
    assert report.problem_file is not None
    with report.problem_file.open(encoding="utf-8-sig", newline="") as stream:
        return [(int(line["row"]), line["column"], line["code"]) for line in csv.DictReader(stream)]


def stored(house: House) -> list[Any]:
    with house.db.transaction() as session:
        return list(
            session.execute(
                text(
                    "select i.*, st_x(i.geom) as lon, st_y(i.geom) as lat, v.code as grid from incidents i "
                    "left join areas_version v on v.area_id = i.grid_id order by i.attributes->>'source_id'"
                )
            )
        )


def test_incidents_are_taken_once_where_they_belong(place: Place, house: House, tmp_path: Path) -> None:
    path = making.table(tmp_path / "i.csv", making.incident_rows(), "gbk")
    assert counts(load(house, place, path)) == (40, 40, 0, 0)
    rows = stored(house)
    assert [row.grid for row in rows] == [making.GRIDS[n % 16] for n in range(40)]
    assert {row.status for row in rows} == {"open", "closed"}
    assert rows[0].happened_at == datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
    assert rows[1].attributes == {"source": "12345", "source_id": "R00001"}
    with house.db.transaction() as session:
        before = making.fingerprint(session)
    assert counts(load(house, place, path)) == (40, 0, 40, 0)
    with house.db.transaction() as session:
        assert making.fingerprint(session) == before


def test_without_stable_ids_a_second_load_would_double(
    place: Place, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above: ids made anew at each load store everything twice."""
    monkeypatch.setattr(module, "uuid5", lambda _space, _name: uuid4())
    path = making.table(tmp_path / "i.csv", making.incident_rows())
    load(house, place, path)
    load(house, place, path)
    assert len(stored(house)) == 80


def test_repeats_within_a_file_and_what_differs(place: Place, house: House, tmp_path: Path) -> None:
    rows = making.incident_rows(10)
    rows += [rows[0], {**rows[1], "text": "改过的"}]
    report = load(house, place, making.table(tmp_path / "i.csv", rows))
    assert counts(report) == (12, 10, 2, 0)
    (note,) = report.notes
    assert note.code == "repeats-differ"
    assert note.facts["rows"] == "i.csv 13"
    assert stored(house)[1].text == "第1件"


def test_an_id_that_is_stored_with_other_content_is_refused(place: Place, house: House, tmp_path: Path) -> None:
    rows = making.incident_rows(10)
    load(house, place, making.table(tmp_path / "i.csv", rows))
    rows[3] = {**rows[3], "text": "改过的"}
    report = load(house, place, making.table(tmp_path / "i.csv", rows))
    assert counts(report) == (10, 0, 9, 1)
    assert problems(report) == [(5, "id", "id-conflict")]
    assert stored(house)[3].text == "第3件"


def test_the_same_id_from_another_source_is_another_incident(place: Place, house: House, tmp_path: Path) -> None:
    path = making.table(tmp_path / "i.csv", making.incident_rows(5))
    assert load(house, place, path, source="12345").taken == 5
    assert load(house, place, path, source="网格").taken == 5


def test_an_id_that_is_a_uuid_stays_what_it_is(place: Place, house: House, tmp_path: Path) -> None:
    own = "7d444840-9dc0-41d8-8a4c-2b1c2b0a9a11"
    rows = [{**making.incident_rows(1)[0], "id": own}]
    load(house, place, making.table(tmp_path / "i.csv", rows))
    assert stored(house)[0].id == UUID(own)


def test_rows_that_cannot_be_taken_are_refused_alone(place: Place, house: House, tmp_path: Path) -> None:
    rows = making.incident_rows(20)
    rows[1] |= {"id": ""}
    rows[2] |= {"category": "99999"}
    rows[3] |= {"at": "yesterday"}
    rows[4] |= {"at": "2031-01-01"}
    rows[5] |= {"at": "1900-01-01"}
    rows[6] |= {"lon": "", "lat": ""}
    rows[7] |= {"lon": rows[7]["lat"], "lat": rows[7]["lon"]}
    rows[8] |= {"lon": 0, "lat": 0}
    rows[9] |= {"lon": "NaN"}
    rows[10] |= {"lon": 517.0}
    rows[11] |= {"status": "不详"}
    rows[12] |= {"text": "长" * 4_001}
    report = load(house, place, making.table(tmp_path / "i.csv", rows))
    assert counts(report) == (20, 8, 0, 12)
    assert sorted(problems(report)) == [
        (3, "id", "value-missing"),
        (4, "category", "category-unknown"),
        (5, "at", "not-a-time"),
        (6, "at", "time-impossible"),
        (7, "at", "time-impossible"),
        (8, "lon lat", "geometry-missing"),
        (9, "lon lat", "coordinate-swapped"),
        (10, "lon lat", "coordinate-zero"),
        (11, "lon lat", "coordinate-not-a-number"),
        (12, "lon lat", "coordinate-out-of-range"),
        (13, "status", "not-a-choice"),
        (14, "text", "value-too-long"),
    ]


def test_what_was_reported_is_kept_beside_where_it_is(place: Place, house: House, tmp_path: Path) -> None:
    rows = making.incident_rows(16)
    for row in rows:
        row["lon"], row["lat"] = from_wgs84(row["lon"], row["lat"], Datum.GCJ02)
    load(house, place, making.table(tmp_path / "i.csv", rows), datum="gcj02")
    for row, given, code in zip(stored(house), rows, making.GRIDS, strict=True):
        assert (row.reported_lon, row.reported_lat, row.datum) == (given["lon"], given["lat"], "gcj02")
        assert distance_m(row.lon, row.lat, *sample.centre(code)) < 0.2
        assert row.grid == code


def test_points_outside_every_area_are_counted_and_kept(place: Place, house: House, tmp_path: Path) -> None:
    rows = making.incident_rows(6)
    rows[0] |= {"lon": 116.99}
    report = load(house, place, making.table(tmp_path / "i.csv", rows))
    assert report.taken == 6
    assert [note.facts["count"] for note in report.notes if note.code == "outside-every-area"] == [1]
    assert 900 < stored(house)[0].outside_m < 1_000


def test_personal_columns_are_not_kept(place: Place, house: House, tmp_path: Path) -> None:
    rows = [{**row, "来电人": "某某", "联系电话": "13800138000"} for row in making.incident_rows(3)]
    report = load(house, place, making.table(tmp_path / "i.csv", rows))
    assert report.notes[-1].facts["names"] == "来电人, 联系电话"
    assert all("13800138000" not in str(row.attributes) for row in stored(house))


def test_many_slices_are_one_transaction(
    place: Place, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLICE", 7)
    path = making.table(tmp_path / "i.csv", making.incident_rows(40))
    assert counts(load(house, place, path)) == (40, 40, 0, 0)
    assert counts(load(house, place, path)) == (40, 0, 40, 0)
