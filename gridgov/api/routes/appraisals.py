"""`/admissions/appraisals`: the register of what sub-districts and communities may be appraised by."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Path
from pydantic import ConfigDict, Field
from sqlalchemy import Row

from gridgov.api.deps import MAX_ID, AtQuery, CallerDep, HouseDep, instant
from gridgov.api.requested import AgencyRefBody, AreaId, agency_of
from gridgov.api.routes.admissions import boundaries
from gridgov.api.shapes import Body, Incoming, Names
from gridgov.duties import appraisals
from gridgov.duties.admitting import MOST_TITLE
from gridgov.duties.appraisals import KIND_WORDS, Kind, NewAppraisal
from gridgov.platform.errors import BadInput

router = APIRouter(prefix="/admissions/appraisals", tags=["admissions"])
AppraisalPath = Annotated[int, Path(ge=1, le=MAX_ID, description="Id of an appraisal item.", examples=[1])]


class AppraisalBody(Body):
    """An item of the register of appraisals."""

    id: int
    code: str
    title: str
    kind: Kind
    kind_names: Names
    agency: AgencyRefBody
    level: str
    area: int | None
    document: str
    since: datetime
    until: datetime | None

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        return cls(
            id=row.id,
            code=row.code,
            title=row.title,
            kind=row.kind,
            kind_names=dict(KIND_WORDS[Kind(row.kind)]),
            agency=AgencyRefBody(id=row.agency_id, code=row.agency_code, names=dict(row.agency_names)),
            level=row.level,
            area=row.area_id,
            document=row.document,
            since=row.since,
            until=row.until,
        )


class AppraisalList(Body):
    """The register at an instant."""

    items: list[AppraisalBody]


class NewAppraisalBody(Incoming):
    """An item to be registered: who appraises whom, by which document, and from when until when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "2027-01",
                    "title": "环境卫生考核",
                    "kind": "assessment",
                    "agency": "HW",
                    "level": "unit",
                    "document": "区考办〔2026〕3号",
                    "since": "2027-01-01",
                    "until": "2028-01-01",
                }
            ]
        }
    )

    code: str = Field(min_length=1, max_length=40)
    title: str = Field(min_length=1, max_length=MOST_TITLE)
    kind: Kind
    agency: str = Field(max_length=100, description="Code of the agency that appraises.")
    level: str = Field(max_length=20, description="unit, subdistrict or community.")
    area: AreaId | None = Field(default=None, description="Everything of the level below it; default: the city.")
    document: str = Field(min_length=1, max_length=200)
    since: str = Field(max_length=40)
    until: str | None = Field(default=None, max_length=40)


@router.get("", summary="The register of appraisal items")
def register_of(house: HouseDep, caller: CallerDep, at: AtQuery = None) -> AppraisalList:
    """What agencies may appraise sub-districts and communities by; what is not in it is not appraised."""
    with house.acting(caller) as work:
        rows = appraisals.in_force(work.session, instant(at, house.zone(work), "at") or work.now)
    return AppraisalList(items=[AppraisalBody.of(row) for row in rows])


@router.post("", summary="Register an appraisal item", status_code=201)
def register(house: HouseDep, caller: CallerDep, body: NewAppraisalBody) -> AppraisalBody:
    """By the district that holds the area, or the city; never by somebody of the agency that appraises."""
    with house.acting(caller) as work:
        zone = house.zone(work)
        since = instant(body.since, zone, "since")
        if since is None:
            raise BadInput("An item is in force from an instant on.", field="since", remedy="Give a date.")
        new = NewAppraisal(
            body.code, body.title, body.kind, agency_of(work, body.agency), body.level, body.document, since,
            instant(body.until, zone, "until"), body.area,
        )  # fmt: skip
        row = appraisals.register(work.session, work.actor, new, index=boundaries(house, work), now=work.now)
    return AppraisalBody.of(row)


@router.post("/{appraisal_id}/end", summary="Take an appraisal item out of the register")
def end(house: HouseDep, caller: CallerDep, appraisal_id: AppraisalPath) -> AppraisalBody:
    """From now on. What has ended stays as it ended."""
    with house.acting(caller) as work:
        index = boundaries(house, work)
        row = appraisals.end(work.session, work.actor, appraisal_id, index=index, now=work.now)
    return AppraisalBody.of(row)
