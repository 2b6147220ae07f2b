"""National division codes: any order, any length, once."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from gridgov.areas.divisions import division
from gridgov.bootstrap import House
from gridgov.interop.imports.divisions import import_divisions
from gridgov.interop.imports.run import Place
from tests.integration.interop import making

ROWS = [
    {"code": "110101001001", "name": "某社区居委会"},
    {"code": "110101001", "name": "某街道"},
    {"code": "110000", "name": "某市"},
    {"code": "110101", "name": "某区"},
    {"code": "1101", "name": "市辖区"},
    {"code": "44", "name": "某省"},
    {"code": "4419", "name": "某直筒子市"},
    {"code": "441900003", "name": "某镇"},
    {"code": "999999", "name": "无上级"},
    {"code": "12", "name": ""},
    {"code": "12x", "name": "坏码"},
]


@pytest.fixture
def place(house: House, tmp_path: Path) -> Place:
    return Place(house.db, problems=tmp_path / "problems")


def test_codes_find_those_above_them(place: Place, house: House, tmp_path: Path) -> None:
    path = making.table(tmp_path / "d.csv", ROWS, "gbk")
    report = import_divisions(place, [path])
    assert (report.read, report.taken, report.repeated, report.refused) == (11, 8, 0, 3)
    with house.db.transaction() as session:
        found = division(session, "110101001001")
        assert [(one.code, one.level) for one in found] == [
            ("11", "province"), ("1101", "city"), ("110101", "district"), ("110101001", "subdistrict"),
            ("110101001001", "community"),
        ]  # fmt: skip
        assert [one.code for one in division(session, "441900003")] == ["44", "4419", "441900003"]
        assert division(session, "999999") == []


def test_a_second_load_repeats_and_a_new_name_is_taken(place: Place, house: House, tmp_path: Path) -> None:
    path = making.table(tmp_path / "d.csv", ROWS[:8])
    import_divisions(place, [path])
    with house.db.transaction() as session:
        before = making.fingerprint(session)
    again = import_divisions(place, [path])
    assert (again.taken, again.repeated) == (0, 8)
    with house.db.transaction() as session:
        assert making.fingerprint(session) == before
    renamed = making.table(tmp_path / "d.csv", [ROWS[1] | {"name": "改名街道"}])
    assert import_divisions(place, [renamed]).taken == 1
    with house.db.transaction() as session:
        assert (
            session.execute(text("select name from catalogue.division where code = '110101001'")).scalar_one()
            == "改名街道"
        )
