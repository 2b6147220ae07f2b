"""The outbox: what happened, one row an event, in the very transaction in which it happened.

Owns `platform_outbox`. Does not own what follows from an event (`notices`), nor which events there are (each domain
says its own). An event that was rolled back was never there; one that was committed is there until it has been dealt
with, however late its transaction ended.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import isfinite
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.platform import queries
from gridgov.platform.masking import is_sensitive

TOPIC = re.compile(r"[a-z][a-z_-]*(\.[a-z][a-z_-]*){1,3}")
FACT = re.compile(r"[a-z][a-z0-9_]{0,40}")
# Mobile numbers, identity cards, addresses of mail. Narrower than what logs mask: codes of grids are long numbers too.
PERSONAL = re.compile(
    r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)|(?<!\d)\d{6}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dXx](?!\w)|[\w.+-]@[\w-]+\.\w",
    re.ASCII,
)
LONGEST_TEXT = 500  # characters of one text
LARGEST = 8_000  # bytes of all facts


class NotAFact(ValueError):
    """What was to be put is no topic, no fact, or looks personal: a mistake of the caller, not of a user."""


def put(session: Session, topic: str, key: UUID | str, facts: Mapping[str, Any], *, at: datetime) -> int:
    """Announces an event in the caller's transaction; the number of its row.

    `topic`: lower-case words with dots, from the noun to what happened ("case.dispatched"). `key`: what it is about,
    mostly a case or an incident. `facts`: plain JSON, no personal data: ids, codes and instants, from which whoever
    deals with the event reads the rest. `agency_id`, `area_id` and `role` say which bodies it concerns. Raises
    `NotAFact`.
    """
    if not TOPIC.fullmatch(topic) or not 1 <= len(str(key)) <= 80:
        raise NotAFact(f"“{topic}” about “{key}” is no event")
    return queries.put(session, topic=topic, key=str(key), facts=as_json(facts), at=at)


def put_many(session: Session, events: Sequence[tuple[str, UUID | str, Mapping[str, Any]]], *, at: datetime) -> None:
    """Announces several events (topic, key, facts) of one instant, by the same rules. Raises `NotAFact`."""
    rows = [(topic, str(key), as_json(facts)) for topic, key, facts in events]
    for topic, key, _ in rows:
        if not TOPIC.fullmatch(topic) or not 1 <= len(key) <= 80:
            raise NotAFact(f"“{topic}” about “{key}” is no event")
    if rows:
        queries.put_many(session, rows, at)


def as_json(facts: Mapping[str, Any]) -> str:
    """Facts as they are stored. Raises `NotAFact`."""
    plain = {name: _plain(name, value) for name, value in facts.items()}
    written = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    if len(written.encode()) > LARGEST:
        raise NotAFact(f"facts of more than {LARGEST} bytes")
    return written


def _plain(name: str, value: Any) -> Any:
    """A fact as JSON knows it: texts, numbers, lists of these; UUIDs and instants as texts."""
    if not FACT.fullmatch(name) or is_sensitive(name):
        raise NotAFact(f"“{name}” is no name of a fact")
    match value:
        case None | bool() | int():
            return value
        case float() if isfinite(value):
            return value
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
        case str():
            if len(value) > LONGEST_TEXT or PERSONAL.search(value):
                raise NotAFact(f"{name}: too long, or it looks like personal data")
            return str(value)
        case list() | tuple() | set() | frozenset():
            return [_plain(name, one) for one in (sorted(value) if isinstance(value, set | frozenset) else value)]
    raise NotAFact(f"{name}: {type(value).__name__} is no plain value")


def waiting(session: Session, most: int) -> list[Row[Any]]:
    """(id, topic, key, facts, at) of some events that nobody has dealt with, in the order of their numbers.

    They are held until the transaction ends; others who ask meanwhile get others.
    """
    return queries.waiting(session, most)


def taken(session: Session, problems: Mapping[int, str | None], *, now: datetime) -> None:
    """Marks events as dealt with, by number; a text says why nothing could follow from one."""
    queries.taken(session, problems, now)


def waits(session: Session) -> tuple[int, datetime | None]:
    """How many events wait, and since when the oldest."""
    row = queries.waits(session)
    return row.events, row.since


def forget(session: Session, *, kept: timedelta, most: int, now: datetime) -> int:
    """Deletes some of the events that were dealt with longer than `kept` ago; how many."""
    return queries.forget(session, now, kept=kept, most=most)
