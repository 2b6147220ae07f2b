"""Files of the store: begun again from, damaged, of another database, without room; and what is forgotten."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from gridgov.analytics.store import behind, manifest
from gridgov.analytics.store.columns import CASES, INCIDENTS
from gridgov.analytics.store.keeper import Setting
from gridgov.analytics.store.store import Store
from gridgov.analytics.store.verify import verify
from gridgov.bootstrap import House, build
from gridgov.platform.clock import utcnow
from gridgov.platform.cluster import Cluster
from gridgov.platform.errors import Unavailable
from tests.conftest import CITY, cloned
from tests.integration.analytics.conftest import Taking
from tests.integration.analytics.store.conftest import CASES_SQL, another, counted, crowd, run, said, seen, settled


@pytest.fixture
def filled(city: House, take: Taking) -> House:
    """Incidents and cases of seven months, and a store that has been read."""
    take(crowd(300, 11))
    run(city, CASES_SQL)
    seen(city, INCIDENTS)
    return city


def agrees(house: House, store: Store) -> None:
    for family in (INCIDENTS, CASES):
        assert counted(seen(house, family, store=store)) == said(house, family)
    assert verify(store).good


def segments(house: House) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in house.counts.folder.glob("*.segment")}


def test_a_restart_goes_on_from_the_files(filled: House) -> None:
    before = segments(filled)
    assert len(before) == 14
    run(filled, "update incidents set status = 'void' where number % 5 = 0")
    run(filled, "update cases set state = 'closed' where number % 7 = 0")
    store = another(filled)
    view = seen(filled, INCIDENTS, store=store)
    assert segments(filled) == before
    assert {one.version for one in view.base} <= {name.removesuffix(".segment") for name in before}
    assert sum(len(one) for one in view.changes) == 120
    agrees(filled, store)
    assert all(not column.flags.writeable for one in view.base for column in one.columns.values())


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def turned(path: Path) -> None:
    with open(path, "r+b") as file:
        file.seek(-800, os.SEEK_END)
        some = file.read(100)
        file.seek(-800, os.SEEK_END)
        file.write(bytes(byte ^ 4 for byte in some))


def of_another_form(path: Path) -> None:
    with open(path, "r+b") as file:
        file.write(b"PARQUET1")


def gone(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("harm", [cut, emptied, turned, of_another_form, gone])
def test_what_is_damaged_is_read_anew(filled: House, harm: Callable[[Path], None]) -> None:
    before = segments(filled)
    (victim,) = [name for name in before if name.startswith("incidents-673-")]
    view = seen(filled, INCIDENTS)
    harm(filled.counts.folder / victim)
    store = another(filled)
    agrees(filled, store)
    after = segments(filled)
    assert set(before) - set(after) == {victim}
    assert len(after) == len(before)
    assert len(view.base) == 7  # whoever still has the old one is not harmed by its end


@pytest.mark.parametrize("harm", [cut, emptied, turned, gone])
@pytest.mark.parametrize("which", ["manifest", "numbers-*/places"])
def test_without_a_manifest_or_its_numbers_all_is_read_anew(
    filled: House, harm: Callable[[Path], None], which: str
) -> None:
    (victim,) = filled.counts.folder.glob(which)
    if harm is cut:
        os.truncate(victim, 100)
    elif harm is turned:
        with open(victim, "r+b") as file:
            file.seek(66)
            file.write(b"\xff")
    else:
        harm(victim)
    before = segments(filled)
    agrees(filled, another(filled))
    assert set(segments(filled)).isdisjoint(before)


def test_a_large_file_is_looked_into_later(filled: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here every file is taken for a large one: what is wrong in one is found round by round."""
    monkeypatch.setattr("gridgov.analytics.store.files.SYNCED", 1)
    victim = next(name for name in segments(filled) if name.startswith("incidents-672-"))
    turned(filled.counts.folder / victim)
    store = another(filled)
    seen(filled, INCIDENTS, store=store)
    found = verify(store)
    assert [(one.family, one.month) for one in found.differences] == [("incidents", 672)]
    rounds = 0
    while store.step():
        rounds += 1
    assert rounds == 15  # each of 14 files, and the month that was read anew
    assert victim not in segments(filled)
    agrees(filled, store)


def test_a_database_that_was_restored_is_noticed(filled: House, cluster: Cluster, tmp_path: Path) -> None:
    """The copy stands before changes and before files that the home has: they are of no use to it."""
    filled.db.close()
    filled.app.close()
    with cloned(cluster, str(filled.db.url.database)) as url:
        store = another(filled, least=10)
        run(filled, "update incidents set status = 'void'")
        store.step()
        assert store.step() == 0
        run(filled, "delete from incidents where number % 2 = 0")
        written = {month: held.rows for month, held in _months(filled)}
        restored = build(url, CITY, filled.home)
        try:
            assert counted(seen(restored, INCIDENTS)) == said(restored, INCIDENTS) != said(filled, INCIDENTS)
            assert sum(written.values()) == 300
            agrees(restored, restored.counts)
        finally:
            restored.close()
    # and back: the files are now those of the copy
    agrees(filled, store)


def _months(house: House) -> list[tuple[int, manifest.Held]]:
    found = manifest.load(house.counts.folder)
    assert found is not None
    return sorted(found.shelves["incidents"].months.items())


def test_changes_of_another_cluster_are_forgotten(filled: House) -> None:
    """As after a dump was restored elsewhere: its changes name transactions that mean something else here."""
    run(filled, "update analytics_origin set system = 4711")
    run(filled, "update analytics_incident_change set xid = '99999999'")
    store = another(filled)
    agrees(filled, store)
    with filled.db.transaction() as session:
        assert session.execute(text("select count(*) from analytics_incident_change")).scalar_one() == 0
    run(filled, "update incidents set status = 'void' where number = 3")
    agrees(filled, store)


def test_forgotten_changes_are_noticed(filled: House) -> None:
    """The control: without the note, a home that comes back late would miss what is gone."""
    run(filled, "update incidents set status = 'void' where number % 3 = 0")
    run(filled, "delete from analytics_incident_change")
    with pytest.raises(AssertionError):
        agrees(filled, another(filled))
    run(filled, "update analytics_origin set pruned = pg_current_xact_id()")
    settled(filled)
    agrees(filled, another(filled))


def test_old_changes_are_forgotten_when_no_home_needs_them(filled: House) -> None:
    clock = [utcnow()]
    opened = filled.counts._opened
    store = Store(filled.counts.folder, opened, now=lambda: clock[0], setting=Setting())
    changes = "select count(*) from analytics_incident_change"
    run(filled, "update incidents set status = 'void' where number % 3 = 0")
    seen(filled, INCIDENTS, store=store)
    settled(filled)
    for hours in range(30):
        store.step()
        with filled.db.transaction() as session:
            left = session.execute(text(changes)).scalar_one()
        assert left == 500 or hours > 24
        clock[0] += timedelta(hours=1)
    assert left == 0
    run(filled, "update incidents set status = 'closed' where number % 4 = 0")
    agrees(filled, store)
    agrees(filled, another(filled))
    with filled.db.transaction() as session:
        months = session.execute(text("select count(*) from analytics_incident_month")).scalar_one()
    assert months == 7


# --- no room ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_files() -> Iterator[Callable[[int], None]]:
    """Lets this process write no file beyond some bytes: writing fails then as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_stops_files_and_not_counts(filled: House, small_files: Callable[[int], None]) -> None:
    store = another(filled, least=10)
    seen(filled, INCIDENTS, store=store)
    before = segments(filled)
    small_files(100)
    run(filled, "update incidents set status = 'void'")
    assert store.step() == 0
    view = seen(filled, INCIDENTS, store=store)
    assert counted(view) == said(filled, INCIDENTS)
    assert view.behind == ""
    assert store.status().trouble == behind.DISK_FULL
    assert segments(filled) == before
    assert not list(filled.counts.folder.glob("*.new"))
    with filled.db.transaction() as session:
        session.execute(text("set local gridgov.changes_most = 30"))
        session.execute(text("update incidents set status = 'closed'"))
    lagging = seen(filled, INCIDENTS, store=store)
    assert lagging.behind.startswith("disk-full 2025-11")
    assert counted(lagging) == counted(view)
    assert "2025-11" in behind.said(lagging.behind)["zh"]


def test_room_again(filled: House, small_files: Callable[[int], None]) -> None:
    clock = [utcnow()]
    store = Store(filled.counts.folder, filled.counts._opened, now=lambda: clock[0], setting=Setting(least=10))
    seen(filled, INCIDENTS, store=store)
    small_files(100)
    run(filled, "update incidents set status = 'void'")
    assert store.step() == 0
    small_files(resource.RLIM_INFINITY)
    clock[0] += timedelta(minutes=1)
    assert store.step() == 1
    assert store.status().trouble == ""
    agrees(filled, store)


def test_without_room_from_the_start(city: House, take: Taking, small_files: Callable[[int], None]) -> None:
    take(crowd(30, 1))
    small_files(100)
    with pytest.raises(Unavailable) as raised:
        seen(city, INCIDENTS)
    assert "room" in raised.value.detail
    take(crowd(30, 2))  # intake goes on
    small_files(resource.RLIM_INFINITY)
    agrees(city, city.counts)
