"""Verbs of admission: ask, submit, give an opinion, decide, withdraw. Each leaves a step and an entry in the trail.

Owns requests and what becomes of them. Does not own money and posts (`funding`), what an admission lets an agency order
(`ordering`), nor the states (`admitting`). An admitted request is a duty list of its own, of the kind “admitted”, whose
items end when it does: so routing and dispatch know it without knowing admissions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import Level
from gridgov.audit import service as audit
from gridgov.auth.rules import Actor
from gridgov.duties import admitted, admitting
from gridgov.duties.admitting import (
    KeyUsed,
    NewAdmission,
    NotAsked,
    OpinionGiven,
    OwnAgency,
    Stance,
    State,
    Verdict,
    Who,
)
from gridgov.duties.asking import (
    ANSWER,
    DECIDE,
    LEAST_REASON,
    MOST_DOCUMENT,
    MOST_REASON,
    NOUN,
    READ,
    REQUEST,
    Admission,
    admission_of,
    announce,
    asked_of,
    digest,
    locked,
    moved,
    new_of,
    permitted,
    refuse_own_agency,
    require_district,
    state_of,
    stepped,
    text,
    unknown,
)
from gridgov.duties.ordering import NotAdmitted, check_order, note_attempt
from gridgov.duties.queries import admission as queries
from gridgov.duties.queries import funding as funds
from gridgov.duties.targets import Target, chosen
from gridgov.platform.calendars import Calendar, due
from gridgov.platform.errors import BadInput, NotFound

__all__ = [
    "Admission", "NotAdmitted", "change", "check_order", "create", "decide", "find", "get", "hearings", "history",
    "note_attempt", "opine", "opinions_of", "submit", "sweep", "targets_of", "withdraw",
]  # fmt: skip

UNIT_LEVELS = {Level.SUBDISTRICT, Level.COMMUNITY}


def create(session: Session, actor: Actor, key: UUID, new: NewAdmission, *, now: datetime) -> Admission:
    """A draft under the client's key; the same again gives the first. Raises `BadInput`, `KeyUsed`, `NotFound`."""
    account_id = permitted(actor, REQUEST)
    _check_agency(actor, new.agency_id)
    admitting.check_draft(new)
    _check_named(session, actor, new)
    made = queries.add(session, key, digest(new), asked_of(new), account_id, now)
    if not made:
        first = queries.by_key(session, key)
        if first is None or bytes(first.digest) != digest(new):
            raise KeyUsed("This key came with another request before.", field="key", remedy="Make a new key.")
        return get(session, actor, first.id, now=now)
    funds.set_promises(session, made, new.promises)
    stepped(session, made, None, State.DRAFT, actor, now, None)
    return get(session, actor, made, now=now)


def change(session: Session, actor: Actor, admission_id: int, new: NewAdmission, *, now: datetime) -> Admission:
    """Writes a draft anew, whole. Raises `AdmissionUnknown`, `NoSuchStep`, `BadInput`."""
    permitted(actor, REQUEST)
    held = locked(session, actor, REQUEST, admission_id)
    _check_agency(actor, held.agency_id)
    admitting.step(state_of(held, now), State.SUBMITTED, {Who.AGENCY})
    admitting.check_draft(new)
    _check_named(session, actor, new)
    if new.agency_id != held.agency_id:
        raise BadInput("A request stays with its agency.", field="agency", remedy="Make a new request.")
    queries.change(session, admission_id, digest(new), asked_of(new))
    funds.set_promises(session, admission_id, new.promises)
    return get(session, actor, admission_id, now=now)


def submit(
    session: Session, actor: Actor, admission_id: int, *, index: AreaIndex, calendar: Calendar, now: datetime
) -> Admission:
    """Asks every unit concerned for its opinion, by the boundaries of `index`. Targets, money and posts are fixed now.

    Raises `AdmissionUnknown`, `NoSuchStep`, `Incomplete`, `BadInput`.
    """
    account_id = permitted(actor, REQUEST)
    held = locked(session, actor, REQUEST, admission_id)
    _check_agency(actor, held.agency_id)
    admitting.step(state_of(held, now), State.SUBMITTED, {Who.AGENCY})
    asked = new_of(held, funds.promises(session, admission_id))
    admitting.check_complete(asked, now=now)
    if held.renews_id is not None:
        _check_renewal(session, actor, asked, now)
    targets = chosen(asked, index)
    queries.add_targets(session, admission_id, [(one.area_id, one.unit_id, one.level) for one in targets])
    funds.fix_promises(session, admission_id, asked.promises, [one.area_id for one in targets])
    until = due(now, admitting.OPINION_LIMIT, calendar)
    values = {"submitted_by": account_id, "submitted_at": now, "opinions_due_at": until}
    queries.move(session, admission_id, State.SUBMITTED, **values)
    stepped(session, admission_id, State.DRAFT, State.SUBMITTED, actor, now, None)
    _tell_units(session, "asked", admission_id, now, due_at=until)
    return get(session, actor, admission_id, now=now)


def opine(
    session: Session, actor: Actor, admission_id: int, *, support: bool, reason: str, index: AreaIndex, now: datetime
) -> Admission:
    """The opinion of the unit in which the actor is posted, once. The last one ends the hearing.

    Raises `AdmissionUnknown`, `NoSuchStep` (their time is over), `NotAsked`, `OpinionGiven`, `BadInput`.
    """
    account_id = permitted(actor, ANSWER)
    held = locked(session, actor, ANSWER, admission_id)
    admitting.step(state_of(held, now), State.HEARD, {Who.NOBODY})
    reason = text(reason, "reason", LEAST_REASON, MOST_REASON)
    unit = index.get(actor.area_id) if actor.area_id is not None else None
    asked = {row.unit_id for row in queries.opinions(session, admission_id)}
    if unit is None or unit.level not in UNIT_LEVELS or unit.id not in asked:
        raise NotAsked("Your post speaks for none of the units that are asked.", field="unit")
    stance = Stance.SUPPORT if support else Stance.OPPOSE
    first = queries.add_opinion(session, admission_id, unit.id, stance, reason, account_id, actor.post_id, now)
    if not first:
        raise OpinionGiven("Your unit has given its opinion.", field="unit", remedy="It stands as it was given.")
    audit.note(session, f"opinion-{stance}", NOUN, str(admission_id), reason=reason, unit_id=unit.id)
    if all(row.stance for row in queries.opinions(session, admission_id)):
        _heard(session, held, now)
    return get(session, actor, admission_id, now=now, permission=ANSWER)


def decide(
    session: Session,
    actor: Actor,
    admission_id: int,
    *,
    verdict: Verdict,
    reason: str,
    document: str,
    conditions: str = "",
    index: AreaIndex,
    now: datetime,
) -> Admission:
    """Admits or refuses, by the district that holds all targets, or the city. Admitted, it is a duty list at once.

    Raises `AdmissionUnknown`, `NoSuchStep` (opinions are still awaited), `NotTheDistrict`, `OwnAgency`, `BadInput`.
    """
    account_id = permitted(actor, DECIDE)
    held = locked(session, actor, DECIDE, admission_id)
    held = _close(session, held, now)
    after = State.REFUSED if verdict is Verdict.REFUSE else State.ADMITTED
    admitting.step(state_of(held, now), after, {Who.DISTRICT})
    targets = _targets(session, admission_id)
    require_district(actor, [one.area_id for one in targets], index)
    refuse_own_agency(session, account_id, held.agency_id, now)
    if account_id in (held.created_by, held.submitted_by):
        raise OwnAgency("You asked for this yourself.", remedy="Let somebody of another body decide.")
    values: dict[str, Any] = {
        "decided_by": account_id,
        "decided_post": actor.post_id,
        "decided_at": now,
        "verdict": verdict,
        "reason": text(reason, "reason", LEAST_REASON, MOST_REASON),
        "document": text(document, "document", 1, MOST_DOCUMENT),
        "conditions": _conditions(verdict, conditions),
    }
    if after is State.ADMITTED:
        values["matter"] = _admit(session, actor, held, targets, index, values["document"], now)
    queries.move(session, admission_id, after, **values)
    facts = {"verdict": str(verdict), "document": values["document"], "targets": len(targets)}
    stepped(session, admission_id, State.HEARD, after, actor, now, values["reason"], facts)
    announce(session, str(after), admission_id, now, agency_id=held.agency_id)
    if after is State.ADMITTED:
        _tell_units(session, "placed", admission_id, now)
    return get(session, actor, admission_id, now=now, permission=DECIDE)


def withdraw(
    session: Session, actor: Actor, admission_id: int, *, reason: str, index: AreaIndex, now: datetime
) -> Admission:
    """Takes a request back (its agency), or an admission (its agency, or the district that may decide on it); what was
    in force ends now. Raises `AdmissionUnknown`, `NoSuchStep`, `NotYourStep`, `NotTheDistrict`, `BadInput`."""
    permission = REQUEST if actor.may(REQUEST) else DECIDE
    permitted(actor, permission)
    held = _close(session, locked(session, actor, permission, admission_id), now)
    whose = {Who.AGENCY} if permission == REQUEST else {Who.DISTRICT}
    before = state_of(held, now)
    admitting.step(before, State.WITHDRAWN, whose)
    if permission == DECIDE:
        require_district(actor, [one.area_id for one in _targets(session, admission_id)], index)
    said = text(reason, "reason", 0 if before is State.DRAFT else LEAST_REASON, MOST_REASON)
    if before in (State.ADMITTED, State.RENEWED):
        if held.ends_at <= now:
            raise admitting.NoSuchStep("Its period is over already.", field="state", remedy="There is nothing to end.")
        admitted.end(session, admission_id, now)
        _tell_units(session, "ended", admission_id, now, agency_id=held.agency_id)
    queries.move(session, admission_id, State.WITHDRAWN, ended_at=now)
    stepped(session, admission_id, before, State.WITHDRAWN, actor, now, said or None)
    return get(session, actor, admission_id, now=now, permission=permission)


def sweep(session: Session, *, now: datetime) -> int:
    """Writes down what time has done: silence where no opinion came, and the end of what was admitted. Returns how many
    requests moved; a second run finds nothing. What depends on it does not wait for it."""
    done = 0
    for row in queries.past(session, now):
        if row.state == State.SUBMITTED:
            queries.silence(session, row.id, now)
            _heard(session, row, now)
        else:
            _expired(session, row, now)
        done += 1
    return done


def get(session: Session, actor: Actor, admission_id: int, *, now: datetime, permission: str = REQUEST) -> Admission:
    """One request within the reach that the permission gives. Raises `AdmissionUnknown`, also for what is not shown."""
    row = queries.one(session, admission_id, actor.reach_of(permission))
    if row is None:
        raise unknown()
    return admission_of(row, now)


def find(
    session: Session,
    actor: Actor,
    *,
    now: datetime,
    state: State | None = None,
    agency_id: int | None = None,
    area_id: int | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Admission]:
    """Newest first, below the id `before`; by the state that each has now."""
    filters = {"state": state and str(state), "agency": agency_id, "area": area_id, "before": before}
    rows = queries.find(session, actor.reach_of(READ), filters, now=now, limit=limit)
    return [admission_of(row, now) for row in rows]


def targets_of(session: Session, admission_id: int) -> list[Target]:
    """On whom the work is placed; nobody before it is submitted. Asked after `get`, which says whether it is shown."""
    return _targets(session, admission_id)


def opinions_of(session: Session, admission_id: int) -> list[Row[Any]]:
    """(unit_id, stance, reason, at) of every unit that is asked; stance null: none yet. Asked after `get`."""
    return queries.opinions(session, admission_id)


def hearings(session: Session, admission_ids: Sequence[int]) -> list[Row[Any]]:
    """(admission_id, targets, units, supporting, opposing, silent) of requests that were submitted."""
    return queries.units_with_targets(session, admission_ids)


def history(session: Session, admission_id: int) -> list[Row[Any]]:
    """(from_state, to_state, post_id, at, note), first one first. Asked after `get`."""
    return queries.steps(session, admission_id)


# --- inside ------------------------------------------------------------------------------------------------------


def _admit(
    session: Session,
    actor: Actor,
    held: Row[Any],
    targets: Sequence[Target],
    index: AreaIndex,
    document: str,
    now: datetime,
) -> str:
    """Puts the request in force; returns the code of its matter."""
    if held.ends_at <= now:
        raise admitting.NoSuchStep("The period that was asked for is over.", field="ends", remedy="Refuse it.")
    before = None
    if held.renews_id is not None:
        before = queries.one(session, held.renews_id, actor.reach_of(DECIDE), lock=True)
        if before is None:
            raise unknown()
        if state_of(before, now) is State.ADMITTED:
            admitting.step(State.ADMITTED, State.RENEWED, {Who.DISTRICT})
            queries.move(session, before.id, State.RENEWED)
            stepped(session, before.id, State.ADMITTED, State.RENEWED, actor, now, f"by request {held.id}")
    asked = new_of(held, ())
    wanted = admitted.Wanted(
        held.id, held.agency_id, held.agency_code, asked, document, None if before is None else before.matter
    )
    top = asked.within or index.path_of(index.areas[0].id)[0].id
    return admitted.put_in_force(session, wanted, targets, top, now)


def _check_renewal(session: Session, actor: Actor, asked: NewAdmission, now: datetime) -> None:
    before = queries.one(session, asked.renews or 0, actor.reach_of(REQUEST))
    if before is None or before.agency_id != asked.agency_id:
        raise BadInput("Your agency has no such admission to renew.", field="renews", remedy="Name one of your own.")
    if state_of(before, now) not in (State.ADMITTED, State.EXPIRED):
        raise BadInput(f"The request {before.id} is {state_of(before, now)}.", field="renews", remedy="Ask anew.")
    if asked.category != before.category:
        raise BadInput("A renewal is about the same matter.", field="category", remedy=f"Say {before.category}.")
    if asked.begins is not None and asked.begins < before.ends_at:
        raise BadInput(
            "A renewal begins when the one before ends.", field="begins", remedy=f"Say {before.ends_at.isoformat()}."
        )


def _close(session: Session, held: Row[Any], now: datetime) -> Row[Any]:
    """Writes silence down where the time for opinions is over, so that the decision follows what is written."""
    if held.state == State.SUBMITTED and state_of(held, now) is State.HEARD:
        queries.silence(session, held.id, now)
        _heard(session, held, now)
    elif held.state == State.ADMITTED and state_of(held, now) is State.EXPIRED:
        _expired(session, held, now)
    return held


def _heard(session: Session, row: Row[Any], now: datetime) -> None:
    """Opinions are in, or their time is over; the supervisor above the first unit stands for all who may decide."""
    moved(session, row.id, State.SUBMITTED, State.HEARD, None, now, None)
    units = queries.opinions(session, row.id)
    announce(session, "heard", row.id, now, agency_id=row.agency_id, unit_id=units[0].unit_id)


def _expired(session: Session, row: Row[Any], now: datetime) -> None:
    moved(session, row.id, State.ADMITTED, State.EXPIRED, None, now, None)
    _tell_units(session, "ended", row.id, now, agency_id=row.agency_id)


def _tell_units(session: Session, what: str, admission_id: int, now: datetime, **facts: object) -> None:
    for row in queries.opinions(session, admission_id):
        announce(session, what, admission_id, now, unit_id=row.unit_id, **facts)


def _targets(session: Session, admission_id: int) -> list[Target]:
    return [Target(row.area_id, row.unit_id, row.level) for row in queries.targets(session, admission_id)]


def _check_agency(actor: Actor, agency_id: int) -> None:
    if agency_id not in actor.reach_of(REQUEST).agencies:
        raise NotFound("Your post has no such agency.", field="agency", remedy="Name yours, or one under it.")


def _check_named(session: Session, actor: Actor, new: NewAdmission) -> None:
    """What a draft names is there: its matter, its areas, and what it renews. Raises `BadInput`."""
    if new.category is not None and not queries.matters(session, new.category):
        raise BadInput(
            f"The city has no matter “{new.category}”.",
            field="category",
            remedy="List them with /api/v1/categories?kind=matter, or describe a new item instead.",
        )
    named: dict[str, set[int]] = {
        "targets": set(new.targets),
        "within": set() if new.within is None else {new.within},
        "promises": {one.area_id for one in new.promises if one.area_id is not None},
    }
    known = queries.known_areas(session, sorted({one for ids in named.values() for one in ids}))
    for field, ids in named.items():
        if strange := ids - known:
            raise BadInput(f"There is no area {min(strange)}.", field=field, remedy="Name another.")
    if new.renews is not None and queries.one(session, new.renews, actor.reach_of(REQUEST)) is None:
        raise BadInput("Your agency has no such admission to renew.", field="renews", remedy="Name one of your own.")


def _conditions(verdict: Verdict, conditions: str) -> str | None:
    if verdict is not Verdict.ADMIT_WITH_CONDITIONS:
        if conditions.strip():
            raise BadInput("Only who admits with conditions states any.", field="conditions", remedy="Leave them out.")
        return None
    return text(conditions, "conditions", 1, admitting.MOST_TEXT)
