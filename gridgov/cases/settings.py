"""What a city sets otherwise than the defaults: read from plain values. Pure.

Owns the names of settings and what they may be. Does not own where they are kept (`queries`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gridgov.cases.rules import Kind, Rules
from gridgov.platform.calendars import Limit
from gridgov.platform.errors import BadInput

NUMBERS = {"most_extensions": (0, 9), "most_suspended_days": (1, 366), "reopen_days": (0, 3_660)}
MEASURES = {"merge_m": (0.0, 1_000.0), "merge_hours": (0.0, 8_760.0)}
CHANNELS = ("to_verify", "to_reply")
MOST_PREFIX = 20


class BadSetting(BadInput):
    """No setting of this name, or none with this value."""

    code = "bad-setting"


def rules_of(given: Mapping[str, Any]) -> Rules:
    """The rules with what is given. Names: `clock.<name>`, `report.<kind>`, those of `Rules`. Raises `BadSetting`."""
    rules = Rules()
    for name, value in given.items():
        rules = _with(rules, name, value)
    return rules


def _with(rules: Rules, name: str, value: Any) -> Rules:
    part, _, rest = name.partition(".")
    if part == "clock" and rest in rules.clocks:
        return replace(rules, clocks={**rules.clocks, rest: Limit.parse(str(value))})
    if part == "report" and rest in [str(kind) for kind in Kind]:
        return replace(rules, report={**rules.report, Kind(rest): Limit.parse(str(value))})
    change: dict[str, Any] = {name: value}
    if name in CHANNELS and isinstance(value, list) and all(isinstance(one, str) for one in value):
        change[name] = frozenset(value)
        return replace(rules, **change)
    if name == "reply_prefix" and isinstance(value, str) and 1 <= len(value.strip()) <= MOST_PREFIX:
        change[name] = value.strip()
        return replace(rules, **change)
    low, high = {**NUMBERS, **MEASURES}.get(name, (1, 0))
    whole = isinstance(value, int) and not isinstance(value, bool)
    if (whole or (name in MEASURES and isinstance(value, float))) and low <= value <= high:
        return replace(rules, **change)
    raise BadSetting(f"“{name}” is no setting, or cannot be {value!r}.", field=name, remedy="See docs/cases.md.")
