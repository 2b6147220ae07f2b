"""The burden of each area, against a count of its own from the raw rows; the register of appraisals."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gridgov.bootstrap import House
from gridgov.duties import appraisals, burden, burdens
from gridgov.duties.admitting import Burden, NotTheDistrict, OwnAgency
from gridgov.duties.appraisals import AppraisalHeld, Kind, NewAppraisal, NotRegistered
from gridgov.duties.burden import Counts
from gridgov.duties.burdens import AreaBurden
from gridgov.platform.errors import BadInput
from tests.admissions import BEGINS, DAY, DECIDE, DOCUMENT, ENDS, NOW, READ, Play, also_posted, play

DURING = BEGINS + DAY


@pytest.fixture
def city(sampled: House) -> Play:
    return play(sampled)


def find(city: Play, level: str, who: str = "city", at: datetime = DURING) -> dict[str, AreaBurden]:
    with city.acting(who, READ) as work:
        found = burdens.find(work.session, work.actor, level, index=city.index(work), at=at)
    return {one.area.code: one for one in found}


def register(city: Play, who: str = "city", **other: object) -> int:
    given: dict[str, object] = {
        "code": "1", "title": "环境卫生考核", "kind": Kind.ASSESSMENT, "agency_id": city.agencies["JJ"],
        "level": "unit", "document": DOCUMENT, "since": NOW,
    }  # fmt: skip
    with city.acting(who, DECIDE) as work:
        new = NewAppraisal(**(given | other))  # type: ignore[arg-type]
        return int(appraisals.register(work.session, work.actor, new, index=city.index(work), now=NOW).id)


def full(city: Play) -> None:
    """Admissions of two agencies on units and on communities of the west, one of them over, and two appraisals."""
    city.admitted()
    city.admitted(category="06010", burdens={Burden.SIGN: 1, Burden.SYSTEM: 1, Burden.RECORD: 2})
    police = city.submit(
        city.create("jj", agency_id=city.agencies["JJ"], category="09009", burdens={Burden.RANKING: 1}), "jj"
    )
    for unit in ("ws", "e1", "e2"):
        city.opine(police, unit)
    city.decide(police)
    city.admitted(all_of="community", within=city.areas["W"])
    city.admitted(begins=BEGINS - 10 * DAY, ends=BEGINS)
    register(city)
    register(city, code="2", agency_id=city.agencies["CG"], level="subdistrict", kind=Kind.VETO)


def counted(city: Play, area: str) -> dict[str, int]:
    """The same counts from the requests and the register themselves, not from the lists in force."""
    with city.house.db.transaction() as session:
        rows = session.execute(
            text(
                "select a.agency_id, a.burdens from duties_admission a join duties_admission_target t "
                "on t.admission_id = a.id where a.state in ('admitted', 'renewed') and t.area_id = :area "
                "and a.begins_at <= :at and a.ends_at > :at"
            ),
            {"area": city.areas[area], "at": DURING},
        ).all()
        kinds = {"WS": ("unit", "subdistrict"), "E1": ("unit", "community"), "W1": ("community",)}[area]
        judged = session.execute(
            text("select agency_id from duties_appraisal where level = any (:kinds) and lower(valid) <= :at"),
            {"kinds": list(kinds), "at": DURING},
        ).scalars().all()  # fmt: skip

    def times(*kinds: str) -> int:
        return sum(row.burdens.get(kind, 0) for row in rows for kind in kinds)

    watching = {row.agency_id for row in rows if row.burdens.keys() & {"inspection", "ranking"}} | set(judged)
    return {
        "items": len(rows), "departments": len({row.agency_id for row in rows}), "appraisals": len(judged),
        "inspecting_departments": len(watching), "reports": times("report", "record"),
        "inspections": times("inspection", "ranking"), "signs": times("sign"), "systems": times("system"),
    }  # fmt: skip


def test_counts_are_those_of_the_raw_rows_and_the_index_is_made_of_them(city: Play) -> None:
    full(city)
    found = find(city, "subdistrict") | find(city, "community")
    for area, households in (("WS", 2400), ("E1", 1200), ("W1", 1200)):
        one = found[area]
        assert asdict(one.counts) == counted(city, area)
        assert one.households == households
        by_hand = sum(burden.WEIGHTS[name] * number for name, number in counted(city, area).items())
        assert one.points == pytest.approx(by_hand)
        assert one.index == pytest.approx(by_hand * 1000 / households, abs=0.0051)
    # by hand: three admissions, 2 agencies, 2 appraisal items, 3 that inspect, 12 + 2 reports, 4 + 1 inspections, 1, 1
    assert found["WS"].counts == Counts(3, 2, 2, 3, 14, 5, 1, 1)
    assert found["WS"].points == 3 + 2 + 4 + 6 + 3.5 + 2.5 + 0.5 + 1
    assert found["WS"].balance.promised == Decimal("120000.00")  # four admissions of 30,000 each, one of them over
    assert found["W1"].counts.items == 1


def test_what_is_over_no_longer_burdens(city: Play) -> None:
    full(city)
    assert find(city, "subdistrict", at=ENDS)["WS"].counts == Counts(appraisals=2, inspecting_departments=2)
    assert find(city, "subdistrict", at=NOW)["WS"].counts.items == 0


def test_where_households_are_not_known_there_is_no_index_but_the_counts(city: Play) -> None:
    with city.house.db.transaction() as session:
        session.execute(text("update areas_version set households = null where code = 'B01'"))
        session.execute(text("update platform_revision set revision = revision + 1 where noun = 'areas'"))
    full(city)
    found = find(city, "community")
    assert (found["E1"].index, found["E1"].households) == (None, None)
    assert found["E1"].points > 0
    assert found["E2"].index is not None


def test_who_sees_whose_burden(city: Play) -> None:
    full(city)
    assert set(find(city, "subdistrict", "ws")) == {"WS"}
    assert set(find(city, "community", "ws")) == {"W1", "W2"}
    assert set(find(city, "community", "e1")) == {"E1"}
    assert set(find(city, "community", "hw")) == {"W1", "W2", "E1", "E2"}
    assert set(find(city, "community", "jj")) == {"E1", "E2"}  # where it has placed something
    with pytest.raises(BadInput):
        find(city, "grid")


def test_pages_follow_by_code(city: Play) -> None:
    with city.acting("city", READ) as work:
        index = city.index(work)
        first = burdens.find(work.session, work.actor, "community", index=index, at=DURING, limit=2)
        rest = burdens.find(
            work.session, work.actor, "community", index=index, at=DURING, after=first[-1].area.code, limit=9
        )
    assert [one.area.code for one in (*first, *rest)] == ["E1", "E2", "W1", "W2"]


def appraised(city: Play, agency: str, code: str, area: str, at: datetime = DURING) -> bool:
    with city.house.db.transaction() as session:
        path = city.house.locator.index(session, NOW).path_of(city.areas[area])
        try:
            appraisals.check_appraisal(session, agency_id=city.agencies[agency], code=code, area_path=path, at=at)
        except NotRegistered:
            return False
    return True


def test_what_is_not_registered_is_not_appraised(city: Play) -> None:
    assert not appraised(city, "JJ", "1", "WS")
    made = register(city, area_id=city.areas["W"])
    assert appraised(city, "JJ", "1", "WS")
    assert not appraised(city, "JJ", "1", "E1"), "another district"
    assert not appraised(city, "JJ", "1", "W1"), "not a unit"
    assert not appraised(city, "JJ", "9", "WS"), "another item"
    assert not appraised(city, "HW", "1", "WS"), "another agency"
    assert not appraised(city, "JJ", "1", "WS", at=NOW - DAY)
    with city.acting("west", DECIDE) as work:
        appraisals.end(work.session, work.actor, made, index=city.index(work), now=DURING)
    assert not appraised(city, "JJ", "1", "WS")
    assert appraised(city, "JJ", "1", "WS", at=DURING - DAY)


def test_who_registers(city: Play) -> None:
    register(city, "west", area_id=city.areas["W"])
    for who, area in (("west", None), ("west", city.areas["E"]), ("street", city.areas["WS"])):
        with pytest.raises(NotTheDistrict):
            register(city, who, code="x", area_id=area)
    with pytest.raises(AppraisalHeld):
        register(city, "west", area_id=city.areas["W"])
    also_posted(city, "city", agency="JJ")
    with pytest.raises(OwnAgency):
        register(city, code="y")
    register(city, code="y", agency_id=city.agencies["HW"])  # the control


def test_an_entry_is_ended_and_never_changed(city: Play) -> None:
    register(city)
    for sql in ("update duties_appraisal set title = 'x'", "delete from duties_appraisal"):
        with pytest.raises(DBAPIError, match="never changed"), city.house.db.transaction() as session:
            session.execute(text(sql))
