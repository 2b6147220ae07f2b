"""Personal data: every column that looks personal is marked where it is declared, with purpose and retention."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text

import gridgov.areas.tables
import gridgov.duties.tables
import gridgov.incidents.tables  # noqa: F401  # mapped tables register themselves when their module is read
from gridgov.interop.personal import is_personal
from gridgov.platform.db import Base, SharedBase
from gridgov.platform.personal import MARK, Personal

SUFFIX = "_sealed"


def unmarked(metadata: MetaData) -> Iterator[str]:
    """Columns that hold personal data, as their name or their mark says, without all that belongs to it."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            mark = column.info.get(MARK)
            looks = is_personal(column.name.removesuffix(SUFFIX)) or column.name.endswith(SUFFIX)
            if mark is None and not looks:
                continue
            whole = isinstance(mark, Personal) and mark.purpose and mark.kept
            if not (whole and column.name.endswith(SUFFIX) and isinstance(column.type, LargeBinary)):
                yield f"{table.name}.{column.name}"


def test_every_personal_column_is_marked_and_sealed() -> None:
    assert not list(unmarked(Base.metadata))
    assert not list(unmarked(SharedBase.metadata))


def test_the_reporters_contact_is_known_as_personal() -> None:
    marked = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if MARK in column.info
    }
    assert marked == {"incidents_contact.name_sealed", "incidents_contact.phone_sealed"}


WHOLE = Personal("to call back", "a year")


@pytest.mark.parametrize(
    "column",
    [
        Column("phone", Text),
        Column("reporter_phone", Text),
        Column("联系人", Text),
        Column("phone_sealed", LargeBinary),
        Column("phone_sealed", Text, info={MARK: WHOLE}),
        Column("phone", LargeBinary, info={MARK: WHOLE}),
        Column("phone_sealed", LargeBinary, info={MARK: Personal("", "a year")}),
        Column("phone_sealed", LargeBinary, info={MARK: Personal("to call back", "")}),
    ],
)
def test_a_column_that_lacks_something_is_seen(column: Column[object]) -> None:
    metadata = MetaData()
    Table("households", metadata, Column("id", Integer), column)
    assert list(unmarked(metadata)) == [f"households.{column.name}"]


def test_a_whole_one_is_fine() -> None:
    metadata = MetaData()
    Table("households", metadata, Column("name", Text), Column("phone_sealed", LargeBinary, info={MARK: WHOLE}))
    assert not list(unmarked(metadata))
