"""SQL of jobs: asked for, claimed for a time, kept alive, ended by whoever holds the claim. Private to the domain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_COLUMNS = (
    "id, plan_id, kind, settings, state, done, total, said, result, cancel, attempts, worker, alive_until, asked_at, "
    "asked_by, ended_at"
)
_ADD = text(
    """
    insert into planning_job (id, plan_id, kind, settings, state, total, asked_at, asked_by)
    values (:id, :plan, :kind, cast(:settings as jsonb), 'queued', :total, :now, :by)
    on conflict (id) do nothing
    """
)
# What nobody is at, and what was left by a worker that has died. `:ident`: one job alone, or any.
_CLAIM = text(
    f"""
    update planning_job j set state = 'running', worker = :worker, alive_until = :until, attempts = attempts + 1
    where j.id = (
      select id from planning_job
      where (state = 'queued' or state = 'running' and alive_until <= :now)
        and (cast(:ident as uuid) is null or id = :ident)
      order by asked_at, id limit 1 for update skip locked
    )
    returning {_COLUMNS}
    """  # noqa: S608 -- put together from constants
)
_BEAT = text(
    """
    update planning_job set alive_until = :until, said = :said
    where id = :id and worker = :worker and state = 'running' returning cancel
    """
)
_MINE = text("select cancel from planning_job where id = :id and worker = :worker and state = 'running' for update")
_PART = text(
    """
    insert into planning_job_part (job_id, community_id, state, result, at)
    values (:id, :community, :state, cast(:result as jsonb), :now)
    """
)
_COUNT = text(
    "update planning_job set done = done + 1, attempts = 1, said = :said, alive_until = :until "
    "where id = :id and worker = :worker"
)
_END = text(
    """
    update planning_job set state = :state, said = :said, result = cast(:result as jsonb), ended_at = :now,
           done = :done, alive_until = null
    where id = :id and worker = :worker and state = 'running'
    """
)
_RELEASE = text(
    """
    update planning_job set state = 'queued', worker = null, alive_until = null, attempts = attempts - 1
    where id = :id and worker = :worker and state = 'running'
    """
)
# What nobody is at ends at once; whoever is at it is told.
_CANCEL = text(
    """
    update planning_job set cancel = true,
           state = case when state = 'queued' or alive_until <= :now then 'cancelled' else state end,
           ended_at = case when state = 'queued' or alive_until <= :now then :now else ended_at end,
           said = case when state = 'queued' or alive_until <= :now then :said else said end
    where id = :id and state in ('queued', 'running') returning state
    """
)


def add(session: Session, values: Mapping[str, Any]) -> bool:
    """Values: id, plan, kind, settings, total, now, by. Whether it is new."""
    given = {**values, "settings": json.dumps(values["settings"], ensure_ascii=False)}
    return bool(session.execute(_ADD, given).rowcount)  # type: ignore[attr-defined]


def one(session: Session, ident: UUID) -> Row[Any] | None:
    sql = f"select {_COLUMNS} from planning_job where id = :id"  # noqa: S608 -- put together from constants
    return session.execute(text(sql), {"id": ident}).one_or_none()


def page(
    session: Session, plan_id: int | None, state: str | None, before: tuple[datetime, UUID] | None, limit: int
) -> list[Row[Any]]:
    """Newest first; of one plan or all."""
    where = ["true"]
    values: dict[str, Any] = {"limit": limit}
    for name, value in (("plan_id", plan_id), ("state", state)):
        if value is not None:
            where.append(f"{name} = :{name}")
            values[name] = value
    if before is not None:
        where.append("(asked_at, id) < (:at, :before)")
        values |= {"at": before[0], "before": before[1]}
    sql = (
        f"select {_COLUMNS} from planning_job where {' and '.join(where)} order by asked_at desc, id desc limit :limit"  # noqa: S608 -- names are those above
    )
    return list(session.execute(text(sql), values))


def claim(
    session: Session, worker: str, *, now: datetime, until: datetime, ident: UUID | None = None
) -> Row[Any] | None:
    """Takes the one that has waited longest, until the instant `until`, under the name `worker` of this very claim."""
    values = {"worker": worker, "now": now, "until": until, "ident": ident}
    return session.execute(_CLAIM, values).one_or_none()


def beat(session: Session, ident: UUID, worker: str, *, until: datetime, said: str) -> bool | None:
    """Keeps a claim alive: whether it is to be cancelled; None where it is no longer ours."""
    found: bool | None = session.execute(
        _BEAT, {"id": ident, "worker": worker, "until": until, "said": said}
    ).scalar_one_or_none()
    return found


def mine(session: Session, ident: UUID, worker: str) -> bool | None:
    """Locks a job until the transaction ends: whether it is to be cancelled; None where it is no longer ours."""
    found: bool | None = session.execute(_MINE, {"id": ident, "worker": worker}).scalar_one_or_none()
    return found


def add_part(session: Session, ident: UUID, community_id: int, values: Mapping[str, Any]) -> None:
    """Values: state, result, now."""
    given = {**values, "result": json.dumps(values["result"], ensure_ascii=False)}
    session.execute(_PART, {"id": ident, "community": community_id, **given})


def count(session: Session, ident: UUID, worker: str, *, said: str, until: datetime) -> None:
    session.execute(_COUNT, {"id": ident, "worker": worker, "said": said, "until": until})


def end(session: Session, ident: UUID, worker: str, values: Mapping[str, Any]) -> bool:
    """Values: state, said, result, done, now. Whether the claim still held."""
    given = {**values, "result": json.dumps(values["result"], ensure_ascii=False)}
    return bool(session.execute(_END, {"id": ident, "worker": worker, **given}).rowcount)  # type: ignore[attr-defined]


def release(session: Session, ident: UUID, worker: str) -> None:
    """Gives a claim back, for whoever comes next."""
    session.execute(_RELEASE, {"id": ident, "worker": worker})


def cancel(session: Session, ident: UUID, *, now: datetime, said: str) -> str | None:
    """The state after it; None where it is over already."""
    found: str | None = session.execute(_CANCEL, {"id": ident, "now": now, "said": said}).scalar_one_or_none()
    return found


def parts(session: Session, ident: UUID) -> list[Row[Any]]:
    """(community_id, code, names, state, result, at) in the order in which they were done."""
    sql = """
        select p.community_id, v.code, v.names, p.state, p.result, p.at
        from planning_job_part p
        left join lateral (
          select code, names from areas_version v where v.area_id = p.community_id
          order by upper_inf(v.valid) desc, lower(v.valid) desc limit 1
        ) v on true
        where p.job_id = :id order by p.at, p.community_id
        """
    return list(session.execute(text(sql), {"id": ident}))


def done(session: Session, ident: UUID) -> dict[int, str]:
    """Communities that a job has dealt with -> how."""
    rows = session.execute(text("select community_id, state from planning_job_part where job_id = :id"), {"id": ident})
    return {row.community_id: row.state for row in rows}


def names(session: Session, communities: list[int]) -> dict[int, str]:
    """The Chinese name of each, else its code."""
    sql = """
        select distinct on (area_id) area_id, coalesce(names->>'zh', code) as name from areas_version
        where area_id = any (:ids) order by area_id, upper_inf(valid) desc, lower(valid) desc
        """
    return {row.area_id: row.name for row in session.execute(text(sql), {"ids": communities})}
