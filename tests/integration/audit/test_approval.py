"""Approval by a second person: asked, decided by another, used once, exactly as approved; also against the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gridgov.audit import approval, approving
from gridgov.audit.approving import (
    EDGES,
    Approval,
    ApprovalUnknown,
    NoSuchStep,
    NoteMissing,
    NotTheRequester,
    OtherPayload,
    SamePerson,
    State,
    digest,
)
from gridgov.auth.rules import Actor, Grant, NotSignedIn, NotYours, Role, ScopeKind
from gridgov.bootstrap import House
from gridgov.platform.errors import BadInput
from tests.integration.audit.conftest import NOW, bind, entries, run

PLAN = {"plan": 3, "grids": [1, 2]}
NEEDED = "approvals.decide"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def people(session: Session) -> dict[str, Actor]:
    """A planner who asks, a supervisor who may decide, another planner who may not."""
    found = {}
    for name, role, may in (
        ("asker", Role.PLANNER, False),
        ("boss", Role.ADMINISTRATOR, True),
        ("other", Role.PLANNER, False),
    ):
        account = run(
            session, "insert into auth_account (name, created_at) values (:n, :at) returning id", n=name, at=NOW
        )
        grants = {NEEDED: Grant(ScopeKind.CITY, "all")} if may else {}
        found[name] = Actor(role=role, account_id=account.scalar_one(), account=name, grants=grants)
    return found


def ask(session: Session, people: dict[str, Actor], **other: Any) -> Approval:
    given: dict[str, Any] = {
        "noun": "areas_plan", "ref": "3", "payload": PLAN, "summary": "西街道的网格重划", "permission": NEEDED,
        "expires_at": NOW + timedelta(days=7), "now": NOW,
    } | other  # fmt: skip
    return approval.request(session, people["asker"], **given)


def yes(session: Session, people: dict[str, Actor], made: Approval, now: datetime = LATER) -> Approval:
    return approval.decide(session, people["boss"], made.id, yes=True, now=now)


class TestTheWay:
    def test_asked_approved_used_once(self, session: Session, people: dict[str, Actor]) -> None:
        made = ask(session, people)
        assert (made.state, made.digest) == (State.PENDING, digest(PLAN))
        assert yes(session, people, made).decided_by == people["boss"].account_id
        taken = approval.take(session, made.id, {"grids": [1, 2], "plan": 3}, people["asker"], LATER)
        assert taken.state is State.TAKEN
        assert approval.get(session, made.id) == taken
        with pytest.raises(NoSuchStep):
            approval.take(session, made.id, PLAN, people["asker"], LATER)
        steps = [(s.from_state, s.to_state, s.account_id) for s in approval.history(session, made.id)]
        asker, boss = people["asker"].account_id, people["boss"].account_id
        assert steps == [(None, "pending", asker), ("pending", "approved", boss), ("approved", "taken", asker)]

    def test_every_step_is_in_the_trail_of_what_it_is_about(self, session: Session, people: dict[str, Actor]) -> None:
        made = ask(session, people)
        approval.decide(session, people["boss"], made.id, yes=False, note="两个网格不相连", now=LATER)
        found = entries(session, noun="areas_plan", row_id="3")
        assert [entry.action for entry in found] == ["request", "refuse"]
        assert found[1].facts == {"approval": made.id}
        assert found[1].reason == "两个网格不相连"
        assert [e.action for e in entries(session, noun="audit_approval")] == ["insert", "update"]

    def test_what_was_not_approved_cannot_be_done(self, session: Session, people: dict[str, Actor]) -> None:
        made = ask(session, people)
        with pytest.raises(NoSuchStep):
            approval.take(session, made.id, PLAN, people["asker"], LATER)
        yes(session, people, made)
        with pytest.raises(OtherPayload):
            approval.take(session, made.id, {**PLAN, "grids": [1, 2, 3]}, people["asker"], LATER)
        assert approval.get(session, made.id).state is State.APPROVED

    def test_a_no_needs_a_note_and_is_the_end(self, session: Session, people: dict[str, Actor]) -> None:
        made = ask(session, people)
        with pytest.raises(NoteMissing):
            approval.decide(session, people["boss"], made.id, yes=False, note="  ", now=LATER)
        approval.decide(session, people["boss"], made.id, yes=False, note="不行", now=LATER)
        with pytest.raises(NoSuchStep):
            yes(session, people, made)

    def test_who_asked_may_take_it_back(self, session: Session, people: dict[str, Actor]) -> None:
        made = ask(session, people)
        with pytest.raises(NotTheRequester):
            approval.withdraw(session, people["boss"], made.id, now=LATER)
        yes(session, people, made)
        approval.withdraw(session, people["asker"], made.id, now=LATER)
        with pytest.raises(NoSuchStep):
            approval.take(session, made.id, PLAN, people["asker"], LATER)


class TestWho:
    def test_nobody_decides_on_their_own_request(self, session: Session, people: dict[str, Actor]) -> None:
        """Not even in another post that has the permission: it is the person that counts."""
        made = ask(session, people)
        as_boss = replace(people["boss"], account_id=people["asker"].account_id)
        with pytest.raises(SamePerson):
            approval.decide(session, as_boss, made.id, yes=True, now=LATER)

    def test_the_permission_is_needed(self, session: Session, people: dict[str, Actor]) -> None:
        made = ask(session, people)
        with pytest.raises(NotYours):
            approval.decide(session, people["other"], made.id, yes=True, now=LATER)
        narrowed = replace(people["boss"], narrowed=frozenset({"incidents.read"}))
        with pytest.raises(NotYours):
            approval.decide(session, narrowed, made.id, yes=True, now=LATER)
        assert approval.get(session, made.id).state is State.PENDING

    def test_nobody_in_particular_neither_asks_nor_decides(self, session: Session, people: dict[str, Actor]) -> None:
        made = ask(session, people)
        nobody = replace(people["boss"], account_id=None)
        with pytest.raises(NotSignedIn):
            ask(session, {**people, "asker": nobody})
        with pytest.raises(NotSignedIn):
            approval.decide(session, nobody, made.id, yes=True, now=LATER)
        with pytest.raises(NotSignedIn):
            approval.take(session, made.id, PLAN, nobody, LATER)

    def test_an_approval_that_is_not_there(self, session: Session, people: dict[str, Actor]) -> None:
        with pytest.raises(ApprovalUnknown):
            approval.get(session, 999)
        with pytest.raises(ApprovalUnknown):
            approval.decide(session, people["boss"], 999, yes=True, now=LATER)
        with pytest.raises(ApprovalUnknown):
            approval.take(session, 999, PLAN, people["boss"], LATER)

    @pytest.mark.parametrize("given", [{"summary": "  "}, {"summary": "x" * 501}, {"expires_at": NOW}])
    def test_what_cannot_be_asked(self, session: Session, people: dict[str, Actor], given: dict[str, Any]) -> None:
        with pytest.raises(BadInput):
            ask(session, people, **given)


class TestTime:
    def test_when_its_time_is_over_nothing_follows(self, session: Session, people: dict[str, Actor]) -> None:
        made = ask(session, people)
        end = made.expires_at
        with pytest.raises(NoSuchStep, match="expired"):
            yes(session, people, made, now=end)
        yes(session, people, made, now=end - timedelta(microseconds=1))
        with pytest.raises(NoSuchStep, match="expired"):
            approval.take(session, made.id, PLAN, people["asker"], end)

    def test_it_counts_as_expired_before_and_after_it_is_written_down(
        self, session: Session, people: dict[str, Actor]
    ) -> None:
        open_, made = ask(session, people), ask(session, people)
        yes(session, people, made)
        end = made.expires_at
        for _ in range(2):
            assert approval.find(session, now=end, state=State.PENDING) == []
            assert [one.id for one in approval.find(session, now=end, state=State.EXPIRED)] == [made.id, open_.id]
            approval.expire(session, end)
        assert approval.get(session, open_.id).state is State.EXPIRED
        assert approval.expire(session, end) == 0
        assert approval.history(session, made.id)[-1].to_state == "expired"

    def test_lists(self, session: Session, people: dict[str, Actor]) -> None:
        first, second = ask(session, people), ask(session, people, ref="4")
        assert approval.find(session, now=LATER) == [second, first]
        assert approval.find(session, now=LATER, noun="areas_plan", ref="3") == [first]
        assert approval.find(session, now=LATER, state=State.APPROVED) == []


class TestDatabase:
    """The database holds the same rules, whatever the program does."""

    def test_the_guard_has_the_edges_of_the_table(self, session: Session, people: dict[str, Actor]) -> None:
        allowed = {(edge.before, edge.after) for edge in EDGES}
        run(session, "alter table audit_approval disable trigger audit_update")
        for before in State:
            for after in State:
                with session.begin_nested() as part:
                    made = ask(session, people)
                    decided = {"boss": people["boss"].account_id, "at": LATER, "id": made.id}
                    run(session, "alter table audit_approval disable trigger audit_guard")
                    run(session, self.PUT, before=before, taken=before is State.TAKEN, **decided)
                    run(session, "alter table audit_approval enable trigger audit_guard")
                    try:
                        with session.begin_nested():
                            run(session, self.PUT, before=after, taken=after is State.TAKEN, **decided)
                        passed = True
                    except DBAPIError:
                        passed = False
                    part.rollback()
                assert passed == ((before, after) in allowed), (before, after)

    PUT = """
        update audit_approval set state = :before,
          decided_by = case when :before in ('approved', 'refused', 'taken') then cast(:boss as bigint)
                            else decided_by end,
          decided_at = case when :before in ('approved', 'refused', 'taken') then cast(:at as timestamptz)
                            else decided_at end,
          taken_by = case when :taken then cast(:boss as bigint) else taken_by end,
          taken_at = case when :taken then cast(:at as timestamptz) else taken_at end
        where id = :id
    """

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ("state = 'approved', decided_by = requested_by, decided_at = :at", "decided_by"),
            ("state = 'approved'", "check"),
            ("state = 'approved', decided_by = :boss, decided_at = expires_at", "check"),
            ("decided_by = :boss, decided_at = :at", "cannot go"),
            ("summary = 'another'", "does not change"),
            ("digest = sha256('x')", "does not change"),
            ("permission = 'city.read'", "does not change"),
            ("requested_by = :boss", "does not change"),
            ("expires_at = expires_at + interval '1 day'", "does not change"),
            ("state = 'taken', taken_by = :boss, taken_at = :at", "cannot go"),
        ],
    )
    def test_what_the_rules_forbid_cannot_be_written(
        self, session: Session, people: dict[str, Actor], change: str, said: str
    ) -> None:
        made = ask(session, people)
        values = {"boss": people["boss"].account_id, "at": LATER}
        with pytest.raises(DBAPIError, match=said):
            run(session, f"update audit_approval set {change} where id = :id", id=made.id,
                **{name: value for name, value in values.items() if f":{name}" in change})  # fmt: skip

    def test_nobody_decides_in_the_name_of_another(self, session: Session, people: dict[str, Actor]) -> None:
        made = ask(session, people)
        sql = "update audit_approval set state = 'approved', decided_by = :boss, decided_at = :at where id = :id"
        values = {"boss": people["boss"].account_id, "at": LATER, "id": made.id}
        bind(session, account=people["other"].account_id)
        with pytest.raises(DBAPIError, match="in the name of another"), session.begin_nested():
            run(session, sql, **values)
        bind(session, account=people["boss"].account_id)
        run(session, sql, **values)

    def test_it_is_kept(self, session: Session, people: dict[str, Actor]) -> None:
        made = ask(session, people)
        with pytest.raises(DBAPIError, match="is kept"), session.begin_nested():
            run(session, "delete from audit_approval where id = :id", id=made.id)

    def test_two_who_use_it_at_once_use_it_once(self, city: House) -> None:
        with city.db.transaction() as session:
            ids = [
                run(session, "insert into auth_account (name, created_at) values (:n, :at) returning id", n=n, at=NOW)
                .scalar_one() for n in ("asker", "boss")
            ]  # fmt: skip
            asker = Actor(role=Role.PLANNER, account_id=ids[0])
            boss = replace(asker, account_id=ids[1], grants={NEEDED: Grant(ScopeKind.CITY, "all")})
            made = ask(session, {"asker": asker})
            approval.decide(session, boss, made.id, yes=True, now=LATER)
        with city.db.engine.connect() as connection, Session(connection) as first:
            approval.take(first, made.id, PLAN, asker, LATER)
            with city.db.transaction() as second:
                run(second, "set local lock_timeout = '50ms'")
                with pytest.raises(DBAPIError, match="lock timeout"):
                    approval.take(second, made.id, PLAN, asker, LATER)
            first.commit()
        with city.db.transaction() as second, pytest.raises(NoSuchStep):
            approval.take(second, made.id, PLAN, asker, LATER)


def test_the_payload_is_not_stored(session: Session, people: dict[str, Actor]) -> None:
    """Its digest is; what is to be done is kept by whoever asks."""
    made = ask(session, people, payload="身份证 110101199001011234")
    row = run(session, "select to_jsonb(a)::text from audit_approval a where id = :id", id=made.id).scalar_one()
    assert "110101" not in row
    assert approving.digest("身份证 110101199001011234").hex() in row
