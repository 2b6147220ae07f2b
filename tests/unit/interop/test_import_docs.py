"""The documents of the city file and of imports name everything that there is."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from gridgov.interop import cityfile
from gridgov.interop.cityfile import CityFile
from gridgov.interop.files import refusals
from gridgov.interop.files.faults import REASONS
from gridgov.interop.files.sniff import SUPPORTED
from gridgov.platform.errors import GridgovError

DOCS = Path(__file__).parents[3] / "docs"
CITY_FILE = (DOCS / "city-file.md").read_text("utf-8")
IMPORT = (DOCS / "import.md").read_text("utf-8")

MODELS = [
    model
    for _name, model in inspect.getmembers(cityfile, inspect.isclass)
    if issubclass(model, BaseModel) and model.__module__ == cityfile.__name__ and not model.__name__.startswith("_")
]


@pytest.mark.parametrize("model", MODELS, ids=[model.__name__ for model in MODELS])
def test_every_key_of_the_city_file_is_explained(model: type[BaseModel]) -> None:
    keys = {field.alias or name for name, field in model.model_fields.items()} - {"folder"}
    missing = {key for key in keys if not re.search(rf"[`\[.{{ ]{key}[`\]., =]", CITY_FILE)}
    assert not missing


def test_the_example_is_a_city_file() -> None:
    example = re.search(r"```toml\n(.*?)```", CITY_FILE, re.DOTALL)
    assert example is not None
    city = CityFile.model_validate(tomllib.loads(example.group(1)))
    assert (len(city.areas), len(city.layers), len(city.incidents)) == (2, 2, 1)


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_stands_in_the_table(code: str) -> None:
    zh, en = (re.sub(r"\{(\w+)\}", r"‹\1›", text) for text in REASONS[code])
    assert f"| `{code}` | {zh} | {en} |" in IMPORT


def test_every_refusal_of_a_file_stands_in_the_table() -> None:
    codes = {
        kind.code
        for _name, kind in inspect.getmembers(refusals, inspect.isclass)
        if issubclass(kind, GridgovError) and kind.__module__ == refusals.__name__
    }
    assert codes == set(re.findall(r"^\| `([a-z-]+)` \| [^|]+ \|$", IMPORT, re.MULTILINE))


def test_every_ending_stands_in_the_table() -> None:
    missing = [ending for ending in SUPPORTED.split() if f"`{ending}`" not in IMPORT and ending != ".pbf"]
    assert not missing
