"""Personal data: every column that looks personal is marked where it is declared, with purpose, basis and retention."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Column, DateTime, Integer, LargeBinary, MetaData, Table, Text

import tests.mapped  # noqa: F401  # every mapped table
from gridgov.bootstrap import HOLDINGS
from gridgov.interop.personal import is_personal
from gridgov.platform.db import Base, SharedBase
from gridgov.platform.personal import INDEX, MARK, SEALED, Basis, BlindIndex, Personal, Retention, fields
from gridgov.privacy.normal import NORMAL

POSITIONS = frozenset({"gps", "position", "positions", "track", "tracks", "latlon", "lonlat"})
# Columns whose name looks personal although they are not, each with the reason.
INNOCENT = {
    "duties_support.position": "the order of supporting bodies",
    "cases_change.position": "the order of changes of a source",
}


def faults(metadata: MetaData) -> Iterator[str]:
    """Columns that hold personal data, as their name or their mark says, without all that belongs to it."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            mark, index = column.info.get(MARK), column.info.get(INDEX)
            bare = column.name.removesuffix(SEALED)
            looks = is_personal(bare) or column.name.endswith(SEALED) or not POSITIONS.isdisjoint(bare.split("_"))
            if index is not None or column.name.endswith("_index"):
                fine = _index_is_whole(table, column, index)
            elif mark is None:
                fine = not looks or f"{table.name}.{column.name}" in INNOCENT
            else:
                fine = _mark_is_whole(table, column, mark)
            if not fine:
                yield f"{table.name}.{column.name}"


def _mark_is_whole(table: Table, column: Column[Any], mark: object) -> bool:
    if not (isinstance(mark, Personal) and mark.purpose and isinstance(mark.basis, Basis)):
        return False
    if not (mark.kept.event and mark.kept.source):
        return False
    since = table.columns.get(mark.kept.since)
    counts = since is not None and isinstance(since.type, DateTime) and mark.kept.days > 0
    if mark.plain is not None:
        return counts and len(mark.plain) > 10 and not column.name.endswith(SEALED)
    return counts and column.name.endswith(SEALED) and isinstance(column.type, LargeBinary)


def _index_is_whole(table: Table, column: Column[Any], index: object) -> bool:
    """A blind index belongs to a sealed column beside it; the index of a plain value would be the value."""
    if not (isinstance(index, BlindIndex) and column.name.endswith("_index") and isinstance(column.type, LargeBinary)):
        return False
    sealed = table.columns.get(index.of)
    return index.kind in NORMAL and sealed is not None and sealed.name.endswith(SEALED) and MARK in sealed.info


def test_every_personal_column_is_marked_and_sealed() -> None:
    assert not list(faults(Base.metadata))
    assert not list(faults(SharedBase.metadata))


def test_no_exception_outlives_its_column() -> None:
    there = {f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns}
    assert set(INNOCENT) <= there


def test_what_is_known_to_be_personal_is_found() -> None:
    """The list cannot be empty by mistake."""
    marked = {f"{one.table}.{one.column.name}" for one in fields(Base.metadata)}
    assert {
        "incidents_contact.name_sealed",
        "incidents_contact.phone_sealed",
        "privacy_consent.subject_sealed",
    } <= marked


def test_every_marked_table_has_one_holding_that_answers_for_it() -> None:
    """So that no access, erasure or retention passes a table by."""
    answered = [table for holding in HOLDINGS for table in holding.tables]
    assert sorted(answered) == sorted({one.table for one in fields(Base.metadata)})
    assert len({holding.name for holding in HOLDINGS}) == len(HOLDINGS)


def test_the_house_knows_every_marked_table() -> None:
    """In a process of its own, which imports nothing but the house: re-sealing and the register go by what it knows."""
    program = (
        "from gridgov.bootstrap import METADATA; from gridgov.platform.personal import fields; "
        "print(*sorted({one.table for one in fields(METADATA)}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == sorted({one.table for one in fields(Base.metadata)})


def test_a_class_of_retention_means_one_thing() -> None:
    """So that a city's own number, which goes by the name, reaches all of it."""
    kept = {one.mark.kept for one in fields(Base.metadata)}
    assert len({one.name for one in kept}) == len(kept)


YEAR = Retention("a-year", 365, "created_at", "it was given", "a choice")
WHOLE = Personal("to call back", Basis.STATUTORY_DUTY, YEAR)


def sealed(name: str = "phone_sealed", type_: Any = LargeBinary, **other: Any) -> Column[Any]:
    return Column(name, type_, info={MARK: replace(WHOLE, **other)})


@pytest.mark.parametrize(
    "column",
    [
        Column("phone", Text),
        Column("reporter_phone", Text),
        Column("联系人", Text),
        Column("photo_gps", Text),
        Column("last_position", Text),
        Column("phone_sealed", LargeBinary),
        sealed(type_=Text),
        sealed("phone"),
        sealed(purpose=""),
        sealed(basis="because"),
        sealed(kept=replace(YEAR, days=0)),
        sealed(kept=replace(YEAR, since="some_time")),
        sealed(kept=replace(YEAR, since="id")),
        sealed(kept=replace(YEAR, event="")),
        sealed(kept=replace(YEAR, source="")),
        sealed(plain="it is not sealed because of this"),
        sealed("last_position", plain="why not"),
        Column("phone_index", LargeBinary),
        Column("phone_index", LargeBinary, info={INDEX: BlindIndex("gone_sealed", "phone")}),
        Column("phone_index", LargeBinary, info={INDEX: BlindIndex("name", "phone")}),
        Column("phone_index", LargeBinary, info={INDEX: BlindIndex("other_sealed", "height")}),
        Column("phone_index", Text, info={INDEX: BlindIndex("other_sealed", "phone")}),
    ],
)
def test_a_column_that_lacks_something_is_seen(column: Column[Any]) -> None:
    assert list(faults(_households(column))) == [f"households.{column.name}"]


@pytest.mark.parametrize(
    "column",
    [
        sealed(),
        sealed("last_position", plain="it is searched by place", sensitive=True),
        Column("phone_index", LargeBinary, info={INDEX: BlindIndex("other_sealed", "phone")}),
    ],
)
def test_a_whole_one_is_fine(column: Column[Any]) -> None:
    assert not list(faults(_households(column)))


def _households(column: Column[Any]) -> MetaData:
    metadata = MetaData()
    created = Column("created_at", DateTime(timezone=True))
    Table("households", metadata, Column("id", Integer), Column("name", Text), created, sealed("other_sealed"), column)
    return metadata
