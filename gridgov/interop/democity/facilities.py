"""Public facilities (管理部件): some five thousand lamps, covers, trees, bins … each where such a thing stands.

Owns: how many of each, and where. Does not own: the catalogue of kinds (`geodata/categories.csv`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from gridgov.interop.democity import stock
from gridgov.interop.democity.areas import Areas
from gridgov.interop.democity.chance import stream
from gridgov.interop.democity.ground import Ground
from gridgov.interop.democity.partition import Ints
from gridgov.interop.democity.planar import ROADS, Floats, Net, key

_BIG = ("arterial", "secondary")
_CAR = ("arterial", "secondary", "local")
_LANE = ("lane", "local")
_HOMES = ("flats", "towers", "old_town")
_GREEN = ("park", "green")

# (code, how many, kinds of street, uses of land; empty: any)
_ALONG: tuple[tuple[str, int, tuple[str, ...], tuple[str, ...]], ...] = (
    ("01037", 1150, _CAR, ()),
    ("01002", 420, ("secondary", "local"), ()),
    ("01003", 420, _CAR, ()),
    ("01004", 460, _BIG, ()),
    ("01001", 160, _CAR, ()),
    ("01005", 110, _CAR, ()),
    ("01006", 40, _BIG, ()),
    ("01007", 130, _CAR, ()),
    ("01010", 60, _CAR, _HOMES),
    ("01011", 100, _CAR, _HOMES),
    ("01013", 130, _CAR, ()),
    ("01023", 14, _LANE, ()),
    ("01027", 40, _CAR, ()),
    ("01028", 20, _CAR, ()),
    ("01030", 110, _LANE, ("field", "village", "orchard")),
    ("01034", 12, _LANE, ()),
    ("01046", 90, ("lane",), ("flats", "towers", "park")),
    ("01048", 120, ("lane", "local"), _HOMES),
    ("01049", 25, ("lane", "local"), _HOMES),
    ("01054", 60, ("lane", "local"), ("towers", "commercial", "office")),
    ("01059", 45, ("lane",), _HOMES),
    ("01062", 24, _CAR, ("office", "commercial", "factory")),
    ("01065", 30, _LANE, ("green",)),
    ("01070", 40, ("lane", "arterial"), ("green",)),
    ("01072", 6, ("arterial", "lane"), ("green",)),
    ("01073", 12, ("lane", "arterial"), ("green",)),
    ("01075", 110, ("lane",), ("flats", "towers")),
    ("02004", 130, _BIG, ()),
    ("02010", 90, _BIG, ()),
    ("02012", 90, _CAR, ()),
    ("02017", 60, ("arterial",), ()),
    ("02025", 70, _CAR, ("commercial", "office", "market", "station", "mall")),
    ("02034", 30, _BIG, ()),
    ("02043", 30, ("local",), ("school", "flats", "towers")),
    ("03001", 42, _CAR, ()),
    ("03004", 50, ("lane", "local"), _HOMES),
    ("03005", 380, _CAR, ()),
    ("03008", 40, _LANE, _HOMES),
    ("04002", 620, _BIG, ()),
    ("04001", 12, _LANE, ("old_town", "civic", "temple", "village")),
    ("04007", 110, ("lane", "secondary", "arterial"), _GREEN),
    ("04011", 40, _BIG, ()),
    ("05009", 5, _LANE, ("old_town", "civic", "temple")),
)
_AT_CROSSINGS = (("02014", 120, 6.0), ("01050", 110, 11.0))


@dataclass(frozen=True, slots=True)
class Facilities:
    """One row a facility: 17-digit id (district, code, serial), component code, `xy` metres, `spot` in the ground."""

    id: list[str]
    code: list[str]
    xy: Floats
    spot: Ints

    def __len__(self) -> int:
        return len(self.id)


def names() -> dict[str, tuple[str, str]]:
    """Names of the components by code."""
    return {r["code"]: (r["name_zh"], r["name_en"]) for r in stock.rows("categories.csv") if r["kind"] == "component"}


def place(net: Net, ground: Ground, areas: Areas, seed: int) -> Facilities:
    """All facilities, in the order of their codes."""
    codes: list[str] = []
    spots: list[int] = []
    dry = ~ground.wet
    for code, many, kinds, uses in _ALONG:
        fits = dry & np.isin(ground.kind, kinds) & (np.isin(ground.use, uses) if uses else True)
        mine = _even(np.flatnonzero(fits), many, stream(seed, "facility", code))
        codes += [code] * len(mine)
        spots += mine.tolist()
    xy = [ground.xy[spots] + stream(seed, "facility places").uniform(-0.8, 0.8, (len(spots), 2))]
    for code, many, away_m in _AT_CROSSINGS:
        corners = _crossings(net, many, away_m, stream(seed, "facility", code))
        codes += [code] * len(corners)
        spots += _nearest(ground, corners).tolist()
        xy.append(corners)
    order = np.argsort(codes, kind="stable")
    at = np.vstack(xy)[order]
    code_of = [codes[i] for i in order]
    spot = np.array(spots)[order]
    return Facilities(_ids(code_of, spot, ground, areas), code_of, at, spot)


def _even(candidates: Ints, many: int, rng: np.random.Generator) -> Ints:
    """About `many` of the candidates, evenly through them."""
    if len(candidates) <= many:
        return candidates
    step = len(candidates) / many
    at = (np.arange(many) + rng.uniform(0, 1, many)) * step
    return candidates[at.astype(np.int64)]


def _crossings(net: Net, many: int, away_m: float, rng: np.random.Generator) -> Floats:
    """Corners of junctions where main streets cross."""
    roads: dict[int, list[tuple[int, str]]] = {}
    for (a, b), kind in net.kind.items():
        if kind in ROADS:
            roads.setdefault(a, []).append((b, kind))
            roads.setdefault(b, []).append((a, kind))
    big = [
        n for n in sorted(roads) if len(roads[n]) >= 3 and sum(net.kind[key(n, o)] in _BIG for o, _ in roads[n]) >= 3
    ]
    chosen = np.array(big)[np.sort(rng.choice(len(big), min(many, len(big)), replace=False))]
    angle = rng.uniform(0, 2 * np.pi, len(chosen))
    return np.asarray(np.array([net.xy[n] for n in chosen]) + away_m * np.c_[np.cos(angle), np.sin(angle)])


def _nearest(ground: Ground, xy: Floats) -> Ints:
    return np.asarray(cKDTree(ground.xy).query(xy)[1], dtype=np.int64)


def _ids(codes: list[str], spots: Ints, ground: Ground, areas: Areas) -> list[str]:
    serial: dict[str, int] = {}
    out = []
    for code, spot in zip(codes, spots, strict=True):
        head = areas.grid[int(ground.grid[spot])].code[:6] + code
        serial[head] = serial.get(head, 0) + 1
        out.append(f"{head}{serial[head]:06d}")
    return out
