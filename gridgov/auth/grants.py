"""The one table as SQL: database roles, grants, row policies. Pure text; `install` runs it.

gridgov_app            logs in for the API: NOINHERIT, so that it has nothing but what a role gives it
gridgov_<role>         one for each role of the table
gridgov_<role>_city    the same for a post that reaches the whole city; with gridgov_city its policies are `true`,
                       which the planner drops, so that indexes are used as if there were none
gridgov_door …         the platform's own: sign-in, intake, public counts, dry runs, sealing, housekeeping
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from gridgov.auth import matrix, privileges
from gridgov.auth.context import CITYWIDE, db_role
from gridgov.auth.privileges import Privilege
from gridgov.auth.rules import Role, ScopeKind
from gridgov.auth.scope import account_setting, among_hands, bodies_setting, from_setting, incident_setting, policy

LOGIN = "gridgov_app"
LOCATED = frozenset({ScopeKind.AREA, ScopeKind.STATIONED, ScopeKind.AGENCY})


@dataclass(frozen=True, slots=True)
class Policy:
    """One row policy. Its name ends in a digest of what it says, so that an unchanged one is left alone."""

    table: str
    verb: str
    to: str
    expression: str

    @property
    def name(self) -> str:
        digest = hashlib.sha256(f"{self.verb}|{self.to}|{self.expression}".encode()).hexdigest()[:10]
        return f"{self.to.removeprefix('gridgov_')}_{self.verb}_{digest}"

    def sql(self, schema: str) -> str:
        """The statement that makes it."""
        test = f"with check ({self.expression})" if self.verb == "insert" else f"using ({self.expression})"
        if self.verb == "update":
            test += f" with check ({self.expression})"
        return f'create policy {self.name} on "{schema}".{self.table} for {self.verb} to {self.to} {test}'


def city_roles() -> list[Role]:
    """Roles that can reach the whole city by their post: those with a permission that goes by area."""
    return [r for r in Role if any(row.role is r and row.scope in (ScopeKind.AREA, ScopeKind.STATIONED, ScopeKind.CITY)
                                   for row in matrix.rows()) and r is not Role.RESIDENT]  # fmt: skip


def group_roles() -> list[str]:
    """Every database role but the one that logs in, before those that are members of it."""
    roles = [CITYWIDE, *(db_role(role) for role in Role), *(db_role(name) for name in matrix.INTERNAL)]
    return roles + [db_role(role, city=True) for role in city_roles()]


def memberships() -> Iterator[tuple[str, str]]:
    """(group, member): a city-wide role is its role and everybody's city-wide one; the log-in may become any."""
    for role in city_roles():
        yield db_role(role), db_role(role, city=True)
        yield CITYWIDE, db_role(role, city=True)
    for name in group_roles():
        if name != CITYWIDE:
            yield name, LOGIN


def granted() -> Iterator[tuple[str, Privilege]]:
    """(database role, privilege) of the whole table."""
    everybody = [LOGIN, *(db_role(role) for role in Role), *(db_role(name) for name in matrix.INTERNAL)]
    for name in everybody:
        for table in privileges.REFERENCE:
            yield name, Privilege("select", table)
    for role in Role:
        for privilege in privileges.privileges_of(role):
            yield db_role(role), privilege
    for name, held in privileges.INTERNAL_PRIVILEGES.items():
        for privilege in held:
            yield LOGIN if name == "app" else db_role(name), privilege


def policies() -> Iterator[Policy]:
    """Every row policy. A protected table without one for a role shows that role nothing."""
    for protected in privileges.PROTECTED:
        for role in Role:
            for verb, scopes in _scopes(role, protected.table).items():
                if len(scopes) > 1:
                    raise ValueError(f"{role} has {verb} on {protected.table} with several scopes: {sorted(scopes)}")
                yield Policy(
                    protected.table, verb, db_role(role), policy(scopes.pop(), protected.key, many=protected.many)
                )
        for verb in ("select", "insert", "update", "delete"):
            yield Policy(protected.table, verb, CITYWIDE, "true")
        yield from _internal(protected.table, protected.key)
    for table, key in privileges.BY_KEY.items():
        for name in sorted({name for name, p in granted() if p.table == table}):
            for verb in ("select", "insert", "update"):
                if any(n == name and p.table == table and verb in p.verbs for n, p in granted()):
                    expression = "true" if name == db_role("keeper") else _named(name.removeprefix("gridgov_"), key)
                    yield Policy(table, verb, name, expression)
    areas, agencies = from_setting("areas"), from_setting("agencies")
    for role in (Role.SUBDISTRICT_LEADER, Role.AGENCY_HEAD):
        yield Policy("auth_post", "select", db_role(role), f"area_id = any ({areas}) or agency_id = any ({agencies})")
    for verb in ("select", "insert", "update"):
        yield Policy("auth_post", verb, db_role(Role.ADMINISTRATOR), "true")
    knowing = ("door", "admitter", "notifier", "casework", "previewer", "counter", "registrar")
    internal = [db_role(name) for name in knowing]
    for name in (LOGIN, *internal, CITYWIDE):
        yield Policy("auth_post", "select", name, "true")
    yield from _news()
    yield from _sheets()
    yield from _alerts()


def _alerts() -> Iterator[Policy]:
    """Thresholds and what stands above them: of the area of the post and of those below."""
    below, tables = f"area_id = any ({from_setting('areas')})", ("analytics_alert_rule", "analytics_alert")
    for role in Role:
        if "alerts.read" in matrix.grants_of(role):
            for table in tables:
                yield Policy(table, "select", db_role(role), below)
        if "alerts.edit" in matrix.grants_of(role):
            for verb in ("insert", "update"):
                yield Policy("analytics_alert_rule", verb, db_role(role), below)
    for table, verbs in zip(tables, (("select", "insert", "update"), ("select",)), strict=True):
        for verb in verbs:
            yield Policy(table, verb, CITYWIDE, "true")
    for table, verbs in zip(tables, (("select",), ("select", "insert", "update")), strict=True):
        for verb in verbs:
            yield Policy(table, verb, db_role("counter"), "true")


def _sheets() -> Iterator[Policy]:
    """Whoever is at work sees every plan; who draws does so in the communities below the area of the post."""
    for role in (one for one in Role if "plans.read" in matrix.grants_of(one)):
        yield Policy("planning_part", "select", db_role(role), "true")
    for verb in ("insert", "update"):
        yield Policy("planning_part", verb, db_role(Role.PLANNER), f"community_id = any ({from_setting('areas')})")
        yield Policy("planning_part", verb, CITYWIDE, "true")
        yield Policy("planning_part", verb, db_role("proposer"), "true")
    for name in (CITYWIDE, db_role("proposer"), db_role("previewer")):
        yield Policy("planning_part", "select", name, "true")


def _news() -> Iterator[Policy]:
    """Messages show themselves to the bodies that they are addressed to, marks to the account that made them."""
    for role in (one for one in Role if "notices.read" in matrix.grants_of(one)):
        yield Policy("notices_message", "select", db_role(role), f"target = any ({bodies_setting()})")
        for verb in ("select", "insert", "delete"):
            yield Policy("notices_read", verb, db_role(role), f"account_id = {account_setting()}")
        for verb in ("select", "insert", "update"):
            yield Policy("notices_seen", verb, db_role(role), f"account_id = {account_setting()}")
    for verb in ("select", "insert"):
        yield Policy("notices_message", verb, db_role("notifier"), "true")
    for verb in ("select", "update", "delete"):
        yield Policy("notices_message", verb, db_role("keeper"), "true")


def _scopes(role: Role, table: str) -> dict[str, set[ScopeKind]]:
    """verb -> scopes with which a role's permissions touch a table."""
    found: dict[str, set[ScopeKind]] = {}
    for permission, grant in matrix.grants_of(role).items():
        if permission in matrix.ACTS_AS:
            continue
        opened = privileges.PRIVILEGES.get((permission, grant.fields), privileges.PRIVILEGES.get((permission, "*"), ()))
        for privilege in opened:
            if privilege.table == table:
                for verb in privilege.verbs.split(", "):
                    found.setdefault(verb, set()).add(grant.scope)
    return found


def _internal(table: str, key: str) -> Iterator[Policy]:
    """What the platform's own roles see of a protected table."""
    for name, held in privileges.INTERNAL_PRIVILEGES.items():
        for privilege in held:
            if privilege.table != table:
                continue
            for verb in privilege.verbs.split(", "):
                everything = name in ("door", "public", "sealer", "keeper", "rehearsal", "previewer", "counter")
                yield Policy(table, verb, db_role(name), "true" if everything else _named(name, key))


def _named(role: str, key: str) -> str:
    """Of an internal role that works on what the context names: one incident, or several reported together."""
    return among_hands(key) if role == "batch" else f"{key} = {incident_setting()}"


def grant_statements(schema: str) -> Iterator[str]:
    """Takes everything back, then grants what the table says."""
    roles = ", ".join([LOGIN, *group_roles()])
    yield f'revoke all on all tables in schema "{schema}" from public, {roles}'
    yield f'revoke all on all sequences in schema "{schema}" from public, {roles}'
    yield f'grant usage on schema "{schema}", catalogue, public to {roles}'
    yield f"grant select on catalogue.city, catalogue.category, catalogue.division to {roles}"
    province = "catalogue.province_reader, catalogue.province_city, catalogue.province_day"
    yield f"revoke all on {province} from public, {roles}"
    yield f"grant select on {province} to {db_role('province')}"
    yield f"grant select on catalogue.province_reader to {db_role('counter')}"
    yield f"grant select, insert, update, delete on {province.partition(', ')[2]} to {db_role('counter')}"
    for function in privileges.FUNCTIONS:
        yield f'grant execute on function "{schema}".{function} to {roles}'
    by_privilege: dict[Privilege, list[str]] = {}
    for name, privilege in granted():
        by_privilege.setdefault(privilege, []).append(name)
    for privilege, names in by_privilege.items():
        columns = f" ({', '.join(privilege.columns)})" if privilege.columns else ""
        verbs = ", ".join(f"{verb}{columns}" for verb in privilege.verbs.split(", "))
        kind = "sequence " if privilege.verbs == "usage" else ""
        yield f'grant {verbs} on {kind}"{schema}".{privilege.table} to {", ".join(dict.fromkeys(names))}'


def form(schema: str) -> str:
    """A digest of all that is granted and of every policy: the same as long as the table says the same."""
    said = "\n".join([*grant_statements(schema), *(one.sql(schema) for one in policies())])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def protected_tables() -> list[str]:
    """Tables with row policies."""
    return sorted({one.table for one in policies()})
