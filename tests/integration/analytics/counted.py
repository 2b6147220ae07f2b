"""A city of incidents and cases of every kind, and what SQL says of them: rows by place and time, folded by hand."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text

from gridgov.analytics.store.columns import STATES
from gridgov.areas.rules import Level
from gridgov.bootstrap import House
from gridgov.incidents.rules import Channel, Status
from gridgov.platform.clock import utcnow
from tests import sample
from tests.integration.analytics.conftest import Known, Taking

START = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 40
CASES_SQL = """
insert into cases (id, number, happened_at, category_id, channel, state, version, opened_at, accepted_at, changed_at,
                   ended_at, late_from, level, area_id, grid_id, unit_id, agency_id, agency_ids, geom)
select i.id, i.number, i.happened_at, i.category_id, i.channel, (cast(:states as text[]))[1 + i.number % 16], 1,
       i.happened_at,
       case when i.number % 5 > 0 then i.happened_at + (i.number * 977 % 90000) * interval '1 second' end,
       i.happened_at,
       case when i.number % 3 > 0 then i.happened_at + (100000 + i.number * 7919 % 900000) * interval '1 second' end,
       case when i.number % 4 > 0 then i.happened_at + (i.number * 31 % 600) * interval '1 day' end,
       (array['grid', 'community', 'subdistrict', null])[1 + i.number % 4],
       i.area_id, i.grid_id, i.unit_id, i.agency_id,
       case when i.agency_id is null then '{}' else array[i.agency_id] end, i.geom
from incidents i where i.number % 7 <> 0
"""


def crowd(house: House, take: Taking, *, seed: int, n: int = 500, cases: bool = True, rim: float = 0.003) -> None:
    """n incidents over 40 days in and around the sample city, of every channel and status, and `cases` of most.
    `rim`: degrees around it."""
    rng = random.Random(seed)
    made = []
    for _ in range(n):
        lon = rng.uniform(sample.LON0 - rim, sample.LON0 + 8 * sample.STEP + rim)
        lat = rng.uniform(sample.LAT0 - rim, sample.LAT0 + 2 * sample.STEP + rim)
        at = START + timedelta(seconds=rng.randrange(DAYS * 86_400))
        status = rng.choice(list(Status))
        made.append(Known(at.isoformat(), (lon, lat), rng.choice(["06010", "09009", "10001"]), status))
    take(made)
    with house.db.transaction() as session:
        channels = list(Channel)
        session.execute(
            text(
                "update incidents set channel = (cast(:channels as text[]))[1 + number % :n], agency_id = "
                "(select id from duties_agency where code = (array['CG', 'HW', 'JJ', ''])[1 + number % 4]) "
            ),
            {"channels": channels, "n": len(channels)},
        )
        session.execute(  # some lie in a community, without a grid
            text(
                "update incidents i set grid_id = null, area_id = v.parent_id from areas_version v "
                "where v.area_id = i.grid_id and i.number % 11 = 0"
            )
        )
        if cases:
            session.execute(text(CASES_SQL), {"states": list(STATES)})


def ask(api: httpx.Client, **query: Any) -> dict[str, Any]:
    """The answer of `/counts`."""
    answer = api.get("/api/v1/counts", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def cells(found: Mapping[str, Any]) -> dict[Any, int]:
    """Code, or pair of codes -> count, without empty ones."""
    keys = found["codes"] if found["then_codes"] is None else zip(found["codes"], found["then_codes"], strict=True)
    return {key: n for key, n in zip(keys, found["counts"], strict=True) if n}


def said(house: House, table: str, where: str, **values: Any) -> list[dict[str, Any]]:
    """Rows of the table with what they are grouped by, as SQL and the tree of areas say it."""
    outside = "t.outside_m > 0" if table == "incidents" else "false"
    more = "t.status, 'none' as tier" if table == "incidents" else "t.state as status, t.level as tier"
    with house.db.transaction() as session:
        zone = session.execute(text("select timezone from city")).scalar_one()
        index = house.locator.index(session, utcnow())
        found = session.execute(
            text(
                f"""
                select coalesce(t.grid_id, t.area_id) as home, t.unit_id, {outside} as outside, c.code as category,
                       coalesce(a.code, '') as agency, t.channel, {more},
                       (t.happened_at at time zone :zone)::date as day, t.*
                from {table} t join duties_category c on c.id = t.category_id
                left join duties_agency a on a.id = t.agency_id where {where}
                """
            ),
            {"zone": zone, **values},
        )
        rows = [dict(row._mapping) for row in found]
    for row in rows:
        home = row["home"] if index.get(row["home"]) is not None else row["unit_id"]
        path = {area.level: area.code for area in index.path_of(home)}
        for level in Level:
            row[str(level)] = None if row["outside"] else path.get(level)
        day: date = row["day"]
        row["week"] = (day - timedelta(days=day.weekday())).isoformat()
        row["month"], row["day"] = day.isoformat()[:7], day.isoformat()
    return rows


def folded(rows: list[dict[str, Any]], *by: str) -> Counter[Any]:
    """The same by one or two of them; areas that are not there are left out."""
    keys = (tuple(row[one] for one in by) for row in rows)
    return Counter(key if len(by) > 1 else key[0] for key in keys if None not in key)
