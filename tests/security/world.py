"""A city full of incidents in every state and place, people in every role and place, and who should see what.

The expectation is worked out from the one table and from the plan of the sample city alone: paths of codes, no ids,
none of the code that is tested.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from gridgov.auth.matrix import grants_of
from gridgov.auth.rules import Grant, Role, ScopeKind
from gridgov.bootstrap import House
from gridgov.incidents import service
from gridgov.incidents.service import OldIncident
from gridgov.platform import clock
from tests import sample
from tests.people import AGENCY_ROLES, Person, appoint

START = datetime(2026, 9, 1, 8, tzinfo=UTC)
STATUSES = ("open", "closed", "void", "duplicate")
CATEGORIES = ("06010", "09009", "10001")
PLACES = (None, "W", "WS", "W1", "A01", "E1", "B05")
AGENCIES = ("CG", "HW", "JJ")
BELOW = {"CG": {"CG", "HW"}, "HW": {"HW"}, "JJ": {"JJ"}}
STATIONED = {"WS": {"JJ"}}
ABOVE = {"W1": "WS", "W2": "WS", "WS": "W", "E1": "E", "E2": "E", "W": "C", "E": "C"} | sample.COMMUNITY


def path(code: str) -> frozenset[str]:
    """The area and all above it."""
    found = {code}
    while code in ABOVE:
        code = ABOVE[code]
        found.add(code)
    return frozenset(found)


@dataclass(frozen=True)
class Fact:
    """An incident as the test knows it: where it belongs now, and whose it is."""

    id: uuid.UUID
    place: str
    agency: str | None
    status: str
    category: str


@dataclass(frozen=True)
class Somebody:
    """A person or nobody, with the post as the test knows it."""

    role: Role
    area: str | None = None
    agency: str | None = None
    person: Person | None = None

    @property
    def headers(self) -> dict[str, str]:
        return dict(self.person.headers) if self.person else {}

    def grant(self, permission: str) -> Grant | None:
        return grants_of(self.role).get(permission)

    def sees(self, permission: str, fact: Fact) -> bool:
        """Whether the permission opens this incident."""
        grant = self.grant(permission)
        if grant is None or grant.scope in (ScopeKind.OWN, ScopeKind.RECEIPT):
            return False
        if grant.scope is ScopeKind.CITY:
            return True
        if grant.scope is ScopeKind.AGENCY:
            return self.agency is not None and fact.agency in BELOW[self.agency]
        within = self.area is None or self.area in path(fact.place)
        if grant.scope is ScopeKind.STATIONED and self.area is not None:
            return within or fact.agency in self._stationed
        return within

    def is_told_of(self, area: str) -> bool:
        """Whether a count of the area tells this person anything: it lies in the reach, or agencies lie everywhere."""
        grant = self.grant("density.read")
        everywhere = self.area is None or (
            grant is not None and grant.scope is ScopeKind.STATIONED and bool(self._stationed)
        )
        return everywhere or self.area in path(area)

    @property
    def _stationed(self) -> set[str]:
        """Agencies stationed in the post's area or below it."""
        return {one for area, found in STATIONED.items() if self.area in path(area) for one in found}

    def __str__(self) -> str:
        return f"{self.role}@{self.agency or self.area or ('city' if self.person else 'nowhere')}"


@dataclass
class World:
    house: House
    facts: dict[uuid.UUID, Fact]
    people: list[Somebody]
    ids: Mapping[str, int] = field(default_factory=dict)
    stale: dict[str, Person] = field(default_factory=dict)

    def expected(self, who: Somebody, permission: str) -> set[uuid.UUID]:
        return {fact.id for fact in self.facts.values() if who.sees(permission, fact)}


def build(house: House) -> World:
    """The sample city, an incident for each grid, matter and status, some odd ones, and everybody."""
    with house.db.transaction() as session:
        sample.set_up(session)
        session.execute(
            text(
                "update duties_agency set stationed_id = "
                "(select area_id from areas_version where code = 'WS' and upper_inf(valid)) where code = 'JJ'"
            )
        )
        old = list(_old())
        service.take_many(session, old, locator=house.locator, router=house.router, now=clock.utcnow())
        ids = {
            row.code: row.area_id
            for row in session.execute(text("select code, area_id from areas_version where upper_inf(valid)"))
        }
        facts = {}
        for row in session.execute(
            text(
                "select i.id, i.status, c.code as category, a.code as agency from incidents i "
                "join duties_category c on c.id = i.category_id left join duties_agency a on a.id = i.agency_id"
            )
        ):
            place = next(one.text for one in old if one.id == row.id)
            facts[row.id] = Fact(row.id, place, row.agency, row.status, row.category)
        facts |= _without_grid(session, facts, ids)
    return World(house, facts, list(_people(house)), ids, stale=_stale(house))


STALE = {
    "ended": "update auth_session set ended_at = seen_at where account_id = :id",
    "disabled": "update auth_account set disabled_at = created_at where id = :id",
    "expired": "update auth_session set expires_at = created_at where account_id = :id",
    "idle": "update auth_session set seen_at = seen_at - interval '3 hours' where account_id = :id",
    "post over": "update auth_post set valid = tstzrange(lower(valid), created_at) where account_id = :id",
}


def _stale(house: House) -> dict[str, Person]:
    """Sessions that were good once."""
    found = {}
    for name, statement in STALE.items():
        found[name] = appoint(house, Role.CENTRE_OPERATOR)
        with house.db.transaction() as session:
            session.execute(text(statement), {"id": found[name].account_id})
    return found


def _old() -> Iterator[OldIncident]:
    codes = [code for row in sample.CODES for code in row]
    for i, (grid, category, status) in enumerate((g, c, s) for g in codes for c in CATEGORIES for s in STATUSES):
        lon, lat = sample.centre(grid)
        at = START + timedelta(hours=i)
        yield OldIncident(uuid.UUID(int=i + 1), category, lon, lat, at, status=status, text=grid)
    outside = uuid.UUID(int=10_000)
    yield OldIncident(outside, "06010", sample.LON0 - 0.01, sample.LAT0 + 0.001, START, status="open", text="A05")


def _without_grid(session: object, facts: Mapping[uuid.UUID, Fact], ids: Mapping[str, int]) -> dict[uuid.UUID, Fact]:
    """Some incidents in communities that have no grids: they belong to the community itself."""
    changed = {}
    for fact in list(facts.values())[:120:10]:
        community = sample.COMMUNITY[fact.place]
        session.execute(  # type: ignore[attr-defined]  # a session
            text("update incidents set grid_id = null, area_id = :area, text = :code where id = :id"),
            {"area": ids[community], "code": community, "id": fact.id},
        )
        changed[fact.id] = Fact(fact.id, community, fact.agency, fact.status, fact.category)
    return changed


def _people(house: House) -> Iterator[Somebody]:
    for role in Role:
        if role is Role.RESIDENT:
            yield Somebody(role)
        elif role in AGENCY_ROLES:
            for agency in AGENCIES:
                yield Somebody(role, agency=agency, person=appoint(house, role, agency=agency))
        else:
            for area in PLACES:
                yield Somebody(role, area=area, person=appoint(house, role, area=area))
