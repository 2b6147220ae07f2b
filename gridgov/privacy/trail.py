"""What private data leaves in the audit trail: reveals, exports, erasures, sweeps. Never a value, only what and why.

Owns the reasons' form and the words of the actions. Does not own the trail itself (`audit`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy.orm import Session

from gridgov.platform.errors import BadInput
from gridgov.privacy import queries

LEAST, MOST = 4, 500

Action = Literal["reveal", "export", "correct", "erase", "freeze", "withdraw", "retain", "hold", "lift", "refuse"]


class NoReason(BadInput):
    """Personal data is opened only for a reason that can be read later."""

    code = "reason-missing"


def check_reason(reason: str) -> str:
    """The reason without blanks around it. Raises `NoReason` below four characters or beyond 500."""
    plain = " ".join(reason.split())
    if not LEAST <= len(plain) <= MOST or "\x00" in plain:
        raise NoReason(
            f"A reason has {LEAST} to {MOST} characters.", field="reason", remedy="Say what the data is needed for."
        )
    return plain


def note(
    session: Session,
    action: Action,
    noun: str,
    row_id: object,
    *,
    reason: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Leaves a line in this transaction: it stands if and only if the act does."""
    queries.note(session, action, noun, None if row_id is None else str(row_id), reason, facts or {})
