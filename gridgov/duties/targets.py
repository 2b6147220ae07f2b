"""On whom work is placed: named areas, or every area of a level, with the unit that speaks for each. Pure.

Owns how targets are chosen by the boundaries of one day. A unit is the sub-district, or the community where that tier
is absent; its opinion is asked, once, however many of its communities are meant.
"""

from __future__ import annotations

from dataclasses import dataclass

from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Level, unit_of
from gridgov.duties.admitting import MOST_TARGETS, Incomplete, NewAdmission
from gridgov.platform.errors import BadInput

LEVELS = (Level.SUBDISTRICT, Level.COMMUNITY)


@dataclass(frozen=True, slots=True)
class Target:
    """An area on which work is placed, and the unit that is asked."""

    area_id: int
    unit_id: int
    level: str


def chosen(asked: NewAdmission, index: AreaIndex) -> list[Target]:
    """The targets of a request, by code. Raises `BadInput` for what is in force nowhere, or at the wrong level."""
    areas = _all(asked, index) if asked.all_of is not None else [_named(one, index) for one in sorted(asked.targets)]
    if not areas:
        raise Incomplete("There is no such area.", field="all_of", remedy="Choose another level, or name areas.")
    if len(areas) > MOST_TARGETS:
        raise BadInput(f"{len(areas):,} targets are too many.", field="targets", remedy=f"{MOST_TARGETS:,} at most.")
    found = []
    for area in sorted(areas, key=lambda one: one.code):
        unit = unit_of(index.path_of(area.id))
        if unit is None:
            raise BadInput(f"“{area.code}” belongs to no unit.", field="targets", remedy="Name areas within units.")
        found.append(Target(area.id, unit.id, str(area.level)))
    places = {one.area_id for one in found}
    strange = next((one for one in asked.promises if one.area_id is not None and one.area_id not in places), None)
    if strange is not None:
        raise BadInput("An instalment is for no target.", field="promises", remedy="Name a target, or leave it out.")
    return found


def _named(area_id: int, index: AreaIndex) -> AreaFacts:
    area = index.get(area_id)
    if area is None or area.level not in LEVELS:
        raise BadInput(
            f"{area_id} is no sub-district or community in force now.",
            field="targets",
            remedy="Name sub-districts or communities.",
        )
    return area


def _all(asked: NewAdmission, index: AreaIndex) -> list[AreaFacts]:
    if asked.within is not None and index.get(asked.within) is None:
        raise BadInput(f"{asked.within} is no area in force now.", field="within", remedy="Name an area, or none.")
    areas = index.areas if asked.within is None else index.descendants(asked.within)
    if asked.all_of == "unit":
        return [one for one in areas if one.level in LEVELS and _is_unit(one, index)]
    return [one for one in areas if one.level == asked.all_of]


def _is_unit(area: AreaFacts, index: AreaIndex) -> bool:
    unit = unit_of(index.path_of(area.id))
    return unit is not None and unit.id == area.id
