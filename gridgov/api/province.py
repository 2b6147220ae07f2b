"""`GET /province/counts`: what a province sees of the cities of this installation. An application of its own.

Owns the route and its shapes. Does not own counting (`analytics.province`). It lies beside the cities, not in one: a
session or token of a city is nothing here, and a reader of the province is nobody in a city.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

from fastapi import FastAPI, Header, Query, Response
from pydantic import Field

from gridgov.analytics import province
from gridgov.analytics.province import CityCounts, Counts
from gridgov.api import problems
from gridgov.api.app import BOUNDS, Secure
from gridgov.api.guards import Bounded, Observed
from gridgov.api.shapes import Body, Names
from gridgov.bootstrap import House
from gridgov.platform import clock

PATH = "/province"


class CountsBody(Body):
    """Sums over the days asked for; a share is null where there is nothing to divide by."""

    households: int = Field(examples=[12000])
    incidents: int = Field(examples=[340])
    per_100_households: float | None = Field(examples=[2.833333])
    cases: int = Field(examples=[310])
    overdue: int = Field(examples=[12])
    overdue_share: float | None = Field(examples=[0.03871])
    closed: int = Field(examples=[280])
    closed_lowest: int = Field(description="Closed by the grid, the lowest tier.", examples=[140])
    closed_lowest_share: float | None = Field(examples=[0.5])

    @classmethod
    def of(cls, found: Counts) -> Self:
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class CityBody(Body):
    """One city. Without `counts` it is missing: it has not rolled up lately (or ever: `as_of` is null)."""

    code: str = Field(examples=["huainan"])
    names: Names
    as_of: datetime | None = Field(description="Of its latest three days.")
    whole_as_of: datetime | None = Field(description="Of the days before.")
    counts: CountsBody | None

    @classmethod
    def of(cls, found: CityCounts) -> Self:
        counts = None if found.counts is None else CountsBody.of(found.counts)
        return cls(code=found.code, names=dict(found.names), as_of=found.as_of, whole_as_of=found.whole_as_of,
                   counts=counts)  # fmt: skip


class ProvinceBody(Body):
    """Cities by code; `missing` names those without counts, which are in no sum."""

    cities: list[CityBody]
    missing: list[str]
    total: CountsBody


def create_province(house: House) -> FastAPI:
    """The application. `house`: any city's, for the way to what cities share."""
    app = FastAPI(title="gridgov: province", openapi_url=f"{PATH}/openapi.json", docs_url=None, redoc_url=None)
    problems.install(app)
    app.add_middleware(Bounded, bounds=BOUNDS)
    app.add_middleware(Secure)
    app.add_middleware(Observed)

    @app.get(f"{PATH}/counts", summary="Counts of the province's cities", responses=problems.RESPONSES)
    def counts(
        response: Response,
        since: Annotated[date | None, Query(alias="from", description="First day; left out: since ever.")] = None,
        until: Annotated[date | None, Query(alias="to", description="Day after the last; left out: ever.")] = None,
        authorization: Annotated[str, Header()] = "",
    ) -> ProvinceBody:
        """By city and in sum, for the cities in the reader's scope. 401 without the token of a reader."""
        response.headers["Cache-Control"] = "no-store"
        kind, _, token = authorization.partition(" ")
        now = clock.utcnow()
        with house.shared("province") as session:
            reader = province.known(session, token.strip() if kind.lower() == "bearer" else "", now)
            found = province.view(session, reader, since, until, now=now)
        return ProvinceBody(
            cities=[CityBody.of(one) for one in found.cities],
            missing=list(found.missing),
            total=CountsBody.of(found.total),
        )

    return app
