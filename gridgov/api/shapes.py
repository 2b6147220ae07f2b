"""Bodies that several routes share."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator

from gridgov.areas.rules import AreaFacts
from gridgov.duties.route import Responsible


class Body(BaseModel):
    """Base of all bodies; unknown fields of a request are refused, so that a misspelt one is not lost in silence."""

    model_config = ConfigDict(extra="forbid")


class Incoming(Body):
    """Base of bodies that are sent with free text: the store cannot hold a NUL character."""

    @field_validator("*", mode="after")
    @classmethod
    def _without_nul(cls, value: object) -> object:
        if isinstance(value, str) and "\x00" in value:
            raise ValueError("the value holds a NUL character; take it out")
        return value


Names = dict[str, str]


class Lonlat(Body):
    """A point in degrees, lon first."""

    lon: float = Field(examples=[116.9])
    lat: float = Field(examples=[33.12])


class AreaBody(Body):
    """An area without its shape."""

    id: int
    level: str = Field(examples=["grid"])
    code: str = Field(examples=["349902001001001"])
    names: Names = Field(examples=[{"zh": "第一网格", "en": "Grid 1"}])
    kind: str | None = Field(default=None, examples=["urban"])
    population: int | None = None
    households: int | None = Field(default=None, examples=[302])

    @classmethod
    def of(cls, area: AreaFacts) -> Self:
        return cls(
            id=area.id,
            level=area.level,
            code=area.code,
            names=dict(area.names),
            kind=area.kind,
            population=area.population,
            households=area.households,
        )


class CategoryRef(Body):
    """A matter of the catalogue."""

    code: str = Field(examples=["06010"])
    names: Names


class BodyRef(Body):
    """A responsible body: an agency, or the office of an area."""

    kind: str = Field(examples=["agency"])
    id: int
    code: str
    names: Names

    @classmethod
    def of(cls, body: Responsible) -> Self:
        ident = body.agency.id if body.agency else body.area.id if body.area else 0
        return cls(kind=body.kind, id=ident, code=body.code, names=dict(body.names))
