"""What every role counts over HTTP is what SQL counts under its own policies; areas beyond its reach are not named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from sqlalchemy import text

from gridgov.bootstrap import Caller, build
from gridgov.platform.cluster import Cluster
from tests import sample
from tests.conftest import CITY, cloned, live
from tests.integration.analytics.counted import CASES_SQL, cells
from tests.security import world
from tests.security.world import Somebody, World

FILTERS: tuple[dict[str, str], ...] = ({}, {"category": "06*"}, {"channel": "import"}, {"from": "2026-09-02"})
WHERE = (
    "true",
    "t.category_id in (select id from duties_category where code like '06%')",
    "t.channel = 'import'",
    "t.happened_at >= '2026-09-02T00:00:00+08:00'",
)


@pytest.fixture(scope="module")
def full(
    cluster: Cluster, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, httpx.Client]]:
    """The world, with a case of most incidents, and a client of its server."""
    with ExitStack() as stack:
        url = stack.enter_context(cloned(cluster, migrated_template))
        house = build(url, CITY, tmp_path_factory.mktemp("home"))
        stack.callback(house.close)
        made = world.build(house)
        with house.db.transaction() as session:
            session.execute(text(CASES_SQL), {"states": ["closed"] * 16})
        base = stack.enter_context(live(house))
        yield made, stack.enter_context(httpx.Client(base_url=base, timeout=60))


@pytest.mark.parametrize("of", ["incidents", "cases"])
def test_every_role_counts_what_its_policies_show(full: tuple[World, httpx.Client], of: str) -> None:
    made, client = full
    asked = seen = 0
    for who in made.people:
        if who.person is None or who.grant("density.read") is None:
            continue
        if of == "cases" and who.grant("cases.read") is None:
            answer = client.get("/api/v1/counts", params={"by": "grid", "of": of}, headers=who.headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted"), str(who)
            continue
        for query, where in zip(FILTERS, WHERE, strict=True):
            params = {"by": "category", "of": of, **query}
            answer = client.get("/api/v1/counts", params=params, headers=who.headers)
            assert answer.status_code == 200, answer.text
            expected = by_sql(made, who, of, where)
            assert cells(answer.json()) == expected, (str(who), query)
            asked, seen = asked + 1, seen + bool(expected)
    assert asked > 50
    assert 20 < seen < asked  # some see nothing, and not everybody does


def by_sql(made: World, who: Somebody, of: str, where: str) -> dict[str, int]:
    """Counts by category of the rows that the person's own database role and policies show."""
    assert who.person is not None
    permission = "density.read" if of == "incidents" else "cases.read"
    columns = "t.category_id, t.channel, t.happened_at"
    with made.house.acting(Caller(permission, who.person.credential)) as work:
        sql = f"select c.code, count(*) as n from (select {columns} from {of} t where {where}) t " \
              "join duties_category c on c.id = t.category_id group by 1"  # fmt: skip
        return {row.code: row.n for row in work.session.execute(text(sql))}


def test_no_area_beyond_the_reach_is_named(full: tuple[World, httpx.Client]) -> None:
    made, client = full
    for who in made.people:
        if who.person is None or who.grant("density.read") is None:
            continue
        found = client.get("/api/v1/counts", params={"by": "grid"}, headers=who.headers).json()
        told = {code for code in sample.COMMUNITY if len(code) == 3 and who.is_told_of(code)}
        assert set(found["codes"]) == told, str(who)
        pairs = client.get("/api/v1/counts", params={"by": "day", "then": "grid"}, headers=who.headers).json()
        assert set(pairs["then_codes"]) <= told


def test_nobody_counts_without_signing_in_and_no_tag_of_another_is_of_use(full: tuple[World, httpx.Client]) -> None:
    made, client = full
    assert client.get("/api/v1/counts", params={"by": "grid"}).status_code == 401
    people = {str(who): who for who in made.people}
    wide, narrow = people["centre_operator@city"], people["centre_operator@E1"]
    tag = client.get("/api/v1/counts", params={"by": "grid"}, headers=wide.headers).headers["etag"]
    other = client.get("/api/v1/counts", params={"by": "grid"}, headers={**narrow.headers, "If-None-Match": tag})
    assert other.status_code == 200
    assert (
        client.get("/api/v1/counts", params={"by": "grid"}, headers={**wide.headers, "If-None-Match": tag}).status_code
        == 304
    )
