"""The areas index of this process, kept fresh: one `AreaIndex` a boundary version, rebuilt when a plan changes it.

Owns the cache of indexes and of the city's own facts. Freshness comes from `platform_revision`, read in the caller's
own transaction, so that an answer never lags behind what that transaction can see.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from threading import Lock

import shapely
from sqlalchemy.orm import Session

from gridgov.areas import service
from gridgov.areas.index import AreaIndex
from gridgov.areas.queries import boundaries as queries
from gridgov.areas.rules import AreaFacts, Level
from gridgov.platform.db import revisions
from gridgov.platform.errors import Unavailable

KEPT_INDEXES = 4


class NoAreas(Unavailable):
    """The city has no boundaries yet."""

    code = "no-areas"


class Locator:
    """Answers "which boundaries hold at this instant?" with an index that is built once and shared by all threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._revision = -1
        self._turning_points: Sequence[datetime | None] = ()
        self._indexes: OrderedDict[datetime | None, AreaIndex] = OrderedDict()
        self._city: tuple[int, service.CityFacts] | None = None

    def city(self, session: Session, *, revision: int | None = None) -> service.CityFacts:
        """The city as it is set up, asked of the database once a revision: any change of it bumps `areas`.

        Raises `CityUnknown`.
        """
        current = revisions(session).get("areas", 0) if revision is None else revision
        kept = self._city
        if kept is None or kept[0] != current:
            self._city = kept = (current, service.city(session))
        return kept[1]

    def index(self, session: Session, at: datetime | None = None, *, revision: int | None = None) -> AreaIndex:
        """The index in force at `at` (None: the newest boundaries); before the first plan, that of the first plan.

        Raises `NoAreas` when the city has no boundaries at all.
        """
        current = revisions(session).get("areas", 0) if revision is None else revision
        with self._lock:
            if current != self._revision:
                self._turning_points = queries.turning_points(session)
                self._indexes.clear()
                self._revision = current
            if not self._turning_points:
                raise NoAreas("The city has no boundaries yet.", remedy="Load them with: gridgov city load FILE")
            since = self._since(at)
            if since not in self._indexes:
                self._indexes[since] = self._build(session, since)
                while len(self._indexes) > KEPT_INDEXES:
                    self._indexes.popitem(last=False)
            self._indexes.move_to_end(since)
            return self._indexes[since]

    def since(self, at: datetime) -> datetime | None:
        """Since when the boundaries of the instant hold, as of the last `index`; two instants that agree share one."""
        with self._lock:
            return self._since(at)

    def _since(self, at: datetime | None) -> datetime | None:
        if at is None:
            return self._turning_points[-1]
        dated = [point for point in self._turning_points if point is not None]
        place = bisect_right(dated, at)
        if place:
            return dated[place - 1]
        return self._turning_points[0]

    @staticmethod
    def _build(session: Session, since: datetime | None) -> AreaIndex:
        srid_m = service.city(session).srid_m
        rows = queries.versions_at(session, since)
        facts = [
            AreaFacts(
                id=row.area_id,
                level=Level(row.level),
                code=row.code,
                names=row.names,
                parent_id=row.parent_id,
                kind=row.kind,
                population=row.population,
                households=row.households,
            )
            for row in rows
        ]
        shapes = list(shapely.from_wkb([row.wkb for row in rows]))
        return AreaIndex(facts, shapes, srid_m, in_force_from=since)
