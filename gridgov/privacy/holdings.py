"""What every domain with personal data brings: a way to find, copy, correct, erase and outlive its own. Pure.

Owns the words. Does not own any data: `bootstrap` registers the holdings, `service` and `jobs` ask each of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from gridgov.platform.crypto import Sealer
from gridgov.privacy.retention import Limits


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data is meant: everything under a number, or only what came with one incident.

    `indexes`: blind indexes of the number by every key. Whoever shows the receipt of one report has shown no more than
    that: the number in it was typed by the reporter and may be another's. So a receipt reaches that report alone.
    """

    indexes: tuple[bytes, ...] = ()
    incident_id: UUID | None = None


class Because(StrEnum):
    """Why personal data is no longer used."""

    ERASE = "erase"
    WITHDRAWAL = "withdrawal"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True)
class Held:
    """One row about a person. `values` are opened; `kinds` says how each is masked."""

    holding: str
    key: str
    since: datetime
    frozen_at: datetime | None
    values: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ended:
    """Rows that were erased, and rows that had to be kept and are only stored from now on."""

    erased: int = 0
    frozen: int = 0

    def __add__(self, other: Ended) -> Ended:
        return Ended(self.erased + other.erased, self.frozen + other.frozen)

    def __bool__(self) -> bool:
        return bool(self.erased or self.frozen)


class Holding(Protocol):
    """Personal data of one domain. `held` are the keys of rows under a legal hold."""

    @property
    def name(self) -> str: ...

    @property
    def tables(self) -> Sequence[str]:
        """The tables with marked columns that this holding answers for."""

    def find(self, session: Session, who: Subject) -> list[str]:
        """Keys of the rows about somebody, frozen ones too."""

    def export(self, session: Session, keys: Sequence[str], sealer: Sealer) -> list[Held]:
        """The rows, opened."""

    def correct(self, session: Session, keys: Sequence[str], values: Mapping[str, str], sealer: Sealer) -> int:
        """Puts other values in; how many rows have them now. Values that the holding does not know are left out."""

    def erase(
        self, session: Session, keys: Sequence[str], *, held: Sequence[str], because: Because, now: datetime
    ) -> Ended:
        """Deletes the rows; what is held, or still owed to the person, is frozen instead."""

    def expire(self, session: Session, *, limits: Limits, held: Sequence[str], now: datetime, slice_rows: int) -> Ended:
        """Deletes or freezes at most so many rows past their retention; nothing when there is none left."""
