"""Reports taken in one transaction mean what they mean alone: receipts, rows, trail, limits, refusals."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from gridgov.api.app import create_app
from gridgov.api.taking import take
from gridgov.areas.redrawing import change_boundaries
from gridgov.auth.context import together as bound
from gridgov.auth.credentials import NOBODY
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.platform.db import cursor, say
from tests import sample
from tests.integration.api.serving import served
from tests.integration.incidents.together import asked, body, receipts, taken
from tests.people import Person, appoint

TABLES = ("incidents", "incidents_contact", "cases", "cases_event", "cases_clock", "platform_outbox", "audit_entry")
OWN = frozenset({
    "id", "number", "received_at", "case_id", "incident_id", "at", "opened_at", "changed_at", "started_at", "due_at",
    "yellow_at", "next_due_at", "next_yellow_at", "created_at", "xid", "salt", "row_id", "key", "account_id", "post_id",
    "name_sealed", "phone_sealed", "phone_index", "after", "facts", "taken_at", "late_from",
})  # fmt: skip


@pytest.fixture
def city(sampled: House) -> House:
    return sampled


@pytest.fixture
def worker(city: House) -> Person:
    return appoint(city, Role.GRID_WORKER, area="A02")


@pytest.fixture
def plain(city: House) -> Iterator[httpx.Client]:
    """Asks a server that takes each report in a transaction of its own."""
    with (
        served(create_app(city, intake="plain")) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        yield client


@pytest.fixture
def hot(city: House) -> Iterator[httpx.Client]:
    with served(create_app(city)) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        yield client


def count(house: House, table: str) -> int:
    with house.db.transaction() as session:
        return int(session.execute(text(f"select count(*) from {table}")).scalar_one())


def many(count: int, seed: int = 11) -> list[dict[str, Any]]:
    """Reports of every kind: inside, on edges, outside, by every datum, exact and vague, with and without words."""
    rng = np.random.default_rng(seed)
    made = []
    for place in range(count):
        west, south, east, north = 116.998, 31.999, 117.041, 32.011
        lon, lat = float(rng.uniform(west, east)), float(rng.uniform(south, north))
        if place % 5 == 0:  # on an edge of grids, or at a corner
            lon = sample.LON0 + sample.STEP * int(rng.integers(0, 9))
        sent = body(
            point={"lon": lon, "lat": lat},
            category=("06010", "09009", "10001")[place % 3],
            datum=("wgs84", "cgcs2000", "gcj02", "bd09")[place % 4],
            happened_at=f"2026-0{1 + place % 9}-1{place % 10}T0{place % 7}:00:00.{place:06}+0{place % 10}:00",
            text=("", "路面坑洼 <b>&\"'{}", "a, b\\n\t{c}")[place % 3],
        )
        if place % 2:
            sent["accuracy_m"] = float(rng.uniform(0, 90))
        if place % 3 == 1:
            sent["address"] = "民主街 7 号, {“1”}"
        if place % 4 == 1:
            sent["reporter"] = {"name": "某人", "phone": "138 0000 1234"}
        made.append(sent)
    return made


def test_a_receipt_is_to_the_byte_that_of_the_plain_way(city: House, worker: Person, plain: httpx.Client) -> None:
    """What the hot path answered first, the plain one reads from the database when the report comes again."""
    sent = many(60)
    outcomes = taken(city, *((worker, one) for one in sent))
    for one, outcome in zip(sent, outcomes, strict=True):
        again = plain.post("/api/v1/incidents", json=one, headers=worker.headers)
        assert (again.status_code, again.content) == (200, outcome)
    found = receipts(outcomes)
    assert {len(one["path"]) for one in found} == {4, 5}
    assert {one["inside"] for one in found} == {True, False}
    assert any(len(one["candidates"]) > 1 for one in found)
    assert any(one["lead"] is None for one in found)


def test_the_control_numbers_come_back_as_the_database_keeps_them(city: House, worker: Person) -> None:
    """An accuracy is kept in four bytes: what was sent would not be what the second receipt says."""
    sent = body(accuracy_m=12.3456789)
    (receipt,) = receipts(taken(city, (worker, sent)))
    assert receipt["accuracy_m"] == 12.345679


def rows_of(house: House, ids: list[str]) -> dict[str, list[str]]:
    """Every row that came of reports, without what is each one's own: ids, numbers, instants, seals."""
    found: dict[str, list[str]] = {}
    with house.db.transaction() as session:
        numbers = session.execute(
            text("select number from incidents where id = any (cast(:ids as uuid[]))"), {"ids": ids}
        ).scalars().all()  # fmt: skip
        for table in TABLES:
            rows = session.execute(text(f"select to_jsonb(t) from {table} t")).scalars().all()
            mine = [one for one in rows if _about(one, set(ids), set(numbers))]
            found[table] = sorted(
                json.dumps({name: value for name, value in one.items() if name not in OWN}, sort_keys=True)
                for one in mine
            )
    return found


def _about(row: dict[str, Any], ids: set[str], numbers: set[int]) -> bool:
    named = {row.get(name) for name in ("id", "case_id", "incident_id", "key", "row_id")}
    number = str(row.get("row_id") or "").partition("|")[0]
    told = row.get("noun") == "cases_event" and number.isdigit() and int(number) in numbers
    return bool(named & ids) or told


def test_the_same_rows_are_written(city: House, worker: Person, plain: httpx.Client) -> None:
    first = many(12)
    second = [one | {"id": str(uuid.uuid4())} for one in first]
    receipts(taken(city, *((worker, one) for one in first)))
    for one in second:
        assert plain.post("/api/v1/incidents", json=one, headers=worker.headers).status_code == 201
    together, alone = (rows_of(city, [one["id"] for one in sent]) for sent in (first, second))
    for table in TABLES:
        assert together[table] == alone[table], table
    assert {table: len(rows) for table, rows in alone.items()} == {
        "incidents": 12, "incidents_contact": 3, "cases": 12, "cases_event": 12, "cases_clock": 12,
        "platform_outbox": 12, "audit_entry": 27,
    }  # fmt: skip


def test_the_trail_names_each_by_their_own_account_and_post(city: House) -> None:
    people = [appoint(city, role, area=area) for role, area in (
        (Role.GRID_WORKER, "A02"), (Role.COMMUNITY_OFFICER, "W1"), (Role.CENTRE_OPERATOR, None))]  # fmt: skip
    channels = ("worker", "window", "hotline")
    sent = [
        body(channel=channel, reporter={"name": "某人", "phone": "13800001234"}) for channel in channels
    ]  # fmt: skip
    found = receipts(taken(city, *zip(people, sent, strict=True)))
    with city.db.transaction() as session:
        entries = session.execute(
            text(
                "select xid, account_id, post_id, role, noun, row_id, after from audit_entry where noun ~ '^(inc|cas)'"
            )
        ).all()
    assert len({one.xid for one in entries}) == 1, "one transaction"
    for who, one, receipt in zip(people, sent, found, strict=True):
        number = int(receipt["number"].split("-")[1])
        mine = [e for e in entries if e.row_id in (one["id"], f"{number}|1")]
        assert sorted(e.noun for e in mine) == ["cases_event", "incidents", "incidents_contact"]
        assert {(e.account_id, e.post_id, e.role) for e in mine} == {(who.account_id, who.post_id, who.role.value)}
    assert len(entries) == 9


def test_who_cannot_be_taken_together_is_left_alone(city: House, worker: Person) -> None:
    """Each is refused by the route; nobody else waits for that, or is refused with them."""
    revoked, gone = appoint(city, Role.MACHINE, permissions=("incidents.report",)), appoint(city, Role.GRID_WORKER)
    other = appoint(city, Role.MACHINE, permissions=("city.read",))
    officer = appoint(city, Role.AUDITOR)
    stranger = Person(0, 0, Role.GRID_WORKER, "nobody's")
    with city.db.transaction() as session:
        session.execute(text("update auth_token set revoked_at = now() where post_id = :id"), {"id": revoked.post_id})
        session.execute(text("update auth_session set ended_at = now() where post_id = :id"), {"id": gone.post_id})
    outcomes = taken(
        city,
        (worker, body()), (revoked, body(channel="hotline")), (gone, body()), (other, body(channel="hotline")),
        (officer, body()), (stranger, body()), (worker, body(channel="hotline")), (worker, body(category="99999")),
        (worker, body(accuracy_m=-1)), (worker, body(accuracy_m=1e-60)), (worker, body(text="a\x00b")),
        (worker, body(reporter={"phone": "1", "notice": 99})), (worker, body(point={"lon": 10, "lat": 50})),
        (worker, body(happened_at="0001-01-01T00:00:00+08:00")), (worker, body("B01")),
    )  # fmt: skip
    assert [isinstance(one, bytes) for one in outcomes] == [True, *[False] * 13, True]
    assert all(one is None for one in outcomes[1:-1])
    assert (count(city, "incidents"), count(city, "incidents_key"), count(city, "cases")) == (2, 2, 2)


def test_over_http_each_gets_the_answer_that_is_its_own(
    city: House, worker: Person, hot: httpx.Client, plain: httpx.Client
) -> None:
    bad: list[tuple[dict[str, Any], dict[str, str]]] = [
        (body(category="99999"), worker.headers), (body(channel="hotline"), worker.headers),
        (body(happened_at="2126-01-01T00:00:00Z"), worker.headers), (body(point={"lon": 0, "lat": 0}), worker.headers),
        (body(surplus=1), worker.headers), (body(), {"Authorization": "Bearer nobody's"}),
        (body(), {**worker.headers, "X-CSRF-Token": "another"}), (body(), appoint(city, Role.AUDITOR).headers),
    ]  # fmt: skip
    good = [(body(), worker.headers) for _ in range(8)]
    answers: dict[str, httpx.Response] = {}

    def post(sent: dict[str, Any], headers: dict[str, str]) -> None:
        answers[sent["id"]] = httpx.post(f"{hot.base_url}/api/v1/incidents", json=sent, headers=headers, timeout=60)

    threads = [threading.Thread(target=post, args=one) for pair in zip(bad, good, strict=True) for one in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for sent, headers in bad:
        mine, theirs = answers[sent["id"]], plain.post("/api/v1/incidents", json=sent, headers=headers)
        assert mine.status_code == theirs.status_code >= 400
        assert _unnamed(mine) == _unnamed(theirs)
        assert set(mine.headers) == set(theirs.headers)
    assert {answers[sent["id"]].status_code for sent, _ in good} == {201}


def _unnamed(answer: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}


def test_headers_are_those_of_the_plain_way(
    city: House, worker: Person, hot: httpx.Client, plain: httpx.Client
) -> None:
    for more in ({}, {"Accept-Encoding": "identity"}, {"X-Request-Id": "0123456789abcdef"}):
        mine, theirs = (
            client.post("/api/v1/incidents", json=body(), headers={**worker.headers, **more}) for client in (hot, plain)
        )
        assert (mine.status_code, theirs.status_code) == (201, 201)
        own = {"date", "x-request-id", "location", "content-length"}
        assert {k: v for k, v in mine.headers.items() if k not in own} == {
            k: v for k, v in theirs.headers.items() if k not in own
        }
        assert set(mine.headers) == set(theirs.headers)
        assert list(mine.json()) == list(theirs.json())
    assert mine.headers["x-request-id"] == theirs.headers["x-request-id"] == "0123456789abcdef"


def test_one_id_twice_in_one_batch(city: House, worker: Person) -> None:
    """The first is taken; the other is left to the route, which finds it taken: the same again, or another under it."""
    sent = body()
    outcomes = taken(city, (worker, sent), (worker, sent), (worker, sent | {"text": "other"}))
    assert isinstance(outcomes[0], bytes)
    assert outcomes[1:] == [None, None]
    again = taken(city, (worker, sent), (worker, body()))
    assert again[0] is None
    assert isinstance(again[1], bytes)
    assert count(city, "incidents") == 2


def test_two_bodies_under_one_id_at_once(city: House, worker: Person, hot: httpx.Client) -> None:
    sent = body()
    said: list[tuple[int, str]] = []

    def post(words: str) -> None:
        answer = httpx.post(
            f"{hot.base_url}/api/v1/incidents", json=sent | {"text": words}, headers=worker.headers, timeout=60
        )
        said.append((answer.status_code, words))

    threads = [threading.Thread(target=post, args=(words,)) for words in ("one", "other") * 6]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (first,) = [words for status, words in said if status == 201]
    assert sorted(status for status, _ in said) == [200] * 5 + [201] + [409] * 6
    assert {words for status, words in said if status == 200} == {first}
    with city.db.transaction() as session:
        assert session.execute(text("select text from incidents")).scalars().all() == [first]


def test_a_row_that_the_database_refuses_takes_nobody_with_it(city: House, worker: Person, hot: httpx.Client) -> None:
    with city.db.transaction() as session:
        session.execute(text(
            "create function refuse() returns trigger language plpgsql as $$ begin if new.text = 'no' then "
            "raise exception 'no'; end if; return new; end $$"
        ))  # fmt: skip
        session.execute(text("create trigger refuse before insert on incidents for each row execute function refuse()"))
    outcomes = taken(city, (worker, body()), (worker, body(text="no")))
    assert outcomes == [None, None]
    assert count(city, "incidents_key") == 0
    status: list[tuple[str, int]] = []

    def post(words: str) -> None:
        answer = httpx.post(
            f"{hot.base_url}/api/v1/incidents", json=body(text=words), headers=worker.headers, timeout=60
        )
        status.append((words, answer.status_code))

    threads = [threading.Thread(target=post, args=("no" if place % 4 == 0 else "yes",)) for place in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status) == [("no", 500)] * 4 + [("yes", 201)] * 12
    assert count(city, "incidents") == count(city, "cases") == 12


def test_nobody_waits_and_nothing_is_stored(city: House, worker: Person) -> None:
    one, other = asked(worker, body()), asked(worker, body())
    one.request.abandoned = True
    outcomes = take(city, [one, other])
    assert outcomes[0] is None
    assert isinstance(outcomes[1], bytes)
    assert count(city, "incidents") == 1


INSERTS = {
    "incidents_key": "insert into incidents_key (id, body_sha256, happened_at) values (%(id)s, 'x', now())",
    "incidents": """
        insert into incidents (id, category_id, channel, happened_at, received_at, reported_lon, reported_lat, datum,
                               area_id, outside_m, hex9, place, geom)
        select %(id)s, (select min(id) from duties_category), 'worker', now(), now(), 1, 1, 'wgs84',
               (select min(id) from areas), 0, 0, '{}', st_setsrid(st_makepoint(1, 1), 4326)
        """,
    "incidents_contact": """
        insert into incidents_contact (incident_id, created_at, area_id)
        values (%(id)s, now(), (select min(id) from areas))
        """,
}


@pytest.mark.parametrize("table", list(INSERTS))
def test_the_role_writes_rows_of_the_incidents_it_was_bound_to_and_no_other(city: House, table: str) -> None:
    """The control is in it: under the incident that the context names the same statement passes."""
    named, other = uuid.uuid4(), uuid.uuid4()
    for wanted, passes in ((named, True), (other, False)):
        refused = False
        try:
            with city.app.transaction() as session:
                say(session, bound("batch", {named: NOBODY}))
                if table == "incidents_contact":
                    cursor(session).execute(INSERTS["incidents_key"], {"id": named})
                cursor(session).execute(INSERTS[table], {"id": wanted})
                session.rollback()
        except psycopg.errors.InsufficientPrivilege as problem:
            refused = "row-level security" in str(problem)
        assert refused is not passes, (table, wanted)


def test_the_role_reads_nothing_else(city: House, worker: Person) -> None:
    receipts(taken(city, (worker, body()), (worker, body(reporter={"phone": "13800001234"}))))
    with city.app.transaction() as session:
        say(session, bound("batch", {uuid.uuid4(): NOBODY}))
        assert session.execute(text("select id, number from incidents")).all() == []
        assert session.execute(text("select id from incidents_key")).all() == []
    for forbidden in ("select text from incidents", "select 1 from incidents_contact", "delete from incidents_key"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            _as_batch(city, forbidden)


def _as_batch(house: House, sql: str) -> None:
    with house.app.transaction() as session:
        say(session, bound("batch", {uuid.uuid4(): NOBODY}))
        session.execute(text(sql))


def test_while_boundaries_are_being_changed_everybody_hears_so_in_the_same_words(
    city: House, worker: Person, hot: httpx.Client, plain: httpx.Client
) -> None:
    with city.db.transaction() as session:
        change_boundaries(session)
        mine, theirs = (
            client.post("/api/v1/incidents", json=body(), headers=worker.headers) for client in (hot, plain)
        )
    assert mine.status_code == theirs.status_code == 503
    assert _unnamed(mine) == _unnamed(theirs)
    assert mine.headers["retry-after"] == theirs.headers["retry-after"]
    assert count(city, "incidents_key") == 0
