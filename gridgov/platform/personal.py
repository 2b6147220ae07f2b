"""Personal columns: marked where they are declared, with purpose and retention, and sealed in the store.

Owns the mark. Does not own the seal (`crypto`), nor who may open it. A test refuses a column that looks personal and
is not marked (PIPL, articles 6 and 19: a purpose, and no longer than it needs).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import LargeBinary
from sqlalchemy.orm import MappedColumn, mapped_column

MARK = "personal"


@dataclass(frozen=True, slots=True)
class Personal:
    """Why a field is held, and until when."""

    purpose: str
    kept: str


def sealed(*, purpose: str, kept: str) -> MappedColumn[bytes | None]:
    """A column of sealed bytes (`crypto.Sealer.seal`), null where nothing was given. Its name ends in `_sealed`."""
    return mapped_column(LargeBinary, nullable=True, info={MARK: Personal(purpose, kept)})
