"""`/receipts`: how the matter stands that somebody reported."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from gridgov.api import door
from gridgov.api.deps import CallerDep, HouseDep
from gridgov.api.shapes import Body, CategoryRef, Names
from gridgov.bootstrap import Caller, House
from gridgov.cases import exchange
from gridgov.cases.describing import STATES
from gridgov.cases.rules import STAGE_OF, Stage, State
from gridgov.incidents import receipts as verbs
from gridgov.incidents.rules import Status
from gridgov.platform import clock
from gridgov.platform.calendars import Calendar
from gridgov.platform.limits import Lock, Rate, forgive, key_of, network_of, take_all

router = APIRouter(tags=["receipts"])

# A secret has 50 bits: what matters is that nobody tries for long, and that nobody's number can be shut for long.
NUMBER = Lock("receipt-number", 10, timedelta(minutes=1), longest=timedelta(minutes=15), memory=timedelta(hours=2))
CASEWORK = "casework"
NETWORK = Rate("receipt-network", 60, timedelta(minutes=10))


class ReceiptQueryBody(Body):
    """What the receipt of a report says."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"number": "20251120-000123", "secret": "7K3WQ9ZB4D"}]})

    number: str = Field(max_length=40, examples=["20251120-000123"])
    secret: str = Field(max_length=40, examples=["7K3WQ9ZB4D"])


class OfficeBody(Body):
    """The agency that the matter went to."""

    code: str
    names: Names


class AnswerBody(Body):
    """What somebody who acted tells the reporter; `paper`: the number of a written reply."""

    at: datetime
    text: str
    paper: str | None


class ResultBody(Body):
    """What came of it: feedback in order, the newest written reply, tasks behind the desk. `due_on`: the day by which
    the next step is due."""

    state: State
    stage: Stage
    names: Names = Field(examples=[{"zh": "处理中", "en": "handling"}])
    due_on: date | None
    feedback: list[AnswerBody]
    reply: AnswerBody | None
    tasks_open: int
    tasks_done: int


class StandingBody(Body):
    """How a matter stands, without anything about a person or a place but what is told to its reporter."""

    number: str = Field(examples=["20251120-000123"])
    status: Status
    category: CategoryRef
    happened_at: datetime
    received_at: datetime
    agency: OfficeBody | None
    result: ResultBody | None = Field(description="Null where no case was begun.")


def shown_receipt(house: House, caller: Caller, number: str, secret: str) -> tuple[UUID, ZoneInfo]:
    """The incident that a receipt belongs to, and the city's zone. A try counts before anything is looked at.

    Raises `ReceiptUnknown`, `RateLimited`.
    """
    now = clock.utcnow()
    key = key_of(house.sealer, NUMBER, number.strip())
    network = key_of(house.sealer, NETWORK, network_of(caller.address))
    with house.internally(door.DOOR) as session:
        take_all(session, [(key, NUMBER), (network, NETWORK)], now)
    with house.internally(door.DOOR) as session:
        zone = house.locator.city(session).zone
        found = verbs.proved(session, house.sealer, number, secret, zone=zone)
    if found is None:
        raise verbs.unknown()
    with house.internally(door.DOOR) as session:
        forgive(session, key, now)
    return found, zone


@router.post("/receipts", summary="How does my matter stand")
def receipt(house: HouseDep, caller: CallerDep, body: ReceiptQueryBody) -> StandingBody:
    """For whoever reported it, without an account. 404 for a wrong number and a wrong secret alike; 429 after several.

    A POST, so that the secret stands in no address and no log.
    """
    found, zone = shown_receipt(house, caller, body.number, body.secret)
    with house.acting(caller, incident=found) as work:
        row = verbs.standing(work.session, found)
        calendar = house.calendar(work)
    result = _result(house, found, calendar)
    return StandingBody(
        number=verbs.number_of(row.number, row.happened_at, zone),
        status=row.status,
        category=CategoryRef(code=row.category_code, names=row.category_names),
        happened_at=row.happened_at,
        received_at=row.received_at,
        agency=OfficeBody(code=row.agency_code, names=row.agency_names) if row.agency_code else None,
        result=result,
    )


MOST_MERGED = 5  # a chain of merged files is followed so far


def _result(house: House, case_id: UUID, calendar: Calendar) -> ResultBody | None:
    """What the reporter is told, of the file that goes on where theirs was merged."""
    told = None
    for _ in range(MOST_MERGED):
        with house.internally(CASEWORK, incident=case_id) as session:
            told = exchange.told_of(session, case_id, calendar)
        if told is None or told.merged_into is None:
            break
        case_id = told.merged_into
    if told is None:
        return None
    return ResultBody(
        state=told.state,
        stage=STAGE_OF[told.state],
        names={"zh": STATES[told.state], "en": told.state.value},
        due_on=told.due_at.astimezone(calendar.zone).date() if told.due_at else None,
        feedback=[AnswerBody(at=one.at, text=one.text, paper=None) for one in told.feedback],
        reply=AnswerBody(at=told.reply.at, text=told.reply.text, paper=told.paper) if told.reply else None,
        tasks_open=told.tasks_open,
        tasks_done=told.tasks_done,
    )
