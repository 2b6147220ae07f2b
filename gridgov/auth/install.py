"""Puts the one table into a database: roles, grants and policies, as the owner, at every upgrade.

Owns the running of `grants`. Repeating it changes nothing; what somebody altered by hand is set right again.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from gridgov.auth import grants
from gridgov.platform.db import check_city_code
from gridgov.platform.errors import Unavailable

_LOCKS = (7_061_956, 7_061_957)  # of migrations, which make anew what is granted here; of this
_TAKEN = ("42710", "23505")  # duplicate_object, unique_violation: another database of this server made it meanwhile


class RolesAreMissing(Unavailable):
    """The owner may not make database roles, and they are not there."""

    code = "database-roles-missing"


def install(url: str, city: str, *, password: str) -> None:
    """Makes what is missing, grants what the table says, revokes the rest. Safe to run twice at once.

    `password` is that of the log-in role, for servers that ask for one. Raises `RolesAreMissing`.
    """
    check_city_code(city)
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), connect_args={"connect_timeout": 5})
    try:
        with engine.begin() as connection:
            for key in _LOCKS:
                connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": key})
            _roles(connection, password)
            for statement in grants.grant_statements(city):
                connection.exec_driver_sql(statement)
            _policies(connection, city)
    finally:
        engine.dispose()


def role_statements(password: str) -> Iterator[tuple[str, str]]:
    """(role, statement that makes it), for those who make roles by hand."""
    secret = sql.Literal(password).as_string(None)
    yield grants.LOGIN, f"create role {grants.LOGIN} login noinherit nosuperuser nobypassrls password {secret}"
    for name in grants.group_roles():
        yield name, f"create role {name} nologin nosuperuser nobypassrls"


def _roles(connection: Connection, password: str) -> None:
    present = set(connection.execute(text(r"select rolname from pg_roles where rolname like 'gridgov\_%'")).scalars())
    for name, statement in role_statements(password):
        if name not in present:
            _once(connection, statement)
    if grants.LOGIN in present and password:
        _login(connection, password)
    joined = {
        (row.grp, row.member)
        for row in connection.execute(
            text(
                "select g.rolname as grp, m.rolname as member from pg_auth_members a "
                "join pg_roles g on g.oid = a.roleid join pg_roles m on m.oid = a.member"
            )
        )
    }
    for group, member in grants.memberships():
        if (group, member) not in joined:
            _once(connection, f"grant {group} to {member}")


def _login(connection: Connection, password: str) -> None:
    """The log-in keeps the form it must have; its password follows the key. A role shared by several databases of the
    server is changed by one at a time, and only by those who may."""
    secret = sql.Literal(password).as_string(None)
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"alter role {grants.LOGIN} noinherit nosuperuser nobypassrls password {secret}")
    except DBAPIError:
        return


def _once(connection: Connection, statement: str) -> None:
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement)
    except DBAPIError as problem:
        state = getattr(problem.orig, "sqlstate", None)
        if state in _TAKEN:
            return
        raise RolesAreMissing(
            "The owner of the database may not make the roles that the platform works with.",
            remedy="Let an administrator of the server run what “gridgov auth roles” prints, then try again.",
        ) from problem


def _policies(connection: Connection, schema: str) -> None:
    wanted = {(one.table, one.name): one for one in grants.policies()}
    found = _found(connection, schema)
    secured = set(
        connection.execute(
            text("select relname from pg_class where relnamespace = cast(:schema as regnamespace) and relrowsecurity"),
            {"schema": f'"{schema}"'},
        ).scalars()
    )
    for table in sorted({table for table, _ in wanted} - secured):
        connection.exec_driver_sql(f'alter table "{schema}".{table} enable row level security')
    for (table, name), sound in sorted(found.items()):
        if not sound or (table, name) not in wanted:
            connection.exec_driver_sql(f'drop policy "{name}" on "{schema}".{table}')
    for table, name in sorted(set(wanted) - {key for key, sound in found.items() if sound}):
        connection.exec_driver_sql(wanted[table, name].sql(schema))
        statement = connection.execute(_SIGN, {"schema": schema, "tab": table, "name": name}).scalar_one()
        connection.exec_driver_sql(statement)


_SAYS = (
    "md5(concat_ws('|', p.polcmd, p.polroles::text, pg_get_expr(p.polqual, p.polrelid), "
    "pg_get_expr(p.polwithcheck, p.polrelid)))"
)
_FOUND = text(
    f"""
    select c.relname as tab, p.polname as name,
           obj_description(p.oid, 'pg_policy') is not distinct from {_SAYS} as sound
    from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = :schema
    """  # noqa: S608  # made of the constant above
)
_SIGN = text(
    f"""
    select format('comment on policy %I on %I.%I is %L', p.polname, n.nspname, c.relname, {_SAYS})
    from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = :schema and c.relname = :tab and p.polname = :name
    """  # noqa: S608  # made of the constant above
)


def _found(connection: Connection, schema: str) -> dict[tuple[str, str], bool]:
    """(table, policy) -> whether it still says what it said when it was made: its comment holds a digest of that."""
    return {(row.tab, row.name): row.sound for row in connection.execute(_FOUND, {"schema": schema})}
