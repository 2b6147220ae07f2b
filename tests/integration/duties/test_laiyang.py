"""Lists of Laiyang's sizes (A50): 85 + 124, 185 and 163 items load, are published by two persons, and route."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.duties import checking, versions
from gridgov.duties.lint import Severity
from gridgov.duties.rules import ListKind
from gridgov.interop import dutylists
from gridgov.interop.imports.duties import known
from gridgov.platform import clock, sheets
from tests import sample
from tests.integration.duties.making import (
    NAMES,
    SIZES,
    asked,
    decided,
    drafted,
    items,
    matters,
    published,
    put_matters,
)
from tests.people import appoint


@pytest.fixture
def city(sampled: House) -> House:
    with sampled.db.transaction() as session:
        put_matters(session)
    return sampled


def test_four_lists_load_are_published_by_two_and_route(city: House) -> None:
    editor, asker = appoint(city, Role.CENTRE_OPERATOR), appoint(city, Role.ADMINISTRATOR)
    other = appoint(city, Role.DISTRICT_SUPERVISOR)
    zone = ZoneInfo("Asia/Shanghai")
    for kind, size in SIZES.items():
        form = dutylists.to_xlsx if kind is ListKind.TASKS else dutylists.to_csv
        with city.db.transaction() as session:
            read = sheets.read(city.sheets, form(items(kind), {}, {}))
            found = dutylists.preview(read, known(session), [], zone)
        assert found.parsed.faults == ()
        assert len(found.comparison.added) == size
        made = drafted(city, editor, found.parsed.items, name=NAMES[kind], kind=kind)
        decided(city, other, asked(city, asker, made))
        assert published(city, asker, made).items == size
    with city.db.transaction() as session:
        held = {one.kind: one for one in versions.find(session, state="published") if one.name in NAMES.values()}
        assert {kind: one.items for kind, one in held.items()} == dict(SIZES)
        for kind, one in held.items():
            told = checking.held(session, city.router, city.locator, one.id, at=clock.utcnow()).findings()
            assert [f for f in told if f.severity is Severity.ERROR or f.item] == []
            for number, code in enumerate(matters(kind)):
                route = city.router.route(session, code, *sample.centre("B03"))
                assert route.item is not None
                assert (route.item.code, route.item.list_kind) == (items(kind)[number].code, kind)
                assert str(route.item.limit) == items(kind)[number].time_limit
                assert route.item.risk_points == items(kind)[number].risk_points
                expected = items(kind)[number].lead
                assert route.lead is not None
                assert route.lead.code == ("E2" if expected == "@unit" else expected)
