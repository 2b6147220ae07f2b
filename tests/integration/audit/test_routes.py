"""The trail and approvals over HTTP: as the roles of the one table, by the log-in that has no rights of its own."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gridgov.audit import approval
from gridgov.audit.sealing import seal_all
from gridgov.auth.rules import Actor, Role
from gridgov.bootstrap import House
from gridgov.platform import clock
from tests.conftest import live
from tests.integration.audit.conftest import add_incident, run
from tests.people import Person, appoint

Ask = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def base(lasting_city: House) -> Iterator[str]:
    with live(lasting_city) as address:
        yield address


@pytest.fixture
def ask(base: str) -> Iterator[Ask]:
    with httpx.Client(base_url=f"{base}/api/v1", timeout=60) as client:

        def asking(person: Person, method: str, path: str, **given: Any) -> httpx.Response:
            return client.request(method, path, headers=person.headers | {"Origin": base}, **given)

        yield asking


@pytest.fixture(scope="module")
def auditor(lasting_city: House) -> Person:
    return appoint(lasting_city, Role.AUDITOR)


class TestTrail:
    def test_the_auditor_reads_it_page_by_page(self, lasting_city: House, ask: Ask, auditor: Person) -> None:
        with lasting_city.db.transaction() as session:
            made = add_incident(session, said="张三住在三单元")
            run(session, "update incidents set status = 'closed' where id = :id", id=made)
        first = ask(auditor, "GET", "/audit/entries", params={"row": str(made), "limit": 1}).json()
        (update,) = first["items"]
        assert (update["action"], update["noun"], update["before"]) == ("update", "incidents", {"status": "open"})
        rest = ask(auditor, "GET", "/audit/entries", params={"row": str(made), "cursor": first["next"]}).json()
        (insert,) = rest["items"]
        assert rest["next"] is None
        assert insert["after"]["text"].startswith("hmac:")
        assert "张三" not in str(rest)
        one = ask(auditor, "GET", f"/audit/entries/{insert['id']}")
        assert one.json() == insert
        assert ask(auditor, "GET", "/audit/entries/99999999").status_code == 404

    def test_filters(self, lasting_city: House, ask: Ask, auditor: Person) -> None:
        def count(**params: object) -> int:
            return len(ask(auditor, "GET", "/audit/entries", params={"limit": 1000, **params}).json()["items"])

        with lasting_city.db.transaction() as session:
            made = add_incident(session)
            unit = run(session, "select unit_id from incidents where id = :id", id=made).scalar_one()
        everything = count()
        assert 0 < count(noun="incidents") < everything
        assert count(unit=unit) == count(noun="incidents", unit=unit) > 0
        assert count(action="truncate") == count(account="nobody") == 0
        assert count(**{"from": "2000-01-01"}) == everything
        assert count(to="2000-01-01") == 0
        answer = ask(auditor, "GET", "/audit/entries", params={"from": "yesterday"})
        assert (answer.status_code, answer.json()["field"]) == (422, "from")

    def test_seals_and_what_waits(self, lasting_city: House, ask: Ask, auditor: Person) -> None:
        with lasting_city.db.transaction() as session:
            add_incident(session)
        seal_all(lasting_city.db.transaction, lasting_city.signer, clock=clock.utcnow)
        seal = ask(auditor, "GET", "/audit/seals/0").json()
        assert seal == ask(auditor, "GET", f"/audit/seals/{seal['number']}").json()
        assert len(seal["chain"]) == len(seal["root"]) == 64
        assert ask(auditor, "GET", "/audit/seals/99999999").status_code == 404
        assert set(ask(auditor, "GET", "/audit/waiting").json()) == {"count", "since"}
        key = ask(auditor, "GET", "/audit/key").json()["key"]
        assert base64.b64decode(key).hex() == seal["key"]

    @pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.PLANNER, Role.CENTRE_OPERATOR])
    def test_nobody_else_does(self, lasting_city: House, ask: Ask, role: Role) -> None:
        person = appoint(lasting_city, role)
        for path in ("/audit/entries", "/audit/entries/1", "/audit/waiting", "/audit/seals/0"):
            answer = ask(person, "GET", path)
            assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted"), path
        assert ask(person, "GET", "/audit/key").status_code == 200

    def test_a_server_seals_what_requests_write(self, lasting_city: House, ask: Ask, auditor: Person) -> None:
        """The entries of requests come under a seal while the server runs; nobody has to ask for it."""
        with lasting_city.db.transaction() as session:
            made = add_incident(session)
            (entry,) = run(session, "select id from audit_entry where row_id = :id", id=str(made)).scalars()
        sealed = "select exists (select from audit_seal where ids @> cast(:id as bigint))"
        while True:
            with lasting_city.db.transaction() as session:
                if run(session, sealed, id=entry).scalar_one():
                    return


class TestApprovals:
    @pytest.fixture
    def asked(self, lasting_city: House) -> tuple[Person, int]:
        """A planner and what they asked for, as a verb of a domain would."""
        person = appoint(lasting_city, Role.PLANNER)
        return person, self.ask_for(lasting_city, person, "3")

    def ask_for(self, house: House, person: Person, ref: str) -> int:
        actor = Actor(role=Role.PLANNER, account_id=person.account_id, post_id=person.post_id)
        now = clock.utcnow()
        with house.db.transaction() as session:
            made = approval.request(
                session, actor, noun="areas_plan", ref=ref, payload={"plan": 3}, summary="西街道的网格重划",
                permission="approvals.decide", expires_at=now + timedelta(days=7), now=now,
            )  # fmt: skip
        return made.id

    def test_another_person_says_yes(self, lasting_city: House, ask: Ask, asked: tuple[Person, int]) -> None:
        planner, number = asked
        supervisor = appoint(lasting_city, Role.DISTRICT_SUPERVISOR)
        (waiting,) = ask(supervisor, "GET", "/approvals", params={"state": "pending", "limit": 1}).json()["items"]
        assert (waiting["id"], waiting["summary"]) == (number, "西街道的网格重划")
        refused = ask(planner, "POST", f"/approvals/{number}/decision", json={"yes": True})
        assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")
        done = ask(supervisor, "POST", f"/approvals/{number}/decision", json={"yes": True})
        assert done.status_code == 200, done.text
        assert done.json()["state"] == "approved"
        assert done.json()["decided_by"].startswith("district-supervisor")
        again = ask(supervisor, "POST", f"/approvals/{number}/decision", json={"yes": False, "note": "doch nicht"})
        assert (again.status_code, again.json()["code"]) == (409, "approval-state")
        with lasting_city.db.transaction() as session:
            entries = run(
                session, "select account_id, post_id, role from audit_entry where action = 'approve' and row_id = '3' "
                "order by id desc limit 1",
            ).one()  # fmt: skip
        assert tuple(entries) == (supervisor.account_id, supervisor.post_id, "district_supervisor")

    def test_nobody_says_yes_to_themselves(self, lasting_city: House, ask: Ask) -> None:
        person = appoint(lasting_city, Role.ADMINISTRATOR)  # may both ask and decide
        actor, now = Actor(role=Role.ADMINISTRATOR, account_id=person.account_id), clock.utcnow()
        with lasting_city.db.transaction() as session:
            made = approval.request(
                session, actor, noun="areas_plan", ref="1", payload={},
                summary="x", permission="approvals.decide", expires_at=now + timedelta(days=1), now=now,
            )  # fmt: skip
        answer = ask(person, "POST", f"/approvals/{made.id}/decision", json={"yes": True})
        assert (answer.status_code, answer.json()["code"]) == (403, "same-person")
        other = appoint(lasting_city, Role.ADMINISTRATOR)
        answer = ask(other, "POST", f"/approvals/{made.id}/decision", json={"yes": False})
        assert (answer.status_code, answer.json()["code"]) == (422, "note-missing")

    def test_who_asked_takes_it_back(self, lasting_city: House, ask: Ask, asked: tuple[Person, int]) -> None:
        planner, number = asked
        other = appoint(lasting_city, Role.PLANNER)
        answer = ask(other, "POST", f"/approvals/{number}/withdrawal", json={})
        assert (answer.status_code, answer.json()["code"]) == (403, "not-the-requester")
        assert ask(planner, "POST", f"/approvals/{number}/withdrawal", json={}).json()["state"] == "withdrawn"
        assert ask(planner, "GET", f"/approvals/{number}").json()["state"] == "withdrawn"
        assert ask(planner, "GET", "/approvals/99999999").status_code == 404

    def test_pages(self, lasting_city: House, ask: Ask, asked: tuple[Person, int]) -> None:
        planner, number = asked
        self.ask_for(lasting_city, planner, "4")
        number += 1
        first = ask(planner, "GET", "/approvals", params={"limit": 1}).json()
        assert first["items"][0]["id"] == number
        rest = ask(planner, "GET", "/approvals", params={"cursor": first["next"]}).json()
        assert number not in [one["id"] for one in rest["items"]]
        assert ask(planner, "GET", "/approvals", params={"noun": "nothing"}).json() == {"items": [], "next": None}
