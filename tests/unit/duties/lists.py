"""A small city and items for tests of the pure parts: two districts of two communities of two grids."""

from __future__ import annotations

from datetime import UTC, datetime

from gridgov.areas.rules import AreaFacts, Level
from gridgov.duties import ground
from gridgov.duties.lint import AgencyFacts, City
from gridgov.duties.rules import Agency, Body, Item, ManagementClass
from gridgov.platform.calendars import Limit

AT = datetime(2026, 3, 1, tzinfo=UTC)
MATTERS = ("06010", "06011", "07001", "09009")
AGENCIES = {i: Agency(i, code, {"zh": code}) for i, code in enumerate(("CG", "HW", "JJ"), start=1)}


def areas() -> list[AreaFacts]:
    """Ids: city 1; districts 2, 3; communities 4 to 7; grids 8 to 15, two and two."""
    made = [AreaFacts(1, Level.CITY, "C", {}, None)]
    made += [AreaFacts(i, Level.DISTRICT, f"D{i}", {}, 1) for i in (2, 3)]
    made += [AreaFacts(i, Level.COMMUNITY, f"M{i}", {}, 2 + (i - 4) // 2) for i in range(4, 8)]
    return made + [AreaFacts(i, Level.GRID, f"G{i}", {}, 4 + (i - 8) // 2) for i in range(8, 16)]


def body(name: str) -> Body:
    """Of the code of an agency, "@unit" …, or "" for nobody."""
    if name.startswith("@"):
        return Body(level=name[1:])
    return Body(agency=next(one for one in AGENCIES.values() if one.code == name)) if name else Body()


def item(
    code: str, category: str, lead: str = "CG", area_id: int | None = None, *, name: str = "list", **more: object
) -> Item:
    """An item without fault unless `more` brings one in."""
    office = lead.startswith("@")
    facts: dict[str, object] = {
        "management_class": ManagementClass.COMPREHENSIVE if office else ManagementClass.PROFESSIONAL,
        "supporting": (),
        "served_from_sites": False,
        "nearest": None,
        "basis": None,
        "list_version": 1,
        "time_limit": "2 work_day",
        "limit": Limit.parse("2 work_day"),
        "level": "community",
    }
    made = facts | more
    return Item(id=0, code=code, category=category, area_id=area_id, lead=body(lead), list_name=name, **made)  # type: ignore[arg-type]


CLEAN = (
    item("1", "06*"),
    item("2", "06010", "@unit", 4),
    item("3", "07001", "HW"),
    item("4", "09009", "JJ", served_from_sites=True),
)


def city(*, closed: frozenset[str] = frozenset(), sites: int = 2, at: datetime = AT) -> City:
    """What a list is held against."""
    agencies = {i: AgencyFacts(one, one.code in closed, sites) for i, one in AGENCIES.items()}
    return City(MATTERS, agencies, frozenset(area.id for area in areas()), at)


def pieces(*items: Item) -> tuple[ground.Piece, ...]:
    """Cut by the items."""
    return ground.cut(ground.leaves(areas()), items)
