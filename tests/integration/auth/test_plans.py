"""Scope keeps its indexes: on 200,000 incidents, the plans of the very statements that the product sends.

Below a row policy PostgreSQL looks nothing up by PostGIS's own operators; docs/adr/0014 says what stands in their
place. What is asserted is the plan, never a time.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event, make_url, text
from sqlalchemy.orm import Session

from gridgov.analytics import tiles
from gridgov.analytics.quad import tile_of
from gridgov.analytics.queries import counts
from gridgov.analytics.queries import tiles as tile_queries
from gridgov.analytics.rules import Filter
from gridgov.auth import matrix
from gridgov.auth.context import binding
from gridgov.auth.install import RolesAreMissing
from gridgov.auth.rules import EVERYWHERE, Actor, Reach, Role
from gridgov.bootstrap import Caller, House, build, prepare
from gridgov.incidents import queries
from gridgov.platform.cluster import Cluster
from gridgov.platform.db import Database, say
from gridgov.platform.migrate import OBJECTS
from gridgov.platform.postgres import find
from tests.bench import lattice
from tests.bench.lattice import Box, Lattice
from tests.bench.tiling import BOUNDS
from tests.conftest import CITY, HOME, cloned
from tests.people import appoint

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
NOBODYS = Reach(units=(999_999_999,))


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
    actor = Actor(role=role, account_id=1, post_id=1, reach=reach, grants=matrix.grants_of(role))
    with house.app.transaction() as session:
        say(session, binding(actor, "incidents.read"))
        yield session


@contextmanager
def filled(url: str, n: int, home: Path) -> Iterator[Crowd]:
    house = build(url, CITY, home)
    try:
        yield Crowd(house, lattice.fill(house, n))
    finally:
        house.close()


@pytest.fixture(scope="module")
def crowd(cluster: Cluster, migrated_template: str) -> Iterator[Crowd]:
    with cloned(cluster, migrated_template) as url, filled(url, N, HOME) as made:
        yield made


@pytest.fixture(scope="module")
def few(cluster: Cluster, migrated_template: str) -> Iterator[Crowd]:
    """A smaller one, to be dumped and updated."""
    with cloned(cluster, migrated_template) as url, filled(url, FEW, HOME) as made:
        yield made


# --- what is asked ----------------------------------------------------------------------------------------------------


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


# --- plans ------------------------------------------------------------------------------------------------------------

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


def plans(session: Session, work: Callable[[], object]) -> list[Plan]:
    """Does the work, then explains each statement on incidents that it sent."""
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
    return [explain(session, statement, values) for statement, values in sent]


def view(session: Session, crowd: Crowd, reach: Reach, **more: Any) -> Plan:
    """The plan of a view of some streets in the busiest sub-district."""
    box = crowd.city.view(BUSY, 0.02)
    (found,) = plans(session, lambda: page(session, box, reach, **more))
    return found


ALONE = {frozenset({"incidents_boxes"})}
NARROW = {"places", "agency"}  # may reach less than a view or a tile holds
OWN = {"incidents_quad", "incidents_grid", "incidents_gridless", "incidents_agency"}
BARE = "select id from incidents i where geom && st_makeenvelope(%s, %s, %s, %s, 4326)"


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scoped_view_is_found_by_the_index_of_boxes(crowd: Crowd, scope: str) -> None:
    with crowd.bound(scope) as (session, reach):
        plan = view(session, crowd, reach, with_text=scope != "deputy")
    assert plan.found_by("incidents_boxes")
    assert scope in NARROW or plan.indexes == ALONE  # there, what the scope's own index finds may be cut out of it
    assert all("<&&>" in condition for condition in plan.conditions("incidents_boxes"))


def test_whoever_has_the_whole_city_has_the_plan_of_the_owner(crowd: Crowd) -> None:
    wide = crowd.city.unit_box(BUSY)
    with crowd.house.db.transaction() as session:
        owners = view(session, crowd, EVERYWHERE), *plans(session, lambda: page(session, wide, EVERYWHERE))
    with bound(crowd.house, Role.CENTRE_OPERATOR, EVERYWHERE) as session:
        assert session.execute(text("select current_user")).scalar_one() == "gridgov_centre_operator_city"
        theirs = view(session, crowd, EVERYWHERE), *plans(session, lambda: page(session, wide, EVERYWHERE))
    assert theirs == owners
    assert theirs[0].indexes == ALONE
    assert theirs[1].indexes == {frozenset({"incidents_time"})}  # so many that the newest are soon met


def test_a_post_appointed_as_people_are_gets_the_plan(crowd: Crowd) -> None:
    """From the cookie to the plan, with nothing made up between them."""
    person = appoint(crowd.house, Role.CENTRE_OPERATOR, area=f"s{BUSY:02}")
    with crowd.house.acting(Caller("incidents.read", person.credential)) as work:
        assert work.reach == Reach(units=(int(crowd.city.units[BUSY]),))
        assert view(work.session, crowd, work.reach).indexes == ALONE


@pytest.mark.parametrize("scope", SCOPES)
def test_what_is_nearest_is_found_by_the_same_index(crowd: Crowd, scope: str) -> None:
    west, south, _, _ = crowd.city.view(BUSY, 0.02)
    nearest = "select id from incidents i order by geom <-> st_setsrid(st_makepoint(%s, %s), 4326) limit 5"
    with crowd.bound(scope) as (session, _):
        if scope == "agency":  # one in forty: the few of a month are sorted sooner
            session.execute(text("set local enable_sort = off"))
        found = session.connection().exec_driver_sql(f"explain {nearest}", (west, south)).scalars()
    assert sum("geom <->" in line and "Order By" in line for line in found) >= 12


class TestControls:
    """Should one of these fail, PostgreSQL or PostGIS has changed, and our own operator may be needed no more."""

    def test_postgis_own_operator_loses_its_index_below_a_policy(self, crowd: Crowd) -> None:
        box = crowd.city.view(BUSY, 0.02)
        role, reach_of = SCOPES["one unit"]
        actor = Actor(role=role, account_id=1, post_id=1, reach=reach_of(crowd.city), grants=matrix.grants_of(role))
        with crowd.house.db.transaction() as session:
            session.execute(text("create index incidents_geom on incidents using gist (geom)"))
            assert explain(session, BARE, box).indexes == {frozenset({"incidents_geom"})}  # as the owner
            say(session, binding(actor, "incidents.read"))
            scoped = explain(session, BARE, box)
            session.rollback()
        assert not any("incidents_geom" in used for used in scoped.months.values())
        assert len(scoped.months) == 12

    def test_the_operator_without_its_mark_loses_its_index(self, crowd: Crowd) -> None:
        role, reach_of = SCOPES["one unit"]
        reach = reach_of(crowd.city)
        actor = Actor(role=role, account_id=1, post_id=1, reach=reach, grants=matrix.grants_of(role))
        with crowd.house.db.transaction() as session:
            session.execute(text("alter function catalogue.boxes_meet not leakproof"))
            say(session, binding(actor, "incidents.read"))
            plan = view(session, crowd, reach)
            session.rollback()
        assert not any("incidents_boxes" in used for used in plan.months.values())

    def test_numbers_and_times_are_leakproof_and_postgis_is_not(self, crowd: Crowd) -> None:
        """What policies, tiles and counts are built on."""
        names = ("int8ge", "int8lt", "int8eq", "int4eq", "texteq", "timestamptz_ge", "timestamptz_lt", "uuid_eq")
        asked = "select proname from pg_proc where proleakproof and proname = any(:names)"
        with crowd.house.db.transaction() as session:
            assert set(session.execute(text(asked), {"names": list(names)}).scalars()) == set(names)
            postgis = "select count(*) from pg_proc where proleakproof and probin like '%postgis%'"
            ours = "select proname from pg_proc where proleakproof and probin like '%postgis%'"
            assert session.execute(text(postgis)).scalar_one() == 1
            assert session.execute(text(ours)).scalar_one() == "boxes_meet"


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("z", [14, 16])
def test_tiles_of_incidents_are_one_range_of_the_index_of_cells(crowd: Crowd, scope: str, z: int) -> None:
    west, south, east, north = crowd.city.view(BUSY, 0.02)
    tile = tile_of((west + east) / 2, (south + north) / 2, z)
    with crowd.bound(scope) as (session, reach):
        for plan in plans(session, lambda: tiles._incidents(session, tile, Filter(reach=reach), "UTC", points=True)):
            if scope in NARROW and z == 14:
                assert not plan.whole
                assert set().union(*plan.months.values()) <= OWN
            else:
                assert plan.found_by("incidents_quad")
            assert all("quad25 >=" in cond and "quad25 <" in cond for cond in plan.conditions("incidents_quad"))


@pytest.mark.parametrize("scope", ["one unit", "deputy"])
@pytest.mark.parametrize("count", [counts.by_area, lambda s, wanted: counts.by_hexagon(s, wanted, 8)])
def test_counts_within_a_unit_are_one_range_of_its_index(
    crowd: Crowd, scope: str, count: Callable[[Session, Filter], object]
) -> None:
    quiet = Reach(units=(int(crowd.city.units[90]),))
    with bound(crowd.house, SCOPES[scope][0], quiet) as session:
        counts.settle(session)
        (plan,) = plans(session, lambda: count(session, Filter(reach=quiet)))
    assert plan.found_by("incidents_unit")
    assert set().union(*plan.months.values()) <= {"incidents_unit", "incidents_gridless"}
    assert all(condition.startswith("(unit_id = ANY") for condition in plan.conditions("incidents_unit"))


def test_counts_of_a_month_within_ten_units_are_ranges_of_their_index(crowd: Crowd) -> None:
    month = "i.happened_at >= '2025-06-01' and i.happened_at < '2025-07-01'"
    with crowd.bound("ten units") as (session, reach):
        sql = f"select i.category_id, count(*) from incidents i where i.unit_id = any(%s) and {month} group by 1"
        plan = explain(session, sql, (list(reach.units),))
    assert plan.indexes == {frozenset({"incidents_unit"})}


# --- plans that do not outlive their actor ----------------------------------------------------------------------------


def test_no_plan_is_kept_for_whoever_comes_next(crowd: Crowd) -> None:
    """A statement that is sent often is prepared; were its plan kept as well, it would suit the last actor's scope."""
    counted = """
        select sum(generic_plans)::int, sum(custom_plans)::int from pg_prepared_statements
        where statement like '%from incidents i where%limit%'
        """
    one = SCOPES["one unit"]
    reach = one[1](crowd.city)
    with bound(crowd.house, one[0], reach) as session:
        for _ in range(20):
            page(session, crowd.city.view(BUSY, 0.02), reach)
        generic, custom = session.execute(text(counted)).one()
        assert (generic, custom >= 10) == (0, True)
        session.execute(text("set local plan_cache_mode = force_generic_plan"))  # the control: kept plans are counted
        statement = session.execute(text("select name from pg_prepared_statements order by prepare_time limit 1"))
        assert statement.scalar_one()
        before = session.execute(text("select sum(generic_plans) from pg_prepared_statements")).scalar_one()
        for _ in range(10):
            tile_queries.newest_number(session)
        after = session.execute(text("select sum(generic_plans) from pg_prepared_statements")).scalar_one()
        assert after > before


def test_the_newest_receipt_is_the_citys_whoever_asks(crowd: Crowd) -> None:
    """Else it would be looked for from the top to the bottom by those who reach nothing."""
    with crowd.house.db.transaction() as session:
        highest = session.execute(text("select max(number) from incidents")).scalar_one()
    with bound(crowd.house, Role.CENTRE_OPERATOR, NOBODYS) as session:
        assert session.execute(text("select max(number) from incidents")).scalar_one() is None
        assert tile_queries.newest_number(session) == highest == N


# --- the same answers -------------------------------------------------------------------------------------------------


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


def test_a_view_holds_exactly_what_lies_in_it(few: Crowd) -> None:
    assert check_answers(few) > FEW


def test_the_index_alone_would_hold_more(few: Crowd) -> None:
    """The control: boxes are kept in single precision, so that something beyond an edge is found, too."""
    beyond = 0
    with few.house.db.transaction() as session:
        for lon, lat in few.city.points[:200]:
            box = (float(np.nextafter(lon, 180)), float(lat), float(lon) + 1e-4, float(lat) + 1e-4)
            rough = set(session.connection().exec_driver_sql(BARE, box).scalars())
            exact = set(page(session, box, EVERYWHERE, limit=FEW))
            assert exact <= rough
            beyond += len(rough - exact)
    assert beyond >= 200


# --- dump, restore, update --------------------------------------------------------------------------------------------


def run(program: str, url: str, *words: str) -> None:
    """One of PostgreSQL's programs on a database."""
    address = make_url(url)
    where = [f"--host={address.query['host']}", f"--port={address.query['port']}", f"--username={address.username}"]
    done = subprocess.run([find().path(program), *where, *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


LEAKPROOF = "select proname from pg_proc where proleakproof and probin like '%postgis%' order by 1"


def test_a_dump_that_is_restored_keeps_the_plan(few: Crowd, cluster: Cluster, tmp_path: Path) -> None:
    source, restored, file = few.house.db.url, f"test_{uuid.uuid4().hex[:16]}", tmp_path / "dump"
    with few.house.db.transaction() as session:  # the control: what belongs to an extension does not keep its mark
        session.execute(text("alter function public.geometry_overlaps(geometry, geometry) leakproof"))
        assert list(session.execute(text(LEAKPROOF)).scalars()) == ["boxes_meet", "geometry_overlaps"]
    try:
        run("pg_dump", str(source), "--format=custom", "--compress=0", f"--file={file}", str(source.database))
    finally:
        with few.house.db.transaction() as session:
            session.execute(text("alter function public.geometry_overlaps(geometry, geometry) not leakproof"))
    cluster.create_database(restored)
    house = build(cluster.url(restored), CITY, HOME)
    try:
        run("pg_restore", str(source), "--exit-on-error", f"--dbname={restored}", str(file))
        with house.db.transaction() as session:
            session.execute(text("analyze incidents"))
            assert list(session.execute(text(LEAKPROOF)).scalars()) == ["boxes_meet"]
        with Crowd(house, few.city).bound("one unit") as (session, reach):
            assert view(session, few, reach).indexes == ALONE
            assert set(page(session, few.city.unit_box(BUSY), reach, limit=N)) == inside(
                few.city, few.city.unit_box(BUSY), reach
            )
    finally:
        house.close()
        cluster.drop_database(restored)


def test_an_update_of_postgis_keeps_the_plan(few: Crowd, cluster: Cluster) -> None:
    """To the version that stands for any other, and back: both ways run all that an update runs."""
    asked = """
        select e.extversion, p.target from pg_extension e, pg_extension_update_paths('postgis') p
        where e.extname = 'postgis' and p.source = e.extversion and p.path is not null
          and p.target in (e.extversion || 'next', 'ANY') order by p.target limit 1
        """
    with cluster.connection(str(few.house.db.url.database)) as connection:
        row = connection.execute(asked).fetchone()
        assert row is not None, "this PostGIS cannot be updated to itself"
        for version in (row[1], row[0]):
            connection.execute(f"alter extension postgis update to '{version}'".encode())
        names = connection.execute(LEAKPROOF).fetchall()
    assert [name for (name,) in names] == ["boxes_meet"]
    with few.bound("one unit") as (session, reach):
        assert view(session, few, reach).indexes == ALONE


# --- without a superuser ----------------------------------------------------------------------------------------------


@contextmanager
def elsewhere() -> Iterator[Cluster]:
    """A server of its own, without any of our roles."""
    folder = Path(tempfile.mkdtemp(prefix="gridgov-plain-"))
    folder.chmod(0o755)  # its user must pass
    made = Cluster(folder)
    made.start()
    try:
        yield made
    finally:
        made.stop(force=True)
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def plain() -> Iterator[Cluster]:
    with elsewhere() as made:
        yield made


def database_of(cluster: Cluster, owner: str, attributes: str) -> str:
    """The address of an empty database that an ordinary role owns, extensions in it, as providers hand them out."""
    with cluster.connection() as connection:
        connection.execute(f"create role {owner} login nosuperuser nobypassrls {attributes}".encode())
        connection.execute(f"create database {owner} owner {owner} template template0".encode())
    with cluster.connection(owner) as connection:
        for extension in ("postgis", "btree_gist", "pg_trgm"):
            connection.execute(f"create extension {extension} schema public".encode())
    return make_url(cluster.url(owner)).set(username=owner).render_as_string(hide_password=False)


def test_an_owner_who_may_make_roles_needs_nobody() -> None:
    with elsewhere() as cluster:
        url = database_of(cluster, "maker", "createrole")
        for _ in range(2):
            prepare(url, CITY, cluster.home)
        with filled(cluster.url("maker"), FEW, cluster.home) as crowd:
            assert check_cells(crowd)


def check_cells(crowd: Crowd) -> bool:
    """Whether views are found by map cells under every scope."""
    for scope in SCOPES:
        with crowd.bound(scope) as (session, reach):
            plan = view(session, crowd, reach, with_text=scope != "deputy")
        assert plan.found_by("incidents_quad"), scope
        assert all("quad25" in condition for condition in plan.conditions("incidents_quad"))
    return True


@pytest.fixture(scope="module")
def plain_url(plain: Cluster) -> str:
    return database_of(plain, "warden", "nocreaterole")


class TestAPlainOwner:
    """Neither superuser nor allowed to make roles; one test builds on the one before."""

    def test_is_told_what_to_ask_for(self, plain: Cluster, plain_url: str, capsys: pytest.CaptureFixture[str],
                                     monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
        with pytest.raises(RolesAreMissing) as refused:
            prepare(plain_url, CITY, plain.home)
        assert "“gridgov auth roles”" in str(refused.value.remedy)
        from gridgov.cli import app

        monkeypatch.setenv("GRIDGOV_HOME", str(plain.home))
        app(["auth", "roles"], standalone_mode=False)
        said = capsys.readouterr().out
        with plain.connection() as connection:
            connection.execute(said.encode())
        for _ in range(2):
            prepare(plain_url, CITY, plain.home)

    def test_has_views_by_cells_with_the_same_answers(self, plain: Cluster, plain_url: str) -> None:
        with filled(plain.url("warden"), FEW, plain.home) as crowd:
            owner = Database(plain_url, CITY)
            with owner.transaction() as session:
                assert (
                    session.execute(text("select rolsuper from pg_roles where rolname = current_user")).scalar_one()
                    is False
                )
                assert session.execute(text("select to_regclass('incidents_boxes')")).scalar_one() is None
                assert session.execute(text("select to_regclass('incidents_geom')")).scalar_one() is not None
            owner.close()
            assert check_cells(crowd)
            assert check_answers(crowd) > FEW
            self.become_boxes(plain, plain_url, crowd)

    def become_boxes(self, plain: Cluster, plain_url: str, crowd: Crowd) -> None:
        """A superuser may lend the operator afterwards: the next upgrade makes the index, and views use it."""
        with plain.connection("warden") as connection:
            connection.execute((OBJECTS / "shared" / "10_viewport.sql").read_bytes())
        prepare(plain_url, CITY, plain.home)
        with crowd.house.db.transaction() as session:
            session.execute(text("analyze incidents"))
            assert session.execute(text("select to_regclass('incidents_geom')")).scalar_one() is None
        for scope in SCOPES:
            with crowd.bound(scope) as (session, reach):
                assert view(session, crowd, reach, with_text=scope != "deputy").found_by("incidents_boxes")
        assert check_answers(crowd) > FEW
