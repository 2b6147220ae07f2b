"""Whether somebody may do something with a case now, and the event that it is. Pure.

Owns who is what to a case (`relations`), and `decide`. Does not own the lines (`transitions`), what their needs mean
(`needs`), nor what the event does (`applying`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gridgov.auth.rules import Role
from gridgov.cases import clocks
from gridgov.cases.applying import state_after
from gridgov.cases.asking import Asked, missing
from gridgov.cases.file import CaseFile, Summons
from gridgov.cases.needs import NEEDS, of_file
from gridgov.cases.rules import (
    LEVELS,
    SUMMONS_ENDED,
    Action,
    Body,
    Command,
    Event,
    Kind,
    NotInTable,
    NotYourStep,
    Place,
    Rules,
    Standing,
    State,
    SummonsState,
    Who,
)
from gridgov.cases.transitions import CASE_EDGES, EDGE_OF, SUMMONS_EDGES, Edge
from gridgov.platform.calendars import Limit
from gridgov.platform.errors import GridgovError

AGENCY_ROLES = frozenset({Role.AGENCY_OFFICER, Role.AGENCY_HEAD})
CENTRES = frozenset({Role.CENTRE_OPERATOR})
AT_LEVEL: Mapping[str, frozenset[Role]] = {
    "grid": frozenset({Role.GRID_WORKER}),
    "community": frozenset({Role.COMMUNITY_OFFICER}),
    "subdistrict": frozenset({Role.SUBDISTRICT_LEADER, Role.CENTRE_OPERATOR}),
    "district": frozenset({Role.DISTRICT_SUPERVISOR, Role.CENTRE_OPERATOR}),
    "city": frozenset({Role.DISTRICT_SUPERVISOR, Role.CENTRE_OPERATOR}),
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """An action that somebody may take now, and what it asks for. `summons`: its number, 0 for the case's own."""

    action: Action
    summons: int
    needs: tuple[str, ...]
    after: str
    zh: str
    en: str


def relations(file: CaseFile | None, standing: Standing, ground: Place, summons: int | None = None) -> frozenset[Who]:
    """What somebody who can see the case is to it; `summons`: to that one of its summons."""
    if standing.system:
        return frozenset({Who.SYSTEM})
    found = {Who.REPORTER} if standing.reporter else set()
    role, area = standing.by.role, standing.by.area_id
    if role is Role.GRID_WORKER:
        found.add(Who.WORKER)
    if role in CENTRES:
        found.add(Who.CENTRE)
    if role is Role.DISTRICT_SUPERVISOR:
        found.add(Who.SUPERVISOR)
    at_unit = area is None or area == ground.unit
    if (role is Role.SUBDISTRICT_LEADER and at_unit) or (
        role is Role.COMMUNITY_OFFICER and at_unit and ground.unit_level == "community"
    ):
        found.add(Who.UNIT)
    if file is not None and file.holder is not None and _is(file.holder, standing, ground):
        found.add(Who.HOLDER)
    if file is not None and role in AGENCY_ROLES:
        calls = file.summons if summons is None else [one for one in file.summons if one.number == summons]
        if any(one.body.agency_id in standing.agencies for one in calls if one.state is not SummonsState.RELEASED):
            found.add(Who.SUMMONED)
        if any(task.body.agency_id in standing.agencies for task in file.tasks if task.done_at is None):
            found.add(Who.HOLDER)
    return frozenset(found)


def _is(body: Body, standing: Standing, ground: Place) -> bool:
    """Whether somebody acts for a body: of the agency, or at the office of the area."""
    role, area = standing.by.role, standing.by.area_id
    if body.agency_id is not None:
        return role in AGENCY_ROLES and body.agency_id in standing.agencies
    if role not in AT_LEVEL.get(body.level or "", frozenset()):
        return False
    above = {ground.areas[level] for level in LEVELS[LEVELS.index(body.level or "grid") :] if level in ground.areas}
    return area is None or area == body.area_id or area in above


def decide(
    file: CaseFile, command: Command, standing: Standing, ground: Place, *, rules: Rules, now: datetime
) -> Event:
    """The event that the command is. Raises `NotInTable`, `NotYourStep`, and what its needs raise."""
    edge = EDGE_OF[command.action]
    call = _call(file, command, edge)
    if not _stands(edge, file, call):
        where = call.state if call else file.state
        raise NotInTable(
            f"“{edge.en}” ({command.action}) does not follow {where}.",
            field="action",
            remedy="See `allowed` of the case for what may be done now.",
            state=str(file.state),
            version=file.version,
        )
    who = relations(file, standing, ground, command.summons)
    if not who & edge.who:
        raise NotYourStep(
            f"This step ({edge.zh}) is that of: {', '.join(sorted(edge.who))}.", field="action", remedy="See `allowed`."
        )
    now = max(now, file.changed_at)  # another machine's clock may be behind
    asked = Asked(file, command, rules, ground, now, call, standing, who)
    for need in edge.needs:
        NEEDS[need](asked)
    return Event(
        seq=file.version + 1,
        at=now,
        action=command.action,
        by=standing.by,
        before=file.state,
        after=state_after(file, command.action),
        to=command.to,
        summons=command.summons if edge.of == "summons" else None,
        reason=command.reason.strip(),
        text=command.text.strip(),
        limits=_limits(asked, edge),
        facts=_facts(asked),
    )


def allowed(file: CaseFile, standing: Standing, ground: Place, *, rules: Rules, now: datetime) -> tuple[Allowed, ...]:
    """Every action that somebody may take with the case now; what its needs look up in the file holds already."""
    whole = relations(file, standing, ground)
    found = [
        _allowed(edge, 0)
        for edge in CASE_EDGES
        if whole & edge.who
        and _stands(edge, file, None)
        and _open(edge, Asked(file, Command(edge.action), rules, ground, now, None, standing, whole))
    ]
    for call in file.summons:
        here = relations(file, standing, ground, call.number)
        found += [
            _allowed(edge, call.number)
            for edge in SUMMONS_EDGES
            if here & edge.who and _stands(edge, file, call)
            and _open(edge, Asked(file, Command(edge.action), rules, ground, now, call, standing, here))
        ]  # fmt: skip
    return tuple(found)


def _allowed(edge: Edge, summons: int) -> Allowed:
    needs = tuple(need for need in edge.needs if not of_file(need))
    return Allowed(edge.action, summons, needs, edge.after, edge.zh, edge.en)


def _open(edge: Edge, asked: Asked) -> bool:
    try:
        for need in edge.needs:
            if of_file(need):
                NEEDS[need](asked)
    except GridgovError:
        return False
    return True


def _call(file: CaseFile, command: Command, edge: Edge) -> Summons | None:
    if edge.of == "case":
        return None
    call = file.call(command.summons)
    if call is None:
        raise missing("summons", "The case has no such summons.", "Give the number of one of its summons.")
    return call


def _stands(edge: Edge, file: CaseFile, call: Summons | None) -> bool:
    if edge.of == "case":
        return file.state in edge.before
    if call is None or call.state not in edge.before:
        return False
    return file.state is State.WHISTLED or edge.before <= SUMMONS_ENDED  # what has ended may be corrected later


def _limits(asked: Asked, edge: Edge) -> dict[str, Limit]:
    """Limits of the clocks that the event starts or extends: the item's, else the city's."""
    given, rules = asked.command.limits, asked.rules
    names = [mark[1:] for mark in edge.clocks if mark[0] == "+"]
    if edge.action in (Action.WHISTLE, Action.SUMMON):
        names += ["sign", "contact", "report"]
    kind = asked.command.facts["kind"] if edge.action is Action.WHISTLE else None
    if kind is None and asked.file.whistles:
        kind = asked.file.whistles[-1].kind
    found = {
        name: given.get(name) or (rules.report[Kind(str(kind))] if name == "report" else rules.clocks[name])
        for name in names
    }
    for mark in edge.clocks:
        if mark[0] == "^":
            waiting = asked.call.extension if asked.call else asked.file.extension
            found[mark[1:]] = Limit.parse(str(waiting))
    return found


def _facts(asked: Asked) -> Mapping[str, Any]:
    """What the event keeps of what was sent, and what follows from the file: the speed of an answer, the unit."""
    command, file = asked.command, asked.file
    facts = dict(command.facts)
    if command.duty is not None and "duty" in EDGE_OF[command.action].needs:
        facts["duty"] = command.duty
    if command.action is Action.WHISTLE:
        facts |= {"unit": asked.ground.unit, "unit_level": asked.ground.unit_level}
    for name in FOUND & facts.keys():
        del facts[name]
    if command.risks:
        facts["risks"] = list(command.risks)
    call = asked.call
    if call is not None and command.action in (Action.RATE, Action.RATE_INTERIM):
        facts["speed"] = speed(file, call.number, asked.now)
    if call is not None and call.rating is not None and command.action is Action.CORRECT_RATING:
        facts |= {"speed": call.rating.speed, "corrects": call.rating.seq, "second": command.second}
    return facts


FOUND = frozenset({"risks", "speed", "corrects", "second"})  # never taken from what was sent


SPEEDS = ((0.5, 5), (0.8, 4), (1.0, 3), (1.5, 2))  # share of the limit used -> grade; beyond: 1


def speed(file: CaseFile, summons: int, now: datetime) -> int:
    """Grade 1 to 5 of how fast a summons was answered: by its report clock, less one for each other clock missed."""
    timed = [one.clock for one in file.timed if one.summons == summons]
    report = next((one for one in reversed(timed) if one.name == "report"), None)
    if report is None:
        return 1
    spent = report.used / report.allowed if report.ended_at else 1.0  # what still runs: within its limit so far
    if clocks.late(report, now):
        spent = max(spent, 1.01) if report.ended_at else float("inf")
    grade = next((grade for most, grade in SPEEDS if spent <= most), 1)
    missed = sum(clocks.late(one, now) for one in timed if one.name != "report")
    return max(1, grade - missed)
