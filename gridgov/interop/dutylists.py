"""Duty lists as sheets, CSV and XLSX, out and in again: what is exported and imported unchanged changes nothing.

Owns the columns, what a row says as an item of a draft, and the preview of what an import would change. Does not
own reading a stranger's file (`platform.sheets`) nor drafts (`duties.drafts`).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from gridgov.areas.rules import TOP_DOWN, AreaFacts
from gridgov.duties.compare import Comparison, compare
from gridgov.duties.rules import ManagementClass, Nearest, NewItem
from gridgov.interop.files.faults import Fault, RowFault
from gridgov.interop.imports.duties import (
    BETWEEN,
    CLASSES,
    LEVEL_WORDS,
    NEAREST,
    Known,
    body_of,
    check_category,
    limit_text,
    risk_points,
)
from gridgov.interop.rows import Row
from gridgov.interop.spreadsheet import guarded, unguarded
from gridgov.platform.errors import BadInput
from gridgov.platform.sheets import Sheet

CLASS_ZH = {"comprehensive": "综合", "professional": "专业", "assisting": "协助"}
_GONE = re.compile(r"#(\d{1,18})")  # an area that is not in force any more, by its id


class HeaderIncomplete(BadInput):
    """A column that every list needs is not there."""

    code = "column-missing"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: its name in programs, and its headings. A header may use any of the three."""

    name: str
    zh: str
    en: str
    needed: bool = False


# docs/duty-lists.md prints this table.
COLUMNS: tuple[Column, ...] = (
    Column("code", "条目编码", "Item", needed=True),
    Column("category", "事项代码", "Matter", needed=True),
    Column("category_name", "事项名称", "Name of the matter"),
    Column("area", "适用区域", "Area"),
    Column("class", "管理类别", "Management class"),
    Column("lead", "牵头单位", "Lead", needed=True),
    Column("support", "配合单位", "Supporting bodies"),
    Column("level", "解决层级", "Level"),
    Column("limit", "处置时限", "Limit"),
    Column("payer", "付费部门", "Payer"),
    Column("served_from_sites", "按站点派发", "Served from sites"),
    Column("nearest", "就近方式", "Nearest by"),
    Column("basis", "依据", "Basis"),
    Column("opening", "立案条件", "Opened when"),
    Column("closing", "结案条件", "Closed when"),
    Column("risk_points", "廉政风险点", "Risk points"),
    Column("admission", "准入编号", "Admission"),
    Column("expires_at", "有效期至", "Expires at"),
    Column("attributes", "其他属性", "Other attributes"),
)
READ_ONLY = frozenset({"category_name"})  # for the reader; the catalogue says it
_BY_HEADING = {word.casefold(): column.name for column in COLUMNS for word in (column.name, column.zh, column.en)}


@dataclass(frozen=True, slots=True)
class SheetFault:
    """What is wrong in a row: `column` as the file calls it; the reason in both languages."""

    row: int
    column: str
    value: str
    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Parsed:
    """A sheet as items. `left_out`: columns that are none of a duty list."""

    items: tuple[NewItem, ...]
    faults: tuple[SheetFault, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What an import would change against the version that it follows; rows with faults are not among the items."""

    parsed: Parsed
    comparison: Comparison


def preview(sheet: Sheet, known: Known, before: Sequence[NewItem], zone: tzinfo) -> Preview:
    """Raises `HeaderIncomplete`."""
    parsed = parse(sheet, known, before, zone)
    return Preview(parsed, compare(before, parsed.items))


def parse(sheet: Sheet, known: Known, before: Sequence[NewItem], zone: tzinfo) -> Parsed:
    """The items of a sheet and every fault of its rows. `before`: the version that it follows, whose limits, areas and
    admissions may stay as they are. Raises `HeaderIncomplete`.
    """
    headings = _headings(sheet)
    own = {item.code: item for item in before}
    found: dict[str, tuple[int, NewItem]] = {}
    faults: list[SheetFault] = []
    for line in sheet.rows:
        cells = [None if cell is None else unguarded(cell) for cell in line.cells]
        values: dict[str, object] = {name: cell for name, cell in zip(sheet.columns, cells, strict=False) if name}
        reading = _Reading(Row("", line.number, values, None), headings, known, own, zone)
        if len(cells) > len(sheet.columns):
            reading.fault(Fault("row-too-long", "", facts={"found": len(cells), "expected": len(sheet.columns)}))
        item = reading.item()
        if item is not None and not reading.faults:
            other = found.setdefault(item.code, (line.number, item))
            if other[1] != item:
                facts = {"code": item.code, "other": other[0]}
                reading.fault(Fault("code-repeated", headings["code"], item.code, facts))
        faults += reading.faults
    taken = set(headings.values())
    left_out = tuple(name for name in sheet.columns if name and name not in taken)
    return Parsed(tuple(item for _, item in found.values()), tuple(faults), left_out)


def _headings(sheet: Sheet) -> dict[str, str]:
    """Name of a column -> what the file calls it."""
    found: dict[str, str] = {}
    for heading in sheet.columns:
        name = _BY_HEADING.get(unguarded(heading).strip().casefold())
        if name is not None:
            found.setdefault(name, heading)
    missing = [column for column in COLUMNS if column.needed and column.name not in found]
    if missing:
        wanted = ", ".join(f"{column.zh} ({column.name})" for column in missing)
        raise HeaderIncomplete(f"The header has no column {wanted}.", field="file", remedy="Export a list to see all.")
    return found


class _Reading:
    """One row, cell by cell, so that every fault of it is told at once."""

    def __init__(
        self, row: Row, headings: Mapping[str, str], known: Known, own: Mapping[str, NewItem], zone: tzinfo
    ) -> None:
        self.faults: list[SheetFault] = []
        self._row, self._headings, self._known, self._zone = row, headings, known, zone
        self._own = own.get(row.text(headings["code"], most=64) or "")

    def fault(self, fault: Fault) -> None:
        reason = fault.reason
        self.faults.append(
            SheetFault(self._row.number, fault.column, fault.value, fault.code, reason["zh"], reason["en"])
        )

    def item(self) -> NewItem | None:
        """The item; None, or one not to be used, where there is a fault."""
        row, known = self._row, self._known
        code = self._read("code", lambda column: row.needed(column, most=64))
        category = self._read("category", self._category)
        lead = self._read("lead", lambda column: body_of(row.text(column, most=64) or "", known, column)) or ""
        kind = self._read("class", lambda column: row.choice(column, CLASSES))
        supporting = self._read("support", self._bodies) or ()
        nearest = self._read("nearest", lambda column: row.choice(column, NEAREST))
        made: dict[str, Any] = {
            "area_id": self._read("area", self._area),
            "served_from_sites": self._read("served_from_sites", row.flag) or False,
            "nearest": None if nearest is None else Nearest(nearest),
            "basis": self._text("basis"),
            "time_limit": self._read("limit", self._limit),
            "attributes": self._read("attributes", self._attributes) or {},
            "level": self._read("level", lambda column: row.choice(column, LEVEL_WORDS)),
            "payer": self._read("payer", self._payer),
            "opening": self._text("opening"),
            "closing": self._text("closing"),
            "risk_points": self._read("risk_points", lambda column: risk_points(row.text(column), column)) or (),
            "admission_id": self._read("admission", self._admission),
            "expires_at": self._read("expires_at", self._instant),
        }
        if code is None or category is None:
            return None
        return NewItem(code, category, lead, ManagementClass(kind or "professional"), supporting, **made)

    def _read(self, name: str, how: Callable[[str], Any]) -> Any:
        column = self._headings.get(name)
        if column is None:
            return None
        try:
            return how(column)
        except RowFault as problem:
            self.fault(problem.fault)
            return None

    def _text(self, name: str) -> str | None:
        found: str | None = self._read(name, self._row.text)
        return found

    def _category(self, column: str) -> str:
        pattern = self._row.needed(column, most=64)
        check_category(pattern, self._known, column)
        return pattern

    def _bodies(self, column: str) -> tuple[str, ...]:
        parts = [part.strip() for part in BETWEEN.split(self._row.text(column) or "")]
        return tuple(body_of(part, self._known, column) for part in parts if part)

    def _payer(self, column: str) -> str | None:
        """A department: an office does not pay for what a department asks of it."""
        code = self._row.text(column, most=64)
        if code is not None and code not in self._known.agencies:
            raise RowFault("agency-unknown", column, code)
        return code

    def _area(self, column: str) -> int | None:
        code = self._row.text(column, most=80)
        if code is None:
            return None
        gone = _GONE.fullmatch(code)
        if gone and self._own is not None and self._own.area_id == int(gone[1]):
            return self._own.area_id
        if code not in self._known.areas:
            raise RowFault("area-unknown", column, code)
        return self._known.areas[code]

    def _limit(self, column: str) -> str | None:
        text = self._row.text(column, most=200)
        return text if self._own is not None and self._own.time_limit == text else limit_text(text, column)

    def _admission(self, column: str) -> int | None:
        number = self._row.count(column)
        if number is not None and number not in self._known.admissions:
            raise RowFault("admission-unknown", column, number)
        return number

    def _instant(self, column: str) -> datetime | None:
        return None if self._row.text(column) is None else self._row.instant(column, self._zone)

    def _attributes(self, column: str) -> dict[str, Any]:
        text = self._row.text(column, most=8_000)
        try:
            found = json.loads(text) if text else {}
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise RowFault("not-json", column, text)
        return found


def area_codes(areas: Sequence[AreaFacts]) -> dict[int, str]:
    """Area id -> how a sheet names it: its code, with the level in front where a higher area has the same."""
    first: dict[str, int] = {}
    for level in TOP_DOWN:
        for area in areas:
            if area.level == level:
                first.setdefault(area.code, area.id)
    return {area.id: area.code if first[area.code] == area.id else f"{area.level}:{area.code}" for area in areas}


def cells(item: NewItem, areas: Mapping[int, str], matters: Mapping[str, str]) -> dict[str, str]:
    """Name of a column -> what stands there, unguarded. `areas` and `matters`: their codes and names."""
    risks = "; ".join(("!" if one.approval else "") + one.text for one in item.risk_points)
    area = "" if item.area_id is None else areas.get(item.area_id, f"#{item.area_id}")
    attributes = dict(item.attributes)
    return {
        "code": item.code,
        "category": item.category,
        "category_name": matters.get(item.category, ""),
        "area": area,
        "class": CLASS_ZH[item.management_class],
        "lead": item.lead,
        "support": "; ".join(item.supporting),
        "level": item.level or "",
        "limit": item.time_limit or "",
        "payer": item.payer or "",
        "served_from_sites": "true" if item.served_from_sites else "false",
        "nearest": item.nearest or "",
        "basis": item.basis or "",
        "opening": item.opening or "",
        "closing": item.closing or "",
        "risk_points": risks,
        "admission": "" if item.admission_id is None else str(item.admission_id),
        "expires_at": "" if item.expires_at is None else item.expires_at.isoformat(),
        "attributes": json.dumps(attributes, ensure_ascii=False, sort_keys=True) if attributes else "",
    }


def _lines(
    items: Sequence[NewItem], areas: Mapping[int, str], matters: Mapping[str, str], lang: str
) -> Iterator[list[str]]:
    yield [column.zh if lang == "zh" else column.en for column in COLUMNS]
    for item in items:
        yield [str(guarded(cell)) for cell in cells(item, areas, matters).values()]


def to_csv(items: Sequence[NewItem], areas: Mapping[int, str], matters: Mapping[str, str], lang: str = "zh") -> bytes:
    """UTF-8 with a mark, so that spreadsheets read it."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(_lines(items, areas, matters, lang))
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(items: Sequence[NewItem], areas: Mapping[int, str], matters: Mapping[str, str], lang: str = "zh") -> bytes:
    """One sheet; every cell is text, so that codes keep their zeros."""
    book = Workbook()
    page = book.active
    page.title = "责任清单"
    for line in _lines(items, areas, matters, lang):
        page.append([ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in line])
    for cell in page[1]:
        cell.font = Font(bold=True)
    page.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
