"""A lattice city for tests of plans: bound as requests are, asked as the product asks, its plans read.

Owns the scopes, the capture of statements and the reading of EXPLAIN. Does not own what a plan should be.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from gridgov.auth import matrix
from gridgov.auth.context import binding
from gridgov.auth.rules import EVERYWHERE, Actor, Reach, Role
from gridgov.bootstrap import House, build
from gridgov.incidents import queries
from gridgov.platform.db import say
from tests.bench import lattice
from tests.bench.lattice import Box, Lattice
from tests.bench.tiling import BOUNDS
from tests.conftest import CITY

N, FEW = 200_000, 20_000
BUSY = 16  # the sub-district with most incidents
SCOPES: Mapping[str, tuple[Role, Callable[[Lattice], Reach]]] = {
    "one unit": (Role.CENTRE_OPERATOR, lambda c: Reach(units=(int(c.units[BUSY]),))),
    "ten units": (Role.DISTRICT_SUPERVISOR, lambda c: Reach(units=tuple(map(int, c.units[BUSY - 5 : BUSY + 5])))),
    "places": (
        Role.GRID_WORKER,
        lambda c: Reach(places=(int(c.communities[4 * BUSY]), *map(int, c.grids_of(BUSY)[:4]))),
    ),
    "agency": (Role.AGENCY_OFFICER, lambda c: Reach(agencies=(int(c.agencies[9]),))),
    "stationed": (
        Role.SUBDISTRICT_LEADER,
        lambda c: Reach(units=(int(c.units[BUSY]),), agencies=(int(c.agencies[9]),)),
    ),
    "deputy": (Role.DEPUTY, lambda c: Reach(units=(int(c.units[BUSY]),))),
}


@dataclass(frozen=True)
class Crowd:
    """A lattice city in a database."""

    house: House
    city: Lattice

    @contextmanager
    def bound(self, scope: str) -> Iterator[tuple[Session, Reach]]:
        """A transaction of the API, bound as a request of that scope is."""
        role, reach_of = SCOPES[scope]
        with bound(self.house, role, reach_of(self.city)) as session:
            yield session, reach_of(self.city)


@contextmanager
def bound(house: House, role: Role, reach: Reach) -> Iterator[Session]:
    """A transaction of the API that is bound to somebody of this role and reach."""
    with house.app.transaction() as session:
        become(session, role, reach)
        yield session


def become(session: Session, role: Role, reach: Reach) -> None:
    """Binds the rest of a transaction."""
    actor = Actor(role=role, account_id=1, post_id=1, reach=reach, grants=matrix.grants_of(role))
    say(session, binding(actor, "incidents.read"))


@contextmanager
def filled(url: str, n: int, home: Path, *, unchecked: bool = True) -> Iterator[Crowd]:
    """The city in an empty database; its house is that of the address's user."""
    house = build(url, CITY, home)
    try:
        yield Crowd(house, lattice.fill(house, n, unchecked=unchecked))
    finally:
        house.close()


def page(session: Session, box: Box, reach: Reach, *, limit: int = 101, with_text: bool = True) -> list[uuid.UUID]:
    corners = dict(zip(("west", "south", "east", "north"), box, strict=True))
    return [row.id for row in queries.page(session, corners, limit, reach, with_text=with_text)]


def inside(city: Lattice, box: Box, reach: Reach | None = None) -> set[uuid.UUID]:
    """Ids of the incidents in a box, edges included, by arithmetic alone; `reach`: units alone, of these."""
    lon, lat = city.points.T
    west, south, east, north = box
    held = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    if reach is not None:
        column = np.clip((lon - BOUNDS[0]) / city.width, 0, lattice.SIDE - 1e-9).astype(int)
        row = np.clip((lat - BOUNDS[1]) / city.height, 0, lattice.SIDE - 1e-9).astype(int)
        held &= np.isin(city.units[column * lattice.SIDE + row], reach.units)
    return {uuid.UUID(hashlib.md5(f"lattice{n}".encode()).hexdigest()) for n in np.flatnonzero(held)}


def boxes(city: Lattice, n: int = 40) -> list[Box]:
    """Small and large boxes, thin ones, ones whose edges run through incidents, and one around everything."""
    rng = np.random.default_rng(5)
    found: list[Box] = [(-180.0, -90.0, 180.0, 90.0)]
    for size in np.exp(rng.uniform(np.log(1e-5), np.log(0.2), n)):
        a, b = city.points[rng.integers(0, len(city.points), 2)]
        stretch = np.exp(rng.uniform(-2, 2))
        found.append((float(a[0]), float(a[1]), float(a[0] + size * stretch), float(a[1] + size / stretch)))
        if a[0] < b[0] and a[1] < b[1] and size < 1e-3:
            found.append((float(a[0]), float(a[1]), float(b[0]), float(b[1])))
    return found


def check_answers(crowd: Crowd) -> int:
    """Every box gives what arithmetic gives, to the city and to a scope; returns how many incidents were compared."""
    one = SCOPES["one unit"]
    reach = one[1](crowd.city)
    compared = 0
    for box in boxes(crowd.city):
        with bound(crowd.house, Role.CENTRE_OPERATOR, EVERYWHERE) as session:
            found = page(session, box, EVERYWHERE, limit=N)
        assert (set(found), len(found)) == ((wanted := inside(crowd.city, box)), len(wanted))
        with bound(crowd.house, one[0], reach) as session:
            assert set(page(session, box, reach, limit=N)) == inside(crowd.city, box, reach)
        compared += len(found)
    return compared


MONTHS_INDEXES = """
    select c.relname, t.relname, p.relname
    from pg_inherits h join pg_class c on c.oid = h.inhrelid join pg_class p on p.oid = h.inhparent
    join pg_index x on x.indexrelid = c.oid join pg_class t on t.oid = x.indrelid
    where p.relkind = 'I' and t.relname <> 'incidents_default'
    """


@dataclass(frozen=True)
class Plan:
    """How the months are read: month -> indexes of the whole table that find its rows, with the index condition.

    `whole`: months that are read from end to end, at least once. The partition for dates without a month is empty and
    left out.
    """

    months: Mapping[str, Mapping[str, str]]
    whole: frozenset[str]

    @property
    def indexes(self) -> set[frozenset[str]]:
        """The indexes of each month, each kind of month once."""
        return {frozenset(used) for used in self.months.values()}

    def found_by(self, index: str) -> bool:
        """Whether every month is found by this index, perhaps together with another."""
        return len(self.months) == 12 and not self.whole and all(index in used for used in self.months.values())

    def conditions(self, index: str) -> set[str]:
        return {used[index] for used in self.months.values() if index in used}


def explain(session: Session, statement: str, values: Any = None) -> Plan:
    """The plan of a statement as this session's role would have it."""
    names = {row[0]: (row[1], row[2]) for row in session.execute(text(MONTHS_INDEXES))}
    found = session.connection().exec_driver_sql(f"explain (format json) {statement}", values).scalar_one()
    months: dict[str, dict[str, str]] = {}
    whole: set[str] = set()

    def walk(node: Mapping[str, Any]) -> None:
        table = node.get("Relation Name", "")
        if table.startswith("incidents_2"):
            months.setdefault(table, {})
            whole.update([table] if node["Node Type"] == "Seq Scan" else [])
        if node.get("Index Name") in names:
            month, index = names[node["Index Name"]]
            months.setdefault(month, {})[index] = node.get("Index Cond", "")
        for part in node.get("Plans", ()):
            walk(part)

    walk(found[0]["Plan"])
    return Plan(months, frozenset(whole))


def statements(session: Session, work: Callable[[], object]) -> list[tuple[str, Any]]:
    """Does the work; the statements on incidents that it sent, with their values."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if "from incidents i" in statement:
            sent.append((statement, values))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert sent, "no statement on incidents was sent"
    return sent


def plans(session: Session, work: Callable[[], object]) -> list[Plan]:
    """Does the work, then explains each statement on incidents that it sent."""
    return [explain(session, statement, values) for statement, values in statements(session, work)]


def view(session: Session, crowd: Crowd, reach: Reach, **more: Any) -> Plan:
    """The plan of a view of a few houses in the busiest sub-district, which is looked for in all months."""
    box = crowd.city.view(BUSY, 0.005)
    months: dict[str, dict[str, str]] = {}
    whole: set[str] = set()
    for plan in plans(session, lambda: page(session, box, reach, **more)):
        for month, used in plan.months.items():
            months.setdefault(month, {}).update(used)
        whole |= plan.whole
    return Plan(months, frozenset(whole))


ALONE = {frozenset({"incidents_boxes"})}
NARROW = {"places", "agency"}  # may reach less than a view or a tile holds
BARE = "select id from incidents i where geom && st_makeenvelope(%s, %s, %s, %s, 4326)"
