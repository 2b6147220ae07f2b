"""A small city for tests: two districts, one with sub-districts and one without, sixteen square grids of 500 m.

    west district (four tiers)          east district (three tiers)
row 1   W1: A01 A02 | W2: A03 A04      E1: B01 B02 | E2: B03 B04
row 0   W1: A05 A06 | W2: A07 A08      E1: B05 B06 | E2: B07 B08
"""

from __future__ import annotations

from datetime import datetime

from shapely import Point, Polygon, box, union_all
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.areas.names import index_own_names
from gridgov.areas.rules import Level, NewArea
from gridgov.duties import service as duties
from gridgov.duties.rules import ManagementClass, Nearest
from gridgov.duties.service import NewAgency, NewCategory, NewItem, NewSite

LON0, LAT0 = 117.0, 32.0
STEP = 0.005  # about 500 m
CODES = (
    ("A05", "A06", "A07", "A08", "B05", "B06", "B07", "B08"),
    ("A01", "A02", "A03", "A04", "B01", "B02", "B03", "B04"),
)
COMMUNITY = {"A01": "W1", "A02": "W1", "A05": "W1", "A06": "W1", "A03": "W2", "A04": "W2", "A07": "W2", "A08": "W2"}
COMMUNITY |= {"B01": "E1", "B02": "E1", "B05": "E1", "B06": "E1", "B03": "E2", "B04": "E2", "B07": "E2", "B08": "E2"}


def cell(code: str) -> Polygon:
    """The square of a grid."""
    row, column = next((r, c) for r, codes in enumerate(CODES) for c, found in enumerate(codes) if found == code)
    west, south = LON0 + column * STEP, LAT0 + row * STEP
    return box(west, south, LON0 + (column + 1) * STEP, LAT0 + (row + 1) * STEP)


def centre(code: str) -> tuple[float, float]:
    """The middle of a grid."""
    point = cell(code).centroid
    return point.x, point.y


def _union(*communities: str) -> Polygon:
    """The shape of some communities together."""
    found = union_all([cell(code) for codes in CODES for code in codes if COMMUNITY[code] in communities])
    assert isinstance(found, Polygon)
    return found


def new_areas() -> list[NewArea]:
    """The city from the top down."""
    grids = [code for codes in CODES for code in codes]
    union = {
        "C": _union("W1", "W2", "E1", "E2"),
        "W": _union("W1", "W2"),
        "E": _union("E1", "E2"),
        **{community: _union(community) for community in ("W1", "W2", "E1", "E2")},
    }
    made = [
        NewArea(Level.CITY, "C", None, {"zh": "样城", "en": "Sample City"}, union["C"]),
        NewArea(Level.DISTRICT, "W", "C", {"zh": "西区", "en": "West District"}, union["W"]),
        NewArea(Level.DISTRICT, "E", "C", {"zh": "东区", "en": "East District"}, union["E"]),
        NewArea(Level.SUBDISTRICT, "WS", "W", {"zh": "西街道", "en": "West Sub-district"}, union["W"]),
    ]
    parents = {"W1": "WS", "W2": "WS", "E1": "E", "E2": "E"}
    made += [
        NewArea(Level.COMMUNITY, code, parent, {"zh": f"{code}社区", "en": f"Community {code}"}, union[code])
        for code, parent in parents.items()
    ]
    made += [
        NewArea(Level.GRID, c, COMMUNITY[c], {"zh": f"{c}网格", "en": f"Grid {c}"}, cell(c), "urban", 900, 300)
        for c in grids
    ]
    return made


def set_up(session: Session, *, valid_from: datetime | None = None, code: str = "demo") -> None:
    """The sample city with a small catalogue, three agencies and one duty list."""
    areas.set_up_city(
        session,
        code=code,
        names={"zh": "样城", "en": "Sample City"},
        timezone="Asia/Shanghai",
        lon=117.02,
        lat=32.005,
    )
    areas.put_in_force(session, new_areas(), name="first boundaries", valid_from=valid_from)
    index_own_names(session)
    duties.put_categories(
        session,
        [
            NewCategory(
                "matter",
                "06010",
                {"zh": "暴露垃圾", "en": "Exposed garbage"},
                "06",
                {"zh": "市容环境类", "en": "City appearance"},
            ),
            NewCategory(
                "matter",
                "09009",
                {"zh": "机动车乱停放", "en": "Illegal parking"},
                "09",
                {"zh": "街面秩序类", "en": "Street order"},
            ),
            NewCategory(
                "matter",
                "10001",
                {"zh": "道路积雪、结冰", "en": "Snow and ice"},
                "10",
                {"zh": "其他事项类", "en": "Other"},
            ),
        ],
    )
    duties.put_agencies(
        session,
        [
            NewAgency("CG", {"zh": "城市管理局", "en": "Urban Management Bureau"}),
            NewAgency("HW", {"zh": "环卫所", "en": "Sanitation Office"}, parent="CG"),
            NewAgency("JJ", {"zh": "交警大队", "en": "Traffic Police"}),
        ],
    )
    duties.put_sites(
        session,
        "sample",
        [
            NewSite("hw-west", Point(*centre("A05")), {"zh": "西环卫站", "en": "West Station"}, "HW"),
            NewSite("hw-east", Point(*centre("B08")), {"zh": "东环卫站", "en": "East Station"}, "HW"),
            NewSite("jj", Point(*centre("A08")), {"zh": "交警中队", "en": "Traffic Squad"}, "JJ"),
        ],
    )
    ids = {row.code: row.id for row in areas.list_areas(session, at=None, limit=1000)}
    duties.put_list(
        session,
        [
            NewItem(
                "1",
                "06*",
                "HW",
                ManagementClass.PROFESSIONAL,
                ("@unit",),
                served_from_sites=True,
                nearest=Nearest.STRAIGHT,
            ),
            NewItem("2", "06010", "@unit", ManagementClass.COMPREHENSIVE, ("HW",), area_id=ids["E1"]),
            NewItem("3", "09009", "JJ", ManagementClass.PROFESSIONAL, served_from_sites=True, nearest=Nearest.STRAIGHT),
        ],
        name="样城责任清单",
    )
