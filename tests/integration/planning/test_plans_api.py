"""Plans over HTTP: made, drawn in, read; what two planners are told; what is refused and how."""

from __future__ import annotations

from typing import Any

import httpx
import numpy as np
import pytest
import shapely
from shapely.geometry import shape
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.planning import drafts, editing, history, service
from gridgov.planning.rules import GridDraft, Sheet
from tests.integration.planning import drawing
from tests.people import Person, appoint

PLANS = "/api/v1/plans"


@pytest.fixture
def ids(house: House) -> dict[str, int]:
    return drawing.set_up(house)


@pytest.fixture
def planner(house: House) -> Person:
    return appoint(house, Role.PLANNER)


class Desk:
    """A planner at one part."""

    def __init__(self, api: httpx.Client, person: Person, plan_id: int, part_id: int) -> None:
        self.api, self.headers = api, person.headers
        self.plan_id, self.part_id = plan_id, part_id
        self.at = f"{PLANS}/{plan_id}/parts/{part_id}"

    def get(self, path: str, **more: Any) -> httpx.Response:
        headers = self.headers | more.pop("headers", {})
        return self.api.get(f"{self.at}{path}", headers=headers, **more)

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.api.post(f"{self.at}{path}", json=body, headers=self.headers)

    def draw(self, revision: int, *operations: tuple[str, dict[str, Any]]) -> httpx.Response:
        steps = [{"kind": kind, "payload": payload} for kind, payload in operations]
        return self.post("/operations", revision=revision, operations=steps)

    def board(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("/board").json()
        return found


@pytest.fixture
def desk(house: House, api: httpx.Client, ids: dict[str, int], planner: Person) -> Desk:
    """A draft with W1 in it."""
    return begin(api, planner, ids["W1"])


def begin(api: httpx.Client, person: Person, community: int) -> Desk:
    made = api.post(PLANS, json={"name": "方案", "communities": [community]}, headers=person.headers)
    assert made.status_code == 201, made.text
    plan_id = made.json()["id"]
    (part,) = api.get(f"{PLANS}/{plan_id}/parts", headers=person.headers).json()["items"]
    return Desk(api, person, plan_id, part["id"])


class TestDrawing:
    def test_what_is_answered_is_what_is_then_read(self, desk: Desk) -> None:
        before = desk.board()
        done = desk.draw(0, ("merge", {"grids": [1, 2]})).json()
        after = desk.board()
        assert (done["revision"], done["digest"]) == (1, after["part"]["digest"])
        assert done["totals"] == after["totals"] != before["totals"]
        assignment = list(before["assignment"])
        for one in done["changed"]["atoms"]:
            for atom in one["atoms"]:
                assignment[atom] = one["grid"]
        assert assignment == after["assignment"] != before["assignment"]
        grids = {one["number"]: one for one in before["grids"]}
        for one in done["changed"]["grids"]:
            grids[one["number"]] = one
        for number in done["changed"]["gone"]:
            del grids[number]
        assert sorted(grids.values(), key=lambda one: one["number"]) == after["grids"]

    def test_households_of_the_grids_are_those_of_the_atoms(self, desk: Desk) -> None:
        board = desk.board()
        for grid in board["grids"]:
            own = sum(
                households
                for number, households in zip(board["assignment"], board["households"], strict=True)
                if number == grid["number"]
            )
            assert grid["metrics"]["households"] == own
        assert board["totals"]["households"] == sum(board["households"])

    def test_the_tag_says_whether_anything_was_drawn(self, desk: Desk) -> None:
        first = desk.get("/board")
        held = {"If-None-Match": first.headers["ETag"]}
        assert desk.get("/board", headers=held).status_code == 304
        desk.draw(0, ("lock", {"grids": [1]}))
        assert desk.get("/board", headers=held).status_code == 200

    def test_a_line_in_degrees_divides_a_grid(self, desk: Desk, house: House) -> None:
        board = desk.get("/board", params={"shapes": True}).json()
        west, south, east, north = shape(board["shapes"]["1"]).bounds
        middle = west + (east - west) * 0.4
        done = desk.draw(0, ("split", {"grid": 1, "line": [[middle, south - 1e-4], [middle, north + 1e-4]]}))
        assert done.status_code == 200, done.text
        numbers = {one["number"] for one in done.json()["changed"]["grids"]}
        assert len(numbers) == 2
        with house.db.transaction() as session:
            (line,) = history.log(session, desk.part_id)
        assert line.payload["line"][0][0] > 1000  # metres are what is kept

    def test_a_corner_is_moved_by_its_degrees(self, desk: Desk) -> None:
        """The corners that atoms are answered with are known again."""
        basis = desk.board()["part"]["basis_id"]
        features = desk.api.get(f"{PLANS}/bases/{basis}/atoms", headers=desk.headers).json()["features"]
        corner = features[0]["geometry"]["coordinates"][0]
        inner = max(corner[:4])  # the north-east corner of the first atom
        done = desk.draw(0, ("move_corner", {"corner": inner, "to": [inner[0] + 2e-5, inner[1] + 2e-5]}))
        assert done.status_code == 200, done.text
        redrawn = done.json()["changed"]["redrawn"]
        assert sorted(map(int, redrawn)) == [0, 1, 10, 11]
        assert shapely.coverage_is_valid([shape(one) for one in redrawn.values()])
        back = desk.post("/undo", revision=1).json()
        assert back["changed"]["redrawn"] == {}

    def test_a_stale_revision_is_told_who_drew_what_and_where(self, desk: Desk, house: House, planner: Person) -> None:
        other = Desk(desk.api, appoint(house, Role.PLANNER), desk.plan_id, desk.part_id)
        assert other.draw(0, ("merge", {"grids": [3, 4]})).status_code == 200
        told = desk.draw(0, ("merge", {"grids": [1, 2]}))
        assert told.status_code == 409
        problem = told.json()
        assert (problem["code"], problem["field"]) == ("sheet-moved-on", "revision")
        (change,) = problem["changes"]
        assert (change["no"], change["kind"], change["grids"]) == (1, "merge", [3, 4])
        assert change["account"].startswith("planner-")
        assert change["account_id"] != planner.account_id
        assert desk.draw(1, ("merge", {"grids": [1, 2]})).status_code == 200  # having read it

    def test_undo_says_whose_it_was_and_redo_does_it_again(self, desk: Desk, house: House, planner: Person) -> None:
        drawn = desk.draw(0, ("merge", {"grids": [1, 2]})).json()
        other = Desk(desk.api, appoint(house, Role.PLANNER), desk.plan_id, desk.part_id)
        undone = other.post("/undo", revision=1).json()
        assert undone["about"]["account_id"] == planner.account_id
        assert other.post("/redo", revision=2).json()["digest"] == drawn["digest"]
        assert [one["undoes"] for one in desk.get("/operations").json()["items"]] == [None, 1, None]

    def test_the_log_is_paged_and_names_nobody_to_those_who_do_not_draw(self, desk: Desk, house: House) -> None:
        for revision in range(5):
            desk.draw(revision, ("rename", {"grid": 1, "names": {"zh": f"网格{revision}"}}))
        first = desk.get("/operations", params={"limit": 3}).json()
        rest = desk.get("/operations", params={"limit": 3, "cursor": first["next"]}).json()
        assert [one["no"] for one in first["items"] + rest["items"]] == [5, 4, 3, 2, 1]
        assert rest["next"] is None
        assert first["items"][0]["account"]
        worker = appoint(house, Role.GRID_WORKER, area="A01")
        shown = desk.api.get(f"{desk.at}/operations", headers=worker.headers).json()["items"]
        assert len(shown) == 5
        assert {one["account"] for one in shown} == {None}


class TestLoad:
    def test_cases_a_month_are_those_of_the_last_year_and_new_ones_are_seen(self, desk: Desk, house: House) -> None:
        def of_grids() -> list[float | None]:
            return [one["metrics"].get("cases_month") for one in desk.board()["grids"]]

        assert of_grids() == [None] * 4  # never counted: no value, and not nought
        basis = desk.board()["part"]["basis_id"]
        tag = desk.get("/board").headers["ETag"]
        with house.db.transaction() as session:
            session.execute(
                text(
                    "insert into planning_load (basis_id, month, counts) select :basis, "
                    "date_trunc('month', now())::date - make_interval(months => ago), array_fill(ago, array[100]) "
                    "from unnest(array[1, 2, 13]) ago"
                ),
                {"basis": basis},
            )
            session.execute(
                text("insert into planning_load_mark (basis_id, upto, made_at) values (:basis, 7, now())"),
                {"basis": basis},
            )
        assert of_grids() == pytest.approx([25 * 3 / 12] * 4)  # what is older than a year is left out
        assert desk.get("/board", headers={"If-None-Match": tag}).status_code == 200


class TestRefusals:
    def test_what_is_no_operation_is_named(self, desk: Desk) -> None:
        told = desk.draw(0, ("merge", {"grids": [1, 2]}), ("rename", {"grid": 1, "names": "x"}))
        assert (told.status_code, told.json()["code"]) == (422, "operation-malformed")
        assert desk.board()["part"]["revision"] == 0
        restore = desk.draw(0, ("restore", {"atoms": [[1, [0]]], "grids": [], "corners": []}))
        assert restore.status_code == 422  # the inverse of others is nobody's own operation

    def test_a_locked_grid_stays(self, desk: Desk) -> None:
        desk.draw(0, ("lock", {"grids": [1]}))
        told = desk.draw(1, ("lock", {"grids": [2]}), ("merge", {"grids": [1, 2]}))
        assert (told.status_code, told.json()["code"]) == (409, "grid-locked")
        assert told.json()["field"] == "operations.1.grids"
        assert desk.board()["part"]["revision"] == 1

    def test_a_plan_that_is_dropped_is_read_and_not_drawn_in(self, desk: Desk) -> None:
        assert desk.api.delete(f"{PLANS}/{desk.plan_id}", headers=desk.headers).json()["state"] == "dropped"
        told = desk.draw(0, ("lock", {"grids": [1]}))
        assert (told.status_code, told.json()["code"]) == (409, "plan-closed")
        assert "已作废" in told.json()["detail"]
        assert desk.get("/board").status_code == 200

    def test_a_planner_of_another_district_is_told_so(self, desk: Desk, house: House, ids: dict[str, int]) -> None:
        east = appoint(house, Role.PLANNER, area="E")
        other = Desk(desk.api, east, desk.plan_id, desk.part_id)
        told = other.draw(0, ("lock", {"grids": [1]}))
        assert (told.status_code, told.json()["code"]) == (403, "community-not-yours")
        assert other.get("/board").status_code == 200
        assert begin(desk.api, east, ids["E1"]).draw(0, ("lock", {"grids": [1]})).status_code == 200
        beside = desk.api.post(f"{PLANS}/{desk.plan_id}/parts", json={"community_id": ids["E1"]}, headers=east.headers)
        assert beside.status_code == 201  # the plan is everybody's, each draws in their own

    def test_a_part_of_another_plan_is_not_there(self, desk: Desk, planner: Person, ids: dict[str, int]) -> None:
        other = begin(desk.api, planner, ids["E1"])
        crossed = Desk(desk.api, planner, desk.plan_id, other.part_id)
        for answer in (crossed.get(""), crossed.get("/board"), crossed.draw(0, ("lock", {"grids": [1]}))):
            assert (answer.status_code, answer.json()["code"]) == (404, "plan-part-unknown")

    def test_what_cannot_begin_is_refused(self, desk: Desk, ids: dict[str, int], house: House) -> None:
        def add(community: int) -> tuple[int, str]:
            answer = desk.api.post(
                f"{PLANS}/{desk.plan_id}/parts", json={"community_id": community}, headers=desk.headers
            )
            return answer.status_code, answer.json()["code"]

        with house.db.transaction() as session:
            grid, bare = drawing.area_id(session, "A01"), drawing.area_id(session, "W2")
        assert add(ids["W1"]) == (409, "community-in-plan")
        assert add(grid) == (422, "not-a-community")
        assert add(bare) == (404, "basis-unknown")
        assert add(999_999) == (404, "area-unknown")

    def test_who_has_not_read_the_last_name_changes_nothing(self, desk: Desk) -> None:
        address = f"{PLANS}/{desk.plan_id}"
        first = desk.api.patch(address, json={"revision": 0, "name": "甲"}, headers=desk.headers)
        assert (first.status_code, first.json()["revision"]) == (200, 1)
        second = desk.api.patch(address, json={"revision": 0, "name": "乙"}, headers=desk.headers)
        assert (second.status_code, second.json()["code"]) == (409, "plan-moved-on")
        assert desk.api.get(address, headers=desk.headers).json()["name"] == "甲"


class TestGround:
    def test_households_that_do_not_add_up_are_refused(self, desk: Desk) -> None:
        basis = desk.board()["part"]["basis_id"]

        def bring(households: list[int], total: int | None) -> httpx.Response:
            body = {"counted_on": "2026-10-20", "source": "census", "households": households, "total": total}
            return desk.api.post(f"{PLANS}/bases/{basis}/counts", json=body, headers=desk.headers)

        assert bring([5] * 100, 499).json()["code"] == "count-unfit"
        assert bring([5] * 99, None).json()["code"] == "count-unfit"
        made = bring([5] * 100, 500)
        assert (made.status_code, made.json()["total"]) == (201, 500)
        assert bring([5] * 100, 500).json()["id"] == made.json()["id"]
        assert desk.board()["part"]["outdated"] is True

    def test_ground_is_made_where_there_is_none_and_is_the_same_when_made_again(
        self, desk: Desk, house: House, ids: dict[str, int]
    ) -> None:
        with house.db.transaction() as session:
            bare = drawing.area_id(session, "W2")
        made = [desk.api.post(f"{PLANS}/bases", json={"community_id": bare}, headers=desk.headers) for _ in range(2)]
        assert [one.status_code for one in made] == [201, 201], made[0].text
        assert made[0].json() == made[1].json()
        added = desk.api.post(f"{PLANS}/{desk.plan_id}/parts", json={"community_id": bare}, headers=desk.headers)
        assert added.json()["basis_id"] == made[0].json()["id"]
        east = appoint(house, Role.PLANNER, area="E")
        told = desk.api.post(f"{PLANS}/bases", json={"community_id": ids["W1"]}, headers=east.headers)
        assert told.json()["code"] == "community-not-yours"

    def test_a_part_on_older_ground_says_so_and_goes_over(self, desk: Desk, house: House) -> None:
        desk.draw(0, ("merge", {"grids": [1, 2]}))
        with house.db.transaction() as session:
            drawing.lay(session, "W1", across=6, salt="'")
        assert desk.get("").json()["outdated"] is True
        told = desk.post("/rebase", revision=1).json()
        assert (told["by_key"], told["by_overlap"], told["grids_lost"]) == (0, 144, [])
        board = desk.board()
        assert board["part"]["outdated"] is False
        assert len(board["assignment"]) == 144
        assert desk.post("/rebase", revision=2).json()["code"] == "ground-is-newest"
        assert desk.post("/undo", revision=2).json()["changed"] is None
        assert len(desk.board()["assignment"]) == 100

    def test_atoms_and_edges_are_those_of_the_basis(self, desk: Desk) -> None:
        basis = desk.board()["part"]["basis_id"]
        answer = desk.api.get(f"{PLANS}/bases/{basis}/atoms", headers=desk.headers)
        features = answer.json()["features"]
        assert [one["id"] for one in features] == list(range(100))
        assert shapely.coverage_is_valid([shape(one["geometry"]) for one in features])
        again = desk.api.get(
            f"{PLANS}/bases/{basis}/atoms", headers=desk.headers | {"If-None-Match": answer.headers["ETag"]}
        )
        assert again.status_code == 304
        edges = desk.api.get(f"{PLANS}/bases/{basis}/edges", headers=desk.headers).json()
        assert len(edges["a"]) == len(edges["on_street"]) == 180


class TestOverview:
    def test_grids_come_page_by_page_and_tile_what_is_drawn(self, desk: Desk, ids: dict[str, int]) -> None:
        desk.api.post(f"{PLANS}/{desk.plan_id}/parts", json={"community_id": ids["E1"]}, headers=desk.headers)
        found: list[dict[str, Any]] = []
        cursor = None
        while cursor or not found:
            page = desk.api.get(
                f"{PLANS}/{desk.plan_id}/grids", params={"limit": 3, "cursor": cursor}, headers=desk.headers
            ).json()
            found += page["items"]
            cursor = page["next"]
        assert [(one["community_id"], one["number"]) for one in found] == [
            (community, number) for community in sorted([ids["W1"], ids["E1"]]) for number in (1, 2, 3, 4)
        ]
        shapes = [shape(one["geometry"]) for one in found]
        assert shapely.coverage_is_valid(shapes[:4])
        west, south, east, north = shapes[0].bounds
        box = f"{west + 1e-4},{south + 1e-4},{east - 1e-4},{north - 1e-4}"
        seen = desk.api.get(f"{PLANS}/{desk.plan_id}/grids", params={"bbox": box}, headers=desk.headers).json()
        assert [one["number"] for one in seen["items"]] == [found[0]["number"]]

    def test_what_is_drawn_anew_is_shown_anew(self, desk: Desk) -> None:
        def numbers() -> list[int]:
            page = desk.api.get(f"{PLANS}/{desk.plan_id}/grids", headers=desk.headers).json()
            return [one["number"] for one in page["items"]]

        assert numbers() == [1, 2, 3, 4]
        desk.draw(0, ("merge", {"grids": [1, 2], "into": 2}))
        assert numbers() == [2, 3, 4]

    def test_the_registry_and_the_findings(self, desk: Desk) -> None:
        names = {one["name"] for one in desk.api.get(f"{PLANS}/metrics", headers=desk.headers).json()["items"]}
        assert {name for grid in desk.board()["grids"] for name in grid["metrics"]} <= names
        desk.draw(0, ("assign", {"atoms": [99], "grid": 1}))
        found = desk.get("/findings").json()
        assert found["publishable"] is False
        torn = next(one for one in found["items"] if one["kind"] == "not-contiguous")
        lon, lat = torn["at"]
        assert 116 < lon < 118
        assert 31 < lat < 33


@pytest.mark.parametrize("across", [5, pytest.param(50, marks=pytest.mark.soak)])
def test_all_grids_of_a_plan_are_opened_at_once(house: House, api: httpx.Client, planner: Person, across: int) -> None:
    """Four communities whose every four atoms are a grid of their own: 10,000 in the long run. Each page comes, each
    grid once, and what was remembered is what was drawn."""
    ids = drawing.set_up(house, "W1", "W2", "E1", "E2", across=across)
    with house.db.transaction() as session:
        plan_id = service.create(session, None, name="all", communities=list(ids.values()), now=drawing.NOW)
        wide = 2 * across
        y, x = np.divmod(np.arange(wide * wide), wide)
        assignment = (1 + (y // 2) * across + x // 2).astype(np.int32)
        sheet = Sheet(assignment, {number: GridDraft(number) for number in range(1, across * across + 1)})
        for part in drafts.parts(session, plan_id):
            editing.redraw(session, None, part.id, sheet, revision=0, now=drawing.NOW)

    def opened() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = None
        while cursor or not found:
            params = {"limit": 4 * across * across // 10, "cursor": cursor}
            page = api.get(f"{PLANS}/{plan_id}/grids", params=params, headers=planner.headers)
            assert page.status_code == 200, page.text
            found += page.json()["items"]
            cursor = page.json()["next"]
        return found

    first = opened()
    assert len({(one["part_id"], one["number"]) for one in first}) == len(first) == 4 * across * across
    assert sum(one["atoms"] for one in first) == 4 * wide * wide
    assert opened() == first
