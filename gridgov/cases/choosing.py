"""What a city sets otherwise than the defaults: shown, and changed by its owner.

Owns the change; the trail keeps who made it. Does not own what a setting may be (`settings`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from gridgov.cases import queries
from gridgov.cases.queries import choosing
from gridgov.cases.rules import Rules
from gridgov.cases.service import NOUN
from gridgov.cases.settings import BadSetting, rules_of
from gridgov.platform.db import bump


@dataclass(frozen=True, slots=True)
class Chosen:
    """A setting as it counts now. `default`: as shipped."""

    name: str
    value: str
    default: bool


def listed(session: Session) -> list[Chosen]:
    """Every setting by name."""
    given = queries.settings(session)
    now, shipped = _values(rules_of(given)), _values(Rules())
    return [Chosen(name, value, value == shipped[name]) for name, value in sorted(now.items())]


def choose(session: Session, name: str, value: Any | None) -> str:
    """Sets one; None gives it back to the default. Returns what counts from now on. Raises `BadSetting`, `BadLimit`.

    Clocks that run keep the limits they were started with.
    """
    if name not in _values(Rules()):
        raise BadSetting(f"“{name}” is no setting.", field="name", remedy="See `gridgov cases settings list`.")
    if value is None:
        choosing.forget(session, name)
    else:
        rules_of({name: value})
        choosing.put(session, name, value)
    bump(session, NOUN)
    return _values(rules_of(queries.settings(session)))[name]


def _values(rules: Rules) -> Mapping[str, str]:
    found = {f"clock.{name}": str(limit) for name, limit in rules.clocks.items()}
    found |= {f"report.{kind}": str(limit) for kind, limit in rules.report.items()}
    for name in ("most_extensions", "most_suspended_days", "reopen_days", "merge_m", "merge_hours", "reply_prefix"):
        found[name] = str(getattr(rules, name))
    for name in ("to_verify", "to_reply"):
        found[name] = ", ".join(sorted(getattr(rules, name)))
    return found
