"""Admission of duties (事项准入) as a table: which state follows which, by whom; and what a request must say. Pure.

Owns states, edges and the completeness of a request. Does not own money and posts (`ledger`), nor who may act for a
body: the verbs check that (`admission`). The database holds the same edges (`duties_admission_guard`); a test holds
them against these. Sources: domain A53 (nothing is placed on a sub-district but by decision, with a plan), A54 (the
same for communities), A55 (费随事转).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gridgov.duties.ledger import Promise, Yuan
from gridgov.platform.calendars import Limit, Unit
from gridgov.platform.errors import BadInput, Conflict, NotFound, Refused

OPINION_LIMIT = Limit(5, Unit.WORK_DAY)  # for the units that are asked; the sources name none
MOST_TARGETS = 20_000
MOST_TITLE, MOST_TEXT = 200, 4000


class State(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    HEARD = "heard"
    ADMITTED = "admitted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    RENEWED = "renewed"


STATE_WORDS: Mapping[State, Mapping[str, str]] = {
    State.DRAFT: {"zh": "起草", "en": "draft"},
    State.SUBMITTED: {"zh": "征求意见", "en": "submitted: opinions are asked for"},
    State.HEARD: {"zh": "待审定", "en": "heard: opinions are in, or their time is over"},
    State.ADMITTED: {"zh": "已准入", "en": "admitted"},
    State.REFUSED: {"zh": "未准入", "en": "refused"},
    State.WITHDRAWN: {"zh": "已撤回", "en": "withdrawn"},
    State.EXPIRED: {"zh": "已到期", "en": "expired"},
    State.RENEWED: {"zh": "已续期", "en": "renewed by a later admission"},
}


class Who(StrEnum):
    """Whose step it is."""

    AGENCY = "the agency that asks"
    DISTRICT = "the district of all targets, or the city"
    NOBODY = "nobody: time, or the last opinion"


@dataclass(frozen=True, slots=True)
class Edge:
    """One step: from, to, who, what it needs, why it is so."""

    before: State
    after: State
    who: Who
    needs: str
    because: str


EDGES: tuple[Edge, ...] = (
    Edge(State.DRAFT, State.SUBMITTED, Who.AGENCY, "matter, targets, plan, basis, period, money and posts by year",
         "who places work says how and who pays (A53, A55)"),
    Edge(State.DRAFT, State.WITHDRAWN, Who.AGENCY, "nothing", "whoever asked may think again"),
    Edge(State.SUBMITTED, State.HEARD, Who.NOBODY, "every unit's opinion, or the end of their time",
         "silence is written down as silence, never as yes"),
    Edge(State.SUBMITTED, State.WITHDRAWN, Who.AGENCY, "a reason", "whoever asked may think again"),
    Edge(State.HEARD, State.ADMITTED, Who.DISTRICT, "another body, a reason, a document; conditions if there are any",
         "admitted by decision after hearing the units (A53)"),
    Edge(State.HEARD, State.REFUSED, Who.DISTRICT, "another body, a reason, a document", "a no has a reason"),
    Edge(State.HEARD, State.WITHDRAWN, Who.AGENCY, "a reason", "whoever asked may think again"),
    Edge(State.ADMITTED, State.WITHDRAWN, Who.AGENCY, "a reason", "the agency does the work itself again"),
    Edge(State.ADMITTED, State.WITHDRAWN, Who.DISTRICT, "a reason", "conditions or money were not kept"),
    Edge(State.RENEWED, State.WITHDRAWN, Who.AGENCY, "a reason, its period not over", "it is in force to its own end"),
    Edge(State.RENEWED, State.WITHDRAWN, Who.DISTRICT, "a reason, its period not over", "the same"),
    Edge(State.ADMITTED, State.EXPIRED, Who.NOBODY, "the end of its period", "an old yes is no yes"),
    Edge(State.ADMITTED, State.RENEWED, Who.DISTRICT, "admitting the request that renews it",
         "what goes on is asked for and heard again"),
)  # fmt: skip
BEGUN = frozenset({State.ADMITTED, State.RENEWED, State.EXPIRED, State.WITHDRAWN})


class Verdict(StrEnum):
    """What the district decides."""

    ADMIT = "admit"
    ADMIT_WITH_CONDITIONS = "admit-with-conditions"
    REFUSE = "refuse"


class Stance(StrEnum):
    """What a unit says; silence is no answer, and no yes."""

    SUPPORT = "support"
    OPPOSE = "oppose"
    SILENT = "silent"


class Part(StrEnum):
    """What the unit does: help the agency, which leads (协助), or lead itself while the agency pays."""

    SUPPORT = "support"
    LEAD = "lead"


class Burden(StrEnum):
    """What work brings along for the grass roots (domain A64: 牌子、簿子、格子、位子)."""

    SIGN = "sign"
    RECORD = "record"
    REPORT = "report"
    RANKING = "ranking"
    INSPECTION = "inspection"
    SYSTEM = "system"


BURDEN_WORDS: Mapping[Burden, Mapping[str, str]] = {
    Burden.SIGN: {"zh": "牌子（挂牌）", "en": "sign to put up"},
    Burden.RECORD: {"zh": "簿子（台账）", "en": "record to keep"},
    Burden.REPORT: {"zh": "格子（报表）", "en": "report to write"},
    Burden.RANKING: {"zh": "位子（评比）", "en": "ranking to take part in"},
    Burden.INSPECTION: {"zh": "检查考核", "en": "inspection to receive"},
    Burden.SYSTEM: {"zh": "信息系统", "en": "information system to feed"},
}
TARGET_LEVELS = ("unit", "subdistrict", "community")


class AdmissionUnknown(NotFound):
    code = "admission-unknown"


class NoSuchStep(Conflict):
    """The request is in a state from which this does not follow."""

    code = "admission-state"


class NotYourStep(Refused):
    """The step is somebody else's."""

    code = "admission-not-your-step"


class OwnAgency(Refused):
    """Nobody decides on what their own body asks for, in whichever post."""

    code = "admission-own-agency"


class NotTheDistrict(Refused):
    """The post does not reach every target, or is no district's."""

    code = "admission-not-the-district"


class NotAsked(Refused):
    """The post speaks for no unit that is asked."""

    code = "admission-not-asked"


class OpinionGiven(Conflict):
    code = "admission-opinion-given"


class Incomplete(BadInput):
    """What a request must say before it is submitted."""

    code = "admission-incomplete"


class KeyUsed(Conflict):
    """The client's key came with other content before."""

    code = "admission-key-used"


@dataclass(frozen=True, slots=True)
class NewAdmission:
    """What an agency asks for. `category`: a matter's code, or a prefix ending in `*`; else `item` describes new work.

    Targets are `targets` (ids of areas), or every area of the level `all_of` within the area `within` (None: the city).
    `begins`, `ends`: the period, the end not included. `burdens`: how often a year each kind comes. `total`: all money
    promised, in yuan; `promises` are its instalments, and posts.
    """

    agency_id: int
    title: str
    category: str | None = None
    item: str = ""
    part: Part = Part.SUPPORT
    targets: tuple[int, ...] = ()
    all_of: str | None = None
    within: int | None = None
    plan: str = ""
    basis: str = ""
    begins: datetime | None = None
    ends: datetime | None = None
    total: Yuan | None = None
    promises: tuple[Promise, ...] = ()
    burdens: Mapping[Burden, int] = field(default_factory=dict)
    renews: int | None = None


def state_at(state: State, opinions_due: datetime | None, ends: datetime | None, now: datetime) -> State:
    """What time has made of a state, whether or not somebody has written that down."""
    if state is State.SUBMITTED and opinions_due is not None and opinions_due <= now:
        return State.HEARD
    if state is State.ADMITTED and ends is not None and ends <= now:
        return State.EXPIRED
    return state


def step(before: State, after: State, whose: Collection[Who]) -> Edge:
    """The edge to a state for somebody who acts as `whose`. Raises `NoSuchStep`, `NotYourStep`."""
    edges = [edge for edge in EDGES if edge.before is before and edge.after is after]
    if not edges:
        raise NoSuchStep(
            f"The request is {before}; it cannot become {after}.",
            field="state",
            remedy=f"From here it can become: {', '.join(following(before)) or 'nothing more'}.",
        )
    found = next((edge for edge in edges if edge.who in whose), None)
    if found is None:
        raise NotYourStep(f"This step is for {' or '.join(edge.who for edge in edges)}.", field="state")
    return found


def following(before: State) -> list[str]:
    """States that can follow, each once."""
    return list(dict.fromkeys(str(edge.after) for edge in EDGES if edge.before is before))


def check_draft(new: NewAdmission) -> None:
    """What even a draft must keep to. Raises `BadInput`."""
    if not new.title.strip():
        raise BadInput("A request has a title.", field="title", remedy="Say in a few words what is asked for.")
    if new.all_of is not None and new.all_of not in TARGET_LEVELS:
        raise BadInput(f"“{new.all_of}” is no level of targets.", field="all_of", remedy=f"One of: {TARGET_LEVELS}.")
    if new.targets and new.all_of is not None:
        raise BadInput("Targets are named, or all of a level; not both.", field="targets", remedy="Leave out one.")
    if new.begins is not None and new.ends is not None and new.ends <= new.begins:
        raise BadInput("The period ends before it begins.", field="ends", remedy="Give a later end.")
    for kind, times in new.burdens.items():
        if not 1 <= times <= 1000:
            raise BadInput(f"{kind}: {times} times a year.", field="burdens", remedy="Give 1 to 1000 times a year.")


def check_complete(new: NewAdmission, *, now: datetime) -> None:
    """What a request must say to be submitted. Raises `Incomplete`, naming the first field that lacks something."""
    check_draft(new)
    wanted = (
        ("category", bool(new.category or new.item.strip()), "Name a matter, or describe the new item."),
        ("targets", bool(new.targets or new.all_of), "Name areas, or a level of which all are meant."),
        ("plan", bool(new.plan.strip()), "Say how the work is to be done."),
        ("basis", bool(new.basis.strip()), "Name the law or decision that it rests on."),
        ("begins", new.begins is not None, "Say from when."),
        ("ends", new.ends is not None, "Say until when: an admission has an end."),
        ("total_yuan", new.total is not None, "Say how much money comes with it; 0 if none does."),
    )
    for name, given, remedy in wanted:
        if not given:
            raise Incomplete("A request that is submitted says this.", field=name, remedy=remedy)
    if new.ends is not None and new.ends <= now:
        raise Incomplete("The period is over already.", field="ends", remedy="Give an end to come.")
    promised = sum((one.amount for one in new.promises), Yuan(0))
    if promised != new.total:
        raise Incomplete(
            f"The instalments come to {promised} yuan, the total to {new.total}.",
            field="total_yuan",
            remedy="Let both say the same.",
        )


def table() -> str:
    """The edges as a table of Markdown."""
    head = ["| from | to | who | needs | because |", "|---|---|---|---|---|"]
    lines = [f"| {e.before} | {e.after} | {e.who} | {e.needs} | {e.because} |" for e in EDGES]
    return "\n".join([*head, *lines])
