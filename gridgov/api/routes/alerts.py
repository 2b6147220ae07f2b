"""`/alerts`: thresholds of a post for its own area, what stands above them now, and what ever did."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

import shapely
from fastapi import APIRouter, Path, Query, Response
from pydantic import ConfigDict, Field, JsonValue

from gridgov.analytics import alerting as verbs
from gridgov.analytics import service, thresholds
from gridgov.analytics.measures import Measure, Of
from gridgov.analytics.thresholds import LONGEST_DAYS, Asked, Rule
from gridgov.api import alerting, paging
from gridgov.api.deps import MAX_ID, CallerDep, HouseDep, LimitQuery
from gridgov.api.filters import agencies_like
from gridgov.api.problems import RESPONSES
from gridgov.api.shapes import Body, Incoming, Names
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Level
from gridgov.areas.service import AreaUnknown
from gridgov.bootstrap import House, Work
from gridgov.incidents.rules import Channel
from gridgov.platform.errors import Refused

router = APIRouter(tags=["alerts"])
ID = "0199f0a4-7b7e-7c3a-9a50-7d1f0f6b2e01"
CURSOR = paging.pack(["2026-11-20T01:00:00+00:00", "17"])
RULE: dict[str, JsonValue] = {
    "id": ID, "names": {"zh": "暴露垃圾", "en": "Garbage"}, "of": "incidents", "measure": "per_100_households",
    "by": "grid", "days": 7, "threshold": 5.0, "category": ["06*"],
}  # fmt: skip
MOST_SHOWN = 2_000
RulePath = Annotated[UUID, Path(description="Id of a rule.", examples=[ID])]
Ids = Annotated[int, Field(ge=1, le=MAX_ID)]


class AreaNotYours(Refused):
    """Thresholds are set for the post's own area."""

    code = "alert-area-not-yours"


class NamesBody(Incoming):
    """What the rule is called; both may be empty."""

    zh: str = Field(default="", max_length=thresholds.MOST_NAME)
    en: str = Field(default="", max_length=thresholds.MOST_NAME)


class SaidBody(Incoming):
    """An area of the level stands above when its measure of the last days, today among them, reaches the threshold."""

    names: NamesBody = NamesBody()
    of: Of = Of.INCIDENTS
    measure: Measure = Field(default=Measure.COUNT, examples=["per_100_households"])
    by: Level = Field(default=Level.GRID, examples=["grid"])
    days: int = Field(description=f"1 to {LONGEST_DAYS}.", examples=[7])
    threshold: float = Field(description="Above 0; reached at this value.", examples=[5.0])
    category: list[str] = Field(default=[], max_length=200, description="As in `/counts`; nothing: all.")
    channel: list[Channel] = Field(default=[], max_length=50)
    agency: list[Ids] = Field(default=[], max_length=200, description="With those below them.")
    area: Ids | None = Field(default=None, description="What is looked at: the post's own area, or one below.")


class NewRuleBody(SaidBody):
    """A rule to be kept. The client makes `id`; sending the same again changes nothing."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [RULE]})

    id: UUID = Field(examples=[ID])


class RuleChangeBody(SaidBody):
    """A rule said anew, whole. `revision`: that which was seen, so that nobody changes what somebody else changed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{**{n: v for n, v in RULE.items() if n != "id"}, "revision": 1}]},
    )

    revision: int = Field(ge=1, le=2_000_000_000, examples=[1])


class RuleBody(Body):
    """A rule as it is kept. `mine`: it is of the reader's post, which may change it."""

    id: UUID
    revision: int
    names: Names
    of: Of
    measure: Measure
    by: Level
    days: int
    threshold: float
    category: list[str]
    channel: list[str]
    agency: list[int]
    area: int
    mine: bool
    changed_at: datetime

    @classmethod
    def of_rule(cls, rule: Rule, work: Work) -> Self:
        asked = rule.asked
        mine = work.actor.may("alerts.edit") and rule.desk == verbs.desk_of(work.actor)
        return cls(
            id=rule.id, revision=rule.revision, names=dict(asked.names), of=asked.of, measure=asked.measure,
            by=asked.level, days=asked.days, threshold=asked.threshold, category=list(asked.categories),
            channel=list(asked.channels), agency=list(asked.agencies), area=asked.area_id, mine=mine,
            changed_at=rule.changed_at,
        )  # fmt: skip


class RulesBody(Body):
    """Rules for the reader's area and below, oldest first."""

    items: list[RuleBody]


class AlertItem(Body):
    """An area that stands above a threshold. `value` is that of now; `lon`, `lat`: a point inside it."""

    rule: UUID
    names: Names
    of: Of
    measure: Measure
    level: Level
    days: int
    area_id: int
    area_code: str = Field(examples=["349902001001001"])
    area_names: Names
    lon: float
    lat: float
    value: float = Field(examples=[6.25])
    threshold: float = Field(examples=[5.0])
    since: datetime = Field(description="Of the first look that found it there, without a break until now.")


class AlertsBody(Body):
    """What stands above now, newest first; `total` in all, of which the first 2,000 are given."""

    as_of: datetime
    total: int
    items: list[AlertItem]


class PastItem(Body):
    """One time that an area stood above; `ended_at` is null while it does. `value`: when it began."""

    rule: UUID
    area_id: int
    area_code: str
    began_at: datetime
    ended_at: datetime | None
    value: float
    threshold: float


class PastPage(Body):
    """A page, newest first."""

    items: list[PastItem]
    next: str | None


@router.get("/alerts", summary="What stands above a threshold")
def alerts(house: HouseDep, caller: CallerDep) -> AlertsBody:
    """Of the caller's area and below. What is measured of cases is told to who may read cases."""
    with house.acting(caller) as work:
        rows = verbs.standing(work.session)
        now, cases = work.now, work.actor.may("cases.read")
    with house.internally(alerting.COUNTER) as session:
        known = verbs.known(session, sorted({row.rule_id for row in rows}))
        meter = alerting.Meter(house, session, now) if rows else None
        values = {} if meter is None else {one.id: meter.measured(one) or {} for one in known.values()}
    items, total = list[AlertItem](), 0
    for row in rows:
        rule = known[row.rule_id]
        area = None if meter is None else meter.index.get(row.area_id)
        if meter is None or area is None or (rule.asked.of is Of.CASES and not cases):
            continue
        total += 1
        if len(items) < MOST_SHOWN:
            value = values[rule.id].get(area.id, row.value)
            items.append(_item(row, rule, area, value, meter.index))
    return AlertsBody(as_of=now, total=total, items=items)


@router.get("/alerts/past", summary="What ever stood above a threshold")
def past(
    house: HouseDep,
    caller: CallerDep,
    limit: LimitQuery = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[CURSOR])] = None,
) -> PastPage:
    """Every beginning with its end, of the caller's area and below; of cases for who may read cases."""
    key = paging.moment(paging.unpack(cursor, 2))
    with house.acting(caller) as work:
        rows = verbs.past(work.session, before=key, limit=limit + 1)
        cases = work.actor.may("cases.read")
    more, rows = len(rows) > limit, rows[:limit]
    with house.internally(alerting.COUNTER) as session:
        known = verbs.known(session, sorted({row.rule_id for row in rows}))
    return PastPage(
        items=[
            PastItem(rule=row.rule_id, area_id=row.area_id, area_code=row.code, began_at=row.began_at,
                     ended_at=row.ended_at, value=row.value, threshold=row.threshold)
            for row in rows if cases or known[row.rule_id].asked.of is not Of.CASES
        ],
        next=paging.pack([rows[-1].began_at.isoformat(), str(rows[-1].id)]) if more else None,
    )  # fmt: skip


@router.get("/alerts/rules", summary="Thresholds")
def rules(house: HouseDep, caller: CallerDep) -> RulesBody:
    """Those that look at the caller's area, or at one below."""
    with house.acting(caller) as work:
        return RulesBody(items=[RuleBody.of_rule(one, work) for one in verbs.rules(work.session)])


@router.post(
    "/alerts/rules", status_code=201, summary="Set a threshold", responses={200: {"model": RuleBody}, **RESPONSES}
)
def add(house: HouseDep, caller: CallerDep, body: NewRuleBody, response: Response) -> RuleBody:
    """201 for a new one, which is looked at at once; 200 for the same again; 409 for another under the same id."""
    with house.acting(caller) as work:
        asked, ground = _asked(house, work, body)
        fresh = verbs.add(work.session, body.id, asked, work.actor, ground, now=work.now)
        shown = RuleBody.of_rule(verbs.own(work.session, body.id, work.actor), work)
    if fresh:
        alerting.look(house)
    response.status_code = 201 if fresh else 200
    return shown


@router.patch("/alerts/rules/{rule_id}", summary="Change a threshold")
def change(house: HouseDep, caller: CallerDep, rule_id: RulePath, body: RuleChangeBody) -> RuleBody:
    """Of the caller's post; 409 when it was changed meanwhile. It is looked at at once."""
    with house.acting(caller) as work:
        asked, ground = _asked(house, work, body)
        changed = verbs.change(work.session, rule_id, body.revision, asked, work.actor, ground, now=work.now)
        shown = RuleBody.of_rule(changed, work)
    alerting.look(house)
    return shown


@router.delete("/alerts/rules/{rule_id}", summary="Take a threshold back")
def remove(
    house: HouseDep,
    caller: CallerDep,
    rule_id: RulePath,
    revision: Annotated[int, Query(ge=1, le=2_000_000_000, description="That which was seen.", examples=[1])],
) -> RuleBody:
    """The rule as it was. What stands above it ceases; what stood stays in the history. Again does nothing."""
    with house.acting(caller) as work:
        held = verbs.end(work.session, rule_id, revision, work.actor, now=work.now)
        shown = RuleBody.of_rule(held, work)
    alerting.look(house)
    return shown


def _asked(house: House, work: Work, body: SaidBody) -> tuple[Asked, AreaFacts]:
    """The rule with its area, within the post's own. Raises `AreaUnknown`, `AreaNotYours`, and for what it names."""
    index = house.locator.index(work.session, work.now, revision=work.marks.get("areas", 0))
    ground = _ground(work, index, body.area)
    service.categories_of(work.session, body.category)
    agencies_like(house, work, body.agency)
    if body.of is Of.CASES:
        work.actor.require("cases.read")
    said = Asked(
        area_id=ground.id, names={"zh": body.names.zh.strip(), "en": body.names.en.strip()}, of=body.of,
        measure=body.measure, level=body.by, days=body.days, threshold=body.threshold,
        categories=thresholds.listed(body.category), channels=thresholds.listed([str(one) for one in body.channel]),
        agencies=tuple(sorted(set(body.agency))),
    )  # fmt: skip
    return said, ground


def _ground(work: Work, index: AreaIndex, area: int | None) -> AreaFacts:
    own = work.actor.area_id
    if area is None:
        area = own if own is not None else next((one.id for one in index.areas if one.level == Level.CITY), 0)
    found = index.get(area)
    if found is None:
        raise AreaUnknown(f"No area {area} is in force.", field="area", remedy="List them with /api/v1/areas.")
    if own is not None and area not in work.areas:
        raise AreaNotYours("This area is not of your post.", field="area", remedy="Choose your own, or one below.")
    return found


def _item(row: Any, rule: Rule, area: AreaFacts, value: float, index: AreaIndex) -> AlertItem:
    point = shapely.point_on_surface(index.shape(area.id))
    return AlertItem(
        rule=rule.id, names=dict(rule.asked.names), of=rule.asked.of, measure=rule.asked.measure,
        level=Level(area.level), days=rule.asked.days, area_id=area.id, area_code=area.code,
        area_names=dict(area.names), lon=round(point.x, 6), lat=round(point.y, 6), value=value,
        threshold=row.threshold, since=row.began_at,
    )  # fmt: skip
