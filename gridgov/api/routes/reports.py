"""`GET /reports/density.html`: the board's map as one page to keep, which asks nothing of any network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from threading import BoundedSemaphore
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gridgov.analytics.store.chosen import whole_seconds
from gridgov.analytics.store.columns import INCIDENTS
from gridgov.api.deps import CallerDep, HouseDep
from gridgov.api.filters import Filters, FiltersDep, index_now
from gridgov.areas.index import AreaIndex
from gridgov.areas.locator import NoAreas
from gridgov.bootstrap import House, Work
from gridgov.platform.errors import BadInput, Unavailable
from gridgov.reports.density import DensityReport, density_report
from gridgov.reports.page import render
from gridgov.reports.wording import CHANNELS, STATUSES

router = APIRouter(tags=["density"])
AT_ONCE = 1
WAIT_S = 20.0
MOST_BYTES = 32 << 20
HTML = "text/html; charset=utf-8"
_MAKING = BoundedSemaphore(AT_ONCE)


class Shown(StrEnum):
    """Which areas the page shows first."""

    GRID = "grid"
    COMMUNITY = "community"
    SUBDISTRICT = "subdistrict"
    DISTRICT = "district"


class ShownMeasure(StrEnum):
    """What the areas are painted by first; rate: for 100 households."""

    COUNT = "count"
    RATE = "rate"


class Paint(StrEnum):
    """What lies on the map first: areas, or the heat over them."""

    AREAS = "areas"
    HEAT = "heat"


class ReportTooLarge(BadInput):
    """More than one page should hold."""

    code = "report-too-large"


class ReportsBusy(Unavailable):
    """Another page is being made."""

    code = "reports-busy"


@router.get(
    "/reports/density.html",
    summary="The density page",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}, "description": "One page, to be kept."}},
)
def density_page(
    house: HouseDep,
    caller: CallerDep,
    *,
    filters: FiltersDep,
    level: Annotated[Shown, Query(description="Which areas are shown first.")] = Shown.GRID,
    measure: Annotated[ShownMeasure, Query(description="What they are painted by first.")] = ShownMeasure.COUNT,
    paint: Annotated[Paint, Query(description="What lies on the map first.")] = Paint.AREAS,
) -> Response:
    """As `gridgov report density`, within the caller's reach and by the board's filters. It holds counts alone, with
    map cells of about 150 m; nothing in it asks another host. One is made at a time."""
    with _in_turn():
        with house.acting(caller) as work:
            report = _report(house, work, filters)
        page = render(report, level=level.value, measure=measure.value, heat=paint is Paint.HEAT).encode()
    if len(page) > MOST_BYTES:
        raise ReportTooLarge(
            "This page would be larger than a browser opens with ease.", field="from",
            remedy="Ask for a shorter period, or for one area.",
        )  # fmt: skip
    name = f"density-{report.made_at.astimezone(report.city.zone):%Y%m%d-%H%M}.html"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store",
        "Vary": "Cookie, Authorization",
    }  # fmt: skip
    return Response(page, media_type=HTML, headers=headers)


@contextmanager
def _in_turn() -> Iterator[None]:
    """Pages cost seconds of a core each; who waits too long is told so. Raises `ReportsBusy`."""
    if not _MAKING.acquire(timeout=WAIT_S):
        raise ReportsBusy("Another page is being made.", remedy="Try again in a moment.")
    try:
        yield
    finally:
        _MAKING.release()


def _report(house: House, work: Work, filters: Filters) -> DensityReport:
    index = index_now(house, work)
    if index is None:
        raise NoAreas("The city has no boundaries yet.", remedy="Load them with: gridgov city load FILE")
    wanted = filters.read(house, work)
    view = house.counts.view(work.session, INCIDENTS) if whole_seconds(wanted) else None
    codes = [one.strip() for one in filters.category or () if one.strip()]
    return density_report(
        work.session, index, period=wanted.period, category=codes[0] if len(codes) == 1 else None, now=work.now,
        wanted=wanted, narrowed=_said(house, work, filters, index, codes), view=view,
    )  # fmt: skip


def _said(house: House, work: Work, filters: Filters, index: AreaIndex, codes: list[str]) -> list[dict[str, str]]:
    """The filters beside period and a single category, in words."""
    said: list[dict[str, str]] = []
    if len(codes) > 1:
        said.append(dict.fromkeys(("zh", "en"), " ".join(codes)))
    for words, given in ((STATUSES, filters.status), (CHANNELS, filters.channel)):
        if given:
            shown = [words[str(one)] for one in sorted(set(given))]
            said.append({"zh": "、".join(zh for zh, _ in shown), "en": ", ".join(en for _, en in shown)})
    if filters.agency:
        known = house.agencies.codes(work.session, revision=work.marks.get("duties", 0))
        some = " ".join(known.get(one, str(one)) for one in filters.agency)
        said.append({"zh": f"部门 {some}", "en": f"agencies {some}"})
    area = index.get(filters.area) if filters.area is not None else None
    if area is not None:
        either = next(iter(area.names.values()), area.code)
        said.append({language: area.names.get(language, either) for language in ("zh", "en")})
    return said
