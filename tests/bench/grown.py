"""Cities of any length of history for benches and soaks: made areas, and `gridgov bench data`'s own history.

Owns the databases `grown_…` in the benches' cluster. A city that is asked for with `keep` stays for the next run.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.bootstrap import House, build, prepare
from gridgov.duties import service as duties
from gridgov.duties.service import NewCategory
from gridgov.geo.locate import warm
from gridgov.incidents.history import Loaded
from gridgov.interop.madehistory import making
from gridgov.platform.cluster import running
from tests.bench.city import CATEGORIES, CITY, HOME, put_areas
from tests.bench.tiling import jagged_tiling

COLUMNS = 100  # 5,000 grids
SEED = 1
NOW = datetime(2026, 11, 1, tzinfo=UTC)  # the history ends here, and the months after it are of today


@dataclass(frozen=True)
class Grown:
    """A city with n incidents. `loaded`: what the load did, None where the city was there already."""

    house: House
    url: str
    n: int
    loaded: Loaded | None


@contextmanager
def grown_city(n: int, *, columns: int = COLUMNS, home: Path = HOME, keep: bool = False) -> Iterator[Grown]:
    """A city of columns * columns / 2 grids; dropped afterwards unless it is to stay."""
    name = f"grown_{columns}_{n}"
    warm()
    with running(home) as cluster:
        there = name in cluster.databases()
        own = home / name
        own.mkdir(exist_ok=True)
        if not there:
            half = f"{name}_half"
            cluster.drop_database(half)
            cluster.create_database(half)
            loaded = _fill(cluster.url(half), own, n, columns)
            with cluster.connection() as connection:
                connection.execute(f'alter database "{half}" rename to "{name}"')
        house = build(cluster.url(name), CITY, own)
        try:
            yield Grown(house, cluster.url(name), n, None if there else loaded)
        finally:
            house.close()
            if not keep:
                cluster.drop_database(name)
                shutil.rmtree(own)


def _fill(url: str, home: Path, n: int, columns: int) -> Loaded:
    prepare(url, CITY, home)
    house = build(url, CITY, home)
    try:
        with house.db.transaction() as session:
            _set_up(session, columns)
        if n < making.LEAST:
            raise ValueError(n)
        making.make(house, making.LEAST, seed=SEED + 1, now=NOW)  # compiled, and known
        making.remove(house)
        return making.make(house, n, seed=SEED, now=NOW, timer=time.perf_counter)
    finally:
        house.close()


def _set_up(session: Session, columns: int) -> None:
    rng = np.random.default_rng(SEED)
    grids = jagged_tiling(rng, columns, columns // 2)
    put_areas(session, grids, columns, rng)
    groups = [(f"{1 + k // 20:02}", f"{1 + k // 20:02}{1 + k % 20:02}") for k in range(CATEGORIES)]
    duties.put_categories(
        session, [NewCategory("matter", code, {"en": f"Matter {code}"}, group, {"en": group}) for group, code in groups]
    )


def sizes(house: House) -> dict[str, int]:
    """Bytes on disk: rows, each kind of index over all months, keys, and all."""
    sql = """
        with parts as (select relid from pg_partition_tree('incidents') where isleaf)
        select 'rows' as what, sum(pg_relation_size(relid)) as bytes from parts
        union all
        select 'index ' || coalesce(regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING ', ''), ''),
               sum(pg_relation_size(i.indexrelid))
        from parts join pg_index i on i.indrelid = parts.relid group by 1
        union all select 'keys', pg_total_relation_size('incidents_key')
        union all select 'all', sum(pg_total_relation_size(relid)) + pg_total_relation_size('incidents_key') from parts
        """
    with house.db.transaction() as session:
        return {row.what: int(row.bytes or 0) for row in session.execute(text(sql))}
