"""Limits of what anybody may ask and of what a token may ask, over HTTP, with the operator's numbers."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator

import httpx
import pytest
from sqlalchemy import text

from gridgov.api.app import create_app
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.platform import limits
from tests import sample
from tests.integration.api.serving import served
from tests.people import appoint

Tune = Callable[[str], None]


@pytest.fixture
def city(sampled: House) -> House:
    return sampled


@pytest.fixture(params=["hot", "plain"])
def client(city: House, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    app = create_app(city, intake=request.param)
    with served(app) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        yield client


@pytest.fixture
def tune() -> Iterator[Tune]:
    yield lambda numbers: limits.tune(numbers, "GRIDGOV_LIMITS")
    limits.tune("", "GRIDGOV_LIMITS")


def report(channel: str) -> dict[str, object]:
    lon, lat = sample.centre("A01")
    return {
        "id": str(uuid.uuid4()),
        "category": "06010",
        "point": {"lon": lon, "lat": lat},
        "happened_at": "2025-01-01T00:00:00Z",
        "channel": channel,
    }


def test_reports_without_an_account_have_an_end(client: httpx.Client, city: House, tune: Tune) -> None:
    """Also those that are refused for what they say count: a flood of nonsense is a flood."""
    tune("report-network=5/1h")
    bad = report("mini-program") | {"category": "99999"}
    answers = [client.post("/api/v1/incidents", json=bad)] + [
        client.post("/api/v1/incidents", json=report("mini-program")) for _ in range(6)
    ]
    assert [one.status_code for one in answers] == [404] + [201] * 4 + [429] * 2
    refusal = answers[-1]
    assert refusal.json()["code"] == "too-many-requests"
    assert "More than 5 in 1 hour" in refusal.json()["detail"]
    assert 700 < int(refusal.headers["retry-after"]) <= 720
    signed_in = appoint(city, Role.CENTRE_OPERATOR).headers
    assert client.post("/api/v1/incidents", json=report("hotline"), headers=signed_in).status_code == 201
    assert client.get("/api/v1/city").status_code == 200


def test_a_forwarded_address_that_nobody_vouches_for_is_not_believed(client: httpx.Client, tune: Tune) -> None:
    """Or a flood would come from a new address with each request."""
    tune("report-network=2/1h")
    answers = Counter(
        client.post(
            "/api/v1/incidents", json=report("mini-program"), headers={"x-forwarded-for": f"198.51.100.{n}"}
        ).status_code
        for n in range(6)
    )
    assert answers == {201: 2, 429: 4}


def test_a_token_has_so_many_requests(client: httpx.Client, city: House, tune: Tune) -> None:
    tune("token=10/1h")
    machines = [appoint(city, Role.MACHINE, permissions=("city.read",)) for _ in range(2)]
    answers = [client.get("/api/v1/city", headers=machines[0].headers).status_code for _ in range(13)]
    assert answers == [200] * 10 + [429] * 3
    assert client.get("/api/v1/city", headers=machines[1].headers).status_code == 200
    assert client.get("/api/v1/city").status_code == 200, "whoever has none is not counted here"


def test_reports_of_a_token_count_whichever_way_they_are_taken(client: httpx.Client, city: House, tune: Tune) -> None:
    """Each once: those that are refused, too, and those that were sent before."""
    tune("token=10/1h")
    machine = appoint(city, Role.MACHINE, permissions=("incidents.report",)).headers
    good, bad = report("hotline"), report("hotline") | {"category": "99999"}
    sent = [good, bad, good] + [report("hotline") for _ in range(7)] + [good, report("hotline")]
    answers = [client.post("/api/v1/incidents", json=one, headers=machine).status_code for one in sent]
    assert answers == [201, 404, 200] + [201] * 7 + [429] * 2


def test_tokens_that_are_none_fill_no_table(client: httpx.Client, city: House) -> None:
    for n in range(20):
        assert client.get("/api/v1/city", headers={"authorization": f"Bearer {n:043}"}).status_code == 401
    with city.db.transaction() as session:
        assert session.execute(text("select count(*) from platform_bucket")).scalar_one() == 0


def test_the_table_holds_nobody(client: httpx.Client, city: House) -> None:
    """What lies there are fingerprints and names of rules."""
    client.post("/api/v1/incidents", json=report("mini-program"))
    client.post("/api/v1/receipts", json={"number": "20251120-000123", "secret": "7K3WQ9ZB4D"})
    with city.db.transaction() as session:
        rows = session.execute(text("select b::text from platform_bucket b")).scalars().all()
    assert len(rows) >= 3
    for row in rows:
        assert "127.0.0.1" not in row
        assert b"127.0.0.1".hex() not in row
        assert "000123" not in row
        assert b"000123".hex() not in row
