"""Due times of many at once are those of each alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from gridgov.platform.calendars import BadLimit, Calendar, Limit, Unit, due, elapsed_us
from gridgov.platform.duetimes import due_many, elapsed_many, from_us, to_us

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
NIGHTS = ((time(0), time(4)), (time(22), time(0)))
HALF_HOUR_US = 30 * 60 * 1_000_000


def halves(first: date, days: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Every half hour, on the hour and on the half."""
    start = to_us(datetime.combine(first, time(), UTC))
    return start + HALF_HOUR_US * np.arange(48 * days, dtype=np.int64)


CALENDARS = {
    "a Chinese autumn": (
        Calendar(
            SHANGHAI,
            free=frozenset(date(2026, 10, day) for day in range(1, 8)),
            worked=frozenset({date(2026, 9, 20), date(2026, 10, 10)}),
        ),
        date(2026, 9, 12),
    ),
    "clocks put back": (
        Calendar(NEW_YORK, worked=frozenset({date(2026, 10, 24), date(2026, 11, 1)}), hours=NIGHTS),
        date(2026, 10, 15),
    ),
    "clocks put forward": (Calendar(NEW_YORK, worked=frozenset({date(2026, 3, 8)}), hours=NIGHTS), date(2026, 2, 24)),
}


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("name", CALENDARS)
def test_every_half_hour_of_a_month(name: str, unit: Unit) -> None:
    calendar, first = CALENDARS[name]
    opened = np.repeat(halves(first, 30), 3)
    amounts = np.tile([1, 2, 9], opened.size // 3)
    found = due_many(opened, amounts, unit, calendar)
    pairs = list(zip(opened.tolist(), amounts.tolist(), strict=True))
    alone = [due(from_us(us), Limit(amount, unit), calendar) for us, amount in pairs]
    assert [from_us(us) for us in found.tolist()] == alone
    spent = [elapsed_us(from_us(us), end, unit, calendar) for (us, _), end in zip(pairs, alone, strict=True)]
    assert elapsed_many(opened, found, unit, calendar).tolist() == spent


def test_the_months_hold_what_is_to_be_told_apart() -> None:
    """The control: some end on a make-up day, some where the clocks stand, some where they leapt."""
    for name, instant in (
        ("a Chinese autumn", datetime(2026, 10, 10, 2, tzinfo=UTC)),
        ("clocks put back", datetime(2026, 11, 1, 6, tzinfo=UTC)),
        ("clocks put forward", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ):
        calendar, first = CALENDARS[name]
        ends = due_many(halves(first, 30), 1, Unit.WORK_DAY, calendar)
        assert to_us(instant) in ends.tolist()


def test_one_amount_for_all_and_none_at_all() -> None:
    calendar, first = CALENDARS["a Chinese autumn"]
    opened = halves(first, 2)
    same = due_many(opened, 2, Unit.WORK_DAY, calendar)
    assert same.tolist() == due_many(opened, np.full(opened.size, 2), Unit.WORK_DAY, calendar).tolist()
    nothing = np.array([], np.int64)
    assert due_many(nothing, 1, Unit.WORK_DAY, calendar).size == 0
    assert elapsed_many(nothing, nothing, Unit.WORK_DAY, calendar).size == 0


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize(("day", "amount"), [(date(2026, 1, 1), 0), (date(2026, 1, 1), 100_001), (date(1899, 1, 1), 1)])
def test_what_is_out_of_range_is_refused(unit: Unit, day: date, amount: int) -> None:
    calendar, _ = CALENDARS["a Chinese autumn"]
    instants = halves(day, 1)
    with pytest.raises(BadLimit):
        due_many(instants, amount, unit, calendar)
