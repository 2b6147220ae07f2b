"""A page is searched in helpings of time that leave nothing out and repeat nothing; a box is judged exactly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridgov.incidents.queries.viewport import LATELY, Clause, Ground, helpings, inside

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
MONTHS = [datetime(2025, month, 1, tzinfo=UTC) for month in range(12, 0, -1)]
instants = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
spans = st.one_of(st.none(), instants)
grounds = st.builds(
    Ground, has_boxes=st.booleans(), months=st.lists(st.sampled_from(MONTHS), unique=True).map(
        lambda found: sorted(found, reverse=True)
    ), latest=spans,
)  # fmt: skip


def holds(helping: Clause, at: datetime) -> bool:
    """Whether an instant lies in a helping, read off its SQL."""
    sql, values = helping
    found = {
        "true": True,
        "i.happened_at >= :lower": "lower" in values and at >= values["lower"],
        "i.happened_at < :upper": "upper" in values and at < values["upper"],
    }
    return all(found[part] for part in sql.split(" and "))


@given(grounds, spans, spans, instants)
def test_every_instant_that_is_asked_for_lies_in_one_helping(
    ground: Ground, since: datetime | None, before: datetime | None, at: datetime
) -> None:
    if (since is None or at >= since) and (before is None or at <= before):
        assert sum(holds(one, at) for one in helpings(ground, since=since, before=before)) == 1


@given(grounds, spans, spans)
def test_helpings_go_back_in_time(ground: Ground, since: datetime | None, before: datetime | None) -> None:
    found = helpings(ground, since=since, before=before)
    assert 1 <= len(found) <= 3
    for newer, older in pairwise(found):
        assert newer[1]["lower"] == older[1]["upper"]
    lowers = [values["lower"] for _, values in found[:-1]]
    assert lowers == sorted(set(lowers), reverse=True)
    assert since is None or all(lower > since for lower in lowers)
    assert ("upper" in found[0][1], "lower" in found[-1][1]) == (False, False)


def test_the_first_helpings_are_a_week_and_two_months() -> None:
    ground = Ground(True, MONTHS, datetime(2025, 12, 20, tzinfo=UTC))
    lowers = [values.get("lower") for _, values in helpings(ground, since=None, before=None)]
    assert lowers == [ground.latest - LATELY, datetime(2025, 11, 1, tzinfo=UTC), None]  # type: ignore[operator]
    later = [values.get("lower") for _, values in helpings(ground, since=None, before=FIRST + timedelta(days=40))]
    assert later == [FIRST + timedelta(days=33), FIRST, None]


def test_an_empty_city_is_asked_once() -> None:
    assert helpings(Ground(True, [], None), since=None, before=None) == [("true", {})]


@pytest.mark.parametrize("has_boxes", [True, False])
def test_a_box_is_looked_up_and_then_judged_exactly(has_boxes: bool) -> None:
    corners: dict[str, Any] = {"west": 117.0, "south": 32.0, "east": 117.1, "north": 32.1, "status": "open"}
    sql, values = inside(corners, Ground(has_boxes, [], None))
    assert "st_x(i.geom) between :west and :east" in sql
    assert ("<&&>" in sql, "quad25" in sql) == (has_boxes, not has_boxes)
    assert {"west", "south", "east", "north"} <= set(values)
    assert "status" not in values
