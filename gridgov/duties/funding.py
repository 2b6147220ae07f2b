"""Verbs of the ledger (费随事转、人随事转): write down what came, confirm it, see what is missing.

Owns transfers and what the receiving unit says of them; both only grow, a correction is a row of its own. Does not own
what was promised: that is fixed when a request is submitted (`admission`). The arithmetic is in `ledger`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.audit import service as audit
from gridgov.auth.rules import Actor
from gridgov.duties import admitting, ledger
from gridgov.duties.admitting import KeyUsed, NotYourStep, State
from gridgov.duties.asking import (
    ANSWER,
    LEAST_REASON,
    MOST_DOCUMENT,
    MOST_REASON,
    NOUN,
    READ,
    REQUEST,
    announce,
    locked,
    permitted,
    text,
)
from gridgov.duties.ledger import FEN, MOST_YUAN, Alert, Balance, Promise, Receipt, Transfer, Yuan
from gridgov.duties.queries import admission as requests
from gridgov.duties.queries import funding as queries
from gridgov.platform.errors import BadInput, Conflict, NotFound

GROUPS = tuple(queries.GROUPS)


class TransferUnknown(NotFound):
    code = "transfer-unknown"


class TooMuchTakenBack(Conflict):
    """A row and its corrections would come to less than nothing."""

    code = "transfer-below-nothing"


class NotAdmittedYet(Conflict):
    """Nothing was promised by what was never admitted."""

    code = "admission-not-admitted"


@dataclass(frozen=True, slots=True)
class NewTransfer:
    """What came to a target on a day. With `corrects`, what is added to or taken from an earlier row."""

    area_id: int
    arrived_on: date
    document: str
    amount: Yuan = ledger.NOTHING
    posts: int = 0
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row of the ledger. `note`: why the unit disputes it."""

    id: int
    admission_id: int
    transfer: Transfer
    document: str
    corrects: int | None
    recorded_at: datetime
    answered_at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """The ledger of one admission as far as it is shown: its rows, and the balance by area and by year of each."""

    promises: tuple[Promise, ...]
    transfers: tuple[Recorded, ...]
    whole: Balance
    by_area: dict[int, Balance]
    by_year: dict[int, dict[int, Balance]]


@dataclass(frozen=True, slots=True)
class Sum:
    """The balance of one admission, agency or area."""

    id: int
    admissions: int
    balance: Balance


def transfer(
    session: Session, actor: Actor, key: UUID, admission_id: int, new: NewTransfer, *, now: datetime
) -> Recorded:
    """Writes down, for the agency, what came. The same key again gives the first row.

    Raises `AdmissionUnknown`, `NotAdmittedYet`, `BadInput`, `TransferUnknown` (corrects), `TooMuchTakenBack`,
    `KeyUsed`.
    """
    account_id = permitted(actor, REQUEST)
    held = locked(session, actor, REQUEST, admission_id)
    if held.decided_at is None or held.verdict == admitting.Verdict.REFUSE:
        raise NotAdmittedYet(f"The request is {held.state}.", field="state", remedy="Only what was admitted is paid.")
    _check(session, admission_id, new, now)
    values = {
        "key": key, "admission_id": admission_id, "area_id": new.area_id, "arrived_on": new.arrived_on,
        "amount": new.amount, "posts": new.posts, "document": text(new.document, "document", 1, MOST_DOCUMENT),
        "corrects": new.corrects, "account": account_id, "at": now,
    }  # fmt: skip
    made = queries.add_transfer(session, values)
    if not made:
        return _first(session, key, admission_id, new)
    if new.corrects is not None:
        left = queries.corrected(session, new.corrects)
        if left.amount < 0 or left.posts < 0:
            raise TooMuchTakenBack("More would be taken back than came.", field="amount_yuan", remedy="Take back less.")
    facts = {"transfer": made, "area": new.area_id, "amount_yuan": str(new.amount), "posts": new.posts}
    audit.note(session, "transfer", NOUN, str(admission_id), facts=facts)
    announce(session, "transferred", admission_id, now, area_id=new.area_id)
    row = queries.transfer(session, made)
    assert row is not None
    return _recorded(row)


def confirm(
    session: Session, actor: Actor, transfer_id: int, *, received: bool, note: str = "", now: datetime
) -> Recorded:
    """What the receiving unit says: it came, or it did not (with a note). It may say otherwise later; the last counts.

    Raises `TransferUnknown`, `NotYourStep` (another unit's), `BadInput`.
    """
    account_id = permitted(actor, ANSWER)
    row = queries.transfer(session, transfer_id)
    held = None if row is None else requests.one(session, row.admission_id, actor.reach_of(ANSWER))
    if row is None or held is None:
        raise TransferUnknown("There is no such transfer.", field="id")
    if actor.area_id not in (row.area_id, row.unit_id):
        raise NotYourStep("Only the unit that receives it says so.", field="unit")
    said = text(note, "note", 0 if received else LEAST_REASON, MOST_REASON) or None
    if row.receipt != (Receipt.RECEIVED if received else Receipt.DISPUTED):
        queries.confirm(
            session, transfer_id, received=received, note=None if received else said, account_id=account_id,
            post_id=actor.post_id, at=now,
        )  # fmt: skip
        facts = {"transfer": transfer_id, "received": received}
        audit.note(session, "confirm", NOUN, str(row.admission_id), reason=said, facts=facts)
        announce(session, "confirmed", row.admission_id, now, agency_id=held.agency_id)
    after = queries.transfer(session, transfer_id)
    assert after is not None
    return _recorded(after)


def account(session: Session, actor: Actor, admission_id: int) -> Account:
    """The ledger of one admission. Raises `AdmissionUnknown`."""
    reach = actor.reach_of(READ)
    if requests.one(session, admission_id, reach) is None:
        raise admitting.AdmissionUnknown("There is no such request.", field="id")
    pledged, came = queries.lines(session, [admission_id], reach)
    promises = [_promise(row) for row in pledged]
    rows = [_recorded(row) for row in came]
    areas = sorted({one.area_id or 0 for one in promises} | {one.transfer.area_id for one in rows})
    by_area, by_year = {}, {}
    for area in areas:
        mine = [one for one in promises if one.area_id == area]
        theirs = [one.transfer for one in rows if one.transfer.area_id == area]
        by_area[area], by_year[area] = ledger.balance(mine, theirs), ledger.by_year(mine, theirs)
    whole = ledger.balance(promises, [one.transfer for one in rows])
    return Account(tuple(promises), tuple(rows), whole, by_area, by_year)


def balances(session: Session, actor: Actor, by: str, *, after: int = 0, limit: int = 100) -> list[Sum]:
    """Balances by "admission", "agency" or "area", by id above `after`. Raises `BadInput`."""
    if by not in GROUPS:
        raise BadInput(f"“{by}” is no way to sum.", field="by", remedy=f"One of: {', '.join(GROUPS)}.")
    rows = queries.sums(session, by, actor.reach_of(READ), after=after, limit=limit)
    return [Sum(row.group_id, row.admissions, balance_of(row)) for row in rows]


def alerts(
    session: Session, actor: Actor, *, zone: ZoneInfo, now: datetime, after: int = 0, limit: int = 100
) -> tuple[list[Alert], int | None]:
    """What is to be looked at in the next `limit` admissions above the id `after`, and the last of these ids; None when
    there are no more. Days are those of the city's zone."""
    reach = actor.reach_of(READ)
    rows = queries.watched(session, reach, after=after, limit=limit + 1)
    page = rows[:limit]
    pledged, came = queries.lines(session, [row.id for row in page], reach)
    promises = {key: [_promise(row) for row in rows] for key, rows in groupby(pledged, _place)}
    transfers = {key: [_recorded(row).transfer for row in rows] for key, rows in groupby(came, _place)}
    today = now.astimezone(zone).date()
    found: list[Alert] = []
    for row in page:
        state = admitting.state_at(State(row.state), None, row.ends_at, now)
        began = max(row.begins_at, row.decided_at).astimezone(zone).date()
        for key in sorted(key for key in promises if key[0] == row.id):
            found += ledger.alerts_of(*key, promises[key], transfers.get(key, []), today, began=began)
        ends = (row.ended_at or row.ends_at).astimezone(zone)
        found += ledger.ending(row.id, ends, row.orders_after, running=state is State.ADMITTED, now=now)
    return found, page[-1].id if len(rows) > limit else None


def balance_of(row: Row[Any]) -> Balance:
    """A balance from a row of `queries.funding.sums`."""
    return Balance(
        promised=row.promised,
        received=row.received,
        unconfirmed=row.unconfirmed,
        disputed=row.disputed,
        posts_promised=int(row.posts_promised),
        posts_received=int(row.posts_received),
        posts_unconfirmed=int(row.posts_unconfirmed),
        posts_disputed=int(row.posts_disputed),
    )


def _check(session: Session, admission_id: int, new: NewTransfer, now: datetime) -> None:
    if new.amount != new.amount.quantize(FEN) or abs(new.amount) > MOST_YUAN:
        raise BadInput("Money is in yuan with two decimals.", field="amount_yuan", remedy="Write 120000.00.")
    if not new.amount and not new.posts:
        raise BadInput("Nothing came.", field="amount_yuan", remedy="Give money, posts, or both.")
    if new.corrects is None and (new.amount < 0 or new.posts < 0):
        raise BadInput("Only a correction is below zero.", field="amount_yuan", remedy="Name the row it corrects.")
    if new.arrived_on > (now + timedelta(days=1)).date():  # it may be tomorrow already where the city lies
        raise BadInput("This day is still to come.", field="arrived_on", remedy="Write down what came.")
    if new.area_id not in {row.area_id for row in requests.targets(session, admission_id)}:
        raise BadInput("This area is no target of the admission.", field="area", remedy="Name one of its targets.")
    if new.corrects is not None:
        before = queries.transfer(session, new.corrects)
        if before is None or before.admission_id != admission_id or before.area_id != new.area_id:
            raise TransferUnknown("There is no such row to correct.", field="corrects")
        if before.corrects_id is not None:
            raise BadInput("A correction is not corrected.", field="corrects", remedy="Name the first row.")


def _first(session: Session, key: UUID, admission_id: int, new: NewTransfer) -> Recorded:
    """The row that came with the key before, if it says the same."""
    row = queries.by_key(session, key)
    if row is not None and row.admission_id == admission_id:
        first = _recorded(row)
        came = replace(first.transfer, receipt=Receipt.UNCONFIRMED)
        if (came, first.document, first.corrects) == (
            Transfer(new.arrived_on, new.amount, new.posts, new.area_id), new.document.strip(), new.corrects,
        ):  # fmt: skip
            return first
    raise KeyUsed("This key came with another row before.", field="key", remedy="Make a new key.")


def _place(row: Row[Any]) -> tuple[int, int]:
    return row.admission_id, row.area_id


def _promise(row: Row[Any]) -> Promise:
    return Promise(row.due_on, row.amount_yuan, row.posts, row.area_id)


def _recorded(row: Row[Any]) -> Recorded:
    came = Transfer(row.arrived_on, row.amount_yuan, row.posts, row.area_id, Receipt(row.receipt))
    return Recorded(
        row.id, row.admission_id, came, row.document, row.corrects_id, row.recorded_at, row.answered_at, row.note
    )
