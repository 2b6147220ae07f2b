"""Heat from the store over HTTP: equal to SQL, fresh at the next request, sent again only when something changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import shapely
from sqlalchemy import text

from gridgov.analytics import surface, tiles
from gridgov.analytics.period import Period
from gridgov.analytics.quad import TileAddress, tile_of
from gridgov.analytics.rules import Filter
from gridgov.analytics.store.columns import INCIDENTS
from gridgov.analytics.tiles import Layer
from gridgov.auth.rules import EVERYWHERE, Role
from gridgov.bootstrap import House
from gridgov.geo.crs import Projection, metre_srid
from gridgov.geo.kernel_density import Kernel
from gridgov.platform.clock import utcnow
from gridgov.platform.metrics import REGISTRY
from tests import mvt, sample
from tests.integration.analytics.conftest import Known, Taking
from tests.people import appoint

GRIDS = [code for row in sample.CODES for code in row]
SPREAD = [
    Known(f"2026-{1 + i % 3:02}-{1 + i % 28:02}T{i % 24:02}:00:00Z", GRIDS[i % 16], ("06010", "09009")[i % 2])
    for i in range(120)
]


def path(tile: TileAddress, layer: str = "incidents") -> str:
    return f"/api/v1/tiles/{layer}/{tile.z}/{tile.x}/{tile.y}.mvt"


def features(tile: bytes) -> list[tuple[Any, ...]]:
    """What a tile shows, in an order of its own."""
    layer = mvt.decode(tile).get("incidents")
    return sorted((sorted(f.properties.items()), f.parts) for f in layer.features) if layer else []


def counted(tile: bytes) -> int:
    layer = mvt.decode(tile).get("incidents")
    return sum(f.properties.get("count", 1) for f in layer.features) if layer else 0


def change(house: House, sql: str, **values: object) -> None:
    with house.db.transaction() as session:
        session.execute(text(sql), values)


FILTERS: Sequence[Filter] = (
    Filter(reach=EVERYWHERE),
    Filter(Period(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 20, 5, tzinfo=UTC)), reach=EVERYWHERE),
    Filter(statuses=("closed",), reach=EVERYWHERE),
    Filter(channels=("hotline",), reach=EVERYWHERE),
    Filter(category_ids=(), reach=EVERYWHERE),
)


@pytest.mark.parametrize("wanted", FILTERS)
def test_tiles_are_those_that_sql_draws(city: House, take: Taking, wanted: Filter) -> None:
    take(SPREAD)
    change(city, "update incidents set status = 'closed', channel = 'hotline' where number % 3 = 0")
    seen = 0
    for z in (0, 9, 12, 14, 15, 17, 22):
        tile = tile_of(*sample.centre("A03"), z)
        with city.db.transaction() as session:
            view = city.counts.view(session, INCIDENTS)
            for points in (True, False):
                mine, theirs = (
                    tiles.render(session, Layer.INCIDENTS, tile, now=utcnow(), wanted=wanted, view=one, points=points)
                    for one in (view, None)
                )
                assert features(mine) == features(theirs), f"zoom {z}"
                seen += counted(mine)
    assert (seen > 0) == (wanted.category_ids is None), "a control"


def test_crowded_tiles_are_those_that_sql_draws(city: House, take: Taking, monkeypatch: pytest.MonkeyPatch) -> None:
    take(SPREAD)
    monkeypatch.setattr(tiles, "POINT_CAP", 12)
    tile = tile_of(*sample.centre("A03"), 15)
    with city.db.transaction() as session:
        view, wanted = city.counts.view(session, INCIDENTS), Filter(reach=EVERYWHERE)
        mine, theirs = (
            tiles.render(session, Layer.INCIDENTS, tile, now=utcnow(), wanted=wanted, view=one) for one in (view, None)
        )
    points = [f for f in mvt.decode(mine)["incidents"].features if "id" in f.properties]
    assert counted(mine) == counted(theirs) > 12 >= len(points) > 0
    peers = [f for f in mvt.decode(theirs)["incidents"].features if "id" in f.properties]
    assert {f.id for f in points} <= {f.id for f in peers}, "of equal seconds none or all"


def test_whatever_changes_is_seen_in_the_very_next_tile(city: House, take: Taking, api: httpx.Client) -> None:
    take([Known("2026-03-01T08:00:00Z", "A02"), Known("2026-03-02T08:00:00Z", "A03")])
    tile = tile_of(*sample.centre("A02"), 12)
    with city.db.transaction() as session:
        first, second = session.execute(text("select id from incidents order by happened_at")).scalars()
    tags = []

    def n(**asked: str) -> int:
        answer = api.get(path(tile), params=asked)
        tags.append(answer.headers["etag"])
        return counted(answer.content)

    assert (n(), n(status="open"), n(status="void")) == (2, 2, 0)
    change(city, "update incidents set status = 'void' where id = :id", id=first)
    assert (n(), n(status="open"), n(status="void")) == (2, 1, 1)
    lon, lat = sample.centre("B08")
    far = "update incidents set geom = st_setsrid(st_makepoint(:lon, :lat), 4326) where id = :id"
    near = tile_of(*sample.centre("A03"), 17)
    assert counted(api.get(path(near)).content) == 1
    change(city, far, lon=lon, lat=lat, id=second)
    assert counted(api.get(path(near)).content) == 0, "it has moved"
    assert counted(api.get(path(tile_of(lon, lat, 17))).content) == 1
    change(city, "delete from cases where number = (select number from incidents where id = :id)", id=second)
    change(city, "delete from incidents where id = :id", id=second)
    assert n() == 1
    assert len(set(tags[::3])) == len(tags[::3]), "each change has a tag of its own"


def test_a_repeat_is_the_same_until_something_changes(city: House, take: Taking, api: httpx.Client) -> None:
    take(SPREAD[:10])
    tile = tile_of(*sample.centre("A02"), 12)
    first = api.get(path(tile))
    known = {"If-None-Match": first.headers["etag"]}
    assert [api.get(path(tile), headers=known).status_code for _ in range(3)] == [304, 304, 304]
    assert api.get(path(tile), params={"status": "open"}, headers=known).status_code == 200, "another question"
    change(city, "update incidents set status = 'closed' where number = (select max(number) from incidents)")
    assert api.get(path(tile), headers=known).status_code == 200
    worker = appoint(city, Role.GRID_WORKER, area="A02")
    again = api.get(path(tile)).headers["etag"]
    other = api.get(path(tile), headers={**worker.headers, "If-None-Match": again})
    assert other.status_code == 200, "another reach has another tag"
    assert counted(other.content) < 10


def test_a_period_with_parts_of_a_second_is_counted_exactly(city: House, take: Taking, api: httpx.Client) -> None:
    take([Known("2026-03-01T08:00:00.250000Z", "A02"), Known("2026-03-01T08:00:00.750000Z", "A02")])
    for z in (12, 16):
        tile = tile_of(*sample.centre("A02"), z)
        assert counted(api.get(path(tile), params={"from": "2026-03-01T08:00:00.5Z"}).content) == 1
        assert counted(api.get(path(tile), params={"from": "2026-03-01T08:00:00Z"}).content) == 2
    asked: dict[str, str | int] = {"from": "2026-03-01T08:00:00.5Z", "bandwidth_m": 500}
    assert api.get("/api/v1/density/surface", params=asked).json()["total"] == 1
    assert api.get("/api/v1/density", params={"level": "hexagon", "from": str(asked["from"])}).json()["total"] == 1


def test_channel_and_agency_cut_tiles_down(city: House, take: Taking, api: httpx.Client) -> None:
    take(SPREAD[:16])
    with city.db.transaction() as session:
        session.execute(text("update incidents set channel = 'worker' where number % 4 = 0"))
        agencies = {row.code: row.id for row in session.execute(text("select code, id from duties_agency"))}
        session.execute(text("update incidents set agency_id = :id where number % 2 = 0"), {"id": agencies["HW"]})
        session.execute(text("update incidents set agency_id = null where number % 2 = 1"))
        workers = session.execute(text("select count(*) from incidents where channel = 'worker'")).scalar_one()
    tile = tile_of(*sample.centre("A02"), 9)

    def n(**asked: Any) -> int:
        return counted(api.get(path(tile), params=asked).content)

    assert n(channel="worker") == workers > 0
    assert n(channel=["worker", "import"]) == n() == 16
    assert n(agency=agencies["HW"]) == n(agency=agencies["CG"]) == 8, "with all below it"
    assert n(agency=agencies["JJ"]) == 0
    assert n(agency=[agencies["JJ"], agencies["HW"]]) == 8
    assert api.get(path(tile), params={"agency": 999_999}).json()["code"] == "unknown-agency"
    assert api.get(path(tile), params={"channel": "pigeon"}).status_code == 422


def looks() -> float:
    """Transactions of requests so far."""
    found = REGISTRY.get_sample_value("gridgov_transactions_total", {"pool": "app", "outcome": "committed"})
    assert found is not None
    return found


def test_kept_tiles_are_sent_together_and_each_is_asked_after(city: House, api: httpx.Client) -> None:
    person, tile = appoint(city, Role.PLANNER), tile_of(*sample.centre("A02"), 12)
    first = api.get(path(tile, "areas"), headers=person.headers)

    async def many(layer: str) -> tuple[float, set[int], set[bytes]]:
        before = looks()
        limits = httpx.Limits(max_connections=60)
        async with httpx.AsyncClient(base_url=api.base_url, headers=person.headers, limits=limits) as client:
            answers = await asyncio.gather(*(client.get(path(tile, layer)) for _ in range(60)))
        return looks() - before, {one.status_code for one in answers}, {one.content for one in answers}

    used, statuses, contents = asyncio.run(many("areas"))
    assert (statuses, contents) == ({200}, {first.content})
    assert used < 60, "several share a look"
    assert asyncio.run(many("incidents"))[0] >= 60, "the control: a transaction each"
    known = {**person.headers, "If-None-Match": first.headers["etag"]}
    assert api.get(path(tile, "areas"), headers=known).status_code == 304
    change(city, "update auth_session set ended_at = seen_at where account_id = :id", id=person.account_id)
    for headers in (person.headers, known):
        assert api.get(path(tile, "areas"), headers=headers).status_code == 401, "at once"


def test_a_kept_tile_is_sent_as_the_route_sends_it(city: House, api: httpx.Client) -> None:
    tile = tile_of(*sample.centre("A02"), 12)
    slow, fast = api.get(path(tile, "areas")), api.get(path(tile, "areas"))
    own = {"x-request-id", "date"}
    assert {n: v for n, v in slow.headers.items() if n not in own} == {
        n: v for n, v in fast.headers.items() if n not in own
    }
    assert slow.headers["cache-control"] == "private, no-cache"
    assert slow.content == fast.content
    assert api.get(path(tile, "areas") + "?x=%00").status_code == 422, "what the route refuses is refused"


def test_a_surface_says_what_it_rests_on_and_holds_its_incidents(city: House, take: Taking, api: httpx.Client) -> None:
    take([Known("2026-03-01T08:00:00Z", "A02")] * 50 + [Known("2026-03-01T08:00:00Z", "B08")] * 20)
    told = api.get("/api/v1/density/surface", params={"bandwidth_m": 400})
    body = told.json()
    assert told.headers["content-type"] == "application/geo+json"
    assert {k: body[k] for k in ("type", "kernel", "bandwidth_m", "rule", "total", "clipped")} == {
        "type": "FeatureCollection", "kernel": "quartic", "bandwidth_m": 400, "rule": "given", "total": 70,
        "clipped": True,
    }  # fmt: skip
    assert body["peak_per_km2"] == pytest.approx(50 * 3 / (3.14159 * 0.4**2), rel=0.02), "of fifty at one place"
    shapes = [shapely.from_geojson(json.dumps(one["geometry"])) for one in body["features"]]
    assert shapely.intersects_xy(shapes[-1], *sample.centre("A02"))
    assert not shapely.intersects_xy(shapes[-1], *sample.centre("B08"))
    densest_of_twenty = [s for s in shapes if shapely.intersects_xy(s, *sample.centre("B08"))]
    assert len(densest_of_twenty) == 1
    border = shapely.union_all([sample.cell(code) for code in GRIDS])
    assert all(shape.difference(border.buffer(1e-5)).is_empty for shape in shapes)
    loose = api.get("/api/v1/density/surface", params={"bandwidth_m": 400, "clip": False}).json()
    outer = shapely.from_geojson(json.dumps(loose["features"][0]["geometry"]))
    assert not outer.difference(border.buffer(1e-5)).is_empty, "the control"
    edges = [one["properties"]["from_per_km2"] for one in body["features"]]
    assert edges == sorted(edges)
    assert [one["properties"]["to_per_km2"] for one in body["features"]] == [*edges[1:], None]


def test_a_surface_of_nothing_and_what_cannot_be_drawn(city: House, take: Taking, api: httpx.Client) -> None:
    empty = api.get("/api/v1/density/surface").json()
    assert (empty["total"], empty["features"], empty["peak_per_km2"]) == (0, [], 0)
    take(SPREAD)
    ruled = api.get("/api/v1/density/surface", params={"kernel": "gaussian"}).json()
    assert (ruled["rule"], ruled["total"]) == ("spread", 120)
    assert ruled["bandwidth_m"] >= 100
    wide: dict[str, str | int] = {"bbox": "116,31,118,33", "bandwidth_m": 50}
    refused = api.get("/api/v1/density/surface", params=wide).json()
    assert (refused["code"], refused["field"]) == ("bad-bandwidth", "bandwidth_m")
    assert api.get("/api/v1/density/surface", params={"bandwidth_m": 30_000}).status_code == 422
    assert api.get("/api/v1/density/surface", params={"bandwidth_m": "nan"}).status_code == 422
    for world in ("-180,-90,180,90", "-180,-85,180,85", "100,20,130,45", "-70,-40,-69.9,40"):
        refused = api.get("/api/v1/density/surface", params={"bbox": world}).json()
        assert (refused["code"], refused["field"]) == ("bad-ground", "bbox"), world
    elsewhere = api.get("/api/v1/density/surface", params={"bbox": "120,32,120.1,32.1"}).json()
    assert (elsewhere["total"], elsewhere["features"]) == (0, [])
    assert api.get("/api/v1/density/surface", params={"bbox": "1,2,3"}).json()["field"] == "bbox"


def test_a_surface_feels_what_lies_just_outside_its_box(city: House, take: Taking) -> None:
    take([Known("2026-03-01T08:00:00Z", "A02")] * 30)
    lon, lat = sample.centre("A02")
    projection = Projection(metre_srid(lon, lat))
    with city.db.transaction() as session:
        view = city.counts.view(session, INCIDENTS)

        def peak(west: float) -> surface.Told:
            ground = surface.Ground((west, lat - 0.01, west + 0.02, lat + 0.01), projection)
            wanted = Filter(reach=EVERYWHERE)
            return surface.surface(session, view, wanted, ground, kernel=Kernel.QUARTIC, bandwidth_m=500)

        beside, far = peak(lon + 0.001), peak(lon + 0.01)
    assert (beside.total, far.total) == (0, 0)
    assert beside.peak_per_km2 > far.peak_per_km2 == 0
