"""Limits: how long something may take, in the units in which the government states it (B.7). Pure.

Owns `Unit` and `Limit`, as they are written and read. Does not own counting (`calendars`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gridgov.platform.errors import BadInput

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
MOST = 100_000  # of any unit; longer is a slip of the pen


class BadLimit(BadInput):
    """No limit of the form "2 work_day"."""

    code = "bad-limit"


class Unit(StrEnum):
    URGENT_MINUTE = "urgent_minute"  # counted as 紧急工作时
    URGENT_HOUR = "urgent_hour"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"
    NATURAL_DAY = "natural_day"


ALL_TIME = frozenset({Unit.URGENT_MINUTE, Unit.URGENT_HOUR})
UNITS = tuple(str(unit) for unit in Unit)
# How much counted time a unit is, in microseconds: a working day has 24 hours of it.
UNIT_US = {
    Unit.URGENT_MINUTE: HOUR_US // 60, Unit.URGENT_HOUR: HOUR_US, Unit.WORK_HOUR: HOUR_US, Unit.WORK_DAY: DAY_US,
    Unit.NATURAL_DAY: DAY_US,
}  # fmt: skip
# As officers write them: 2个工作日.
CHINESE: Mapping[str, Unit] = {
    "分钟": Unit.URGENT_MINUTE,
    "紧急工作时": Unit.URGENT_HOUR,
    "工作时": Unit.WORK_HOUR,
    "工作日": Unit.WORK_DAY,
    "自然日": Unit.NATURAL_DAY,
}
_WRITTEN = re.compile(rf"\s*([0-9]{{1,9}})(?:\s+({'|'.join(UNITS)})|\s*个?\s*({'|'.join(CHINESE)}))\s*")
_NAMES: Mapping[Unit, tuple[str, str]] = {
    Unit.URGENT_MINUTE: ("分钟", "minute"),
    Unit.URGENT_HOUR: ("个紧急工作时", "urgent hour"),
    Unit.WORK_HOUR: ("个工作时", "working hour"),
    Unit.WORK_DAY: ("个工作日", "working day"),
    Unit.NATURAL_DAY: ("个自然日", "natural day"),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """How long something may take: 1 to `MOST` of a unit. Raises `BadLimit`."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 1 <= self.amount <= MOST:
            raise BadLimit(f"{self.amount} {self.unit} is no limit.", field="limit", remedy=f"Give 1 to {MOST:,}.")

    @classmethod
    def parse(cls, text: str) -> Limit:
        """What `str` wrote, "2 work_day", or an officer: 2个工作日. Raises `BadLimit`."""
        match = _WRITTEN.fullmatch(text)
        if match is None:
            raise BadLimit(
                f"{text[:60]!r} is no limit.",
                field="limit",
                remedy=f"Write a whole number and a unit, as in '2 work_day' or 2个工作日; units: {', '.join(UNITS)}.",
            )
        amount, unit, chinese = match.groups()
        return cls(int(amount), Unit(unit) if unit else CHINESE[chinese])

    def times(self, n: int) -> Limit:
        """The same n times over."""
        return Limit(self.amount * n, self.unit)

    @property
    def counted_us(self) -> int:
        return self.amount * UNIT_US[self.unit]

    @property
    def names(self) -> dict[str, str]:
        """For people: {"zh": "2个工作日", "en": "2 working days"}."""
        zh, en = _NAMES[self.unit]
        return {"zh": f"{self.amount}{zh}", "en": f"{self.amount} {en}{'' if self.amount == 1 else 's'}"}

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"
