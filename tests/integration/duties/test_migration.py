"""A city that was loaded before lists had kinds and drafts keeps its lists, and the same content is the same list."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from gridgov.bootstrap import House, build, prepare
from gridgov.duties import lists, service, versions
from gridgov.duties.rules import ListKind, ManagementClass, NewItem
from gridgov.platform.cluster import Cluster
from gridgov.platform.db import Database
from gridgov.platform.migrate import upgrade
from tests import sample

BEFORE = "city_0008"
ITEMS = [
    NewItem("1", "06*", "HW", ManagementClass.PROFESSIONAL, ("@unit",), time_limit="about two days"),
    NewItem("2", "*", "@unit", ManagementClass.ASSISTING),
]


def digest_before(items: list[NewItem]) -> str:
    """As lists were told apart before."""
    facts = sorted(
        [
            [
                i.code, i.category, i.lead, i.management_class, list(i.supporting), i.area_id, i.served_from_sites,
                i.nearest, i.basis, i.time_limit, dict(i.attributes),
            ]
            for i in items
        ],
        key=lambda row: str(row[0]),
    )  # fmt: skip
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


@pytest.fixture
def old(cluster: Cluster) -> Iterator[str]:
    """A database of the form before, with a list in force."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    cluster.create_database(name)
    url = cluster.url(name)
    upgrade(url, "demo", to=BEFORE)
    db = Database(url, "demo")
    with db.transaction() as session:
        session.execute(text("insert into duties_agency (code, names) values ('HW', '{}')"))
        session.execute(
            text(
                "insert into duties_list (name, version, digest, valid) values ('list', 1, :of, tstzrange(null, null))"
            ),
            {"of": digest_before(ITEMS)},
        )
        for item in ITEMS:
            level = item.lead[1:] if item.lead.startswith("@") else None
            session.execute(
                text(
                    "insert into duties_item (list_id, code, category, management_class, lead_agency_id, lead_level, "
                    "time_limit) values (1, :code, :category, :class, (select id from duties_agency where code = :lead)"
                    ", :level, :limit)"
                ),
                {"code": item.code, "category": item.category, "class": str(item.management_class), "lead": item.lead,
                 "level": level, "limit": item.time_limit},
            )  # fmt: skip
        session.execute(text("insert into duties_support (item_id, position, level) values (1, 0, 'unit')"))
    db.close()
    yield url
    cluster.drop_database(name)


@pytest.fixture
def house(old: str, tmp_path: Path) -> Iterator[House]:
    prepare(old, "demo", tmp_path)
    made = build(old, "demo", tmp_path)
    yield made
    made.close()


def test_what_was_in_force_is_published_and_the_same(house: House) -> None:
    with house.db.transaction() as session:
        (one,) = versions.find(session)
        assert (one.name, one.kind, one.state, one.version) == ("list", ListKind.TERRITORIAL, "published", 1)
        assert versions.new_items(session, one.id) == ITEMS
        assert lists.digest(ITEMS) == one.digest
        assert service.put_list(session, ITEMS, name="list").list_id is None, "loading it again changes nothing"
    with house.db.transaction() as session:
        sample.set_up(session)
        route = house.router.route(session, "09009", *sample.centre("A01"))
    assert route.item is not None
    assert route.item.list_name == "样城责任清单", "an exact code goes before"
    with house.db.transaction() as session:
        old_ones = [item for item in house.router.book(session, None).items if item.list_name == "list"]
    assert [item.limit for item in old_ones] == [None, None], "words that are no limit run no clock"
