"""SQL of bulk history: month tables made beside, loaded bare, then indexed, then attached. Private to the domain.

Names of tables come from dates and from the catalogue of the database, never from outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.incidents.packing import HEADER, TRAILER
from gridgov.platform.db import cursor

BESIDE = "incidents_load_"
KEYS = "_key"  # the end of the name of the table with its rows' digests
MEMORY = "256MB"  # for making indexes


def beside(month: date) -> str:
    """The name of the table in which a month is made."""
    return f"{BESIDE}{month:%Y_%m}"


def marks(session: Session) -> dict[str, str]:
    """Tables that loads have left -> what their comment says."""
    rows = session.execute(
        text(
            "select c.relname, coalesce(obj_description(c.oid, 'pg_class'), '') as mark from pg_class c "
            "where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' "
            "and starts_with(c.relname, :beside)"
        ),
        {"beside": BESIDE},
    )
    return {row.relname: row.mark for row in rows}


def drop(session: Session, names: Iterable[str]) -> None:
    for name in sorted(names):
        session.execute(text(f"drop table if exists {name}"))


def mark(session: Session, name: str, said: str) -> None:
    """Comments a table; `said` is made of letters, digits and blanks."""
    if not re.fullmatch(r"[a-z0-9 ]+", said):
        raise ValueError(said)
    session.execute(text(f"comment on table {name} is '{said}'"))


def create(session: Session, name: str, same: Mapping[str, str]) -> None:
    """A bare table like `incidents`, without constraints. `same`: columns that are the same in every row, as SQL
    literals of our own code; as defaults they need not be sent."""
    session.execute(text(f"create table {name} (like incidents including defaults including generated)"))
    for column, literal in sorted(same.items()):
        session.execute(text(f"alter table {name} alter column {column} set default {literal}"))


def create_keys(session: Session, name: str) -> None:
    """For digests that rows bring with them."""
    session.execute(text(f"create table {name}{KEYS} (id uuid not null, digest bytea not null)"))


def copy(session: Session, name: str, columns: Iterable[str], rows: Any) -> None:
    """Rows as `packing.packed` makes them, into a table of this very transaction: frozen, so that nobody has to come
    back for them."""
    sql = f"copy {name} ({', '.join(columns)}) from stdin (format binary, freeze)"
    with cursor(session) as cur, cur.copy(sql) as sink:
        sink.write(HEADER)
        for step in range(0, len(rows), 1 << 20):
            sink.write(memoryview(rows[step : step + (1 << 20)]))
        sink.write(TRAILER)


def finish(session: Session, name: str, first: date, after: date) -> None:
    """What a partition needs before it is attached: checks, the month's bound, indexes, references (not yet proved)."""
    session.execute(text(f"set local maintenance_work_mem = '{MEMORY}'"))
    bound = f"happened_at >= '{first} 00:00+00' and happened_at < '{after} 00:00+00'"
    defaults = session.execute(
        text(
            "select quote_ident(a.attname) as name, pg_get_expr(d.adbin, d.adrelid) as usual from pg_attribute a "
            "left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum "
            "where a.attrelid = 'incidents'::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''"
        )
    ).all()
    usual = [
        f"alter {one.name} drop default" if one.usual is None else f"alter {one.name} set default {one.usual}"
        for one in defaults
    ]
    session.execute(text(f"alter table {name} {', '.join(usual)}"))
    rows = session.execute(
        text(
            "select conname, contype::text as kind, pg_get_constraintdef(oid) as definition from pg_constraint "
            "where conrelid = 'incidents'::regclass and contype in ('c', 'f') order by contype, conname"
        )
    ).all()
    checks = [f"add constraint {row.conname} {row.definition}" for row in rows if row.kind == "c"]
    session.execute(text(f"alter table {name} {', '.join([*checks, f'add constraint load_bound check ({bound})'])}"))
    indexes = session.execute(
        text(
            "select i.indisprimary, i.indisunique, pg_get_indexdef(i.indexrelid) as definition from pg_index i "
            "where i.indrelid = 'incidents'::regclass order by i.indexrelid"
        )
    ).all()
    for row in indexes:
        how = row.definition.split(" USING ", 1)[1]
        if row.indisprimary:
            session.execute(text(f"alter table {name} add primary key {how[how.index('(') :]}"))
        else:
            session.execute(text(f"create {'unique ' if row.indisunique else ''}index on {name} using {how}"))


def refer(session: Session, name: str) -> None:
    """References as those of `incidents`, for what comes; what is there is proved by `prove`."""
    session.execute(text("set local lock_timeout = '20s'"))
    rows = session.execute(
        text(
            "select conname, pg_get_constraintdef(oid) as definition from pg_constraint "
            "where conrelid = 'incidents'::regclass and contype = 'f' order by conname"
        )
    ).all()
    for row in rows:
        session.execute(text(f"alter table {name} add constraint {row.conname} {row.definition} not valid"))


def prove(session: Session, name: str) -> None:
    """Every reference holds; then the planner's figures."""
    rows = session.execute(
        text("select conname from pg_constraint where conrelid = to_regclass(:name) and not convalidated"),
        {"name": name},
    )
    for conname in sorted(rows.scalars()):
        session.execute(text(f"alter table {name} validate constraint {conname}"))
    session.execute(text(f"analyze {name}"))


def _with_digest(name: str, keyed: bool) -> tuple[str, str]:
    """(rows n, their digest): an id that brings no digest is named after what it means, and stands for it."""
    return (
        (f"{name} n join {name}{KEYS} d using (id)", "d.digest") if keyed else (f"{name} n", "sha256(uuid_send(n.id))")
    )


def take_keys(session: Session, name: str, *, keyed: bool) -> int:
    """The month's ids, as intake takes them, in their order; how many. One that is there already is an
    `IntegrityError`."""
    rows, digest = _with_digest(name, keyed)
    done = session.execute(
        text(
            f"insert into incidents_key (id, body_sha256, happened_at) "  # noqa: S608  # of constants
            f"select n.id, {digest}, n.happened_at from {rows} order by n.id"
        )
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # an INSERT's result has it; the general type has not


def known(session: Session, name: str, *, keyed: bool) -> list[tuple[UUID, bool]]:
    """Ids of the month that were taken before, and whether with the same body."""
    rows, digest = _with_digest(name, keyed)
    sql = f"select n.id, {digest} = k.body_sha256 as same from {rows} join incidents_key k on k.id = n.id"  # noqa: S608  # of names
    return [(row.id, row.same) for row in session.execute(text(sql))]


def forget(session: Session, name: str, ids: Iterable[UUID]) -> None:
    """Takes rows out of a month's table."""
    session.execute(text(f"delete from {name} where id = any(:ids)"), {"ids": list(ids)})  # noqa: S608  # of constants


def attach(session: Session, name: str, month: str, first: date, after: date) -> None:
    """The table becomes the partition `month`; what the default partition holds of the month joins it."""
    columns = _columns(session)
    start, end = f"{first} 00:00+00", f"{after} 00:00+00"
    session.execute(
        text(
            f"with moved as (delete from incidents_default where happened_at >= '{start}' and happened_at < '{end}' "  # noqa: S608  # of instants
            f"returning {columns}) insert into {name} ({columns}) select {columns} from moved"
        )
    )
    drop(session, [f"{name}{KEYS}"])
    made = session.execute(
        text("select indexrelid::regclass::text from pg_index where indrelid = to_regclass(:name)"), {"name": name}
    )
    for index in sorted(made.scalars()):
        session.execute(text(f"alter index {index} rename to {index.replace(name, month)}"))
    session.execute(text(f"alter table {name} rename to {month}"))
    session.execute(text(f"comment on table {month} is null"))
    session.execute(text(f"alter table incidents attach partition {month} for values from ('{start}') to ('{end}')"))
    session.execute(text(f"alter table {month} drop constraint load_bound"))


def pour(session: Session, name: str, month: str) -> None:
    """Into a partition that is there already, by its own name: nothing fires; checks and references are the month's."""
    columns = _columns(session)
    session.execute(text(f"insert into {month} ({columns}) select {columns} from {name}"))  # noqa: S608  # of constants
    drop(session, [name, f"{name}{KEYS}"])
    session.execute(text(f"analyze {month}"))


def _columns(session: Session) -> str:
    return str(
        session.execute(
            text(
                "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute "
                "where attrelid = 'incidents'::regclass and attnum > 0 and not attisdropped and attgenerated = ''"
            )
        ).scalar_one()
    )


def data_folder(session: Session) -> str:
    """Where the database's files lie, on its machine."""
    return str(session.execute(text("show data_directory")).scalar_one())


def count_keys(session: Session, low: UUID, high: UUID) -> int:
    """How many ids of the range were taken."""
    sql = "select count(*) from incidents_key where id between :low and :high"
    return int(session.execute(text(sql), {"low": low, "high": high}).scalar_one())


def used(session: Session, low: UUID, high: UUID) -> list[str]:
    """Tables that hold rows about keys of these ids; nobody adds any until the transaction ends."""
    rows = session.execute(
        text(
            "select c.conrelid::regclass::text as name, a.attname from pg_constraint c "
            "join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1] "
            "where c.contype = 'f' and c.confrelid = 'incidents_key'::regclass order by 1, 2"
        )
    ).all()
    found = []
    for name, column in rows:
        session.execute(text(f"lock table {name} in share mode"))
        sql = f"select exists (select from {name} where {column} between :low and :high)"  # noqa: S608  # of constants
        if session.execute(text(sql), {"low": low, "high": high}).scalar_one():
            found.append(name)
    return found


def remove_month(session: Session, name: str, low: UUID, high: UUID) -> int:
    """Takes ids out of a partition by its own name, or drops it where it has no others; how many."""
    ids = {"low": low, "high": high}
    sql = f"select count(*) filter (where id between :low and :high), count(*) from {name}"  # noqa: S608  # of constants
    ours, everything = session.execute(text(sql), ids).one()
    if ours and ours == everything:
        session.execute(text(f"drop table {name}"))
    elif ours:
        session.execute(text(f"delete from {name} where id between :low and :high"), ids)  # noqa: S608  # of constants
    return int(ours)


def remove_keys(session: Session, low: UUID, high: UUID) -> None:
    """Nothing refers to them (`used`): where the owner may, that is not looked up again for each."""
    alone = session.execute(text("select current_setting('is_superuser') = 'on'")).scalar_one()
    if alone:
        session.execute(text("set local session_replication_role = replica"))
    session.execute(text("delete from incidents_key where id between :low and :high"), {"low": low, "high": high})
    if alone:
        session.execute(text("set local session_replication_role = origin"))
