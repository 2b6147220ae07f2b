"""What scope costs: the same question by somebody who has the whole city and by a post that has a part of it.

Ours is the product's own statement, as the API's database role below its row policies; the peer is the same statement
without a scope. Questions and scopes take turns in one run, so that a busy machine is busy for all of them. What map
cells take where no operator of our own can be had, and what PostGIS's own operator takes below the same policies,
stands in the note. Answers are compared before a figure is given.
"""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.analytics import service as analytics
from gridgov.analytics import tiles
from gridgov.analytics.quad import tile_of
from gridgov.analytics.rules import Filter
from gridgov.areas.rules import AreaFacts
from gridgov.auth import matrix
from gridgov.auth.context import binding
from gridgov.auth.rules import EVERYWHERE, Actor, Reach, Role
from gridgov.auth.scope import condition
from gridgov.bootstrap import Caller, House, build, prepare
from gridgov.incidents import queries
from gridgov.incidents.queries import viewport
from gridgov.platform import clock
from gridgov.platform.cluster import running
from gridgov.platform.db import say
from tests import mvt
from tests.bench import lattice
from tests.bench.city import CITY, HOME
from tests.bench.harness import LeftOut, Row, Scale, bench
from tests.bench.lattice import Box, Lattice
from tests.people import appoint

SIZES: dict[Scale, tuple[int, int]] = {"full": (1_000_000, 8), "small": (100_000, 4)}
ROUNDS, TRANSACTIONS = 9, 1_500
LIMIT = 101  # what a page of 100 asks for
TYPICAL, BUSIEST = 0.5, 1.0  # which sub-district, by how many incidents it has
ZOOMS = (10, 12, 14, 16)
Ask = Callable[[Session, Reach], Any]


class AnswersDiffer(AssertionError):
    """A scope shows more or less than its part of the city: no figure means anything then."""


@dataclass(frozen=True)
class Scopes:
    """The reaches that are compared, around one sub-district, with the role whose permission has such a scope."""

    city: Lattice
    unit: int

    def all(self) -> Mapping[str, tuple[Role, Reach]]:
        first = max(0, min(self.unit - 4, 90))
        units = [int(one) for one in self.city.units]
        places = (int(self.city.communities[4 * self.unit]), *map(int, self.city.grids_of(self.unit)[:16]))
        return {
            "the city": (Role.CENTRE_OPERATOR, EVERYWHERE),
            "1 unit": (Role.CENTRE_OPERATOR, Reach(units=(units[self.unit],))),
            "10 units": (Role.CENTRE_OPERATOR, Reach(units=tuple(units[first : first + 10]))),
            "all units": (Role.CENTRE_OPERATOR, Reach(units=tuple(units))),
            "a community": (Role.GRID_WORKER, Reach(places=places)),
            "an agency": (Role.AGENCY_OFFICER, Reach(agencies=(int(self.city.agencies[9]),))),
        }


@bench("scope")
def scope(scale: Scale) -> Iterator[Row | LeftOut]:
    n, fine = SIZES[scale]
    with made_lattice(n, fine) as (house, city):
        yield transaction_row(house, n)
        ranked = by_incidents(house, city)
        for share, named in ((TYPICAL, "typical"), (BUSIEST, "busiest")):
            unit = ranked[int(share * (len(ranked) - 1))]
            yield from view_rows(house, city, unit, named, n)
        unit = ranked[int(TYPICAL * (len(ranked) - 1))]
        yield from tile_rows(house, city, unit, n)
        yield from count_rows(house, city, unit, n)
        yield from long_list_rows(house, city, n)


@contextmanager
def made_lattice(n: int, fine: int) -> Iterator[tuple[House, Lattice]]:
    """A lattice city in a database of its own, dropped afterwards."""
    name = f"bench_scope_{n}"
    with running(HOME) as cluster:
        cluster.drop_database(name)
        cluster.create_database(name)
        prepare(cluster.url(name), CITY, HOME)
        house = build(cluster.url(name), CITY, HOME)
        try:
            yield house, lattice.fill(house, n, fine=fine)
        finally:
            house.close()
            cluster.drop_database(name)


def by_incidents(house: House, city: Lattice) -> list[int]:
    """Places of the sub-districts in the lattice, from the quietest to the busiest."""
    with house.db.transaction() as session:
        rows = session.execute(text("select unit_id, count(*) as n from incidents group by unit_id"))
        held = {row.unit_id: row.n for row in rows}
    return sorted(range(len(city.units)), key=lambda place: (held.get(int(city.units[place]), 0), place))


# --- a transaction ----------------------------------------------------------------------------------------------------


def transaction_row(house: House, n: int) -> Row:
    """Permission and context: who asks, what the post may and where it reaches, bound to the transaction."""
    person = appoint(house, Role.CENTRE_OPERATOR, area="s50")
    caller = Caller("incidents.read", person.credential)

    def bare() -> None:
        with house.app.transaction() as session:
            session.execute(text("select 1"))

    def acting() -> None:
        with house.acting(caller) as work:
            work.session.execute(text("select 1"))

    for _ in range(100):
        bare()
        acting()
    taken = in_turns({"bare": bare, "acting": acting}, TRANSACTIONS)
    ours, theirs = (statistics.median(taken[name]) for name in ("acting", "bare"))
    quiet = {name: sorted(times)[len(times) // 10] for name, times in taken.items()}
    note = f"permission and context {ours - theirs:.3f} ms at p50, {quiet['acting'] - quiet['bare']:.3f} at p10"
    return Row("transaction of a signed-in post, p50", n, ours, "bare transaction", theirs, "ms", "less", note)


def in_turns(works: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each call, one of each after the other."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            begin = time.perf_counter()
            work()
            taken[name].append(1e3 * (time.perf_counter() - begin))
    return taken


# --- questions under scopes -------------------------------------------------------------------------------------------


def bound(house: House, role: Role, reach: Reach) -> AbstractContextManager[Session]:
    actor = Actor(role=role, account_id=1, post_id=1, reach=reach, grants=matrix.grants_of(role))

    @contextmanager
    def transaction() -> Iterator[Session]:
        with house.app.transaction() as session:
            say(session, binding(actor, "incidents.read"))
            yield session

    return transaction()


def compared(
    house: House, scopes: Scopes, ask: Ask, label: str, n: int, others: Mapping[str, Ask] | None = None
) -> Iterator[Row]:
    """A row for each scope: the question within it beside the same question without; `others` go into its note."""
    asked = {"": ask, **(others or {})}

    def work(role: Role, reach: Reach, question: Ask) -> Callable[[], None]:
        def once() -> None:
            with bound(house, role, reach) as session:
                question(session, reach)

        return once

    works = {
        (name, other): work(role, reach, question)
        for name, (role, reach) in scopes.all().items()
        for other, question in asked.items()
        if other != "&&" or name in ("the city", "1 unit", "10 units")
    }
    for each in works.values():
        each()
    taken: dict[tuple[str, str], list[float]] = {key: [] for key in works}
    for _ in range(ROUNDS):
        for key, each in works.items():
            begin = time.perf_counter()
            each()
            taken[key].append(1e3 * (time.perf_counter() - begin))
    middle = {key: statistics.median(times) for key, times in taken.items()}
    whole = middle["the city", ""]
    for name in list(scopes.all())[1:]:
        ours = middle[name, ""]
        said = [f"costs {ours / whole:.2f} times as much"]
        said += [f"{other} {middle[name, other]:.1f}" for other in asked if other and (name, other) in middle]
        yield Row(f"{label}, {name}", n, ours, "the whole city", whole, "ms", "less", "; ".join(said))


def view_rows(house: House, city: Lattice, unit: int, named: str, n: int) -> Iterator[Row]:
    scopes = Scopes(city, unit)
    boxes = {"some streets": city.view(unit, 0.05), "the sub-district": city.unit_box(unit)}
    for what, box in boxes.items():
        ask, cells, plain = page_of(box), cells_of(box), postgis_of(box)
        for role, reach in scopes.all().values():
            with bound(house, role, reach) as session:
                check_same(ask(session, reach), cells(session, reach), f"{what} by cells")
        check_part(house, scopes, box)
        label = f"page of {what} in the {named} sub-district"
        yield from compared(house, scopes, ask, label, n, {"by cells": cells, "&&": plain})


def corners_of(box: Box) -> dict[str, float]:
    return dict(zip(viewport.CORNERS, box, strict=True))


def page_of(box: Box) -> Ask:
    return lambda session, reach: [row.id for row in queries.page(session, corners_of(box), LIMIT, reach)]


@contextmanager
def swapped(name: str, other: Any) -> Iterator[None]:
    """The peer's way to the same answer stands in the place of ours meanwhile."""
    ours = getattr(viewport, name)
    setattr(viewport, name, other)
    try:
        yield
    finally:
        setattr(viewport, name, ours)


def cells_of(box: Box) -> Ask:
    """What a database without an operator of our own does."""
    settle = viewport.settle

    def ask(session: Session, reach: Reach) -> list[uuid.UUID]:
        with swapped("settle", lambda session: replace(settle(session), has_boxes=False)):
            return [row.id for row in queries.page(session, corners_of(box), LIMIT, reach)]

    return ask


PLAIN = """
    select i.id from incidents i where i.geom && st_makeenvelope(:west, :south, :east, :north, 4326) and {within}
    order by i.happened_at desc, i.id desc limit :limit
    """


def postgis_of(box: Box) -> Ask:
    """The statement that anybody would write."""

    def ask(session: Session, reach: Reach) -> list[uuid.UUID]:
        within, values = condition(reach)
        found = session.execute(text(PLAIN.format(within=within)), {**corners_of(box), **values, "limit": LIMIT})
        return list(found.scalars())

    return ask


def check_same(ours: Sequence[Any], theirs: Sequence[Any], what: str) -> None:
    if list(ours) != list(theirs):
        raise AnswersDiffer(f"{what}: {len(ours)} beside {len(theirs)}")


def check_part(house: House, scopes: Scopes, box: Box) -> None:
    """One unit's page is what the owner finds in that unit."""
    role, reach = scopes.all()["1 unit"]
    with house.db.transaction() as session:
        rows = queries.page(session, {**corners_of(box), "unit_id": reach.units[0]}, LIMIT, EVERYWHERE)
    with bound(house, role, reach) as session:
        check_same(page_of(box)(session, reach), [row.id for row in rows], "one unit")


def tile_rows(house: House, city: Lattice, unit: int, n: int) -> Iterator[Row]:
    scopes = Scopes(city, unit)
    west, south, east, north = city.view(unit, 0.01)
    for z in ZOOMS:
        tile = tile_of((west + east) / 2, (south + north) / 2, z)

        def draw(session: Session, reach: Reach, tile: Any = tile) -> bytes:
            return tiles._in_sql(session, tile, Filter(reach=reach), "UTC", points=True)

        held = {}
        for name, (role, reach) in scopes.all().items():
            with bound(house, role, reach) as session:
                drawn = mvt.decode(draw(session, reach)).get("incidents")
                held[name] = sum(f.properties.get("count") or 1 for f in drawn.features) if drawn else 0
        if not held["1 unit"] <= held["10 units"] <= held["all units"] == held["the city"]:
            raise AnswersDiffer(f"tile z{z}: {held}")
        yield from compared(house, scopes, draw, f"incidents tile z{z}", n)


def count_rows(house: House, city: Lattice, unit: int, n: int) -> Iterator[Row]:
    scopes = Scopes(city, unit)
    with house.db.transaction() as session:
        facts = house.locator.index(session, clock.utcnow()).areas
    ask = density_of(facts)
    with house.db.transaction() as session:
        whole = ask(session, EVERYWHERE)
    role, reach = scopes.all()["1 unit"]
    with bound(house, role, reach) as session:
        part = ask(session, reach)
    of_unit = {area.id for area in facts if area.id in set(map(int, city.grids_of(unit)))}
    if sum(part.values()) == 0 or any(part[area] != whole[area] for area in of_unit):
        raise AnswersDiffer("density of one unit")
    yield from compared(house, scopes, ask, "density by grid of a year", n)


def density_of(facts: Sequence[AreaFacts]) -> Ask:
    return lambda session, reach: analytics.by_home(session, facts, Filter(reach=reach))[0]


def long_list_rows(house: House, city: Lattice, n: int) -> Iterator[Row]:
    """A list of a thousand grids beside the units that hold the same: why posts reach units where they can."""
    first, each = 40, city.fine**2
    held = -(-1000 // each)
    units = Reach(units=tuple(map(int, city.units[first : first + held])))
    grids = Reach(places=tuple(map(int, city.grids[first * each : (first + held) * each])))
    role, box = Role.CENTRE_OPERATOR, city.unit_box(first + 1)

    def work(reach: Reach, ask: Ask) -> Callable[[], None]:
        def once() -> None:
            with bound(house, role, reach) as session:
                ask(session, reach)

        return once

    for label, ask in (("page of a sub-district", page_of(box)), ("density by grid of a year", density_of(()))):
        works = {"grids": work(grids, ask), "units": work(units, ask)}
        for each_work in works.values():
            each_work()
        taken = {name: statistics.median(times) for name, times in in_turns(works, 5).items()}
        note = f"{len(grids.places):,} grids cost {taken['grids'] / taken['units']:.1f} times what {held} units do"
        yield Row(f"{label}, as units", n, taken["units"], "as grids", taken["grids"], "ms", "less", note)
