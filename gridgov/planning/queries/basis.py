"""SQL of bases and counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.platform.bulk import stage

ATOM_COLUMNS = (
    ("no", "integer"), ("key", "text"), ("kind", "text"), ("block", "integer"), ("group_name", "text"),
    ("building_id", "bigint"), ("geom", "geometry"), ("label", "geometry"), ("area_m2", "float8"),
    ("perimeter_m", "float8"),
)  # fmt: skip
EDGE_COLUMNS = (
    ("a", "integer"), ("b", "integer"), ("shared_m", "float8"), ("on_street", "boolean"), ("bridge", "boolean"),
)  # fmt: skip


def find(session: Session, community_id: int, digest: bytes) -> int | None:
    """The basis of this community with this content."""
    found: int | None = session.execute(
        text("select id from planning_basis where community_id = :community and digest = :digest"),
        {"community": community_id, "digest": digest},
    ).scalar_one_or_none()
    return found


def add(session: Session, values: Mapping[str, Any]) -> int | None:
    """A new basis; None where another transaction has just added the same."""
    made: int | None = session.execute(
        text(
            """
            insert into planning_basis (community_id, digest, source, atoms, made_at, made_by)
            values (:community, :digest, cast(:source as jsonb), :atoms, :now, :by)
            on conflict (community_id, digest) do nothing
            returning id
            """
        ),
        dict(values),
    ).scalar_one_or_none()
    return made


def add_atoms(session: Session, basis_id: int, rows: Iterable[Sequence[Any]]) -> None:
    """Rows in the order of `ATOM_COLUMNS`."""
    stage(session, "new_atom", ATOM_COLUMNS, rows)
    session.execute(
        text(
            """
            insert into planning_atom (basis_id, no, key, kind, block, group_name, building_id, geom, label, area_m2,
                                       perimeter_m)
            select :basis, no, key, kind, block, group_name, building_id, geom, label, area_m2, perimeter_m
            from new_atom order by no
            """
        ),
        {"basis": basis_id},
    )


def add_edges(session: Session, basis_id: int, rows: Iterable[Sequence[Any]]) -> None:
    """Rows in the order of `EDGE_COLUMNS`."""
    stage(session, "new_edge", EDGE_COLUMNS, rows)
    session.execute(
        text(
            """
            insert into planning_edge (basis_id, a, b, shared_m, on_street, bridge)
            select :basis, a, b, shared_m, on_street, bridge from new_edge order by a, b
            """
        ),
        {"basis": basis_id},
    )


def basis_row(session: Session, basis_id: int) -> Row[Any] | None:
    return session.execute(
        text("select id, community_id, digest, source, atoms, made_at, made_by from planning_basis where id = :id"),
        {"id": basis_id},
    ).one_or_none()


def newest(session: Session, community_id: int) -> int | None:
    """The basis of a community that was made last."""
    found: int | None = session.execute(
        text("select id from planning_basis where community_id = :community order by id desc limit 1"),
        {"community": community_id},
    ).scalar_one_or_none()
    return found


def atoms(session: Session, basis_id: int) -> list[Row[Any]]:
    """Atoms by number, with shape and label as WKB."""
    return list(
        session.execute(
            text(
                """
                select key, kind, block, group_name, building_id, st_asbinary(geom) as wkb,
                       st_asbinary(label) as label, area_m2, perimeter_m
                from planning_atom where basis_id = :basis order by no
                """
            ),
            {"basis": basis_id},
        )
    )


def edges(session: Session, basis_id: int) -> list[Row[Any]]:
    return list(
        session.execute(
            text("select a, b, shared_m, on_street, bridge from planning_edge where basis_id = :basis order by a, b"),
            {"basis": basis_id},
        )
    )


def count_row(session: Session, count_id: int) -> Row[Any] | None:
    return session.execute(
        text("select id, basis_id, counted_on, source, households, total, digest from planning_count where id = :id"),
        {"id": count_id},
    ).one_or_none()


def counts(session: Session, basis_id: int) -> list[Row[Any]]:
    """(id, counted_on, source, total) of a basis, the newest day first."""
    return list(
        session.execute(
            text(
                "select id, counted_on, source, total from planning_count where basis_id = :basis "
                "order by counted_on desc, id desc"
            ),
            {"basis": basis_id},
        )
    )


def put_count(
    session: Session, basis_id: int, counted_on: date, source: str, households: list[int], digest: bytes, now: datetime
) -> int:
    """A count of a day; the one that is there already where it says the same. Counts are never changed."""
    values = {
        "basis": basis_id, "day": counted_on, "source": source, "households": households, "total": sum(households),
        "digest": digest, "now": now,
    }  # fmt: skip
    made = session.execute(
        text(
            """
            insert into planning_count (basis_id, counted_on, source, households, total, digest, made_at)
            values (:basis, :day, :source, :households, :total, :digest, :now)
            on conflict (basis_id, counted_on, digest) do nothing returning id
            """
        ),
        values,
    ).scalar_one_or_none()
    if made is None:
        made = session.execute(
            text("select id from planning_count where basis_id = :basis and counted_on = :day and digest = :digest"),
            values,
        ).scalar_one()
    return int(made)
