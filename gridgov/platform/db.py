"""The database: engine, the one place that commits, and revisions.

Owns connections and transactions. Does not own any table but `platform_revision`, and no SQL of a domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Protocol

import psycopg
from sqlalchemy import Engine, MetaData, create_engine, event, make_url, text
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session

from gridgov.platform import clock, metrics
from gridgov.platform.errors import BadInput, Unavailable
from gridgov.platform.pool import PoolState, WatchedPool, state_of, watch

CITY_CODE = re.compile(r"^[a-z][a-z0-9_]{0,40}$")
RESERVED = frozenset({"catalogue", "public", "information_schema", "topology", "tiger"})
# What a transaction of the API may take, in milliseconds; `auth.context` can shorten the first for one of them.
LIMITS_MS = {"statement_timeout": 20_000, "lock_timeout": 5_000, "idle_in_transaction_session_timeout": 60_000}
POOL = 16  # connections that a process keeps; several cities share them
AWAY = timedelta(seconds=2)  # so long nobody asks again for a server that could not be reached
ENDED_IDLE = frozenset({"25P03", "25P04"})  # idle in its transaction, or the whole transaction, for too long


class Base(DeclarativeBase):
    """Declarative base of the tables in a city's schema (no schema name: `search_path` chooses the city)."""


class SharedBase(DeclarativeBase):
    """Declarative base of the tables in the shared schema `catalogue`."""

    metadata = MetaData(schema="catalogue")


def check_city_code(code: str) -> str:
    """Raises `BadInput` unless `code` can be the name of a city's schema."""
    if not CITY_CODE.match(code) or code in RESERVED or code.startswith("pg_"):
        raise BadInput(
            f"“{code}” cannot name a city's schema.",
            field="city",
            remedy="Use a lower-case letter, then letters, digits or underscores (at most 41).",
        )
    return code


class TookTooLong(Unavailable):
    """A statement took longer than its transaction may."""

    code = "took-too-long"


class CityUnavailable(Unavailable):
    """The server where the city's schema lies cannot be reached; other cities may lie elsewhere."""

    code = "city-unavailable"


class Lying(Protocol):
    """Where a city lies now on a cluster, and cursors for its node."""

    def place(self) -> tuple[str, int] | None: ...

    def cursors(self) -> type[psycopg.Cursor[Any]]: ...


class Database:
    """One city's database: connections look into `<city>, catalogue, public`, in UTC."""

    def __init__(
        self,
        url: str,
        city: str,
        *,
        login: str | None = None,
        password: str | None = None,
        requests: bool = False,
        pool_size: int = POOL,
        lying: Lying | None = None,
    ) -> None:
        """`login` and `password` go before those of the address. `requests`: for the API, under `LIMITS_MS`.
        `lying` is asked for each new connection, on a cluster whose cities move.

        Errors do not repeat the values of a statement (`hide_parameters`): they end in logs.
        """
        self.city = check_city_code(city)
        self.name = "app" if requests else "owner"
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        if login is not None:
            self.url = self.url.set(username=login, password=password)
        limits = LIMITS_MS if requests else {}
        options = {"search_path": f"{city},catalogue,public", "timezone": "UTC", "jit": "off", **limits}
        self.engine: Engine = create_engine(
            self.url,
            poolclass=WatchedPool,
            hide_parameters=True,
            pool_size=pool_size,
            max_overflow=4,
            pool_pre_ping=False,
            pool_reset_on_return="rollback",
            connect_args={
                "options": " ".join(f"-c{name}={value}" for name, value in options.items()),
                "connect_timeout": 5,
                "application_name": f"gridgov:{city}",
                **({} if lying is None else {"cursor_factory": lying.cursors()}),
            },
        )
        watch(self.engine)
        self._alone = lying is None and pool_size >= POOL
        self._away_until: datetime | None = None
        if lying is not None:
            _go_where(self.engine, lying)

    @property
    def pool(self) -> PoolState:
        """How its connections stand now."""
        return state_of(self.engine)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose work commits when the block ends, and is undone when it raises. Nothing else commits.

        Raises `Unavailable` when the database cannot be reached, is full, or is held by somebody else.
        """
        self._require_there()
        session = Session(self.engine, expire_on_commit=False, autoflush=False)
        committed = False
        try:
            with session.begin():
                yield session
            committed = True
            self._away_until = None
        except OperationalError as problem:
            raise self._unavailable(problem.orig) from problem
        except psycopg.OperationalError as problem:  # from `cursor`, which SQLAlchemy does not wrap
            raise self._unavailable(problem) from problem
        except (InternalError, psycopg.InternalError) as problem:
            cause = problem.orig if isinstance(problem, InternalError) else problem
            if getattr(cause, "sqlstate", None) in ENDED_IDLE:
                raise self._unavailable(cause) from problem
            raise
        except PoolTimeout as problem:
            raise Unavailable(
                "Too many ask the database at once.", remedy="Nothing was stored; try again in a moment."
            ) from problem
        finally:
            session.close()
            metrics.transaction_ended(self.name, committed=committed)

    def close(self) -> None:
        self.engine.dispose()

    def _require_there(self) -> None:
        """Where cities share threads, nobody waits for a server that is away: one asks again after a while, the others
        are told at once. Raises `CityUnavailable`."""
        if self._away_until is not None and not self._alone:
            now = clock.utcnow()
            if now < self._away_until <= now + AWAY:
                raise self._gone()
            self._away_until = now + AWAY

    def _unavailable(self, problem: BaseException | None) -> Unavailable:
        found = _said_by_server(problem)
        if found is not None:
            self._away_until = None
            return found
        self._away_until = clock.utcnow() + AWAY if _cannot_be_reached(problem) else None
        return self._gone()

    def _gone(self) -> CityUnavailable:
        return CityUnavailable(
            f"The database cannot be reached (city “{self.city}”).", remedy="Nothing was stored; try again in a moment."
        )


def _go_where(engine: Engine, lying: Lying) -> None:
    @event.listens_for(engine, "do_connect")
    def _there(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        if (found := lying.place()) is not None:
            parameters["host"], parameters["port"] = found


def _cannot_be_reached(problem: BaseException | None) -> bool:
    """No server answers, as against one that refused, and against a connection that was cut and may be made anew."""
    said = str(problem) if isinstance(problem, psycopg.OperationalError) and problem.sqlstate is None else ""
    return said.startswith(("connection failed", "connection timeout")) and "FATAL" not in said


def _said_by_server(problem: BaseException | None) -> Unavailable | None:
    """What the server could not do just now, in words."""
    if isinstance(problem, psycopg.errors.DeadlockDetected | psycopg.errors.LockNotAvailable):
        return Unavailable("Somebody else is changing the same thing.", remedy="Nothing was stored; try again.")
    if isinstance(problem, psycopg.errors.QueryCanceled) or getattr(problem, "sqlstate", None) in ENDED_IDLE:
        return TookTooLong("This took longer than it may.", remedy="Ask for less: a smaller area or a shorter time.")
    if isinstance(problem, psycopg.errors.DiskFull):
        return Unavailable("The database's disk is full.", remedy="Nothing was stored; make room, then try again.")
    return None


def cursor(session: Session) -> psycopg.Cursor[Any]:
    """A psycopg cursor inside the session's transaction, for COPY and bulk work."""
    driver = session.connection().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver.cursor()


def say(session: Session, statements: str) -> None:
    """Several statements without values or answers, in one way to the database."""
    cursor(session).execute(statements, prepare=False)  # made by `auth.context` alone


def revisions(session: Session) -> dict[str, int]:
    """The revision of every noun that caches are built from; a noun without a row stands at 0."""
    return {row.noun: row.revision for row in session.execute(text("select noun, revision from platform_revision"))}


def settle(session: Session, noun: str, revision: int) -> None:
    """Says that what follows from `noun` has been dealt with up to a revision; never goes back."""
    session.execute(
        text(
            "insert into platform_revision as r (noun, revision) values (:noun, :revision) "
            "on conflict (noun) do update set revision = greatest(r.revision, excluded.revision)"
        ),
        {"noun": noun, "revision": revision},
    )


def bump(session: Session, noun: str) -> None:
    """Says, in this transaction, that what is derived from `noun` must be derived anew.

    Revisions rise, and the number of the transaction keeps one that was rolled back from being given again: what was
    derived inside the failed transaction must not pass for fresh afterwards.
    """
    session.execute(
        text(
            "insert into platform_revision as r (noun, revision) "
            "values (:noun, pg_current_xact_id()::text::bigint << 16) "
            "on conflict (noun) do update set revision = greatest(r.revision + 1, excluded.revision)"
        ),
        {"noun": noun},
    )
