"""What a snapshot sees is what PostgreSQL says that it sees."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import text

from gridgov.analytics.store.snapshot import Snapshot
from gridgov.bootstrap import House


@pytest.mark.parametrize(
    "written", ["10:20:", "10:20:10,13,19", "7:7:", "5:9:5,6,7,8", "100:4294967400:101,4294967399"]
)
def test_it_sees_what_postgresql_says(house: House, written: str) -> None:
    snapshot = Snapshot.parse(written)
    assert str(snapshot) == written
    xids = [*range(1, 25), 99, 100, 101, 102, 4294967398, 4294967399, 4294967400]
    sql = "select pg_visible_in_snapshot(cast(:xid as text)::xid8, cast(:snapshot as text)::pg_snapshot)"
    with house.db.transaction() as session:
        theirs = [session.execute(text(sql), {"xid": str(xid), "snapshot": written}).scalar_one() for xid in xids]
    assert [snapshot.sees(xid) for xid in xids] == theirs
    assert snapshot.seen(np.array(xids)).tolist() == theirs
    assert len(set(theirs)) == 2


def test_another_text_is_none() -> None:
    with pytest.raises(ValueError, match="unpack"):
        Snapshot.parse("10:20")
