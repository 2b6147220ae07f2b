"""Public counts: one release a month for all areas, small counts hidden, published once and never changed.

Owns what is released. Does not own what is hidden (`suppression`) nor the areas (`areas`; their tree comes in). A
second count of the same month, after late reports or new boundaries, or hidden by other draws, could be subtracted from
the first; so what was published once is what is published.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gridgov.analytics import service
from gridgov.analytics.period import Period, local_day
from gridgov.analytics.queries import releases as queries
from gridgov.analytics.rules import Filter
from gridgov.analytics.suppression import public_month, published
from gridgov.areas.rules import AreaFacts, Level
from gridgov.auth.rules import EVERYWHERE
from gridgov.incidents.rules import Status

PUBLIC = frozenset(Level) - {Level.GRID}  # some 300 households are too few to speak of
COUNTED = (Status.OPEN, Status.CLOSED)  # void and duplicate ones are no matters


@dataclass(frozen=True, slots=True)
class PublicCount:
    """An area as it was when the month was released; `count` is None where it is hidden."""

    id: int
    level: str
    code: str
    names: Mapping[str, str]
    count: int | None


@dataclass(frozen=True, slots=True)
class Release:
    """A month that begins on `month` in the city's zone."""

    month: date
    least: int
    released_at: datetime
    counts: tuple[PublicCount, ...]


def release(
    session: Session,
    areas: Sequence[AreaFacts],
    period: Period,
    zone: ZoneInfo,
    *,
    least: int,
    seed: bytes,
    now: datetime,
) -> Release:
    """The release of a month; made when somebody asks for the first time, of `areas` (all in force now).

    `seed` is fresh chance (`crypto.new_key`), used for this release alone and kept nowhere. Raises `BadPeriod` unless
    the period is one calendar month that has ended.
    """
    month = local_day(public_month(period, zone, now).begin or now, zone)
    found = queries.release(session, month)
    if found is None:
        counts = _counted(session, areas, period, least, seed)
        if all(one["count"] is None for one in counts):  # nothing was told; old incidents may still be imported
            return Release(month, least, now, tuple(PublicCount(**one) for one in counts))
        queries.add(session, month, least=least, now=now, counts=counts)
        found = queries.release(session, month)
    assert found is not None  # added above, by us or by somebody else
    return Release(found.month, found.least, found.released_at, tuple(PublicCount(**one) for one in found.counts))


def _counted(
    session: Session,
    areas: Sequence[AreaFacts],
    period: Period,
    least: int,
    seed: bytes,
) -> list[dict[str, Any]]:
    """Every area of the public levels in the order that they came in; what lies deeper counts for the one above."""

    def draw(part: tuple[str, int]) -> float:
        digest = hmac.digest(seed, f"{part[0]}|{part[1]}".encode(), "sha256")
        return int.from_bytes(digest[:7]) / 2**56

    by_id = {area.id: area for area in areas}

    def public(area_id: int | None) -> int | None:
        """The area itself if its level is published, else the nearest above that is."""
        while area_id is not None and area_id in by_id and by_id[area_id].level not in PUBLIC:
            area_id = by_id[area_id].parent_id
        return area_id if area_id in by_id else None

    found, _ = service.by_home(session, areas, Filter(period, statuses=COUNTED, reach=EVERYWHERE))
    own: Counter[int] = Counter()
    for area_id, n in found.items():
        at = public(area_id)
        if at is not None:
            own[at] += n
    chosen = [area for area in areas if area.level in PUBLIC]
    shown = published({area.id: public(area.parent_id) for area in chosen}, own, least, draw)
    return [
        {"id": one.id, "level": one.level, "code": one.code, "names": dict(one.names), "count": shown[one.id]}
        for one in chosen
    ]
