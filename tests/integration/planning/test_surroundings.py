"""Open cases, workers and service points at a sheet: what planners measure with, and may not read themselves."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.incidents.service import OldIncident, take_many
from gridgov.planning import around, drafts
from gridgov.platform.clock import utcnow
from tests import sample
from tests.integration.planning import drawing
from tests.integration.planning.test_plans_api import Desk, begin
from tests.people import appoint

OPEN = ("A01", "A01", "A01", "A05", "A06", "A03")


def cases_at(house: House, codes: tuple[str, ...], *, ended: bool = False) -> None:
    """A case in the middle of each of these grids."""
    old = [
        OldIncident(uuid.uuid4(), "06010", *sample.centre(code), utcnow() - timedelta(days=2 + n), status="open")
        for n, code in enumerate(codes)
    ]
    with house.db.transaction() as session:
        take_many(session, old, locator=house.locator, router=house.router, now=utcnow())
        session.execute(
            text(
                "insert into cases (id, number, happened_at, category_id, channel, state, version, opened_at, "
                "changed_at, ended_at, area_id, grid_id, unit_id, agency_ids, geom) "
                "select id, number, happened_at, category_id, channel, :state, 1, happened_at, happened_at, "
                "case when :ended then happened_at end, area_id, grid_id, unit_id, '{}', geom from incidents "
                "where id not in (select id from cases)"
            ),
            {"state": "closed" if ended else "handling", "ended": ended},
        )


@pytest.fixture
def desk(house: House, api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(around, "FRESH", timedelta(0))
    ids = drawing.set_up(house)
    cases_at(house, OPEN)
    cases_at(house, ("A01", "A02"), ended=True)
    return begin(api, appoint(house, Role.PLANNER), ids["W1"])


def by_grid(board: dict[str, Any]) -> dict[int, int]:
    """Open cases of the atoms of each grid."""
    found: dict[int, int] = {}
    for number, n in zip(board["assignment"], board["open_cases"], strict=True):
        found[number] = found.get(number, 0) + n
    return found


def test_open_cases_of_every_atom_are_told_and_measured(desk: Desk) -> None:
    board = desk.board()
    assert len(board["open_cases"]) == len(board["assignment"])
    assert sum(board["open_cases"]) == 5, "not those that ended, nor those of another community"
    assert max(board["open_cases"]) == 3
    measured = {grid["number"]: grid["metrics"]["open_cases"] for grid in board["grids"]}
    assert measured == by_grid(board)
    assert board["totals"]["open_cases"] == 5


def test_what_is_drawn_moves_them(desk: Desk) -> None:
    board = desk.board()
    busy = board["open_cases"].index(3)
    here = board["assignment"][busy]
    there = next(one for one in board["assignment"] if one != here)
    drawn = desk.draw(0, ("assign", {"atoms": [busy], "grid": there}))
    assert drawn.status_code == 200, drawn.text
    assert drawn.json()["totals"]["open_cases_moved"] == 3
    after = desk.board()
    assert by_grid(after)[there] == by_grid(board)[there] + 3
    assert {grid["number"]: grid["metrics"]["open_cases"] for grid in after["grids"]} == by_grid(after)


def test_a_case_more_is_seen_and_changes_the_tag(house: House, desk: Desk) -> None:
    first = desk.get("/board")
    same = desk.get("/board", headers={"If-None-Match": first.headers["etag"]})
    assert same.status_code == 304
    cases_at(house, ("A06",))
    then = desk.get("/board", headers={"If-None-Match": first.headers["etag"]})
    assert then.status_code == 200
    assert sum(then.json()["open_cases"]) == 6
    assert then.json()["totals"]["open_cases"] == 6


def test_workers_and_service_points_are_measured_with(house: House, desk: Desk) -> None:
    before = desk.board()
    assert "service_distance" not in before["totals"]
    for _ in range(2):
        appoint(house, Role.GRID_WORKER, area="A01")
    lon, lat = sample.centre("A01")
    with house.db.transaction() as session:
        session.execute(
            text(
                "insert into duties_site (source, source_id, names, digest, geom) values "
                "('test', '1', '{\"zh\": \"服务点\"}', '', st_setsrid(st_makepoint(:lon, :lat), 4326))"
            ),
            {"lon": lon, "lat": lat},
        )
        grid = drawing.area_id(session, "A01")
    after = desk.board()
    assert 0 < after["totals"]["service_distance"] < 1_500
    number = next(one["number"] for one in after["grids"] if one["area_id"] == grid)
    near = {one["number"]: one["metrics"]["service_distance"] for one in after["grids"]}
    assert near[number] == min(near.values())
    with house.db.transaction() as session:
        part, plan = desk.part_id, desk.plan_id
        facts = drafts.part(session, part, plan_id=plan)
        with house.boards.board(session, facts, drafts.plan(session, plan).target, now=utcnow()) as held:
            assert dict(held.inputs.workers) == {number: 2.0}


def test_a_planner_reads_no_case(house: House, desk: Desk) -> None:
    """The control: what the board counts is no way to the cases themselves."""
    assert sum(desk.board()["open_cases"]) == 5
    for path in ("/api/v1/cases", "/api/v1/counts?of=cases&by=grid", "/api/v1/cases?counted=true"):
        assert desk.api.get(path, headers=desk.headers).status_code == 403
