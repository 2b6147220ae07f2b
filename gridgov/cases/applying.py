"""A case file as the fold of its events. Pure: the same events and calendar give the same file, clocks included.

Owns what each event does to a file. Does not own which events may come (`deciding`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any
from uuid import UUID

from gridgov.cases import clocks
from gridgov.cases.file import CaseFile, Joint, Rating, Summons, Task, Timed, Whistle
from gridgov.cases.rules import ENDED, SUMMONS_ENDED, Action, Body, Event, Ground, Kind, Part, State, SummonsState
from gridgov.cases.transitions import EDGE_OF, RESTORED, SAME
from gridgov.platform.calendars import Calendar

OF_SUMMONS = ("sign", "contact", "report")


def begun(case_id: UUID, channel: str, event: Event, calendar: Calendar) -> CaseFile:
    """The file that its first event makes."""
    if event.action is not Action.REPORT or event.seq != 1:
        raise ValueError("a file begins with its report")
    empty = CaseFile(case_id, channel, State.REPORTED, 0, event.at, event.at)
    return apply(empty, event, calendar)


def fold(case_id: UUID, channel: str, events: Iterable[Event], calendar: Calendar) -> CaseFile:
    """The file after all its events, in the order of their numbers. Raises `ValueError` for a gap."""
    it = iter(events)
    file = begun(case_id, channel, next(it), calendar)
    for event in it:
        file = apply(file, event, calendar)
    return file


def apply(file: CaseFile, event: Event, calendar: Calendar) -> CaseFile:
    """The file after one more event. Raises `ValueError` for an event that does not come next."""
    if event.seq != file.version + 1 or (event.before is not file.state and event.seq > 1):
        raise ValueError(f"event {event.seq} does not follow {file.version} in {file.state}")
    edge = EDGE_OF[event.action]
    does = _DOES.get(event.action)
    after = does(file, event) if does else file
    for mark in edge.clocks:
        after = _wind(after, mark, event, calendar)
    if event.action in (Action.WHISTLE, Action.SUMMON):
        after = _called(after, len(file.summons), event, calendar)
    call = after.call(event.summons) if edge.of == "summons" else None
    if call is not None and call.state in SUMMONS_ENDED:
        after = _wind(after, "-*", event, calendar)
    ended_at = None if event.after not in ENDED else file.ended_at if file.ended else event.at
    return _but(after, version=event.seq, changed_at=event.at, state=event.after, ended_at=ended_at)


_ALL = attrgetter(*(one.name for one in fields(CaseFile)))
_PLACES = {one.name: place for place, one in enumerate(fields(CaseFile))}


def _but(file: CaseFile, **changes: Any) -> CaseFile:
    """As `dataclasses.replace`, in a quarter of its time: every event makes its file anew several times."""
    values = list(_ALL(file))
    for name, value in changes.items():
        values[_PLACES[name]] = value
    return CaseFile(*values)


def state_after(file: CaseFile, action: Action) -> State:
    """The state of the case after an action of the case."""
    edge = EDGE_OF[action]
    if edge.of == "summons" or edge.after == SAME:
        return file.state
    if edge.after == RESTORED:
        assert file.before is not None
        return file.before
    return State(edge.after)


# --- clocks -------------------------------------------------------------------------------------------------------


def _wind(file: CaseFile, mark: str, event: Event, calendar: Calendar) -> CaseFile:
    """One mark of a line's clocks."""
    sign, name = mark[0], mark[1:]
    summons = event.summons or 0 if EDGE_OF[event.action].of == "summons" else 0
    if sign == "+":
        if name not in event.limits:
            return file
        clock = clocks.start(name, event.limits[name], event.at, calendar)
        return _but(file, timed=(*file.timed, Timed(event.seq, summons, clock, _against(file, name, summons, event))))
    chosen = [
        one for one in file.timed
        if one.clock.ended_at is None and name in ("*", one.clock.name)
        and (one.summons == summons or (name == "*" and summons == 0))
    ]  # fmt: skip
    if name == "task":
        chosen = [one for one in chosen if one.body == _task(file, event).body][:1]
    changed = {id(one): _turned(one, sign, event, calendar) for one in chosen}
    return _but(file, timed=tuple(changed.get(id(one), one) for one in file.timed))


def _called(file: CaseFile, before: int, event: Event, calendar: Calendar) -> CaseFile:
    """Each body that was called now has clocks of its own, all from this instant on."""
    new = tuple(
        Timed(event.seq, one.number, clocks.start(name, event.limits[name], event.at, calendar), one.body)
        for one in file.summons[before:]
        for name in OF_SUMMONS
    )
    return _but(file, timed=(*file.timed, *new))


def _turned(one: Timed, sign: str, event: Event, calendar: Calendar) -> Timed:
    clock = one.clock
    if sign == "-":
        return replace(one, clock=clocks.end(clock, event.at, calendar))
    if sign == "~":
        if clock.running_since is None:
            return one
        return replace(one, clock=clocks.pause(clock, event.at, calendar), paused_by=event.action)
    if sign == ">":
        if clock.running_since is not None or (event.action is Action.UNMERGE and one.paused_by is not Action.MERGE):
            return one
        return replace(one, clock=clocks.resume(clock, event.at, calendar), paused_by=None)
    if sign == "^":
        return replace(one, clock=clocks.extend(clock, event.limits[clock.name], event.at, calendar))
    raise ValueError(sign)


def _against(file: CaseFile, name: str, summons: int, event: Event) -> Body | None:
    if summons:
        call = file.call(summons)
        return call.body if call else None
    if name == "task":
        return event.to
    return file.holder if name == "handle" else None


# --- what each action does ----------------------------------------------------------------------------------------


def _report(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, level="grid" if event.by.role == "grid_worker" else None)


def _verify(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, verified=bool(event.facts["found"]))


def _accept(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, accepted_at=event.at)


def _on_spot(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, on_spot=True, level="grid", accepted_at=event.at)


def _held(file: CaseFile, event: Event) -> CaseFile:
    """Dispatched, escalated, ordered or ruled: another body has it."""
    assert event.to is not None
    hops = file.hops + (file.holder is not None and file.holder != event.to)
    return _but(file, holder=event.to, level=event.to.level, hops=hops, risks=_risks(event), **_fresh())


_UNAPPROVED: Mapping[str, Any] = {"approval_by": None, "approved": False}


def _risks(event: Event) -> tuple[str, ...]:
    return tuple(event.facts.get("risks", ()))


def _ruled(file: CaseFile, event: Event) -> CaseFile:
    """Who received it first, and was found not to hold the duty, is responsible no longer."""
    wrong = file.first == file.holder and event.to != file.holder
    return _held(_but(file, first=None) if wrong else file, event)


def _fresh() -> dict[str, Any]:
    """What begins anew with another holder."""
    return {"extension": None, "extensions": 0, "suspension_asked": False, "declined": 0, **_UNAPPROVED}


def _received(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, first=file.first or file.holder)


def _returned(file: CaseFile, event: Event) -> CaseFile:
    gone = file.holder
    tasks = tuple(task for task in file.tasks if task.done_at is not None)
    first = None if file.first == gone else file.first
    return _but(file, holder=None, first=first, returns=file.returns + 1, tasks=tasks, **_fresh())


def _count(name: str) -> Any:
    return lambda file, event: _but(file, **{name: getattr(file, name) + 1})


def _asked(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, extension=str(event.facts["limit"]))


def _granted(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, extension=None, extensions=file.extensions + 1)


def _denied(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, extension=None)


def _ask_suspension(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, suspension_asked=True)


def _suspended(file: CaseFile, event: Event) -> CaseFile:
    until = str(event.facts["until"])
    return _but(file, suspension_asked=False, suspensions=file.suspensions + 1, suspended_until=until)


def _resumed(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, suspended_until=None)


def _tasked(file: CaseFile, event: Event) -> CaseFile:
    assert event.to is not None
    return _but(file, tasks=(*file.tasks, Task(len(file.tasks) + 1, event.to)))


def _task(file: CaseFile, event: Event) -> Task:
    return next(task for task in file.tasks if task.number == event.facts["task"])


def _finished(file: CaseFile, event: Event) -> CaseFile:
    done = _task(file, event)
    return _but(file, tasks=tuple(replace(t, done_at=event.at) if t == done else t for t in file.tasks))


def _reworked(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, reworks=file.reworks + 1, on_spot=False, **_fresh())


def _replied(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, replied_at=event.at)


def _fed_back(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, fed_back_at=file.fed_back_at or event.at)


def _forced(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, forced=True)


def _reopened(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, reopened=file.reopened + 1, holder=None, forced=False, replied_at=None, **_fresh())


def _merged(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, before=file.state, merged_into=UUID(str(event.facts["into"])))


def _unmerged(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, before=None, merged_into=None)


def _whistled(file: CaseFile, event: Event) -> CaseFile:
    whistle = Whistle(len(file.whistles) + 1, Kind(event.facts["kind"]), Ground(event.facts["ground"]), event.at)
    unit = Body(area_id=event.facts["unit"], level=event.facts["unit_level"])
    held = _but(
        file, whistles=(*file.whistles, whistle), holder=unit, level=unit.level, risks=_risks(event), **_fresh()
    )
    return _summoned(_but(held, first=held.first or unit), event)


def _summoned(file: CaseFile, event: Event) -> CaseFile:
    """New summons, numbered on through the case's life."""
    for called in event.facts["bodies"]:
        number = len(file.summons) + 1
        body = Body(agency_id=called["agency"])
        new = Summons(number, len(file.whistles), body, Part(called["part"]), SummonsState.CALLED, event.at)
        file = _but(file, summons=(*file.summons, new))
    return file


def _convened(file: CaseFile, event: Event) -> CaseFile:
    facts = event.facts
    leads = tuple(sorted(facts.get("leads", {}).items()))
    made = Joint(len(file.joints) + 1, len(file.whistles), event.seq, facts["place"], facts["time"], leads)
    return _but(file, joints=(*file.joints, made))


def _attended(file: CaseFile, event: Event) -> CaseFile:
    number = event.facts.get("meeting", len(file.joints))
    came = set(event.facts["present"])
    return _but(file, joints=tuple(
        replace(one, present=tuple(sorted(came | set(one.present)))) if one.number == number else one
        for one in file.joints
    ))  # fmt: skip


def _approval_asked(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, approval_by=event.by.account_id, approved=False)


def _approved(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, approval_by=None, approved=event.action is Action.APPROVE)


def _concluded(file: CaseFile, event: Event) -> CaseFile:
    return _but(file, whistles=(*file.whistles[:-1], replace(file.whistles[-1], ended_at=event.at)))


def _withdrawn(file: CaseFile, event: Event) -> CaseFile:
    ended = replace(file.whistles[-1], ended_at=event.at, withdrawn=True)
    summons = tuple(
        one if one.state in SUMMONS_ENDED
        else replace(one, state=SummonsState.WITHDRAWN, ended_at=event.at, ended_by=event.action)
        for one in file.summons
    )  # fmt: skip
    return _but(file, whistles=(*file.whistles[:-1], ended), summons=summons, holder=None)


def _on_summons(file: CaseFile, event: Event) -> CaseFile:
    call = file.call(event.summons)
    assert call is not None
    changed = replace(call, **_summons_changes(call, event))
    return _but(file, summons=tuple(changed if one.number == call.number else one for one in file.summons))


def _summons_changes(call: Summons, event: Event) -> dict[str, Any]:
    state = summons_after(event.action, event.facts, call)
    change: dict[str, Any] = {"state": state}
    if state in SUMMONS_ENDED and call.ended_at is None:
        change |= {"ended_at": event.at, "ended_by": event.action, "extension": None}
    match event.action:
        case Action.SIGN | Action.SUMMONS_DECLINE:
            change["signed_at"] = call.signed_at or event.at
            change["declined"] = call.declined + (event.action is Action.SUMMONS_DECLINE)
        case Action.CONTACT:
            change["contacted_at"] = call.contacted_at or event.at
        case Action.REPORT_BACK:
            change |= {"answered_at": event.at, "contacted_at": call.contacted_at or event.at}
        case Action.SUMMONS_REFUSE:
            change["refused"] = True
        case Action.SUMMONS_RULE if state is SummonsState.SIGNED:
            change["signed_at"] = call.signed_at or event.at
        case Action.SUMMONS_EXTEND:
            change["extension"] = str(event.facts["limit"])
        case Action.SUMMONS_GRANT:
            change |= {"extension": None, "extensions": call.extensions + 1}
        case Action.SUMMONS_DENY:
            change["extension"] = None
        case Action.SUMMONS_REWORK:
            change |= {"reworks": call.reworks + 1, "answered_at": None}
        case Action.RATE | Action.RATE_INTERIM | Action.CORRECT_RATING:
            final, corrects = event.action is Action.RATE, event.facts.get("corrects")
            quality, speed = int(event.facts["quality"]), int(event.facts["speed"])
            new = Rating(event.seq, event.at, quality, speed, final, str(event.facts.get("period", "")), corrects)
            change["ratings"] = (*call.ratings, new)
    return change


def summons_after(action: Action, facts: Mapping[str, Any], call: Summons) -> SummonsState:
    """Where a summons stands after an action of its own."""
    edge = EDGE_OF[action]
    if edge.after == SAME:
        return call.state
    if action is Action.SUMMONS_RULE:
        return SummonsState.SIGNED if facts["uphold"] else SummonsState.RELEASED
    return SummonsState(edge.after)


def _rehomed(file: CaseFile, event: Event) -> CaseFile:
    """Offices that no longer have the place give what is open to those that have it now."""
    new = {one["from"]: Body(area_id=one["to"], level=one["level"]) for one in event.facts.get("offices", ())}
    if not new:
        return file

    def body_of(body: Body | None) -> Body | None:
        return body if body is None else new.get(body.area_id or 0, body)

    holder = body_of(file.holder)
    tasks = tuple(t if t.done_at else replace(t, body=body_of(t.body) or t.body) for t in file.tasks)
    timed = tuple(t if t.clock.ended_at else replace(t, body=body_of(t.body)) for t in file.timed)
    level = file.level if holder == file.holder or holder is None else holder.level
    return _but(file, holder=holder, first=body_of(file.first), level=level, tasks=tasks, timed=timed)


_DOES = {
    Action.REHOME: _rehomed,
    Action.REPORT: _report, Action.VERIFY: _verify, Action.ACCEPT: _accept, Action.HANDLE_ON_SPOT: _on_spot,
    Action.DISPATCH: _held, Action.ESCALATE: _held, Action.ORDER: _held, Action.RULE: _ruled,
    Action.RECEIVE: _received, Action.AGREE_RETURN: _returned, Action.DECLINE_RETURN: _count("declined"),
    Action.DISPUTE: _count("disputes"), Action.ASK_EXTENSION: _asked, Action.GRANT_EXTENSION: _granted,
    Action.DECLINE_EXTENSION: _denied, Action.ASK_SUSPENSION: _ask_suspension, Action.SUSPEND: _suspended,
    Action.RESUME: _resumed, Action.ADD_TASK: _tasked, Action.FINISH_TASK: _finished, Action.REWORK: _reworked,
    Action.REPLY: _replied, Action.FEED_BACK: _fed_back, Action.FORCE_CLOSE: _forced, Action.REOPEN: _reopened,
    Action.MERGE: _merged, Action.UNMERGE: _unmerged, Action.WHISTLE: _whistled, Action.SUMMON: _summoned,
    Action.CONVENE: _convened, Action.ATTEND: _attended, Action.ASK_APPROVAL: _approval_asked,
    Action.APPROVE: _approved, Action.DECLINE_APPROVAL: _approved, Action.CONCLUDE: _concluded,
    Action.WITHDRAW_WHISTLE: _withdrawn,
} | {action: _on_summons for action, edge in EDGE_OF.items() if edge.of == "summons"}  # fmt: skip
