"""For those who watch the server: health, readiness, metrics, the log of requests."""

from __future__ import annotations

import io
import json
import logging
import re
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from gridgov.api.app import create_app
from gridgov.api.readiness import DISK_BYTES, Readiness
from gridgov.bootstrap import House, build
from gridgov.platform import clock, logs, request
from gridgov.platform.cluster import Cluster
from gridgov.platform.db import Database
from gridgov.platform.errors import Unavailable
from gridgov.platform.limits import Rate, take
from tests import sample
from tests.conftest import CITY, cloned
from tests.integration.api.serving import served

SECRETS = re.compile(r"postgres|gridgov_app|password|/tmp|/home|/var|socket|127\.0\.0\.1|Traceback", re.I)


@pytest.fixture(scope="module")
def city(cluster: Cluster, migrated_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """With boundaries; one for all tests of this module, which put back what they break."""
    with cloned(cluster, migrated_template) as url:
        made = build(url, CITY, tmp_path_factory.mktemp("home"))
        with made.db.transaction() as session:
            sample.set_up(session)
        yield made
        made.close()


@contextmanager
def asking(house: House, **how: Any) -> Iterator[httpx.Client]:
    with (
        served(create_app(house, **how)) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        yield client


# --- health ----------------------------------------------------------------------------------------------------------


def unready(client: httpx.Client) -> dict[str, Any]:
    """The problem body of one that is not ready; it tells nothing of how things are set up."""
    answer = client.get("/health/ready")
    assert answer.status_code == 503, answer.text
    assert not SECRETS.search(answer.text), answer.text
    body: dict[str, Any] = answer.json()
    assert (body["code"], bool(body["remedy"])) == ("not-ready", True)
    return body


def test_a_whole_platform_is_ready(city: House) -> None:
    with asking(city) as client:
        assert client.get("/health/ready").json() == {"status": "ready"}


def test_a_city_without_boundaries_is_not_and_says_what_to_do(house: House) -> None:
    with asking(house) as client:
        body = unready(client)
        assert (body["field"], body["remedy"]) == ("indexes", "Load them with: gridgov city load FILE")
        assert client.get("/health/live").json() == {"status": "live"}


def test_a_database_behind_the_program_is_named(city: House) -> None:
    change = text("update alembic_version set version_num = :new returning (select version_num from alembic_version)")
    with city.db.transaction() as session:
        newest = session.execute(change, {"new": "city_0001"}).scalar_one()
    with asking(city) as client:
        body = unready(client)
        with city.db.transaction() as session:
            session.execute(change, {"new": newest})
        assert client.get("/health/ready").status_code == 200
    assert (body["field"], body["remedy"]) == ("migrations", "Run: gridgov db migrate")


def test_a_log_in_that_may_not_come_in_is_named(city: House) -> None:
    """By the log-in of requests: the owner's would still come in."""
    stranger = Database(city.app.url.render_as_string(hide_password=False), CITY, login="nobody_here", requests=True)
    with asking(build_with(city, app=stranger)) as client:
        body = unready(client)
    stranger.close()
    assert body["field"].split(",")[0] == "database"


def test_a_database_that_is_gone_is_named_while_the_process_lives(city: House) -> None:
    gone = Database("postgresql://nobody:secretword@127.0.0.1:1/none", CITY, requests=True)
    with asking(build_with(city, app=gone)) as client:
        body = unready(client)
        assert client.get("/health/live").status_code == 200
    assert set(body["field"].split(",")) == {"database", "migrations", "indexes", "sealer"}
    assert "secretword" not in json.dumps(body)


def build_with(house: House, **other: Any) -> House:
    """The same house with some parts replaced by real ones that do not work."""
    return House(**{name: getattr(house, name) for name in house.__dataclass_fields__} | other)


def test_a_storage_that_cannot_be_written_to_is_named(city: House) -> None:
    folder = city.home / "attachments"
    shutil.rmtree(folder)
    folder.write_text("a file where the folder was")
    with asking(city) as client:
        assert unready(client)["field"] == "storage"
        folder.unlink()
        folder.mkdir()
        assert client.get("/health/ready").status_code == 200, "a refusal is not remembered"


def test_a_full_disk_is_named(city: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no full disk to be had: the line is drawn above what this one has."""
    monkeypatch.setattr("gridgov.api.readiness.DISK_BYTES", shutil.disk_usage(city.home).free * 2)
    with asking(city) as client:
        assert unready(client)["field"] == "disk"
    assert shutil.disk_usage(city.home).free > DISK_BYTES, "control: with the real line it is ready"


def test_a_sealer_that_is_behind_is_named(city: House) -> None:
    """Asked without a server, whose sealer would seal."""
    with city.db.transaction() as session:
        session.execute(text("select audit_note('test', 'note', null, null, null, null)"))
    now = clock.utcnow()
    Readiness(city).require(now + timedelta(seconds=30))
    with pytest.raises(Unavailable) as caught:
        Readiness(city).require(now + timedelta(seconds=90))
    assert caught.value.field == "sealer"


def test_several_faults_are_told_together(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridgov.api.readiness.DISK_BYTES", 1 << 60)
    with asking(house) as client:
        body = unready(client)
    assert body["field"] == "indexes,disk"
    assert "Make room" in body["remedy"]
    assert "gridgov city load" in body["remedy"]


# --- metrics ---------------------------------------------------------------------------------------------------------


def samples(client: httpx.Client) -> dict[str, float]:
    """name{label="value",…} -> value, of a scrape that Prometheus' own parser reads."""
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.text
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for one in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(one.labels.items()))
            found[f"{one.name}{{{labels}}}" if labels else one.name] = one.value
    return found


def risen(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """What counters have counted in between; times and sizes of the process aside."""
    moved = {name: value - before.get(name, 0.0) for name, value in after.items() if "_total" in name}
    return {name: by for name, by in moved.items() if by and "process" not in name}


def test_requests_are_counted_by_the_template_of_their_route(city: House) -> None:
    with asking(city, local_metrics=True) as client:
        before = samples(client)
        for path in ("/api/v1/areas/1", "/api/v1/areas/2", "/api/v1/areas/999999", "/api/v1/locate", "/nowhere"):
            client.get(path)
        client.request("PROPFIND", "/api/v1/city")
        found = {name: by for name, by in risen(before, samples(client)).items() if "requests_total" in name}
        seconds = samples(client)['gridgov_request_seconds_count{method="GET",route="/api/v1/areas/{area_id}"}']
    route = 'route="/api/v1/areas/{area_id}"'
    assert sum(by for name, by in found.items() if route in name) == 3
    assert found['gridgov_requests_total{method="GET",route="/api/v1/locate",status="422"}'] == 1
    assert found['gridgov_requests_total{method="GET",route="(none)",status="404"}'] == 1
    assert [name for name in found if "other" in name]
    assert not [name for name in found if "PROPFIND" in name]
    assert seconds >= 3


def test_a_thousand_paths_make_no_thousand_series(city: House) -> None:
    with asking(city, local_metrics=True) as client:
        for warm in ("/api/v1/areas/1", "/a", "/api/v1/incidents/x", "/api/v1/locate"):
            client.get(warm)
        before = samples(client)
        for n in range(250):
            client.get(f"/api/v1/areas/{n + 10**6}", headers={"user-agent": f"a{n}", "x-request-id": f"request-{n}"})
            client.get(f"/n{n}/{n}")
            client.get(f"/api/v1/incidents/x{n}?q={n}")
            client.get(f"/api/v1/locate?lon={n}")
        after = samples(client)
    assert sum(by for name, by in risen(before, after).items() if "requests_total" in name) >= 1_000
    new = set(after) - set(before)
    assert len(new) < 40, new


def test_errors_refusals_and_limits_are_counted_by_words_of_our_own(city: House) -> None:
    rule = Rate("only-one", 1, timedelta(hours=1))
    app = create_app(city, local_metrics=True)

    @app.get("/test/limited")
    def limited() -> None:
        with city.app.transaction() as session:
            session.execute(text("set local role gridgov_door"))
            take(session, b"k" * 16, rule, clock.utcnow())

    app.router.routes.insert(0, app.router.routes.pop())
    with served(app) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        before = samples(client)
        answers = [client.get("/test/limited") for _ in range(3)]
        client.get("/api/v1/locate?lon=1")
        found = risen(before, samples(client))
    assert [one.status_code for one in answers] == [200, 429, 429]
    assert 3_500 < int(answers[1].headers["retry-after"]) <= 3_600
    assert found['gridgov_rate_limited_total{rule="only-one"}'] == 2
    assert found['gridgov_problems_total{code="bad-field"}'] == 1
    assert found['gridgov_transactions_total{outcome="rolled-back",pool="app"}'] >= 2
    assert found['gridgov_transactions_total{outcome="committed",pool="app"}'] >= 1


def test_the_pool_the_audit_and_the_process_are_there(city: House) -> None:
    with asking(city, local_metrics=True) as client:
        found = samples(client)
    for name in (
        'gridgov_pool_connections{pool="app",state="in-use"}', 'gridgov_pool_waiting{pool="owner"}',
        "gridgov_audit_unsealed", "gridgov_audit_oldest_unsealed_seconds", "gridgov_tile_cache_bytes",
        "gridgov_requests_in_flight", "gridgov_process_resident_memory_bytes",
    ):  # fmt: skip
        assert name in found, name
    assert found["gridgov_database_up"] == 1
    assert found["gridgov_requests_in_flight"] == 1


def test_requests_that_wait_for_a_connection_are_seen(database_url: str) -> None:
    small = Database(database_url, CITY, pool_size=1)
    held = [small.engine.connect() for _ in range(5)]
    threads = [threading.Thread(target=lambda: small.engine.connect().close()) for _ in range(3)]
    for thread in threads:
        thread.start()
    while small.pool.waiting < 3:
        threading.Event().wait(0.01)
    assert (small.pool.in_use, small.pool.idle, small.pool.waiting) == (5, 0, 3)
    for connection in held:
        connection.close()
    for thread in threads:
        thread.join()
    assert (small.pool.in_use, small.pool.waiting) == (0, 0)
    small.close()


@pytest.mark.parametrize(
    ("local", "headers", "status"),
    [
        (True, {}, 200),
        (True, {"x-forwarded-for": "198.51.100.7"}, 401),
        (True, {"forwarded": "for=198.51.100.7"}, 401),
        (True, {"x-real-ip": "198.51.100.7"}, 401),
        (False, {}, 401),
    ],
)
def test_who_may_read_them_without_an_account(city: House, local: bool, headers: dict[str, str], status: int) -> None:
    """From this machine alone, and only where the server was told so; what a proxy passes on comes from elsewhere."""
    with asking(city, local_metrics=local) as client:
        assert client.get("/metrics", headers=headers).status_code == status


# --- the log of requests ---------------------------------------------------------------------------------------------


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream, before = io.StringIO(), logging.getLogger().handlers[:]
    logs.configure("info", "json", stream)
    yield stream
    logging.getLogger().handlers = before
    logging.captureWarnings(False)


def entries(stream: io.StringIO) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [one for one in found if one.get("logger") == "gridgov.access"]


def test_a_line_tells_the_template_and_not_what_was_asked(city: House, lines: io.StringIO) -> None:
    with asking(city) as client:
        client.get("/api/v1/areas/4711", params={"note": "13800138000"})
        client.get("/api/v1/locate?lon=117.0123&lat=32.0456&datum=wgs84&token=abcdefgh")
        client.post("/api/v1/receipts", json={"number": "20251120-000123", "secret": "7K3WQ9ZB4D"})
        client.get("/health/live")
    found = entries(lines)
    assert [(one["method"], one["route"]) for one in found] == [
        ("GET", "/api/v1/areas/{area_id}"), ("GET", "/api/v1/locate"), ("POST", "/api/v1/receipts"),
    ]  # fmt: skip
    assert set(found[0]) == {
        "at", "level", "event", "logger", "method", "route", "status", "ms", "bytes", "account", "post", "request_id",
    }  # fmt: skip
    for hidden in ("4711", "117.0123", "abcdefgh", "13800138000", "7K3WQ9ZB4D", "000123", "127.0.0.1"):
        assert hidden not in lines.getvalue()


def test_the_id_of_the_request_is_in_the_answer_the_body_and_the_line(city: House, lines: io.StringIO) -> None:
    with asking(city) as client:
        given = client.get("/api/v1/areas/999999", headers={"x-request-id": "from.the-proxy-1"})
        made = [client.get("/nowhere", headers={"x-request-id": bad}) for bad in ("a b", "13800138000", "x" * 65)]
    assert given.headers["x-request-id"] == given.json()["request_id"] == "from.the-proxy-1"
    ids = [one.headers["x-request-id"] for one in (given, *made)]
    assert len(set(ids)) == 4
    assert all(re.fullmatch("[a-p]{16}", one) for one in ids[1:])
    assert [one["request_id"] for one in entries(lines)] == ids


def test_who_acted_is_told_by_numbers(city: House, lines: io.StringIO) -> None:
    """As `House.acting` says it: in the thread that works, seen by the line that the event loop writes."""
    app = create_app(city)

    @app.get("/test/acting")
    def acting() -> None:
        request.acted_by(12, 34)

    app.router.routes.insert(0, app.router.routes.pop())
    with served(app) as port:
        httpx.get(f"http://127.0.0.1:{port}/test/acting")
        httpx.get(f"http://127.0.0.1:{port}/nowhere")
    assert [(one["account"], one["post"]) for one in entries(lines)] == [(12, 34), (None, None)]


def test_a_failure_of_the_database_tells_no_values(city: House, lines: io.StringIO) -> None:
    """What a statement was given stands neither in the answer nor in the log, whatever the driver says of it."""
    app = create_app(city)

    @app.get("/test/insert")
    def insert() -> None:
        with city.db.transaction() as session:
            session.execute(
                text("insert into platform_bucket (key, rule, until, passed, stale_at, sweep_at) "
                     "values (:key, :name, null, true, now(), now())"),
                {"key": b"k" * 16, "name": "Zhang San, 13800138000, lives here"},
            )  # fmt: skip

    app.router.routes.insert(0, app.router.routes.pop())
    with served(app) as port:
        answer = httpx.get(f"http://127.0.0.1:{port}/test/insert")
    assert answer.status_code == 500
    assert "NotNullViolation" in lines.getvalue()
    for said in (answer.text, lines.getvalue()):
        assert "Zhang" not in said
        assert "13800138000" not in said


def test_every_request_has_one_line(city: House, lines: io.StringIO) -> None:
    with asking(city) as client:
        for path in ["/api/v1/city"] * 5 + ["/nowhere"] * 3 + ["/api/v1/locate"] * 2:
            client.get(path)
    assert Counter(one["route"] for one in entries(lines)) == {
        "/api/v1/city": 5, "(none)": 3, "/api/v1/locate": 2,
    }  # fmt: skip
