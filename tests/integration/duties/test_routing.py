"""Who is responsible at a point, with every reason: lists in time, smaller areas first, the nearest site."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from shapely import LineString, MultiLineString, Point

from gridgov.areas import service as areas
from gridgov.areas.layers import Layer, LayerRow, put_layer
from gridgov.bootstrap import House, build
from gridgov.duties import service
from gridgov.duties.route import Outcome
from gridgov.duties.router import CategoryUnknown
from gridgov.duties.rules import ManagementClass, Nearest
from gridgov.duties.service import NewItem, NewSite
from tests import sample

LATER = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def city(sampled: House) -> House:
    return sampled


def lead_of(house: House, category: str, code: str, at: datetime | None = None) -> str | None:
    with house.db.transaction() as session:
        route = house.router.route(session, category, *sample.centre(code), at=at)
    return route.lead.code if route.lead else None


def test_the_list_decides_and_says_why(city: House) -> None:
    with city.db.transaction() as session:
        route = city.router.route(session, "06010", *sample.centre("A01"))
    assert route.outcome is Outcome.ROUTED
    assert route.lead is not None
    assert route.lead.code == "HW"
    assert [body.code for body in route.supporting] == ["WS"], "@unit is the sub-district here"
    assert [site.site.names["en"] for site in route.sites] == ["West Station", "East Station"]
    assert [reason.step for reason in route.reasons] == ["place", "item", "lead", "site"]
    assert all(reason.zh and reason.en for reason in route.reasons)


def test_a_smaller_area_goes_first_and_the_other_is_named_next(city: House) -> None:
    with city.db.transaction() as session:
        route = city.router.route(session, "06010", *sample.centre("B01"))
    assert route.lead is not None
    assert (route.lead.kind, route.lead.code) == ("area", "E1"), "without a sub-district the community is the unit"
    assert [(n.item_code, n.body.code) for n in route.next] == [("1", "HW")]
    assert lead_of(city, "06010", "B03") == "HW", "the next community has no exception"


def test_nobody_is_an_answer(city: House) -> None:
    with city.db.transaction() as session:
        route = city.router.route(session, "10001", *sample.centre("A01"))
    assert route.outcome is Outcome.ORPHAN
    assert route.lead is None
    assert route.reasons[-1].step == "orphan"


def test_an_unknown_category_names_those_that_look_alike(city: House) -> None:
    with pytest.raises(CategoryUnknown) as refused, city.db.transaction() as session:
        city.router.route(session, "0601", *sample.centre("A01"))
    assert "06010" in (refused.value.remedy or "")


def test_lists_hold_in_time(city: House, database_url: str, tmp_path: Path) -> None:
    other = build(database_url, "demo", tmp_path)  # a second process that has the first version in memory
    try:
        assert lead_of(other, "06010", "A01") == "HW"
        items = [NewItem("1", "*", "JJ", ManagementClass.PROFESSIONAL)]
        with city.db.transaction() as session:
            done = service.put_list(session, items, name="样城责任清单", valid_from=LATER)
        assert done.list_id is not None
        with city.db.transaction() as session:
            assert service.put_list(session, items, name="样城责任清单", valid_from=LATER).list_id is None, (
                "the same again"
            )
        for house in (city, other):
            assert lead_of(house, "06010", "A01") == "JJ"
            assert lead_of(house, "06010", "A01", at=datetime(2026, 5, 31, tzinfo=UTC)) == "HW"
            assert lead_of(house, "10001", "A01", at=LATER) == "JJ"
    finally:
        other.close()
    changed = [NewItem("1", "*", "CG", ManagementClass.PROFESSIONAL)]
    with pytest.raises(service.ListMovedOn), city.db.transaction() as session:
        service.put_list(session, changed, name="样城责任清单", valid_from=LATER)


def test_an_unknown_agency_is_named(city: House) -> None:
    with pytest.raises(service.AgencyUnknown) as refused, city.db.transaction() as session:
        service.put_list(session, [NewItem("9", "*", "NOBODY", ManagementClass.PROFESSIONAL)], name="other")
    assert refused.value.field == "agency"


def test_sites_of_agencies_below_serve_too(city: House) -> None:
    with city.db.transaction() as session:
        item = NewItem("1", "*", "CG", ManagementClass.PROFESSIONAL, served_from_sites=True, nearest=Nearest.STRAIGHT)
        service.put_list(session, [item], name="样城责任清单", valid_from=LATER)
    with city.db.transaction() as session:
        route = city.router.route(session, "06010", *sample.centre("B08"))
    assert route.site is not None
    assert route.site.site.names["en"] == "East Station", "the bureau works from its office's stations"


def test_a_service_area_goes_before_nearness(city: House) -> None:
    point = sample.centre("A06")  # next to the western station
    with city.db.transaction() as session:
        far = NewSite(
            "hw-far", Point(*sample.centre("B04")), {"en": "Far Station"}, "HW", service_area=sample.cell("A06")
        )
        service.put_sites(session, "sample", [far])
    with city.db.transaction() as session:
        route = city.router.route(session, "06010", *point)
        elsewhere = city.router.route(session, "06010", *sample.centre("A07"))
    assert route.site is not None
    assert (route.site.site.names["en"], route.site.in_service_area) == ("Far Station", True)
    assert elsewhere.site is not None
    assert elsewhere.site.site.names["en"] == "West Station"


def roads(house: House) -> None:
    """One road from the middle of A07 eastwards; the western station can only be reached round the whole city."""
    west, mid, east = sample.centre("A05"), sample.centre("A07"), sample.centre("B08")
    north = sample.LAT0 + 2.5 * sample.STEP
    line = LineString([mid, east, (east[0], north), (west[0], north), west])
    with house.db.transaction() as session:
        put_layer(
            session, Layer.STREET, "sample", [LayerRow("1", MultiLineString([line]), {"zh": "环路", "en": "Ring Road"})]
        )
        items = [NewItem("1", "*", "HW", ManagementClass.PROFESSIONAL, served_from_sites=True, nearest=Nearest.ROAD)]
        service.put_list(session, items, name="样城责任清单", valid_from=LATER)


def test_by_road_another_site_is_nearest(city: House) -> None:
    """The control is the straight line, which would choose the station that no short road leads to."""
    roads(city)
    with city.db.transaction() as session:
        route = city.router.route(session, "06010", *sample.centre("A07"))
        before = city.router.route(session, "06010", *sample.centre("A07"), at=datetime(2026, 5, 1, tzinfo=UTC))
    assert route.site is not None
    assert before.site is not None
    assert (route.site.site.names["en"], before.site.site.names["en"]) == ("East Station", "West Station")
    by_name = {site.site.names["en"]: site for site in route.sites}
    east, west = by_name["East Station"], by_name["West Station"]
    assert east.road_m is not None
    assert west.road_m is not None
    assert west.straight_m < east.straight_m <= east.road_m < west.road_m


@pytest.mark.parametrize("with_roads", [False, True])
def test_in_bulk_and_one_by_one_agree(city: House, with_roads: bool) -> None:
    if with_roads:
        roads(city)
    rng = np.random.default_rng(5)
    lon = sample.LON0 + rng.uniform(-0.5, 8.5, 300) * sample.STEP
    lat = sample.LAT0 + rng.uniform(-0.5, 2.5, 300) * sample.STEP
    codes = [("06010", "09009", "10001")[i % 3] for i in range(300)]
    with city.db.transaction() as session:
        bulk = city.locator.index(session).locate_many(lon, lat)
        routed = city.router.route_many(session, codes, bulk, lon, lat)
        for i, code in enumerate(codes):
            one = city.router.route(session, code, float(lon[i]), float(lat[i]))
            lead = one.lead
            assert routed.agency_id[i] == (lead.agency.id if lead and lead.agency else 0)
            assert routed.lead_area_id[i] == (lead.area.id if lead and lead.area else 0)
            assert routed.site_id[i] == (one.site.site.id if one.site else 0), (i, code)
            assert routed.item_id[i] == (one.item.id if one.item else 0)


def test_a_matter_at_a_level_that_is_absent_falls_to_the_unit(city: House) -> None:
    with city.db.transaction() as session:
        item = NewItem("1", "*", "@subdistrict", ManagementClass.COMPREHENSIVE)
        service.put_list(session, [item], name="样城责任清单", valid_from=LATER)
        assert areas.city(session).code == "demo"
    assert lead_of(city, "06010", "A01") == "WS"
    assert lead_of(city, "06010", "B01") == "E1"
