"""Ratings of answers (一事一评) once they are given: corrected by two persons, proved by a receipt.

Owns what a second person approves, and how that is used. Does not own giving a rating (`deciding`), its row
(`records`), nor approvals (`audit.approval`). The first rating stays where it is: a correction is a rating of its own,
which says for which one it stands. Speed follows from the clocks and is never corrected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gridgov.areas.rules import AreaFacts, Level
from gridgov.audit import approval, receipts
from gridgov.audit.approving import Approval
from gridgov.audit.receipts import Receipt
from gridgov.auth.rules import Actor, Role
from gridgov.cases.asking import missing
from gridgov.cases.deciding import relations
from gridgov.cases.file import CaseFile, Summons
from gridgov.cases.queries import whistles as queries
from gridgov.cases.rules import Action, By, Command, NotYet, NotYourStep, Place, SecondPersonMissing, Standing
from gridgov.cases.transitions import EDGE_OF
from gridgov.platform.signing import Signer

NOUN = "cases_rating"
PERMISSION = "cases.act"  # of who decides: with `approvals.decide`, the supervisors of districts
WAITS = timedelta(days=14)
RATINGS = frozenset({Action.RATE, Action.RATE_INTERIM, Action.CORRECT_RATING})


def ask(
    session: Session,
    actor: Actor,
    file: CaseFile,
    number: int,
    *,
    quality: int,
    reason: str,
    standing: Standing,
    ground: Place,
    now: datetime,
) -> Approval:
    """Asks for a second person's yes to another quality for the rating that counts now.

    Raises `NotYourStep` for all but the unit, `NeedMissing`, `NotYet` where there is no rating to correct.
    """
    edge = EDGE_OF[Action.CORRECT_RATING]
    if not relations(file, standing, ground, number) & edge.who:
        raise NotYourStep("A rating is corrected by the unit that gave it.", field="number", remedy="See `allowed`.")
    call = file.call(number)
    if call is None or call.rating is None:
        raise NotYet("This summons has no final rating.", field="number", remedy="Rate it first (`summons-rate`).")
    reason = reason.strip()
    if not reason:
        raise missing("reason", "The reason is missing.")
    if quality == call.rating.quality:
        raise missing("quality", "This is the quality that was given.", "Give another one.")
    summary = f"{file.id} · {number}: {call.rating.quality} → {quality} · {reason}"
    return approval.request(
        session, actor, noun=NOUN, ref=f"{file.id}:{number}", payload=_payload(file.id, call, quality, reason),
        summary=summary[: approval.MOST_TEXT], permission=PERMISSION, expires_at=now + WAITS, now=now,
    )  # fmt: skip


def second_of(
    session: Session, file: CaseFile, command: Command, by: By, path: Sequence[AreaFacts], now: datetime
) -> int | None:
    """The account that approved the correction, whose approval is used up by this; None for any other step.

    Raises what using an approval raises, and `SecondPersonMissing` where somebody of another district said yes.
    """
    call = file.call(command.summons)
    wanted = command.facts.get("approval")
    if command.action is not Action.CORRECT_RATING or call is None or call.rating is None or type(wanted) is not int:
        return None
    role = by.role or Role.RESIDENT
    actor = Actor(role, account_id=by.account_id, post_id=by.post_id)
    payload = _payload(file.id, call, command.facts.get("quality"), command.reason.strip())
    held = approval.take(session, wanted, payload, actor, now)
    post = None if held.decided_post is None else queries.area_of_post(session, held.decided_post)
    above = {area.id for area in path if area.level in (Level.CITY, Level.DISTRICT)}
    if post is None or (post.area_id is not None and post.area_id not in above):
        raise SecondPersonMissing(
            "It was approved by somebody of another district.",
            field="facts.approval",
            remedy="Ask anew; a supervisor of this district decides.",
        )
    return held.decided_by


def receipt_of(session: Session, number: int, seq: int, signer: Signer) -> Receipt:
    """What the rater keeps: the entry of the trail about a rating that this transaction wrote, signed."""
    return receipts.receipt(session, NOUN, f"{number}|{seq}", signer)


def _payload(case_id: UUID, call: Summons, quality: Any, reason: str) -> Mapping[str, object]:
    assert call.rating is not None
    return {
        "case": str(case_id), "summons": call.number, "corrects": call.rating.seq, "quality": quality, "reason": reason,
    }  # fmt: skip
