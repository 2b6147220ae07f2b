"""Vector tiles over HTTP, decoded: what they hold, that they change when the city does, and only then."""

from __future__ import annotations

import gzip
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyogrio
import pytest
import shapely
from shapely import LineString, MultiLineString, MultiPolygon, Point
from sqlalchemy import text

from gridgov.analytics import tiles
from gridgov.analytics.quad import KEY_ZOOM, TileAddress, interleave, tile_of
from gridgov.areas import service as areas
from gridgov.areas.rules import Level, NewArea
from gridgov.bootstrap import House
from tests import mvt, sample
from tests.integration.analytics.conftest import Known, Taking

MIDDLE = (sample.LON0 + 4 * sample.STEP, sample.LAT0 + sample.STEP)


def get(api: httpx.Client, layer: str, tile: TileAddress, **query: Any) -> httpx.Response:
    return api.get(f"/api/v1/tiles/{layer}/{tile.z}/{tile.x}/{tile.y}.mvt", params=query)


def read(api: httpx.Client, layer: str, tile: TileAddress, **query: Any) -> dict[str, mvt.TileLayer]:
    answer = get(api, layer, tile, **query)
    assert answer.status_code in {200, 204}, answer.text
    return mvt.decode(answer.content)


def cover(z: int, margin: int = 1) -> list[TileAddress]:
    """All tiles of a zoom that touch the sample city, and their neighbours."""
    first = tile_of(sample.LON0, sample.LAT0 + 2 * sample.STEP, z)
    last = tile_of(sample.LON0 + 8 * sample.STEP, sample.LAT0, z)
    columns, rows = range(first.x - margin, last.x + margin + 1), range(first.y - margin, last.y + margin + 1)
    return [TileAddress(z, x, y) for x in columns for y in rows]


def counted(layer: mvt.TileLayer | None) -> int:
    """Incidents of a source layer, single or in bins."""
    return sum(feature.properties.get("count", 1) for feature in layer.features) if layer else 0


@pytest.fixture
def layers(city: House) -> House:
    """The sample city with a few streets, buildings, blocks and facilities."""
    lon, lat = MIDDLE
    pieces = [MultiLineString([LineString([(lon + i * 0.002, lat), (lon + (i + 1) * 0.002, lat)])]) for i in range(4)]
    shape = MultiPolygon([shapely.box(lon, lat, lon + 0.001, lat + 0.001)])
    insert = (
        "insert into {} (source, source_id, names, class, digest, geom{}) values"
        " ('test', :id, cast(:names as jsonb), :class, '', st_geomfromtext(:wkt, 4326){})"
    )
    with city.db.transaction() as session:
        for number, (class_, name) in enumerate([("primary", "a"), ("primary", "a"), ("footway", "b"), (None, "c")]):
            wkt = pieces[number].wkt
            values = {"id": str(number), "names": f'{{"zh": "{name}"}}', "class": class_, "wkt": wkt}
            session.execute(text(insert.format("areas_street", "", "")), values)
        for table, more in (("areas_building", (", households", ", 12")), ("areas_block", ("", ""))):
            values = {"id": "1", "names": "{}", "class": "residential", "wkt": shape.wkt}
            session.execute(text(insert.format(table, *more)), values)
        facility = {"id": "1", "names": '{"en": "Manhole"}', "class": "0101", "wkt": Point(MIDDLE).wkt}
        session.execute(text(insert.format("areas_facility", "", "")), facility)
    return city


def test_levels_come_with_the_zoom(city: House, api: httpx.Client) -> None:
    seen = {z: Counter[str]() for z in (6, 7, 8, 9, 12)}
    for z, tally in seen.items():
        tally.update(f.properties["level"] for f in read(api, "areas", tile_of(*MIDDLE, z))["areas"].features)
    assert seen[6] == {"city": 1, "district": 2}
    assert seen[7]["subdistrict"] == 1
    assert seen[8]["community"] == 4
    assert seen[9]["grid"] == seen[12]["grid"] == 16


def test_an_area_carries_what_a_map_needs(city: House, api: httpx.Client) -> None:
    near = read(api, "areas", tile_of(*MIDDLE, 12))["areas"]
    grid = next(f for f in near.features if f.properties.get("code") == "A01")
    with city.db.transaction() as session:
        id_ = areas.list_areas(session, at=None, code="A01")[0].id
    assert grid.id == id_
    assert grid.properties == {
        "id": id_, "level": "grid", "code": "A01", "name_zh": "A01网格", "name_en": "Grid A01", "kind": "urban",
        "households": 300,
    }  # fmt: skip
    far = read(api, "areas", tile_of(*MIDDLE, 10))["areas"]
    assert all("code" not in f.properties for f in far.features if f.properties["level"] == "grid")


def test_neighbours_share_their_edges_in_every_tile(city: House, api: httpx.Client) -> None:
    for z in (9, 11, 13, 15):
        tile = tile_of(*MIDDLE, z)
        layer = read(api, "areas", tile)["areas"]
        shapes = [shapely.Polygon(f.parts[0]) for f in layer.features if f.properties["level"] == "grid"]
        whole = shapely.union_all(shapes)
        assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, abs=1e-6), "they overlap"
        assert all(not part.interiors for part in shapely.get_parts(whole)), "there is a gap"


def test_a_name_is_drawn_once_over_all_tiles(city: House, api: httpx.Client) -> None:
    for z in (15, 17):
        names = Counter[str]()
        for tile in cover(z):
            layer = read(api, "areas", tile).get("area_labels")
            names.update(f.properties["code"] for f in layer.features if layer) if layer else None
        assert set(names.values()) == {1}
        assert {"A01", "B08"} <= set(names), f"grids are labelled at zoom {z}"
    far = read(api, "areas", tile_of(*MIDDLE, 11))["area_labels"]
    assert not [f for f in far.features if f.properties["level"] == "grid"], "a name that does not fit is left out"


def test_another_decoder_reads_the_same(city: House, take: Taking, api: httpx.Client, tmp_path: Any) -> None:
    take([Known("2026-03-01T08:00:00Z", "A08")] * 3)
    tile = tile_of(*sample.centre("A08"), 16)
    path = tmp_path / str(tile.z) / str(tile.x) / f"{tile.y}.mvt"
    path.parent.mkdir(parents=True)
    path.write_bytes(get(api, "incidents", tile).content)
    frame = pyogrio.read_dataframe(path, layer="incidents", CLIP="NO")
    mine = read(api, "incidents", tile)["incidents"]
    assert sorted(frame["number"]) == sorted(f.properties["number"] for f in mine.features)
    there = frame.geometry.to_crs(4326)
    assert max(shapely.distance(there.to_numpy(), Point(sample.centre("A08")))) < 1e-5


def test_streets_by_class_and_zoom(layers: House, api: httpx.Client) -> None:
    def classes(z: int) -> list[str]:
        found = read(api, "streets", tile_of(*MIDDLE, z)).get("streets")
        return sorted(f.properties.get("class", "") for f in found.features) if found else []

    assert classes(7) == []
    assert classes(9) == ["primary"], "two pieces of one street are one feature"
    assert classes(12) == ["", "primary"]
    assert classes(14) == ["", "footway", "primary", "primary"]


def test_other_layers(layers: House, api: httpx.Client) -> None:
    def features(layer: str, z: int, at: tuple[float, float] = MIDDLE) -> list[dict[str, Any]]:
        found = read(api, layer, tile_of(at[0], at[1], z)).get(layer)
        return [f.properties for f in found.features] if found else []

    corner = (MIDDLE[0] + 0.0005, MIDDLE[1] + 0.0005)
    assert features("buildings", 13, corner) == []
    assert features("buildings", 14, corner) == [{"id": 1, "households": 12, "class": "residential"}]
    assert features("blocks", 11, corner) == []
    assert features("blocks", 12, corner) == features("blocks", 13, corner) == [{"class": "residential"}]
    assert features("blocks", 14, corner) == [{"id": 1, "class": "residential"}]
    assert features("facilities", 15) == []
    assert features("facilities", 16) == [{"id": 1, "name_en": "Manhole", "class": "0101"}]
    site = features("sites", 14, sample.centre("A08"))
    assert [s["agency"] for s in site if s["name_en"] == "Traffic Squad"] == ["JJ"]


def test_bins_lose_nobody_at_any_zoom(take: Taking, api: httpx.Client) -> None:
    rng = random.Random(3)
    spots = [(sample.LON0 + rng.random() * 8 * sample.STEP, sample.LAT0 + rng.random() * 0.01) for _ in range(300)]
    take([Known(f"2026-03-{1 + i % 28:02}T08:00:00Z", spot) for i, spot in enumerate(spots)])
    for z in (0, 5, 9, 12, 14, 15, 16):
        found = {tile: counted(read(api, "incidents", tile).get("incidents")) for tile in cover(z, 0)}
        expected = Counter(tile_of(lon, lat, z) for lon, lat in spots)
        assert {tile: n for tile, n in found.items() if n} == expected, f"zoom {z}"


def test_a_bin_lies_where_its_incidents_are(take: Taking, api: httpx.Client) -> None:
    take([Known("2026-03-01T08:00:00Z", "B02")] * 5)
    lon, lat = sample.centre("B02")
    tile = tile_of(lon, lat, 13)
    (feature,) = read(api, "incidents", tile)["incidents"].features
    assert feature.properties == {"count": 5}
    west, south, east, north = tile.bounds()
    ((x, y),) = feature.parts[0]
    assert west + (east - west) * x / 4096 == pytest.approx(lon, abs=(east - west) / 128)
    assert north - (north - south) * y / 4096 == pytest.approx(lat, abs=(north - south) / 128)


def test_near_the_ground_incidents_are_points_that_can_be_opened(take: Taking, api: httpx.Client) -> None:
    take([Known("2026-03-01T23:30:00Z", "A03", "09009", "closed")])
    (feature,) = read(api, "incidents", tile_of(*sample.centre("A03"), 15))["incidents"].features
    shown = api.get(f"/api/v1/incidents/{feature.properties['id']}").json()
    assert feature.properties == {
        "id": shown["id"], "number": shown["number"], "category": "09009",
        "happened_at": "2026-03-01T23:30:00Z", "status": "closed",
    }  # fmt: skip


def test_a_crowded_tile_shows_the_newest_and_counts_the_rest(take: Taking, api: httpx.Client) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    many = tiles.POINT_CAP + 150
    take([Known((start + timedelta(minutes=i)).isoformat(), "A02") for i in range(many)])
    layer = read(api, "incidents", tile_of(*sample.centre("A02"), 16))["incidents"]
    points = [f for f in layer.features if "id" in f.properties]
    assert len(points) == tiles.POINT_CAP
    assert counted(layer) == many
    oldest = min(f.properties["happened_at"] for f in points)
    assert oldest == f"{start + timedelta(minutes=150):%Y-%m-%dT%H:%M:%SZ}"


def test_filters_reach_the_tiles(take: Taking, api: httpx.Client) -> None:
    take([Known("2026-03-01T08:00:00Z", "A02"), Known("2026-03-05T08:00:00Z", "A02", "09009", "closed")])
    for z in (12, 16):
        tile = tile_of(*sample.centre("A02"), z)

        def n(at: TileAddress = tile, **query: str) -> int:
            return counted(read(api, "incidents", at, **query).get("incidents"))

        assert n() == 2
        assert n(category="06*") == n(status="closed") == n(to="2026-03-02") == 1
        assert n(tile, **{"from": "2026-03-02"}) == 1
        assert get(api, "incidents", tile, category="10001").status_code == 204
        assert get(api, "incidents", tile, category="xx").json()["field"] == "category"
        assert get(api, "incidents", tile, **{"from": "2026-03-02", "to": "2026-03-01"}).json()["field"] == "to"


def test_a_tile_is_sent_again_only_when_it_changed(city: House, take: Taking, api: httpx.Client) -> None:
    tile = tile_of(*MIDDLE, 12)
    first = get(api, "areas", tile)
    tag = first.headers["etag"]
    path = f"/api/v1/tiles/areas/{tile.z}/{tile.x}/{tile.y}.mvt"
    again = api.get(path, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert api.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    with city.db.transaction() as session:
        changed = NewArea(Level.GRID, "A01", "W1", {"en": "Renamed"}, sample.cell("A01"), "urban", 1, 1)
        areas.put_in_force(session, [changed], name="renamed", valid_from=datetime(2026, 1, 1, tzinfo=UTC))
    new = api.get(path, headers={"If-None-Match": tag})
    assert new.status_code == 200
    names = {f.properties.get("name_en") for f in mvt.decode(new.content)["areas"].features}
    assert "Renamed" in names
    assert "Grid A01" not in names


def test_a_report_is_seen_in_the_next_tile(city: House, take: Taking, api: httpx.Client) -> None:
    tile = tile_of(*sample.centre("A01"), 12)
    before = get(api, "incidents", tile)
    assert before.status_code == 204
    take([Known("2026-03-01T08:00:00Z", "A01")])
    path = f"/api/v1/tiles/incidents/{tile.z}/{tile.x}/{tile.y}.mvt"
    after = api.get(path, headers={"If-None-Match": before.headers["etag"]})
    assert counted(mvt.decode(after.content)["incidents"]) == 1


def test_areas_change_at_the_instant_their_plan_takes_effect(city: House) -> None:
    turn = datetime(2030, 1, 1, tzinfo=UTC)
    with city.db.transaction() as session:
        changed = NewArea(Level.GRID, "A01", "W1", {"en": "Later"}, sample.cell("A01"), "urban", 1, 1)
        areas.put_in_force(session, [changed], name="later", valid_from=turn)
    tile = tile_of(*MIDDLE, 12)

    def seen(now: datetime) -> tuple[str, bool]:
        with city.db.transaction() as session:
            drawn = mvt.decode(tiles.render(session, tiles.Layer.AREAS, tile, now=now))["areas"]
            return tiles.mark(session, tiles.Layer.AREAS, now), "Later" in {
                f.properties.get("name_en") for f in drawn.features
            }

    before, after = seen(turn - timedelta(seconds=1)), seen(turn)
    assert (before[1], after[1]) == (False, True)
    assert before[0] != after[0], "a tile that was kept must not outlive its plan"


def test_compressed_where_the_client_takes_it(city: House, api: httpx.Client) -> None:
    tile = tile_of(*MIDDLE, 13)
    path = f"/api/v1/tiles/areas/{tile.z}/{tile.x}/{tile.y}.mvt"
    with api.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as small:
        raw = b"".join(small.iter_raw())
    plain = api.get(path, headers={"Accept-Encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content)


def test_what_cannot_be_a_tile(city: House, api: httpx.Client) -> None:
    for address in ("areas/3/8/0", "areas/3/0/8", "areas/23/0/0", "areas/-1/0/0", "areas/3/-1/0", "roads/3/0/0"):
        answer = api.get(f"/api/v1/tiles/{address}.mvt")
        assert (answer.status_code, answer.json()["code"]) == (404, "no-such-tile"), address
    assert api.get("/api/v1/tiles/areas/a/0/0.mvt").status_code == 422
    assert api.get("/api/v1/tiles/areas/22/0/0.mvt").status_code == 204


def test_the_databases_quadkey_is_that_of_the_tiles(house: House) -> None:
    rng = random.Random(11)
    spots = [(rng.uniform(-180, 180), rng.uniform(-85, 85)) for _ in range(2_000)]
    spots += [(-180.0, 85.1), (180.0, -85.1), (0.0, 0.0), (179.9999999, 90.0), (-180.0, -90.0)]
    with house.db.transaction() as session:
        keys = session.execute(
            text(
                "select incidents_quad25(st_setsrid(st_makepoint(x, y), 4326))"
                " from unnest(cast(:x as float8[]), cast(:y as float8[])) with ordinality as p (x, y, n) order by n"
            ),
            {"x": [lon for lon, _ in spots], "y": [lat for _, lat in spots]},
        ).scalars()
        found = list(keys)
    for (lon, lat), key in zip(spots, found, strict=True):
        cell = tile_of(lon, max(min(lat, 85.0511287), -85.0511287), KEY_ZOOM)
        near = {
            interleave(cell.x + i, cell.y + j)
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
            if min(cell.x + i, cell.y + j) >= 0
        }
        assert key == interleave(cell.x, cell.y) or (key in near and abs(lat) > 85)
