"""Footprints of houses: rows of rectangles and angles packed into a piece of land.

Owns: plain geometry of packing. Does not own: what the houses are (`buildings`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridgov.interop.democity.planar import Floats, after


@dataclass(frozen=True, slots=True)
class Form:
    """How houses of one sort stand. All in metres; pairs are (least, most)."""

    length_m: tuple[float, float]
    depth_m: tuple[float, float]
    row_gap_m: float  # from the back of one row to the front of the next
    side_gap_m: float
    setback_m: float
    leave_out: float = 0.0  # share of places left free
    angle: str = "south"  # "south": rows face south; "block": rows follow the longest side; "town": the lattice
    corner: float = 0.0  # share of houses with a wing (an L)


def turn(xy: Floats, angle: float) -> Floats:
    c, s = np.cos(angle), np.sin(angle)
    return np.asarray(xy @ np.array([[c, s], [-s, c]]))


def main_direction(xy: Floats) -> float:
    """The direction that the sides of a ring follow, in radians, modulo a quarter turn."""
    step = after(xy) - xy
    length = np.hypot(step[:, 0], step[:, 1])
    angle = np.arctan2(step[:, 1], step[:, 0])
    return float(np.angle((length * np.exp(4j * angle)).sum()) / 4)


def _spans(xy: Floats, y: float) -> list[tuple[float, float]]:
    """Where a horizontal line lies inside a ring, from left to right."""
    x0, y0 = xy[:, 0], xy[:, 1]
    x1, y1 = after(x0), after(y0)
    over = (y0 > y) != (y1 > y)
    if not over.any():
        return []
    at = np.sort(x0[over] + (y - y0[over]) * (x1[over] - x0[over]) / (y1[over] - y0[over]))
    return [(float(a), float(b)) for a, b in zip(at[::2], at[1::2], strict=False)]


def _common(first: list[tuple[float, float]], second: list[tuple[float, float]]) -> list[tuple[float, float]]:
    out = []
    for a, b in first:
        for c, d in second:
            if min(b, d) > max(a, c):
                out.append((max(a, c), min(b, d)))
    return out


def pack(land: Floats, form: Form, angle: float, rng: np.random.Generator) -> list[Floats]:
    """Rings of the houses that fit on a piece of land (a ring, set back already), row by row.

    Several first rows are tried; the one that gives the most houses by area wins.
    """
    flat = turn(land, -angle)
    low, high = float(flat[:, 1].min()), float(flat[:, 1].max())
    depth = float(rng.uniform(*form.depth_m))
    step = depth + form.row_gap_m
    rows = max(1, int((high - low + form.row_gap_m) // step))
    spare = max(0.0, high - low + form.row_gap_m - rows * step)
    best: list[tuple[float, float, float]] = []
    for start in np.linspace(low + 0.1, low + 0.1 + spare, 5):
        spans = [(left, right, y) for y in np.arange(start, high, step) for left, right in _level(flat, y, depth, form)]
        if sum(right - left for left, right, _ in spans) > sum(right - left for left, right, _ in best):
            best = spans
    return [turn(ring, angle) for left, right, y in best for ring in _row(left, right, y, depth, form, rng)]


def _level(flat: Floats, y: float, depth: float, form: Form) -> list[tuple[float, float]]:
    """Where a row fits between y and y + depth."""
    middle = _common(_spans(flat, y + 0.05), _spans(flat, y + depth - 0.05))
    return [(a, b) for a, b in middle if b - a >= form.length_m[0]]


def _row(left: float, right: float, y: float, depth: float, form: Form, rng: np.random.Generator) -> list[Floats]:
    """Houses side by side, the free metres shared out evenly."""
    lengths: list[float] = []
    used = 0.0
    while True:
        want = float(rng.uniform(*form.length_m))
        room = right - left - used - (form.side_gap_m if lengths else 0)
        if room < form.length_m[0]:
            break
        lengths.append(min(want, room))
        used += lengths[-1] + (form.side_gap_m if len(lengths) > 1 else 0)
    spare = (right - left - used) / (len(lengths) + 1) if lengths else 0.0
    out = []
    x = left + spare
    for length in lengths:
        if rng.random() >= form.leave_out:
            wing = rng.random() < form.corner
            out.append(_angled(x, y, length, depth, form, rng) if wing else _rectangle(x, y, length, depth))
        x += length + form.side_gap_m + spare
    return out


def _rectangle(x: float, y: float, length: float, depth: float) -> Floats:
    return np.array([[x, y], [x + length, y], [x + length, y + depth], [x, y + depth]])


def _angled(x: float, y: float, length: float, depth: float, form: Form, rng: np.random.Generator) -> Floats:
    """A house with a wing to the back, in the gap behind it."""
    arm = min(length * 0.4, depth * 1.1)
    reach = depth + 0.75 * form.row_gap_m
    ring = np.array(
        [[x, y], [x + length, y], [x + length, y + depth], [x + arm, y + depth], [x + arm, y + reach], [x, y + reach]]
    )
    if rng.random() < 0.5:
        ring[:, 0] = 2 * x + length - ring[:, 0]
        ring = ring[::-1]
    return ring
