"""Loading incidents, beside geopandas: files in, each row in its grid, rows in PostgreSQL.

Ours is the product's own import, from files to the commit: every row is checked, known again by its id, located, routed
to an agency and a site by the duty list, and indexed. geopandas reads the same files, joins the same areas and writes
what it has; it checks and routes nothing. Both begin without indexes in memory. The grids must be the same.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas
import pandas
from sqlalchemy import text

from gridgov.bootstrap import House, build
from gridgov.interop.cityfile import CityFile, read_city_file
from gridgov.interop.cityload import loading
from gridgov.interop.democity import generate
from gridgov.interop.problems import ImportReport
from gridgov.platform import clock
from gridgov.platform.cluster import running
from gridgov.platform.migrate import upgrade
from tests.bench.city import HOME
from tests.bench.harness import LeftOut, Row, Scale, bench

DC = Path(__file__).resolve().parents[1] / "realdata" / "dc.toml"
Homes = dict[str, str]  # id of an incident in its source -> code of its grid


class AnswersDiffer(AssertionError):
    """geopandas finds other grids than we do: no figure means anything then."""


@bench("import")
def imports(scale: Scale) -> Iterator[Row | LeftOut]:
    """The same at both scales: an import of 20,000 rows is short, and making the city takes longer."""
    with tempfile.TemporaryDirectory(prefix="gridgov-bench-") as folder:
        generate(Path(folder), until=clock.utcnow().date())
        yield compare("demo city", Path(folder) / "city.toml", None)
    realdata = os.environ.get("GRIDGOV_REALDATA")
    if realdata:
        yield compare("service requests of Washington", DC, Path(realdata).resolve() / "dc_washington")
    else:
        yield LeftOut("import of a real city", "GRIDGOV_REALDATA names no folder")


def compare(name: str, city_file: Path, data: Path | None) -> Row:
    city = read_city_file(city_file, data)
    with empty_city(city.city.code) as house:
        seconds, report = load(house, city_file, data)
        ours = stored(house)
        begin = time.perf_counter()
        theirs = by_geopandas(city, house)
        their_seconds = time.perf_counter() - begin
    note = f"{report.taken:,} taken in {seconds:.1f} s, {agreement(ours, theirs)}; only ours routes and indexes them"
    peer = "geopandas read_file + sjoin + to_postgis"
    rates = report.read / seconds, report.read / their_seconds
    return Row(f"import incidents, {name}", report.read, rates[0], peer, rates[1], "rows/s", "more", note)


@contextmanager
def empty_city(code: str) -> Iterator[House]:
    """A house on a migrated database of its own; dropped afterwards."""
    name = f"bench_import_{os.getpid()}"
    with running(HOME) as cluster:
        cluster.drop_database(name)
        cluster.create_database(name)
        upgrade(cluster.url(name), code)
        house = build(cluster.url(name), code, HOME)
        try:
            yield house
        finally:
            house.close()
            cluster.drop_database(name)


def load(house: House, city_file: Path, data: Path | None) -> tuple[float, ImportReport]:
    """Load the city; the seconds of its incidents, which come last, alone."""
    begin = time.perf_counter()
    done: list[tuple[float, ImportReport]] = []
    for report in loading(house, city_file, data=data):
        done.append((time.perf_counter() - begin, report))
        begin = time.perf_counter()
    if done[-1][1].noun != "incidents":
        raise AnswersDiffer(f"the city's last import is {done[-1][1].noun}, not incidents")
    return done[-1]


def stored(house: House) -> Homes:
    with house.db.transaction() as session:
        rows = session.execute(
            text(
                "select i.attributes->>'source_id', v.code from incidents i "
                "join areas_version v on v.area_id = i.grid_id where i.outside_m = 0"
            )
        )
        return {row[0]: row[1] for row in rows}


def by_geopandas(city: CityFile, house: House) -> Homes:
    """What people write today: read both, join, write. The first of repeated ids, the lowest code on shared edges."""
    grids, part = city.areas[-1], city.incidents[-1]
    areas = read(city.paths(grids.files), grids.layer_name)[[grids.columns.code, "geometry"]]
    found = read(city.paths(part.files), part.layer_name)
    found = found.dropna(subset=[part.columns.id]).drop_duplicates(part.columns.id)
    areas = areas.rename(columns={grids.columns.code: "grid_code"}).sort_values("grid_code")
    joined = found.sjoin(areas, predicate="intersects", how="left").sort_values("grid_code")
    joined = joined.drop_duplicates(part.columns.id).drop(columns="index_right")
    joined.to_postgis("bench_joined", house.db.engine, index=False)
    known = joined.dropna(subset=["grid_code"])
    return dict(zip(known[part.columns.id].astype(str), known["grid_code"].astype(str), strict=True))


def read(paths: list[Path], layer: str | None) -> geopandas.GeoDataFrame:
    """Files of one kind in EPSG:4326; a CSV has its points in lon and lat."""
    frames = []
    for path in paths:
        if path.suffix == ".csv":
            rows = pandas.read_csv(path, dtype={"id": str, "category": str})
            points = geopandas.points_from_xy(rows.pop("lon"), rows.pop("lat"))
            frames.append(geopandas.GeoDataFrame(rows, geometry=points, crs=4326))
        else:
            frames.append(geopandas.read_file(path, layer=layer).to_crs(4326))
    return geopandas.GeoDataFrame(pandas.concat(frames, ignore_index=True), crs=4326)


def agreement(ours: Homes, theirs: Homes) -> str:
    """A sentence; raises AnswersDiffer unless every incident that we took is in the same grid there."""
    differ = {key: (code, theirs.get(key)) for key, code in ours.items() if theirs.get(key) != code}
    if differ:
        raise AnswersDiffer(f"{len(differ):,} of {len(ours):,} grids differ, such as {next(iter(differ.items()))}")
    return f"identical: the grids of all {len(ours):,} inside"
