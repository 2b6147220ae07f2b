"""The text of the demo city's own city file.

Owns: city.toml. Does not own: the files it names (`files`), the meaning of its keys (docs/city-file.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from gridgov.interop.democity import stock

AGENCY_COLUMNS = ("code", "name_zh", "name_en", "kind", "parent", "stationed")
SITE_COLUMNS = ("id", "agency", "kind", "name_zh", "name_en", "address", "lon", "lat")
DUTY_COLUMNS = (
    "code",
    "category",
    "area",
    "class",
    "lead",
    "support",
    "served_from_sites",
    "nearest",
    "basis",
    "limit",
    "level",
    "payer",
    "opening",
    "closing",
    "risk_points",
)
INCIDENT_COLUMNS = (
    "id",
    "category",
    "happened_at",
    "text",
    "address",
    "channel",
    "status",
    "accuracy_m",
    "lon",
    "lat",
)
DUTY_LIST = "泓川市网格化管理事项责任清单（示范）"


def _columns(names: Sequence[str]) -> str:
    """The `columns` table of files whose heads are the city file's own words; `name` stands for name_zh."""
    words = {"name": "name_zh"}
    return "columns = { " + ", ".join(f'{words.get(name, name)} = "{name}"' for name in names) + " }"


def _table(head: str, *lines: str) -> str:
    return "\n".join((head, *lines)) + "\n"


def _areas(level: str) -> str:
    names = ["code", "name", "name_en", "population", "households"]
    names += ["parent"] if level != "district" else []
    names += ["kind"] if level == "grid" else []
    parent = ['parent = "column"'] if level != "district" else []
    return _table(
        "[[areas]]", f'level = "{level}"', 'file = "areas.gpkg"', f'layer = "{level}"', *parent, _columns(names)
    )


def _layer(layer: str) -> str:
    names = ["id", "name", "name_en", "class"] + (["households"] if layer == "building" else [])
    return _table(
        "[[layers]]", f'layer = "{layer}"', 'file = "layers.gpkg"', f'source_layer = "{layer}"', _columns(names)
    )


def text(seed: int, until: date) -> str:
    """city.toml of a city made with this seed for the 90 days before `until`."""
    city = stock.places()["city"]
    lon, lat = city["centre"]
    valid_from = (until - timedelta(days=365)).replace(month=1, day=1)
    note = f"# An invented city: made by gridgov's generator, seed {seed}, with the 90 days before {until.isoformat()}."
    return "\n".join(
        [
            _table(
                note,
                "[city]",
                'code = "demo"',
                f'names = {{ zh = "{city["zh"]}", en = "{city["en"]}" }}',
                'timezone = "Asia/Shanghai"',
                f"centre = [{lon}, {lat}]",
                f"srid_m = {city['srid_m']}",
                'nearest = "road"',
            ),
            *(_areas(level) for level in ("district", "subdistrict", "community", "grid")),
            *(_layer(layer) for layer in ("street", "block", "building", "facility")),
            _table("[categories]", "national = true"),
            _table("[[agencies]]", 'file = "agencies.csv"', _columns(AGENCY_COLUMNS)),
            _table("[[sites]]", 'file = "sites.csv"', _columns(SITE_COLUMNS)),
            _table(
                "[[duties]]",
                f'name = "{DUTY_LIST}"',
                'kind = "territorial"',
                f"valid_from = {valid_from.isoformat()}",
                'file = "duties.csv"',
                _columns(DUTY_COLUMNS),
            ),
            _table("[[incidents]]", 'file = "incidents.csv"', _columns(INCIDENT_COLUMNS)),
        ]
    )
