"""Sheets of strangers: what is hostile is refused as a file, and the next sheet is read as ever."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator

import pytest
from openpyxl import Workbook

from gridgov.platform import sheets
from gridgov.platform.errors import BadInput
from gridgov.platform.sandbox import Sandbox

GOOD = "条目编码,事项代码,牵头单位\n1,06010,HW\n"
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(scope="module")
def reader() -> Iterator[Sandbox]:
    made = sheets.reader()
    yield made
    made.close()


def workbook(
    change: Callable[[str, bytes], bytes] = lambda _, data: data, extra: dict[str, bytes] | None = None
) -> bytes:
    """A workbook of two rows, with its parts changed."""
    book, plain, out = Workbook(), io.BytesIO(), io.BytesIO()
    for line in (["code", "category", "lead"], ["1", "06010", "HW"]):
        book.worksheets[0].append(line)
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, data in (extra or {}).items():
            new.writestr(name, data)
    return out.getvalue()


def in_sheet(head: bytes, cell: bytes) -> Callable[[str, bytes], bytes]:
    """Puts a document type in front of the sheet and something into its first cell."""

    def change(name: str, data: bytes) -> bytes:
        if name != SHEET:
            return data
        body = data.partition(b"?>")[2] if data.startswith(b"<?xml") else data
        first = body.index(b"<v>") if b"<v>" in body else body.index(b"<t>")
        return b'<?xml version="1.0"?>' + head + body[: first + 3] + cell + body[first + 3 :]

    return change


def laughs() -> bytes:
    """Entities of entities: a kilobyte that would be gigabytes of text."""
    lines = [b'<!ENTITY a0 "hahahahaha">']
    lines += [b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)]
    return b"<!DOCTYPE worksheet [" + b"".join(lines) + b"]>"


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a bomb": lambda: workbook(extra={"xl/media/zeros.bin": bytes(70 * 2**20)}),
    "many parts": lambda: workbook(extra={f"xl/media/{n}": b"" for n in range(600)}),
    "laughs": lambda: workbook(in_sheet(laughs(), b"&a9;")),
    "a file of the server": lambda: workbook(
        in_sheet(b'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>', b"&x;")
    ),
    "no XML": lambda: workbook(lambda name, data: data[::-1] if name == SHEET else data),
    "cut off": lambda: workbook()[:-200],
    "no workbook": lambda: b"PK\x03\x04" + bytes(100),
    "a wide sheet": lambda: b",".join(b"c%d" % n for n in range(101)) + b"\n" + b"1," * 101 + b"\n",
    "a long cell": lambda: b"code,category,lead\n1,06010," + b"x" * 8_001 + b"\n",
    "a cell of megabytes": lambda: workbook(in_sheet(b"", b"9" * (4 * 2**20))),
    "binary": lambda: b"\xff\x00\x81" * 900,
    "NUL in a text": lambda: b"code,category,lead\n1,\x002,3\n",
}


def test_a_good_sheet_is_read_in_every_form(reader: Sandbox) -> None:
    for data in (GOOD.encode(), GOOD.encode("utf-8-sig"), GOOD.encode("utf-16"), GOOD.encode("gb18030"),
                 GOOD.replace(",", "\t").encode(), GOOD.replace(",", ";").encode()):  # fmt: skip
        read = sheets.read(reader, data)
        assert read.columns == ("条目编码", "事项代码", "牵头单位")
        assert [(row.number, row.cells) for row in read.rows] == [(2, ["1", "06010", "HW"])]
    assert sheets.read(reader, workbook()).rows[0].cells == ["1", "06010", "HW"]


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_refused_and_the_next_is_read(reader: Sandbox, name: str) -> None:
    data = HOSTILE[name]()
    with pytest.raises(BadInput) as refused:
        sheets.read(reader, data)
    assert "root:" not in str(refused.value)
    assert sheets.read(reader, GOOD.encode()).rows[0].cells[0] == "1"


def test_rows_keep_the_numbers_that_a_person_counts(reader: Sandbox) -> None:
    """Empty lines and cells over several lines included."""
    read = sheets.read(reader, b'a,b\n\n1,"two\nlines"\n\n3,4\n')
    assert [(row.number, row.cells) for row in read.rows] == [(3, ["1", "two\nlines"]), (6, ["3", "4"])]
    book, out = Workbook(), io.BytesIO()
    for line in (["a", "b"], [], [1, 2.5], [True, "06010"]):
        book.worksheets[0].append(line)
    book.save(out)
    rows = sheets.read(reader, out.getvalue()).rows
    assert [(row.number, row.cells) for row in rows] == [(3, ["1", "2.5"]), (4, ["true", "06010"])]
