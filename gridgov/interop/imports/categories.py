"""Categories of matters: the national catalogue that the product ships, and a city's own from files.

Owns reading geodata/categories.csv. Does not own the catalogue (`duties.service`).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from gridgov.duties import service
from gridgov.interop import cityfile
from gridgov.interop.files import Reading, Wanted
from gridgov.interop.imports.run import Import, Place, importing, mapped, title_of
from gridgov.interop.problems import ImportReport
from gridgov.interop.rows import Row

NATIONAL = Path(__file__).resolve().parents[3] / "geodata" / "categories.csv"
_KINDS = {
    "matter": "matter", "事项": "matter", "管理事项": "matter", "事件": "matter",
    "component": "component", "部件": "component", "管理部件": "component",
}  # fmt: skip


def import_national(place: Place) -> ImportReport:
    """Copy the national catalogue (GB/T 47678.5) into the shared schema and into the city."""
    with importing(place, "categories", "national catalogue") as work:
        place.progress.step(work.title)
        categories = _national()
        work.tally.read = len(categories)
        service.put_national(work.session, categories)
        merged = service.put_categories(work.session, categories)
        work.tally.taken += merged.added + merged.changed
        work.tally.repeated += merged.repeated
    return work.report()


def import_categories(place: Place, part: cityfile.CategoryTable, paths: Sequence[Path]) -> ImportReport:
    """Load categories from files; with `distinct` a code that comes again counts as a repeat. Raises what reading
    raises.
    """
    with importing(place, "categories", title_of(paths, "categories")) as work:
        how = Reading(part.layer_name, part.encoding, wanted=Wanted(part.crs, part.datum))
        found: dict[tuple[str, str], service.NewCategory] = {}
        for _row, one in work.each(paths, how, mapped(part.columns), partial(_category_of, part)):
            if found.setdefault((one.kind, one.code), one) is not one:
                work.tally.repeated += 1
        _put(work, list(found.values()))
    return work.report()


def import_category_items(place: Place, items: Sequence[cityfile.CategoryItem]) -> ImportReport:
    """Categories written out in the city file."""
    with importing(place, "categories", "categories of the city file") as work:
        work.tally.read = len(items)
        _put(
            work,
            [
                service.NewCategory(one.kind, one.code, dict(one.names), one.group, dict(one.group_names))
                for one in items
            ],
        )
    return work.report()


def _put(work: Import, categories: list[service.NewCategory]) -> None:
    merged = service.put_categories(work.session, categories)
    work.tally.taken += merged.added + merged.changed
    work.tally.repeated += merged.repeated


def _category_of(part: cityfile.CategoryTable, row: Row) -> service.NewCategory:
    columns = part.columns
    code = row.needed(columns.code, most=64)
    group_names = row.names(columns.group_zh, columns.group_en)
    return service.NewCategory(
        kind=row.choice(columns.kind, _KINDS) or part.kind,
        code=code,
        names=row.names(columns.name_zh, columns.name_en) or {"zh": code, "en": code},
        group_code=row.text(columns.group, most=64),
        group_names=group_names,
    )


def _national() -> list[service.NewCategory]:
    with NATIONAL.open(encoding="utf-8", newline="") as stream:
        return [
            service.NewCategory(
                kind=row["kind"],
                code=row["code"],
                names={"zh": row["name_zh"], "en": row["name_en"]},
                group_code=row["big_code"],
                group_names={"zh": row["big_zh"], "en": row["big_en"]},
                standard_ref=row["standard_ref"],
            )
            for row in csv.DictReader(stream)
        ]
