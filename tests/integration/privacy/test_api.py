"""Private data over HTTP, by people in posts and by residents with receipts, under the application's own log-in."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import HOLDINGS, House
from gridgov.incidents.receipts import number_of, receipt_secret
from gridgov.platform import clock
from gridgov.privacy import jobs
from gridgov.privacy.noticefile import parse
from gridgov.privacy.notices import NewNotice
from tests import sample
from tests.conftest import live
from tests.integration.privacy.conftest import contact_row, trail
from tests.integration.privacy.test_notices import SHIPPED, publish
from tests.people import Person, appoint


@pytest.fixture
def client(city: House) -> Iterator[httpx.Client]:
    """Of a server on the sample city; signed in as nobody."""
    with live(city) as base, httpx.Client(base_url=base, timeout=60) as made:
        yield made


@pytest.fixture
def operator(city: House) -> Person:
    """Of the city's centre."""
    return appoint(city, Role.CENTRE_OPERATOR)


@pytest.fixture
def local(city: House) -> Person:
    """Of the western sub-district's centre."""
    return appoint(city, Role.CENTRE_OPERATOR, area="WS")


def report(client: httpx.Client, *, place: str = "A02", **reporter: Any) -> dict[str, Any]:
    """A resident's report with a contact; the receipt."""
    lon, lat = sample.centre(place)
    sent = {
        "id": str(uuid.uuid4()),
        "category": "06010",
        "point": {"lon": lon, "lat": lat},
        "happened_at": (clock.utcnow() - timedelta(hours=1)).isoformat(),
        "channel": "mini-program",
        "reporter": {"name": "张三", "phone": "13812345678"} | reporter,
    }
    answer = client.post("/api/v1/incidents", json=sent)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def shown(receipt: Mapping[str, Any]) -> dict[str, str]:
    return {"number": receipt["number"], "secret": receipt["secret"]}


def close(house: House) -> None:
    with house.db.transaction() as session:
        session.execute(text("update incidents set status = 'closed'"))


def contact_of(client: httpx.Client, receipt: Mapping[str, Any], person: Person | None) -> httpx.Response:
    headers = person.headers if person else {}
    return client.get(f"/api/v1/incidents/{receipt['id']}/contact", headers=headers)


def reveal(
    client: httpx.Client, receipt: Mapping[str, Any], person: Person, reason: str = "核实位置"
) -> httpx.Response:
    path = f"/api/v1/incidents/{receipt['id']}/contact/reveal"
    return client.post(path, headers=person.headers, json={"reason": reason})


# --- contacts ---------------------------------------------------------------------------------------------------------


def test_an_operator_sees_a_mask_and_opens_it_with_a_reason(client: httpx.Client, city: House, local: Person) -> None:
    receipt = report(client)
    seen = contact_of(client, receipt, local)
    assert seen.status_code == 200, seen.text
    assert (seen.json()["name"], seen.json()["phone"]) == ("张*", "138****5678")
    assert seen.headers["cache-control"] == "no-store"
    plain = reveal(client, receipt, local)
    assert plain.status_code == 200, plain.text
    assert (plain.json()["name"], plain.json()["phone"]) == ("张三", "13812345678")
    with city.db.transaction() as session:
        row = session.execute(
            text("select account_id, post_id, role, reason, row_id from audit_entry where action = 'reveal'")
        ).one()
    assert tuple(row) == (local.account_id, local.post_id, "centre_operator", "核实位置", receipt["id"])


@pytest.mark.parametrize("body", [{}, {"reason": "abc"}, {"reason": "     "}, {"reason": "x" * 501}])
def test_without_a_reason_it_stays_shut(client: httpx.Client, city: House, local: Person, body: dict[str, str]) -> None:
    receipt = report(client)
    path = f"/api/v1/incidents/{receipt['id']}/contact/reveal"
    assert client.post(path, headers=local.headers, json=body).status_code == 422
    assert trail(city, "reveal") == []


def test_who_may_see_and_who_may_open(client: httpx.Client, city: House, local: Person) -> None:
    """Masked for who leads the sub-district, nothing for a grid worker, a deputy, the auditor or nobody."""
    receipt = report(client)
    leader = appoint(city, Role.SUBDISTRICT_LEADER, area="WS")
    assert contact_of(client, receipt, leader).json()["phone"] == "138****5678"
    assert reveal(client, receipt, leader).status_code == 403
    for role in (Role.GRID_WORKER, Role.DEPUTY, Role.AUDITOR, Role.ADMINISTRATOR, Role.PLANNER):
        person = appoint(city, role, area="WS")
        assert contact_of(client, receipt, person).status_code == 403, role
        assert reveal(client, receipt, person).status_code == 403, role
    assert contact_of(client, receipt, None).status_code == 401
    agency = appoint(city, Role.AGENCY_OFFICER, agency=receipt["agency"]["code"])
    assert reveal(client, receipt, agency).json()["phone"] == "13812345678"
    assert len(trail(city, "reveal")) == 1


def test_the_contact_of_another_part_is_not_there(client: httpx.Client, city: House) -> None:
    receipt = report(client)
    elsewhere = appoint(city, Role.CENTRE_OPERATOR, area="E")
    missing = contact_of(client, {"id": str(uuid.uuid4())}, elsewhere)
    foreign = contact_of(client, receipt, elsewhere)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "no-contact")
    assert foreign.json()["detail"] == missing.json()["detail"]
    assert reveal(client, receipt, elsewhere).status_code == 404


# --- notices and the register -----------------------------------------------------------------------------------------


def test_anybody_reads_the_notice_and_says_that_it_was_shown(client: httpx.Client, city: House) -> None:
    assert client.get("/api/v1/privacy/notices/report").status_code == 404
    new: NewNotice = parse(SHIPPED.read_text(encoding="utf-8"))
    publish(city, new, days=-400)
    notice = client.get("/api/v1/privacy/notices/report")
    assert notice.status_code == 200, notice.text
    assert notice.json()["version"] == 1
    receipt = report(client, notice=notice.json()["id"])
    row = contact_row(city, uuid.UUID(receipt["id"]))
    assert row is not None
    assert row["notice_id"] == notice.json()["id"]


def test_a_notice_that_is_not_there_is_said(client: httpx.Client, city: House) -> None:
    lon, lat = sample.centre("A02")
    sent = {
        "id": str(uuid.uuid4()),
        "category": "06010",
        "point": {"lon": lon, "lat": lat},
        "happened_at": clock.utcnow().isoformat(),
        "channel": "mini-program",
        "reporter": {"phone": "13812345678", "notice": 77},
    }
    answer = client.post("/api/v1/incidents", json=sent)
    assert (answer.status_code, answer.json()["field"]) == (422, "reporter.notice")
    with city.db.transaction() as session:
        assert session.execute(text("select count(*) from incidents")).scalar_one() == 0


def test_anybody_reads_the_register(client: httpx.Client) -> None:
    items = client.get("/api/v1/privacy/register").json()["items"]
    (phone,) = [one for one in items if (one["table"], one["column"]) == ("incidents_contact", "phone_sealed")]
    assert (phone["days"], phone["basis"], phone["store"]) == (730, "statutory-duty", "sealed")


# --- requests ---------------------------------------------------------------------------------------------------------


def file(client: httpx.Client, receipt: Mapping[str, Any], kind: str, **more: Any) -> httpx.Response:
    body = {"id": str(uuid.uuid4()), "kind": kind, "receipt": shown(receipt)} | more
    return client.post("/api/v1/privacy/requests", json=body)


def step(client: httpx.Client, person: Person, request: str, verb: str, **body: Any) -> httpx.Response:
    path = f"/api/v1/privacy/requests/{request}/{verb}"
    return client.post(path, headers=person.headers, json=body or None)


def test_a_resident_asks_with_the_receipt_and_the_centre_answers(
    client: httpx.Client, city: House, local: Person
) -> None:
    receipt = report(client)
    close(city)
    filed = file(client, receipt, "erase")
    assert filed.status_code == 201, filed.text
    request = filed.json()["id"]
    assert (filed.json()["state"], filed.json()["overdue"]) == ("received", False)
    listed = client.get("/api/v1/privacy/requests", headers=local.headers).json()["items"]
    assert [one["id"] for one in listed] == [request]
    assert step(client, local, request, "take").status_code == 200
    done = step(client, local, request, "fulfil")
    assert done.status_code == 200, done.text
    assert done.json()["ended"]["incidents.contacts"] == {"erased": 1, "frozen": 0}
    assert contact_row(city, uuid.UUID(receipt["id"])) is None
    mine = client.post("/api/v1/privacy/requests/mine", json=shown(receipt)).json()["items"]
    assert [(one["id"], one["state"]) for one in mine] == [(request, "done")]
    assert trail(city, "erase")[0]["facts"]["erased"] == 1


def test_a_wrong_receipt_files_nothing(client: httpx.Client, city: House) -> None:
    receipt, other = report(client), report(client)
    wrong = [
        shown(receipt) | {"secret": other["secret"]},
        shown(receipt) | {"secret": "0000000000"},
        shown(receipt) | {"number": "20000101-000001"},
    ]
    for one in wrong:
        answer = file(client, one, "access")
        assert (answer.status_code, answer.json()["code"]) == (404, "receipt-unknown")
        assert client.post("/api/v1/privacy/requests/mine", json=one).status_code == 404
    with city.db.transaction() as session:
        assert session.execute(text("select count(*) from privacy_request")).scalar_one() == 0


def test_a_receipt_sees_and_drops_only_its_own_requests(client: httpx.Client, city: House) -> None:
    receipt, other = report(client), report(client)
    request = file(client, receipt, "explain").json()["id"]
    assert client.post("/api/v1/privacy/requests/mine", json=shown(other)).json()["items"] == []
    path = f"/api/v1/privacy/requests/{request}/drop"
    assert client.post(path, json=shown(other)).status_code == 404
    assert client.post(path, json=shown(receipt)).json()["state"] == "dropped"
    assert client.post(path, json=shown(receipt)).status_code == 409


def test_an_operator_of_one_part_sees_and_answers_its_own(client: httpx.Client, city: House, local: Person) -> None:
    near = file(client, report(client, place="A02"), "access").json()["id"]
    far = file(client, report(client, place="B01"), "access").json()["id"]
    listed = client.get("/api/v1/privacy/requests", headers=local.headers).json()["items"]
    assert [one["id"] for one in listed] == [near]
    for verb in ("take", "fulfil"):
        assert step(client, local, far, verb).status_code == 404
    assert step(client, local, far, "refuse", reason="no right").status_code == 404
    assert step(client, local, near, "take").status_code == 200


def test_papers_are_for_the_citys_own_centre(
    client: httpx.Client, city: House, operator: Person, local: Person
) -> None:
    receipts = [report(client, place=place) for place in ("A02", "B01", "B08")]
    report(client, phone="13900000000")
    body = {"id": str(uuid.uuid4()), "kind": "access", "phone": "+86 138 1234 5678"}
    refused = client.post("/api/v1/privacy/requests/papers", headers=local.headers, json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "needs-whole-city")
    filed = client.post("/api/v1/privacy/requests/papers", headers=operator.headers, json=body)
    assert filed.status_code == 201, filed.text
    assert client.get("/api/v1/privacy/requests", headers=local.headers).json()["items"] == []
    assert step(client, operator, body["id"], "take").status_code == 200
    done = step(client, operator, body["id"], "fulfil")
    assert done.status_code == 200, done.text
    held = [one for one in done.json()["held"] if one["holding"] == "incidents.contacts"]
    assert {one["key"] for one in held} == {one["id"] for one in receipts}
    assert {one["values"]["phone"] for one in held} == {"13812345678"}
    assert done.headers["cache-control"] == "no-store"


def test_erasing_and_correcting_work_for_the_whole_city(client: httpx.Client, city: House, operator: Person) -> None:
    receipts = [report(client, place=place) for place in ("A02", "B01")]
    close(city)

    def answered(kind: str, phone: str, **more: Any) -> dict[str, Any]:
        body = {"id": str(uuid.uuid4()), "kind": kind, "phone": phone} | more
        assert client.post("/api/v1/privacy/requests/papers", headers=operator.headers, json=body).status_code == 201
        assert step(client, operator, body["id"], "take").status_code == 200
        done = step(client, operator, body["id"], "fulfil")
        assert done.status_code == 200, done.text
        found: dict[str, Any] = done.json()
        return found

    corrected = answered("correct", "13812345678", values={"phone": "13911112222"})["corrected"]
    assert corrected["incidents.contacts"] == 2
    assert len(answered("explain", "13911112222")["rules"]) > 3
    assert answered("erase", "13911112222")["ended"]["incidents.contacts"] == {"erased": 2, "frozen": 0}
    assert all(contact_row(city, uuid.UUID(one["id"])) is None for one in receipts)


def test_a_refusal_tells_its_reason_to_the_person(client: httpx.Client, city: House, local: Person) -> None:
    receipt = report(client)
    request = file(client, receipt, "erase").json()["id"]
    step(client, local, request, "take")
    assert step(client, local, request, "extend", reason="the court is asked first").status_code == 200
    assert step(client, local, request, "extend", reason="and asked again").status_code == 409
    assert step(client, local, request, "refuse", reason="the court needs it").json()["state"] == "refused"
    (mine,) = client.post("/api/v1/privacy/requests/mine", json=shown(receipt)).json()["items"]
    assert (mine["state"], mine["reason"]) == ("refused", "the court needs it")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"kind": "correct"}, "values"),
        ({"kind": "erase", "values": {"name": "李四"}}, "values"),
        ({"kind": "correct", "values": {"name": "   "}}, "values.name"),
        ({"kind": "forget"}, "kind"),
    ],
)
def test_bad_input_names_the_field(client: httpx.Client, city: House, more: dict[str, Any], field: str) -> None:
    answer = file(client, report(client), **more)
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text


def test_consents_are_recorded_and_withdrawn(
    client: httpx.Client, city: House, operator: Person, local: Person
) -> None:
    notice = publish(city, parse(SHIPPED.read_text(encoding="utf-8")), days=-400)
    receipt = report(client)
    body = {
        "id": str(uuid.uuid4()),
        "phone": "13812345678",
        "notice": notice.id,
        "purposes": ["survey"],
        "channel": "window",
    }
    for _ in range(2):
        answer = client.post("/api/v1/privacy/consents", headers=local.headers, json=body)
        assert answer.status_code == 201, answer.text
    needless = client.post(
        "/api/v1/privacy/consents", headers=local.headers, json=body | {"id": str(uuid.uuid4()), "purposes": ["reply"]}
    )
    assert (needless.status_code, needless.json()["code"]) == (422, "no-consent-needed")
    withdrawal = {"phone": "138-1234-5678", "channel": "hotline"}
    path = "/api/v1/privacy/consents/withdrawal"
    assert client.post(path, headers=local.headers, json=withdrawal).status_code == 403
    done = client.post(path, headers=operator.headers, json=withdrawal)
    assert done.status_code == 200, done.text
    assert done.json()["ended"]["incidents.contacts"] == {"erased": 0, "frozen": 1}
    frozen = contact_of(client, receipt, local).json()
    assert (frozen["phone"], frozen["frozen_because"]) == (None, "withdrawal")
    assert reveal(client, receipt, local).json()["code"] == "contact-frozen"


def test_the_keeper_ends_retention_under_its_own_role(client: httpx.Client, city: House) -> None:
    """As the server does it once a day: not as the owner of the database."""
    receipt = report(client)
    close(city)
    now = clock.utcnow() + timedelta(days=731)
    done = jobs.retain(lambda: city.internally("keeper"), HOLDINGS, now=now)
    assert done["incidents.contacts"].erased == 1
    assert contact_row(city, uuid.UUID(receipt["id"])) is None


def test_the_receipts_secret_is_that_of_its_incident(client: httpx.Client, city: House) -> None:
    """What the tests above count on."""
    receipt = report(client)
    incident = uuid.UUID(receipt["id"])
    assert receipt["secret"] == receipt_secret(city.sealer, incident)
    with city.db.transaction() as session:
        row = session.execute(text("select number, happened_at from incidents")).one()
        zone = city.locator.city(session).zone
    assert receipt["number"] == number_of(row.number, row.happened_at, zone)
