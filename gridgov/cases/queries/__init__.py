"""SQL of cases: one file, its history, and what an event changes. Private to the domain. Lists lie in `worklists`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.auth.scope import condition

CASE = (
    "id", "number", "happened_at", "category_id", "item_id", "channel", "state", "version", "opened_at", "accepted_at",
    "changed_at", "ended_at", "next_due_at", "next_yellow_at", "late_from", "suspended_until", "level", "area_id",
    "grid_id", "unit_id", "agency_id", "office_id", "agency_ids", "merged_into", "whistles", "returns", "reworks",
    "extensions", "hops", "on_spot", "forced", "asking", "place",
)  # fmt: skip
EVENT = (
    "seq", "at", "action", "before", "after", "account_id", "post_id", "role", "by_agency", "by_area", "to_agency",
    "to_area", "to_level", "summons", "reason", "text", "limits", "facts",
)  # fmt: skip
CLOCK: Mapping[str, str] = {
    "seq": "smallint", "summons": "smallint", "name": "text", "limit": "text", "extended": "text[]",
    "agency_id": "bigint", "office_id": "bigint", "started_at": "timestamptz", "due_at": "timestamptz",
    "yellow_at": "timestamptz", "running": "boolean", "used": "bigint", "paused_at": "timestamptz",
    "ended_at": "timestamptz", "late": "boolean",
}  # fmt: skip
SUMMONS: Mapping[str, str] = {
    "summons": "smallint", "whistle": "smallint", "kind": "text", "ground": "text", "part": "text", "state": "text",
    "agency_id": "bigint", "called_at": "timestamptz", "signed_at": "timestamptz", "contacted_at": "timestamptz",
    "answered_at": "timestamptz", "ended_at": "timestamptz", "ended_by": "text", "refused": "boolean",
    "late": "boolean", "declined": "smallint", "reworks": "smallint", "extensions": "smallint", "asking": "boolean",
    "sign_due_at": "timestamptz", "contact_due_at": "timestamptz", "report_due_at": "timestamptz",
    "yellow_at": "timestamptz", "sign_late": "boolean", "contact_late": "boolean", "report_late": "boolean",
    "whistled_at": "timestamptz", "whistle_ended_at": "timestamptz", "withdrawn": "boolean", "meetings": "smallint",
    "attended": "smallint", "meeting_at": "timestamptz", "meeting_place": "text", "leads": "text[]",
}  # fmt: skip
RATING = (
    "seq", "summons", "agency_id", "at", "final", "period", "speed", "quality", "reason", "account_id", "post_id",
    "corrects", "second_id",
)  # fmt: skip
CHANGING = (
    "state", "version", "accepted_at", "changed_at", "ended_at", "next_due_at", "next_yellow_at", "late_from",
    "suspended_until", "level", "agency_id", "office_id", "agency_ids", "merged_into", "whistles", "returns",
    "reworks", "extensions", "hops", "on_spot", "forced", "asking",
)  # fmt: skip
_SHOWN = ", ".join(f"c.{name}" for name in CASE) + ", st_x(c.geom) as lon, st_y(c.geom) as lat"
_NAMED = "k.code as category_code, k.names as category_names"
ONE = f"select {_SHOWN}, {_NAMED} from cases c join duties_category k on k.id = c.category_id"  # noqa: S608  # of names
_HISTORY = text(f"select {', '.join(EVENT)} from cases_event where number = :number order by seq")  # noqa: S608  # of names
_LOCKED = text(f"{ONE} where c.id = :id for update of c")


def one(session: Session, case_id: UUID, reach: Reach) -> Row[Any] | None:
    """By id, if it lies within the reach."""
    within, values = condition(reach, "c", many=True)
    return session.execute(text(f"{ONE} where c.id = :id and {within}"), {"id": case_id, **values}).one_or_none()


def locked(session: Session, case_id: UUID) -> Row[Any]:
    """The case alone, until the transaction ends."""
    return session.execute(_LOCKED, {"id": case_id}).one()


def bare(session: Session, case_id: UUID) -> Row[Any] | None:
    """(number, channel) of a case, for what works on that case alone."""
    return session.execute(text("select number, channel from cases where id = :id"), {"id": case_id}).one_or_none()


def history(session: Session, number: int) -> list[Row[Any]]:
    """Its events, first one first."""
    return list(session.execute(_HISTORY, {"number": number}))


# --- writing ------------------------------------------------------------------------------------------------------

_EVENT_IN = ", ".join(f":{name}" for name in EVENT).replace(":limits", "cast(:limits as jsonb)").replace(
    ":facts", "cast(:facts as jsonb)"
)  # fmt: skip


def _records(columns: Mapping[str, str]) -> str:
    return ", ".join(f'"{name}" {kind}' for name, kind in columns.items())


def _named(columns: Mapping[str, str], prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{name}"' for name in columns)


_CLOCKS = f"""
    insert into cases_clock (number, case_id, {_named(CLOCK)})
    select :number, :case_id, {_named(CLOCK, "n.")}
    from jsonb_to_recordset(cast(:clocks as jsonb)) n ({_records(CLOCK)})
"""  # noqa: S608  # names are those of this module
_KEPT = {"seq", "summons", "name", "limit", "started_at"}
_CLOCKS_CHANGE = f"""{_CLOCKS} on conflict (number, seq, summons, name) do update set
    {", ".join(f'"{name}" = excluded."{name}"' for name in CLOCK if name not in _KEPT)},
    told = case when excluded.yellow_at <> cases_clock.yellow_at then null
                when excluded.due_at <> cases_clock.due_at and cases_clock.told = 'red' then 'yellow'
                else cases_clock.told end
"""
_EVENT = f"""
    insert into cases_event (number, case_id, {", ".join(EVENT)}) values (:number, :case_id, {_EVENT_IN})
"""  # noqa: S608  # the same
ADD = text(
    f"""
    with made as (
        insert into cases (id, number, happened_at, category_id, item_id, channel, opened_at, area_id, grid_id, unit_id,
                           place, geom, {", ".join(CHANGING)})
        values (:case_id, :number, :happened_at, :category_id, :item_id, :channel, :at, :area_id, :grid_id, :unit_id,
                cast(:place as jsonb), st_setsrid(st_makepoint(:lon, :lat), 4326),
                {", ".join(f":c_{name}" for name in CHANGING)})
    ), told as ({_EVENT})
    {_CLOCKS}
    """  # noqa: S608  # the same
)
CHANGE = text(
    f"""
    with told as ({_EVENT}), moved as (
        update cases set {", ".join(f"{name} = :c_{name}" for name in CHANGING)} where id = :case_id
    )
    {_CLOCKS_CHANGE}
    """  # noqa: S608  # the same
)
RECOUNT = text(
    f"""
    with moved as (
        update cases set {", ".join(f"{name} = :c_{name}" for name in CHANGING)} where id = :case_id
    )
    {_CLOCKS_CHANGE}
    """  # noqa: S608  # the same
)
CALLED = text(
    f"""
    insert into cases_summons (number, case_id, area_id, grid_id, unit_id, {_named(SUMMONS)})
    select :number, :case_id, :area_id, :grid_id, :unit_id, {_named(SUMMONS, "n.")}
    from jsonb_to_recordset(cast(:summons as jsonb)) n ({_records(SUMMONS)})
    on conflict (number, summons) do update set
    {", ".join(f'"{name}" = excluded."{name}"' for name in SUMMONS if name not in ("summons", "whistle", "agency_id"))}
    """  # noqa: S608  # the same
)
RATED = text(
    f"""
    insert into cases_rating (number, case_id, area_id, grid_id, unit_id, {", ".join(RATING)})
    values (:number, :case_id, :area_id, :grid_id, :unit_id, {", ".join(f":{name}" for name in RATING)})
    """  # noqa: S608  # the same
)


def recounted(case: Mapping[str, Any], clocks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What `RECOUNT` takes besides the case's number and id."""
    return {**{f"c_{name}": case[name] for name in CHANGING}, "clocks": _json(clocks)}


def _values(event: Mapping[str, Any], case: Mapping[str, Any], clocks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        **event,
        "limits": json.dumps(event["limits"]),
        "facts": json.dumps(event["facts"], ensure_ascii=False),
        **recounted(case, clocks),
    }


def add(
    session: Session,
    fixed: Mapping[str, Any],
    event: Mapping[str, Any],
    case: Mapping[str, Any],
    clocks: Sequence[Mapping[str, Any]],
) -> None:
    """The first row of a case with its first event and clocks. `fixed`: what events never change."""
    session.execute(ADD, {**fixed, **_values(event, case, clocks)})


def change(
    session: Session,
    number: int,
    case_id: UUID,
    event: Mapping[str, Any],
    case: Mapping[str, Any],
    clocks: Sequence[Mapping[str, Any]],
) -> None:
    """One more event, and what it makes of the case and its clocks."""
    session.execute(CHANGE, {"number": number, "case_id": case_id, **_values(event, case, clocks)})


def call(session: Session, row: Row[Any], summons: Sequence[Mapping[str, Any]]) -> None:
    """Summons that are new or changed."""
    session.execute(CALLED, {**_where(row), "summons": _json(summons)})


def rate(session: Session, row: Row[Any], rating: Mapping[str, Any]) -> None:
    session.execute(RATED, {**_where(row), **rating})


def _where(row: Row[Any]) -> dict[str, Any]:
    return {
        "number": row.number, "case_id": row.id, "area_id": row.area_id, "grid_id": row.grid_id, "unit_id": row.unit_id,
    }  # fmt: skip


def settings(session: Session) -> dict[str, Any]:
    """What the city sets otherwise."""
    return {row.name: row.value for row in session.execute(text("select name, value from cases_setting"))}


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps([{name: _plain(value) for name, value in row.items()} for row in rows], ensure_ascii=False)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value
