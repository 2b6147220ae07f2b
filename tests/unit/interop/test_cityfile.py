"""The city file: what it takes, and how precisely it says what is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gridgov.geo.crs import Datum
from gridgov.interop.cityfile import CityFileBroken, expand, read_city_file
from gridgov.interop.files.refusals import BrokenEncoding, FileMissing

GOOD = """
[city]
code = "demo"
names = { zh = "样城", en = "Sample" }
centre = [117.0, 32.5]

[[areas]]
level = "district"
file = "areas.gpkg"
layer = "district"
datum = "gcj02"
columns = { code = "code", name_zh = "name" }

[[areas]]
level = "grid"
file = ["a.csv", "b.csv"]
columns = { code = "编码", parent = "上级" }
valid_from = 2026-01-01

[[layers]]
file = "x.osm.pbf"
format = "osm"
take = ["street", "building"]

[categories]
national = true
[[categories.files]]
file = "c.csv"
columns = { code = "code" }

[[agencies]]
items = [ { code = "CG", names = { zh = "城管局" } } ]

[[duties]]
name = "清单"
file = "d.csv"
class = "专业"
served_from_sites = ["06*"]
columns = { category = "c", lead = "l", class = "k" }

[[incidents]]
files = ["i/*.geojson"]
columns = { id = "id", category = "c", happened_at = "t" }
status_values = { "办结" = "closed" }
"""


def put(folder: Path, text: str) -> Path:
    path = folder / "city.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_whole_city_file_is_read(tmp_path: Path) -> None:
    city = read_city_file(put(tmp_path, GOOD))
    assert city.city.code == "demo"
    assert city.areas[0].datum is Datum.GCJ02
    assert not city.areas[0].parent_by_column
    assert city.areas[1].files == ("a.csv", "b.csv")
    assert city.areas[1].parent_by_column
    assert city.areas[1].valid_from == date(2026, 1, 1)
    assert city.duties[0].class_ == "专业"
    assert city.duties[0].served_from_sites == ("06*",)
    assert city.incidents[0].channel == "import"
    assert city.folder == tmp_path.resolve()


def test_gbk_is_read_and_bytes_of_no_encoding_are_not(tmp_path: Path) -> None:
    path = tmp_path / "city.toml"
    path.write_bytes(GOOD.encode("gbk"))
    assert read_city_file(path).city.names["zh"] == "样城"
    path.write_bytes(b'[city]\ncode = "\xff\xff"\n')
    with pytest.raises(BrokenEncoding):
        read_city_file(path)


def test_the_file_is_not_changed_by_frozen_models(tmp_path: Path) -> None:
    city = read_city_file(put(tmp_path, GOOD))
    with pytest.raises(ValueError, match="frozen"):
        city.city.code = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("old", "new", "field", "said"),
    [
        ('code = "demo"', 'code = "Demo City"', "city.code", "line 3: city.code: 'Demo City' does not match"),
        ("centre =", "center =", "city.center", "line 5: city.center: unknown key. Did you mean 'centre'?"),
        ('en = "Sample"', 'fr = "x"', "city.names", "zh and en, not in fr"),
        ('level = "grid"', 'level = "gird"', "areas[1].level", "line 15: areas[1].level: should be 'city'"),
        ("上级", "上级", "", ""),
        ('datum = "gcj02"', 'datum = "gcj-2"', "areas[0].datum", "should be 'wgs84', 'cgcs2000', 'gcj02' or 'bd09'"),
        ('name_zh = "name" }', 'nmae_zh = "name" }', "areas[0].columns.nmae_zh", "Did you mean 'name_zh'?"),
        ('format = "osm"', 'layer = "street"\nformat = "osm"', "layers[0]", "give `layer`"),
        ('file = "areas.gpkg"', "", "areas[0].file", "line 7: areas[0].file: is missing"),
        ('lead = "l"', 'leader = "l"', "duties[0].columns.lead", "is missing"),
        (
            '"closed" }',
            '"shut" }',
            "incidents[0].status_values.办结",
            "should be 'open', 'closed', 'void' or 'duplicate'",
        ),
        ("national = true", 'national = "perhaps"', "categories.national", "line 26"),
        ("[[agencies]]", "[[agencys]]", "agencys", "Did you mean 'agencies'?"),
        ('file = "d.csv"', 'file = "d.csv"\nfiles = ["e.csv"]', "duties[0]", "not both"),
    ],
)
def test_mistakes_are_named_with_key_line_and_remedy(tmp_path: Path, old: str, new: str, field: str, said: str) -> None:
    assert old in GOOD
    path = put(tmp_path, GOOD.replace(old, new, 1))
    if not field:
        read_city_file(path)
        return
    with pytest.raises(CityFileBroken) as caught:
        read_city_file(path)
    assert said in str(caught.value)
    assert field in str(caught.value)


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('"demo"', '"Demo"').replace('"gcj02"', '"x"').replace("national = true", "national = 7")
    with pytest.raises(CityFileBroken) as caught:
        read_city_file(put(tmp_path, text))
    assert str(caught.value).count("- line ") == 3


def test_toml_mistakes_name_their_line(tmp_path: Path) -> None:
    with pytest.raises(CityFileBroken, match=r"not TOML: .*line 4"):
        read_city_file(put(tmp_path, '[city]\ncode = "demo"\nnames = { zh = "x" }\ncode = "again"\n'))


def test_paths_and_patterns(tmp_path: Path) -> None:
    (tmp_path / "i").mkdir()
    for name in ("b.geojson", "a.geojson", "c.txt"):
        (tmp_path / "i" / name).write_text("{}")
    assert [path.name for path in expand(("i/*.geojson",), tmp_path)] == ["a.geojson", "b.geojson"]
    assert [path.name for path in expand(("i/b.geojson", "i/*.geojson"), tmp_path)] == ["b.geojson", "a.geojson"]
    with pytest.raises(FileMissing, match=r"nothing\*\.csv"):
        expand(("nothing*.csv",), tmp_path)
    with pytest.raises(FileMissing, match=r"no\.csv"):
        expand(("no.csv",), tmp_path)
