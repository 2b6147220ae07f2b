"""Ways to break what protects: each changes one thing, as a slip of somebody's hand would, and undoes it afterwards.

A mutant that no probe sees is a hole in the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import httpx
from sqlalchemy import text

import gridgov.analytics.queries.counts as counting
import gridgov.auth.queries.credentials as stored
import gridgov.bootstrap
import gridgov.incidents.queries as listing
from gridgov.areas.index import AreaIndex
from gridgov.auth import context, grants, matrix, privileges, rules, scope
from gridgov.auth.context import CITYWIDE, db_role
from gridgov.auth.install import install
from gridgov.auth.rules import EVERYWHERE, Actor, Reach, Role, ScopeKind
from tests.security import probes
from tests.security.world import Somebody, World

Probe = Callable[[World, httpx.Client], Iterator[str]]


@dataclass(frozen=True)
class Mutant:
    """One thing that is broken while `apply` lasts, and the probe that should see it."""

    name: str
    apply: Callable[[World], AbstractContextManager[None]]
    probe: Probe


def _people(world: World, *roles: Role) -> list[Somebody]:
    return [who for who in world.people if not roles or who.role in roles]


def _rows(*roles: Role) -> Probe:
    return lambda world, _client: probes.rows(world, _people(world, *roles))


def _privileges(world: World, _client: httpx.Client) -> Iterator[str]:
    return probes.privileges(world)


def _memberships(world: World, _client: httpx.Client) -> Iterator[str]:
    return probes.memberships(world)


def _conditions(*roles: Role) -> Probe:
    return lambda world, _client: probes.conditions(world, _people(world, *roles))


def _counts(*roles: Role) -> Probe:
    return lambda world, _client: probes.counts(world, _people(world, *roles))


def _routes(*rows: str) -> Probe:
    return lambda world, client: probes.api_routes(world, client, probes.one_each(world), rows)


def _sql(*statements: str) -> Callable[[World], AbstractContextManager[None]]:
    """Statements of the owner; undone by putting the table in force anew, which also shows that this mends it."""

    @contextmanager
    def applied(world: World) -> Iterator[None]:
        with world.house.db.transaction() as session:
            for statement in statements:
                session.execute(text(statement))
        try:
            yield
        finally:
            install(world.house.db.url.render_as_string(hide_password=False), world.house.db.city, password="mutant")

    return applied


def _patched(target: Any, name: str, new: Any) -> Callable[[World], AbstractContextManager[None]]:
    @contextmanager
    def applied(_world: World) -> Iterator[None]:
        with patch.object(target, name, new):
            yield

    return applied


def policies() -> Iterator[Mutant]:
    """Every policy of a protected table: gone, open to all, of another column, of another setting."""
    for one in grants.policies():
        if one.table != "incidents" or one.verb != "select":
            continue
        role = next((r for r in Role if db_role(r) == one.to), None)
        who = (role,) if role and role is not Role.RESIDENT else ()
        if one.to not in (CITYWIDE, *(db_role(r) for r in Role)) or role is Role.RESIDENT:
            continue
        probe = _rows(*who)
        yield Mutant(f"no policy {one.name}", _sql(f"drop policy {one.name} on incidents"), probe)
        if one.to == CITYWIDE:
            continue
        swapped = {"unit_id": "lead_area_id", "agency_id": "lead_area_id"}
        yield Mutant(f"open {one.name}", _sql(f"alter policy {one.name} on incidents using (true)"), probe)
        for old, new in swapped.items():
            if f"{old} = any" in one.expression:
                wrong = one.expression.replace(f"{old} = any", f"{new} = any").replace("(:", "(\\:")
                statement = f"alter policy {one.name} on incidents using ({_escaped(wrong)})"
                yield Mutant(f"{old} is {new} in {one.name}", _sql(statement), probe)
        if "grid_id is null" in one.expression:
            wrong = one.expression.replace("grid_id is null and ", "")
            statement = f"alter policy {one.name} on incidents using ({_escaped(wrong)} or status = 'void')"
            yield Mutant(f"void is free in {one.name}", _sql(statement), probe)


def _escaped(expression: str) -> str:
    """Casts are no parameters of the statement."""
    return expression.replace("::", "\\:\\:")


def tables() -> Iterator[Mutant]:
    """Row security switched off, table by table."""
    for table in grants.protected_tables():
        yield Mutant(
            f"no row security on {table}", _sql(f"alter table {table} disable row level security"), _memberships
        )


def rights() -> Iterator[Mutant]:
    """A privilege too many or too few, for every role."""
    for role in Role:
        name = db_role(role)
        for verb, table in (("select", "auth_password"), ("update", "incidents"), ("delete", "incidents")):
            yield Mutant(f"{name} may {verb} {table}", _sql(f"grant {verb} on {table} to {name}"), _privileges)
        if any(privilege.table == "incidents" for privilege in privileges.privileges_of(role)):
            statement = f"revoke select on incidents from {name}"
            yield Mutant(f"{name} may not read incidents", _sql(statement), _privileges)
    for role in (Role.DEPUTY, Role.MACHINE, Role.PLANNER):
        statement = f"grant select (text) on incidents to {db_role(role)}"
        yield Mutant(f"{role} may read text", _sql(statement), _privileges)
    yield Mutant("everybody may read", _sql("grant select on incidents to public"), _privileges)


def logins() -> Iterator[Mutant]:
    """The log-in and its groups."""
    login = grants.LOGIN
    for word in ("inherit", "bypassrls", "createdb", "createrole"):
        undo = f"alter role {login} no{word}"
        yield Mutant(f"{login} {word}", _undone(f"alter role {login} {word}", undo), _memberships)
    for role in (Role.GRID_WORKER, Role.DEPUTY, Role.AGENCY_OFFICER):
        name = db_role(role)
        yield Mutant(
            f"{name} is city-wide",
            _undone(f"grant {CITYWIDE} to {name}", f"revoke {CITYWIDE} from {name}"),
            _memberships,
        )
        yield Mutant(f"{name} logs in", _undone(f"alter role {name} login", f"alter role {name} nologin"), _memberships)


def _undone(statement: str, undo: str) -> Callable[[World], AbstractContextManager[None]]:
    @contextmanager
    def applied(world: World) -> Iterator[None]:
        with world.house.db.transaction() as session:
            session.execute(text(statement))
        try:
            yield
        finally:
            with world.house.db.transaction() as session:
                session.execute(text(undo))

    return applied


def checks() -> Iterator[Mutant]:
    """The checks and conditions in the code."""
    within = scope._within

    def without(**off: bool) -> Callable[..., str]:
        return lambda ids, **given: within(ids, **(given | off))

    for part in ("units", "places", "agencies"):
        role = {"units": Role.DISTRICT_SUPERVISOR, "places": Role.GRID_WORKER, "agencies": Role.AGENCY_HEAD}[part]
        yield Mutant(
            f"condition without {part}", _patched(scope, "_within", without(**{part: False})), _conditions(role)
        )
    yield Mutant("list without scope", _patched(listing, "condition", _everything), _conditions(Role.GRID_WORKER))
    yield Mutant("counts without scope", _patched(counting, "condition", _everything), _counts(Role.GRID_WORKER))
    yield Mutant(
        "bound to the city",
        _patched(context, "bound_reach", lambda actor, permission: EVERYWHERE),
        _rows(Role.GRID_WORKER),
    )
    own = gridgov.bootstrap.area_reach

    def parent(index: AreaIndex, area_id: int) -> Reach:
        path = index.path_of(area_id)
        return own(index, path[-2].id if len(path) > 1 else area_id)

    yield Mutant("the parent's reach", _patched(gridgov.bootstrap, "area_reach", parent), _rows(Role.COMMUNITY_OFFICER))
    yield Mutant(
        "whole units only",
        _patched(gridgov.bootstrap, "area_reach", lambda index, area_id: Reach(units=own(index, area_id).units)),
        _rows(Role.GRID_WORKER),
    )
    yield Mutant(
        "agency scope as area scope",
        _patched(rules, "scoped", lambda reach, kind: reach if kind is not ScopeKind.CITY else EVERYWHERE),
        probes.stationed,
    )
    granting = rules.Grant(ScopeKind.CITY, "all")
    for row, permission in sorted(matrix.ROUTES.items()):
        if not all(role in _holders(permission) for role in Role):
            yield Mutant(f"{row} open to all", _given_to_all(permission), _routes(row))
    yield Mutant(
        "nobody is refused",
        _patched(Actor, "require", lambda self, permission: self.grants.get(permission, granting)),
        _routes("GET /api/v1/incidents"),
    )
    yield from _credentials()


def _everything(_reach: Reach, _alias: str = "i") -> tuple[str, dict[str, Any]]:
    """A condition that forgot what it was for."""
    return "true", {}


def _holders(permission: str) -> set[Role]:
    return {row.role for row in matrix.rows() if row.permission == permission}


def _given_to_all(permission: str) -> Callable[[World], AbstractContextManager[None]]:
    """Everybody has the permission, as far as the code knows."""
    may, require = Actor.may, Actor.require
    whole = rules.Grant(ScopeKind.CITY, "all")

    @contextmanager
    def applied(_world: World) -> Iterator[None]:
        with (
            patch.object(Actor, "may", lambda self, asked: asked == permission or may(self, asked)),
            patch.object(Actor, "require", lambda self, asked: whole if asked == permission else require(self, asked)),
        ):
            yield

    return applied


def _credentials() -> Iterator[Mutant]:
    """Credentials that should not open any more."""
    real = stored.session_by

    def altered(**changes: Any) -> Callable[..., Any]:
        def find(session: Any, digest: bytes, now: Any) -> Any:
            row = real(session, digest, now)
            return None if row is None else _Row({**row._mapping, **{k: v(row, now) for k, v in changes.items()}})

        return find

    later = {
        "ended_at": lambda row, now: None,
        "disabled_at": lambda row, now: None,
        "expires_at": lambda row, now: now.replace(year=now.year + 1),
        "seen_at": lambda row, now: now,
        "in_post": lambda row, now: True,
    }
    for name, change in later.items():
        yield Mutant(
            f"{name} is not looked at",
            _patched(stored, "session_by", altered(**{name: change})),
            probes.stale,
        )


class _Row:
    """A row with other values."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)


def all_mutants() -> list[Mutant]:
    """Every mutant, in a fixed order."""
    return [*policies(), *tables(), *rights(), *logins(), *checks()]
