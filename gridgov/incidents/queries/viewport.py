"""How a page of incidents is looked for so that it costs little, whoever asks (docs/adr/0014). Private to the domain.

Owns the box on the map as a condition, and in which helpings time is searched. PostgreSQL looks up nothing below a row
policy by an operator that is not leakproof, and PostGIS's `&&` is not. Where the database has our own, the index of
boxes answers (`migrations/objects/shared/10_viewport.sql`); elsewhere the index of map cells does, by whole numbers.
Either finds a little too much, and the coordinates themselves judge what it found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.geo.zorder import cover

CORNERS = ("west", "south", "east", "north")
LATELY = timedelta(days=7)
RECENT = 2  # months: at least one whole month lies before wherever a page begins

Clause = tuple[str, dict[str, Any]]

_SETTLE = text(
    """
    select set_config('plan_cache_mode', 'force_custom_plan', true),
           exists (select from pg_index x join pg_opclass o on o.oid = x.indclass[0]
                   where x.indrelid = 'incidents'::regclass and o.opcname = 'boxes' and x.indisvalid) as has_boxes,
           array(select to_date(right(c.relname, 7), 'YYYY_MM')::timestamp at time zone 'UTC'
                 from pg_inherits h join pg_class c on c.oid = h.inhrelid
                 where h.inhparent = 'incidents'::regclass and c.relname ~ '^incidents_\\d{4}_\\d\\d$'
                   and pg_relation_size(c.oid) > 0
                 order by 1 desc) as months,
           incidents_latest() as latest
    """
)
# As a coalesce, because the planner guesses one half for it and 1 in 40,000 for two bare ranges: with such a guess it
# would never walk through time until a page is full.
_EXACTLY = "coalesce(st_x(i.geom) between :west and :east and st_y(i.geom) between :south and :north, false)"
_BY_BOXES = "i.geom operator(catalogue.<&&>) st_makeenvelope(:west, :south, :east, :north, 4326)"


@dataclass(frozen=True, slots=True)
class Ground:
    """`has_boxes`: there is an index of boxes. `months`: when the months that hold something begin, newest first.
    `latest`: when the city's latest incident happened; None before any."""

    has_boxes: bool
    months: Sequence[datetime]
    latest: datetime | None


def settle(session: Session) -> Ground:
    """From here on in this transaction, statements are planned for their very values; what they can build on.

    A plan made for any values knows neither the box nor whose scope it is: what suits a reach over the whole city takes
    a thousand times as long for one sub-district, and the other way round.
    """
    row = session.execute(_SETTLE).one()
    return Ground(bool(row.has_boxes), row.months, row.latest)


def inside(corners: Mapping[str, float], ground: Ground) -> Clause:
    """What lies in a box, edges included, as a condition over `incidents i` with its values.

    `corners`: west, south, east, north in degrees.
    """
    values: dict[str, Any] = {name: corners[name] for name in CORNERS}
    if ground.has_boxes:
        return f"{_BY_BOXES} and {_EXACTLY}", values
    west, south, east, north = (corners[name] for name in CORNERS)
    parts = []
    for place, (first, after) in enumerate(cover((west, south, east, north))):
        parts.append(f"i.quad25 >= :first{place} and i.quad25 < :after{place}")
        values |= {f"first{place}": first, f"after{place}": after}
    return f"({' or '.join(parts)}) and {_EXACTLY}", values


def helpings(ground: Ground, *, since: datetime | None, before: datetime | None) -> list[Clause]:
    """Spans of time that together hold everything, newest first: a page is looked for in one after the other.

    Most pages are full after the first, and then only the newest months are planned for and little is read. Without
    this, all that ever happened in a busy box is read and sorted to show the newest hundred: PostgreSQL does not know
    that a post looks at its own area, and expects to find few there. `since`, `before`: between which instants the page
    lies.
    """
    cuts: set[datetime] = set()
    if ground.latest is not None:
        top = ground.latest if before is None else min(ground.latest, before)
        months = [month for month in ground.months if month <= top]
        cuts = {cut for cut in (top - LATELY, *months[:RECENT][-1:]) if since is None or cut > since}
    return [_span(lower, upper) for upper, lower in pairwise([None, *sorted(cuts, reverse=True), None])]


def _span(lower: datetime | None, upper: datetime | None) -> Clause:
    bounds = {"lower": ("i.happened_at >= :lower", lower), "upper": ("i.happened_at < :upper", upper)}
    given = {name: bound for name, bound in bounds.items() if bound[1] is not None}
    return " and ".join(clause for clause, _ in given.values()) or "true", {n: at for n, (_, at) in given.items()}
