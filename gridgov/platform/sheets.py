"""Sheets from outside: in comes a CSV or an XLSX of a stranger, out come its rows as texts, or a refusal.

Owns how large a sheet may be, and reading it, in a child (`sandbox`): a workbook is a packed archive of XML.
Names and types that a client gives a file are not looked at. Does not own what a row means.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time

from openpyxl import Workbook, load_workbook

from gridgov.platform.confinement import Limits
from gridgov.platform.errors import BadInput, GridgovError, TooLarge
from gridgov.platform.sandbox import FileUnreadable, Sandbox

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED = 64 * 1024 * 1024
MAX_MEMBERS = 500
MAX_ROWS = 20_000
MAX_COLUMNS = 100
MAX_CELL = 8_000
TASK = "sheet"
TASKS = {TASK: "gridgov.platform.sheets:task"}
# 20,000 rows of 20 columns take some 3 s and 0.2 GB from a workbook.
LIMITS = Limits(memory_bytes=1 << 30, cpu_s=15, wall_s=30.0, answer_bytes=64 << 20)
DELIMITERS = ",;\t|"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

Cells = list[str | None]


class SheetTooLarge(TooLarge):
    code = "sheet-too-large"


class SheetBroken(BadInput):
    code = "sheet-broken"


class SheetEmpty(BadInput):
    code = "sheet-empty"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """`number` as a person counts lines or rows. Empty cells are None; blanks around a text are gone."""

    number: int
    cells: Cells


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first row that is not empty, as names of columns, and the rows below it that are not empty."""

    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def reader() -> Sandbox:
    """The sandbox of sheets. At most two at once: their memory adds up."""
    return Sandbox(TASKS, LIMITS, at_once=2)


def read(reader: Sandbox, data: bytes) -> Sheet:
    """The sheet that a file is; of a workbook the first. Raises `SheetTooLarge`, `SheetEmpty`, and what `Sandbox.run`
    raises: the task's `sheet-…`, or `FileUnreadable`."""
    if len(data) > MAX_BYTES:
        raise SheetTooLarge(f"A sheet has at most {MAX_BYTES // 2**20} MB.", field="file", remedy="Send it in parts.")
    if not data:
        raise SheetEmpty("The file is empty (0 bytes).", field="file", remedy="Export it again.")
    try:
        told = json.loads(reader.run(TASK, data))
        rows = [
            SheetRow(int(number), [None if cell is None else str(cell) for cell in cells]) for number, cells in told
        ]
    except (ValueError, TypeError):
        raise FileUnreadable("This file cannot be read.", field="file", remedy="Export it again.") from None
    if len(rows) < 2:
        raise SheetEmpty("There is no row below the header.", field="file", remedy="Export it again.")
    head = [cell or "" for cell in rows[0].cells]
    twice = sorted({name for name in head if name and head.count(name) > 1})
    if twice:
        raise SheetBroken(f"The column “{twice[0]}” is there twice.", field="file", remedy="Give each its own name.")
    return Sheet(tuple(head), tuple(rows[1:]))


def warm_up() -> None:
    """Codecs and the modules of a workbook are read from disk at their first use, which a child cannot do."""
    for encoding in ("utf-8", "gb18030", "cp437", *(encoding for _, encoding in _MARKS)):
        codecs.lookup(encoding)
    book, out = Workbook(), io.BytesIO()
    for line in (["条目编码", 1, 1.5, True, None], [datetime(2026, 1, 1), date(2026, 1, 1), time(1), "=1"]):  # noqa: DTZ001
        book.worksheets[0].append(line)
    book.save(out)
    for sample in (out.getvalue(), out.getvalue()[:-9], b"PK", b"a,b\n1,2\n", "条目".encode("gb18030")):
        with suppress(GridgovError):
            task(sample)


def task(data: bytes) -> bytes:
    """In the child: `rows_of` as JSON."""
    return json.dumps(rows_of(data), ensure_ascii=False).encode()


def rows_of(data: bytes) -> list[tuple[int, Cells]]:
    """Number and cells of every row that is not empty. Raises `SheetBroken`, `SheetTooLarge`."""
    kept: list[tuple[int, Cells]] = []
    for number, cells in _workbook(data) if data.startswith(b"PK") else _text(data):
        found = _tidy(number, cells)
        if found:
            kept.append((number, found))
        if len(kept) > MAX_ROWS + 1:
            raise SheetTooLarge(f"A sheet has at most {MAX_ROWS:,} rows.", field="file", remedy="Send it in parts.")
    return kept


def _tidy(number: int, cells: Sequence[object]) -> Cells:
    found = [_cell(cell) for cell in cells]
    while found and found[-1] is None:
        found.pop()
    if len(found) > MAX_COLUMNS:
        raise SheetTooLarge(f"Row {number} has more than {MAX_COLUMNS} columns.", field="file")
    if any(cell is not None and len(cell) > MAX_CELL for cell in found):
        raise SheetTooLarge(f"A cell of row {number} has more than {MAX_CELL:,} characters.", field="file")
    return found


def _cell(value: object) -> str | None:
    """A workbook's number that is whole is a code, its day a day."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool):
        value = "true" if value else "false"
    text = value.isoformat() if isinstance(value, datetime | date | time) else str(value)
    return text.strip() or None


def _text(data: bytes) -> Iterable[tuple[int, Sequence[object]]]:
    text = _decoded(data)
    if "\x00" in text:
        raise SheetBroken(
            "This is neither CSV nor XLSX.", field="file", remedy="Save it as .csv in UTF-8, or as .xlsx."
        )
    head = text.partition("\n")[0]
    bare = "".join(part for index, part in enumerate(head.split('"')) if index % 2 == 0)
    csv.field_size_limit(MAX_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=bare.count), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as problem:
        raise SheetBroken(f"Line {line}: {problem}.", field="file", remedy="Export it again.") from None


def _decoded(data: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or GB 18030, which office programs in China still write."""
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetBroken("This is no text that can be read.", field="file", remedy="Save it as CSV in UTF-8.")


def _workbook(data: bytes) -> Iterable[tuple[int, Sequence[object]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
        if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
            raise SheetTooLarge("This workbook unpacks to too much.", field="file", remedy="Save the one sheet as CSV.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that do not concern values
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        yield from enumerate((tuple(row) for row in book.worksheets[0].iter_rows(values_only=True)), start=1)
    except (KeyError, ValueError, IndexError, zipfile.BadZipFile, OSError, SyntaxError, AttributeError, TypeError):
        raise SheetBroken(
            "This cannot be read as a workbook.", field="file", remedy="Save it again as .xlsx, or as CSV in UTF-8."
        ) from None
