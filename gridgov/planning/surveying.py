"""Making the atoms of a community from what the city knows: its border, streets, buildings, blocks.

Owns which attributes of a layer say what (floors, entrances, bridges, villager groups). Does not own the geometry
(`geo.atoms`) nor keeping what was made (`basis`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from gridgov.areas import layers, shapes
from gridgov.areas.layers import Feature, Layer
from gridgov.areas.rules import Level
from gridgov.areas.service import city
from gridgov.geo.atoms import households
from gridgov.geo.atoms import make as making
from gridgov.geo.atoms.forms import Atoms, Buildings, Regions, Streets
from gridgov.geo.atoms.outline import metres
from gridgov.geo.crs import Projection
from gridgov.planning.rules import Target
from gridgov.platform.errors import BadInput

VILLAGER_GROUP = "villager_group"
MARGIN_DEG = 0.005
"""Streets up to this far outside are read, for the bridges that lead there."""
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


class NotACommunity(BadInput):
    """Atoms are made of communities."""

    code = "not-a-community"


def make(session: Session, community_id: int, *, at: datetime | None = None, target: Target | None = None) -> Made:
    """Atoms of a community as the layers stand, with households of buildings. `target`: what grids should have, to
    tell which buildings are too large for one. Raises `AreaUnknown`, `NotACommunity`.
    """
    community = shapes.shape_of(session, community_id, at=at)
    if community.facts.level is not Level.COMMUNITY:
        raise NotACommunity(
            f"“{community.facts.code}” is a {community.facts.level}.", field="community", remedy="Name a community."
        )
    projection = Projection(city(session).srid_m)
    west, south, east, north = community.geom.bounds
    wide = (west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG)
    buildings = buildings_of(layers.features_within(session, Layer.BUILDING, community.geom.bounds))
    groups = [
        one
        for one in layers.features_within(session, Layer.BLOCK, community.geom.bounds)
        if one.class_ == VILLAGER_GROUP or one.attributes.get("kind") == VILLAGER_GROUP
    ]
    made = making.make(
        community.geom,
        streets_of(layers.features_within(session, Layer.STREET, wide)),
        buildings,
        projection,
        regions=regions_of(groups),
        divide_above=(target or Target()).most,
    )
    source = {
        "made": "streets and buildings",
        "community": community.facts.code,
        "findings": [[one.code, one.count] for one in made.atoms.findings],
    }
    return Made(community_id, made.atoms, households.of_buildings(made, buildings.households), source)


def streets_of(features: Sequence[Feature]) -> Streets:
    """Centre lines, one part each; raised and sunk as OSM's `bridge`, `tunnel` and `layer` say."""
    lines, of = shapely.get_parts(_shapes(features), return_index=True)
    raised = np.array([_raised(one.attributes) for one in features], dtype=np.bool_)
    sunk = np.array([_sunk(one.attributes) for one in features], dtype=np.bool_)
    return Streets(np.asarray(lines, dtype=object), raised[of], sunk[of])


def buildings_of(features: Sequence[Feature]) -> Buildings:
    """Footprints with households, floors (`floors`, `storeys`, `building:levels`) and entrances (`entrances`, `units`: numbers of
    households, or how many there are).
    """
    return Buildings(
        _shapes(features),
        tuple(one.id for one in features),
        tuple(str(one.id) for one in features),
        np.array([-1 if one.households is None else one.households for one in features], dtype=np.int32),
        np.array([_number(one.attributes, "floors", "storeys", "building:levels") for one in features], dtype=np.float64),
        tuple(_parts(one) for one in features),
    )


def regions_of(features: Sequence[Feature]) -> Regions:
    """Polygons that no atom crosses, by name."""
    names = [one.names.get("zh") or one.names.get("en") or one.source_id for one in features]
    return Regions(_shapes(features), tuple(names))


def floor_space(buildings: Buildings, projection: Projection) -> Any:
    """float64[n]: what totals are spread by."""
    return households.weights_of(buildings, shapely.area(metres(buildings.shapes, projection)))


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
