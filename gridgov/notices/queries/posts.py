"""Which area's posts hear news for a role: where nobody holds the role in an area, the nearest area above it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.auth.rules import OFFICE, OFFICE_ROLES

# `up`: each area with those above it, and last the whole city (0), which posts without an area have.
_NEAREST = text(
    """
    with recursive up (start, role, area_id, steps) as (
      select n.area_id, n.role, n.area_id, 0
      from unnest(cast(:areas as bigint[]), cast(:roles as text[])) as n (area_id, role)
      union all
      select up.start, up.role, coalesce(v.parent_id, 0), up.steps + 1
      from up left join areas_version v on v.area_id = up.area_id and v.valid @> cast(:now as timestamptz)
      where up.area_id <> 0 and up.steps < 10
    )
    select distinct on (start, role) start, role, area_id from up
    where exists (
      select from auth_post p
      where (p.role = up.role or up.role = :office and p.role = any (:office_roles))
        and p.valid @> cast(:now as timestamptz) and p.agency_id is null
        and p.area_id is not distinct from nullif(up.area_id, 0)
    )
    order by start, role, steps
    """
)


def nearest(session: Session, wanted: Collection[tuple[int, str]], now: datetime) -> dict[tuple[int, str], int]:
    """(area, role) -> the area whose posts of that role are the nearest, 0 for the whole city; what nobody holds
    anywhere is left out."""
    pairs = sorted(set(wanted))
    if not pairs:
        return {}
    values: dict[str, Any] = {"areas": [area for area, _ in pairs], "roles": [role for _, role in pairs], "now": now}
    values |= {"office": OFFICE, "office_roles": [role.value for role in sorted(OFFICE_ROLES)]}
    return {(row.start, row.role): row.area_id for row in session.execute(_NEAREST, values)}
