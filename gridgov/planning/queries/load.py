"""SQL of the load: incidents of each month at every atom, how far they are counted. Private to the domain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.platform.bulk import stage
from gridgov.platform.db import cursor

Ints = NDArray[np.int64]
_UPSERT = text(
    """
    insert into planning_load (basis_id, month, category, counts)
    select basis_id, month, category, counts from new_load
    on conflict (basis_id, month, category) do update set counts = excluded.counts
    """
)


def bases(session: Session, basis_ids: Sequence[int]) -> list[Row[Any]]:
    """(id, community_id, atoms, upto) of some, in the order of ids; `upto` 0 where nothing has been counted."""
    sql = """
        select b.id, b.community_id, b.atoms, coalesce(m.upto, 0) as upto, m.made_at
        from planning_basis b left join planning_load_mark m on m.basis_id = b.id
        where b.id = any (:ids) order by b.id
        """
    return list(session.execute(text(sql), {"ids": list(basis_ids)}))


def bases_of(session: Session, plan_id: int) -> list[int]:
    """The bases that a plan is drawn on."""
    sql = "select distinct basis_id from planning_part where plan_id = :plan order by basis_id"
    return list(session.execute(text(sql), {"plan": plan_id}).scalars())


def shapes(session: Session, basis_ids: Sequence[int]) -> list[Row[Any]]:
    """(basis_id, no, wkb) of their atoms, in degrees, in the order of both."""
    sql = """
        select basis_id, no, st_asbinary(geom) as wkb from planning_atom
        where basis_id = any (:ids) order by basis_id, no
        """
    return list(session.execute(text(sql), {"ids": list(basis_ids)}))


def located(session: Session, basis_ids: Sequence[int], lon: list[float], lat: list[float]) -> list[Row[Any]]:
    """(n, basis_id, no): the lowest atom that each point touches, points numbered from 1."""
    sql = """
        select distinct on (p.n) p.n, a.basis_id, a.no
        from unnest(cast(:lon as float8[]), cast(:lat as float8[])) with ordinality as p (lon, lat, n)
        join planning_atom a on st_intersects(a.geom, st_setsrid(st_makepoint(p.lon, p.lat), 4326))
        where a.basis_id = any (:ids) order by p.n, a.basis_id, a.no
        """
    return list(session.execute(text(sql), {"ids": list(basis_ids), "lon": lon, "lat": lat}))


def box(session: Session, basis_ids: Sequence[int]) -> tuple[float, float, float, float] | None:
    """West, south, east, north of their atoms in degrees."""
    sql = "select st_extent(geom) as e from planning_atom where basis_id = any (:ids)"
    outer = f"select st_xmin(e) as w, st_ymin(e) as s, st_xmax(e) as ea, st_ymax(e) as n from ({sql}) x"  # noqa: S608
    row = session.execute(text(outer), {"ids": list(basis_ids)}).one()
    return None if row.w is None else (row.w, row.s, row.ea, row.n)


def take_marks(session: Session, basis_ids: Sequence[int], now: datetime) -> dict[int, int]:
    """Locks how far the bases are counted, in the order of ids: id -> last number."""
    session.execute(
        text(
            "insert into planning_load_mark (basis_id, upto, made_at) "
            "select id, 0, :now from unnest(cast(:ids as bigint[])) as t (id) order by id on conflict do nothing"
        ),
        {"ids": sorted(basis_ids), "now": now},
    )
    rows = session.execute(
        text("select basis_id, upto from planning_load_mark where basis_id = any (:ids) order by basis_id for update"),
        {"ids": list(basis_ids)},
    )
    return {row.basis_id: row.upto for row in rows}


def mark(session: Session, basis_ids: Sequence[int], upto: int, now: datetime) -> None:
    session.execute(
        text("update planning_load_mark set upto = :upto, made_at = :now where basis_id = any (:ids)"),
        {"ids": list(basis_ids), "upto": upto, "now": now},
    )


def forget(session: Session, basis_ids: Sequence[int]) -> None:
    session.execute(text("delete from planning_load where basis_id = any (:ids)"), {"ids": list(basis_ids)})


def held(session: Session, basis_ids: Sequence[int], months: Sequence[date]) -> dict[tuple[int, date, str], Ints]:
    """What is counted for some months: (basis, month, category) -> int64[atoms]."""
    rows = session.execute(
        text(
            "select basis_id, month, category, counts from planning_load "
            "where basis_id = any (:ids) and month = any (:months)"
        ),
        {"ids": list(basis_ids), "months": list(months)},
    )
    return {(row.basis_id, row.month, row.category): np.array(row.counts, dtype=np.int64) for row in rows}


def put(session: Session, rows: Iterable[tuple[int, date, str, Ints]]) -> int:
    """Counts of atoms by (basis, month, category), in the place of those there were; how many rows."""
    columns = (("basis_id", "bigint"), ("month", "date"), ("category", "text"), ("counts", "integer[]"))
    staged = stage(
        session, "new_load", columns, ((basis, month, category, _array(v)) for basis, month, category, v in rows)
    )
    session.execute(_UPSERT)
    return staged


def _array(values: Ints) -> str:
    """As text: the driver takes numbers one by one, which is ten times slower."""
    return f"{{{','.join(map(str, values.tolist()))}}}"


def counts(session: Session, basis_id: int, since: date, until: date, category: str) -> list[bytes]:
    """Of each month from `since` until before `until`: int32 of every atom, as the network has them."""
    sql = (
        "select counts from planning_load where basis_id = %s and month >= %s and month < %s and category = %s "
        "order by month"
    )
    with cursor(session) as cur:
        cur.execute(sql, (basis_id, since, until, category), binary=True)
        result = cur.pgresult
        assert result is not None
        return [bytes(result.get_value(row, 0) or b"") for row in range(result.ntuples)]


def months(session: Session, basis_id: int) -> list[Row[Any]]:
    """(month, category, total) of all that is counted, for looking and for checking."""
    sql = """
        select month, category, (select sum(n) from unnest(counts) n) as total from planning_load
        where basis_id = :basis order by month, category
        """
    return list(session.execute(text(sql), {"basis": basis_id}))


def parts(session: Session, plan_id: int) -> list[Row[Any]]:
    """(community_id, basis_id, assignment, upto, made_at) of a plan's sheets."""
    sql = """
        select p.community_id, p.basis_id, p.assignment, coalesce(m.upto, 0) as upto, m.made_at
        from planning_part p left join planning_load_mark m on m.basis_id = p.basis_id
        where p.plan_id = :plan order by p.community_id
        """
    return list(session.execute(text(sql), {"plan": plan_id}))
