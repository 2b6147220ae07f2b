"""Requests for admission as they are sent and shown.

Owns the bodies. Does not own the routes (`routes/admissions`, `routes/funding`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, JsonValue

from gridgov.api.deps import MAX_ID, instant
from gridgov.api.shapes import Body, Incoming, Names
from gridgov.areas.index import AreaIndex
from gridgov.bootstrap import Work
from gridgov.duties import admitting
from gridgov.duties.admission import Admission
from gridgov.duties.admitting import MOST_TEXT, MOST_TITLE, Burden, NewAdmission, Part, Stance, State, Verdict
from gridgov.duties.ledger import MOST_YUAN, Promise
from gridgov.duties.lists import agency_ids
from gridgov.platform.errors import BadInput

SHOWN_TARGETS = 1000
ASKED: dict[str, JsonValue] = {
    "title": "门前三包巡查",
    "category": "06010",
    "part": "support",
    "all_of": "unit",
    "plan": "每周巡查两次，发现问题当日上报。",
    "basis": "《城市市容和环境卫生管理条例》第八条",
    "begins": "2027-01-01",
    "ends": "2028-01-01",
    "total_yuan": "120000.00",
    "promises": [
        {"due_on": "2027-03-31", "amount_yuan": "60000.00", "posts": 4},
        {"due_on": "2027-09-30", "amount_yuan": "60000.00"},
    ],
    "burdens": [{"kind": "report", "times_a_year": 12}],
}
KEY = "0199f0a4-7b7e-7c3a-9a50-7d1f0f6b2c88"
AreaId = Annotated[int, Field(ge=1, le=MAX_ID)]
Money = Annotated[Decimal, Field(ge=0, le=MOST_YUAN, max_digits=14, decimal_places=2)]


class AgencyRefBody(Body):
    """An agency."""

    id: int
    code: str = Field(examples=["HW"])
    names: Names


class PlacedBody(Body):
    """An area on which work is placed; code and names are null where the boundaries have since changed."""

    id: int
    level: str = Field(examples=["subdistrict"])
    code: str | None
    names: Names | None

    @classmethod
    def of(cls, area_id: int, level: str, index: AreaIndex) -> Self:
        area = index.get(area_id)
        return cls(id=area_id, level=level, code=area and area.code, names=dict(area.names) if area else None)


class PromiseBody(Body):
    """An instalment: money in yuan and posts by a day. Without `area` all targets share it evenly."""

    due_on: date
    amount_yuan: Money = Decimal(0)
    posts: int = Field(default=0, ge=0, le=100_000)
    area: AreaId | None = Field(default=None, description="Id of a target.")


class BurdenBody(Body):
    """What the work brings along, and how often a year."""

    kind: Burden
    times_a_year: int = Field(ge=1, le=1000)


class AskBody(Incoming):
    """A request, whole. A draft may lack all but its title; to be submitted it needs the rest."""

    model_config = ConfigDict(json_schema_extra={"examples": [ASKED]})

    title: str = Field(max_length=MOST_TITLE)
    agency: str | None = Field(default=None, max_length=100, description="Code of the agency; default: your own.")
    category: str | None = Field(default=None, max_length=40, description="A matter, or a prefix that ends in `*`.")
    item: str = Field(default="", max_length=MOST_TEXT, description="What is new, where the catalogue has no matter.")
    part: Part = Field(default=Part.SUPPORT, description="Whether the unit supports the agency, or leads.")
    targets: list[AreaId] = Field(default=[], max_length=SHOWN_TARGETS, description="Sub-districts or communities.")
    all_of: str | None = Field(default=None, description="All of a level instead: unit, subdistrict or community.")
    within: AreaId | None = Field(default=None, description="Only those below this area; default: the city.")
    plan: str = Field(default="", max_length=MOST_TEXT)
    basis: str = Field(default="", max_length=MOST_TEXT)
    begins: str | None = Field(default=None, max_length=40, description="Instant, or date in the city's zone.")
    ends: str | None = Field(default=None, max_length=40, description="The period's end, not included.")
    total_yuan: Money | None = None
    promises: list[PromiseBody] = Field(default=[], max_length=5000)
    burdens: list[BurdenBody] = Field(default=[], max_length=len(Burden))
    renews: AreaId | None = Field(default=None, description="Id of the admission that this one goes on with.")

    def asked(self, work: Work, zone: ZoneInfo) -> NewAdmission:
        """What the domain takes. Raises `BadInput`."""
        return NewAdmission(
            agency_id=agency_of(work, self.agency),
            title=self.title,
            category=self.category,
            item=self.item,
            part=self.part,
            targets=tuple(self.targets),
            all_of=self.all_of,
            within=self.within,
            plan=self.plan,
            basis=self.basis,
            begins=instant(self.begins, zone, "begins"),
            ends=instant(self.ends, zone, "ends"),
            total=self.total_yuan,
            promises=tuple(Promise(one.due_on, one.amount_yuan, one.posts, one.area) for one in self.promises),
            burdens={one.kind: one.times_a_year for one in self.burdens},
            renews=self.renews,
        )


class NewBody(AskBody):
    """A request with the key that the client made; the same key again gives the first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"key": KEY, **ASKED}]})

    key: UUID


class HearingBody(Body):
    """How many units are asked, and what they said; silence is no yes."""

    targets: int
    units: int
    supporting: int
    opposing: int
    silent: int


class AdmissionBody(Body):
    """A request as it stands now. Times are instants; money is in yuan."""

    id: int
    state: State
    state_names: Names
    agency: AgencyRefBody
    title: str
    category: str | None
    item: str
    part: Part
    all_of: str | None
    within: int | None
    plan: str
    basis: str
    begins: datetime | None
    ends: datetime | None
    total_yuan: Decimal | None
    burdens: list[BurdenBody]
    renews: int | None
    created_at: datetime
    submitted_at: datetime | None
    opinions_due_at: datetime | None
    hearing: HearingBody
    decided_at: datetime | None
    verdict: Verdict | None
    reason: str | None
    document: str | None
    conditions: str | None
    matter: str | None = Field(description="Code under which it is routed and ordered.")
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, one: Admission, hearings: Mapping[int, HearingBody], **more: Any) -> Self:
        asked = one.asked
        nobody = HearingBody(targets=0, units=0, supporting=0, opposing=0, silent=0)
        return cls(
            id=one.id,
            state=one.state,
            state_names=dict(admitting.STATE_WORDS[one.state]),
            agency=AgencyRefBody(id=asked.agency_id, code=one.agency_code, names=dict(one.agency_names)),
            title=asked.title,
            category=asked.category,
            item=asked.item,
            part=asked.part,
            all_of=asked.all_of,
            within=asked.within,
            plan=asked.plan,
            basis=asked.basis,
            begins=asked.begins,
            ends=asked.ends,
            total_yuan=asked.total,
            burdens=[BurdenBody(kind=kind, times_a_year=times) for kind, times in sorted(asked.burdens.items())],
            renews=asked.renews,
            created_at=one.created_at,
            submitted_at=one.submitted_at,
            opinions_due_at=one.opinions_due_at,
            hearing=hearings.get(one.id, nobody),
            decided_at=one.decided_at,
            verdict=one.verdict,
            reason=one.reason,
            document=one.document,
            conditions=one.conditions,
            matter=one.matter,
            withdrawn_at=one.ended_at,
            **more,
        )


class AdmissionPage(Body):
    """A page, newest first; `next` is the cursor of the page after, null on the last."""

    items: list[AdmissionBody]
    next: str | None


class OpinionBody(Body):
    """What a unit said; `stance` is null as long as its time runs."""

    unit: PlacedBody
    stance: Stance | None
    reason: str | None
    at: datetime | None


class StepBody(Body):
    """How it came to a state; `post` is null where time moved it."""

    before: State | None
    after: State
    post: int | None
    at: datetime
    note: str | None


class DetailBody(AdmissionBody):
    """A request with whom it concerns (the first thousand), all opinions, its history, and what can follow."""

    targets: list[PlacedBody]
    opinions: list[OpinionBody]
    steps: list[StepBody]
    following: list[State]


class GivenBody(Incoming):
    """A unit's opinion."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"support": False, "reason": "没有人手，也没有经费。"}]})

    support: bool
    reason: str = Field(min_length=4, max_length=500)


class VerdictBody(Incoming):
    """The decision, with its reason and the number of its document."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "verdict": "admit-with-conditions",
                    "reason": "各街道支持，经费已列入预算。",
                    "document": "区政办〔2026〕12号",
                    "conditions": "首笔经费到位后开始。",
                }
            ]
        }
    )

    verdict: Verdict
    reason: str = Field(min_length=4, max_length=500)
    document: str = Field(min_length=1, max_length=200)
    conditions: str = Field(default="", max_length=MOST_TEXT)


class TakenBackBody(Incoming):
    """Why it is taken back; a draft needs no reason."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "改由本部门自行办理。"}]})

    reason: str = Field(default="", max_length=500)


def agency_of(work: Work, code: str | None) -> int:
    """The id of the agency of this code, by default of the post's own."""
    found = work.actor.agency_id if code is None else agency_ids(work.session).get(code)
    if found is None:
        raise BadInput("There is no such agency.", field="agency", remedy="Give the code of an agency of this city.")
    return found
