"""Holidays and make-up working days from a table, and those that the product ships.

Owns reading a calendar: one bad row and nothing of the file is taken, for half a holiday would count as a whole one.
Does not own the calendar (`platform.days`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from gridgov.interop.files import Reading, read
from gridgov.interop.files.faults import Fault, RowFault
from gridgov.interop.imports.run import Import, Place, importing, title_of
from gridgov.interop.problems import ImportReport
from gridgov.interop.rows import Row, check_columns
from gridgov.platform import days
from gridgov.platform.days import FIRST_YEAR, LAST_YEAR, Day, DayChange
from gridgov.platform.errors import BadInput

SHIPPED = Path(__file__).resolve().parents[3] / "geodata" / "calendar.csv"
SHIPPED_FOR = "Asia/Shanghai"
COLUMNS = ("day", "working", "name_zh", "name_en", "source")
_WORKING = {
    "true": "yes", "1": "yes", "yes": "yes", "是": "yes", "班": "yes", "上班": "yes",
    "false": "no", "0": "no", "no": "no", "否": "no", "休": "no", "放假": "no",
}  # fmt: skip


class CalendarFaulty(BadInput):
    """A row of a calendar cannot be taken, and so nothing of it was."""

    code = "calendar-faulty"


@dataclass(frozen=True, slots=True)
class CalendarImport:
    """How it ended, and each day that changed, or with a preview would have."""

    report: ImportReport
    changes: tuple[DayChange, ...]


def import_calendar(
    place: Place, paths: Sequence[Path], *, complete: bool = False, preview: bool = False
) -> CalendarImport:
    """Load days that are free or worked. Columns: day, working, name_zh, name_en, source.

    `complete`: in the years that the files tell of, days that they lack are plain days again. `preview`: nothing is
    stored. Raises `CalendarFaulty` naming the first bad row, and what reading raises.
    """
    with importing(place, "calendar", title_of(paths, "calendar")) as work:
        found = _days(work, paths)
        years = {one.day.year for one in found}
        kept = [] if complete else [one for one in _present(work, years) if one.day not in {new.day for new in found}]
        changes = (days.compare if preview else days.put)(work.session, [*kept, *found], years)
        _tally(work, found, changes, preview=preview)
    return CalendarImport(work.report(), tuple(changes))


def import_shipped(place: Place) -> ImportReport:
    """The public holidays of mainland China, for years of which the city knows nothing yet."""
    with importing(place, "calendar", "national calendar") as work:
        place.progress.step(work.title)
        found = _days(work, [SHIPPED])
        known = {one.day.year for one in _present(work, {one.day.year for one in found})}
        new = [one for one in found if one.day.year not in known]
        changes = days.put(work.session, new, {one.day.year for one in new})
        _tally(work, found, changes, preview=False)
    return work.report()


def _days(work: Import, paths: Sequence[Path]) -> list[Day]:
    """Every row of the files, or `CalendarFaulty`."""
    found: dict[object, tuple[str, Day]] = {}
    faults: list[tuple[Path, int, Fault]] = []
    for path in paths:
        for number, one in _rows(work, path):
            if isinstance(one, Fault):
                faults.append((path, number, one))
                continue
            where, first = found.setdefault(one.day, (f"{path.name} {number}", one))
            if first != one:
                fault = Fault("code-repeated", "day", str(one.day), {"code": one.day, "other": where})
                faults.append((path, number, fault))
            work.tally.repeated += first is not one
    for path, number, fault in faults:
        work.refuse(path.name, number, fault)
    if faults:
        path, number, fault = faults[0]
        more = f", and {len(faults) - 1} more rows" if len(faults) > 1 else ""
        raise CalendarFaulty(
            f"{path.name}, row {number}: {fault.value!r} {fault.reason['en']}{more}. Nothing was stored.",
            field=fault.column,
            remedy="Put the file right and load it again." if work.problems.path is None
            else f"Put the file right and load it again; all bad rows: {work.problems.path}",
        )  # fmt: skip
    return [one for _, one in found.values()]


def _rows(work: Import, path: Path) -> Iterator[tuple[int, Day | Fault]]:
    """Each row as a person counts them, as a day or why it is none."""
    with read(path, Reading()) as source:
        check_columns(source, {column: column for column in COLUMNS if column != "name_en"})
        for batch in source.batches:
            work.tally.read += len(batch.numbers)
            for index, number in enumerate(batch.numbers):
                row = Row(path.name, number, batch.values[index], batch.shapes[index])
                yield number, batch.faults.get(index) or _read(row)


def _read(row: Row) -> Day | Fault:
    try:
        return _day(row)
    except RowFault as problem:
        return problem.fault


def _day(row: Row) -> Day:
    text = row.needed("day", most=40)
    at = row.instant("day", UTC)
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise RowFault("number-out-of-range", "day", text, least=FIRST_YEAR, most=LAST_YEAR)
    row.needed("working", most=10)
    working = row.choice("working", _WORKING) == "yes"
    if working and at.isoweekday() <= 5:
        raise RowFault("day-worked-anyway", "working", text)
    row.needed("name_zh", most=100)
    return Day(at.date(), working, row.names("name_zh", "name_en"), row.needed("source", most=200))


def _present(work: Import, years: set[int]) -> list[Day]:
    found = days.days(work.session, min(years), max(years)) if years else []
    return [one for one in found if one.day.year in years]


def _tally(work: Import, found: Sequence[Day], changes: Sequence[DayChange], *, preview: bool) -> None:
    """A day that the file lacks, and that is plain again, is no row of it."""
    taken = sum(change.after is not None for change in changes)
    work.tally.taken += taken
    work.tally.repeated += len(found) - taken
    gone = [str(change.day) for change in changes if change.after is None]
    if gone:
        work.tally.note("days-gone", "不再特别说明的日期：{days}", "plain days again: {days}", days=", ".join(gone))
    if preview:
        work.tally.note("nothing-stored", "仅预览，未保存", "only looked at, nothing was stored")
