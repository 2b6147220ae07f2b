"""Approval by a second person, as a table: which state follows which, by whom. Pure.

Owns states, edges and what an approval is about. Does not own what is approved: a boundary plan, the correction of a
rating. The database holds the same edges (`audit_approval_guard`); a test holds them against these.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gridgov.platform.errors import BadInput, Conflict, NotFound, Refused


class State(StrEnum):
    """Where an approval stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    TAKEN = "taken"


class Who(StrEnum):
    """Whose step it is."""

    REQUESTER = "who requested it"
    ANOTHER = "another person"
    ANYBODY = "whoever does what was approved"
    NOBODY = "nobody: time"


@dataclass(frozen=True, slots=True)
class Edge:
    """One step: from, to, who, what it needs, why it is so."""

    before: State
    after: State
    who: Who
    needs: str
    because: str


EDGES: tuple[Edge, ...] = (
    Edge(State.PENDING, State.APPROVED, Who.ANOTHER, "the request's permission, in time", "two persons answer for it"),
    Edge(State.PENDING, State.REFUSED, Who.ANOTHER, "the request's permission, in time, a note", "a no has a reason"),
    Edge(State.PENDING, State.WITHDRAWN, Who.REQUESTER, "nothing", "whoever asked may think again"),
    Edge(State.PENDING, State.EXPIRED, Who.NOBODY, "the end of its time", "silence is no yes"),
    Edge(State.APPROVED, State.TAKEN, Who.ANYBODY, "exactly what was approved, in time", "a yes counts for one thing"),
    Edge(State.APPROVED, State.WITHDRAWN, Who.REQUESTER, "nothing", "whoever asked may think again"),
    Edge(State.APPROVED, State.EXPIRED, Who.NOBODY, "the end of its time", "an old yes is no yes"),
)
LIVE = frozenset(edge.before for edge in EDGES)


class ApprovalUnknown(NotFound):
    code = "approval-unknown"


class SamePerson(Refused):
    """Nobody is their own second person, in whichever post."""

    code = "same-person"


class NotTheRequester(Refused):
    code = "not-the-requester"


class NoSuchStep(Conflict):
    """The approval is in a state from which this does not follow."""

    code = "approval-state"


class OtherPayload(Conflict):
    """What is to be done is not what was approved."""

    code = "approval-payload"


class NoteMissing(BadInput):
    code = "note-missing"


@dataclass(frozen=True, slots=True)
class Approval:
    """A request and what became of it. `digest`: of what is to be done; `permission`: what the second person needs."""

    id: int
    noun: str
    ref: str
    permission: str
    digest: bytes
    summary: str
    state: State
    requested_by: int
    requested_post: int | None
    requested_at: datetime
    expires_at: datetime
    decided_by: int | None = None
    decided_post: int | None = None
    decided_at: datetime | None = None
    taken_by: int | None = None
    taken_at: datetime | None = None

    def state_at(self, now: datetime) -> State:
        """What is still open when its time is over has expired, whether or not somebody has written that down."""
        return State.EXPIRED if self.state in LIVE and self.expires_at <= now else self.state


def step(approval: Approval, after: State, account_id: int, now: datetime) -> Edge:
    """The edge to a state. Raises `NoSuchStep`, `SamePerson`, `NotTheRequester`."""
    before = approval.state_at(now)
    edge = next((one for one in EDGES if one.before is before and one.after is after), None)
    if edge is None or edge.who is Who.NOBODY:
        raise NoSuchStep(f"The approval is {before}; it cannot become {after}.", remedy="Make a new request.")
    if edge.who is Who.ANOTHER and account_id == approval.requested_by:
        raise SamePerson("You asked for this yourself.", remedy="Let another person decide.")
    if edge.who is Who.REQUESTER and account_id != approval.requested_by:
        raise NotTheRequester("Only who asked for it can take it back.")
    return edge


def digest(payload: Mapping[str, object] | Sequence[object] | str) -> bytes:
    """SHA-256 of a payload's meaning: JSON with sorted keys, without blanks, in UTF-8.

    Raises `TypeError` for what is no JSON and `ValueError` for numbers that are none.
    """
    written = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(written.encode()).digest()


def table() -> str:
    """The edges as a table of Markdown."""
    head = ["| from | to | who | needs | because |", "|---|---|---|---|---|"]
    lines = [f"| {e.before} | {e.after} | {e.who} | {e.needs} | {e.because} |" for e in EDGES]
    return "\n".join([*head, *lines])
