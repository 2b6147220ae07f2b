"""Plans as files over HTTP: out and in again, somebody else's, wrong ones; two plans side by side."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyogrio
import pytest
import shapely
from shapely.geometry import mapping, shape
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.geo.crs import Datum, Projection, from_wgs84
from tests import sample
from tests.integration.cases.test_plans import FILL
from tests.integration.planning import drawing
from tests.people import Person, appoint

PLANS = "/api/v1/plans"
FORMATS = ("geojson", "gpkg", "shp", "csv")


@pytest.fixture
def ids(house: House) -> dict[str, int]:
    return drawing.set_up(house)


class Planner:
    """Somebody who draws."""

    def __init__(self, api: httpx.Client, person: Person) -> None:
        self.api, self.headers = api, person.headers

    def plan(self, *communities: int, copy_of: int | None = None) -> int:
        asked: dict[str, Any] = {"name": "方案", "communities": list(communities), "copy_of": copy_of}
        made = self.api.post(PLANS, json=asked, headers=self.headers)
        assert made.status_code == 201, made.text
        return int(made.json()["id"])

    def parts(self, plan: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/{plan}/parts").json()["items"]
        return found

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.api.get(f"{PLANS}{path}", params=params, headers=self.headers)

    def send(self, path: str, data: bytes, **params: Any) -> httpx.Response:
        return self.api.post(f"{PLANS}{path}", params=params, files={"file": ("x", data)}, headers=self.headers)

    def draw(self, plan: int, part: int, revision: int, kind: str, **payload: Any) -> None:
        body = {"revision": revision, "operations": [{"kind": kind, "payload": payload}]}
        answer = self.api.post(f"{PLANS}/{plan}/parts/{part}/operations", json=body, headers=self.headers)
        assert answer.status_code == 200, answer.text


@pytest.fixture
def planner(house: House, api: httpx.Client, ids: dict[str, int]) -> Planner:  # the city comes first
    return Planner(api, appoint(house, Role.PLANNER))


@pytest.fixture
def drawn(planner: Planner, ids: dict[str, int]) -> tuple[int, int]:
    """A plan of W1 in which two grids were merged and one was named; (plan, part)."""
    plan = planner.plan(ids["W1"])
    part = planner.parts(plan)[0]["id"]
    planner.draw(plan, part, 0, "merge", grids=[1, 2])
    planner.draw(plan, part, 1, "rename", grid=3, names={"zh": "=三网格", "en": "Grid “3”"})
    return plan, part


def digest(planner: Planner, plan: int) -> str:
    return str(planner.parts(plan)[0]["digest"])


class TestOutAndIn:
    @pytest.mark.parametrize("form", FORMATS)
    def test_a_plan_comes_back_as_the_same_sheet_in_one_operation(
        self, form: str, planner: Planner, ids: dict[str, int], drawn: tuple[int, int]
    ) -> None:
        data = planner.get(f"/{drawn[0]}/file", format=form).content
        other = planner.plan(ids["W1"])
        part = planner.parts(other)[0]["id"]
        assert digest(planner, other) != digest(planner, drawn[0])
        preview = planner.send(f"/{other}/parts/{part}/file/preview", data).json()
        assert (preview["fault_count"], preview["atoms_unassigned"], preview["cut_count"]) == (0, 0, 0)
        assert preview["households_moved"] > 0
        assert digest(planner, other) != digest(planner, drawn[0])  # the preview kept nothing
        taken = planner.send(f"/{other}/parts/{part}/file", data, revision=0)
        assert taken.status_code == 200, taken.text
        assert taken.json()["done"]["revision"] == 1
        assert digest(planner, other) == digest(planner, drawn[0])
        back = planner.api.post(
            f"{PLANS}/{other}/parts/{part}/undo", json={"revision": 1}, headers=planner.headers
        ).json()
        assert back["digest"] != digest(planner, drawn[0])
        again = planner.send(f"/{drawn[0]}/parts/{drawn[1]}/file/preview", data).json()
        assert again["unchanged"]
        assert again["households_moved"] == 0

    def test_what_is_in_force_comes_out_on_its_atoms(self, planner: Planner) -> None:
        found = planner.get("/in-force/file", format="geojson", community="W1").json()
        assert sorted(one["properties"]["code"] for one in found["features"]) == ["A01", "A02", "A05", "A06"]
        whole = planner.get("/in-force/file", format="geojson").json()
        assert {one["properties"]["community"] for one in whole["features"]} == {"W1", "E1"}  # those with atoms

    def test_a_file_for_another_revision_is_refused(self, planner: Planner, drawn: tuple[int, int]) -> None:
        data = planner.get("/in-force/file", format="csv", community="W1").content
        answer = planner.send(f"/{drawn[0]}/parts/{drawn[1]}/file", data, revision=0)
        assert (answer.status_code, answer.json()["code"]) == (409, "sheet-moved-on")
        assert planner.send(f"/{drawn[0]}/parts/{drawn[1]}/file", data, revision=2).status_code == 200


def foreign(**cells: Any) -> list[dict[str, Any]]:
    return [
        {"type": "Feature", "properties": {"网格编码": code, "name": f"{code} 号"}, "geometry": mapping(cell)}
        for code, cell in cells.items()
    ]


def collection(features: list[dict[str, Any]], **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **more}, ensure_ascii=False).encode()


EAST = shapely.transform(sample.cell("A01"), lambda xy: xy + np.array([0.0006, 0.0]))


class TestForeign:
    """The grids of W1 are A05 A06 below, A01 A02 above."""

    def good(self) -> dict[str, shapely.Geometry]:
        return {code: sample.cell(code) for code in ("A01", "A02", "A05", "A06")}

    @pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4548", "EPSG:32650"])
    def test_any_system_of_coordinates_is_understood(self, crs: str, planner: Planner, drawn: tuple[int, int]) -> None:
        cells = self.good()
        if crs != "EPSG:4326":
            projection = Projection(int(crs[5:]))
            cells = {code: projection.geometry(cell) for code, cell in cells.items()}
        name = f"urn:ogc:def:crs:EPSG::{crs[5:]}"
        data = collection(foreign(**cells), crs={"type": "name", "properties": {"name": name}})
        found = planner.send(f"/{drawn[0]}/parts/{drawn[1]}/file/preview", data).json()
        assert found["finding_counts"].get("overlap", 0) == found["atoms_unassigned"] == 0
        assert found["grids_after"] == 4

    def test_a_shifted_datum_is_taken_back(self, planner: Planner, drawn: tuple[int, int]) -> None:
        def shift(xy: Any) -> Any:
            return np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], Datum.GCJ02))

        data = collection(foreign(**{code: shapely.transform(cell, shift) for code, cell in self.good().items()}))
        at = f"/{drawn[0]}/parts/{drawn[1]}/file/preview"
        told = planner.send(at, data, datum="gcj02").json()
        assert (told["atoms_unassigned"], told["cut_count"]) == (0, 0)
        assert planner.send(at, data).json()["cut_count"] > 0  # taken as it stands, it lies 500 m off

    def test_what_is_wrong_is_told_with_a_place(self, planner: Planner) -> None:
        cells = self.good() | {"A01": EAST, "A02": sample.cell("A02").buffer(-0.0002, join_style="mitre")}
        found = planner.send("/checks", collection(foreign(**cells)), community="W1").json()
        kinds = found["counts"]
        assert kinds["overlap"] == 1
        assert kinds["gap"] >= 1
        for one in found["findings"]:
            lon, lat = one["place"]
            assert sample.LON0 <= lon <= sample.LON0 + 0.03
            assert sample.LAT0 <= lat <= sample.LAT0 + 0.02
            assert one["text"]["zh"]
            assert one["text"]["en"]
        assert planner.send("/checks", collection(foreign(**self.good())), community="W1").json()["counts"] == {}

    def test_identities_go_on_by_code_and_cut_atoms_are_told(self, planner: Planner, drawn: tuple[int, int]) -> None:
        """The line between A01 and A02 moves by 60 m, over half an atom's width of 100 m."""
        east = shapely.transform(sample.cell("A02"), lambda xy: np.where(xy == xy.min(axis=0), xy, xy))
        west = sample.cell("A01")
        moved = 0.0006
        cells = self.good() | {
            "A01": shapely.box(*west.bounds[:2], west.bounds[2] + moved, west.bounds[3]),
            "A02": shapely.box(east.bounds[0] + moved, *east.bounds[1:]),
        }
        at = f"/{drawn[0]}/parts/{drawn[1]}/file"
        found = planner.send(f"{at}/preview", collection(foreign(**cells))).json()
        assert found["cut_count"] == drawing.ACROSS
        for cut in found["cut"]:
            assert sum(side["households"] for side in cut["sides"]) == cut["households"]
            assert len(cut["sides"]) == 2
        taken = planner.send(at, collection(foreign(**cells)), revision=2)
        assert taken.status_code == 200, taken.text
        board = planner.get(f"/{drawn[0]}/parts/{drawn[1]}/board").json()
        codes = {one["code"]: one for one in board["grids"]}
        assert set(codes) == {"A01", "A02", "A05", "A06"}
        assert len([one for one in board["assignment"] if one == codes["A01"]["number"]]) == 30
        assert codes["A05"]["area_id"] is not None  # named by its code, it is the area that it was

    def test_locked_ground_is_left_alone(self, planner: Planner, drawn: tuple[int, int]) -> None:
        board = planner.get(f"/{drawn[0]}/parts/{drawn[1]}/board").json()
        merged = next(one["number"] for one in board["grids"] if one["number"] in (1, 2))
        planner.draw(*drawn, 2, "lock", grids=[merged], locked=True)
        data = collection(foreign(**self.good()))
        at = f"/{drawn[0]}/parts/{drawn[1]}/file"
        assert planner.send(f"{at}/preview", data).json()["locked"] == [merged]
        answer = planner.send(at, data, revision=3)
        assert (answer.status_code, answer.json()["code"]) == (409, "grid-locked")


class TestBadFiles:
    def table(self, planner: Planner) -> list[list[str]]:
        data = planner.get("/in-force/file", format="csv", community="W1").content.decode("utf-8-sig")
        return list(csv.reader(io.StringIO(data)))

    def sent(self, planner: Planner, drawn: tuple[int, int], rows: list[list[str]], encoding: str = "utf-8") -> Any:
        out = io.StringIO()
        csv.writer(out).writerows(rows)
        return planner.send(f"/{drawn[0]}/parts/{drawn[1]}/file/preview", out.getvalue().encode(encoding)).json()

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    def test_a_table_of_two_columns_is_enough(self, encoding: str, planner: Planner, drawn: tuple[int, int]) -> None:
        rows = self.table(planner)
        kept = [["地块", "网格编码"], *([row[1], row[5]] for row in rows[1:])]
        found = self.sent(planner, drawn, kept, encoding)
        assert (found["grids_after"], found["atoms_unassigned"], found["fault_count"]) == (4, 0, 0)

    def test_every_bad_cell_is_told_with_its_line_and_column(self, planner: Planner, drawn: tuple[int, int]) -> None:
        rows = self.table(planner)
        at = {name: place for place, name in enumerate(rows[0])}
        rows[1][at["atom"]] = "nowhere"
        rows[2][at["target"]] = "three hundred"
        rows[3][at["households"]] = "-4"
        rows[4][at["area_id"]] = "987654"
        rows.append(list(rows[5]))
        rows[-1][at["number"]] = "4" if rows[5][at["number"]] != "4" else "1"
        found = self.sent(planner, drawn, rows)
        told = {(one["row"], one["column"], one["code"]) for one in found["faults"]}
        assert (2, "atom", "atom-unknown") in told
        assert (3, "target", "not-a-number") in told
        assert (4, "households", "number-out-of-range") in told
        assert {code for row, _column, code in told if row == len(rows)} & {"atom-doubled", "grid-disagrees"}
        text = "\n".join(",".join(row) for row in rows).encode()
        answer = planner.send(f"/{drawn[0]}/parts/{drawn[1]}/file", text, revision=2)
        assert (answer.status_code, answer.json()["code"]) == (422, "rows-at-fault")
        assert "row 2, atom" in answer.json()["detail"]

    def test_households_that_do_not_sum_are_told(self, planner: Planner, drawn: tuple[int, int]) -> None:
        rows = self.table(planner)
        rows[1][3] = str(int(rows[1][3]) + 5)
        counted = self.sent(planner, drawn, rows)["counted"]
        assert counted["in_file"] == counted["in_count"] + 5
        assert counted["atoms"] == len(rows) - 1

    def test_missing_columns_and_other_files_are_refused_by_name(
        self, planner: Planner, drawn: tuple[int, int]
    ) -> None:
        at = f"/{drawn[0]}/parts/{drawn[1]}/file/preview"
        answer = planner.send(at, b"a,b\n1,2\n")
        assert (answer.status_code, answer.json()["code"]) == (422, "column-missing")
        answer = planner.send(at, b"atom,grid\n1,2\n", atom_column="Atomm")
        assert answer.json()["code"] == "column-missing"
        assert "atom" in answer.json()["remedy"]
        assert planner.send(at, b"%PDF-1.4 nothing").json()["code"] == "format-unknown"
        assert planner.send(at, collection([])).json()["code"] == "file-empty"
        far = {"X": shapely.box(10, 50, 10.01, 50.01)}
        assert planner.send(at, collection(foreign(**far))).json()["code"] == "not-in-this-city"


class TestCompare:
    def test_a_plan_beside_what_is_in_force(self, planner: Planner, drawn: tuple[int, int], tmp_path: Path) -> None:
        found = planner.get(f"/{drawn[0]}/compare/in-force").json()
        (community,) = found["communities"]
        board = planner.get(f"/{drawn[0]}/parts/{drawn[1]}/board").json()
        assert community["totals_before"]["households"] == board["totals"]["households"]
        fates = {one["fate"]: one for one in community["grids"]}
        assert set(fates) == {"split", "new", "same"}  # from the plan to what is in force, what was merged is split
        new = fates["new"]["after"]
        assert found["households_moved"] == new["households"] == sum(one["households"] for one in community["moved"])
        assert community["moved_count"] == drawing.ACROSS**2
        assert all(one["cases"] == 0 for one in community["moved"])
        page = planner.get(f"/{drawn[0]}/compare/in-force/page")
        assert not re.findall(r"src=.?https?:|@import|<link", page.text)
        assert page.headers["content-security-policy"].endswith("sandbox allow-scripts")
        path = tmp_path / "c.gpkg"
        path.write_bytes(planner.get(f"/{drawn[0]}/compare/in-force/file").content)
        layers = {str(name) for name, _kind in pyogrio.list_layers(path)}
        assert layers == {"before", "after", "moved", "grids"}
        meta, _fids, geometry, fields = pyogrio.raw.read(path, layer="moved")
        moved = dict(zip(meta["fields"], fields, strict=True))
        assert moved["households"].sum() == found["households_moved"]
        assert all(shape(mapping(one)).is_valid for one in shapely.from_wkb(geometry))

    def test_two_plans_of_which_one_lies_on_newer_ground(
        self, house: House, planner: Planner, ids: dict[str, int], drawn: tuple[int, int]
    ) -> None:
        with house.db.transaction() as session:
            drawing.lay(session, "W1", salt="new", across=6)
        other = planner.plan(ids["W1"])
        found = planner.get(f"/{drawn[0]}/compare/{other}").json()
        (community,) = found["communities"]
        assert not community["same_ground"]
        assert found["households"] == community["totals_after"]["households"]
        assert 0 < found["households_moved"] < found["households"]
        assert {one["fate"] for one in community["grids"]} == {"split", "new", "same"}

    def test_a_community_that_only_one_draws_stands_beside_what_is_in_force(
        self, planner: Planner, ids: dict[str, int], drawn: tuple[int, int]
    ) -> None:
        other = planner.plan(ids["E1"])
        found = planner.get(f"/{drawn[0]}/compare/{other}").json()
        told = {one["community"]: (one["before_in_force"], one["after_in_force"]) for one in found["communities"]}
        assert told == {"W1": (False, True), "E1": (True, False)}

    def test_open_cases_of_moved_ground_are_counted_and_ended_ones_are_not(
        self, house: House, planner: Planner, drawn: tuple[int, int]
    ) -> None:
        """One open case and one that ended in the middle of every grid: the ground of one grid moves."""
        with house.db.transaction() as session:
            for since, ended in ((1, False), (17, True)):
                values = {"now": drawing.NOW, "since": since, "until": since + 15, "ended": ended}
                session.execute(text(FILL), values)
        found = planner.get(f"/{drawn[0]}/compare/in-force").json()
        assert found["cases_moved"] == 1
        moved = found["communities"][0]["moved"]
        assert [one["cases"] for one in moved if one["cases"]] == [1]
        assert found["communities"][0]["totals_after"]["open_cases"] == 4

    def test_there_is_nothing_to_compare_with_a_plan_that_is_not_there(
        self, planner: Planner, drawn: tuple[int, int]
    ) -> None:
        answer = planner.get(f"/{drawn[0]}/compare/999999")
        assert (answer.status_code, answer.json()["code"]) == (404, "plan-unknown")
