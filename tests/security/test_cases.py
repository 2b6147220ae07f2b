"""Who sees which case: the oracle of incidents, and besides every agency that takes part, whoever has the case."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from gridgov.auth.credentials import NOBODY
from gridgov.auth.rules import Role, ScopeKind
from gridgov.bootstrap import Caller, Work, build
from gridgov.cases import service, worklists
from gridgov.cases.rules import SYSTEM
from gridgov.cases.worklists import Wanted
from gridgov.platform import clock
from gridgov.platform.cluster import Cluster
from gridgov.platform.db import revisions
from tests.conftest import CITY, cloned, live
from tests.security import world
from tests.security.world import BELOW, STATIONED, Somebody, World, path

LEAST_CELLS = 20_000
BESIDES = {"HW": "JJ", "JJ": "CG", "CG": "HW", None: "JJ"}  # who takes part in every fifth case too
INCIDENTS = text(
    "select id, number, happened_at, category_id, item_id, channel, area_id, grid_id, unit_id, place, "
    "st_x(geom) as lon, st_y(geom) as lat from incidents order by number"
)
cells: Counter[str] = Counter()


@dataclass
class Files:
    """The world with a case for every incident. `parts`: agencies that take part; `ended`: those that have ended."""

    world: World
    parts: dict[uuid.UUID, set[str]]
    ended: set[uuid.UUID]

    def sees(self, who: Somebody, case_id: uuid.UUID) -> bool:
        """What the one table says, by codes alone."""
        grant = who.grant("cases.read")
        if grant is None or grant.scope in (ScopeKind.OWN, ScopeKind.RECEIPT):
            return False
        fact, parts = self.world.facts[case_id], self.parts[case_id]
        if grant.scope is ScopeKind.AGENCY:
            return who.agency is not None and bool(parts & BELOW[who.agency])
        if who.area is None or who.area in path(fact.place):
            return True
        here = {one for area, found in STATIONED.items() if who.area in path(area) for one in found}
        return grant.scope is ScopeKind.STATIONED and bool(parts & here)

    def expected(self, who: Somebody) -> set[uuid.UUID]:
        return {case_id for case_id in self.parts if self.sees(who, case_id)}


def filed(made: World) -> Files:
    """A case for each incident, begun as reports begin them; who takes part is then written into its row."""
    house = made.house
    parts, ended = {}, set()
    with house.db.transaction() as session:
        agencies = {row.code: row.id for row in session.execute(text("select id, code from duties_agency"))}
        setting = house.case_setting(Work(session, NOBODY, revisions(session), clock.utcnow()))
        for i, row in enumerate(session.execute(INCIDENTS).all()):
            fact = made.facts[row.id]
            service.open_case(session, row, SYSTEM, setting=setting)
            codes = {fact.agency} if fact.agency else set()
            codes |= {BESIDES[fact.agency]} if i % 5 == 0 else set()
            parts[row.id] = codes
            ended |= {row.id} if fact.status == "closed" else set()
            session.execute(
                text("update cases set agency_id = :agency, agency_ids = :agencies, ended_at = :ended, state = :state "
                     "where id = :id"),
                {"id": row.id, "agency": agencies.get(fact.agency or ""), "agencies": [agencies[one] for one in codes],
                 "ended": clock.utcnow() if row.id in ended else None,
                 "state": "closed" if row.id in ended else "reported"},
            )  # fmt: skip
    return Files(made, parts, ended)


@pytest.fixture(scope="module")
def full(
    cluster: Cluster, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Files, httpx.Client]]:
    with ExitStack() as stack:
        url = stack.enter_context(cloned(cluster, migrated_template))
        house = build(url, CITY, tmp_path_factory.mktemp("home"))
        stack.callback(house.close)
        files = filed(world.build(house))
        base = stack.enter_context(live(house))
        yield files, stack.enter_context(httpx.Client(base_url=base, timeout=60))


def wrong(way: str, who: Somebody, files: Files, seen: set[uuid.UUID], of: set[uuid.UUID] | None = None) -> list[str]:
    expected = files.expected(who) if of is None else files.expected(who) & of
    cells[way] += len(files.parts)
    return [f"{way}: {who} sees {len(seen - expected)} too many, misses {len(expected - seen)}"] * (seen != expected)


def test_the_expectation_tells_people_apart(full: tuple[Files, httpx.Client]) -> None:
    files, _ = full
    seen = {str(who): len(files.expected(who)) for who in files.world.people}
    incidents = {str(who): len(files.world.expected(who, "incidents.read")) for who in files.world.people}
    assert seen["grid_worker@A01"] == incidents["grid_worker@A01"] > 0
    assert seen["agency_officer@JJ"] > incidents["agency_officer@JJ"], "it takes part in others' cases too"
    assert seen["centre_operator@city"] == len(files.parts)
    assert {seen["planner@city"], seen["auditor@city"], seen["administrator@city"], seen["resident@nowhere"]} == {0}


def test_rows_and_conditions_alone(full: tuple[Files, httpx.Client]) -> None:
    """Row security without a condition; then conditions as the owner, whom no policy binds."""
    files, _ = full
    house, found = files.world.house, []
    for who in files.world.people:
        if who.person is None or who.grant("cases.read") is None:
            continue
        with house.acting(Caller("cases.read", who.person.credential)) as work:
            rows = set(work.session.execute(text("select id from cases")).scalars())
            reach, setting = work.reach, house.case_setting(work)
        found += wrong("rows", who, files, rows)
        with house.db.transaction() as session:
            for ended in (False, True):
                wanted = Wanted(reach=reach, ended=ended)
                seen = worklists.find(session, wanted, NOBODY, setting=setting, limit=1000)
                of = files.ended if ended else files.parts.keys() - files.ended
                found += wrong("conditions", who, files, {one.row.id for one in seen}, set(of))
    assert not found


def test_over_http(full: tuple[Files, httpx.Client]) -> None:
    files, client = full
    found: list[str] = []
    for who in files.world.people:
        for ended in (False, True):
            answer = client.get("/api/v1/cases", params={"limit": 1000, "ended": ended}, headers=who.headers)
            if who.grant("cases.read") is None:
                found += [f"list: {who} {answer.status_code}"] * (answer.status_code != (403 if who.person else 401))
                continue
            seen = {uuid.UUID(one["id"]) for one in answer.json()["items"]}
            of = files.ended if ended else files.parts.keys() - files.ended
            found += wrong("list", who, files, seen, set(of))
        if who.grant("cases.read") is not None:
            total = client.get("/api/v1/cases/counts", headers=who.headers).json()["total"]
            found += [f"counts: {who}"] * (total != len(files.expected(who) - files.ended))
    assert not found


def test_one_by_one_over_http(full: tuple[Files, httpx.Client]) -> None:
    """404 for what is not theirs, in every way one case is asked for."""
    files, client = full
    found: list[str] = []
    for who in files.world.people[::2]:
        for case_id in sorted(files.parts)[::37]:
            status = (403 if who.person else 401) if who.grant("cases.read") is None else 404
            expected = 200 if files.sees(who, case_id) else status
            for more in ("", "/history", "/near"):
                answer = client.get(f"/api/v1/cases/{case_id}{more}", headers=who.headers)
                cells["item"] += 1
                found += [f"item{more}: {who} {answer.status_code}"] * (answer.status_code != expected)
            if who.grant("cases.act") is not None and expected == 404:
                step = {"action": "note", "version": 1, "text": "看看"}
                answer = client.post(f"/api/v1/cases/{case_id}/actions", json=step, headers=who.headers)
                cells["act"] += 1
                found += [f"act: {who} {answer.status_code}"] * (answer.status_code != 404)
    assert not found


def test_free_text_is_for_those_who_may_read_it(full: tuple[Files, httpx.Client]) -> None:
    files, client = full
    operator = next(who for who in files.world.people if str(who) == "centre_operator@city")
    deputy = next(who for who in files.world.people if str(who) == "deputy@city")
    case_id = min(files.parts.keys() - files.ended)
    step = {"action": "note", "version": 1, "text": "三号楼的老人", "facts": {"who": "三号楼的老人"}}
    assert client.post(f"/api/v1/cases/{case_id}/actions", json=step, headers=operator.headers).status_code == 200
    history = f"/api/v1/cases/{case_id}/history"
    assert "老人" in client.get(history, headers=operator.headers).text
    assert "老人" not in client.get(history, headers=deputy.headers).text
    assert client.get(history, headers=deputy.headers).status_code == 200


@pytest.mark.parametrize("table", ["cases_event", "cases_clock"])
def test_no_role_reads_histories_by_itself(full: tuple[Files, httpx.Client], table: str) -> None:
    files, _ = full
    for who in files.world.people:
        if who.person is None or who.grant("cases.read") is None:
            continue
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            files.world.house.acting(Caller("cases.read", who.person.credential)) as work,
        ):
            work.session.execute(text(f"select 1 from {table} limit 1"))
        cells["histories"] += 1


def test_casework_sees_one_case_and_no_other(full: tuple[Files, httpx.Client]) -> None:
    files, _ = full
    case_id = max(files.parts)
    with files.world.house.internally("casework", incident=case_id) as session:
        for table, column in (("cases", "id"), ("cases_event", "case_id"), ("cases_clock", "case_id")):
            found = set(session.execute(text(f"select {column} from {table}")).scalars())
            assert found == {case_id}, table
    with files.world.house.internally("casework") as session:  # the control: no case is named
        assert session.execute(text("select count(*) from cases")).scalar_one() == 0


def test_enough_was_asked(full: tuple[Files, httpx.Client]) -> None:
    """Runs last in this module."""
    assert sum(cells.values()) >= LEAST_CELLS, cells
    assert Role.DEPUTY in {who.role for who in full[0].world.people}
