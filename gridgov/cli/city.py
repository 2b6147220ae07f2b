"""`gridgov city`: set a city up from its city file."""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import Annotated

import typer

from gridgov.areas import service as areas
from gridgov.cli.bars import watched
from gridgov.cli.house import database, opened
from gridgov.cli.standing import standing
from gridgov.geo.crs import check_lonlat
from gridgov.interop.cityfile import read_city_file
from gridgov.interop.cityload import check_files, loading
from gridgov.platform import citus
from gridgov.platform.errors import BadInput
from gridgov.platform.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Set a city up from its city file (docs/city-file.md).")

File = Annotated[Path, typer.Argument(help="The city file (TOML).")]
Data = Annotated[Path | None, typer.Option(help="Folder that the paths in the city file are relative to.")]


@app.command()
def load(
    file: File,
    data: Data = None,
    problems: Annotated[Path | None, typer.Option(help="Folder for the files of refused rows.")] = None,
) -> None:
    """Load everything that the city file names, each table in one transaction. Safe to repeat."""
    city = read_city_file(file, data)
    settings = Settings.load(city=city.city.code)
    folder = problems or settings.home / "problems" / settings.city
    with opened(settings, fresh=True) as house, watched() as progress:
        start = monotonic()
        for report in loading(house, file, data=data, progress=progress, problems=folder):
            seconds = max(monotonic() - start, 1e-3)
            print(f"{report}\n  {seconds:.1f} s, {report.read / seconds:,.0f} rows/s", flush=True)
            start = monotonic()


@app.command()
def add(
    code: Annotated[str, typer.Argument(help="Its code: the name of its schema and of its paths (/c/CODE).")],
    file: Annotated[Path | None, typer.Option(help="The city file; its code must be the same.")] = None,
    data: Data = None,
    empty: Annotated[bool, typer.Option("--empty", help="Only the schema and the register.")] = False,
    name: Annotated[str | None, typer.Option(help="Of an empty city: its name 中文.")] = None,
    name_en: Annotated[str | None, typer.Option(help="Of an empty city: its name in English.")] = None,
    at: Annotated[str | None, typer.Option(help="Of an empty city: its middle, as lon,lat in degrees.")] = None,
    timezone: Annotated[str, typer.Option(help="Of an empty city: its time zone.")] = "Asia/Shanghai",
) -> None:
    """Add a city to the installation: a schema of its own, migrated; then its file, or nothing yet. Safe to repeat."""
    if (file is None) is not empty:
        raise BadInput("A city is added from its file, or empty.", field="file", remedy="Give --file FILE or --empty.")
    if file is not None:
        found = read_city_file(file, data).city.code
        if found != code:
            raise BadInput(
                f"{file.name} is the file of the city {found!r}.", field="code", remedy=f"gridgov city add {found} …"
            )
        load(file, data)
        return
    lon, lat = _middle(at)
    names = {key: value for key, value in (("zh", name), ("en", name_en)) if value}
    if not names:
        raise BadInput("An empty city needs a name.", field="name", remedy="Give --name 淮南 or --name-en Huainan.")
    with opened(Settings.load(city=code), fresh=True) as house, house.db.transaction() as session:
        areas.set_up_city(session, code=code, names=names, timezone=timezone, lon=lon, lat=lat)
    print(f"{code} is there, and empty. Load it: gridgov city load FILE, or gridgov import … with GRIDGOV_CITY={code}.")


def _middle(at: str | None) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in (at or "").split(","))
        check_lonlat(lon, lat)
    except ValueError:
        raise BadInput(
            "An empty city needs its middle.", field="at", remedy="Give --at 117.0,32.6: lon, lat in degrees."
        ) from None
    return lon, lat


@app.command("list")
def list_() -> None:
    """Every city of this installation: code, names, form of its schema, and on a cluster the node it lies on."""
    settings = Settings.load()
    with database(settings) as url:
        found = standing(url)
    for one in found:
        names = " ".join(one.names.get(language, "") for language in ("zh", "en"))
        print(f"{one.code}\t{names}\t{one.form}\t{one.node or 'this server'}")
    if not found:
        print("No city has been loaded yet: gridgov city add CODE --file FILE")


@app.command()
def move(
    code: Annotated[str, typer.Argument(help="The city.")],
    node: Annotated[str, typer.Argument(help="Where to: host:port of a node, as “gridgov city list” shows them.")],
) -> None:
    """On a cluster: move a city to another node while it is worked with (docs/scale.md)."""
    start = monotonic()
    with database(Settings.load(city=code)) as url:
        citus.move(url, code, node)
    print(f"{code} lies on {node} now; that took {monotonic() - start:.1f} s.")


@app.command()
def check(file: File, data: Data = None) -> None:
    """Read the city file and look for every file that it names. Nothing is stored."""
    city = read_city_file(file, data)
    check_files(city)
    print(f"{file.name}: the city {city.city.code!r} is well described, and every file is there.")
