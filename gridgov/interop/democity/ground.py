"""Spots along the streets, where things stand and things happen.

Every street is walked in steps of about 24 m; each spot lies at the kerb, on one side, in a block, with a house
number of its street. Spots over the river (on bridges) are marked.

Owns: the table of spots and words for them. Does not own: what stands or happens there (`facilities`,
`agencies`, `incidents`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.interop.democity.areanames import Name
from gridgov.interop.democity.areas import Areas
from gridgov.interop.democity.chance import stream
from gridgov.interop.democity.landuse import Land
from gridgov.interop.democity.partition import Ints
from gridgov.interop.democity.planar import Floats
from gridgov.interop.democity.streets import Piece

STEP_M = 24.0
_KERB_M = {"arterial": 15.0, "secondary": 9.0, "local": 5.0, "lane": 2.0}


@dataclass(frozen=True, slots=True)
class Ground:
    """One row a spot: `xy` metres, piece of street, block, grid, house number; `wet`: over the river."""

    xy: Floats
    piece: Ints
    kind: NDArray[np.str_]
    block: Ints
    zone: NDArray[np.str_]
    use: NDArray[np.str_]
    grid: Ints
    number: Ints
    wet: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.piece)


def walk(pieces: list[Piece], land: Land, blocks: NDArray[np.object_], areas: Areas, seed: int) -> Ground:
    """The spots of all streets. `blocks`: the blocks' polygons, in the order of the land."""
    rng = stream(seed, "ground")
    parts = []
    for p, piece in enumerate(pieces):
        line = shapely.LineString(piece.xy)
        many = max(1, round(line.length / STEP_M))
        at = (np.arange(many) + rng.uniform(0.3, 0.7)) / many * line.length
        here = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, np.minimum(at + 1.0, line.length)))
        behind = shapely.get_coordinates(shapely.line_interpolate_point(line, np.maximum(at - 1.0, 0.0)))
        way = ahead - behind
        way /= np.hypot(way[:, 0], way[:, 1])[:, None]
        side = rng.choice([-1.0, 1.0], many) * _KERB_M[piece.kind]
        parts.append((here + side[:, None] * np.c_[-way[:, 1], way[:, 0]], np.full(many, p)))
    xy = np.vstack([part for part, _ in parts])
    owner = np.concatenate([part for _, part in parts])
    block = _inside(xy, blocks)
    keep = block >= 0
    xy, owner, block = xy[keep], owner[keep], block[keep]
    uses = np.array([b.use for b in land.blocks])
    zones = np.array([b.zone for b in land.blocks])
    return Ground(
        xy,
        owner,
        np.array([pieces[p].kind for p in owner]),
        block,
        zones[block],
        uses[block],
        areas.grid_of_block[block],
        _numbers(xy, owner, pieces),
        uses[block] == "water",
    )


def _inside(xy: Floats, blocks: NDArray[np.object_]) -> Ints:
    """The block that holds each point (the first one for a point on an edge), -1 outside the city."""
    point, held = shapely.STRtree(blocks).query(shapely.points(xy), predicate="intersects")
    out = np.full(len(xy), len(blocks), dtype=np.int64)
    np.minimum.at(out, point, held)
    out[out == len(blocks)] = -1
    return out


def _numbers(xy: Floats, owner: Ints, pieces: list[Piece]) -> Ints:
    """House numbers run along each street from its western or southern end, in twos."""
    name = np.array([pieces[p].name[0] for p in owner])
    out = np.zeros(len(owner), dtype=np.int64)
    for street in np.unique(name):
        mine = np.flatnonzero(name == street)
        wide = np.ptp(xy[mine, 0]) > np.ptp(xy[mine, 1])
        out[mine[np.argsort(xy[mine, 0 if wide else 1], kind="stable")]] = np.arange(len(mine)) * 2 + 1 + (mine % 2)
    return out


def address(pieces: list[Piece], ground: Ground, spot: int) -> Name:
    """A readable place, in both languages."""
    zh, en = pieces[int(ground.piece[spot])].name
    return f"{zh}{ground.number[spot]}号", f"{ground.number[spot]} {en}"
