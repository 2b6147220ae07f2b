"""The main lines of the invented city, drawn by hand: river, railway, ring, old streets, the lattice of the new town.

The frame is a plane in metres, x to the east and y to the north, with its origin in the middle of the city.

Owns: the coordinates, straight as on a drawing board. Does not own: how they are bent and what lies between (`plan`),
names (`geodata/places.toml`, by the keys used here).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.interpolate import CubicSpline

from gridgov.interop.democity.planar import BORDER, Floats

Drawn = dict[str, tuple[str, Floats]]  # name -> kind, (n, 2) metres

CORE = (-350.0, 150.0)
NEW_TOWN = (1113.0, -1716.0)
NEW_TOWN_TURN_DEG = 9.0
SQUARE_U_M, SQUARE_V_M = 440.0, 390.0  # a super-block of the new town

RIVER = (
    (-5200, -150),
    (-4300, -260),
    (-3300, -170),
    (-2150, -460),
    (-1100, -800),
    (50, -880),
    (1250, -610),
    (2500, -170),
    (3500, 40),
    (4500, -40),
    (5200, -160),
)
RING = (
    (-2780, 560),
    (-2480, 1620),
    (-1350, 2080),
    (200, 2200),
    (1800, 2130),
    (2850, 1300),
    (3080, 100),
    (2950, -1300),
    (2250, -2500),
    (750, -2880),
    (-800, -2760),
    (-2150, -2280),
    (-2830, -1150),
)
LIMIT = (
    (-4050, 300),
    (-3800, 1900),
    (-2500, 2850),
    (-600, 3050),
    (1400, 2980),
    (3200, 2500),
    (4080, 1100),
    (4150, -700),
    (3800, -2300),
    (2500, -3500),
    (300, -3820),
    (-1800, -3560),
    (-3500, -2600),
    (-4150, -1000),
)
RAIL = ((-5000, 1020), (-3000, 1250), (-1500, 1440), (-350, 1500), (1200, 1520), (3000, 1720), (5000, 1980))
BELT = ((-905, 170), (-760, 520), (-330, 655), (90, 560), (235, 190), (130, -210), (-300, -330), (-740, -240))
LAKE = (
    (-330, -150),
    (-210, -60),
    (0, -95),
    (180, -50),
    (330, -130),
    (290, -260),
    (60, -300),
    (-90, -250),
    (-260, -290),
)


def curve(points: tuple[tuple[float, float], ...], *, closed: bool = False, step_m: float = 60.0) -> Floats:
    """A smooth line through the points (cubic spline by chord length), a vertex about every `step_m`."""
    p = np.array(points + points[:1] if closed else points, dtype=float)
    t = np.r_[0, np.cumsum(np.hypot(*np.diff(p, axis=0).T))]
    spline = CubicSpline(t, p, bc_type="periodic" if closed else "natural")
    xy = np.asarray(spline(np.linspace(0, t[-1], max(3, round(t[-1] / step_m)))))
    if closed:
        xy[-1] = xy[0]
    return xy


def straight(*points: tuple[float, float], step_m: float = 70.0) -> Floats:
    """Straight pieces through the points, a vertex about every `step_m` so that they can be bent."""
    parts = [np.array(points[:1], dtype=float)]
    for a, b in pairwise(points):
        n = max(1, round(float(np.hypot(b[0] - a[0], b[1] - a[1])) / step_m))
        parts.append(np.linspace(a, b, n + 1)[1:])
    return np.vstack(parts)


def beside(xy: Floats, offset_m: float) -> Floats:
    """The line that runs `offset_m` to the left of another (negative: right)."""
    way = np.gradient(xy, axis=0)
    way /= np.hypot(way[:, 0], way[:, 1])[:, None]
    return np.asarray(xy + offset_m * np.c_[-way[:, 1], way[:, 0]])


def square(u: float, v: float) -> tuple[float, float]:
    """A place of the new town's lattice (in super-blocks) in the plan's frame."""
    a = np.radians(NEW_TOWN_TURN_DEG)
    x, y = u * SQUARE_U_M, v * SQUARE_V_M
    return NEW_TOWN[0] + float(np.cos(a) * x - np.sin(a) * y), NEW_TOWN[1] + float(np.sin(a) * x + np.cos(a) * y)


def water_and_rail() -> Drawn:
    river = curve(RIVER)
    half = 105 + 18 * np.sin(np.linspace(0, 9, len(river)))[:, None] + 30 * np.linspace(1, 0, len(river))[:, None]
    way = beside(river, 1.0) - river
    inside = (river[:, 0] > -3000) & (river[:, 0] < 3350)
    north, south = river + way * half, river - way * half
    rail = curve(RAIL)
    return {
        "riverside-north": ("arterial", (north + way * 48)[inside]),
        "riverside-south": ("arterial", (south - way * 62)[inside]),
        "bank-north": (BORDER, north),
        "bank-south": (BORDER, south),
        "river": (BORDER, river),
        "rail-north": (BORDER, beside(rail, 19)),
        "rail-south": (BORDER, beside(rail, -19)),
    }


def north() -> Drawn:
    x0, y0 = CORE
    belt = curve(BELT, closed=True, step_m=45)
    inner = np.array(CORE) + (belt - CORE) * (1 - 46 / np.hypot(*(belt - CORE).T))[:, None]
    roads: dict[str, tuple[str, tuple[tuple[float, float], ...]]] = {
        "gate-south": ("secondary", ((x0, y0), (x0 + 10, -260), (x0 - 10, -680), (x0 + 10, -1130))),
        "gate-north": ("secondary", ((x0, y0), (x0 - 15, 620), (x0, 1440))),
        "gate-west": ("secondary", ((x0, y0), (-860, 190), (-1500, 170), (-2850, 260), (-3500, 420), (-4500, 360))),
        "gate-east": ("secondary", ((x0, y0), (230, 165), (900, 200), (3200, 420), (3700, 520), (4500, 480))),
        "first-east-west": ("arterial", ((-2900, 830), (-1200, 850), (-300, 900), (900, 880), (3200, 1020))),
        "station-front": ("secondary", ((-2750, 1160), (-1300, 1330), (-350, 1370), (1100, 1380), (2880, 1530))),
        "behind-rail": ("secondary", ((-2580, 1640), (-1100, 1790), (300, 1830), (2400, 1890))),
        "north-south-1": ("secondary", ((-2080, -450), (-2060, 400), (-1990, 1950), (-2300, 2500), (-2750, 3300))),
        "north-south-2": (
            "arterial",
            ((-1270, -1080), (-1230, -620), (-1200, 300), (-1170, 2150), (-1050, 2600), (-1100, 3400)),
        ),
        "north-south-3": ("secondary", ((560, -760), (575, 300), (560, 1440))),
        "north-south-4": (
            "arterial",
            ((1395, -740), (1420, -400), (1440, 400), (1400, 2200), (1600, 2700), (1700, 3400)),
        ),
        "north-south-5": ("secondary", ((2180, -230), (2200, 700), (2150, 2120))),
    }
    lines = {name: (kind, straight(*points)) for name, (kind, points) in roads.items()}
    return {"belt": ("arterial", belt), "belt-inner": ("lane", inner), **lines}


def new_town() -> Drawn:
    """The lattice, but for the squares of the park and for the axis of green that leads to the river."""
    out: Drawn = {}
    across = {2: "secondary", 1: "arterial", 0: "secondary", -1: "secondary", -2: "arterial"}
    for v, kind in across.items():
        out[f"town-across-{v}"] = (kind, straight(square(-6.5, v), square(5.5, v)))
    along = {
        "-5": (-5.1, "arterial"),
        "-4": (-4, "secondary"),
        "-3": (-3, "arterial"),
        "-2": (-2, "secondary"),
        "-1": (-1, "secondary"),
        "1": (1, "arterial"),
        "2": (2, "secondary"),
        "3": (3, "arterial"),
        "4": (4, "secondary"),
    }
    for name, (u, kind) in along.items():
        out[f"town-along-{name}"] = (kind, straight(square(u, 3.6), square(u, -3.9)))
    for side, u in (("west", -0.09), ("east", 0.09)):
        out[f"axis-{side}"] = ("secondary", straight(square(u, 3.6), square(u, -0.02)))
    out["axis-south"] = ("secondary", straight(square(0, -0.98), square(0, -2.9), (900, -3300), (850, -4100)))
    out["lake"] = ("lane", np.array(square(0, 0)) + curve(LAKE, closed=True, step_m=40) @ _turn().T)
    for name, a, b in (
        ("north", (0, 0.02), (0, -0.3)),
        ("south", (0, -0.7), (0, -1.02)),
        ("west", (-1.02, -0.5), (-0.6, -0.5)),
        ("east", (0.6, -0.5), (1.02, -0.5)),
    ):
        out[f"park-{name}"] = ("lane", straight(square(*a), square(*b)))
    out["south-west"] = (
        "arterial",
        straight((-1640, -760), (-1520, -1700), (-1420, -2650), (-1550, -3200), (-1500, -4000)),
    )
    out["south-west-across"] = ("secondary", straight((-4400, -1500), (-3400, -1450), (-2900, -1420), (-1490, -1480)))
    out["road-south-east"] = ("secondary", straight((2960, -1230), (3500, -1560), (4400, -1700)))
    return out


def _turn() -> Floats:
    a = np.radians(NEW_TOWN_TURN_DEG)
    return np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
