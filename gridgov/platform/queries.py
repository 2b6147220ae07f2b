"""The platform's own SQL: buckets of rate limits, the outbox, the calendar. Private to the package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.platform.bulk import array
from gridgov.platform.db import cursor

# What is further ahead than it can be, by more than this, was written by a clock that went wrong: one take passes and
# puts it right.
SLACK = timedelta(minutes=1)

# GCRA: `until` is when the bucket would be full again. Taking moves it on by one step, and may not move it further
# ahead of now than the room of the whole bucket. The statement writes also when it refuses: only a row that it wrote
# tells the state that it decided on, and a second reader might see another.
_TAKE = text(
    """
    insert into platform_bucket as b (key, rule, until, passed, stale_at, sweep_at)
    values (:key, :rule, cast(:now as timestamptz) + :step, true, cast(:now as timestamptz) + :step,
            cast(:now as timestamptz) + :room)
    on conflict (key) do update set
      (until, passed, stale_at) = (
        select case when ok then moved else base end, ok, case when ok then moved else base end
        from (select base, base + cast(:step as interval) as moved,
                     base + cast(:step as interval) <= cast(:now as timestamptz) + :room as ok
              from (select case when b.until > cast(:now as timestamptz) + :room + :slack
                                then cast(:now as timestamptz) + :room - :step
                                else greatest(b.until, :now) end as base) as from_here) as decided)
    returning b.passed, b.until
    """
)

# A lock counts tries before their outcome is known, so that no two can both be the last; success gives the count back.
_TRY = text(
    """
    insert into platform_bucket as b (key, rule, until, strikes, passed, stale_at, sweep_at)
    values (:key, :rule, case when :allowed = 1 then cast(:now as timestamptz) + :first else :now end, 1, true,
            cast(:now as timestamptz) + :memory, cast(:now as timestamptz) + :memory)
    on conflict (key) do update set
      (until, strikes, passed, stale_at) = (
        select case when not ok then until when n >= :allowed then cast(:now as timestamptz) + pause else :now end,
               case when ok then n else b.strikes end,
               ok,
               case when ok then cast(:now as timestamptz) + :memory else b.stale_at end
        from (select until, until <= :now as ok, n,
                     least(cast(:longest as interval),
                           cast(:first as interval) * power(:factor, least(greatest(n - :allowed, 0), 30))) as pause
              from (select case when b.until > cast(:now as timestamptz) + :longest + :slack then :now
                                else b.until end as until,
                           case when b.stale_at <= :now then 1 else least(b.strikes + 1, 1000000) end as n
                   ) as from_here) as decided)
    returning b.passed, b.until
    """
)

_FORGIVE = text("update platform_bucket set until = :now, strikes = 0, passed = true, stale_at = :now where key = :key")

_DUE = "select key from platform_bucket where sweep_at <= :now order by sweep_at limit :most for update skip locked"
_SWEEP = text(
    f"""
    with due as materialized ({_DUE}),
    gone as (
      delete from platform_bucket b using due where b.key = due.key and b.stale_at + :margin <= :now returning b.key),
    kept as (
      update platform_bucket b set sweep_at = greatest(b.stale_at + :margin, cast(:now as timestamptz) + :margin)
      from due where b.key = due.key and b.stale_at + :margin > :now returning b.key)
    select (select count(*) from due) as seen, (select count(*) from gone) as gone, (select count(*) from kept) as kept
    """  # noqa: S608 -- put together from constants
)

_PUT = text(
    "insert into platform_outbox (topic, key, facts, at) values (:topic, :key, cast(:facts as jsonb), :at) returning id"
)

_PUT_MANY = """
    insert into platform_outbox (topic, key, facts, at)
    select topic, key, facts::jsonb, %(at)s
    from unnest(%(topics)s::text[], %(keys)s::text[], %(facts)s::text[]) as n (topic, key, facts)
"""

# By the mark, not by a position: a transaction that ends late leaves its row below others that were taken before it.
_WAITING = text(
    """
    select id, topic, key, facts, at from platform_outbox
    where taken_at is null order by id limit :most for update skip locked
    """
)
_TAKEN = text(
    """
    update platform_outbox o set taken_at = :now, problem = n.problem
    from unnest(cast(:ids as bigint[]), cast(:problems as text[])) as n (id, problem) where o.id = n.id
    """
)
_WAITS = text("select count(*) as events, min(at) as since from platform_outbox where taken_at is null")
_FORGET = text(
    """
    delete from platform_outbox where id in
      (select id from platform_outbox where taken_at <= :before order by taken_at limit :most for update skip locked)
    """
)


def take(session: Session, **values: Any) -> Row[Any]:
    """(passed, until) of a rate's bucket. Values: key, rule, now, step, room."""
    return session.execute(_TAKE, values | {"slack": SLACK}).one()


def try_lock(session: Session, **values: Any) -> Row[Any]:
    """(passed, until) of a lock. Values: key, rule, now, allowed, first, factor, longest, memory."""
    return session.execute(_TRY, values | {"slack": SLACK}).one()


def forgive(session: Session, key: bytes, now: datetime) -> None:
    """A bucket as if nothing had happened."""
    session.execute(_FORGIVE, {"key": key, "now": now})


def sweep(session: Session, now: datetime, *, most: int, margin: timedelta) -> Row[Any]:
    """(seen, gone, kept) of the buckets whose time to be looked at has come; one in use is left for the next time."""
    return session.execute(_SWEEP, {"now": now, "most": most, "margin": margin}).one()


def put(session: Session, **values: Any) -> int:
    """The number of the new row. Values: topic, key, facts (JSON), at."""
    return int(session.execute(_PUT, values).scalar_one())


def put_many(session: Session, rows: Sequence[tuple[str, str, str]], at: datetime) -> None:
    """Rows of (topic, key, facts as JSON)."""
    topics, keys, facts = (array(column) for column in zip(*rows, strict=True))
    cursor(session).execute(_PUT_MANY, {"topics": topics, "keys": keys, "facts": facts, "at": at})


def waiting(session: Session, most: int) -> list[Row[Any]]:
    """(id, topic, key, facts, at) of events that nobody deals with yet, held for this transaction."""
    return list(session.execute(_WAITING, {"most": most}))


def taken(session: Session, problems: Mapping[int, str | None], now: datetime) -> None:
    """These have been dealt with; `problems` says of each why nothing followed, if nothing could."""
    session.execute(_TAKEN, {"ids": list(problems), "problems": list(problems.values()), "now": now})


def waits(session: Session) -> Row[Any]:
    """(events, since) of what has not been dealt with."""
    return session.execute(_WAITS).one()


def forget(session: Session, now: datetime, *, kept: timedelta, most: int) -> int:
    """Deletes some events that were dealt with longer ago than `kept`; how many."""
    return int(session.execute(_FORGET, {"before": now - kept, "most": most}).rowcount)  # type: ignore[attr-defined]


# --- calendar -----------------------------------------------------------------------------------------------------

_DAYS = text("select day, working, names, source from platform_day where day between :first and :last order by day")
_WINDOWS = text("select starts, ends from platform_hours order by starts")
_DROP_DAYS = text("delete from platform_day where day = any(:days)")
_PUT_DAYS = text(
    """
    insert into platform_day as d (day, working, names, source)
    select day, working, names, source
    from jsonb_to_recordset(cast(:rows as jsonb)) as r (day date, working boolean, names jsonb, source text)
    on conflict (day) do update set working = excluded.working, names = excluded.names, source = excluded.source
    """
)


def days(session: Session, first: date, last: date) -> Sequence[Row[Any]]:
    """(day, working, names, source) of the days that are told of, in order."""
    return session.execute(_DAYS, {"first": first, "last": last}).all()


def put_days(session: Session, rows: str, gone: Sequence[date]) -> None:
    """Adds or replaces days (a JSON list of day, working, names, source), and takes others away."""
    if gone:
        session.execute(_DROP_DAYS, {"days": list(gone)})
    session.execute(_PUT_DAYS, {"rows": rows})


def hours(session: Session) -> Sequence[Row[Any]]:
    """(starts, ends) of the working hours, in order."""
    return session.execute(_WINDOWS).all()


def put_hours(session: Session, windows: Sequence[tuple[time, time]]) -> None:
    """These and no others."""
    session.execute(text("delete from platform_hours"))
    session.execute(
        text("insert into platform_hours (starts, ends) values (:starts, :ends)"),
        [{"starts": starts, "ends": ends} for starts, ends in windows],
    )


def hold_calendar(session: Session) -> None:
    """Until the end of the transaction nobody else changes the calendar; reading goes on."""
    session.execute(text("lock table platform_day, platform_hours in share row exclusive mode"))
