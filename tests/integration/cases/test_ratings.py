"""一事一评 through the API: by the clocks and with a reason, proved by a receipt, never changed, corrected by two."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from gridgov.audit.receipts import ReceiptIsWrong, read_receipt, sealed, verify_receipt
from gridgov.audit.sealing import seal_all
from gridgov.auth.rules import EVERYWHERE, Role
from gridgov.bootstrap import House
from gridgov.cases.queries import whistles as queries
from gridgov.platform import clock
from tests.casework.town import Town, figures, shift, states
from tests.integration.cases.test_life import do, look
from tests.people import Person, appoint


@pytest.fixture
def town(sampled: House, api: httpx.Client) -> Town:
    return Town(sampled, api)


@pytest.fixture
def rated(town: Town) -> tuple[Town, str, dict[str, Any]]:
    """A whistle for sanitation alone, answered and rated: (town, case, the answer to the rating)."""
    case_id = town.filed()
    town.blown(case_id, bodies=town.bodies()[:1])
    town.answer(case_id, town.city_works, 1)
    return town, case_id, town.rate(case_id, 1, quality=2)


def test_speed_follows_from_the_clocks(rated: tuple[Town, str, dict[str, Any]]) -> None:
    town, _, seen = rated
    (rating,) = seen["summons"][0]["ratings"]
    assert (rating["speed"], rating["quality"], rating["final"]) == (5, 2, True)
    late = town.filed()
    town.blown(late, bodies=town.bodies()[:1])
    shift(town, late, days=12)
    town.answer(late, town.city_works, 1)
    seen = do(town.api, late, town.leader, "summons-rate", summons=1, reason="迟",
              facts={"quality": 4, "speed": 5})  # fmt: skip
    assert seen["summons"][0]["speed"] == 1, "what was sent as speed is not read"


def test_quality_needs_its_reason(town: Town) -> None:
    case_id = town.filed()
    town.blown(case_id, bodies=town.bodies()[:1])
    town.answer(case_id, town.city_works, 1)
    for facts, reason, field in (
        ({"quality": 4}, " ", "reason"),
        ({}, "好", "facts.quality"),
        ({"quality": 6}, "好", "facts.quality"),
        ({"quality": True}, "好", "facts.quality"),
    ):
        problem = town.refused(case_id, town.leader, "summons-rate", summons=1, reason=reason, facts=facts)
        assert (problem["status"], problem["field"]) == (422, field)
    for who in (town.city_works, town.centre):
        sent = {"summons": 1, "reason": "好", "facts": {"quality": 5}}
        assert town.refused(case_id, who, "summons-rate", **sent)["status"] == 403, "the unit rates, nobody else"


def test_a_long_matter_is_rated_in_parts(town: Town) -> None:
    case_id = town.filed()
    town.blown(case_id, town.leader, "hard", bodies=town.bodies()[:1])
    do(town.api, case_id, town.city_works, "summons-sign", summons=1)
    for period, quality in (("2026-11", 3), ("2026-12", 4)):
        facts = {"quality": quality, "period": period}
        seen = do(town.api, case_id, town.leader, "summons-rate-interim", summons=1, reason="分时段", facts=facts)
        assert read_receipt(json.dumps(seen["receipt"])), "each has its receipt"
    assert (states(seen), seen["summons"][0]["quality"]) == (["signed"], None), "none of them counts as the final one"
    do(town.api, case_id, town.city_works, "summons-report", summons=1, text="完成")
    seen = town.rate(case_id, 1, quality=5)
    ratings = seen["summons"][0]["ratings"]
    assert [(one["period"], one["quality"], one["final"]) for one in ratings] == [
        ("2026-11", 3, False), ("2026-12", 4, False), ("", 5, True),
    ]  # fmt: skip
    agency = figures(town, town.leader)["agencies"]["HW"]
    assert (agency["rated"], agency["quality"]) == (1, 5.0)


def test_one_final_rating(rated: tuple[Town, str, dict[str, Any]]) -> None:
    town, case_id, _ = rated
    sent = {"summons": 1, "reason": "再评", "facts": {"quality": 5}}
    assert town.refused(case_id, town.leader, "summons-rate", **sent)["code"] == "not-in-table"
    with pytest.raises(IntegrityError, match="cases_rating_final"), town.house.db.transaction() as session:
        session.execute(text(COPY.format(final="true")))
    with town.house.db.transaction() as session:  # the control: one more that is not final
        session.execute(text(COPY.format(final="false")))


COPY = """
    insert into cases_rating (number, seq, case_id, summons, agency_id, area_id, grid_id, unit_id, at, final, speed,
                              quality, reason)
    select number, seq + 50, case_id, summons, agency_id, area_id, grid_id, unit_id, at, {final}, 5, 5, 'x'
    from cases_rating
"""


class TestReceipts:
    """Each rating is proved by what the rater is given."""

    def test_it_verifies_before_and_after_the_seal(self, rated: tuple[Town, str, dict[str, Any]]) -> None:
        town, _, seen = rated
        held = read_receipt(json.dumps(seen["receipt"]))
        assert (held.entry.noun, held.entry.action) == ("cases_rating", "insert")
        after = json.loads(str(held.entry.after))
        assert (after["quality"], after["speed"], after["summons"]) == (2, 5, 1)
        assert "到场快" not in seen["receipt"]["entry"], "the reason stands in it as a fingerprint"
        key = town.house.signer.public
        assert verify_receipt(held, key) is None
        seal_all(town.house.db.transaction, town.house.signer, clock=clock.utcnow)
        with town.house.db.transaction() as session:
            assert verify_receipt(sealed(session, held), key) is not None

    def test_another_quality_does_not(self, rated: tuple[Town, str, dict[str, Any]]) -> None:
        town, _, seen = rated
        forged = json.dumps(seen["receipt"]).replace('\\"quality\\": 2', '\\"quality\\": 5')
        assert forged != json.dumps(seen["receipt"])
        with pytest.raises(ReceiptIsWrong):
            verify_receipt(read_receipt(forged), town.house.signer.public)

    def test_other_steps_give_none(self, town: Town) -> None:
        case_id = town.filed()
        assert town.blown(case_id)["receipt"] is None


class TestOnlyGrows:
    """The database refuses any change of a rating, whoever asks; where its case lies may move."""

    @pytest.mark.parametrize(
        "statement",
        [
            "update cases_rating set quality = 5",
            "update cases_rating set reason = 'x', speed = 5",
            "update cases_rating set final = false",
            "update cases_rating set corrects = 1",
            "delete from cases_rating",
            "truncate cases_rating",
        ],
    )
    def test_even_the_owner_changes_nothing(self, rated: tuple[Town, str, dict[str, Any]], statement: str) -> None:
        town, _, _ = rated
        with pytest.raises(DBAPIError, match="only grows"), town.house.db.transaction() as session:
            session.execute(text(statement))

    def test_it_goes_with_its_place(self, rated: tuple[Town, str, dict[str, Any]]) -> None:
        town, _, _ = rated
        with town.house.db.transaction() as session:
            session.execute(text("update cases_rating set grid_id = area_id"))

    @pytest.mark.parametrize("role", ["casework", "subdistrict_leader", "agency_officer", "district_supervisor"])
    def test_no_role_may(self, rated: tuple[Town, str, dict[str, Any]], role: str) -> None:
        town, _, _ = rated
        for verb in ("update cases_rating set quality = 5", "delete from cases_rating"):
            with pytest.raises(DBAPIError, match="permission denied"), town.house.internally(role) as session:
                session.execute(text(verb))


class TestCorrections:
    """By two persons; the first rating stays to be seen."""

    REASON = "漏看复查照片"

    def ask(self, town: Town, case_id: str, who: Person, **changes: Any) -> httpx.Response:
        body = {"quality": 4, "reason": self.REASON} | changes
        return town.api.post(f"/api/v1/cases/{case_id}/summons/1/correction", json=body, headers=who.headers)

    def asked(self, town: Town, case_id: str) -> int:
        answer = self.ask(town, case_id, town.leader)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["approval"])

    def decide(self, town: Town, approval: int, who: Person, *, yes: bool = True) -> httpx.Response:
        return town.api.post(
            f"/api/v1/approvals/{approval}/decision",
            json={"yes": yes, "note": "" if yes else "不妥"},
            headers=who.headers,
        )

    def sent(self, approval: int, quality: int = 4) -> dict[str, Any]:
        return {"summons": 1, "reason": self.REASON, "facts": {"quality": quality, "approval": approval}}

    def test_by_two(self, rated: tuple[Town, str, dict[str, Any]]) -> None:
        town, case_id, _ = rated
        approval = self.asked(town, case_id)
        assert look(town.api, case_id, town.leader)["summons"][0]["quality"] == 2, "asking changes nothing"
        assert self.decide(town, approval, town.supervisor).status_code == 200
        seen = do(town.api, case_id, town.leader, "summons-correct-rating", **self.sent(approval))
        call = seen["summons"][0]
        first, second = call["ratings"]
        assert (first["quality"], second["quality"], second["corrects"]) == (2, 4, first["seq"])
        assert (call["quality"], call["speed"], second["speed"]) == (4, 5, 5), (
            "speed is by the clocks: nobody changes it"
        )
        assert verify_receipt(read_receipt(json.dumps(seen["receipt"])), town.house.signer.public) is None
        agency = figures(town, town.leader)["agencies"]["HW"]
        assert (agency["rated"], agency["quality"], agency["counts"]["corrected"]) == (1, 4.0, 1)
        with town.house.db.transaction() as session:
            row = session.execute(
                text("select account_id, second_id from cases_rating order by seq desc limit 1")
            ).one()
            (one,) = queries.effective(session, *YEAR, EVERYWHERE)
        assert row == (town.leader.account_id, town.supervisor.account_id)
        assert (one.quality, one.corrected) == (4, True)
        problem = town.refused(case_id, town.leader, "summons-correct-rating", **self.sent(approval))
        assert problem["code"] == "approval-state", "an approval is used once"

    def test_also_after_the_case_has_closed(self, rated: tuple[Town, str, dict[str, Any]]) -> None:
        town, case_id, _ = rated
        do(town.api, case_id, town.centre, "conclude", text="完成")
        do(town.api, case_id, town.centre, "check-at-desk", reason="照片可见")
        before = do(town.api, case_id, town.centre, "close", facts={"condition": True})
        approval = self.asked(town, case_id)
        self.decide(town, approval, town.supervisor)
        seen = do(town.api, case_id, town.leader, "summons-correct-rating", **self.sent(approval))
        assert (seen["state"], seen["summons"][0]["quality"]) == ("closed", 4)
        for name in ("ended_at", "clocks"):
            assert seen[name] == before[name], name
        assert seen["summons"][0]["ended_at"] == before["summons"][0]["ended_at"]

    def test_not_by_one(self, rated: tuple[Town, str, dict[str, Any]]) -> None:
        town, case_id, _ = rated
        approval = self.asked(town, case_id)
        assert self.decide(town, approval, town.leader).status_code == 403
        for facts in (
            {"quality": 4},
            {"quality": 4, "second": town.supervisor.account_id},
            {"quality": 4, "approval": "1"},
        ):
            problem = town.refused(
                case_id, town.leader, "summons-correct-rating", summons=1, reason=self.REASON, facts=facts
            )
            assert (problem["status"], problem["code"]) == (409, "second-person-missing")
        problem = town.refused(case_id, town.leader, "summons-correct-rating", **self.sent(approval))
        assert problem["code"] == "approval-state", "nobody has decided"
        self.decide(town, approval, town.supervisor, yes=False)
        problem = town.refused(case_id, town.leader, "summons-correct-rating", **self.sent(approval))
        assert problem["code"] == "approval-state", "the answer was no"

    def test_not_another_quality_than_was_approved(self, rated: tuple[Town, str, dict[str, Any]]) -> None:
        town, case_id, _ = rated
        approval = self.asked(town, case_id)
        self.decide(town, approval, town.supervisor)
        problem = town.refused(case_id, town.leader, "summons-correct-rating", **self.sent(approval, quality=5))
        assert problem["code"] == "approval-payload"
        do(town.api, case_id, town.leader, "summons-correct-rating", **self.sent(approval))

    def test_not_by_another_district(self, rated: tuple[Town, str, dict[str, Any]]) -> None:
        town, case_id, _ = rated
        approval = self.asked(town, case_id)
        stranger = appoint(town.house, Role.DISTRICT_SUPERVISOR, area="E")
        self.decide(town, approval, stranger)
        problem = town.refused(case_id, town.leader, "summons-correct-rating", **self.sent(approval))
        assert problem["code"] == "second-person-missing"

    def test_who_may_ask(self, rated: tuple[Town, str, dict[str, Any]]) -> None:
        town, case_id, _ = rated
        assert self.ask(town, case_id, town.city_works).status_code == 403
        assert self.ask(town, case_id, town.police).status_code == 404
        assert self.ask(town, case_id, town.leader, quality=2).json()["field"] == "quality"
        assert self.ask(town, case_id, town.leader, reason=" ").json()["field"] == "reason"
        fresh = town.filed()
        town.blown(fresh, bodies=town.bodies()[:1])
        assert self.ask(town, fresh, town.leader).json()["code"] == "not-yet"

    def test_the_database_asks_for_two_as_well(self, rated: tuple[Town, str, dict[str, Any]]) -> None:
        town, _, _ = rated
        wrong = COPY.format(final="false").replace("reason)", "reason, account_id, corrects, second_id)")
        for last, passes in (("7, seq, 7", False), ("7, seq, null", False), ("7, seq, 8", True)):
            statement = text(wrong.replace("'x'\n", f"'x', {last}\n"))
            if passes:
                with town.house.db.transaction() as session:
                    session.execute(statement)
            else:
                with pytest.raises(IntegrityError), town.house.db.transaction() as session:
                    session.execute(statement)


YEAR = clock.utcnow().replace(year=2026, month=1), clock.utcnow().replace(year=2030, month=1)
