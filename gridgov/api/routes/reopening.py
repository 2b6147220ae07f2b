"""`/receipts/reopening`: whoever reported a matter says that it is not solved."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from gridgov.api.deps import CallerDep, HouseDep
from gridgov.api.routes.receipts import shown_receipt
from gridgov.api.shapes import Body
from gridgov.auth.rules import EVERYWHERE
from gridgov.cases import merging, service
from gridgov.cases.rules import Action, Command, State
from gridgov.incidents.receipts import number_of

router = APIRouter(tags=["receipts"])
CASEWORK = "casework"


class ReopeningBody(Body):
    """What the receipt of a report says, and why the matter is not solved."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"number": "20251120-000123", "secret": "7K3WQ9ZB4D", "reason": "垃圾第二天又出现了"}]
        }
    )

    number: str = Field(max_length=40, examples=["20251120-000123"])
    secret: str = Field(max_length=40, examples=["7K3WQ9ZB4D"])
    reason: str = Field(min_length=1, max_length=500, examples=["垃圾第二天又出现了"])


class ReopenedBody(Body):
    """The matter as it stands now. `number`: that of the case which goes on, where the report was merged into it."""

    number: str = Field(examples=["20251120-000123"])
    state: State
    reopened_at: datetime


@router.post("/receipts/reopening", summary="My matter is not solved")
def reopen(house: HouseDep, caller: CallerDep, body: ReopeningBody) -> ReopenedBody:
    """Re-opens a case that was closed or refused, within the days that the city allows; of a merged report the case
    that goes on. 404 for a wrong number and a wrong secret alike; 409 where nothing is closed, or too long ago; 429
    after several tries."""
    found, zone = shown_receipt(house, caller, body.number, body.secret)
    goes_on = merging.goes_on(lambda one: house.internally(CASEWORK, incident=one), found)
    with house.acting(caller, incident=goes_on) as work:
        who = service.standing(work.actor, reporter=True)
        seen = service.act(
            work.session, goes_on, EVERYWHERE, who, Command(Action.REOPEN, reason=body.reason), version=None,
            setting=house.case_setting(work), become=partial(work.become, CASEWORK),
        )  # fmt: skip
    row = seen.row
    return ReopenedBody(
        number=number_of(row.number, row.happened_at, zone), state=seen.file.state, reopened_at=seen.events[-1].at
    )
