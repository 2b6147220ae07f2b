"""The city file (TOML): which files make a city, what their columns mean.

Owns the form of the file and precise errors (key, line, what to write instead). Does not own reading the files it names
(`files/`) nor loading them (`imports/`). docs/city-file.md explains every key.
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from gridgov.geo.crs import Datum
from gridgov.interop.citylines import explain, line_index
from gridgov.interop.files.osm import Take
from gridgov.interop.files.refusals import FileMissing
from gridgov.interop.files.text import decode
from gridgov.platform.errors import BadInput

Level = Literal["city", "district", "subdistrict", "community", "grid"]
GridKind = Literal["urban", "rural", "special"]
ManagementClass = Literal["综合", "专业", "协助", "comprehensive", "professional", "assisting"]


class CityFileBroken(BadInput):
    """The city file does not say what it has to; `field` is the key, the detail names the line."""

    code = "city-file-broken"


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Files = Annotated[tuple[str, ...], BeforeValidator(_several)]


def _languages(value: Any) -> Any:
    unknown = sorted(set(value) - {"zh", "en"}) if isinstance(value, dict) else []
    if unknown:
        raise ValueError(f"names are given in zh and en, not in {unknown[0]}")
    return value


Names = Annotated[dict[str, Annotated[str, Field(min_length=1)]], BeforeValidator(_languages)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class City(_Part):
    """[city]: `centre` is lon, lat; `srid_m` the metre CRS of lengths and areas."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")
    names: Names
    timezone: str = "Asia/Shanghai"
    centre: tuple[float, float] | None = None
    srid_m: int | None = None
    nearest: Literal["road", "straight"] = "road"

    @field_validator("names")
    @classmethod
    def _named(cls, names: dict[str, str]) -> dict[str, str]:
        if not names:
            raise ValueError("give at least one of zh and en")
        return names


class _Filed(_Part):
    """What every table that reads files has. `file` or `files`: paths or patterns, relative to the city file."""

    files: Files = Field(default=(), alias="file")
    layer_name: str | None = Field(default=None, alias="layer")
    crs: str | None = None
    datum: Datum = Datum.WGS84
    encoding: str | None = None
    distinct: bool = False

    @model_validator(mode="before")
    @classmethod
    def _one_spelling(cls, data: Any) -> Any:
        if isinstance(data, dict) and "files" in data and "file" in data:
            raise ValueError("give `file` or `files`, not both")
        return data


class AreaColumns(_Part):
    code: str
    name_zh: str | None = None
    name_en: str | None = None
    parent: str | None = None
    kind: str | None = None
    population: str | None = None
    households: str | None = None
    wkt: str | None = None


class Areas(_Filed):
    """[[areas]]: one level of areas. `parent`: "column" (columns.parent holds its code) or "place" (who holds most)."""

    level: Level
    files: Files = Field(alias="file", min_length=1)
    parent: Literal["column", "place"] | None = None
    columns: AreaColumns
    kind: GridKind = "urban"
    code_prefix: str = ""
    valid_from: datetime | date | None = None
    complete: bool = False

    @model_validator(mode="after")
    def _has_parent(self) -> Areas:
        if self.parent == "column" and self.columns.parent is None:
            raise ValueError('parent = "column" needs columns.parent, the column with the code of the parent')
        return self

    @property
    def parent_by_column(self) -> bool:
        return self.parent == "column" or (self.parent is None and self.columns.parent is not None)


class LayerColumns(_Part):
    id: str | None = None
    name_zh: str | None = None
    name_en: str | None = None
    class_: str | None = Field(default=None, alias="class")
    households: str | None = None
    kind: str | None = None
    lon: str | None = None
    lat: str | None = None
    wkt: str | None = None


class Layer(_Part):
    """[[layers]]: streets, buildings, blocks or facilities; with format = "osm" what `take` names."""

    layer: Literal["street", "building", "block", "facility"] | None = None
    files: Files = Field(alias="file", min_length=1)
    format: Literal["osm"] | None = None
    take: tuple[Take, ...] = (Take.STREET, Take.BUILDING, Take.SITE)
    source_layer: str | None = None
    source: str | None = None
    crs: str | None = None
    datum: Datum = Datum.WGS84
    encoding: str | None = None
    columns: LayerColumns = LayerColumns()

    @model_validator(mode="after")
    def _says_what(self) -> Layer:
        if (self.layer is None) == (self.format is None):
            raise ValueError('give `layer` ("street", "building", "block" or "facility"), or format = "osm"')
        return self


class CategoryColumns(_Part):
    code: str
    name_zh: str | None = None
    name_en: str | None = None
    kind: str | None = None
    group: str | None = None
    group_zh: str | None = None
    group_en: str | None = None


class CategoryTable(_Filed):
    files: Files = Field(alias="file", min_length=1)
    columns: CategoryColumns
    kind: Literal["component", "matter"] = "matter"


class CategoryItem(_Part):
    code: str
    names: Names
    kind: Literal["component", "matter"] = "matter"
    group: str | None = None
    group_names: Names = Field(default_factory=dict)


class Categories(_Part):
    """[categories]: the national catalogue, files, or items written out."""

    national: bool = False
    files: tuple[CategoryTable, ...] = ()
    items: tuple[CategoryItem, ...] = ()


class AgencyColumns(_Part):
    code: str
    name_zh: str | None = None
    name_en: str | None = None
    kind: str | None = None
    parent: str | None = None
    stationed: str | None = None
    phone: str | None = None


class AgencyItem(_Part):
    code: str
    names: Names
    kind: str | None = None
    parent: str | None = None
    stationed: str | None = None
    phone: str | None = None


class Agencies(_Filed):
    """[[agencies]]: a file, or `items` written out."""

    columns: AgencyColumns | None = None
    items: tuple[AgencyItem, ...] = ()

    @model_validator(mode="after")
    def _one_source(self) -> Agencies:
        if bool(self.files) == bool(self.items):
            raise ValueError("give `file` with `columns`, or `items`")
        if self.files and self.columns is None:
            raise ValueError("a file needs `columns`")
        return self


class SiteColumns(_Part):
    id: str | None = None
    name_zh: str | None = None
    name_en: str | None = None
    kind: str | None = None
    address: str | None = None
    agency: str | None = None
    lon: str | None = None
    lat: str | None = None
    wkt: str | None = None


class Sites(_Filed):
    """[[sites]]: where an agency works from; `agency` for all of the file, or columns.agency, or none (a service
    point).
    """

    files: Files = Field(alias="file", min_length=1)
    agency: str | None = None
    kind: str | None = None
    source: str | None = None
    columns: SiteColumns = SiteColumns()


class DutyColumns(_Part):
    code: str | None = None
    category: str
    area: str | None = None
    class_: str | None = Field(default=None, alias="class")
    lead: str
    support: str | None = None
    served_from_sites: str | None = None
    nearest: str | None = None
    basis: str | None = None
    limit: str | None = None
    level: str | None = None
    payer: str | None = None
    opening: str | None = None
    closing: str | None = None
    risk_points: str | None = None


class DutyRow(_Part):
    code: str | None = None
    category: str
    area: str | None = None
    class_: ManagementClass = Field(default="professional", alias="class")
    lead: str
    support: tuple[str, ...] = ()
    served_from_sites: bool = False
    nearest: Literal["road", "straight"] | None = None
    basis: str | None = None
    limit: str | None = None
    level: Literal["grid", "community", "subdistrict", "district"] | None = None
    payer: str | None = None
    opening: str | None = None
    closing: str | None = None
    risk_points: tuple[str, ...] = ()


class Duties(_Filed):
    """[[duties]]: one duty list. `served_from_sites`: true, or the categories (codes, prefixes "06*") for which it
    holds.
    """

    name: str
    kind: Literal["powers", "public_services", "tasks", "territorial"] = "territorial"
    valid_from: datetime | date | None = None
    basis: str | None = None
    class_: ManagementClass = Field(default="professional", alias="class")
    served_from_sites: bool | tuple[str, ...] = False
    nearest: Literal["road", "straight"] | None = None
    columns: DutyColumns | None = None
    items: tuple[DutyRow, ...] = ()

    @model_validator(mode="after")
    def _one_source(self) -> Duties:
        if not self.files and not self.items:
            raise ValueError("give `file` with `columns`, or `items`, or both")
        if self.files and self.columns is None:
            raise ValueError("a file needs `columns`")
        return self


class IncidentColumns(_Part):
    id: str
    category: str
    happened_at: str
    text: str | None = None
    address: str | None = None
    channel: str | None = None
    status: str | None = None
    accuracy_m: str | None = None
    datum: str | None = None
    lon: str | None = None
    lat: str | None = None
    wkt: str | None = None


class Incidents(_Filed):
    """[[incidents]]: historic incidents. `status_values`: the file's words -> open, closed, void, duplicate."""

    files: Files = Field(alias="file", min_length=1)
    columns: IncidentColumns
    channel: Literal["worker", "hotline", "mini-program", "window", "visit", "deputy", "sensor", "import"] = "import"
    status_values: dict[str, Literal["open", "closed", "void", "duplicate"]] = Field(default_factory=dict)
    source: str | None = None


class CityFile(_Part):
    """A whole city file; `folder` is what its paths are relative to."""

    city: City
    areas: tuple[Areas, ...] = ()
    layers: tuple[Layer, ...] = ()
    categories: Categories = Categories()
    agencies: tuple[Agencies, ...] = ()
    sites: tuple[Sites, ...] = ()
    duties: tuple[Duties, ...] = ()
    incidents: tuple[Incidents, ...] = ()
    folder: Path = Field(default=Path(), exclude=True)

    def paths(self, files: tuple[str, ...]) -> list[Path]:
        """The files that names and patterns stand for, in order. Raises FileMissing for one that stands for nothing."""
        return expand(files, self.folder)


def read_city_file(path: Path, data: Path | None = None) -> CityFile:
    """Read a city file; paths in it are relative to `data`, or to its own folder.

    Raises FileMissing, BrokenEncoding, CityFileBroken (TOML syntax; unknown, missing or wrong keys; all of them named).
    """
    if not path.is_file():
        raise FileMissing(f"There is no city file {path}.", field="file", remedy="Check the path.")
    text = decode(path.read_bytes(), path.name)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CityFileBroken(
            f"{path.name} is not TOML: {error}.", field=path.name, remedy="See docs/city-file.md."
        ) from error
    content.pop("folder", None)
    try:
        city = CityFile.model_validate(content)
    except ValidationError as error:
        first, detail = explain(error, CityFile, line_index(text))
        raise CityFileBroken(f"{path.name}: {detail}", field=first, remedy="See docs/city-file.md.") from error
    return city.model_copy(update={"folder": (data or path.parent).resolve()})


def expand(files: tuple[str, ...], folder: Path) -> list[Path]:
    """Paths that stand for themselves or are patterns ("incidents/*.geojson"), relative to `folder`, sorted."""
    found: list[Path] = []
    for name in files:
        path = folder / name
        if path.is_file():
            found.append(path)
            continue
        pattern = bool(set(name) & set("*?[")) and not Path(name).is_absolute()
        matches = sorted(folder.glob(name)) if pattern else []
        if not matches:
            raise FileMissing(
                f"There is no file {name} in {folder}.",
                field="file",
                remedy="Paths are relative to the city file, or to --data.",
            )
        found.extend(match for match in matches if match.is_file())
    return list(dict.fromkeys(found))
