"""Clusters, repeats and rises name no area beyond the reach of whoever asks, and no spot to who may only count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from gridgov.bootstrap import build
from gridgov.incidents.service import OldIncident, take_many
from gridgov.platform.clock import utcnow
from gridgov.platform.cluster import Cluster
from tests import sample
from tests.conftest import CITY, cloned, live
from tests.security import world
from tests.security.world import World

FIRST = datetime(2026, 1, 5, 4, tzinfo=UTC)
ROUTES: dict[str, dict[str, str | int]] = {
    "/api/v1/density/repeats": {"to": "2026-03-16", "radius_m": 10},
    "/api/v1/density/rising": {"to": "2026-03-16", "level": "grid"},
    "/api/v1/density/clusters": {"to": "2026-03-16"},
}


@pytest.fixture(scope="module")
def full(
    cluster: Cluster, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, httpx.Client]]:
    """The world, and in every grid a spot with an incident a week, of the last week every day."""
    with ExitStack() as stack:
        house = build(stack.enter_context(cloned(cluster, migrated_template)), CITY, tmp_path_factory.mktemp("home"))
        stack.callback(house.close)
        made = world.build(house)
        days = [*range(0, 63, 7), *range(63, 70)]
        old = [
            OldIncident(uuid4(), "06010", *sample.centre(code), FIRST + timedelta(days=day))
            for codes in sample.CODES
            for code in codes
            for day in days
        ]
        with house.db.transaction() as session:
            take_many(session, old, locator=house.locator, router=house.router, now=utcnow())
        yield made, stack.enter_context(httpx.Client(base_url=stack.enter_context(live(house)), timeout=60))


def test_nothing_beyond_the_reach_is_named_and_spots_are_for_who_may_read(full: tuple[World, httpx.Client]) -> None:
    made, client = full
    named = spots = grids = 0
    for who in made.people:
        if who.person is None:
            continue
        for route, query in ROUTES.items():
            answer = client.get(route, params=query, headers=who.headers)
            if who.grant("density.read") is None:
                assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted"), str(who)
                continue
            assert answer.status_code == 200, (str(who), answer.text)
            items = answer.json()["items"]
            areas = [area for item in items for area in (item.get("areas") or [item.get("area")]) if area]
            assert all(who.is_told_of(area["code"]) for area in areas), (str(who), route)
            named += len(areas)
            if "repeats" in route and items:
                pointed = {item["lon"] is not None for item in items}
                assert pointed == {who.grant("incidents.read") is not None}, str(who)
                spots, grids = spots + (True in pointed), grids + (False in pointed)
    assert named > 100  # the controls: there was something to be told, with and without points
    assert spots > 5
    assert grids > 0
