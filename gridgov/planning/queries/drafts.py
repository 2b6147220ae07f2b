"""SQL of plans that are drawn: plans, their parts, the log of operations, snapshots."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.auth.scope import from_setting

_BELOW = f"coalesce({from_setting('areas')}, '{{}}')"  # ids of the post's area and of all below
_PLAN = """
    select p.id, p.name, p.purpose, p.state, p.target, p.parent_id, p.returns_to, p.revision, p.created_at,
           p.created_by, p.submitted_at, p.submitted_by, p.wanted_from, p.digest, p.approval_id, p.areas_plan_id,
           p.effective_at, p.retired_at, (select count(*) from planning_part t where t.plan_id = p.id) as parts
    from planning_plan p
"""
_PART = """
    select t.id, t.plan_id, t.community_id, t.basis_id, t.count_id, t.revision, t.digest, t.made_with,
           (select max(b.id) from planning_basis b where b.community_id = t.community_id) as newest_basis_id,
           (select c.id from planning_count c where c.basis_id = t.basis_id order by c.counted_on desc, c.id desc
            limit 1) as newest_count_id,
           coalesce((select m.upto from planning_load_mark m where m.basis_id = t.basis_id), 0) as load_upto
    from planning_part t
"""


def plan(session: Session, plan_id: int) -> Row[Any] | None:
    return session.execute(text(f"{_PLAN} where p.id = :id"), {"id": plan_id}).one_or_none()


def hold_plan(session: Session, plan_id: int, *, alone: bool) -> bool:
    """Keeps a plan as it is until the transaction ends: `alone` to change it, else beside others who draw in it.

    Whoever takes a plan and its parts takes the plan first. False: there is none.
    """
    lock = "update" if alone else "share"
    held = session.execute(text(f"select 1 from planning_plan where id = :id for {lock}"), {"id": plan_id})  # noqa: S608 -- one of two words of this module
    return held.one_or_none() is not None


def plans(session: Session, *, state: str | None, before: int | None, limit: int) -> list[Row[Any]]:
    """Newest first."""
    return list(
        session.execute(
            text(
                f"{_PLAN} where (cast(:state as text) is null or p.state = :state) "
                "and (cast(:before as bigint) is null or p.id < :before) order by p.id desc limit :limit"
            ),
            {"state": state, "before": before, "limit": limit},
        )
    )


def add_plan(session: Session, values: Mapping[str, Any]) -> int:
    return int(
        session.execute(
            text(
                """
                insert into planning_plan (name, purpose, target, parent_id, created_at, created_by)
                values (:name, :purpose, cast(:target as jsonb), :parent, :now, :by) returning id
                """
            ),
            {**values, "target": json.dumps(values["target"])},
        ).scalar_one()
    )


def change_plan(session: Session, plan_id: int, values: Mapping[str, Any]) -> None:
    """name, purpose, target as they shall be."""
    session.execute(
        text(
            "update planning_plan set name = :name, purpose = :purpose, target = cast(:target as jsonb), "
            "revision = revision + 1 where id = :id"
        ),
        {**values, "target": json.dumps(values["target"]), "id": plan_id},
    )


def put_state(session: Session, plan_id: int, state: str) -> None:
    session.execute(
        text("update planning_plan set state = :state, revision = revision + 1 where id = :id"),
        {"id": plan_id, "state": state},
    )


def parts(
    session: Session,
    plan_id: int,
    *,
    after: int = 0,
    limit: int = 100_000,
    box: tuple[float, float, float, float] | None = None,
) -> list[Row[Any]]:
    """Parts of a plan by community, without their sheets; `box`: those whose community meets it."""
    west, south, east, north = box or (None, None, None, None)
    return list(
        session.execute(
            text(
                f"{_PART} where t.plan_id = :plan and t.community_id > :after and (cast(:west as float8) is null "
                "or exists (select from areas_version v where v.area_id = t.community_id and upper_inf(v.valid) "
                "and v.geom && st_makeenvelope(:west, :south, :east, :north, 4326))) "
                "order by t.community_id limit :limit"
            ),
            {
                "plan": plan_id, "after": after, "limit": limit,
                "west": west, "south": south, "east": east, "north": north,
            },
        )
    )  # fmt: skip


def part(session: Session, part_id: int) -> Row[Any] | None:
    return session.execute(text(f"{_PART} where t.id = :id"), {"id": part_id}).one_or_none()


def hold_part(session: Session, part_id: int) -> bool:
    held = session.execute(text("select 1 from planning_part where id = :id for update"), {"id": part_id})
    return held.one_or_none() is not None


def communities(session: Session, plan_id: int) -> list[int]:
    return list(
        session.execute(
            text("select community_id from planning_part where plan_id = :plan order by 1"), {"plan": plan_id}
        ).scalars()
    )


def outside(session: Session, community_ids: Sequence[int]) -> list[int]:
    """Those that are not among the areas that the transaction was bound to."""
    return list(
        session.execute(
            text(
                f"select c from unnest(cast(:ids as bigint[])) c where not c = any ({_BELOW}) order by c"  # noqa: S608 -- no value
            ),
            {"ids": list(community_ids)},
        ).scalars()
    )


def sheet(session: Session, part_id: int) -> Row[Any]:
    """(assignment, document)."""
    return session.execute(text("select assignment, document from planning_part where id = :id"), {"id": part_id}).one()


def _array(values: Sequence[int]) -> str:
    """Ten thousand numbers as text: the driver takes them one by one, which is ten times slower."""
    return f"{{{','.join(map(str, values))}}}"


def add_part(session: Session, values: Mapping[str, Any]) -> int | None:
    """A community's part at revision 0; None where the plan has one."""
    made: int | None = session.execute(
        text(
            """
            insert into planning_part (plan_id, community_id, basis_id, count_id, assignment, document, digest,
                                       made_with)
            values (:plan, :community, :basis, :count, cast(:assignment as integer[]), cast(:document as jsonb),
                    :digest, cast(:made_with as jsonb))
            on conflict (plan_id, community_id) do nothing returning id
            """
        ),
        _stored(values),
    ).scalar_one_or_none()
    return made


def put_sheet(session: Session, part_id: int, values: Mapping[str, Any]) -> None:
    """The sheet as it stands after an operation, on the basis and count given."""
    session.execute(
        text(
            """
            update planning_part set basis_id = :basis, count_id = :count, revision = :revision,
                   assignment = cast(:assignment as integer[]), document = cast(:document as jsonb), digest = :digest,
                   made_with = cast(:made_with as jsonb)
            where id = :id
            """
        ),
        {**_stored(values), "id": part_id},
    )


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **values,
        "assignment": _array(values["assignment"]),
        "document": json.dumps(values["document"], ensure_ascii=False),
        "made_with": json.dumps(values["made_with"], ensure_ascii=False),
    }


def add_operations(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    session.execute(
        text(
            """
            insert into planning_operation (part_id, no, kind, payload, effect, inverse, touched, undoes, redoes,
                                            digest, account_id, at)
            values (:part, :no, :kind, cast(:payload as jsonb), cast(:effect as jsonb), cast(:inverse as jsonb),
                    cast(:touched as integer[]), :undoes, :redoes, :digest, :by, :now)
            """
        ),
        [
            {
                **row,
                "payload": json.dumps(row["payload"], ensure_ascii=False),
                "effect": json.dumps(row["effect"], ensure_ascii=False),
                "inverse": json.dumps(row["inverse"], ensure_ascii=False),
                "touched": _array(row["touched"]),
            }
            for row in rows
        ],
    )


_OPERATION = """
    select no, kind, payload, effect, inverse, touched, undoes, redoes, digest, account_id, at from planning_operation
    where part_id = :part
"""


def operation(session: Session, part_id: int, no: int) -> Row[Any]:
    return session.execute(text(f"{_OPERATION} and no = :no"), {"part": part_id, "no": no}).one()


def operations(session: Session, part_id: int, *, after: int, upto: int) -> list[Row[Any]]:
    """Oldest first, after one number and up to another."""
    return list(
        session.execute(
            text(f"{_OPERATION} and no > :after and no <= :upto order by no"),
            {"part": part_id, "after": after, "upto": upto},
        )
    )


def log(session: Session, part_id: int, *, before: int | None, after: int, limit: int) -> list[Row[Any]]:
    """Newest first, without what was changed."""
    return list(
        session.execute(
            text(
                """
                select no, kind, payload, touched, undoes, redoes, digest, account_id, at from planning_operation
                where part_id = :part and no > :after and (cast(:before as bigint) is null or no < :before)
                order by no desc limit :limit
                """
            ),
            {"part": part_id, "before": before, "after": after, "limit": limit},
        )
    )


def undoable(session: Session, part_id: int, revision: int) -> int | None:
    """The operation whose inverse leads one step back: what an undone one had before it comes next."""
    found: int | None = session.execute(
        text(
            """
            with recursive step as (
                select no, undoes from planning_operation where part_id = :part and no = :no
                union all
                select o.no, o.undoes from step s
                join planning_operation o on o.part_id = :part and o.no = s.undoes - 1
                where s.undoes is not null
            )
            select no from step where undoes is null
            """
        ),
        {"part": part_id, "no": revision},
    ).scalar_one_or_none()
    return found


def redoable(session: Session, part_id: int, revision: int) -> int | None:
    """The undoing whose inverse leads one step forward again; none after an operation of another kind."""
    found: int | None = session.execute(
        text(
            """
            with recursive step as (
                select no, undoes, redoes from planning_operation where part_id = :part and no = :no
                union all
                select o.no, o.undoes, o.redoes from step s
                join planning_operation o on o.part_id = :part and o.no = s.redoes - 1
                where s.redoes is not null
            )
            select no from step where undoes is not null
            """
        ),
        {"part": part_id, "no": revision},
    ).scalar_one_or_none()
    return found


def add_snapshot(session: Session, part_id: int, no: int, values: Mapping[str, Any]) -> None:
    """A sheet whole; the same again stays as it is."""
    session.execute(
        text(
            """
            insert into planning_snapshot (part_id, no, assignment, document, digest)
            values (:part, :no, cast(:assignment as integer[]), cast(:document as jsonb), :digest)
            on conflict (part_id, no) do nothing
            """
        ),
        {
            "part": part_id, "no": no, "assignment": _array(values["assignment"]),
            "document": json.dumps(values["document"], ensure_ascii=False), "digest": values["digest"],
        },
    )  # fmt: skip


def snapshot(session: Session, part_id: int, upto: int) -> Row[Any]:
    """The last one up to a number: (no, assignment, document, digest). There is one of number 0."""
    return session.execute(
        text(
            "select no, assignment, document, digest from planning_snapshot where part_id = :part and no <= :upto "
            "order by no desc limit 1"
        ),
        {"part": part_id, "upto": upto},
    ).one()


def names(session: Session, account_ids: Sequence[int]) -> dict[int, str]:
    """Names of accounts by id."""
    if not account_ids:
        return {}
    rows = session.execute(
        text("select id, name from auth_account where id = any(cast(:ids as bigint[]))"), {"ids": list(account_ids)}
    )
    return {row.id: row.name for row in rows}


def told(session: Session, plan_ids: Sequence[int], first: int) -> list[Row[Any]]:
    """Of each plan: how often it was drawn in, when last, and its `first` communities."""
    return list(
        session.execute(
            text(
                """
                select t.plan_id, sum(t.revision) as operations,
                       trim_array(array_agg(t.community_id order by t.community_id),
                                  greatest(0, count(*)::integer - cast(:first as integer))) as communities,
                       max((select o.at from planning_operation o where o.part_id = t.id and o.no = t.revision)) as at
                from planning_part t where t.plan_id = any(cast(:ids as bigint[])) group by t.plan_id
                """
            ),
            {"ids": list(plan_ids), "first": first},
        )
    )


def bases(session: Session, community_id: int, *, before: int | None, limit: int) -> list[Row[Any]]:
    """Bases of a community, newest first."""
    return list(
        session.execute(
            text(
                "select id, community_id, digest, source, atoms, made_at from planning_basis "
                "where community_id = :community and (cast(:before as bigint) is null or id < :before) "
                "order by id desc limit :limit"
            ),
            {"community": community_id, "before": before, "limit": limit},
        )
    )


def buildings(session: Session, community_id: int, most: int) -> int:
    """How many buildings lie in or near a community now, counted up to a number."""
    return int(
        session.execute(
            text(
                """
                select count(*) from (
                    select 1 from areas_version v join areas_building b on b.geom && v.geom
                    where v.area_id = :community and upper_inf(v.valid) limit :most
                ) near_by
                """
            ),
            {"community": community_id, "most": most},
        ).scalar_one()
    )
