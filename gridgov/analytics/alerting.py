"""Verbs of alerts (预警): thresholds that a post sets for its own area, and when which area stands above them.

Owns the rules, what stands, and its history. Does not own the measures (`counting`), nor when they are looked at
(`api.keeping`). News goes to the post that set a rule, one message for all areas that began at one look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.analytics import thresholds
from gridgov.analytics.measures import Measure, Of
from gridgov.analytics.queries import alerts as queries
from gridgov.analytics.thresholds import MOST_RULES, Asked, Rule
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Level
from gridgov.auth.rules import Actor
from gridgov.platform import outbox
from gridgov.platform.errors import Conflict, NotFound

BEGAN = "alert.began"
Measured = Callable[[Rule], Mapping[int, float] | None]
"""Area -> its measure now; None where it cannot be known just now: then nothing changes."""


class RuleUnknown(NotFound):
    code = "alert-rule-unknown"


class OtherRule(Conflict):
    code = "id-used-for-another-rule"


class TooManyRules(Conflict):
    code = "too-many-alert-rules"


class RuleMovedOn(Conflict):
    code = "alert-rule-moved-on"


def desk_of(actor: Actor) -> str:
    """The post, as news knows it; whoever holds it next has its rules."""
    return f"area:{actor.area_id or 0}:{actor.role.value}"


def rules(session: Session) -> list[Rule]:
    """Those of the reader's area, oldest first."""
    return [_rule(row) for row in queries.rules(session)]


def known(session: Session, ids: Sequence[UUID]) -> dict[UUID, Rule]:
    """Rules by id, also those that were taken back."""
    return {row.id: _rule(row) for row in queries.rules(session, ids=ids, ended=True)}


def add(session: Session, ident: UUID, asked: Asked, actor: Actor, ground: AreaFacts, *, now: datetime) -> bool:
    """Keeps a rule; whether it is new. `ground`: the area it looks at, within the post's own.

    Raises `BadRule`, `BadGrouping`, `TooManyRules`, `OtherRule`.
    """
    thresholds.check(asked, ground.level)
    desk = desk_of(actor)
    queries.alone_at(session, desk)
    if queries.rules(session, ids=[ident], ended=True):
        return _repeated(session, ident, asked, desk)
    if queries.count(session, desk) >= MOST_RULES:
        raise TooManyRules(f"This post has {MOST_RULES} rules.", field="id", remedy="Take back one of them first.")
    values = {
        "id": ident, "desk": desk, "account_id": actor.account_id, "post_id": actor.post_id, "made_at": now,
        **_values(asked),
    }  # fmt: skip
    return queries.add(session, values) or _repeated(session, ident, asked, desk)


def change(
    session: Session, ident: UUID, revision: int, asked: Asked, actor: Actor, ground: AreaFacts, *, now: datetime
) -> Rule:
    """Another threshold, or whatever else; again changes nothing. Raises `RuleUnknown`, `RuleMovedOn`, `BadRule`,
    `BadGrouping`."""
    held = own(session, ident, actor)
    thresholds.check(asked, ground.level)
    if held.revision == revision + 1 and held.asked == asked:
        return held
    if not queries.change(session, ident, revision, {**_values(asked), "now": now}):
        raise RuleMovedOn("It was changed meanwhile.", field="revision", remedy="Look at it again, then try anew.")
    return own(session, ident, actor)


def end(session: Session, ident: UUID, revision: int, actor: Actor, *, now: datetime) -> Rule:
    """Takes a rule back; again changes nothing. The rule as it was. Raises `RuleUnknown`, `RuleMovedOn`."""
    for row in queries.rules(session, ids=[ident], ended=True):
        if row.ended_at is not None and row.desk == desk_of(actor):
            return _rule(row)
    held = own(session, ident, actor)
    if not queries.end(session, ident, revision, now):
        raise RuleMovedOn("It was changed meanwhile.", field="revision", remedy="Look at it again, then try anew.")
    return held


def own(session: Session, ident: UUID, actor: Actor) -> Rule:
    """A rule of the actor's post. Raises `RuleUnknown`, also for one of another post."""
    for row in queries.rules(session, ids=[ident]):
        if row.desk == desk_of(actor):
            return _rule(row)
    raise RuleUnknown("This post has no rule of this id.", field="id", remedy="List them with /api/v1/alerts/rules.")


def standing(session: Session) -> list[Row[Any]]:
    """(id, rule_id, area_id, began_at, value, threshold) of what stands now in the reader's area, newest first."""
    return queries.standing(session)


def past(session: Session, *, before: tuple[datetime, int] | None, limit: int) -> list[Row[Any]]:
    """The same with `ended_at` and `code`, of all that ever stood, newest first."""
    return queries.past(session, before=before, limit=limit)


def anything(session: Session) -> bool:
    """Whether there is a rule, or something that stands."""
    return queries.anything(session)


def look(session: Session, measured: Measured, index: AreaIndex, *, now: datetime) -> int:
    """Compares every rule with what is measured now, writes what began and ceased, and tells the posts; how many rows.

    One at a time; a second look at the same finds nothing to write. What belonged to a rule that was taken back ceases.
    """
    queries.alone(session)
    live = [_rule(row) for row in queries.rules(session)]
    held: dict[UUID, set[int]] = defaultdict(set)
    for row in queries.open_of(session):
        held[row.rule_id].add(row.area_id)
    written = 0
    for rule in live:
        found, stood = measured(rule), held.pop(rule.id, set())
        if found is None:
            continue
        turned = thresholds.turned(stood, found, rule.asked.threshold)
        if turned.began:
            queries.write_began(session, rule.id, rule.revision, rule.asked.threshold, turned.began, now)
            _tell(session, rule, turned.began, index, now)
        if turned.ceased:
            queries.write_ceased(session, rule.id, turned.ceased, now)
        written += len(turned.began) + len(turned.ceased)
    for rule_id, areas in held.items():
        queries.write_ceased(session, rule_id, sorted(areas), now)
        written += len(areas)
    return written


def _tell(session: Session, rule: Rule, began: Mapping[int, float], index: AreaIndex, now: datetime) -> None:
    worst = index.get(max(began, key=lambda one: (began[one], -one)))
    facts = {
        "rule_id": rule.id, "areas": len(began), "worst": None if worst is None else worst.code,
        "value": max(began.values()), "threshold": rule.asked.threshold, "measure": rule.asked.measure.value,
        "to": [rule.desk],
    }  # fmt: skip
    outbox.put(session, BEGAN, rule.id, facts, at=now)


def _repeated(session: Session, ident: UUID, asked: Asked, desk: str) -> bool:
    row = next(iter(queries.rules(session, ids=[ident])), None)
    if row is None or row.desk != desk or _rule(row).asked != asked:
        raise OtherRule("This id was used before.", field="id", remedy="Make a new id for a new rule.")
    return False


def _values(asked: Asked) -> dict[str, Any]:
    return {
        "area_id": asked.area_id, "names": dict(asked.names), "counted": asked.of.value,
        "measure": asked.measure.value, "level": asked.level.value, "days": asked.days, "threshold": asked.threshold,
        "categories": list(asked.categories), "channels": list(asked.channels), "agencies": list(asked.agencies),
    }  # fmt: skip


def _rule(row: Row[Any]) -> Rule:
    asked = Asked(
        row.area_id, row.names, Of(row.counted), Measure(row.measure), Level(row.level), row.days, row.threshold,
        tuple(row.categories), tuple(row.channels), tuple(row.agencies),
    )  # fmt: skip
    return Rule(row.id, row.revision, row.desk, asked, row.changed_at)
