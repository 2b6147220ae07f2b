"""What the generator reads from `geodata/`: names, categories, agencies, duties, the mix of incidents.

Owns: finding and reading those files. Does not own: their content (see geodata/README.md), what is made of it.
"""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

GEODATA = Path(__file__).resolve().parents[3] / "geodata"


class StockMissing(ValueError):
    """A file of `geodata/` that the generator needs is not there."""


def _path(name: str) -> Path:
    path = GEODATA / name
    if not path.is_file():
        raise StockMissing(
            f"geodata/{name} is missing; the demo city needs the project's geodata folder beside the package"
        )
    return path


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a CSV file of `geodata/`, as text."""
    with _path(name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def places() -> dict[str, Any]:
    """`geodata/places.toml`: city, districts, sub-districts, main streets, single places."""
    with _path("places.toml").open("rb") as file:
        return tomllib.load(file)


def stems(name: str, column: str | None = None, value: str | None = None) -> list[tuple[str, str]]:
    """(zh, en) pairs of a stock of names, in the order of the file; of one kind where a column is given."""
    return [(r["zh"], r["en"]) for r in rows(f"names/{name}.csv") if column is None or r[column] == value]
