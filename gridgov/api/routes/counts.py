"""`GET /counts`: any measure by one dimension or two, from memory; as parallel columns, with an entity tag."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from math import isnan
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Header, Query, Response
from pydantic import Field

from gridgov.analytics import counting, service
from gridgov.analytics.counting import Answer, Ground, Question
from gridgov.analytics.dimensions import Dimension
from gridgov.analytics.measures import BY_CLOCK, Measure, Of
from gridgov.analytics.store.columns import CASES, INCIDENTS
from gridgov.analytics.store.view import View
from gridgov.api.deps import MAX_ID, CallerDep, HouseDep, instant
from gridgov.api.filters import EitherDep, index_now
from gridgov.api.shapes import Body
from gridgov.areas.index import AreaIndex
from gridgov.areas.service import AreaUnknown
from gridgov.auth.rules import Role, scoped
from gridgov.bootstrap import House, Work
from gridgov.planning import drafts, preview
from gridgov.planning.drafts import PlanUnknown

router = APIRouter(tags=["density"])
Ids = Annotated[int, Field(ge=1, le=MAX_ID)]
AsByQuery = Annotated[
    str | None,
    Query(
        description="Count by other boundaries than those in force: of a plan (its id), or of an instant or date.",
        examples=["2026-01-01"],
    ),
]


class CountsBody(Body):
    """Parallel columns: item i has `ids[i]`, `codes[i]`, `counts[i]` and `measures[…][i]`; with a second dimension also
    `then_ids[i]` and `then_codes[i]`. `total` = all counts + `unlocated` (outside every area) + `above_level`."""

    of: Of = Field(examples=["incidents"])
    by: Dimension = Field(examples=["grid"])
    then: Dimension | None = Field(examples=[None])
    from_: datetime | None = Field(
        serialization_alias="from", validation_alias="from", examples=["2026-11-01T00:00:00+08:00"]
    )
    to: datetime | None = Field(examples=["2026-11-08T00:00:00+08:00"])
    as_by: str | None = Field(
        description="The plan or instant whose boundaries are counted by; null: those in force.", examples=[None]
    )
    as_of: datetime = Field(description="When the database was asked last.", examples=["2026-11-23T04:00:00+00:00"])
    behind: str = Field(description="Why counts do not follow just now; empty when they do.", examples=[""])
    total: int = Field(examples=[18])
    unlocated: int = Field(examples=[1])
    above_level: int = Field(examples=[0])
    ids: list[int] | None = Field(
        description="Of areas, categories (of a matter) and agencies (0: nobody).", examples=[[42, 43]]
    )
    codes: list[str] = Field(examples=[["349902001001001", "349902001001002"]])
    then_ids: list[int] | None = Field(examples=[None])
    then_codes: list[str] | None = Field(examples=[None])
    counts: list[int] = Field(examples=[[17, 0]])
    measures: dict[str, list[float | None]] = Field(examples=[{"per_km2": [204.8, 0.0]}])


@router.get(
    "/counts",
    summary="How many, by anything",
    response_model=CountsBody,
    responses={304: {"description": "Still as the client has it."}},
)
def counts(
    house: HouseDep,
    caller: CallerDep,
    *,
    filters: EitherDep,
    by: Annotated[Dimension, Query(description="What to count by.", examples=["grid"])],
    then: Annotated[Dimension | None, Query(description="A second dimension.", examples=["month"])] = None,
    of: Annotated[Of, Query(description="What is counted.", examples=["incidents"])] = Of.INCIDENTS,
    measure: Annotated[
        list[Measure] | None,
        Query(description="Besides the count; may come several times.", examples=[["per_km2"]]),
    ] = None,
    as_by: AsByQuery = None,
    if_none_match: Annotated[
        str | None, Header(description="Tag of the answer that the client has.", examples=["*"])
    ] = None,
) -> Response:
    """Every area of a level that the post reaches, those without rows too; of categories and agencies, and of two
    dimensions, only what has rows. Days, weeks (their Monday) and months are those of the city's zone."""
    with house.acting(caller) as work:
        states = CASES.states if of is Of.CASES else INCIDENTS.states
        filter_ = replace(filters, area=None).read(house, work, states)  # by which boundaries is said below
        asked = Question(filter_, by, then, tuple(dict.fromkeys(measure or [])), of, filters.area, as_by or None)
        counting.check(asked)
        asked = _scoped(work, asked)
        view = house.counts.view(work.session, CASES if of is Of.CASES else INCIDENTS)
        other = None if asked.as_by is None else boundaries(house, work, asked.as_by)
        headers = _headers(work, asked, view, None if other is None else other[0])
        if if_none_match is not None and headers.get("ETag") in if_none_match.split(", "):
            return Response(status_code=304, headers=headers)
        answer = counting.answer(view, house.cubes, asked, _ground(house, work, asked, view, other))
    return Response(written(asked, view, answer), media_type="application/json", headers=headers)


def _scoped(work: Work, asked: Question) -> Question:
    """Cases are counted by who may read them, within the reach of that too. Raises `NotYours`."""
    if asked.of is Of.INCIDENTS:
        return asked
    reach = scoped(work.reach, work.actor.require("cases.read").scope)
    return replace(asked, wanted=replace(asked.wanted, reach=reach))


def boundaries(house: House, work: Work, as_by: str) -> tuple[Hashable, AreaIndex]:
    """The boundaries of a plan, or those in force at an instant, and what names this version of them.

    Raises `PlanUnknown`, `BadInput`, and what plans that cannot be take effect raise.
    """
    revision = work.marks.get("areas", 0)
    if not as_by.isdecimal():
        at = instant(as_by, house.zone(work), "as_by")
        index = house.locator.index(work.session, at, revision=revision)
        return (revision, index.in_force_from), index
    work.actor.require("plans.read")
    if int(as_by) > MAX_ID:
        raise PlanUnknown(f"No plan {as_by}.", field="as_by", remedy="Take an id from /api/v1/plans.")
    with house.internally("previewer") as session:
        plan = drafts.plan(session, int(as_by))
        parts = tuple((one.id, one.revision) for one in drafts.parts(session, plan.id))
        key = (revision, plan.id, plan.revision, plan.state, parts)
        kept = house.relocations.index(key)
        if kept is None:
            now = house.locator.index(session, work.now, revision=revision)
            kept = preview.boundaries(session, plan, now, now=work.now)
    return key, kept


def _headers(work: Work, asked: Question, view: View, version: Hashable) -> dict[str, str]:
    """With a tag, unless time alone changes the answer."""
    headers = {"Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization"}
    if BY_CLOCK.isdisjoint(asked.measures) and Measure.PER_WORKER not in asked.measures:
        said = (
            f"{view.mark}|{view.behind}|{work.marks.get('areas', 0)}|{work.marks.get('duties', 0)}|{version}|{asked!r}"
        )
        headers["ETag"] = f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'
    return headers


def _ground(house: House, work: Work, asked: Question, view: View, other: tuple[Hashable, AreaIndex] | None) -> Ground:
    index = index_now(house, work)
    boundaries = index if other is None else other[1]
    if asked.area is not None and (boundaries is None or boundaries.get(asked.area) is None):
        raise AreaUnknown(f"No area {asked.area} is in force.", field="area", remedy="List them with /api/v1/areas.")
    codes: Mapping[int, str] = {}
    agencies: Mapping[int, str] = {}
    workers: Mapping[int, int] = {}
    if Dimension.CATEGORY in asked.dimensions:
        codes = service.category_codes(work.session)
    if Dimension.AGENCY in asked.dimensions:
        agencies = house.agencies.codes(work.session, revision=work.marks.get("duties", 0))
    if Measure.PER_WORKER in asked.measures:
        with house.internally("counter") as session:
            workers = service.posts_by_area(session, Role.GRID_WORKER, work.now)
    elsewhere = None if other is None else (other[1], house.relocations.of(view, *other))
    return Ground(index, house.zone(work), work.now, codes, agencies, workers, elsewhere)


def written(asked: Question, view: View, answer: Answer) -> bytes:
    """The body, column by column: a hundredth of the work of items."""
    period = asked.wanted.period
    head: dict[str, Any] = {
        "of": asked.of, "by": asked.by, "then": asked.then, "from": _moment(period.begin), "to": _moment(period.end),
        "as_by": asked.as_by, "as_of": _moment(view.as_of), "behind": view.behind, "total": answer.total,
        "unlocated": answer.unlocated, "above_level": answer.above_level,
    }  # fmt: skip
    (ids, codes), (then_ids, then_codes) = [*answer.keys, (None, None)][:2]
    columns = {
        "ids": _column(ids), "codes": _column(codes), "then_ids": _column(then_ids), "then_codes": _column(then_codes),
        "counts": _json(answer.counts.tolist()),
        "measures": _json({one: _numbers(column) for one, column in answer.measures.items()}),
    }  # fmt: skip
    return (_json(head)[:-1] + "".join(f',"{name}":{text}' for name, text in columns.items()) + "}").encode()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), check_circular=False)


def _column(values: Sequence[int] | Sequence[str] | None) -> str:
    """Keys of all areas of a level are written once: they are more than half of an answer."""
    return _all_of_a_level(values) if isinstance(values, tuple) else _json(values)


_all_of_a_level = lru_cache(maxsize=16)(_json)


def _numbers(column: Any) -> Sequence[float | int | None]:
    if column.dtype == np.int64:
        whole: list[int] = column.tolist()
        return whole
    return [None if isnan(one) else one for one in column.tolist()]


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
