"""The filters of the board: one set of parameters, with one meaning, for whatever counts, draws or lists.

Owns the parameters and how they are read. Does not own what a filter means to a row (`analytics.rules.Filter`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query
from pydantic import Field

from gridgov.analytics import service
from gridgov.analytics.period import parse_period
from gridgov.analytics.rules import Filter, Within, within_area
from gridgov.analytics.store.columns import INCIDENTS
from gridgov.api.deps import MAX_ID, AreaQuery
from gridgov.areas.index import AreaIndex
from gridgov.areas.locator import NoAreas
from gridgov.areas.rules import Level
from gridgov.areas.service import AreaUnknown
from gridgov.bootstrap import House, Work
from gridgov.incidents.rules import Channel, Status
from gridgov.platform.errors import BadInput

FromQuery = Annotated[
    str | None,
    Query(
        alias="from",
        description="Instant or date (in the city's zone), included; left out: since ever.",
        examples=["2026-10-01"],
    ),
]
ToQuery = Annotated[
    str | None,
    Query(
        alias="to",
        description="Instant or date (in the city's zone), not included; left out: until ever.",
        examples=["2026-11-01"],
    ),
]
CategoryQuery = Annotated[
    list[str] | None,
    Query(
        description="A matter's code, a group's code, or a prefix that ends in *; may come several times; "
        "left out: all.",
        examples=[["06*"]],
    ),
]
StatusQuery = Annotated[
    list[Status] | None, Query(description="May come several times; left out: all.", examples=[["open"]])
]
StateQuery = Annotated[
    list[str] | None,
    Query(description="Of incidents, or states of cases; may come several times.", examples=[["open"]]),
]
ChannelQuery = Annotated[
    list[Channel] | None,
    Query(description="How it came in; may come several times; left out: all.", examples=[["hotline"]]),
]
AgencyQuery = Annotated[
    list[Annotated[int, Field(ge=1, le=MAX_ID)]] | None,
    Query(description="Ids of agencies that answer for it, with all below; may come several times.", examples=[[1]]),
]
HeldByQuery = Annotated[
    int | None,
    Query(ge=0, le=MAX_ID, description="Exactly this agency, without those below; 0: nobody's.", examples=[1]),
]
LiesInQuery = Annotated[
    list[Annotated[int, Field(ge=-MAX_ID, le=MAX_ID)]] | None,
    Query(
        max_length=100,
        description="Only what lies in one of these areas, of any level; may come several times. With `as_by` areas of "
        "those boundaries (new ones of a draft: negative).",
        examples=[[1]],
    ),
]
OutsideQuery = Annotated[bool, Query(description="Only what lies outside every area: `unlocated` of a count.")]
AboveQuery = Annotated[
    Level | None,
    Query(
        description="Only what is placed above the areas of this level: `above_level` of a count.", examples=["grid"]
    ),
]


class UnknownAgency(BadInput):
    """No agency of this id is there."""

    code = "unknown-agency"


@dataclass(frozen=True)
class Filters:
    """What was asked for, as it was written."""

    since: str | None
    until: str | None
    category: list[str] | None
    status: list[str] | None
    channel: list[Channel] | None
    agency: list[int] | None
    area: int | None

    def read(self, house: House, work: Work, states: Sequence[str] = INCIDENTS.states) -> Filter:
        """The filter for who asks, checked against the catalogue and read in the city's zone.

        `states`: those of what is counted. Raises `BadInput`, `AreaUnknown`.
        """
        return Filter(
            parse_period(self.since, self.until, house.zone(work)),
            service.categories_of(work.session, self.category),
            service.states_like(states, self.status),
            tuple(sorted(set(self.channel))) if self.channel else None,
            agencies_like(house, work, self.agency),
            within_of(house, work, self.area),
            reach=work.reach,
        )


def of_incidents(
    since: FromQuery = None,
    until: ToQuery = None,
    category: CategoryQuery = None,
    status: StatusQuery = None,
    channel: ChannelQuery = None,
    agency: AgencyQuery = None,
    area: AreaQuery = None,
) -> Filters:
    states = None if status is None else [str(one) for one in status]
    return Filters(since, until, category, states, channel, agency, area)


def of_either(
    since: FromQuery = None,
    until: ToQuery = None,
    category: CategoryQuery = None,
    status: StateQuery = None,
    channel: ChannelQuery = None,
    agency: AgencyQuery = None,
    area: AreaQuery = None,
) -> Filters:
    return Filters(since, until, category, status, channel, agency, area)


FiltersDep = Annotated[Filters, Depends(of_incidents)]
"""Of what counts incidents alone."""
EitherDep = Annotated[Filters, Depends(of_either)]
"""Of what counts incidents or cases."""


def agencies_like(house: House, work: Work, ids: Sequence[int] | None) -> tuple[int, ...] | None:
    """Agencies with all below them; None or nothing means all. Raises `UnknownAgency`."""
    if not ids:
        return None
    found: set[int] = set()
    for one in ids:
        under = house.agencies.under(work.session, one, revision=work.marks.get("duties", 0))
        if not under:
            raise UnknownAgency(f"No agency {one}.", field="agency", remedy="Take an id from /api/v1/agencies.")
        found.update(under)
    return tuple(sorted(found))


def within_of(house: House, work: Work, area: int | None) -> Within | None:
    """What lies in an area in force. Raises `AreaUnknown`."""
    if area is None:
        return None
    index = index_now(house, work)
    if index is None or index.get(area) is None:
        raise AreaUnknown(f"No area {area} is in force.", field="area", remedy="List them with /api/v1/areas.")
    return within_area(index, area, revision=work.marks.get("areas", 0))


def index_now(house: House, work: Work) -> AreaIndex | None:
    """The boundaries in force; None where the city has none yet."""
    try:
        return house.locator.index(work.session, work.now, revision=work.marks.get("areas", 0))
    except NoAreas:
        return None
