"""Duty lists from files or written out in the city file.

Owns what a row has to say to be an item. Does not own lists in force (`duties.service`) nor which item answers
(`duties.routing`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.duties import service, versions
from gridgov.duties.routing import match
from gridgov.duties.rules import OFFICES, ListKind, ManagementClass, Nearest, RiskPoint
from gridgov.interop import cityfile
from gridgov.interop.files import Reading
from gridgov.interop.files.faults import Fault, RowFault
from gridgov.interop.imports.areas import instant_of_day
from gridgov.interop.imports.parents import in_force
from gridgov.interop.imports.run import Import, Place, importing, mapped, title_of
from gridgov.interop.problems import ImportReport
from gridgov.interop.rows import Row
from gridgov.platform.calendars import Limit
from gridgov.platform.errors import BadInput

CLASSES = {
    "综合": "comprehensive", "综合管理": "comprehensive", "comprehensive": "comprehensive",
    "专业": "professional", "专业管理": "professional", "professional": "professional",
    "协助": "assisting", "协助管理": "assisting", "assisting": "assisting",
}  # fmt: skip
LEVEL_WORDS = {
    "grid": "grid", "网格": "grid", "community": "community", "社区": "community", "村": "community",
    "subdistrict": "subdistrict", "街道": "subdistrict", "镇": "subdistrict", "镇街": "subdistrict",
    "district": "district", "区": "district", "县": "district", "区县": "district",
}  # fmt: skip
NEAREST = {"road": "road", "道路": "road", "straight": "straight", "直线": "straight"}
BETWEEN = re.compile(r"[;；,，、|]")
_RISKS = re.compile(r"[;；\r\n]")


@dataclass(frozen=True, slots=True)
class Known:
    """What items may name: area codes -> ids, agencies, matters, and admissions by which items came."""

    areas: Mapping[str, int]
    agencies: frozenset[str]
    matters: frozenset[str]
    admissions: frozenset[int] = frozenset()


def import_duties(place: Place, part: cityfile.Duties, paths: Sequence[Path]) -> ImportReport:
    """Put a duty list in force. The same content changes nothing; other content needs a later `valid_from`.

    Raises what reading raises, and `duties.service.ListMovedOn`.
    """
    with importing(place, "duties", title_of(paths, part.name) if paths else part.name) as work:
        names = known(work.session)
        found = _from_files(work, part, paths, names) if paths else {}
        for number, item in enumerate(part.items, start=1):
            work.tally.read += 1
            try:
                _keep(work, found, "", number, _of_item(item, names))
            except RowFault as problem:
                work.refuse("", number, problem.fault)
        zone = areas.city(work.session).zone
        done = service.put_list(
            work.session,
            [item for _number, item in found.values()],
            name=part.name,
            valid_from=instant_of_day(part.valid_from, zone),
            basis=part.basis,
            kind=ListKind(part.kind),
        )
        work.tally.taken += done.items
        work.tally.repeated += done.repeated
    return work.report()


_Found = dict[str, tuple[int, service.NewItem]]


def _from_files(work: Import, part: cityfile.Duties, paths: Sequence[Path], known: Known) -> _Found:
    columns = part.columns
    assert columns is not None  # the city file has seen to it
    found: _Found = {}
    how = Reading(part.layer_name, part.encoding)
    for row, item in work.each(paths, how, mapped(columns), partial(_of_row, part, columns, known)):
        _keep(work, found, row.file, row.number, item)
    return found


def _keep(work: Import, found: _Found, file: str, number: int, item: service.NewItem) -> None:
    """The first item of a code; the same again is a repeat, another content under the same code is refused."""
    other = found.get(item.code)
    if other is None:
        found[item.code] = (number, item)
    elif other[1] == item:
        work.tally.repeated += 1
    else:
        work.refuse(file, number, Fault("code-repeated", "code", item.code, {"code": item.code, "other": other[0]}))


def known(session: Session) -> Known:
    """What the city has now, by the newest boundaries."""
    return Known(
        in_force(session, None).ids_by_code(),
        frozenset(service.agency_ids(session)),
        frozenset(service.category_ids(session)),
        frozenset(versions.admissions(session)),
    )


def _of_row(part: cityfile.Duties, columns: cityfile.DutyColumns, known: Known, row: Row) -> service.NewItem:
    category = row.needed(columns.category, most=64)
    check_category(category, known, columns.category)
    lead = body_of(row.needed(columns.lead, most=64), known, columns.lead)
    support = row.text(columns.support) or ""
    area = row.text(columns.area, most=80)
    served = row.flag(columns.served_from_sites)
    nearest = row.choice(columns.nearest, NEAREST) or part.nearest
    return service.NewItem(
        code=row.text(columns.code, most=64) or (category if area is None else f"{category}/{area}"),
        category=category,
        lead=lead,
        management_class=ManagementClass(row.choice(columns.class_, CLASSES) or CLASSES[part.class_]),
        supporting=tuple(
            body_of(one.strip(), known, columns.support or "") for one in BETWEEN.split(support) if one.strip()
        ),
        area_id=_area(area, known, columns.area or ""),
        served_from_sites=_served(part, category) if served is None else served,
        nearest=None if nearest is None else Nearest(nearest),
        basis=row.text(columns.basis),
        time_limit=row.text(columns.limit, most=200),
        level=row.choice(columns.level, LEVEL_WORDS),
        payer=_payer(row.text(columns.payer, most=64), known, columns.payer or ""),
        opening=row.text(columns.opening),
        closing=row.text(columns.closing),
        risk_points=risk_points(row.text(columns.risk_points), columns.risk_points or ""),
        attributes={} if part.distinct else row.rest(mapped(columns).values()),
    )


def _of_item(item: cityfile.DutyRow, known: Known) -> service.NewItem:
    check_category(item.category, known, "category")
    return service.NewItem(
        code=item.code or (item.category if item.area is None else f"{item.category}/{item.area}"),
        category=item.category,
        lead=body_of(item.lead, known, "lead"),
        management_class=ManagementClass(CLASSES[item.class_]),
        supporting=tuple(body_of(one, known, "support") for one in item.support),
        area_id=_area(item.area, known, "area"),
        served_from_sites=item.served_from_sites,
        nearest=None if item.nearest is None else Nearest(item.nearest),
        basis=item.basis,
        time_limit=item.limit,
        level=item.level,
        payer=_payer(item.payer, known, "payer"),
        opening=item.opening,
        closing=item.closing,
        risk_points=tuple(point for text in item.risk_points for point in risk_points(text, "risk_points")),
    )


def _served(part: cityfile.Duties, category: str) -> bool:
    if isinstance(part.served_from_sites, bool):
        return part.served_from_sites
    return any(match(pattern, category) is not None for pattern in part.served_from_sites)


def check_category(pattern: str, known: Known, column: str) -> None:
    """A code or a pattern has to take in at least one matter of the city's catalogue. Raises `RowFault`."""
    if pattern not in known.matters and not (
        pattern.endswith("*") and any(match(pattern, code) is not None for code in known.matters)
    ):
        raise RowFault("category-unknown", column, pattern)


def body_of(text: str, known: Known, column: str) -> str:
    """The code of an agency, or an office; "" stays "". Raises `RowFault`."""
    if text.startswith("@"):
        if text[1:] not in OFFICES:
            raise RowFault("not-a-choice", column, text, choices=", ".join(f"@{level}" for level in sorted(OFFICES)))
    elif text and text not in known.agencies:
        raise RowFault("agency-unknown", column, text)
    return text


def limit_text(text: str | None, column: str) -> str | None:
    """A limit that a clock can run on, as `Limit` writes it. Raises `RowFault`."""
    if text is None:
        return None
    try:
        return str(Limit.parse(text))
    except BadInput:
        raise RowFault("limit-malformed", column, text) from None


def risk_points(text: str | None, column: str) -> tuple[RiskPoint, ...]:
    """Risk points of one cell: a line or a semicolon between them, "!" before one that needs one more approval.

    Raises `RowFault`.
    """
    parts = [part.strip() for part in _RISKS.split(text or "")]
    try:
        return tuple(RiskPoint(part.removeprefix("!").strip(), part.startswith("!")) for part in parts if part)
    except BadInput:
        raise RowFault("risk-point-malformed", column, text) from None


def _payer(code: str | None, known: Known, column: str) -> str | None:
    if code is not None and code not in known.agencies:
        raise RowFault("agency-unknown", column, code)
    return code


def _area(code: str | None, known: Known, column: str) -> int | None:
    if code is None:
        return None
    found = known.areas.get(code)
    if found is None:
        raise RowFault("area-unknown", column, code)
    return found
