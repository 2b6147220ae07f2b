"""Datums, coordinate faults and metre projections, against published values and places whose side is known."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import shapely
from pyproj import CRS

from gridgov.geo import crs
from gridgov.geo.crs import BadCoordinate, BadProjection, CoordinateFault, Datum, Projection, UnknownDatum

# eviltransform's own test vectors: WGS-84 -> GCJ-02.
EVIL_VECTORS = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
]

MAINLAND = {
    "Kashgar": (75.99, 39.47),
    "Tashkurgan": (75.23, 37.77),
    "Mohe": (122.54, 52.97),
    "Fuyuan": (134.29, 48.36),
    "Heihe": (127.53, 50.25),
    "Manzhouli": (117.45, 49.59),
    "Erenhot": (111.98, 43.65),
    "Khorgos": (80.42, 44.21),
    "Liaoyuan": (125.14, 42.89),
    "Jilin": (126.55, 43.84),
    "Hunchun": (130.36, 42.86),
    "Ji'an": (126.19, 41.12),
    "Dandong": (124.39, 40.13),
    "Dongxing": (107.97, 21.54),
    "Hekou": (103.96, 22.51),
    "Ruili": (97.85, 24.01),
    "Yadong": (88.91, 27.48),
    "Sanya": (109.51, 18.25),
    "Sansha": (112.34, 16.83),
    "Zhoushan": (122.2, 30.0),
    "Shengshan": (122.82, 30.72),
    "Pingtan": (119.79, 25.5),
    "Xiamen": (118.18, 24.44),
    "Luohu": (114.1175, 22.5385),
    "Futian": (114.0685, 22.5185),
    "Shekou": (113.92, 22.48),
    "Gongbei": (113.549, 22.2195),
    "Wanzai": (113.5285, 22.198),
    "Hengqin": (113.54, 22.13),
    "Dangan": (114.25, 22.05),
}

ELSEWHERE = {
    "Hong Kong Central": (114.158, 22.281),
    "Kowloon": (114.1694, 22.3193),
    "Tuen Mun": (113.972, 22.391),
    "Tin Shui Wai": (114.004, 22.46),
    "Sheung Shui": (114.128, 22.5025),
    "Chek Lap Kok": (113.915, 22.31),
    "Macao airport": (113.5915, 22.1496),
    "Coloane": (113.5675, 22.12),
    "Kinmen": (118.32, 24.43),
    "Matsu": (119.93, 26.15),
    "Taipei": (121.56, 25.03),
    "Kaohsiung": (120.3, 22.63),
    "Seoul": (126.98, 37.57),
    "Pyongyang": (125.75, 39.03),
    "Vladivostok": (131.9, 43.12),
    "Ulaanbaatar": (106.92, 47.92),
    "Almaty": (76.93, 43.25),
    "Kathmandu": (85.32, 27.71),
    "Delhi": (77.2, 28.6),
    "Yangon": (96.15, 16.8),
    "Hanoi": (105.85, 21.03),
    "Manila": (120.98, 14.6),
    "Tokyo": (139.69, 35.69),
    "Washington": (-77.04, 38.9),
    "Sydney": (151.2, -33.87),
}


def industry_rectangle(lon: float, lat: float) -> bool:
    """Where the usual libraries apply the shift: the control for `ELSEWHERE`."""
    return 72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271


def evil_bd09(lon: float, lat: float) -> tuple[float, float]:
    """GCJ-02 -> BD-09 as eviltransform has it, wrong: the control for the BD-09 tests."""
    r = math.hypot(lon, lat) + 0.00002 * math.sin(lat * math.pi)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * math.pi)
    return r * math.cos(angle) + 0.0065, r * math.sin(angle) + 0.006


def off_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(crs.distance_m(*a, *b))


@pytest.mark.parametrize(("wgs", "gcj"), EVIL_VECTORS)
def test_gcj02_matches_published_vectors(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    assert crs.from_wgs84(*wgs, "gcj02") == pytest.approx(gcj, abs=1e-12)
    assert crs.to_wgs84(*gcj, "gcj02") == pytest.approx(wgs, abs=1e-12)


def test_bd09_matches_coordtransforms_vectors() -> None:
    wgs = crs.to_wgs84(116.404, 39.915, Datum.GCJ02)
    assert crs.from_wgs84(*wgs, Datum.BD09) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-11)
    wgs = crs.to_wgs84(116.404, 39.915, Datum.BD09)
    # The closed form that coordtransform uses for the way back is itself only good to a decimetre.
    closed_form = (116.39762729119315, 39.90865673957631)
    assert off_m(crs.from_wgs84(*wgs, Datum.GCJ02), closed_form) < 0.15


def test_the_known_bd09_mistake_would_be_caught() -> None:
    right = (116.41036949371029, 39.92133699351021)
    assert off_m(evil_bd09(116.404, 39.915), right) > 1.0


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
@pytest.mark.parametrize("place", MAINLAND)
def test_the_mainland_is_shifted_in_full(place: str, datum: Datum) -> None:
    lon, lat = MAINLAND[place]
    here = np.array([lon]), np.array([lat])
    full = crs._shift(*here, datum)
    assert crs.from_wgs84(lon, lat, datum) == pytest.approx((lon + full[0][0], lat + full[1][0]), abs=1e-13)
    assert off_m(crs.from_wgs84(lon, lat, datum), (lon, lat)) > 100.0


@pytest.mark.parametrize("datum", list(Datum))
@pytest.mark.parametrize("place", ELSEWHERE)
def test_nothing_else_is_shifted(place: str, datum: Datum) -> None:
    assert crs.from_wgs84(*ELSEWHERE[place], datum) == ELSEWHERE[place]
    assert crs.to_wgs84(*ELSEWHERE[place], datum) == ELSEWHERE[place]


def test_the_usual_rectangle_would_be_caught() -> None:
    assert sum(industry_rectangle(*place) for place in ELSEWHERE.values()) >= 20


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ((114.11, 22.56), (114.11, 22.48)),  # over the Shenzhen River into Hong Kong
        ((113.52, 22.19), (113.57, 22.19)),  # over the Inner Harbour into Macao
        ((124.4, 40.3), (124.4, 39.5)),  # over the Yalu
        ((118.18, 24.44), (118.35, 24.44)),  # from Xiamen to Kinmen
    ],
)
def test_the_shift_fades_without_a_jump(start: tuple[float, float], end: tuple[float, float], datum: Datum) -> None:
    share = np.linspace(0.0, 1.0, 20_001)
    lon, lat = start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
    x, y = crs.from_wgs84(lon, lat, datum)
    step = math.hypot(end[0] - start[0], end[1] - start[1]) / 20_000
    assert np.hypot(np.diff(x), np.diff(y)).max() < 3.0 * step
    assert (x[-1], y[-1]) == end
    assert off_m((x[0], y[0]), start) > 100.0
    # The control: a hard border jumps by hundreds of steps.
    hard = np.where(np.asarray(x) - lon == 0.0, lon, lon + (x[0] - lon[0]))
    assert np.abs(np.diff(hard)).max() > 3.0 * step


def test_numbers_give_numbers_and_arrays_arrays() -> None:
    lon, lat = crs.to_wgs84(116.4, 39.9, "gcj02")
    assert isinstance(lon, float)
    assert isinstance(lat, float)
    grid = np.full((2, 3), 116.4), np.full((2, 3), 39.9)
    x, y = crs.to_wgs84(*grid, "gcj02")
    assert x.shape == y.shape == (2, 3)
    assert (x == lon).all()
    assert (y == lat).all()
    assert (grid[0] == 116.4).all(), "the caller's array was written to"
    empty = crs.to_wgs84(np.empty(0), np.empty(0), "bd09")
    assert empty[0].shape == (0,)


@pytest.mark.parametrize("datum", list(Datum))
def test_not_a_number_stays_so_and_harms_no_neighbour(datum: Datum) -> None:
    lon, lat = np.array([math.nan, 116.4, 116.4, math.inf]), np.array([39.9, math.nan, 39.9, 39.9])
    x, y = crs.to_wgs84(lon, lat, datum)
    assert math.isnan(x[0])
    assert math.isnan(y[1])
    assert math.isinf(x[3])
    assert (x[2], y[2]) == crs.to_wgs84(116.4, 39.9, datum)


def test_plain_datums_change_nothing() -> None:
    for datum in ("wgs84", "cgcs2000"):
        assert crs.to_wgs84(116.4, 39.9, datum) == (116.4, 39.9)


def test_unknown_datum_names_the_known_ones() -> None:
    with pytest.raises(UnknownDatum, match="wgs84, cgcs2000, gcj02, bd09"):
        crs.to_wgs84(116.4, 39.9, "gcj-02")


@pytest.mark.parametrize(
    ("lon", "lat", "reason"),
    [
        (math.nan, 39.9, CoordinateFault.NAN),
        (116.4, math.nan, CoordinateFault.NAN),
        (math.inf, 39.9, CoordinateFault.OUT_OF_RANGE),
        (181.0, 39.9, CoordinateFault.OUT_OF_RANGE),
        (116.4, 391.0, CoordinateFault.OUT_OF_RANGE),
        (12957000.0, 4853000.0, CoordinateFault.OUT_OF_RANGE),
        (0.0, 0.0, CoordinateFault.ZERO_ZERO),
        (39.9, 116.4, CoordinateFault.LOOKS_SWAPPED),
        (-38.9, -177.0, CoordinateFault.LOOKS_SWAPPED),
    ],
)
def test_impossible_coordinates_are_refused_with_their_reason(lon: float, lat: float, reason: CoordinateFault) -> None:
    with pytest.raises(BadCoordinate) as caught:
        crs.check_lonlat(lon, lat)
    assert caught.value.reason is reason


@pytest.mark.parametrize(("lon", "lat"), [(116.4, 39.9), (-180.0, 90.0), (180.0, -90.0), (0.0, 51.5), (10.0, 0.0)])
def test_possible_coordinates_pass(lon: float, lat: float) -> None:
    crs.check_lonlat(lon, lat)


def test_a_citys_box_finds_swapped_numbers_that_are_both_below_ninety() -> None:
    helsinki = (24.8, 60.1, 25.3, 60.3)
    crs.check_lonlat(60.17, 24.94)  # possible on earth …
    with pytest.raises(BadCoordinate) as caught:
        crs.check_lonlat(60.17, 24.94, helsinki)  # … but not in Helsinki
    assert caught.value.reason is CoordinateFault.LOOKS_SWAPPED
    crs.check_lonlat(24.94, 60.17, helsinki)
    crs.check_lonlat(10.0, 10.0, helsinki)  # elsewhere, and no better when swapped
    assert crs.looks_swapped(60.17, 24.94, helsinki) is True
    many = crs.looks_swapped(np.array([24.94, 60.17]), np.array([60.17, 24.94]), helsinki)
    assert many.tolist() == [False, True]


def test_faults_in_bulk_agree_with_the_single_check() -> None:
    lon = np.array([116.4, math.nan, 0.0, 39.9, 200.0])
    lat = np.array([39.9, 1.0, 0.0, 116.4, 1.0])
    faults = crs.coordinate_faults(lon, lat)
    assert faults.tolist() == [None, "nan", "zero_zero", "looks_swapped", "out_of_range"]


@pytest.mark.parametrize(
    ("lon", "lat", "srid"),
    [
        (117.2, 31.8, 4548),
        (116.4, 39.9, 4548),  # 115.5 to 118.5 is the zone of 117
        (125.14, 42.89, 4551),
        (75.99, 39.47, 4534),
        (134.29, 48.36, 4554),
        (-77.04, 38.9, 32618),
        (24.94, 60.17, 32635),
        (151.2, -33.87, 32756),
        (180.0, 10.0, 32660),
    ],
)
def test_metre_srid_by_place(lon: float, lat: float, srid: int) -> None:
    assert crs.metre_srid(lon, lat) == srid


@pytest.mark.parametrize("zone", range(21))
def test_gauss_krueger_zones_are_what_epsg_says(zone: int) -> None:
    meridian = 75 + 3 * zone
    operation = CRS.from_epsg(4534 + zone).coordinate_operation
    assert operation is not None
    values = {parameter.name: float(parameter.value) for parameter in operation.params}
    assert values["Longitude of natural origin"] == meridian
    assert values["False easting"] == 500_000


def test_projection_goes_there_and_back_and_keeps_lengths() -> None:
    projection = Projection(4548)
    x, y = projection.forward(117.2, 31.8)
    assert projection.inverse(x, y) == pytest.approx((117.2, 31.8), abs=1e-10)
    east, north = projection.forward(np.array([117.2, 117.21]), np.array([31.8, 31.81]))
    planar_m = math.hypot(east[1] - east[0], north[1] - north[0])
    assert planar_m == pytest.approx(crs.distance_m(117.2, 31.8, 117.21, 31.81), rel=1e-5)
    point = projection.geometry(shapely.Point(117.2, 31.8))
    assert (point.x, point.y) == (x, y)
    square = shapely.box(117.2, 31.8, 117.21, 31.81)
    both = projection.geometry(np.array([square, shapely.Point(117.2, 31.8)], dtype=object))
    assert both[0].area == pytest.approx(1_051_000, rel=0.01)
    assert projection.geometry_deg(both[0]).equals_exact(square, 1e-9)


@pytest.mark.parametrize("srid", [4326, 4490, 2, 2263])  # degrees, degrees, nothing, feet
def test_only_metre_projections(srid: int) -> None:
    with pytest.raises(BadProjection, match=str(srid)):
        Projection(srid)


def test_one_projection_serves_many_threads() -> None:
    projection, lon = Projection(4549), np.linspace(119.0, 121.0, 20_000)
    alone = projection.forward(lon, np.full_like(lon, 30.0))
    with ThreadPoolExecutor(4) as pool:
        for x, y in pool.map(lambda _: projection.forward(lon, np.full_like(lon, 30.0)), range(8)):
            assert (x == alone[0]).all()
            assert (y == alone[1]).all()


def test_geodesic_distance() -> None:
    # One degree of the equator is a 360th of its circumference.
    assert crs.distance_m(0.0, 0.0, 1.0, 0.0) == pytest.approx(2.0 * math.pi * 6378137.0 / 360.0, abs=1e-6)
    assert crs.distance_m(117.0, 32.0, np.array([117.0, 117.0]), np.array([32.0, 33.0]))[0] == 0.0
