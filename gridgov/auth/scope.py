"""Scope as SQL, once: the same expression as the condition of a query and as a row policy. Pure text.

A query is given its reach as values, a policy reads it from the settings that the transaction was bound with. Both
must let the same rows through; the matrix test holds them against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gridgov.auth.rules import Reach, ScopeKind

SETTINGS = ("account", "post", "role", "units", "places", "agencies", "areas", "incident", "bodies", "hands")
PREFIX = "gridgov"


def from_setting(name: str) -> str:
    """A list of ids of the transaction's context; after a commit the setting is '', which no array can be read from."""
    return f"nullif(current_setting('{PREFIX}.{name}', true), '')::bigint[]"


def bodies_setting() -> str:
    """The names under which news reaches the post that the context names (`Actor.bodies`)."""
    return f"nullif(current_setting('{PREFIX}.bodies', true), '')::text[]"


def account_setting() -> str:
    """The account that the context names."""
    return f"nullif(current_setting('{PREFIX}.account', true), '')::bigint"


def incident_setting() -> str:
    """The one incident that the context names."""
    return f"nullif(current_setting('{PREFIX}.incident', true), '')::uuid"


def among_hands(key: str) -> str:
    """Whether a row belongs to one of the incidents that the context names with who reports them (`context.together`).

    Looked for as text: all texts of UUIDs are of one length and one spelling, so that none is part of another. To read
    the list anew for each row would cost ten times as much, and a policy cannot keep it (no sub-select).
    """
    return f"strpos(current_setting('{PREFIX}.hands', true), {key}::text) > 0"


def _within(
    ids: Callable[[str], str], *, units: bool, places: bool, agencies: bool, alias: str = "", many: bool = False
) -> str:
    parts = []
    if units:
        parts.append(f"{alias}unit_id = any ({ids('units')})")
    if places:
        parts.append(f"{alias}grid_id = any ({ids('places')})")
        parts.append(f"({alias}grid_id is null and {alias}area_id = any ({ids('places')}))")
    if agencies:
        of = ids("agencies")
        parts.append(f"{alias}agency_ids && {of}" if many else f"{alias}agency_id = any ({of})")
    return f"({' or '.join(parts)})" if parts else "false"


def condition(reach: Reach, alias: str = "i", *, many: bool = False) -> tuple[str, dict[str, Any]]:
    """The reach as a condition over `alias`, with its values; parts that reach nothing are left out. `many`: as of a
    protected table."""
    if reach.city:
        return "true", {}
    values = {"units": list(reach.units), "places": list(reach.places), "agencies": list(reach.agencies)}
    given = {f"reach_{name}": ids for name, ids in values.items() if ids}
    sql = _within(
        lambda name: f"cast(:reach_{name} as bigint[])",
        units=bool(reach.units),
        places=bool(reach.places),
        agencies=bool(reach.agencies),
        alias=f"{alias}.",
        many=many,
    )
    return sql, given


def policy(scope: ScopeKind, key: str, *, many: bool = False) -> str:
    """A row policy's expression for a protected table; `key` is its column with the incident's id, `many` says whether
    several agencies take part in a row."""
    if scope is ScopeKind.CITY:
        return "true"
    if scope is ScopeKind.RECEIPT:
        return f"{key} = {incident_setting()}"
    if scope is ScopeKind.AGENCY:
        return _within(from_setting, units=False, places=False, agencies=True, many=many)
    if scope in (ScopeKind.AREA, ScopeKind.STATIONED):
        return _within(from_setting, units=True, places=True, agencies=scope is ScopeKind.STATIONED, many=many)
    return "false"
