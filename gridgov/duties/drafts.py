"""Drafts of duty lists: draft → checked → published by two persons.

Owns what may follow what: a draft is replaced by the next of its list; who asks for publication is told which matters
lose their responsible and has to name them; another person decides (`audit.approval`); what is published is what was
asked for, to the letter. Does not own reading files, nor the findings (`lint`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from gridgov.areas.locator import Locator
from gridgov.audit import approval
from gridgov.audit.approving import Approval
from gridgov.audit.service import note
from gridgov.auth.rules import Actor
from gridgov.duties import lists, precedents
from gridgov.duties.checking import errors, held
from gridgov.duties.ground import Loss
from gridgov.duties.queries import lists as queries
from gridgov.duties.router import Router
from gridgov.duties.rules import GROWN, ListKind, NewItem
from gridgov.duties.versions import ListFacts, facts, new_items
from gridgov.platform.errors import BadInput, Conflict

NOUN = "duties_list"
PUBLISH = "duties.publish"
OPEN_FOR = timedelta(days=14)  # how long the second person has
SHOWN = 20


class KindFixed(BadInput):
    """A list stays of one kind, and lists of rulings and admissions are not drafted."""

    code = "list-kind"


class NotADraft(Conflict):
    code = "not-a-draft"


class SameAsBefore(Conflict):
    """The draft says what is in force already."""

    code = "list-unchanged"


class ListHasErrors(Conflict):
    """The linter found what keeps a list from being published."""

    code = "list-has-errors"


class LossesNotAcknowledged(Conflict):
    """Matters would lose whoever is responsible for them, and whoever asks has not said that this is meant."""

    code = "losses-not-acknowledged"


class NotAskedFor(Conflict):
    """Nobody has asked for the publication of this draft."""

    code = "publication-not-requested"


class TooLate(Conflict):
    """The instant that was asked for is over; a list is not put in force backwards."""

    code = "instant-over"


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did."""

    list_id: int
    version: int
    items: int


def put_draft(
    session: Session,
    actor: Actor | None,
    items: Sequence[NewItem],
    *,
    name: str,
    kind: ListKind,
    basis: str | None,
    now: datetime,
) -> int:
    """Makes the draft of a list, or makes it anew; returns its id. A list has one draft; the one before is gone, and
    with it what was asked for it. `actor` None: the owner. Raises `KindFixed`, `AgencyUnknown`.
    """
    if actor is not None:
        actor.require("duties.edit")
    queries.hold(session, name)
    newest = queries.newest(session, name)
    check_kind(name, kind, None if newest is None else ListKind(newest.kind))
    before = queries.draft_of(session, name)
    if before is not None:
        queries.drop_draft(session, before)
    draft = {
        "name": name,
        "kind": str(kind),
        "basis": basis,
        "digest": lists.digest(items),
        "base_id": None if newest is None else newest.id,
        "drafted_by": None if actor is None else actor.account_id,
        "drafted_at": now,
    }
    list_id = queries.add_draft(session, draft)
    count = lists.fill(session, list_id, items)
    note(session, "draft", NOUN, str(list_id), facts={"list": name, "items": count, "digest": draft["digest"]})
    return list_id


def check_kind(name: str, kind: ListKind, before: ListKind | None) -> None:
    """Raises `KindFixed`."""
    if kind in GROWN or name == precedents.NAME:
        raise KindFixed(
            f"The list “{name}” of {kind} grows by rulings or admissions.",
            field="kind",
            remedy="Draft another list, of another kind.",
        )
    if before is not None and before is not kind:
        raise KindFixed(f"The list is one of {before}.", field="kind", remedy="Keep its kind, or name another list.")


def drop(session: Session, actor: Actor | None, list_id: int) -> None:
    """Takes a draft away. Raises `ListUnknown`, `NotADraft`."""
    if actor is not None:
        actor.require("duties.edit")
    row = _draft(session, list_id)
    queries.drop_draft(session, list_id)
    note(session, "drop", NOUN, str(list_id), facts={"list": row.name, "items": row.items, "digest": row.digest})


def request(
    session: Session,
    actor: Actor,
    router: Router,
    locator: Locator,
    list_id: int,
    *,
    valid_from: datetime | None,
    acknowledged: Collection[str],
    now: datetime,
) -> Approval:
    """Checks a draft and asks for another person's yes to publish it from an instant on (None: when it is published).

    `acknowledged`: the matters that lose their responsible, every one of them. Raises `ListUnknown`, `NotADraft`,
    `TooLate`, `SameAsBefore`, `ListMovedOn`, `ListHasErrors`, `LossesNotAcknowledged`.
    """
    actor.require(PUBLISH)
    row = _draft(session, list_id)
    lost = _fit(session, router, locator, row, valid_from, now)
    _acknowledged(lost, acknowledged)
    named = sorted(loss.category for loss in lost)
    asked = approval.request(
        session,
        actor,
        noun=NOUN,
        ref=str(list_id),
        payload=_payload(row, valid_from, named),
        summary=_summary(row, valid_from, named),
        permission=PUBLISH,
        expires_at=now + OPEN_FOR,
        now=now,
    )
    queries.ask(session, list_id, wanted_from=valid_from, acknowledged=named, approval_id=asked.id)
    return asked


def publish(
    session: Session, actor: Actor, router: Router, locator: Locator, list_id: int, *, now: datetime
) -> Published:
    """Publishes what was asked for and approved, in this transaction. What has changed meanwhile stops it.

    Raises as `request` does, and `NotAskedFor`, `NoSuchStep` (not approved, used before, over), `OtherPayload`.
    """
    actor.require(PUBLISH)
    row = _draft(session, list_id)
    if row.approval_id is None:
        raise NotAskedFor(
            "Nobody has asked for the publication of this draft.", field="list_id", remedy="Ask for it first."
        )
    _acknowledged(_fit(session, router, locator, row, row.wanted_from, now), row.acknowledged)
    content = lists.digest(new_items(session, list_id))
    approval.take(
        session, row.approval_id, _payload(row, row.wanted_from, row.acknowledged, content=content), actor, now
    )
    return _published(session, row, row.wanted_from or now)


def publish_alone(
    session: Session,
    router: Router,
    locator: Locator,
    list_id: int,
    *,
    valid_from: datetime | None,
    acknowledged: Collection[str],
    now: datetime,
) -> Published:
    """The owner's way, on the machine itself: the same conditions, without a second person."""
    row = _draft(session, list_id)
    _acknowledged(_fit(session, router, locator, row, valid_from, now), acknowledged)
    return _published(session, row, valid_from or now)


def _published(session: Session, row: ListFacts, start: datetime) -> Published:
    current = lists.in_the_way(session, row.name, start, row.digest)
    version = lists.supersede(session, row.id, None if current is None else current.id, start)
    told = {"list": row.name, "version": version, "items": row.items, "digest": row.digest}
    note(session, "publish", NOUN, str(row.id), facts=told)
    return Published(row.id, version, row.items)


def _draft(session: Session, list_id: int) -> ListFacts:
    queries.hold(session, facts(session, list_id).name)  # before the row, as whoever makes a draft anew does
    row = facts(session, list_id, lock=True)
    if row.state == "published":
        raise NotADraft(
            "This version is published; it is never edited.", field="list_id", remedy="Draft the next version."
        )
    return row


def _fit(
    session: Session, router: Router, locator: Locator, row: ListFacts, valid_from: datetime | None, now: datetime
) -> list[Loss]:
    """Whether a draft can take effect at the instant; which matters lose their responsible by it."""
    if valid_from is not None and valid_from <= now:
        raise TooLate(
            "This instant is over; a list is not put in force backwards.",
            field="valid_from",
            remedy="Give one to come, or none: then it holds from its publication on.",
        )
    current = lists.in_the_way(session, row.name, valid_from or now, row.digest)
    if current is not None and current.digest == row.digest:
        raise SameAsBefore("What is in force says the same.", field="list_id", remedy="Change the draft, or drop it.")
    if (None if current is None else current.id) != row.base_id:
        raise lists.ListMovedOn(
            f"Another version of the list “{row.name}” was published since the draft was made.",
            field="list_id",
            remedy="Compare with it, and make the draft anew.",
        )
    found = held(session, router, locator, row.id, at=valid_from or now)
    wrong = errors(found.findings())
    if wrong:
        shown = "; ".join(f"{one.item}: {one.en}" for one in wrong[:SHOWN])
        more = f" … and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise ListHasErrors(
            f"{len(wrong)} errors: {shown}{more}.", field="list_id", remedy="Correct them; lint names each remedy."
        )
    return found.losses()


def _acknowledged(lost: Sequence[Loss], named: Collection[str]) -> None:
    """Nothing is switched off silently: every matter that loses its responsible has been named."""
    missing = [loss for loss in lost if loss.category not in named]
    if missing:
        shown = ", ".join(_shown(loss) for loss in missing[:SHOWN])
        more = f" … and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        raise LossesNotAcknowledged(
            f"By this list nobody would be responsible any more for: {shown}{more}.",
            field="acknowledged",
            remedy="Name these matters in `acknowledged` if that is meant, or keep an item for each.",
        )


def _shown(loss: Loss) -> str:
    if loss.everywhere:
        return loss.category
    return f"{loss.category} (in {', '.join(area.code for area in loss.areas[:5])})"


def _payload(
    row: ListFacts, valid_from: datetime | None, acknowledged: Sequence[str], *, content: str | None = None
) -> dict[str, object]:
    """What the second person says yes to: the content, the instant, and the matters that lose their responsible."""
    return {
        "list": row.name,
        "kind": row.kind,
        "basis": row.basis,
        "content": content or row.digest,
        "valid_from": None if valid_from is None else valid_from.timestamp(),
        "acknowledged": list(acknowledged),
    }


def _summary(row: ListFacts, valid_from: datetime | None, lost: Sequence[str]) -> str:
    """Within what an approval's summary holds."""
    when = "自发布之时起 from its publication on" if valid_from is None else f"自 from {valid_from.isoformat()}"
    text = f"发布责任清单 publish the duty list 《{row.name[:120]}》: {row.items} 条 items, {when}"
    if lost:
        shown = ", ".join(lost[:SHOWN]) + ("…" if len(lost) > SHOWN else "")
        text += f"; {len(lost)} 项将无责任主体 matters lose their responsible: {shown}"
    return text[:500]
