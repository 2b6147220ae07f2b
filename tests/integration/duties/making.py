"""Duty lists of the sizes that Laiyang published (domain A50), with content of our own, for the sample city.

Powers 85, public services 124, tasks 185, territorial duties 163. Between them every matter of a larger catalogue has
an owner, and no two items of one list are equally strong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.audit import approval
from gridgov.bootstrap import Caller, House, Work
from gridgov.duties import drafts, service
from gridgov.duties.drafts import Published
from gridgov.duties.rules import ListKind, ManagementClass, NewItem, RiskPoint
from gridgov.duties.service import NewCategory
from tests.people import Person

SIZES: Mapping[ListKind, int] = {
    ListKind.POWERS: 85,
    ListKind.PUBLIC_SERVICES: 124,
    ListKind.TASKS: 185,
    ListKind.TERRITORIAL: 163,
}
NAMES: Mapping[ListKind, str] = {
    ListKind.POWERS: "镇街权力事项清单",
    ListKind.PUBLIC_SERVICES: "镇街公共服务事项清单",
    ListKind.TASKS: "镇街职责任务清单",
    ListKind.TERRITORIAL: "属地管理责任清单",
}
OF_KIND = {ListKind.POWERS: "31", ListKind.PUBLIC_SERVICES: "32", ListKind.TASKS: "33", ListKind.TERRITORIAL: "34"}


def matters(kind: ListKind) -> list[str]:
    """Codes of matters of our own, one an item."""
    return [f"{OF_KIND[kind]}{number:03d}" for number in range(1, SIZES[kind] + 1)]


def put_matters(session: Session) -> None:
    """A catalogue with a matter for each item."""
    service.put_categories(
        session,
        [
            NewCategory("matter", code, {"zh": f"事项{code}", "en": f"Matter {code}"}, code[:2], {"zh": kind})
            for kind in SIZES
            for code in matters(kind)
        ],
    )


def items(kind: ListKind) -> list[NewItem]:
    """A clean list: what it says follows from the number of the item."""
    return [_item(kind, number, code) for number, code in enumerate(matters(kind))]


def _item(kind: ListKind, number: int, code: str) -> NewItem:
    agency = ("CG", "HW", "JJ")[number % 3]
    class_ = tuple(ManagementClass)[number % 3]
    lead = "@unit" if class_ is ManagementClass.COMPREHENSIVE else agency
    return NewItem(
        code=f"{kind.value[0].upper()}-{code}",
        category=code,
        lead=lead,
        management_class=class_,
        supporting=("@unit",) if class_ is ManagementClass.ASSISTING else (),
        basis=f"《样城{NAMES[kind]}》第{number + 1}项",
        time_limit=("2 urgent_hour", "4 work_hour", "3 work_day", "7 natural_day")[number % 4],
        level=("grid", "community", "district")[number % 3],
        payer=agency if class_ is ManagementClass.ASSISTING else None,
        opening="现场核实属实",
        closing="现场恢复原状并经核查" if number % 2 else None,
        risk_points=(RiskPoint("罚没收入"), RiskPoint("现场裁量", approval=False)) if number % 5 == 0 else (),
    )


def acting(house: House, person: Person, permission: str = "duties.edit") -> AbstractContextManager[Work]:
    """A transaction as a request of this person would have it, under its database role."""
    return house.acting(Caller(permission, person.credential))


def drafted(house: House, person: Person, made: Sequence[NewItem], *, name: str, kind: ListKind) -> int:
    """A draft, made by somebody who may."""
    with acting(house, person) as work:
        return drafts.put_draft(work.session, work.actor, made, name=name, kind=kind, basis=None, now=work.now)


def asked(
    house: House, person: Person, list_id: int, *, acknowledged: Sequence[str] = (), valid_from: datetime | None = None
) -> int:
    """The id of the approval that somebody asked for."""
    with acting(house, person, drafts.PUBLISH) as work:
        return drafts.request(
            work.session, work.actor, house.router, house.locator, list_id,
            valid_from=valid_from, acknowledged=acknowledged, now=work.now,
        ).id  # fmt: skip


def decided(house: House, person: Person, approval_id: int, *, yes: bool = True) -> None:
    with acting(house, person, "approvals.decide") as work:
        approval.decide(work.session, work.actor, approval_id, yes=yes, note="" if yes else "no", now=work.now)


def published(house: House, person: Person, list_id: int) -> Published:
    with acting(house, person, drafts.PUBLISH) as work:
        return drafts.publish(work.session, work.actor, house.router, house.locator, list_id, now=work.now)


INCIDENTS = """
    with made as (
        select gen_random_uuid() as id, n, :at - make_interval(mins => (n % 30000)::int) as at,
               g.area_id as grid_id, coalesce(w.area_id, c.area_id) as unit_id
        from generate_series(1, :count) n
        join (select area_id, parent_id, row_number() over (order by code) as place from areas_version
              where level = 'grid') g on g.place = 1 + n % 16
        join areas_version c on c.area_id = g.parent_id
        left join areas_version w on w.area_id = c.parent_id and w.level = 'subdistrict'
    ), keys as (
        insert into incidents_key (id, body_sha256, happened_at) select id, '', at from made
    )
    insert into incidents (id, category_id, channel, status, happened_at, reported_lon, reported_lat, datum, area_id,
                           grid_id, unit_id, hex9, text, geom)
    select m.id, k.id, 'worker', case when m.n % 50 = 0 then 'void' else 'open' end, m.at, 117.001, 32.001, 'wgs84',
           m.grid_id, m.grid_id, m.unit_id, 1, '', st_setsrid(st_makepoint(117.001, 32.001), 4326)
    from made m
    join (select id, row_number() over (order by code) as place, count(*) over () as of from duties_category
          where kind = 'matter') k on k.place = 1 + m.n % k.of
"""


def put_incidents(session: Session, count: int, at: datetime) -> None:
    """Incidents of the 20 days before, over all grids and matters in turn; one in fifty is void."""
    session.execute(text(INCIDENTS), {"count": count, "at": at})
