"""OpenStreetMap extracts in the three usual forms."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import osmium
import pytest

from gridgov.interop.files import Reading, Take, read
from gridgov.interop.files.refusals import FileBroken, FileEmpty

EXTRACT = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
 <node id="1" lat="32.00" lon="117.00"/> <node id="2" lat="32.00" lon="117.01"/>
 <node id="3" lat="32.01" lon="117.01"/> <node id="4" lat="32.01" lon="117.00"/>
 <node id="11" lat="32.002" lon="117.002"/> <node id="12" lat="32.002" lon="117.004"/>
 <node id="13" lat="32.004" lon="117.004"/>
 <node id="5" lat="32.005" lon="117.005"><tag k="amenity" v="clinic"/><tag k="name" v="社区卫生站"/></node>
 <node id="6" lat="32.006" lon="117.006"><tag k="highway" v="bus_stop"/></node>
 <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="name" v="中山路"/>
  <tag k="name:en" v="Zhongshan Road"/></way>
 <way id="14"><nd ref="2"/><nd ref="3"/><tag k="highway" v="footway"/></way>
 <way id="15"><nd ref="2"/><nd ref="3"/><tag k="highway" v="footway"/><tag k="name" v="柳巷"/></way>
 <way id="16"><nd ref="1"/><nd ref="99"/><tag k="highway" v="service"/></way>
 <way id="17"><nd ref="1"/><nd ref="2"/><nd ref="99"/><nd ref="3"/><nd ref="4"/><tag k="highway" v="primary"/></way>
 <way id="18"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/><tag k="highway" v="pedestrian"/>
  <tag k="area" v="yes"/></way>
 <way id="20"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/><tag k="building" v="school"/>
  <tag k="amenity" v="school"/><tag k="name" v="第一小学"/></way>
 <way id="21"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="building" v="yes"/></way>
 <way id="22"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/><tag k="building" v="no"/></way>
 <way id="30"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/></way>
 <way id="31"><nd ref="11"/><nd ref="12"/><nd ref="13"/><nd ref="11"/></way>
 <relation id="40"><member type="way" ref="30" role="outer"/><member type="way" ref="31" role="inner"/>
  <tag k="type" v="multipolygon"/><tag k="building" v="apartments"/></relation>
</osm>
"""


@pytest.fixture(params=["a.osm", "a.osm.gz", "a.osm.pbf"])
def extract(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    plain = tmp_path / "plain.osm"
    plain.write_text(EXTRACT, "utf-8")
    path = tmp_path / str(request.param)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(plain.read_bytes()))
    elif path.suffix == ".pbf":
        with osmium.SimpleWriter(str(path)) as out:
            for thing in osmium.FileProcessor(str(plain)):
                out.add(thing)
    else:
        path.write_bytes(plain.read_bytes())
    return path


def found(path: Path, take: Take) -> dict[str, tuple[dict[str, object], Any, str | None]]:
    with read(path, Reading(take=take)) as source:
        return {
            str(batch.values[i]["@id"]): (
                batch.values[i],
                batch.shapes[i],
                batch.faults[i].reason["en"] if i in batch.faults else None,
            )
            for batch in source.batches
            for i in range(len(batch.numbers))
        }


def test_roads_are_lines_and_nameless_paths_stay_out(extract: Path) -> None:
    roads = found(extract, Take.STREET)
    assert set(roads) == {"way/10", "way/15", "way/16", "way/17"}
    values, line, fault = roads["way/10"]
    assert fault is None
    assert line.geom_type == "LineString"
    assert (values["name"], values["name:en"], values["@class"]) == ("中山路", "Zhongshan Road", "residential")


def test_a_road_cut_by_the_extract_keeps_its_stretches(extract: Path) -> None:
    roads = found(extract, Take.STREET)
    assert roads["way/17"][1].geom_type == "MultiLineString"
    assert len(roads["way/17"][1].geoms) == 2
    assert roads["way/16"][1] is None
    assert "fewer than two of its nodes" in str(roads["way/16"][2])


def test_buildings_are_polygons_with_holes_and_none_is_dropped_in_silence(extract: Path) -> None:
    buildings = found(extract, Take.BUILDING)
    assert set(buildings) == {"way/20", "relation/40", "way/21"}
    assert len(buildings["relation/40"][1].geoms[0].interiors) == 1
    assert buildings["way/21"][1] is None
    assert "do not close" in str(buildings["way/21"][2])


def test_sites_are_points_of_nodes_and_buildings(extract: Path) -> None:
    sites = found(extract, Take.SITE)
    assert set(sites) == {"node/5", "way/20"}
    assert sites["node/5"][0]["name"] == "社区卫生站"
    assert sites["way/20"][1].geom_type == "Point"
    assert sites["way/20"][0]["@class"] == "school"


def test_a_cut_extract_is_refused(extract: Path, tmp_path: Path) -> None:
    cut = tmp_path / f"cut{''.join(extract.suffixes)}"
    cut.write_bytes(extract.read_bytes()[:-60])
    with pytest.raises(FileBroken):
        found(cut, Take.STREET)


def test_nothing_of_a_kind_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "a.osm"
    path.write_text('<osm version="0.6"><node id="1" lat="1" lon="1"/></osm>')
    with pytest.raises(FileEmpty, match="holds no building"):
        found(path, Take.BUILDING)
