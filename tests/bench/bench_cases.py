"""Whole lifecycles of cases over HTTP, in a city that holds many: create, accept, dispatch, receive, answer, check,
close. Seven requests each, by the five people whose steps they are, each with a session of their own.

Ours is `gridgov serve`, one process, asked open-loop from another; both share the machine with PostgreSQL. The peer's
figures are those that DIGIT has published of its complaints module (CCRS): 37 completed a second with up to 100,000
stored, 6.3 with a million, on 16 cores; it was not run here. The stored cases are made in the database itself, with
the events and clocks of a case that went through every step; each lifecycle is looked at afterwards in the tables.
"""

from __future__ import annotations

import json
import os
import statistics
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import numpy as np
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House, build, prepare
from gridgov.duties import service as duties
from gridgov.duties.rules import ManagementClass
from gridgov.duties.service import NewItem
from gridgov.platform import clock
from gridgov.platform.cluster import running
from tests.bench import lattice
from tests.bench.city import CITY, HOME
from tests.bench.demo import serving
from tests.bench.harness import LeftOut, Row, Scale, bench
from tests.bench.lifecycles import Lived, Request, live
from tests.people import Person, appoint

STORED: dict[Scale, tuple[int, ...]] = {"full": (100_000, 1_000_000), "small": (5_000, 20_000)}
LIVES: dict[Scale, int] = {"full": 1_200, "small": 200}
PUBLISHED = {100_000: 37.0, 1_000_000: 6.3}
STEPS = ("create", "accept", "dispatch", "receive", "answer", "check", "close")
WARMING = 60
PROBING = 500.0  # lifecycles a second that are asked for to see how many get through …
AT_ONCE = 16  # … with so many on their way; more are refused as too many at once
EASE = 0.75  # of what gets through: the rate at which times are taken
SEED = 5
PEER = "DIGIT CCRS, published, 16 cores"

KEYS = """
    insert into incidents_key (id, body_sha256, happened_at)
    select id, sha256(id::text::bytea), happened_at from incidents
"""
CASES = """
    insert into cases (id, number, happened_at, category_id, channel, state, version, opened_at, accepted_at,
                       changed_at, ended_at, next_due_at, level, area_id, grid_id, unit_id, agency_id, agency_ids,
                       place, geom)
    select i.id, i.number, i.happened_at, i.category_id, i.channel,
           case when i.number % 33 = 0 then 'handling' else 'closed' end,
           case when i.number % 33 = 0 then 4 else 7 end, i.received_at, i.received_at + interval '5 minutes',
           i.received_at + interval '1 day', case when i.number % 33 > 0 then i.received_at + interval '1 day' end,
           case when i.number % 33 = 0 then i.received_at + interval '2 days' end,
           null, i.area_id, i.grid_id, i.unit_id, i.agency_id, array[i.agency_id], i.place, i.geom
    from incidents i order by i.number
"""
EVENTS = """
    insert into cases_event (number, seq, case_id, at, action, before, after, account_id, post_id, role, by_agency,
                             to_agency, reason, text, limits, facts)
    select c.number, s.seq, c.id, c.opened_at + s.seq * interval '10 minutes', s.action, s.before, s.after, 1, 1,
           s.role, case when s.role = 'agency_officer' then c.agency_id end,
           case when s.action = 'dispatch' then c.agency_id end, '', s.text, cast(s.limits as jsonb),
           cast(s.facts as jsonb)
    from cases c cross join (values
      (1, 'report', 'reported', 'reported', 'grid_worker', '', '{"accept": "15 urgent_minute"}', '{}'),
      (2, 'accept', 'reported', 'accepted', 'centre_operator', '', '{"dispatch": "15 urgent_minute"}',
       '{"condition": true}'),
      (3, 'dispatch', 'accepted', 'dispatched', 'centre_operator', '', '{"handle": "2 work_day"}', '{"duty": "1"}'),
      (4, 'receive', 'dispatched', 'handling', 'agency_officer', '', '{}', '{}'),
      (5, 'answer', 'handling', 'answered', 'agency_officer', '已派人处置完毕，附前后照片',
       '{"check": "30 urgent_minute"}', '{}'),
      (6, 'check-at-desk', 'answered', 'checked', 'centre_operator', '', '{"close": "1 work_day"}', '{}'),
      (7, 'close', 'checked', 'closed', 'centre_operator', '', '{}', '{"condition": true}')
    ) as s (seq, action, before, after, role, text, limits, facts)
    where s.seq <= c.version order by c.number, s.seq
"""
CLOCKS = """
    insert into cases_clock (number, seq, name, case_id, "limit", agency_id, started_at, due_at, yellow_at, running,
                             used, ended_at, late)
    select c.number, s.seq, s.name, c.id, s.lim, case when s.name = 'handle' then c.agency_id end,
           c.opened_at, c.opened_at + interval '2 days', c.opened_at + interval '1 day',
           s.name = 'handle' and c.ended_at is null, 600000000,
           case when s.name <> 'handle' then c.opened_at + interval '10 minutes' else c.ended_at end, false
    from cases c cross join (values (1, 'accept', '15 urgent_minute'), (2, 'dispatch', '15 urgent_minute'),
      (3, 'handle', '2 work_day'), (5, 'check', '30 urgent_minute'), (6, 'close', '1 work_day')) as s (seq, name, lim)
    where s.seq <= c.version order by c.number, s.seq
"""


class NotAllEnded(AssertionError):
    """A lifecycle that was answered throughout does not stand as closed in the tables."""


@bench("cases")
def cases(scale: Scale) -> Iterator[Row | LeftOut]:
    rates: list[float] = []
    for stored in STORED[scale]:
        with filled(stored) as (house, url), serving(url) as port:
            people = cast(house)
            live(port, lives(house, people, WARMING), rate=PROBING, at_once=2)  # while indexes are built
            pressed = live(port, lives(house, people, LIVES[scale]), rate=PROBING, at_once=AT_ONCE)
            reached = good(house, pressed, LIVES[scale])
            through = LIVES[scale] / reached.seconds
            rates.append(through)
            calm = good(
                house, live(port, lives(house, people, LIVES[scale]), rate=EASE * through), LIVES[scale]
            )  # fmt: skip
        peer = PUBLISHED.get(stored, PUBLISHED[100_000])
        note = f"7 requests each, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
        yield Row(f"lifecycles, {stored:,} stored", LIVES[scale], through, PEER, peer, "completed/s", "more", note)
        at = f"at {EASE * through:.1f}/s: a lifecycle {p95(calm.life_ms):,.0f} ms; " + ", ".join(
            f"{name} {p95(ms):.0f}" for name, ms in zip(STEPS, calm.request_ms, strict=True)
        )
        every = p95([ms for of_kind in calm.request_ms for ms in of_kind])
        yield Row(
            f"request, p95, {stored:,} stored", 7 * LIVES[scale], every, "limit of ours", 1000.0, "ms", "less", at
        )
    yield Row(
        f"falls from {STORED[scale][0]:,} to {STORED[scale][-1]:,}", LIVES[scale], rates[-1] / rates[0], PEER,
        PUBLISHED[1_000_000] / PUBLISHED[100_000], "share kept", "more", "of lifecycles a second",
    )  # fmt: skip


@contextmanager
def filled(stored: int) -> Iterator[tuple[House, str]]:
    """A city with so many cases; dropped afterwards."""
    name = f"bench_cases_{os.getpid()}_{stored}"
    with running(HOME) as cluster:
        cluster.drop_database(name)
        cluster.create_database(name)
        url = cluster.url(name)
        prepare(url, CITY, HOME)
        house = build(url, CITY, HOME)
        try:
            lattice.fill(house, stored)
            with house.db.transaction() as session:
                groups = [f"{number:02}*" for number in range(1, 11)]
                items = [
                    NewItem(str(place), group, f"a{place:02}", ManagementClass.PROFESSIONAL, time_limit="2 work_day")
                    for place, group in enumerate(groups)
                ]
                duties.put_list(session, items, name="bench")
            with house.db.transaction() as session:
                # What is stored is right by its making; foreign keys and audit are measured with the lifecycles.
                session.execute(text("set local session_replication_role = replica"))
                for statement in (KEYS, CASES, EVENTS, CLOCKS):
                    session.execute(text(statement))
            with house.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("vacuum analyze"))
            yield house, url
        finally:
            house.close()
            cluster.drop_database(name)


def cast(house: House) -> dict[str, list[Person]]:
    """Several of each kind, signed in: workers and the centre for the whole city, officers of ten agencies."""
    return {
        "worker": [appoint(house, Role.GRID_WORKER, area="C") for _ in range(4)],
        "centre": [appoint(house, Role.CENTRE_OPERATOR) for _ in range(4)],
        "officer": [appoint(house, Role.AGENCY_OFFICER, agency=f"a{place:02}") for place in range(10)],
    }


def lives(house: House, people: dict[str, list[Person]], count: int) -> list[list[Request]]:
    """The requests of lifecycles, at points of the city's own incidents, of matters that ten agencies share."""
    rng = np.random.default_rng(SEED)
    with house.db.transaction() as session:
        ids = {row.code: row.id for row in session.execute(text("select code, id from duties_agency"))}
        points = session.execute(
            text("select st_x(geom) as lon, st_y(geom) as lat from incidents order by md5(id::text) limit :n"),
            {"n": count},
        ).all()
    now = clock.utcnow()
    made = []
    for number in range(count):
        group, point = int(rng.integers(0, 10)), points[number % len(points)]
        worker, centre = (people[kind][number % 4] for kind in ("worker", "centre"))
        officer = people["officer"][group]
        case_id = str(uuid.uuid4())
        report = {
            "id": case_id, "category": f"{group + 1:02}{1 + int(rng.integers(0, 20)):02}", "channel": "worker",
            "point": {"lon": point.lon, "lat": point.lat}, "text": "路面坑洼，影响通行，请尽快派人处理。",
            "happened_at": (now - timedelta(minutes=number % 1440)).isoformat(), "accuracy_m": 10,
        }  # fmt: skip
        steps: list[tuple[Person, dict[str, Any]]] = [
            (centre, {"action": "accept", "facts": {"condition": True}}),
            (centre, {"action": "dispatch", "to": {"agency": ids[f"a{group:02}"]}}),
            (officer, {"action": "receive"}),
            (officer, {"action": "answer", "text": "已派人处置完毕，附前后照片"}),
            (centre, {"action": "check-at-desk", "reason": "前后照片对比清楚"}),
            (centre, {"action": "close", "facts": {"condition": True}}),
        ]
        life: list[Request] = [("POST", "/api/v1/incidents", worker.headers, json.dumps(report))]
        for version, (who, body) in enumerate(steps, start=1):
            sent = json.dumps({"version": version, **body})
            life.append(("POST", f"/api/v1/cases/{case_id}/actions", who.headers, sent))
        made.append(life)
    return made


def good(house: House, lived: Lived, wanted: int) -> Lived:
    """Every lifecycle answered, and as many more closed in the tables. Raises `NotAllEnded`."""
    if lived.bad or len(lived.life_ms) != wanted:
        raise NotAllEnded(f"{len(lived.life_ms)} of {wanted} came to their end: {lived.bad[:3]}")
    with house.db.transaction() as session:
        newest = "select count(*) from (select state from cases order by number desc limit :n) c where state = 'closed'"
        ended = session.execute(text(newest), {"n": wanted}).scalar_one()
    if ended != wanted:
        raise NotAllEnded(f"{ended} of {wanted} are closed in the tables")
    return lived


def p95(ms: Sequence[float]) -> float:
    return statistics.quantiles(ms, n=20)[-1]
