"""Agencies from files or written out in the city file.

Owns what a row has to say to be an agency. Does not own agencies (`duties.service`) nor their sites (`sites.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from gridgov.duties import service
from gridgov.interop import cityfile
from gridgov.interop.files import Reading
from gridgov.interop.files.faults import Fault, RowFault
from gridgov.interop.imports.parents import in_force
from gridgov.interop.imports.run import Import, Place, importing, mapped, title_of
from gridgov.interop.problems import ImportReport
from gridgov.interop.rows import Row


def import_agencies(place: Place, part: cityfile.Agencies, paths: Sequence[Path]) -> ImportReport:
    """Load agencies; one that names a parent, or an area to be stationed in, that exists nowhere is refused. Raises
    what reading raises."""
    title = title_of(paths, "agencies") if paths else "agencies of the city file"
    with importing(place, "agencies", title) as work:
        areas = in_force(work.session, None).ids_by_code()
        _put(work, _from_files(work, part, paths, areas) if paths else _from_items(work, part.items, areas))
    return work.report()


_Found = tuple[str, int, service.NewAgency]


def _from_items(work: Import, items: Sequence[cityfile.AgencyItem], areas: Mapping[str, int]) -> list[_Found]:
    work.tally.read = len(items)
    found: list[_Found] = []
    for number, one in enumerate(items, start=1):
        try:
            stationed_id = _stationed(one.stationed, areas, "stationed")
        except RowFault as problem:
            work.refuse("", number, problem.fault)
            continue
        made = service.NewAgency(
            one.code, dict(one.names), one.kind, one.parent, _phone(one.phone), stationed_id=stationed_id
        )
        found.append(("", number, made))
    return found


def _from_files(work: Import, part: cityfile.Agencies, paths: Sequence[Path], areas: Mapping[str, int]) -> list[_Found]:
    columns = part.columns
    assert columns is not None  # the city file has seen to it
    found: dict[str, _Found] = {}
    how = Reading(part.layer_name, part.encoding)
    make = partial(_agency_of, columns, areas, distinct=part.distinct)
    for row, one in work.each(paths, how, mapped(columns), make):
        if one.code in found:
            work.tally.repeated += 1
        else:
            found[one.code] = (row.file, row.number, one)
    return list(found.values())


def _agency_of(
    columns: cityfile.AgencyColumns, areas: Mapping[str, int], row: Row, *, distinct: bool
) -> service.NewAgency:
    """From a file of other things (`distinct`) only the mapped columns are the agency's own."""
    code = row.needed(columns.code, most=64)
    phone = row.text(columns.phone, most=64)
    attributes = {} if distinct else row.rest(mapped(columns).values())
    return service.NewAgency(
        code=code,
        names=row.names(columns.name_zh, columns.name_en) or {"zh": code, "en": code},
        kind=row.text(columns.kind, most=64),
        parent=row.text(columns.parent, most=64),
        attributes=attributes | _phone(phone),
        stationed_id=_stationed(row.text(columns.stationed, most=80), areas, columns.stationed or ""),
    )


def _stationed(code: str | None, areas: Mapping[str, int], column: str) -> int | None:
    if code is None:
        return None
    if code not in areas:
        raise RowFault("area-unknown", column, code)
    return areas[code]


def _phone(phone: str | None) -> dict[str, str]:
    """The office's public number, no person's."""
    return {} if phone is None else {"phone": phone}


def _put(work: Import, found: list[_Found]) -> None:
    """Refuse agencies under an unknown parent, and then those under the refused ones; store the rest."""
    known = set(service.agency_ids(work.session))
    kept = found
    while True:
        codes = known | {one.code for _file, _number, one in kept}
        lost = [entry for entry in kept if entry[2].parent is not None and entry[2].parent not in codes]
        if not lost:
            break
        for file, number, one in lost:
            work.refuse(file, number, Fault("agency-unknown", "parent", one.parent or ""))
        kept = [entry for entry in kept if entry not in lost]
    merged = service.put_agencies(work.session, [one for _file, _number, one in kept])
    work.tally.taken += merged.added + merged.changed
    work.tally.repeated += merged.repeated
