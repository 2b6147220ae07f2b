"""What happens to cases without anybody acting: lights that turn are told, what was suspended goes on when its day
has come.

Owns what is due and that it happens once, however often and by however many this runs. Does not own when it runs
(`api.keeping`). What a sweep costs grows with what is due.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.cases import service
from gridgov.cases.queries import worklists as queries
from gridgov.cases.rules import Action, Command, NotInTable
from gridgov.cases.service import AS_SYSTEM, Setting
from gridgov.platform import outbox

SWEPT = 500  # at once, so that no transaction lasts long
RESUMED = "挂账期满，自动恢复处置"

Opened = Callable[[UUID], AbstractContextManager[tuple[Session, Setting]]]


def tell_lights(session: Session, *, now: datetime, most: int = SWEPT) -> int:
    """Announces clocks that turned yellow or red since they were last told of; how many.

    In the transaction that keeps that they were told: one that failed tells again, two at once share what is due. A
    clock that was seen late for the first time is told of as red alone. Topics: case.yellow, case.red, and
    case.summons-yellow, case.summons-red.
    """
    turned = queries.due_turns(session, now, most)
    for row in turned:
        topic = f"case.summons-{row.light}" if row.summons else f"case.{row.light}"
        outbox.put(session, topic, row.case_id, _facts(row), at=now)
    if turned:
        queries.told(session, turned)
    return len(turned)


def to_resume(session: Session, *, now: datetime, zone: ZoneInfo, most: int = SWEPT) -> list[UUID]:
    """Suspended cases whose day has come in the city."""
    return queries.to_resume(session, now.astimezone(zone).date().isoformat(), most)


def resume(opened: Opened, case_ids: list[UUID]) -> int:
    """Lets each go on, in a transaction of its own; how many did. Whatever somebody else resumed meanwhile is left as
    it is. `opened`: a transaction that works on the one case, and what decisions rest on in it."""
    done = 0
    for case_id in case_ids:
        with opened(case_id) as (session, setting):
            try:
                command = Command(Action.RESUME, text=RESUMED)
                service.step(session, case_id, AS_SYSTEM, command, version=None, setting=setting)
            except NotInTable:
                continue
            done += 1
    return done


def _facts(row: Row[Any]) -> dict[str, Any]:
    """Whom the clock runs against: a body that was summoned, who has the case or a task, else the desk of the unit."""
    summoned = row.summons > 0
    desk = row.agency_id is None and row.office_id is None
    return {
        "number": row.number,
        "clock": row.name,
        "summons": row.summons,
        "due_at": row.due_at,
        "state": row.state,
        "unit_id": row.unit_id,
        "grid_id": row.grid_id,
        "area_id": row.area_id,
        "agency_id": None if summoned else row.agency_id,
        "office_id": row.unit_id if desk else row.office_id,
        "summoned_id": row.agency_id if summoned else None,
    }
