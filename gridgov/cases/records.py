"""Files and events as rows, and back. Pure: the one place that knows both forms.

Owns the form. Does not own SQL (`queries`), nor what a file is (`file`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gridgov.auth.rules import Role
from gridgov.cases import clocks
from gridgov.cases.applying import OF_SUMMONS
from gridgov.cases.file import CaseFile, Joint, Summons, Timed
from gridgov.cases.rules import Action, Body, By, Event, State
from gridgov.platform.calendars import Limit


def event_values(event: Event) -> dict[str, Any]:
    """An event as the columns of cases_event, without those that name the case."""
    by, to = event.by, event.to
    return {
        "seq": event.seq,
        "at": event.at,
        "action": event.action.value,
        "before": event.before.value,
        "after": event.after.value,
        "account_id": by.account_id,
        "post_id": by.post_id,
        "role": by.role.value if by.role else None,
        "by_agency": by.agency_id,
        "by_area": by.area_id,
        "to_agency": to.agency_id if to else None,
        "to_area": to.area_id if to else None,
        "to_level": to.level if to else None,
        "summons": event.summons,
        "reason": event.reason,
        "text": event.text,
        "limits": {name: str(limit) for name, limit in event.limits.items()},
        "facts": dict(event.facts),
    }


def event_of(row: Any) -> Event:
    """An event from its row."""
    to = None
    if row.to_agency is not None or row.to_area is not None:
        to = Body(row.to_agency, row.to_area, row.to_level)
    return Event(
        seq=row.seq,
        at=row.at,
        action=Action(row.action),
        by=By(row.account_id, row.post_id, Role(row.role) if row.role else None, row.by_agency, row.by_area),
        before=State(row.before),
        after=State(row.after),
        to=to,
        summons=row.summons,
        reason=row.reason,
        text=row.text,
        limits={name: Limit.parse(text) for name, text in row.limits.items()},
        facts=row.facts,
    )


def file_values(file: CaseFile) -> dict[str, Any]:
    """What `cases` shows of a file: the columns that events change."""
    holder = file.holder
    return {
        "state": file.state.value,
        "version": file.version,
        "accepted_at": file.accepted_at,
        "changed_at": file.changed_at,
        "ended_at": file.ended_at,
        "next_due_at": file.next_due,
        "next_yellow_at": file.next_yellow,
        "late_from": file.late_from,
        "suspended_until": file.suspended_until,
        "level": file.level,
        "agency_id": holder.agency_id if holder else None,
        "office_id": holder.area_id if holder else None,
        "agency_ids": list(file.agencies),
        "merged_into": file.merged_into,
        "whistles": len(file.whistles),
        "returns": file.returns,
        "reworks": file.reworks,
        "extensions": file.extensions,
        "hops": file.hops,
        "on_spot": file.on_spot,
        "forced": file.forced,
        "asking": file.asking,
    }


def clock_values(timed: Timed) -> dict[str, Any]:
    """A clock as the columns of cases_clock, without those that name the case."""
    clock = timed.clock
    ended = clock.ended_at
    return {
        "seq": timed.seq,
        "summons": timed.summons,
        "name": clock.name,
        "limit": str(clock.limit),
        "extended": [str(limit) for limit in clock.extended],
        "agency_id": timed.body.agency_id if timed.body else None,
        "office_id": timed.body.area_id if timed.body else None,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "yellow_at": clock.yellow_at,
        "running": clock.running_since is not None and ended is None,
        "used": clock.used,
        "paused_at": clock.paused_at,
        "ended_at": ended,
        "late": None if ended is None else clocks.late(clock, ended),
    }


def changed_clocks(before: CaseFile | None, after: CaseFile) -> list[dict[str, Any]]:
    """Clocks that are new, or other than before."""
    had = {} if before is None else {_key(one): one for one in before.timed}
    return [clock_values(one) for one in after.timed if had.get(_key(one)) != one]


def _key(timed: Timed) -> tuple[int, int, str]:
    return timed.seq, timed.summons, timed.clock.name


def changed_summons(before: CaseFile | None, after: CaseFile) -> list[dict[str, Any]]:
    """Summons that are new, or stand otherwise than before, as columns of cases_summons without those of the case."""
    had = {} if before is None else {one.number: _about(before, one) for one in before.summons}
    return [_summons(after, one) for one in after.summons if had.get(one.number) != _about(after, one)]


def _about(file: CaseFile, call: Summons) -> tuple[Any, ...]:
    """All that the row of a summons says, but for the lateness that time alone brings."""
    timed = tuple(one.clock for one in file.timed if one.summons == call.number)
    joints = tuple(one for one in file.joints if one.whistle == call.whistle)
    return call, file.whistles[call.whistle - 1], timed, joints


def _summons(file: CaseFile, call: Summons) -> dict[str, Any]:
    call, whistle, timed, joints = _about(file, call)
    last: Joint | None = joints[-1] if joints else None
    agency = call.body.agency_id
    running = [one for one in timed if one.running_since is not None and one.ended_at is None]
    missed = {name: _missed([one for one in timed if one.name == name]) for name in OF_SUMMONS}
    due = {one.name: one.due_at for one in running}
    return {
        "summons": call.number,
        "whistle": call.whistle,
        "kind": whistle.kind.value,
        "ground": whistle.ground.value,
        "part": call.part.value,
        "state": call.state.value,
        "agency_id": agency,
        "called_at": call.called_at,
        "signed_at": call.signed_at,
        "contacted_at": call.contacted_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "ended_by": call.ended_by.value if call.ended_by else None,
        "refused": call.refused,
        "late": any(missed.values()),
        "declined": call.declined,
        "reworks": call.reworks,
        "extensions": call.extensions,
        "asking": call.extension is not None,
        **{f"{name}_due_at": due.get(name) for name in OF_SUMMONS},
        "yellow_at": min((one.yellow_at for one in running), default=None),
        **{f"{name}_late": missed[name] for name in OF_SUMMONS},
        "whistled_at": whistle.at,
        "whistle_ended_at": whistle.ended_at,
        "withdrawn": whistle.withdrawn,
        "meetings": len(joints),
        "attended": sum(agency in one.present for one in joints),
        "meeting_at": datetime.fromisoformat(last.time) if last else None,
        "meeting_place": last.place if last else None,
        "leads": [part for part, body in last.leads if body == agency] if last else [],
    }


def _missed(timed: Sequence[clocks.Clock]) -> bool | None:
    """Whether clocks of one name were missed; None while that is open. Of one that runs its due time alone tells."""
    stopped = [(one, one.paused_at or one.ended_at) for one in timed]
    if any(at is not None and clocks.late(one, at) for one, at in stopped):
        return True
    return False if timed and all(one.ended_at for one in timed) else None


def new_rating(file: CaseFile, event: Event) -> dict[str, Any] | None:
    """The rating that the event is, as columns of cases_rating without those of the case."""
    if event.action not in (Action.RATE, Action.RATE_INTERIM, Action.CORRECT_RATING):
        return None
    call = file.call(event.summons)
    assert call is not None
    rating = call.ratings[-1]
    return {
        "seq": event.seq,
        "summons": call.number,
        "agency_id": call.body.agency_id,
        "at": event.at,
        "final": rating.final,
        "period": rating.period,
        "speed": rating.speed,
        "quality": rating.quality,
        "reason": event.reason,
        "account_id": event.by.account_id,
        "post_id": event.by.post_id,
        "corrects": rating.corrects,
        "second_id": event.facts.get("second"),
    }


INCIDENT_STATUS: Mapping[State, str] = {
    State.CLOSED: "closed",
    State.REFUSED: "void",
    State.CANCELLED: "void",
    State.MERGED: "duplicate",
}


def incident_status(state: State) -> str:
    """What the incident's own status is while its case stands so."""
    return INCIDENT_STATUS.get(state, "open")
