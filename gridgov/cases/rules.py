"""The words of a case: states, stages, actions, bodies, commands, events, and what a city may set. Pure.

Owns the vocabulary. Does not own what may follow what (`transitions`), nor what a file is after its events (`file`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from gridgov.auth.rules import Role
from gridgov.platform.calendars import Limit, Unit
from gridgov.platform.errors import BadInput, Conflict, NotFound, Refused


class State(StrEnum):
    """Where a case stands."""

    REPORTED = "reported"
    VERIFYING = "verifying"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    RETURNING = "returning"
    DISPUTED = "disputed"
    SUSPENDED = "suspended"
    WHISTLED = "whistled"
    ANSWERED = "answered"
    CHECKING = "checking"
    CHECKED = "checked"
    CLOSED = "closed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    MERGED = "merged"


ENDED = frozenset({State.CLOSED, State.REFUSED, State.CANCELLED, State.MERGED})


class Stage(StrEnum):
    """The seven links of the national process (扶政办〔2019〕3号; GB/T 30428 family)."""

    COLLECTION = "collection"
    FILING = "filing"
    DISPATCH = "dispatch"
    HANDLING = "handling"
    FEEDBACK = "feedback"
    CHECK = "check"
    EVALUATION = "evaluation"


STAGE_OF: Mapping[State, Stage] = {
    State.REPORTED: Stage.COLLECTION, State.VERIFYING: Stage.COLLECTION, State.REFUSED: Stage.COLLECTION,
    State.ACCEPTED: Stage.FILING, State.CANCELLED: Stage.FILING, State.MERGED: Stage.FILING,
    State.DISPATCHED: Stage.DISPATCH, State.RETURNING: Stage.DISPATCH, State.DISPUTED: Stage.DISPATCH,
    State.HANDLING: Stage.HANDLING, State.SUSPENDED: Stage.HANDLING, State.WHISTLED: Stage.HANDLING,
    State.ANSWERED: Stage.FEEDBACK, State.CHECKING: Stage.CHECK, State.CHECKED: Stage.CHECK,
    State.CLOSED: Stage.EVALUATION,
}  # fmt: skip


class SummonsState(StrEnum):
    """Where one summons of a whistle stands. The last three are ends."""

    CALLED = "called"
    SIGNED = "signed"
    CONTACTED = "contacted"
    ANSWERED = "answered"
    RETURNING = "returning"
    DISPUTED = "disputed"
    RATED = "rated"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


SUMMONS_ENDED = frozenset({SummonsState.RATED, SummonsState.RELEASED, SummonsState.WITHDRAWN})


class Action(StrEnum):
    """What may be done with a case; those of a summons begin with `summons-`."""

    REPORT = "report"
    ASK_VERIFICATION = "ask-verification"
    VERIFY = "verify"
    ACCEPT = "accept"
    REFUSE = "refuse"
    HANDLE_ON_SPOT = "handle-on-spot"
    DISPATCH = "dispatch"
    ESCALATE = "escalate"
    ORDER = "order"
    RECEIVE = "receive"
    ASK_RETURN = "ask-return"
    AGREE_RETURN = "agree-return"
    DECLINE_RETURN = "decline-return"
    DISPUTE = "dispute"
    RULE = "rule"
    ASK_EXTENSION = "ask-extension"
    GRANT_EXTENSION = "grant-extension"
    DECLINE_EXTENSION = "decline-extension"
    ASK_SUSPENSION = "ask-suspension"
    SUSPEND = "suspend"
    RESUME = "resume"
    ADD_TASK = "add-task"
    FINISH_TASK = "finish-task"
    ASK_APPROVAL = "ask-approval"
    APPROVE = "approve"
    DECLINE_APPROVAL = "decline-approval"
    ANSWER = "answer"
    ASK_CHECK = "ask-check"
    PASS_CHECK = "pass-check"  # noqa: S105 -- no password
    CHECK_AT_DESK = "check-at-desk"
    REWORK = "rework"
    FEED_BACK = "feed-back"
    REPLY = "reply"
    CLOSE = "close"
    FORCE_CLOSE = "force-close"
    REOPEN = "reopen"
    CANCEL = "cancel"
    MERGE = "merge"
    UNMERGE = "unmerge"
    NOTE = "note"
    REHOME = "rehome"
    WHISTLE = "whistle"
    SUMMON = "summon"
    CONVENE = "convene"
    ATTEND = "attend"
    CONCLUDE = "conclude"
    WITHDRAW_WHISTLE = "withdraw-whistle"
    SIGN = "summons-sign"
    CONTACT = "summons-contact"
    REPORT_BACK = "summons-report"
    SUMMONS_RETURN = "summons-return"
    SUMMONS_AGREE = "summons-agree"
    SUMMONS_DECLINE = "summons-decline"
    SUMMONS_REFUSE = "summons-refuse"
    SUMMONS_DISPUTE = "summons-dispute"
    SUMMONS_RULE = "summons-rule"
    SUMMONS_EXTEND = "summons-extend"
    SUMMONS_GRANT = "summons-grant"
    SUMMONS_DENY = "summons-deny"
    SUMMONS_REWORK = "summons-rework"
    RATE_INTERIM = "summons-rate-interim"
    RATE = "summons-rate"
    CORRECT_RATING = "summons-correct-rating"


class Kind(StrEnum):
    """工作推进哨: to move work on; 攻坚克难哨: for what is hard (Nanjing Gulou)."""

    ADVANCE = "advance"
    HARD = "hard"


class Ground(StrEnum):
    """Why a whistle may be blown (北京市街道办事处条例, article 5; Beijing's practice)."""

    PUBLIC_DEMAND = "public-demand"
    KEY_WORK = "key-work"
    JOINT_ENFORCEMENT = "joint-enforcement"
    EMERGENCY = "emergency"


class Part(StrEnum):
    """The part of a summoned body, or of one that takes part in a joint action (A70)."""

    LEAD = "lead"
    SUPPORT = "support"
    ENFORCEMENT = "enforcement"
    LAW = "law"
    SAFEGUARD = "safeguard"


class Outside(StrEnum):
    """Why a matter is not taken up here (北京市接诉即办工作条例, article 11)."""

    EMERGENCY = "emergency"
    OTHER_CHANNEL = "other-channel"
    REPEATED = "repeated"
    SECRET = "secret"  # noqa: S105 -- no password
    NOT_OUR_DUTY = "not-our-duty"
    UNLAWFUL = "unlawful"


class Who(StrEnum):
    """What somebody is to a case."""

    REPORTER = "reporter"
    WORKER = "worker"
    CENTRE = "centre"
    UNIT = "unit"
    HOLDER = "holder"
    SUMMONED = "summoned"
    SUPERVISOR = "supervisor"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Body:
    """Who is to act: an agency, or the office of an area (`level`: of that area)."""

    agency_id: int | None = None
    area_id: int | None = None
    level: str | None = None

    def __post_init__(self) -> None:
        if (self.agency_id is None) == (self.area_id is None):
            raise ValueError("a body is an agency or an area")


@dataclass(frozen=True, slots=True)
class By:
    """Who acted, in which post."""

    account_id: int | None = None
    post_id: int | None = None
    role: Role | None = None
    agency_id: int | None = None
    area_id: int | None = None


SYSTEM = By()


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody wants done. `summons`: its number within the case; `facts`: what the action needs besides (JSON).

    What the service finds, and no client sends: `duty`, the item under which the addressed body holds the duty;
    `lacking`, names of bodies addressed that do not hold it, and `holders`, of those who do; `admitted`, whether it may
    be ordered; `risks`, the risk points of the item that need one more approval; `second`, the account that approved a
    correction.
    """

    action: Action
    to: Body | None = None
    summons: int | None = None
    reason: str = ""
    text: str = ""
    limits: Mapping[str, Limit] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    duty: str | None = None
    admitted: bool = True
    lacking: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    second: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a case's history, never changed. `limits`: of the clocks that it starts or extends."""

    seq: int
    at: datetime
    action: Action
    by: By
    before: State
    after: State
    to: Body | None = None
    summons: int | None = None
    reason: str = ""
    text: str = ""
    limits: Mapping[str, Limit] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody before a case that they can see: by role, by the agencies they act for, by the area of their post.

    `area_id` None with no agency: the whole city. `reporter`: they showed the receipt. `system`: the platform itself.
    """

    by: By = SYSTEM
    agencies: frozenset[int] = frozenset()
    reporter: bool = False
    system: bool = False


def limits(**given: str) -> Mapping[str, Limit]:
    return {name: Limit.parse(text) for name, text in given.items()}


@dataclass(frozen=True, slots=True)
class Rules:
    """What a city may set; the defaults are those of the sources named in docs/cases.md."""

    clocks: Mapping[str, Limit] = field(
        default_factory=lambda: limits(
            accept="15 urgent_minute",
            verify="30 urgent_minute",
            dispatch="15 urgent_minute",
            handle="5 work_day",
            rule="1 work_day",
            check="30 urgent_minute",
            close="1 work_day",
            task="2 work_day",
            sign="1 urgent_hour",
            contact="24 urgent_hour",
        )
    )
    report: Mapping[Kind, Limit] = field(
        default_factory=lambda: {Kind.ADVANCE: Limit(3, Unit.WORK_DAY), Kind.HARD: Limit(5, Unit.WORK_DAY)}
    )
    to_verify: frozenset[str] = frozenset({"hotline", "mini-program", "sensor"})
    to_reply: frozenset[str] = frozenset({"deputy"})
    reply_prefix: str = "网格复字"
    most_extensions: int = 2
    most_suspended_days: int = 365
    reopen_days: int = 30
    merge_m: float = 50.0
    merge_hours: float = 24.0


LEVELS = ("grid", "community", "subdistrict", "district", "city")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case lies: ids of its areas by level, those that are there, and the level of its unit."""

    areas: Mapping[str, int]
    unit_level: str

    @property
    def unit(self) -> int | None:
        return self.areas.get(self.unit_level)


class CaseUnknown(NotFound):
    code = "case-unknown"


class NotInTable(Conflict):
    """The table has no such edge from where the case, or the summons, stands."""

    code = "not-in-table"


class NotYourStep(Refused):
    """Somebody else's step."""

    code = "not-your-step"


class NeedMissing(BadInput):
    """The step needs something that was not given."""

    code = "need-missing"


class NotYet(Conflict):
    """The step needs something that has to happen before it."""

    code = "not-yet"


class NotYourWhistle(Refused):
    """A kind of whistle that somebody else blows."""

    code = "not-your-whistle"


class NotTheirDuty(Conflict):
    """The body addressed does not hold this duty here, by any list in force."""

    code = "not-their-duty"


class RiskPoint(Conflict):
    """The item has a risk point (廉政风险点): one person alone does not do this."""

    code = "risk-point"


class SecondPersonMissing(Conflict):
    """Nobody else has approved it yet."""

    code = "second-person-missing"


class NotAdmittedHere(Conflict):
    """The duty was never admitted for this place."""

    code = "not-admitted-here"


class MovedOn(Conflict):
    """Somebody else moved the case meanwhile."""

    code = "case-moved-on"
