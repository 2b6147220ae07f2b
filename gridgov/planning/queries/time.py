"""SQL of plans in time: what is submitted, what takes effect and when, what follows, changes and matters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session


def submit(session: Session, plan_id: int, values: Mapping[str, Any]) -> None:
    """`values`: digest, drawn_on (document), wanted_from, approval (its id), by, now."""
    session.execute(
        text(
            """
            update planning_plan
               set state = 'review', digest = :digest, drawn_on = cast(:drawn_on as jsonb), wanted_from = :wanted_from,
                   approval_id = :approval, submitted_at = :now, submitted_by = :by
             where id = :id
            """
        ),
        {**values, "id": plan_id, "drawn_on": json.dumps(values["drawn_on"])},
    )


def reopen(session: Session, plan_id: int) -> None:
    """A draft again, of which nothing is asked."""
    session.execute(
        text(
            "update planning_plan set state = 'draft', digest = null, drawn_on = '{}', wanted_from = null, "
            "approval_id = null, submitted_at = null, submitted_by = null where id = :id"
        ),
        {"id": plan_id},
    )


def approve(session: Session, plan_id: int) -> None:
    session.execute(text("update planning_plan set state = 'approved' where id = :id"), {"id": plan_id})


def drawn_on(session: Session, plan_id: int) -> dict[str, str]:
    """Marks of what a plan was drawn on."""
    return dict(
        session.execute(text("select drawn_on from planning_plan where id = :id"), {"id": plan_id}).scalar_one()
    )


def waiting(session: Session, now: datetime) -> list[Row[Any]]:
    """(id, state, approval_id, wanted_from, submitted_by) of plans under review or approved, in the order in which they
    are wanted; locked by nobody else."""
    return list(
        session.execute(
            text(
                """
                select id, state, approval_id, wanted_from, submitted_by from planning_plan
                where state = 'review' or state = 'approved' and (wanted_from is null or wanted_from <= :now)
                order by coalesce(wanted_from, submitted_at), id
                """
            ),
            {"now": now},
        )
    )


def claim(session: Session, plan_id: int) -> str | None:
    """The state of a plan that this transaction has alone now; None where another one has it."""
    return session.execute(
        text("select state from planning_plan where id = :id for update skip locked"), {"id": plan_id}
    ).scalar_one_or_none()


def in_force(session: Session) -> list[Row[Any]]:
    """(id, areas_plan_id, effective_at) of the plans that no other has taken the place of, the newest first."""
    return list(
        session.execute(
            text(
                "select id, areas_plan_id, effective_at from planning_plan where state = 'effective' "
                "order by effective_at desc, id desc"
            )
        )
    )


def take_effect(session: Session, plan_id: int, areas_plan_id: int, at: datetime) -> None:
    session.execute(
        text("update planning_plan set state = 'effective', areas_plan_id = :areas, effective_at = :at where id = :id"),
        {"id": plan_id, "areas": areas_plan_id, "at": at},
    )


def retire(session: Session, plan_ids: Sequence[int], at: datetime) -> None:
    session.execute(
        text("update planning_plan set state = 'retired', retired_at = :at where id = any (:ids)"),
        {"ids": list(plan_ids), "at": at},
    )


def add_activation(session: Session, values: Mapping[str, Any]) -> int:
    """`values`: plan, areas_plan, before, effective_from, at, moved (document)."""
    return int(
        session.execute(
            text(
                """
                insert into planning_activation (plan_id, areas_plan_id, before_id, effective_from, at, moved)
                values (:plan, :areas_plan, :before, :effective_from, :at, cast(:moved as jsonb)) returning id
                """
            ),
            {**values, "moved": json.dumps(values["moved"], ensure_ascii=False)},
        ).scalar_one()
    )


def activations(session: Session, *, plan_id: int | None, before: int | None, limit: int) -> list[Row[Any]]:
    """Newest first, below the id `before`; `follows`: how far history has followed, by noun."""
    return list(
        session.execute(
            text(
                """
                select a.id, a.plan_id, p.name, a.areas_plan_id, a.before_id, a.effective_from, a.at, a.moved,
                       coalesce((select jsonb_object_agg(f.noun, jsonb_build_object('moved', f.moved, 'done_at',
                                                                                    f.done_at))
                                 from planning_follow f where f.activation_id = a.id), '{}') as follows
                from planning_activation a join planning_plan p on p.id = a.plan_id
                where (cast(:plan as bigint) is null or a.plan_id = :plan)
                  and (cast(:before as bigint) is null or a.id < :before)
                order by a.id desc limit :limit
                """
            ),
            {"plan": plan_id, "before": before, "limit": limit},
        )
    )


def add_follows(session: Session, activation_id: int, nouns: Sequence[str]) -> None:
    """What is to follow, in this order."""
    for noun in nouns:
        session.execute(
            text("insert into planning_follow (activation_id, noun) values (:activation, :noun)"),
            {"activation": activation_id, "noun": noun},
        )


def next_follow(session: Session, nouns: Sequence[str]) -> Row[Any] | None:
    """(activation_id, noun, after, effective_from) of what is to follow next, for this transaction alone.

    One activation after another, and within one the nouns in the order given; None where nothing is left, or others are
    at it.
    """
    return session.execute(
        text(
            """
            select f.activation_id, f.noun, f.after, a.effective_from
            from planning_follow f join planning_activation a on a.id = f.activation_id
            where f.done_at is null and (f.activation_id, array_position(cast(:nouns as text[]), f.noun)) = (
              select g.activation_id, array_position(cast(:nouns as text[]), g.noun) from planning_follow g
              where g.done_at is null and g.noun = any (:nouns) order by 1, 2 limit 1)
            for update of f skip locked
            """
        ),
        {"nouns": list(nouns)},
    ).one_or_none()


def followed(session: Session, activation_id: int, noun: str, after: str, moved: int, done_at: datetime | None) -> None:
    session.execute(
        text(
            "update planning_follow set after = :after, moved = moved + :moved, done_at = :done "
            "where activation_id = :activation and noun = :noun"
        ),
        {"activation": activation_id, "noun": noun, "after": after, "moved": moved, "done": done_at},
    )


def changes(session: Session, plan_id: int) -> list[Row[Any]]:
    """(no, kind, payload), in their order."""
    return list(
        session.execute(
            text("select no, kind, payload from planning_change where plan_id = :plan order by no"), {"plan": plan_id}
        )
    )


def put_changes(session: Session, plan_id: int, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """These in place of all that there were."""
    session.execute(text("delete from planning_change where plan_id = :plan"), {"plan": plan_id})
    for number, (kind, payload) in enumerate(rows, start=1):
        session.execute(
            text(
                "insert into planning_change (plan_id, no, kind, payload) "
                "values (:plan, :no, :kind, cast(:payload as jsonb))"
            ),
            {"plan": plan_id, "no": number, "kind": kind, "payload": json.dumps(payload, ensure_ascii=False)},
        )


def matters(session: Session, plan_id: int) -> list[Row[Any]]:
    """(no, list, item, lead, note), in their order."""
    return list(
        session.execute(
            text("select no, list, item, lead, note from planning_matter where plan_id = :plan order by no"),
            {"plan": plan_id},
        )
    )


def put_matters(session: Session, plan_id: int, rows: Sequence[tuple[str, str, str, str]]) -> None:
    """Rows of (list, item, lead, note) in place of all that there were."""
    session.execute(text("delete from planning_matter where plan_id = :plan"), {"plan": plan_id})
    for number, (name, item, lead, note) in enumerate(rows, start=1):
        session.execute(
            text(
                "insert into planning_matter (plan_id, no, list, item, lead, note) "
                "values (:plan, :no, :list, :item, :lead, :note)"
            ),
            {"plan": plan_id, "no": number, "list": name, "item": item, "lead": lead, "note": note},
        )


def bump_plan(session: Session, plan_id: int) -> None:
    """A plan is another one than it was."""
    session.execute(text("update planning_plan set revision = revision + 1 where id = :id"), {"id": plan_id})


def return_to(session: Session, plan_id: int, returned: int | None) -> None:
    session.execute(
        text("update planning_plan set returns_to = :returned where id = :id"), {"id": plan_id, "returned": returned}
    )


def before_of(session: Session, plan_id: int) -> int | None:
    """The plan that was in force when this one took effect last; None where none was."""
    found: int | None = session.execute(
        text("select before_id from planning_activation where plan_id = :plan order by id desc limit 1"),
        {"plan": plan_id},
    ).scalar_one_or_none()
    return found
