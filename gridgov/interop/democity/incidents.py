"""Ninety days of incidents: what `geodata/incident_mix.csv` says happens, where and when it is likely.

Owns: the draw of categories, times, places and texts. No person and no telephone number occurs in any text.
Does not own: the rhythms (`rhythm`), the spots of the city (`ground`).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from gridgov.interop.democity import rhythm, stock
from gridgov.interop.democity.areanames import Name
from gridgov.interop.democity.areas import Areas
from gridgov.interop.democity.buildings import Buildings
from gridgov.interop.democity.chance import stream
from gridgov.interop.democity.facilities import Facilities
from gridgov.interop.democity.ground import Ground, address
from gridgov.interop.democity.landuse import Land
from gridgov.interop.democity.partition import Ints
from gridgov.interop.democity.planar import Floats
from gridgov.interop.democity.streets import Piece

TOTAL = 20_000
_STREET_PULL = {"arterial": 1.5, "secondary": 1.35, "local": 1.0, "lane": 0.3}
_USE_PULL = {
    "commercial": 2.2,
    "market": 3.0,
    "mall": 2.5,
    "station": 2.2,
    "old_town": 1.5,
    "flats": 1.0,
    "towers": 0.7,
    "office": 0.9,
    "school": 1.5,
    "hospital": 1.8,
    "field": 0.015,
    "orchard": 0.02,
    "village": 0.25,
    "factory": 0.2,
    "construction": 0.7,
    "campus": 0.3,
    "park": 0.4,
}
# Hot spots by name: (parcels they are at, metres of reach, how much of the category happens there).
_Spot = tuple[tuple[str, ...], float, float]
_SPOTS: Mapping[str, _Spot] = {
    "market": (("market-old", "market-north", "market-west", "market-south"), 150.0, 0.42),
    "barbecue": (("barbecue",), 130.0, 0.55),
    "construction": (
        ("construction-1", "construction-2", "construction-3", "construction-4", "construction-5"),
        260.0,
        0.6,
    ),
    "mall": (("mall", "hospital-city"), 190.0, 0.30),
    "station": (("station", "bus-station"), 190.0, 0.35),
    "core": (("drum-tower", "temple"), 260.0, 0.35),
}
# What a supervisor shall find: (category, where it all happens, first day from the end, days, how many more).
# A sewer that overflows for three days, bicycles that pile up, and a site whose nights have become loud.
_EPISODES: tuple[tuple[str, _Spot, int, int, int], ...] = (
    ("01002", (("market-west",), 160.0, 1.0), 24, 3, 90),
    ("09011", (("mall", "station"), 320.0, 1.0), 7, 7, 75),
    ("08001", (("construction-2",), 240.0, 1.0), 7, 7, 48),
)
_MARKET_WEIGHTS = {"market-old": 3.0}


@dataclass(frozen=True, slots=True)
class Scene:
    """The built city, as far as incidents need it."""

    land: Land
    pieces: list[Piece]
    ground: Ground
    facilities: Facilities
    buildings: Buildings
    households: Ints
    estates: dict[int, Name]
    areas: Areas
    centre_of_single: dict[str, tuple[float, float]]


@dataclass(slots=True)
class Incidents:
    """One row an incident, in the order of time. `day` counts from the first day of history, `second` from midnight."""

    id: list[str]
    category: NDArray[np.str_]
    day: Ints
    second: Ints
    xy: Floats
    text: list[str]
    address: list[str]
    channel: NDArray[np.str_]
    status: NDArray[np.str_]
    accuracy_m: Floats

    def __len__(self) -> int:
        return len(self.id)


@dataclass(slots=True)
class _Draw:
    xy: Floats
    place: list[str]
    address: list[str]


def happen(scene: Scene, seed: int, until: date) -> Incidents:
    """The incidents of the 90 days before `until`."""
    history = rhythm.days(until)
    rain = rhythm.rain_day(stream(seed, "rain", until.toordinal()))
    mix = stock.rows("incident_mix.csv")
    weight = np.array([float(r["weight"]) for r in mix])
    rng = stream(seed, "counts", until.toordinal())
    parts = []
    for row, expected in zip(mix, weight / weight.sum() * TOTAL * 0.985, strict=True):
        parts.append(
            _category(
                scene, row, expected, history, rain, stream(seed, "incidents", row["category"], until.toordinal())
            )
        )
    rows = {row["category"]: row for row in mix}
    for number, (category, spot, back, days, count) in enumerate(_EPISODES):
        draw = stream(seed, "episode", number, until.toordinal())
        parts.append(_told(scene, rows[category], draw.integers(-back, days - back, count) % rhythm.DAYS, spot, draw))
    told = [*(row["category"] for row in mix), *(category for category, *_ in _EPISODES)]
    cat = np.concatenate([np.full(len(p[0]), code) for code, p in zip(told, parts, strict=True)])
    day, second = (np.concatenate([p[i] for p in parts]) for i in (0, 1))
    channel = np.concatenate([p[2] for p in parts])
    order = np.lexsort((np.arange(len(day)), second, day))
    xy = np.vstack([p[3].xy for p in parts])[order]
    places = [t for p in parts for t in p[3].place]
    texts = [t for p in parts for t in p[4]]
    where = [t for p in parts for t in p[3].address]
    text = [texts[i].replace("{place}", places[i]) for i in order]
    status = _status(day[order], rng)
    ids = [str(uuid.UUID(bytes=rng.bytes(16), version=4)) for _ in order]
    return Incidents(
        ids,
        cat[order],
        day[order],
        second[order],
        xy,
        text,
        [where[i] for i in order],
        channel[order],
        status,
        _accuracy(channel[order], rng),
    )


def _category(
    scene: Scene, row: Mapping[str, str], expected: float, history: list[date], rain: int, rng: np.random.Generator
) -> tuple[Ints, Ints, NDArray[np.str_], _Draw, list[str]]:
    """Days, seconds, channels, places and texts of one category as it usually is."""
    factor = float(row["rain"])
    shares = rhythm.day_shares(row["rhythm"], history, rain, factor, rng)
    dry = expected / (1 - shares[rain]) if factor > 4 else expected  # the burst comes on top of the ordinary days
    day = np.repeat(np.arange(len(history)), rng.poisson(shares * dry))
    return _told(scene, row, day, _SPOTS.get(row["spot"]), rng, wet=rain if factor > 4 else None)


def _told(
    scene: Scene,
    row: Mapping[str, str],
    day: Ints,
    spot: _Spot | None,
    rng: np.random.Generator,
    wet: int | None = None,
) -> tuple[Ints, Ints, NDArray[np.str_], _Draw, list[str]]:
    """The rest of incidents whose days are known; on the `wet` day they come with the rain."""
    second = rhythm.minutes(row["rhythm"], len(day), rng)
    if wet is not None:
        soaked = day == wet
        second[soaked] = rhythm.minutes("rain", int(soaked.sum()), rng)
    channel = rhythm.channels(second, row["category"] in rhythm.SENSED, rng)
    texts = row["texts"].split("|")
    chosen = [texts[i] for i in rng.integers(0, len(texts), len(day))]
    return day, second, channel, _places(scene, row["where"], spot, len(day), rng), chosen


def _status(day: Ints, rng: np.random.Generator) -> NDArray[np.str_]:
    """Closed, but for a few long ones and for many of the last days."""
    age = rhythm.DAYS - day
    still = rng.random(len(day)) < 0.015 + 0.75 * np.exp(-age / 2.2)
    return np.where(still, "open", "closed")


def _accuracy(channel: NDArray[np.str_], rng: np.random.Generator) -> Floats:
    middle = np.select([channel == "worker", channel == "sensor", channel == "mini-program"], [7.0, 4.0, 14.0], 24.0)
    return np.asarray(np.round(np.clip(rng.lognormal(np.log(middle), 0.35), 3.0, 40.0), 1))


def _places(scene: Scene, at: str, spot: _Spot | None, count: int, rng: np.random.Generator) -> _Draw:
    where, _, code = at.partition(":")
    if where == "facility":
        return _at_facilities(scene, code, spot, count, rng)
    if where in ("home", "home-old"):
        return _at_homes(scene, where == "home-old", spot, count, rng)
    return _on_streets(scene, where, spot, count, rng)


def _pull(scene: Scene, xy: Floats, base: Floats, spot: _Spot | None) -> Floats:
    """Chances of places: the base, and for a part of them the nearness to the hot spot."""
    usual = np.asarray(base / base.sum())
    if spot is None:
        return usual
    names, reach_m, share = spot
    near = np.zeros(len(xy))
    for name in names:
        x, y = scene.centre_of_single[name]
        away = np.hypot(xy[:, 0] - x, xy[:, 1] - y)
        near += _MARKET_WEIGHTS.get(name, 1.0) * np.exp(-((away / reach_m) ** 2))
    near *= base > 0
    if near.sum() == 0:
        return usual
    return np.asarray((1 - share) * usual + share * near / near.sum())


def _on_streets(scene: Scene, where: str, spot: _Spot | None, count: int, rng: np.random.Generator) -> _Draw:
    g = scene.ground
    use = np.array([_USE_PULL.get(u, 0.6) for u in g.use]) * np.array([_STREET_PULL[k] for k in g.kind])
    only = {
        "green": np.isin(g.use, ("green", "park")),
        "river": (g.use == "green") & (g.zone == "strip"),
        "rural": g.zone == "rural",
        "construction": g.use == "construction",
    }.get(where)
    base = np.where(only, np.where(g.kind == "lane", 1.0, 1.5), 0.0) if only is not None else use
    base = np.where(g.wet, 0.0, base)
    at = rng.choice(len(g), count, p=_pull(scene, g.xy, base, spot))
    xy = g.xy[at] + rng.uniform(-2.5, 2.5, (count, 2))
    names = [address(scene.pieces, g, int(i))[0] for i in at]
    return _Draw(xy, [_near(n, rng) for n in names], names)


_BESIDE = ("", "", "门前", "附近", "路段", "对面")


def _near(place: str, rng: np.random.Generator) -> str:
    return place + _BESIDE[int(rng.integers(len(_BESIDE)))]


def _at_facilities(scene: Scene, code: str, spot: _Spot | None, count: int, rng: np.random.Generator) -> _Draw:
    f = scene.facilities
    mine = np.flatnonzero(np.array(f.code) == code)
    base = np.array([_USE_PULL.get(u, 0.6) for u in scene.ground.use[f.spot[mine]]]) + 0.3
    at = mine[rng.choice(len(mine), count, p=_pull(scene, f.xy[mine], base, spot))]
    names = [address(scene.pieces, scene.ground, int(f.spot[i]))[0] for i in at]
    return _Draw(f.xy[at] + rng.uniform(-0.7, 0.7, (count, 2)), names, names)


def _at_homes(scene: Scene, old: bool, spot: _Spot | None, count: int, rng: np.random.Generator) -> _Draw:
    """Before the doors of lived-in houses."""
    b = scene.buildings
    base = scene.households.astype(float)
    if old:
        base = (
            base
            * np.isin(b.kind, ("old", "court", "slab", "village"))
            * np.where(np.isin(b.kind, ("old", "village")), 4.0, 1.0)
        )
    centre = shapely.get_coordinates(shapely.centroid(b.polygon))
    at = rng.choice(len(b), count, p=_pull(scene, centre, base, spot))
    xy = _entrances(b, at, rng)
    numbers = house_numbers(b, scene.land)
    names = []
    for i in at:
        parcel = scene.land.blocks[int(b.block[i])].parcel
        estate = scene.estates.get(parcel, ("", ""))[0]
        names.append(f"{estate}{numbers[i]}{'户' if b.kind[i] == 'village' else '号楼'}" if estate else "")
    _, streets = _nearest_addresses(scene, xy)
    names = [n or s for n, s in zip(names, streets, strict=True)]
    return _Draw(xy, names, [s if s in n else f"{s}（{n}）" for n, s in zip(names, streets, strict=True)])


def _entrances(buildings: Buildings, rows: Ints, rng: np.random.Generator) -> Floats:
    """A spot before one of the doors on the front of each house; a door every 15 m or so."""
    rings = [np.asarray(ring.coords) for ring in shapely.get_exterior_ring(buildings.polygon[rows])]
    start, end = np.array([r[0] for r in rings]), np.array([r[1] for r in rings])
    way = end - start
    long = np.hypot(way[:, 0], way[:, 1])[:, None]
    doors = np.maximum(1, np.round(long / 15))
    door = (np.floor(rng.uniform(0, 1, long.shape) * doors) + 0.5) / doors
    out = np.c_[way[:, 1], -way[:, 0]] / long
    return np.asarray(start + way * door + 1.5 * out + rng.uniform(-1.2, 1.2, start.shape))


def house_numbers(buildings: Buildings, land: Land) -> Ints:
    """Numbers of houses within their parcel, from 1."""
    parcel = np.array([land.blocks[i].parcel for i in buildings.block])
    order = np.argsort(parcel, kind="stable")
    start = np.r_[0, np.flatnonzero(np.diff(parcel[order])) + 1]
    first = np.repeat(start, np.diff(np.r_[start, len(order)]))
    out = np.zeros(len(order), dtype=np.int64)
    out[order] = np.arange(len(order)) - first + 1
    return out


def _nearest_addresses(scene: Scene, xy: Floats) -> tuple[Ints, list[str]]:
    dry = np.flatnonzero(~scene.ground.wet)
    at = dry[cKDTree(scene.ground.xy[dry]).query(xy)[1]]
    return at, [address(scene.pieces, scene.ground, int(i))[0] for i in at]
