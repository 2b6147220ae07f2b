"""The context of a transaction: which database role it works as, and what that role may see. Pure text.

One string of `SET LOCAL`, so that it costs one way to the database, ends with the transaction, and also reaches the
workers of a distributed database, which `set_config` does not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from uuid import UUID

from gridgov.auth import matrix
from gridgov.auth.rules import NOWHERE, Actor, Reach, Role, ScopeKind
from gridgov.auth.scope import PREFIX, SETTINGS

DB_PREFIX = "gridgov_"
CITYWIDE = f"{DB_PREFIX}city"


def db_role(role: str, *, city: bool = False) -> str:
    """The database role of a role, or of an internal one."""
    return f"{DB_PREFIX}{role}_city" if city else f"{DB_PREFIX}{role}"


def acting_role(role: Role, permission: str, reach: Reach) -> str:
    """Who acts in the database when this role uses this permission."""
    internal = matrix.ACTS_AS.get(permission)
    return db_role(internal) if internal is not None else db_role(role, city=reach.city)


def bound_reach(actor: Actor, permission: str) -> Reach:
    """What the database shows in this transaction: never more than the post reaches, also where the permission itself
    goes everywhere (a name of a street does; an incident beside it does not)."""
    scope = actor.grants[permission].scope if actor.may(permission) else ScopeKind.OWN
    return NOWHERE if scope in (ScopeKind.OWN, ScopeKind.RECEIPT) else actor.reach


def binding(
    actor: Actor, permission: str, *, incident: UUID | None = None, areas: Iterable[int] = (), timeout_ms: int = 0
) -> str:
    """The statements that bind a transaction to the actor for one permission.

    `incident` names the one incident that the request is about. Every setting is given each time: what an earlier
    transaction of the same connection left, if ever it could, does not stay.
    """
    reach = bound_reach(actor, permission)
    values = {
        "account": "" if actor.account_id is None else str(int(actor.account_id)),
        "post": "" if actor.post_id is None else str(int(actor.post_id)),
        "role": actor.role.value,
        "units": _array(reach.units),
        "places": _array(reach.places),
        "agencies": _array(reach.agencies),
        "areas": _array(areas),
        "incident": "" if incident is None else str(UUID(str(incident))),
        "bodies": f"{{{','.join(actor.bodies)}}}" if actor.bodies else "",
        "hands": "",
    }
    return _statements(acting_role(actor.role, permission, reach), values, timeout_ms)


def taking_on(role: str) -> str:
    """The statement by which a bound transaction goes on as an internal role; what it was bound to stays."""
    return f"set local role {db_role(role)}"


def naming(incident: UUID) -> str:
    """The statement by which a bound transaction goes on to another incident: several reports at once."""
    return f"set local {PREFIX}.incident = '{UUID(str(incident))}'"


def internal_binding(role: str, *, incident: UUID | None = None) -> str:
    """The statements that bind a transaction to one of the platform's own roles, for work that nobody asked for."""
    values = dict.fromkeys(SETTINGS, "") | {
        "role": role,
        "incident": "" if incident is None else str(UUID(str(incident))),
    }
    return _statements(db_role(role), values, 0)


def together(role: str, hands: Mapping[UUID, Actor]) -> str:
    """The statements that bind a transaction to several incidents at once, each with who reports it: the row policies
    let these pass and no other, and the trail names for each its own account, post and role."""
    said = {str(UUID(str(one))): [who.account_id, who.post_id, who.role.value] for one, who in hands.items()}
    values = dict.fromkeys(SETTINGS, "") | {"role": role, "hands": json.dumps(said)}
    return _statements(db_role(role), values, 0)


def _statements(role: str, values: dict[str, str], timeout_ms: int) -> str:
    """Values are numbers, roles of the table and UUIDs made above, or JSON of these: nothing of them ends a literal."""
    lines = [f"set local role {role}"]
    lines += [f"set local {PREFIX}.{name} = '{values[name]}'" for name in SETTINGS]
    if timeout_ms:
        lines.append(f"set local statement_timeout = {int(timeout_ms)}")
    return "; ".join(lines)


def _array(ids: Iterable[int]) -> str:
    found = ",".join(str(int(one)) for one in ids)
    return f"{{{found}}}" if found else ""
