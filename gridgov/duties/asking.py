"""A request in the store, and who may do something with it: what all verbs of admission begin and end with.

Owns how a request becomes a row and comes back, its steps with their entries in the trail, and the checks of posts.
Does not own any verb (`admission`, `funding`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import Level
from gridgov.audit import service as audit
from gridgov.auth.rules import Actor, NotSignedIn
from gridgov.duties import admitting
from gridgov.duties.admitting import (
    AdmissionUnknown,
    Burden,
    NewAdmission,
    NotTheDistrict,
    OwnAgency,
    Part,
    State,
    Verdict,
)
from gridgov.duties.ledger import Promise
from gridgov.duties.queries import admission as queries
from gridgov.platform import outbox
from gridgov.platform.errors import BadInput

READ, REQUEST, ANSWER, DECIDE = "admissions.read", "admissions.request", "admissions.answer", "admissions.decide"
NOUN = "duties_admission"
LEAST_REASON, MOST_REASON, MOST_DOCUMENT = 4, 500, 200


@dataclass(frozen=True, slots=True)
class Admission:
    """A request as it stands at an instant. `asked.promises` is left empty here: they stand in the ledger."""

    id: int
    state: State
    asked: NewAdmission
    agency_code: str
    agency_names: Mapping[str, str]
    created_at: datetime
    submitted_at: datetime | None
    opinions_due_at: datetime | None
    decided_at: datetime | None
    verdict: Verdict | None
    reason: str | None
    document: str | None
    conditions: str | None
    matter: str | None
    ended_at: datetime | None


def permitted(actor: Actor, permission: str) -> int:
    """The account that acts. Raises `NotSignedIn`, `NotYours`."""
    actor.require(permission)
    if actor.account_id is None:
        raise NotSignedIn("This needs an account.", remedy="Sign in, then try again.")
    return actor.account_id


def locked(session: Session, actor: Actor, permission: str, admission_id: int) -> Row[Any]:
    """One request within reach that nobody else moves meanwhile. Raises `AdmissionUnknown`."""
    row = queries.one(session, admission_id, actor.reach_of(permission), lock=True)
    if row is None:
        raise unknown()
    return row


def require_district(actor: Actor, targets: Sequence[int], index: AreaIndex) -> None:
    """The post is one of the city, or of a district in which every target (an area's id) lies.

    Raises `NotTheDistrict`.
    """
    if actor.area_id is None and actor.reach.city:
        return
    area = index.get(actor.area_id) if actor.area_id is not None else None
    if area is None or area.level not in (Level.CITY, Level.DISTRICT):
        raise NotTheDistrict(
            "A district or the city decides on this.", field="post", remedy="Let its supervisor do so."
        )
    inside = {one.id for one in index.descendants(area.id)}
    outside = sum(one not in inside for one in targets)
    if outside:
        raise NotTheDistrict(
            f"{outside} of {len(targets)} targets lie outside your district.",
            field="post",
            remedy="Let somebody decide who has the whole city.",
        )


def refuse_own_agency(session: Session, account_id: int, agency_id: int, now: datetime) -> None:
    """Raises `OwnAgency` for who holds a post in the agency, or in one above or below it."""
    if queries.of_own_line(session, account_id, agency_id, now):
        raise OwnAgency("You hold a post in the body that asks.", remedy="Let somebody of another body decide.")


def text(given: str, field: str, least: int, most: int) -> str:
    """A text without blanks at its ends. Raises `BadInput` where it is too short or too long."""
    found = given.strip()
    if not least <= len(found) <= most:
        raise BadInput(f"This has {len(found)} characters.", field=field, remedy=f"Write {least} to {most}.")
    return found


def state_of(row: Row[Any], now: datetime) -> State:
    return admitting.state_at(State(row.state), row.opinions_due_at, row.ends_at, now)


def moved(
    session: Session, admission_id: int, before: State, after: State, actor: Actor | None, now: datetime,
    note: str | None,
) -> None:  # fmt: skip
    queries.move(session, admission_id, after)
    stepped(session, admission_id, before, after, actor, now, note)


def stepped(
    session: Session, admission_id: int, before: State | None, after: State, actor: Actor | None, now: datetime,
    note: str | None, facts: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    account_id, post_id = (actor.account_id, actor.post_id) if actor is not None else (None, None)
    queries.add_step(session, admission_id, before, after, account_id, post_id, now, note)
    audit.note(session, str(after), NOUN, str(admission_id), reason=note, facts=facts)


def announce(session: Session, what: str, admission_id: int, at: datetime, **facts: object) -> None:
    """Tells whom it concerns, by the outbox: topics `admission.…` of `notices.topics`."""
    outbox.put(session, f"admission.{what}", f"admission-{admission_id}", {"number": str(admission_id), **facts}, at=at)


def unknown() -> AdmissionUnknown:
    return AdmissionUnknown("There is no such request.", field="id")


def asked_of(new: NewAdmission) -> dict[str, Any]:
    return {
        "agency_id": new.agency_id,
        "title": new.title.strip(),
        "category": new.category,
        "item": new.item.strip(),
        "part": str(new.part),
        "target_ids": sorted(set(new.targets)),
        "all_of": new.all_of,
        "within_id": new.within,
        "plan": new.plan.strip(),
        "basis": new.basis.strip(),
        "burdens": {str(kind): times for kind, times in new.burdens.items()},
        "total_yuan": new.total,
        "begins_at": new.begins,
        "ends_at": new.ends,
        "renews_id": new.renews,
    }


def digest(new: NewAdmission) -> bytes:
    promises = [[one.due_on, one.amount, one.posts, one.area_id] for one in new.promises]
    written = json.dumps([asked_of(new), promises], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(written.encode()).digest()


def new_of(row: Row[Any], promises: Sequence[Promise]) -> NewAdmission:
    return NewAdmission(
        agency_id=row.agency_id,
        title=row.title,
        category=row.category,
        item=row.item,
        part=Part(row.part),
        targets=tuple(row.target_ids),
        all_of=row.all_of,
        within=row.within_id,
        plan=row.plan,
        basis=row.basis,
        begins=row.begins_at,
        ends=row.ends_at,
        total=None if row.total_yuan is None else Decimal(row.total_yuan),
        promises=tuple(promises),
        burdens={Burden(kind): times for kind, times in row.burdens.items()},
        renews=row.renews_id,
    )


def admission_of(row: Row[Any], now: datetime) -> Admission:
    return Admission(
        id=row.id,
        state=state_of(row, now),
        asked=new_of(row, ()),
        agency_code=row.agency_code,
        agency_names=row.agency_names,
        created_at=row.created_at,
        submitted_at=row.submitted_at,
        opinions_due_at=row.opinions_due_at,
        decided_at=row.decided_at,
        verdict=Verdict(row.verdict) if row.verdict else None,
        reason=row.reason,
        document=row.document,
        conditions=row.conditions,
        matter=row.matter,
        ended_at=row.ended_at,
    )
