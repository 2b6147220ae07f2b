"""`gridgov plan import|export|compare|check`: plans as files, foreign plans, two side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.areas.rules import Level
from gridgov.areas.service import AreaUnknown
from gridgov.bootstrap import House
from gridgov.cases.places import OpenCasePlaces
from gridgov.cli.house import opened
from gridgov.cli.plans import PlanId, app
from gridgov.geo.crs import Datum, Projection
from gridgov.interop.files.faults import Fault
from gridgov.interop.files.place import Wanted
from gridgov.interop.imports.run import city_box
from gridgov.interop.plans import held, taking
from gridgov.interop.plans.compared import compared_file
from gridgov.interop.plans.held import Asked
from gridgov.interop.plans.incoming import Incoming, understood
from gridgov.interop.plans.taking import NothingHere, Preview
from gridgov.interop.plans.writing import PlanFormat, written
from gridgov.planning import comparing, drafts, editing
from gridgov.planning.comparing import Compared
from gridgov.planning.foreign import Finding, Severity
from gridgov.platform import clock
from gridgov.platform.errors import BadInput
from gridgov.platform.settings import Settings
from gridgov.reports.comparison import Shown, comparison_page
from gridgov.reports.writing import write_bytes, write_page

IN_FORCE = "in-force"
SHOWN = 20  # findings and faults of a file
_ENDINGS = {".geojson": PlanFormat.GEOJSON, ".json": PlanFormat.GEOJSON, ".gpkg": PlanFormat.GPKG,
            ".zip": PlanFormat.SHP, ".csv": PlanFormat.CSV}  # fmt: skip

PlanOrForce = Annotated[str, typer.Argument(help="Id of a plan, or in-force.")]
File = Annotated[Path, typer.Argument(help="GeoJSON, GeoPackage, zipped Shapefile, or CSV of atoms and their grids.")]
Community = Annotated[str | None, typer.Option(help="Code of a community; default: all.")]
Crs = Annotated[str | None, typer.Option(help="What its coordinates are in, e.g. EPSG:4548; default: as it says.")]
DatumOption = Annotated[Datum, typer.Option(help="How longitude and latitude are to be read.")]
Encoding = Annotated[str | None, typer.Option(help="Encoding of its texts; default: found out.")]
Layer = Annotated[str | None, typer.Option(help="Layer of a GeoPackage or archive.")]
Column = Annotated[
    list[str] | None, typer.Option(help="name=heading, where the file has its own, e.g. code=WGBM; repeatable.")
]


class FileUnusable(BadInput):
    code = "file-unusable"


class PlanNamed(BadInput):
    """Neither an id nor in-force."""

    code = "plan-malformed"


Out = Annotated[Path, typer.Argument(help="Ends in .geojson, .gpkg, .zip (Shapefile) or .csv.")]


@app.command()
def export(plan: PlanOrForce, out: Out, community: Community = None) -> None:
    """Write a plan in any state, or what is in force; it imports again to the same sheet."""
    form = _ENDINGS.get(out.suffix.lower())
    if form is None:
        raise FileUnusable(f"“{out}” is of no known kind.", field="out", remedy=f"One of {', '.join(_ENDINGS)}.")
    with opened(Settings.load()) as house, house.db.transaction() as session:
        now = clock.utcnow()
        wanted = None if community is None else _community(session, community)
        plan_id = _plan(plan)
        if plan_id is None:
            some = None if wanted is None else [wanted]
            parts = comparing.in_force_drawn(session, house.boards, now=now, community_ids=some)
            title = "现行网格 what is in force"
        else:
            parts = comparing.plan_drawn(session, plan_id, house.boards, community_id=wanted)
            title = drafts.plan(session, plan_id).name
    size = write_bytes(out, written(parts, form, title=title))
    grids = sum(len(one.sheet.grids) for one in parts)
    print(f"{out}: {grids:,} grids of {len(parts):,} communities, {size / 1e6:.1f} MB")


@app.command(name="import")
def imported(
    plan: PlanId,
    file: File,
    preview: Annotated[bool, typer.Option("--preview", help="Show what would change, and keep nothing.")] = False,
    community: Community = None,
    leave_bad_rows: Annotated[bool, typer.Option(help="Draw without the rows that cannot be used.")] = False,
    crs: Crs = None,
    datum: DatumOption = Datum.WGS84,
    encoding: Encoding = None,
    layer: Layer = None,
    column: Column = None,
) -> None:
    """Draw the communities of a plan from a file, each as one operation that can be undone."""
    with opened(Settings.load()) as house:
        incoming = _read(house, file, Asked(layer, encoding), (crs, datum), _columns(column))
        with house.db.transaction() as session:
            now = clock.utcnow()
            wanted = None if community is None else _community(session, community)
            drawn = comparing.plan_drawn(session, plan, house.boards, community_id=wanted)
            found = [taking.previewed(session, incoming, one, now=now) for one in drawn]
            found = [one for one in found if one.found.sheet.grids or len(drawn) == 1]
            if not found:
                raise NothingHere("Nothing of the file lies in this plan.", field="file", remedy="Check the file.")
            for one in found:
                _show(one)
            if preview:
                return
            for one in found:
                if one.unchanged or one.drawn.part_id is None:
                    continue
                one.check(leave_bad_rows=leave_bad_rows)
                part = drafts.part(session, one.drawn.part_id)
                editing.redraw(
                    session, None, part.id, one.found.sheet, revision=part.revision, boards=house.boards, now=now
                )
                print(f"{one.drawn.community}: drawn")


@app.command()
def check(
    file: File,
    community: Community = None,
    crs: Crs = None,
    datum: DatumOption = Datum.WGS84,
    encoding: Encoding = None,
    layer: Layer = None,
    column: Column = None,
) -> None:
    """Hold a foreign plan against the communities in force; ends with 1 where something keeps it from being taken."""
    with opened(Settings.load()) as house:
        incoming = _read(house, file, Asked(layer, encoding), (crs, datum), _columns(column))
        with house.db.transaction() as session:
            if community is not None:
                _community(session, community)
            codes = () if community is None else (community,)
            communities = taking.communities_in_force(session, now=clock.utcnow(), codes=codes)
            projection = Projection(areas.city(session).srid_m)
    found = taking.checked_against(incoming, communities, projection)
    _faults(incoming.faults)
    for one in found.findings:
        print(_line(one))
    wrong = sum(one.severity is Severity.ERROR for one in found.findings)
    print(
        f"{len(found.shapes_m):,} grids: {wrong:,} errors, {len(found.findings) - wrong:,} others, "
        f"{len(incoming.faults):,} rows that cannot be used"
    )
    if wrong or incoming.faults:
        raise typer.Exit(1)


@app.command()
def compare(
    before: PlanOrForce,
    after: PlanOrForce,
    out: Annotated[Path | None, typer.Option(help="A page .html or a GeoPackage .gpkg; default: a summary.")] = None,
    community: Community = None,
) -> None:
    """Two plans side by side: what becomes of each grid, and how many households and open cases change theirs."""
    if out is not None and out.suffix.lower() not in (".html", ".gpkg"):
        raise FileUnusable(f"“{out}” is neither .html nor .gpkg.", field="out", remedy="Name it so.")
    with opened(Settings.load()) as house, house.db.transaction() as session:
        now = clock.utcnow()
        ids = [_plan(before), _plan(after)]
        wanted = None if community is None else _community(session, community)
        found = comparing.compared(
            session, ids[0], ids[1], house.boards, cases=OpenCasePlaces(), now=now, community_id=wanted
        )
        names = ["现行网格 in force" if one is None else drafts.plan(session, one).name for one in ids]
        city = areas.city(session)
    _summary(found, names)
    if out is not None:
        if out.suffix.lower() == ".html":
            size = write_page(out, comparison_page(found, Shown(names[0], names[1], city.names, now, city.zone)))
        else:
            size = write_bytes(out, compared_file(found))
        print(f"{out}: {size / 1e6:.1f} MB")


def _summary(found: Sequence[Compared], names: Sequence[str]) -> None:
    print(f"{names[0]} → {names[1]}")
    for one in found:
        told = one.comparison
        fates = ", ".join(f"{count} {fate}" for fate, count in told.fates().items() if count)
        cases = "" if told.cases_moved is None else f", {told.cases_moved:,} open cases"
        print(
            f"{one.after.community}: {fates}; {told.households_moved:,} of {told.households:,} households{cases} "
            "change their grid"
        )


def _read(house: House, file: Path, asked: Asked, place: tuple[str | None, Datum], columns: dict[str, str]) -> Incoming:
    try:
        data = file.read_bytes()
    except OSError as problem:
        raise FileUnusable(f"“{file}” cannot be read: {problem.strerror}.", field="file") from None
    with house.db.transaction() as session:
        near = city_box(session)
    return understood(held.read(house.plan_files, data, asked, Wanted(*place, near)), columns)


def _columns(given: Sequence[str] | None) -> dict[str, str]:
    pairs = [one.partition("=") for one in given or ()]
    wrong = next((one for one in pairs if not one[0] or not one[2]), None)
    if wrong is not None:
        raise BadInput(f"“{''.join(wrong)}” is no name=heading.", field="column", remedy="For instance code=WGBM.")
    return {name: heading for name, _, heading in pairs}


def _plan(text: str) -> int | None:
    if text == IN_FORCE:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise PlanNamed(f"“{text}” is no plan.", field="plan", remedy="Give its id, or in-force.")
    return int(text)


def _community(session: Session, code: str) -> int:
    rows = areas.list_areas(session, at=clock.utcnow(), level=Level.COMMUNITY, code=code, limit=1)
    if not rows:
        raise AreaUnknown(
            f"There is no community {code}.", field="community", remedy="gridgov export areas lists them."
        )
    return int(rows[0].id)


def _show(one: Preview) -> None:
    told = one.comparison
    fates = ", ".join(f"{count} {fate}" for fate, count in told.fates().items() if count)
    print(
        f"{one.drawn.community}: {fates}; {told.households_moved:,} households change their grid, "
        f"{len(one.found.unassigned):,} atoms ({one.households_unassigned():,} households) in none, "
        f"{len(one.found.cut):,} atoms cut" + ("; nothing changes" if one.unchanged else "")
    )
    if one.locked:
        print(f"  locked grids that it would change: {', '.join(map(str, one.locked))}")
    for finding in one.findings[:SHOWN]:
        print(f"  {_line(finding)}")
    if len(one.findings) > SHOWN:
        print(f"  … and {len(one.findings) - SHOWN:,} more")
    _faults(one.faults)


def _faults(faults: Sequence[tuple[int, Fault]]) -> None:
    for row, fault in faults[:SHOWN]:
        value = f" (“{fault.value}”)" if fault.value else ""
        print(f"  row {row}, {fault.column or 'the row'}: {fault.reason['zh']}。{fault.reason['en']}{value}.")
    if len(faults) > SHOWN:
        print(f"  … and {len(faults) - SHOWN:,} more rows")


def _line(one: Finding) -> str:
    place = "" if one.place is None else f" @ {one.place[0]:.6f}, {one.place[1]:.6f}"
    return f"{one.severity} {one.kind}{place}: {one.zh}。{one.en}."
