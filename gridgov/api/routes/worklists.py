"""`/cases`: lists of cases with their counts, and what lies near one. None shows a word that anybody wrote."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import Field

from gridgov.analytics.store.columns import CASES
from gridgov.api import filters, paging
from gridgov.api.deps import MAX_ID, AreaQuery, BoxQuery, CallerDep, HouseDep, LimitQuery, box, instant
from gridgov.api.filters import Filters
from gridgov.api.routes.cases import CaseId
from gridgov.api.shapes import AreaBody, Body, CategoryRef, Lonlat, Names
from gridgov.cases import counted as behind
from gridgov.cases import rules as words
from gridgov.cases import worklists
from gridgov.cases.clocks import Light
from gridgov.cases.counted import Counted
from gridgov.cases.worklists import Listed, Wanted
from gridgov.incidents.receipts import number_of
from gridgov.platform.errors import BadInput

router = APIRouter(tags=["cases"])
T = TypeVar("T")
CURSOR = paging.pack(["2026-10-20T00:15:00+00:00", "123"])

EndedQuery = Annotated[bool, Query(description="Ended cases, newest end first; else open ones, newest change first.")]
StateQuery = Annotated[words.State | None, Query(description="Only those that stand so.")]
MineQuery = Annotated[bool, Query(description="Only those whose next step is the caller's.")]
AgencyQuery = Annotated[int | None, Query(ge=1, le=MAX_ID, description="An agency that takes part.", examples=[1])]
CategoryQuery = Annotated[str | None, Query(description="A code, or a prefix ending in *.", examples=["06*"])]
LightQuery = Annotated[Light | None, Query(description="The worst light of the clocks that run.")]
DueBefore = Annotated[str | None, Query(description="The next clock is due before.", examples=["2026-10-21"])]
DueAfter = Annotated[str | None, Query(description="The next clock is due then or later.", examples=["2026-10-20"])]
WhistledQuery = Annotated[bool | None, Query(description="With a whistle in its history, or without.")]
SinceQuery = Annotated[
    str | None,
    Query(
        alias="from",
        description="Changed then or later; ended cases: ended then or later, by default 30 days back; "
        "with `counted`: happened then or later.",
        examples=["2026-10-01"],
    ),
]
UntilQuery = Annotated[
    str | None,
    Query(
        alias="to",
        description="Changed, or ended, before; ended cases: a year at most; with `counted`: happened before.",
        examples=["2026-11-01"],
    ),
]
CountedQuery = Annotated[
    bool, Query(description="The cases that `/counts` counts by the same filters, open and ended, newest first.")
]
Agencies = Annotated[
    list[Annotated[int, Field(ge=1, le=MAX_ID)]] | None,
    Query(description="An agency that takes part; with `counted`: that has it now, with those below, several.",
          examples=[[1]]),
]  # fmt: skip
TierQuery = Annotated[
    list[Literal["none", "grid", "community", "subdistrict", "district", "city", "agency"]] | None,
    Query(description="With `counted`: who has it or had it last; may come several times.", examples=[["grid"]]),
]
OverdueQuery = Annotated[bool, Query(description="With `counted`: whose clock has run out, as `overdue` counts.")]
ClosedQuery = Annotated[bool, Query(description="With `counted`: in the state “closed”, as `closed` counts.")]


class WithCounted(BadInput):
    """Some parameters go with `counted`, some without it."""

    code = "with-counted"


class AgencyBody(Body):
    """The agency that has it."""

    id: int
    code: str
    names: Names


class CaseLine(Body):
    """A case as lists show it: no text, nobody's name."""

    id: UUID
    number: str = Field(examples=["20251120-000123"])
    category: CategoryRef
    channel: str
    state: words.State
    stage: words.Stage
    version: int
    light: Light | None = Field(description="Null for a case that has ended.")
    opened_at: datetime
    changed_at: datetime
    ended_at: datetime | None
    due_at: datetime | None = Field(description="When the next running clock is due.")
    level: str | None
    agency: AgencyBody | None
    office: AreaBody | None
    path: list[AreaBody]
    point: Lonlat
    suspended_until: date | None
    merged_into: UUID | None
    whistles: int
    asking: bool = Field(description="An extension or a suspension waits for an answer.")


class CasePage(Body):
    """A page; `next` is the cursor of the page after, null on the last."""

    items: list[CaseLine]
    next: str | None


class CountBody(Body):
    """So many open cases stand so and show this light."""

    state: words.State
    light: Light
    cases: int


class CountsBody(Body):
    """Open cases on the board."""

    counts: list[CountBody]
    total: int


class NearBody(Body):
    """An open case that may be the same matter."""

    id: UUID
    number: str = Field(examples=["20251120-000123"])
    state: words.State
    version: int
    happened_at: datetime
    distance_m: float


@router.get("/cases", summary="Cases to work on")
def cases(
    house: HouseDep,
    caller: CallerDep,
    *,
    ended: EndedQuery = False,
    state: StateQuery = None,
    mine: MineQuery = False,
    area: AreaQuery = None,
    agency: Agencies = None,
    category: filters.CategoryQuery = None,
    light: LightQuery = None,
    due_before: DueBefore = None,
    due_after: DueAfter = None,
    whistled: WhistledQuery = None,
    bbox: BoxQuery = None,
    since: SinceQuery = None,
    until: UntilQuery = None,
    counted: CountedQuery = False,
    status: filters.StateQuery = None,
    channel: filters.ChannelQuery = None,
    tier: TierQuery = None,
    overdue: OverdueQuery = False,
    closed: ClosedQuery = False,
    held_by: filters.HeldByQuery = None,
    outside: filters.OutsideQuery = False,
    above: filters.AboveQuery = None,
    limit: LimitQuery = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[CURSOR])] = None,
) -> CasePage:
    """Those within the caller's reach. A filter that nothing matches gives an empty page.

    To work on: what is open, or what has ended. With `counted`: what is behind a number of `/counts`, and as long.
    """
    key = paging.moment(paging.unpack(cursor, 2))
    with house.acting(caller) as work:
        setting = house.case_setting(work)
        zone = setting.calendar.zone
        if counted:
            _without(state=state, mine=mine, light=light, due_before=due_before, due_after=due_after,
                     whistled=whistled, bbox=bbox)  # fmt: skip
            asked = Filters(since, until, category, status, channel, agency, area).read(house, work, CASES.states)
            seen = behind.find(
                work.session,
                Counted(
                    since=asked.period.begin, until=asked.period.end, category_ids=asked.category_ids,
                    states=asked.statuses, channels=asked.channels, agency_ids=asked.agency_ids, held_by=held_by,
                    tiers=tier, area=area, above=above, outside=outside, overdue=overdue, ended=ended, closed=closed,
                    before=key, reach=work.reach,
                ),
                setting=setting, limit=limit + 1,
            )  # fmt: skip
        else:
            _needed(status=status, channel=channel, tier=tier, overdue=overdue, closed=closed, held_by=held_by,
                    outside=outside, above=above)  # fmt: skip
            wanted = Wanted(
                ended=ended, state=state, mine=mine, area=area, agency=_one(agency, "agency"),
                category=_one(category, "category"), light=light,
                due_before=instant(due_before, zone, "due_before"), due_after=instant(due_after, zone, "due_after"),
                whistled=whistled, bbox=box(bbox), since=instant(since, zone, "from"),
                until=instant(until, zone, "to"), before=key, reach=work.reach,
            )  # fmt: skip
            seen = worklists.find(work.session, wanted, work.actor, setting=setting, limit=limit + 1)
    last = seen[limit - 1].row if len(seen) > limit else None
    return CasePage(
        items=[_line(one, zone) for one in seen[:limit]],
        next=None if last is None else paging.pack(
            [(last.happened_at if counted else last.ended_at if ended else last.changed_at).isoformat(),
             str(last.number)]
        ),
    )  # fmt: skip


@router.get("/cases/counts", summary="Open cases by state and light")
def counts(
    house: HouseDep,
    caller: CallerDep,
    mine: MineQuery = False,
    area: AreaQuery = None,
    agency: AgencyQuery = None,
    category: CategoryQuery = None,
    whistled: WhistledQuery = None,
) -> CountsBody:
    """For a board: those within the caller's reach."""
    with house.acting(caller) as work:
        wanted = Wanted(mine=mine, area=area, agency=agency, category=category, whistled=whistled, reach=work.reach)
        found = worklists.count(work.session, wanted, work.actor, setting=house.case_setting(work))
    return CountsBody(
        counts=[CountBody(state=one.state, light=one.light, cases=one.cases) for one in found],
        total=sum(one.cases for one in found),
    )


@router.get("/cases/{case_id}/near", summary="Which cases may be the same matter")
def near(house: HouseDep, caller: CallerDep, case_id: CaseId) -> list[NearBody]:
    """Open ones of the same category about the same place and time (by default 50 m and 24 h), nearest first."""
    with house.acting(caller, incident=case_id) as work:
        found = worklists.near(work.session, case_id, work.reach, setting=house.case_setting(work))
        zone = house.zone(work)
    return [
        NearBody(
            id=row.id, number=number_of(row.number, row.happened_at, zone), state=row.state, version=row.version,
            happened_at=row.happened_at, distance_m=round(row.distance_m, 1),
        )
        for row in found
    ]  # fmt: skip


def _without(**given: Any) -> None:
    """Raises `WithCounted`."""
    for name, value in given.items():
        if value is not None and value is not False:
            raise WithCounted(f"“{name}” is no part of a count.", field=name, remedy="Leave it out, or counted=true.")


def _needed(**given: Any) -> None:
    """Raises `WithCounted`."""
    for name, value in given.items():
        if value is not None and value is not False:
            raise WithCounted(f"“{name}” asks for what is behind a count.", field=name, remedy="Add counted=true.")


def _one(given: list[T] | None, field: str) -> T | None:
    if given is not None and len(given) > 1:
        raise WithCounted("Lists to work on take one of these.", field=field, remedy="Give one, or add counted=true.")
    return given[0] if given else None


def _line(one: Listed, zone: ZoneInfo) -> CaseLine:
    row = one.row
    agency = None
    if row.agency_id is not None:
        agency = AgencyBody(id=row.agency_id, code=row.agency_code, names=row.agency_names)
    return CaseLine(
        id=row.id,
        number=number_of(row.number, row.happened_at, zone),
        category=CategoryRef(code=row.category_code, names=row.category_names),
        channel=row.channel,
        state=row.state,
        stage=words.STAGE_OF[words.State(row.state)],
        version=row.version,
        light=one.light,
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        ended_at=row.ended_at,
        due_at=row.next_due_at,
        level=row.level,
        agency=agency,
        office=AreaBody.of(one.office) if one.office else None,
        path=[AreaBody.of(area) for area in one.path],
        point=Lonlat(lon=row.lon, lat=row.lat),
        suspended_until=row.suspended_until,
        merged_into=row.merged_into,
        whistles=row.whistles,
        asking=row.asking,
    )
