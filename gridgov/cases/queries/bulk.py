"""SQL of whole histories at once: staged by COPY, then one statement a table. Private to the domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from gridgov.cases.queries import CHANGING, CLOCK, EVENT, RATING, SUMMONS
from gridgov.cases.tables import Case, CaseClock, CaseEvent, CaseRating, CaseSummons
from gridgov.platform.bulk import stage
from gridgov.platform.db import Base

# What is staged of each table: its own columns, after the case's id.
CASE = ("happened_at", "opened_at", *CHANGING)
PARTS = {"event": EVENT, "clock": tuple(CLOCK), "summons": tuple(SUMMONS), "rating": RATING}
_MAPPED: Mapping[str, type[Base]] = {
    "case": Case,
    "event": CaseEvent,
    "clock": CaseClock,
    "summons": CaseSummons,
    "rating": CaseRating,
}
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # of SQLAlchemy
_PLACED = ("summons", "rating")  # these say where the case lies

_FRESH = "not in (select unnest(cast(:there as uuid[])))"
_THERE = text("select c.id from pg_temp.new_case n join cases c using (id)")
_CASES = text(
    f"""
    insert into cases (id, number, happened_at, category_id, item_id, channel, opened_at, area_id, grid_id, unit_id,
                       place, geom, {", ".join(CHANGING)})
    select i.id, i.number, i.happened_at, i.category_id, i.item_id, i.channel, n.opened_at, i.area_id, i.grid_id,
           i.unit_id, i.place, i.geom, {", ".join(f"n.{name}" for name in CHANGING)}
    from pg_temp.new_case n join incidents i on i.id = n.id and i.happened_at = n.happened_at
    where n.id {_FRESH} order by i.number
    """  # noqa: S608  # names are those of the code
)


def _columns(part: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """Names with their types in the database."""
    table = _MAPPED[part].__table__
    assert isinstance(table, Table)
    return [(name, table.c[name].type.compile(dialect=_DIALECT)) for name in names]


def _into(part: str) -> str:
    names = ", ".join(f'"{name}"' for name in PARTS[part])
    staged = ", ".join(f'n."{name}"' for name in PARTS[part])
    where, taken = (", area_id, grid_id, unit_id", ", c.area_id, c.grid_id, c.unit_id") if part in _PLACED else ("", "")
    return f"""
        insert into cases_{part} (number, case_id{where}, {names})
        select c.number, c.id{taken}, {staged}
        from pg_temp.new_{part} n join cases c on c.id = n.case_id
        where n.case_id {_FRESH} order by c.number, {"n.seq" if part != "summons" else "n.summons"}
        """  # noqa: S608  # the same


def any_case(session: Session) -> bool:
    return bool(session.execute(text("select exists (select from cases)")).scalar_one())


def stage_cases(session: Session, rows: Iterable[Sequence[Any]]) -> None:
    """Rows of (id, and `CASE`)."""
    stage(session, "new_case", [("id", "uuid"), *_columns("case", CASE)], rows)


def stage_part(session: Session, part: str, rows: Iterable[Sequence[Any]]) -> int:
    """Rows of (case id, and what `PARTS` says of the part); how many."""
    return stage(session, f"new_{part}", [("case_id", "uuid"), *_columns(part, PARTS[part])], rows)


def insert(session: Session) -> tuple[int, set[UUID]]:
    """Takes what was staged: (cases that are new, ids of cases that were there and are left alone)."""
    there = list(session.execute(_THERE).scalars())
    made = session.execute(_CASES, {"there": there}).rowcount  # type: ignore[attr-defined]  # an INSERT's result has it
    for part in PARTS:
        session.execute(text(_into(part)), {"there": there})
    return int(made), set(there)
