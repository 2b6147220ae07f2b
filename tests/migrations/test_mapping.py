"""Mapped tables equal the migrated database: columns, types, nullability, keys. Indexes are the migrations' own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, create_engine, inspect, text

import tests.mapped  # noqa: F401  # every mapped table
from gridgov.platform.db import Base, SharedBase

CITY = "demo"
UNMAPPED = re.compile(
    r"alembic_version|platform_(?:revision|bucket|day|hours|outbox)|incidents_(?:default|\d{4}_\d{2})"
)
# What is declared in the migrations alone: indexes, unique constraints, comments.
ELSEWHERE = frozenset({"remove_index", "remove_constraint", "modify_comment", "remove_table_comment"})


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """Into the city's schema; whatever a test changes is undone."""
    engine = create_engine(database_url, connect_args={"options": f"-csearch_path={CITY},catalogue,public"})
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()
    engine.dispose()


def differences(connection: Connection, metadata: MetaData) -> list[str]:
    """How the tables of a schema and their mapping differ."""
    schema = metadata.schema or CITY
    own = {name for name in inspect(connection).get_table_names(schema=schema) if not UNMAPPED.fullmatch(name)}

    def counts(name: str | None, kind: str, _parents: object) -> bool:
        """Without a schema's name everything in the search path would be looked at."""
        return name == metadata.schema if kind == "schema" else kind != "table" or name in own

    options = {"compare_type": True, "include_schemas": metadata.schema is not None, "include_name": counts}
    context = MigrationContext.configure(connection, opts=options)
    found = [step for step in _flat(compare_metadata(context, metadata)) if step[0] not in ELSEWHERE]
    return [str(step) for step in found] + list(_other_keys(connection, metadata, own))


def _flat(steps: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """Alembic gives the changes of one column as a list."""
    for step in steps:
        if isinstance(step, list):
            yield from step
        else:
            yield step


def _other_keys(connection: Connection, metadata: MetaData, present: set[str]) -> Iterator[str]:
    """Primary keys, at which Alembic does not look."""
    seen = inspect(connection)
    for table in metadata.sorted_tables:
        if table.name in present:
            key = seen.get_pk_constraint(table.name, schema=metadata.schema)["constrained_columns"]
            mapped = [column.name for column in table.primary_key.columns]
            if sorted(key) != sorted(mapped):
                yield f"primary key of {table.name}: {key} in the database, {mapped} in the mapping"


@pytest.mark.parametrize("base", [Base, SharedBase])
def test_the_mapping_is_that_of_the_database(connection: Connection, base: type[Base] | type[SharedBase]) -> None:
    assert len(base.metadata.tables) >= 3
    assert differences(connection, base.metadata) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("alter table areas_version drop column population", "add_column"),
        ("alter table areas_version add column note text", "remove_column"),
        ("alter table areas_version alter column population type bigint", "modify_type"),
        ("alter table areas_version alter column population set not null", "modify_nullable"),
        ("alter table areas_street alter column geom type geometry(LineString, 4326) using geom", "modify_type"),
        ("alter table areas_street alter column geom type geometry(MultiLineString, 3857) using geom", "modify_type"),
        ("alter table duties_item drop constraint duties_item_list_id_fkey", "add_fk"),
        ("alter table duties_support drop constraint duties_support_pkey", "primary key of duties_support"),
        ("create table areas_plot (id bigint primary key)", "remove_table"),
        ("drop table incidents_contact", "add_table"),
        ("alter table incidents drop column hex9", "add_column"),
    ],
)
def test_a_difference_in_the_city_is_seen(connection: Connection, change: str, said: str) -> None:
    connection.execute(text(change))
    found = differences(connection, Base.metadata)
    assert len(found) == 1
    assert said in found[0]


def test_a_difference_in_the_shared_schema_is_seen(connection: Connection) -> None:
    connection.execute(text("alter table catalogue.division drop column parent_code"))
    (found,) = differences(connection, SharedBase.metadata)
    assert "add_column" in found
    assert "division" in found


def test_months_are_no_difference(connection: Connection) -> None:
    connection.execute(text("create table incidents_2026_01 (like incidents)"))
    assert differences(connection, Base.metadata) == []
