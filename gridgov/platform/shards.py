"""Statements on a node of a cluster: each table under the name of its shard, so that PostgreSQL itself plans them.

A city's tables lie on its node as shards (`incidents_102197`), beside tables of the plain names that lead there through
Citus. Citus plans what it can: no statement that writes in a part of it, no transition table, nothing whose functions
are not immutable in the wrong place. Under the shards' names all of SQL works, at the speed of one machine, and row
policies, grants and triggers are those of the shards. Both lie in the same schema and move together.

Owns the change of names. Does not own which shard a table has (`citus`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakSet

import psycopg
from psycopg import sql
from psycopg.abc import Query

# What may follow a table's name that is no name of its own in the statement.
_NO_ALIAS = (
    "where|join|left|right|inner|cross|full|natural|on|using|set|order|group|limit|for|values|select|default|union|"
    "except|intersect|returning|lateral|having|window|offset|tablesample|with|overriding|as"
)
_NEXT = re.compile(rf"\s+(?!(?:{_NO_ALIAS})\b)(?:[a-z_]\w*|\"[^\"]+\")|\s+as\s", re.IGNORECASE)
_LOCK = re.compile(r"(\block\s+table\s+)(.+?)(\s+in\s)", re.IGNORECASE | re.DOTALL)
_KEPT = 5_000  # statements whose change is kept; the program has some hundreds


class Shards:
    """The shards of one city: table -> shard."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = dict(names)
        said = "|".join(map(re.escape, sorted(self.names, key=len, reverse=True))) or r"\Z\A"
        self._table = re.compile(
            rf'\b(from|join|into|update|using|only|truncate)(\s+)"?({said})"?(?![\w."(])', re.IGNORECASE
        )
        self._name = re.compile(rf"\b({said})\b")
        self._kept: dict[str, str] = {}

    def said(self, statement: str) -> str:
        """The statement with shards in place of tables; each keeps its plain name as an alias where it has none."""
        found = self._kept.get(statement)
        if found is None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            found = self._kept[statement] = self._changed(statement)
        return found

    def unsaid(self, statement: str) -> str:
        """The statement with tables in place of shards again."""
        for name, shard in self.names.items():
            statement = re.sub(rf"\b{shard}( as {name}\b)?", name, statement)
        return statement

    def _changed(self, statement: str) -> str:
        locked = _LOCK.sub(lambda found: found[1] + self._name.sub(self._bare, found[2]) + found[3], statement)

        def put(found: re.Match[str]) -> str:
            word, space, name = found[1], found[2], found[3]
            named = word.lower() == "truncate" or _NEXT.match(found.string, found.end())
            return f"{word}{space}{self.names[name]}" + ("" if named else f" as {name}")

        return self._table.sub(put, locked)

    def _bare(self, found: re.Match[str]) -> str:
        return self.names[found[1]]


def cursors(shards: Callable[[], Shards | None], first: str) -> type[psycopg.Cursor[Any]]:
    """A class of cursors that say every statement in the names of these shards; None: as it is.

    `first` goes before the first statement of each transaction that is more than a setting: settings of the transaction
    itself must come before anything is read.
    """

    begun: WeakSet[psycopg.Connection[Any]] = WeakSet()

    class ShardCursor(psycopg.Cursor[Any]):
        """As any other, but for the names."""

        def execute(self, query: Query, params: Any = None, **more: Any) -> ShardCursor:
            said = self._said(query)
            self._begin(said)
            return super().execute(said, params, **more)

        def executemany(self, query: Query, params_seq: Any, **more: Any) -> None:
            said = self._said(query)
            self._begin(said)
            super().executemany(said, params_seq, **more)

        def copy(self, statement: Query, params: Any = None, **more: Any) -> Any:
            said = self._said(statement)
            self._begin(said)
            return super().copy(said, params, **more)

        def _begin(self, said: bytes) -> None:
            connection = self.connection
            if connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
                begun.discard(connection)
            if connection not in begun and said.lstrip()[:4].lower() != b"set ":
                super().execute(first.encode())
                begun.add(connection)

        def _said(self, query: Query) -> bytes:
            if isinstance(query, bytes):
                query = query.decode()
            text = query.as_string(self) if isinstance(query, sql.Composable) else str(query)
            known = shards()
            return (known.said(text) if known is not None else text).encode()

    return ShardCursor
