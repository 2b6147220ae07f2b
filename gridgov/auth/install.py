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

_LOCK = 7_061_957
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
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
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
            remedy="Let an administrator of the server run what “gridgov db roles” prints, then try again.",
        ) from problem


def _policies(connection: Connection, schema: str) -> None:
    wanted = {(one.table, one.name): one for one in grants.policies()}
    found = {
        (row.tablename, row.policyname)
        for row in connection.execute(
            text("select tablename, policyname from pg_policies where schemaname = :schema"), {"schema": schema}
        )
    }
    secured = set(
        connection.execute(
            text("select relname from pg_class where relnamespace = cast(:schema as regnamespace) and relrowsecurity"),
            {"schema": f'"{schema}"'},
        ).scalars()
    )
    for table in sorted({table for table, _ in wanted} - secured):
        connection.exec_driver_sql(f'alter table "{schema}".{table} enable row level security')
    for table, name in sorted(found - set(wanted)):
        connection.exec_driver_sql(f'drop policy "{name}" on "{schema}".{table}')
    for key in sorted(set(wanted) - found):
        connection.exec_driver_sql(wanted[key].sql(schema))
