"""Asks tiles, hexagons and surfaces over HTTP as everybody, and says what they count beside what the person may count.

Owns the questions. Does not own the expectation (`world`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import httpx

from gridgov.analytics.quad import TileAddress, tile_of
from tests import mvt, sample
from tests.security.probes import cells
from tests.security.world import Fact, Somebody, World

QUESTIONS: tuple[dict[str, str], ...] = ({}, {"category": "06*"}, {"status": "open"}, {"from": "2026-09-03"})
POINTS_Z = 15
READ = {"id", "number", "category", "happened_at", "status"}


def path(tile: TileAddress, layer: str = "incidents") -> str:
    return f"/api/v1/tiles/{layer}/{tile.z}/{tile.x}/{tile.y}.mvt"


def tiles(z: int) -> list[TileAddress]:
    """Every tile of a zoom that the sample city touches, and the one incident outside it."""
    first = tile_of(sample.LON0 - 0.011, sample.LAT0 + 2 * sample.STEP, z)
    last = tile_of(sample.LON0 + 8 * sample.STEP, sample.LAT0, z)
    return [TileAddress(z, x, y) for x in range(first.x, last.x + 1) for y in range(first.y, last.y + 1)]


def counts(world: World, client: httpx.Client, people: Iterable[Somebody]) -> Iterator[str]:
    """The sum over all tiles of a zoom, of hexagons, and of a surface: what the person may count, no more, no less."""
    for who in people:
        may = who.grant("density.read") is not None
        for asked in QUESTIONS if may else QUESTIONS[:1]:
            expected = sum(_fits(world, world.facts[ident], asked) for ident in world.expected(who, "density.read"))
            yield from _tiles(client, who, 9, asked, expected if may else None)
            if not asked:
                yield from _tiles(client, who, POINTS_Z, asked, expected if may else None)
                yield from _totals(client, who, asked, expected if may else None)


def _fits(world: World, fact: Fact, asked: dict[str, str]) -> bool:
    since = "from" in asked
    happened = fact.id.int - 1  # hours after the first of September, 16:00 in the city's zone, as they were made
    late = not since or (fact.id.int < 10_000 and happened >= 32)
    return (
        fact.category.startswith(asked.get("category", "").rstrip("*"))
        and late
        and (asked.get("status", fact.status) == fact.status)
    )


def _tiles(client: httpx.Client, who: Somebody, z: int, asked: dict[str, str], expected: int | None) -> Iterator[str]:
    found, shown = 0, set[str]()
    for tile in tiles(z):
        answer = client.get(path(tile), params=asked, headers=who.headers)
        cells["tiles"] += 1
        if expected is None:
            if answer.status_code != (403 if who.person else 401):
                yield f"tiles: {who} gets {answer.status_code}"
            return
        layer = mvt.decode(answer.content).get("incidents")
        for feature in layer.features if layer else ():
            found += feature.properties.get("count", 1)
            shown |= set(feature.properties)
    if found != expected:
        yield f"tiles: {who} counts {found} at {z} with {asked}, not {expected}"
    if shown & READ and (z < POINTS_Z or who.grant("incidents.read") is None):
        yield f"tiles: {who} is shown {shown} at {z}"


def _totals(client: httpx.Client, who: Somebody, asked: dict[str, str], expected: int | None) -> Iterator[str]:
    questions: tuple[tuple[str, dict[str, Any]], ...] = (
        ("/api/v1/density", {"level": "hexagon"}),
        ("/api/v1/density/surface", {"bandwidth_m": 600, "clip": "false", "bbox": "116.9,31.9,117.2,32.1"}),
    )
    for route, more in questions:
        answer = client.get(route, params={**asked, **more}, headers=who.headers)
        cells["totals"] += 1
        if expected is None:
            if answer.status_code != (403 if who.person else 401):
                yield f"{route}: {who} gets {answer.status_code}"
        elif answer.status_code != 200 or answer.json()["total"] != expected:
            yield f"{route}: {who} is told {answer.text[:120]}, not {expected} with {asked}"


def kept(world: World, client: httpx.Client) -> Iterator[str]:
    """A tile that is kept and sent on the fast way: not to those whose session has ended, nor to those who may not."""
    tile = tile_of(*sample.centre("A02"), 12)
    good = next(who for who in world.people if who.person and who.grant("map.read"))
    first = client.get(path(tile, "areas"), headers=good.headers)
    again = client.get(path(tile, "areas"), headers=good.headers)
    if not (first.status_code == again.status_code == 200 and first.content == again.content):
        yield f"kept: the control gets {first.status_code}, then {again.status_code}"
    known = {"If-None-Match": first.headers["etag"]}
    for name, person in world.stale.items():
        for headers in (person.headers, {**person.headers, **known}):
            answer = client.get(path(tile, "areas"), headers=headers)
            cells["kept"] += 1
            if answer.status_code not in {401, 403}:
                yield f"kept: a session that is {name} gets {answer.status_code}"
    for who in world.people:
        answer = client.get(path(tile, "areas"), headers={**who.headers, **known})
        cells["kept"] += 1
        expected = 304 if who.grant("map.read") else 403 if who.person else 401
        if answer.status_code != expected:
            yield f"kept: {who} gets {answer.status_code}, not {expected}"
