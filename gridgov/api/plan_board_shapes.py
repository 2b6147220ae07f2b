"""What drawing in one community of a plan takes and answers; places in degrees become metres and centimetres here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import ConfigDict, Field

from gridgov.api.plan_shapes import PartBody, TargetBody
from gridgov.api.shapes import Body, Incoming, Names
from gridgov.areas.rules import Kind
from gridgov.geo.crs import Projection
from gridgov.planning import operations
from gridgov.planning.board import Board
from gridgov.planning.editing import Done
from gridgov.planning.findings import Finding
from gridgov.planning.history import Line
from gridgov.planning.operations import Restore
from gridgov.planning.rebasing import Carried
from gridgov.planning.rules import GridDraft

MOST_OPERATIONS = 200
OperationKind = StrEnum("OperationKind", {one: one for one in operations.KINDS if one != Restore.kind})  # type: ignore[misc]
OperationKind.__doc__ = "What can be done to a sheet; undoing has a route of its own."
GRID_NUMBER = "Number of a grid on its sheet; -1 stands for none."


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


class OriginalBody(Body):
    """The sheet that moves are counted from: the grid of every atom, and the area of each of its grids by number."""

    assignment: list[int] = Field(description=GRID_NUMBER)
    areas: dict[int, int | None]


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
    cases_month: list[float] | None = Field(description="Cases a month at each atom; null: not given.")
    open_cases: list[int] | None = Field(description="Open cases in each atom now; null: not given.")
    original: OriginalBody | None = Field(description="What moves are counted from; null: it lies on other ground.")
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


class RedoBody(RevisionBody):
    """The revision of the part as it was read, which is that of the undoing."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"revision": 2}]})


class RebaseBody(RevisionBody):
    """The revision of the part as it was read."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"revision": 3}]})


def cases_month(board: Board) -> list[float] | None:
    """Of each atom, to the millionth: so they are summed."""
    given = board.inputs.cases_month
    return None if given is None else [round(float(one), 6) for one in given]


def open_cases(board: Board) -> list[int] | None:
    """Of each atom, as its metrics count them."""
    given = board.inputs.open_cases
    return None if given is None else [int(one) for one in given.tolist()]


def original(board: Board) -> OriginalBody | None:
    """What moves are counted from."""
    sheet = board.inputs.original
    if sheet is None:
        return None
    areas = {number: draft.area_id for number, draft in sheet.grids.items()}
    return OriginalBody(assignment=sheet.assignment.tolist(), areas=areas)


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
