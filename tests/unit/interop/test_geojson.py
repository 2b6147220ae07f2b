"""GeoJSON is read feature by feature; what is cut off or wrong is said so."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from gridgov.interop.files import read
from gridgov.interop.files.refusals import CrsMissing, FileBroken, FileEmpty, FileTruncated
from gridgov.interop.files.source import BATCH_ROWS


def feature(number: int, geometry: Any = None, **extra: Any) -> dict[str, Any]:
    shape = geometry or {"type": "Point", "coordinates": [117 + number / 1e5, 32.5]}
    return {"type": "Feature", "properties": {"code": number, "name": f"第{number}号"}, "geometry": shape, **extra}


def put(folder: Path, content: Any, name: str = "a.geojson") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def collection(*features: Any, **extra: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **extra}


def rows(path: Path) -> list[tuple[int, dict[str, object], Any, str | None]]:
    found = []
    with read(path) as source:
        for batch in source.batches:
            for i, number in enumerate(batch.numbers):
                fault = batch.faults.get(i)
                found.append((number, batch.values[i], batch.shapes[i], None if fault is None else fault.code))
    return found


def test_rows_come_in_order_with_their_numbers_over_many_batches(tmp_path: Path) -> None:
    count = 2 * BATCH_ROWS + 3
    path = put(tmp_path, collection(*(feature(n) for n in range(count))))
    found = rows(path)
    assert [number for number, *_rest in found] == list(range(1, count + 1))
    assert [values["code"] for _n, values, *_rest in found] == list(range(count))
    assert found[-1][2].equals_exact(shapely.Point(117 + (count - 1) / 1e5, 32.5), 0)


def test_shares_rise_to_one(tmp_path: Path) -> None:
    with read(put(tmp_path, collection(*(feature(n) for n in range(3 * BATCH_ROWS))))) as source:
        shares = [batch.share for batch in source.batches]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_any_order_of_members_and_any_white_space(tmp_path: Path) -> None:
    text = (
        '\n{ "name" : "x", "features" : [ \n' + json.dumps(feature(1), indent=3) + ' \n], "type":"FeatureCollection"}\n'
    )
    assert len(rows(put(tmp_path, text))) == 1


def test_a_single_feature_and_a_bare_geometry_are_read(tmp_path: Path) -> None:
    assert len(rows(put(tmp_path, feature(1)))) == 1
    assert rows(put(tmp_path, {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}))[0][2].area == 0.5


def test_the_id_beside_the_properties_is_kept(tmp_path: Path) -> None:
    assert rows(put(tmp_path, collection(feature(1, id="340202"))))[0][1]["id"] == "340202"


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_cut_file_is_refused_wherever_it_is_cut(tmp_path: Path, keep: float) -> None:
    whole = json.dumps(collection(*(feature(n) for n in range(3_000))))
    assert len(rows(put(tmp_path, whole))) == 3_000
    with pytest.raises(FileTruncated, match="cut off"):
        rows(put(tmp_path, whole[: int(len(whole) * keep)]))


def test_every_single_cut_of_a_small_file_is_refused(tmp_path: Path) -> None:
    whole = json.dumps(collection(feature(1), feature(2)))
    for end in range(1, len(whole)):
        with pytest.raises((FileTruncated, FileBroken)):
            rows(put(tmp_path, whole[:end]))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"type": "FeatureCollection", "features": [{"type": "Feature" "x"}]}' + " " * 60, "in feature 1: Expecting"),
        ('{"type": "Topology", "objects": {}}', "'Topology'"),
        ('{"hello": 1}', "not a GeoJSON FeatureCollection"),
        ("[1, 2]", "JSON list"),
        ('{"type": "FeatureCollection", "features": [1]} trailing', "goes on after its end"),
    ],
)
def test_what_is_no_geojson_is_said_so(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(FileBroken, match=said):
        rows(put(tmp_path, content))


def test_deep_nesting_does_not_crash(tmp_path: Path) -> None:
    with pytest.raises(FileBroken, match="nested too deeply"):
        rows(put(tmp_path, '{"type": "FeatureCollection", "features": [' + "[" * 200_000))


def test_no_feature_is_an_empty_file(tmp_path: Path) -> None:
    with pytest.raises(FileEmpty):
        rows(put(tmp_path, collection()))


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        ({"type": "Point", "coordinates": [float("nan"), 32]}, "coordinate-not-a-number"),
        ({"type": "Point", "coordinates": [117, float("inf")]}, "coordinate-not-a-number"),
        ({"type": "Point", "coordinates": [0, 0]}, "coordinate-zero"),
        ({"type": "Point", "coordinates": [32.5, 117.0]}, "coordinate-swapped"),
        ({"type": "Point", "coordinates": [517.0, 32.0]}, "coordinate-out-of-range"),
        ({"type": "Point", "coordinates": [117]}, "geometry-broken"),
        ({"type": "Point", "coordinates": ["117", "32"]}, "geometry-broken"),
        ({"type": "Polygon", "coordinates": [[[117, 32], [118, 32]]]}, "geometry-broken"),
        ({"type": "Polygon", "coordinates": "x"}, "geometry-broken"),
        ({"type": "Blob", "coordinates": []}, "geometry-broken"),
        ({"type": "Polygon"}, "geometry-broken"),
    ],
)
def test_a_bad_geometry_refuses_its_row_only(tmp_path: Path, geometry: Any, code: str) -> None:
    good = [feature(n) for n in range(1, 7)]
    found = rows(put(tmp_path, collection(*good[:3], feature(99, geometry), *good[3:])))
    assert [fault for *_rest, fault in found] == [None, None, None, code, None, None, None]
    assert found[3][2] is None


def test_a_feature_that_is_none_refuses_its_row(tmp_path: Path) -> None:
    found = rows(put(tmp_path, collection(feature(1), {"type": "Thing"}, 7, feature(2))))
    assert [fault for *_rest, fault in found] == [None, "feature-broken", "feature-broken", None]


def test_no_geometry_is_no_fault_of_the_file(tmp_path: Path) -> None:
    found = rows(put(tmp_path, collection({"type": "Feature", "properties": None, "geometry": None}, feature(1))))
    assert found[0][2] is None
    assert found[0][3] is None


def test_gbk_and_utf8_give_the_same_rows(tmp_path: Path) -> None:
    text = json.dumps(collection(feature(1), feature(2)), ensure_ascii=False)
    gbk, utf8 = tmp_path / "g.geojson", tmp_path / "u.geojson"
    gbk.write_bytes(text.encode("gbk"))
    utf8.write_bytes(text.encode("utf-8-sig"))
    assert [values for _n, values, *_r in rows(gbk)] == [values for _n, values, *_r in rows(utf8)]
    assert rows(gbk)[0][1]["name"] == "第1号"


def test_the_old_crs_member_is_obeyed_before_and_after_the_features(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}
    metres = [feature(n, {"type": "Point", "coordinates": [500_000 + n, 3_600_000]}) for n in range(9)]
    before = rows(put(tmp_path, {"type": "FeatureCollection", "crs": crs, "features": metres}))
    after = rows(put(tmp_path, {"type": "FeatureCollection", "features": metres, "crs": crs}))
    assert before[0][2].equals_exact(after[0][2], 0)
    assert before[0][2].x == pytest.approx(117.0, abs=1e-9)
    with pytest.raises(CrsMissing, match="no longitude and latitude"):
        rows(put(tmp_path, {"type": "FeatureCollection", "features": metres}))


def test_z_and_m_are_left_out(tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[117, 32, 5], [117.1, 32, 6]]}
    assert not rows(put(tmp_path, collection(feature(1, line))))[0][2].has_z


def test_a_big_file_is_not_held_in_memory(tmp_path: Path) -> None:
    """60 MB of features are read with less than 45 MB: the reader keeps batches, not the file."""
    padding = "x" * 3_000
    path = tmp_path / "big.geojson"
    with path.open("w") as stream:
        stream.write('{"type":"FeatureCollection","features":[')
        for n in range(20_000):
            one = {
                "type": "Feature",
                "properties": {"n": n, "p": padding},
                "geometry": {"type": "Point", "coordinates": [117, 32]},
            }
            stream.write(("," if n else "") + json.dumps(one))
        stream.write("]}")
    assert path.stat().st_size > 60_000_000
    tracemalloc.start()
    with read(path) as source:
        seen = sum(len(batch.numbers) for batch in source.batches)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen == 20_000
    assert peak < 45_000_000


def test_a_polygon_of_half_a_million_vertices(tmp_path: Path) -> None:
    angle = np.linspace(0, 2 * np.pi, 500_000, endpoint=False)
    ring = np.column_stack([117 + 0.1 * np.cos(angle), 32 + 0.1 * np.sin(angle)]).round(9)
    polygon = {"type": "Polygon", "coordinates": [[*ring.tolist(), ring[0].tolist()]]}
    shape = rows(put(tmp_path, collection(feature(1, polygon))))[0][2]
    assert shapely.get_num_coordinates(shape) == 500_001
    assert shape.is_valid
