"""Agencies and the sites they work from, spread over the city as `geodata/agencies.csv` says.

Owns: sites: how many, where, what they are called. Does not own: what the agencies answer for (`duties`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.cluster.vq import kmeans2
from scipy.spatial import cKDTree

from gridgov.interop.democity import stock
from gridgov.interop.democity.areanames import Name
from gridgov.interop.democity.areas import Area, Areas
from gridgov.interop.democity.buildings import Buildings
from gridgov.interop.democity.chance import stream
from gridgov.interop.democity.ground import Ground, address
from gridgov.interop.democity.landuse import Land
from gridgov.interop.democity.partition import Ints
from gridgov.interop.democity.planar import Floats
from gridgov.interop.democity.streets import Piece

_WORK_USES = ("office", "commercial", "civic", "works", "city-hall", "market", "factory", "hospital")


@dataclass(frozen=True, slots=True)
class Site:
    """Where an agency works from; `xy` metres."""

    id: str
    agency: str
    kind: str
    name: Name
    address: Name
    xy: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _City:
    """What is needed to place a site."""

    areas: Areas
    ground: Ground
    pieces: list[Piece]
    homes: Floats  # centres of lived-in houses
    weight: Floats
    zone: np.ndarray[tuple[int, ...], np.dtype[np.str_]]  # of those houses
    work: Floats  # centres of houses that people work in
    named: Ints  # spots on streets with a name to go by (no inner lanes)
    tree: cKDTree  # of those spots


def _spread_points(city: _City, rule: str, rng: np.random.Generator) -> list[tuple[Floats, str]]:
    """Where stations are wanted, and the stem of each name ("": named by its street)."""
    kind, many = rule.split(":")
    n = int(many)
    if kind == "unit":
        units = city.areas.subdistrict + [a for a in city.areas.community if a.parent == city.areas.district[1].code]
        return [(_centre(a), _stem(a)) for a in _weighted(units, n)]
    if kind == "community":
        return [(_centre(a), _stem(a)) for a in city.areas.community[:n]]
    if kind == "district":
        return [(_centre(a), _stem(a)) for a in city.areas.district[:n]]
    inside = {"people": city.zone != "rural", "rural": city.zone == "rural", "newtown": city.zone == "town"}[kind]
    centres = _means(city.homes[inside], city.weight[inside], n, rng)
    return [(c, "") for c in centres]


def _weighted(units: list[Area], n: int) -> list[Area]:
    """The n units with most households, in the order of their codes."""
    return sorted(sorted(units, key=lambda a: (-a.households, a.code))[:n], key=lambda a: a.code)


def _means(xy: Floats, weight: Floats, n: int, rng: np.random.Generator) -> Floats:
    sample = xy[rng.choice(len(xy), 4000, p=weight / weight.sum())]
    start = sample[rng.choice(len(sample), n, replace=False)]
    centres, _ = kmeans2(sample, start, iter=12, minit="matrix", missing="warn")
    return np.asarray(centres[np.lexsort((centres[:, 0], -centres[:, 1]))])


def _centre(area: Area) -> Floats:
    return np.asarray(shapely.get_coordinates(shapely.centroid(area.polygon))[0])


_SUFFIXES = (
    ("街道", " Sub-district"),
    ("社区", " Community"),
    ("镇", " Town"),
    ("区", " District"),
    ("村", " Village"),
)


def _stem(area: Area) -> str:
    """zh|en of an area's name without the word for its level."""
    zh, en = area.name
    for zh_end, en_end in _SUFFIXES:
        if zh.endswith(zh_end):
            return f"{zh.removesuffix(zh_end)}|{en.removesuffix(en_end)}"
    return f"{zh}|{en}"


def set_up(
    areas: Areas, ground: Ground, pieces: list[Piece], buildings: Buildings, land: Land, households: Ints, seed: int
) -> list[Site]:
    """All sites: the head office of each agency, then its stations."""
    uses = np.array([b.use for b in land.blocks])[buildings.block]
    zones = np.array([b.zone for b in land.blocks])[buildings.block]
    centre = shapely.get_coordinates(shapely.centroid(buildings.polygon))
    lived = households > 0
    named = np.flatnonzero((ground.kind != "lane") & ~ground.wet)
    city = _City(
        areas,
        ground,
        pieces,
        centre[lived],
        households[lived].astype(float),
        zones[lived],
        centre[np.isin(uses, _WORK_USES) | ((uses == "village") & ~lived)],
        named,
        cKDTree(ground.xy[named]),
    )
    take = _taker(city.work)
    offices = centre[np.isin(uses, ("office", "city-hall"))]
    out: list[Site] = []
    rows = stock.rows("agencies.csv")
    where = stream(seed, "head offices").choice(len(offices), len(rows), replace=False)
    for row, at in zip(rows, where, strict=True):
        out.append(_site(city, row["code"], 0, "office", (row["name_zh"], row["name_en"]), take(offices[at])))
        for k, (point, stem) in enumerate(
            _spread_points(city, row["spread"], stream(seed, "stations", row["code"])), 1
        ):
            spot = take(point)
            zh, en = stem.split("|") if stem else pieces[int(ground.piece[_spot(city, spot)])].name
            name = (f"{zh}{row['station_zh']}", f"{en} {row['station_en']}")
            out.append(_site(city, row["code"], k, row["station_kind"], name, spot))
    return out


def _taker(work: Floats) -> Callable[[Floats], Floats]:
    """Gives the nearest house to work in, no house twice."""
    free = np.ones(len(work), dtype=bool)

    def take(point: Floats) -> Floats:
        away = np.hypot(work[:, 0] - point[0], work[:, 1] - point[1])
        i = int(np.argmin(np.where(free, away, np.inf)))
        free[i] = False
        return np.asarray(work[i])

    return take


def _spot(city: _City, xy: Floats) -> int:
    return int(city.named[city.tree.query(xy)[1]])


def _site(city: _City, agency: str, number: int, kind: str, name: Name, xy: Floats) -> Site:
    where = address(city.pieces, city.ground, _spot(city, xy))
    return Site(f"{agency}-{number:02d}", agency, kind, name, where, (float(xy[0]), float(xy[1])))
