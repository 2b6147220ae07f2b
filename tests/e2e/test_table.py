"""The table twin: the same numbers as the API, sorted, filtered, taken away as CSV."""

from __future__ import annotations

import csv
import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage

pytestmark = pytest.mark.browser


def rounded(value: float) -> str:
    """Two digits, halves upwards, as browsers write them."""
    return f"{Decimal(str(value)).quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


@pytest.mark.parametrize(("level", "category"), [("grid", None), ("community", "06010"), ("subdistrict", None)])
def test_the_table_holds_the_numbers_of_the_api(
    open_page: OpenPage, server: httpx.Client, level: str, category: str | None
) -> None:
    params = {"level": level} | ({"category": category} if category else {})
    body = server.get("/density", params=params).json()
    page = open_page(f"/?level={level}&table=1" + (f"&cat={category}" if category else ""))
    rows = page.locator(".table-twin tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.children].map(cell => cell.innerText.trim()))"
    )
    shown = {code: (name, count, households, rate) for name, code, count, households, rate, _ in rows}
    expected = {
        item["code"]: (
            item["names"]["zh"],
            f"{item['count']:,}",
            "—" if item["households"] is None else f"{item['households']:,}",
            "—" if item["per_100_households"] is None else rounded(item["per_100_households"]),
        )
        for item in body["items"]
    }
    assert shown == expected
    assert page.get_by_test_id("table-sum").inner_text() == f"{sum(item['count'] for item in body['items']):,}"
    elsewhere = body["unlocated"] + body["above_level"]
    assert body["total"] == sum(item["count"] for item in body["items"]) + elsewhere
    if elsewhere:
        expect(page.locator(".time-now")).to_contain_text(f"其中 {elsewhere:,} 件不属于任何")


def test_sorting_filtering_and_going_to_the_map_by_keyboard(open_page: OpenPage, server: httpx.Client) -> None:
    items = server.get("/density", params={"level": "community"}).json()["items"]
    page = open_page("/?level=community&table=1")
    codes = page.locator(".table-twin tbody .col-code")
    by_count = [item["code"] for item in sorted(items, key=lambda item: (-item["count"], item["code"]))]
    assert codes.all_inner_texts() == by_count

    page.get_by_role("button", name="代码").focus()
    page.keyboard.press("Enter")
    assert codes.all_inner_texts() == sorted(by_count)
    expect(page.get_by_role("columnheader", name="代码")).to_have_attribute("aria-sort", "ascending")

    wanted = items[3]
    page.get_by_role("searchbox", name="筛选名称或代码").fill(wanted["code"])
    expect(codes).to_have_text([wanted["code"]])
    page.get_by_role("rowheader", name=wanted["names"]["zh"]).get_by_role("button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"map="))
    _, lon, lat = (float(part) for part in page.url.split("map=")[1].split("&")[0].split(","))
    located = server.get("/locate", params={"lon": lon, "lat": lat}).json()
    assert wanted["code"] in [area["code"] for area in located["path"]]


def test_the_csv_is_the_table(open_page: OpenPage, server: httpx.Client, tmp_path: Path) -> None:
    items = server.get("/density", params={"level": "community"}).json()["items"]
    page = open_page("/?level=community&table=1")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="下载 CSV").click()
    target = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(target)
    with target.open(encoding="utf-8-sig", newline="") as handle:
        header, *rows = list(csv.reader(handle))
    assert header[:3] == ["名称", "代码", "件数"]
    assert {(row[1], int(row[2])) for row in rows} == {(item["code"], item["count"]) for item in items}
