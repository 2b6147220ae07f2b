"""The case files of the demo city: every state and light is to be seen, and each of its people has something to do."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from gridgov.bootstrap import House
from gridgov.cases import service
from gridgov.cases.clocks import Light
from gridgov.cases.rules import State, SummonsState
from gridgov.interop.democases.loading import LIVE
from tests.conftest import DEMO_CASES, DEMO_UNTIL

AT = datetime.combine(DEMO_UNTIL, time(), ZoneInfo("Asia/Shanghai"))
HISTORY = "select c.number, c.id, c.channel, c.state, c.version from cases c order by c.opened_at desc limit :n"


def counted(house: House, sql: str, **values: object) -> Counter[str]:
    with house.db.transaction() as session:
        return Counter({row[0]: row[1] for row in session.execute(text(sql), values)})


def test_the_newest_incidents_have_their_cases(demo_house: House) -> None:
    with demo_house.db.transaction() as session:
        newest = "select i.id from incidents i where i.happened_at < :at order by i.happened_at desc limit :n"
        bare = session.execute(
            text(f"select count(*) from ({newest}) i left join cases c using (id) where c.id is null"),
            {"at": AT, "n": DEMO_CASES - 100},
        ).scalar_one()
    assert bare == 0


def test_every_state_is_there(demo_house: House) -> None:
    states = counted(demo_house, "select state, count(*) from cases group by 1")
    missing = {str(state) for state in State} - set(states)
    assert not missing, states
    calls = counted(demo_house, "select state, count(*) from cases_summons group by 1")
    assert {str(s) for s in (SummonsState.CALLED, SummonsState.SIGNED, SummonsState.CONTACTED, SummonsState.RATED)} <= (
        set(calls)
    )


def test_every_light_is_there(demo_house: House) -> None:
    """By the clocks that ran when the story ended."""
    lights = counted(
        demo_house,
        "select case when :at > due_at then 'red' when :at >= yellow_at then 'yellow' else 'green' end, count(*) "
        "from cases_clock where running group by 1",
        at=AT,
    )
    assert set(lights) == {str(light) for light in Light}, lights


def test_status_of_incidents_follows(demo_house: House) -> None:
    pairs = counted(
        demo_house, "select distinct c.state || ' ' || i.status, 1 from cases c join incidents i using (id)"
    )
    for pair in pairs:
        state, status = pair.split()
        assert status == {"closed": "closed", "refused": "void", "cancelled": "void", "merged": "duplicate"}.get(
            state, "open"
        ), pair


@pytest.mark.parametrize("which", ["desc", "asc"])
def test_what_is_stored_is_what_the_histories_say(demo_house: House, which: str) -> None:
    """The last cases, which were lived, and the first, which were loaded."""
    with demo_house.db.transaction() as session:
        marks: dict[str, int] = {}
        zone = demo_house.locator.city(session).zone
        calendar = demo_house.days.calendar(session, zone, revision=marks.get("calendar", 0))
        for row in session.execute(text(HISTORY.replace("desc", which)), {"n": 150}).all():
            file = service.replayed(session, row.number, row.id, row.channel, calendar)
            assert (str(file.state), file.version) == (row.state, row.version)


def test_the_last_thousand_announced_themselves(demo_house: House) -> None:
    """What was lived is in the outbox, what was loaded is not."""
    with demo_house.db.transaction() as session:
        told = session.execute(
            text("select count(distinct key) from platform_outbox where topic = 'case.report'")
        ).scalar_one()
    assert told >= LIVE


WORK = {
    "centre-operator": "select count(*) from cases where state in ('reported', 'accepted', 'answered', 'checked')",
    "agency-officer": "select count(*) from cases c join duties_agency a on a.id = c.agency_id "
    "where a.code = 'CGJ' and c.state in ('dispatched', 'handling')",
    "grid-worker": "select count(*) from cases where grid_id = :area",
    "subdistrict-leader": "select count(*) from cases where unit_id = :area and ended_at is null",
}


@pytest.mark.parametrize("name", sorted(WORK))
def test_each_of_them_has_something_to_do(demo_house: House, name: str) -> None:
    with demo_house.db.transaction() as session:
        area = session.execute(
            text("select p.area_id from auth_post p join auth_account a on a.id = p.account_id where a.name = :name"),
            {"name": name},
        ).scalar_one()
        sql = WORK[name]
        found = session.execute(text(sql), {"area": area} if ":area" in sql else {}).scalar_one()
    assert found > 0
