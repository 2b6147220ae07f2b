"""Making the atoms of a community from what the city knows: its border, streets, buildings, blocks.

Owns which attributes of a layer say what (floors, entrances, bridges, villager groups). Does not own the geometry
(`geo.atoms`) nor keeping what was made (`basis`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from gridgov.areas import layers
from gridgov.areas.layers import Feature, Layer
from gridgov.areas.rules import Kind, Level
from gridgov.areas.service import city
from gridgov.areas.shapes import Shaped, children_of, shape_of
from gridgov.geo.atoms import households
from gridgov.geo.atoms import make as making
from gridgov.geo.atoms.forms import Atoms, Buildings, Finding, Regions, Streets
from gridgov.geo.atoms.given import Given, make_given
from gridgov.geo.atoms.outline import metres
from gridgov.geo.crs import Projection
from gridgov.planning.rules import Target
from gridgov.platform.errors import BadInput

VILLAGER_GROUP = "villager_group"
MARGIN_DEG = 0.005
"""Streets up to this far outside are read, for the bridges that lead there."""
Bounds = tuple[float, float, float, float]
NO = frozenset({"", "no", "0", "false", "none"})


@dataclass(frozen=True)
class Made:
    """Atoms of a community as they were made, with int32[n] households of each.

    `source`: from what they were made, as it is kept with the basis.
    """

    community_id: int
    atoms: Atoms
    households: NDArray[np.int32]
    source: Mapping[str, Any] = field(default_factory=dict)


class NoBlocks(BadInput):
    """The block layer has nothing there."""

    code = "no-blocks"


class NotACommunity(BadInput):
    """Atoms are made of communities."""

    code = "not-a-community"


def make(
    session: Session,
    community_id: int,
    *,
    at: datetime | None = None,
    target: Target | None = None,
    totals: str | None = None,
) -> Made:
    """Atoms of a community as the layers stand, with households of buildings. `target`: what grids should have, to
    tell which buildings are too large for one. `totals`: the attribute of the block layer that says how many
    households a block has; they are spread over those of its buildings that say nothing themselves.

    Ground of a villager group, and of a special grid in force, is crossed by no atom. Raises `AreaUnknown`,
    `NotACommunity`.
    """
    community = _community(session, community_id, at)
    projection = Projection(city(session).srid_m)
    bounds = community.geom.bounds
    blocks = layers.features_within(session, Layer.BLOCK, bounds)
    buildings = buildings_of(layers.features_within(session, Layer.BUILDING, bounds))
    differences: tuple[households.Difference, ...] = ()
    if totals is not None:
        buildings, differences = _spread(session, buildings, blocks, totals, projection)
    groups = [one for one in blocks if VILLAGER_GROUP in (one.class_, one.attributes.get("kind"))]
    made = making.make(
        community.geom,
        streets_of(layers.features_within(session, Layer.STREET, _wide(bounds))),
        buildings,
        projection,
        regions=_regions(groups, _special(session, community_id, at)),
        divide_above=(target or Target()).most,
    )
    atoms = replace(made.atoms, findings=(*made.atoms.findings, *households.findings_of(differences)))
    source = _source("streets and buildings", community, atoms)
    return Made(community_id, atoms, households.of_buildings(made, buildings.households), source)


def make_of_blocks(
    session: Session,
    community_id: int,
    *,
    at: datetime | None = None,
    source: str | None = None,
    totals: str = "households",
) -> Made:
    """Atoms of a community from the block layer (census blocks, plots), of one source where it is named. `totals`: the
    attribute that says how many households a block has. Raises as `make` does, and `NoBlocks`.
    """
    community = _community(session, community_id, at)
    projection = Projection(city(session).srid_m)
    blocks = [
        one
        for one in layers.features_within(session, Layer.BLOCK, community.geom.bounds)
        if source is None or one.source == source
    ]
    if not blocks:
        raise NoBlocks(
            f"No blocks lie in “{community.facts.code}”.", field="source", remedy="Load them: gridgov city load FILE."
        )
    streets = streets_of(layers.features_within(session, Layer.STREET, _wide(community.geom.bounds)))
    groups = tuple(_name(one) if one.class_ == VILLAGER_GROUP else "" for one in blocks)
    made = make_given(
        community.geom, Given(_shapes(blocks), tuple(str(one.id) for one in blocks), groups), streets, projection
    )
    counted = np.array([_number(one.attributes, totals) for one in blocks], dtype=np.float64)
    inside = made.atom_of >= 0
    unknown = int((inside & ~np.isfinite(counted)).sum())
    findings = list(made.atoms.findings)
    if unknown:
        findings.append(
            Finding("households-unknown", f"{unknown}个图斑没有户数", f"{unknown} polygons say no households", unknown)
        )
    atoms = replace(made.atoms, findings=tuple(findings))
    known = np.where(np.isfinite(counted), counted, -1).astype(np.int32)
    return Made(community_id, atoms, households.of_buildings(made, known), _source("blocks", community, atoms))


def _community(session: Session, community_id: int, at: datetime | None) -> Shaped:
    community = shape_of(session, community_id, at=at)
    if community.facts.level is not Level.COMMUNITY:
        raise NotACommunity(
            f"“{community.facts.code}” is a {community.facts.level}.", field="community", remedy="Name a community."
        )
    return community


def _wide(bounds: Bounds) -> Bounds:
    west, south, east, north = bounds
    return west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG


def _source(made: str, community: Shaped, atoms: Atoms) -> dict[str, Any]:
    said = [{"code": one.code, "zh": one.zh, "en": one.en, "count": one.count, "at": one.at} for one in atoms.findings]
    return {"made": made, "community": community.facts.code, "findings": said}


def _special(session: Session, community_id: int, at: datetime | None) -> list[Shaped]:
    return [one for one in children_of(session, community_id, at=at) if one.facts.kind == Kind.SPECIAL]


def _regions(groups: Sequence[Feature], special: Sequence[Shaped]) -> Regions:
    """Special grids first: where a villager group reaches into one, the ground is the special grid's."""
    out = np.empty(len(special) + len(groups), dtype=object)
    out[:] = [*(one.geom for one in special), *(one.geom for one in groups)]
    return Regions(out, (*("" for _ in special), *(_name(one) for one in groups)))


def _spread(
    session: Session, buildings: Buildings, blocks: Sequence[Feature], totals: str, projection: Projection
) -> tuple[Buildings, tuple[households.Difference, ...]]:
    """Buildings with the households of their blocks spread over those that say nothing. A block that reaches beyond
    the community is spread over all its buildings, so that communities do not count them twice.
    """
    counted = [one for one in blocks if np.isfinite(_number(one.attributes, totals))]
    if not counted:
        return buildings, ()
    shapes = _shapes(counted)
    west, south, east, north = (float(one) for one in shapely.total_bounds(shapes))
    every = buildings_of(layers.features_within(session, Layer.BUILDING, (west, south, east, north)))
    inner = shapely.point_on_surface(every.shapes)
    area_of = np.full(len(every), -1, dtype=np.int64)
    building, block = shapely.STRtree(shapes).query(inner, predicate="intersects")
    area_of[building[::-1]] = block[::-1]
    known, differences = households.spread(
        [int(_number(one.attributes, totals)) for one in counted],
        [_name(one) for one in counted],
        area_of,
        floor_space(every, projection),
        every.households,
    )
    place = {ident: int(known[at]) for at, ident in enumerate(every.ids) if area_of[at] >= 0}
    found = [place.get(ident, int(own)) for ident, own in zip(buildings.ids, buildings.households, strict=True)]
    return replace(buildings, households=np.array(found, dtype=np.int32)), differences


def streets_of(features: Sequence[Feature]) -> Streets:
    """Centre lines, one part each; raised and sunk as OSM's `bridge`, `tunnel` and `layer` say."""
    lines, of = shapely.get_parts(_shapes(features), return_index=True)
    raised = np.array([_raised(one.attributes) for one in features], dtype=np.bool_)
    sunk = np.array([_sunk(one.attributes) for one in features], dtype=np.bool_)
    return Streets(np.asarray(lines, dtype=object), raised[of], sunk[of])


def buildings_of(features: Sequence[Feature]) -> Buildings:
    """Footprints with households, floors (`floors`, `storeys`, `building:levels`) and entrances (`entrances`, `units`:
    households of each, or how many there are).
    """
    return Buildings(
        _shapes(features),
        tuple(one.id for one in features),
        tuple(str(one.id) for one in features),
        np.array([-1 if one.households is None else one.households for one in features], dtype=np.int32),
        np.array(
            [_number(one.attributes, "floors", "storeys", "building:levels") for one in features], dtype=np.float64
        ),
        tuple(_parts(one) for one in features),
    )


def floor_space(buildings: Buildings, projection: Projection) -> Any:
    """float64[n]: what totals are spread by."""
    return households.weights_of(buildings, shapely.area(metres(buildings.shapes, projection)))


def _name(one: Feature) -> str:
    return one.names.get("zh") or one.names.get("en") or one.source_id


def _shapes(features: Sequence[Feature]) -> Any:
    out = np.empty(len(features), dtype=object)
    geoms: list[BaseGeometry] = [one.geom for one in features]
    out[:] = geoms
    return out


def _raised(attributes: Mapping[str, Any]) -> bool:
    return _says(attributes, "bridge") or _number(attributes, "layer") > 0


def _sunk(attributes: Mapping[str, Any]) -> bool:
    return _says(attributes, "tunnel") or (_number(attributes, "layer") < 0 and not _says(attributes, "bridge"))


def _says(attributes: Mapping[str, Any], name: str) -> bool:
    return str(attributes.get(name, "")).strip().lower() not in NO


def _number(attributes: Mapping[str, Any], *names: str) -> float:
    for name in names:
        try:
            return float(attributes[name])
        except (KeyError, TypeError, ValueError):
            continue
    return float("nan")


def _parts(one: Feature) -> tuple[int, ...]:
    """Households of each entrance: a list, or a number of entrances that share them equally."""
    said = one.attributes.get("entrances", one.attributes.get("units"))
    if isinstance(said, list) and all(isinstance(part, int) and part >= 0 for part in said):
        return tuple(said)
    try:
        many = int(said)
    except (TypeError, ValueError):
        return ()
    if many < 2 or one.households is None:
        return ()
    return tuple(int(part) for part in households.apportioned(one.households, np.ones(many)))
