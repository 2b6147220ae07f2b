"""`/duty-lists`: versions and drafts of duty lists, read, compared, checked, drafted from sheets, published by two.

A draft comes as a CSV or XLSX, is previewed before it is made, and is published when another person has said yes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import anyio
from anyio.lowlevel import RunVar
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import Response as PlainResponse

from gridgov.api import paging, uploads
from gridgov.api.deps import MAX_ID, CallerDep, HouseDep, LimitQuery, instant
from gridgov.api.desk import elsewhere
from gridgov.api.duty_shapes import (
    ComparisonBody,
    DraftBody,
    DryRunBody,
    FindingsBody,
    ItemBody,
    ItemPage,
    ListBody,
    ListPage,
    LossBody,
    LossesBody,
    PreviewBody,
    PublishedBody,
    RequestBody,
    RowFaultBody,
)
from gridgov.api.problems import RESPONSES, Problem
from gridgov.api.routes.approvals import ApprovalBody
from gridgov.audit import approval
from gridgov.bootstrap import Caller, House, Work
from gridgov.duties import checking, drafts, versions
from gridgov.duties.compare import compare
from gridgov.duties.rules import ListKind, NewItem
from gridgov.duties.service import list_categories
from gridgov.incidents.past import PastIncidents
from gridgov.interop import dutylists
from gridgov.interop.dutylists import Parsed
from gridgov.interop.imports.duties import Known, known
from gridgov.platform import sheets
from gridgov.platform.errors import BadInput
from gridgov.platform.sheets import MAX_BYTES, Sheet

router = APIRouter(tags=["duty lists"])
LONGEST = timedelta(days=366)
REHEARSAL_MS = 60_000
CURSOR = paging.pack(["17"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEETS_AT_ONCE = 2  # as many as there are children: whoever waits for one takes no thread from others
_LIMITER: RunVar[anyio.CapacityLimiter] = RunVar("gridgov sheets")
LARGE: dict[int | str, dict[str, Any]] = {413: {"model": Problem, "description": "More than is taken at once"}}
FORM = uploads.form(
    f"CSV or XLSX with the columns of an export; at most {MAX_BYTES // 2**20} MB and {sheets.MAX_ROWS:,} rows.",
    most=1,
)
SHEET: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {}, XLSX: {}}, "description": "The sheet; it imports again to no change."}
}

ListPath = Annotated[int, Path(ge=1, le=MAX_ID, description="Id of a version or draft.", examples=[1])]
NameQuery = Annotated[
    str,
    Query(
        max_length=200,
        pattern=r"^\S(.*\S)?$",
        description="Name of the list, without blanks around it.",
        examples=["镇街职责任务清单"],
    ),
]
KindQuery = Annotated[ListKind, Query(description="What it is a list of.")]
FromQuery = Annotated[
    str | None,
    Query(alias="from", description="Instant or date from which it counts; default: now.", examples=["2199-01-01"]),
]


class RowsAtFault(BadInput):
    """Rows that are no items; a draft without them is made only when asked for."""

    code = "rows-at-fault"


@router.get("/duty-lists", summary="Duty lists")
def listed(
    house: HouseDep,
    caller: CallerDep,
    name: Annotated[str | None, Query(description="Only of this list.", examples=["样城责任清单"])] = None,
    state: Annotated[Literal["draft", "checked", "published"] | None, Query(description="Only in this state.")] = None,
    kind: Annotated[ListKind | None, Query(description="Only of this kind.")] = None,
    limit: LimitQuery = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[CURSOR])] = None,
) -> ListPage:
    """Versions and drafts, newest first. A published version is never edited: the next one supersedes it."""
    key = paging.unpack(cursor, 1)
    with house.acting(caller) as work:
        found = versions.find(work.session, name=name, state=state, kind=kind, before=_number(key), limit=limit + 1)
    items = [ListBody.of(one) for one in found[:limit]]
    return ListPage(items=items, next=paging.pack([str(items[-1].id)]) if len(found) > limit else None)


@router.get("/duty-lists/comparison", summary="What differs between two versions")
def comparison(
    house: HouseDep,
    caller: CallerDep,
    before: Annotated[int, Query(ge=1, le=MAX_ID, description="Id of the one.", examples=[1])],
    after: Annotated[int, Query(ge=1, le=MAX_ID, description="Id of the other.", examples=[1])],
) -> ComparisonBody:
    """Item by item, field by field; also of a draft and the version it follows."""
    with house.acting(caller) as work:
        for ident in (before, after):
            versions.facts(work.session, ident)
        found = compare(versions.new_items(work.session, before), versions.new_items(work.session, after))
        areas = _codes(house, work)
    return ComparisonBody.of(found, areas)


@router.get("/duty-lists/{list_id}", summary="One version or draft")
def one(house: HouseDep, caller: CallerDep, list_id: ListPath) -> ListBody:
    """As it stands; of a draft also what was asked for it."""
    with house.acting(caller) as work:
        return ListBody.of(versions.facts(work.session, list_id))


@router.get("/duty-lists/{list_id}/items", summary="Its items")
def items(
    house: HouseDep,
    caller: CallerDep,
    list_id: ListPath,
    limit: LimitQuery = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[CURSOR])] = None,
) -> ItemPage:
    """In the order in which they were written."""
    key = paging.unpack(cursor, 1)
    with house.acting(caller) as work:
        found = versions.page(work.session, list_id, after=_number(key) or 0, limit=limit + 1)
        areas = _codes(house, work)
    shown = [ItemBody.of(item, areas) for _, item in found[:limit]]
    return ItemPage(items=shown, next=paging.pack([str(found[limit - 1][0])]) if len(found) > limit else None)


@router.get("/duty-lists/{list_id}/sheet", summary="Export", response_class=PlainResponse, responses=SHEET)
def sheet(
    house: HouseDep,
    caller: CallerDep,
    list_id: ListPath,
    form: Annotated[Literal["csv", "xlsx"], Query(alias="format", description="CSV or XLSX.")] = "csv",
    lang: Annotated[Literal["zh", "en"], Query(description="Language of the headings.")] = "zh",
) -> Response:
    """Cells that a spreadsheet would run as a formula have an apostrophe in front, which an import takes away again."""
    with house.acting(caller) as work:
        facts = versions.facts(work.session, list_id)
        said = versions.new_items(work.session, list_id)
        areas = _codes(house, work)
        matters = {one.code: one.names.get(lang, "") for one in list_categories(work.session, "matter")}
    write = dutylists.to_xlsx if form == "xlsx" else dutylists.to_csv
    name = f"duty-list-{list_id}-{'draft' if facts.version is None else f'v{facts.version}'}.{form}"
    return Response(
        write(said, areas, matters, lang),
        media_type=XLSX if form == "xlsx" else "text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


@router.get("/duty-lists/{list_id}/findings", summary="What the linter says")
def findings(house: HouseDep, caller: CallerDep, list_id: ListPath, start: FromQuery = None) -> FindingsBody:
    """Together with the other lists in force. An error keeps a draft from being published; a warning does not."""
    with house.acting(caller) as work:
        at = instant(start, house.zone(work), "from") or work.now
        return FindingsBody.of(checking.held(work.session, house.router, house.locator, list_id, at=at).findings())


@router.get("/duty-lists/{list_id}/losses", summary="Matters that would lose their responsible")
def losses(house: HouseDep, caller: CallerDep, list_id: ListPath, start: FromQuery = None) -> LossesBody:
    """Who asks for publication has to name them all."""
    with house.acting(caller) as work:
        at = instant(start, house.zone(work), "from") or work.now
        found = checking.held(work.session, house.router, house.locator, list_id, at=at).losses()
    return LossesBody(items=[LossBody.of(one) for one in found])


@router.get("/duty-lists/{list_id}/dry-run", summary="Dry run")
def dry_run(
    house: HouseDep,
    caller: CallerDep,
    list_id: ListPath,
    start: FromQuery = None,
    days: Annotated[int, Query(ge=1, le=LONGEST.days, description="How many days back incidents are taken.")] = 30,
) -> DryRunBody:
    """Past incidents by the lists in force and by these with the draft: who would be responsible instead of whom."""
    with house.acting(caller, timeout_ms=REHEARSAL_MS) as work:
        at = instant(start, house.zone(work), "from") or work.now
        held = checking.held(work.session, house.router, house.locator, list_id, at=at)
        since = work.now - timedelta(days=days)
        return DryRunBody.of(held.rehearse(work.session, PastIncidents(), since, work.now), since, work.now)


@router.post("/duty-lists/previews", summary="What a sheet would change", openapi_extra=FORM, responses=LARGE)
async def preview(house: HouseDep, caller: CallerDep, request: Request, name: NameQuery) -> PreviewBody:
    """Against the newest version of the list; nothing is kept. Rows that cannot be items are told one by one."""
    ground = await elsewhere(_ground, house, caller, name)
    found = await _parsed(house, request, ground)
    return PreviewBody.of(found, compare(ground.before, found.items), ground.areas)


@router.post(
    "/duty-lists/drafts",
    status_code=201,
    summary="Make a draft",
    openapi_extra=FORM,
    responses={**LARGE, **RESPONSES},
)
async def draft(
    house: HouseDep,
    caller: CallerDep,
    request: Request,
    response: Response,
    name: NameQuery,
    kind: KindQuery = ListKind.TERRITORIAL,
    basis: Annotated[
        str | None, Query(max_length=1000, description="What the list rests on.", examples=["莱政办发〔2026〕1号"])
    ] = None,
    leave_bad_rows: Annotated[bool, Query(description="Make it without the rows that cannot be items.")] = False,
) -> DraftBody:
    """A list has one draft: a new one stands instead of the one before. With a bad row no draft is made unless
    `leave_bad_rows` says so; then the answer names what was left."""
    ground = await elsewhere(_ground, house, caller, name)
    found = await _parsed(house, request, ground)
    if found.faults and not leave_bad_rows:
        raise _at_fault(found)
    made = await elsewhere(_draft, house, caller, found, name, kind, basis)
    response.headers["Location"] = f"/api/v1/duty-lists/{made.id}"
    return DraftBody(list=made, left=[RowFaultBody.of(fault) for fault in found.faults])


@router.delete("/duty-lists/{list_id}", summary="Drop a draft")
def drop(house: HouseDep, caller: CallerDep, list_id: ListPath) -> ListBody:
    """A published version is kept; 409 for one."""
    with house.acting(caller) as work:
        facts = versions.facts(work.session, list_id)
        drafts.drop(work.session, work.actor, list_id)
    return ListBody.of(facts)


@router.post("/duty-lists/{list_id}/request", status_code=201, summary="Ask for publication")
def ask(house: HouseDep, caller: CallerDep, list_id: ListPath, body: RequestBody) -> ApprovalBody:
    """Another person decides at `/approvals`. 409 where the linter finds errors, and where a matter would lose its
    responsible that is not among the acknowledged."""
    with house.acting(caller) as work:
        asked = drafts.request(
            work.session,
            work.actor,
            house.router,
            house.locator,
            list_id,
            valid_from=body.valid_from,
            acknowledged=body.acknowledged,
            now=work.now,
        )
        return ApprovalBody.of(asked, approval.names(work.session, [asked]), None, work.now)


@router.post("/duty-lists/{list_id}/publication", summary="Publish")
def publish(house: HouseDep, caller: CallerDep, list_id: ListPath) -> PublishedBody:
    """Exactly what was asked for and approved, from the instant that was asked for, or from now on."""
    with house.acting(caller) as work:
        done = drafts.publish(work.session, work.actor, house.router, house.locator, list_id, now=work.now)
        return PublishedBody(id=done.list_id, version=done.version, items=done.items)


@dataclass(frozen=True)
class _Ground:
    """What a sheet is read against."""

    known: Known
    before: Sequence[NewItem]
    zone: ZoneInfo
    areas: Mapping[int, str]


def _ground(house: House, caller: Caller, name: str) -> _Ground:
    with house.acting(caller) as work:
        newest = versions.newest(work.session, name)
        before = [] if newest is None else versions.new_items(work.session, newest.id)
        return _Ground(known(work.session), before, house.zone(work), _codes(house, work))


async def _parsed(house: House, request: Request, ground: _Ground) -> Parsed:
    """Reads the one file of the body, in a child, and its rows."""
    (data,) = [part async for part in uploads.files(request, most_files=1, most_bytes=MAX_BYTES)]
    try:
        limiter = _LIMITER.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(SHEETS_AT_ONCE)
        _LIMITER.set(limiter)
    read: Sheet = await anyio.to_thread.run_sync(sheets.read, house.sheets, data, limiter=limiter)
    return await elsewhere(dutylists.parse, read, ground.known, ground.before, ground.zone)


def _draft(house: House, caller: Caller, found: Parsed, name: str, kind: ListKind, basis: str | None) -> ListBody:
    with house.acting(caller) as work:
        made = drafts.put_draft(work.session, work.actor, found.items, name=name, kind=kind, basis=basis, now=work.now)
        return ListBody.of(versions.facts(work.session, made))


def _at_fault(found: Parsed) -> RowsAtFault:
    shown = "; ".join(
        f"row {one.row}, {one.column or 'the row'}: {one.en}{f' (“{one.value}”)' if one.value else ''}"
        for one in found.faults[:10]
    )
    more = f" … and {len(found.faults) - 10} more" if len(found.faults) > 10 else ""
    rows = len({one.row for one in found.faults})
    return RowsAtFault(
        f"{rows} rows cannot be items: {shown}{more}.",
        field=uploads.FIELD,
        remedy="Correct them, or send leave_bad_rows=true; /duty-lists/previews names them all.",
    )


def _codes(house: House, work: Work) -> dict[int, str]:
    """Area id -> code, by the newest boundaries."""
    index = house.locator.index(work.session, None, revision=work.marks.get("areas", 0))
    return dutylists.area_codes(index.areas)


def _number(key: list[str] | None) -> int | None:
    return int(key[0]) if key and key[0].isdecimal() and len(key[0]) < 19 else None
