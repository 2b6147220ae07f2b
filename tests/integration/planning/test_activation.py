"""A plan takes effect: grids, identities, codes, and everything that lies in them, in one transaction."""

from __future__ import annotations

import httpx
import numpy as np
import pytest
import shapely
from sqlalchemy import text

from gridgov.api import keeping
from gridgov.areas.locator import Locator
from gridgov.bootstrap import House
from gridgov.planning import activation, drafts, publishing, steering
from gridgov.planning.operations import Assign, Merge
from gridgov.planning.publishing import BoundariesElsewhere, NothingChanges, PlanNotThere
from gridgov.platform import clock
from tests.integration.cases.helping import Cast, do, look, report
from tests.integration.planning import drawing
from tests.integration.planning.taking_effect import draft, followed, grids, in_one_grid, put_in_force, submitted


@pytest.fixture
def ids(house: House) -> dict[str, int]:
    return drawing.set_up(house, "W1", "W2", "E1")


@pytest.fixture
def cast(house: House, ids: dict[str, int]) -> Cast:
    return Cast(house)


def atoms_of(house: House, community: int, grid: str) -> list[int]:
    """The atoms of a grid in force."""
    from gridgov.planning import basis, standing

    with house.db.transaction() as session:
        basis_id = basis.newest(session, community)
        ground = basis.ground(session, basis_id, drafts.newest_count(session, basis_id))
        sheet = standing.sheet_in_force(session, ground, now=clock.utcnow())
    number = next(one.number for one in sheet.grids.values() if one.code == grid)
    return [int(atom) for atom in np.flatnonzero(sheet.assignment == number)]


def test_a_grid_is_joined_to_another(house: House, api: httpx.Client, ids: dict[str, int], cast: Cast) -> None:
    """A01 and A02 become one; cases of both lie in it at once, its worker goes on, A02's works there from now on."""
    here, there, elsewhere, ended = (report(api, one) for one in ("A01", "A02", "A05", "A02"))
    do(api, ended, cast.centre, "cancel", reason="误报")
    with house.db.transaction() as session:
        before = grids(session)
        border = Locator().index(session).shape(ids["W1"]).wkb
    plan_id = draft(house, {ids["W1"]: [Merge((1, 2))]})  # A01, A02
    done = put_in_force(house, plan_id)
    with house.db.transaction() as session:
        after = grids(session)
        index = Locator().index(session)
        assert index.shape(ids["W1"]).wkb == border, "the community's border to the double"
        found = [index.shape(one.id) for one in index.descendants(ids["W1"]) if one.level == "grid"]
        assert shapely.coverage_is_valid(found)
    assert len(after) == 15
    (gone,) = set(before) - set(after)
    (kept,) = {"A01", "A02"} - {gone}
    assert after[kept] == before[kept], "the larger goes on under its id and code"
    for case_id in (here, there):
        assert look(api, case_id, cast.centre)["path"][-1]["code"] == kept
    assert look(api, elsewhere, cast.centre)["path"][-1]["code"] == "A05"
    assert (done.moves[1].noun, done.moves[1].moved) == ("cases", 1)
    (post,) = [one for one in done.moves if one.noun == "posts"]
    assert (post.moved, post.left) == (1, 0)
    followed(house)
    assert in_one_grid(house) == (4, [])
    worker = cast.neighbour if gone == "A02" else cast.worker
    assert look(api, here, worker)["path"][-1]["code"] == kept, "his session goes on, in the grid that follows his"


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that begins now looks for plans once, and then for an hour no more."""
    monkeypatch.setattr(keeping, "PLANS_IDLE_S", 3600.0)


@pytest.mark.usefixtures("unhurried")
def test_the_history_of_what_changed_follows_and_nothing_else_is_read(
    house: House, api: httpx.Client, ids: dict[str, int], cast: Cast
) -> None:
    for grid in ("A01", "A02", "A03"):
        case_id = report(api, grid)
        do(api, case_id, cast.centre, "cancel", reason="误报")
    put_in_force(house, draft(house, {ids["W1"]: [Merge((1, 2))]}))
    count, wrong = in_one_grid(house)
    assert (count, len(wrong)) == (3, 1), "the control: what ended does not follow before its job"
    assert followed(house, most=1) > 3, "slice by slice"
    assert in_one_grid(house) == (3, [])
    with house.db.transaction() as session:
        rows = session.execute(text("select noun, moved, done_at is not null as done from planning_follow")).all()
    assert sorted(map(tuple, rows)) == [("cases", 1, True), ("incidents", 1, True)]


def test_as_it_was_and_as_it_is(house: House, api: httpx.Client, ids: dict[str, int], cast: Cast) -> None:
    for grid in ("A01", "A02"):
        report(api, grid)
    put_in_force(house, draft(house, {ids["W1"]: [Merge((1, 2))]}))
    followed(house)
    with house.db.transaction() as session:
        was = dict(map(tuple, session.execute(text("select area_id, count(*) from incidents group by 1"))))
        now = dict(map(tuple, session.execute(text("select grid_id, count(*) from incidents group by 1"))))
    assert sorted(was.values()) == [1, 1]
    assert list(now.values()) == [2]
    assert sum(was.values()) == sum(now.values())


def test_a_split_grid_gives_its_name_to_the_larger_half(
    house: House, api: httpx.Client, ids: dict[str, int], cast: Cast
) -> None:
    """The new one gets the next code of its community; lineage says how many households went there."""
    atoms = atoms_of(house, ids["W1"], "A01")
    plan_id = draft(house, {ids["W1"]: [Assign(tuple(atoms[:10]), None)]})
    report(api, "A01")
    put_in_force(house, plan_id)
    with house.db.transaction() as session:
        after = grids(session)
        rows = session.execute(text("select from_id, to_id, households, share from areas_lineage order by share")).all()
    assert {"A01", "W1-001"} <= set(after)
    assert [(row.from_id, row.to_id) for row in rows] == [(after["A01"], after["W1-001"]), (after["A01"], after["A01"])]
    assert sum(row.share for row in rows) == pytest.approx(1.0)
    assert rows[1].households > rows[0].households > 0
    assert in_one_grid(house)[1] == []


def test_what_was_submitted_is_what_takes_effect(house: House, ids: dict[str, int]) -> None:
    plan_id = draft(house, {ids["W1"]: [Merge((1, 2))]})
    submitted(house, plan_id)
    with house.db.transaction() as session, pytest.raises(PlanNotThere):
        activation.activate(session, plan_id, followers=(), clock=clock.utcnow)
    with house.db.transaction() as session:
        publishing.approve_alone(session, plan_id)
        session.execute(text('update planning_plan set target = \'{"households": 200, "band": 0.1}\''))
    with house.db.transaction() as session, pytest.raises(PlanNotThere, match="something else"):
        activation.activate(session, plan_id, followers=(), clock=clock.utcnow)


def test_a_community_that_was_redrawn_meanwhile_is_named(house: House, ids: dict[str, int]) -> None:
    """Both were drawn on what is in force; the second would undo the first without having seen it."""
    first, second, apart = (draft(house, {ids[code]: [Merge((1, 2))]}) for code in ("W1", "W1", "E1"))
    for plan_id in (second, apart):
        submitted(house, plan_id)
        with house.db.transaction() as session:
            publishing.approve_alone(session, plan_id)
    put_in_force(house, first)
    with house.db.transaction() as session, pytest.raises(BoundariesElsewhere, match="W1"):
        activation.activate(session, second, followers=(), clock=clock.utcnow)
    with house.db.transaction() as session:  # the control: another community's
        activation.activate(session, apart, followers=(), clock=clock.utcnow)


def test_a_plan_that_changes_nothing_is_not_submitted(house: House, ids: dict[str, int]) -> None:
    plan_id = draft(house, {ids["W1"]: []})
    with pytest.raises(NothingChanges):
        submitted(house, plan_id)


def test_the_plan_that_was_there_before_retires(house: House, ids: dict[str, int]) -> None:
    first = draft(house, {ids["W1"]: [Merge((1, 2))]})
    put_in_force(house, first)
    second = draft(house, {ids["W1"]: [Merge((1, 2))]})
    assert put_in_force(house, second).retired == (first,)
    third = draft(house, {ids["E1"]: [Merge((1, 2))]})
    assert put_in_force(house, third).retired == (), "another community's stays"


def test_forth_and_back_and_forth_again(house: House, api: httpx.Client, ids: dict[str, int], cast: Cast) -> None:
    """Each time the same areas under their ids; nothing is destroyed, and every instant can be asked for."""
    report(api, "A01"), report(api, "A02")
    with house.db.transaction() as session:
        before = grids(session)
    first = draft(house, {ids["W1"]: [Merge((1, 2))]})
    put_in_force(house, first)
    with house.db.transaction() as session:
        merged = grids(session)
    instants = []
    for back, wanted in ((True, before), (False, merged), (True, before)):
        with house.db.transaction() as session:
            plan_id = steering.roll_back(session, None, first, before=back, now=clock.utcnow())
            assert drafts.plan(session, plan_id).returns_to == (None if back else first)
        instants.append((put_in_force(house, plan_id).at, wanted))
        followed(house)
        with house.db.transaction() as session:
            assert grids(session) == wanted
        assert in_one_grid(house) == (2, [])
    with house.db.transaction() as session:
        for at, wanted in instants:
            index = Locator().index(session, at)
            assert {one.code: one.id for one in index.areas if one.level == "grid"} == wanted
        assert drafts.plan(session, first).state == "retired"
