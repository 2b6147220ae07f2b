"""News, webhooks and deliveries over HTTP: to whom they show themselves, and what they refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.notices.addresses import Allowed
from gridgov.notices.channels import Channels
from tests.conftest import live
from tests.integration.notices.conftest import Post
from tests.people import Person, appoint

HOOK = {"label": "hotline", "url": "https://hooks.example.org/x", "topics": ["case.*"]}


@pytest.fixture
def house(house: House) -> House:
    """With a host on the list of webhooks. Nothing is sent: no way out is set up."""
    return replace(house, channels=Channels(hosts=Allowed.of("hooks.example.org", "")))


@pytest.fixture
def web(office: Post) -> Any:
    """A server. Its own threads deal with events too, which changes nothing: each effect comes once."""
    with live(office.house) as base, httpx.Client(base_url=base, timeout=30) as client:
        yield client


def ask(web: httpx.Client, who: Person, method: str, path: str, **more: Any) -> Any:
    answer = web.request(method, f"/api/v1{path}", headers=who.headers, **more)
    assert answer.status_code < 400, answer.text
    return answer.json()


def problem(web: httpx.Client, who: Person, method: str, path: str, **more: Any) -> tuple[int, str, str | None]:
    body = (answer := web.request(method, f"/api/v1{path}", headers=who.headers, **more)).json()
    return answer.status_code, body["code"], body.get("field")


class TestNews:
    def test_every_post_of_the_body_sees_it_and_marks_it_for_itself(self, office: Post, web: httpx.Client) -> None:
        one, other = (appoint(office.house, Role.AGENCY_OFFICER, agency="CG") for _ in range(2))
        head = appoint(office.house, Role.AGENCY_HEAD, agency="CG")
        elsewhere = appoint(office.house, Role.AGENCY_OFFICER, agency="JJ")
        number = office.agency("CG")
        office.announce("case.dispatch", "k1", agency_id=number, number=17)
        office.announce("heads.only", "k2", agency_id=number, role="agency_head")
        office.fan_out()
        page = ask(web, one, "GET", "/notices")
        assert [(item["key"], item["read"]) for item in page["items"]] == [("k1", False)]
        assert page["items"][0]["texts"] == {
            "zh": "案件派遣至本单位，请接收：17",
            "en": "A case was dispatched to you: 17",
        }
        assert [item["key"] for item in ask(web, head, "GET", "/notices")["items"]] == ["k2", "k1"]
        assert ask(web, elsewhere, "GET", "/notices")["items"] == []
        ids = [item["id"] for item in page["items"]]
        assert ask(web, one, "POST", "/notices/read", json={"ids": ids}) == {"unread": 0, "more": False}
        assert ask(web, one, "GET", "/notices", params={"unread": True})["items"] == []
        assert ask(web, other, "GET", "/notices/unread") == {"unread": 1, "more": False}

    def test_what_reaches_a_post_under_two_names_is_shown_once(self, office: Post, web: httpx.Client) -> None:
        """A centre operator of the unit is its desk and of its office; the leader is of the office alone."""
        who = appoint(office.house, Role.CENTRE_OPERATOR, area="WS")
        leader = appoint(office.house, Role.SUBDISTRICT_LEADER, area="WS")
        office.announce("case.summons-report", unit_id=office.area("WS"))
        office.fan_out()
        assert len(office.messages) == 2
        for one in (who, leader):
            assert len(ask(web, one, "GET", "/notices")["items"]) == 1
            assert ask(web, one, "GET", "/notices/unread")["unread"] == 1

    def test_what_is_not_addressed_to_one_cannot_be_marked(self, office: Post, web: httpx.Client) -> None:
        mine, theirs = appoint(office.house, Role.AGENCY_OFFICER, agency="CG"), office.agency("JJ")
        office.announce("case.dispatched", agency_id=theirs)
        office.fan_out()
        ((number,),) = office.rows("select id from notices_message")
        ask(web, mine, "POST", "/notices/read", json={"ids": [number]})
        assert office.rows("select * from notices_read") == []

    def test_pages_go_back_in_time_and_all_can_be_marked(self, office: Post, web: httpx.Client) -> None:
        who = appoint(office.house, Role.CENTRE_OPERATOR)
        for number in range(7):
            office.announce("case.reported", f"k{number}", area_id=office.area("A01"), role="centre_operator")
        office.fan_out()
        seen, cursor = [], None
        while True:
            page = ask(web, who, "GET", "/notices", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))
            seen += [item["key"] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert seen == [f"k{number}" for number in reversed(range(7))]
        fourth = ask(web, who, "GET", "/notices")["items"][3]["id"]
        assert ask(web, who, "POST", "/notices/read", json={"upto": fourth})["unread"] == 3
        assert ask(web, who, "POST", "/notices/read", json={"all": True})["unread"] == 0
        office.announce("case.reported", "k8", area_id=office.area("A01"), role="centre_operator")
        office.fan_out()
        assert ask(web, who, "GET", "/notices/unread")["unread"] == 1

    def test_the_database_shows_no_more_than_the_query(self, office: Post) -> None:
        """The control: without the policy the same statement shows the message of another agency."""
        from gridgov.auth.credentials import Credential
        from gridgov.bootstrap import Caller

        who = appoint(office.house, Role.AGENCY_OFFICER, agency="CG")
        office.announce("case.dispatch", agency_id=office.agency("JJ"))
        office.announce("case.dispatch", agency_id=office.agency("CG"))
        office.fan_out()

        def seen() -> int:
            caller = Caller("notices.read", Credential("session", who.secret))
            with office.house.acting(caller) as work:
                return int(work.session.execute(text("select count(*) from notices_message")).scalar_one())

        assert seen() == 1
        office.do("alter table notices_message disable row level security")
        assert seen() == 2


class TestWebhooks:
    def test_the_secret_is_shown_once_and_kept_sealed(self, office: Post, web: httpx.Client) -> None:
        admin = appoint(office.house, Role.ADMINISTRATOR)
        made = ask(web, admin, "POST", "/webhooks", json=HOOK)
        assert made["secret"].startswith("whsec_")
        shown = ask(web, admin, "GET", f"/webhooks/{made['id']}")
        assert "secret" not in shown
        assert shown["topics"] == ["case.*"]
        (row,) = office.rows("select secret from notices_secret")
        assert made["secret"].removeprefix("whsec_").encode() not in bytes(row.secret)
        again = ask(web, admin, "POST", f"/webhooks/{made['id']}/secret")
        assert again["secret"] != made["secret"]
        assert ask(web, admin, "GET", "/webhooks")["items"] == [shown]

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"url": "https://elsewhere.example.org/"}, ("webhook-host-not-allowed", "url")),
            ({"url": "http://hooks.example.org/"}, ("bad-webhook-url", "url")),
            ({"url": "https://me:secret@hooks.example.org/"}, ("bad-webhook-url", "url")),
            ({"url": "file:///etc/passwd"}, ("bad-webhook-url", "url")),
            ({"topics": []}, ("bad-topics", "topics")),
            ({"topics": ["Case.*"]}, ("bad-topics", "topics")),
            ({"label": " "}, ("bad-input", "label")),
            ({"source": "Hot line"}, ("bad-input", "source")),
        ],
    )
    def test_what_cannot_be_is_refused_with_its_field(
        self, office: Post, web: httpx.Client, change: dict[str, Any], said: tuple[str, str]
    ) -> None:
        admin = appoint(office.house, Role.ADMINISTRATOR)
        assert problem(web, admin, "POST", "/webhooks", json=HOOK | change) == (422, *said)
        assert office.rows("select * from notices_subscription") == []

    def test_only_administrators_make_them(self, office: Post, web: httpx.Client) -> None:
        for role in (Role.CENTRE_OPERATOR, Role.AUDITOR, Role.DISTRICT_SUPERVISOR, Role.PLANNER):
            assert problem(web, appoint(office.house, role), "POST", "/webhooks", json=HOOK)[:2] == (
                403,
                "not-permitted",
            )

    def test_an_ended_one_is_told_nothing_and_what_waited_is_given_up(self, office: Post, web: httpx.Client) -> None:
        admin = appoint(office.house, Role.ADMINISTRATOR)
        made = ask(web, admin, "POST", "/webhooks", json=HOOK)
        ask(web, admin, "POST", f"/webhooks/{made['id']}/ping")
        office.fan_out()
        assert ask(web, admin, "DELETE", f"/webhooks/{made['id']}")["ended_at"] is not None
        office.announce("case.closed", agency_id=1)
        office.fan_out()
        assert [(row.topic, row.state) for row in office.deliveries] == [("webhook.ping", "given-up")]
        assert problem(web, admin, "POST", f"/webhooks/{made['id']}/ping")[:2] == (409, "subscription-ended")

    def test_an_office_is_kept_sealed_and_belongs_to_a_body(self, office: Post, web: httpx.Client) -> None:
        admin = appoint(office.house, Role.ADMINISTRATOR)
        new = {"channel": "mail", "label": "desk", "body": "agency:7", "destination": "desk@example.org",
               "topics": ["case.*"]}  # fmt: skip
        made = ask(web, admin, "POST", "/offices", json=new)
        assert "desk@example.org" not in str(made)
        (row,) = office.rows("select destination from notices_subscription")
        assert b"desk@" not in bytes(row.destination)
        assert ask(web, admin, "GET", "/offices")["items"] == [made]
        for change in ({"body": "account:1"}, {"body": "area:1"}, {"body": "x"}, {"destination": "nobody"}):
            assert problem(web, admin, "POST", "/offices", json=new | change)[0] == 422


class TestDeliveries:
    @pytest.fixture
    def dead(self, office: Post, web: httpx.Client) -> dict[str, Any]:
        admin = appoint(office.house, Role.ADMINISTRATOR)
        made = ask(web, admin, "POST", "/webhooks", json=HOOK)
        office.announce("case.closed", agency_id=1)
        office.fan_out()
        office.do("update notices_delivery set state = 'dead', attempts = 12, ended_at = made_at, problem = 'x'")
        (found,) = ask(web, admin, "GET", "/deliveries", params={"state": "dead", "subscription": made["id"]})["items"]
        return {"admin": admin, **found}

    def test_a_dead_one_is_begun_anew_with_a_reason(
        self, office: Post, web: httpx.Client, dead: dict[str, Any]
    ) -> None:
        path = f"/deliveries/{dead['id']}"
        done = ask(web, dead["admin"], "POST", f"{path}/retry", json={"reason": "it answers again"})
        assert (done["state"], done["attempts"], done["reason"]) == ("waiting", 0, "it answers again")
        entry = office.rows("select action, reason, facts from audit_entry where noun = 'notices_delivery'")[-1]
        assert (entry.action, entry.reason, entry.facts["was"]) == ("retry", "it answers again", "dead")

    def test_giving_up_needs_a_reason_and_is_an_end(self, web: httpx.Client, dead: dict[str, Any]) -> None:
        path, admin = f"/deliveries/{dead['id']}", dead["admin"]
        assert problem(web, admin, "POST", f"{path}/give-up", json={"reason": " "}) == (422, "bad-input", "reason")
        assert ask(web, admin, "POST", f"{path}/give-up", json={"reason": "no longer needed"})["state"] == "given-up"
        assert problem(web, admin, "POST", f"{path}/give-up", json={"reason": "twice"})[:2] == (
            409,
            "delivery-has-moved-on",
        )

    def test_one_that_was_sent_is_not_sent_again(self, office: Post, web: httpx.Client, dead: dict[str, Any]) -> None:
        office.do("update notices_delivery set state = 'sent'")
        found = problem(web, dead["admin"], "POST", f"/deliveries/{dead['id']}/retry", json={"reason": "again"})
        assert found[:2] == (409, "delivery-has-moved-on")

    def test_who_may_look_and_who_may_settle(self, office: Post, web: httpx.Client, dead: dict[str, Any]) -> None:
        auditor = appoint(office.house, Role.AUDITOR)
        assert ask(web, auditor, "GET", f"/deliveries/{dead['id']}")["state"] == "dead"
        assert problem(web, auditor, "POST", f"/deliveries/{dead['id']}/retry", json={"reason": "x" * 5})[0] == 403
        assert problem(web, auditor, "GET", "/deliveries/00000000-0000-4000-8000-000000000000")[:2] == (
            404,
            "delivery-unknown",
        )

    def test_pages(self, office: Post, web: httpx.Client, dead: dict[str, Any]) -> None:
        for _ in range(4):
            office.later(seconds=1)
            office.announce("case.closed", agency_id=1)
            office.fan_out()
        first = ask(web, dead["admin"], "GET", "/deliveries", params={"limit": 2})
        rest = ask(web, dead["admin"], "GET", "/deliveries", params={"limit": 3, "cursor": first["next"]})
        ids = [item["id"] for item in (*first["items"], *rest["items"])]
        assert len(set(ids)) == 5
        assert ids[-1] == dead["id"]
        assert rest["next"] is None
