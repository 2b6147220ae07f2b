"""What `/plans` takes and answers: plans, their communities, the ground below them, their grids on a map."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field

from gridgov.api.shapes import Body, Incoming, Names
from gridgov.areas.rules import Kind
from gridgov.planning.basis import BasisFacts
from gridgov.planning.counts import CountFacts
from gridgov.planning.drafts import PartFacts, PlanFacts, PlanTold
from gridgov.planning.metrics import Metric
from gridgov.planning.overview import DrawnGrid
from gridgov.planning.rules import AtomKind, PlanState, Target


class TargetBody(Body):
    """Households a grid should have, and the share by which it may miss that."""

    households: int = Field(ge=1, le=100_000, examples=[300])
    band: float = Field(default=0.1, ge=0, le=1, examples=[0.1])

    @classmethod
    def of(cls, target: Target) -> Self:
        return cls(households=target.households, band=target.band)

    def target(self) -> Target:
        return Target(self.households, self.band)


class PlanBody(Body):
    """A boundary plan. Only a draft is drawn in."""

    id: int
    name: str = Field(examples=["2026年网格调整方案"])
    purpose: str
    state: PlanState
    target: TargetBody
    revision: int = Field(description="Of name, purpose, target and state; each part has its own.")
    parts: int = Field(description="Communities that it draws.", examples=[3])
    communities: list[int] = Field(description="Ids of the first of them, at most 12.", examples=[[6, 7, 9]])
    operations: int = Field(description="How often it was drawn in.", examples=[14])
    drawn_at: datetime | None = Field(description="When it was drawn in last.")
    copy_of: int | None = Field(description="The plan that it was copied from.")
    returns_to: int | None = Field(description="The plan whose boundaries it brings back.")
    created_at: datetime
    created_by: int | None = Field(description="Id of an account; null: the owner of the machine.")
    created_by_account: str | None = Field(description="Its name; null: who asks neither draws nor decides.")
    submitted_at: datetime | None
    submitted_by: int | None
    submitted_by_account: str | None
    wanted_from: datetime | None = Field(description="From when it is to hold; null: as soon as it is approved.")
    digest: str | None = Field(description="SHA-256 of what was submitted.")
    approval_id: int | None = Field(description="The request for another person's yes.")
    effective_at: datetime | None
    retired_at: datetime | None

    @classmethod
    def of(cls, one: PlanFacts, told: PlanTold) -> Self:
        return cls(
            id=one.id,
            name=one.name,
            purpose=one.purpose,
            state=one.state,
            target=TargetBody.of(one.target),
            revision=one.revision,
            parts=one.parts,
            communities=list(told.communities),
            operations=told.operations,
            drawn_at=told.drawn_at,
            copy_of=one.parent_id,
            returns_to=one.returns_to,
            created_at=one.created_at,
            created_by=one.created_by,
            created_by_account=told.made_by,
            submitted_at=one.submitted_at,
            submitted_by=one.submitted_by,
            submitted_by_account=told.sent_by,
            wanted_from=one.wanted_from,
            digest=None if one.digest is None else one.digest.hex(),
            approval_id=one.approval_id,
            effective_at=one.effective_at,
            retired_at=one.retired_at,
        )


class PlanPage(Body):
    """A page, newest first; `next` is the cursor of the page after, null on the last."""

    items: list[PlanBody]
    next: str | None


class NewPlanBody(Incoming):
    """A plan to make: a copy of another, or begun from the boundaries in force with the communities named."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "2026年网格调整方案", "purpose": "新建小区入住", "communities": [6]}]},
    )

    name: str = Field(min_length=1, max_length=200)
    purpose: str = Field(default="", max_length=4000)
    target: TargetBody | None = Field(default=None, description="null: that of the plan copied, or 300 ± 10 %.")
    copy_of: int | None = Field(default=None, ge=1, description="Id of the plan to copy.")
    communities: list[int] = Field(default_factory=list, max_length=200, description="Ids of communities.")


class PlanChangeBody(Incoming):
    """What is to change of a draft; what is left out stays. `revision`: that of the plan as it was read."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"revision": 0, "name": "西区网格调整"}]})

    revision: int = Field(ge=0)
    name: str | None = Field(default=None, min_length=1, max_length=200)
    purpose: str | None = Field(default=None, max_length=4000)
    target: TargetBody | None = None


class PartBody(Body):
    """One community of a plan. `revision` is the number of its last operation."""

    id: int
    plan_id: int
    community_id: int
    basis_id: int
    count_id: int
    revision: int
    digest: str = Field(description="SHA-256 of what is drawn: equal digests, equal sheets.")
    outdated: bool = Field(description="Newer ground, or a newer count, is there than it is drawn on; see rebase.")
    newest_basis_id: int
    made_with: dict[str, Any] = Field(description="Solver, seed and settings where it was proposed.")

    @classmethod
    def of(cls, one: PartFacts) -> Self:
        return cls(
            id=one.id,
            plan_id=one.plan_id,
            community_id=one.community_id,
            basis_id=one.basis_id,
            count_id=one.count_id,
            revision=one.revision,
            digest=one.digest.hex(),
            outdated=one.outdated,
            newest_basis_id=one.newest_basis_id,
            made_with=dict(one.made_with),
        )


class PartPage(Body):
    """A page by community; `next` is the cursor of the page after, null on the last."""

    items: list[PartBody]
    next: str | None


class NewPartBody(Body):
    """A community to draw in a plan, on its newest ground; `count_id` null: with the newest count of it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"community_id": 7}]})

    community_id: int = Field(ge=1)
    count_id: int | None = Field(default=None, ge=1)


class BasisBody(Body):
    """The ground of a community: atoms and how they touch. It never changes; other ground is another basis."""

    id: int
    community_id: int
    atoms: int
    digest: str = Field(description="SHA-256 of its content.")
    source: dict[str, Any] = Field(description="What it was made from.")
    made_at: datetime

    @classmethod
    def of(cls, one: BasisFacts) -> Self:
        return cls(
            id=one.id, community_id=one.community_id, atoms=one.atoms, digest=one.digest.hex(),
            source=dict(one.source), made_at=one.made_at,
        )  # fmt: skip


class BasisPage(Body):
    """A page, newest first; `next` is the cursor of the page after, null on the last."""

    items: list[BasisBody]
    next: str | None


class NewBasisBody(Body):
    """A community whose atoms are to be made from its streets and buildings. `target`: what grids should have, to tell
    which buildings are too large for one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"community_id": 6}]})

    community_id: int = Field(ge=1)
    target: TargetBody | None = None


class CountBody(Body):
    """Households of every atom of a basis as counted on a day."""

    id: int
    counted_on: date
    source: str
    total: int

    @classmethod
    def of(cls, one: CountFacts) -> Self:
        return cls(id=one.id, counted_on=one.counted_on, source=one.source, total=one.total)


class CountList(Body):
    """Counts, the newest day first."""

    items: list[CountBody]


class NewCountBody(Incoming):
    """Households of each atom in the order of their numbers. `total`: what they must add up to, where that is known."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"counted_on": "2026-10-01", "source": "census", "households": [6] * 100}]},
    )

    counted_on: date
    source: str = Field(min_length=1, max_length=200)
    households: list[Annotated[int, Field(ge=0, le=1_000_000)]] = Field(min_length=1, max_length=200_000)
    total: int | None = Field(default=None, ge=0)


class AtomFacts(Body):
    """What an atom is; `group`: what it must stay together with."""

    key: str = Field(description="The same ground has the same key in every basis.")
    kind: AtomKind
    block: int
    group: str | None
    building_id: int | None
    area_m2: float
    perimeter_m: float


class AtomFeature(Body):
    """One atom as GeoJSON; `id` is its number."""

    type: Literal["Feature"]
    id: int
    properties: AtomFacts
    geometry: dict[str, Any]


class AtomsBody(Body):
    """Atoms of a basis as GeoJSON, in the order of their numbers."""

    type: Literal["FeatureCollection"]
    features: list[AtomFeature]


class EdgesBody(Body):
    """How atoms touch, column by column; each pair once, the lower number first. `shared_m`: metres of common border, 0
    where a bridge or an underpass alone joins them."""

    a: list[int]
    b: list[int]
    shared_m: list[float]
    on_street: list[bool]
    bridge: list[bool]


class OverviewGrid(Body):
    """A grid of a plan for a map."""

    part_id: int = Field(
        description="Where the plan brings boundaries back: the part of the other plan on whose ground they lie."
    )
    community_id: int
    number: int
    names: Names
    kind: Kind
    locked: bool
    area_id: int | None
    code: str | None
    households: int
    atoms: int
    area_km2: float
    deviation: float = Field(description="(households - target) / target.")
    in_band: bool
    bbox: list[float] = Field(description="west, south, east, north")
    geometry: dict[str, Any] | None

    @classmethod
    def of(cls, one: DrawnGrid, *, geometry: bool) -> Self:
        draft, target = one.draft, one.target
        return cls(
            part_id=one.part_id, community_id=one.community_id, number=draft.number, names=dict(draft.names),
            kind=draft.kind, locked=draft.locked, area_id=draft.area_id, code=draft.code, households=one.households,
            atoms=one.atoms, area_km2=round(one.area_m2 / 1e6, 6),
            deviation=round((one.households - target.households) / target.households, 4),
            in_band=target.holds(one.households), bbox=[round(part, 7) for part in one.box],
            geometry=json.loads(one.geojson) if geometry else None,
        )  # fmt: skip


class OverviewPage(Body):
    """A page by community and number; `next` is the cursor of the page after, null on the last."""

    items: list[OverviewGrid]
    next: str | None


class MetricBody(Body):
    """A metric: what it is, in which version, and where its definition comes from."""

    name: str = Field(examples=["households"])
    version: int
    unit: str
    names: Names
    definition: str
    whole: str = Field(description="What it is of a whole sheet.")
    source: str

    @classmethod
    def of(cls, one: Metric) -> Self:
        return cls(
            name=one.name, version=one.version, unit=one.unit, names={"zh": one.zh, "en": one.en},
            definition=one.definition, whole=one.whole_is, source=one.source,
        )  # fmt: skip


class MetricList(Body):
    """The registry."""

    items: list[MetricBody]
