"""`/counts` beside SQL: any filter, any dimensions, after every kind of change, in cities whose clocks change."""

from __future__ import annotations

import json
import random
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridgov.analytics.store.columns import STATES
from gridgov.api.routes.counts import CountsBody
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.incidents.rules import Channel, Status
from tests.integration.analytics.conftest import Known, Taking
from tests.integration.analytics.counted import ask, cells, crowd, folded, said
from tests.people import appoint

BY = ["grid", "community", "subdistrict", "district", "city", "category", "agency", "channel", "status", "day", "week",
      "month"]  # fmt: skip
AREAS, TIMES = BY[:5], BY[-3:]


@pytest.fixture
def full(city: House, take: Taking) -> House:
    crowd(city, take, seed=5)
    return city


def agency_ids(house: House) -> dict[str, int]:
    with house.db.transaction() as session:
        return {row.code: row.id for row in session.execute(text("select id, code from duties_agency"))}


def some_filter(
    rng: random.Random, states: list[str], agencies: dict[str, int]
) -> tuple[dict[str, Any], str, dict[str, Any]]:
    """(query, the same as SQL over `t`, its values)."""
    query: dict[str, Any] = {}
    where, values = ["true"], dict[str, Any]()
    if rng.random() < 0.6:
        day = rng.randrange(1, 20)
        query |= {"from": f"2026-03-{day:02}", "to": f"2026-03-{day + 9:02}T07:30:00+08:00"}
        where.append("t.happened_at >= cast(:since as timestamptz) and t.happened_at < cast(:until as timestamptz)")
        values |= {"since": f"2026-03-{day:02}T00:00:00+08:00", "until": query["to"]}
    if rng.random() < 0.5:
        query["category"] = rng.choice([["06"], ["06010", "1*"], ["0*"]])
        where.append("c.code ~ :category")
        values["category"] = "^(" + "|".join(one.rstrip("*") for one in query["category"]) + ")"
    if rng.random() < 0.5:
        query["status"] = values["status"] = rng.sample(states, 2)
        where.append(("t.status" if "open" in states else "t.state") + " = any(cast(:status as text[]))")
    if rng.random() < 0.5:
        query["channel"] = values["channel"] = [str(one) for one in rng.sample(list(Channel), 3)]
        where.append("t.channel = any(cast(:channel as text[]))")
    if rng.random() < 0.4:
        query["agency"] = agencies["CG"]
        where.append("t.agency_id = any(cast(:agency as bigint[]))")
        values["agency"] = [agencies["CG"], agencies["HW"]]  # with what is below it
    return query, " and ".join(where), values


@pytest.mark.parametrize("of", ["incidents", "cases"])
def test_ten_random_filters_say_what_sql_says(full: House, api: httpx.Client, of: str) -> None:
    rng, agencies = random.Random(17), agency_ids(full)
    states = [str(one) for one in Status] if of == "incidents" else list(STATES)
    for _ in range(10):
        query, where, values = some_filter(rng, states, agencies)
        rows = said(full, of, where, **values)
        by = BY if of == "incidents" else [*BY, "tier"]
        for one in by:
            found = ask(api, of=of, by=one, **query)
            expected = folded([row | {"tier": tier(row)} for row in rows], one)
            assert cells(found) == expected, (one, query)
            assert found["total"] == len(rows)
            inside = sum(row["outside"] is False for row in rows)
            if one in AREAS:
                assert found["unlocated"] == len(rows) - inside
                assert found["above_level"] == inside - sum(expected.values())
        first, second = rng.sample(by, 2)
        if not ({first, second} <= set(AREAS) or {first, second} <= set(TIMES)):
            pair = ask(api, of=of, by=first, then=second, **query)
            assert cells(pair) == folded([row | {"tier": tier(row)} for row in rows], first, second), (first, second)


def tier(row: dict[str, Any]) -> str:
    """As the store names it: nobody has it, an agency, or the office of a level."""
    return row["tier"] or ("none" if not row["agency"] else "agency")


def test_the_body_is_as_described(full: House, api: httpx.Client) -> None:
    answer = api.get("/api/v1/counts", params={"by": "grid", "then": "month", "measure": ["per_km2", "count"]})
    said_ = CountsBody.model_validate_json(answer.content)
    assert json.loads(said_.model_dump_json(by_alias=True))["counts"] == answer.json()["counts"]
    assert len(said_.codes) == len(said_.counts) == len(said_.then_codes or []) == len(said_.measures["per_km2"])
    assert answer.headers["cache-control"] == "private, no-cache"


def test_counts_follow_what_is_moved_merged_voided_deleted_and_given_another_home(
    full: House, api: httpx.Client
) -> None:
    before = cells(ask(api, by="grid"))
    for statement in (
        "update incidents set status = 'duplicate' where number % 5 = 1",
        "update incidents set status = 'void' where number % 5 = 2",
        "update incidents set happened_at = happened_at - interval '45 days' where number % 5 = 3",
        "update incidents set grid_id = (select min(grid_id) from incidents), unit_id = (select min(unit_id) from "
        "incidents) where number % 5 = 4",
        "update incidents set outside_m = 12 where number % 13 = 4",
        "update incidents set category_id = (select id from duties_category where code = '06010') where number % 3 = 1",
        "delete from cases where number % 6 = 1",
        "update cases set state = 'merged', merged_into = id, ended_at = happened_at where number % 6 = 2",
        "delete from incidents where id not in (select id from cases) and number % 7 = 0",
    ):
        with full.db.transaction() as session:
            assert session.execute(text(statement)).rowcount, statement  # type: ignore[attr-defined]
        for of in ("incidents", "cases"):
            rows = said(full, of, "true")
            for one in ("grid", "category", "status", "month"):
                assert cells(ask(api, of=of, by=one)) == folded(rows, one), (statement, one)
    assert cells(ask(api, by="grid")) != before


@pytest.mark.parametrize("zone", ["Europe/Helsinki", "America/New_York"])
def test_days_are_those_of_the_city_when_clocks_change(city: House, take: Taking, api: httpx.Client, zone: str) -> None:
    with city.db.transaction() as session:
        session.execute(text("update city set timezone = :zone"), {"zone": zone})
        session.execute(text("update platform_revision set revision = revision + 1"))
    days = ["03-07", "03-08", "03-09", "03-28", "03-29", "03-30", "10-24", "10-25", "10-26", "10-31", "11-01", "11-02"]
    take([Known(f"2026-{day}T{hour:02}:30:00+00:00") for day in days for hour in range(24)])
    rows = said(city, "incidents", "true")
    for one in TIMES:
        assert cells(ask(api, by=one)) == folded(rows, one)
        assert cells(ask(api, by=one, channel="import")) == folded(rows, one)
    short, long = {"Europe/Helsinki": ("03-29", "10-25"), "America/New_York": ("03-08", "11-01")}[zone]
    for changed, hours in ((short, 23), (long, 25)):
        day = f"2026-{changed}"
        assert cells(ask(api, by="day"))[day] == hours
        assert ask(api, by="day", **{"from": day, "to": f"{day}T23:59:59"})["total"] == hours


def test_measures_of_cases_are_those_of_sql(full: House, api: httpx.Client) -> None:
    names = ["overdue", "overdue_share", "ended", "closed", "closed_share", "response_median_s", "response_p90_s",
             "handling_median_s", "handling_p90_s"]  # fmt: skip
    columns = """
        count(*) filter (where late_from < now()) as overdue,
        count(*) filter (where late_from < now())::float / count(*) as overdue_share,
        count(ended_at) as ended, count(*) filter (where state = 'closed') as closed,
        count(*) filter (where state = 'closed')::float / nullif(count(ended_at), 0) as closed_share,
        percentile_cont(0.5) within group (order by extract(epoch from accepted_at - opened_at)) as response_median_s,
        percentile_cont(0.9) within group (order by extract(epoch from accepted_at - opened_at)) as response_p90_s,
        percentile_cont(0.5) within group (order by extract(epoch from ended_at - opened_at)) as handling_median_s,
        percentile_cont(0.9) within group (order by extract(epoch from ended_at - opened_at)) as handling_p90_s
    """
    keys = {"category": "c.code", "agency": "coalesce(a.code, '')", "grid": "v.code"}
    for by, key in keys.items():
        found = ask(api, of="cases", by=by, measure=names)
        with full.db.transaction() as session:
            expected = session.execute(
                text(
                    f"select {key} as key, count(*) as n, {columns} from cases t "
                    "join duties_category c on c.id = t.category_id left join duties_agency a on a.id = t.agency_id "
                    "left join areas_version v on v.area_id = t.grid_id and upper_inf(v.valid) "
                    f"where {key} is not null group by 1"
                )
            ).all()
        assert cells(found) == {row.key: row.n for row in expected}
        place = {code: i for i, code in enumerate(found["codes"])}
        for row in expected:
            for name in names:
                value, told = getattr(row, name), found["measures"][name][place[row.key]]
                if value is None:
                    assert told is None, (name, row.key)
                else:
                    assert told == pytest.approx(float(value), abs=1e-6), (name, row.key)
    assert any(found["measures"]["overdue"])
    assert any(found["measures"]["closed_share"])


def test_measures_of_areas(full: House, api: httpx.Client) -> None:
    for area in ("A01", "A01", "B05", "W1"):
        appoint(full, Role.GRID_WORKER, area=area)
    appoint(full, Role.COMMUNITY_OFFICER, area="A01")  # is none
    measures = ["per_100_households", "per_km2", "per_worker"]
    for level in ("grid", "community"):
        found = ask(api, by=level, measure=measures)
        with full.db.transaction() as session:
            rows = session.execute(
                text(
                    """
                    select v.code, v.area_m2 / 1e6 as km2,
                           (select sum(g.households) from areas_version g
                            where g.level = 'grid' and upper_inf(g.valid)
                              and v.area_id in (g.area_id, g.parent_id)) as homes,
                           (select count(*) from auth_post p join areas_version w on w.area_id = p.area_id
                            where p.role = 'grid_worker' and upper_inf(w.valid)
                              and v.area_id in (w.area_id, case when w.level = 'grid' then w.parent_id end)) as workers
                    from areas_version v where v.level = :level and upper_inf(v.valid)
                    """
                ),
                {"level": level},
            ).all()
        counted = cells(found)
        for row in rows:
            i, n = found["codes"].index(row.code), counted.get(row.code, 0)
            told = [found["measures"][one][i] for one in measures]
            whole = [float(row.homes or 0) / 100, row.km2, row.workers]
            for value, divisor in zip(told, whole, strict=True):
                assert value == (None if not divisor else pytest.approx(n / divisor, rel=1e-5, abs=1e-6)), row.code
    assert sum(one is not None for one in found["measures"]["per_worker"]) >= 2


def test_an_area_is_counted_with_what_lies_below_it(full: House, api: httpx.Client) -> None:
    rows = said(full, "incidents", "true")
    with full.db.transaction() as session:
        areas = full.locator.index(session).areas
    for area in areas:
        inside = [row for row in rows if row[str(area.level)] == area.code]
        assert ask(api, by="category", area=area.id)["total"] == len(inside)
        assert cells(ask(api, by="grid", area=area.id)) == folded(inside, "grid")
        assert cells(ask(api, by="district", area=area.id)) == folded(inside, "district")


def test_an_answer_that_is_still_true_is_not_sent_again(full: House, api: httpx.Client, take: Taking) -> None:
    query: dict[str, Any] = {"by": "grid", "category": "06*"}
    first = api.get("/api/v1/counts", params=query)
    tag = {"If-None-Match": first.headers["etag"]}
    again = api.get("/api/v1/counts", params=query, headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert api.get("/api/v1/counts", params=query | {"category": "09*"}, headers=tag).status_code == 200
    assert api.get("/api/v1/counts", params=query | {"then": "day"}, headers=tag).status_code == 200
    take([Known("2026-03-05T00:00:00+00:00")])
    changed = api.get("/api/v1/counts", params=query, headers=tag)
    assert changed.json()["total"] == first.json()["total"] + 1
    clock = api.get("/api/v1/counts", params={"by": "grid", "of": "cases", "measure": "overdue"})
    assert "etag" not in clock.headers  # becomes untrue by itself


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"by": "grid", "from": "2026-03-02", "to": "2026-03-01"}, "bad-period", "to"),
    ({"by": "grid", "category": "77"}, "unknown-category", "category"),
    ({"by": "grid", "category": ["06", "77*"]}, "unknown-category", "category"),
    ({"by": "grid", "status": "lost"}, "unknown-status", "status"),
    ({"by": "grid", "status": "handling"}, "unknown-status", "status"),  # of cases
    ({"by": "grid", "of": "cases", "status": "open"}, "unknown-status", "status"),
    ({"by": "grid", "agency": 999_999}, "unknown-agency", "agency"),
    ({"by": "grid", "area": 999_999}, "area-unknown", "area"),
    ({"by": "grid", "from": "2026-03-01T00:00:00.5+08:00"}, "bad-period", "from"),
    ({"by": "grid", "measure": "overdue"}, "bad-grouping", "measure"),
    ({"by": "day", "measure": "per_km2"}, "bad-grouping", "measure"),
    ({"by": "tier"}, "bad-grouping", "by"),
    ({"by": "grid", "then": "community"}, "bad-grouping", "then"),
    ({"by": "day", "then": "month"}, "bad-grouping", "then"),
    ({"by": "status", "then": "status"}, "bad-grouping", "then"),
    ({"by": "day", "from": "1950-01-01", "to": "2020-01-01"}, "bad-period", "to"),
]


def test_bad_input_is_told_with_field_and_remedy(city: House, api: httpx.Client) -> None:
    for query, code, field in BAD:
        answer = api.get("/api/v1/counts", params=query)
        body = answer.json()
        status = 404 if code == "area-unknown" else 422
        assert (answer.status_code, body["code"], body.get("field")) == (status, code, field), query
        assert body["remedy"]
    for odd in ({"channel": "pigeon"}, {"by": "weather"}, {"measure": "mood"}, {"area": "0"}):
        answer = api.get("/api/v1/counts", params={"by": "grid", **odd})
        assert answer.status_code == 422, answer.text
        assert next(iter(odd)) in answer.text


def test_a_filter_that_nothing_matches_is_empty_and_no_error(full: House, api: httpx.Client) -> None:
    found = ask(api, by="grid", **{"from": "2031-01-01", "to": "2031-02-01"})
    assert (found["total"], sum(found["counts"]), len(found["codes"])) == (0, 0, 16)
    assert ask(api, by="category", category="10001", status="void", **{"to": "2020-01-01"})["codes"] == []
    assert ask(api, by="day", **{"from": "2031-01-01"})["counts"] == []


def test_ten_thousand_categories_are_answered(full: House, api: httpx.Client) -> None:
    with full.db.transaction() as session:
        session.execute(
            text(
                "insert into duties_category (code, kind, group_code, names) "
                "select 'Z' || to_char(g, 'FM00000'), kind, group_code, names from duties_category, "
                "generate_series(1, 10000) g where code = '06010'"
            )
        )
        session.execute(
            text(
                "update incidents set category_id = (select id from duties_category where code = "
                "'Z' || to_char(1 + number % 9999, 'FM00000'))"
            )
        )
        session.execute(text("update platform_revision set revision = revision + 1"))
    rows = said(full, "incidents", "true")
    assert cells(ask(api, by="category")) == folded(rows, "category")
    assert cells(ask(api, by="grid", category="Z*")) == folded(rows, "grid")
    some = [row for row in rows if row["category"] < "Z00400"]
    assert cells(ask(api, by="grid", category=["Z000*", "Z001*", "Z002*", "Z003*"])) == folded(some, "grid")
    assert cells(ask(api, by="grid", then="category")) == folded(rows, "grid", "category")
