"""Files of the small sample city (`tests.sample`), as others would send them."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests import sample

GRIDS = [code for codes in sample.CODES for code in codes]

CITY_TOML = """
[city]
code = "demo"
names = { zh = "样城", en = "Sample City" }
nearest = "straight"

[[areas]]
level = "district"
file = "district.geojson"
columns = { code = "code", name_zh = "name", name_en = "name_en" }

[[areas]]
level = "subdistrict"
file = "subdistrict.geojson"
columns = { code = "code", name_zh = "name", parent = "parent" }

[[areas]]
level = "community"
file = "community.geojson"
parent = "place"
columns = { code = "code", name_zh = "name" }

[[areas]]
level = "grid"
file = "grid.geojson"
columns = { code = "code", name_zh = "name", parent = "parent", households = "households" }

[[layers]]
layer = "street"
file = "streets.geojson"
columns = { id = "id", name_zh = "name" }

[categories]
national = true

[[agencies]]
items = [
  { code = "CG", names = { zh = "城市管理局", en = "Urban Management Bureau" } },
  { code = "HW", names = { zh = "环卫所", en = "Sanitation Office" }, parent = "CG" },
]

[[sites]]
file = "sites.csv"
columns = { id = "id", name_zh = "name", agency = "agency" }

[[duties]]
name = "责任清单"
file = "duties.csv"
[duties.columns]
category = "事项"
lead = "牵头"
support = "配合"
class = "类别"
area = "区域"
served_from_sites = "就近"

[[incidents]]
file = "incidents.csv"
columns = { id = "id", category = "category", happened_at = "at", text = "text", status = "status" }
status_values = { "已办结" = "closed", "办理中" = "open" }
"""


def union(codes: Sequence[str]) -> Any:
    """The union of some grids."""
    return shapely.union_all([sample.cell(code) for code in codes])


def of_community(*communities: str) -> list[str]:
    return [code for code in GRIDS if sample.COMMUNITY[code] in communities]


DISTRICTS = {"W": union(of_community("W1", "W2")), "E": union(of_community("E1", "E2"))}


def geojson(path: Path, rows: Sequence[tuple[dict[str, Any], Any]]) -> Path:
    """Features of (properties, geometry)."""
    features = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
        }
        for properties, shape in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), "utf-8")
    return path


def table(path: Path, rows: Sequence[dict[str, Any]], codec: str = "utf-8-sig") -> Path:
    with path.open("w", encoding=codec, newline="") as stream:
        out = csv.DictWriter(stream, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return path


def districts(folder: Path) -> Path:
    words = {"W": "West", "E": "East"}
    rows = [({"code": c, "name": f"{c}区", "name_en": words[c], "gdp": 7}, shape) for c, shape in DISTRICTS.items()]
    return geojson(folder / "district.geojson", rows)


def subdistricts(folder: Path) -> Path:
    return geojson(folder / "subdistrict.geojson", [({"code": "WS", "name": "西街道", "parent": "W"}, DISTRICTS["W"])])


def communities(folder: Path) -> Path:
    rows = [({"code": c, "name": f"{c}社区"}, union(of_community(c))) for c in ("W1", "W2", "E1", "E2")]
    return geojson(folder / "community.geojson", rows)


def grids(folder: Path, name: str = "grid.geojson") -> Path:
    rows = [
        ({"code": c, "name": f"{c}网格", "parent": sample.COMMUNITY[c], "households": 300}, sample.cell(c))
        for c in GRIDS
    ]
    return geojson(folder / name, rows)


def incident_rows(count: int = 40) -> list[dict[str, Any]]:
    rows = []
    for n in range(count):
        lon, lat = sample.centre(GRIDS[n % len(GRIDS)])
        rows.append(
            {
                "id": f"R{n:05}",
                "category": "06010" if n % 2 else "09009",
                "at": f"2026-03-{n % 28 + 1:02} 08:{n % 60:02}",
                "text": f"第{n}件",
                "status": "已办结" if n % 3 else "办理中",
                "lon": lon,
                "lat": lat,
                "source": "12345",
            }
        )
    return rows


def whole_city(folder: Path) -> Path:
    """A city file with everything it names."""
    districts(folder)
    subdistricts(folder)
    communities(folder)
    grids(folder)
    line = shapely.LineString([(sample.LON0, sample.LAT0), (sample.LON0 + 0.04, sample.LAT0)])
    geojson(folder / "streets.geojson", [({"id": "s1", "name": "中山路"}, line)])
    west, east = sample.centre("A05"), sample.centre("B08")
    table(
        folder / "sites.csv",
        [
            {"id": "w", "name": "西站", "agency": "HW", "lon": west[0], "lat": west[1]},
            {"id": "e", "name": "东站", "agency": "HW", "lon": east[0], "lat": east[1]},
        ],
        "gbk",
    )
    table(
        folder / "duties.csv",
        [
            {"事项": "06*", "牵头": "HW", "配合": "CG；@unit", "类别": "专业", "区域": "", "就近": "是"},
            {"事项": "09009", "牵头": "@unit", "配合": "", "类别": "综合", "区域": "", "就近": "否"},
            {"事项": "09009", "牵头": "CG", "配合": "", "类别": "协助", "区域": "E", "就近": "否"},
        ],
        "gbk",
    )
    table(folder / "incidents.csv", incident_rows())
    path = folder / "city.toml"
    path.write_text(CITY_TOML, "utf-8")
    return path


TABLES = (
    "areas", "areas_plan", "areas_version", "areas_street", "areas_building", "areas_block", "areas_facility",
    "areas_name",
    "duties_category", "duties_agency", "duties_site", "duties_list", "duties_item", "duties_support", "incidents",
    "incidents_key", "incidents_contact", "platform_revision", "catalogue.city", "catalogue.category",
    "catalogue.division",
)  # fmt: skip


def fingerprint(session: Session) -> dict[str, str]:
    """A digest of all rows of every table: two are equal exactly when nothing has changed."""
    digest = "md5(coalesce(string_agg(md5(t::text), '' order by t::text), ''))"
    return {
        name: str(session.execute(text(f"select count(*) || ':' || {digest} from {name} t")).scalar_one())
        for name in TABLES
    }
