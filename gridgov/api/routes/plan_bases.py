"""`/plans/bases`: the ground of communities, its atoms, how they touch, who lives there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import Response as PlainResponse

from gridgov.api import paging
from gridgov.api.deps import MAX_ID, CallerDep, HouseDep, LimitQuery
from gridgov.api.plan_shapes import (
    AtomsBody,
    BasisBody,
    BasisPage,
    CountBody,
    CountList,
    EdgesBody,
    NewBasisBody,
    NewCountBody,
)
from gridgov.api.routes.plan_editing import SAME, NoneMatch
from gridgov.api.routes.plans import CursorQuery
from gridgov.planning import basis, counts, overview, service

router = APIRouter(tags=["plans"])
GEOJSON = "application/geo+json"
SCHEMA = {"$ref": "#/components/schemas/AtomsBody"}
BasisPath = Annotated[int, Path(ge=1, le=MAX_ID, description="Id of a basis.", examples=[1])]


@router.get("/plans/bases", summary="Ground of a community")
def listed(
    house: HouseDep,
    caller: CallerDep,
    community: Annotated[int, Query(ge=1, le=MAX_ID, description="Id of a community.", examples=[5])],
    limit: LimitQuery = 100,
    cursor: CursorQuery = None,
) -> BasisPage:
    """Newest first. Plans are drawn on the newest; older ones stay for the plans that were drawn on them."""
    key = paging.unpack(cursor, 1)
    with house.acting(caller) as work:
        found = service.bases(work.session, community, before=paging.number(key), limit=limit + 1)
    items = [BasisBody.of(one) for one in found[:limit]]
    return BasisPage(items=items, next=paging.pack([str(items[-1].id)]) if len(found) > limit else None)


@router.post("/plans/bases", status_code=201, summary="Make the ground of a community")
def make(house: HouseDep, caller: CallerDep, asked: NewBasisBody, response: Response) -> BasisBody:
    """Atoms from its border, streets and buildings, with the households that follow from these. The same ground again
    is the basis that is there."""
    with house.acting(caller) as work:
        made = service.make_basis(
            work.session,
            work.actor,
            asked.community_id,
            target=None if asked.target is None else asked.target.target(),
            now=work.now,
        )
        body = BasisBody.of(basis.facts(work.session, made))
    response.headers["Location"] = f"/api/v1/plans/bases/{made}"
    return body


@router.get("/plans/bases/{basis_id}", summary="One basis")
def one(house: HouseDep, caller: CallerDep, basis_id: BasisPath) -> BasisBody:
    """Without its atoms."""
    with house.acting(caller) as work:
        return BasisBody.of(basis.facts(work.session, basis_id))


@router.get(
    "/plans/bases/{basis_id}/atoms",
    summary="Its atoms",
    response_class=PlainResponse,
    responses={200: {"model": AtomsBody, "content": {GEOJSON: {"schema": SCHEMA}}, "description": "GeoJSON"}, **SAME},
)
def atoms(house: HouseDep, caller: CallerDep, basis_id: BasisPath, if_none_match: NoneMatch = None) -> PlainResponse:
    """GeoJSON, one feature an atom, `id` its number. They never change, so whoever holds them need not ask again."""
    with house.acting(caller) as work:
        tag = f'"{basis.facts(work.session, basis_id).digest.hex()}"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization"}
        if if_none_match is not None and tag in if_none_match:
            return PlainResponse(status_code=304, headers=headers)
        features = overview.atoms(work.session, basis_id)
    body = f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'
    return PlainResponse(body, media_type=GEOJSON, headers=headers)


@router.get("/plans/bases/{basis_id}/edges", summary="How its atoms touch")
def edges(house: HouseDep, caller: CallerDep, basis_id: BasisPath) -> EdgesBody:
    """Metres of common border, whether it runs along a street, whether a bridge alone joins them."""
    with house.acting(caller) as work:
        basis.facts(work.session, basis_id)
        found = overview.edges(work.session, basis_id)
    a, b, shared_m, on_street, bridge = zip(*found, strict=True) if found else ((), (), (), (), ())
    return EdgesBody(
        a=list(a),
        b=list(b),
        shared_m=[round(part, 6) for part in shared_m],
        on_street=list(on_street),
        bridge=list(bridge),
    )


@router.get("/plans/bases/{basis_id}/counts", summary="Its counts of households")
def counted(house: HouseDep, caller: CallerDep, basis_id: BasisPath) -> CountList:
    """The newest day first."""
    with house.acting(caller) as work:
        basis.facts(work.session, basis_id)
        return CountList(items=[CountBody.of(one) for one in counts.listed(work.session, basis_id)])


@router.post("/plans/bases/{basis_id}/counts", status_code=201, summary="Bring a count of households")
def count(house: HouseDep, caller: CallerDep, basis_id: BasisPath, asked: NewCountBody) -> CountBody:
    """One number for every atom, in the order of their numbers. The same count again is the one that is there."""
    with house.acting(caller) as work:
        made = service.put_count(
            work.session,
            work.actor,
            basis_id,
            asked.households,
            counted_on=asked.counted_on,
            source=asked.source,
            total=asked.total,
            now=work.now,
        )
        return next(CountBody.of(one) for one in counts.listed(work.session, basis_id) if one.id == made)
