"""What happens without anybody acting: lights are told once, suspended cases go on, and two sweepers do no harm."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text

from gridgov.api import keeping
from gridgov.bootstrap import House
from gridgov.cases import jobs
from gridgov.platform import clock
from tests.integration.cases.helping import CONFIRMED, Cast, do, look, report


def tell(city: House, now: datetime, most: int = jobs.SWEPT) -> int:
    with city.internally("keeper") as session:
        return jobs.tell_lights(session, now=now, most=most)


def told(city: House) -> list[tuple[str, dict[str, Any]]]:
    with city.db.transaction() as session:
        sql = r"select topic, facts from platform_outbox where topic ~ '^case.(summons-)?(yellow|red)$' order by id"
        return [(row.topic, row.facts) for row in session.execute(text(sql))]


def test_a_light_is_told_once(city: House, api: httpx.Client, cast: Cast) -> None:
    """Of 15 minutes to accept: yellow after 12, red after 15; then of the next clock."""
    case_id = report(api)
    since = datetime.fromisoformat(look(api, case_id, cast.centre)["opened_at"])
    assert tell(city, since + timedelta(minutes=11)) == 0
    assert tell(city, since + timedelta(minutes=12)) == 1
    assert tell(city, since + timedelta(minutes=13)) == 0, "told already"
    assert tell(city, since + timedelta(minutes=15)) == 0, "not yet late"
    assert tell(city, since + timedelta(minutes=15, microseconds=1)) == 1
    assert tell(city, since + timedelta(days=3)) == 0
    (yellow, facts), (red, _) = told(city)
    assert (yellow, red) == ("case.yellow", "case.red")
    assert (facts["clock"], facts["office_id"], facts["agency_id"]) == ("accept", cast.area["WS"], None)
    assert "text" not in facts


def test_of_one_seen_late_only_that_is_told(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = report(api)
    since = datetime.fromisoformat(look(api, case_id, cast.centre)["opened_at"])
    assert tell(city, since + timedelta(days=1)) == 1
    assert [topic for topic, _ in told(city)] == ["case.red"]


def test_whom_it_is_told_to(city: House, api: httpx.Client, cast: Cast) -> None:
    """Who has the case, or who is summoned."""
    case_id = report(api)
    cast.handling(api, case_id)
    tell(city, clock.utcnow() + timedelta(days=60))
    assert told(city)[-1][1]["agency_id"] == cast.agency["HW"]
    other = report(api)
    do(api, other, cast.centre, "accept", facts=CONFIRMED)
    bodies = [{"agency": cast.agency["HW"], "part": "lead"}]
    facts = {"ground": "key-work", "kind": "advance", "bodies": bodies}
    do(api, other, cast.leader, "whistle", reason="协同处置", facts=facts)
    tell(city, clock.utcnow() + timedelta(days=60))
    found = [facts for topic, facts in told(city) if topic == "case.summons-red"]
    assert {one["summoned_id"] for one in found} == {cast.agency["HW"]}
    assert {one["clock"] for one in found} == {"sign", "contact", "report"}


def test_an_extension_is_told_of_again(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = report(api)
    cast.handling(api, case_id)
    assert tell(city, clock.utcnow() + timedelta(days=60)) == 1
    do(api, case_id, cast.cleaners, "ask-extension", reason="下雨", facts={"limit": "5 work_day"})
    assert tell(city, clock.utcnow() + timedelta(days=60)) == 0
    do(api, case_id, cast.centre, "grant-extension")
    assert tell(city, clock.utcnow() + timedelta(days=1)) == 0
    assert tell(city, clock.utcnow() + timedelta(days=60)) == 1


def test_what_ended_or_stands_still_is_not_told(city: House, api: httpx.Client, cast: Cast) -> None:
    ended, still = report(api), report(api)
    do(api, ended, cast.centre, "cancel", reason="误报")
    do(api, still, cast.centre, "ask-verification")
    assert tell(city, clock.utcnow() + timedelta(days=9)) == 1
    assert told(city)[0][1]["clock"] == "verify", "accepting waits while it is verified"


def test_two_sweepers_tell_each_once(city: House, api: httpx.Client, cast: Cast) -> None:
    for _ in range(30):
        report(api)
    now = clock.utcnow() + timedelta(days=1)
    counts: list[int] = []
    begin = threading.Barrier(3)

    def sweeper() -> None:
        begin.wait()
        while turned := tell(city, now, most=2):
            counts.append(turned)

    threads = [threading.Thread(target=sweeper) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tell(city, now)  # what another held when a sweeper looked last
    keys = [facts["number"] for _, facts in told(city)]
    assert len(keys) == 30, "each is told"
    assert len(set(keys)) == 30, "and none twice"


def suspended(api: httpx.Client, cast: Cast) -> str:
    case_id = report(api)
    cast.handling(api, case_id)
    do(api, case_id, cast.cleaners, "ask-suspension", reason="等拨款")
    until = (clock.utcnow().date() + timedelta(days=2)).isoformat()
    do(api, case_id, cast.supervisor, "suspend", facts={"until": until})
    return case_id


def come(city: House, days: int) -> list[Any]:
    with city.internally("keeper") as session:
        zone = city.locator.city(session).zone
        return jobs.to_resume(session, now=clock.utcnow() + timedelta(days=days), zone=zone)


def test_suspended_cases_go_on_when_their_day_has_come(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = suspended(api, cast)
    assert come(city, 0) == []
    due = come(city, 3)
    assert [str(one) for one in due] == [case_id]
    results: list[int] = []
    threads = [threading.Thread(target=lambda: results.append(jobs.resume(city.casework, due))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0, 0, 1], "three sweepers, one resumes"
    seen = look(api, case_id, cast.cleaners)
    assert (seen["state"], seen["suspended_until"]) == ("handling", None)
    history = api.get(f"/api/v1/cases/{case_id}/history", headers=cast.centre.headers).json()
    assert (history[-1]["action"], history[-1]["role"]) == ("resume", None)
    assert come(city, 3) == []


def test_the_server_runs_these_sweeps(city: House, api: httpx.Client, cast: Cast) -> None:
    """What `keeping` calls does the same; a second run finds nothing."""
    names = {duty.name: duty for duty in keeping.DUTIES}
    case_id = suspended(api, cast)
    with city.db.transaction() as session:  # days pass
        session.execute(text("update cases set suspended_until = suspended_until - 9"))
    assert names["suspended"].run(city) == 1
    assert names["suspended"].run(city) == 0
    assert look(api, case_id, cast.centre)["state"] == "handling"
    with city.db.transaction() as session:
        session.execute(text("update cases_clock set yellow_at = yellow_at - interval '9 days' where running"))
    assert names["lights"].run(city) == 1
    assert names["lights"].run(city) == 0
