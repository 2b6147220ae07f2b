"""The demo city as a whole: one city built here, one by another process, and what must hold of both.

Every check is a function with a control: the same check on a city that is spoilt on purpose has to fail.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from gridgov.interop.cityfile import read_city_file
from gridgov.interop.democity import city as democity
from gridgov.interop.democity import files, plan, stationed
from gridgov.interop.democity.areas import reading_order
from gridgov.interop.democity.duties import matters, orphans
from gridgov.interop.democity.incidents import Incidents

pytestmark = pytest.mark.xdist_group("democity")

SEED, UNTIL = 20260101, date(2026, 11, 1)
LEVELS = ("district", "subdistrict", "community", "grid")
_OTHER = """
import sys; from datetime import date; from pathlib import Path; from gridgov.interop.democity import generate
summary = generate(Path(sys.argv[1]), seed=20260101, until=date(2026, 11, 1))
print(summary.incidents, summary.households, summary.tiles)
"""

Layer = tuple[NDArray[np.object_], dict[str, NDArray[Any]]]


@pytest.fixture(scope="module")
def made() -> democity.City:
    return democity.found(SEED)


@pytest.fixture(scope="module")
def history(made: democity.City) -> Incidents:
    return democity.history(made, SEED, UNTIL)


@pytest.fixture(scope="module")
def folder(made: democity.City, history: Incidents, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("democity") / "泓川 市"
    assert files.write(path, made, history, SEED, UNTIL)
    return path


def read(path: Path, layer: str) -> Layer:
    meta, _, geometry, columns = pyogrio.raw.read(path, layer=layer)
    return shapely.from_wkb(geometry), dict(zip(meta["fields"].tolist(), columns, strict=True))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def same_content(one: Path, other: Path, layer: str) -> bool:
    (a, a_columns), (b, b_columns) = read(one, layer), read(other, layer)
    columns = a_columns.keys() == b_columns.keys() and all((a_columns[k] == b_columns[k]).all() for k in a_columns)
    return bool(columns and len(a) == len(b) and (shapely.to_wkb(a) == shapely.to_wkb(b)).all())


def test_another_process_with_another_hash_seed_writes_the_same(folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _OTHER, str(tmp_path)]
    root = str(Path(__file__).parents[3])
    env = {"PYTHONHASHSEED": "1", "PYTHONPATH": root, "PATH": "/usr/bin:/bin"}
    said = subprocess.run(command, env=env, cwd=root, check=True, capture_output=True, text=True).stdout.split()
    assert said[2] == "True"
    for name in ("city.toml", "agencies.csv", "sites.csv", "duties.csv", "incidents.csv"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name
    for name, layers in (("areas.gpkg", LEVELS), ("layers.gpkg", ("street", "block", "building", "facility"))):
        for layer in layers:
            assert same_content(folder / name, tmp_path / name, layer), layer
    assert int(said[0]) == len(rows(folder / "incidents.csv"))


def test_another_seed_or_day_makes_something_else(made: democity.City, history: Incidents) -> None:
    assert plan.draw(SEED).villages == plan.draw(SEED).villages != plan.draw(SEED + 1).villages
    later = democity.history(made, SEED, UNTIL + timedelta(days=1))
    assert later.id != history.id
    assert abs(len(later) - len(history)) < 1500


def test_the_city_file_is_one_and_names_files_that_are_there(folder: Path) -> None:
    city = read_city_file(folder / "city.toml")
    assert city.city.names == {"zh": "泓川市", "en": "Hongchuan"}
    named = [part.files for part in (*city.areas, *city.sites, *city.incidents, *city.agencies, *city.duties)]
    named += [part.files for part in city.layers]
    assert all(city.paths(several) for several in named)


# --- areas: counts, codes, tiling -----------------------------------------------------------------------------------


def test_one_district_has_sub_districts_and_the_other_is_flat(folder: Path) -> None:
    _, communities = read(folder / "areas.gpkg", "community")
    _, towns = read(folder / "areas.gpkg", "subdistrict")
    by_parent = Counter(communities["parent"].tolist())
    assert by_parent.pop("349903") == 12
    assert sum(by_parent.values()) == 18
    assert set(by_parent) == set(towns["code"].tolist())
    assert set(towns["parent"].tolist()) == {"349902"}
    assert len(towns["code"]) == 8


def test_codes_have_their_digits_and_begin_with_their_parents(folder: Path) -> None:
    for level, digits in zip(LEVELS, (6, 9, 12, 15), strict=True):
        _, columns = read(folder / "areas.gpkg", level)
        codes = columns["code"].tolist()
        assert len(set(codes)) == len(codes)
        assert all(re.fullmatch(rf"3499\d{{{digits - 4}}}", code) for code in codes)
        if level != "district":
            assert all(code.startswith(parent) for code, parent in zip(codes, columns["parent"], strict=True))
    assert all(code[6:9] == "000" for code in _codes_of_flat(folder))


def _codes_of_flat(folder: Path) -> list[str]:
    _, columns = read(folder / "areas.gpkg", "community")
    return [c for c, parent in zip(columns["code"], columns["parent"], strict=True) if parent == "349903"]


def in_reading_order(codes: list[str], parents: list[str], xy: NDArray[np.float64]) -> bool:
    """Within a parent, and a band of numbers (sub-districts, towns; communities, villages), codes follow the rule."""
    groups: dict[tuple[str, bool], list[int]] = {}
    for i, (code, parent) in enumerate(zip(codes, parents, strict=True)):
        groups.setdefault((parent, code[-3:] >= "100"), []).append(i)
    for members in groups.values():
        mine = np.array(sorted(members, key=lambda i: codes[i]))
        if (reading_order(xy[mine]) != np.arange(len(mine))).any():
            return False
    return True


def test_numbers_run_from_west_to_east_and_north_to_south(made: democity.City) -> None:
    for areas in (made.areas.subdistrict, made.areas.community, made.areas.grid):
        xy = shapely.get_coordinates(shapely.centroid(np.array([a.polygon for a in areas], dtype=object)))
        codes = [a.code for a in areas]
        parents = [a.code[:-3] for a in areas]
        assert in_reading_order(codes, parents, xy)
        assert not in_reading_order(codes, parents, xy[::-1])


def tiles(children: NDArray[np.object_], parents: Iterable[str], whole: dict[str, Any]) -> bool:
    """No gap, no overlap, and the children of each parent make up exactly the parent."""
    if not shapely.coverage_is_valid(children):
        return False
    by_parent: dict[str, list[Any]] = {}
    for child, parent in zip(children, parents, strict=True):
        by_parent.setdefault(parent, []).append(child)
    union = {parent: shapely.coverage_union_all(shapely.get_parts(np.array(c))) for parent, c in by_parent.items()}
    return union.keys() == whole.keys() and all(shapely.equals(union[p], whole[p]) for p in union)


def test_every_level_tiles_its_parents_exactly(folder: Path) -> None:
    path = folder / "areas.gpkg"
    shape = {level: read(path, level) for level in LEVELS}
    whole = {c: g for level in LEVELS for c, g in zip(shape[level][1]["code"], shape[level][0], strict=True)}

    def holds(level: str, spoil: Any = None) -> bool:
        children, columns = shape[level]
        children = children if spoil is None else spoil(children)
        return tiles(children, columns["parent"], {p: whole[p] for p in columns["parent"]})

    for level in ("community", "grid"):
        assert holds(level)
        assert not holds(level, lambda g: np.array([shapely.buffer(g[0], -1e-6), *g[1:]]))
        assert not holds(level, lambda g: np.array([shapely.union(g[0], g[1]), *g[1:]]))
    north_and_south = shapely.coverage_union_all(shapely.get_parts(shape["district"][0]))
    grids = shapely.coverage_union_all(shapely.get_parts(shape["grid"][0]))
    assert shapely.equals(north_and_south, grids)
    assert shapely.get_num_interior_rings(grids) == 0


def test_blocks_tile_the_grids_and_each_area_is_one_piece(folder: Path) -> None:
    blocks, columns = read(folder / "layers.gpkg", "block")
    grids, grid_columns = read(folder / "areas.gpkg", "grid")
    whole = dict(zip(grid_columns["code"], grids, strict=True))
    assert tiles(blocks, columns["grid"], whole)
    assert not tiles(blocks, np.roll(columns["grid"], 1), whole)
    for level in LEVELS:
        shapes, _ = read(folder / "areas.gpkg", level)
        assert (shapely.get_num_geometries(shapes) == 1).all(), level


# --- households and buildings ---------------------------------------------------------------------------------------


def test_ordinary_grids_have_about_300_households(folder: Path) -> None:
    _, grids = read(folder / "areas.gpkg", "grid")
    homes = grids["households"][grids["kind"] != "special"]
    assert ((homes >= 270) & (homes <= 330)).mean() >= 0.95
    assert 230 <= len(homes) <= 275
    assert (grids["households"][grids["kind"] == "special"] == 0).all()
    assert Counter(grids["kind"].tolist()).keys() == {"urban", "rural", "special"}
    blocks = np.random.default_rng(0).permutation(homes.repeat(2) // 2)  # halves put together by chance
    by_chance = blocks[::2] * np.random.default_rng(1).uniform(0.6, 1.4, len(homes)) + blocks[1::2]
    assert ((by_chance >= 270) & (by_chance <= 330)).mean() < 0.8


def test_buildings_lie_whole_in_one_grid_and_hold_its_households(folder: Path) -> None:
    houses, columns = read(folder / "layers.gpkg", "building")
    grids, grid_columns = read(folder / "areas.gpkg", "grid")
    house, grid = shapely.STRtree(houses).query(grids, predicate="covers")[::-1]
    assert len(house) == len(houses) == len(set(house.tolist()))
    held = np.bincount(grid, columns["households"][house], len(grids)).astype(int)
    assert (held == grid_columns["households"]).all()
    assert 73_000 <= held.sum() <= 77_000
    assert (columns["households"][np.isin(columns["class"], ("office", "school", "industrial"))] == 0).all()
    shifted = shapely.transform(houses, lambda xy: xy + np.array([0.0005, 0]))
    assert len(shapely.STRtree(shifted).query(grids, predicate="covers")[0]) < len(houses)


# --- streets --------------------------------------------------------------------------------------------------------


def crossings(streets: NDArray[np.object_]) -> int:
    """Pairs of streets that meet elsewhere than at their ends."""
    a, b = shapely.STRtree(streets).query(streets, predicate="crosses")
    return int((a < b).sum())


def components(streets: NDArray[np.object_]) -> int:
    ends = np.array([[s.coords[0], s.coords[-1]] for s in streets])
    _, node = np.unique(ends.reshape(-1, 2), axis=0, return_inverse=True)
    a, b = node.reshape(-1, 2).T
    n = int(node.max()) + 1
    return int(connected_components(coo_matrix((np.ones(len(a)), (a, b)), shape=(n, n)), directed=False)[0])


def test_streets_are_one_net_noded_at_every_junction(folder: Path) -> None:
    streets, columns = read(folder / "layers.gpkg", "street")
    assert crossings(streets) == 0
    assert components(streets) == 1
    assert set(columns["class"].tolist()) == {"arterial", "secondary", "local", "lane"}
    assert all(columns["name"])
    assert all(columns["name_en"])
    arterial = streets[columns["class"] == "arterial"]
    assert crossings(np.array([*streets, shapely.LineString([(116.88, 33.12), (116.92, 33.121)])])) > 0
    assert components(arterial[::2]) > 1


# --- facilities, agencies, duties -----------------------------------------------------------------------------------


def test_facilities_have_component_codes_and_ids_of_17_digits(folder: Path) -> None:
    points, columns = read(folder / "layers.gpkg", "facility")
    components_ = {r["code"] for r in _catalogue() if r["kind"] == "component"}
    assert 4_500 <= len(points) <= 7_000
    assert set(columns["class"].tolist()) <= components_
    ids = columns["id"].tolist()
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"34990[23]\d{11}", i) and i[6:11] == c for i, c in zip(ids, columns["class"], strict=True))


def _catalogue() -> list[dict[str, str]]:
    return rows(Path(__file__).parents[3] / "geodata" / "categories.csv")


def test_the_catalogue_has_153_components_and_250_matters_in_two_languages() -> None:
    catalogue = _catalogue()
    assert Counter(r["kind"] for r in catalogue) == {"component": 153, "matter": 250}
    assert len({(r["kind"], r["code"]) for r in catalogue}) == 403
    for kind in ("component", "matter"):
        for column in ("name_zh", "name_en"):
            names = [r[column].strip() for r in catalogue if r["kind"] == kind]
            assert all(names)
            assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[\x20-\x7eéç]+", r["name_en"]) for r in catalogue)


def unrouted(duties: list[dict[str, str]], areas: dict[str, str]) -> set[tuple[str, str]]:
    """(matter, community) pairs that no line reaches; `areas`: community -> the codes above it, with commas."""
    everywhere = {d["category"] for d in duties if not d["area"]}
    somewhere = {(d["category"], d["area"]) for d in duties if d["area"]}
    return {
        (matter, community)
        for matter in matters()
        for community, above in areas.items()
        if matter not in everywhere and not any((matter, a) in somewhere for a in [community, *above.split(",")])
    }


def test_every_matter_has_an_owner_or_is_an_orphan_on_purpose(folder: Path) -> None:
    duties = rows(folder / "duties.csv")
    _, columns = read(folder / "areas.gpkg", "community")
    areas = {c: f"{p},{c[:6]}" for c, p in zip(columns["code"], columns["parent"], strict=True)}
    villages = {c for c, kind in zip(columns["code"], columns["kind"], strict=True) if kind == "village"}
    missing = unrouted(duties, areas)
    wanted = {(m, c) for m, where in orphans().items() for c in (areas if where == "all" else villages)}
    assert missing == wanted
    assert len(villages) == 6
    assert unrouted(duties[1:], areas) != wanted


def test_the_duty_list_names_bodies_that_exist(folder: Path) -> None:
    duties, agencies, sites = rows(folder / "duties.csv"), rows(folder / "agencies.csv"), rows(folder / "sites.csv")
    known = {a["code"] for a in agencies}
    with_sites = Counter(s["agency"] for s in sites)
    assert len(agencies) == 29
    assert {a for a in known if with_sites[a] < 2} == {stationed.CODE}
    codes = {c for level in LEVELS for c in read(folder / "areas.gpkg", level)[1]["code"]}
    for duty in duties:
        bodies = [duty["lead"], *filter(None, duty["support"].split(";"))]
        assert all(b in known or b in ("@unit", "@community", "@subdistrict") for b in bodies), duty
        assert duty["class"] in ("综合", "专业", "协助")
        assert (duty["served_from_sites"] == "false") or duty["lead"] in known
        assert not duty["area"] or duty["area"] in codes
    assert len({d["code"] for d in duties}) == len(duties)
    assert {d["served_from_sites"] for d in duties} == {"true", "false"}
    assert {d["nearest"] for d in duties} == {"", "road", "straight"}


def test_one_unit_is_stationed_and_leads_there_what_its_bureau_leads_elsewhere(folder: Path) -> None:
    duties, agencies = rows(folder / "duties.csv"), rows(folder / "agencies.csv")
    (unit,) = [a for a in agencies if a["stationed"]]
    assert (unit["code"], unit["parent"]) == (stationed.CODE, stationed.PARENT)
    assert unit["stationed"] in set(read(folder / "areas.gpkg", "subdistrict")[1]["code"])
    own = {d["category"] for d in duties if d["lead"] == unit["code"]}
    assert own == {d["category"] for d in duties if d["lead"] == stationed.PARENT and not d["area"]} != set()
    assert {d["area"] for d in duties if d["lead"] == unit["code"]} == {unit["stationed"]}


# --- incidents ------------------------------------------------------------------------------------------------------


def test_there_are_90_days_of_incidents_before_the_day_given(folder: Path) -> None:
    incidents = rows(folder / "incidents.csv")
    when = [datetime.fromisoformat(r["happened_at"]) for r in incidents]
    assert 18_500 <= len(incidents) <= 21_500
    assert {w.date() for w in when} == {UNTIL - timedelta(days=i) for i in range(1, 91)}
    assert when == sorted(when)
    assert len({r["id"] for r in incidents}) == len(incidents)
    assert all(3 <= float(r["accuracy_m"]) <= 40 for r in incidents)
    assert {r["status"] for r in incidents} == {"open", "closed"}
    assert {r["category"] for r in incidents} <= set(matters())


def test_texts_name_places_but_no_persons_or_telephones(folder: Path) -> None:
    incidents = rows(folder / "incidents.csv")
    assert all(r["text"] and r["address"] and "{" not in r["text"] for r in incidents)
    telephone = re.compile(r"\d{7,}|先生|女士|身份证|电话")
    assert not [r for r in incidents if telephone.search(r["text"] + r["address"])]
    assert telephone.search("联系电话13800000000")


def test_most_come_from_workers_by_day_and_from_citizens_at_night(history: Incidents) -> None:
    shares = Counter(history.channel.tolist())
    assert set(shares) == {"worker", "hotline", "mini-program", "window", "visit", "deputy", "sensor"}
    assert shares["worker"] / len(history) > 0.5
    late = (history.second // 3600 >= 21) | (history.second // 3600 < 5)
    assert np.isin(history.channel[late], ("hotline", "mini-program")).mean() > 0.7


def two_peaks(second: NDArray[np.int64]) -> bool:
    """A morning and an afternoon peak, each well above the midday rest, which is above the dead of night."""
    hours = np.bincount(second // 3600, minlength=24)
    noon, night = hours[12:14].mean(), hours[2:5].mean()
    return bool(hours[8:11].max() > 2 * noon and hours[15:18].max() > 2 * noon and noon > 2 * night)


def test_the_day_has_two_peaks(history: Incidents) -> None:
    assert two_peaks(history.second)
    assert not two_peaks(np.random.default_rng(0).integers(0, 86_400, len(history)))


def working_days_are_busier(day: NDArray[np.int64]) -> bool:
    week = np.array([(UNTIL - timedelta(days=90 - int(d))).weekday() for d in range(90)])
    counts = np.bincount(day, minlength=90)
    return bool(np.median(counts[week < 5]) > 1.12 * np.median(counts[week >= 5]))


def test_the_week_has_its_rhythm(history: Incidents) -> None:
    assert working_days_are_busier(history.day)
    assert not working_days_are_busier(np.random.default_rng(0).integers(0, 90, len(history)))


DRAINS = ("01002", "01003", "01004", "04002")


def days_of_rain(day: NDArray[np.int64], category: NDArray[np.str_]) -> list[int]:
    """Days with more than ten times the usual reports of drains and fallen trees."""
    counts = np.bincount(day[np.isin(category, DRAINS)], minlength=90)
    return np.flatnonzero(counts > 10 * max(1.0, float(np.median(counts)))).tolist()


def test_it_rains_on_one_day(history: Incidents) -> None:
    found = days_of_rain(history.day, history.category)
    assert len(found) == 1
    assert np.bincount(history.day).argmax() == found[0]
    assert days_of_rain(np.random.default_rng(0).permutation(history.day), history.category) == []


def crowded(xy: NDArray[np.float64], side_m: float = 100.0) -> float:
    """The share of points in the fullest two per cent of the cells that hold any."""
    _, counts = np.unique(np.floor(xy / side_m).astype(int), axis=0, return_counts=True)
    top = np.sort(counts)[::-1][: max(1, len(counts) // 50)]
    return float(top.sum() / len(xy))


def test_incidents_crowd_in_hot_spots(made: democity.City, history: Incidents) -> None:
    spots = made.ground.xy[~made.ground.wet]
    by_chance = spots[np.random.default_rng(0).integers(0, len(spots), len(history))]
    assert crowded(history.xy) > 0.15
    assert crowded(history.xy) > 2.5 * crowded(by_chance)


@pytest.mark.parametrize(
    ("category", "single", "reach_m"),
    [("09001", "market-old", 300), ("06029", "barbecue", 300), ("08004", "construction-1", 900)],
)
def test_each_hot_spot_is_where_it_should_be(
    made: democity.City, history: Incidents, category: str, single: str, reach_m: float
) -> None:
    centre = np.array(made.scene().centre_of_single[single])

    def share(of: NDArray[np.bool_]) -> float:
        return float((np.hypot(*(history.xy[of] - centre).T) < reach_m).mean())

    mine = history.category == category
    assert share(mine) > 0.12
    assert share(mine) > 2 * share(~mine)


def in_water(xy: NDArray[np.float64], made: democity.City) -> int:
    water = made.blocks[[b.use == "water" for b in made.land.blocks]]
    tree = shapely.STRtree(np.asarray(shapely.points(xy), dtype=object))
    return len(set(tree.query(water, predicate="contains")[1].tolist()))


def test_no_incident_lies_in_the_river_or_outside_the_city(made: democity.City, history: Incidents) -> None:
    assert in_water(history.xy, made) == 0
    assert in_water(history.xy - np.array([0.0, 400.0]), made) > 100
    city = shapely.coverage_union_all(np.array([d.polygon for d in made.areas.district], dtype=object))
    assert shapely.contains_xy(city, *history.xy.T).all()
