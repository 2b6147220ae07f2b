"""What lists and sweeps read, in pages of the store, among 6,000 open cases: the same whether 8,000 cases have ended or
128,000. Asserted are pages and plans, never a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from gridgov.auth.rules import Role
from gridgov.bootstrap import Caller, House, Work, build
from gridgov.cases import jobs, worklists
from gridgov.cases.clocks import Light
from gridgov.cases.worklists import Wanted
from gridgov.platform import clock
from gridgov.platform.cluster import Cluster
from tests import sample
from tests.conftest import CITY, cloned
from tests.people import Person, appoint

OPEN, FEW, MANY = 6_000, 8_000, 120_000
FILL = """
    with place as (
        select row_number() over (order by g.code) - 1 as n, g.area_id as grid_id,
               case when d.code = 'W' then s.area_id else c.area_id end as unit_id,
               st_pointonsurface(g.geom) as geom
        from areas_version g join areas_version c on c.area_id = g.parent_id
        join areas_version d on d.code = left(c.code, 1) left join areas_version s on s.code = 'WS'
        where g.level = 'grid'
    ), made as (
        select i as number, ('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid as id, p.*,
               cast(:now as timestamptz) - make_interval(secs => (:until - i) * 30) as at
        from generate_series(cast(:since as bigint), :until) i join place p on p.n = i % 16
    ), keys as (
        insert into incidents_key (id, body_sha256, happened_at) select id, '\\x00', at from made
    ), filed as (
        insert into cases (id, number, happened_at, category_id, channel, state, version, opened_at, changed_at,
                           ended_at, next_due_at, next_yellow_at, area_id, grid_id, unit_id, agency_id, agency_ids,
                           geom)
        select m.id, number, at, (select k.id from duties_category k where k.code = '06010'), 'worker',
               case when :ended then 'closed'
                    else (array['reported', 'accepted', 'handling', 'checking'])[1 + number % 4] end, 3, at, at,
               case when :ended then at end,
               case when not :ended then at + interval '90 days' end,
               case when not :ended then at + interval '80 days' end,
               grid_id, grid_id, unit_id, a.id, array[a.id], geom
        from made m join duties_agency a on a.code = case when number % 5 = 0 then 'JJ' else 'HW' end
    )
    insert into cases_clock (number, seq, name, case_id, "limit", started_at, due_at, yellow_at, running, ended_at)
    select number, 1, 'accept', id, '90 natural_day', at, at + interval '90 days', at + interval '80 days', not :ended,
           case when :ended then at end
    from made
"""
POSTS = (
    (Role.CENTRE_OPERATOR, "WS", None), (Role.CENTRE_OPERATOR, None, None), (Role.GRID_WORKER, "A01", None),
    (Role.SUBDISTRICT_LEADER, "WS", None), (Role.DISTRICT_SUPERVISOR, "W", None), (Role.COMMUNITY_OFFICER, "E1", None),
    (Role.AGENCY_OFFICER, None, "JJ"),
)  # fmt: skip
ASKED: dict[str, dict[str, Any]] = {
    "all": {}, "mine": {"mine": True}, "red": {"light": Light.RED}, "ended lately": {"ended": True},
    "of a matter": {"category": "06*"}, "in a box": {"bbox": (117.0, 32.0, 117.004, 32.01)},
}  # fmt: skip


def pages(session: Session, work: Callable[[], object], of: str = "cases") -> int:
    """Does the work, then runs its statements on the table again and counts the pages that they read."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if f"from {of} " in statement:
            sent.append((statement, values))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert sent, f"no statement on {of} was sent"
    total = 0
    for statement, values in sent:
        found = session.connection().exec_driver_sql(f"explain (analyze, buffers, format json) {statement}", values)
        plan = found.scalar_one()[0]["Plan"]
        total += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return total


class Archive:
    """A city with open cases and more and more that have ended."""

    def __init__(self, house: House) -> None:
        self.house = house
        with house.db.transaction() as session:
            sample.set_up(session)
        self.people = {
            f"{role}@{area or agency or 'city'}": appoint(house, role, area=area, agency=agency)
            for role, area, agency in POSTS
        }
        self.last = 0
        self.fill(FEW, ended=True)
        self.fill(OPEN, ended=False)
        self.before = self.measured()
        self.fill(MANY, ended=True)
        self.after = self.measured()

    def fill(self, many: int, *, ended: bool) -> None:
        """So many more, one each half minute; those that have ended did so months ago."""
        since, self.last = self.last + 1, self.last + many
        now = clock.utcnow() - (timedelta(days=200) if ended else timedelta())
        with self.house.db.transaction() as session:
            session.execute(text(FILL), {"since": since, "until": self.last, "now": now, "ended": ended})
            session.execute(text("analyze cases, cases_clock"))

    @contextmanager
    def as_somebody(self, who: Person) -> Iterator[Work]:
        with self.house.acting(Caller("cases.read", who.credential)) as work:
            yield work

    def measured(self) -> dict[tuple[str, str], int]:
        """Pages that each kind of list reads for each person, and the sweeps."""
        found: dict[tuple[str, str], int] = {}
        for name, who in self.people.items():
            for asked, more in ASKED.items():
                with self.as_somebody(who) as work:
                    found[name, asked] = pages(work.session, lambda: self.find(work, **more))  # noqa: B023  # at once
            with self.as_somebody(who) as work:
                wanted = Wanted(reach=work.reach)
                setting = self.house.case_setting(work)
                found[name, "counts"] = pages(
                    work.session,
                    lambda: worklists.count(work.session, wanted, work.actor, setting=setting),  # noqa: B023
                )
                found[name, "near"] = self.near(work)
        with self.house.internally("keeper") as session:
            found["keeper", "lights"] = pages(
                session, lambda: jobs.tell_lights(session, now=clock.utcnow()), "cases_clock"
            )
            zone = self.house.locator.city(session).zone
            found["keeper", "suspended"] = pages(
                session, lambda: jobs.to_resume(session, now=clock.utcnow(), zone=zone)
            )
        return found

    def find(self, work: Work, **more: Any) -> list[worklists.Listed]:
        wanted = Wanted(reach=work.reach, **more)
        setting = self.house.case_setting(work)
        return worklists.find(work.session, wanted, work.actor, setting=setting, limit=100)

    def near(self, work: Work) -> int:
        """Of the newest case that the person sees."""
        (newest, *_) = self.find(work)
        case_id: UUID = newest.row.id
        setting = self.house.case_setting(work)
        return pages(work.session, lambda: worklists.near(work.session, case_id, work.reach, setting=setting))


@pytest.fixture(scope="module")
def archive(cluster: Cluster, migrated_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with cloned(cluster, migrated_template) as url:
        house = build(url, CITY, tmp_path_factory.mktemp("home"))
        try:
            yield Archive(house)
        finally:
            house.close()


def test_lists_read_no_more_when_more_has_ended(archive: Archive) -> None:
    """At most half as much again; or, where the planner changed its mind, once through what is open."""
    once_through = OPEN // 10
    grown = {
        what: (archive.before[what], after) for what, after in archive.after.items()
        if after > max(1.5 * archive.before[what] + 30, once_through)
    }  # fmt: skip
    assert not grown, grown


def test_sweeps_read_what_is_due(archive: Archive) -> None:
    """Nothing is due: a few pages of an index, whatever is stored and whatever runs."""
    assert archive.after["keeper", "lights"] <= 20
    assert archive.after["keeper", "suspended"] <= 20


def test_a_page_of_the_whole_city_is_read_off_its_index(archive: Archive) -> None:
    assert archive.after["centre_operator@city", "all"] <= 400


def test_without_the_partial_indexes_everything_is_read(archive: Archive) -> None:
    """The control: the same statements where these indexes may not be used."""
    with archive.as_somebody(archive.people["centre_operator@WS"]) as work:
        session = work.session
        for setting in ("enable_indexscan", "enable_bitmapscan", "enable_indexonlyscan"):
            session.execute(text(f"set local {setting} = off"))
        found = pages(session, lambda: archive.find(work))
    assert found > 4 * archive.after["centre_operator@WS", "all"] + 1_000


def test_the_lists_hold_what_they_should(archive: Archive) -> None:
    """The control of the measuring: the pages are of lists that found something."""
    with archive.as_somebody(archive.people["centre_operator@WS"]) as work:
        assert len(archive.find(work)) == 100
        assert archive.find(work, ended=True) == [], "all of them ended months ago"
        setting = archive.house.case_setting(work)
        counted = worklists.count(work.session, Wanted(reach=work.reach), work.actor, setting=setting)
    assert sum(one.cases for one in counted) == OPEN / 2
