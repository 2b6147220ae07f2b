"""A box on the map as a condition that keeps its index under row policies (docs/adr/0014). Private to the domain.

PostgreSQL looks up nothing below a policy by an operator that is not leakproof, and PostGIS's `&&` is not. Where the
database has our own, the index of boxes answers (`migrations/objects/shared/10_viewport.sql`); elsewhere the index of
map cells does, by whole numbers. Either finds a little too much, and the corners themselves judge what it found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.geo.zorder import cover

CORNERS = ("west", "south", "east", "north")

_SETTLE = text(
    """
    select set_config('plan_cache_mode', 'force_custom_plan', true),
           exists (select from pg_index x join pg_opclass o on o.oid = x.indclass[0]
                   where x.indrelid = 'incidents'::regclass and o.opcname = 'boxes' and x.indisvalid) as has_boxes
    """
)
# As a coalesce, because the planner guesses one half for it and 1 in 40,000 for two bare ranges: with such a guess it
# would never walk through time until a page is full.
_EXACTLY = "coalesce(st_x(i.geom) between :west and :east and st_y(i.geom) between :south and :north, false)"
_BY_BOXES = "i.geom operator(catalogue.<&&>) st_makeenvelope(:west, :south, :east, :north, 4326)"


def settle(session: Session) -> bool:
    """From here on in this transaction, statements are planned for their very values; whether there is an index of
    boxes.

    A plan made for any values knows neither the box nor whose scope it is: what suits a reach over the whole city takes
    a thousand times as long for one sub-district, and the other way round.
    """
    return bool(session.execute(_SETTLE).one().has_boxes)


def inside(corners: Mapping[str, float], *, has_boxes: bool) -> tuple[str, dict[str, Any]]:
    """What lies in a box, edges included, as a condition over `incidents i` with its values.

    `corners`: west, south, east, north in degrees.
    """
    values: dict[str, Any] = {name: corners[name] for name in CORNERS}
    if has_boxes:
        return f"{_BY_BOXES} and {_EXACTLY}", values
    west, south, east, north = (corners[name] for name in CORNERS)
    parts = []
    for place, (first, after) in enumerate(cover((west, south, east, north))):
        parts.append(f"i.quad25 >= :first{place} and i.quad25 < :after{place}")
        values |= {f"first{place}": first, f"after{place}": after}
    return f"({' or '.join(parts)}) and {_EXACTLY}", values
