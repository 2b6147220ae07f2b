"""`/whistles`, `/summons`: who whistled for whom, an agency's inbox, the figures of both sides; corrections of ratings.

What is done about a whistle is done where every step is (`POST /cases/{id}/actions`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query
from pydantic import ConfigDict, Field

from gridgov.api import paging
from gridgov.api.deps import MAX_ID, AreaQuery, CallerDep, HouseDep, LimitQuery, instant
from gridgov.api.routes.cases import CASEWORK, CaseId
from gridgov.api.shapes import AreaBody, Body, CategoryRef, Names
from gridgov.auth.rules import Reach
from gridgov.cases import ratings, service, whistles
from gridgov.cases import rules as words
from gridgov.cases.clocks import Light
from gridgov.cases.whistles import Clocked, Figures, Listed, Wanted
from gridgov.incidents.receipts import number_of
from gridgov.platform.errors import BadInput

router = APIRouter(tags=["whistles"])
CURSOR = paging.pack(["2026-10-20T00:15:00+00:00", "123", "1"])

AgencyQuery = Annotated[
    int | None, Query(ge=1, le=MAX_ID, description="A summoned agency, with those below it.", examples=[1])
]
KindQuery = Annotated[words.Kind | None, Query(description="advance (工作推进哨) or hard (攻坚克难哨).")]
StateQuery = Annotated[words.SummonsState | None, Query(description="With a summons that stands so.")]
LateQuery = Annotated[bool | None, Query(description="With a clock that was missed, or without.")]
LightQuery = Annotated[Light | None, Query(description="The worst light of the clocks that run.")]
SinceQuery = Annotated[
    str | None, Query(alias="from", description="Called then or later: an instant or a date.", examples=["2026-10-01"])
]
UntilQuery = Annotated[str | None, Query(alias="to", description="Called before.", examples=["2026-11-01"])]
CursorQuery = Annotated[str | None, Query(description="`next` of the page before.", examples=[CURSOR])]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which summons are asked for, or whistles that have such a summons."""

    area: AreaQuery = None
    agency: AgencyQuery = None
    open: Annotated[bool | None, Query(description="Only open ones, or only those that have ended.")] = None
    kind: KindQuery = None
    state: StateQuery = None
    late: LateQuery = None
    light: LightQuery = None
    since: SinceQuery = None
    until: UntilQuery = None
    cursor: CursorQuery = None

    def wanted(self, zone: ZoneInfo, reach: Reach) -> Wanted:
        return Wanted(
            area=self.area, agency=self.agency, open=self.open, kind=self.kind, state=self.state, late=self.late,
            light=self.light, since=instant(self.since, zone, "from"), until=instant(self.until, zone, "to"),
            before=_key(self.cursor), reach=reach,
        )  # fmt: skip


class AgencyBody(Body):
    """An agency."""

    id: int
    code: str
    names: Names


class LineBody(Body):
    """What every line says of its case. `number` and `category` are null once the case is no longer the caller's to
    see, as after a summons that was released."""

    case: UUID
    number: str | None = Field(examples=["20251120-000123"])
    category: CategoryRef | None
    case_state: words.State | None
    version: int | None
    path: list[AreaBody]


class MeetingBody(Body):
    """Joint action (联合行动): how many meetings, where and when the last one is."""

    meetings: int
    at: datetime | None
    place: str | None = Field(description="Null for those who may not read free text.")


class InboxLine(LineBody):
    """One summons: what it asks of the agency, by when, and how it stands."""

    summons: int
    whistle: int
    agency: AgencyBody
    kind: words.Kind
    ground: words.Ground
    part: words.Part
    state: words.SummonsState
    called_at: datetime
    signed_at: datetime | None
    contacted_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    ended_by: words.Action | None
    sign_due_at: datetime | None
    contact_due_at: datetime | None
    report_due_at: datetime | None
    light: Light | None = Field(description="Of the clocks that run; null where none does.")
    late: bool
    refused: bool
    asking: bool = Field(description="An extension waits for an answer.")
    meeting: MeetingBody
    attended: int
    leads: list[str]


class CalledBody(Body):
    """One body of a whistle."""

    summons: int
    agency: AgencyBody
    part: words.Part
    state: words.SummonsState
    light: Light | None
    late: bool
    refused: bool
    attended: int
    leads: list[str]


class WhistleLine(LineBody):
    """One whistle with its summons: all of them for who whistled, their own for who is summoned."""

    whistle: int
    kind: words.Kind
    ground: words.Ground
    at: datetime
    ended_at: datetime | None
    withdrawn: bool
    light: Light | None = Field(description="The worst of its summons.")
    late: bool
    meeting: MeetingBody
    summons: list[CalledBody]


class InboxPage(Body):
    """A page, newest call first; `next` is the cursor of the page after, null on the last."""

    items: list[InboxLine]
    next: str | None


class WhistlePage(Body):
    """A page, newest whistle first; `next` is the cursor of the page after, null on the last."""

    items: list[WhistleLine]
    next: str | None


class ClockedBody(Body):
    """Counts of one clock, and the share in time of those that are decided."""

    in_time: int
    late: int
    open: int
    rate: float | None


class FiguresBody(Body):
    """One side over the span. Grades are means of the `rated` ratings that count."""

    id: int
    code: str | None
    names: Names | None
    counts: dict[str, int]
    signed: ClockedBody
    contacted: ClockedBody
    reported: ClockedBody
    rated: int
    speed: float | None
    quality: float | None


class BothBody(Body):
    """Who answered, and who whistled: both are judged (双考核)."""

    agencies: list[FiguresBody]
    units: list[FiguresBody]


class CorrectionBody(Body):
    """Another quality for the rating that counts now, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"quality": 4, "reason": "评价时未见现场复查照片"}]})

    quality: int = Field(ge=1, le=5)
    reason: str = Field(max_length=500)


class AskedBody(Body):
    """What a supervisor of the district is asked. Afterwards send the step `summons-correct-rating` with
    `facts: {"approval": …, "quality": …}` and the same reason."""

    approval: int
    expires_at: datetime


@router.get("/summons", summary="An inbox of summons")
def inbox(house: HouseDep, caller: CallerDep, asked: Annotated[Asked, Depends()], limit: LimitQuery = 100) -> InboxPage:
    """Summons within the caller's reach: for an agency its own. Each with its due times and its light."""
    with house.acting(caller) as work:
        setting = house.case_setting(work)
        zone = setting.calendar.zone
        wanted = asked.wanted(zone, work.reach)
        seen = whistles.find_summons(work.session, wanted, setting=setting, limit=limit + 1)
        with_text = work.actor.require("cases.read").fields == "all"
    last = seen[limit - 1].row if len(seen) > limit else None
    return InboxPage(
        items=[_inbox(one, zone, with_text=with_text) for one in seen[:limit]],
        next=last and paging.pack([last.called_at.isoformat(), str(last.number), str(last.summons)]),
    )


@router.get("/whistles", summary="Whistles")
def blown(
    house: HouseDep, caller: CallerDep, asked: Annotated[Asked, Depends()], limit: LimitQuery = 100
) -> WhistlePage:
    """Whistles within the caller's reach, those with a summons that is as asked for."""
    with house.acting(caller) as work:
        setting = house.case_setting(work)
        zone = setting.calendar.zone
        wanted = asked.wanted(zone, work.reach)
        seen = whistles.find_whistles(work.session, wanted, setting=setting, limit=limit + 1)
        with_text = work.actor.require("cases.read").fields == "all"
    last = seen[limit - 1].row if len(seen) > limit else None
    return WhistlePage(
        items=[_whistle(one, zone, with_text=with_text) for one in seen[:limit]],
        next=last and paging.pack([last.whistled_at.isoformat(), str(last.number), str(last.whistle)]),
    )


@router.get("/whistles/figures", summary="Figures of both sides")
def figures(
    house: HouseDep,
    caller: CallerDep,
    since: Annotated[str, Query(alias="from", description="Called then or later.", examples=["2026-10-01"])],
    until: Annotated[str, Query(alias="to", description="Called before; a year at most.", examples=["2026-11-01"])],
    area: AreaQuery = None,
    agency: AgencyQuery = None,
    kind: KindQuery = None,
) -> BothBody:
    """Counts beside every rate, of the summons within the caller's reach."""
    with house.acting(caller) as work:
        setting = house.case_setting(work)
        zone = setting.calendar.zone
        wanted = Wanted(
            area=area, agency=agency, kind=kind, since=instant(since, zone, "from"), until=instant(until, zone, "to"),
            reach=work.reach,
        )  # fmt: skip
        agencies, units = whistles.figures(work.session, wanted, setting=setting)
        index = house.locator.index(work.session, work.now, revision=work.marks.get("areas", 0))
        named = {one.id: found for one in units if (found := index.get(one.id)) is not None}
    return BothBody(
        agencies=[_figures(one, one.code, one.names) for one in agencies],
        units=[_figures(one, named[one.id].code, named[one.id].names) for one in units if one.id in named],
    )


@router.post("/cases/{case_id}/summons/{call}/correction", status_code=201, summary="Ask to correct a rating")
def correct(
    house: HouseDep,
    caller: CallerDep,
    case_id: CaseId,
    call: Annotated[int, Path(ge=1, le=1_000, description="Number of the summons within its case.", examples=[1])],
    body: CorrectionBody,
) -> AskedBody:
    """The unit that rated asks, a supervisor of its district decides (`/approvals`). Nothing changes until the step."""
    with house.acting(caller, incident=case_id) as work:
        setting = house.case_setting(work)
        who = service.standing(work.actor)
        seen = service.get(
            work.session, case_id, work.reach, who, setting=setting, become=partial(work.become, CASEWORK)
        )
        made = ratings.ask(
            work.session, work.actor, seen.file, call, quality=body.quality, reason=body.reason,
            standing=who, ground=service.place_of(seen.path), now=work.now,
        )  # fmt: skip
    return AskedBody(approval=made.id, expires_at=made.expires_at)


def _key(cursor: str | None) -> tuple[datetime, int, int] | None:
    key = paging.unpack(cursor, 3)
    if key is None:
        return None
    number, last = paging.number(key[1:2]), paging.number(key[2:])
    try:
        at = datetime.fromisoformat(key[0])
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or number is None or last is None:
        raise BadInput("This cursor was not made here.", field="cursor", remedy="Take `next` of the page before.")
    return at, number, last


def _line(one: Listed, zone: ZoneInfo) -> dict[str, object]:
    row = one.row
    seen = row.happened_at is not None
    return {
        "case": row.case_id,
        "number": number_of(row.number, row.happened_at, zone) if seen else None,
        "category": CategoryRef(code=row.category_code, names=row.category_names) if seen else None,
        "case_state": row.case_state,
        "version": row.version,
        "path": [AreaBody.of(area) for area in one.path],
    }


def _inbox(one: Listed, zone: ZoneInfo, *, with_text: bool) -> InboxLine:
    row = one.row
    same = (
        "summons", "whistle", "kind", "ground", "part", "state", "called_at", "signed_at", "contacted_at",
        "answered_at", "ended_at", "ended_by", "sign_due_at", "contact_due_at", "report_due_at", "light", "late",
        "refused", "asking", "attended", "leads",
    )  # fmt: skip
    return InboxLine.model_validate({
        **_line(one, zone),
        **{name: row._mapping[name] for name in same},
        "agency": AgencyBody(id=row.agency_id, code=row.agency_code, names=row.agency_names),
        "meeting": _meeting(one, with_text=with_text),
    })  # fmt: skip


def _whistle(one: Listed, zone: ZoneInfo, *, with_text: bool) -> WhistleLine:
    row = one.row
    called = [
        CalledBody(
            summons=call["summons"],
            agency=AgencyBody(id=call["agency_id"], code=call["code"], names=call["names"]),
            **{name: call[name] for name in ("part", "state", "light", "late", "refused", "attended", "leads")},
        )
        for call in row.summons
    ]
    return WhistleLine.model_validate({
        **_line(one, zone),
        **{name: row._mapping[name] for name in ("whistle", "kind", "ground", "ended_at", "withdrawn", "late")},
        "at": row.whistled_at,
        "light": None if row.light is None else whistles.LIGHTS[row.light - 1],
        "meeting": _meeting(one, with_text=with_text),
        "summons": called,
    })  # fmt: skip


def _meeting(one: Listed, *, with_text: bool) -> MeetingBody:
    row = one.row
    return MeetingBody(meetings=row.meetings, at=row.meeting_at, place=row.meeting_place if with_text else None)


def _figures(one: Figures, code: str | None, names: Mapping[str, str] | None) -> FiguresBody:
    return FiguresBody(
        id=one.id, code=code, names=dict(names) if names else None, counts=dict(one.counts),
        signed=_clocked(one.signed),
        contacted=_clocked(one.contacted), reported=_clocked(one.reported), rated=one.rated, speed=one.speed,
        quality=one.quality,
    )  # fmt: skip


def _clocked(one: Clocked) -> ClockedBody:
    return ClockedBody(in_time=one.in_time, late=one.late, open=one.open, rate=one.rate)
