"""What `/plans` takes and answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field

from gridgov.api.shapes import Body, Incoming, Names
from gridgov.areas.rules import Kind
from gridgov.geo.crs import Projection
from gridgov.planning import operations
from gridgov.planning.basis import BasisFacts
from gridgov.planning.board import Board
from gridgov.planning.counts import CountFacts
from gridgov.planning.drafts import PartFacts, PlanFacts
from gridgov.planning.editing import Done
from gridgov.planning.findings import Finding
from gridgov.planning.history import Line
from gridgov.planning.metrics import Metric
from gridgov.planning.operations import Restore
from gridgov.planning.overview import DrawnGrid
from gridgov.planning.rebasing import Carried
from gridgov.planning.rules import AtomKind, GridDraft, PlanState, Target

MOST_OPERATIONS = 200
OperationKind = StrEnum("OperationKind", {one: one for one in operations.KINDS if one != Restore.kind})  # type: ignore[misc]
OperationKind.__doc__ = "What can be done to a sheet; undoing has a route of its own."
GRID_NUMBER = "Number of a grid on its sheet; -1 stands for none."


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
    copy_of: int | None = Field(description="The plan that it was copied from.")
    returns_to: int | None = Field(description="The plan whose boundaries it brings back.")
    created_at: datetime
    created_by: int | None = Field(description="Id of an account; null: the owner of the machine.")
    submitted_at: datetime | None
    submitted_by: int | None
    wanted_from: datetime | None = Field(description="From when it is to hold; null: as soon as it is approved.")
    digest: str | None = Field(description="SHA-256 of what was submitted.")
    approval_id: int | None = Field(description="The request for another person's yes.")
    effective_at: datetime | None
    retired_at: datetime | None

    @classmethod
    def of(cls, one: PlanFacts) -> Self:
        return cls(
            id=one.id,
            name=one.name,
            purpose=one.purpose,
            state=one.state,
            target=TargetBody.of(one.target),
            revision=one.revision,
            parts=one.parts,
            copy_of=one.parent_id,
            returns_to=one.returns_to,
            created_at=one.created_at,
            created_by=one.created_by,
            submitted_at=one.submitted_at,
            submitted_by=one.submitted_by,
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


class GridBody(Body):
    """A grid as drawn, with its metrics by name (/plans/metrics says what each is)."""

    number: int = Field(description=GRID_NUMBER, examples=[1])
    names: Names
    kind: Kind
    target: TargetBody | None = Field(description="null: that of the plan.")
    locked: bool
    area_id: int | None = Field(description="The area that it goes on as; null: a new one.")
    code: str | None = Field(description="null: given at publication.")
    metrics: dict[str, float]

    @classmethod
    def of(cls, one: GridDraft, metrics: Mapping[str, float]) -> Self:
        return cls(
            number=one.number,
            names=dict(one.names),
            kind=one.kind,
            target=None if one.target is None else TargetBody.of(one.target),
            locked=one.locked,
            area_id=one.area_id,
            code=one.code,
            metrics=dict(metrics),
        )


class FindingBody(Body):
    """What there is to say about a sheet while it is drawn; what blocks keeps it from being published."""

    kind: str = Field(examples=["not-contiguous"])
    severity: str = Field(examples=["blocks"])
    grids: list[int]
    atoms: list[int]
    at: list[float] | None = Field(description="Where to look: lon, lat.")
    text: dict[str, str]

    @classmethod
    def of(cls, one: Finding, projection: Projection) -> Self:
        at = None if one.at is None else [round(float(part), 7) for part in projection.inverse(*one.at)]
        return cls(
            kind=str(one.kind), severity=str(one.severity), grids=list(one.grids), atoms=list(one.atoms), at=at,
            text={"zh": one.zh, "en": one.en},
        )  # fmt: skip


class FindingsBody(Body):
    """All there is to say of a sheet; whether it could be published as it stands."""

    revision: int
    publishable: bool
    items: list[FindingBody]


class BoardBody(Body):
    """A community's sheet as it stands. `assignment[i]` is the number of the grid of atom i; `households[i]` what lives
    there; `redrawn`: shapes of the atoms whose corners were moved by hand, by number."""

    part: PartBody
    target: TargetBody
    counted_on: date
    assignment: list[int] = Field(description=GRID_NUMBER)
    households: list[int]
    grids: list[GridBody]
    totals: dict[str, float]
    redrawn: dict[int, Any]
    shapes: dict[int, Any] | None = Field(description="GeoJSON of each grid by number, where asked for.")


class AtomPlaces(Body):
    """Atoms of a grid."""

    grid: int = Field(description=GRID_NUMBER)
    atoms: list[int]


class ChangedBody(Body):
    """What an operation changed, as it now stands."""

    atoms: list[AtomPlaces]
    grids: list[GridBody] = Field(description="Grids that were touched and are there.")
    gone: list[int] = Field(description="Grids that were touched and are no more.")
    redrawn: dict[int, Any] = Field(description="Shapes of all atoms with corners moved by hand; empty: none is.")


class LineBody(Body):
    """One operation of the log. `undoes`, `redoes`: the number of the operation that it takes back."""

    no: int
    kind: str = Field(examples=["merge"])
    payload: dict[str, Any] = Field(description="In metres and centimetres of the city's projection.")
    grids: list[int]
    undoes: int | None
    redoes: int | None
    digest: str
    account_id: int | None = Field(description="null: the owner of the machine.")
    account: str | None = Field(description="null: who asks does not draw plans.")
    at: datetime

    @classmethod
    def of(cls, one: Line) -> Self:
        return cls(
            no=one.no, kind=one.kind, payload=dict(one.payload), grids=list(one.touched), undoes=one.undoes,
            redoes=one.redoes, digest=one.digest.hex(), account_id=one.account_id, account=one.account, at=one.at,
        )  # fmt: skip


class LogPage(Body):
    """A page, newest first; `next` is the cursor of the page after, null on the last."""

    items: list[LineBody]
    next: str | None


class DoneBody(Body):
    """What was drawn. `changed` null: other ground lies below, read all anew. `about`: the operation that was undone or
    done again, and whose it was."""

    revision: int
    digest: str
    changed: ChangedBody | None
    totals: dict[str, float]
    findings: list[FindingBody] = Field(description="Of the grids that were touched.")
    about: LineBody | None

    @classmethod
    def of(cls, done: Done, board: Board | None) -> Self:
        changed = None
        if board is not None and done.changed is not None:
            there = board.sheet.grids
            touched = sorted(done.touched - {-1})
            changed = ChangedBody(
                atoms=[AtomPlaces(grid=grid, atoms=list(atoms)) for grid, atoms in done.changed.atoms.items()],
                grids=[GridBody.of(there[one], board.metrics(one)) for one in touched if one in there],
                gone=[one for one in touched if one not in there],
                redrawn=redrawn(board),
            )
        return cls(
            revision=done.revision,
            digest=done.digest.hex(),
            changed=changed,
            totals={} if board is None else dict(board.totals()),
            findings=[] if board is None else [FindingBody.of(one, board.ground.projection) for one in done.findings],
            about=None if done.about is None else LineBody.of(done.about),
        )


class CarriedBody(Body):
    """How a sheet went over to newer ground, and what could not."""

    done: DoneBody
    by_key: int = Field(description="Atoms that are the same ground.")
    by_overlap: int = Field(description="Atoms that went to the grid that most of them lies in.")
    unassigned: list[int] = Field(description="Atoms that fall to no grid.")
    grids_lost: list[int]
    corners_lost: int

    @classmethod
    def of(cls, done: Done, carried: Carried) -> Self:
        return cls(
            done=DoneBody.of(done, None), by_key=carried.by_key, by_overlap=carried.by_overlap,
            unassigned=list(carried.unassigned), grids_lost=list(carried.grids_lost),
            corners_lost=len(carried.corners_lost),
        )  # fmt: skip


class OperationBody(Incoming):
    """One thing to do to a sheet; docs/plans.md lists what each kind takes. Places are lon and lat in degrees."""

    kind: OperationKind
    payload: dict[str, Any] = Field(examples=[{"grids": [1, 2]}])


class OperationsBody(Body):
    """Operations, all of them or none. `revision`: that of the part as it was read."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"revision": 0, "operations": [{"kind": "merge", "payload": {"grids": [1, 2]}}]}]
        },
    )

    revision: int = Field(ge=0)
    operations: list[OperationBody] = Field(min_length=1, max_length=MOST_OPERATIONS)


class RevisionBody(Body):
    """The revision of the part as it was read."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"revision": 1}]})

    revision: int = Field(ge=0)


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


class RedoBody(RevisionBody):
    """The revision of the part as it was read, which is that of the undoing."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"revision": 2}]})


class RebaseBody(RevisionBody):
    """The revision of the part as it was read."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"revision": 3}]})


class OverviewGrid(Body):
    """A grid of a plan for a map."""

    part_id: int
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


def redrawn(board: Board) -> dict[int, Any]:
    """GeoJSON in EPSG:4326 of the atoms whose corners were moved by hand."""
    if not board.sheet.corners:
        return {}
    shapes, ground = board.atom_shapes(), board.ground
    moved = [i for i in range(len(ground)) if shapes[i] is not ground.shapes[i]]
    return {i: geojson(shapes[i], ground.projection) for i in moved}


def geojson(shape_m: Any, projection: Projection) -> dict[str, Any]:
    """A shape in metres as GeoJSON in degrees, to a tenth of a millimetre: corners are known again by it."""
    found: dict[str, Any] = rounded(projection.geometry_deg(shape_m).__geo_interface__)
    return found


def rounded(shape: Mapping[str, Any]) -> dict[str, Any]:
    """The same with nine decimals."""

    def of(part: Any) -> Any:
        return round(part, 9) if isinstance(part, float) else [of(one) for one in part]

    return {"type": shape["type"], "coordinates": of(shape["coordinates"])}


def in_metres(asked: Sequence[OperationBody], projection: Projection) -> list[operations.Operation]:
    """Operations as the board takes them: places in degrees become metres, corners whole centimetres.

    Raises `BadOperation`, of several with the place of the wrong one.
    """
    return [operations.operation_of(str(one.kind), _metres(one.payload, projection)) for one in asked]


def _metres(payload: Mapping[str, Any], projection: Projection) -> dict[str, Any]:
    found = dict(payload)
    for name in ("line", "street"):
        if _is_list(found.get(name)):
            found[name] = [_place(one, projection) if _is_place(one) else one for one in found[name]]
    for name in ("corner", "to"):
        if _is_place(found.get(name)) and "corner" in payload:
            found[name] = _corner(found[name], projection)
    if _is_list(found.get("corners")):
        found["corners"] = [_corner(one, projection) if _is_place(one) else one for one in found["corners"]]
    if _is_place(found.get("by")):
        found["by"] = [round(part * 100) for part in found["by"]]
    return found


def _place(lonlat: Sequence[float], projection: Projection) -> list[float]:
    x, y = projection.forward(float(lonlat[0]), float(lonlat[1]))
    return [float(x), float(y)]


def _corner(lonlat: Sequence[float], projection: Projection) -> list[int]:
    return [round(part * 100) for part in _place(lonlat, projection)]


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_place(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(part, int | float) and not isinstance(part, bool) for part in value)
    )
