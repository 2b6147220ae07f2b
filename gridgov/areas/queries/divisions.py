"""SQL of the national division codes (shared schema)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.areas.queries.layers import Merged
from gridgov.platform.bulk import stage

COLUMNS = (("code", "text"), ("level", "text"), ("name", "text"), ("parent_code", "text"))


def merge(session: Session, rows: Iterable[tuple[Any, ...]]) -> Merged:
    """Rows in the order of `COLUMNS`; one statement, by code."""
    count = stage(session, "new_division", COLUMNS, rows)
    done = session.execute(
        text(
            """
            with stored as (
                insert into catalogue.division as d (code, level, name, parent_code)
                select code, level, name, parent_code from new_division order by code
                on conflict (code) do update
                   set level = excluded.level, name = excluded.name, parent_code = excluded.parent_code
                 where (d.level, d.name, d.parent_code)
                       is distinct from (excluded.level, excluded.name, excluded.parent_code)
                returning (xmax = 0) as added
            )
            select count(*) filter (where added) as added, count(*) filter (where not added) as changed from stored
            """
        )
    ).one()
    return Merged(int(done.added), int(done.changed), count - int(done.added) - int(done.changed))


def codes(session: Session) -> set[str]:
    return set(session.execute(text("select code from catalogue.division")).scalars())


def path(session: Session, code: str) -> list[Row[Any]]:
    """A division and those above it, the highest first."""
    return list(
        session.execute(
            text(
                """
                with recursive up as (
                    select code, level, name, parent_code from catalogue.division where code = :code
                    union
                    select d.code, d.level, d.name, d.parent_code
                    from catalogue.division d join up on d.code = up.parent_code
                )
                select * from up order by length(code)
                """
            ),
            {"code": code},
        )
    )
