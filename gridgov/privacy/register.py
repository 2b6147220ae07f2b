"""The register of processing: every marked column with its purpose, basis and retention, as a table. Pure.

Owns how it reads. Does not own the marks: each table declares its own, and docs/privacy.md is checked against them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import MetaData

from gridgov.platform.personal import Retention, fields
from gridgov.privacy.retention import DEADLINES, Limits, limit_of


@dataclass(frozen=True, slots=True)
class Line:
    """One personal column. `store`: how it lies in the store."""

    table: str
    column: str
    purpose: str
    basis: str
    days: int
    since: str
    sensitive: bool
    store: str


def lines(metadata: MetaData, limits: Limits | None = None) -> list[Line]:
    """Every marked column with the limits in force; by table."""
    return [
        Line(
            table=one.table,
            column=one.column.name,
            purpose=one.mark.purpose,
            basis=one.mark.basis,
            days=limit_of(one.mark.kept, limits or {}).days,
            since=one.mark.kept.event,
            sensitive=one.mark.sensitive,
            store="sealed" if one.mark.plain is None else f"plain: {one.mark.plain}",
        )
        for one in fields(metadata)
    ]


def classes(metadata: MetaData) -> dict[str, Retention]:
    """Every class of retention by name."""
    return {one.mark.kept.name: one.mark.kept for one in fields(metadata)}


def markdown(found: Iterable[Line]) -> str:
    """The register as it stands in docs/privacy.md."""
    head = "| table | column | purpose | basis (art. 13) | kept | sensitive (art. 28) | store |\n" + "|---" * 7 + "|\n"
    rows = [
        f"| `{one.table}` | `{one.column}` | {one.purpose} | {one.basis} | {one.days} days after {one.since} | "
        f"{'yes' if one.sensitive else 'no'} | {one.store} |\n"
        for one in found
    ]
    return head + "".join(rows)


def limits_markdown(metadata: MetaData) -> str:
    """Where every number comes from, as it stands in docs/privacy.md."""
    head = "| limit | days | from |\n|---|---|---|\n"
    kept = [(one.name, f"{one.days}", one.source) for one in classes(metadata).values()]
    due = [(one.name, f"{one.days} working" if one.working else f"{one.days}", one.source) for one in DEADLINES]
    return head + "".join(f"| {name} | {days} | {source} |\n" for name, days, source in sorted(kept + due))
