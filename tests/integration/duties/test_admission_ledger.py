"""The ledger: what was promised and fixed, what came and who says so, corrections, sums, alerts."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from random import Random

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gridgov.bootstrap import House
from gridgov.duties import funding
from gridgov.duties.admission import Admission
from gridgov.duties.admitting import AdmissionUnknown, KeyUsed, NotYourStep, Verdict
from gridgov.duties.funding import Account, NotAdmittedYet, Sum, TooMuchTakenBack, TransferUnknown
from gridgov.duties.ledger import Alert, AlertKind, Balance, Promise
from gridgov.platform.errors import BadInput
from tests.admissions import BEGINS, DAY, ENDS, READ, Play, play

NONE = Decimal(0)
MID_2027 = datetime(2027, 7, 2, tzinfo=BEGINS.tzinfo)


@pytest.fixture
def city(sampled: House) -> Play:
    return play(sampled)


def account(city: Play, made: Admission, who: str = "city") -> Account:
    with city.acting(who, READ) as work:
        return funding.account(work.session, work.actor, made.id)


def sums(city: Play, by: str, who: str = "city") -> dict[int, Sum]:
    with city.acting(who, READ) as work:
        return {one.id: one for one in funding.balances(work.session, work.actor, by)}


def alerts(city: Play, who: str = "city", now: datetime = MID_2027) -> list[Alert]:
    with city.acting(who, READ) as work:
        return funding.alerts(work.session, work.actor, zone=city.house.zone(work), now=now)[0]


def test_what_was_promised_to_all_is_fixed_for_each_when_it_is_submitted(city: Play) -> None:
    """90,000 yuan in two parts among three units, and three posts; to the fen nothing is lost."""
    made = city.admitted(
        total=Decimal("100000.01"),
        promises=(Promise(date(2027, 3, 31), Decimal("100000.00"), 4), Promise(date(2027, 9, 30), Decimal("0.01"))),
    )
    found = account(city, made)
    by_area = {code: found.by_area[city.areas[code]] for code in ("E1", "E2", "WS")}
    assert [by_area[code].promised for code in by_area] == [
        Decimal("33333.35"),
        Decimal("33333.33"),
        Decimal("33333.33"),
    ]
    assert [by_area[code].posts_promised for code in by_area] == [2, 1, 1]
    assert found.whole.promised == Decimal("100000.01")


def test_it_counts_once_the_unit_says_so(city: Play) -> None:
    made = city.admitted()
    row = city.transfer(made, "WS", "15000.00", 1)
    whole = account(city, made).whole
    assert (whole.received, whole.unconfirmed, whole.missing) == (NONE, Decimal("15000.00"), Decimal("90000.00"))
    city.confirm(row, "ws")
    whole = account(city, made).whole
    assert (whole.received, whole.unconfirmed, whole.missing) == (Decimal("15000.00"), NONE, Decimal("75000.00"))
    city.confirm(row, "ws", received=False)  # it finds that it did not come
    whole = account(city, made).whole
    assert (whole.received, whole.disputed, whole.missing) == (NONE, Decimal("15000.00"), Decimal("90000.00"))
    assert account(city, made).transfers[0].note == "尚未到账"


def test_only_the_receiving_unit_confirms(city: Play) -> None:
    made = city.admitted()
    row = city.transfer(made, "WS", "1.00")
    with pytest.raises(NotYourStep):
        city.confirm(row, "e1")
    with pytest.raises(NotYourStep):
        city.confirm(row, "e2")
    below = city.admitted(all_of="community", within=city.areas["W"])
    first, second = city.transfer(below, "W1", "1.00"), city.transfer(below, "W2", "1.00")
    assert city.confirm(first, "w1").transfer.receipt == "received"  # the community itself
    assert city.confirm(second, "ws").transfer.receipt == "received"  # or its sub-district
    with pytest.raises(TransferUnknown):
        city.confirm(city.transfer(below, "W2", "1.00"), "e1")


def test_corrections_are_rows_of_their_own_and_take_back_no_more_than_came(city: Play) -> None:
    made = city.admitted()
    first = city.transfer(made, "WS", "15000.00", 2)
    fix = city.transfer(made, "WS", "-5000.00", -1, corrects=first.id)
    with pytest.raises(TooMuchTakenBack):
        city.transfer(made, "WS", "-10000.01", corrects=first.id)
    with pytest.raises(TooMuchTakenBack):
        city.transfer(made, "WS", "0", -2, corrects=first.id)
    for row in (first, fix):
        city.confirm(row, "ws")
    whole = account(city, made).whole
    assert (whole.received, whole.posts_received) == (Decimal("10000.00"), 1)
    assert [one.transfer.amount for one in account(city, made).transfers] == [Decimal("15000.00"), Decimal("-5000.00")]


@pytest.mark.parametrize(
    ("area", "amount", "posts", "field"),
    [
        ("WS", "0", 0, "amount_yuan"),
        ("WS", "-1.00", 0, "amount_yuan"),
        ("WS", "5.00", -1, "amount_yuan"),
        ("WS", "0.001", 0, "amount_yuan"),
        ("W1", "5.00", 0, "area"),
    ],
)
def test_what_cannot_have_come(city: Play, area: str, amount: str, posts: int, field: str) -> None:
    made = city.admitted()
    with pytest.raises(BadInput) as told:
        city.transfer(made, area, amount, posts)
    assert told.value.field == field
    with pytest.raises(BadInput) as told:
        city.transfer(made, "WS", "5.00", on=date(2030, 1, 1))
    assert told.value.field == "arrived_on"


def test_a_correction_corrects_a_first_row_of_the_same_target(city: Play) -> None:
    made = city.admitted()
    first = city.transfer(made, "WS", "5.00")
    fix = city.transfer(made, "WS", "-1.00", corrects=first.id)
    with pytest.raises(BadInput):
        city.transfer(made, "WS", "-1.00", corrects=fix.id)
    with pytest.raises(TransferUnknown):
        city.transfer(made, "E1", "-1.00", corrects=first.id)


def test_nothing_comes_for_what_was_not_admitted(city: Play) -> None:
    for made in (city.heard(), city.decide(city.heard(), verdict=Verdict.REFUSE)):
        with pytest.raises(NotAdmittedYet):
            city.transfer(made, "WS", "1.00")
    with pytest.raises(AdmissionUnknown):
        city.transfer(city.admitted(), "WS", "1.00", who="jj")


def test_a_repeat_is_one_row(city: Play) -> None:
    made, key = city.admitted(), uuid.uuid4()
    first = city.transfer(made, "WS", "5.00", key=key)
    city.confirm(first, "ws")
    assert city.transfer(made, "WS", "5.00", key=key).id == first.id
    with pytest.raises(KeyUsed):
        city.transfer(made, "WS", "6.00", key=key)
    assert len(account(city, made).transfers) == 1


def test_rows_only_grow(city: Play) -> None:
    made = city.admitted()
    city.confirm(city.transfer(made, "WS", "5.00"), "ws")
    for sql in (
        "update duties_admission_transfer set amount_yuan = 6",
        "delete from duties_admission_transfer",
        "update duties_admission_confirmation set received = false",
        "truncate duties_admission_confirmation",
    ):
        with pytest.raises(DBAPIError, match="only grows"), city.house.db.transaction() as session:
            session.execute(text(sql))


def test_who_sees_which_lines(city: Play) -> None:
    made = city.admitted()
    seen = {
        who: {one.area_id for one in account(city, made, who).promises} for who in ("hw", "ws", "e1", "west", "city")
    }
    ws, e1, e2 = (city.areas[code] for code in ("WS", "E1", "E2"))
    assert seen == {"hw": {ws, e1, e2}, "ws": {ws}, "e1": {e1}, "west": {ws}, "city": {ws, e1, e2}}
    with pytest.raises(AdmissionUnknown):
        account(city, made, "jj")


def test_sums_of_a_hundred_random_rows_are_the_sums_of_the_rows(city: Play) -> None:
    """By admission, agency and area, against an addition of its own over what was written."""
    rng = Random(7)
    made = [city.admitted(), city.admitted(all_of="unit", within=city.areas["E"])]
    places = {0: ("WS", "E1", "E2"), 1: ("E1", "E2")}
    written: list[tuple[int, str, Decimal, int, str]] = []
    for _ in range(60):
        which = rng.randrange(2)
        area = rng.choice(places[which])
        amount, posts = Decimal(rng.randrange(1, 10**6)) / 100, rng.randrange(3)
        row = city.transfer(made[which], area, str(amount), posts)
        said = rng.choice(["received", "unconfirmed", "disputed"])
        if said != "unconfirmed":
            city.confirm(row, area.lower(), received=said == "received")
        written.append((which, area, amount, posts, said))
        if rng.random() < 0.3:
            back = Decimal(rng.randrange(1, int(amount * 100) + 1)) / 100
            fix = city.transfer(made[which], area, str(-back), corrects=row.id)
            if said != "unconfirmed":
                city.confirm(fix, area.lower(), received=said == "received")
            written.append((which, area, -back, 0, said))

    def expected(**only: object) -> tuple[Decimal, Decimal, Decimal, int]:
        mine = [one for one in written if only.get("which", one[0]) == one[0] and only.get("area", one[1]) == one[1]]
        money = [
            sum((one[2] for one in mine if one[4] == said), Decimal(0))
            for said in ("received", "unconfirmed", "disputed")
        ]
        return money[0], money[1], money[2], sum(one[3] for one in mine if one[4] == "received")

    def sum_of(one: Balance) -> tuple[Decimal, Decimal, Decimal, int]:
        return one.received, one.unconfirmed, one.disputed, one.posts_received

    by_admission, by_area, by_agency = sums(city, "admission"), sums(city, "area"), sums(city, "agency")
    for which in (0, 1):
        assert sum_of(by_admission[made[which].id].balance) == expected(which=which)
        assert account(city, made[which]).whole == by_admission[made[which].id].balance
    for area in ("WS", "E1", "E2"):
        assert sum_of(by_area[city.areas[area]].balance) == expected(area=area)
    assert sum_of(by_agency[city.agencies["HW"]].balance) == expected()
    assert by_agency[city.agencies["HW"]].balance.promised == Decimal("180000.00")
    assert (by_area[city.areas["WS"]].admissions, by_area[city.areas["E1"]].admissions) == (1, 2)
    assert set(sums(city, "area", "e1")) == {city.areas["E1"]}


def test_what_falls_due_after_a_withdrawal_is_not_owed(city: Play) -> None:
    made = city.admitted()
    city.withdraw(made, now=datetime(2027, 5, 1, tzinfo=BEGINS.tzinfo))
    assert account(city, made).whole.promised == Decimal("45000.00")
    assert sums(city, "admission")[made.id].balance.promised == Decimal("45000.00")


def test_alerts_come_when_they_are_due_and_go_when_it_came(city: Play) -> None:
    made = city.admitted(all_of=None, targets=(city.areas["WS"],))
    missing = partial(Alert, admission_id=made.id, area_id=city.areas["WS"])
    assert alerts(city, now=datetime(2027, 3, 31, 8, tzinfo=BEGINS.tzinfo)) == []  # the last day itself
    overdue = missing(AlertKind.OVERDUE, on=date(2027, 3, 31), amount=Decimal("45000.00"))
    posts = missing(AlertKind.POSTS_MISSING, on=date(2027, 3, 31), count=3)
    assert alerts(city, now=datetime(2027, 4, 1, tzinfo=BEGINS.tzinfo)) == [overdue, posts]
    half = missing(AlertKind.UNDERPAID_MID_YEAR, on=date(2027, 6, 30), year=2027, amount=Decimal("45000.00"))
    assert alerts(city) == [overdue, half, posts]
    row = city.transfer(made, "WS", "45000.00", 3)
    assert alerts(city) == [overdue, half, posts], "nobody has confirmed it"
    city.confirm(row, "ws")
    assert alerts(city) == []
    late = alerts(city, now=ENDS - 30 * DAY)
    assert [one.kind for one in late] == [AlertKind.OVERDUE, AlertKind.EXPIRING]
    assert late[1].count == 30
    after = alerts(city, now=ENDS + 5 * DAY)
    assert [(one.kind, one.amount) for one in after] == [
        (AlertKind.OVERDUE, Decimal("45000.00")),
        (AlertKind.UNDERPAID_YEAR_END, Decimal("45000.00")),
    ]


def test_alerts_are_paged_by_admission_and_shown_to_whom_they_concern(city: Play) -> None:
    made = [city.admitted() for _ in range(3)]
    found: list[Alert] = []
    after: int | None = 0
    while after is not None:
        with city.acting("city", READ) as work:
            page, after = funding.alerts(
                work.session, work.actor, zone=city.house.zone(work), now=MID_2027, after=after, limit=1
            )
        found += page
    assert found == alerts(city)
    assert {one.admission_id for one in found} == {one.id for one in made}
    assert {one.area_id for one in alerts(city, "e1")} == {city.areas["E1"]}
    assert alerts(city, "jj") == []
    assert len(alerts(city, "hw")) == len(found)
