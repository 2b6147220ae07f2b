"""Counting beside the store: what SQL says of the same rows, as multisets."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from gridgov.analytics.store.columns import CASES, CHANNELS, INCIDENTS, NEVER, TIERS, Family
from gridgov.analytics.store.keeper import Setting
from gridgov.analytics.store.store import Store
from gridgov.analytics.store.view import View
from gridgov.bootstrap import House
from gridgov.platform.clock import utcnow
from tests import sample
from tests.integration.analytics.conftest import Known

INCIDENT_SQL = """
    select floor(extract(epoch from happened_at))::bigint, category_id, channel, status, coalesce(grid_id, 0),
           case when grid_id is null then area_id else 0 end, coalesce(unit_id, 0), outside_m > 0,
           coalesce(agency_id, 0), hex9, quad25, st_x(geom), st_y(geom)
    from incidents
    """
CASE_SQL = """
    select floor(extract(epoch from happened_at))::bigint, category_id, channel, state, coalesce(grid_id, 0),
           case when grid_id is null then area_id else 0 end, coalesce(unit_id, 0), coalesce(agency_id, 0),
           coalesce(level, case when agency_id is null then 'none' else 'agency' end),
           floor(extract(epoch from accepted_at - opened_at))::bigint,
           floor(extract(epoch from ended_at - opened_at))::bigint,
           floor(extract(epoch from late_from))::bigint
    from cases
    """


def counted(view: View) -> Counter[tuple[Any, ...]]:
    """The rows of a view, with how often each counts, in the terms of the database."""
    found: Counter[tuple[Any, ...]] = Counter()
    places = view.places
    for segment in view.segments:
        columns = {name: column.tolist() for name, column in segment.columns.items()}
        signs = [1] * len(segment) if segment.sign is None else segment.sign.tolist()
        assert columns[view.family.sorted_by] == sorted(columns[view.family.sorted_by])
        for row, sign in enumerate(signs):
            of = {name: column[row] for name, column in columns.items()}
            place = of["place"]
            common = (
                of["at"] + segment.start_s, of["category"], CHANNELS[of["channel"]], view.family.states[of["state"]],
                int(places.grid[place]), int(places.area[place]), int(places.unit[place]),
            )  # fmt: skip
            agency = int(view.agencies[of["agency"]])
            if view.family is INCIDENTS:
                rest: tuple[Any, ...] = (
                    bool(places.outside[place]), agency, int(view.hexes[of["hex"]]), of["key"], of["lon"], of["lat"],
                )  # fmt: skip
            else:
                took = (None if of[name] == -1 else of[name] for name in ("answered", "handled"))
                rest = (agency, TIERS[of["tier"]], *took, None if of["late"] == NEVER else of["late"])
            found[(*common, *rest)] += sign
    assert all(count >= 0 for count in found.values())
    return +found


def said(house: House, family: Family) -> Counter[tuple[Any, ...]]:
    """The same by SQL."""
    with house.db.transaction() as session:
        rows = session.execute(text(INCIDENT_SQL if family is INCIDENTS else CASE_SQL)).all()
    return Counter(tuple(row) for row in rows)


def seen(house: House, family: Family, *, store: Store | None = None) -> View:
    """The view of a transaction of its own."""
    with house.db.transaction() as session:
        return (store or house.counts).view(session, family)


Same = Callable[[], None]


@pytest.fixture
def same(city: House) -> Same:
    """Asserts that the store says what the database does, of both families."""

    def check() -> None:
        for family in (INCIDENTS, CASES):
            view = seen(city, family)
            assert view.behind == ""
            assert counted(view) == said(city, family)
            assert view.rows == sum(said(city, family).values())

    return check


def run(house: House, sql: str, **values: object) -> int:
    """A statement in a transaction of its own; how many rows it touched."""
    with house.db.transaction() as session:
        return session.connection().execute(text(sql), values).rowcount


def settled(house: House) -> None:
    """Until every transaction of the cluster, also of other tests, has ended that ran when this was called."""
    sql = "select pg_snapshot_{}(pg_current_snapshot())::text::bigint"
    with house.db.transaction() as session:
        now = session.execute(text(sql.format("xmax"))).scalar_one()
    xmin = 0
    while xmin < now:
        time.sleep(0.02)
        with house.db.transaction() as session:
            xmin = session.execute(text(sql.format("xmin"))).scalar_one()


def crowd(count: int, seed: int) -> list[Known]:
    """Incidents anywhere in and around the sample city, in seven months."""
    rng = random.Random(seed)
    start = datetime(2025, 11, 1, tzinfo=UTC)
    made = []
    for _ in range(count):
        lon = rng.uniform(sample.LON0 - 0.003, sample.LON0 + 8 * sample.STEP + 0.003)
        lat = rng.uniform(sample.LAT0 - 0.003, sample.LAT0 + 2 * sample.STEP + 0.003)
        at = start + timedelta(seconds=rng.uniform(0, 200 * 86_400))
        made.append(Known(at.isoformat(), (lon, lat), rng.choice(["06010", "09009"]), rng.choice(["open", "closed"])))
    return made


def another(house: House, **setting: Any) -> Store:
    """Another process's store of the same home."""
    folder = house.counts.folder
    return Store(folder, partial(house.internally, "counter"), now=utcnow, setting=Setting(**setting))


# A case for each incident, without the history that makes one: what counts need, in every combination.
CASES_SQL = """
    insert into cases (id, number, happened_at, category_id, channel, state, version, opened_at, accepted_at,
                       changed_at, ended_at, late_from, level, area_id, grid_id, unit_id, agency_id, agency_ids,
                       whistles, returns, reworks, extensions, hops, on_spot, forced, asking, place, geom)
    select id, number, happened_at, category_id, channel,
           (array['reported', 'accepted', 'handling', 'closed'])[1 + number % 4], 1, received_at,
           case when number % 3 > 0 then received_at + number * interval '1.5 s' end, received_at,
           case when number % 4 = 3 then received_at + number * interval '7.25 s' end,
           case when number % 5 > 1 then received_at + interval '1 day' end,
           (array[null, 'grid', 'community', 'subdistrict', 'city'])[1 + number % 5],
           area_id, grid_id, unit_id, agency_id, '{}', 0, 0, 0, 0, 0, false, false, false, '{}', geom
    from incidents where id not in (select id from cases)
    """
