"""Random people doing random things to cases, by the tables alone: most of it is refused, a third or more is not.

The people are those of a small place: a district with a sub-district, a community, a grid, and some agencies.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from gridgov.auth.rules import Role
from gridgov.cases.applying import apply, begun
from gridgov.cases.deciding import allowed, decide
from gridgov.cases.file import CaseFile
from gridgov.cases.rules import (
    SYSTEM,
    Action,
    Body,
    By,
    Command,
    Event,
    Ground,
    Kind,
    Part,
    Place,
    Rules,
    Standing,
    State,
)
from gridgov.platform.calendars import Calendar, Limit
from gridgov.platform.errors import GridgovError

CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"))
PLACE = Place({"grid": 1, "community": 2, "subdistrict": 3, "district": 4, "city": 5}, "subdistrict")
FLAT = Place({"grid": 1, "community": 2, "district": 4, "city": 5}, "community")
AGENCIES = (11, 12, 13)
CHANNELS = ("worker", "hotline", "mini-program", "deputy", "window")
START = datetime(2026, 3, 2, 1, tzinfo=UTC)


def _post(account: int, role: Role, *, area: int | None = None, agency: int | None = None) -> Standing:
    by = By(account, account, role, agency, area)
    return Standing(by, frozenset({agency}) if agency else frozenset())


PEOPLE = (
    _post(1, Role.GRID_WORKER, area=1), _post(2, Role.COMMUNITY_OFFICER, area=2),
    _post(3, Role.CENTRE_OPERATOR, area=3),
    _post(4, Role.CENTRE_OPERATOR, area=4), _post(5, Role.SUBDISTRICT_LEADER, area=3),
    _post(6, Role.DISTRICT_SUPERVISOR, area=4),
    *(_post(agency, Role.AGENCY_OFFICER, agency=agency) for agency in AGENCIES), _post(7, Role.AGENCY_HEAD, agency=11),
    Standing(reporter=True), Standing(system=True),
)  # fmt: skip
IDLE = frozenset({Action.NOTE, Action.FEED_BACK, Action.REPLY, Action.REHOME, Action.REOPEN, Action.MERGE,
                  Action.CANCEL, Action.FORCE_CLOSE, Action.REFUSE, Action.WITHDRAW_WHISTLE})  # fmt: skip
AT_RISK = frozenset({Action.DISPATCH, Action.ESCALATE, Action.ORDER, Action.RULE, Action.WHISTLE,
                     Action.HANDLE_ON_SPOT})  # fmt: skip
AREAS = tuple(Body(area_id=area, level=level) for level, area in PLACE.areas.items())


@dataclass
class Walk:
    """One case on its way; `cases` lie beside it, to be merged into."""

    file: CaseFile
    place: Place
    events: list[Event]
    taken: Counter[Action] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


def begin(rng: random.Random, at: datetime) -> Walk:
    case_id = UUID(int=rng.getrandbits(128))
    event = Event(
        1, at, Action.REPORT, SYSTEM, State.REPORTED, State.REPORTED, limits={"accept": Rules().clocks["accept"]}
    )
    file = begun(case_id, rng.choice(CHANNELS), event, CALENDAR)
    return Walk(file, rng.choice((PLACE, PLACE, FLAT)), [event])


def step(
    walk: Walk, rng: random.Random, now: datetime, others: list[UUID], sofar: Counter[Action] | None = None
) -> Event | None:
    """One random action of a random person: likely one that they may take, often one that they may not. What was taken
    seldom so far is taken sooner."""
    who = rng.choice(PEOPLE)
    may = allowed(walk.file, who, walk.place, rules=Rules(), now=now)
    for _ in range(3):  # somebody who could move it on is met more often
        if {one.action for one in may} - IDLE:
            break
        who = rng.choice(PEOPLE)
        may = allowed(walk.file, who, walk.place, rules=Rules(), now=now)
    if may and rng.random() < 0.8:
        often = sofar or Counter()
        chosen = rng.choices(may, [(1 if one.action in IDLE else 8) / (1 + often[one.action]) for one in may])[0]
        action, summons = chosen.action, chosen.summons or None
    else:
        action = rng.choice([one for one in Action if one is not Action.REPORT])
        summons = rng.randint(1, 3) if action.value.startswith("summons-") else None
    command = command_of(walk, action, summons, rng, now, others)
    try:
        event = decide(walk.file, command, who, walk.place, rules=Rules(), now=now)
        walk.file = apply(walk.file, event, CALENDAR)
    except GridgovError as refusal:
        walk.refused[refusal.code] += 1
        return None
    walk.events.append(event)
    walk.taken[action] += 1
    return event


def command_of(
    walk: Walk,
    action: Action,
    summons: int | None,
    rng: random.Random,
    now: datetime,
    others: list[UUID],
    *,
    agencies: Sequence[int] = AGENCIES,
    areas: Sequence[Body] = AREAS,
) -> Command:
    """What is sent with it: mostly complete."""
    agency = Body(agency_id=rng.choice(agencies))
    to = rng.choice((agency, rng.choice(areas)))
    levels = list(walk.place.areas)
    if action is Action.ESCALATE and rng.random() < 0.8:
        at = levels.index(walk.file.level) if walk.file.level in levels else 0
        up = levels[min(at + 1, len(levels) - 1)]
        to = Body(area_id=walk.place.areas[up], level=up)
    if action is Action.ORDER:
        level = rng.choice([one for one in ("subdistrict", "community") if one in levels])
        to = Body(area_id=walk.place.areas[level], level=level)
    clock = walk.file.clock("report", summons) if summons else walk.file.clock("handle")
    limit = Limit(1, clock.clock.limit.unit) if clock else "2 work_day"
    called = rng.sample(agencies, rng.randint(1, 2))
    bodies = [
        {"agency": one, "part": "lead" if i == 0 else rng.choice(list(Part)[1:]).value} for i, one in enumerate(called)
    ]
    open_tasks = [task.number for task in walk.file.tasks if task.done_at is None]
    facts = {
        "found": rng.random() < 0.8, "condition": True, "waived": rng.random() < 0.2, "limit": str(limit),
        "until": (now.date() + timedelta(days=rng.randint(1, 400))).isoformat(), "quality": rng.randint(0, 5),
        "kind": rng.choice(list(Kind)).value, "ground": rng.choice(list(Ground)).value, "bodies": bodies,
        "place": "路口", "time": now.isoformat(),
        "present": [one.body.agency_id for one in walk.file.summons[-1:]] or [agencies[0]],
        "period": "2026-03", "uphold": rng.random() < 0.5,
        "into": str(rng.choice(others)) if others else None, "task": rng.choice(open_tasks) if open_tasks else 1,
    }  # fmt: skip
    return Command(
        action, to=to, summons=summons, reason="理由" if rng.random() < 0.95 else "", text="内容", facts=facts,
        duty="D1" if rng.random() < 0.9 else None, admitted=rng.random() < 0.9,
        risks=("自由裁量",) if action in AT_RISK and rng.random() < 0.4 else (), second=rng.choice((None, 5, 6)),
    )  # fmt: skip


def forward(rng: random.Random, now: datetime) -> datetime:
    """Some time later: minutes mostly, sometimes days."""
    return now + timedelta(seconds=round(rng.expovariate(1 / 2400)), days=rng.choice((0, 0, 0, 0, 0, 1, 2)))
