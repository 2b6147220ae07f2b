"""`/plans/…/file`, `/plans/checks`, `/plans/…/compare/…`: plans as files, foreign plans checked, two side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import anyio
from anyio.lowlevel import RunVar
from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response as PlainResponse

from gridgov.api import uploads
from gridgov.api.deps import CallerDep, HouseDep
from gridgov.api.desk import elsewhere
from gridgov.api.plan_board_shapes import DoneBody
from gridgov.api.plan_file_shapes import CheckBody, ComparisonBody, FilePreviewBody, TakenBody
from gridgov.api.problems import RESPONSES, Problem
from gridgov.api.routes.plans import PartPath, PlanPath
from gridgov.areas import service as areas
from gridgov.areas.rules import Level
from gridgov.areas.service import AreaUnknown
from gridgov.bootstrap import Caller, House, Work
from gridgov.cases.places import OpenCasePlaces
from gridgov.geo.crs import Datum, Projection
from gridgov.interop.files.place import Wanted
from gridgov.interop.imports.run import city_box
from gridgov.interop.plans import held, taking
from gridgov.interop.plans.compared import compared_file
from gridgov.interop.plans.held import Asked, HeldFile
from gridgov.interop.plans.incoming import Incoming, understood
from gridgov.interop.plans.taking import Preview
from gridgov.interop.plans.writing import PlanFormat, written
from gridgov.planning import comparing, drafts, editing
from gridgov.planning.comparing import Compared
from gridgov.planning.drawn import Drawn
from gridgov.reports.comparison import Shown, comparison_page
from gridgov.reports.frame import POLICY

router = APIRouter(tags=["plans"])
IN_FORCE = "in-force"
IN_FORCE_NAMES = ("现行网格", "what is in force")
GPKG = "application/geopackage+sqlite3"
MEDIA = {
    PlanFormat.GEOJSON: "application/geo+json", PlanFormat.GPKG: GPKG, PlanFormat.SHP: "application/zip",
    PlanFormat.CSV: "text/csv; charset=utf-8",
}  # fmt: skip
SLOW_MS = 60_000
READ_AT_ONCE = 1  # as many as there are children: whoever waits for one takes no thread from others
_LIMITER: RunVar[anyio.CapacityLimiter] = RunVar("gridgov plans")
LARGE: dict[int | str, dict[str, Any]] = {413: {"model": Problem, "description": "More than is taken at once"}}
FORM = uploads.form(
    "GeoJSON, GeoPackage or zipped Shapefile of grids, or CSV of atoms and "
    f"their grids; at most {held.MAX_BYTES // 2**20} MB.",
    most=1,
)
_BYTES = {"type": "string", "format": "binary"}
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            kind.split(";")[0]: {"schema": {"type": "object"} if kind.endswith("json") else _BYTES}
            for kind in MEDIA.values()
        },
        "description": "The file.",
    }
}
PAGE: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {}}, "description": "The page, one file."}}
GEOPACKAGE: dict[int | str, dict[str, Any]] = {200: {"content": {GPKG: {}}, "description": "The GeoPackage."}}

FormatQuery = Annotated[PlanFormat, Query(alias="format", description="What is written.", examples=["geojson"])]
CommunityQuery = Annotated[
    str | None, Query(max_length=64, description="Code of a community; default: all.", examples=["W1"])
]
OtherPath = Annotated[
    str,
    Path(
        pattern=r"^(in-force|[1-9][0-9]{0,17})$", description="Id of another plan, or in-force.", examples=["in-force"]
    ),
]
TurnedQuery = Annotated[bool, Query(description="From the other to this plan.")]
_COLUMN = "The file's own name of that column; default: one of the usual names (docs/plan-files.md)."


@dataclass(frozen=True)
class Meaning:
    """What whoever sends a file says of it."""

    asked: Asked
    crs: str | None
    datum: Datum
    columns: dict[str, str]


def meaning(
    layer: Annotated[
        str | None, Query(max_length=200, description="Layer of a GeoPackage or archive.", examples=["grids"])
    ] = None,
    encoding: Annotated[
        str | None, Query(max_length=40, description="Encoding of its texts.", examples=["gb18030"])
    ] = None,
    crs: Annotated[
        str | None,
        Query(
            max_length=40,
            pattern=r"^EPSG:[0-9]{4,6}$",
            description="What its coordinates are in.",
            examples=["EPSG:4548"],
        ),
    ] = None,
    datum: Annotated[Datum, Query(description="How longitude and latitude are to be read.")] = Datum.WGS84,
    code_column: Annotated[str | None, Query(max_length=100, description=_COLUMN, examples=["网格编码"])] = None,
    name_column: Annotated[str | None, Query(max_length=100, description=_COLUMN, examples=["网格名称"])] = None,
    grid_column: Annotated[str | None, Query(max_length=100, description=_COLUMN, examples=["网格"])] = None,
    atom_column: Annotated[str | None, Query(max_length=100, description=_COLUMN, examples=["地块"])] = None,
) -> Meaning:
    """The query of every upload."""
    named = {"code": code_column, "name_zh": name_column, "number": grid_column, "atom": atom_column}
    return Meaning(Asked(layer, encoding), crs, datum, {key: name for key, name in named.items() if name is not None})


MeaningDep = Annotated[Meaning, Depends(meaning)]


@router.get("/plans/in-force/file", summary="What is in force, as a file", responses=FILE, response_class=PlainResponse)
def in_force_file(
    house: HouseDep, caller: CallerDep, form: FormatQuery = PlanFormat.GEOJSON, community: CommunityQuery = None
) -> PlainResponse:
    """The grids in force of communities that have atoms, on their newest basis; it imports as a sheet."""
    with house.acting(caller, timeout_ms=SLOW_MS) as work:
        wanted = None if community is None else [_community(work, community)]
        parts = comparing.in_force_drawn(work.session, house.boards, now=work.now, community_ids=wanted)
    return _file(parts, form, "in-force", " ".join(IN_FORCE_NAMES))


@router.get("/plans/{plan_id}/file", summary="A plan as a file", responses=FILE, response_class=PlainResponse)
def plan_file(
    house: HouseDep,
    caller: CallerDep,
    plan_id: PlanPath,
    form: FormatQuery = PlanFormat.GEOJSON,
    community: CommunityQuery = None,
) -> PlainResponse:
    """In any state. What is exported and imported unchanged is the same sheet to the byte."""
    with house.acting(caller, timeout_ms=SLOW_MS) as work:
        name = drafts.plan(work.session, plan_id).name
        wanted = None if community is None else _community(work, community)
        parts = comparing.plan_drawn(work.session, plan_id, house.boards, community_id=wanted)
    return _file(parts, form, f"plan-{plan_id}", name)


@router.post("/plans/checks", summary="Check a foreign plan", openapi_extra=FORM, responses=LARGE)
async def checks(
    house: HouseDep, caller: CallerDep, request: Request, means: MeaningDep, community: CommunityQuery = None
) -> CheckBody:
    """Polygons held against the communities in force: gaps, overlaps, slivers, parts outside, grids that cross a
    community, codes, shapes; each with a place to look at. Nothing is kept."""
    incoming = await _incoming(house, caller, request, means)
    return await elsewhere(_checked, house, caller, incoming, community)


@router.post(
    "/plans/{plan_id}/parts/{part_id}/file/preview",
    summary="What a file would change",
    openapi_extra=FORM,
    responses=LARGE,
)
async def preview(
    house: HouseDep, caller: CallerDep, request: Request, plan_id: PlanPath, part_id: PartPath, means: MeaningDep
) -> FilePreviewBody:
    """Households that change their grid, atoms that are cut or left over, findings, rows that cannot be used. Nothing
    is kept."""
    incoming = await _incoming(house, caller, request, means)
    return await elsewhere(_previewed, house, caller, incoming, plan_id, part_id)


@router.post(
    "/plans/{plan_id}/parts/{part_id}/file",
    summary="Draw from a file",
    openapi_extra=FORM,
    responses={**LARGE, **RESPONSES},
)
async def take(
    house: HouseDep,
    caller: CallerDep,
    request: Request,
    plan_id: PlanPath,
    part_id: PartPath,
    revision: Annotated[int, Query(ge=0, description="The revision that the preview was of.", examples=[17])],
    means: MeaningDep,
    leave_bad_rows: Annotated[bool, Query(description="Draw without the rows that cannot be used.")] = False,
) -> TakenBody:
    """As one operation, which can be undone. With a bad row nothing is drawn unless `leave_bad_rows` says so; a file
    that changes locked ground is refused; so is one for a revision that is not the last."""
    incoming = await _incoming(house, caller, request, means)
    return await elsewhere(_taken, house, caller, incoming, plan_id, part_id, revision, leave_bad_rows)


@router.get("/plans/{plan_id}/compare/{other}", summary="Two plans side by side")
def compare(
    house: HouseDep,
    caller: CallerDep,
    plan_id: PlanPath,
    other: OtherPath,
    turned: TurnedQuery = False,
    community: CommunityQuery = None,
) -> ComparisonBody:
    """From this plan to the other, or to what is in force: what becomes of each grid, metric by metric, and which
    households and open cases change their grid (counts; nobody is named)."""
    found, _ = _compared(house, caller, plan_id, other, turned, community)
    return ComparisonBody.of(found)


@router.get(
    "/plans/{plan_id}/compare/{other}/page", summary="The same as a page", responses=PAGE, response_class=PlainResponse
)
def compare_page(
    house: HouseDep,
    caller: CallerDep,
    plan_id: PlanPath,
    other: OtherPath,
    turned: TurnedQuery = False,
    community: CommunityQuery = None,
) -> PlainResponse:
    """One HTML file with two maps kept in step; it opens without a network."""
    found, shown = _compared(house, caller, plan_id, other, turned, community)
    headers = {
        "Content-Disposition": f'attachment; filename="plan-{plan_id}-{other}.html"',
        "Content-Security-Policy": f"{POLICY}; sandbox allow-scripts",
        "Cache-Control": "no-store",
    }
    return PlainResponse(comparison_page(found, shown), media_type="text/html", headers=headers)


@router.get(
    "/plans/{plan_id}/compare/{other}/file",
    summary="The same as a GeoPackage",
    responses=GEOPACKAGE,
    response_class=PlainResponse,
)
def compare_file(
    house: HouseDep,
    caller: CallerDep,
    plan_id: PlanPath,
    other: OtherPath,
    turned: TurnedQuery = False,
    community: CommunityQuery = None,
) -> PlainResponse:
    """Layers before, after, moved, and the table of grids."""
    found, _ = _compared(house, caller, plan_id, other, turned, community)
    return _attached(compared_file(found), GPKG, f"plan-{plan_id}-{other}.gpkg")


def _compared(
    house: House, caller: Caller, plan_id: int, other: str, turned: bool, community: str | None
) -> tuple[list[Compared], Shown]:
    other_id = None if other == IN_FORCE else int(other)
    before, after = (other_id, plan_id) if turned else (plan_id, other_id)
    with house.acting(caller, timeout_ms=SLOW_MS) as work:
        wanted = None if community is None else _community(work, community)
        found = comparing.compared(
            work.session, before, after, house.boards, cases=OpenCasePlaces(), now=work.now, community_id=wanted
        )
        names = [_name(work, one) for one in (before, after)]
        city = house.locator.city(work.session, revision=work.marks.get("areas", 0))
    return found, Shown(names[0], names[1], city.names, work.now, city.zone)


def _name(work: Work, plan_id: int | None) -> str:
    return " ".join(IN_FORCE_NAMES) if plan_id is None else drafts.plan(work.session, plan_id).name


def _community(work: Work, code: str) -> int:
    """Id of a community by its code, in force or ever. Raises `AreaUnknown`."""
    for at in (work.now, None):
        rows = areas.list_areas(work.session, at=at, level=Level.COMMUNITY, code=code, limit=1)
        if rows:
            return int(rows[0].id)
    raise AreaUnknown(f"There is no community {code}.", field="community", remedy="List them with /api/v1/areas.")


def _file(parts: Sequence[Drawn], form: PlanFormat, stem: str, title: str) -> PlainResponse:
    if len(parts) == 1:
        stem = f"{stem}-{re.sub(r'[^A-Za-z0-9_-]+', '_', parts[0].community)}"
    return _attached(written(parts, form, title=title), MEDIA[form], f"{stem}{form.ending}")


def _attached(data: bytes, media: str, name: str) -> PlainResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return PlainResponse(data, media_type=media, headers=headers)


# ------------------------------------------------------------------------------------------------------------ uploads


async def _incoming(house: House, caller: Caller, request: Request, means: Meaning) -> Incoming:
    """Reads the one file of the body, in a child, for whoever may draw."""
    near = await elsewhere(_near, house, caller)
    (data,) = [part async for part in uploads.files(request, most_files=1, most_bytes=held.MAX_BYTES)]
    try:
        limiter = _LIMITER.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(READ_AT_ONCE)
        _LIMITER.set(limiter)
    wanted = Wanted(means.crs, means.datum, near)
    file: HeldFile = await anyio.to_thread.run_sync(
        held.read, house.plan_files, data, means.asked, wanted, limiter=limiter
    )
    return await elsewhere(understood, file, means.columns)


def _near(house: House, caller: Caller) -> tuple[float, float, float, float]:
    with house.acting(caller) as work:
        return city_box(work.session)


def _checked(house: House, caller: Caller, incoming: Incoming, community: str | None) -> CheckBody:
    with house.acting(caller) as work:
        codes = () if community is None else (community,)
        if community is not None:
            _community(work, community)
        communities = taking.communities_in_force(work.session, now=work.now, codes=codes)
        projection = Projection(house.locator.city(work.session, revision=work.marks.get("areas", 0)).srid_m)
    return CheckBody.of(taking.checked_against(incoming, communities, projection), incoming.faults)


def _preview(house: House, work: Work, incoming: Incoming, plan_id: int, part_id: int) -> Preview:
    facts = drafts.part(work.session, part_id, plan_id=plan_id)
    drawn = comparing.part_drawn(work.session, facts, house.boards, drafts.plan(work.session, plan_id))
    return taking.previewed(work.session, incoming, drawn, now=work.now)


def _previewed(house: House, caller: Caller, incoming: Incoming, plan_id: int, part_id: int) -> FilePreviewBody:
    with house.acting(caller, timeout_ms=SLOW_MS) as work:
        return FilePreviewBody.of(_preview(house, work, incoming, plan_id, part_id))


def _taken(
    house: House, caller: Caller, incoming: Incoming, plan_id: int, part_id: int, revision: int, leave_bad_rows: bool
) -> TakenBody:
    with house.acting(caller, timeout_ms=SLOW_MS) as work:
        drafts.hold_part(work.session, work.actor, part_id)
        found = _preview(house, work, incoming, plan_id, part_id)
        found.check(leave_bad_rows=leave_bad_rows)
        done = editing.redraw(
            work.session, work.actor, part_id, found.found.sheet, revision=revision, boards=house.boards, now=work.now
        )
        after = drafts.part(work.session, part_id)
        with house.boards.board(work.session, after, drafts.plan(work.session, plan_id).target, now=work.now) as board:
            return TakenBody(done=DoneBody.of(done, board), preview=FilePreviewBody.of(found))
