"""Months are partitions; no date is refused; what lay in the default partition moves when its month is made."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime

from shapely import Polygon
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.auth.rules import EVERYWHERE
from gridgov.bootstrap import House
from gridgov.incidents import service
from gridgov.incidents.months import ensure_coming, ensure_months, next_month
from gridgov.incidents.rules import Channel, Report
from gridgov.incidents.service import Indexes, OldIncident
from tests import sample
from tests.followed import followed, standing

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def report(house: House, session: Session, happened_at: datetime) -> uuid.UUID:
    lon, lat = sample.centre("A02")
    new = Report(uuid.uuid4(), "06010", lon, lat, happened_at, Channel.WORKER)
    service.report(session, new, indexes=Indexes(house.locator, house.places, house.router, house.sealer), now=NOW)
    return new.id


def tables(session: Session) -> dict[str, int]:
    rows = session.execute(text("select tableoid::regclass::text as name, count(*) as n from incidents group by 1"))
    return {row.name: row.n for row in rows}


def test_no_date_is_refused_and_rows_move_home(house: House) -> None:
    with house.db.transaction() as session:
        sample.set_up(session)
        assert ensure_coming(session, NOW) == 4
        first = report(house, session, datetime(2026, 11, 3, tzinfo=UTC))
        old = report(house, session, datetime(1999, 12, 31, 23, 59, tzinfo=UTC))
    with house.db.transaction() as session:
        assert tables(session) == {"incidents_2026_11": 1, "incidents_default": 1}
        assert ensure_months(session, [date(1999, 12, 1)]) == 1
        assert ensure_months(session, [date(1999, 12, 1)]) == 0
    with house.db.transaction() as session:
        assert tables(session) == {"incidents_2026_11": 1, "incidents_1999_12": 1}
        for ident in (first, old):
            assert service.get(session, ident, locator=house.locator, reach=EVERYWHERE).row.id == ident


def test_months_follow_each_other() -> None:
    assert next_month(date(2026, 12, 1)) == date(2027, 1, 1)
    assert next_month(date(2026, 1, 1)) == date(2026, 2, 1)


def old_incidents(n: int) -> list[OldIncident]:
    codes = [code for row in sample.CODES for code in row]
    out = []
    for i in range(n):
        lon, lat = sample.centre(codes[i % len(codes)])
        moment = datetime(2026, 1 + i % 9, 1 + i % 27, i % 24, tzinfo=UTC)
        out.append(
            OldIncident(uuid.uuid5(uuid.NAMESPACE_URL, str(i)), ("06010", "09009", "10001")[i % 3], lon, lat, moment)
        )
    return out


def test_bulk_gives_the_same_as_one_by_one(house: House) -> None:
    """The same point, category and instant: area, agency, site and item agree between both ways in."""
    with house.db.transaction() as session:
        sample.set_up(session)
    past = old_incidents(48)
    with house.db.transaction() as session:
        taken = service.take_many(session, past, locator=house.locator, router=house.router, now=NOW)
        assert (taken.added, taken.repeated, taken.other) == (48, 0, ())
        for one in past:
            ident = uuid.uuid4()
            new = Report(ident, one.category, one.lon, one.lat, one.happened_at, Channel.WORKER)
            indexes = Indexes(house.locator, house.places, house.router, house.sealer)
            single = service.report(session, new, indexes=indexes, now=NOW).seen.row
            bulk = service.get(session, one.id, locator=house.locator, reach=EVERYWHERE).row
            for column in (
                "area_id",
                "grid_id",
                "unit_id",
                "agency_id",
                "lead_area_id",
                "site_id",
                "item_id",
                "outside_m",
            ):
                assert getattr(single, column) == getattr(bulk, column), (one.category, column)


def test_bulk_is_safe_to_repeat(house: House) -> None:
    with house.db.transaction() as session:
        sample.set_up(session)
    past = old_incidents(30)
    with house.db.transaction() as session:
        service.take_many(session, past, locator=house.locator, router=house.router, now=NOW)
    with house.db.transaction() as session:
        changed = [replace(past[0], text="another text"), *past[1:]]
        taken = service.take_many(session, changed, locator=house.locator, router=house.router, now=NOW)
        assert (taken.added, taken.repeated, taken.other) == (0, 29, (past[0].id,))
        assert session.execute(text("select count(*) from incidents")).scalar_one() == 30
        assert service.get(session, past[0].id, locator=house.locator, reach=EVERYWHERE).row.text == ""


def test_the_past_is_placed_as_it_was_and_counted_as_it_is(house: House) -> None:
    """A01 takes in A02 in June: incidents of May keep A02 as their area, and belong to A01 now."""
    june = datetime(2026, 6, 1, tzinfo=UTC)
    with house.db.transaction() as session:
        sample.set_up(session)
    lon, lat = sample.centre("A02")
    may, july = (OldIncident(uuid.uuid4(), "06010", lon, lat, datetime(2026, month, 5, tzinfo=UTC)) for month in (5, 7))
    with house.db.transaction() as session:
        service.take_many(session, [may], locator=house.locator, router=house.router, now=NOW)
        ids = {row.code: row.id for row in areas.list_areas(session, at=None, limit=1000)}
        both = sample.cell("A01") | sample.cell("A02")
        assert isinstance(both, Polygon)
        wide = replace(next(area for area in sample.new_areas() if area.code == "A01"), geom=both)
        standing_before = standing(session)
        areas.put_in_force(session, [wide], name="merger", valid_from=june, ending=[ids["A02"]])
        before = service.get(session, may.id, locator=house.locator, reach=EVERYWHERE).row
        assert (before.area_id, before.grid_id) == (ids["A02"], ids["A02"])
        assert followed(session, standing_before, NOW) == 1
        assert followed(session, standing_before, NOW) == 0
    with house.db.transaction() as session:
        later = replace(may, id=uuid.uuid4())
        service.take_many(session, [later, july], locator=house.locator, router=house.router, now=NOW)
        for ident, area in ((may.id, "A02"), (later.id, "A02"), (july.id, "A01")):
            row = service.get(session, ident, locator=house.locator, reach=EVERYWHERE).row
            assert (row.area_id, row.grid_id) == (ids[area], ids["A01"]), area
