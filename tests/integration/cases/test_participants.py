"""Who takes part in a case sees what it needs of the incident, and only as long as they take part."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from tests import sample
from tests.integration.cases.test_life import People, agencies, do
from tests.integration.incidents.taking import picture
from tests.people import Person, appoint

TEXT, PHONE = "三单元门口有积水", "13900000001"


@pytest.fixture
def people(city: House) -> People:
    return People(city)


def told(api: httpx.Client, **more: Any) -> str:
    """A report with a text, an address and a contact."""
    lon, lat = sample.centre("A01")
    case_id = str(uuid.uuid4())
    body = {"id": case_id, "category": "06010", "point": {"lon": lon, "lat": lat}, "channel": "mini-program",
            "happened_at": "2026-01-01T00:00:00Z", "text": TEXT, "address": "样路1号",
            "reporter": {"phone": PHONE}, **more}  # fmt: skip
    answer = api.post("/api/v1/incidents", json=body, headers={})
    assert answer.status_code == 201, answer.text
    return case_id


def read(api: httpx.Client, case_id: str, what: str, who: Person) -> httpx.Response:
    return api.get(f"/api/v1/cases/{case_id}/{what}", headers=who.headers)


READS = ("incident", "photos", "contact")


def reveal(api: httpx.Client, case_id: str, who: Person) -> httpx.Response:
    return api.post(f"/api/v1/cases/{case_id}/contact/reveal", json={"reason": "核实具体位置"}, headers=who.headers)


def dispatched(city: House, api: httpx.Client, people: People, to: str) -> str:
    case_id = told(api)
    do(api, case_id, people.centre, "accept", facts={"condition": True, "waived": True})
    do(api, case_id, people.centre, "dispatch", to={"agency": agencies(city)[to]})
    return case_id


def test_the_holder_reads_text_photos_and_contact_as_long_as_it_holds(
    city: House, api: httpx.Client, people: People
) -> None:
    """The row policies of incidents show it to the agency that routing named; this one is another."""
    case_id = dispatched(city, api, people, "HW")
    with city.db.transaction() as session:  # routing named HW as well: let it name nobody
        session.execute(text("update incidents set agency_id = null where id = :id"), {"id": case_id})
        session.execute(text("update incidents_contact set agency_id = null where incident_id = :id"), {"id": case_id})
    holder, other = (appoint(city, Role.AGENCY_OFFICER, agency=code) for code in ("HW", "JJ"))
    assert api.get(f"/api/v1/incidents/{case_id}", headers=holder.headers).status_code == 404, "not by its own policies"
    assert read(api, case_id, "incident", holder).json()["text"] == TEXT
    assert read(api, case_id, "photos", holder).json() == {"items": [], "room_for": 9}
    assert read(api, case_id, "contact", holder).json()["phone"] == "139****0001"
    assert reveal(api, case_id, holder).json()["phone"] == PHONE
    for what in READS:
        assert read(api, case_id, what, other).status_code == 404, "another body"
    assert reveal(api, case_id, other).status_code == 404
    do(api, case_id, holder, "receive")
    do(api, case_id, holder, "ask-return", reason="不是本单位职责")
    assert read(api, case_id, "incident", holder).status_code == 200, "it holds the case until that is agreed to"
    do(api, case_id, people.centre, "agree-return")
    for what in READS:
        assert read(api, case_id, what, holder).status_code == 404, "given back"
    assert reveal(api, case_id, holder).status_code == 404


def test_a_reveal_stands_in_the_trail(city: House, api: httpx.Client, people: People) -> None:
    case_id = dispatched(city, api, people, "HW")
    holder = appoint(city, Role.AGENCY_OFFICER, agency="HW")
    sql = text(
        "select account_id, reason from audit_entry where action = 'reveal' and noun = 'incidents_contact' "
        "and row_id = :id"
    )
    with city.db.transaction() as session:
        assert not session.execute(sql, {"id": case_id}).all()
    assert read(api, case_id, "contact", holder).status_code == 200
    assert reveal(api, case_id, holder).status_code == 200
    with city.db.transaction() as session:
        rows = session.execute(sql, {"id": case_id}).all()
    assert [tuple(row) for row in rows] == [(holder.account_id, "核实具体位置")], "one entry: masked reads leave none"


def test_who_has_a_task_reads_it_and_heads_reveal_nothing(city: House, api: httpx.Client, people: People) -> None:
    case_id = dispatched(city, api, people, "HW")
    helper, head = appoint(city, Role.AGENCY_OFFICER, agency="JJ"), appoint(city, Role.AGENCY_HEAD, agency="HW")
    assert read(api, case_id, "incident", helper).status_code == 404, "before it has a task"
    do(api, case_id, people.centre, "add-task", to={"agency": agencies(city)["JJ"]}, text="请协助交通疏导")
    assert read(api, case_id, "incident", helper).json()["text"] == TEXT
    assert reveal(api, case_id, helper).status_code == 200
    assert read(api, case_id, "incident", head).json()["text"] == TEXT
    assert reveal(api, case_id, head).status_code == 403, "not by the table of permissions"


def test_who_is_summoned_reads_it_until_released(city: House, api: httpx.Client, people: People) -> None:
    case_id = told(api, category="09009")
    do(api, case_id, people.centre, "accept", facts={"condition": True, "waived": True})
    summoned = appoint(city, Role.AGENCY_OFFICER, agency="JJ")
    do(api, case_id, people.leader, "whistle", reason="屡禁不止",
       facts={"kind": "advance", "ground": "key-work",
              "bodies": [{"agency": agencies(city)["JJ"], "part": "lead"}]})  # fmt: skip
    assert read(api, case_id, "incident", summoned).json()["text"] == TEXT
    do(api, case_id, summoned, "summons-return", summons=1, reason="非本单位职责")
    do(api, case_id, people.leader, "summons-agree", summons=1)
    for what in READS:
        assert read(api, case_id, what, summoned).status_code == 404, "released"


@pytest.mark.parametrize("role", [Role.DEPUTY, Role.MACHINE])
def test_roles_without_text_see_none(city: House, api: httpx.Client, people: People, role: Role) -> None:
    case_id = told(api)
    who = appoint(city, role, area="WS")
    seen = read(api, case_id, "incident", who).json()
    assert (seen["text"], seen["address"]) == (None, None)
    assert seen["category"]["code"] == "06010"
    assert read(api, case_id, "contact", who).status_code == 403
    assert read(api, case_id, "incident", people.centre).json()["text"] == TEXT, "the control: there is one"


def test_photos_of_the_handling_say_what_they_show_and_whose_they_are(
    city: House, api: httpx.Client, people: People
) -> None:
    case_id = dispatched(city, api, people, "HW")
    holder, other = (appoint(city, Role.AGENCY_OFFICER, agency=code) for code in ("HW", "JJ"))
    at = f"/api/v1/cases/{case_id}/photos"

    def send(number: int, stage: str, who: Person) -> httpx.Response:
        files = [("file", ("a", picture(number), "image/png"))]
        return api.post(at, params={"stage": stage}, files=files, headers=who.headers)

    assert send(1, "before", other).status_code == 404
    assert send(1, "before", holder).status_code == 201
    assert send(2, "after", holder).status_code == 201
    assert send(2, "before", holder).status_code == 200, "the same picture again keeps its mark"
    assert send(3, "later", holder).status_code == 422
    worker = api.post(
        f"/api/v1/incidents/{case_id}/attachments",
        files=[("file", ("a", picture(4), "image/png"))],
        headers=people.worker.headers,
    )
    assert worker.status_code == 201
    shown = api.get(at, headers=people.centre.headers).json()["items"]
    office = agencies(city)["HW"]
    assert [(one["stage"], one["agency"]) for one in shown] == [("before", office), ("after", office), (None, None)]
    for url in (shown[0]["url"], shown[0]["preview_url"]):
        assert api.get(url, headers=holder.headers).headers["content-type"] == "image/jpeg"
        assert api.get(url, headers=other.headers).status_code == 404
    with city.db.transaction() as session:
        by = session.execute(text("select distinct account_id, post_id from cases_photo")).all()
    assert [tuple(row) for row in by] == [(holder.account_id, holder.post_id)]
