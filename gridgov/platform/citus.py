"""A cluster of Citus: each city's schema lies whole on one node, and a process works on that node itself.

    coordinator   knows where everything lies; makes, alters and moves schemas; holds what is shared by the cities
    node          holds the schemas of some cities; requests go there directly (`place`), so that a transaction, its
                  snapshot, its settings, its triggers and its sequences are those of one PostgreSQL, as anywhere else

Owns how a schema that was made on the coordinator comes to lie on a node in working order, and how it moves. Does not
own its form (`migrate`) nor who may do what (`auth.install`). Works as the owner, who must be a superuser there.

What Citus leaves to be done (13.2): functions are given to the nodes one by one; statements, also those of functions,
name shards (`shards`), for a transition table is not seen by what Citus plans; shards have no defaults that draw
numbers; and sequences begin on each node in another range, and here go on where they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from gridgov.platform import clock
from gridgov.platform.errors import BadInput, Unavailable
from gridgov.platform.shards import Shards, cursors

SHARED = ("city", "category", "division")  # of the schema `catalogue`, on every node
AHEAD = 1_000_000  # numbers left out when a city moves: what the old node still gives meanwhile does not meet the new
KNOWN_FOR = timedelta(seconds=1)
UNSAFE = {"citus.enable_unsafe_triggers": "on"}  # what Citus calls them: triggers, where rows lie on one node
LOCAL = {"citus.enable_ddl_propagation": "off"}  # a schema is made on the coordinator alone, then distributed
_LOCK = 7_061_958
Connection = psycopg.Connection[Any]


class NoCluster(BadInput):
    """Something that only a cluster can do."""

    code = "no-cluster"


class NodeUnknown(BadInput):
    """No such node, or the city is on none."""

    code = "node-unknown"


@contextmanager
def owner(url: str, **settings: str) -> Iterator[Connection]:
    """A connection of the owner, each statement a transaction of its own. Raises `Unavailable`."""
    parsed = make_url(url)
    asked = {name: value if isinstance(value, str) else ",".join(value) for name, value in parsed.query.items()}
    address: dict[str, Any] = {**parsed.translate_connect_args(username="user", database="dbname"), **asked}
    address["options"] = " ".join(
        [asked.get("options", ""), *(f"-c{name}={value}" for name, value in settings.items())]
    )
    try:
        with psycopg.connect(**{"connect_timeout": 5, **address}, autocommit=True) as connection:
            yield connection
    except psycopg.OperationalError as problem:
        raise Unavailable(
            f"The database cannot be reached: {str(problem).strip()}",
            remedy="See that every node runs, then try again.",
        ) from problem


def is_cluster(url: str) -> bool:
    """Whether the address is that of a coordinator."""
    with owner(url) as connection:
        return bool(_one(connection, "select count(*) from pg_extension where extname = 'citus'"))


def local(url: str) -> str:
    """The address for statements that the coordinator keeps to itself."""
    options = " ".join(f"-c{name}={value}" for name, value in LOCAL.items())
    return make_url(url).update_query_dict({"options": options}).render_as_string(hide_password=False)


# --- where cities lie -------------------------------------------------------------------------------------------------

_NODES = """
    select distinct s.schemaid::regnamespace::text, n.nodename, n.nodeport
    from pg_dist_schema s join pg_dist_partition p on p.colocationid = s.colocationid
    join pg_dist_shard d using (logicalrelid) join pg_dist_placement e using (shardid)
    join pg_dist_node n using (groupid)
"""


def nodes(connection: Connection) -> dict[str, tuple[str, int]]:
    """City -> host and port of the node where its schema lies; nothing on plain PostgreSQL."""
    if _one(connection, "select to_regclass('pg_catalog.pg_dist_schema')") is None:
        return {}
    return {city.strip('"'): (host, port) for city, host, port in connection.execute(_NODES)}


@dataclass
class Lying:
    """Where a city lies and under which names, asked of the coordinator at most once a second, for new connections.

    While the coordinator is away, it is what it was last: a city that stays where it lies needs it for nothing.
    """

    url: str
    city: str
    shards: Shards | None = None
    _node: tuple[str, int] | None = None
    _asked: datetime | None = None

    def place(self) -> tuple[str, int] | None:
        """Host and port of the node. Raises `Unavailable` when the coordinator was never reached."""
        now = clock.utcnow()
        if self._asked is None or not timedelta() <= now - self._asked < KNOWN_FOR:
            try:
                with owner(self.url) as connection:
                    self._node = nodes(connection).get(self.city)
                    found = shards_of(connection, self.city)
            except Unavailable:
                if self._asked is None:
                    raise Unavailable("The coordinator cannot be reached.", remedy="Try again in a moment.") from None
            else:
                if self.shards is None or self.shards.names != found.names:
                    self.shards = found
            self._asked = now
        return self._node

    def cursors(self) -> type[psycopg.Cursor[Any]]:
        """Cursors that know the names, and that begin each transaction with `lying_here`."""
        return cursors(lambda: self.shards, f'select "{self.city}".lying_here()')


def shards_of(connection: Connection, city: str) -> Shards:
    """The names under which the tables of a city lie on its node."""
    return Shards({table: f"{table}_{shard}" for table, shard in connection.execute(_SHARDS, [city])})


# --- making and altering ----------------------------------------------------------------------------------------------


@contextmanager
def alone(url: str) -> Iterator[None]:
    """One city is made or moved at a time."""
    with owner(url) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_LOCK])
        yield


def formed(url: str, city: str) -> str | None:
    """What `remember` kept of a city that lies on a node; None where it lies on none."""
    with owner(url) as connection:
        if city not in nodes(connection):
            return None
        found: str | None = _one(connection, "select obj_description(%s::regnamespace, 'pg_namespace')", f'"{city}"')
        return found or ""


def remember(url: str, city: str, form: str) -> None:
    """Keeps what the schema was made from beside it, so that nothing is done when it is the same."""
    with owner(url, **LOCAL) as connection:
        said = sql.SQL("comment on schema {} is {}").format(sql.Identifier(city), sql.Literal(form))
        connection.execute(said)


def extend(url: str, extensions: Iterable[str]) -> None:
    """The extensions, on every node."""
    with owner(url) as connection:
        for name in extensions:
            connection.execute(f"create extension if not exists {name} schema public")


def gather(url: str, city: str) -> None:
    """Takes a schema with its rows from its node to the coordinator, where it can be altered."""
    with owner(url, **UNSAFE) as connection:
        known = shards_of(connection, city)
        triggers = [one for one in _taken_off(connection, city) if "_numbered()" not in one]
        for (body,) in connection.execute(_BODIES, [city]).fetchall():
            if (plain := known.unsaid(body)) != body:
                connection.execute(plain)
        with owner(_at(url, nodes(connection)[city])) as node:
            following = _following(node, city)
        connection.execute("select citus_schema_undistribute(%s)", [city])
        for statement in triggers:
            connection.execute(statement.encode())
    _continue(url, city, following)


def _taken_off(connection: Connection, city: str) -> list[str]:
    """Takes the triggers off a city's tables and gives the statements that put them on again: rows that only change
    their place must fire none."""
    found = connection.execute(_TRIGGERS, [city]).fetchall()
    for table, name, _statement in found:
        connection.execute(f"drop trigger {name} on {table}".encode())
    return [statement for _table, _name, statement in found]


def distribute(url: str, city: str) -> None:
    """Gives a schema of the coordinator to the node that has fewest, with everything that it needs there."""
    with owner(url) as connection:  # what functions name comes later
        asked = f'alter database "{connection.info.dbname}" set check_function_bodies = off'
        connection.execute("select run_command_on_all_nodes(%s)", [asked])
    with owner(url, **UNSAFE) as connection:
        there = {row[0] for row in connection.execute("select logicalrelid::regclass::text from pg_dist_partition")}
        for table in SHARED:
            if f"catalogue.{table}" not in there:
                connection.execute("select create_reference_table(%s)", [f"catalogue.{table}"])
        for statements in connection.execute(_IDENTITIES, [city]).fetchall():
            for statement in statements:
                connection.execute(statement.encode())
        for table, keyless in connection.execute(_UNREADY, [city]).fetchall():  # to be moved while they are written to
            connection.execute(f"alter table {table} {'replica identity full' if keyless else 'set logged'}")
        triggers = _taken_off(connection, city)
        connection.execute("select citus_schema_distribute(%s)", [city])
        connection.execute(sql.SQL("set search_path to {}, public").format(sql.Identifier(city)))
        for (function,) in connection.execute(_FUNCTIONS, [city]).fetchall():
            connection.execute("select create_distributed_function(%s)", [function])
        _name_shards(connection, city)
        for statement in triggers:
            connection.execute(statement.encode())
        _number_rows(connection, city)
        _hold(connection, city)
        node, following = nodes(connection)[city], _following(connection, city)
    _continue(_at(url, node), city, following)


def _hold(connection: Connection, city: str) -> None:
    """What each transaction on the node begins with: the lock that Citus takes when it moves a shard, shared; and
    whether the city still lies here. A move waits for those that hold it."""
    shard = shards_of(connection, city).names["platform_revision"].rpartition("_")[2]
    connection.execute(_HERE.format(int(shard), city).encode())


def _name_shards(connection: Connection, city: str) -> None:
    """Functions name shards too: what a trigger does is done in the transaction that it belongs to."""
    known = shards_of(connection, city)
    for (body,) in connection.execute(_BODIES, [city]).fetchall():
        if (said := known.said(body)) != body:
            connection.execute(said.encode())


def _number_rows(connection: Connection, city: str) -> None:
    """Shards have no defaults that draw numbers; a trigger by the row draws them, and moves along."""
    columns: dict[str, list[str]] = {}
    for table, column, number in connection.execute(_SERIAL, [city]).fetchall():
        drawn = f"if new.{column} is null then new.{column} := {number}; end if;"
        columns.setdefault(table, []).append(drawn)
    head = "returns trigger language plpgsql security definer set search_path from current"
    for table, lines in columns.items():
        name = f"{table}_numbered"  # as its owner: nobody else may draw from the sequence of an identity
        body = f"begin {' '.join(lines)} return new; end"
        connection.execute(f"create or replace function {name}() {head} as $$ {body} $$".encode())
        called = f"before insert on {table} for each row execute function {name}()"
        connection.execute(f"create or replace trigger {name} {called}".encode())


def _following(connection: Connection, city: str) -> dict[str, int]:
    """Sequence -> the number that it gives next here."""
    names = [name for (name,) in connection.execute(_SEQUENCES, [city]).fetchall()]
    asked = "select last_value + is_called::int from {}.{}"
    return {name: _one(connection, asked.format(f'"{city}"', name)) for name in names}


def _continue(url: str, city: str, following: Mapping[str, int], *, ahead: int = 0) -> None:
    """Sequences of a node go on with these numbers, or so many later; on each they begin in another range."""
    with owner(url, **LOCAL) as connection:
        for name, kind in connection.execute(_KINDS, [city]).fetchall():
            top = 2**31 - 1 if kind == "integer" else 2**63 - 1
            begin = following.get(name, 1) + (min(ahead, 1_000) if kind == "integer" else ahead)
            connection.execute(f'alter sequence "{city}".{name} minvalue 1 maxvalue {top} start 1 restart {begin}')


# --- moving -----------------------------------------------------------------------------------------------------------


def move(url: str, city: str, node: str) -> None:
    """Moves a city to another node ("host:port") while it is worked with; its writers wait for the last moment.

    Whoever is connected to the old node is let go and comes again to the new one. What is derived from numbers
    of transactions sees another server and derives anew. Raises `NoCluster`, `NodeUnknown`.
    """
    host, _, port = node.rpartition(":")
    with alone(url), owner(url, **UNSAFE) as connection:
        lies = nodes(connection)
        if not lies:
            raise NoCluster("This database is not a cluster with cities on its nodes.", field="node",
                            remedy="See docs/scale.md.")  # fmt: skip
        there = [(row[0], row[1]) for row in connection.execute("select nodename, nodeport from pg_dist_node "
                                                                 "where isactive and shouldhaveshards")]  # fmt: skip
        wanted = (host, int(port)) if port.isdigit() else None
        if wanted not in there or city not in lies:
            known = ", ".join(f"{one}:{number}" for one, number in sorted(there))
            raise NodeUnknown(
                f"There is no node “{node}”, or the city “{city}” lies on none.", field="node",
                remedy=f"Nodes are {known}; see “gridgov city list”.",
            )  # fmt: skip
        before = lies[city]
        if before == wanted:
            return
        with owner(_at(url, wanted)) as there_held, owner(_at(url, before)) as here_now:
            there_held.execute(_HELD, [city])  # whoever comes to the new node waits until its numbers are right
            _continue(_at(url, wanted), city, _following(here_now, city), ahead=AHEAD)  # should this be cut short
            connection.execute("select citus_schema_move(%s, %s, %s, 'force_logical')", [city, *wanted])
            here_now.execute(_LET_GO, [f"gridgov:{city}"])
            _close_gaps(_at(url, wanted), city, _following(here_now, city))


def _close_gaps(url: str, city: str, following: Mapping[str, int]) -> None:
    """Sequences of the new node, from which nobody has drawn, go on right after the last number of the old one."""
    with owner(url, **LOCAL) as connection:
        for name, number in following.items():
            with connection.transaction():
                connection.execute(f'alter sequence "{city}".{name} cache 1')  # nobody draws until the end
                if not _one(connection, f'select is_called from "{city}".{name}'):  # noqa: S608 -- of the catalogue
                    connection.execute(f'alter sequence "{city}".{name} restart {number}')


def _at(url: str, node: tuple[str, int]) -> str:
    return make_url(url).set(host=node[0], port=node[1]).render_as_string(hide_password=False)


def _one(connection: Connection, statement: str, *values: object) -> Any:
    row = connection.execute(statement, values or None).fetchone()
    assert row is not None
    return row[0]


_HELD = "select pg_advisory_lock(hashtextextended('lying|' || %s, 0))"
_LET_GO = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = %s"
_HERE = """
    create or replace function lying_here() returns void language plpgsql security definer
    set search_path = pg_catalog, pg_temp as $$
    begin
      perform pg_advisory_xact_lock_shared(hashtextextended('lying|{1}', 0));  -- while it comes, nobody is here yet
      perform lock_shard_metadata(5, array[{0}]::bigint[]);  -- share
      if not exists (select from pg_dist_placement join pg_dist_local_group using (groupid) where shardid = {0}) then
        raise exception 'the city has moved to another node' using errcode = 'connection_does_not_exist';
      end if;
    end $$
"""
_UNREADY = """
    select c.oid::regclass::text, k.keyless
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    cross join lateral (select not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)
                               and c.relreplident = 'd' as keyless) k
    where n.nspname = %s and c.relkind in ('r', 'p') and (k.keyless or c.relpersistence = 'u')
"""
_FUNCTIONS = """
    select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = %s
      and not exists (select from pg_catalog.pg_dist_object o where o.classid = 'pg_proc'::regclass and o.objid = p.oid)
"""
_SHARDS = """
    select c.relname, s.shardid from pg_dist_shard s join pg_class c on c.oid = s.logicalrelid
    join pg_namespace n on n.oid = c.relnamespace where n.nspname = %s
"""
_BODIES = """
    select pg_get_functiondef(p.oid) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = %s and p.prokind = 'f'
"""
_SERIAL = """
    select c.relname, a.attname,
           coalesce(pg_get_expr(d.adbin, d.adrelid),
                    format('nextval(%%L)', pg_get_serial_sequence(c.oid::regclass::text, a.attname)))
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where n.nspname = %s and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped
      and (a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like 'nextval%%')
"""
_TRIGGERS = """
    select t.tgrelid::regclass::text, quote_ident(t.tgname), pg_get_triggerdef(t.oid)
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = %s and not t.tgisinternal and t.tgparentid = 0
"""
_IDENTITIES = """
    select format('alter table %%s alter column %%I drop identity', c.oid::regclass, a.attname),
           format('create sequence %%s as %%s', s.name, format_type(a.atttypid, null)),
           format('select setval(%%L, %%s, false)', s.name,
                  coalesce((select q.last_value + 1 from pg_sequences q
                            where format('%%I.%%I', q.schemaname, q.sequencename) = s.name), 1)),
           format('alter table %%s alter column %%I set default nextval(%%L)', c.oid::regclass, a.attname, s.name),
           format('alter sequence %%s owned by %%s.%%I', s.name, c.oid::regclass, a.attname)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    cross join lateral (select pg_get_serial_sequence(c.oid::regclass::text, a.attname) as name) s
    where n.nspname = %s and c.relkind in ('r', 'p') and a.attidentity <> '' and not a.attisdropped
"""
_SEQUENCES = "select quote_ident(sequencename) from pg_sequences where schemaname = %s"
_KINDS = "select quote_ident(sequencename), data_type::text from pg_sequences where schemaname = %s"
