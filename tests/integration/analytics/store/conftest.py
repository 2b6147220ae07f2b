"""Counting beside the store: what SQL says of the same rows, as multisets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from gridgov.analytics.store.columns import CASES, CHANNELS, INCIDENTS, NEVER, TIERS, Family
from gridgov.analytics.store.store import Store
from gridgov.analytics.store.view import View
from gridgov.bootstrap import House

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
