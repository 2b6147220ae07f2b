"""The sample city with incidents of which every test knows where and when they were."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pytest

from gridgov.bootstrap import House
from gridgov.incidents.service import OldIncident, take_many
from gridgov.platform.clock import utcnow
from tests import sample


@dataclass(frozen=True)
class Known:
    """One incident: in a grid of the sample city, or at a point."""

    at: str
    where: str | tuple[float, float] = "A01"
    category: str = "06010"
    status: str = "open"


Taking = Callable[[Sequence[Known]], None]


@pytest.fixture
def city(sampled: House) -> House:
    """The sample city without incidents."""
    return sampled


@pytest.fixture
def take(city: House) -> Taking:
    """Stores incidents through the product's own bulk verb."""

    def taken(many: Sequence[Known]) -> None:
        old = []
        for one in many:
            lon, lat = sample.centre(one.where) if isinstance(one.where, str) else one.where
            happened_at = datetime.fromisoformat(one.at)
            old.append(OldIncident(uuid.uuid4(), one.category, lon, lat, happened_at, status=one.status))
        with city.db.transaction() as session:
            take_many(session, old, locator=city.locator, router=city.router, now=utcnow())

    return taken
