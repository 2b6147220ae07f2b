"""What `/duty-lists` takes and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

from pydantic import AwareDatetime, ConfigDict, Field

from gridgov.api.shapes import AreaBody, Body, BodyRef, CategoryRef
from gridgov.duties.compare import Changed, Comparison
from gridgov.duties.dryrun import DryRun, Move
from gridgov.duties.ground import Loss
from gridgov.duties.lint import Finding, Severity
from gridgov.duties.rules import ListKind, ManagementClass, NewItem
from gridgov.duties.versions import ListFacts
from gridgov.interop.dutylists import Parsed, SheetFault, cells

MOST = 1_000  # of items or rows that one answer shows; the counts are whole
ITEM = "D34-06010"


class ListBody(Body):
    """A version of a duty list, or its draft: then `version` is null, and `valid_from` too."""

    id: int
    name: str = Field(examples=["样城责任清单"])
    kind: ListKind
    state: str = Field(description="draft, checked (publication was asked for) or published.", examples=["published"])
    version: int | None = Field(examples=[1])
    basis: str | None
    items: int = Field(description="How many it has.", examples=[163])
    digest: str = Field(description="SHA-256 of what its items say.")
    valid_from: datetime | None = Field(description="Null: since before any record.")
    valid_to: datetime | None = Field(description="When the next version superseded it; null: none has.")
    follows: int | None = Field(description="Of a draft: id of the version that it was made to follow.")
    drafted_at: datetime | None
    wanted_from: datetime | None = Field(description="Of a checked draft: from when it is to hold; null: at once.")
    acknowledged: list[str] = Field(description="Matters that lose their responsible by it, knowingly.")
    approval_id: int | None = Field(description="The request for another person's yes.")

    @classmethod
    def of(cls, one: ListFacts) -> Self:
        return cls(
            id=one.id,
            name=one.name,
            kind=one.kind,
            state=one.state,
            version=one.version,
            basis=one.basis,
            items=one.items,
            digest=one.digest,
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            follows=one.base_id,
            drafted_at=one.drafted_at,
            wanted_from=one.wanted_from,
            acknowledged=list(one.acknowledged),
            approval_id=one.approval_id,
        )


class ListPage(Body):
    """A page, newest first; `next` is the cursor of the page after, null on the last."""

    items: list[ListBody]
    next: str | None


class RiskBody(Body):
    """A risk point (廉政风险点)."""

    text: str = Field(examples=["罚没收入"])
    approval: bool = Field(description="Whether acting on it needs one more approval.")


class ItemBody(Body):
    """An item. Bodies are codes of agencies, or offices: "@unit" is the sub-district, or the community without one."""

    code: str = Field(examples=[ITEM])
    category: str = Field(description="A matter, a prefix ending in *, or *.", examples=["06010"])
    area: str | None = Field(description="Code of the area it is for; null: the whole city.")
    management_class: ManagementClass
    lead: str = Field(description="Empty in a draft that does not name one yet.", examples=["CGJ"])
    supporting: list[str] = Field(examples=[["@unit"]])
    level: str | None = Field(description="The tier at which the matter is to be solved.", examples=["community"])
    limit: str | None = Field(examples=["2 work_day"])
    payer: str | None = Field(description="The department that pays (费随事转).")
    served_from_sites: bool
    nearest: str | None
    basis: str | None
    opening: str | None = Field(description="When a case is opened (立案条件).")
    closing: str | None = Field(description="When it may be closed (结案条件).")
    risk_points: list[RiskBody]
    admission_id: int | None
    expires_at: datetime | None

    @classmethod
    def of(cls, item: NewItem, areas: Mapping[int, str]) -> Self:
        return cls(
            code=item.code,
            category=item.category,
            area=None if item.area_id is None else areas.get(item.area_id, f"#{item.area_id}"),
            management_class=item.management_class,
            lead=item.lead,
            supporting=list(item.supporting),
            level=item.level,
            limit=item.time_limit,
            payer=item.payer,
            served_from_sites=item.served_from_sites,
            nearest=item.nearest,
            basis=item.basis,
            opening=item.opening,
            closing=item.closing,
            risk_points=[RiskBody(text=one.text, approval=one.approval) for one in item.risk_points],
            admission_id=item.admission_id,
            expires_at=item.expires_at,
        )


class ItemPage(Body):
    """A page; `next` is the cursor of the page after, null on the last."""

    items: list[ItemBody]
    next: str | None


class FieldBody(Body):
    """A field that differs, as a sheet shows it."""

    field: str = Field(examples=["limit"])
    before: str = Field(examples=["3 work_day"])
    after: str = Field(examples=["2 work_day"])


class ChangedBody(Body):
    """An item that both have, and what differs."""

    code: str = Field(examples=[ITEM])
    fields: list[FieldBody]

    @classmethod
    def of(cls, one: Changed, areas: Mapping[int, str]) -> Self:
        old, new = cells(one.before, areas, {}), cells(one.after, areas, {})
        found = [FieldBody(field=name, before=old[name], after=new[name]) for name in old if old[name] != new[name]]
        return cls(code=one.code, fields=found)


class ComparisonBody(Body):
    """What differs: counts, and the first 1,000 of each."""

    added: int
    removed: int
    changed: int
    unchanged: int
    added_items: list[ItemBody]
    removed_items: list[ItemBody]
    changed_items: list[ChangedBody]

    @classmethod
    def of(cls, found: Comparison, areas: Mapping[int, str]) -> Self:
        return cls(
            added=len(found.added),
            removed=len(found.removed),
            changed=len(found.changed),
            unchanged=found.unchanged,
            added_items=[ItemBody.of(one, areas) for one in found.added[:MOST]],
            removed_items=[ItemBody.of(one, areas) for one in found.removed[:MOST]],
            changed_items=[ChangedBody.of(one, areas) for one in found.changed[:MOST]],
        )


class RowFaultBody(Body):
    """Why a row cannot be an item."""

    row: int = Field(description="As a person counts the rows of the file.", examples=[17])
    column: str = Field(examples=["处置时限"])
    value: str = Field(examples=["soon"])
    code: str = Field(examples=["limit-malformed"])
    reason: dict[str, str] = Field(examples=[{"zh": "时限写法应如“2 work_day”", "en": "is no limit"}])

    @classmethod
    def of(cls, one: SheetFault) -> Self:
        reason = {"zh": one.zh, "en": one.en}
        return cls(row=one.row, column=one.column, value=one.value, code=one.code, reason=reason)


class PreviewBody(Body):
    """What a sheet would change, its rows that cannot be items, and its columns that are none of a duty list."""

    rows: int = Field(description="Rows that can be items.")
    faults: int
    fault_rows: list[RowFaultBody] = Field(description="The first 1,000.")
    columns_left_out: list[str]
    comparison: ComparisonBody

    @classmethod
    def of(cls, found: Parsed, change: Comparison, areas: Mapping[int, str]) -> Self:
        return cls(
            rows=len(found.items),
            faults=len(found.faults),
            fault_rows=[RowFaultBody.of(one) for one in found.faults[:MOST]],
            columns_left_out=list(found.left_out),
            comparison=ComparisonBody.of(change, areas),
        )


class DraftBody(Body):
    """The draft that was made, and the rows that were left out of it because it was asked for."""

    list: ListBody
    left: Sequence[RowFaultBody]


class FindingBody(Body):
    """What is wrong with an item, or with a matter, and what to do."""

    code: str = Field(examples=["payer-missing"])
    severity: Severity
    item: str | None = Field(examples=[ITEM])
    category: str | None = Field(examples=["06010"])
    text: dict[str, str] = Field(examples=[{"zh": "没有牵头单位", "en": "nobody leads it"}])
    remedy: dict[str, str] = Field(examples=[{"zh": "填写牵头单位", "en": "name who leads"}])

    @classmethod
    def of(cls, one: Finding) -> Self:
        return cls(
            code=one.code,
            severity=one.severity,
            item=one.item,
            category=one.category,
            text={"zh": one.zh, "en": one.en},
            remedy={"zh": one.remedy_zh, "en": one.remedy_en},
        )


class FindingsBody(Body):
    """Counts of all, and the first 1,000, errors first."""

    errors: int
    warnings: int
    items: list[FindingBody]

    @classmethod
    def of(cls, found: Sequence[Finding]) -> Self:
        wrong = [one for one in found if one.severity is Severity.ERROR]
        rest = [one for one in found if one.severity is not Severity.ERROR]
        shown = [FindingBody.of(one) for one in [*wrong, *rest][:MOST]]
        return cls(errors=len(wrong), warnings=len(rest), items=shown)


class LossBody(Body):
    """A matter that has a responsible body now, and would have none in some of the deepest areas."""

    category: str = Field(examples=["06010"])
    areas_lost: int = Field(description="Of the deepest areas (grids).")
    areas_total: int
    areas: list[AreaBody] = Field(description="The largest areas that lose it altogether.")

    @classmethod
    def of(cls, one: Loss) -> Self:
        areas = [AreaBody.of(area) for area in one.areas]
        return cls(category=one.category, areas_lost=one.leaves, areas_total=one.of, areas=areas)


class LossesBody(Body):
    """By matter."""

    items: list[LossBody]


class ExampleBody(Body):
    """Incidents of a move in one area, and the number of one of them."""

    area: AreaBody
    count: int
    number: int


class MoveBody(Body):
    """Incidents of a matter that would go to another body; null: nobody is responsible."""

    category: CategoryRef
    before: BodyRef | None
    after: BodyRef | None
    count: int
    examples: list[ExampleBody]

    @classmethod
    def of(cls, one: Move) -> Self:
        return cls(
            category=CategoryRef(code=one.category.code, names=dict(one.category.names)),
            before=None if one.before is None else BodyRef.of(one.before),
            after=None if one.after is None else BodyRef.of(one.after),
            count=one.count,
            examples=[
                ExampleBody(area=AreaBody.of(seen.area), count=seen.count, number=seen.number) for seen in one.examples
            ],
        )


class DryRunBody(Body):
    """Counts of past incidents by what would change. `incidents` = `same` + those that move + `unplaced`."""

    since: datetime
    until: datetime
    incidents: int
    same: int
    unplaced: int = Field(description="Their area or matter is not there any more.")
    orphaned: int = Field(description="They would have had nobody, and had somebody.")
    adopted: int = Field(description="They would have had somebody, and had nobody.")
    moves: int
    most: list[MoveBody] = Field(description="The first 1,000, the most incidents first.")

    @classmethod
    def of(cls, found: DryRun, since: datetime, until: datetime) -> Self:
        return cls(
            since=since,
            until=until,
            incidents=found.incidents,
            same=found.same,
            unplaced=found.unplaced,
            orphaned=found.orphaned,
            adopted=found.adopted,
            moves=len(found.moves),
            most=[MoveBody.of(one) for one in found.moves[:MOST]],
        )


class RequestBody(Body):
    """From when the draft is to hold (null: from its publication on), and the matters that lose their responsible."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"valid_from": "2199-01-01T00:00:00+08:00", "acknowledged": ["06010"]}]}
    )

    valid_from: AwareDatetime | None = None
    acknowledged: list[str] = Field(default_factory=list, max_length=5_000)


class PublishedBody(Body):
    """What is in force, or will be."""

    id: int
    version: int = Field(examples=[2])
    items: int
