"""Rate limits and locks that hold across processes and hosts: buckets in PostgreSQL, one statement a take.

Owns `platform_bucket`. Does not own what is limited (`api/throttle.py` says), nor who may ask.

Two kinds, both exact however many processes take at once, because the row's lock puts takes of one key in a line:

- `Rate`: so many in so long (GCRA, the leaky bucket as a meter: ITU-T I.371, annex A). In any span T no more than
  limit + T / step pass; the whole limit at once after a pause.
- `Lock`: after so many tries that did not succeed, none for a while, and for twice as long with every further one.
  A try is counted before its outcome is known, success gives the count back.

A take lasts until its transaction ends, and is undone with it: take in a transaction of its own, before the work
begins. Inside the work's transaction a refusal would undo it, so that failing would cost nothing, and all that one key
asks would wait for one another. `take_all` takes several keys in one order, so that no two transactions wait for
each other in a circle. What is asked very often is paid for in advance (`leases`).

A rule is written where the verb is that it guards; an operator can give it other numbers (`tune`, GRIDGOV_LIMITS).

Time comes from the caller. Hosts are taken to agree within a few seconds (NTP): a host whose clock is s seconds ahead
lets through at most s / step more, once. A clock that is wrong by more than a minute cannot lock anybody out for good.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar, cast

from sqlalchemy.orm import Session

from gridgov.platform import queries
from gridgov.platform.crypto import Sealer
from gridgov.platform.errors import BadInput, TooMany

KEY_BYTES = 16
SWEEP_MOST = 1_000
SWEEP_MARGIN = timedelta(minutes=5)  # a clock that is ahead by less sweeps nothing that still counts
_WRITTEN = re.compile(r"^(\d{1,6})/(\d{1,4})(s|m|h|d)$")
RULE = TypeVar("RULE", bound="Rule")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class RateLimited(TooMany):
    """`rule`: the name of the rule that refused; a few words fixed in the code, fit for a label of a metric."""

    def __init__(self, rule: str, detail: str, *, retry_s: int) -> None:
        super().__init__(detail, retry_s=retry_s, remedy=f"Try again in {in_words(retry_s)}.")
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Rate:
    """`limit` takes in `per`; all of them at once after a pause, then one for each `step`."""

    name: str
    limit: int
    per: timedelta

    def __post_init__(self) -> None:
        _KNOWN.setdefault(self.name, self)

    @property
    def step(self) -> timedelta:
        """In which one take comes back."""
        return self.per / self.limit

    @property
    def room(self) -> timedelta:
        """The whole bucket; of the rounded step, so that exactly `limit` fit."""
        return self.step * self.limit

    def take(self, session: Session, key: bytes, now: datetime, *, count: int = 1) -> None:
        """`count` at once, or none. Raises `RateLimited`."""
        step = self.step * count
        taken = queries.take(session, key=key, rule=self.name, now=now, step=step, room=self.room)
        if not taken.passed:
            wait = taken.until + step - self.room - now
            raise RateLimited(self.name, f"More than {self.limit} in {in_words(_s(self.per))}.", retry_s=_s(wait))

    def tuned(self, count: int, span: timedelta) -> Rate:
        """The same with other numbers: so many in so long."""
        return replace(self, limit=count, per=span)


@dataclass(frozen=True, slots=True)
class Lock:
    """After `failures` tries without success none for `first`, then for `factor` times as long with each further one,
    at most `longest`. `memory` after the last try that was let through, all is forgotten."""

    name: str
    failures: int
    first: timedelta
    factor: float = 2.0
    longest: timedelta = timedelta(days=1)
    memory: timedelta = timedelta(days=2)

    def __post_init__(self) -> None:
        if not self.first <= self.longest < self.memory:
            raise ValueError("A lock has to end before it is forgotten.")
        _KNOWN.setdefault(self.name, self)

    def take(self, session: Session, key: bytes, now: datetime) -> None:
        """Counts a try. Raises `RateLimited` while the lock holds; such a try does not make it longer."""
        tried = queries.try_lock(
            session,
            key=key,
            rule=self.name,
            now=now,
            allowed=self.failures,
            first=self.first,
            factor=self.factor,
            longest=self.longest,
            memory=self.memory,
        )
        if not tried.passed:
            raise RateLimited(self.name, "Too many tries that did not succeed.", retry_s=_s(tried.until - now))

    def tuned(self, count: int, span: timedelta) -> Lock:
        """The same with other numbers: after so many failures, at first for so long."""
        longest = max(self.longest, span)
        return replace(self, failures=count, first=span, longest=longest, memory=max(self.memory, 2 * longest))


Rule = Rate | Lock
_KNOWN: dict[str, Rule] = {}  # every rule that was made, by its name
_TUNED: dict[str, Rule] = {}


def take(session: Session, key: bytes, rule: Rule, now: datetime) -> None:
    """One take of `key` (see `key_of`), which lasts when the transaction commits. Raises `RateLimited`."""
    in_force(rule).take(session, key, now)


def take_all(session: Session, takes: Iterable[tuple[bytes, Rule]], now: datetime) -> None:
    """All or, when one refuses and so undoes the transaction, none; in the order of keys. Raises `RateLimited`."""
    for key, rule in sorted(takes, key=lambda one: one[0]):
        in_force(rule).take(session, key, now)


def in_force(rule: RULE) -> RULE:
    """The rule with the operator's numbers, if there are any."""
    return cast(RULE, _TUNED.get(rule.name, rule))


def tune(numbers: str, field: str) -> None:
    """Other numbers for rules, as `name=count/span` with commas between: `token=600/1m, sign-in-pair=10/5m`. Those that
    were given before are forgotten. Raises `BadInput` for a name that no rule has."""
    found: dict[str, Rule] = {}
    for part in filter(None, (one.strip() for one in numbers.split(","))):
        name, _, value = (one.strip() for one in part.partition("="))
        if name not in _KNOWN:
            raise BadInput(
                f"There is no limit “{name}”.", field=field, remedy=f"Limits are: {', '.join(sorted(_KNOWN))}."
            )
        found[name] = _KNOWN[name].tuned(*written(value, field))
    _TUNED.clear()
    _TUNED.update(found)


def forgive(session: Session, key: bytes, now: datetime) -> None:
    """Forgets what was counted under a key: after success, or when somebody in charge says so."""
    queries.forgive(session, key, now)


@dataclass(frozen=True, slots=True)
class Swept:
    """`seen` buckets were looked at: `gone` were stale, `kept` still counted."""

    seen: int
    gone: int
    kept: int


def sweep(session: Session, now: datetime, *, most: int = SWEEP_MOST) -> Swept:
    """Housekeeping: deletes what no longer counts. Costs by the buckets that came up since, not by all there are: each
    bucket has a time to be looked at, set when it is made and moved on by nobody but this. Call again while `seen`
    is `most`."""
    swept = queries.sweep(session, now, most=most, margin=SWEEP_MARGIN)
    return Swept(swept.seen, swept.gone, swept.kept)


def key_of(sealer: Sealer, rule: Rule, *subjects: str) -> bytes:
    """The key under which a rule counts these subjects: a fingerprint with this installation's key.

    Not a plain hash: there are few phone numbers, addresses and account names, and whoever got hold of the table would
    find each by trying. The rule is part of it, so that the same person has an unrelated key under every rule.
    """
    parts = (rule.name, *subjects)
    data = b"bucket" + b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in parts)
    return sealer.fingerprint(data)[:KEY_BYTES]


def network_of(host: str | None) -> str:
    """What an address counts as: itself, or the /64 that one IPv6 customer has to choose from. Unknown ones are one."""
    try:
        address = ipaddress.ip_address((host or "").partition("%")[0])
    except ValueError:
        return "unknown"
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None or address.version == 4:
        return str(mapped or address)
    return str(ipaddress.ip_network((address, 64), strict=False))


def written(value: str, field: str) -> tuple[int, timedelta]:
    """`60/10m` -> 60 in ten minutes; s, m, h and d are known. Raises `BadInput`."""
    found = _WRITTEN.fullmatch(value.strip())
    if found is None or not int(found[1]) or not int(found[2]):
        raise BadInput(f"“{value}” is no limit.", field=field, remedy="Write a number, a stroke and a time: 60/10m.")
    return int(found[1]), timedelta(**{_UNITS[found[3]]: int(found[2])})


def in_words(seconds: int) -> str:
    """A span of time, rounded up: "40 seconds", "15 minutes", "2 hours"."""
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size or seconds == size:
            count = -(-seconds // size)
            return f"{count} {name}{'s' if count != 1 else ''}"
    return f"{seconds} second{'s' if seconds != 1 else ''}"


def _s(span: timedelta) -> int:
    """Whole seconds, rounded up, at least one."""
    return max(1, math.ceil(span.total_seconds()))
