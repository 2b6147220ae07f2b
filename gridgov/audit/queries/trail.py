"""All SQL of the audit trail. Private to the domain."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.audit.rules import Before, Entry, Gap, Seal, Span, gaps_text, read_gaps, read_spans
from gridgov.platform.db import cursor

# Each column as the text that goes into the leaf (`rules.Entry`), whatever the session's settings are.
T = TypeVar("T")
INSTANT = """to_char({} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
ENTRY = f"""
    e.id::text, e.xid::text, {INSTANT.format("e.at")}, e.salt::text, e.account_id::text, e.post_id::text, e.role,
    e.login, e.action, e.noun, e.row_id, e.unit_id::text, e.before::text, e.after::text, e.facts::text, e.reason
"""
SPANS = (
    "select string_agg(case when upper(r) - lower(r) = 1 then lower(r)::text "
    "else lower(r) || '-' || upper(r) - 1 end, ',' order by r) from unnest(s.ids) r"
)
SEAL = f"""
    s.number, ({SPANS}) as spans, s.leaves, s.upto, s.open, s.root, s.previous, {INSTANT.format("s.sealed_at")} as at,
    s.key, s.chain, s.signature
"""


def is_there(session: Session) -> bool:
    """Whether the city has a trail: its schema exists and is migrated so far."""
    return bool(session.execute(text("select to_regclass('audit_seal') is not null")).scalar_one())


def note(session: Session, values: Mapping[str, Any], facts: Mapping[str, Any] | None) -> int:
    written = json.dumps(facts, ensure_ascii=False) if facts is not None else None
    return int(
        session.execute(
            text(
                "select audit_note(:action, :noun, cast(:row_id as text), cast(:reason as text), "
                "cast(:facts as jsonb), cast(:unit_id as bigint))"
            ),
            {**values, "facts": written},
        ).scalar_one()
    )


# --- sealing ----------------------------------------------------------------------------------------------------------


def alone(session: Session) -> bool:
    """Takes the city's one place for a sealer until the transaction ends; False when somebody else has it."""
    return bool(
        session.execute(
            text("select pg_try_advisory_xact_lock(hashtextextended(current_schema() || '.audit_seal', 0))")
        ).scalar_one()
    )


def transactions(session: Session) -> tuple[bool, int]:
    """(whether this transaction has a number already, the oldest one that runs)."""
    row = session.execute(
        text(
            "select pg_current_xact_id_if_assigned() is not null, pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        )
    ).one()
    return bool(row[0]), int(row[1])


def own_transaction(session: Session) -> int:
    """The number of this transaction; given now, if it has none yet."""
    return int(session.execute(text("select pg_current_xact_id()::text::bigint")).scalar_one())


def sealed_before(session: Session) -> Before:
    row = session.execute(
        text("select number, chain, upto, open from audit_seal order by number desc limit 1")
    ).one_or_none()
    return Before() if row is None else Before(row.number, bytes(row.chain), row.upto, _read(read_gaps, row.open, ()))


def late(session: Session, gaps: Sequence[Gap], most: int) -> list[Entry]:
    """Entries that have turned up in the gaps, by id."""
    if not gaps:
        return []
    sql = f"""
        select e.* from unnest(%s::bigint[], %s::bigint[]) g (first, last)
        cross join lateral (select {ENTRY}, e.id as n from audit_entry e where e.id between g.first and g.last) e
        order by n limit %s
        """  # noqa: S608  # fixed parts
    with cursor(session) as cur:
        found = cur.execute(sql, [[gap.first for gap in gaps], [gap.last for gap in gaps], most])
        return [Entry(*row[:-1]) for row in found]


def after(session: Session, upto: int, most: int) -> list[Entry]:
    """Entries with higher ids, by id."""
    sql = f"select {ENTRY} from audit_entry e where e.id > %s order by e.id limit %s"  # noqa: S608  # fixed parts
    with cursor(session) as cur:
        return [Entry(*row) for row in cur.execute(sql, [upto, most])]


def add_seal(session: Session, seal: Seal) -> None:
    ids = "{" + ",".join(f"[{first},{last}]" for first, last in seal.spans) + "}"
    session.execute(
        text(
            "insert into audit_seal (number, ids, leaves, upto, open, root, previous, sealed_at, key, chain, "
            "signature) values (:number, cast(:ids as int8multirange), :leaves, :upto, :open, :root, :previous, "
            ":sealed_at, :key, :chain, :signature)"
        ),
        {
            "number": seal.number, "ids": ids, "leaves": seal.leaves, "upto": seal.upto, "open": gaps_text(seal.open),
            "root": seal.root, "previous": seal.previous, "sealed_at": seal.sealed_at, "key": seal.key,
            "chain": seal.chain, "signature": seal.signature,
        },
    )  # fmt: skip


# --- verifying --------------------------------------------------------------------------------------------------------


def seals(session: Session, after_number: int, most_leaves: int) -> list[Seal]:
    """The next seals by number, so many that they have about `most_leaves` entries; at least one if there is any."""
    sql = f"""
        select {SEAL} from (
            select s.*, sum(octet_length(leaves) / 32) over (order by number) as n
            from (select * from audit_seal where number > :after order by number limit 1000) s
        ) s where n - octet_length(leaves) / 32 < :most order by number
        """  # noqa: S608  # fixed parts
    return [_seal(row) for row in session.execute(text(sql), {"after": after_number, "most": most_leaves})]


def seal(session: Session, number: int) -> Seal | None:
    """One seal; of number 0 the last."""
    sql = f"""
        select {SEAL} from audit_seal s where :number in (0, number) order by number desc limit 1
        """  # noqa: S608  # fixed parts
    row = session.execute(text(sql), {"number": number}).one_or_none()
    return None if row is None else _seal(row)


def seals_and_entries(session: Session) -> tuple[int, int]:
    """How many seals there are, and how many entries lie under them."""
    row = session.execute(text("select count(*), coalesce(sum(octet_length(leaves) / 32), 0) from audit_seal")).one()
    return int(row[0]), int(row[1])


def within(session: Session, spans: Sequence[Span]) -> Iterator[tuple[int, Entry]]:
    """Entries whose ids lie in the spans, in the order of spans and ids, each with the place of its span."""
    sql = f"""
        select place, e.* from unnest(%s::bigint[], %s::bigint[]) with ordinality g (first, last, place)
        cross join lateral (
            select {ENTRY} from audit_entry e where e.id between g.first and g.last order by e.id
        ) e order by place, e.id::bigint
        """  # noqa: S608  # fixed parts
    with cursor(session) as cur:
        for row in cur.execute(sql, [[first for first, _ in spans], [last for _, last in spans]]):
            yield row[0] - 1, Entry(*row[1:])


def ids_within(session: Session, spans: Sequence[Span], most: int) -> list[int]:
    """Ids of entries in the spans, ascending."""
    sql = """
        select e.id from unnest(%s::bigint[], %s::bigint[]) g (first, last)
        cross join lateral (select id from audit_entry where id between g.first and g.last) e order by 1 limit %s
        """
    with cursor(session) as cur:
        return [row[0] for row in cur.execute(sql, [[a for a, _ in spans], [b for _, b in spans], most])]


def waiting(session: Session, upto: int, gaps: Sequence[Gap]) -> tuple[int, str | None]:
    """(count, since) of the entries that no seal has reached yet."""
    sql = f"""
        select count(*), {INSTANT.format("min(at)")} from (
            select at from audit_entry where id > %s
            union all
            select e.at from unnest(%s::bigint[], %s::bigint[]) g (first, last)
            cross join lateral (select at from audit_entry where id between g.first and g.last) e
        ) w
        """  # noqa: S608  # fixed parts
    with cursor(session) as cur:
        row = cur.execute(sql, [upto, [gap.first for gap in gaps], [gap.last for gap in gaps]]).fetchone()
    return (0, None) if row is None else (row[0], row[1])


# --- receipts ---------------------------------------------------------------------------------------------------------


def own_entry(session: Session, noun: str, row_id: str) -> Entry | None:
    """The newest entry about a row that this transaction wrote."""
    sql = f"select {ENTRY} from audit_own(%s, %s) e"  # noqa: S608  # fixed parts
    with cursor(session) as cur:
        row = cur.execute(sql, [noun, row_id]).fetchone()
    return None if row is None else Entry(*row)


def seal_over(session: Session, entry_id: int, leaf: bytes) -> Seal | None:
    """The seal over an entry that has this leaf."""
    sql = f"select {SEAL} from audit_proof(:id, :leaf) s"  # noqa: S608  # fixed parts
    row = session.execute(text(sql), {"id": entry_id, "leaf": leaf}).one_or_none()
    return None if row is None else _seal(row)


# --- looking ----------------------------------------------------------------------------------------------------------

CLAUSES: Mapping[str, str] = {
    "id": "e.id = :id",
    "noun": "e.noun = :noun",
    "row_id": "e.row_id = :row_id",
    "account": "e.account_id = (select id from auth_account where name = :account)",
    "action": "e.action = :action",
    "unit_id": "e.unit_id = :unit_id",
    "since": "e.at >= :since",
    "until": "e.at < :until",
    "before": "e.id < :before",
}


def entries(session: Session, filters: Mapping[str, Any], limit: int) -> list[Row[Any]]:
    """Newest first, with the account's name; a filter that is None is left out of the statement."""
    given = {name: value for name, value in filters.items() if value is not None}
    where = " and ".join(CLAUSES[name] for name in given) or "true"
    sql = f"""
        select e.id, e.xid, e.at, e.account_id, a.name as account, e.post_id, e.role, e.login, e.action, e.noun,
               e.row_id, e.unit_id, e.before, e.after, e.facts, e.reason
        from audit_entry e left join auth_account a on a.id = e.account_id
        where {where} order by e.id desc limit :limit
        """  # noqa: S608  # fixed parts
    return list(session.execute(text(sql), {**given, "limit": limit}))


NONSENSE = (Gap(0, 0, 0),)  # no seal was ever made with this


def _seal(row: Row[Any]) -> Seal:
    """A seal as it stands, also one that somebody changed: what cannot be read is replaced by what no seal has."""
    return Seal(
        number=row.number, spans=_read(read_spans, row.spans, ()), leaves=bytes(row.leaves), upto=row.upto,
        open=_read(read_gaps, row.open, NONSENSE), root=bytes(row.root), previous=bytes(row.previous),
        sealed_at=row.at or "", key=bytes(row.key), chain=bytes(row.chain), signature=bytes(row.signature),
    )  # fmt: skip


def _read(read: Callable[[str], tuple[T, ...]], written: str | None, otherwise: tuple[T, ...]) -> tuple[T, ...]:
    try:
        return read(written or "")
    except ValueError:
        return otherwise
