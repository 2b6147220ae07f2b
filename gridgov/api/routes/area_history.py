"""`/areas/changes`, `/areas/{id}/lineage` and others below an area: what it was, what lies beside it, whose it is.

Shapes and boundaries of an instant are those of `/areas` and of the tiles.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self

from fastapi import APIRouter
from pydantic import Field

from gridgov.api.deps import AreaPath, AtQuery, CallerDep, HouseDep, instant
from gridgov.api.shapes import AreaBody, Body, Names
from gridgov.areas import history
from gridgov.areas.history import Kin, Turn, Version
from gridgov.areas.service import AreaUnknown
from gridgov.auth import posts
from gridgov.auth.rules import ROLE_NAMES

router = APIRouter(tags=["areas"])


class TurnBody(Body):
    """A boundary plan that took effect; `at` null: it holds since before any record."""

    plan_id: int = Field(examples=[1])
    name: str = Field(examples=["first boundaries"])
    at: datetime | None
    began: int = Field(description="Versions of areas that began with it.", examples=[16])
    ended: int = Field(description="Versions that ended with it.", examples=[0])

    @classmethod
    def of(cls, turn: Turn) -> Self:
        return cls(plan_id=turn.plan_id, name=turn.name, at=turn.at, began=turn.began, ended=turn.ended)


class TurnsBody(Body):
    """Every boundary plan, the newest first."""

    items: list[TurnBody]


class KinBody(Body):
    """An area with ground in common. `ground_share`: of the version's own ground; `kept_share`: of the other's;
    `households`: those that went from the one to the other, null where the plan did not note them."""

    area_id: int
    code: str
    names: Names
    common_km2: float
    ground_share: float = Field(examples=[0.75])
    kept_share: float = Field(examples=[1.0])
    households: int | None

    @classmethod
    def of(cls, kin: Kin) -> Self:
        return cls(
            area_id=kin.area_id,
            code=kin.code,
            names=dict(kin.names),
            common_km2=round(kin.common_km2, 6),
            ground_share=round(kin.ground_share, 4),
            kept_share=round(kin.kept_share, 4),
            households=kin.households,
        )


class VersionBody(Body):
    """An area from one boundary plan to the next. `came_from`: what lay on its ground just before it began; `became`:
    what lies there now, for one that is no more."""

    level: str
    code: str
    names: Names
    kind: str | None
    population: int | None
    households: int | None
    area_km2: float
    parent: int | None
    since: datetime | None
    until: datetime | None
    begun_by: TurnBody
    ended_by: TurnBody | None
    came_from: list[KinBody]
    became: list[KinBody]

    @classmethod
    def of(cls, one: Version) -> Self:
        return cls(
            level=one.level,
            code=one.code,
            names=dict(one.names),
            kind=one.kind,
            population=one.population,
            households=one.households,
            area_km2=round(one.area_km2, 6),
            parent=one.parent_id,
            since=one.since,
            until=one.until,
            begun_by=TurnBody.of(one.begun_by),
            ended_by=None if one.ended_by is None else TurnBody.of(one.ended_by),
            came_from=[KinBody.of(kin) for kin in one.came_from],
            became=[KinBody.of(kin) for kin in one.became],
        )


class LineageBody(Body):
    """Every version of an area, the newest first."""

    area_id: int
    items: list[VersionBody]


class NeighbourBody(Body):
    """An area of the same level with a common border."""

    area: AreaBody
    shared_m: float


class AroundBody(Body):
    """What lies above, beside and below an area at an instant; `path` from the city down to the area itself."""

    in_force_from: datetime | None
    path: list[AreaBody]
    neighbours: list[NeighbourBody]
    children: list[AreaBody]


class RoleCountBody(Body):
    """How many posts of a role are in force; who holds them is not told."""

    role: str = Field(examples=["grid_worker"])
    role_names: Names = Field(examples=[{"zh": "网格员", "en": "grid worker"}])
    posts: int = Field(examples=[2])


class UnitBody(Body):
    """An agency's unit that is stationed in an area (条块结合)."""

    id: int
    code: str
    names: Names


class OfficeBody(Body):
    """The office of an area: its posts by role, and the units stationed there."""

    area: AreaBody
    posts: list[RoleCountBody]
    stationed: list[UnitBody]


class ResponsibleBody(Body):
    """Whose an area is: its own office first, then those above it."""

    items: list[OfficeBody]


@router.get("/areas/changes", summary="When boundaries changed, and by which plan")
def changes(house: HouseDep, caller: CallerDep) -> TurnsBody:
    """The instants between which a map of the past has something else to show."""
    with house.acting(caller) as work:
        return TurnsBody(items=[TurnBody.of(turn) for turn in history.turns(work.session)])


@router.get("/areas/{area_id}/lineage", summary="What an area was before")
def lineage(house: HouseDep, caller: CallerDep, area_id: AreaPath) -> LineageBody:
    """Every version with the plans that began and ended it, and the areas whose ground it took over. 404 for an id that
    no area ever had."""
    with house.acting(caller) as work:
        found = history.lineage(work.session, area_id)
    return LineageBody(area_id=area_id, items=[VersionBody.of(one) for one in found])


@router.get("/areas/{area_id}/neighbours", summary="What lies above, beside and below an area")
def neighbours(house: HouseDep, caller: CallerDep, area_id: AreaPath, at: AtQuery = None) -> AroundBody:
    """404 when no such area is in force at the instant."""
    with house.acting(caller) as work:
        moment = instant(at, house.zone(work), "at") or work.now
        index = house.locator.index(work.session, moment, revision=work.marks.get("areas", 0))
        if index.get(area_id) is None:
            raise unknown(area_id)
        beside = history.neighbours(work.session, area_id, at=moment)
    return AroundBody(
        in_force_from=index.in_force_from,
        path=[AreaBody.of(one) for one in index.path_of(area_id)],
        neighbours=[NeighbourBody(area=AreaBody.of(one.area), shared_m=round(one.shared_m, 1)) for one in beside],
        children=[AreaBody.of(one) for one in index.children(area_id)],
    )


@router.get("/areas/{area_id}/responsible", summary="Whose is an area?")
def responsible(house: HouseDep, caller: CallerDep, area_id: AreaPath, at: AtQuery = None) -> ResponsibleBody:
    """The offices from the area up to the city, each with its posts as roles and numbers: no person is named. 404 when
    no such area is in force at the instant."""
    with house.acting(caller) as work:
        moment = instant(at, house.zone(work), "at") or work.now
        index = house.locator.index(work.session, moment, revision=work.marks.get("areas", 0))
        if index.get(area_id) is None:
            raise unknown(area_id)
        path = index.path_of(area_id)[::-1]
        held = posts.roles_at(work.session, [one.id for one in path], moment)
        stationed = house.agencies.stationed_at(work.session, revision=work.marks.get("duties", 0))
        names = house.agencies.named(work.session, revision=work.marks.get("duties", 0))
        codes = house.agencies.codes(work.session, revision=work.marks.get("duties", 0))
    return ResponsibleBody(
        items=[
            OfficeBody(
                area=AreaBody.of(area),
                posts=[
                    RoleCountBody(role=role, role_names=dict(ROLE_NAMES[role]), posts=number)
                    for role, number in held.get(area.id, {}).items()
                ],
                stationed=[
                    UnitBody(id=one, code=codes[one], names=dict(names[one])) for one in stationed.get(area.id, ())
                ],
            )
            for area in path
        ]
    )


def unknown(area_id: int) -> AreaUnknown:
    """No area of this id is in force then."""
    return AreaUnknown(f"No area {area_id} is in force then.", field="area_id", remedy="List them with /api/v1/areas.")
