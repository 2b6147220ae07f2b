"""Who is told what of a whistle: through the outbox, among the messages of each."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.cases import jobs as sweeps
from gridgov.notices import jobs
from gridgov.platform import clock, outbox
from tests.casework.town import Town
from tests.conftest import CITY
from tests.integration.cases.test_life import do
from tests.people import Person, appoint


@pytest.fixture
def town(sampled: House, api: httpx.Client) -> Town:
    return Town(sampled, api)


def told(town: Town, who: Person) -> list[str]:
    """What somebody finds new, newest first; afterwards it is read."""
    waiting = True
    while waiting:  # the server does the same, and holds what it is at
        with town.house.internally("notifier") as session:
            jobs.fan_out(session, CITY, now=clock.utcnow())
        with town.house.internally("notifier") as session:
            waiting = outbox.waits(session)[0] > 0
    answer = town.api.get("/api/v1/notices", params={"unread": True}, headers=who.headers)
    assert answer.status_code == 200, answer.text
    town.api.post("/api/v1/notices/read", json={"all": True}, headers=who.headers)
    return [one["topic"] for one in answer.json()["items"]]


def test_each_step_reaches_whom_it_concerns(town: Town) -> None:
    case_id = town.filed()
    stranger = appoint(town.house, Role.DISTRICT_SUPERVISOR, area="E")
    for who in (town.leader, town.centre, town.supervisor, town.police, town.city_works):
        told(town, who)
    town.blown(case_id)
    assert told(town, town.police) == ["case.whistle"]
    assert told(town, town.city_works) == ["case.whistle"]
    town.answer(case_id, town.city_works, 1)
    assert told(town, town.leader) == ["case.summons-report", "case.summons-contact", "case.summons-sign"]
    assert told(town, town.police) == [], "the answer of one is no news to the other"
    do(town.api, case_id, town.police, "summons-refuse", summons=2, reason="人手不足")
    assert told(town, town.supervisor) == ["case.summons-refuse"]
    do(town.api, case_id, town.supervisor, "summons-rule", summons=2, reason="应到场", facts={"uphold": True})
    assert told(town, town.police) == ["case.summons-rule"]
    town.rate(case_id, 1)
    assert told(town, town.city_works) == ["case.summons-rate"]
    assert told(town, stranger) == [], "another district hears nothing of it"


def test_what_is_late_reaches_the_district(town: Town) -> None:
    case_id = town.filed()
    town.blown(case_id, bodies=town.bodies()[:1])
    for who in (town.leader, town.supervisor, town.city_works):
        told(town, who)
    with town.house.internally("keeper") as session:
        sweeps.tell_lights(session, now=clock.utcnow() + timedelta(hours=2))
    for who in (town.city_works, town.leader, town.supervisor):
        assert told(town, who) == ["case.summons-red"]


def test_a_withdrawal_reaches_who_was_called(town: Town) -> None:
    case_id = town.filed()
    town.blown(case_id)
    told(town, town.police)
    do(town.api, case_id, town.leader, "withdraw-whistle", reason="误吹")
    assert told(town, town.police) == ["case.withdraw-whistle"]
