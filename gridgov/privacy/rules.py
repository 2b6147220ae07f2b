"""What a person may ask for, and how a request goes: one table, from which documents and buttons come. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from gridgov.platform.errors import BadInput, Conflict


class Kind(StrEnum):
    """What is asked for (个人信息保护法, articles 44 to 48)."""

    ACCESS = "access"  # 45 查阅
    COPY = "copy"  # 45 复制
    CORRECT = "correct"  # 46 更正、补充
    ERASE = "erase"  # 47 删除
    EXPLAIN = "explain"  # 48 解释说明


KIND_NAMES: Mapping[Kind, Mapping[str, str]] = {
    Kind.ACCESS: {"zh": "查阅", "en": "see what is held"},
    Kind.COPY: {"zh": "复制", "en": "a copy of what is held"},
    Kind.CORRECT: {"zh": "更正、补充", "en": "correct it"},
    Kind.ERASE: {"zh": "删除", "en": "erase it"},
    Kind.EXPLAIN: {"zh": "解释说明处理规则", "en": "explain the rules"},
}


class Proof(StrEnum):
    """How the person was known. A receipt shows that somebody made one report, and reaches no further."""

    RECEIPT = "receipt"
    PAPERS = "papers"


class RequestState(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    IN_HAND = "in-hand"
    DONE = "done"
    REFUSED = "refused"
    DROPPED = "dropped"


class Verb(StrEnum):
    """What can be done with one."""

    TAKE = "take"
    EXTEND = "extend"
    FULFIL = "fulfil"
    REFUSE = "refuse"
    DROP = "drop"


class Who(StrEnum):
    """By whom."""

    OFFICER = "officer"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Edge:
    """One line of the table: from a state by a verb to a state."""

    come_from: RequestState
    verb: Verb
    to: RequestState
    who: Who
    needs: str
    because: str


_R, _H = RequestState.RECEIVED, RequestState.IN_HAND
_SAID = "a reason, told to the person"
EDGES: tuple[Edge, ...] = (
    Edge(_R, Verb.TAKE, _H, Who.OFFICER, "—", "somebody answers for it"),
    Edge(_R, Verb.EXTEND, _R, Who.OFFICER, f"{_SAID}; once", "it takes longer than the limit"),
    Edge(_H, Verb.EXTEND, _H, Who.OFFICER, f"{_SAID}; once", "it takes longer than the limit"),
    Edge(_H, Verb.FULFIL, RequestState.DONE, Who.OFFICER, "every holding was asked", "articles 45 to 48"),
    Edge(_H, Verb.REFUSE, RequestState.REFUSED, Who.OFFICER, _SAID, "article 50: a refusal gives its reasons"),
    Edge(_R, Verb.DROP, RequestState.DROPPED, Who.PERSON, "—", "the person no longer wants it"),
    Edge(_H, Verb.DROP, RequestState.DROPPED, Who.PERSON, "—", "the person no longer wants it"),
)
OPEN = frozenset({_R, _H})


class NotNow(Conflict):
    """The request does not stand where this could be done."""

    code = "request-not-now"


class BadRequest(BadInput):
    """The request lacks something, or has what does not belong to its kind."""

    code = "bad-privacy-request"


@dataclass(frozen=True, slots=True)
class Home:
    """Where the incident of a row belongs; repeated in the row for the row policies."""

    area_id: int | None
    grid_id: int | None
    unit_id: int | None
    agency_id: int | None


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request as it is filed; `id` is made by the client. `words`: what the person says, `values`: to be put right.

    With a receipt: the incident and where it belongs. With papers: the number whose data is meant.
    """

    id: UUID
    kind: Kind
    proof: Proof
    incident_id: UUID | None = None
    home: Home | None = None
    phone: str | None = None
    words: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


CORRECTABLE = ("name", "phone")
MAX_WORDS, MAX_VALUE = 1_000, 80


def check(new: NewRequest) -> None:
    """Raises `BadRequest` for what cannot be handled as it is."""
    if (new.proof is Proof.RECEIPT) != (new.incident_id is not None and new.home is not None):
        raise BadRequest("A receipt names one incident, papers name none.", field="proof")
    if (new.proof is Proof.PAPERS) != bool(new.phone):
        raise BadRequest("With papers goes the number that is meant, with a receipt none.", field="phone")
    if (new.kind is Kind.CORRECT) != bool(new.values):
        raise BadRequest("Values go with a correction, and with nothing else.", field="values")
    for name, value in new.values.items():
        if name not in CORRECTABLE or not value.strip() or len(value) > MAX_VALUE or "\x00" in value:
            raise BadRequest(
                f"“{name}” cannot be set to this.", field=f"values.{name}", remedy=f"Use {' or '.join(CORRECTABLE)}."
            )
    if len(new.words) > MAX_WORDS or "\x00" in new.words:
        raise BadRequest(f"At most {MAX_WORDS} characters.", field="words")


def after(state: RequestState, verb: Verb) -> RequestState:
    """The state that a verb leads to. Raises `NotNow`."""
    for edge in EDGES:
        if (edge.come_from, edge.verb) == (state, verb):
            return edge.to
    raise NotNow(f"A request that is {state} cannot be met with “{verb}”.", remedy="Load it again to see its state.")


def table() -> str:
    """The table of states as Markdown, for docs/privacy.md."""
    head = "| from | verb | to | who | needs | because |\n|---|---|---|---|---|---|\n"
    lines = [f"| {e.come_from} | {e.verb} | {e.to} | {e.who} | {e.needs} | {e.because} |" for e in EDGES]
    return head + "\n".join(lines) + "\n"
