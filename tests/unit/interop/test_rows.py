"""Cells become texts, numbers, instants and names, with a fault that names the column."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from gridgov.interop.files.faults import REASONS, Fault, RowFault
from gridgov.interop.personal import is_personal
from gridgov.interop.rows import Row, instant_of, plain
from gridgov.interop.spreadsheet import guarded

ZONE = ZoneInfo("Asia/Shanghai")


def row(**values: object) -> Row:
    return Row("a.csv", 7, values, None)


def fault_of(caught: pytest.ExceptionInfo[RowFault]) -> tuple[str, str]:
    return caught.value.fault.code, caught.value.fault.column


def test_texts() -> None:
    one = row(a=" x ", b="NULL", c=370105001.0, d=None, e="a\x00b", f="x" * 11)
    assert one.text("a") == "x"
    assert one.text("b") is None
    assert one.text("c") == "370105001"
    assert one.text("d") is None
    assert one.text(None) is None
    assert one.text("e") == "ab"
    with pytest.raises(RowFault) as caught:
        one.text("f", most=10)
    assert fault_of(caught) == ("value-too-long", "f")
    with pytest.raises(RowFault) as caught:
        one.needed("b")
    assert fault_of(caught) == ("value-missing", "b")


@pytest.mark.parametrize(("value", "count"), [("300", 300), (300.0, 300), ("1,200", 1200), (None, None), ("", None)])
def test_counts(value: object, count: int | None) -> None:
    assert row(n=value).count("n") == count


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("many", "not-a-number"),
        ("-1", "number-out-of-range"),
        ("3.5", "not-an-integer"),
        ("1e12", "number-out-of-range"),
    ],
)
def test_bad_counts(value: object, code: str) -> None:
    with pytest.raises(RowFault) as caught:
        row(n=value).count("n")
    assert fault_of(caught) == (code, "n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-01T12:30:00Z", datetime(2024, 5, 1, 12, 30, tzinfo=UTC)),
        ("2024-05-01T12:30:00.000Z", datetime(2024, 5, 1, 12, 30, tzinfo=UTC)),
        ("2024-05-01 12:30", datetime(2024, 5, 1, 4, 30, tzinfo=UTC)),
        ("2024年5月1日 12:30", datetime(2024, 5, 1, 4, 30, tzinfo=UTC)),
        ("2024年05月01日12时30分05秒", datetime(2024, 5, 1, 4, 30, 5, tzinfo=UTC)),
        ("2024/5/1 12:30:05", datetime(2024, 5, 1, 4, 30, 5, tzinfo=UTC)),
        ("2024.5.1", datetime(2024, 4, 30, 16, 0, tzinfo=UTC)),
        ("20240501", datetime(2024, 4, 30, 16, 0, tzinfo=UTC)),
        ("1714566600000", datetime(2024, 5, 1, 12, 30, tzinfo=UTC)),
        ("45413.520833333336", datetime(2024, 5, 1, 4, 30, tzinfo=UTC)),
    ],
)
def test_instants(text: str, expected: datetime) -> None:
    found = instant_of(text, ZONE)
    assert found is not None
    assert abs((found - expected).total_seconds()) < 0.001


@pytest.mark.parametrize("text", ["yesterday", "2024-13-01", "2024年2月30日", "12:30", "7"])
def test_what_is_no_instant(text: str) -> None:
    assert instant_of(text, ZONE) is None
    with pytest.raises(RowFault) as caught:
        row(t=text).instant("t", ZONE)
    assert fault_of(caught) == ("not-a-time", "t")


def test_values_that_json_cannot_hold() -> None:
    assert plain(float("nan")) is None
    assert plain(Decimal("2.50")) == 2.5
    assert plain(b"x") is None
    assert plain({"a": [1.0, datetime(2024, 5, 1, tzinfo=UTC)]}) == {"a": [1, "2024-05-01T00:00:00+00:00"]}


def test_the_rest_is_kept_without_what_is_personal() -> None:
    one = row(code="1", 名称="甲", 联系电话="13800138000", ReporterName="x", depth=3.0, none=None)
    assert one.rest(["code"]) == {"名称": "甲", "depth": 3}


@pytest.mark.parametrize(
    "column",
    [
        "联系电话",
        "手机号",
        "身份证号",
        "reporter_name",
        "Caller Phone",
        "ID_CARD",
        "email",
        "投诉人",
        "姓名",
        "PHONE1",
        "tel.",
    ],
)
def test_personal_columns_are_known(column: str) -> None:
    assert is_personal(column)


@pytest.mark.parametrize(
    "column", ["名称", "name", "NAME", "地址", "code", "WARD", "channel", "telemetry", "街道", "户数"]
)
def test_plain_columns_are_not_taken_for_personal(column: str) -> None:
    assert not is_personal(column)


@pytest.mark.parametrize("text", ["=1+1", "+86", "-cmd", "@SUM(A1)", "\tx", "\rx"])
def test_formulas_are_defused(text: str) -> None:
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("value", ["plain", "a=b", -77.02, 5, None, "中文"])
def test_other_values_stay_as_they_are(value: object) -> None:
    assert guarded(value) == value


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_can_be_said_in_both_languages(code: str) -> None:
    names = {name for text in REASONS[code] for _a, name, _c, _d in string.Formatter().parse(text) if name}
    zh, en = REASONS[code]
    fault = Fault(code, "column", "value", dict.fromkeys(names, "VALUE"))
    assert "{" not in fault.reason["zh"]
    assert "{" not in fault.reason["en"]
    assert {n for _a, n, _c, _d in string.Formatter().parse(zh) if n} == {
        n for _a, n, _c, _d in string.Formatter().parse(en) if n
    }
