"""Proposals as jobs: asked for, watched, ended in the middle, taken over, and the same each time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.incidents.points import StoredPoints
from gridgov.planning import drafts, editing, history, proposals, service
from gridgov.planning.operations import Lock, Rename
from gridgov.planning.proposals import JobFacts
from gridgov.planning.proposing import Mode
from gridgov.planning.rules import Target
from gridgov.planning.worker import LEASE, Worker
from gridgov.platform import clock
from gridgov.platform.errors import BadInput
from tests.integration.planning import drawing
from tests.integration.planning.drawing import NOW
from tests.people import Person, appoint

CODES = ("W1", "W2", "E1", "E2")
SMALL = Target(120, 0.15)  # the grids in force have 300: something has to be drawn
WHILE, LONG = 2_000, 6_000  # steps an atom: long enough to be met between two communities, or at one


@pytest.fixture
def ids(house: House) -> dict[str, int]:
    return drawing.set_up(house, *CODES)


def plan_of(house: House, ids: dict[str, int]) -> int:
    with house.db.transaction() as session:
        return service.create(session, None, name="调整", communities=list(ids.values()), now=NOW)


@pytest.fixture
def plan_id(house: House, ids: dict[str, int]) -> int:
    return plan_of(house, ids)


def worker(house: House, name: str = "w", *, threads: int = 1, after: timedelta = timedelta(0)) -> Worker:
    """One whose clock is ahead by `after`."""
    own = house.db.transaction
    return Worker(own, own, StoredPoints(), lambda: clock.utcnow() + after, name, threads)


def asked(house: House, plan_id: int, **how: Any) -> uuid.UUID:
    with house.db.transaction() as session:
        settings: dict[str, Any] = {"seed": 5, "effort": 20, "target": SMALL} | how
        return proposals.ask(session, None, plan_id, ident=uuid.uuid4(), now=clock.utcnow(), **settings).id


def job(house: House, ident: uuid.UUID) -> JobFacts:
    with house.db.transaction() as session:
        return proposals.job(session, ident)


def digests(house: House, plan_id: int) -> dict[int, tuple[int, bytes]]:
    with house.db.transaction() as session:
        return {one.community_id: (one.revision, one.digest) for one in drafts.parts(session, plan_id)}


def until(found: Callable[[], bool]) -> None:
    while not found():
        time.sleep(0.02)


def test_each_community_is_one_operation_that_can_be_undone(house: House, ids: dict[str, int], plan_id: int) -> None:
    before = digests(house, plan_id)
    ident = asked(house, plan_id)
    assert worker(house).step() == 1
    done = job(house, ident)
    assert (done.state, done.done, done.total) == ("done", 4, 4)
    assert {one.state for one in done.parts} == {"drawn"}
    with house.db.transaction() as session:
        for part in drafts.parts(session, plan_id):
            (result,) = [one.result for one in done.parts if one.community_id == part.community_id]
            assert (part.revision, part.digest.hex()) == (1, result["digest"])
            assert (part.made_with["seed"], part.made_with["job"]) == (5, str(ident))
            assert result["figures"]["within"] == result["figures"]["grids"], result
            history.verify(session, part.id)
            editing.undo(session, None, part.id, revision=1, now=NOW)
    assert {one: digest for one, (_, digest) in digests(house, plan_id).items()} == {
        one: digest for one, (_, digest) in before.items()
    }
    assert worker(house).step() == 0, "nothing is left to do"


def test_what_is_best_already_is_left_as_it_is(house: House, plan_id: int) -> None:
    """Four squares of 300 households between streets: there is nothing better, and nothing is written."""
    before = digests(house, plan_id)
    ident = asked(house, plan_id, target=None)
    worker(house).step()
    assert {one.state for one in job(house, ident).parts} == {"unchanged"}
    assert digests(house, plan_id) == before


def test_the_same_on_any_number_of_threads(house: House, ids: dict[str, int]) -> None:
    drawn = {}
    for seed, threads in ((5, 1), (5, 4), (6, 2)):
        plan_id = plan_of(house, ids)
        asked(house, plan_id, seed=seed, effort=5)
        worker(house, threads=threads).step()
        drawn[seed, threads] = [digest for _, digest in digests(house, plan_id).values()]
    assert drawn[5, 1] == drawn[5, 4]
    assert drawn[5, 1] != drawn[6, 2], "another seed is another proposal"


def test_the_same_id_again_is_the_job_that_is_there(house: House, plan_id: int) -> None:
    ident = asked(house, plan_id)
    with house.db.transaction() as session:
        again = proposals.ask(session, None, plan_id, ident=ident, seed=5, effort=20, target=SMALL, now=clock.utcnow())
        assert again.id == ident
    with house.db.transaction() as session, pytest.raises(proposals.JobTaken):
        proposals.ask(session, None, plan_id, ident=ident, seed=6, effort=20, now=clock.utcnow())
    with house.db.transaction() as session:
        assert len(proposals.find(session, plan_id=plan_id)) == 1


@contextmanager
def at_work(made: Worker) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=made.step)
    thread.start()
    yield thread
    thread.join()


def test_what_was_drawn_meanwhile_is_not_overwritten(house: House, ids: dict[str, int], plan_id: int) -> None:
    """Somebody draws in W1 after it was read and before it is written."""
    with house.db.transaction() as session:
        (part,) = [one for one in drafts.parts(session, plan_id) if one.community_id == ids["W1"]]
    ident = asked(house, plan_id, effort=LONG, communities=[ids["W1"], ids["E1"]])
    with at_work(worker(house)):
        until(lambda: "W1" in job(house, ident).said)
        with house.db.transaction() as session:
            editing.operate(session, None, part.id, [Rename(1, {"zh": "新名"})], revision=0, now=clock.utcnow())
    done = job(house, ident)
    assert {one.code: one.state for one in done.parts} == {"W1": "conflict", "E1": "drawn"}
    told = done.parts[0].result
    assert (told["code"], [line["kind"] for line in told["changes"]]) == ("sheet-moved-on", ["rename"])
    with house.db.transaction() as session:
        assert drafts.sheet(session, part.id).grids[1].names == {"zh": "新名"}
        assert drafts.part(session, part.id).revision == 1
    assert done.result == {"conflict": 1, "drawn": 1}


def test_ended_in_the_middle_it_leaves_whole_sheets(house: House, ids: dict[str, int], plan_id: int) -> None:
    before = digests(house, plan_id)
    ident = asked(house, plan_id, effort=WHILE)
    with at_work(worker(house)):
        until(lambda: job(house, ident).done >= 1)
        seen = job(house, ident)
        assert seen.state == "running"
        assert "/4" in seen.said
        with house.db.transaction() as session:
            proposals.cancel(session, None, ident, now=clock.utcnow())
    done = job(house, ident)
    assert (done.state, done.done) == ("cancelled", len(done.parts))
    assert 1 <= done.done < 4, "it was met in the middle"
    drawn = {one.community_id for one in done.parts}
    for community, (revision, digest) in digests(house, plan_id).items():
        assert revision == (1 if community in drawn else 0)
        assert (digest == before[community][1]) is (community not in drawn)
    with house.db.transaction() as session, pytest.raises(proposals.JobOver):
        proposals.cancel(session, None, ident, now=clock.utcnow())


def test_a_job_that_waits_is_ended_at_once(house: House, plan_id: int) -> None:
    ident = asked(house, plan_id)
    with house.db.transaction() as session:
        assert proposals.cancel(session, None, ident, now=clock.utcnow()).state == "cancelled"
    assert worker(house).step() == 0


KILLED = """
import sys
from pathlib import Path
from gridgov.bootstrap import build
from gridgov.incidents.points import StoredPoints
from gridgov.planning.worker import Worker
from gridgov.platform import clock
from gridgov.platform.errors import BadInput
house = build(sys.argv[1], "demo", Path(sys.argv[2]))
own = house.db.transaction
Worker(own, own, StoredPoints(), clock.utcnow, "killed").step()
"""


def test_killed_another_takes_over_and_does_what_is_left(
    house: House, ids: dict[str, int], plan_id: int, database_url: str, tmp_path: Path
) -> None:
    ident = asked(house, plan_id, effort=WHILE)
    root = Path(__file__).resolve().parents[3]
    process = subprocess.Popen([sys.executable, "-c", KILLED, database_url, str(tmp_path)], cwd=root)
    try:
        until(lambda: job(house, ident).done >= 1 or process.poll() is not None)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    seen = job(house, ident)
    assert (seen.state, 1 <= seen.done < 4) == ("running", True), "killed in the middle"
    assert worker(house).step() == 0, "as long as the claim lasts, nobody else takes it"
    before = {one: revision for one, (revision, _) in digests(house, plan_id).items()}
    assert worker(house, "other", after=LEASE + timedelta(seconds=1)).step() == 1
    done = job(house, ident)
    assert (done.state, done.done, len(done.parts)) == ("done", 4, 4)
    assert set(before.values()) == {0, 1}
    assert {revision for revision, _ in digests(house, plan_id).values()} == {1}, "nothing is drawn twice"
    alone = plan_of(house, ids)
    asked(house, alone, effort=WHILE)
    worker(house).step()
    assert digests(house, alone) == digests(house, plan_id), "as if nobody had been killed"


def test_who_has_lost_the_claim_writes_nothing(house: House, plan_id: int) -> None:
    """The first one sleeps too long; another takes over; what the first has drawn is not written."""
    ident = asked(house, plan_id)
    first, second = worker(house, "first"), worker(house, "second", after=LEASE * 2)
    with house.db.transaction() as session:
        row = first.claim(session)
        assert row is not None
    assert second.step() == 1
    after = digests(house, plan_id)
    first.run(row)
    assert digests(house, plan_id) == after
    done = job(house, ident)
    assert (done.state, len(done.parts)) == ("done", 4)


def test_a_job_that_kills_whoever_tries_is_given_up(house: House, plan_id: int) -> None:
    ident = asked(house, plan_id)
    for turn in range(5):
        with house.db.transaction() as session:
            assert worker(house, after=LEASE * 2 * turn).claim(session) is not None
    assert worker(house, after=LEASE * 10).step() == 1
    assert (job(house, ident).state, job(house, ident).result) == ("failed", {"code": "tried-too-often"})


def test_a_process_that_ends_gives_the_job_back(house: House, plan_id: int) -> None:
    ident = asked(house, plan_id, effort=WHILE)
    ending = worker(house)
    with at_work(ending):
        until(lambda: job(house, ident).state == "running")
        ending.ended.set()
    given = job(house, ident)
    assert (given.state, given.done < 4) == ("queued", True)
    assert worker(house, "next").step() == 1
    assert job(house, ident).state == "done"


def test_only_a_draft_is_proposed_in_and_only_what_it_draws(house: House, ids: dict[str, int], plan_id: int) -> None:
    with house.db.transaction() as session:
        small = service.create(session, None, name="小", communities=[ids["W1"]], now=NOW)
    wrongs: list[dict[str, Any]] = [{"communities": [ids["E1"]]}, {"communities": []}, {"price": 2.0}, {"effort": 0}]
    for wrong in wrongs:
        with pytest.raises(BadInput):
            asked(house, small, **wrong)
    assert asked(house, small, communities=[ids["W1"]])
    assert asked(house, small, mode=Mode.REPAIR, price=2.0)
    with house.db.transaction() as session:
        service.drop(session, None, small, now=NOW)
    with pytest.raises(drafts.PlanClosed):
        asked(house, small)


# --- over HTTP --------------------------------------------------------------------------------------------------------


def ask_over_http(client: httpx.Client, plan_id: int, who: Person, **body: Any) -> httpx.Response:
    sent = {"id": str(uuid.uuid4()), "effort": 20, "target": {"households": 120, "band": 0.15}} | body
    return client.post(f"/api/v1/plans/{plan_id}/proposals", json=sent, headers=who.headers)


def test_asked_for_and_watched_over_http(house: House, api: httpx.Client, ids: dict[str, int], plan_id: int) -> None:
    planner, reader = appoint(house, Role.PLANNER), appoint(house, Role.GRID_WORKER)
    answer = ask_over_http(api, plan_id, planner, seed=5)
    assert answer.status_code == 202, answer.text
    address = f"/api/v1/plans/{plan_id}/proposals/{answer.json()['id']}"

    def state() -> str:
        return str(api.get(address, headers=reader.headers).json()["state"])

    until(lambda: state() not in ("queued", "running"))  # the server's own worker
    found = api.get(address, headers=reader.headers).json()
    assert (found["state"], found["done"], found["asked_by"]) == ("done", 4, planner.account_id)
    assert {part["code"] for part in found["parts"]} == set(CODES)
    with house.db.transaction() as session:
        by = session.execute(text("select distinct account_id from planning_operation")).scalars().all()
    assert by == [planner.account_id], "the log says who asked"
    listed = api.get(f"/api/v1/plans/{plan_id}/proposals", headers=reader.headers).json()
    assert [one["id"] for one in listed["items"]] == [answer.json()["id"]]
    ended = api.post(f"{address}/cancellation", headers=planner.headers)
    assert (ended.status_code, ended.json()["code"]) == (409, "plan-job-over")
    other = api.get(f"/api/v1/plans/{plan_id + 99}/proposals/{answer.json()['id']}", headers=reader.headers)
    assert other.status_code == 404


def test_a_planner_of_one_district_asks_for_no_other(house: House, api: httpx.Client, ids: dict[str, int]) -> None:
    plan_id = plan_of(house, ids)
    west = appoint(house, Role.PLANNER, area="W")
    refused = ask_over_http(api, plan_id, west)
    assert (refused.status_code, refused.json()["code"]) == (403, "community-not-yours")
    assert ask_over_http(api, plan_id, west, communities=[ids["W1"], ids["W2"]]).status_code == 202
    reader = appoint(house, Role.GRID_WORKER)
    assert ask_over_http(api, plan_id, reader).status_code == 403


def test_grids_are_chosen_in_one_community_among_those_that_may_be_drawn(
    house: House, api: httpx.Client, ids: dict[str, int], plan_id: int
) -> None:
    planner, west = appoint(house, Role.PLANNER), [ids["W1"]]
    with house.db.transaction() as session:
        (part,) = [one for one in drafts.parts(session, plan_id) if one.community_id == ids["W1"]]
        first, second = sorted(drafts.sheet(session, part.id).grids)[:2]
        editing.operate(session, None, part.id, [Lock((second,), True)], revision=0, now=NOW)
    for wrong in (
        {"communities": west, "grids": [999]},
        {"communities": west, "grids": [second]},
        {"communities": None, "grids": [first]},
    ):
        refused = ask_over_http(api, plan_id, planner, **wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, "grids-not-there"), refused.text
    asked = ask_over_http(api, plan_id, planner, communities=west, grids=[first])
    assert (asked.status_code, asked.json()["settings"]["grids"]) == (202, [first])


def test_a_plan_says_who_made_it_where_and_how_often_it_was_drawn_in(
    house: House, api: httpx.Client, ids: dict[str, int], plan_id: int
) -> None:
    planner, reader = appoint(house, Role.PLANNER), appoint(house, Role.GRID_WORKER)
    made = api.post(
        "/api/v1/plans", json={"name": "本人方案", "communities": [ids["W1"]]}, headers=planner.headers
    ).json()
    assert made["created_by_account"].startswith("planner-")
    assert (made["communities"], made["operations"], made["drawn_at"]) == ([ids["W1"]], 0, None)
    with house.db.transaction() as session:
        (part,) = drafts.parts(session, made["id"])
        editing.operate(session, None, part.id, [Rename(1, {"zh": "一"})], revision=0, now=NOW)
    listed = api.get("/api/v1/plans", headers=reader.headers).json()["items"]
    (mine, other) = [next(one for one in listed if one["id"] == ident) for ident in (made["id"], plan_id)]
    assert (mine["operations"], mine["drawn_at"] is not None) == (1, True)
    assert mine["created_by_account"] is None, "names are for those who draw or decide"
    assert (set(other["communities"]), other["operations"]) == (set(ids.values()), 0)


def at(answer: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(answer["asked_at"])


def test_the_load_of_a_plan_over_http(house: House, api: httpx.Client, ids: dict[str, int], plan_id: int) -> None:
    from tests.integration.planning.test_load import happen

    with house.db.transaction() as session:
        happen(session, 200, 4)
    planner = appoint(house, Role.PLANNER)
    address = f"/api/v1/plans/{plan_id}/load"
    months = {"since": "2026-01", "until": "2026-04"}
    empty = api.get(address, params=months, headers=planner.headers).json()
    assert [one["counted_at"] for one in empty["items"]] == [None] * 4
    asked_for = api.post(address, json={"id": str(uuid.uuid4())}, headers=planner.headers)
    assert asked_for.status_code == 202, asked_for.text
    of = f"/api/v1/plans/{plan_id}/proposals/{asked_for.json()['id']}"
    until(lambda: api.get(of, headers=planner.headers).json()["state"] not in ("queued", "running"))
    found = api.get(address, params=months, headers=planner.headers).json()
    total = sum(grid["incidents"] for part in found["items"] for grid in part["grids"])
    with house.db.transaction() as session:
        inside = session.execute(
            text("select count(*) from incidents i join areas_version v on v.level = 'city' "
                 "and st_intersects(v.geom, i.geom)")
        ).scalar_one()  # fmt: skip
    assert total >= inside > 0, "each where it lies; on a line between two communities in both"
    half = api.get(address, params={"since": "2026-01", "until": "2026-02"}, headers=planner.headers).json()
    assert 0 < sum(grid["incidents"] for part in half["items"] for grid in part["grids"]) < total
    wrong = api.get(address, params={"since": "2026-04", "until": "2026-04"}, headers=planner.headers)
    assert (wrong.status_code, wrong.json()["field"]) == (422, "until")
