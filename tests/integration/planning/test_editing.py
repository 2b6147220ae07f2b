"""Drawing in a part: the log, undoing, two who draw at once, and what survives."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gridgov.auth.rules import Role
from gridgov.bootstrap import Caller, House, Work
from gridgov.planning import drafts, editing, history, service
from gridgov.planning.drafts import Boards, CommunityNotYours, PlanClosed
from gridgov.planning.editing import GroundIsNewest, NothingToRedo, NothingToUndo, SheetMovedOn
from gridgov.planning.history import LogBroken
from gridgov.planning.operations import Assign, Lock, Merge, Operation, Rename
from gridgov.planning.rules import Target
from gridgov.platform.errors import Conflict, NotFound, Unavailable
from tests import sample
from tests.integration.planning import drawing
from tests.integration.planning.drawing import NOW
from tests.people import Person, appoint


@pytest.fixture
def ids(house: House) -> dict[str, int]:
    return drawing.set_up(house)


@pytest.fixture
def part_id(house: House, ids: dict[str, int]) -> int:
    """A part of W1 in a draft of the owner."""
    with house.db.transaction() as session:
        plan_id = service.create(session, None, name="西区调整", communities=[ids["W1"]], now=NOW)
        return drafts.parts(session, plan_id)[0].id


@contextmanager
def drawing_as(house: House, person: Person) -> Iterator[Work]:
    with house.acting(Caller("plans.edit", person.credential)) as work:
        yield work


def digest(house: House, part_id: int) -> bytes:
    with house.db.transaction() as session:
        facts = drafts.part(session, part_id)
        assert drafts.sheet(session, part_id).digest() == facts.digest
        return facts.digest


class TestBeginning:
    def test_a_part_begins_with_the_grids_in_force(self, house: House, part_id: int) -> None:
        with house.db.transaction() as session:
            sheet = drafts.sheet(session, part_id)
            assert sorted(grid.code or "" for grid in sheet.grids.values()) == ["A01", "A02", "A05", "A06"]
            assert np.bincount(sheet.assignment).tolist() == [0, 25, 25, 25, 25]
            codes = {number: grid.code for number, grid in sheet.grids.items()}
            assert codes[int(sheet.assignment[0])] == "A05"  # the south-west corner
            assert history.verify(session, part_id).replayed == 0

    def test_a_copy_has_the_sheets_of_the_other_and_a_log_of_its_own(self, house: House, part_id: int) -> None:
        with house.db.transaction() as session:
            first = editing.operate(session, None, part_id, [Merge((1, 2))], revision=0, now=NOW)
            plan_id = drafts.part(session, part_id).plan_id
            copy = service.create(session, None, name="copy", copy_of=plan_id, now=NOW)
            (made,) = drafts.parts(session, copy)
            assert (made.digest, made.revision) == (first.digest, 0)
            assert drafts.plan(session, copy).parent_id == plan_id
            with pytest.raises(NothingToUndo):
                editing.undo(session, None, made.id, revision=0, now=NOW)


class TestUndoing:
    def test_undo_returns_to_the_byte_and_redo_forth_again(self, house: House, part_id: int) -> None:
        """Whatever is done, undone and done again, in a new process each time: no board is kept between the steps."""
        seen = [digest(house, part_id)]
        steps: list[Operation] = [Merge((1, 2)), Rename(3, {"zh": "三号"}), Assign((0, 1, 2)), Lock((4,))]
        for revision, step in enumerate(steps):
            with house.db.transaction() as session:
                editing.operate(session, None, part_id, [step], revision=revision, now=NOW)
            seen.append(digest(house, part_id))
        assert len(set(seen)) == 5
        walk = "uuruurruuurrrr"
        at = 4
        for revision, letter in enumerate(walk, start=4):
            with house.db.transaction() as session:
                verb = editing.undo if letter == "u" else editing.redo
                done = verb(session, None, part_id, revision=revision, now=NOW)
            at += -1 if letter == "u" else 1
            assert done.digest == seen[at] == digest(house, part_id)
        with house.db.transaction() as session:
            assert history.verify(session, part_id, whole=True).replayed == 4 + len(walk)
            with pytest.raises(NothingToRedo):
                editing.redo(session, None, part_id, revision=4 + len(walk), now=NOW)

    def test_what_is_drawn_after_an_undo_ends_the_way_forth_and_not_the_way_back(
        self, house: House, part_id: int
    ) -> None:
        with house.db.transaction() as session:
            begun = drafts.part(session, part_id).digest
            editing.operate(session, None, part_id, [Merge((1, 2)), Merge((3, 4))], revision=0, now=NOW)
            editing.undo(session, None, part_id, revision=2, now=NOW)
            editing.operate(session, None, part_id, [Lock((3,))], revision=3, now=NOW)
            with pytest.raises(NothingToRedo):
                editing.redo(session, None, part_id, revision=4, now=NOW)
            editing.undo(session, None, part_id, revision=4, now=NOW)
            assert editing.undo(session, None, part_id, revision=5, now=NOW).digest == begun
            with pytest.raises(NothingToUndo):
                editing.undo(session, None, part_id, revision=6, now=NOW)

    def test_any_walk_back_and_forth_is_that_of_two_stacks(self, house: House) -> None:
        """Drawn at random, seeded: after each step the sheet is the one that a pair of stacks says."""
        with house.db.transaction() as session:
            sample.set_up(session)
            plan_id = service.create(
                session, None, name="walk", communities=[drawing.lay(session, "W1", across=1)], now=NOW
            )
            part_id = drafts.parts(session, plan_id)[0].id
            rng, boards = np.random.default_rng(5), Boards()
            now = drafts.part(session, part_id).digest
            back: list[bytes] = []
            forth: list[bytes] = []
            revision, empty = 0, 0
            for step in range(200):
                kind = rng.choice(["draw", "undo", "redo"], p=[0.3, 0.42, 0.28])
                given: dict[str, Any] = {"revision": revision, "boards": boards, "now": NOW}
                if kind == "draw":
                    names = Rename(1 + int(rng.integers(4)), {"en": str(step)})
                    done = editing.operate(session, None, part_id, [names], **given)
                    back.append(now)
                    forth.clear()
                    now = done.digest
                elif not (back if kind == "undo" else forth):
                    empty += 1
                    verb, error = (editing.undo, NothingToUndo) if kind == "undo" else (editing.redo, NothingToRedo)
                    with pytest.raises(error):
                        verb(session, None, part_id, **given)
                    continue
                else:
                    verb = editing.undo if kind == "undo" else editing.redo
                    done = verb(session, None, part_id, **given)
                    source, other = (back, forth) if kind == "undo" else (forth, back)
                    other.append(now)
                    now = source.pop()
                revision += 1
                assert (done.digest, done.revision) == (now, revision)
            assert empty > 10
            assert history.verify(session, part_id, whole=True).replayed == revision > 100

    def test_undoing_says_whose_it_was(self, house: House, part_id: int) -> None:
        one, other = appoint(house, Role.PLANNER), appoint(house, Role.PLANNER)
        with drawing_as(house, one) as work:
            editing.operate(work.session, work.actor, part_id, [Merge((1, 2))], revision=0, now=NOW)
        with drawing_as(house, other) as work:
            done = editing.undo(work.session, work.actor, part_id, revision=1, now=NOW)
        assert done.about is not None
        assert (done.about.account_id, done.about.kind, done.about.no) == (one.account_id, "merge", 1)
        assert done.about.account.startswith("planner-")  # type: ignore[union-attr]
        with house.db.transaction() as session:
            lines = history.log(session, part_id)
        assert [(line.no, line.undoes, line.account_id) for line in lines] == [
            (2, 1, other.account_id), (1, None, one.account_id),
        ]  # fmt: skip

    def test_snapshots_each_hundred_and_a_log_that_proves_itself(self, house: House, part_id: int) -> None:
        boards = Boards()
        with house.db.transaction() as session:
            steps: list[Operation] = [Assign((i,), 1 + i % 4) for i in range(100)]
            steps += [Rename(1, {"en": str(i)}) for i in range(30)]
            done = editing.operate(session, None, part_id, steps[:50], revision=0, boards=boards, now=NOW)
            done = editing.operate(session, None, part_id, steps[50:], revision=50, boards=boards, now=NOW)
            taken = session.execute(text("select no from planning_snapshot order by no")).scalars().all()
            assert taken == [0, 100]
            assert history.verify(session, part_id).begun == 100
            assert history.verify(session, part_id, whole=True).digest == done.digest

    @pytest.mark.parametrize(
        "tampering",
        [
            "update planning_operation set effect = jsonb_set(effect, '{atoms}', '[]') where no = 1",
            "update planning_operation set digest = '\\x00' where no = 2",
            "delete from planning_operation where no = 1",
            "update planning_part set assignment[1] = 4",
            "update planning_part set digest = '\\x00'",
            "update planning_snapshot set assignment[1] = 4",
        ],
    )
    def test_the_control_a_store_that_was_changed_otherwise_is_seen(
        self, house: House, part_id: int, tampering: str
    ) -> None:
        with house.db.transaction() as session:
            editing.operate(session, None, part_id, [Merge((1, 2)), Lock((3,))], revision=0, now=NOW)
            history.verify(session, part_id)
            session.execute(text(tampering))
            with pytest.raises(LogBroken):
                history.verify(session, part_id)


class TestAllOrNothing:
    def test_a_wrong_operation_undoes_those_before_it_and_says_which(self, house: House, part_id: int) -> None:
        before = digest(house, part_id)
        boards = Boards()
        steps: list[Operation] = [Merge((1, 2)), Assign((0,), 3), Rename(99, {"zh": "无"})]
        with pytest.raises(NotFound) as told, house.db.transaction() as session:
            editing.operate(session, None, part_id, steps, revision=0, boards=boards, now=NOW)
        assert told.value.field == "operations.2.grid"
        assert digest(house, part_id) == before
        with house.db.transaction() as session:
            assert history.log(session, part_id) == []
            done = editing.operate(session, None, part_id, [Merge((1, 2))], revision=0, boards=boards, now=NOW)
            assert history.verify(session, part_id).digest == done.digest  # the board that failed is not used again

    def test_a_board_of_a_transaction_that_failed_later_does_no_harm(self, house: House, part_id: int) -> None:
        boards = Boards()
        with house.db.engine.connect() as connection, Session(connection) as session:
            editing.operate(session, None, part_id, [Merge((1, 2))], revision=0, boards=boards, now=NOW)
            session.rollback()
        with house.db.transaction() as session:
            done = editing.operate(session, None, part_id, [Merge((3, 4))], revision=0, boards=boards, now=NOW)
            assert set(drafts.sheet(session, part_id).grids) & {1, 2} == {1, 2}
            assert history.verify(session, part_id).digest == done.digest


class TestTwoAtOnce:
    def test_exactly_one_wins_and_the_other_is_told(self, house: House, part_id: int) -> None:
        """Two who saw the same revision, at the same time: one draws, the other learns who, what and where."""
        people = [appoint(house, Role.PLANNER), appoint(house, Role.PLANNER)]
        gate = threading.Barrier(2)
        told: list[object] = []

        def draw(person: Person, grids: tuple[int, int]) -> None:
            gate.wait()
            try:
                with drawing_as(house, person) as work:
                    done = editing.operate(work.session, work.actor, part_id, [Merge(grids)], revision=0, now=NOW)
                told.append((person.account_id, done.digest))
            except Conflict as conflict:
                told.append(conflict)

        threads = [
            threading.Thread(target=draw, args=pair) for pair in zip(people, [(1, 2), (3, 4)], strict=True)
        ]  # fmt: skip
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ((winner, after),) = [one for one in told if isinstance(one, tuple)]
        (conflict,) = [one for one in told if isinstance(one, SheetMovedOn)]
        (change,) = cast("list[dict[str, Any]]", conflict.facts["changes"])
        assert change["account_id"] == winner
        assert change["kind"] == "merge"
        assert sorted(change["grids"]) in ([1, 2], [3, 4])
        assert digest(house, part_id) == after

    def test_the_control_without_the_revision_the_last_would_win(self, house: House, part_id: int) -> None:
        """The same two, the second of whom has read what the first drew: both are in the log."""
        with house.db.transaction() as session:
            editing.operate(session, None, part_id, [Merge((1, 2))], revision=0, now=NOW)
        with house.db.transaction() as session:
            with pytest.raises(SheetMovedOn, match="1 operation since revision 0, in the grids 1, 2"):
                editing.operate(session, None, part_id, [Merge((3, 4))], revision=0, now=NOW)
            editing.operate(session, None, part_id, [Merge((3, 4))], revision=1, now=NOW)
            assert [line.no for line in history.log(session, part_id)] == [2, 1]

    def test_a_revision_that_has_never_been_is_refused(self, house: House, part_id: int) -> None:
        with house.db.transaction() as session, pytest.raises(SheetMovedOn, match="there has been no 7"):
            editing.operate(session, None, part_id, [Merge((1, 2))], revision=7, now=NOW)

    @staticmethod
    def drop_at_once(house: House, plan_id: int) -> None:
        with house.db.transaction() as session:
            session.execute(text("set local lock_timeout = '100ms'"))
            service.drop(session, None, plan_id, now=NOW)

    def test_whoever_closes_a_plan_waits_for_whoever_draws_in_it(self, house: House, part_id: int) -> None:
        with house.db.transaction() as session:
            plan_id = drafts.part(session, part_id).plan_id
        with house.db.transaction() as session:
            editing.operate(session, None, part_id, [Merge((1, 2))], revision=0, now=NOW)
            with pytest.raises(Unavailable):
                self.drop_at_once(house, plan_id)
        with house.db.transaction() as session:
            service.drop(session, None, plan_id, now=NOW)
            with pytest.raises(PlanClosed, match="dropped"):
                editing.operate(session, None, part_id, [Merge((3, 4))], revision=1, now=NOW)


class TestWhere:
    def test_a_planner_of_a_district_draws_in_its_communities_alone(
        self, house: House, ids: dict[str, int], part_id: int
    ) -> None:
        west, east = appoint(house, Role.PLANNER, area="W"), appoint(house, Role.PLANNER, area="E")
        with drawing_as(house, west) as work:
            editing.operate(work.session, work.actor, part_id, [Merge((1, 2))], revision=0, now=NOW)
        with pytest.raises(CommunityNotYours), drawing_as(house, east) as work:
            editing.operate(work.session, work.actor, part_id, [Merge((3, 4))], revision=1, now=NOW)
        with drawing_as(house, east) as work:
            plan_id = service.create(
                work.session, work.actor, name="东区", communities=[ids["E1"]], target=Target(250, 0.2), now=NOW
            )
            assert drafts.plan(work.session, plan_id).created_by == east.account_id
            with pytest.raises(CommunityNotYours):
                service.add_part(work.session, work.actor, plan_id, ids["W1"], now=NOW)

    def test_the_database_itself_keeps_them_apart(self, house: House, part_id: int) -> None:
        """Without the verbs: the row of another district's community is not there to change."""
        for area, changed in (("W", 1), ("E", 0)):
            with drawing_as(house, appoint(house, Role.PLANNER, area=area)) as work:
                done = work.session.execute(
                    text("update planning_part set made_with = '{}' where id = :id"), {"id": part_id}
                )
                assert done.rowcount == changed  # type: ignore[attr-defined]

    @pytest.mark.parametrize(
        "statement",
        [
            "update planning_operation set kind = kind",
            "delete from planning_operation",
            "delete from planning_plan",
            "update planning_basis set atoms = atoms",
            "update planning_count set total = total",
        ],
    )
    def test_nobody_who_draws_can_change_what_was_written(self, house: House, part_id: int, statement: str) -> None:
        planner = appoint(house, Role.PLANNER)
        with pytest.raises(DBAPIError, match="permission denied"), drawing_as(house, planner) as work:
            work.session.execute(text(statement))


class TestRebasing:
    def test_a_part_goes_over_to_newer_ground_and_back(self, house: House, part_id: int) -> None:
        with house.db.transaction() as session:
            with pytest.raises(GroundIsNewest):
                editing.rebase(session, None, part_id, revision=0, now=NOW)
            first = editing.operate(session, None, part_id, [Merge((1, 2)), Lock((3,))], revision=0, now=NOW)
            drawing.lay(session, "W1", salt="'")  # every key is new: all by overlap
            assert drafts.part(session, part_id).outdated
            done, carried = editing.rebase(session, None, part_id, revision=2, now=NOW)
            assert (carried.by_key, carried.by_overlap, carried.unassigned) == (0, 100, ())
            facts = drafts.part(session, part_id)
            assert not facts.outdated
            assert facts.digest == done.digest == first.digest  # the same squares in the same order
            editing.operate(session, None, part_id, [Lock((4,))], revision=3, now=NOW)
            editing.undo(session, None, part_id, revision=4, now=NOW)
            editing.undo(session, None, part_id, revision=5, now=NOW)
            back = drafts.part(session, part_id)
            assert (back.digest, back.basis_id != facts.basis_id) == (first.digest, True)
            assert editing.redo(session, None, part_id, revision=6, now=NOW).digest == done.digest
            assert history.verify(session, part_id, whole=True).replayed == 7

    def test_finer_ground_takes_its_grids_by_where_it_lies(self, house: House, part_id: int) -> None:
        with house.db.transaction() as session:
            editing.operate(session, None, part_id, [Merge((1, 2))], revision=0, now=NOW)
            drawing.lay(session, "W1", across=6, salt="'")
            _, carried = editing.rebase(session, None, part_id, revision=1, now=NOW)
            assert len(carried.sheet.assignment) == 144
            assert sorted(np.unique(carried.sheet.assignment, return_counts=True)[1].tolist()) == [36, 36, 72]
