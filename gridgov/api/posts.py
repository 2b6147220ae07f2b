"""Posts as they are shown, with the names of role and place."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import Field
from sqlalchemy import Row

from gridgov.api.shapes import Body, Names
from gridgov.auth.rules import ROLE_NAMES, Role


class PlaceBody(Body):
    """The area or agency of a post, or the whole city. `in_force` is false where the boundaries have since changed."""

    kind: str = Field(examples=["area"])
    id: int | None = None
    level: str | None = Field(default=None, examples=["subdistrict"])
    code: str | None = Field(default=None, examples=["349902001"])
    names: Names = Field(default_factory=dict)
    in_force: bool = True


class PostBody(Body):
    """One role in one place from `since` until `until` (null: open)."""

    id: int
    role: str = Field(examples=["grid_worker"])
    role_names: Names = Field(examples=[{"zh": "网格员", "en": "grid worker"}])
    place: PlaceBody
    since: datetime
    until: datetime | None
    in_force: bool

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        """From a row of posts; `since` of one that never began is the instant of its appointment."""
        return cls(
            id=row.id,
            role=row.role,
            role_names=dict(ROLE_NAMES[Role(row.role)]),
            place=_place(row),
            since=row.since,
            until=row.until,
            in_force=row.in_force,
        )


class HeldPostBody(PostBody):
    """A post with who holds it."""

    account_id: int
    account: str = Field(examples=["g0001"])
    title: str

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        post = PostBody.of(row).model_dump()
        return cls(**post, account_id=row.account_id, account=row.account, title=row.title)


def _place(row: Row[Any]) -> PlaceBody:
    if row.agency_id is not None:
        return PlaceBody(kind="agency", id=row.agency_id, code=row.agency_code, names=dict(row.agency_names or {}))
    if row.area_id is None:
        return PlaceBody(kind="city")
    return PlaceBody(
        kind="area",
        id=row.area_id,
        level=row.area_level,
        code=row.area_code,
        names=dict(row.area_names or {}),
        in_force=bool(row.area_in_force),
    )
