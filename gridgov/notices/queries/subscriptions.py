"""SQL of subscriptions and their secrets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_COLUMNS = "id, channel, label, topics, body, url, created_at, created_by, ended_at"


def live(session: Session) -> list[Row[Any]]:
    """(id, channel, topics, body) of those that count now."""
    sql = "select id, channel, topics, body from notices_subscription where ended_at is null order by id"
    return list(session.execute(text(sql)))


def page(session: Session, *, webhooks: bool, after: int, limit: int) -> list[Row[Any]]:
    """By id; ended ones too."""
    sql = f"""
        select {_COLUMNS} from notices_subscription where (channel = 'webhook') = :webhooks and id > :after
        order by id limit :limit
        """  # noqa: S608 -- put together from constants
    return list(session.execute(text(sql), {"webhooks": webhooks, "after": after, "limit": limit}))


def one(session: Session, ident: int) -> Row[Any] | None:
    """With its sealed `destination`."""
    sql = f"select {_COLUMNS}, destination from notices_subscription where id = :id"  # noqa: S608 -- the same
    return session.execute(text(sql), {"id": ident}).one_or_none()


def add(session: Session, values: Mapping[str, Any]) -> None:
    """Values: id, channel, label, topics, body, url, destination, created_at, created_by."""
    sql = """
        insert into notices_subscription (id, channel, label, topics, body, url, destination, created_at, created_by)
        values (:id, :channel, :label, :topics, :body, :url, :destination, :created_at, :created_by)
        """
    session.execute(text(sql), dict(values))


def next_id(session: Session) -> int:
    """The id that the next subscription is to have, for what is sealed with it."""
    return int(session.execute(text("select nextval('notices_subscription_number')")).scalar_one())


def change(session: Session, ident: int, *, label: str, topics: list[str]) -> None:
    sql = "update notices_subscription set label = :label, topics = :topics where id = :id"
    session.execute(text(sql), {"id": ident, "label": label, "topics": topics})


def end(session: Session, ident: int, now: datetime) -> None:
    """It counts no more; what is on its way already goes out or is given up."""
    session.execute(
        text("update notices_subscription set ended_at = :now where id = :id and ended_at is null"),
        {"id": ident, "now": now},
    )


def secrets(session: Session, ident: int, now: datetime) -> list[Row[Any]]:
    """(version, secret) of those that count now, newest first."""
    sql = """
        select version, secret from notices_secret
        where subscription_id = :id and (ends_at is null or ends_at > :now) order by version desc
        """
    return list(session.execute(text(sql), {"id": ident, "now": now}))


def versions(session: Session, ident: int) -> list[Row[Any]]:
    """(version, made_at, ends_at), newest first; without the secrets."""
    sql = """
        select version, made_at, ends_at from notices_secret where subscription_id = :id order by version desc
        """
    return list(session.execute(text(sql), {"id": ident}))


def end_secrets(session: Session, ident: int, ends_at: datetime) -> None:
    """Those that count now do so until then at the latest."""
    sql = """
        update notices_secret set ends_at = :ends where subscription_id = :id and (ends_at is null or ends_at > :ends)
        """
    session.execute(text(sql), {"id": ident, "ends": ends_at})


def add_secret(session: Session, ident: int, version: int, secret: bytes, now: datetime) -> None:
    sql = "insert into notices_secret (subscription_id, version, secret, made_at) values (:id, :version, :secret, :now)"
    session.execute(text(sql), {"id": ident, "version": version, "secret": secret, "now": now})


def lock(session: Session, ident: int) -> None:
    """One change of a subscription at a time."""
    session.execute(text("select 1 from notices_subscription where id = :id for update"), {"id": ident})


# What is sealed here: table, column, and what the place of a row is called, as `sending` seals it.
_SEALED = (
    ("notices_secret", "secret", "subscription_id || ':' || version"),
    ("notices_subscription", "destination", "id::text"),
)


def by_key(session: Session) -> dict[int, int]:
    """Number of a key -> how many secrets and destinations are sealed with it."""
    found: dict[int, int] = {}
    for table, column, _ in _SEALED:
        sql = (
            f"select get_byte({column}, 0) as key, count(*) as rows from {table} where {column} is not null group by 1"  # noqa: S608 -- fixed names
        )
        for row in session.execute(text(sql)):
            found[row.key] = found.get(row.key, 0) + row.rows
    return found


def behind(session: Session, newest: int) -> list[tuple[str, str, str, bytes]]:
    """(table, column, row, sealed) of what another key than the newest sealed. There are as many as subscriptions."""
    found = []
    for table, column, row in _SEALED:
        sql = f"select {row} as row, {column} as sealed from {table} where get_byte({column}, 0) <> :newest"  # noqa: S608 -- fixed names
        found += [(table, column, one.row, bytes(one.sealed)) for one in session.execute(text(sql), {"newest": newest})]
    return found


def put_sealed(session: Session, table: str, column: str, row: str, sealed: bytes) -> None:
    """One of `behind`, sealed anew."""
    name = next(name for known, field, name in _SEALED if (known, field) == (table, column))
    sql = f"update {table} set {column} = :sealed where {name} = :row"  # noqa: S608 -- names are those above
    session.execute(text(sql), {"sealed": sealed, "row": row})
