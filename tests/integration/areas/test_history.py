"""What an area was before, who lies beside it, whose it is, and which ground each site serves: by the API."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import httpx
import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box, union_all

from gridgov.areas import redrawing
from gridgov.areas.locator import Locator
from gridgov.areas.redrawing import NextArea
from gridgov.areas.rules import Descent, Level
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from tests import sample
from tests.people import appoint

JUNE, JULY = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)


def joined(*shapes: Polygon | MultiPolygon) -> Polygon:
    found = union_all(shapes)
    assert isinstance(found, Polygon)
    return found


@pytest.fixture
def redrawn(house: House) -> dict[str, int]:
    """In June A01 and A02 become one grid M, and A05 gives its northern half to A06. Ids by code."""
    with house.db.transaction() as session:
        sample.set_up(session)
        index = Locator().index(session, JUNE)

        def old(code: str) -> NextArea:
            area = next(one for one in index.areas if one.code == code)
            return NextArea(area.id, area.level, area.code, area.names, area.parent_id, index.shape(area.id), area.kind,
                            area.population, area.households)  # fmt: skip

        a1, a2, a5, a6 = (old(code) for code in ("A01", "A02", "A05", "A06"))
        west, south, east, north = sample.cell("A05").bounds
        half = (south + north) / 2
        merged = replace(a1, ref=-1, code="M", names={"zh": "合并网格", "en": "Grid M"}, households=600,
                         geom=joined(a1.geom, a2.geom))  # fmt: skip
        done = redrawing.redraw(
            session,
            [merged, replace(a5, geom=box(west, south, east, half), households=150),
             replace(a6, geom=joined(a6.geom, box(west, half, east, north)), households=450)],
            ending=[a1.ref, a2.ref],
            lineage=[Descent(a1.ref, -1, 300, 1.0), Descent(a2.ref, -1, 300, 1.0), Descent(a5.ref, a6.ref, 150, 0.5)],
            name="June plan",
            valid_from=JUNE,
        )  # fmt: skip
        ids = {one.code: one.id for one in index.areas} | {"M": done.ids[-1]}
    return ids


def test_a_merged_grid_tells_what_it_came_from_and_when(api: httpx.Client, redrawn: dict[str, int]) -> None:
    found = api.get(f"/api/v1/areas/{redrawn['M']}/lineage").json()["items"]
    assert len(found) == 1
    only = found[0]
    assert (only["since"], only["until"]) == ("2026-06-01T00:00:00Z", None)
    assert only["begun_by"]["name"] == "June plan"
    kin = {one["code"]: one for one in only["came_from"]}
    assert set(kin) == {"A01", "A02"}
    for one in kin.values():
        assert one["ground_share"] == pytest.approx(0.5, abs=0.001)
        assert one["kept_share"] == pytest.approx(1.0, abs=0.001)
        assert one["households"] == 300


def test_a_grid_that_is_no_more_tells_what_became_of_it(api: httpx.Client, redrawn: dict[str, int]) -> None:
    only = api.get(f"/api/v1/areas/{redrawn['A01']}/lineage").json()["items"][0]
    assert only["until"] == "2026-06-01T00:00:00Z"
    assert only["ended_by"]["name"] == "June plan"
    assert [one["code"] for one in only["became"]] == ["M"]
    assert only["came_from"] == []


def test_a_grid_that_grew_tells_from_whom(api: httpx.Client, redrawn: dict[str, int]) -> None:
    newest, first = api.get(f"/api/v1/areas/{redrawn['A06']}/lineage").json()["items"]
    kin = {one["code"]: one for one in newest["came_from"]}
    assert kin["A06"]["ground_share"] == pytest.approx(2 / 3, abs=0.001)
    assert kin["A05"]["ground_share"] == pytest.approx(1 / 3, abs=0.001)
    assert kin["A05"]["kept_share"] == pytest.approx(1 / 2, abs=0.001)
    assert set(kin) == {"A05", "A06"}, "neighbours that only touch are no kin"
    assert (first["since"], first["until"], first["became"]) == (None, newest["since"], [])


def test_boundaries_changed_at_two_instants(api: httpx.Client, redrawn: dict[str, int]) -> None:
    found = api.get("/api/v1/areas/changes").json()["items"]
    assert [(one["name"], one["at"], one["began"], one["ended"]) for one in found] == [
        ("June plan", "2026-06-01T00:00:00Z", 3, 4),
        ("first boundaries", None, len(sample.new_areas()), 0),
    ]


def test_tiles_show_the_boundaries_of_their_day(api: httpx.Client, redrawn: dict[str, int]) -> None:
    z = 15
    lon, lat = sample.centre("A02")
    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * 2**z)

    def codes(at: str) -> set[str]:
        answer = api.get(f"/api/v1/tiles/boundaries/{z}/{x}/{y}.mvt", params={"at": at} if at else {})
        assert answer.status_code == 200
        layer = mapbox_vector_tile.decode(answer.content)["areas"]
        return {one["properties"]["code"] for one in layer["features"] if one["properties"]["level"] == "grid"}

    before, after = codes("2026-05-01"), codes("2026-06-02")
    assert {"A01", "A02"} & before
    assert "M" not in before
    assert "M" in after
    assert not {"A01", "A02"} & after
    assert codes("") == after
    held = api.get(f"/api/v1/tiles/boundaries/{z}/{x}/{y}.mvt", params={"at": "2026-05-01"})
    again = {"If-None-Match": held.headers["etag"]}
    assert api.get(f"/api/v1/tiles/boundaries/{z}/{x}/{y}.mvt?at=2026-05-02", headers=again).status_code == 304
    assert api.get(f"/api/v1/tiles/boundaries/{z}/{x}/{y}.mvt?at=2026-06-02", headers=again).status_code == 200


def test_neighbours_parents_and_children_of_a_day(api: httpx.Client, redrawn: dict[str, int]) -> None:
    found = api.get(f"/api/v1/areas/{redrawn['M']}/neighbours").json()
    assert [one["code"] for one in found["path"]] == ["C", "W", "WS", "W1", "M"]
    beside = {one["area"]["code"]: one["shared_m"] for one in found["neighbours"]}
    assert set(beside) == {"A03", "A06"}, "A05 has given the ground that bordered on it to A06"
    assert beside["A03"] == pytest.approx(554, abs=5)
    community = api.get(f"/api/v1/areas/{redrawn['W1']}/neighbours").json()
    assert [one["code"] for one in community["children"]] == ["A05", "A06", "M"]
    past = api.get(f"/api/v1/areas/{redrawn['W1']}/neighbours", params={"at": "2026-05-01"}).json()
    assert [one["code"] for one in past["children"]] == ["A01", "A02", "A05", "A06"]
    assert api.get(f"/api/v1/areas/{redrawn['M']}/neighbours", params={"at": "2026-05-01"}).status_code == 404


def test_whose_an_area_is_without_a_name(api: httpx.Client, house: House, redrawn: dict[str, int]) -> None:
    people = [appoint(house, Role.GRID_WORKER, area="M"), appoint(house, Role.GRID_WORKER, area="M"),
              appoint(house, Role.COMMUNITY_OFFICER, area="W1")]  # fmt: skip
    over = appoint(house, Role.GRID_WORKER, area="M", until=JULY)
    answer = api.get(f"/api/v1/areas/{redrawn['M']}/responsible")
    found = {one["area"]["code"]: one["posts"] for one in answer.json()["items"]}
    assert list(found) == ["M", "W1", "WS", "W", "C"]
    assert [(one["role"], one["posts"]) for one in found["M"]] == [("grid_worker", 2)], (
        "the post that is over is not told"
    )
    assert [(one["role"], one["posts"]) for one in found["W1"]] == [("community_officer", 1)]
    with house.db.transaction() as session:
        names = [row[0] for row in session.connection().exec_driver_sql("select name from auth_account")]
    assert len(names) >= 4
    assert not any(name in answer.text for name in names)
    june = api.get(f"/api/v1/areas/{redrawn['M']}/responsible", params={"at": "2026-06-15"}).json()
    assert june["items"][0]["posts"][0]["posts"] == 3, "control: on that day it was in force"
    assert over.post_id not in [one.post_id for one in people]


def test_agencies_and_their_sites(api: httpx.Client, redrawn: dict[str, int]) -> None:
    found = {one["code"]: one for one in api.get("/api/v1/agencies").json()["items"]}
    assert set(found) == {"CG", "HW", "JJ"}
    assert found["HW"]["parent"] == found["CG"]["id"]
    assert (found["CG"]["sites"], found["CG"]["sites_below"], found["HW"]["sites"]) == (0, 2, 2)
    below = api.get(f"/api/v1/agencies/{found['CG']['id']}/sites").json()["items"]
    assert {one["names"]["en"] for one in below} == {"West Station", "East Station"}
    assert api.get("/api/v1/agencies/999999/sites").json()["code"] == "agency-unknown"


@pytest.mark.parametrize("by", [None, "straight", "road"])
def test_service_areas_are_where_the_route_sends_people(
    api: httpx.Client, house: House, redrawn: dict[str, int], by: str | None
) -> None:
    params = {"category": "06010"} | ({"by": by} if by else {})
    found = api.get("/api/v1/sites/service-areas", params=params).json()["features"]
    shapes = {one["id"]: shapely.geometry.shape(one["geometry"]) for one in found}
    assert len(shapes) == 2
    rng = np.random.default_rng(2)
    west, south = sample.LON0, sample.LAT0
    held = 0
    for lon, lat in zip(rng.uniform(west, west + 0.04, 60), rng.uniform(south, south + 0.01, 60), strict=True):
        route = api.get("/api/v1/route", params={"lon": lon, "lat": lat, "category": "06010"}).json()
        inside = [ident for ident, shape in shapes.items() if shapely.contains_xy(shape, lon, lat)]
        if min(shape.boundary.distance(shapely.Point(lon, lat)) for shape in shapes.values()) < 1e-5:
            continue
        assert inside == ([route["site"]["id"]] if route["site"] else []), (lon, lat)
        held += bool(inside)
    assert 30 < held < 60, "control: E1 has it dealt with by its own office, and no site serves there"
    assert found[0]["properties"]["colour"] != found[1]["properties"]["colour"] or not shapes[found[0]["id"]].touches(
        shapes[found[1]["id"]]
    )


def test_ways_tell_both_distances(api: httpx.Client, redrawn: dict[str, int]) -> None:
    lon, lat = sample.centre("A06")
    found = api.get("/api/v1/route/ways", params={"lon": lon, "lat": lat, "category": "06010"}).json()
    assert found["agency"]["code"] == "HW"
    assert found["measure"] == "straight"
    assert [one["site"]["chosen"] for one in found["items"]] == [True, False]
    assert all(one["path"] is None and one["site"]["road_m"] is None for one in found["items"]), "no road here"
    nobody = api.get("/api/v1/route/ways", params={"lon": lon, "lat": lat, "category": "10001"}).json()
    assert nobody == {"agency": None, "measure": None, "items": []}


def test_levels_have_kin_of_their_own(api: httpx.Client, redrawn: dict[str, int]) -> None:
    community = api.get(f"/api/v1/areas/{redrawn['W1']}/lineage").json()["items"]
    assert [one["level"] for one in community] == [Level.COMMUNITY], "what changed inside is not told of the community"
    assert api.get("/api/v1/areas/987654/lineage").status_code == 404
