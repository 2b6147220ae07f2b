"""`GET /public/density`: what anybody may know, a month at a time, small counts hidden."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from gridgov.analytics.period import Period, midnight
from gridgov.analytics.releases import release
from gridgov.api.deps import CallerDep, HouseDep
from gridgov.api.shapes import Body, Names
from gridgov.areas.rules import Level
from gridgov.platform.crypto import new_key
from gridgov.platform.errors import BadInput

router = APIRouter(tags=["public"])


class PublicItem(Body):
    """An area as it was when the month was released; `count` null where it is hidden."""

    id: int
    level: Level
    code: str
    names: Names
    count: int | None


class PublicBody(Body):
    """The release of a month. It is made once: late reports do not change it, so that nothing can be subtracted."""

    month: date
    least: int = Field(description="Counts below it are hidden, and others with them.")
    released_at: datetime
    items: list[PublicItem]


@router.get("/public/density", summary="Public counts of a month")
def public_density(
    house: HouseDep,
    caller: CallerDep,
    month: Annotated[
        str,
        Query(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="A calendar month that has ended.", examples=["2026-09"]),
    ],
) -> PublicBody:
    """By city, district, sub-district and community; no grids, no categories, no days."""
    first = date.fromisoformat(f"{month}-01")
    if not 1900 <= first.year <= 2199:
        raise BadInput("Months are those of 1900 to 2199.", field="month", remedy="Write 2026-09.")
    with house.acting(caller) as work:
        zone = house.zone(work)
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        index = house.locator.index(work.session, work.now, revision=work.marks.get("areas", 0))
        found = release(
            work.session,
            index.areas,
            Period(midnight(first, zone), midnight(after, zone)),
            zone,
            least=house.public_least,
            seed=new_key(),
            now=work.now,
        )
    return PublicBody(
        month=found.month,
        least=found.least,
        released_at=found.released_at,
        items=[PublicItem(**{name: getattr(one, name) for name in PublicItem.model_fields}) for one in found.counts],
    )
