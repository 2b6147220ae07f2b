"""News of real cases: whoever the next step is for finds it among their messages, and nobody else does."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridgov.bootstrap import House
from gridgov.notices import jobs
from gridgov.notices.channels import Channels
from gridgov.notices.jobs import Deliverer
from gridgov.notices.sending import Ways
from gridgov.notices.sms import Spool
from gridgov.platform import clock
from tests import sample
from tests.integration.cases.helping import CONFIRMED, Cast, do, report
from tests.people import Person


@pytest.fixture
def city(sampled: House) -> House:
    return sampled


@pytest.fixture
def cast(city: House) -> Cast:
    return Cast(city)


def told(api: httpx.Client, house: House, who: Person) -> list[str]:
    """Topics of the messages of somebody, the oldest first, once nothing waits any more."""
    more = 1
    while more:
        with house.internally("notifier") as session:
            more = jobs.fan_out(session, house.app.city, now=clock.utcnow())
    answer = api.get("/api/v1/notices", headers=who.headers)
    assert answer.status_code == 200, answer.text
    return [item["topic"] for item in reversed(answer.json()["items"])]


def test_a_case_calls_whoever_is_next(city: House, api: httpx.Client, cast: Cast) -> None:
    case = report(api)
    cast.handling(api, case)
    do(api, case, cast.cleaners, "answer", text="已清理")
    do(api, case, cast.centre, "ask-check")
    do(api, case, cast.worker, "pass-check", text="现场已干净")
    do(api, case, cast.centre, "close", facts=CONFIRMED)
    assert told(api, city, cast.centre) == ["case.report", "case.receive", "case.answer", "case.pass-check"]
    assert told(api, city, cast.cleaners) == ["case.dispatch", "case.close"]
    assert told(api, city, cast.worker) == ["case.ask-check"]
    assert told(api, city, cast.police) == told(api, city, cast.neighbour) == []


def test_no_word_of_what_people_wrote_is_among_the_facts(city: House, api: httpx.Client, cast: Cast) -> None:
    case = report(api)
    cast.handling(api, case)
    do(api, case, cast.cleaners, "answer", text="住户张三已同意")
    told(api, city, cast.centre)
    with city.db.transaction() as session:
        stored = session.execute(
            text("select facts::text from platform_outbox union all select facts::text from notices_message")
        )
        assert not [one for one in stored.scalars() if "张三" in one]


def test_a_step_that_is_refused_tells_nobody(city: House, api: httpx.Client, cast: Cast) -> None:
    case = report(api)
    before = told(api, city, cast.centre)
    answer = api.post(
        f"/api/v1/cases/{case}/actions", json={"action": "close", "version": 1}, headers=cast.centre.headers
    )
    assert answer.status_code >= 400
    assert told(api, city, cast.centre) == before


def test_whoever_reported_is_told_by_the_one_who_solved_it(
    city: House, api: httpx.Client, cast: Cast, tmp_path: Path
) -> None:
    lon, lat = sample.centre("A01")
    body: dict[str, Any] = {
        "id": "0199f0a4-7b7e-7c3a-9a50-7d1f0f6b2c99", "category": "06010", "point": {"lon": lon, "lat": lat},
        "happened_at": "2026-01-01T00:00:00Z", "channel": "hotline", "reporter": {"phone": "13812345678"},
    }  # fmt: skip
    answer = api.post("/api/v1/incidents", json=body)
    assert answer.status_code == 201, answer.text
    case = body["id"]
    do(api, case, cast.centre, "accept", facts=CONFIRMED | {"waived": True}, text="图片清楚")
    do(api, case, cast.centre, "dispatch", to={"agency": cast.agency["HW"]})
    do(api, case, cast.cleaners, "receive")
    do(api, case, cast.cleaners, "answer", text="已清理")
    do(api, case, cast.cleaners, "feed-back", text="垃圾已清")
    told(api, city, cast.centre)
    channels = Channels(sms=Spool(tmp_path / "sms"))
    later = clock.utcnow().replace(year=2030)  # whatever the server's own thread put off is due again
    Deliverer(Ways(partial(city.internally, "notifier"), channels, city.sealer), lambda: later, lambda: 0.5).step()
    (file,) = (tmp_path / "sms").iterdir()
    written = file.read_text(encoding="utf-8")
    assert "13812345678" in written
    assert "已处理，结果可凭回执查询" in written
