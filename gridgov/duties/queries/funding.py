"""SQL of the ledger: promises, transfers, what the receiving unit says of them; sums by admission, agency and area."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.duties.ledger import Promise, divide
from gridgov.platform.bulk import stage

# Every transfer with the last word of the receiving unit.
TRANSFER = """
    select f.id, f.admission_id, f.area_id, f.arrived_on, f.amount_yuan, f.posts, f.document, f.corrects_id,
           f.recorded_at, c.at as answered_at, c.note,
           case when c.received then 'received' when not c.received then 'disputed' else 'unconfirmed' end as receipt
    from duties_admission_transfer f left join lateral (
        select c.received, c.at, c.note from duties_admission_confirmation c
        where c.transfer_id = f.id order by c.id desc limit 1
    ) c on true
"""
# What falls due after an admission was withdrawn is not owed; over `a` (the admission) and `x` (the promise).
OWED = "(a.ended_at is null or x.due_on <= cast(a.ended_at as date))"


def shown(reach: Reach) -> tuple[str, dict[str, Any]]:
    """Which lines of the ledger a reach shows, over `a` (the admission) and `t` (its target): an agency its own, a unit
    its own lines and those of its communities, a district those below it."""
    if reach.city:
        return "true", {}
    parts, values = [], {}
    if reach.agencies:
        parts.append("a.agency_id = any (:reach_agencies)")
        values["reach_agencies"] = list(reach.agencies)
    if reach.units or reach.places:
        parts.append("t.unit_id = any (:reach_units) or t.area_id = any (:reach_places)")
        values |= {"reach_units": list(reach.units), "reach_places": list(reach.places)}
    return (f"({' or '.join(parts)})" if parts else "false"), values


def set_promises(session: Session, admission_id: int, promises: Iterable[Promise]) -> None:
    """The instalments of a draft, instead of those that it had."""
    session.execute(text("delete from duties_admission_promise where admission_id = :id"), {"id": admission_id})
    rows = [(one.area_id, one.due_on, one.amount, one.posts) for one in promises]
    if not rows:
        return
    columns = (("area_id", "bigint"), ("due_on", "date"), ("amount_yuan", "numeric"), ("posts", "integer"))
    stage(session, "new_promise", columns, rows)
    session.execute(
        text(
            "insert into duties_admission_promise (admission_id, area_id, due_on, amount_yuan, posts) "
            "select :id, area_id, due_on, amount_yuan, posts from new_promise"
        ),
        {"id": admission_id},
    )


def fix_promises(session: Session, admission_id: int, promises: Sequence[Promise], targets: Sequence[int]) -> None:
    """The same, each for one target: what was promised to all is divided."""
    set_promises(session, admission_id, divide(promises, targets))


def promises(session: Session, admission_id: int) -> list[Promise]:
    """Instalments, earliest first."""
    rows = session.execute(
        text(
            "select due_on, amount_yuan, posts, area_id from duties_admission_promise where admission_id = :id "
            "order by due_on, area_id nulls first, id"
        ),
        {"id": admission_id},
    )
    return [Promise(row.due_on, row.amount_yuan, row.posts, row.area_id) for row in rows]


def add_transfer(session: Session, values: Mapping[str, Any]) -> int:
    """The id, or 0 where the client's key was used before. Values: key, admission_id, area_id, arrived_on, amount,
    posts, document, corrects, account, at."""
    found = session.execute(
        text(
            "insert into duties_admission_transfer (key, admission_id, area_id, arrived_on, amount_yuan, posts, "
            "document, corrects_id, recorded_by, recorded_at) values (:key, :admission_id, :area_id, :arrived_on, "
            ":amount, :posts, :document, :corrects, :account, :at) on conflict (key) do nothing returning id"
        ),
        dict(values),
    ).scalar_one_or_none()
    return int(found or 0)


def by_key(session: Session, key: UUID) -> Row[Any] | None:
    return session.execute(text(f"{TRANSFER} where f.key = :key"), {"key": key}).one_or_none()


def transfer(session: Session, transfer_id: int) -> Row[Any] | None:
    """One row, with the unit over its target."""
    return session.execute(
        text(
            f"select x.*, t.unit_id from ({TRANSFER} where f.id = :id) x join duties_admission_target t "  # noqa: S608 -- made of the constant above
            "on t.admission_id = x.admission_id and t.area_id = x.area_id"
        ),
        {"id": transfer_id},
    ).one_or_none()


def corrected(session: Session, transfer_id: int) -> Row[Any]:
    """(amount, posts) of a row together with its corrections."""
    return session.execute(
        text(
            "select sum(amount_yuan) as amount, sum(posts) as posts from duties_admission_transfer "
            "where :id in (id, corrects_id)"
        ),
        {"id": transfer_id},
    ).one()


def confirm(
    session: Session, transfer_id: int, *, received: bool, note: str | None, account_id: int, post_id: int | None,
    at: datetime,
) -> None:  # fmt: skip
    session.execute(
        text(
            "insert into duties_admission_confirmation (transfer_id, received, note, at, account_id, post_id) "
            "values (:id, :received, :note, :at, :account, :post)"
        ),
        {"id": transfer_id, "received": received, "note": note, "at": at, "account": account_id, "post": post_id},
    )


def lines(session: Session, admission_ids: Sequence[int], reach: Reach) -> tuple[list[Row[Any]], list[Row[Any]]]:
    """Promises and transfers of some admissions, as far as they are shown, by admission, area and day."""
    where, values = shown(reach)
    values = {**values, "ids": list(admission_ids)}
    target = (
        "join duties_admission a on a.id = x.admission_id "
        "join duties_admission_target t on t.admission_id = x.admission_id and t.area_id = x.area_id"
    )
    pledged = session.execute(
        text(
            f"select x.* from duties_admission_promise x {target} "  # noqa: S608 -- made of constants
            f"where x.admission_id = any (:ids) and {OWED} and {where} "
            "order by x.admission_id, x.area_id, x.due_on, x.id"
        ),
        values,
    )
    came = session.execute(
        text(
            f"select x.* from ({TRANSFER} where f.admission_id = any (:ids)) x {target} where {where} "  # noqa: S608 -- made of constants
            "order by x.admission_id, x.area_id, x.arrived_on, x.id"
        ),
        values,
    )
    return list(pledged), list(came)


GROUPS = {"admission": "a.id", "agency": "a.agency_id", "area": "t.area_id"}


def sums(
    session: Session, by: str, reach: Reach, *, after: int = 0, limit: int, areas: Sequence[int] | None = None
) -> list[Row[Any]]:
    """Balances by admission, agency or area (its id is `group_id`), ascending ids above `after`. Requests that were
    never admitted are left out: what they promised is owed to nobody. `areas`: only what is placed on these."""
    group = GROUPS[by]
    where, values = shown(reach)
    if areas is not None:
        where, values = f"{where} and t.area_id = any (:areas)", {**values, "areas": list(areas)}
    return list(
        session.execute(
            text(
                f"""
                with target as (
                    select {group} as group_id, t.admission_id, t.area_id
                    from duties_admission_target t join duties_admission a on a.id = t.admission_id
                    where a.decided_at is not null and a.verdict <> 'refuse' and {where}
                ), page as (
                    select distinct group_id from target where group_id > :after order by group_id limit :limit
                )
                select p.group_id, count(distinct t.admission_id) as admissions,
                       coalesce(sum(pledged.amount), 0) as promised, coalesce(sum(pledged.posts), 0) as posts_promised,
                       coalesce(sum(came.received), 0) as received, coalesce(sum(came.unconfirmed), 0) as unconfirmed,
                       coalesce(sum(came.disputed), 0) as disputed,
                       coalesce(sum(came.posts_received), 0) as posts_received,
                       coalesce(sum(came.posts_unconfirmed), 0) as posts_unconfirmed,
                       coalesce(sum(came.posts_disputed), 0) as posts_disputed
                from page p join target t on t.group_id = p.group_id
                join duties_admission a on a.id = t.admission_id
                left join lateral (
                    select sum(x.amount_yuan) as amount, sum(x.posts) as posts from duties_admission_promise x
                    where x.admission_id = t.admission_id and x.area_id = t.area_id and {OWED}
                ) pledged on true
                left join lateral (
                    select sum(x.amount_yuan) filter (where x.receipt = 'received') as received,
                           sum(x.amount_yuan) filter (where x.receipt = 'unconfirmed') as unconfirmed,
                           sum(x.amount_yuan) filter (where x.receipt = 'disputed') as disputed,
                           sum(x.posts) filter (where x.receipt = 'received') as posts_received,
                           sum(x.posts) filter (where x.receipt = 'unconfirmed') as posts_unconfirmed,
                           sum(x.posts) filter (where x.receipt = 'disputed') as posts_disputed
                    from ({TRANSFER} where f.admission_id = t.admission_id and f.area_id = t.area_id) x
                ) came on true
                group by p.group_id order by p.group_id
                """  # noqa: S608 -- made of constants
            ),
            {**values, "after": after, "limit": limit},
        )
    )


def watched(session: Session, reach: Reach, *, after: int, limit: int) -> list[Row[Any]]:
    """Admissions of which something may have to be looked at, ascending ids above `after`: (id, state, begins_at,
    decided_at, ends_at, ended_at, orders_after)."""
    where, values = shown(reach)
    return list(
        session.execute(
            text(
                f"""
                select a.id, a.state, a.begins_at, a.decided_at, a.ends_at, a.ended_at,
                       (select count(*) from duties_admission_attempt x where x.admission_id = a.id) as orders_after
                from duties_admission a
                where a.decided_at is not null and a.verdict <> 'refuse' and a.id > :after
                  and exists (select from duties_admission_target t where t.admission_id = a.id and {where})
                order by a.id limit :limit
                """  # noqa: S608 -- made of constants
            ),
            {**values, "after": after, "limit": limit},
        )
    )
