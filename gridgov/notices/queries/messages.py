"""SQL of messages to bodies. The row policies show a post those addressed to it, whatever a statement asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

# For each name the newest from the index, then the newest of these: the cost is that of the page, not of what is kept.
_PAGE = """
    select m.id, m.topic, m.key, m.facts, m.at, m.target, (m.id <= {upto} or r.message_id is not null) as read
    from (
      select m.* from unnest(cast(:targets as text[])) t
      cross join lateral (
        select * from notices_message m where m.target = t and m.id < :before and {once} {unread}
        order by m.id desc limit :limit
      ) m
      order by m.id desc limit :limit
    ) m
    left join notices_read r on r.account_id = :account and r.message_id = m.id
    order by m.id desc
    """
# An event that reaches a post under two of its names is shown once.
_ONCE = (
    "not exists (select from notices_message d "
    "where d.outbox_id = m.outbox_id and d.target = any (cast(:targets as text[])) and d.id > m.id)"
)
_UPTO = "coalesce((select s.upto from notices_seen s where s.account_id = :account), 0)"
_UNREAD = (
    f"and m.id > {_UPTO} and not exists "
    "(select from notices_read x where x.account_id = :account and x.message_id = m.id)"
)
_MAKE = text(
    """
    insert into notices_message (outbox_id, target, topic, key, facts, at, made_at)
    select n.outbox_id, n.target, o.topic, o.key, o.facts, o.at, :now
    from unnest(cast(:outbox_ids as bigint[]), cast(:targets as text[])) with ordinality as n (outbox_id, target, place)
    join platform_outbox o on o.id = n.outbox_id
    order by n.place
    on conflict do nothing
    """
)
_COUNT = f"""
    select count(*) from (
      select from unnest(cast(:targets as text[])) t
      cross join lateral (
        select from notices_message m where m.target = t and {_ONCE} {_UNREAD} order by m.id desc limit :most
      ) m
      limit :most
    ) found
    """  # noqa: S608 -- put together from constants
_READ = text(
    """
    insert into notices_read (account_id, message_id, read_at)
    select :account, m.id, :now from notices_message m
    where m.id = any (:ids) and m.target = any (cast(:targets as text[]))
    on conflict do nothing
    """
)
_SEEN = text(
    """
    insert into notices_seen as s (account_id, upto, seen_at) values (:account, :upto, :now)
    on conflict (account_id) do update set upto = greatest(s.upto, excluded.upto), seen_at = excluded.seen_at
    returning upto
    """
)
_SWEEP = text(
    """
    delete from notices_message where id in
      (select id from notices_message where made_at <= :before order by made_at limit :most for update skip locked)
    """
)


def make(session: Session, made: Sequence[tuple[int, str]], now: datetime) -> int:
    """Messages by (outbox_id, target); one that is there already stays as it is. How many are new."""
    values = {"outbox_ids": [one for one, _ in made], "targets": [one for _, one in made], "now": now}
    return int(session.execute(_MAKE, values).rowcount) if made else 0  # type: ignore[attr-defined]


def page(
    session: Session, account: int, targets: Sequence[str], *, unread: bool, before: int, limit: int
) -> list[Row[Any]]:
    """(id, topic, key, facts, at, target, read), newest first."""
    sql = _PAGE.format(once=_ONCE, upto=_UPTO, unread=_UNREAD if unread else "")
    values = {"account": account, "targets": list(targets), "before": before, "limit": limit}
    return list(session.execute(text(sql), values))


def unread(session: Session, account: int, targets: Sequence[str], *, most: int) -> int:
    """How many are not read; counting stops at `most`."""
    values = {"account": account, "targets": list(targets), "most": most}
    return int(session.execute(text(_COUNT), values).scalar_one())


def read(session: Session, account: int, targets: Sequence[str], ids: Sequence[int], now: datetime) -> int:
    """Marks these as read, as far as they are addressed to the targets; how many were not."""
    values = {"account": account, "targets": list(targets), "ids": list(ids), "now": now}
    return int(session.execute(_READ, values).rowcount)  # type: ignore[attr-defined]


def newest(session: Session, targets: Sequence[str]) -> int:
    """The highest id that is addressed to the targets; 0 where there is none."""
    sql = """
        select coalesce(max(m.id), 0) from unnest(cast(:targets as text[])) t cross join lateral
          (select id from notices_message m where m.target = t order by m.id desc limit 1) m
        """
    return int(session.execute(text(sql), {"targets": list(targets)}).scalar_one())


def seen(session: Session, account: int, upto: int, now: datetime) -> None:
    """Everything up to this message counts as read; single marks below it are no longer needed."""
    values = {"account": account, "upto": upto, "now": now}
    reached = session.execute(_SEEN, values).scalar_one()
    session.execute(
        text("delete from notices_read where account_id = :account and message_id <= :upto"),
        {"account": account, "upto": reached},
    )


def sweep(session: Session, now: datetime, *, kept: timedelta, most: int) -> int:
    """Deletes some of those older than `kept`; how many."""
    values = {"before": now - kept, "most": most}
    return int(session.execute(_SWEEP, values).rowcount)  # type: ignore[attr-defined]
