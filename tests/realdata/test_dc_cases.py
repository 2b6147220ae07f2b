"""The service requests of Washington, DC, replayed as cases: our clocks beside the due times of the file, and how many
each agency solved in time.

What was found in the file, and is counted here: its stamps end in "Z" but are those of a clock that stands four hours
behind UTC all year (a due time after the end of summer time lies an hour beside the time of day at which the request
came). Working time is 9 to 17 h from Monday to Friday. The file's own due times know no holidays; ours do.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sqlalchemy import text

from gridgov.auth.rules import EVERYWHERE, Role
from gridgov.bootstrap import House, build
from gridgov.cases import bulk, service
from gridgov.cases.bulk import History, Step, Unfolding
from gridgov.cases.duty import Lists
from gridgov.cases.rules import Action, Body, By, Command, Standing
from gridgov.incidents import service as incidents
from gridgov.interop.cityload import load_city
from gridgov.platform import days
from gridgov.platform.calendars import Calendar, Limit, Unit
from gridgov.platform.cluster import Cluster
from gridgov.platform.db import revisions
from gridgov.platform.duetimes import due_many, to_us
from gridgov.platform.migrate import upgrade
from tests.conftest import cloned

pytestmark = pytest.mark.realdata

HERE = Path(__file__).parent
STAMPS = timezone(timedelta(hours=-4))
HOURS = ((time(9), time(17)),)
A_DAY = 8  # working hours
MOST_DAYS = 250
MINUTE_US = 60_000_000
NEAR_M, WITHIN = 50.0, timedelta(days=30)  # of what a duplicate repeats
CENTRE = Standing(By(role=Role.CENTRE_OPERATOR))
Int64 = NDArray[np.int64]
Frame = Any  # of pandas, whose stubs know no columns


@dataclass(frozen=True)
class Requests:
    """The distinct requests of the 35 files; instants in UTC, in microseconds since 1970."""

    table: Frame
    calendar: Calendar
    without_holidays: Calendar
    limits: dict[str, Limit]
    limits_without_holidays: dict[str, Limit]


def holidays() -> list[date]:
    with (HERE / "us_holidays.csv").open(encoding="utf-8", newline="") as stream:
        return [date.fromisoformat(row["day"]) for row in csv.DictReader(stream)]


def stamp(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written).replace(tzinfo=STAMPS).astimezone(UTC)


@pytest.fixture(scope="module")
def requests(realdata: Path) -> Requests:
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((realdata / "dc_washington" / "incidents_311").glob("*.geojson")):
        for feature in json.loads(path.read_text("utf-8"))["features"]:
            about = feature["properties"]
            if about["SERVICEREQUESTID"]:
                found.setdefault(about["SERVICEREQUESTID"], about)
    table = pd.DataFrame(list(found.values())).rename(columns=str.lower)
    for column in ("adddate", "servicedue", "resolution"):
        source = {"adddate": "adddate", "servicedue": "serviceduedate", "resolution": "resolutiondate"}[column]
        table[column] = [stamp(None if pd.isna(one) else one) for one in table[source]]
    zone = ZoneInfo("America/New_York")
    calendar = Calendar(zone, free=frozenset(holidays()), hours=HOURS)
    bare = Calendar(zone, hours=HOURS)
    return Requests(table, calendar, bare, limits_of(table, calendar), limits_of(table, bare))


def instants(column: Frame) -> Int64:
    return np.array([to_us(one) for one in column], np.int64)


def limits_of(table: Frame, calendar: Calendar) -> dict[str, Limit]:
    """One limit for each type: the whole number of working days that gives most of its due times to the minute."""
    told = table[table.servicedue.notna()]
    found = {}
    for code, of_type in told.groupby("servicecode"):
        opened, due = instants(of_type.adddate), instants(of_type.servicedue)
        hits = [
            int((to_minute(due_many(opened, n * A_DAY, Unit.WORK_HOUR, calendar)) == due).sum())
            for n in range(1, MOST_DAYS + 1)
        ]
        found[str(code)] = Limit((int(np.argmax(hits)) + 1) * A_DAY, Unit.WORK_HOUR)
    return found


def to_minute(us: Int64) -> Int64:
    return us // MINUTE_US * MINUTE_US


def computed(table: Frame, limits: dict[str, Limit], calendar: Calendar) -> Int64:
    amounts = np.array([limits[code].amount for code in table.servicecode], np.int64)
    return due_many(instants(table.adddate), amounts, Unit.WORK_HOUR, calendar)


def test_due_times_of_the_file_by_one_limit_for_each_type(
    requests: Requests, capfd: pytest.CaptureFixture[str], pytestconfig: pytest.Config
) -> None:
    """How many of the file's due times come out of one limit for each type, and why the others do not."""
    told = requests.table[requests.table.servicedue.notna()]
    due = instants(told.servicedue)
    ours = computed(told, requests.limits, requests.calendar)
    bare = computed(told, requests.limits_without_holidays, requests.without_holidays)
    exact, exact_bare = to_minute(ours) == due, to_minute(bare) == due
    zone = requests.calendar.zone
    same_day = np.array(local_days(ours, zone)) == np.array(local_days(due, zone))
    other = other_limit(told, due, requests.without_holidays)
    why: Counter[str] = Counter()
    for i in range(len(told)):
        if exact[i]:
            why["to the minute"] += 1
        elif exact_bare[i]:
            why["a federal holiday lies between, which the file does not know"] += 1
        elif other[i]:
            why["its type has several limits: another whole number of working days fits"] += 1
        elif time_of_day(told.servicedue.iloc[i], zone) == time_of_day(told.adddate.iloc[i], zone):
            why["due at the time of day at which it came, outside working hours: natural days"] += 1
        else:
            why["neither: moved by hand, or by a rule that the file does not show"] += 1
    lines = [
        f"\nDC: {len(requests.table):,} requests, {len(told):,} with a due time, {len(requests.limits)} types",
        f"  our clocks, one limit each: {exact.sum():,} to the minute, {(exact | same_day).sum():,} to the day",
        f"  the same without holidays: {exact_bare.sum():,} to the minute",
        *(f"  {count:>6,}  {reason}" for reason, count in why.most_common()),
    ]
    with capfd.disabled():
        pytestconfig.get_terminal_writer().line("\n".join(lines))
    assert sum(why.values()) == len(told) == len(requests.table) - 2
    assert exact_bare.mean() > 0.9
    assert exact.sum() >= 20_000


def test_another_zone_of_the_stamps_is_seen(requests: Requests) -> None:
    """The control: read as the UTC that they claim to be, a fifth of them and more does not come out."""
    told = requests.table[requests.table.servicedue.notna()]
    moved = told.assign(adddate=[one - timedelta(hours=4) for one in told.adddate])
    due = instants(told.servicedue) - 4 * 3_600_000_000
    right = to_minute(computed(moved, requests.limits_without_holidays, requests.without_holidays)) == due
    assert right.mean() < 0.8 * exact_share(requests)


def exact_share(requests: Requests) -> float:
    told = requests.table[requests.table.servicedue.notna()]
    bare = computed(told, requests.limits_without_holidays, requests.without_holidays)
    return float((to_minute(bare) == instants(told.servicedue)).mean())


def local_days(us: Int64, zone: Any) -> list[date]:
    return [datetime.fromtimestamp(one / 1e6, zone).date() for one in us.tolist()]


def time_of_day(at: datetime, zone: Any) -> str:
    return at.astimezone(zone).strftime("%H:%M")


def other_limit(told: Frame, due: Int64, calendar: Calendar) -> NDArray[np.bool_]:
    """Whether any whole number of working days gives the due time."""
    opened = instants(told.adddate)
    found = np.zeros(len(told), bool)
    for n in range(1, MOST_DAYS + 1):
        found |= to_minute(due_many(opened, n * A_DAY, Unit.WORK_HOUR, calendar)) == due
    return found


# --- as cases -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Replayed:
    house: House
    histories: dict[str, History]
    originals: dict[str, str]


@pytest.fixture(scope="module")
def replayed(
    requests: Requests, realdata: Path, cluster: Cluster, migrated_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Replayed]:  # fmt: skip
    folder = tmp_path_factory.mktemp("dc-cases")
    with cloned(cluster, migrated_template) as url:
        upgrade(url, "dc")
        house = build(url, "dc", folder)
        load_city(house, HERE / "dc.toml", data=realdata / "dc_washington", now=datetime(2026, 11, 1, tzinfo=UTC))
        with house.db.transaction() as session:
            wanted = [days.Day(one, False, {"en": "holiday"}, "5 U.S.C. 6103") for one in holidays()]
            days.put(session, wanted, {one.year for one in holidays()})
            days.put_hours(session, HOURS)
        originals = repeated(requests.table)
        with house.db.transaction() as session:
            histories = worked_out(house, session, requests, originals)
            done = bulk.load(session, list(histories.values()))
        assert done.cases == len(requests.table)
        yield Replayed(house, histories, originals)
        house.close()


def repeated(table: Frame) -> dict[str, str]:
    """Duplicate -> what it repeats: the newest request before it of the same type within 50 m and 30 days that is no
    duplicate itself."""
    is_copy = table.serviceorderstatus.str.startswith("DUPLICATE")
    found = {}
    for code, copies in table[is_copy].groupby("servicecode"):
        others = table[(table.servicecode == code) & ~is_copy & (table.serviceorderstatus != "VOIDED")]
        for copy in copies.itertuples():
            before = others[(others.adddate <= copy.adddate) & (others.adddate >= copy.adddate - WITHIN)]
            away = np.hypot(before.xcoord - copy.xcoord, before.ycoord - copy.ycoord)
            near = before[away <= NEAR_M]
            if len(near):
                found[copy.servicerequestid] = near.sort_values("adddate").iloc[-1].servicerequestid
    return found


def worked_out(house: House, session: Any, requests: Requests, originals: dict[str, str]) -> dict[str, History]:
    marks = revisions(session)
    zone = house.locator.city(session, revision=marks["areas"]).zone
    calendar = house.days.calendar(session, zone, revision=marks["calendar"])
    setting = service.Setting(
        calendar=calendar, rules=service.rules(session), locator=house.locator,
        lists=Lists(house.router, house.agencies), marks=marks, now=datetime(2026, 11, 1, tzinfo=UTC),
    )  # fmt: skip
    named = session.execute(text("select id, attributes->>'source_id' from incidents")).all()
    source = {row[0]: row[1] for row in named}
    ids = {row[1]: row[0] for row in named}
    seen = incidents.find(
        session, incidents.Filter(reach=EVERYWHERE), locator=house.locator, router=house.router, limit=len(named)
    )
    by_id = {source[one.row.id]: one.row for one in seen}
    found = {}
    for request in requests.table.itertuples():
        incident = by_id[request.servicerequestid]
        life = Unfolding(session, incident, By(role=Role.MACHINE), at=request.adddate, setting=setting)
        original = originals.get(request.servicerequestid)
        for step in steps_of(request, incident, requests.limits, None if original is None else str(ids[original])):
            life.take(step)
        found[request.servicerequestid] = life.history()
    return found


def steps_of(request: Any, incident: Any, limits: dict[str, Limit], original: str | None) -> Iterator[Step]:
    """What its status says has happened, at the two instants that the file tells."""
    opened, ended = request.adddate, request.resolution
    status = request.serviceorderstatus
    ended = None if ended is None or pd.isna(ended) else max(ended, opened)
    if status.startswith("DUPLICATE"):
        if original is not None:
            yield Step(ended or opened, CENTRE, Command(Action.MERGE, facts={"into": original}))
        else:
            redirect = {"why": "repeated", "where": "The earlier request is followed up."}
            yield Step(ended or opened, CENTRE, Command(Action.REFUSE, reason="repeated", facts={"redirect": redirect}))
        return
    facts = {"condition": True, "waived": True}
    yield Step(opened, CENTRE, Command(Action.ACCEPT, facts=facts))
    body = Body(agency_id=incident.agency_id)
    limit = {"handle": limits[request.servicecode]} if request.servicecode in limits else {}
    yield Step(opened, CENTRE, Command(Action.DISPATCH, to=body, limits=limit))
    if status == "VOIDED":
        yield Step(ended or opened, CENTRE, Command(Action.CANCEL, reason="voided"))
        return
    if status == "OPEN":
        return
    officer = Standing(By(role=Role.AGENCY_OFFICER, agency_id=incident.agency_id), frozenset({incident.agency_id}))
    yield Step(opened, officer, Command(Action.RECEIVE))
    if ended is None:
        return
    yield Step(ended, officer, Command(Action.ANSWER, text=status))
    yield Step(ended, CENTRE, Command(Action.CHECK_AT_DESK, reason="the file says so"))
    yield Step(ended, CENTRE, Command(Action.CLOSE, facts=facts))


def test_states_tell_open_closed_voided_and_duplicate_apart(replayed: Replayed, requests: Requests) -> None:
    with replayed.house.db.transaction() as session:
        rows = session.execute(
            text("select i.attributes->>'source_id' as id, c.state, i.status from cases c join incidents i using (id)")
        ).all()
    states = {row.id: row.state for row in rows}
    assert {(row.state, row.status) for row in rows} == {
        ("closed", "closed"), ("dispatched", "open"), ("handling", "open"), ("cancelled", "void"),
        ("merged", "duplicate"), ("refused", "void"),
    }  # fmt: skip
    expected = {
        "CLOSED": "closed", "CLOSED - INCOMPLETE INFORMATION": "closed", "OPEN": "dispatched",
        "IN-PROGRESS": "handling", "IN PROGRESS": "handling", "VOIDED": "cancelled",
    }  # fmt: skip
    for request in requests.table.itertuples():
        said = request.serviceorderstatus
        repeats = "merged" if request.servicerequestid in replayed.originals else "refused"
        assert states[request.servicerequestid] == expected.get(said, repeats)
    assert Counter(states.values())["merged"] == len(replayed.originals) > 100


def test_due_times_stored_are_those_of_the_pure_function(replayed: Replayed, requests: Requests) -> None:
    table = requests.table[~requests.table.serviceorderstatus.str.startswith("DUPLICATE")]
    table = table[table.servicecode.isin(requests.limits.keys())]
    ours = dict(zip(table.servicerequestid, computed(table, requests.limits, requests.calendar).tolist(), strict=True))
    with replayed.house.db.transaction() as session:
        rows = session.execute(
            text(
                "select i.attributes->>'source_id' as id, k.due_at from cases_clock k join cases c using (number) "
                "join incidents i using (id) where k.name = 'handle'"
            )
        ).all()
    stored = {row.id: to_us(row.due_at) for row in rows if row.id in ours}
    assert stored == ours


def test_on_time_figures_of_agencies_equal_another_computation(
    replayed: Replayed, requests: Requests, capfd: pytest.CaptureFixture[str], pytestconfig: pytest.Config
) -> None:
    """Our tables against pandas over the file: business days of numpy, no line of ours."""
    with replayed.house.db.transaction() as session:
        rows = session.execute(
            text(
                "select a.code, count(*) as solved, count(*) filter (where not k.late) as in_time "
                "from cases c join cases_clock k using (number) join duties_agency a on a.id = k.agency_id "
                "where c.state = 'closed' and k.name = 'handle' group by 1 order by 1"
            )
        ).all()
    ours = {row.code: (row.solved, row.in_time) for row in rows}
    theirs = by_pandas(requests)
    lines = ["\nDC: solved in time, by agency (our tables = pandas over the file)"]
    lines += [f"  {code:5} {n:>6,} of {total:>6,}  {n / total:.1%}" for code, (total, n) in sorted(ours.items())]
    with capfd.disabled():
        pytestconfig.get_terminal_writer().line("\n".join(lines))
    assert ours == theirs
    assert sum(total for total, _ in ours.values()) == 15_456 + 18


def by_pandas(requests: Requests) -> dict[str, tuple[int, int]]:
    """Due times by business days: what comes in hours is due at the same time of day n days later; what comes outside
    counts from the next opening, and so is due at closing time."""
    table = requests.table
    closed = table[table.serviceorderstatus.isin(["CLOSED", "CLOSED - INCOMPLETE INFORMATION"])].copy()
    local = pd.to_datetime(closed.adddate, utc=True).dt.tz_convert("America/New_York").dt.tz_localize(None)
    free = np.array(holidays(), dtype="datetime64[D]")
    day = local.dt.normalize()
    into = local - day
    number = closed.servicecode.map(lambda code: requests.limits[code].amount // A_DAY).to_numpy()
    dates = day.to_numpy().astype("datetime64[D]")
    working = np.is_busday(dates, holidays=free)
    opening, closing = pd.Timedelta(hours=9), pd.Timedelta(hours=17)
    inside = working & (into > opening).to_numpy() & (into < closing).to_numpy()
    before = working & (into <= opening).to_numpy()
    first = np.where(before, dates, np.busday_offset(dates, np.where(working, 1, 0), "forward", holidays=free))
    at_closing = np.busday_offset(first, number - 1, "forward", holidays=free)
    same_time = np.busday_offset(np.where(inside, dates, first), number, "forward", holidays=free)
    due = pd.Series(np.where(inside, same_time, at_closing).astype("datetime64[ns]"), index=closed.index)
    due += into.where(inside, closing)
    due = due.dt.tz_localize("America/New_York").dt.tz_convert("UTC")
    solved = pd.to_datetime(closed.resolution, utc=True)
    solved = solved.where(solved >= pd.to_datetime(closed.adddate, utc=True), pd.to_datetime(closed.adddate, utc=True))
    in_time = solved <= due
    grouped = in_time.groupby(closed.organizationacronym)
    return {str(code): (int(one.size), int(one.sum())) for code, one in grouped}
