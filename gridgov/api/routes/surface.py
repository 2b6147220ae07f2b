"""`GET /density/surface`: kernel density of incidents, as GeoJSON bands that a map can draw."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import shapely
from fastapi import APIRouter, Query, Response
from pydantic import Field

from gridgov.analytics import surface as service
from gridgov.analytics.store.columns import INCIDENTS
from gridgov.analytics.surface import MOST_BANDS, Band, Ground, Rule, Told
from gridgov.api.deps import BoxQuery, CallerDep, HouseDep, box
from gridgov.api.filters import FiltersDep
from gridgov.api.shapes import Body
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import Level
from gridgov.geo.kernel_density import Kernel

router = APIRouter(tags=["density"])
GEOJSON = "application/geo+json"
SCHEMA = {"$ref": "#/components/schemas/SurfaceBody"}


class BandProperties(Body):
    """From `from_per_km2` up to `to_per_km2` incidents per km2; null: the highest band."""

    from_per_km2: float = Field(examples=[20.0])
    to_per_km2: float | None = Field(examples=[50.0])


class BandFeature(Body):
    """One band; bands do not overlap."""

    type: Literal["Feature"]
    geometry: dict[str, Any] = Field(description="A MultiPolygon in WGS-84.")
    properties: BandProperties


class SurfaceBody(Body):
    """A FeatureCollection, the sparsest band first, with what it rests on."""

    type: Literal["FeatureCollection"]
    kernel: Kernel
    bandwidth_m: float = Field(description="Radius of a quartic, standard deviation of a gaussian kernel, in metres.")
    rule: Rule = Field(description="Where the bandwidth comes from.")
    cell_m: float = Field(description="Between the places at which density was worked out, in metres.")
    total: int = Field(description="Incidents in the box.")
    peak_per_km2: float
    clipped: bool = Field(description="Whether bands end at the city's border.")
    features: list[BandFeature]


@router.get(
    "/density/surface",
    summary="Kernel density of incidents",
    response_class=Response,
    responses={
        200: {"model": SurfaceBody, "content": {GEOJSON: {"schema": SCHEMA}}, "description": "Bands of equal density."}
    },
)
def density_surface(
    house: HouseDep,
    caller: CallerDep,
    *,
    filters: FiltersDep,
    kernel: Annotated[Kernel, Query(description="How one incident is spread.")] = Kernel.QUARTIC,
    bandwidth_m: Annotated[
        float | None, Query(ge=1, allow_inf_nan=False, description="In metres; left out: by a rule.", examples=[500])
    ] = None,
    bands: Annotated[int, Query(ge=1, le=MOST_BANDS, description="Most bands.")] = 7,
    clip: Annotated[bool, Query(description="Whether bands end at the city's border.")] = True,
    bbox: BoxQuery = None,
) -> Response:
    """Incidents per km2 around every place, over the ground of all areas in force or over `bbox`.

    Only incidents within the caller's reach are counted. Bands begin at round numbers.
    """
    around = box(bbox)
    with house.acting(caller) as work:
        chosen = filters.read(house, work)
        index = house.locator.index(work.session, work.now, revision=work.marks.get("areas", 0))
        ground = Ground(around or index.bbox, index.projection, outline(index) if clip else None)
        view = house.counts.view(work.session, INCIDENTS)
        told = service.surface(
            work.session, view, chosen, ground, kernel=kernel, bandwidth_m=bandwidth_m, most_bands=bands
        )
    return Response(json.dumps(_written(told, clipped=clip)), media_type=GEOJSON)


def outline(index: AreaIndex) -> shapely.Geometry | None:
    """The city's border in degrees; None where no city is in force."""
    city = next((area for area in index.areas if area.level == Level.CITY), None)
    return None if city is None else index.shape(city.id)


def _written(told: Told, *, clipped: bool) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "kernel": told.kernel,
        "bandwidth_m": round(told.bandwidth_m, 1),
        "rule": told.rule,
        "cell_m": round(told.cell_m, 2),
        "total": told.total,
        "peak_per_km2": round(told.peak_per_km2, 3),
        "clipped": clipped,
        "features": [_feature(band) for band in told.bands],
    }


def _feature(band: Band) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": json.loads(shapely.to_geojson(band.shape)),
        "properties": {"from_per_km2": band.low, "to_per_km2": band.high},
    }
