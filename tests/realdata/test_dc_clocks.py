"""Washington's own due times of 2016, worked out again by our clocks with one limit for each type of request.

The file's instants are the wall clock of the summer (UTC-4) marked as UTC, also those of November; what counts hours is
cut to the minute. Found from the file: 09:00 to 17:00 from Monday to Friday, Veterans Day free, other holidays not.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from gridgov.platform.calendars import Calendar, Limit, Unit
from gridgov.platform.duetimes import due_many, elapsed_many, from_us, to_us
from gridgov.platform.timelimits import HOUR_US

pytestmark = pytest.mark.realdata

WASHINGTON = Calendar(
    ZoneInfo("America/New_York"), free=frozenset({date(2016, 11, 11)}), hours=((time(9), time(17)),)
)  # fmt: skip
SUMMER = timezone(timedelta(hours=-4))
MINUTE_US = HOUR_US // 60
# Limits in working hours (8 to a working day), and in natural days.
HOURS = {
    8: "Parking Enforcement|Wire Down/Power Outage",
    16: "Streetlight Repair Investigation|Trash Collection - Missed|Recycling Collection - Missed|Alleylight Repair|"
    "Dead Animal Collection|Public Space Litter Can-Collection",
    24: "Pothole|FEMS - Community Events",
    40: "Parking Meter Repair|Sanitation Enforcement|Tree Inspection|Illegal Dumping|Yard Waste - Missed|"
    "Abandoned Vehicle - On Public Property",
    80: "Graffiti Removal",
    112: "Bulk Collection|Rodent Inspection and Treatment",
    120: "Grass and Weeds Mowing",
    160: "Container Removal|Recycling Cart Delivery|Supercan - Delivery|Supercan - Repair",
    224: "Street Cleaning",
    240: "Out of State Parking Violation (ROSA)",
    248: "Alley Cleaning",
    360: "Abandoned Vehicle - On Private Property",
    560: "Street Repair|Alley Repair",
    600: "Marking Maintenance|Marking Installation|Marking Modification|Marking Removal",
    808: "Sidewalk Repair|Curb and Gutter Repair",
    1048: "Sign Replacement|Sign New Investigation|Sign Missing Investigation|Sign Removal investigation",
    2184: "Tree Pruning|Tree Removal|Public Space Litter Can- Installation/Removal/Repair",
}
DAYS = {
    1: "Traffic Signal Maintanence",
    2: "FEMS - Smoke Alarm Application",
    30: "DOEE - Construction – Erosion Runoff|DOEE - Engine Idling Tips",
    90: "Traffic Calming",
}
LIMITS = {
    kind: Limit(amount, unit)
    for unit, amounts in ((Unit.WORK_HOUR, HOURS), (Unit.NATURAL_DAY, DAYS))
    for amount, kinds in amounts.items()
    for kind in kinds.split("|")
}
Times = tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]]


@pytest.fixture(scope="module")
def requests(realdata: Path) -> dict[str, Times]:
    """Type -> (opened, due) of its requests, as microseconds since 1970; each request once."""
    rows: dict[str, dict[str, str]] = {}
    for path in sorted((realdata / "dc_washington" / "incidents_311").glob("*.geojson")):
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
            rows[feature["properties"]["SERVICEREQUESTID"]] = feature["properties"]
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in rows.values():
        if row["ADDDATE"] and row["SERVICEDUEDATE"]:
            found[row["SERVICECODEDESCRIPTION"]].append((_us(row["ADDDATE"]), _us(row["SERVICEDUEDATE"])))
    return {
        kind: (np.array([a for a, _ in pairs], np.int64), np.array([b for _, b in pairs], np.int64))
        for kind, pairs in found.items()
    }


def _us(marked: str) -> int:
    return to_us(datetime.fromisoformat(marked.removesuffix("Z")).replace(tzinfo=SUMMER))


def missed(requests: dict[str, Times], calendar: Calendar) -> list[tuple[str, int, int]]:
    """(type, opened, due) of requests whose due time is another than ours, to the minute."""
    found: list[tuple[str, int, int]] = []
    for kind, (opened, due) in requests.items():
        limit = LIMITS[kind]
        begins = opened if limit.unit is Unit.NATURAL_DAY else opened // MINUTE_US * MINUTE_US
        ours = due_many(begins, limit.amount, limit.unit, calendar)
        wrong = np.flatnonzero(np.abs(ours - due) >= MINUTE_US)
        found += [(kind, int(opened[index]), int(due[index])) for index in wrong]
    return found


def test_all_but_thirteen_due_times_are_those_of_one_limit_a_type(requests: dict[str, Times]) -> None:
    assert set(requests) == set(LIMITS)
    assert sum(opened.size for opened, _ in requests.values()) == 22_574
    assert len(missed(requests, WASHINGTON)) == 13


def test_the_thirteen_have_the_limit_of_another_type(requests: dict[str, Times]) -> None:
    """They were given fewer working hours than their type: most likely they were taken for another one at first."""
    for kind, opened, due in missed(requests, WASHINGTON):
        begins = np.array([opened // MINUTE_US * MINUTE_US], np.int64)
        spent = int(elapsed_many(begins, np.array([due], np.int64), Unit.WORK_HOUR, WASHINGTON)[0])
        assert spent % HOUR_US == 0, (kind, from_us(opened), from_us(due))
        assert spent // HOUR_US in HOURS
        assert spent // HOUR_US < LIMITS[kind].amount


@pytest.mark.parametrize(
    ("calendar", "misses"),
    [
        (Calendar(ZoneInfo("Etc/GMT+4"), WASHINGTON.free, hours=WASHINGTON.hours), 500),  # no clock is put back
        (replace(WASHINGTON, free=frozenset()), 32),  # Veterans Day worked
        (replace(WASHINGTON, free=WASHINGTON.free | {date(2016, 9, 5)}), 500),  # Labor Day free
        (replace(WASHINGTON, hours=((time(8), time(17)),)), 1_000),
    ],
)
def test_another_calendar_gives_other_due_times(requests: dict[str, Times], calendar: Calendar, misses: int) -> None:
    """The control: at least so many more are missed."""
    assert len(missed(requests, calendar)) >= 13 + misses
