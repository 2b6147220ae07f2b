"""Merging of duplicates (并案): into which case one may go, and where a merged one goes on.

Owns the checks across cases: each sees more than its own file. Does not own the step itself (`transitions`,
`deciding`), nor what its reporters are told (`exchange`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.auth.rules import EVERYWHERE, Reach
from gridgov.cases.queries import merging as queries
from gridgov.cases.rules import Action, CaseUnknown, Command, NeedMissing
from gridgov.platform.errors import Conflict

FIELD = "facts.into"
LONGEST_CHAIN = 100


class NotToBeMerged(Conflict):
    """The other case cannot take this one."""

    code = "not-to-be-merged"


def checked(session: Session, case_id: UUID, command: Command, reach: Reach) -> Command:
    """The command with the case that really goes on: the end of the chain, where the one that was named is merged.

    Asked as the actor, before the transaction works on the one case alone. What is no merger passes as it is; so does
    one that names no case, which the table refuses. Raises `CaseUnknown`, `NotToBeMerged`, `NeedMissing`.
    """
    named = command.facts.get("into")
    if command.action is not Action.MERGE or not named or str(named) == str(case_id):
        return command
    queries.alone(session)
    own = queries.standing(session, case_id, reach)
    root = _root(session, _uuid(named), reach)
    if root.id == case_id:
        raise NotToBeMerged(
            "That case goes into this one already.", field=FIELD, remedy="Undo that merger first, or name another case."
        )
    if root.ended_at is not None:
        raise NotToBeMerged("That case has ended.", field=FIELD, remedy="Re-open it first, or name another case.")
    if own is not None and own.category_id != root.category_id and not _said_otherwise(command):
        raise NeedMissing(
            "The two are of different categories.", field="facts.other_category",
            remedy="Say other_category: true and give the reason, if it is the same matter nevertheless.",
        )  # fmt: skip
    return replace(command, facts={**command.facts, "into": str(root.id)})


def goes_on(opened: Callable[[UUID], AbstractContextManager[Session]], case_id: UUID) -> UUID:
    """The case in which a merged one goes on: itself, where it is not merged. `opened`: a transaction that sees the one
    case."""
    for _ in range(LONGEST_CHAIN):
        with opened(case_id) as session:
            row = queries.standing(session, case_id, EVERYWHERE)
        if row is None or row.merged_into is None:
            break
        case_id = row.merged_into
    return case_id


def _root(session: Session, case_id: UUID, reach: Reach) -> Row[Any]:
    for _ in range(LONGEST_CHAIN):
        row = queries.standing(session, case_id, reach)
        if row is None:
            raise CaseUnknown("No case has this id.", field=FIELD, remedy="Choose one of /near.")
        if row.merged_into is None:
            return row
        case_id = row.merged_into
    raise NotToBeMerged("That case goes through too many mergers.", field=FIELD, remedy="Name the one that is open.")


def _uuid(named: Any) -> UUID:
    try:
        return UUID(str(named))
    except ValueError:
        raise NeedMissing("That is no id of a case.", field=FIELD, remedy="Choose one of /near.") from None


def _said_otherwise(command: Command) -> bool:
    return command.facts.get("other_category") is True and bool(command.reason.strip())
