"""Tiers that go and come back, communities that merge and part again: nothing lost, every count as it was and as it is.

A01-A05 of the domain: 6 sub-districts to 12 communities, 8 to 18 (辽源), 49 communities to 18, 10 to 5 (铜陵), and back
to the old model after seven years (白下).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from shapely import Polygon, box, union_all
from sqlalchemy import text

from gridgov.areas import service as areas
from gridgov.areas.following import Takeover
from gridgov.areas.locator import Locator
from gridgov.areas.rules import Level, NewArea
from gridgov.bootstrap import House
from gridgov.duties import service as duties
from gridgov.duties.rules import ManagementClass
from gridgov.duties.service import NewAgency, NewCategory, NewItem
from gridgov.incidents import service as incidents
from gridgov.incidents.service import OldIncident
from gridgov.planning import steering
from gridgov.planning.changes import AbolishTier, Change, MergeCommunities, NewSubdistrict, RestoreTier
from gridgov.planning.publishing import MattersOpen
from gridgov.platform import clock
from tests.integration.planning.taking_effect import draft, followed, in_one_grid, put_in_force

WEST, SOUTH, STEP = 125.10, 42.88, 0.004
LISTED = "责任清单"


@dataclass(frozen=True)
class Reform:
    """Of a district: so many sub-districts, of so many communities together, become so many communities."""

    name: str
    code: str
    subdistricts: int
    communities: int
    merged: int


REFORMS = (
    Reform("辽源西安区", "220403", 6, 24, 12),
    Reform("辽源龙山区", "220402", 8, 36, 18),
    Reform("铜陵铜官山区", "340702", 6, 49, 18),
    Reform("铜陵狮子山区", "340703", 4, 10, 5),
)


def joined(shapes: list[Polygon]) -> Polygon:
    """Side by side as one."""
    found = union_all(shapes)
    assert isinstance(found, Polygon)
    return found


def built(reform: Reform) -> list[NewArea]:
    """A district one community wide for each column, each of two grids."""

    def cell(column: int, row: int) -> Polygon:
        return box(WEST + column * STEP, SOUTH + row * STEP, WEST + (column + 1) * STEP, SOUTH + (row + 1) * STEP)

    names = {"zh": reform.name, "en": reform.code}
    held: dict[int, list[int]] = {}
    for column in range(reform.communities):
        held.setdefault(column * reform.subdistricts // reform.communities, []).append(column)
    shapes = {column: joined([cell(column, 0), cell(column, 1)]) for column in range(reform.communities)}
    whole = joined(list(shapes.values()))
    made = [NewArea(Level.CITY, reform.code[:4], None, names, whole),
            NewArea(Level.DISTRICT, reform.code, reform.code[:4], names, whole)]  # fmt: skip
    for number, columns in held.items():
        code = f"{reform.code}{number + 1:03d}"
        made.append(NewArea(Level.SUBDISTRICT, code, reform.code, {"zh": f"第{number + 1}街道"},
                            joined([shapes[column] for column in columns])))  # fmt: skip
        for place, column in enumerate(columns, start=1):
            community = f"{code}{place:03d}"
            made.append(NewArea(Level.COMMUNITY, community, code, {"zh": f"第{column + 1}社区"}, shapes[column]))
            made += [NewArea(Level.GRID, f"{community}{row + 1:03d}", community, {"zh": f"{row + 1}"},
                             cell(column, row), "urban", 900, 300) for row in (0, 1)]  # fmt: skip
    return made


@pytest.fixture(params=REFORMS, ids=lambda one: f"{one.subdistricts}-{one.communities}-{one.merged}")
def reform(request: pytest.FixtureRequest) -> Reform:
    found: Reform = request.param
    return found


@pytest.fixture
def city(house: House, reform: Reform) -> House:
    with house.db.transaction() as session:
        areas.set_up_city(session, code="demo", names={"zh": reform.name, "en": reform.code}, timezone="Asia/Shanghai",
                          lon=WEST, lat=SOUTH)  # fmt: skip
        areas.put_in_force(session, built(reform), name="old", valid_from=None)
        matter = NewCategory("matter", "06010", {"zh": "暴露垃圾", "en": "Garbage"}, "06", {"zh": "市容", "en": "Look"})
        duties.put_categories(session, [matter])
        duties.put_agencies(session, [NewAgency("CG", {"zh": "城管局", "en": "Urban Management"})])
        items = [NewItem("1", "06*", "@subdistrict", ManagementClass.COMPREHENSIVE, ("CG",)),
                 NewItem("2", "*", "@unit", ManagementClass.COMPREHENSIVE)]  # fmt: skip
        duties.put_list(session, items, name=LISTED)
        past = [
            OldIncident(uuid.uuid4(), "06010", WEST + (number % reform.communities + 0.5) * STEP,
                        SOUTH + (number % 2 + 0.5) * STEP, datetime(2002, 1, 1 + number % 28, tzinfo=UTC))
            for number in range(4 * reform.communities)
        ]  # fmt: skip
        incidents.take_many(session, past, locator=house.locator, router=house.router, now=clock.utcnow())
    return house


def by_level(house: House) -> dict[str, int]:
    with house.db.transaction() as session:
        return areas.counts_by_level(session)


def ids(house: House, level: Level) -> list[int]:
    """In the order of their codes."""
    with house.db.transaction() as session:
        return [row.id for row in areas.list_areas(session, at=None, level=level, limit=1000)]


def merging(communities: list[int], into: int) -> list[Change]:
    """Neighbours join so that as many are left."""
    groups: dict[int, list[int]] = {}
    for place, one in enumerate(communities):
        groups.setdefault(place * into // len(communities), []).append(one)
    return [
        MergeCommunities(tuple(members), {"zh": f"大社区{number + 1}", "en": f"Large {number + 1}"})
        for number, members in groups.items() if len(members) > 1
    ]  # fmt: skip


def counted(house: House, column: str) -> dict[int, int]:
    with house.db.transaction() as session:
        rows = session.execute(text(f"select {column} as area, count(*) as n from incidents group by 1"))  # of names
        return {row.area: row.n for row in rows}


def communities_of(house: House, counts: dict[int, int], at: datetime) -> dict[int, int]:
    """Counts of grids summed up at the communities that held them at an instant."""
    with house.db.transaction() as session:
        index = Locator().index(session, at)
    found: dict[int, int] = {}
    for area, count in counts.items():
        community = next(one.id for one in index.path_of(area) if one.level == Level.COMMUNITY)
        found[community] = found.get(community, 0) + count
    return found


def leads(house: House) -> set[tuple[str, str | None]]:
    """(item, office or agency) of the list in force."""
    with house.db.transaction() as session:
        rows = session.execute(text("select i.code, coalesce('@' || lead_level, a.code) as lead from duties_item i "
                                    "join duties_list l on l.id = i.list_id and upper_inf(l.valid) "
                                    "left join duties_agency a on a.id = i.lead_agency_id"))  # fmt: skip
        return {(row.code, row.lead) for row in rows}


def test_there_and_back_again(city: House, reform: Reform) -> None:
    before, was = by_level(city), counted(city, "grid_id")
    (district,) = ids(city, Level.DISTRICT)
    codes = {one: tuple(ids(city, one)) for one in Level}
    changes = [AbolishTier(district), *merging(list(codes[Level.COMMUNITY]), reform.merged)]
    with pytest.raises(MattersOpen, match="@subdistrict"):
        put_in_force(city, draft(city, {}, changes))  # the control: nobody takes over what the offices did
    reformed = draft(city, {}, changes, [Takeover(LISTED, "1", "@community")], "撤街并社区")
    put_in_force(city, reformed)
    followed(city)
    now = by_level(city)
    assert (now.get("subdistrict", 0), now["community"], now["grid"]) == (0, reform.merged, before["grid"])
    assert leads(city) == {("1", "@community"), ("2", "@unit")}
    total = 4 * reform.communities
    assert in_one_grid(city) == (total, [])
    as_it_was = communities_of(city, counted(city, "area_id"), datetime(2002, 6, 1, tzinfo=UTC))
    as_it_is = communities_of(city, counted(city, "grid_id"), clock.utcnow())
    assert (len(as_it_was), sum(as_it_was.values())) == (reform.communities, total)
    assert (len(as_it_is), sum(as_it_is.values())) == (reform.merged, total)
    assert len(counted(city, "unit_id")) == reform.merged, "where there is no sub-district the community is the unit"

    with city.db.transaction() as session:
        back = steering.roll_back(session, None, reformed, before=True, now=clock.utcnow())
    put_in_force(city, back)
    followed(city)
    assert by_level(city) == before
    assert {one: tuple(ids(city, one)) for one in Level} == codes, "every area under its own id and code"
    assert counted(city, "grid_id") == was
    assert in_one_grid(city) == (total, [])
    assert sum(counted(city, "area_id").values()) == total


@pytest.mark.parametrize("reform", [REFORMS[3]], ids=["4-10"], indirect=True)
def test_the_tier_comes_back_in_another_form(city: House, reform: Reform) -> None:
    """Two sub-districts where there were four; the offices have their work, and a new one its communities."""
    (district,) = ids(city, Level.DISTRICT)
    put_in_force(city, draft(city, {}, [AbolishTier(district)], [Takeover(LISTED, "1", "@community")]))
    communities = ids(city, Level.COMMUNITY)
    two = tuple(NewSubdistrict(f"{reform.code}10{n}", {"zh": f"新街道{n}"}, tuple(half))
                for n, half in enumerate((communities[:4], communities[4:]), start=1))  # fmt: skip
    put_in_force(city, draft(city, {}, [RestoreTier(district, two)]))
    followed(city)
    assert by_level(city)["subdistrict"] == 2
    assert sorted(counted(city, "unit_id").values()) == [16, 24]
    assert in_one_grid(city) == (40, [])
