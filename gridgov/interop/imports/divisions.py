"""National division codes (行政区划代码) from tables, without geometry.

Owns reading codes of any usual length. Does not own the table (`areas.divisions`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gridgov.areas import divisions
from gridgov.interop.files import Reading
from gridgov.interop.files.faults import Fault, RowFault
from gridgov.interop.imports.run import Place, importing, title_of
from gridgov.interop.problems import ImportReport
from gridgov.interop.rows import Row

# Digits of a code -> level (GB/T 2260, GB/T 10114, and the statistical code of communities).
LEVELS = {2: "province", 4: "city", 6: "district", 9: "subdistrict", 12: "community"}
_SEGMENTS = (2, 4, 6, 9, 12)


def import_divisions(place: Place, paths: Sequence[Path], *, code: str = "code", name: str = "name") -> ImportReport:
    """Load division codes; files may come in any order. A code whose superior is nowhere is refused.

    Raises what reading raises.
    """
    with importing(place, "divisions", title_of(paths, "divisions")) as work:
        rows: dict[str, tuple[str, int, divisions.NewDivision]] = {}
        for row, (digits, title) in work.each(
            paths, Reading(), {"code": code, "name": name}, lambda r: _read(r, code, name)
        ):
            other = rows.get(digits)
            if other is None:
                rows[digits] = (row.file, row.number, divisions.NewDivision(digits, LEVELS[len(digits)], title, None))
            elif other[2].name == title:
                work.tally.repeated += 1
            else:
                fault = Fault("code-repeated", code, digits, {"code": digits, "other": other[1]})
                work.refuse(row.file, row.number, fault)
        known = divisions.codes(work.session)
        kept: list[divisions.NewDivision] = []
        for digits in sorted(rows, key=lambda one: (len(one), one)):
            file, number, one = rows[digits]
            parent = superior(digits, known)
            if parent is None and len(digits) > 2:
                work.refuse(file, number, Fault("parent-unknown", code, digits))
                continue
            known.add(digits)
            kept.append(divisions.NewDivision(digits, one.level, one.name, parent))
        place.progress.step(f"{work.title}: store")
        merged = divisions.put_divisions(work.session, kept)
        work.tally.taken += merged.added + merged.changed
        work.tally.repeated += merged.repeated
    return work.report()


def shortened(code: str) -> str | None:
    """The digits that say something: 110000 -> 11, 110101001000 -> 110101001; None when it is no division code."""
    if not code.isascii() or not code.isdigit() or len(code) not in LEVELS:
        return None
    at = _SEGMENTS.index(len(code))
    while at and not code[_SEGMENTS[at - 1] : _SEGMENTS[at]].strip("0"):
        at -= 1
    digits = code[: _SEGMENTS[at]]
    return digits if digits.strip("0") else None


def superior(code: str, known: set[str]) -> str | None:
    """The next known code above: a town without a district (东莞) belongs to its city."""
    return next(
        (code[:length] for length in reversed(_SEGMENTS) if length < len(code) and code[:length] in known), None
    )


def _read(row: Row, code: str, name: str) -> tuple[str, str]:
    text = row.needed(code, most=12)
    digits = shortened(text)
    if digits is None:
        raise RowFault("code-malformed", code, text, detail="2, 4, 6, 9 or 12 digits")
    return digits, row.needed(name, most=200)
