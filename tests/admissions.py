"""The sample city with everybody whom an admission needs, each under a real post through the application's log-in.

Times are given, so that opinions can be silent and periods over without waiting.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from gridgov.areas.index import AreaIndex
from gridgov.auth.rules import Role
from gridgov.bootstrap import Caller, House, Work
from gridgov.duties import admission, funding
from gridgov.duties.admission import Admission
from gridgov.duties.admitting import Burden, NewAdmission, State, Verdict
from gridgov.duties.funding import NewTransfer, Recorded
from gridgov.duties.ledger import Promise
from tests.people import Person, appoint

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)  # a Monday, ten in the morning where the city lies
BEGINS, ENDS = datetime(2026, 12, 31, 16, tzinfo=UTC), datetime(2027, 12, 31, 16, tzinfo=UTC)
DAY = timedelta(days=1)
MARCH = Promise(date(2027, 3, 31), Decimal("45000.00"), 3)
SEPTEMBER = Promise(date(2027, 9, 30), Decimal("45000.00"))
REASON, DOCUMENT = "街道有人手，可以承担", "区政办〔2026〕12号"
READ, REQUEST, ANSWER, DECIDE = "admissions.read", "admissions.request", "admissions.answer", "admissions.decide"


@dataclass
class Play:
    """Who is who: `ws` leads the sub-district, `e1` and `e2` are communities without one, `w1` lies below `ws`."""

    house: House
    people: dict[str, Person] = field(default_factory=dict)
    areas: dict[str, int] = field(default_factory=dict)
    agencies: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def acting(self, who: str, permission: str) -> Iterator[Work]:
        with self.house.acting(Caller(permission, self.people[who].credential)) as work:
            yield work

    def index(self, work: Work) -> AreaIndex:
        return self.house.locator.index(work.session, NOW)

    def asked(self, **other: Any) -> NewAdmission:
        """A complete request of HW for all units; overridden in parts."""
        given: dict[str, Any] = {
            "agency_id": self.agencies["HW"], "title": "门前三包巡查", "category": "10001", "all_of": "unit",
            "plan": "每周两次", "basis": "条例第八条", "begins": BEGINS, "ends": ENDS, "total": Decimal("90000.00"),
            "promises": (MARCH, SEPTEMBER),
            "burdens": {Burden.REPORT: 12, Burden.INSPECTION: 4},
        }  # fmt: skip
        return NewAdmission(**(given | other))

    def create(self, who: str = "hw", *, key: uuid.UUID | None = None, now: datetime = NOW, **other: Any) -> Admission:
        with self.acting(who, REQUEST) as work:
            return admission.create(work.session, work.actor, key or uuid.uuid4(), self.asked(**other), now=now)

    def submit(self, made: Admission, who: str = "hw", *, now: datetime = NOW) -> Admission:
        with self.acting(who, REQUEST) as work:
            return admission.submit(
                work.session, work.actor, made.id, index=self.index(work), calendar=self.house.calendar(work), now=now
            )

    def opine(self, made: Admission, who: str, *, support: bool = True, now: datetime = NOW) -> Admission:
        with self.acting(who, ANSWER) as work:
            return admission.opine(
                work.session, work.actor, made.id, support=support, reason=REASON, index=self.index(work), now=now
            )

    def decide(
        self, made: Admission, who: str = "city", verdict: Verdict = Verdict.ADMIT, *, now: datetime = NOW, **other: str
    ) -> Admission:
        given = {"reason": REASON, "document": DOCUMENT, **other}
        with self.acting(who, DECIDE) as work:
            return admission.decide(
                work.session, work.actor, made.id, verdict=verdict, index=self.index(work), now=now, **given
            )

    def withdraw(self, made: Admission, who: str = "hw", *, reason: str = REASON, now: datetime = NOW) -> Admission:
        with self.acting(who, REQUEST if who in ("hw", "cg", "jj", "both") else DECIDE) as work:
            return admission.withdraw(work.session, work.actor, made.id, reason=reason, index=self.index(work), now=now)

    def heard(self, *, now: datetime = NOW, **other: Any) -> Admission:
        """Submitted, and supported by every unit that is asked."""
        made = self.submit(self.create(now=now, **other), now=now)
        for unit in self.units(made):
            made = self.opine(made, unit.lower(), now=now)
        return made

    def admitted(self, *, now: datetime = NOW, **other: Any) -> Admission:
        return self.decide(self.heard(now=now, **other), now=now)

    def units(self, made: Admission) -> list[str]:
        """Codes of the units that are asked."""
        codes = {area: code for code, area in self.areas.items()}
        with self.acting("city", READ) as work:
            return [codes[row.unit_id] for row in admission.opinions_of(work.session, made.id)]

    def get(self, made: Admission, who: str = "city", *, now: datetime = NOW) -> Admission:
        with self.acting(who, READ) as work:
            return admission.get(work.session, work.actor, made.id, now=now, permission=READ)

    def state(self, made: Admission) -> State:
        """As it was written down, whatever time has made of it."""
        with self.house.db.transaction() as session:
            sql = text("select state from duties_admission where id = :id")
            return State(session.execute(sql, {"id": made.id}).scalar_one())

    def transfer(
        self, made: Admission, area: str, amount: str = "0", posts: int = 0, *, on: date = date(2027, 3, 20),
        corrects: int | None = None, who: str = "hw", key: uuid.UUID | None = None, now: datetime = BEGINS + 100 * DAY,
    ) -> Recorded:  # fmt: skip
        new = NewTransfer(self.areas[area], on, "城财〔2027〕7号", Decimal(amount), posts, corrects)
        with self.acting(who, REQUEST) as work:
            return funding.transfer(work.session, work.actor, key or uuid.uuid4(), made.id, new, now=now)

    def confirm(
        self, row: Recorded, who: str, *, received: bool = True, now: datetime = BEGINS + 100 * DAY
    ) -> Recorded:
        with self.acting(who, ANSWER) as work:
            note = "" if received else "尚未到账"
            return funding.confirm(work.session, work.actor, row.id, received=received, note=note, now=now)


def play(house: House) -> Play:
    """The people of the sample city."""
    with house.db.transaction() as session:
        areas = session.execute(text("select code, area_id from areas_version where upper_inf(valid)"))
        agencies = session.execute(text("select code, id from duties_agency"))
        made = Play(house, areas={row.code: row.area_id for row in areas}, agencies={r.code: r.id for r in agencies})
    for name, role, place in (
        ("hw", Role.AGENCY_OFFICER, {"agency": "HW"}),
        ("cg", Role.AGENCY_HEAD, {"agency": "CG"}),
        ("jj", Role.AGENCY_OFFICER, {"agency": "JJ"}),
        ("ws", Role.SUBDISTRICT_LEADER, {"area": "WS"}),
        ("w1", Role.COMMUNITY_OFFICER, {"area": "W1"}),
        ("e1", Role.COMMUNITY_OFFICER, {"area": "E1"}),
        ("e2", Role.COMMUNITY_OFFICER, {"area": "E2"}),
        ("west", Role.DISTRICT_SUPERVISOR, {"area": "W"}),
        ("east", Role.DISTRICT_SUPERVISOR, {"area": "E"}),
        ("city", Role.DISTRICT_SUPERVISOR, {}),
        ("street", Role.DISTRICT_SUPERVISOR, {"area": "WS"}),
        ("both", Role.AGENCY_OFFICER, {"agency": "HW"}),
    ):
        made.people[name] = appoint(house, role, area=place.get("area"), agency=place.get("agency"))
    return made


def also_posted(made: Play, who: str, *, agency: str) -> None:
    """A second post of the same person, in an agency."""
    with made.house.db.transaction() as session:
        session.execute(
            text(
                "insert into auth_post (account_id, role, agency_id, valid, created_at) "
                "values (:account, 'agency_officer', :agency, tstzrange('2000-01-01', null), :now)"
            ),
            {"account": made.people[who].account_id, "agency": made.agencies[agency], "now": NOW},
        )
