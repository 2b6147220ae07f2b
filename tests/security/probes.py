"""Ways to ask what somebody sees, each of which fails by itself: the rows of the database, the conditions of queries,
the grants, and the API. Each gives what is wrong, in words; nothing when all is as the table says.

A cell is one question with one expected answer: this person, this way, this object.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import httpx
from sqlalchemy import text

from gridgov.analytics import service as analytics
from gridgov.analytics.rules import Filter as Counting
from gridgov.areas.rules import Level
from gridgov.auth import grants, matrix, rules
from gridgov.auth.context import db_role
from gridgov.auth.rules import Actor, Role, ScopeKind
from gridgov.bootstrap import Caller
from gridgov.incidents import service
from gridgov.incidents.service import Filter
from gridgov.platform import clock
from tests import sample
from tests.security.requests import REFUSALS, all_routes, request_for
from tests.security.world import Somebody, World

cells: Counter[str] = Counter()


def rows(world: World, people: Iterable[Somebody]) -> Iterator[str]:
    """What row security alone lets through: no condition in the statement, under the application's log-in."""
    for who in people:
        for permission in ("incidents.read", "density.read"):
            if who.grant(permission) is None or who.person is None:
                continue
            with world.house.acting(Caller(permission, who.person.credential)) as work:
                seen = set(work.session.execute(text("select number from incidents")).scalars())
            yield from _difference(f"rows {permission}", who, world, permission, _by_number(world, seen))
        cells["rows"] += 2 * len(world.facts)


def conditions(world: World, people: Iterable[Somebody]) -> Iterator[str]:
    """What the conditions of queries alone let through: asked as the owner, whom no policy binds."""
    for who in people:
        actor = _actor(world, who)
        if actor is None or not actor.may("incidents.read"):
            continue
        with world.house.db.transaction() as session:
            wanted = Filter(reach=actor.reach_of("incidents.read"))
            found = service.find(
                session, wanted, locator=world.house.locator, router=world.house.router, limit=len(world.facts) + 1
            )
        cells["conditions"] += len(world.facts)
        yield from _difference("condition", who, world, "incidents.read", {seen.row.id for seen in found})


def counts(world: World, people: Iterable[Somebody]) -> Iterator[str]:
    """Counts by condition alone: the sums of the density must be those of what the person may count."""
    for who in people:
        actor = _actor(world, who)
        if actor is None or not actor.may("density.read"):
            continue
        with world.house.db.transaction() as session:
            areas = world.house.locator.index(session).areas
            found = analytics.density(session, areas, Level.GRID, Counting(reach=actor.reach_of("density.read")))
        cells["counts"] += len(areas)
        expected = len(world.expected(who, "density.read"))
        if found.total != expected:
            yield f"counts: {who} counts {found.total}, not {expected}"


def privileges(world: World) -> Iterator[str]:
    """Every role x table x verb x column against the table."""
    allowed: dict[tuple[str, str, str], set[str] | None] = {}
    for name, privilege in grants.granted():
        for verb in privilege.verbs.split(", "):
            key = (name, privilege.table, verb)
            if not privilege.columns:
                allowed[key] = None
            elif allowed.get(key, set()) is not None:
                allowed[key] = (allowed.get(key) or set()) | set(privilege.columns)
    roles = [grants.LOGIN, *(db_role(role) for role in Role), *(db_role(name) for name in matrix.INTERNAL)]
    with world.house.db.transaction() as session:
        found = session.execute(
            text(
                """
                select r.name as role, c.relname as tab, v.verb, a.attname as col,
                       has_column_privilege(r.name, c.oid, a.attnum, v.verb) as held
                from unnest(cast(:roles as text[])) r (name)
                cross join pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                cross join unnest(array['select', 'insert', 'update']) v (verb)
                where c.relnamespace = 'demo'::regnamespace and c.relkind in ('r', 'p')
                """
            ),
            {"roles": roles},
        ).all()
        deletes = session.execute(
            text(
                """
                select r.name as role, c.relname as tab,
                       has_table_privilege(r.name, c.oid, 'delete') as held,
                       has_table_privilege(r.name, c.oid, 'truncate') or has_table_privilege(r.name, c.oid, 'trigger')
                       as more
                from unnest(cast(:roles as text[])) r (name) cross join pg_class c
                where c.relnamespace = 'demo'::regnamespace and c.relkind in ('r', 'p')
                """
            ),
            {"roles": roles},
        ).all()
    for row in found:
        columns = allowed.get((row.role, row.tab, row.verb), set())
        expected = columns is None or row.col in columns
        cells["privileges"] += 1
        if expected != row.held:
            yield f"grant: {row.role} {row.verb} {row.tab}.{row.col} is {row.held}"
    for row in deletes:
        cells["privileges"] += 1
        if row.held != ((row.role, row.tab, "delete") in allowed) or row.more:
            yield f"grant: {row.role} delete {row.tab} is {row.held}, more {row.more}"


def memberships(world: World) -> Iterator[str]:
    """Who may become whom, and that the log-in inherits nothing and passes no policy."""
    with world.house.db.transaction() as session:
        found = {
            (row.grp, row.member)
            for row in session.execute(
                text(
                    "select g.rolname as grp, m.rolname as member from pg_auth_members a join pg_roles g on "
                    r"g.oid = a.roleid join pg_roles m on m.oid = a.member where m.rolname like 'gridgov\_%'"
                )
            )
        }
        loose = session.execute(
            text(
                r"select rolname from pg_roles where rolname like 'gridgov\_%' and (rolsuper or rolbypassrls or "
                r"rolcreaterole or rolcreatedb or (rolname = 'gridgov_app' and rolinherit) "
                r"or (rolname <> 'gridgov_app' and rolcanlogin))"
            )
        ).scalars()
        for name in loose:
            yield f"role: {name} has more than it should"
        open_tables = session.execute(
            text(
                "select relname from pg_class where relnamespace = 'demo'::regnamespace and relname = any(:names) "
                "and not relrowsecurity"
            ),
            {"names": grants.protected_tables()},
        ).scalars()
        for name in open_tables:
            yield f"table: {name} has no row security"
    for group, member in found ^ set(grants.memberships()):
        yield f"membership: {member} in {group}"


def api_lists(world: World, client: httpx.Client, people: Iterable[Somebody]) -> Iterator[str]:
    """The list of incidents over HTTP: exactly the rows, and of the fields what the table says."""
    for who in people:
        answer = client.get("/api/v1/incidents", params={"limit": 1000}, headers=who.headers)
        cells["list"] += len(world.facts)
        grant = who.grant("incidents.read")
        if grant is None:
            if answer.status_code != (403 if who.person else 401):
                yield f"list: {who} gets {answer.status_code}"
            continue
        if answer.status_code != 200:
            yield f"list: {who} gets {answer.status_code} {answer.text[:200]}"
            continue
        items = answer.json()["items"]
        yield from _difference("list", who, world, "incidents.read", {uuid.UUID(one["id"]) for one in items})
        for one in items:
            if (one["text"] is None) != (grant.fields == "no-text"):
                yield f"list: {who} reads text {one['text']!r}"
                break


def api_items(world: World, client: httpx.Client, people: Iterable[Somebody], ids: list[uuid.UUID]) -> Iterator[str]:
    """One incident over HTTP: 200 for what is seen, and for the rest the same 404 as for what is not there."""
    for who in people:
        for ident in ids:
            answer = client.get(f"/api/v1/incidents/{ident}", headers=who.headers)
            cells["item"] += 1
            grant = who.grant("incidents.read")
            if grant is None:
                expected = 403 if who.person else 401
            else:
                expected = 200 if who.sees("incidents.read", world.facts[ident]) else 404
            if answer.status_code != expected:
                yield f"item: {who} gets {answer.status_code} for {world.facts[ident]}"
            elif expected == 404 and answer.json()["code"] != "incident-unknown":
                yield f"item: {who} is told {answer.json()['code']}"


def api_density(world: World, client: httpx.Client, people: Iterable[Somebody]) -> Iterator[str]:
    """Counts over HTTP by grid, with the category and the status: the sum of what the person may count, and no area
    beyond the reach with a number."""
    for who in people:
        grant = who.grant("density.read")
        for params in ({}, {"category": "06"}, {"status": "open"}):
            answer = client.get("/api/v1/density", params={"level": "grid", **params}, headers=who.headers)
            cells["density"] += 17
            if grant is None:
                if answer.status_code != (403 if who.person else 401):
                    yield f"density: {who} gets {answer.status_code}"
                continue
            expected = [
                fact
                for fact in (world.facts[ident] for ident in world.expected(who, "density.read"))
                if fact.category.startswith(params.get("category", ""))
                and params.get("status", fact.status) == fact.status
            ]
            if answer.status_code != 200 or answer.json()["total"] != len(expected):
                yield f"density: {who} counts {answer.text[:80]}, not {len(expected)}"
                continue
            shown = {item["code"] for item in answer.json()["items"]}
            told = {code for code in sample.COMMUNITY if len(code) == 3 and who.is_told_of(code)}
            if shown != told:
                yield f"density: {who} is told of {sorted(shown ^ told)[:4]} wrongly"


@lru_cache(maxsize=2)
def _document(client: httpx.Client) -> dict[str, Any]:
    """A megabyte, asked for once by each client."""
    return dict(client.get("/api/openapi.json").json())


def one_each(world: World) -> list[Somebody]:
    """One of every role, each with as much of the city as the role can have."""
    return list({who.role: who for who in reversed(world.people)}.values())


def asked_as(world: World, at: int, every: int) -> Iterator[Somebody]:
    """As whom the route of this number is asked: one of every role, and every so manyth of the others, who take
    turns."""
    always = {id(who) for who in one_each(world)}
    for number, who in enumerate(world.people):
        if id(who) in always or (at + number) % every == 0:
            yield who


def all_api_routes(world: World, client: httpx.Client, every: int) -> Iterator[str]:
    """Every route as one of every role and as a share of all others."""
    for at, row in enumerate(all_routes()):
        yield from api_routes(world, client, asked_as(world, at, every), [row])


def api_routes(world: World, client: httpx.Client, people: Iterable[Somebody], routes: Iterable[str]) -> Iterator[str]:
    """Routes with a well-formed request: refused for want of a permission exactly where the table says so."""
    document, people = _document(client), list(people)
    for row in routes:
        permission = matrix.ROUTES[row]
        for who in people:
            if permission == "session.own" and who.person is None:
                continue  # nothing is anybody's own without a session; the routes say so themselves
            method, path, carried = request_for(row, document)
            answer = client.request(method, path, headers=who.headers, follow_redirects=False, **carried)
            cells["route"] += 1
            if answer.status_code >= 500 and answer.status_code != 503:
                yield f"route: {who} {row} gets {answer.status_code}"
            kind = answer.headers.get("content-type", "")
            code = answer.json().get("code") if kind.startswith("application/problem") else None
            if (code in REFUSALS) != (who.grant(permission) is None):
                yield f"route: {who} {row} gets {answer.status_code} {code}"


def stationed(world: World, _client: httpx.Client) -> Iterator[str]:
    """A supervisor of a sub-district has no part in what a unit stationed there does elsewhere; its leader has."""
    for who in world.people:
        actor = _actor(world, who) if who.role is Role.SUBDISTRICT_LEADER and who.area == "WS" else None
        if actor is None:
            continue
        cells["stationed"] += 2
        if not actor.reach.agencies:
            yield "stationed: the leader reaches no stationed unit"
        if rules.scoped(actor.reach, ScopeKind.AREA).agencies:
            yield "stationed: the scope of an area holds agencies"


def stale(world: World, client: httpx.Client) -> Iterator[str]:
    """Sessions that were good once: ended, of a disabled account, expired, idle, of a post that is over."""
    for name, person in world.stale.items():
        answer = client.get("/api/v1/incidents", headers=person.headers)
        cells["stale"] += 1
        if answer.status_code not in (401, 403):
            yield f"stale: {name} gets {answer.status_code}"


def _difference(way: str, who: Somebody, world: World, permission: str, seen: set[uuid.UUID]) -> Iterator[str]:
    expected, seen = world.expected(who, permission), seen & world.facts.keys()
    if seen - expected:
        yield f"LEAK {way}: {who} sees {len(seen - expected)} too many, e.g. {world.facts.get(min(seen - expected))}"
    if expected - seen:
        yield f"LOSS {way}: {who} misses {len(expected - seen)}, e.g. {world.facts[min(expected - seen)]}"


def _by_number(world: World, numbers: set[int]) -> set[uuid.UUID]:
    with world.house.db.transaction() as session:
        known = {row.number: row.id for row in session.execute(text("select number, id from incidents"))}
    return {known[number] for number in numbers}


def _actor(world: World, who: Somebody) -> Actor | None:
    """The actor as the house makes it, with all that its post reaches."""
    if who.person is None:
        return None
    with world.house.app.transaction() as session:
        return world.house._actor(session, Caller("city.read", who.person.credential), clock.utcnow())[0]
