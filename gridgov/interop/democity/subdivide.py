"""Cutting faces of the plan into blocks, the way streets grow: across the longer side, onto junctions that are
already there.

Owns: the search for a good cut, and the recursion down to a block size. Does not own: which faces are cut how
(`plan`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridgov.interop.democity.planar import Floats, Net, after, ring_area_m2

_MIN_ANGLE_COS = np.cos(np.radians(47))


@dataclass(frozen=True, slots=True)
class Style:
    """How a part of the city is cut. Lengths in metres, areas in square metres.

    `ladder` is read from the left: the first kind whose area is below that of the face being cut names the new street.
    """

    target_m2: float
    ladder: tuple[tuple[float, str], ...]
    spread: float = 0.25  # how much the block size varies
    jitter_deg: float = 0.0  # how far a street leaves the right angle
    bend: float = 0.0  # how crooked a street is, as a share of its length
    snap_m: float = 30.0  # a street this near to a junction runs into it
    gap_m: float = 22.0  # junctions are at least this far apart
    min_side: float = 0.24  # the smaller part is at least this share

    def kind(self, area_m2: float) -> str:
        return next(kind for above, kind in self.ladder if area_m2 > above)


@dataclass(slots=True)
class _End:
    """An end of a cut: a node of the ring (`at` its place in it), or a point on the edge that starts there."""

    at: int
    node: bool
    x: float
    y: float
    snapped: float


@dataclass(slots=True)
class _Ring:
    xy: Floats
    step: Floats
    length: Floats
    turn_cos: Floats
    through: NDArray[np.bool_]
    area_m2: float
    clear_m: float


def _ring(net: Net, face: int) -> _Ring:
    xy = net.coords(face)
    step = after(xy) - xy
    length = np.hypot(step[:, 0], step[:, 1])
    unit = step / length[:, None]
    turn_cos = (unit * np.concatenate((unit[-1:], unit[:-1]))).sum(axis=1)  # 1 = straight on
    degree = np.array([net.degree[n] for n in net.rings[face]])
    through = (turn_cos > 0.94) & (degree >= 3)  # a street meets this side from outside: the place to go on
    area = ring_area_m2(xy)
    return _Ring(xy, step, length, turn_cos, through, area, min(9.0, 0.08 * np.sqrt(area)))


def _node(ring: _Ring, i: int, snapped: float) -> _End:
    return _End(i, True, float(ring.xy[i, 0]), float(ring.xy[i, 1]), snapped)


def _starts(ring: _Ring, style: Style, rng: np.random.Generator) -> list[_End]:
    ends = [_node(ring, int(i), 1.0) for i in np.flatnonzero(ring.through)]
    room = np.flatnonzero(ring.length > 2.2 * style.gap_m)
    if len(room):
        share = ring.length[room] / ring.length[room].sum()
        for i, u in zip(rng.choice(room, size=9, p=share), rng.uniform(0.0, 1.0, 9), strict=True):
            margin = style.gap_m / ring.length[i]
            x, y = ring.xy[i] + ring.step[i] * (margin + u * (1 - 2 * margin))
            ends.append(_End(int(i), False, float(x), float(y), 0.0))
    bends = np.flatnonzero((ring.turn_cos > 0.8) & ~ring.through)
    if len(bends) and len(ends) < 16:
        some = rng.choice(bends, size=min(5, len(bends)), replace=False)
        ends += [_node(ring, int(i), 0.2) for i in some]
    return ends


def _inward(ring: _Ring, end: _End, style: Style, rng: np.random.Generator) -> tuple[float, float]:
    dx, dy = ring.step[end.at] / ring.length[end.at]
    if end.node:
        px, py = ring.step[end.at - 1] / ring.length[end.at - 1]
        dx, dy = dx + px, dy + py
    turn = np.pi / 2 + np.radians(style.jitter_deg) * rng.uniform(-1, 1)
    c, s = np.cos(turn), np.sin(turn)
    return float(c * dx - s * dy), float(s * dx + c * dy)


def _hit(ring: _Ring, end: _End, way: tuple[float, float]) -> tuple[int, float] | None:
    """The first edge that a ray into the face meets, and where on it (0 to 1)."""
    wx, wy = way
    rx, ry = ring.xy[:, 0] - end.x, ring.xy[:, 1] - end.y
    sx, sy = ring.step[:, 0], ring.step[:, 1]
    cross = wx * sy - wy * sx
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (rx * sy - ry * sx) / cross
        u = (rx * wy - ry * wx) / cross
    ok = (t > 1e-3) & (u >= 0) & (u <= 1)
    ok[end.at] = False
    if end.node:
        ok[end.at - 1] = False
    if not ok.any():
        return None
    j = int(np.argmin(np.where(ok, t, np.inf)))
    return j, float(u[j])


def _far_end(ring: _Ring, start: _End, j: int, u: float, style: Style) -> _End | None:
    """Where the cut ends: on a junction nearby, else on the edge away from its corners."""
    x, y = ring.xy[j] + ring.step[j] * u
    away = np.hypot(ring.xy[:, 0] - x, ring.xy[:, 1] - y)
    near = np.where(ring.through, away, np.inf)
    near[start.at] = np.inf
    i = int(np.argmin(near))
    if near[i] < style.snap_m:
        return _node(ring, i, 1.0)
    away[start.at] = np.inf
    i = int(np.argmin(away))
    if away[i] < style.gap_m:
        if ring.turn_cos[i] > 0.8:  # a gentle bend
            return _node(ring, i, 0.2)
        margin = style.gap_m / ring.length[j]
        if margin > 0.5:
            return None
        u = min(max(u, margin), 1 - margin)
        x, y = ring.xy[j] + ring.step[j] * u
    return _End(j, False, float(x), float(y), 0.0)


def _order(end: _End) -> float:
    return end.at + (0.0 if end.node else 0.5)


def _share(ring: _Ring, a: _End, b: _End) -> float:
    """The smaller of the two parts, as a share of the whole."""
    if _order(a) > _order(b):
        a, b = b, a
    first = a.at + 1
    last = b.at if not b.node else b.at - 1
    inner = ring.xy[first : last + 1]
    part = ring_area_m2(np.vstack([[[a.x, a.y]], inner, [[b.x, b.y]]]))
    return min(part, ring.area_m2 - part) / ring.area_m2


def _angle_cos(ring: _Ring, end: _End, ux: float, uy: float) -> float:
    """How flat the cut meets the ring at an end: the cosine of the smaller angle."""
    edges = [end.at, end.at - 1] if end.node else [end.at]
    return float(max(abs(ring.step[e] @ (ux, uy)) / ring.length[e] for e in edges))


def _clear(ring: _Ring, a: _End, b: _End) -> float:
    """How near other corners come to the cut, in metres; 0 where the cut leaves the face."""
    vx, vy = b.x - a.x, b.y - a.y
    long = float(np.hypot(vx, vy))
    rx, ry = ring.xy[:, 0] - a.x, ring.xy[:, 1] - a.y
    side = (vx * ry - vy * rx) / long
    along = (rx * vx + ry * vy) / long
    skip = np.zeros(len(rx), dtype=bool)
    for end in (a, b):
        if end.node:
            skip[end.at] = True
    crossing = (np.sign(side) != np.sign(after(side))) & ~skip & ~after(skip)
    for end in (a, b):
        if not end.node:
            crossing[end.at] = False
    if crossing.any():
        i = np.flatnonzero(crossing)
        k = (i + 1) % len(side)
        where = along[i] + (along[k] - along[i]) * side[i] / (side[i] - side[k])
        if ((where > 0.01) & (where < long - 0.01)).any():
            return 0.0
    inside = (along > 2) & (along < long - 2) & ~skip
    return float(np.abs(side[inside]).min()) if inside.any() else 99.0


def _score(ring: _Ring, a: _End, b: _End, style: Style) -> float:
    vx, vy = b.x - a.x, b.y - a.y
    long = float(np.hypot(vx, vy))
    if long < style.gap_m or (a.at == b.at and a.node == b.node):
        return -1.0
    flat = max(_angle_cos(ring, a, vx / long, vy / long), _angle_cos(ring, b, vx / long, vy / long))
    if flat > _MIN_ANGLE_COS:
        return -1.0
    share = _share(ring, a, b)
    if share < style.min_side or _clear(ring, a, b) < ring.clear_m:
        return -1.0
    square = long / np.sqrt(ring.area_m2)
    return float(2.0 + 1.2 * share - 0.9 * square - 0.5 * flat + 0.16 * (a.snapped + b.snapped))


def _find(ring: _Ring, style: Style, rng: np.random.Generator) -> tuple[_End, _End] | None:
    best, found = 0.0, None
    for start in _starts(ring, style, rng):
        hit = _hit(ring, start, _inward(ring, start, style, rng))
        end = _far_end(ring, start, *hit, style) if hit else None
        if end is not None:
            score = _score(ring, start, end, style)
            if score > best:
                best, found = score, (start, end)
    return found


def _bends(a: _End, b: _End, style: Style, clear_m: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    vx, vy = b.x - a.x, b.y - a.y
    long = float(np.hypot(vx, vy))
    if style.bend == 0 or long < 55:
        return []
    places = (0.5,) if long < 110 else (0.33, 0.67)
    limit = min(0.8 * clear_m, 0.12 * long)
    out = []
    for p in places:
        off = float(np.clip(rng.normal(0, style.bend) * long, -limit, limit)) / long
        out.append((a.x + vx * p - vy * off, a.y + vy * p + vx * off))
    return out


def cut_face(net: Net, face: int, style: Style, line: str, rng: np.random.Generator) -> tuple[int, int] | None:
    """Cut one face in two by a street of its own; None where no cut is good enough."""
    ring = _ring(net, face)
    found = None
    for _ in range(3):
        found = _find(ring, style, rng)
        if found:
            break
    if not found:
        return None
    a, b = found
    bends = _bends(a, b, style, _clear(ring, a, b) if style.bend else 0.0, rng)
    nodes = list(net.rings[face])
    edges = [(nodes[e.at], nodes[(e.at + 1) % len(nodes)]) for e in (a, b)]
    ends = [nodes[e.at] if e.node else net.split_edge(*edge, e.x, e.y) for e, edge in zip((a, b), edges, strict=True)]
    return net.cut(face, ends[0], ends[1], bends, style.kind(ring.area_m2), line)


def subdivide(
    net: Net,
    face: int,
    style: Style,
    name: str,
    rng: np.random.Generator,
    keep: Callable[[Floats], bool] | None = None,
) -> list[int]:
    """Cut a face down to blocks of about `style.target_m2`; gives the blocks. `keep(ring)` true leaves a face whole."""
    done: list[int] = []
    todo = [face]
    count = 0
    while todo:
        f = todo.pop()
        xy = net.coords(f)
        limit = style.target_m2 * 1.55 * (1 + style.spread * rng.uniform(-1, 1))
        parts = None
        if ring_area_m2(xy) > limit and not (keep and keep(xy)):
            parts = cut_face(net, f, style, f"{name}.{count}", rng)
        if parts is None:
            done.append(f)
        else:
            count += 1
            todo.extend(parts)
    return done
