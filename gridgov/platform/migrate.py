"""Bringing a database to the present form: extensions, the shared schema, one city's schema.

Owns the order of the steps. Does not own the migrations themselves (`migrations/`), which only ever go forward.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from gridgov.platform.db import check_city_code
from gridgov.platform.errors import Unavailable

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
OBJECTS = MIGRATIONS / "objects"
EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")
_LOCK = 7_061_956  # one migration at a time in a database


def upgrade(url: str, city: str, *, to: str = "head", said: Callable[[str], None] = lambda _: None) -> None:
    """Creates what is missing and runs what has not run, shared schema first. Safe to repeat and to run twice at once.

    Raises `Unavailable` when the server cannot be reached or lacks PostGIS.
    """
    check_city_code(city)
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as lock:
            lock.execute(text("select pg_advisory_lock(:key)"), {"key": _LOCK})
            with engine.begin() as connection:
                _extensions(connection)
                for schema in ("catalogue", city):
                    connection.execute(text(f'create schema if not exists "{schema}"'))
            for scope, schema in (("shared", "catalogue"), ("city", city)):
                said(f"migrations: {schema}")
                with engine.begin() as connection:
                    _run(connection, scope, schema, to if scope == "city" else "head")
                    if to == "head":
                        _objects(connection, scope, schema)
            lock.rollback()
    except OperationalError as problem:
        raise Unavailable(
            f"The database cannot be reached: {str(problem.orig).strip()}",
            remedy="See that the server runs and that its address is right, then try again.",
        ) from problem
    finally:
        engine.dispose()


def _extensions(connection: Connection) -> None:
    for name in EXTENSIONS:
        try:
            with connection.begin_nested():
                connection.execute(text(f"create extension if not exists {name} schema public"))
        except DBAPIError as problem:
            packages = "postgresql-15-postgis-3" if name == "postgis" else "postgresql-contrib"
            raise Unavailable(
                f"The database server has no extension “{name}”, or this role may not create it.",
                remedy=f"Install it on the server (Debian: apt-get install {packages}), or let an administrator run: "
                f"CREATE EXTENSION {name} SCHEMA public;",
            ) from problem


def _objects(connection: Connection, scope: str, schema: str) -> None:
    """Functions, triggers and views: made anew each time from the files of `objects/<scope>`, in the order of names."""
    connection.exec_driver_sql(f'set local search_path to "{schema}", catalogue, public')
    for path in sorted((OBJECTS / scope).glob("*.sql")):
        connection.connection.cursor().execute(path.read_text(encoding="utf-8"))


def is_newest(session: Session) -> bool:
    """Whether the city's schema is in the form of this program: neither behind nor ahead of it."""
    found = session.execute(text("select version_num from alembic_version")).scalars().all()
    return list(found) == [_newest("city")]


def form_of(session: Session, city: str) -> str:
    """How a city's schema stands to this program: present, behind, ahead, or missing.

    The register of its migrations lies in the schema itself, so that a city that is behind tells so by itself.
    """
    table = f'"{check_city_code(city)}".alembic_version'
    if session.execute(text("select to_regclass(:table)"), {"table": table}).scalar_one() is None:
        return "missing"
    found = set(session.execute(text(f"select version_num from {table}")).scalars())  # noqa: S608 -- a checked code
    known = {one.revision for one in ScriptDirectory.from_config(_config("city")).walk_revisions()}
    if found == {_newest("city")}:
        return "present"
    return "behind" if found <= known else "ahead"


@lru_cache
def form() -> str:
    """A digest of the migrations and of the objects that follow them."""
    seen = hashlib.sha256()
    for path in sorted(MIGRATIONS.rglob("*")):
        if path.suffix in {".py", ".sql"}:
            seen.update(str(path.relative_to(MIGRATIONS)).encode() + path.read_bytes())
    return seen.hexdigest()[:16]


@lru_cache
def _newest(scope: str) -> str | None:
    """The last migration of a chain. The files of a program do not change while it runs."""
    return ScriptDirectory.from_config(_config(scope)).get_current_head()


def _run(connection: Connection, scope: str, schema: str, to: str) -> None:
    config = _config(scope)
    config.attributes["connection"] = connection
    config.attributes["schema"] = schema
    command.upgrade(config, to)


def _config(scope: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(MIGRATIONS / scope / "versions"))
    return config
