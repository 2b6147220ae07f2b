"""An incident on the page: number and secret for whoever reported, contact and photos for whoever may see them."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from tests.e2e.conftest import Appoint, OpenPage
from tests.e2e.test_report import RUBBISH, fill_in, place_in_a_grid

pytestmark = pytest.mark.browser
PHONE = "13800005678"


def jpeg(name: str, colour: str | None) -> FilePayload:
    """A picture; without a colour something that only says it is one."""
    made = io.BytesIO(b"not a picture")
    if colour is not None:
        Image.new("RGB", (640, 480), colour).save(made, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": made.getvalue()}


def reported(page: Page, words: str) -> dict[str, Any]:
    """Reports at the chosen place, with a contact; the receipt as the server gave it."""
    fill_in(page, words)
    page.get_by_label("姓名").fill("王小明")
    page.get_by_label("电话").fill(PHONE)
    with page.expect_response("**/api/v1/incidents") as waiting:
        page.get_by_role("button", name="提交").click()
    receipt: dict[str, Any] = waiting.value.json()
    expect(page.get_by_role("heading", name="已受理")).to_be_visible()
    return receipt


def test_number_and_secret_tell_how_the_matter_stands(open_page: OpenPage, server: httpx.Client) -> None:
    page = open_page(f"/?at={place_in_a_grid(server, 160)['at']}&duty={RUBBISH}")
    receipt = reported(page, "凭编号和查询码可查")
    expect(page.get_by_test_id("receipt-secret")).to_contain_text(receipt["secret"])
    expect(page.locator(".receipt")).to_contain_text("请保存编号和查询码")

    resident = open_page("/sign-in", person=None, ready=False)
    look_up = resident.get_by_role("region", name="查询上报进度")
    look_up.get_by_label("受理编号").fill(receipt["number"])
    look_up.get_by_label("查询码").fill("0000000000")
    look_up.get_by_role("button", name="查询").click()
    expect(look_up.get_by_role("alert")).to_contain_text("没有查到")
    look_up.get_by_label("查询码").fill(receipt["secret"].lower())
    look_up.get_by_role("button", name="查询").click()
    answer = look_up.get_by_role("heading", name=receipt["number"])
    expect(answer).to_contain_text("处理中")
    expect(answer).to_be_focused()
    expect(look_up).to_contain_text("暴露垃圾")
    expect(look_up).to_contain_text(receipt["lead"]["names"]["zh"])
    expect(look_up).not_to_contain_text("凭编号和查询码可查")
    assert receipt["secret"] not in resident.url


def test_a_contact_is_masked_and_opened_for_a_reason_that_is_kept(
    open_page: OpenPage, server: httpx.Client, demo_house: House
) -> None:
    page = open_page(f"/?at={place_in_a_grid(server, 162)['at']}&duty={RUBBISH}")
    receipt = reported(page, "联系方式要掩码")
    contact = page.get_by_test_id("contact")
    expect(contact).to_contain_text("138****5678")
    expect(page.locator("body")).not_to_contain_text(PHONE)
    page.get_by_role("button", name="显示完整信息").click()
    expect(page.get_by_label("查看事由")).to_be_focused()
    page.get_by_role("button", name="查看", exact=True).click()
    expect(contact).to_contain_text("138****5678")  # without a reason nothing happens
    page.get_by_label("查看事由").fill("向反映人核实具体位置")
    page.get_by_role("button", name="查看", exact=True).click()
    expect(contact).to_contain_text(PHONE)
    expect(contact).to_contain_text("王小明")
    with demo_house.db.transaction() as session:
        (kept,) = session.execute(
            text("select facts::text, reason from audit_entry where action = 'reveal' and row_id = :id"),
            {"id": receipt["id"]},
        ).all()
    assert kept.reason == "向反映人核实具体位置"
    assert PHONE not in kept.facts
    page.reload()
    page.wait_for_selector('.map-canvas[aria-busy="false"]')
    expect(page.locator("body")).not_to_contain_text(PHONE)


def test_who_may_not_read_contacts_sees_none(open_page: OpenPage, server: httpx.Client, people: Appoint) -> None:
    place = place_in_a_grid(server, 164)
    receipt = reported(open_page(f"/?at={place['at']}&duty={RUBBISH}"), "督查看不到联系方式")
    path = f"/?at={place['at']}&incident={receipt['id']}"
    allowed = open_page(path, person=people(Role.CENTRE_OPERATOR))
    expect(allowed.get_by_test_id("contact")).to_contain_text("138****5678")
    page = open_page(path, person=people(Role.DISTRICT_SUPERVISOR))
    expect(page.get_by_role("heading", name="暴露垃圾")).to_be_focused()
    expect(page.locator(".incident")).to_contain_text("督查看不到联系方式")
    expect(page.get_by_test_id("contact")).to_have_count(0)
    expect(page.get_by_text("添加照片")).to_have_count(0)
    deputy = open_page(path, person=people(Role.DEPUTY))
    expect(deputy.get_by_role("heading", name="暴露垃圾")).to_be_visible()
    expect(deputy.locator(".incident")).not_to_contain_text("督查看不到联系方式")


def test_photos_are_added_one_that_is_refused_refuses_no_other(open_page: OpenPage, server: httpx.Client) -> None:
    place = place_in_a_grid(server, 166)
    page = open_page(f"/?at={place['at']}&duty={RUBBISH}")
    receipt = reported(page, "有照片")
    page.get_by_label("添加照片").set_input_files(
        [jpeg("one.jpg", "red"), jpeg("broken.jpg", None), jpeg("two.jpg", "blue")]
    )
    photos = page.get_by_role("region", name="照片")
    expect(photos.get_by_role("img")).to_have_count(2)
    expect(photos.get_by_role("alert")).to_have_count(1)
    expect(photos.locator(".photo-sending")).to_contain_text("broken.jpg")
    expect(photos).to_contain_text("还能添加 7 张")
    photos.get_by_role("button", name="移除 broken.jpg").click()
    expect(photos.get_by_role("alert")).to_have_count(0)
    drawn = photos.get_by_role("img").evaluate_all("images => images.map(image => image.naturalWidth)")
    assert all(width > 0 for width in drawn)
    kept = server.get(f"/incidents/{receipt['id']}/attachments").json()
    assert len(kept["items"]) == 2

    page.goto(page.url.split("?")[0] + f"?at={place['at']}")
    page.locator(".latest").get_by_role("button", name="暴露垃圾").first.click()
    expect(page.get_by_role("heading", name="暴露垃圾")).to_be_focused()
    expect(page.get_by_role("region", name="照片").get_by_role("img")).to_have_count(2)
    page.go_back()
    expect(page.locator(".latest")).to_be_visible()
