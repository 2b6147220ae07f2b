"""Counts of incidents: kept for a few seconds, told with their age, made anew after a bulk load."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text

from gridgov.auth.rules import EVERYWHERE
from gridgov.bootstrap import House
from gridgov.incidents.tally import KEPT_S, Counted, Tally
from gridgov.platform.db import bump
from tests import sample

NOW = datetime(2026, 10, 6, 12, 0, tzinfo=UTC)


@pytest.fixture
def client(sampled: House, api: httpx.Client) -> httpx.Client:
    return api


def post(client: httpx.Client, happened_at: str = "2026-10-05T08:15:00+08:00") -> None:
    lon, lat = sample.centre("A02")
    sent = {"id": str(uuid.uuid4()), "category": "06010", "point": {"lon": lon, "lat": lat}, "channel": "worker"}
    assert client.post("/api/v1/incidents", json=sent | {"happened_at": happened_at}).status_code == 201


def test_a_count_is_kept_for_a_while_and_tells_its_age(client: httpx.Client, house: House) -> None:
    tally = Tally()

    def counted(after_s: float, revision: int = 1) -> Counted:
        with house.db.transaction() as session:
            return tally.counts(session, now=NOW + timedelta(seconds=after_s), revision=revision, reach=EVERYWHERE)

    post(client)
    first = counted(0)
    assert (first.total, first.counted_at) == (1, NOW)
    post(client)
    assert counted(KEPT_S * 0.9) is first, "an older count with its own instant, not a new one"
    assert counted(-3600).total == 2, "a clock that was set back does not keep a count for an hour"
    post(client)
    assert counted(-3600 + KEPT_S / 2, revision=2).total == 3, "a bulk load shows at once"
    post(client)
    with house.db.transaction() as session:
        assert session.execute(text("select count(*) from incidents")).scalar_one() == 4
    later = counted(3600, revision=2)
    assert (later.total, later.counted_at) == (4, NOW + timedelta(hours=1))


def test_the_city_and_its_catalogue_say_when_they_were_counted(client: httpx.Client, house: House) -> None:
    empty = client.get("/api/v1/city").json()
    assert (empty["counts"]["incidents"], empty["incidents_from"], empty["incidents_to"]) == (0, None, None)
    post(client, "2026-09-05T08:15:00+08:00")
    post(client, "2026-10-05T08:15:00+08:00")
    with house.db.transaction() as session:
        bump(session, "incidents")  # as a bulk load does: the count that is a moment old counts no longer
    city, catalogue = (client.get(f"/api/v1/{path}").json() for path in ("city", "categories"))
    assert city["incidents_from"] == "2026-09-05T00:15:00+00:00", "the ends are never from the count"
    assert city["incidents_to"] == "2026-10-05T00:15:00+00:00"
    assert city["counts"]["incidents"] == 2
    assert datetime.fromisoformat(city["counted_at"]) > datetime.fromisoformat(empty["counted_at"])
    of = {item["code"]: item["incidents"] for item in catalogue["items"]}
    assert of["06010"] == sum(of.values()) == 2
    assert datetime.fromisoformat(catalogue["counted_at"]) >= datetime.fromisoformat(city["counted_at"])
