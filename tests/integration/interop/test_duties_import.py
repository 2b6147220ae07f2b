"""Categories, agencies, sites and duty lists from files."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gridgov.bootstrap import House
from gridgov.duties.service import ListMovedOn
from gridgov.interop.cityfile import Agencies, CategoryTable, Duties, Sites
from gridgov.interop.imports.agencies import import_agencies
from gridgov.interop.imports.categories import import_categories, import_national
from gridgov.interop.imports.duties import import_duties
from gridgov.interop.imports.run import Place
from gridgov.interop.imports.sites import import_sites
from gridgov.interop.problems import ImportReport
from tests import sample
from tests.integration.interop import making


@pytest.fixture
def place(sampled: House, tmp_path: Path) -> Place:
    return Place(sampled.db, problems=tmp_path / "problems")


def problems(report: ImportReport) -> list[tuple[int, str, str]]:
    assert report.problem_file is not None
    with report.problem_file.open(encoding="utf-8-sig", newline="") as stream:
        return [(int(line["row"]), line["column"], line["code"]) for line in csv.DictReader(stream)]


def test_the_national_catalogue_is_copied_once(place: Place, house: House) -> None:
    first, second = import_national(place), import_national(place)
    assert (first.read, second.taken, second.repeated) == (403, 0, 403)
    with house.db.transaction() as session:
        assert session.execute(text("select count(*) from catalogue.category")).scalar_one() == 403
        name = session.execute(text("select names->>'zh' from duties_category where code = '06010'")).scalar_one()
    assert name == "暴露垃圾"


def test_categories_from_a_file_of_other_things(place: Place, tmp_path: Path) -> None:
    rows = [{"code": c, "title": f"t{c}"} for c in ("X1", "X2", "X1", "", "X1")]
    part = CategoryTable.model_validate(
        {"file": "c.csv", "distinct": True, "columns": {"code": "code", "name_en": "title"}}
    )
    path = making.table(tmp_path / "c.csv", rows)
    report = import_categories(place, part, [path])
    assert (report.read, report.taken, report.repeated, report.refused) == (5, 2, 2, 1)
    assert problems(report) == [(5, "code", "value-missing")]
    assert import_categories(place, part, [path]).taken == 0


def agencies(place: Place, tmp_path: Path, rows: list[dict[str, Any]]) -> ImportReport:
    columns = {"code": "code", "name_zh": "name", "parent": "parent", "phone": "phone"}
    part = Agencies.model_validate({"file": "a.csv", "columns": columns})
    return import_agencies(place, part, [making.table(tmp_path / "a.csv", rows)])


def test_agencies_stand_under_their_parents_in_any_order(place: Place, house: House, tmp_path: Path) -> None:
    rows = [
        {"code": "B2", "name": "分局二", "parent": "B1", "phone": ""},
        {"code": "B1", "name": "分局一", "parent": "CG", "phone": "12345"},
        {"code": "L1", "name": "迷路", "parent": "NOBODY", "phone": ""},
        {"code": "L2", "name": "随之", "parent": "L1", "phone": ""},
    ]
    report = agencies(place, tmp_path, rows)
    assert (report.taken, report.refused) == (2, 2)
    assert problems(report) == [(4, "parent", "agency-unknown"), (5, "parent", "agency-unknown")]
    with house.db.transaction() as session:
        found = session.execute(
            text(
                "select a.code, p.code as parent, a.attributes from duties_agency a "
                "left join duties_agency p on p.id = a.parent_id"
            )
        ).all()
    assert {row.code: row.parent for row in found if row.code.startswith("B")} == {"B1": "CG", "B2": "B1"}
    assert next(row.attributes for row in found if row.code == "B1") == {"phone": "12345"}
    assert agencies(place, tmp_path, rows).repeated == 2


def test_a_unit_is_stationed_in_an_area_that_exists(place: Place, house: House, tmp_path: Path) -> None:
    rows = [
        {"code": "S1", "name": "中队一", "parent": "CG", "at": "WS"},
        {"code": "S2", "name": "中队二", "parent": "CG", "at": "nowhere"},
        {"code": "S3", "name": "中队三", "parent": "CG", "at": ""},
    ]
    columns = {"code": "code", "name_zh": "name", "parent": "parent", "stationed": "at"}
    part = Agencies.model_validate({"file": "a.csv", "columns": columns})
    path = making.table(tmp_path / "a.csv", rows)
    report = import_agencies(place, part, [path])
    assert (report.taken, problems(report)) == (2, [(3, "at", "area-unknown")])
    query = (
        "select a.code, v.code as area from duties_agency a "
        "left join areas_version v on v.area_id = a.stationed_id where a.code like 'S_'"
    )
    with house.db.transaction() as session:
        assert {row.code: row.area for row in session.execute(text(query))} == {"S1": "WS", "S3": None}
    assert import_agencies(place, part, [path]).repeated == 2
    items = [{"code": "S3", "names": {"zh": "中队三"}, "parent": "CG", "stationed": "subdistrict:WS"}]
    assert import_agencies(place, Agencies.model_validate({"items": items}), []).refused == 0
    with house.db.transaction() as session:
        assert {row.code: row.area for row in session.execute(text(query))} == {"S1": "WS", "S3": "WS"}


def test_sites_name_an_agency_that_exists(place: Place, house: House, tmp_path: Path) -> None:
    lon, lat = sample.centre("A03")
    rows = [
        {"id": "1", "name": "站一", "agency": "HW", "lon": lon, "lat": lat},
        {"id": "2", "name": "站二", "agency": "NOBODY", "lon": lon, "lat": lat},
        {"id": "3", "name": "服务点", "agency": "", "lon": lon, "lat": lat},
    ]
    part = Sites.model_validate({"file": "s.csv", "columns": {"id": "id", "name_zh": "name", "agency": "agency"}})
    path = making.table(tmp_path / "s.csv", rows)
    report = import_sites(place, part, [path])
    assert (report.taken, report.refused) == (2, 1)
    assert problems(report) == [(3, "agency", "agency-unknown")]
    assert import_sites(place, part, [path]).repeated == 2


def duties(place: Place, tmp_path: Path, rows: list[dict[str, Any]], **how: Any) -> ImportReport:
    words = {"category": "事项", "lead": "牵头", "support": "配合", "class": "类别", "area": "区域"}
    columns = words | {"served_from_sites": "就近"}
    part = Duties.model_validate({"file": "d.csv", "name": "新清单", "columns": columns, **how})
    return import_duties(place, part, [making.table(tmp_path / "d.csv", rows, "gbk")])


def item(
    category: str, lead: str, support: str = "", kind: str = "专业", area: str = "", near: str = ""
) -> dict[str, Any]:
    return {"事项": category, "牵头": lead, "配合": support, "类别": kind, "区域": area, "就近": near}


GOOD = [
    item("06*", "HW", "CG；@unit", near="是"),
    item("09009", "@unit", kind="综合"),
    item("09009", "JJ", kind="协助", area="E"),
    item("*", "CG", area="district:W"),
]


def test_a_duty_list_is_put_in_force_once(place: Place, house: House, tmp_path: Path) -> None:
    first, second = duties(place, tmp_path, GOOD), duties(place, tmp_path, GOOD)
    assert (first.taken, second.taken, second.repeated) == (4, 0, 4)
    with house.db.transaction() as session:
        row = session.execute(
            text(
                "select i.management_class, i.served_from_sites, "
                "array_agg(coalesce(a.code, '@' || s.level) order by position) as bodies "
                "from duties_item i join duties_list l on l.id = i.list_id join duties_support s on s.item_id = i.id "
                "left join duties_agency a on a.id = s.agency_id "
                "where l.name = '新清单' and i.category = '06*' group by i.id"
            )
        ).one()
    assert (row.management_class, row.served_from_sites, row.bodies) == ("professional", True, ["CG", "@unit"])


def test_other_content_needs_a_later_day(place: Place, house: House, tmp_path: Path) -> None:
    duties(place, tmp_path, GOOD)
    with house.db.transaction() as session:
        before = making.fingerprint(session)
    with pytest.raises(ListMovedOn):
        duties(place, tmp_path, GOOD[:2])
    with house.db.transaction() as session:
        assert making.fingerprint(session) == before
    assert duties(place, tmp_path, GOOD[:2], valid_from=date(2026, 7, 1)).taken == 2
    with house.db.transaction() as session:
        assert session.execute(text("select count(*) from duties_list where name = '新清单'")).scalar_one() == 2


def test_items_that_name_nothing_known_are_refused(place: Place, tmp_path: Path) -> None:
    rows = [
        item("06010", "HW"),
        item("99999", "HW"),
        item("77*", "HW"),
        item("06010", "NOBODY"),
        item("09009", "@village"),
        item("09009", "JJ", area="NOWHERE"),
        item("09009", "JJ", support="CG;NOBODY"),
        item("09009", "JJ", kind="兼职"),
        item("06010", "CG"),
        item("06010", "HW"),
    ]
    report = duties(place, tmp_path, rows)
    assert (report.read, report.taken, report.repeated, report.refused) == (10, 1, 1, 8)
    assert problems(report) == [
        (3, "事项", "category-unknown"),
        (4, "事项", "category-unknown"),
        (5, "牵头", "agency-unknown"),
        (6, "牵头", "not-a-choice"),
        (7, "区域", "area-unknown"),
        (8, "配合", "agency-unknown"),
        (9, "类别", "not-a-choice"),
        (10, "code", "code-repeated"),
    ]


def test_items_written_out_and_sites_by_category(place: Place, house: House, tmp_path: Path) -> None:
    part = Duties.model_validate(
        {
            "name": "手写清单",
            "served_from_sites": ["06*"],
            "items": [
                {"category": "09009", "lead": "JJ", "class": "协助", "support": ["@unit"]},
                {"category": "x", "lead": "JJ"},
            ],
        }
    )
    report = import_duties(place, part, [])
    assert (report.read, report.taken, report.refused) == (2, 1, 1)
    report = duties(place, tmp_path, [item("06010", "HW"), item("09009", "JJ")], served_from_sites=["06*"])
    with house.db.transaction() as session:
        served = session.execute(
            text(
                "select category, served_from_sites from duties_item i "
                "join duties_list l on l.id = i.list_id where l.name = '新清单'"
            )
        ).all()
    assert {row.category: row.served_from_sites for row in served} == {"06010": True, "09009": False}
