"""A dry run over the real table: last month's incidents by the lists in force and by these with the draft."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from gridgov.auth.rules import NotYours, Role
from gridgov.bootstrap import House
from gridgov.duties import checking
from gridgov.duties.dryrun import DryRun
from gridgov.duties.rules import ListKind
from gridgov.incidents.past import PastIncidents
from gridgov.platform import clock
from tests import sample
from tests.integration.duties.making import acting, asked, decided, drafted, published, put_incidents
from tests.integration.duties.test_drafts import CLEAN, NAME
from tests.people import Person, appoint

COUNT = 960


@pytest.fixture
def city(sampled: House) -> House:
    with sampled.db.transaction() as session:
        put_incidents(session, COUNT, clock.utcnow())
    return sampled


def rehearsed(city: House, person: Person, list_id: int, now: datetime | None = None) -> DryRun:
    with acting(city, person, "duties.rehearse") as work:
        held = checking.held(work.session, city.router, city.locator, list_id, at=now or work.now)
        return held.rehearse(work.session, PastIncidents(), work.now - timedelta(days=30), work.now)


def routed(city: House) -> dict[int, tuple[str, str | None]]:
    """Number of each incident that counts -> (matter, who is responsible now), asked one by one."""
    with city.db.transaction() as session:
        rows = session.execute(
            text(
                "select i.number, c.code, v.code as grid from incidents i join duties_category c on c.id = "
                "i.category_id join areas_version v on v.area_id = i.grid_id where i.status <> 'void'"
            )
        ).all()
        found = {}
        for row in rows:
            route = city.router.route(session, row.code, *sample.centre(row.grid))
            found[row.number] = (row.code, route.lead.code if route.lead else None)
        return found


def test_it_foretells_what_routing_does_after_publication(city: House) -> None:
    asker, other = appoint(city, Role.ADMINISTRATOR), appoint(city, Role.DISTRICT_SUPERVISOR)
    made = drafted(city, asker, CLEAN, name=NAME, kind=ListKind.TERRITORIAL)
    told = rehearsed(city, asker, made)
    before = routed(city)
    decided(city, other, asked(city, asker, made))
    published(city, asker, made)
    after = routed(city)
    moved = Counter(
        (matter, lead, after[number][1]) for number, (matter, lead) in before.items() if after[number][1] != lead
    )
    assert moved, "the lists differ for somebody"
    foretold = {
        (move.category.code, move.before.code if move.before else None, move.after.code if move.after else None):
        move.count for move in told.moves
    }  # fmt: skip
    assert foretold == moved
    assert told.incidents == len(before)
    assert told.same == len(before) - sum(moved.values())
    assert (told.unplaced, told.orphaned) == (0, 0)
    assert told.adopted == sum(count for (_, old, _), count in moved.items() if old is None)
    for move in told.moves:
        for one in move.examples:
            assert before[one.number][0] == move.category.code


def test_orphans_that_appear_are_counted(city: House) -> None:
    asker = appoint(city, Role.ADMINISTRATOR)
    made = drafted(city, asker, [CLEAN[0]], name=NAME, kind=ListKind.TERRITORIAL)
    told = rehearsed(city, asker, made)
    parking = sum(matter == "09009" for matter, _ in routed(city).values())
    assert told.orphaned == parking > 0


def test_it_sees_counts_alone_and_not_everybody_may_ask(city: House) -> None:
    """The role that counts reads no text; the control is that it does read what counting needs."""
    asker, worker = appoint(city, Role.ADMINISTRATOR), appoint(city, Role.GRID_WORKER)
    with pytest.raises(NotYours), acting(city, worker, "duties.rehearse"):
        pass
    with acting(city, asker, "duties.rehearse") as work:
        assert work.session.execute(text("select count(grid_id) from incidents")).scalar_one() == COUNT
    for column in ("text", "address", "geom", "id"):
        with pytest.raises(Exception, match="permission denied"), acting(city, asker, "duties.rehearse") as work:
            work.session.execute(text(f"select {column} from incidents"))
