"""`gridgov bench data` in the sample city: made, made once, taken away; and what is refused."""

from __future__ import annotations

import shutil
from collections import namedtuple
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from gridgov.bootstrap import House
from gridgov.interop.madehistory import making

NOW = datetime(2026, 7, 1, tzinfo=UTC)
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def city(sampled: House) -> House:
    return sampled


def counted(house: House) -> tuple[int, int]:
    with house.db.transaction() as session:
        row = session.execute(text("select (select count(*) from incidents), (select count(*) from incidents_key)"))
        found = row.one()
        return int(found[0]), int(found[1])


def test_made_once_and_taken_away(city: House) -> None:
    done = making.make(city, 10_000, seed=1, now=NOW)
    assert done.added == 10_000
    assert counted(city) == (10_000, 10_000)
    again = making.make(city, 10_000, seed=1, now=NOW)
    assert (again.added, again.repeated) == (0, 10_000)
    assert making.make(city, 10_000, seed=2, now=NOW).added == 10_000
    assert counted(city) == (20_000, 20_000)
    assert making.remove(city) == 20_000
    assert counted(city) == (0, 0)
    assert making.remove(city) == 0


@pytest.mark.parametrize("n", [-1, 0, 9_999, 100_000_001])
def test_a_number_out_of_range_is_refused(city: House, n: int) -> None:
    with pytest.raises(making.BadNumber) as refused:
        making.make(city, n, seed=1, now=NOW)
    assert refused.value.field == "n"
    assert refused.value.remedy


def test_a_disk_without_the_room_is_refused_before_anything_is_made(
    city: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: one that has just the room takes it."""
    needed = 10_000 * making.ROW_BYTES * 2
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(needed, 1, needed - 1))
    with pytest.raises(making.NoRoom, match="GiB"):
        making.make(city, 10_000, seed=1, now=NOW)
    assert counted(city) == (0, 0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(needed, 0, needed))
    assert making.make(city, 10_000, seed=1, now=NOW).added == 10_000


def test_what_a_row_needs_is_not_more_than_is_asked_for(city: House) -> None:
    making.make(city, 40_000, seed=1, now=NOW)
    with city.db.transaction() as session:
        size = session.execute(
            text(
                "select sum(pg_total_relation_size(relid)) + pg_total_relation_size('incidents_key') "
                "from pg_partition_tree('incidents') where isleaf"
            )
        ).scalar_one()
    assert 300 < int(size) / 40_000 < making.ROW_BYTES
