"""`gridgov import`: one file, or some of a kind, into the city that GRIDGOV_CITY names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel, ValidationError

from gridgov.bootstrap import House
from gridgov.cli.bars import watched
from gridgov.cli.calendar import written_change
from gridgov.cli.house import opened
from gridgov.interop import cityfile
from gridgov.interop.citylines import explain
from gridgov.interop.files import Take
from gridgov.interop.imports.agencies import import_agencies
from gridgov.interop.imports.areas import import_areas
from gridgov.interop.imports.calendar import import_calendar
from gridgov.interop.imports.divisions import import_divisions
from gridgov.interop.imports.duties import import_duties
from gridgov.interop.imports.incidents import import_incidents
from gridgov.interop.imports.layers import import_layer
from gridgov.interop.imports.run import Place
from gridgov.interop.imports.sites import import_sites
from gridgov.interop.problems import ImportReport
from gridgov.platform import clock
from gridgov.platform.errors import BadInput
from gridgov.platform.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Load files into the city (docs/import.md).")

Part = TypeVar("Part", bound=BaseModel)
Files = Annotated[list[Path], typer.Argument(help="Files to load.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", "-c", help="KEY=COLUMN: which column of the file holds what. Repeatable."),
]
Layer = Annotated[str | None, typer.Option(help="Layer of a GeoPackage or archive, sheet of a workbook.")]
Crs = Annotated[
    str | None, typer.Option(help="Coordinate reference system, e.g. EPSG:4548; default: what the file says.")
]
DatumName = Annotated[str, typer.Option(help="wgs84, cgcs2000, gcj02 or bd09.")]
Encoding = Annotated[str | None, typer.Option(help="UTF-8 or GB18030; default: found out.")]
Problems = Annotated[Path | None, typer.Option(help="Folder for the files of refused rows.")]
From = Annotated[datetime | None, typer.Option("--from", help="The instant from which it holds.")]


class OptionIsBad(BadInput):
    """An option of the command does not say what it has to."""

    code = "bad-option"


@app.command()
def areas(
    files: Files,
    level: Annotated[str, typer.Option(help="city, district, subdistrict, community or grid.")],
    column: Columns = None,
    parent: Annotated[str | None, typer.Option(help='"column" or "place"; default: column when one is named.')] = None,
    layer: Layer = None,
    crs: Crs = None,
    datum: DatumName = "wgs84",
    encoding: Encoding = None,
    valid_from: From = None,
    complete: Annotated[bool, typer.Option(help="Areas of this level that the files lack cease to exist.")] = False,
    problems: Problems = None,
) -> None:
    """Areas of one level. Columns: code, name_zh, name_en, parent, kind, population, households, wkt."""
    part = _part(
        cityfile.Areas,
        column,
        file=files,
        level=level,
        parent=parent,
        layer=layer,
        crs=crs,
        datum=datum,
        encoding=encoding,
        valid_from=valid_from,
        complete=complete,
    )
    with _working(problems) as (_house, place):
        _show(lambda: [import_areas(place, [(part, files)])])


@app.command()
def layer(
    files: Files,
    kind: Annotated[str, typer.Option(help="street, building, block or facility.")],
    column: Columns = None,
    layer: Layer = None,
    crs: Crs = None,
    datum: DatumName = "wgs84",
    encoding: Encoding = None,
    problems: Problems = None,
) -> None:
    """Streets, buildings, blocks or facilities. Columns: id, name_zh, name_en, class, households, lon, lat, wkt."""
    part = _part(
        cityfile.Layer,
        column,
        file=files,
        layer=kind,
        source_layer=layer,
        crs=crs,
        datum=datum,
        encoding=encoding,
    )
    with _working(problems) as (_house, place):
        _show(lambda: import_layer(place, part, files))


@app.command()
def osm(
    files: Files,
    take: Annotated[list[Take] | None, typer.Option(help="street, building, site; default: all.")] = None,
    problems: Problems = None,
) -> None:
    """Roads, buildings and amenities of an OpenStreetMap extract (.osm, .osm.gz, .osm.pbf)."""
    part = _part(cityfile.Layer, None, file=files, format="osm", **({"take": take} if take else {}))
    with _working(problems) as (_house, place):
        _show(lambda: import_layer(place, part, files))


@app.command()
def agencies(files: Files, column: Columns = None, distinct: bool = False, problems: Problems = None) -> None:
    """Agencies. Columns: code, name_zh, name_en, kind, parent, stationed, phone."""
    part = _part(cityfile.Agencies, column, file=files, distinct=distinct)
    with _working(problems) as (_house, place):
        _show(lambda: [import_agencies(place, part, files)])


@app.command()
def sites(
    files: Files,
    column: Columns = None,
    agency: Annotated[str | None, typer.Option(help="The agency of all sites in the files.")] = None,
    layer: Layer = None,
    crs: Crs = None,
    datum: DatumName = "wgs84",
    problems: Problems = None,
) -> None:
    """Agencies' sites and service points. Columns: id, name_zh, name_en, kind, address, agency, lon, lat, wkt."""
    part = _part(cityfile.Sites, column, file=files, agency=agency, layer=layer, crs=crs, datum=datum)
    with _working(problems) as (_house, place):
        _show(lambda: [import_sites(place, part, files)])


@app.command()
def duties(
    files: Files,
    name: Annotated[str, typer.Option(help="Name of the duty list.")],
    column: Columns = None,
    valid_from: From = None,
    distinct: bool = False,
    problems: Problems = None,
) -> None:
    """A duty list. Columns: code, category, area, class, lead, support, served_from_sites, nearest, basis, limit."""
    part = _part(cityfile.Duties, column, file=files, name=name, valid_from=valid_from, distinct=distinct)
    with _working(problems) as (_house, place):
        _show(lambda: [import_duties(place, part, files)])


@app.command()
def incidents(
    files: Files,
    column: Columns = None,
    channel: Annotated[str, typer.Option(help="How they came in, where no column says it.")] = "import",
    source: Annotated[
        str | None, typer.Option(help="A name of the source; the same id from another is another.")
    ] = None,
    layer: Layer = None,
    crs: Crs = None,
    datum: DatumName = "wgs84",
    encoding: Encoding = None,
    problems: Problems = None,
) -> None:
    """Old incidents.

    Columns: id, category, happened_at, text, address, channel, status, accuracy_m, datum, lon, lat.
    """
    part = _part(
        cityfile.Incidents,
        column,
        file=files,
        channel=channel,
        source=source,
        layer=layer,
        crs=crs,
        datum=datum,
        encoding=encoding,
    )
    with _working(problems) as (house, place):
        _show(lambda: [import_incidents(place, part, files, indexes=house, now=clock.utcnow())])


@app.command()
def divisions(
    files: Files,
    code: Annotated[str, typer.Option(help="Column of the code.")] = "code",
    name: Annotated[str, typer.Option(help="Column of the name.")] = "name",
    problems: Problems = None,
) -> None:
    """National division codes (行政区划代码), for every city of this installation."""
    with _working(problems) as (_house, place):
        _show(lambda: [import_divisions(place, files, code=code, name=name)])


@app.command()
def calendar(
    files: Files,
    complete: Annotated[
        bool, typer.Option(help="In the years of the files, days that they lack are plain days again.")
    ] = False,
    preview: Annotated[bool, typer.Option(help="Only show what would change.")] = False,
    problems: Problems = None,
) -> None:
    """Holidays and make-up working days. Columns: day, working, name_zh, name_en, source."""
    with _working(problems) as (_house, place):
        done = import_calendar(place, files, complete=complete, preview=preview)
    for change in done.changes:
        print(f"  {written_change(change)}")
    print(done.report)


@contextmanager
def _working(problems: Path | None) -> Iterator[tuple[House, Place]]:
    settings = Settings.load()
    with opened(settings) as house, watched() as progress:
        yield house, Place(house.db, progress, problems or settings.home / "problems" / settings.city)


def _show(work: Callable[[], Sequence[ImportReport]]) -> None:
    start = monotonic()
    reports = work()
    seconds = max(monotonic() - start, 1e-3)
    for report in reports:
        print(report)
    print(f"  {seconds:.1f} s, {sum(report.read for report in reports) / seconds:,.0f} rows/s")


def _part(model: type[Part], columns: list[str] | None, **given: Any) -> Part:
    """A table as a city file would hold it, from options. Raises OptionIsBad."""
    content = {key: value for key, value in given.items() if value is not None}
    content["file"] = [str(path) for path in given["file"]]
    if columns:
        content["columns"] = dict(_pair(one) for one in columns)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first, detail = explain(error, model, {})
        raise OptionIsBad(detail, field=first, remedy="See docs/import.md.") from error


def _pair(text: str) -> tuple[str, str]:
    key, mark, column = text.partition("=")
    if not mark or not key or not column:
        raise OptionIsBad(f"{text!r} is not KEY=COLUMN.", field="--column", remedy="For instance: -c code=CODE")
    return key.strip(), column.strip()
