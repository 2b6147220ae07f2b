"""One row of a file, read by mapped columns.

Owns turning cells into texts, numbers, instants and names, with a fault that names the column. Does not own what is
done with them (`imports/`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from shapely.geometry.base import BaseGeometry

from gridgov.interop.files.choose import closest
from gridgov.interop.files.faults import RowFault
from gridgov.interop.files.refusals import ColumnMissing
from gridgov.interop.files.source import Kind, Source, Values
from gridgov.interop.personal import is_personal

MOST_TEXT = 4_000
_NO_VALUE = frozenset({"", "null", "none", "nan", "n/a", "<null>", "\\n"})
_CHINESE_TIME = re.compile(
    r"^(\d{4})\s*[年/.\-]\s*(\d{1,2})\s*[月/.\-]\s*(\d{1,2})\s*日?[\sT]*"
    r"(?:(\d{1,2})\s*[:时点]\s*(?:(\d{1,2})\s*[:分]?\s*(?:(\d{1,2})(?:\.\d+)?\s*秒?)?)?)?$"
)
_EPOCH_MS_FROM = 10**11
_EXCEL_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 (a sheet's serial day has no zone)


@dataclass(frozen=True, slots=True)
class Row:
    """`number` as a person counts rows in `file`; `shape` in EPSG:4326 or None; `shape_column` names where it came
    from.
    """

    file: str
    number: int
    values: Values
    shape: BaseGeometry | None
    shape_column: str = "geometry"

    def text(self, column: str | None, *, most: int = MOST_TEXT) -> str | None:
        """A text without blanks around it; None for an empty cell, for NULL, and when no column is mapped."""
        if column is None:
            return None
        value = plain(self.values.get(column))
        if value is None:
            return None
        text = str(value).strip()
        if text.lower() in _NO_VALUE:
            return None
        if "\x00" in text:
            raise RowFault("value-has-nul", column, text.replace("\x00", "␀"))
        if len(text) > most:
            raise RowFault("value-too-long", column, text, limit=most)
        return text

    def needed(self, column: str, *, most: int = MOST_TEXT) -> str:
        """A text that must be there."""
        text = self.text(column, most=most)
        if text is None:
            raise RowFault("value-missing", column)
        return text

    def number_in(self, column: str | None, least: float, most: float) -> float | None:
        """A finite number between two bounds."""
        text = self.text(column)
        if text is None or column is None:
            return None
        try:
            number = float(text.replace(",", ""))
        except ValueError:
            raise RowFault("not-a-number", column, text) from None
        if not math.isfinite(number):
            raise RowFault("not-a-number", column, text)
        if not least <= number <= most:
            raise RowFault("number-out-of-range", column, text, least=f"{least:g}", most=f"{most:g}")
        return number

    def count(self, column: str | None) -> int | None:
        """A whole number from 0 to 2,147,483,647 (people, households)."""
        number = self.number_in(column, 0, 2**31 - 1)
        if number is None or column is None:
            return None
        if number != int(number):
            raise RowFault("not-an-integer", column, number)
        return int(number)

    def flag(self, column: str | None) -> bool | None:
        text = self.text(column)
        if text is None or column is None:
            return None
        if text.lower() in ("1", "true", "yes", "y", "是", "t"):
            return True
        if text.lower() in ("0", "false", "no", "n", "否", "f"):
            return False
        raise RowFault("not-a-choice", column, text, choices="true, false, 是, 否")

    def choice(self, column: str | None, words: Mapping[str, str]) -> str | None:
        """One of the words (lower case), as what it stands for."""
        text = self.text(column)
        if text is None or column is None:
            return None
        found = words.get(text.lower())
        if found is None:
            raise RowFault("not-a-choice", column, text, choices=", ".join(words))
        return found

    def instant(self, column: str, zone: tzinfo) -> datetime:
        """An aware instant; a time without a zone is one of the city."""
        value = self.values.get(column)
        if isinstance(value, datetime):
            return _aware(value, zone)
        if isinstance(value, date):
            return datetime.combine(value, time(), zone)
        text = self.needed(column)
        found = instant_of(text, zone)
        if found is None:
            raise RowFault("not-a-time", column, text)
        return found

    def names(self, zh: str | None, en: str | None) -> dict[str, str]:
        """The names that are there: {"zh": …, "en": …}.

        An OpenStreetMap object goes by its local `name` in a language that it has no name in.
        """
        local = self.text("name", most=200) if "@id" in self.values else None
        found = {"zh": self.text(zh, most=200) or local, "en": self.text(en, most=200) or local}
        return {language: text for language, text in found.items() if text is not None}

    def rest(self, used: Iterable[str | None]) -> dict[str, object]:
        """Columns that are not mapped, as JSON holds them; columns that look personal are left out."""
        taken = used if isinstance(used, set | frozenset) else set(used)
        kept = {
            column: plain(value)
            for column, value in self.values.items()
            if column not in taken and not is_personal(column)
        }
        return {column: value for column, value in kept.items() if value is not None}


def plain(value: object) -> object:
    """A value that JSON can hold; None for NaN and for bytes. A whole float becomes an integer (a code in a sheet)."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float | Decimal):
        return _plain_number(float(value))
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return _plain_other(value)


def _plain_number(value: float) -> float | int | None:
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def _plain_other(value: object) -> object:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return None if isinstance(value, bytes) else str(value)


def instant_of(text: str, zone: tzinfo) -> datetime | None:
    """ISO 8601, 2024年5月1日 12:30, 2024/5/1, milliseconds since 1970, a sheet's serial day; else None."""
    try:
        return _aware(datetime.fromisoformat(text), zone)
    except ValueError:
        pass
    match = _CHINESE_TIME.match(text)
    try:
        if match:
            parts = [int(part) if part else 0 for part in match.groups()]
            return datetime(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], tzinfo=zone)
        number = float(text)
        if number >= _EPOCH_MS_FROM:
            return datetime.fromtimestamp(number / 1000.0, UTC)
        if 20_000 <= number <= 80_000:
            return _aware(_EXCEL_DAY_ZERO + timedelta(days=number), zone)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _aware(value: datetime, zone: tzinfo) -> datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=zone)


def check_columns(source: Source, columns: Mapping[str, str | None]) -> None:
    """Every mapped column has to be in the file. Raises ColumnMissing with what was probably meant.

    Not asked of OSM, where each object has tags of its own.
    """
    if source.kind is Kind.OSM:
        return
    known = (*source.columns, *source.shape_columns)
    for key, column in columns.items():
        if column is not None and column not in known:
            raise ColumnMissing(
                f"{source.path.name} has no column {column!r}.",
                field=f"columns.{key}",
                remedy=closest(column, source.columns, "It has"),
            )
