"""Names of sub-districts, communities and grids.

Owns: which name an area gets. Does not own: the stock of names (`stock`), codes (`areas`).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from gridgov.interop.democity import stock
from gridgov.interop.democity.chance import stream
from gridgov.interop.democity.hierarchy import Membership
from gridgov.interop.democity.landuse import Block, Land
from gridgov.interop.democity.planar import Floats

Name = tuple[str, str]  # zh, en


def of_towns(centre: Floats, is_town: list[bool]) -> list[Name]:
    """Each sub-district takes the name whose place is nearest, no name twice; towns take the names of towns."""
    given = stock.places()["subdistricts"]
    away = [
        [np.hypot(*(p - g["at"])) + 1e6 * (t != g.get("town", False)) for g in given]
        for p, t in zip(centre, is_town, strict=True)
    ]
    row, column = linear_sum_assignment(np.array(away))
    chosen = dict(zip(row.tolist(), column.tolist(), strict=True))
    return [(given[chosen[r]]["zh"], given[chosen[r]]["en"]) for r in range(len(centre))]


def of_communities(member: Membership, land: Land, villages: dict[int, Name], seed: int) -> list[Name]:
    """Communities draw from the stock of their part of the city; villages are called after their largest village."""
    rng = stream(seed, "community names")
    pool = {}
    for zone in ("core", "inner", "town"):
        stems = stock.stems("community_stems", "zone", zone)
        pool[zone] = [stems[i] for i in rng.permutation(len(stems))]
    of_block = member.community[member.grid]
    used: set[str] = set()
    out: list[Name] = []
    for c, part in enumerate(member.part):
        mine = [land.blocks[i] for i in np.flatnonzero(of_block == c)]
        if part.endswith("villages"):
            zh, en = _largest_village(mine, villages)
            out.append((f"{zh}村", f"{en} Village"))
            continue
        core = sum(b.zone == "core" for b in mine) * 2 > len(mine)
        zone = "core" if core else "inner" if part.startswith("north") else "town"
        zh, en = next(n for n in pool[zone] if n[0] not in used)
        used.add(zh)
        out.append((f"{zh}社区", f"{en} Community"))
    return out


def _largest_village(blocks: list[Block], villages: dict[int, Name]) -> Name:
    held = [b.parcel for b in blocks if b.use == "village"]
    return villages[max(sorted(set(held)), key=held.count)]


def of_grids(member: Membership, codes: list[str], communities: list[Name]) -> list[Name]:
    """第n网格 of the community; special grids are called after what they are for, numbered where there are several."""
    singles = stock.places()["singles"]
    what = [singles.get(name) for name in member.what]
    out: list[Name] = []
    for g, code in enumerate(codes):
        place = what[g]
        if place is None:
            zh, en = communities[member.community[g]]
            out.append((f"{zh}第{int(code[-3:])}网格", f"{en} Grid {int(code[-3:])}"))
            continue
        twins = sorted(c for c, w in zip(codes, what, strict=True) if w == place)
        number = str(twins.index(code) + 1) if len(twins) > 1 else ""
        zh = f"{place[0]}{number}号专属网格" if number else f"{place[0]}专属网格"
        out.append((zh, f"{place[1]} Special Grid {number}".rstrip()))
    return out
