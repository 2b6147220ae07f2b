"""`gridgov city`: set a city up from its city file."""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import Annotated

import typer

from gridgov.cli.bars import watched
from gridgov.cli.house import opened
from gridgov.interop.cityfile import read_city_file
from gridgov.interop.cityload import check_files, loading
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
def check(file: File, data: Data = None) -> None:
    """Read the city file and look for every file that it names. Nothing is stored."""
    city = read_city_file(file, data)
    check_files(city)
    print(f"{file.name}: the city {city.city.code!r} is well described, and every file is there.")
