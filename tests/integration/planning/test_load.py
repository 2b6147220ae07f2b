"""The load: every incident at its atom and month, counted once however it comes, and equal to what SQL finds."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from shapely import box
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.bootstrap import House
from gridgov.incidents.points import StoredPoints
from gridgov.planning import counting, load
from gridgov.planning.counting import Refreshed
from gridgov.platform.bulk import ewkb
from tests import sample

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
SIDE = 6  # atoms a side of a community
COMMUNITIES = ("W1", "W2", "E1")
MONTHS = (date(2026, 1, 1), date(2026, 4, 1))


@pytest.fixture
def city(sampled: House) -> House:
    return sampled


def basis(session: Session, code: str) -> int:
    """Square atoms over a community of the sample city, numbered row by row."""
    community = session.execute(
        text("select area_id, st_xmin(geom) w, st_ymin(geom) s, st_xmax(geom) e, st_ymax(geom) n "
             "from areas_version where code = :code"), {"code": code}
    ).one()  # fmt: skip
    basis_id = session.execute(
        text("insert into planning_basis (community_id, digest, source, atoms, made_at) "
             "values (:c, :d, '{}', :n, :now) returning id"),
        {"c": community.area_id, "d": uuid.uuid4().bytes, "n": SIDE * SIDE, "now": NOW},
    ).scalar_one()  # fmt: skip
    x, y = np.linspace(community.w, community.e, SIDE + 1), np.linspace(community.s, community.n, SIDE + 1)
    for no in range(SIDE * SIDE):
        row, column = divmod(no, SIDE)
        shape = box(x[column], y[row], x[column + 1], y[row + 1])
        session.execute(
            text("insert into planning_atom (basis_id, no, key, kind, block, geom, label, area_m2, perimeter_m) values "
                 "(:b, :no, :key, 'given', 0, st_multi(cast(:geom as geometry)), "
                 "st_centroid(cast(:geom as geometry)), 1, 1)"),
            {"b": basis_id, "no": no, "key": str(no), "geom": ewkb(shape)},
        )  # fmt: skip
    return int(basis_id)


INCIDENT = text(
    """
    insert into incidents (id, category_id, channel, status, happened_at, received_at, reported_lon, reported_lat,
                           datum, area_id, outside_m, hex9, text, place, geom)
    select :id, c.id, 'hotline', :status, :at, :at, :lon, :lat, 'wgs84', a.area_id, 0, 0, '', '{}',
           st_setsrid(st_makepoint(:lon, :lat), 4326)
    from duties_category c, areas_version a where c.code = :category and a.code = 'C'
    """
)


def happen(session: Session, n: int, seed: int, *, status: str = "open") -> None:
    """Incidents anywhere in the city and a little around it, over three months of its calendar, some on lines."""
    rng = np.random.default_rng(seed)
    lon = rng.uniform(sample.LON0 - 0.002, sample.LON0 + 8 * sample.STEP + 0.002, n)
    lat = rng.uniform(sample.LAT0 - 0.002, sample.LAT0 + 2 * sample.STEP + 0.002, n)
    on_line = rng.random(n) < 0.1
    lon[on_line] = sample.LON0 + sample.STEP  # between two columns of atoms
    begin = datetime(2026, 1, 1, tzinfo=ZONE)
    for i in range(n):
        at = begin + timedelta(seconds=int(rng.integers(0, 90 * 86_400)))
        category = ("06010", "09009", "10001")[int(rng.integers(3))]
        values = {"id": uuid.UUID(bytes=rng.bytes(16)), "status": status, "at": at, "lon": float(lon[i])}
        session.execute(INCIDENT, values | {"lat": float(lat[i]), "category": category})


def refresh(house: House, ids: list[int], *, anew: bool = False) -> Refreshed:
    return counting.refresh(house.db.transaction, StoredPoints(), ids, zone=ZONE, now=NOW, anew=anew)


def verified(house: House, ids: list[int]) -> list[load.Difference]:
    with house.db.transaction() as session:
        return [one for basis_id in ids for one in load.verify(session, StoredPoints(), basis_id, zone=ZONE)]


def totals(house: House, basis_id: int, category: str | None = None) -> load.Ints:
    with house.db.transaction() as session:
        return load.vector_of(session, basis_id, SIDE * SIDE, *MONTHS, category)


@pytest.mark.parametrize("looked_up", [0, 100, 10_000])
def test_it_is_what_sql_finds_also_when_more_comes(
    city: House, looked_up: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked up in bulk, a few at a time, or first the one and then the other."""
    monkeypatch.setattr(counting, "LOOKED_UP", looked_up)
    with city.db.transaction() as session:
        ids = [basis(session, code) for code in COMMUNITIES]
        happen(session, 300, 1)
        happen(session, 40, 2, status="void")
    first = refresh(city, ids)
    assert (first.settled, first.upto) == (True, 340)
    assert 0 < first.counted < 300, "void ones and those outside are left out"
    assert verified(city, ids) == []
    with city.db.transaction() as session:
        happen(session, 120, 3)
    more = refresh(city, ids)
    assert 0 < more.counted <= 120
    assert more.upto == 460
    assert verified(city, ids) == []
    assert refresh(city, ids).counted == 0, "nothing is counted twice"
    assert sum(totals(city, one).sum() for one in ids) == first.counted + more.counted
    by_group = [totals(city, ids[0], group) for group in ("06", "09", "10")]
    assert (np.sum(by_group, axis=0) == totals(city, ids[0])).all()
    assert all(one.any() for one in by_group)


def test_verifying_sees_a_wrong_count(city: House) -> None:
    with city.db.transaction() as session:
        ids = [basis(session, "W1")]
        happen(session, 200, 1)
    refresh(city, ids)
    assert verified(city, ids) == []
    with city.db.transaction() as session:
        session.execute(text("update planning_load set counts[8] = counts[8] + 1 where category = '*' "
                             "and month = '2026-02-01'"))  # fmt: skip
    (wrong,) = verified(city, ids)
    assert (wrong.month, wrong.category, wrong.atom, wrong.held - wrong.found) == (date(2026, 2, 1), "*", 7, 1)
    refresh(city, ids, anew=True)
    assert verified(city, ids) == []


def test_a_new_basis_and_an_old_one_are_both_brought_up_to_date(city: House) -> None:
    """One that was never counted is read by where it lies; two of one community are counted apart."""
    with city.db.transaction() as session:
        old = basis(session, "W1")
        happen(session, 150, 1)
    refresh(city, [old])
    with city.db.transaction() as session:
        new = basis(session, "W1")
        other = basis(session, "E1")
        happen(session, 50, 2)
    refresh(city, [old, new, other])
    assert verified(city, [old, new, other]) == []
    assert (totals(city, old) == totals(city, new)).all()
    assert totals(city, other).any()


def test_many_slices_are_one(city: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with city.db.transaction() as session:
        ids = [basis(session, code) for code in COMMUNITIES]
        happen(session, 150, 1)
    monkeypatch.setattr(counting, "SLICE", 40)
    monkeypatch.setattr(counting, "FEW", 0)
    seen: list[tuple[int, int]] = []
    counting.refresh(
        city.db.transaction, StoredPoints(), ids, zone=ZONE, now=NOW, advance=lambda done, of: seen.append((done, of))
    )
    assert seen == [(40, 150), (80, 150), (120, 150), (150, 150)]
    assert verified(city, ids) == []


class Stop(Exception):
    pass


def test_stopped_in_the_middle_it_goes_on_where_it_stood(city: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with city.db.transaction() as session:
        ids = [basis(session, code) for code in COMMUNITIES]
        happen(session, 150, 1)
    monkeypatch.setattr(counting, "SLICE", 40)
    monkeypatch.setattr(counting, "FEW", 0)

    def stop(done: int, of: int) -> None:
        if done >= 80:
            raise Stop

    with pytest.raises(Stop):
        counting.refresh(city.db.transaction, StoredPoints(), ids, zone=ZONE, now=NOW, advance=stop)
    half = sum(totals(city, one).sum() for one in ids)
    rest = refresh(city, ids)
    assert half > 0
    assert rest.counted > 0
    assert verified(city, ids) == []


@contextmanager
def storing(house: House) -> Iterator[Session]:
    """A transaction that has drawn a number and is not over."""
    begun, end = threading.Event(), threading.Event()
    problems: list[BaseException] = []

    def run() -> None:
        try:
            with house.db.transaction() as session:
                happen(session, 5, 77)
                begun.set()
                end.wait()
        except BaseException as problem:
            problems.append(problem)
            begun.set()

    thread = threading.Thread(target=run)
    thread.start()
    begun.wait()
    try:
        yield  # type: ignore[misc]
    finally:
        end.set()
        thread.join()
    assert not problems


def test_what_commits_late_is_not_passed_over(city: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers are drawn in one order and committed in another: a mark that ran ahead would lose some for ever."""
    monkeypatch.setattr(counting, "TRIES", 3)
    with city.db.transaction() as session:
        ids = [basis(session, code) for code in COMMUNITIES]
    with storing(city):
        with city.db.transaction() as session:
            happen(session, 60, 1)
        waited = refresh(city, ids)
        assert not waited.settled
        assert waited.upto == 0
        assert waited.counted == 0
    done = refresh(city, ids)
    assert done.settled
    assert done.upto == 65
    assert verified(city, ids) == []


def test_the_month_is_that_of_the_city(city: House) -> None:
    """The last evening of January in UTC is February in Shanghai."""
    with city.db.transaction() as session:
        ids = [basis(session, "W1")]
        lon, lat = sample.centre("A01")
        values = {"id": uuid.uuid4(), "status": "open", "lon": lon + 1e-4, "lat": lat + 1e-4, "category": "06010"}
        session.execute(INCIDENT, values | {"at": datetime(2026, 1, 31, 16, 30, tzinfo=UTC)})
    refresh(city, ids)
    with city.db.transaction() as session:
        january = load.vector_of(session, ids[0], SIDE * SIDE, date(2026, 1, 1), date(2026, 2, 1))
        february = load.vector_of(session, ids[0], SIDE * SIDE, date(2026, 2, 1), date(2026, 3, 1))
    assert (january.sum(), february.sum()) == (0, 1)
    assert verified(city, ids) == []


def test_grids_have_the_sums_of_their_atoms() -> None:
    counts = np.array([5, 0, 7, 1, 9], dtype=np.int64)
    assignment = np.array([3, 3, 4, -1, 4], dtype=np.int32)
    assert load.of_grids(counts, assignment, [3, 4, 5]) == {3: 5, 4: 16, 5: 0}
