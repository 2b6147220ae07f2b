"""The cases of the demo city: the old ones worked out and loaded in bulk, the last ones lived through the services.

Owns which are which, and the order of time. Does not own how a case is stored (`cases.bulk`, `cases.service`).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import cos, hypot, radians
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas.locator import Locator
from gridgov.areas.rules import AreaFacts, Level
from gridgov.auth.context import binding, taking_on
from gridgov.auth.matrix import grants_of
from gridgov.auth.rules import EVERYWHERE, Actor, Role
from gridgov.cases import bulk, service
from gridgov.cases.bulk import History, Step, Unfolding
from gridgov.cases.duty import Lists
from gridgov.cases.rules import (
    By,
    NeedMissing,
    NotAdmittedHere,
    NotInTable,
    NotTheirDuty,
    NotYet,
    NotYourStep,
)
from gridgov.cases.service import Setting
from gridgov.duties.agencies import AgencyTree
from gridgov.duties.router import Router
from gridgov.incidents import service as incidents
from gridgov.interop.democases import plots
from gridgov.interop.democases.cast import Cast, Seat
from gridgov.interop.democases.life import Life, Over
from gridgov.interop.democases.world import World
from gridgov.interop.democity.chance import stream
from gridgov.platform.days import Days
from gridgov.platform.db import Database, revisions, say

LIVE = 1_000  # the last cases
ALL = 100_000
SLICE = 4_000  # cases of one load
WAITING = 0.45  # of the last ones: somebody has yet to go on
REPORTERS = {
    "worker": Role.GRID_WORKER, "hotline": Role.CENTRE_OPERATOR, "sensor": Role.MACHINE, "deputy": Role.DEPUTY,
}  # fmt: skip


REMEMBERED = 60  # cases of a matter that a new one may repeat
DEGREE_M = 111_195.0


class House(Protocol):
    """What this needs of the house of the city."""

    @property
    def db(self) -> Database: ...

    @property
    def locator(self) -> Locator: ...

    @property
    def router(self) -> Router: ...

    @property
    def agencies(self) -> AgencyTree: ...

    @property
    def days(self) -> Days: ...


@dataclass(frozen=True, slots=True)
class Told:
    """One case of the story: its incident, who reported it and when, what happened, and what came of it."""

    incident: Row[Any]
    by: By
    at: datetime
    steps: tuple[Step, ...]
    history: History
    refused: str | None = None  # why the telling ended before its time


@dataclass(frozen=True, slots=True)
class Story:
    """The setting of all cases, and the cases in the order of their reports."""

    setting: Setting
    cast: Cast
    told: tuple[Told, ...]


def settle_cases(
    house: House,
    *,
    seed: int,
    until: date,
    seats: Mapping[Seat, tuple[int, int]],
    said: Callable[[str], None],
    most: int | None = None,
) -> tuple[int, int]:
    """Gives the incidents of the demo city their cases: (loaded in bulk, lived through). All or nothing, and nothing
    where there are cases already. `most`: only the newest ones get one (None: all)."""
    with house.db.transaction() as session:
        if bulk.any_case(session):
            return 0, 0
        story = tell(house, session, seed=seed, until=until, seats=seats, most=most or ALL)
        old, last = story.told[:-LIVE], story.told[-LIVE:]
        for start in range(0, len(old), SLICE):
            done = bulk.load(session, [one.history for one in old[start : start + SLICE]])
            said(f"  cases of the past: {done.cases:,}, with {done.events:,} events")
        for code, n in Counter(one.refused for one in story.told if one.refused).items():
            said(f"  cases that stay where they are, for a step was refused ({code}): {n:,}")
        steps = live(session, story, last)
        said(f"  cases lived through: {len(last):,}, in {steps:,} steps")
    return len(old), len(last)


def tell(
    house: House,
    session: Session,
    *,
    seed: int,
    until: date,
    seats: Mapping[Seat, tuple[int, int]],
    most: int = ALL,
) -> Story:
    """What happens to the incidents until the midnight at which `until` begins; nothing is stored."""
    marks = revisions(session)
    city = house.locator.city(session, revision=marks.get("areas", 0))
    calendar = house.days.calendar(session, city.zone, revision=marks.get("calendar", 0))
    stop = datetime.combine(until, datetime.min.time(), city.zone)
    found = incidents.find(
        session, incidents.Filter(reach=EVERYWHERE), locator=house.locator, router=house.router, limit=most
    )
    found.sort(key=lambda one: (one.row.happened_at, one.row.id))
    setting = Setting(
        calendar=calendar, rules=service.rules(session), locator=house.locator,
        lists=Lists(house.router, house.agencies), marks=marks, now=stop,
    )  # fmt: skip
    ids = {agency for _, _, agency in seats if agency is not None}
    under = {one: frozenset(house.agencies.under(session, one, revision=marks.get("duties", 0))) for one in sorted(ids)}
    cast, world = Cast(seats, under), World(session, house, marks, stop)
    told: list[Told] = []
    recent: dict[str, deque[Told]] = {}
    for place, seen in enumerate(found):
        before = recent.setdefault(seen.row.category_code, deque(maxlen=REMEMBERED))
        last = place >= len(found) - LIVE
        told.append(_told(session, seen.row, setting, cast, world, seed, stop, before, last=last))
        before.append(told[-1])
    return Story(setting, cast, tuple(told))


def _told(
    session: Session, incident: Row[Any], setting: Setting, cast: Cast, world: World, seed: int, stop: datetime,
    before: Iterable[Told], *, last: bool,
) -> Told:  # fmt: skip
    rng = stream(seed, "case", str(incident.id))
    at = min(incident.happened_at + timedelta(seconds=20 + int(100 * rng.random())), stop)
    path = setting.path(session, incident)
    ground = service.place_of(path)
    by = _reporter(incident.channel, cast, path)
    life = Life(
        Unfolding(session, incident, by, at=at, setting=setting), incident, path, ground, cast, world,
        setting.calendar, rng, at, stop, _most(rng, last), world.bodies(incident.category_code, path), last,
        _near(incident, at, before, setting),
    )  # fmt: skip
    refused = None
    try:
        plots.choose(life)(life)
    except Over:
        pass
    except (NotInTable, NotYourStep, NeedMissing, NotYet, NotTheirDuty, NotAdmittedHere) as problem:
        refused = problem.code  # what people meant to do does not go: the case stays where it is
    return Told(incident, by, at, tuple(life.steps), life.unfolding.history(), refused)


def _near(incident: Row[Any], at: datetime, before: Iterable[Told], setting: Setting) -> UUID | None:
    """The newest open case of the same matter within the city's radius and hours for mergers."""
    for told in reversed(list(before)):
        file, other = told.history.file, told.incident
        if at - told.at > timedelta(hours=setting.rules.merge_hours):
            break
        wide = cos(radians(incident.lat)) * (other.lon - incident.lon)
        away_m = DEGREE_M * hypot(wide, other.lat - incident.lat)
        if away_m <= setting.rules.merge_m and (file.ended_at is None or file.ended_at > at + timedelta(hours=1)):
            return file.id
    return None


def _most(rng: Any, last: bool) -> int:
    """After how many steps nobody has gone on yet."""
    return int(8 * rng.random()) if last and rng.random() < WAITING else 1_000


def _reporter(channel: str, cast: Cast, path: Sequence[AreaFacts]) -> By:
    role = REPORTERS.get(channel)
    if role is None:
        return By(role=Role.RESIDENT) if channel == "mini-program" else By(role=Role.CENTRE_OPERATOR)
    area = path[-1].id if role is Role.GRID_WORKER and path[-1].level is Level.GRID else None
    return cast.standing(role, area=area).by


# --- living ---------------------------------------------------------------------------------------------------------


def live(session: Session, story: Story, cases: Sequence[Told]) -> int:
    """Every step at its time, in the order of time, each in the name of whose step it is; how many.

    The incidents are open from their report on, whatever their import said.
    """
    incidents.set_statuses(session, [(one.incident.id, one.incident.happened_at, "open") for one in cases])
    ordered = sorted(_moments(cases), key=lambda one: (one[0], one[1].incident.id, one[2]))
    for at, told, number in ordered:
        _lived(session, told, number, replace(story.setting, now=at))
    return len(ordered)


def _moments(cases: Iterable[Told]) -> Iterator[tuple[datetime, Told, int]]:
    for told in cases:
        yield told.at, told, -1
        for number, step in enumerate(told.steps):
            yield step.at, told, number


def _lived(session: Session, told: Told, number: int, setting: Setting) -> None:
    """The report, or one step, in the name of who acts: the trail says whose it was."""
    by = told.by if number < 0 else told.steps[number].who.by
    role = by.role or Role.MACHINE
    actor = Actor(
        role=role, account_id=by.account_id, post_id=by.post_id, agency_id=by.agency_id, area_id=by.area_id,
        grants=grants_of(role),
    )  # fmt: skip
    if number < 0:
        say(session, binding(actor, "incidents.report", incident=told.incident.id))
        service.open_case(session, told.incident, by, setting=setting)
        return
    step = told.steps[number]
    say(session, f"{binding(actor, 'cases.act', incident=told.incident.id)}; {taking_on('casework')}")
    service.step(session, told.incident.id, step.who, step.command, version=number + 1, setting=setting)
