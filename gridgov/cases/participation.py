"""What those who take part in a case may see of its incident: text, photos, photos of the handling, the desk's view.

Owns the two steps: the case is seen under the actor's own row policies, then the transaction works as the role that
sees this one incident. A body that was released, or gave the case back, sees neither any longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gridgov.auth.rules import Actor, Reach
from gridgov.cases.file import CaseFile
from gridgov.cases.papers import TaskLine
from gridgov.cases.queries import exchange as queries
from gridgov.cases.queries import stepping
from gridgov.cases.rules import Action, Body, CaseUnknown, Event
from gridgov.cases.service import Seen, Setting
from gridgov.duties.rules import ListKind

AT_THE_WINDOW = frozenset({"window", "visit"})


class Stage(StrEnum):
    """What a photo shows: the place before, during or after the handling."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Mark:
    """That a photo is of the handling, and of whom."""

    stage: Stage
    agency_id: int | None


def let_in(session: Session, case_id: UUID, reach: Reach, become: Callable[[], None]) -> None:
    """From here on the transaction works on this one case and its incident. Raises `CaseUnknown` for who takes no
    part."""
    if not stepping.visible(session, case_id, reach):
        raise CaseUnknown("No case has this id.", field="case_id", remedy="Check the id on the receipt.")
    become()


def mark(session: Session, case_id: UUID, photos: Iterable[UUID], stage: Stage, actor: Actor, *, now: datetime) -> None:
    """Keeps what photos show, and who added them. What has a mark keeps it."""
    rows = [
        {"attachment_id": one, "case_id": case_id, "stage": stage.value, "account_id": actor.account_id,
         "post_id": actor.post_id, "agency_id": actor.agency_id, "added_at": now}
        for one in photos
    ]  # fmt: skip
    if rows:
        queries.mark_photos(session, rows)


def marks(session: Session, case_id: UUID) -> dict[UUID, Mark]:
    """The photos of the handling; the others came with the report."""
    return {row.attachment_id: Mark(Stage(row.stage), row.agency_id) for row in queries.photo_marks(session, case_id)}


def visits(channel: str, events: Sequence[Event]) -> int:
    """How often the reporter had to come (最多跑一趟): to report at a window, and each note that says so. Pure."""
    later = sum(event.action is Action.NOTE and event.facts.get("visit") is True for event in events)
    return int(channel in AT_THE_WINDOW) + later


def service_of(session: Session, seen: Seen, setting: Setting) -> str | None:
    """The item of the service catalogue (公共服务清单) that the matter is, where a list in force has one."""
    found = setting.lists.router.ranked(
        session, seen.row.category_code, [area.id for area in seen.path], at=setting.now, marks=setting.marks
    )
    item = next((one.item for one in found if one.item.list_kind is ListKind.PUBLIC_SERVICES), None)
    return None if item is None else f"{item.list_name} {item.code}"


def task_lines(session: Session, file: CaseFile) -> list[TaskLine]:
    """The back-office tasks with the names of their bodies and their limits."""
    names = names_of(session, [task.body for task in file.tasks])
    due = {(one.body, one.seq): one.clock.due_at for one in file.timed if one.clock.name == "task"}
    lines = []
    for task in file.tasks:
        mine = sorted(key for key in due if key[0] == task.body)
        of_body = [one for one in file.tasks if one.body == task.body]
        place = of_body.index(task)
        lines.append(
            TaskLine(task.number, names[task.body], due[mine[place]] if place < len(mine) else None, task.done_at)
        )
    return lines


def names_of(session: Session, bodies: Iterable[Body]) -> Mapping[Body, str]:
    """Chinese names of agencies and offices."""
    wanted = set(bodies)
    agencies, areas = queries.names_of(
        session, [one.agency_id for one in wanted if one.agency_id], [one.area_id for one in wanted if one.area_id]
    )
    return {one: _name(agencies.get(one.agency_id) if one.agency_id else areas.get(one.area_id or 0)) for one in wanted}


def _name(names: Any) -> str:
    return str(names.get("zh") or next(iter(names.values()), "")) if names else "—"
