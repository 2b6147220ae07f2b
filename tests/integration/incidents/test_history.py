"""A long history loaded beside and attached at once: the same rows as one by one, all or nothing, and only once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import text

from gridgov.analytics.announcing import months_anew
from gridgov.areas import service as areas
from gridgov.bootstrap import House, build
from gridgov.geo.crs import Datum
from gridgov.incidents import history, unloading
from gridgov.incidents.pastrows import CHANNELS, STATUSES, Arrays, History, Source
from gridgov.incidents.service import OldIncident, bulk_digest, take_many
from gridgov.platform.cluster import Cluster
from tests import sample
from tests.conftest import CITY, cloned

BRIN = "pg_get_indexdef(indexrelid) like '%USING brin (happened_at)'"
NOW = datetime(2026, 7, 1, tzinfo=UTC)
BEGIN = datetime(2026, 3, 20, tzinfo=UTC)
CODES, TEXTS = ("06010", "09009", "10001"), ("", "路面有垃圾", "x" * 300)
COMPARED = """
    select id, category_id, channel, status, happened_at, received_at, reported_lon, reported_lat, datum, accuracy_m,
           area_id, grid_id, unit_id, outside_m, candidate_ids, agency_id, lead_area_id, site_id, item_id, hex9, text,
           address, place, attributes, st_asewkb(geom) as geom, quad25
    from incidents order by id
    """


def made(n: int = 600, seed: int = 3) -> History:
    """Rows inside and outside the sample city over four months, in the order of time."""
    rng = np.random.default_rng(seed)
    at = np.sort(rng.integers(0, 100 * 86_400, n)) * 1_000_000 + int(BEGIN.timestamp()) * 1_000_000 + 250_000
    return History(
        id=rng.integers(0, 256, (n, 16), dtype=np.uint8),
        category=rng.integers(0, 3, n),
        channel=rng.integers(0, len(CHANNELS), n),
        status=rng.integers(0, len(STATUSES), n),
        text=rng.integers(0, 3, n),
        happened_us=at,
        lon=np.round(rng.uniform(116.995, 117.045, n), 6),
        lat=np.round(rng.uniform(31.995, 32.015, n), 6),
    )


def one_by_one(rows: History) -> list[OldIncident]:
    return [
        OldIncident(
            id=UUID(bytes=bytes(rows.id[i])),
            category=CODES[rows.category[i]],
            lon=float(rows.lon[i]),
            lat=float(rows.lat[i]),
            happened_at=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(rows.happened_us[i])),
            channel=CHANNELS[rows.channel[i]],
            status=STATUSES[rows.status[i]],
            datum=Datum.GCJ02,
            text=TEXTS[rows.text[i]],
        )
        for i in range(len(rows))
    ]


def with_digests(rows: History) -> History:
    digests = np.array([np.frombuffer(bulk_digest(one), dtype=np.uint8) for one in one_by_one(rows)])
    return replace(rows, digest=digests)


def source(rows: History, name: str = "test") -> Source:
    return Arrays(name, CODES, TEXTS, Datum.GCJ02, rows)


def load(house: House, rows: Source, *, stop: Event | None = None) -> history.Loaded:
    return history.load(
        house.db, rows, locator=house.locator, router=house.router, announce=months_anew, now=NOW, stop=stop
    )


def stored(house: House, sql: str = COMPARED) -> list[tuple[object, ...]]:
    with house.db.transaction() as session:
        return [tuple(row) for row in session.execute(text(sql))]


def tables(house: House) -> list[tuple[object, ...]]:
    return stored(
        house, "select relname from pg_class where relkind in ('r', 'i') and relname like 'incidents_load%' order by 1"
    )


@pytest.fixture
def other(cluster: Cluster, migrated_template: str, tmp_path: Path) -> Iterator[House]:
    with cloned(cluster, migrated_template) as url:
        house = build(url, CITY, tmp_path)
        yield house
        house.close()


def set_up(house: House) -> None:
    """The sample city; from June on two grids have changed places of their codes, so that what was is not what is."""
    with house.db.transaction() as session:
        sample.set_up(session, valid_from=datetime(2020, 1, 1, tzinfo=UTC))
    swapped = {"A01": "A02", "A02": "A01"}
    with house.db.transaction() as session:
        areas.put_in_force(
            session,
            [replace(one, geom=sample.cell(swapped.get(one.code, one.code))) if one.level == "grid" else one
             for one in sample.new_areas()],
            name="second boundaries", valid_from=datetime(2026, 6, 1, tzinfo=UTC),
        )  # fmt: skip


def test_the_same_rows_as_one_by_one(house: House, other: House) -> None:
    rows = made()
    for one in (house, other):
        set_up(one)
    done = load(house, source(with_digests(rows)))
    with other.db.transaction() as session:
        taken = take_many(session, one_by_one(rows), locator=other.locator, router=other.router, now=NOW)
    assert (done.added, done.outside) == (taken.added, taken.outside) == (600, done.outside)
    assert 0 < done.outside < 600
    assert stored(house) == stored(other)
    keys = "select id, body_sha256, happened_at from incidents_key order by id"
    assert stored(house, keys) == stored(other, keys)
    assert tables(house) == []
    changed = replace(rows, lon=rows.lon + 0.005)  # a control: other rows are not the same
    assert stored(house) != []
    assert not np.array_equal(changed.lon, rows.lon)


def test_months_are_made_like_those_of_intake(house: House, other: House) -> None:
    for one in (house, other):
        set_up(one)
    load(house, source(made()))
    with other.db.transaction() as session:
        take_many(session, one_by_one(made()), locator=other.locator, router=other.router, now=NOW)
    indexes = """
        select i.indrelid::regclass::text, regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING ', '')
        from pg_index i join pg_inherits h on h.inhrelid = i.indrelid
        where h.inhparent = 'incidents'::regclass order by 1, 2
        """
    constraints = """
        select c.conrelid::regclass::text, c.contype::text, pg_get_constraintdef(c.oid), c.convalidated
        from pg_constraint c join pg_inherits h on h.inhrelid = c.conrelid
        where h.inhparent = 'incidents'::regclass order by 1, 2, 3
        """
    defaults = """
        select h.inhrelid::regclass::text, a.attname, pg_get_expr(d.adbin, d.adrelid)
        from pg_inherits h join pg_attribute a on a.attrelid = h.inhrelid
        join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where h.inhparent = 'incidents'::regclass order by 1, 2
        """
    for sql in (indexes, constraints, defaults):
        assert stored(house, sql) == stored(other, sql) != []
    assert [row for row in stored(house, indexes) if "brin" in str(row) or "happened_at, id" in str(row)]
    partitions = "select count(*) from pg_partition_tree('incidents')"
    with_brin = f"{partitions} where exists (select from pg_index where indrelid = relid and {BRIN})"
    assert stored(house, with_brin) == stored(house, partitions)


def test_what_counts_follow_from_is_told_in_the_same_transaction(house: House) -> None:
    set_up(house)
    load(house, source(made()))
    found = stored(
        house,
        "select c.happened_at, bool_and(exists (select from incidents_key k where k.xmin::text = c.xmin::text)) "
        "from analytics_incident_change c where c.sign = 0 group by 1 order by 1",
    )
    assert found == [(datetime(2026, month, 1, tzinfo=UTC), True) for month in (3, 4, 5, 6)]


def test_repeats_and_other_bodies_are_left_as_they_are(house: House) -> None:
    set_up(house)
    rows = made()
    before = one_by_one(rows)
    with house.db.transaction() as session:
        other = [replace(before[0], text="another")]
        take_many(session, [*other, *before[1:50]], locator=house.locator, router=house.router, now=NOW)
    kept = stored(house)
    done = load(house, source(with_digests(rows)))
    assert (done.added, done.repeated, done.other) == (550, 49, 1)
    after = stored(house)
    assert len(after) == 600
    assert set(map(str, kept)) <= set(map(str, after))
    again = load(house, source(with_digests(rows)))
    assert (again.added, again.repeated, again.other) == (0, 599, 1)
    assert stored(house) == after


class Cut(Arrays):
    """A source that is torn off at its third month."""

    torn: bool = True

    def slices(self, month: date) -> Iterator[History]:
        if self.torn and month >= date(2026, 5, 1):
            raise KeyboardInterrupt
        yield from super().slices(month)


def test_a_torn_load_leaves_nothing_to_see_and_goes_on(house: House, other: House) -> None:
    for one in (house, other):
        set_up(one)
    rows = Cut("test", CODES, TEXTS, Datum.GCJ02, made())
    with pytest.raises(KeyboardInterrupt):
        load(house, rows)
    assert stored(house) == [] == stored(house, "select id from incidents_key")
    assert tables(house) != []
    whole = source(made())
    done = load(house, whole)
    assert done.kept_months >= 1
    assert done.added == 600
    load(other, whole)
    assert stored(house) == stored(other)
    assert tables(house) == []


def test_what_another_load_left_is_dropped(house: House) -> None:
    set_up(house)
    with pytest.raises(KeyboardInterrupt):
        load(house, Cut("test", CODES, TEXTS, Datum.GCJ02, made()))
    done = load(house, source(made(200, seed=4), "another"))
    assert (done.added, done.kept_months) == (200, 0)
    assert tables(house) == []


def test_boundaries_that_change_meanwhile_stop_it(house: House) -> None:
    set_up(house)

    class Moving(Arrays):
        def slices(self, month: date) -> Iterator[History]:
            if month == date(2026, 6, 1):
                with house.db.transaction() as session:
                    areas.put_in_force(
                        session, sample.new_areas(), name="third", valid_from=datetime(2026, 6, 15, tzinfo=UTC)
                    )
            yield from super().slices(month)

    with pytest.raises(history.PlacesMoved):
        load(house, Moving("test", CODES, TEXTS, Datum.GCJ02, made()))
    assert stored(house) == []
    assert load(house, source(made())).added == 600


def test_only_what_is_ours_is_removed(house: House) -> None:
    set_up(house)
    rows = made()
    rows.id[:, 0], rows.id[300:, 0] = 7, 9
    load(house, source(rows))
    with house.db.transaction() as session:
        mine = [replace(one, id=UUID(int=index + 1)) for index, one in enumerate(one_by_one(made(20)))]
        take_many(session, mine, locator=house.locator, router=house.router, now=NOW)
    low, high = UUID(int=7 << 120), UUID(int=(8 << 120) - 1)
    assert unloading.remove(house.db, low, high, announce=months_anew) == 300
    left: Sequence[tuple[object, ...]] = stored(house, "select id from incidents order by id")
    assert len(left) == 320
    assert all(not low <= UUID(str(row[0])) <= high for row in left)
    assert left == stored(house, "select id from incidents_key order by id")
    assert unloading.remove(house.db, low, high, announce=months_anew) == 0


def test_what_people_work_on_is_not_removed(house: House) -> None:
    set_up(house)
    load(house, source(made(40)))
    with house.db.transaction() as session:
        session.execute(
            text(
                "insert into incidents_contact (incident_id, area_id) "
                "select id, area_id from incidents order by id limit 1"
            )
        )
    with pytest.raises(unloading.StillUsed):
        unloading.remove(house.db, UUID(int=0), UUID(int=2**128 - 1), announce=months_anew)
    assert len(stored(house)) == 40
