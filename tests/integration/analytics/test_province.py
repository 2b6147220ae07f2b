"""What a province sees: sums of its cities in scope, by what each city counts itself; a city that is away is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from gridgov.analytics import province
from gridgov.analytics.province import Reader
from gridgov.api.app import create_app
from gridgov.api.cities import Cities
from gridgov.auth.rules import Role
from gridgov.bootstrap import House, build, prepare
from gridgov.platform.errors import BadInput
from tests import sample
from tests.conftest import serving
from tests.people import appoint

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
EVERY = Reader("", None)
MADE = """
    insert into incidents_key (id, body_sha256, happened_at) select id, '', at from unnest(cast(:ids as uuid[]),
      cast(:ats as timestamptz[])) as k (id, at);
    insert into incidents (id, category_id, channel, happened_at, reported_lon, reported_lat, datum, area_id, grid_id,
                           unit_id, hex9, geom)
    select k.id, (select min(id) from duties_category), 'hotline', k.at, 117, 32, 'wgs84', g.id, g.id, g.id, 1,
           st_setsrid(st_makepoint(117.001, 32.001), 4326)
    from unnest(cast(:ids as uuid[]), cast(:ats as timestamptz[])) as k (id, at),
         (select area_id as id from areas_version where code = 'A01') g
    """

NORTH = """
    insert into catalogue.city (code, names, timezone, centre, srid_m)
    select 'north', names, timezone, centre, srid_m from catalogue.city limit 1
    """


@pytest.fixture
def cities(house: House, database_url: str, tmp_path: Path) -> Iterator[dict[str, House]]:
    """demo has three incidents on two days, east one; north is registered, and nothing of it is there."""
    made = {"demo": house}
    prepare(database_url, "east", tmp_path)
    made["east"] = build(database_url, "east", tmp_path, pool_size=2)
    days = {"demo": ("2026-11-18T15:59:00Z", "2026-11-18T16:00:00Z", "2026-11-19T02:00:00Z"),
            "east": ("2026-11-19T02:00:00Z",)}  # fmt: skip
    for code, one in made.items():
        with one.db.transaction() as session:
            sample.set_up(session, code=code)
            for statement in MADE.split(";"):
                session.execute(text(statement), {"ids": [str(uuid4()) for _ in days[code]], "ats": list(days[code])})
    with house.db.transaction() as session:
        session.execute(text(NORTH))
    yield made
    made["east"].close()


def roll_up(house: House, now: datetime = NOW, *, anyway: bool = True) -> bool:
    return province.roll_up(house.internally, house.shared, house.app.city, ZONE, now=now, anyway=anyway)


def seen(house: House, reader: Reader = EVERY, *, now: datetime = NOW, **days: date) -> province.View:
    with house.shared("province") as session:
        return province.view(session, reader, days.get("since"), days.get("until"), now=now)


def test_cities_add_up_and_days_are_those_of_the_city(cities: dict[str, House]) -> None:
    for one in cities.values():
        assert roll_up(one)
    house = cities["demo"]
    found = seen(house)
    assert [one.code for one in found.cities] == ["demo", "east", "north"]
    assert [one.counts.incidents for one in found.cities if one.counts] == [3, 1]
    assert (found.missing, found.total.incidents) == (("north",), 4)
    assert found.total.households == 2 * 16 * 300
    assert found.total.per_100_households == round(400 / (2 * 16 * 300), 6)
    assert (found.total.overdue_share, found.total.closed_lowest_share) == (None, None)  # nothing to divide by
    on_18th = seen(house, since=date(2026, 11, 18), until=date(2026, 11, 19))
    assert on_18th.total.incidents == 1  # 23:59 in the city; a minute later it is the 19th there
    assert seen(house, since=date(2027, 1, 1)).total.incidents == 0
    with pytest.raises(BadInput, match="ends before"):
        seen(house, since=date(2026, 11, 19), until=date(2026, 11, 18))


def test_a_city_that_is_away_is_named_and_in_no_sum(cities: dict[str, House]) -> None:
    roll_up(cities["demo"])
    roll_up(cities["east"], NOW - province.OLD_AFTER)
    found = seen(cities["demo"])
    assert found.missing == ("east", "north")
    assert found.total.incidents == 3
    assert [one.as_of for one in found.cities] == [NOW, NOW - province.OLD_AFTER, None]


def test_scope_is_by_city(cities: dict[str, House]) -> None:
    for one in cities.values():
        roll_up(one)
    found = seen(cities["demo"], Reader("", ("east",)))
    assert ([one.code for one in found.cities], found.total.incidents) == (["east"], 1)
    assert seen(cities["demo"], Reader("", ("elsewhere",))).cities == ()


def test_what_went_is_gone_at_the_next_roll_up(cities: dict[str, House]) -> None:
    """The latest days at each, older ones once a day; the control is that the day before has not passed yet."""
    house = cities["demo"]
    with house.db.transaction() as session:
        assert province.add_reader(session, "省厅", [], known_cities=["demo"], now=NOW - timedelta(days=9), days=90)
    assert roll_up(house, NOW, anyway=False)
    with house.db.transaction() as session:
        session.execute(text("update incidents set status = 'void'"))
    assert roll_up(house, NOW + timedelta(hours=1), anyway=False)
    assert seen(house, now=NOW + timedelta(hours=1)).total.incidents == 0
    with house.db.transaction() as session:
        session.execute(text("update incidents set status = 'open'"))
    later = NOW + timedelta(days=9)
    with house.shared("counter") as session:
        session.execute(text("update catalogue.province_city set whole_as_of = :at"), {"at": later})
    assert roll_up(house, later, anyway=False)
    assert seen(house, now=later).total.incidents == 0
    later += timedelta(days=1)
    assert roll_up(house, later, anyway=False)
    assert seen(house, now=later).total.incidents == 3


def test_nothing_is_counted_while_nobody_may_ask(cities: dict[str, House]) -> None:
    assert not roll_up(cities["demo"], anyway=False)
    assert seen(cities["demo"]).missing == ("demo", "east", "north")


def test_the_roles_see_no_more_than_they_need(cities: dict[str, House]) -> None:
    """The province reads no incident of any city; a city's post reads nothing of the province's."""
    house = cities["demo"]
    for table in ("incidents", "cases", "auth_account", "east.incidents"):
        with pytest.raises(ProgrammingError, match="permission denied"), house.shared("province") as session:
            session.execute(text(f"select 1 from {table}"))
    for role in ("door", "public", "intake", "keeper"):
        with pytest.raises(ProgrammingError, match="permission denied"), house.internally(role) as session:
            session.execute(text("select 1 from catalogue.province_reader"))
    with house.shared("province") as session:  # the control
        assert session.execute(text("select count(*) from catalogue.province_reader")).scalar_one() == 0


def test_over_http(cities: dict[str, House], database_url: str, tmp_path: Path) -> None:
    house = cities["demo"]
    now = datetime.now(UTC)
    for one in cities.values():
        roll_up(one, now)
    with house.db.transaction() as session:
        tokens = [
            province.add_reader(session, "省政法委", scope, known_cities=list(cities), now=now, days=30)
            for scope in ([], ["east"])
        ]
        with pytest.raises(BadInput, match="elsewhere"):
            province.add_reader(session, "x", ["elsewhere"], known_cities=list(cities), now=now, days=30)
    operator = appoint(house, Role.CENTRE_OPERATOR)
    machine = appoint(house, Role.MACHINE, permissions=("density.read",))
    app = Cities(create_app(house), lambda: [], lambda code: build(database_url, code, tmp_path), create_app)
    with serving(app) as base:
        address = f"{base}/province/counts"

        def asked(token: str, query: str = "") -> httpx.Response:
            return httpx.get(address + query, headers={"Authorization": f"Bearer {token}"})

        body = asked(tokens[0], "?from=2026-11-01&to=2026-12-01").json()
        assert body["total"]["incidents"] == 4
        assert [one["code"] for one in body["cities"]] == ["demo", "east", "north"]
        assert [one["code"] for one in asked(tokens[1]).json()["cities"]] == ["east"]
        assert asked(tokens[0], "?from=x").status_code == 422
        assert asked(tokens[0]).headers["cache-control"] == "no-store"
        for headers in ({}, operator.headers, machine.headers, {"Authorization": f"Bearer {tokens[0]}x"}):
            answer = httpx.get(address, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "reader-unknown")
        inside = httpx.get(f"{base}/api/v1/incidents", headers={"Authorization": f"Bearer {tokens[0]}"})
        assert inside.status_code == 401  # nobody in a city
        with house.db.transaction() as session:
            province.revoke(session, 1, now=now)
        assert asked(tokens[0]).status_code == 401
        assert asked(tokens[1]).status_code == 200
