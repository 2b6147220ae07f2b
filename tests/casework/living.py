"""The same walks over real cases: every step through the services, as the person whose step it is, into the database.

Owns the people and how they are drawn. The time of each case goes its own way forward, from when it was reported.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import text

from gridgov.auth.rules import EVERYWHERE, Role
from gridgov.bootstrap import Caller, House, Work
from gridgov.cases import service
from gridgov.cases.deciding import allowed
from gridgov.cases.rules import Action, Body, Command, Place, Rules, Standing
from gridgov.cases.service import AS_SYSTEM, Seen
from gridgov.incidents import service as incidents
from gridgov.incidents.rules import Channel, Report
from gridgov.incidents.service import Indexes
from gridgov.platform.errors import GridgovError
from tests import sample
from tests.casework.walking import CHANNELS, IDLE, Walk, command_of, forward
from tests.people import Person, appoint

GRIDS, MATTERS = ("A01", "A02", "B01"), ("06010", "09009")
POSTS = (
    (Role.GRID_WORKER, "A01"), (Role.GRID_WORKER, "A02"), (Role.GRID_WORKER, "B01"), (Role.COMMUNITY_OFFICER, "W1"),
    (Role.COMMUNITY_OFFICER, "E1"), (Role.CENTRE_OPERATOR, "WS"), (Role.CENTRE_OPERATOR, "E"),
    (Role.SUBDISTRICT_LEADER, "WS"), (Role.DISTRICT_SUPERVISOR, "W"), (Role.DISTRICT_SUPERVISOR, "E"),
)  # fmt: skip


@dataclass
class Living:
    """One case on its way: as it was last seen, and its own time."""

    seen: Seen
    place: Place
    now: datetime


@dataclass
class Town:
    """The sample city with its people and cases; `taken` and `refused` count every action that was tried."""

    house: House
    rng: random.Random
    people: list[tuple[Person | None, Standing]] = field(default_factory=list)
    agencies: tuple[int, ...] = ()
    cases: list[Living] = field(default_factory=list)
    taken: Counter[Action] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    tried: int = 0

    def settle(self, cases: int) -> None:
        """People take up their posts, and so many matters are reported."""
        with self.house.db.transaction() as session:
            sample.set_up(session)
            found = session.execute(text("select code, id from duties_agency"))
            codes = {row.code: row.id for row in found}
        self.agencies = (codes["HW"], codes["JJ"])
        posts = [appoint(self.house, role, area=area) for role, area in POSTS]
        posts += [appoint(self.house, Role.AGENCY_OFFICER, agency=code) for code in ("HW", "JJ")]
        posts.append(appoint(self.house, Role.AGENCY_HEAD, agency="CG"))
        for person in posts:
            with self.house.acting(Caller("cases.read", person.credential)) as work:
                self.people.append((person, service.standing(work.actor)))
        self.people += [(None, Standing(reporter=True)), (None, AS_SYSTEM)]
        machine = appoint(self.house, Role.MACHINE, permissions=("incidents.report",))
        for _ in range(cases):
            self.cases.append(self._reported(machine))

    def _reported(self, machine: Person) -> Living:
        lon, lat = sample.centre(self.rng.choice(GRIDS))
        case_id = UUID(int=self.rng.getrandbits(128), version=4)
        house = self.house
        indexes = Indexes(house.locator, house.places, house.router, house.sealer)
        with house.acting(Caller("incidents.report", machine.credential), incident=case_id) as work:
            report = Report(case_id, self.rng.choice(MATTERS), lon, lat, work.now, Channel(self.rng.choice(CHANNELS)))
            taken = incidents.report(work.session, report, indexes=indexes, now=work.now)
            service.open_case(
                work.session, taken.seen.row, service.standing(work.actor).by, setting=house.case_setting(work)
            )
        with house.casework(case_id) as (session, setting):
            seen = service.get(session, case_id, EVERYWHERE, AS_SYSTEM, setting=setting, become=lambda: None)
        return Living(seen, service.place_of(seen.path), setting.now)

    def act(self) -> None:
        """One random action of somebody on one of the cases; likely one that they may take, often one they may not."""
        rng = self.rng
        case = rng.choice(self.cases)
        if case.seen.file.ended and rng.random() < 0.8:  # what is open is met more often
            case = rng.choice([one for one in self.cases if not one.seen.file.ended] or self.cases)
        case.now = forward(rng, case.now)
        who, standing = rng.choice(self.people)
        may = self._may(case, standing)
        for _ in range(6):  # somebody who could move it on is met more often
            if {action for action, _ in may} - IDLE:
                break
            who, standing = rng.choice(self.people)
            may = self._may(case, standing)
        if may and rng.random() < 0.85:
            weights = [(1 if action in IDLE else 8) / (1 + self.taken[action]) for action, _ in may]
            action, summons = rng.choices(may, weights)[0]
        else:
            action = rng.choice([one for one in Action if one is not Action.REPORT])
            summons = rng.randint(1, 3) if action.value.startswith("summons-") else None
        areas = tuple(Body(area_id=area, level=level) for level, area in case.place.areas.items())
        others = [one.seen.row.id for one in self.cases]
        walk = Walk(case.seen.file, case.place, list(case.seen.events))
        command = command_of(walk, action, summons, rng, case.now, others, agencies=self.agencies, areas=areas)
        self._try(case, who, standing, replace(command, duty=None, admitted=True, risks=(), second=None))

    def _may(self, case: Living, standing: Standing) -> list[tuple[Action, int | None]]:
        """What somebody may do with a case that they see."""
        by, here = standing.by, set(case.place.areas.values())
        apart = (
            by.area_id not in here if by.area_id is not None else not standing.agencies & set(case.seen.file.agencies)
        )
        if apart and not (standing.reporter or standing.system):
            return []
        rules = Rules()
        found = allowed(case.seen.file, standing, case.place, rules=rules, now=case.now)
        return [(one.action, one.summons or None) for one in found]

    def _try(self, case: Living, who: Person | None, standing: Standing, command: Command) -> None:
        version = case.seen.file.version - (self.rng.random() < 0.03)
        self.tried += 1
        try:
            case.seen = self._step(case, who, standing, command, version)
            self.taken[command.action] += 1
        except GridgovError as refusal:
            self.refused[refusal.code] += 1

    def _step(self, case: Living, who: Person | None, standing: Standing, command: Command, version: int) -> Seen:
        case_id = case.seen.row.id
        if who is None:
            with self.house.casework(case_id) as (session, setting):
                then = replace(setting, now=case.now)
                return service.step(session, case_id, standing, command, version=version, setting=then)
        with self.house.acting(Caller("cases.act", who.credential), incident=case_id) as work:
            return self._as_somebody(work, case, command, version, partial(work.become, "casework"))

    def _as_somebody(
        self, work: Work, case: Living, command: Command, version: int, become: Callable[[], None]
    ) -> Seen:
        setting = replace(self.house.case_setting(work), now=case.now)
        return service.act(
            work.session, case.seen.row.id, work.reach, service.standing(work.actor), command, version=version,
            setting=setting, become=become,
        )  # fmt: skip
