"""`/api/v1/duty-lists`: a list from its sheet to its publication, and what is refused on the way."""

from __future__ import annotations

import csv
import io

import httpx
import pytest

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.duties.rules import ListKind
from gridgov.interop import dutylists
from tests import sample
from tests.integration.duties.making import NAMES, items, matters, put_matters
from tests.people import Person, appoint

LISTS = "/api/v1/duty-lists"
NAME, KIND = NAMES[ListKind.TASKS], "tasks"


@pytest.fixture
def city(sampled: House) -> House:
    with sampled.db.transaction() as session:
        put_matters(session)
    return sampled


@pytest.fixture
def asker(city: House) -> Person:
    return appoint(city, Role.ADMINISTRATOR)


def send(api: httpx.Client, person: Person, what: str, data: bytes, **params: str | bool) -> httpx.Response:
    return api.post(
        f"{LISTS}/{what}", params={"name": NAME, **params}, files=[("file", ("x", data))], headers=person.headers
    )


def spoilt(column: str, row: int, value: str, *more: tuple[str, int, str]) -> bytes:
    """The clean sheet with other values in some cells; rows count from 1, the header is the first."""
    table = list(csv.reader(io.StringIO(dutylists.to_csv(items(ListKind.TASKS), {}, {}).decode("utf-8-sig"))))
    for name, number, new in ((column, row, value), *more):
        table[number - 1][table[0].index(name)] = new
    out = io.StringIO(newline="")
    csv.writer(out).writerows(table)
    return out.getvalue().encode()


def test_from_the_sheet_to_publication(api: httpx.Client, city: House, asker: Person) -> None:
    other = appoint(city, Role.DISTRICT_SUPERVISOR)
    data = dutylists.to_xlsx(items(ListKind.TASKS), {}, {})
    preview = send(api, asker, "previews", data).json()
    assert (preview["rows"], preview["faults"], preview["comparison"]["added"]) == (185, 0, 185)
    assert api.get(LISTS, params={"name": NAME}, headers=asker.headers).json()["items"] == [], "a preview keeps nothing"
    made = send(api, asker, "drafts", data, kind=KIND, basis="样政办〔2026〕1号")
    assert made.status_code == 201, made.text
    ident = made.json()["list"]["id"]
    assert made.headers["location"] == f"{LISTS}/{ident}"
    told = api.get(f"{LISTS}/{ident}/findings", headers=asker.headers).json()
    assert told["errors"] == 0
    assert api.get(f"{LISTS}/{ident}/losses", headers=asker.headers).json() == {"items": []}
    request = api.post(f"{LISTS}/{ident}/request", json={}, headers=asker.headers)
    assert request.status_code == 201, request.text
    decision = f"/api/v1/approvals/{request.json()['id']}/decision"
    alone = api.post(decision, json={"yes": True}, headers=asker.headers)
    assert (alone.status_code, alone.json()["code"]) == (403, "same-person")
    early = api.post(f"{LISTS}/{ident}/publication", headers=asker.headers)
    assert (early.status_code, early.json()["code"]) == (409, "approval-state")
    assert api.post(decision, json={"yes": True}, headers=other.headers).status_code == 200
    done = api.post(f"{LISTS}/{ident}/publication", headers=asker.headers)
    assert (done.status_code, done.json()) == (200, {"id": ident, "version": 1, "items": 185})
    route = api.get(
        "/api/v1/route",
        params=dict(zip(("lon", "lat"), sample.centre("A02"), strict=True)) | {"category": matters(ListKind.TASKS)[0]},
        headers=asker.headers,
    ).json()
    assert route["outcome"] == "routed"
    gone = api.delete(f"{LISTS}/{ident}", headers=asker.headers)
    assert (gone.status_code, gone.json()["code"]) == (409, "not-a-draft")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_exported_imports_to_no_change(api: httpx.Client, asker: Person, form: str) -> None:
    """The control is a cell that was changed in between."""
    first = send(api, asker, "drafts", dutylists.to_csv(items(ListKind.TASKS), {}, {}), kind=KIND).json()["list"]
    out = api.get(f"{LISTS}/{first['id']}/sheet", params={"format": form}, headers=asker.headers)
    again = send(api, asker, "drafts", out.content, kind=KIND).json()["list"]
    assert again["digest"] == first["digest"]
    other = send(api, asker, "drafts", spoilt("处置时限", 17, "9 work_day"), kind=KIND).json()["list"]
    assert other["digest"] != first["digest"]


def test_one_bad_row_is_told_and_makes_no_draft(api: httpx.Client, asker: Person) -> None:
    data = spoilt("处置时限", 17, "尽快")
    preview = send(api, asker, "previews", data).json()
    assert (preview["rows"], preview["faults"]) == (184, 1)
    (fault,) = preview["fault_rows"]
    assert (fault["row"], fault["column"], fault["value"], fault["code"]) == (17, "处置时限", "尽快", "limit-malformed")
    refused = send(api, asker, "drafts", data, kind=KIND)
    assert (refused.status_code, refused.json()["code"]) == (422, "rows-at-fault")
    assert "row 17" in refused.json()["detail"]
    assert api.get(LISTS, params={"name": NAME}, headers=asker.headers).json()["items"] == []
    made = send(api, asker, "drafts", data, kind=KIND, leave_bad_rows=True)
    assert made.status_code == 201
    assert made.json()["list"]["items"] == 184
    assert [one["row"] for one in made.json()["left"]] == [17], "what is left out is named"


def test_every_fault_of_every_row_is_told(api: httpx.Client, asker: Person) -> None:
    first = items(ListKind.TASKS)[0].code
    data = spoilt(
        "牵头单位", 2, "NOBODY", ("解决层级", 2, "省"), ("事项代码", 3, "99999"), ("适用区域", 4, "ZZ"),
        ("条目编码", 5, first), ("付费部门", 6, "'@unit"), ("有效期至", 7, "some day"), ("其他属性", 8, "[1"),
        ("廉政风险点", 9, "!;!"), ("准入编号", 10, "5"),
    )  # fmt: skip
    told = send(api, asker, "previews", data).json()["fault_rows"]
    assert {(one["row"], one["column"], one["code"]) for one in told} >= {
        (2, "牵头单位", "agency-unknown"), (2, "解决层级", "not-a-choice"), (3, "事项代码", "category-unknown"),
        (4, "适用区域", "area-unknown"), (6, "付费部门", "agency-unknown"), (7, "有效期至", "not-a-time"),
        (8, "其他属性", "not-json"), (9, "廉政风险点", "risk-point-malformed"), (10, "准入编号", "admission-unknown"),
    }  # fmt: skip
    assert all(one["reason"]["zh"] and one["reason"]["en"] for one in told)
    repeated = send(api, asker, "previews", spoilt("条目编码", 5, first)).json()["fault_rows"]
    assert [(one["row"], one["code"]) for one in repeated] == [(5, "code-repeated")]


def test_preview_names_what_changes_field_by_field(api: httpx.Client, city: House, asker: Person) -> None:
    other = appoint(city, Role.DISTRICT_SUPERVISOR)
    ident = send(api, asker, "drafts", dutylists.to_csv(items(ListKind.TASKS), {}, {}), kind=KIND).json()["list"]["id"]
    request = api.post(f"{LISTS}/{ident}/request", json={}, headers=asker.headers).json()["id"]
    api.post(f"/api/v1/approvals/{request}/decision", json={"yes": True}, headers=other.headers)
    api.post(f"{LISTS}/{ident}/publication", headers=asker.headers)
    code = items(ListKind.TASKS)[3].code
    change = send(api, asker, "previews", spoilt("处置时限", 5, "1 work_day", ("牵头单位", 5, "CG"))).json()[
        "comparison"
    ]
    assert (change["added"], change["removed"], change["changed"], change["unchanged"]) == (0, 0, 1, 184)
    (one,) = change["changed_items"]
    assert one["code"] == code
    assert {(f["field"], f["before"], f["after"]) for f in one["fields"]} == {
        ("limit", "7 natural_day", "1 work_day"),
        ("lead", "@unit", "CG"),
    }


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "sheet-empty"),
        (b"PK\x03\x04 no workbook", "sheet-broken"),
        ("条目编码,事项代码\n1,2\n".encode(), "column-missing"),
        (b"a,b,a\n1,2,3\n", "sheet-broken"),
        (b"code,category,lead\n", "sheet-empty"),
        (b'code,category,lead\n"1,2', "sheet-broken"),
        (b"\xff\xfe\x00", "sheet-broken"),
        (b"code,category,lead\n" + b"1,2,3\n" * 20_002, "sheet-too-large"),
        (b"x" * (5 * 2**20 + 1), "too-large"),
    ],
)
def test_a_file_that_is_no_list_is_refused(api: httpx.Client, asker: Person, data: bytes, code: str) -> None:
    refused = send(api, asker, "previews", data)
    assert refused.json()["code"] == code, refused.text
    assert refused.status_code == (413 if "large" in code else 422)


def test_pages_of_items(api: httpx.Client, asker: Person) -> None:
    ident = send(api, asker, "drafts", dutylists.to_csv(items(ListKind.TASKS), {}, {}), kind=KIND).json()["list"]["id"]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = api.get(f"{LISTS}/{ident}/items", params={"limit": 50, "cursor": cursor}, headers=asker.headers).json()
        seen += [one["code"] for one in answer["items"]]
        cursor = answer["next"]
    assert seen == [one.code for one in items(ListKind.TASKS)]
    page = api.get(LISTS, params={"limit": 1}, headers=asker.headers).json()
    after = api.get(LISTS, params={"limit": 1, "cursor": page["next"]}, headers=asker.headers).json()
    assert [page["items"][0]["name"], after["items"][0]["name"]] == [NAME, "样城责任清单"]


def test_a_dry_run_and_who_may_ask_for_it(api: httpx.Client, city: House, asker: Person) -> None:
    worker = appoint(city, Role.GRID_WORKER)
    answer = api.get(f"{LISTS}/1/dry-run", headers=asker.headers)
    assert (answer.status_code, answer.json()["incidents"]) == (200, 0)
    assert api.get(f"{LISTS}/1/dry-run", headers=worker.headers).status_code == 403
    assert api.get(f"{LISTS}/1", headers=worker.headers).json()["items"] == 3
    assert api.get(f"{LISTS}/1", auth=None).status_code == 401
