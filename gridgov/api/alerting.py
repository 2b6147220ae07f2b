"""Looking at thresholds: every rule measured from memory, for the loop of a server and for whoever changes a rule.

Owns how a rule becomes a question and gets its answer. Does not own rules and history (`analytics.alerting`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from gridgov.analytics import alerting, counting, service, thresholds
from gridgov.analytics.counting import Ground
from gridgov.analytics.measures import Measure, Of
from gridgov.analytics.rules import Filter
from gridgov.analytics.store.columns import CASES, INCIDENTS
from gridgov.analytics.thresholds import Rule
from gridgov.areas.index import AreaIndex
from gridgov.areas.locator import NoAreas
from gridgov.auth.rules import EVERYWHERE, Role
from gridgov.bootstrap import House
from gridgov.platform import clock
from gridgov.platform.db import revisions
from gridgov.platform.errors import BadInput, NotFound, Unavailable

COUNTER = "counter"
log = logging.getLogger(__name__)


def look(house: House) -> int:
    """One look at every rule of the city; how many areas began or ceased to stand above one."""
    with house.internally(COUNTER) as session:
        if not alerting.anything(session):
            return 0
        now = clock.utcnow()
        try:
            meter = Meter(house, session, now)
        except NoAreas:
            return 0
        return alerting.look(session, meter.measured, meter.index, now=now)


class Meter:
    """Measures rules at one moment, in a transaction of the role that counts. Raises `NoAreas`."""

    def __init__(self, house: House, session: Session, now: datetime) -> None:
        self._house, self._session, self._now, self._marks = house, session, now, revisions(session)
        areas = self._marks.get("areas", 0)
        self.index: AreaIndex = house.locator.index(session, now, revision=areas)
        self._zone = house.locator.city(session, revision=areas).zone

    def measured(self, rule: Rule) -> Mapping[int, float] | None:
        """Area -> value. None: counts do not follow just now. Nothing where the rule's area, or what it names of the
        catalogue, is there no more."""
        asked, house, session = rule.asked, self._house, self._session
        if self.index.get(asked.area_id) is None:
            return {}
        try:
            view = house.counts.view(session, CASES if asked.of is Of.CASES else INCIDENTS)
        except Unavailable:
            return None
        if view.behind:
            return None
        try:
            wanted = Filter(
                thresholds.period(asked.days, self._now, self._zone),
                service.categories_of(session, asked.categories),
                None,
                asked.channels or None,
                self._agencies(asked.agencies),
                reach=EVERYWHERE,
            )
            workers: Mapping[int, int] = {}
            if asked.measure is Measure.PER_WORKER:
                workers = service.posts_by_area(session, Role.GRID_WORKER, self._now)
            ground = Ground(self.index, self._zone, self._now, workers=workers)
            answer = counting.answer(view, house.cubes, thresholds.question(asked, wanted), ground)
        except (BadInput, NotFound) as fault:
            log.warning("an alert rule measures nothing: %s", fault.code)
            return {}
        return thresholds.values(answer, asked.measure)

    def _agencies(self, ids: tuple[int, ...]) -> tuple[int, ...] | None:
        if not ids:
            return None
        revision = self._marks.get("duties", 0)
        under = [self._house.agencies.under(self._session, one, revision=revision) for one in ids]
        return tuple(sorted({one for some in under for one in some}))
