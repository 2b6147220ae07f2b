"""SQL of several files that begin at once: what they share is sent once, what differs as arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from gridgov.cases.queries import CHANGING, CLOCK, EVENT, recounted
from gridgov.platform.bulk import array
from gridgov.platform.db import cursor

# What differs between files of one channel, with its type; `place` as text, for an array of documents has none.
OWN: Mapping[str, str] = {
    "case_id": "uuid", "number": "bigint", "happened_at": "timestamptz", "category_id": "integer", "item_id": "bigint",
    "area_id": "bigint", "grid_id": "bigint", "unit_id": "bigint", "place": "text", "lon": "float8", "lat": "float8",
    "account_id": "bigint", "post_id": "bigint", "role": "text", "by_agency": "bigint", "by_area": "bigint",
}  # fmt: skip
_SAME = [name for name in EVENT if name not in OWN]
_CASTS = {"limits": "::jsonb", "facts": "::jsonb"}
_CLOCK = ", ".join(f'"{name}"' for name in CLOCK)
_ADD = f"""
    with sent as materialized (
        select * from unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in OWN.items())}) as s ({", ".join(OWN)})
    ), made as (
        insert into cases (id, number, happened_at, category_id, item_id, channel, opened_at, area_id, grid_id, unit_id,
                           place, geom, {", ".join(CHANGING)})
        select case_id, number, happened_at, category_id, item_id, %(channel)s, %(at)s, area_id, grid_id, unit_id,
               place::jsonb, st_setsrid(st_makepoint(lon, lat), 4326), {", ".join(f"%(c_{name})s" for name in CHANGING)}
        from sent
    ), told as (
        insert into cases_event (number, case_id, account_id, post_id, role, by_agency, by_area, {", ".join(_SAME)})
        select number, case_id, account_id, post_id, role, by_agency, by_area,
               {", ".join(f"%({name})s{_CASTS.get(name, '')}" for name in _SAME)}
        from sent
    )
    insert into cases_clock (number, case_id, {_CLOCK})
    select s.number, s.case_id, {", ".join(f'n."{name}"' for name in CLOCK)}
    from sent s cross join jsonb_to_recordset(%(clocks)s::jsonb)
         n ({", ".join(f'"{name}" {kind}' for name, kind in CLOCK.items())})
"""  # noqa: S608  # names are those of the code


def add(
    session: Session,
    own: Sequence[Mapping[str, Any]],
    event: Mapping[str, Any],
    case: Mapping[str, Any],
    clocks: Sequence[Mapping[str, Any]],
) -> None:
    """Files of one channel with the first event and clocks that they share. `own`: of each, the columns of `OWN`, and
    what else never changes."""
    cursor(session).execute(
        _ADD,
        {
            **{name: event[name] for name in _SAME},
            **recounted(case, clocks),
            **{name: array(one[name] for one in own) for name in OWN},
            "channel": own[0]["channel"],
            "limits": json.dumps(event["limits"]),
            "facts": json.dumps(event["facts"], ensure_ascii=False),
        },
    )
