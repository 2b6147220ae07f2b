"""What an entry, a seal and the bytes under them are; which entries a seal takes; which tables are watched. Pure.

Canonical bytes, so that anybody can check them with nothing but SHA-256 and Ed25519: a JSON array of texts and nulls,
without blanks, not escaping what is not ASCII, as UTF-8.

    entry  ["gridgov.audit.entry.1", id, xid, at, salt, account_id, post_id, role, login, action, noun, row_id,
            unit_id, before, after, facts, reason]
           numbers as decimals, `at` as 2026-11-23T04:22:31.127676Z, jsonb as PostgreSQL writes it
    seal   ["gridgov.audit.seal.1", number, count, root, ids, upto, open, sealed_at, previous, key]
           hashes and the key in hexadecimal; `ids` as 1-189,195; `open` as 190-194/10233 (ids/transaction)

A leaf is the RFC 6962 hash of an entry's bytes, a chain the SHA-256 of a seal's bytes, and the signature is over
`SEAL_MARK` and the chain.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from gridgov.audit import merkle

ENTRY_MARK = "gridgov.audit.entry.1"
SEAL_MARK = "gridgov.audit.seal.1"
GENESIS = hashlib.sha256(b"gridgov.audit.genesis").digest()

_WRITE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Span = tuple[int, int]  # ids from the first to the last, both within


class Action(StrEnum):
    """What an entry says was done. The first four are the triggers' own; the database takes other words too."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
    TRUNCATE = "truncate"
    REVEAL = "reveal"
    EXPORT = "export"
    SIGN_IN = "sign-in"
    SIGN_IN_FAILED = "sign-in-failed"
    SIGN_OUT = "sign-out"
    REFUSED = "refused"
    REQUEST = "request"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    TAKE = "take"


class Entry(NamedTuple):
    """An entry, each column as the text that goes into its leaf."""

    id: str
    xid: str
    at: str
    salt: str
    account_id: str | None
    post_id: str | None
    role: str | None
    login: str
    action: str
    noun: str
    row_id: str | None
    unit_id: str | None
    before: str | None
    after: str | None
    facts: str | None
    reason: str | None


def leaf(entry: Entry) -> bytes:
    """The leaf hash of an entry."""
    return merkle.leaf_hash(_canonical([ENTRY_MARK, *entry]))


@dataclass(frozen=True, slots=True)
class Gap:
    """Ids that were drawn and not seen when a seal was made: by transactions that still ran, or that undid their work.

    `xid`: a transaction begun after the ids were drawn. When all before it are over and the ids have still not been
    seen, they never will be.
    """

    first: int
    last: int
    xid: int


@dataclass(frozen=True, slots=True)
class Seal:
    """A signed batch. `upto`: the highest id sealed so far, in this seal or before; `sealed_at` as `instant_text`."""

    number: int
    spans: tuple[Span, ...]
    leaves: bytes
    upto: int
    open: tuple[Gap, ...]
    root: bytes
    previous: bytes
    sealed_at: str
    key: bytes
    chain: bytes = b""
    signature: bytes = b""

    @property
    def count(self) -> int:
        return len(self.leaves) // merkle.SIZE

    def header(self) -> list[str]:
        """The parts of the seal's bytes."""
        return [
            SEAL_MARK,
            str(self.number),
            str(self.count),
            self.root.hex(),
            spans_text(self.spans),
            str(self.upto),
            gaps_text(self.open),
            self.sealed_at,
            self.previous.hex(),
            self.key.hex(),
        ]


def chain_of(header: Sequence[str]) -> bytes:
    """What the next seal is chained to, and what is signed."""
    return hashlib.sha256(_canonical(header)).digest()


def signed_bytes(chain: bytes) -> bytes:
    """What a seal's signature is over; the mark keeps it from passing for a signature of something else."""
    return SEAL_MARK.encode() + b"\x00" + chain


@dataclass(frozen=True, slots=True)
class Before:
    """How far sealing has come: number and chain of the last seal, the highest id, and what is still open below it."""

    number: int = 0
    chain: bytes = GENESIS
    upto: int = 0
    open: tuple[Gap, ...] = ()


def still_open(before: Before, taken: Sequence[int], *, own: int, oldest: int | None) -> tuple[Gap, ...]:
    """The gaps after a batch. `taken`: its ids, ascending. `own`: the sealer's transaction, begun after the batch was
    read. `oldest`: the oldest transaction that ran before the batch was read; None where more may lie in the gaps.

    A gap closes when whoever could have drawn its ids is gone: all transactions before `gap.xid` are over, or
    `gap.xid` lies in the future, which happens in a copy on another server, where numbers began anew.
    """
    living = [gap for gap in before.open if oldest is None or oldest < gap.xid < own]
    gaps = [Gap(first, last, gap.xid) for gap in living for first, last in without((gap.first, gap.last), taken)]
    upto = max([before.upto, *taken[-1:]])
    if upto > before.upto:
        gaps += [Gap(first, last, own) for first, last in without((before.upto + 1, upto), taken)]
    return tuple(gaps)


def without(span: Span, ids: Sequence[int]) -> list[Span]:
    """What is left of a span when ids (ascending) are taken out."""
    left, here = [], span[0]
    for one in ids:
        if one < here:
            continue
        if one > span[1]:
            break
        if one > here:
            left.append((here, one - 1))
        here = one + 1
    if here <= span[1]:
        left.append((here, span[1]))
    return left


def outside(covered: Iterable[Span], within: Span) -> list[Span]:
    """What spans, in any order, leave of one that may hold them."""
    left, here = [], within[0]
    for first, last in sorted(covered):
        if first > here:
            left.append((here, min(first - 1, within[1])))
        here = max(here, last + 1)
        if here > within[1]:
            return left
    return [*left, (here, within[1])]


def spans(ids: Iterable[int]) -> tuple[Span, ...]:
    """Ascending ids as spans."""
    found: list[list[int]] = []
    for one in ids:
        if found and one == found[-1][1] + 1:
            found[-1][1] = one
        else:
            found.append([one, one])
    return tuple((first, last) for first, last in found)


def members(of: Iterable[Span]) -> list[int]:
    """The ids of spans, in their order."""
    return [one for first, last in of for one in range(first, last + 1)]


def spans_text(of: Iterable[Span]) -> str:
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in of)


def read_spans(text: str) -> tuple[Span, ...]:
    """The spans of `spans_text`. Raises `ValueError`."""
    ends = (part.partition("-") for part in text.split(",") if part)
    return tuple((int(first), int(last or first)) for first, _, last in ends)


def gaps_text(gaps: Iterable[Gap]) -> str:
    return ",".join(f"{gap.first}-{gap.last}/{gap.xid}" for gap in gaps)


def read_gaps(text: str) -> tuple[Gap, ...]:
    """The gaps of `gaps_text`. Raises `ValueError`."""
    found = []
    for part in text.split(",") if text else []:
        ids, _, xid = part.partition("/")
        first, _, last = ids.partition("-")
        found.append(Gap(int(first), int(last), int(xid)))
    return tuple(found)


def instant_text(moment: datetime) -> str:
    """UTC, to the microsecond: 2026-11-23T04:22:31.127676Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _canonical(parts: Sequence[str | None]) -> bytes:
    return _WRITE(parts).encode()


# Tables that no trigger watches, as patterns, and why. Every other table of a city's schema is watched; a test sees
# to it. What is watched, and which of its columns are personal, stands in migrations/objects/city/20_audit.sql.
NOT_WATCHED: Mapping[str, str] = {
    r"alembic_version": "the number of the newest migration",
    r"platform_(?!day$|hours$)\w+": "revisions, buckets and locks of the machinery: nothing anybody did",
    r"areas\w*": "boundaries are versions in time that are never edited; each names the plan it comes from",
    r"duties_(?!admission|appraisal)\w+": "catalogue, agencies and lists are versions in time, of files that are kept",
    r"incidents_key": "ids and digests; the incident itself is watched",
    r"incidents_(default|\d{4}_\d{2})": "partitions: statements name incidents, which is watched",
    r"cases(_clock|_summons|_feedback|_change)?": "follows from cases_event, which is watched and never changed",
    r"cases_(feed|paper_year)": "the last number of a row of numbers",
    r"analytics_release": "public counts, published once and never changed",
    r"analytics_(incident_change|incident_month|case_change|origin|home)": "follows from incidents and cases, watched",
    r"analytics_alert": "follows from counts and from rules, which are watched; says when itself",
    r"notices_(message|read|seen)": "news for bodies and who has read it; what happened is kept where it happened",
    r"notices_delivery": "what the platform sends by itself; who settles one is noted (service.retry, give_up)",
    r"planning_(basis|atom|edge|count|load|load_mark)": "ground and counts: made, never changed; or derived anew",
    r"planning_(part|operation|snapshot)": "a sheet follows from planning_operation, which only grows and says who",
    r"planning_(job|job_part|follow)": "how far work of the machinery has come; who asked for it stands in the row",
    r"auth_handshake": "a sign-in that has begun; what comes of it is a session, which is watched",
    r"audit_key": "never changes after the migration",
    r"audit_(entry|seal|approval_step)": "the trail itself; triggers refuse every change",
}


def why_not_watched(table: str) -> str | None:
    """The reason, or None for a table that must be watched."""
    return next((why for pattern, why in NOT_WATCHED.items() if re.fullmatch(pattern, table)), None)
