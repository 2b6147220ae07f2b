"""Scope keeps its indexes: on 200,000 incidents, the plans of the very statements that the product sends.

Below a row policy PostgreSQL looks nothing up by PostGIS's own operators; docs/adr/0014 says what stands in their
place. What is asserted is the plan, never a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.analytics import tiles
from gridgov.analytics.period import Period
from gridgov.analytics.quad import tile_of
from gridgov.analytics.queries import counts
from gridgov.analytics.rules import Filter
from gridgov.auth.rules import EVERYWHERE, Reach, Role
from gridgov.bootstrap import Caller
from gridgov.platform.cluster import Cluster
from tests.conftest import HOME, cloned
from tests.integration.auth.crowd import (
    ALONE,
    BARE,
    BUSY,
    FEW,
    NARROW,
    SCOPES,
    Crowd,
    N,
    become,
    bound,
    check_answers,
    explain,
    filled,
    page,
    plans,
    view,
)
from tests.people import appoint

OWN = {"incidents_quad", "incidents_grid", "incidents_gridless", "incidents_agency"}
NOBODYS = Reach(units=(999_999_999,))


@pytest.fixture(scope="module")
def crowd(cluster: Cluster, migrated_template: str) -> Iterator[Crowd]:
    with cloned(cluster, migrated_template) as url, filled(url, N, HOME) as made:
        yield made


@pytest.fixture(scope="module")
def few(cluster: Cluster, migrated_template: str) -> Iterator[Crowd]:
    """A smaller one, for comparing answers."""
    with cloned(cluster, migrated_template) as url, filled(url, FEW, HOME) as made:
        yield made


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scoped_view_is_found_by_the_index_of_boxes(crowd: Crowd, scope: str) -> None:
    with crowd.bound(scope) as (session, reach):
        plan = view(session, crowd, reach, with_text=scope != "deputy")
    assert plan.found_by("incidents_boxes")
    assert scope in NARROW or plan.indexes == ALONE  # there, what the scope's own index finds may be cut out of it
    assert all("<&&>" in condition for condition in plan.conditions("incidents_boxes"))


def test_whoever_has_the_whole_city_has_the_plan_of_the_owner(crowd: Crowd) -> None:
    wide = crowd.city.unit_box(BUSY)
    with crowd.house.db.transaction() as session:
        owners = view(session, crowd, EVERYWHERE), *plans(session, lambda: page(session, wide, EVERYWHERE))
    with bound(crowd.house, Role.CENTRE_OPERATOR, EVERYWHERE) as session:
        assert session.execute(text("select current_user")).scalar_one() == "gridgov_centre_operator_city"
        theirs = view(session, crowd, EVERYWHERE), *plans(session, lambda: page(session, wide, EVERYWHERE))
    assert theirs == owners
    assert theirs[0].indexes == ALONE
    assert theirs[1].indexes == {frozenset({"incidents_time"})}  # so many that the newest are soon met


def test_a_post_appointed_as_people_are_gets_the_plan(crowd: Crowd) -> None:
    """From the cookie to the plan, with nothing made up between them."""
    person = appoint(crowd.house, Role.CENTRE_OPERATOR, area=f"s{BUSY:02}")
    with crowd.house.acting(Caller("incidents.read", person.credential)) as work:
        assert work.reach == Reach(units=(int(crowd.city.units[BUSY]),))
        assert view(work.session, crowd, work.reach).indexes == ALONE


@pytest.mark.parametrize("scope", SCOPES)
def test_what_is_nearest_is_found_by_the_same_index(crowd: Crowd, scope: str) -> None:
    west, south, _, _ = crowd.city.view(BUSY, 0.02)
    nearest = "select id from incidents i order by geom <-> st_setsrid(st_makepoint(%s, %s), 4326) limit 5"
    with crowd.bound(scope) as (session, _):
        if scope == "agency":  # one in forty: the few of a month are sorted sooner
            session.execute(text("set local enable_sort = off"))
        found = session.connection().exec_driver_sql(f"explain {nearest}", (west, south)).scalars()
    assert sum("geom <->" in line and "Order By" in line for line in found) >= 12


class TestControls:
    """Should one of these fail, PostgreSQL or PostGIS has changed, and our own operator may be needed no more."""

    def test_postgis_own_operator_loses_its_index_below_a_policy(self, crowd: Crowd) -> None:
        box = crowd.city.view(BUSY, 0.02)
        role, reach_of = SCOPES["one unit"]
        with crowd.house.db.transaction() as session:
            session.execute(text("create index incidents_geom on incidents using gist (geom)"))
            assert explain(session, BARE, box).indexes == {frozenset({"incidents_geom"})}  # as the owner
            become(session, role, reach_of(crowd.city))
            scoped = explain(session, BARE, box)
            session.rollback()
        assert not any("incidents_geom" in used for used in scoped.months.values())
        assert len(scoped.months) == 12

    def test_the_operator_without_its_mark_loses_its_index(self, crowd: Crowd) -> None:
        role, reach_of = SCOPES["one unit"]
        reach = reach_of(crowd.city)
        with crowd.house.db.transaction() as session:
            session.execute(text("alter function catalogue.boxes_meet not leakproof"))
            become(session, role, reach)
            plan = view(session, crowd, reach)
            session.rollback()
        assert not any("incidents_boxes" in used for used in plan.months.values())

    def test_numbers_and_times_are_leakproof_and_postgis_is_not(self, crowd: Crowd) -> None:
        """What policies, tiles and counts are built on."""
        names = ("int8ge", "int8lt", "int8eq", "int4eq", "texteq", "timestamptz_ge", "timestamptz_lt", "uuid_eq")
        asked = "select proname from pg_proc where proleakproof and proname = any(:names)"
        with crowd.house.db.transaction() as session:
            assert set(session.execute(text(asked), {"names": list(names)}).scalars()) == set(names)
            marked = "select proname from pg_proc where proleakproof and probin like '%postgis%'"
            assert list(session.execute(text(marked)).scalars()) == ["boxes_meet"]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("z", [14, 16])
def test_tiles_of_incidents_are_one_range_of_the_index_of_cells(crowd: Crowd, scope: str, z: int) -> None:
    west, south, east, north = crowd.city.view(BUSY, 0.02)
    tile = tile_of((west + east) / 2, (south + north) / 2, z)
    with crowd.bound(scope) as (session, reach):
        for plan in plans(session, lambda: tiles._in_sql(session, tile, Filter(reach=reach), "UTC", points=True)):
            if scope in NARROW and z == 14:
                assert not plan.whole
                assert set().union(*plan.months.values()) <= OWN
            else:
                assert plan.found_by("incidents_quad")
            assert all("quad25 >=" in cond and "quad25 <" in cond for cond in plan.conditions("incidents_quad"))


@pytest.mark.parametrize("scope", ["one unit", "deputy"])
@pytest.mark.parametrize("count", [counts.by_area, lambda s, wanted: counts.by_hexagon(s, wanted, 8)])
def test_counts_within_a_unit_are_one_range_of_its_index(
    crowd: Crowd, scope: str, count: Callable[[Session, Filter], object]
) -> None:
    quiet = Reach(units=(int(crowd.city.units[90]),))
    with bound(crowd.house, SCOPES[scope][0], quiet) as session:
        counts.settle(session)
        (plan,) = plans(session, lambda: count(session, Filter(reach=quiet)))
    assert plan.found_by("incidents_unit")
    assert set().union(*plan.months.values()) <= {"incidents_unit", "incidents_gridless"}
    assert all(condition.startswith("(unit_id = ANY") for condition in plan.conditions("incidents_unit"))


def test_counts_of_a_month_within_ten_units_are_ranges_of_their_index(crowd: Crowd) -> None:
    quiet = Reach(units=tuple(map(int, crowd.city.units[80:90])))
    june = Period(datetime(2025, 6, 10, tzinfo=UTC), datetime(2025, 6, 20, tzinfo=UTC))
    with bound(crowd.house, Role.DISTRICT_SUPERVISOR, quiet) as session:
        counts.settle(session)
        (plan,) = plans(session, lambda: counts.by_area(session, Filter(june, reach=quiet)))
    assert set(plan.months) == {"incidents_2025_06"}
    assert not plan.whole
    (condition,) = plan.conditions("incidents_unit")
    assert all(part in condition for part in ("unit_id = ANY", "happened_at >=", "happened_at <"))


# --- plans that do not outlive their actor ----------------------------------------------------------------------------


def test_no_plan_is_kept_for_whoever_comes_next(crowd: Crowd) -> None:
    """A statement that is sent often is prepared; were its plan kept as well, it would suit another actor."""
    kept = (
        "select sum(generic_plans)::int, sum(custom_plans)::int from pg_prepared_statements where statement like :like"
    )
    pages, highest = "%from incidents i where%limit%", "select max(number) from incidents"
    box = crowd.city.view(BUSY, 0.02)
    with crowd.bound("one unit") as (session, reach):
        for _ in range(
            20
        ):  # the control: sent without settling first, as in any transaction that does nothing about it
            session.execute(text(highest))
        assert session.execute(text(kept), {"like": highest}).one()[0] > 0
        for _ in range(20):
            page(session, box, reach)
        generic, custom = session.execute(text(kept), {"like": pages}).one()
        assert generic == 0
        assert custom >= 10


def test_the_latest_incident_is_the_citys_whoever_asks(crowd: Crowd) -> None:
    """Else it would be looked for from the top to the bottom by those who reach nothing."""
    latest = "select max(happened_at) from incidents"
    with crowd.house.db.transaction() as session:
        known = session.execute(text(latest)).scalar_one()
    with bound(crowd.house, Role.CENTRE_OPERATOR, NOBODYS) as session:
        assert session.execute(text(latest)).scalar_one() is None
        assert session.execute(text("select incidents_latest()")).scalar_one() == known


# --- the same answers -------------------------------------------------------------------------------------------------


def test_a_view_holds_exactly_what_lies_in_it(few: Crowd) -> None:
    assert check_answers(few) > FEW


def test_the_index_alone_would_hold_more(few: Crowd) -> None:
    """The control: boxes are kept in single precision, so that something beyond an edge is found, too."""
    beyond = 0
    with few.house.db.transaction() as session:
        for lon, lat in few.city.points[:200]:
            box = (float(np.nextafter(lon, 180)), float(lat), float(lon) + 1e-4, float(lat) + 1e-4)
            rough = set(session.connection().exec_driver_sql(BARE, box).scalars())
            exact = set(page(session, box, EVERYWHERE, limit=FEW))
            assert exact <= rough
            beyond += len(rough - exact)
    assert beyond >= 200
