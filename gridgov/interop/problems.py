"""What an import leaves behind: counts that add up, remarks, and a file of the rows that were refused.

Owns the problem file (CSV, UTF-8 with a mark so that spreadsheets read it) and `ImportReport`. Does not own the reasons
(`files/faults.py`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from gridgov.interop.files.faults import Fault
from gridgov.interop.personal import is_personal
from gridgov.interop.spreadsheet import guarded

HEADER = ("file", "row", "column", "value", "code", "reason_zh", "reason_en")
NOT_SHOWN = "(not shown: personal data)"


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader of the report should know: `text` in both languages, `facts` for programs."""

    code: str
    text: Mapping[str, str]
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How an import ended. `read` = `taken` + `repeated` + `refused`; `repaired` are among the taken or repeated."""

    noun: str
    title: str
    read: int
    taken: int
    repeated: int
    repaired: int
    refused: int
    notes: tuple[Note, ...] = ()
    problem_file: Path | None = None

    def __post_init__(self) -> None:
        if self.read != self.taken + self.repeated + self.refused or self.repaired > self.taken + self.repeated:
            counts = (self.read, self.taken, self.repeated, self.repaired, self.refused)
            raise ValueError(f"the counts of {self.title} do not add up: {counts}")

    def __str__(self) -> str:
        """For a person: one line of counts, a line a remark, and where the refused rows are."""
        lines = [
            f"{self.title}: {self.read:,} read, {self.taken:,} taken, {self.repeated:,} repeated, "
            f"{self.repaired:,} repaired, {self.refused:,} refused"
        ]
        lines += [f"  {note.text['en']}" for note in self.notes]
        if self.problem_file is not None:
            lines.append(f"  refused rows: {self.problem_file}")
        return "\n".join(lines)


@dataclass(slots=True)
class Tally:
    """Counts while an import runs."""

    read: int = 0
    taken: int = 0
    repeated: int = 0
    repaired: int = 0
    refused: int = 0
    notes: list[Note] = field(default_factory=list)

    def note(self, code: str, zh: str, en: str, **facts: object) -> None:
        """Add a remark; facts are filled into both sentences by name."""
        self.notes.append(Note(code, {"zh": zh.format(**facts), "en": en.format(**facts)}, facts))

    def report(self, noun: str, title: str, problems: Problems) -> ImportReport:
        """The report; raises ValueError when the counts do not add up."""
        return ImportReport(
            noun=noun,
            title=title,
            read=self.read,
            taken=self.taken,
            repeated=self.repeated,
            repaired=self.repaired,
            refused=self.refused,
            notes=tuple(self.notes),
            problem_file=problems.path if problems.count else None,
        )


class Problems:
    """The problem file of one import; made when the first row is refused, replaced when the import is run again."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.count = 0
        self._out: TextIO | None = None

    def __enter__(self) -> Self:
        if self.path is not None:
            self.path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._out is not None:
            self._out.close()

    def add(self, file: str, row: int, fault: Fault) -> None:
        """One refused row. Values of columns that look personal are not repeated."""
        self.count += 1
        if self.path is None:
            return
        if self._out is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._out = self.path.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._out).writerow(HEADER)
        value = NOT_SHOWN if fault.value and is_personal(fault.column) else fault.value
        reason = fault.reason
        line = (file, row, fault.column, value, fault.code, reason["zh"], reason["en"])
        csv.writer(self._out).writerow([guarded(cell) for cell in line])


@contextmanager
def problem_file(folder: Path | None, name: str) -> Iterator[Problems]:
    """The problem file `name`.csv in a folder; without a folder refused rows are only counted."""
    safe = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name)
    with Problems(None if folder is None else folder / f"{safe}.csv") as problems:
        yield problems
