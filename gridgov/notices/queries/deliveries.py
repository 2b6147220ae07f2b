"""SQL of deliveries: made once, claimed for a time, ended by whoever holds the claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.notices.rules import Delivery

_COLUMNS = (
    "id, outbox_id, channel, target, subscription_id, incident_id, topic, key, facts, at, made_at, state, attempts, "
    "claim, next_at, claimed_until, problem, parts, ended_at, reason"
)

_MAKE = text(
    """
    insert into notices_delivery (id, outbox_id, channel, target, subscription_id, incident_id, topic, key, facts, at,
                                  made_at, state, next_at)
    select n.id, n.outbox_id, n.channel, n.target, s.id, n.incident_id, o.topic, o.key, o.facts, o.at, :now, 'waiting',
           :now
    from unnest(cast(:ids as uuid[]), cast(:outbox_ids as bigint[]), cast(:channels as text[]),
                cast(:targets as text[]), cast(:incidents as uuid[]))
         with ordinality as n (id, outbox_id, channel, target, incident_id, place)
    join platform_outbox o on o.id = n.outbox_id
    left join notices_subscription s on n.target = 'subscription:' || s.id
    order by n.place
    on conflict do nothing
    """
)
# A claim moves the row out of reach of the others until it is over; its number is that of the claim. Whoever is
# killed leaves a claim that ends by itself. Targets that do not answer are left to rest (`:resting`).
_CLAIM = text(
    f"""
    update notices_delivery d
    set attempts = d.attempts + 1, claim = d.claim + 1, claimed_until = :until, next_at = :until
    where d.id in (
      select id from notices_delivery
      where state = 'waiting' and next_at <= :now and target <> all (cast(:resting as text[]))
      order by next_at, id limit :most for update skip locked
    ) and d.state = 'waiting'
    returning {_COLUMNS}
    """  # noqa: S608 -- put together from constants
)
_END = text(
    """
    update notices_delivery
    set state = :state, ended_at = :now, claimed_until = null, problem = :problem, parts = :parts
    where id = :id and claim = :claim and state = 'waiting'
    """
)
_PUT_OFF = text(
    """
    update notices_delivery set next_at = :next_at, claimed_until = null, problem = :problem
    where id = :id and claim = :claim and state = 'waiting'
    """
)
_GIVE_UP = text(
    """
    update notices_delivery set state = 'given-up', ended_at = :now, reason = :reason, claimed_until = null
    where id = :id and (state = 'dead' or state = 'waiting' and (claimed_until is null or claimed_until <= :now))
    """
)
_RETRY = text(
    """
    update notices_delivery
    set state = 'waiting', attempts = 0, next_at = :now, ended_at = null, claimed_until = null, reason = :reason
    where id = :id
      and (state in ('dead', 'given-up', 'no-contact')
           or state = 'waiting' and (claimed_until is null or claimed_until <= :now))
    """
)
_SWEEP = text(
    """
    delete from notices_delivery where id in (
      select id from notices_delivery where ended_at <= :before and state <> 'dead'
      order by ended_at limit :most for update skip locked)
    """
)


def make(session: Session, made: Sequence[Delivery], now: datetime) -> int:
    """One that is there already stays as it is. How many are new."""
    values = {
        "ids": [one.id for one in made],
        "outbox_ids": [one.outbox_id for one in made],
        "channels": [one.channel.value for one in made],
        "targets": [one.target for one in made],
        "incidents": [one.incident_id for one in made],
        "now": now,
    }
    return int(session.execute(_MAKE, values).rowcount) if made else 0  # type: ignore[attr-defined]


def claim(
    session: Session, now: datetime, *, until: datetime, most: int, resting: Sequence[str] = ()
) -> list[Row[Any]]:
    """Takes some that are due, for the time until `until`; each with the number of its claim."""
    values = {"now": now, "until": until, "most": most, "resting": list(resting)}
    return sorted(session.execute(_CLAIM, values), key=lambda one: (one.made_at, one.outbox_id, one.target))


def end(session: Session, ident: UUID, claim: int, **values: Any) -> bool:
    """Whether the claim still held. Values: state, now, problem, parts."""
    return _changed(session, _END, {"id": ident, "claim": claim, **values})


def put_off(session: Session, ident: UUID, claim: int, *, next_at: datetime, problem: str) -> bool:
    """Whether the claim still held."""
    return _changed(session, _PUT_OFF, {"id": ident, "claim": claim, "next_at": next_at, "problem": problem})


def give_up(session: Session, ident: UUID, *, reason: str, now: datetime) -> bool:
    """Whether it was waiting, and nobody was at it, or dead."""
    return _changed(session, _GIVE_UP, {"id": ident, "reason": reason, "now": now})


def give_up_of(session: Session, subscription_id: int, *, reason: str, now: datetime) -> int:
    """All that waits for a subscription, also what is being tried; how many."""
    sql = """
        update notices_delivery set state = 'given-up', ended_at = :now, reason = :reason, claimed_until = null
        where subscription_id = :id and state = 'waiting'
        """
    values = {"id": subscription_id, "reason": reason, "now": now}
    return int(session.execute(text(sql), values).rowcount)  # type: ignore[attr-defined]


def retry(session: Session, ident: UUID, *, reason: str, now: datetime) -> bool:
    """Whether it had ended without success, or was waiting and nobody was at it."""
    return _changed(session, _RETRY, {"id": ident, "reason": reason, "now": now})


def one(session: Session, ident: UUID) -> Row[Any] | None:
    sql = f"select {_COLUMNS} from notices_delivery where id = :id"  # noqa: S608 -- put together from constants
    return session.execute(text(sql), {"id": ident}).one_or_none()


def page(
    session: Session, filters: Mapping[str, Any], before: tuple[datetime, UUID] | None, limit: int
) -> list[Row[Any]]:
    """Newest first. Filters: state, channel, subscription_id; None: any."""
    given = {name: value for name, value in filters.items() if value is not None}
    where = [f"{name} = :{name}" for name in given]
    if before is not None:
        where.append("(made_at, id) < (:made_at, :id)")
        given |= {"made_at": before[0], "id": before[1]}
    sql = f"""
        select {_COLUMNS} from notices_delivery {"where " + " and ".join(where) if where else ""}
        order by made_at desc, id desc limit :limit
        """  # noqa: S608 -- names are those above
    return list(session.execute(text(sql), {**given, "limit": limit}))


def standing(session: Session) -> list[Row[Any]]:
    """(channel, state, deliveries) of what waits and what is dead."""
    sql = """
        select channel, state, count(*) as deliveries from notices_delivery where state in ('waiting', 'dead')
        group by channel, state
        """
    return list(session.execute(text(sql)))


def sweep(session: Session, now: datetime, *, kept: timedelta, most: int) -> int:
    """Deletes some that ended longer ago than `kept`; a dead one stays until somebody has dealt with it."""
    return int(session.execute(_SWEEP, {"before": now - kept, "most": most}).rowcount)  # type: ignore[attr-defined]


def _changed(session: Session, statement: Any, values: Mapping[str, Any]) -> bool:
    return bool(session.execute(statement, dict(values)).rowcount)  # type: ignore[attr-defined]
