"""SQL of admissions: requests, whom they concern, opinions, steps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.platform.bulk import stage

ASKED = (
    "agency_id", "title", "category", "item", "part", "target_ids", "all_of", "within_id", "plan", "basis", "burdens",
    "total_yuan", "begins_at", "ends_at", "renews_id",
)  # fmt: skip
# What time has made of the state, whether or not that was written down: `admitting.state_at`.
STATE_NOW = """case when a.state = 'submitted' and a.opinions_due_at <= :now then 'heard'
                    when a.state = 'admitted' and a.ends_at <= :now then 'expired' else a.state end"""
SHOWN = """
    select a.*, g.code as agency_code, g.names as agency_names
    from duties_admission a join duties_agency g on g.id = a.agency_id
"""


def visible(reach: Reach) -> tuple[str, dict[str, Any]]:
    """Which requests a reach shows, as a condition over `a`: an agency its own and those of agencies under it; others,
    once submitted, what is placed on their areas."""
    if reach.city:
        return "a.submitted_at is not null", {}
    parts, values = [], {}
    if reach.agencies:
        parts.append("a.agency_id = any (:reach_agencies)")
        values["reach_agencies"] = list(reach.agencies)
    if reach.units or reach.places:
        parts.append(
            "exists (select from duties_admission_target t where t.admission_id = a.id "
            "and (t.unit_id = any (:reach_units) or t.area_id = any (:reach_places)))"
        )
        values |= {"reach_units": list(reach.units), "reach_places": list(reach.places)}
    return (f"({' or '.join(parts)})" if parts else "false"), values


def add(session: Session, key: UUID, digest: bytes, asked: Mapping[str, Any], account_id: int, at: datetime) -> int:
    """A draft; the id, or 0 where the key was used before."""
    found = session.execute(
        text(
            f"insert into duties_admission (key, digest, {', '.join(ASKED)}, state, created_by, created_at) "  # noqa: S608 -- fixed names
            f"values (:key, :digest, {_values()}, 'draft', :account, :at) on conflict (key) do nothing returning id"
        ),
        {**_asked(asked), "key": key, "digest": digest, "account": account_id, "at": at},
    ).scalar_one_or_none()
    return int(found or 0)


def change(session: Session, admission_id: int, digest: bytes, asked: Mapping[str, Any]) -> None:
    """Writes a draft anew."""
    names = ", ".join(f"{name} = {value}" for name, value in zip(ASKED, _values().split(", "), strict=True))
    session.execute(
        text(f"update duties_admission set digest = :digest, {names} where id = :id"),  # noqa: S608 -- fixed names
        {**_asked(asked), "digest": digest, "id": admission_id},
    )


def _values() -> str:
    return ", ".join("cast(:burdens as jsonb)" if name == "burdens" else f":{name}" for name in ASKED)


def _asked(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {**asked, "burdens": json.dumps(asked["burdens"], sort_keys=True)}


def by_key(session: Session, key: UUID) -> Row[Any] | None:
    """(id, digest) of the request with the client's key."""
    return session.execute(text("select id, digest from duties_admission where key = :key"), {"key": key}).one_or_none()


def one(session: Session, admission_id: int, reach: Reach, *, lock: bool = False) -> Row[Any] | None:
    """One request within reach; with `lock` nobody else moves it meanwhile."""
    where, values = visible(reach)
    if lock:
        session.execute(text("select from duties_admission where id = :id for update"), {"id": admission_id})
    sql = f"{SHOWN} where a.id = :id and {where}"
    return session.execute(text(sql), {"id": admission_id, **values}).one_or_none()


def find(session: Session, reach: Reach, filters: Mapping[str, Any], *, now: datetime, limit: int) -> list[Row[Any]]:
    """Newest first; a filter that is None is left out: state (as of now), agency (its id), area (placed on it),
    before (an id)."""
    where, values = visible(reach)
    clauses = {
        "state": f"{STATE_NOW} = :state",
        "agency": "a.agency_id = :agency",
        "area": "exists (select from duties_admission_target x where x.admission_id = a.id and x.area_id = :area)",
        "before": "a.id < :before",
    }
    given = {name: value for name, value in filters.items() if value is not None}
    wheres = " and ".join([where, *(clauses[name] for name in given)])
    given |= {"now": now} if "state" in given else {}
    return list(
        session.execute(
            text(f"{SHOWN} where {wheres} order by a.id desc limit :limit"), {**values, **given, "limit": limit}
        )
    )


def move(session: Session, admission_id: int, state: str, **values: Any) -> None:
    """Another state, with what goes with it."""
    names = "".join(f", {name} = :{name}" for name in values)
    session.execute(
        text(f"update duties_admission set state = :state{names} where id = :id"),  # noqa: S608 -- names of our callers
        {"id": admission_id, "state": state, **values},
    )


def add_targets(session: Session, admission_id: int, rows: Iterable[tuple[int, int, str]]) -> int:
    """Rows: area_id, unit_id, level."""
    stage(session, "new_target", (("area_id", "bigint"), ("unit_id", "bigint"), ("level", "text")), rows)
    done = session.execute(
        text(
            "insert into duties_admission_target (admission_id, area_id, unit_id, level) "
            "select :id, area_id, unit_id, level from new_target"
        ),
        {"id": admission_id},
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # an INSERT's result has it; the general type has not


def targets(session: Session, admission_id: int) -> list[Row[Any]]:
    """(area_id, unit_id, level), by area."""
    return list(
        session.execute(
            text("select area_id, unit_id, level from duties_admission_target where admission_id = :id order by 1"),
            {"id": admission_id},
        )
    )


def add_opinion(
    session: Session, admission_id: int, unit_id: int, stance: str, reason: str, account_id: int, post_id: int | None,
    at: datetime,
) -> bool:  # fmt: skip
    """Whether it was the unit's first."""
    done = session.execute(
        text(
            "insert into duties_admission_opinion (admission_id, unit_id, stance, reason, at, account_id, post_id) "
            "values (:id, :unit, :stance, :reason, :at, :account, :post) "
            "on conflict (admission_id, unit_id) do nothing"
        ),
        {
            "id": admission_id, "unit": unit_id, "stance": stance, "reason": reason, "at": at, "account": account_id,
            "post": post_id,
        },
    )  # fmt: skip
    return bool(done.rowcount)  # type: ignore[attr-defined]  # an INSERT's result has it; the general type has not


def silence(session: Session, admission_id: int, at: datetime) -> int:
    """Writes down that every unit without an opinion was silent; how many."""
    done = session.execute(
        text(
            "insert into duties_admission_opinion (admission_id, unit_id, stance, at) "
            "select distinct t.admission_id, t.unit_id, 'silent', cast(:at as timestamptz) "
            "from duties_admission_target t where t.admission_id = :id and not exists ("
            "  select from duties_admission_opinion o where o.admission_id = :id and o.unit_id = t.unit_id)"
        ),
        {"id": admission_id, "at": at},
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # an INSERT's result has it; the general type has not


def opinions(session: Session, admission_id: int) -> list[Row[Any]]:
    """(unit_id, stance, reason, at) of every unit that is asked; stance null: none yet."""
    return list(
        session.execute(
            text(
                "select t.unit_id, o.stance, o.reason, o.at from (select distinct unit_id "
                "from duties_admission_target where admission_id = :id) t "
                "left join duties_admission_opinion o on o.admission_id = :id and o.unit_id = t.unit_id order by 1"
            ),
            {"id": admission_id},
        )
    )


def add_step(
    session: Session, admission_id: int, before: str | None, after: str, account_id: int | None, post_id: int | None,
    at: datetime, note: str | None,
) -> None:  # fmt: skip
    session.execute(
        text(
            "insert into duties_admission_step (admission_id, from_state, to_state, account_id, post_id, at, note) "
            "values (:id, :before, :after, :account, :post, :at, :note)"
        ),
        {
            "id": admission_id, "before": before, "after": after, "account": account_id, "post": post_id, "at": at,
            "note": note,
        },
    )  # fmt: skip


def steps(session: Session, admission_id: int) -> list[Row[Any]]:
    """(from_state, to_state, post_id, at, note), first one first."""
    return list(
        session.execute(
            text(
                "select from_state, to_state, post_id, at, note from duties_admission_step "
                "where admission_id = :id order by id"
            ),
            {"id": admission_id},
        )
    )


def of_own_line(session: Session, account_id: int, agency_id: int, at: datetime) -> bool:
    """Whether the account holds a post in the agency, or in one above or below it."""
    return bool(
        session.execute(
            text("select duties_own_line(:account, :agency, :at)"),
            {"account": account_id, "agency": agency_id, "at": at},
        ).scalar_one()
    )


def past(session: Session, now: datetime) -> list[Row[Any]]:
    """(id, state, agency_id) of requests whose opinions or period are over and that nobody has moved yet, locked."""
    return list(
        session.execute(
            text(
                """
                select id, state, agency_id from duties_admission
                where (state = 'submitted' and opinions_due_at <= :now) or (state = 'admitted' and ends_at <= :now)
                order by id for update skip locked
                """
            ),
            {"now": now},
        )
    )


def open_list(session: Session, admission_id: int) -> Row[Any] | None:
    """(id, since) of the list by which an admission is in force and that nobody has ended."""
    return session.execute(
        text(
            "select l.id, lower(l.valid) as since from duties_list l where l.state = 'published' "
            "and upper_inf(l.valid) and exists "
            "(select from duties_item i where i.list_id = l.id and i.admission_id = :id)"
        ),
        {"id": admission_id},
    ).one_or_none()


def has_sites(session: Session, agency_id: int) -> bool:
    """Whether the agency, or one right below it, works from sites."""
    return bool(
        session.execute(
            text(
                "select exists (select from duties_site s join duties_agency g on g.id = s.agency_id "
                "where :agency in (g.id, g.parent_id))"
            ),
            {"agency": agency_id},
        ).scalar_one()
    )


def matters(session: Session, pattern: str) -> int:
    """How many matters of the catalogue a code, or a prefix ending in `*`, takes in."""
    return int(
        session.execute(
            text(
                "select count(*) from duties_category where kind = 'matter' and "
                "(code = :pattern or right(:pattern, 1) = '*' and starts_with(code, left(:pattern, -1)))"
            ),
            {"pattern": pattern},
        ).scalar_one()
    )


def known_areas(session: Session, area_ids: Sequence[int]) -> set[int]:
    """Those of the ids that are of areas, in force or not."""
    sql = text("select id from areas where id = any (cast(:ids as bigint[]))")
    return set(session.execute(sql, {"ids": list(area_ids)}).scalars())


def units_with_targets(session: Session, admission_ids: Sequence[int]) -> list[Row[Any]]:
    """(admission_id, targets, units, supporting, opposing, silent) for a list of requests."""
    return list(
        session.execute(
            text(
                """
                select t.admission_id, t.targets, t.units, o.supporting, o.opposing, o.silent
                from (select admission_id, count(*) as targets, count(distinct unit_id) as units
                      from duties_admission_target where admission_id = any (:ids) group by admission_id) t
                cross join lateral (
                    select count(*) filter (where x.stance = 'support') as supporting,
                           count(*) filter (where x.stance = 'oppose') as opposing,
                           count(*) filter (where x.stance = 'silent') as silent
                    from duties_admission_opinion x where x.admission_id = t.admission_id
                ) o
                """
            ),
            {"ids": list(admission_ids)},
        )
    )
