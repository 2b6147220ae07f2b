"""The store says what SQL says, whatever happened since it was read."""

from __future__ import annotations

import random
import threading
from datetime import UTC, date, datetime

from sqlalchemy import text

from gridgov.analytics.store import behind
from gridgov.analytics.store.columns import CASES, INCIDENTS, STATES
from gridgov.analytics.store.verify import verify
from gridgov.bootstrap import House
from gridgov.cases.rules import State
from gridgov.incidents.months import ensure_months
from tests.integration.analytics.conftest import Known, Taking
from tests.integration.analytics.store.conftest import CASES_SQL, Same, another, counted, crowd, run, said, seen

OLDER = datetime(1999, 12, 31, 23, 59, tzinfo=UTC)


def test_states_are_those_of_cases() -> None:
    assert tuple(State) == STATES


def test_an_empty_city(city: House, same: Same) -> None:
    assert seen(city, INCIDENTS).rows == 0
    same()


def test_what_was_there_before_and_what_came_after(city: House, take: Taking, same: Same) -> None:
    take(crowd(400, 1))
    same()
    first = seen(city, INCIDENTS)
    assert first is seen(city, INCIDENTS)
    assert first.rows == 400
    take(crowd(100, 2))
    assert first.rows == 400  # as it was
    assert seen(city, INCIDENTS).rows == 500
    same()


def test_what_changes_nothing_that_counts_leaves_the_view(city: House, take: Taking) -> None:
    take(crowd(50, 1))
    first = seen(city, INCIDENTS)
    assert run(city, "update incidents set text = text || '.'") == 50
    after = seen(city, INCIDENTS)
    assert after is first
    assert run(city, "update incidents set status = 'void' where number = 1") == 1
    assert seen(city, INCIDENTS) is not first


def test_random_changes_of_incidents_and_cases(city: House, take: Taking, same: Same) -> None:
    take(crowd(300, 3))
    run(city, CASES_SQL)
    rng = random.Random(4)
    changes = (
        "update incidents set status = 'closed' where number % 7 = :n",
        "update incidents set status = 'void' where number % 11 = :n",
        "update incidents set grid_id = null where number % 5 = :n",
        "update incidents set unit_id = null, agency_id = null where number % 6 = :n",
        "update incidents set happened_at = happened_at + interval '40 days' where number % 13 = :n",
        "delete from incidents where number % 17 = :n",
        "update cases set state = 'merged', ended_at = changed_at where number % 7 = :n",
        "update cases set level = null, agency_id = (select min(id) from duties_agency) where number % 8 = :n",
        "update cases set late_from = late_from + interval '1.9 s' where number % 3 = :n",
        "update cases set grid_id = null, unit_id = null where number % 9 = :n",
        "delete from cases where number % 19 = :n",
    )
    for step in range(25):
        run(city, rng.choice(changes), n=rng.randrange(3))
        if step % 5 == 0:
            take(crowd(20, 100 + step))
            run(city, CASES_SQL)
        same()
    assert verify(city.counts).good
    assert seen(city, CASES).rows > 250


def test_who_commits_late_is_not_missed(city: House, take: Taking, same: Same) -> None:
    """The control: whoever goes on from the highest number seen misses what was drawn before and committed after."""
    take(crowd(20, 1))
    seen(city, INCIDENTS)
    by_number = "select count(*) from analytics_incident_change where no > :no"
    highest = "select max(no) from analytics_incident_change"
    with city.db.transaction() as late:
        late.execute(text("update incidents set status = 'void' where number = 1"))
        run(city, "update incidents set status = 'duplicate' where number = 2")
        same()
        with city.db.transaction() as session:
            last = session.execute(text(highest)).scalar_one()
        before = seen(city, INCIDENTS)
        assert before is seen(city, INCIDENTS)  # though somebody is still at it
    assert seen(city, INCIDENTS) is not before
    same()
    with city.db.transaction() as session:
        assert session.execute(text(by_number), {"no": last}).scalar_one() == 0


def test_the_newest_transaction_is_not_missed_either(city: House, take: Taking, same: Same) -> None:
    """It drew its number before the view was taken, and a snapshot does not list it as running: that list ends at the
    newest transaction that is over. The control: the number drawn last is the same before and after."""
    take(crowd(20, 1))
    seen(city, INCIDENTS)
    with city.db.transaction() as late:
        late.execute(text("update incidents set status = 'void' where number = 1"))
        before, drawn = seen(city, INCIDENTS), run(city, "select from analytics_change_no where last_value = 22")
        assert before is seen(city, INCIDENTS)
    assert drawn == run(city, "select from analytics_change_no where last_value = 22") == 1
    assert seen(city, INCIDENTS) is not before
    same()


def test_what_is_undone_never_counts(city: House, take: Taking, same: Same) -> None:
    take(crowd(20, 1))
    same()
    with city.db.engine.connect() as undone:
        undone.execute(text("delete from incidents"))
        assert seen(city, INCIDENTS).rows == 20
        undone.rollback()
    assert seen(city, INCIDENTS).rows == 20
    same()


def test_months_that_get_their_own_partition(city: House, take: Taking, same: Same) -> None:
    take(crowd(60, 5))
    assert run(city, "update incidents set happened_at = '1999-12-31T23:59:59.9Z' where number % 3 = 0") == 20
    same()
    with city.db.transaction() as session:
        assert ensure_months(session, [date(1999, 12, 1)]) == 1
    same()
    assert verify(city.counts).good
    take([Known(OLDER.isoformat())])
    same()


BULK = "set local gridgov.changes_most = 30"


def bulk(house: House) -> None:
    """More rows in one statement than are told one by one."""
    with house.db.transaction() as session:
        session.execute(text(BULK))
        session.execute(text("update incidents set status = 'duplicate'"))


def test_many_at_once_are_read_anew(city: House, take: Taking, same: Same) -> None:
    take(crowd(200, 5))
    same()
    bulk(city)
    with city.db.transaction() as session:
        told = session.execute(text("select sign, count(*) from analytics_incident_change group by 1")).all()
    assert sorted(told) == [(0, 7), (1, 200)]  # months, not rows
    same()


def test_until_then_the_view_says_which_months_lag(city: House, take: Taking, same: Same) -> None:
    take(crowd(200, 5))
    before = seen(city, INCIDENTS)
    city.counts.step()  # somebody reads anew; so whoever asks is not kept waiting
    bulk(city)
    lagging = seen(city, INCIDENTS)
    assert lagging.behind.startswith("reading 2025-11, 2025-12")
    assert "2025-11" in behind.said(lagging.behind)["en"]
    assert "2025-11" in behind.said(lagging.behind)["zh"]
    assert counted(lagging) == counted(before) != said(city, INCIDENTS)
    assert lagging.mark != before.mark
    run(city, "update incidents set status = 'void' where number = 7")  # waits with its month
    assert counted(seen(city, INCIDENTS)) == counted(before)
    assert city.counts.step() == 1
    same()


def test_months_with_many_changes_are_read_anew(city: House, take: Taking, same: Same) -> None:
    take(crowd(200, 5))
    store = another(city, least=20, share=0.02)
    view = seen(city, INCIDENTS, store=store)
    assert store.step() == 0
    run(city, "update incidents set status = 'void' where happened_at < '2025-12-01'")
    crowded = seen(city, INCIDENTS, store=store)
    assert len(crowded.changes) == 1
    assert len(crowded.changes[0]) > 20
    assert store.step() == 1
    after = seen(city, INCIDENTS, store=store)
    assert after.changes == ()
    assert counted(after) == counted(crowded) != counted(view)
    assert after.mark == crowded.mark
    assert [one.version for one in after.base] != [one.version for one in view.base]
    assert after.base[1] is view.base[1]
    same()


def test_two_processes_on_one_home_agree(city: House, take: Taking) -> None:
    take(crowd(200, 6))
    one, two = city.counts, another(city, least=10)
    rng = random.Random(7)
    for _ in range(8):
        run(city, "update incidents set status = 'closed', grid_id = null where number % 9 = :n", n=rng.randrange(9))
        take(crowd(15, rng.randrange(10**6)))
        first, second = seen(city, INCIDENTS, store=one), seen(city, INCIDENTS, store=two)
        assert counted(first) == counted(second) == said(city, INCIDENTS)
        assert first.places.grid.tolist()[: len(second.places)] == second.places.grid.tolist()[: len(first.places)]
        two.step()
    assert {one.version for one in seen(city, INCIDENTS, store=one).base} == {
        one.version for one in seen(city, INCIDENTS, store=two).base
    }


def test_many_ask_at_once(city: House, take: Taking) -> None:
    """Every thread sees at least what it has committed itself."""
    take(crowd(200, 8))
    failed: list[str] = []

    def work(number: int) -> None:
        for status in ("closed", "void", "open", "duplicate") * 3:
            run(city, "update incidents set status = :status where number = :number", status=status, number=number)
            with city.db.transaction() as session:
                view = city.counts.view(session, INCIDENTS)
                row = session.execute(text("select count(*) from incidents where number = :n"), {"n": number})
                assert row.scalar_one() == 1
            keys = counted(view)
            mine = [k for k in keys if k[3] == status]
            if not mine:
                failed.append(f"{number} {status}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert counted(seen(city, INCIDENTS)) == said(city, INCIDENTS)
