"""What plans in time take and answer: submission, preview, activations, changes, matters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field
from sqlalchemy import Row

from gridgov.api.plan_board_shapes import FindingBody
from gridgov.api.plan_shapes import PlanBody
from gridgov.api.shapes import AreaBody, Body, Incoming, Names
from gridgov.areas.following import Moves, Takeover
from gridgov.areas.index import AreaIndex
from gridgov.planning.changes import Change, change_of, document
from gridgov.planning.matters import MatterOpen
from gridgov.planning.preview import Ending, Preview

MOST_SHOWN = 200
ChangeKind = Literal["merge-communities", "abolish-tier", "restore-tier", "reparent", "rename-area", "bring-back"]


class SubmissionBody(Incoming):
    """From when the plan is to hold; null: as soon as another person has said yes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"wanted_from": "2199-01-01T00:00:00+08:00"}]})

    wanted_from: datetime | None = None


class SubmittedBody(Body):
    """What another person is asked for: `/api/v1/approvals/{approval_id}`."""

    plan: PlanBody
    approval_id: int
    expires_at: datetime


class TakenBackBody(Incoming):
    """Why it is taken back, if that is to be said."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "户数有误，重新划分"}]})

    reason: str = Field(default="", max_length=500)


class RollBackBody(Incoming):
    """`before`: what held until the plan took effect; otherwise what it put in force."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"before": True, "name": ""}]})

    before: bool = True
    name: str = Field(default="", max_length=200)


class ChangeBody(Incoming):
    """A change above the grids; what `payload` holds follows from `kind` (docs/plans-in-time.md)."""

    kind: ChangeKind
    payload: dict[str, Any]

    @classmethod
    def of(cls, one: Change) -> Self:
        return cls(kind=one.kind, payload=document(one))

    def change(self) -> Change:
        """Raises `ChangeUnusable`."""
        return change_of(self.kind, self.payload)


class ChangeList(Incoming):
    """All changes of a plan, in the order in which they are done."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [
        {"kind": "rename-area", "payload": {"area": 4, "names": {"zh": "平安社区", "en": "Ping'an"}}}]}]})  # fmt: skip

    items: list[ChangeBody] = Field(max_length=500)


class MatterBody(Incoming):
    """Who takes over an item of a duty list: the code of an agency, or an office such as “@district”."""

    list: str = Field(min_length=1, max_length=200, examples=["样城责任清单"])
    item: str = Field(min_length=1, max_length=200, examples=["2"])
    lead: str = Field(min_length=1, max_length=100, examples=["@district"])
    note: str = Field(default="", max_length=1000)

    @classmethod
    def of(cls, one: Takeover) -> Self:
        return cls(list=one.list, item=one.item, lead=one.lead, note=one.note)

    def takeover(self) -> Takeover:
        return Takeover(self.list, self.item, self.lead, self.note)


class MatterList(Incoming):
    """All matters of a plan that get another body."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": []}]})

    items: list[MatterBody] = Field(max_length=5_000)


class OpenMatterBody(Body):
    """A matter that would have no body and that nobody takes over yet."""

    list: str
    item: str
    category: str
    lead: str
    area: str = Field(description="Code of the area that the item holds in; empty: the whole city.")
    zh: str
    en: str

    @classmethod
    def of(cls, one: MatterOpen) -> Self:
        held = one.ceasing
        return cls(list=held.list, item=held.item, category=held.category, lead=held.lead, area=held.area, zh=one.zh,
                   en=one.en)  # fmt: skip


class HeirBody(Body):
    """An area that follows one that ends."""

    level: str
    code: str
    households: int
    share: float = Field(description="Of the households of the area that ends.")


class EndingBody(Body):
    """An area that would end, and what follows it, the largest share first."""

    area: AreaBody
    heirs: list[HeirBody]

    @classmethod
    def of(cls, one: Ending) -> Self:
        return cls(
            area=AreaBody.of(one.area),
            heirs=[HeirBody(level=h.level, code=h.code, households=h.households, share=h.share) for h in one.heirs],
        )


class MoveBody(Body):
    """How many go from one area to another, by codes; null: to none."""

    before: str | None
    after: str | None
    count: int


class MovesBody(Body):
    """What moves of one noun; `left`: what has no place, or no body, any more."""

    noun: Literal["incidents", "cases", "duties", "posts"]
    total: int
    moved: int | None = Field(description="Null: seen when they go.")
    left: int
    by: list[MoveBody]
    facts: dict[str, Any]

    @classmethod
    def of(cls, moves: Moves, before: AreaIndex, after: AreaIndex) -> Self:
        by = [MoveBody(before=_code(before, one.before), after=_code(after, one.after), count=one.count)
              for one in moves.by[:MOST_SHOWN]]  # fmt: skip
        return cls(noun=moves.noun, total=moves.total, moved=moves.moved, left=moves.left, by=by,
                   facts=dict(moves.facts))  # fmt: skip


class BlockingBody(Body):
    """A finding that keeps a part from going out."""

    community_id: int
    finding: FindingBody


class PreviewBody(Body):
    """Everything that would move if the plan took effect now. Incidents of the past follow afterwards, by a job."""

    moved_households: int = Field(description="Who would find themselves in another grid.")
    begun: list[AreaBody]
    changed: list[AreaBody]
    ending: list[EndingBody]
    moves: list[MovesBody]
    blocking: list[BlockingBody] = Field(description="What keeps the plan from being submitted.")
    open_matters: list[OpenMatterBody]

    @classmethod
    def of(cls, one: Preview, index: AreaIndex, after: AreaIndex) -> Self:
        return cls(
            moved_households=one.moved_households,
            begun=[AreaBody.of(area) for area in one.begun[:MOST_SHOWN]],
            changed=[AreaBody.of(area) for area in one.changed[:MOST_SHOWN]],
            ending=[EndingBody.of(area) for area in one.endings[:MOST_SHOWN]],
            moves=[MovesBody.of(moves, index, after) for moves in one.moves],
            blocking=[BlockingBody(community_id=ident, finding=FindingBody.of(found, index.projection))
                      for ident, found in one.readiness.blocking[:MOST_SHOWN]],
            open_matters=[OpenMatterBody.of(matter) for matter in one.readiness.open_matters[:MOST_SHOWN]],
        )  # fmt: skip


class MovingCase(Body):
    """An open case that would lie elsewhere, by codes of areas."""

    number: int
    before: str | None
    after: str | None


class MovingPage(Body):
    """By number; `next` is the cursor of the page after, null on the last."""

    items: list[MovingCase]
    next: str | None


class ActivationBody(Body):
    """A plan took effect. `moved`: what moved with it, by noun; `follows`: how far history has followed."""

    id: int
    plan_id: int
    name: str
    before_id: int | None = Field(description="The plan that was in force until then.")
    effective_from: datetime
    moved: dict[str, Any]
    follows: dict[str, Any]

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        return cls(id=row.id, plan_id=row.plan_id, name=row.name, before_id=row.before_id,
                   effective_from=row.effective_from, moved=row.moved, follows=row.follows)  # fmt: skip


class ActivationPage(Body):
    """Newest first; `next` is the cursor of the page after, null on the last."""

    items: list[ActivationBody]
    next: str | None


class PlacedBody(Body):
    """Where a point lies by the plan, city first. Ids of areas that are not in force yet are negative."""

    inside: bool
    path: list[AreaBody]


class CountBody(Body):
    """Incidents of an area. `area_id` negative: one that is not in force yet."""

    area_id: int
    code: str | None
    names: Names
    count: int


class CountsBody(Body):
    """The same incidents as they belong now and by the plan, on the ground that differs: both sum to `total`."""

    total: int
    now: list[CountBody]
    by_plan: list[CountBody]

    @classmethod
    def of(cls, now: Mapping[int, int], by_plan: Mapping[int, int], index: AreaIndex, after: AreaIndex) -> Self:
        return cls(total=sum(now.values()), now=_counted(now, index), by_plan=_counted(by_plan, after))


def _counted(counts: Mapping[int, int], index: AreaIndex) -> list[CountBody]:
    found = []
    for ident, count in counts.items():
        area = index.get(ident)
        names = {} if area is None else dict(area.names)
        found.append(CountBody(area_id=ident, code=None if area is None else area.code, names=names, count=count))
    return sorted(found, key=lambda one: (-one.count, one.code or ""))


def _code(index: AreaIndex, ident: int | None) -> str | None:
    area = None if ident is None else index.get(ident)
    return None if area is None else area.code
