"""Whistles through the API, by those whose steps they are: called, answered, refused, returned, met, rated, ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from tests.casework.town import Town, blown, due, figures, inbox, shift, states
from tests.integration.cases.test_life import do, look, report
from tests.people import appoint


@pytest.fixture
def town(sampled: House, api: httpx.Client) -> Town:
    return Town(sampled, api)


def test_each_body_has_clocks_of_its_own_and_answers_by_itself(town: Town) -> None:
    case_id = town.filed()
    seen = town.blown(case_id)
    assert (seen["state"], states(seen)) == ("whistled", ["called", "called"])
    limits = {(one["summons"], one["name"]): one["limit"] for one in seen["clocks"] if one["summons"]}
    assert limits == {
        (n, name): limit for n in (1, 2)
        for name, limit in (("sign", "1 urgent_hour"), ("contact", "24 urgent_hour"), ("report", "3 work_day"))
    }  # fmt: skip
    assert town.refused(case_id, town.police, "summons-sign", summons=1)["status"] == 403, "that is another body's"
    town.answer(case_id, town.city_works, 1)
    seen = look(town.api, case_id, town.centre)
    assert states(seen) == ["answered", "called"]
    running = {(one["summons"], one["name"]) for one in seen["clocks"] if one["running"]}
    assert running == {(2, "sign"), (2, "contact"), (2, "report")}


def test_what_is_hard_takes_five_days_and_a_leader(town: Town) -> None:
    case_id = town.filed()
    sent = {"ground": "public-demand", "kind": "hard", "bodies": town.bodies()}
    problem = town.refused(case_id, town.centre, "whistle", reason="难", facts=sent)
    assert (problem["status"], problem["code"], problem["field"]) == (403, "not-your-whistle", "facts.kind")
    seen = town.blown(case_id, town.leader, "hard")
    assert {one["limit"] for one in seen["clocks"] if one["name"] == "report"} == {"5 work_day"}


def test_who_lacks_the_duty_is_named_with_who_holds_it(town: Town) -> None:
    case_id = town.filed()
    bodies = [{"agency": town.ids["HW"], "part": "lead"}, {"agency": town.ids["JJ"], "part": "support"}]
    sent = {"ground": "public-demand", "kind": "advance", "bodies": bodies}
    problem = town.refused(case_id, town.centre, "whistle", reason="占道", facts=sent)
    assert (problem["status"], problem["code"], problem["field"]) == (409, "not-their-duty", "facts.bodies")
    assert "交警大队" in problem["detail"]
    assert "环卫所" in problem["remedy"]
    assert "环卫所" not in problem["detail"]
    town.blown(case_id)  # the control: the same bodies, the police for what is theirs


@pytest.mark.parametrize(
    ("bodies", "field"),
    [
        ([], "facts.bodies"),
        ([{"agency": True, "part": "lead"}], "facts.bodies"),
        ([{"agency": "HW", "part": "support"}], "facts.bodies"),
        ([{"agency": "HW", "part": "lead"}, {"agency": "HW", "part": "support"}], "facts.bodies"),
        ([{"agency": "HW", "part": "boss"}], "facts.bodies"),
        ("HW", "facts.bodies"),
    ],
)
def test_bodies_that_are_none(town: Town, bodies: Any, field: str) -> None:
    case_id = town.filed()
    if isinstance(bodies, list):
        bodies = [{**one, "agency": town.ids.get(str(one["agency"]), one["agency"])} for one in bodies]
    sent = {"ground": "public-demand", "kind": "advance", "bodies": bodies}
    problem = town.refused(case_id, town.centre, "whistle", reason="占道", facts=sent)
    assert problem["field"] == field
    assert problem["status"] in (409, 422)


def test_a_second_summons_with_nonsense_beside_it(town: Town) -> None:
    """A kind belongs to a whistle: sent along with one more body it is not read."""
    case_id = town.filed()
    town.blown(case_id, bodies=town.bodies()[:1])
    facts = {"bodies": town.bodies()[1:], "kind": "loud", "risks": ["x"]}
    seen = do(town.api, case_id, town.centre, "summon", reason="还需交警", facts=facts)
    assert states(seen) == ["called", "called"]
    assert seen["risks"] == []
    assert town.refused(case_id, town.centre, "summon", reason="再次", facts={"bodies": town.bodies()[1:]})["code"]


def test_returned_by_agreement(town: Town) -> None:
    case_id = town.filed()
    town.blown(case_id)
    do(town.api, case_id, town.police, "summons-return", summons=2, reason="不涉车辆")
    assert town.refused(case_id, town.centre, "conclude", text="完")["code"] == "not-yet"
    seen = do(town.api, case_id, town.leader, "summons-agree", summons=2)
    assert states(seen) == ["called", "released"]
    assert not [one for one in seen["clocks"] if one["summons"] == 2 and one["ended_at"] is None]
    assert town.api.get(f"/api/v1/cases/{case_id}", headers=town.police.headers).status_code == 404


def test_declined_twice_then_disputed_and_ruled(town: Town) -> None:
    case_id = town.filed()
    town.blown(case_id)
    assert town.refused(case_id, town.police, "summons-dispute", summons=2, reason="非本单位职责")["status"] == 409
    for _ in range(2):
        do(town.api, case_id, town.police, "summons-return", summons=2, reason="不涉车辆")
        do(town.api, case_id, town.centre, "summons-decline", summons=2, reason="现场有车")
    problem = town.refused(case_id, town.police, "summons-return", summons=2, reason="不涉车辆")
    assert problem["remedy"] == "Raise a dispute; the district rules."
    do(town.api, case_id, town.police, "summons-dispute", summons=2, reason="非本单位职责")
    ruling = {"reason": "清单载明", "facts": {"uphold": True}, "summons": 2}
    assert town.refused(case_id, town.leader, "summons-rule", **ruling)["status"] == 403, "the district rules"
    seen = do(town.api, case_id, town.supervisor, "summons-rule", **ruling)
    assert states(seen) == ["called", "signed"]


@pytest.mark.parametrize("uphold", [True, False])
def test_a_refusal_goes_to_the_district_and_counts(town: Town, uphold: bool) -> None:
    """北京市街道办事处条例, article 44; also where the district finds that the body was right, it is told apart."""
    case_id = town.filed()
    town.blown(case_id)
    seen = do(town.api, case_id, town.police, "summons-refuse", summons=2, reason="人手不足")
    assert (states(seen), seen["summons"][1]["refused"]) == (["called", "disputed"], True)
    paused = {one["name"] for one in seen["clocks"] if one["summons"] == 2 and not one["running"]}
    assert paused == {"sign", "contact", "report"}, "while the district thinks, no clock runs"
    seen = do(town.api, case_id, town.supervisor, "summons-rule", summons=2, reason="应到场", facts={"uphold": uphold})
    assert states(seen)[1] == ("signed" if uphold else "released")
    agency = figures(town, town.leader)["agencies"]["JJ"]
    assert (agency["counts"]["refused"], agency["counts"]["refused_rightly"]) == (1, 0 if uphold else 1)
    assert agency["signed"] == {"in_time": 0, "late": int(uphold), "open": 0, "rate": 0.0 if uphold else None}


def test_an_extension_is_asked_for_and_granted(town: Town) -> None:
    case_id = town.filed()
    town.blown(case_id)
    do(town.api, case_id, town.city_works, "summons-sign", summons=1)
    before = due(look(town.api, case_id, town.centre), 1, "report")
    facts = {"limit": "2 work_day"}
    do(town.api, case_id, town.city_works, "summons-extend", summons=1, reason="要大型机械", facts=facts)
    assert inbox(town, town.city_works)[0]["asking"]
    assert due(look(town.api, case_id, town.centre), 1, "report") == before, "asking changes nothing"
    seen = do(town.api, case_id, town.leader, "summons-grant", summons=1)
    assert due(seen, 1, "report") > before
    assert due(seen, 2, "report") == before, "the other body's clock is its own"


class TestJointAction:
    """联合行动: place and time, split leads, attendance by agency."""

    WHERE: Mapping[str, str] = {"place": "学校南门", "time": "2026-12-01T09:00:00+08:00"}

    def test_two_meetings(self, town: Town) -> None:
        case_id = town.filed()
        town.blown(case_id)
        problem = town.refused(case_id, town.city_works, "attend", facts={"present": [town.ids["HW"]]})
        assert problem["code"] == "not-yet", "nobody was called together"
        leads = {"enforcement": town.ids["HW"], "safeguard": town.ids["JJ"]}
        do(town.api, case_id, town.leader, "convene", text="联合整治", facts={**self.WHERE, "leads": leads})
        do(town.api, case_id, town.city_works, "attend", facts={"present": [town.ids["HW"]]})
        again = {"place": "街道会议室", "time": "2026-12-03T15:00:00+08:00"}
        do(town.api, case_id, town.centre, "convene", text="复盘", facts=again)
        both = {"present": [town.ids["HW"], town.ids["JJ"]]}
        seen = do(town.api, case_id, town.centre, "attend", facts=both | {"meeting": 1})
        seen = do(town.api, case_id, town.police, "attend", facts={"present": [town.ids["JJ"]]})
        assert [(one["place"], one["leads"], one["present"]) for one in seen["joints"]] == [
            ("学校南门", leads, sorted(both["present"])),
            ("街道会议室", {}, [town.ids["JJ"]]),
        ]
        (line,) = blown(town, town.leader)
        assert line["meeting"] == {"meetings": 2, "at": "2026-12-03T07:00:00Z", "place": "街道会议室"}
        assert [one["attended"] for one in line["summons"]] == [1, 2]
        counts = figures(town, town.leader)["agencies"]["HW"]["counts"]
        assert (counts["meetings"], counts["attended"]) == (2, 1)

    def test_only_who_is_summoned_and_each_for_itself(self, town: Town) -> None:
        case_id = town.filed()
        town.blown(case_id, bodies=town.bodies()[:1])
        do(town.api, case_id, town.leader, "convene", text="联合整治", facts=dict(self.WHERE))
        problem = town.refused(case_id, town.leader, "attend", facts={"present": [town.ids["JJ"]]})
        assert problem["field"] == "facts.present"
        do(town.api, case_id, town.centre, "summon", reason="还需交警", facts={"bodies": town.bodies()[1:]})
        for meeting in (7, [1], True, "1"):
            facts = {"present": [town.ids["HW"]], "meeting": meeting}
            assert town.refused(case_id, town.leader, "attend", facts=facts)["field"] == "facts.meeting"
        problem = town.refused(case_id, town.police, "attend", facts={"present": [town.ids["HW"]]})
        assert problem["field"] == "facts.present", "the police do not sign in for city works"
        do(town.api, case_id, town.leader, "attend", facts={"present": [town.ids["JJ"]]})

    @pytest.mark.parametrize(
        ("facts", "field"),
        [
            ({"place": " "}, "facts.place"),
            ({"place": "x" * 201}, "facts.place"),
            ({"time": "tomorrow"}, "facts.time"),
            ({"time": "2026-12-01T09:00:00"}, "facts.time"),
            ({"time": "0001-01-01T00:00:00+08:00"}, "facts.time"),
            ({"time": ["x"]}, "facts.time"),
            ({"leads": {"music": 1}}, "facts.leads"),
            ({"leads": {"law": 999}}, "facts.leads"),
            ({"leads": [1]}, "facts.leads"),
        ],
    )
    def test_bad_input(self, town: Town, facts: dict[str, Any], field: str) -> None:
        case_id = town.filed()
        town.blown(case_id)
        problem = town.refused(case_id, town.leader, "convene", text="联合整治", facts={**self.WHERE, **facts})
        assert (problem["status"], problem["field"]) == (422, field)


class TestEnds:
    """The case closes only when every summons has ended and been rated."""

    def closes(self, town: Town, case_id: str) -> None:
        """From the answer on to the end."""
        do(town.api, case_id, town.centre, "conclude", text="联合整治完成")
        do(town.api, case_id, town.centre, "check-at-desk", reason="照片可见")
        seen = do(town.api, case_id, town.centre, "close", facts={"condition": True})
        assert seen["state"] == "closed"
        assert not [one for one in seen["clocks"] if one["ended_at"] is None]

    def test_rated(self, town: Town) -> None:
        case_id = town.filed()
        town.blown(case_id)
        for who, summons in ((town.city_works, 1), (town.police, 2)):
            town.answer(case_id, who, summons)
        town.rate(case_id, 1)
        problem = town.refused(case_id, town.centre, "conclude", text="完")
        assert problem["detail"] == "Summons are open.", "one is not rated yet"
        for action, sent in (
            ("close", {"facts": {"condition": True}}),
            ("cancel", {"reason": "x"}),
            ("force-close", {"reason": "x"}),
            ("merge", {"facts": {"into": report(town.api)}}),
        ):
            who = town.supervisor if action == "force-close" else town.centre
            assert town.refused(case_id, who, action, **sent)["status"] == 409, action
        town.rate(case_id, 2)
        self.closes(town, case_id)

    def test_released(self, town: Town) -> None:
        case_id = town.filed()
        town.blown(case_id)
        town.answer(case_id, town.city_works, 1)
        town.rate(case_id, 1)
        do(town.api, case_id, town.police, "summons-return", summons=2, reason="不涉车辆")
        assert town.refused(case_id, town.centre, "conclude", text="完")["status"] == 409
        do(town.api, case_id, town.leader, "summons-agree", summons=2)
        self.closes(town, case_id)

    def test_all_released_is_no_answer(self, town: Town) -> None:
        case_id = town.filed()
        town.blown(case_id)
        for who, summons in ((town.city_works, 1), (town.police, 2)):
            do(town.api, case_id, who, "summons-return", summons=summons, reason="不涉本单位")
            do(town.api, case_id, town.leader, "summons-agree", summons=summons)
        assert town.refused(case_id, town.centre, "conclude", text="完")["detail"] == "Nobody answered the whistle."
        seen = do(town.api, case_id, town.centre, "withdraw-whistle", reason="吹错")
        assert seen["state"] == "accepted"

    def test_withdrawn(self, town: Town) -> None:
        case_id = town.filed()
        town.blown(case_id)
        seen = do(town.api, case_id, town.leader, "withdraw-whistle", reason="误吹")
        assert (seen["state"], states(seen)) == ("accepted", ["withdrawn", "withdrawn"])
        (line,) = blown(town, town.leader)
        assert line["withdrawn"]
        assert line["ended_at"] is not None
        town.blown(case_id)
        do(town.api, case_id, town.police, "summons-sign", summons=4)
        assert town.refused(case_id, town.leader, "withdraw-whistle", reason="误吹")["code"] == "not-yet"

    def test_who_never_answers_is_rated_once_the_time_is_over(self, town: Town) -> None:
        """A body that stays silent cannot keep the case open for ever."""
        case_id = town.filed()
        town.blown(case_id)
        town.answer(case_id, town.city_works, 1)
        town.rate(case_id, 1)
        sent = {"summons": 2, "reason": "未到场", "facts": {"quality": 1}}
        problem = town.refused(case_id, town.leader, "summons-rate", **sent)
        assert problem["detail"] == "It has not answered, and still has time."
        shift(town, case_id, days=12)
        seen = do(town.api, case_id, town.leader, "summons-rate", **sent)
        assert (states(seen), seen["summons"][1]["speed"]) == (["rated", "rated"], 1)
        self.closes(town, case_id)
        police = figures(town, town.leader)["agencies"]["JJ"]
        assert [police[name]["late"] for name in ("signed", "contacted", "reported")] == [1, 1, 1]

    def test_silence_alone_is_no_answer(self, town: Town) -> None:
        case_id = town.filed()
        town.blown(case_id, bodies=town.bodies()[:1])
        shift(town, case_id, days=12)
        town.rate(case_id, 1, quality=1)
        assert town.refused(case_id, town.centre, "conclude", text="完")["detail"] == "Nobody answered the whistle."
        seen = do(town.api, case_id, town.centre, "summon", reason="再次", facts={"bodies": town.bodies()[:1]})
        assert states(seen) == ["rated", "called"]


def test_without_sub_districts_the_community_whistles_and_rates(town: Town) -> None:
    officer = appoint(town.house, Role.COMMUNITY_OFFICER, area="E1")
    neighbour = appoint(town.house, Role.COMMUNITY_OFFICER, area="E2")
    case_id = town.filed("B01", officer)
    sanitation = appoint(town.house, Role.AGENCY_OFFICER, agency="HW")
    bodies = [{"agency": town.ids["HW"], "part": "lead"}]
    seen = town.blown(case_id, officer, "hard", bodies=bodies)
    assert seen["state"] == "whistled"
    town.answer(case_id, sanitation, 1)
    assert town.api.get(f"/api/v1/cases/{case_id}", headers=neighbour.headers).status_code == 404
    seen = town.rate(case_id, 1, who=officer)
    assert (states(seen), seen["summons"][0]["quality"]) == (["rated"], 4)


def test_where_there_are_sub_districts_the_community_does_not(town: Town) -> None:
    """The control of the one before."""
    officer = appoint(town.house, Role.COMMUNITY_OFFICER, area="W1")
    case_id = town.filed()
    sent = {"ground": "public-demand", "kind": "advance", "bodies": town.bodies()}
    assert town.refused(case_id, officer, "whistle", reason="难", facts=sent)["status"] == 403
