"""SQL of where incidents happened, in bulk: rows of one length from COPY, read as an array. Private to the domain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.geo.zorder import cover
from gridgov.platform.db import cursor

HEAD = 19  # signature, flags, length of what else: of PostgreSQL's binary COPY
ROWS = 1 << 18  # of one helping
# A row of binary COPY: the number of fields, then the length and the value of each. No column here can be null.
LAYOUT = np.dtype(
    [
        ("fields", ">i2"), ("lon_bytes", ">i4"), ("lon", ">f8"), ("lat_bytes", ">i4"), ("lat", ">f8"),
        ("at_bytes", ">i4"), ("at", ">i8"), ("category_bytes", ">i4"), ("category_id", ">i4"),
    ]
)  # fmt: skip
Helping = NDArray[np.void]
_COUNTED = "status not in ('void', 'duplicate')"


def newest(session: Session) -> int:
    """The last number that was drawn, also by who has not committed."""
    row = session.execute(text("select last_value, is_called from incidents_number")).one()
    return int(row.last_value) if row.is_called else 0


def storing(session: Session) -> frozenset[str]:
    """Transactions that have drawn a number and are not over: until their end they hold a lock on the sequence."""
    sql = """
        select distinct virtualtransaction from pg_locks
        where locktype = 'relation' and relation = 'incidents_number'::regclass and mode = 'RowExclusiveLock'
          and database = (select oid from pg_database where datname = current_database())
        """
    return frozenset(session.execute(text(sql)).scalars())


def groups(session: Session) -> dict[int, str]:
    """Category id -> code of its group."""
    rows = session.execute(text("select id, coalesce(group_code, code) as code from duties_category"))
    return {row.id: row.code for row in rows}


def read(session: Session, after: int, upto: int, box: tuple[float, float, float, float] | None) -> Iterator[Helping]:
    """Helpings of `LAYOUT`; `at` in microseconds since 2000. `box`: west, south, east, north in degrees, as map cells
    that cover it."""
    where = [f"number > {int(after)}", f"number <= {int(upto)}", _COUNTED]
    if box is not None:
        near = " or ".join(f"(quad25 >= {int(first)} and quad25 < {int(last)})" for first, last in cover(box))
        where.append(f"({near})")
    sql = f"""
        copy (select st_x(geom), st_y(geom), happened_at, category_id from incidents where {" and ".join(where)})
        to stdout (format binary)
        """  # noqa: S608  # of numbers alone
    with cursor(session) as cur, cur.copy(sql.encode()) as rows:
        left, size = b"", 0
        waiting: list[bytes | memoryview] = []
        begun = False
        for some in rows:
            waiting.append(bytes(some))
            size += len(some)
            if size >= ROWS * LAYOUT.itemsize:
                whole = left + b"".join(waiting)
                whole, begun = (whole, True) if begun else (whole[HEAD:], True)
                cut = len(whole) // LAYOUT.itemsize * LAYOUT.itemsize
                yield np.frombuffer(whole[:cut], dtype=LAYOUT)
                left, waiting, size = whole[cut:], [], 0
        whole = left + b"".join(waiting)
        whole = whole if begun else whole[HEAD:]
        yield np.frombuffer(whole[: len(whole) // LAYOUT.itemsize * LAYOUT.itemsize], dtype=LAYOUT)


def at_atoms(session: Session, basis_id: int, upto: int, zone: str) -> list[Row[Any]]:
    """(month, code, no, incidents): each incident at the lowest atom of the basis that it touches."""
    sql = f"""
        select month, code, no, count(*) as incidents
        from (
          select date_trunc('month', i.happened_at at time zone :zone)::date as month,
                 coalesce(c.group_code, c.code) as code, min(a.no) as no
          from planning_atom a join incidents i on st_intersects(a.geom, i.geom)
          join duties_category c on c.id = i.category_id
          where a.basis_id = :basis and i.number <= :upto and i.{_COUNTED}
          group by i.id, i.happened_at, 1, 2
        ) x
        group by month, code, no
        """  # noqa: S608  # of constants
    return list(session.execute(text(sql), {"basis": basis_id, "upto": upto, "zone": zone}))
