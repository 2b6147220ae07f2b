"""The frame that every import runs in: one transaction, one problem file, one tally.

Owns reading files row by row with counts and progress. Does not own what a row becomes (one module a noun).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.interop.files import Reading, read
from gridgov.interop.files.faults import Fault, RowFault
from gridgov.interop.files.place import Box
from gridgov.interop.personal import is_personal
from gridgov.interop.problems import ImportReport, Problems, Tally, problem_file
from gridgov.interop.progress import Progress, Silent
from gridgov.interop.rows import Row, check_columns
from gridgov.platform.db import Database

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an import works: the database, who watches, and the folder for problem files (None: only counts)."""

    db: Database
    progress: Progress = field(default_factory=Silent)
    problems: Path | None = None


@dataclass(slots=True)
class Import:
    """One import under way."""

    session: Session
    noun: str
    title: str
    progress: Progress
    problems: Problems
    tally: Tally
    _personal: set[str] = field(default_factory=set)

    def rows(self, path: Path, how: Reading, columns: Mapping[str, str | None]) -> Iterator[Row]:
        """The rows of a file that can be read; the others go to the problem file. Counts every row as read."""
        with read(path, how) as source:
            check_columns(source, columns)
            shape_column = " ".join(source.shape_columns) or "geometry"
            unmapped = set(source.columns) - set(columns.values())
            self._personal |= {column for column in unmapped if is_personal(column)}
            for batch in source.batches:
                self.tally.read += len(batch.numbers)
                for index, number in enumerate(batch.numbers):
                    fault = batch.faults.get(index)
                    if fault is not None:
                        self.refuse(path.name, number, fault)
                        continue
                    yield Row(path.name, number, batch.values[index], batch.shapes[index], shape_column)
                self.progress.advance(batch.share, self.tally.read)

    def each(
        self, paths: Sequence[Path], how: Reading, columns: Mapping[str, str | None], make: Callable[[Row], T]
    ) -> Iterator[tuple[Row, T]]:
        """What `make` makes of every row of the files; a row for which it raises RowFault is refused."""
        for path in paths:
            self.progress.step(f"{self.title}: {path.name}")
            for row in self.rows(path, how, columns):
                try:
                    made = make(row)
                except RowFault as problem:
                    self.refuse(row.file, row.number, problem.fault)
                    continue
                yield row, made

    def refuse(self, file: str, number: int, fault: Fault) -> None:
        """One row that is not taken."""
        self.tally.refused += 1
        self.problems.add(file, number, fault)

    def report(self) -> ImportReport:
        if self._personal:
            names = ", ".join(sorted(self._personal))
            self.tally.note(
                "personal-columns-left-out",
                "未保存疑似个人信息的列:{names}",
                "columns that look personal were left out: {names}",
                names=names,
            )
        return self.tally.report(self.noun, self.title, self.problems)


@contextmanager
def importing(place: Place, noun: str, title: str) -> Iterator[Import]:
    """One import: everything inside commits together, or nothing does. Ask for the report after the block."""
    with problem_file(place.problems, f"{noun}-{title}") as problems, place.db.transaction() as session:
        yield Import(session, noun, title, place.progress, problems, Tally())


def city_box(session: Session) -> Box:
    """Where files of this city have to lie: its extent, or before it has areas 1.5 degrees around its centre."""
    found = areas.extent(session)
    if found is not None:
        return found
    city = areas.city(session)
    return (city.lon - 1.5, city.lat - 1.5, city.lon + 1.5, city.lat + 1.5)


@lru_cache(maxsize=64)
def mapped(columns: BaseModel) -> Mapping[str, str | None]:
    """A mapping of the city file as key -> column."""
    return MappingProxyType(columns.model_dump(by_alias=True))


def title_of(paths: Sequence[Path], what: str) -> str:
    """A short name of an import: "grid from areas.gpkg", "incidents from 35 files"."""
    return f"{what} from {paths[0].name}" if len(paths) == 1 else f"{what} from {len(paths)} files"
