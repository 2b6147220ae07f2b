"""Personal columns: marked where they are declared, with purpose, legal basis and retention; sealed in the store.

Owns the mark and how marked columns are found. Does not own the seal (`crypto`), who may open it (`auth`), nor the
work that follows from a mark (`privacy`). A test refuses a column that looks personal and is not marked
(个人信息保护法, articles 6, 13, 19, 28).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, LargeBinary, MetaData
from sqlalchemy.orm import MappedColumn, mapped_column

MARK = "personal"
INDEX = "blind-index"
SEALED = "_sealed"


class Basis(StrEnum):
    """What makes processing lawful: the cases of article 13 that a city can rest on."""

    CONSENT = "consent"  # 13(1) 取得个人的同意
    CONTRACT = "contract"  # 13(2) a contract with the person, or management of one's own staff
    STATUTORY_DUTY = "statutory-duty"  # 13(3) 为履行法定职责或者法定义务所必需; no consent is asked for
    EMERGENCY = "emergency"  # 13(4) a public health event, or to protect life, health and property
    MADE_PUBLIC = "made-public"  # 13(6) what the person or the law has made public, within reason
    OTHER_LAW = "other-law"  # 13(7) other cases of laws and administrative regulations


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a field is kept: a class with a name, under which a city may set another number of days.

    `since`: the column of the same table that holds the instant from which days are counted (null: not counting yet);
    `event` says in words what happened then, `source` where the number comes from.
    """

    name: str
    days: int
    since: str
    event: str
    source: str


@dataclass(frozen=True, slots=True)
class Personal:
    """Why a field is held, on what basis, and until when. `sensitive`: article 28, such as where a person was.

    `plain`: why the field is not sealed; None where it is.
    """

    purpose: str
    basis: Basis
    kept: Retention
    sensitive: bool = False
    plain: str | None = None


@dataclass(frozen=True, slots=True)
class BlindIndex:
    """What a row is found by instead of a sealed value: `of` is the sealed column, `kind` the value's normal form."""

    of: str
    kind: str


def sealed(*, purpose: str, basis: Basis, kept: Retention, sensitive: bool = False) -> MappedColumn[bytes | None]:
    """A column of sealed bytes (`crypto.Sealer.seal`), null where nothing was given. Its name ends in `_sealed`."""
    return mapped_column(LargeBinary, nullable=True, info={MARK: Personal(purpose, basis, kept, sensitive)})


def marked(*, purpose: str, basis: Basis, kept: Retention, plain: str, sensitive: bool = False) -> dict[Any, Any]:
    """`info` of a personal column that cannot be sealed, such as a position that is searched by; `plain` says why."""
    return {MARK: Personal(purpose, basis, kept, sensitive, plain)}


def blind_index(of: str, *, kind: str) -> MappedColumn[bytes | None]:
    """A column of blind indexes (`crypto.Sealer.index`) over the sealed column `of`. Its name ends in `_index`."""
    return mapped_column(LargeBinary, nullable=True, info={INDEX: BlindIndex(of, kind)})


@dataclass(frozen=True, slots=True)
class Field:
    """A marked column."""

    column: Column[Any]
    mark: Personal

    @property
    def table(self) -> str:
        return self.column.table.name

    @property
    def name(self) -> str:
        """The column's name without what says that it is sealed."""
        return self.column.name.removesuffix(SEALED)


def fields(metadata: MetaData) -> Iterator[Field]:
    """Every marked column, by table and in the order of its columns."""
    for table in sorted(metadata.tables.values(), key=lambda one: one.name):
        for column in table.columns:
            if isinstance(column.info.get(MARK), Personal):
                yield Field(column, column.info[MARK])


def place(table: str, name: str, row: object) -> str:
    """What a field is bound to when it is sealed. `name` is the column's, without `_sealed`; `row` its primary key."""
    return f"{table}|{name}|{row}"
