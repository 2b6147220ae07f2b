"""SQL of what the store follows: facts of a month, signed changes since a moment, and what is still needed of them.

Rows come as binary COPY without nulls, so that all have one length and are read as an array. Private to the domain.
Works as the internal role `counter`, but for `asked`, which anybody may ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.analytics.store.columns import CASES, CHANNELS, INCIDENTS, STATES, STATUSES, TIERS, Family
from gridgov.analytics.store.snapshot import Snapshot
from gridgov.platform.db import cursor

HEAD = 19  # signature, flags, length of what else: of PostgreSQL's binary COPY
HELPING = 1 << 18  # rows
_LAST = (2, HEAD + 2)  # bytes of the trailer of binary COPY, which is a message of its own, or that of no rows at all
UNSAID = int(np.iinfo(np.int64).min)  # how an instant that is not there comes: -infinity
TYPES: Mapping[str, tuple[str, int]] = {
    "int8": (">i8", 8), "int4": (">i4", 4), "int2": (">i2", 2), "bool": (">i1", 1), "float8": (">f8", 8),
    "timestamptz": (">i8", 8),
}  # fmt: skip
# What stands for nothing, so that no field is null: a row of another length would shift all that follow.
NOTHING: Mapping[str, str] = {
    "int8": "0", "int4": "-1", "int2": "0", "bool": "false", "float8": "0", "timestamptz": "'-infinity'",
}  # fmt: skip
Helping = NDArray[np.void]
Fields = Mapping[str, tuple[str, str]]  # name -> (type, expression)


@dataclass(frozen=True, slots=True)
class Asked:
    """What tells whether anything is new: the number drawn last, what had ended, and since when the server runs."""

    no: int
    snapshot: Snapshot
    started: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A moment of the database and whose it is. `mark`, `before`: what this home wrote down last, and before that."""

    snapshot: Snapshot
    started: datetime
    origin: UUID
    system: int
    system_before: int | None
    pruned: int
    mark: UUID | None
    before: UUID | None


def _code(names: Iterable[str], column: str) -> str:
    listed = ", ".join(f"'{name}'" for name in names)
    return f"array_position(array[{listed}]::text[], {column}) - 1"


def _place(area: str, outside: str) -> Fields:
    return {
        "grid": ("int8", "grid_id"), "area": ("int8", area), "unit": ("int8", "unit_id"), "outside": ("bool", outside),
        "agency": ("int8", "agency_id"),
    }  # fmt: skip


_AREA = "case when grid_id is null then area_id end"
_TIER = f"coalesce({_code(TIERS, 'level')}, case when agency_id is null then 0 else {TIERS.index('agency')} end)"
_BOTH: Fields = {
    "at": ("timestamptz", "happened_at"), "category": ("int4", "category_id"),
    "channel": ("int4", _code(CHANNELS, "channel")),
}  # fmt: skip
_OF_CASES: Fields = {
    "state": ("int4", _code(STATES, "state")), "tier": ("int4", _TIER), "opened": ("timestamptz", "opened_at"),
    "accepted": ("timestamptz", "accepted_at"), "ended": ("timestamptz", "ended_at"),
    "late": ("timestamptz", "late_from"),
}  # fmt: skip
_POINT: Fields = {"hex": ("int8", "hex9"), "key": ("int8", "quad25")}
_STATUS: Fields = {"state": ("int4", _code(STATUSES, "status"))}
_SIGN: Fields = {"sign": ("int2", "sign"), "xid": ("int8", "xid::text::bigint")}
# Columns of the facts as they stand, and of their changes: the same expressions but for what the trigger worked out.
_FACTS: Mapping[str, Fields] = {
    INCIDENTS.name: {
        **_BOTH, **_STATUS, **_place(_AREA, "outside_m > 0"), **_POINT,
        "lon": ("float8", "public.st_x(geom)"), "lat": ("float8", "public.st_y(geom)"),
    },
    CASES.name: {**_BOTH, **_place(_AREA, "false"), **_OF_CASES},
}  # fmt: skip
_KEPT = _place("area_id", "outside")
_CHANGED: Mapping[str, Fields] = {
    INCIDENTS.name: {
        **_BOTH, **_STATUS, **_KEPT, **_POINT, "lon": ("float8", "lon"), "lat": ("float8", "lat"), **_SIGN,
    },
    CASES.name: {**_BOTH, **_place("area_id", "false"), **_OF_CASES, **_SIGN},
}  # fmt: skip


def layout(fields: Fields) -> np.dtype[Any]:
    """How a row of binary COPY lies: the number of fields, then the length and the value of each."""
    parts: list[tuple[str, str]] = [("fields", ">i2")]
    for name, (kind, _) in fields.items():
        parts += [(f"{name}_bytes", ">i4"), (name, TYPES[kind][0])]
    return np.dtype(parts)


_ASKED = """
    select case when is_called then last_value else 0 end, pg_current_snapshot()::text, pg_postmaster_start_time()
    from analytics_change_no
    """


def asked(session: Session) -> Asked:
    """In whatever transaction, as whatever role. Asked at every count, hence past SQLAlchemy, and prepared."""
    row = cursor(session).execute(_ASKED, prepare=True).fetchone()
    assert row is not None, "a sequence has one row"
    return Asked(int(row[0]), Snapshot.parse(row[1]), row[2])


def drawing(session: Session) -> bool:
    """Whether some transaction has drawn a number and is not over: until its end it holds a lock on the sequence.

    Asked between a number and a moment, it tells whether the moment contains everything up to the number: who runs
    then need not be among those that a snapshot lists as running, which ends at the newest that is over.
    """
    sql = """
        select exists (
          select from pg_locks
          where locktype = 'relation' and relation = 'analytics_change_no'::regclass and mode = 'RowExclusiveLock'
            and database = (select oid from pg_database where datname = current_database())
        )
        """
    return bool(session.execute(text(sql)).scalar_one())


def stand(session: Session, home: UUID) -> Standing:
    """Fixes the moment that all further statements of the transaction see; must be its first."""
    cursor(session).execute("set transaction isolation level repeatable read; set local statement_timeout = 0")
    sql = """
        select pg_current_snapshot()::text as snapshot, pg_postmaster_start_time() as started, o.id as origin,
               (select system_identifier from pg_control_system()) as system, o.system as system_before,
               o.pruned::text::bigint as pruned, h.mark, h.before
        from analytics_origin o left join analytics_home h on h.id = :home
        """
    row = session.execute(text(sql), {"home": home}).one()
    return Standing(
        Snapshot.parse(row.snapshot), row.started, row.origin, int(row.system), row.system_before, int(row.pruned),
        row.mark, row.before,
    )  # fmt: skip


def months(session: Session, family: Family) -> list[datetime]:
    """An instant of every month (UTC) that has rows, from the index on time: a look a month, whatever lies in it."""
    after = "(date_trunc('month', f.at at time zone 'UTC') + interval '1 month') at time zone 'UTC'"
    sql = f"""
        with recursive found (at) as (
          select (select min(happened_at) from {family.table})
          union all
          select (select min(i.happened_at) from {family.table} i where i.happened_at >= {after})
          from found f where f.at is not null
        )
        select at from found where at is not null order by at
        """  # noqa: S608  # of constants
    return list(session.execute(text(sql)).scalars())


def size_bytes(session: Session, family: Family) -> int:
    """Of the table and its partitions on disk, without indexes: how much there is to read, about."""
    sql = "select coalesce(sum(pg_relation_size(relid)), 0) from pg_partition_tree(cast(:name as regclass))"
    whole = "select pg_relation_size(cast(:name as regclass))"
    found = session.execute(text(sql), {"name": family.table}).scalar_one()
    return int(found or session.execute(text(whole), {"name": family.table}).scalar_one())


def facts(session: Session, family: Family, begin: datetime, end: datetime) -> Iterator[Helping]:
    """The rows that happened from `begin` on and before `end`, in no order."""
    fields = _FACTS[family.name]
    where = f"happened_at >= '{_literal(begin)}' and happened_at < '{_literal(end)}'"
    yield from _copied(session, fields, family.table, where)


def changes(session: Session, family: Family, since: Snapshot) -> Iterator[Helping]:
    """Signed changes that this transaction sees and `since` did not: all later transactions, and those that ran then.

    The same as `not pg_visible_in_snapshot(xid, since)`, in two looks into the index however long a transaction runs.
    """
    running = ", ".join(f"'{xid}'" for xid in sorted(since.running))
    where = f"xid >= '{since.xmax}'" + (f" or xid in ({running})" if running else "")
    yield from _copied(session, _CHANGED[family.name], family.changes, where)


def _copied(session: Session, fields: Fields, table: str, where: str) -> Iterator[Helping]:
    columns = ", ".join(f"coalesce(({said})::{kind}, {NOTHING[kind]}::{kind})" for kind, said in fields.values())
    sql = f"copy (select {columns} from {table} where {where}) to stdout (format binary)"  # noqa: S608  # of constants and instants
    row = layout(fields)
    with cursor(session) as cur, cur.copy(sql.encode()) as came:
        # Rows that have come are taken from libpq as they lie there: waiting for each would cost more than the row. The
        # trailer is left to `read`, which ends the statement.
        take = cur.connection.pgconn.get_copy_data
        waiting: list[bytes] = []
        size = -HEAD
        while some := came.read():
            length = len(some)
            while length > 0:
                waiting.append(bytes(some))
                size += length
                if size >= HELPING * row.itemsize + HEAD:
                    whole = b"".join(waiting)
                    begun = HEAD if whole.startswith(b"PGCOPY") else 0
                    cut = begun + (len(whole) - begun) // row.itemsize * row.itemsize
                    yield np.frombuffer(whole[begun:cut], dtype=row)
                    waiting, size = [whole[cut:]], len(whole) - cut
                if length in _LAST:
                    break
                length, some = take(1)
        whole = b"".join(waiting)
        begun = HEAD if whole.startswith(b"PGCOPY") else 0
        count = (len(whole) - begun) // row.itemsize
        yield np.frombuffer(whole[begun : begun + count * row.itemsize], dtype=row)


def _literal(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


# --- what is still needed ---------------------------------------------------------------------------------------------


def write_down(session: Session, home: UUID, *, mark: UUID, before: UUID | None, needs: int, now: datetime) -> None:
    """That this home is about to write down what it holds."""
    sql = """
        insert into analytics_home as h (id, mark, before, needs, at)
        values (:home, :mark, :before, cast(:needs as text)::xid8, :now)
        on conflict (id) do update set mark = excluded.mark, before = excluded.before, needs = excluded.needs,
                                       at = excluded.at
        """
    values = {"home": home, "mark": mark, "before": before, "needs": str(needs), "now": now}
    session.execute(text(sql), values)


def claim(session: Session, system: int) -> bool:
    """Says whose transactions the changes name from now on. True: they named another cluster's, and are gone."""
    sql = "select system from analytics_origin for update"
    before = session.execute(text(sql)).scalar_one()
    if before == system:
        return False
    if before is not None:
        session.execute(text("delete from analytics_incident_change"))
        session.execute(text("delete from analytics_case_change"))
    session.execute(
        text(
            "update analytics_origin set system = :system, "
            "pruned = case when :other then pg_snapshot_xmin(pg_current_snapshot()) else pruned end"
        ),
        {"system": system, "other": before is not None},
    )
    return before is not None


def prune(session: Session, *, before: int, now: datetime, forgotten: timedelta) -> int:
    """Deletes changes of transactions before this one that no home needs; how many. A home that has not written
    anything down for `forgotten` reads everything anew when it comes back."""
    session.execute(text("delete from analytics_home where at < :since"), {"since": now - forgotten})
    least = session.execute(text("select min(needs::text::bigint) from analytics_home")).scalar_one()
    upto = before if least is None else min(before, int(least))
    gone = 0
    for sql in (
        "delete from analytics_incident_change where xid < cast(:upto as text)::xid8",
        "delete from analytics_case_change where xid < cast(:upto as text)::xid8",
    ):
        gone += session.connection().execute(text(sql), {"upto": str(upto)}).rowcount
    if gone:
        session.execute(
            text("update analytics_origin set pruned = greatest(pruned::text::bigint, :upto)::text::xid8"),
            {"upto": upto},
        )
    return gone
