"""Verifying: whether the trail is still what was sealed, and if not, where it first is not.

Owns the comparison of entries, seals and checkpoints. Does not own how checkpoints are kept (`checkpoints`).

What it cannot see: an entry that was changed or taken away before it was sealed (a second at most; receipts are for
that), and a tail cut off together with its seals, unless a checkpoint from outside tells of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from sqlalchemy.orm import Session

from gridgov.audit import merkle
from gridgov.audit.queries import trail as queries
from gridgov.audit.rules import GENESIS, Entry, Seal, Span, chain_of, leaf, members, outside, signed_bytes
from gridgov.platform.signing import is_signed

LEAVES_AT_ONCE = 20_000
MOST_FINDINGS = 100
MOST_TRIED = 50  # altered entries of one seal that are held against each other
ALL_IDS: Span = (-(2**63), 2**63 - 1)


class Kind(StrEnum):
    """What differs."""

    MISSING = "missing"
    ALTERED = "altered"
    MOVED = "moved"
    ADDED = "added"
    SEALED_TWICE = "sealed-twice"
    SEAL_MISSING = "seal-missing"
    SEAL_ALTERED = "seal-altered"
    CHAIN = "chain"
    SIGNATURE = "signature"
    STRANGE_KEY = "strange-key"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was sealed. `entry` as it stands now, where there is one."""

    kind: Kind
    detail: str
    seal: int | None = None
    entry_id: int | None = None
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a checkpoint outside says: the seal of this number had this chain."""

    number: int
    chain: bytes
    where: str = "A checkpoint"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`entries` and `seals` that were looked at; `waiting` entries lie under no seal yet, the oldest `since`."""

    seals: int
    entries: int
    waiting: int
    since: str | None
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        return not self.findings


@dataclass(slots=True)
class _Walk:
    """How far the seals have been followed. `chains`: those of numbers that an anchor names."""

    last: Seal | None = None
    number: int = 0
    chain: bytes = GENESIS
    upto: int = 0
    entries: int = 0
    sealed: list[Span] = field(default_factory=list)
    chains: dict[int, bytes] = field(default_factory=dict)


def verify(
    session: Session,
    keys: frozenset[bytes],
    *,
    anchors: Sequence[Anchor] = (),
    progress: Callable[[str, float], None] = lambda _step, _share: None,
) -> Verdict:
    """Holds every seal against the one before it, every entry against its leaf, every anchor against its seal.

    `keys`: the public keys that seals may be signed with; never those that the database itself names. The findings
    come in the order of seals and ids, at most `MOST_FINDINGS`: the first is the first broken row.
    """
    total, _ = queries.seals_and_entries(session)
    walk = _Walk()
    wanted = {anchor.number for anchor in anchors}
    findings: list[Finding] = []
    while seals := queries.seals(session, walk.number, LEAVES_AT_ONCE):
        found = _by_seal(session, seals)
        for seal in seals:
            findings += _seal(seal, walk, keys)
            findings += _entries(seal, found.get(seal.number, {}))
            _advance(walk, seal, wanted)
        progress("seals and entries", walk.number / max(total, walk.number))
        if len(findings) >= MOST_FINDINGS:
            return Verdict(walk.number, walk.entries, 0, None, tuple(findings[:MOST_FINDINGS]))
    progress("entries without a seal", 0.0)
    findings += _outside(session, walk)
    findings += _anchored(walk, anchors)
    count, since = queries.waiting(session, walk.upto, walk.last.open if walk.last else ())
    return Verdict(walk.number, walk.entries, count, since, tuple(findings[:MOST_FINDINGS]))


def _sane(seal: Seal) -> tuple[Span, ...]:
    """The seal's spans, unless somebody made them say nonsense; then it has no entries, and its chain tells."""
    size = sum(last - first + 1 for first, last in seal.spans)
    ascending = all(a[1] < b[0] for a, b in pairwise(seal.spans))
    return seal.spans if ascending and size == seal.count else ()


def _by_seal(session: Session, seals: Sequence[Seal]) -> dict[int, dict[int, Entry]]:
    """The entries that the seals say they hold, by seal and id."""
    found: dict[int, dict[int, Entry]] = {seal.number: {} for seal in seals}
    spans = [(seal.number, span) for seal in seals for span in _sane(seal)]
    for place, entry in queries.within(session, [span for _, span in spans]):
        found[spans[place][0]][int(entry.id)] = entry
    return found


def _seal(seal: Seal, walk: _Walk, keys: frozenset[bytes]) -> Iterator[Finding]:
    if seal.number != walk.number + 1:
        gone = f"{walk.number + 1}" if seal.number == walk.number + 2 else f"{walk.number + 1} to {seal.number - 1}"
        yield Finding(Kind.SEAL_MISSING, f"There is no seal {gone}.", walk.number + 1)
    elif seal.previous != walk.chain:
        yield Finding(Kind.CHAIN, "It is not chained to the seal before it.", seal.number)
    whole = len(seal.leaves) % merkle.SIZE == 0 and bool(seal.leaves)
    if not whole or merkle.root(merkle.split(seal.leaves)) != seal.root:
        yield Finding(Kind.SEAL_ALTERED, "Its leaves do not give its root.", seal.number)
    if chain_of(seal.header()) != seal.chain:
        yield Finding(Kind.SEAL_ALTERED, "Number, ids, root, time or key are not those that were chained.", seal.number)
    if seal.key not in keys:
        yield Finding(Kind.STRANGE_KEY, f"It is signed with a key nobody named: {seal.key.hex()}.", seal.number)
    if not is_signed(signed_bytes(seal.chain), seal.signature, seal.key):
        yield Finding(Kind.SIGNATURE, "Its signature does not hold.", seal.number)


def _entries(seal: Seal, found: Mapping[int, Entry]) -> Iterator[Finding]:
    ids = members(_sane(seal))
    if len(found) == len(ids) and b"".join(leaf(found[one]) for one in ids) == seal.leaves:
        return
    expected = dict(zip(ids, merkle.split(seal.leaves), strict=True)) if ids else {}
    wrong = [one for one in ids if one not in found or leaf(found[one]) != expected[one]]
    for one in wrong:
        entry = found.get(one)
        if entry is None:
            yield Finding(Kind.MISSING, "It is gone.", seal.number, one)
            continue
        origin = _origin(entry, one, wrong, expected) if len(wrong) <= MOST_TRIED else None
        if origin is None:
            yield Finding(Kind.ALTERED, "It is not what was sealed.", seal.number, one, entry)
        else:
            yield Finding(Kind.MOVED, f"It holds what was sealed as entry {origin}.", seal.number, one, entry)


def _origin(entry: Entry, one: int, wrong: Sequence[int], expected: Mapping[int, bytes]) -> int | None:
    """The id under which this very entry was sealed, if somebody moved it."""
    moved = (other for other in wrong if other != one and leaf(entry._replace(id=str(other))) == expected[other])
    return next(moved, None)


def _advance(walk: _Walk, seal: Seal, wanted: set[int]) -> None:
    walk.last, walk.number, walk.chain = seal, seal.number, seal.chain
    walk.upto = max(walk.upto, seal.upto)
    walk.entries += seal.count
    walk.sealed += _sane(seal)
    if seal.number in wanted:
        walk.chains[seal.number] = seal.chain


def _outside(session: Session, walk: _Walk) -> Iterator[Finding]:
    """Ids under two seals, and entries between sealed ones, where none can come any more."""
    here = ALL_IDS[0]
    for first, last in sorted(walk.sealed):
        if first < here:
            yield Finding(Kind.SEALED_TWICE, "It lies under two seals.", None, first)
        here = max(here, last + 1)
    gaps = [(gap.first, gap.last) for gap in walk.last.open] if walk.last else []
    holes = outside([*walk.sealed, *gaps], (ALL_IDS[0], walk.upto))
    for one in queries.ids_within(session, holes, MOST_FINDINGS):
        ((_, entry),) = queries.within(session, [(one, one)])
        yield Finding(Kind.ADDED, "It came where no entry could come any more.", None, one, entry)


def _anchored(walk: _Walk, anchors: Sequence[Anchor]) -> Iterator[Finding]:
    for anchor in anchors:
        if anchor.number > walk.number:
            told = f"{anchor.where} tells of seal {anchor.number}; the last one here is {walk.number}."
            yield Finding(Kind.TRUNCATED, told, anchor.number)
        elif walk.chains.get(anchor.number, anchor.chain) != anchor.chain:
            yield Finding(Kind.REWRITTEN, f"{anchor.where} tells of another seal of this number.", anchor.number)
