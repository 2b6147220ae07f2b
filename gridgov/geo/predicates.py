"""Where a point lies: exact tests against edges, and the walk through a `PointIndex`'s table.

Owns: the sign of an orientation, the record layout of the table (written by `table.pack`), bulk and single look-up.
Does not own: building the table (`table`, `raster`), what a caller may pass (`locate`).

Everything a look-up calls is in this file on purpose: numba's disk cache notices a change of the file that holds a
kernel, but not of another file whose functions it has inlined.

A table is `lut` (int32, one value a cell) and `pool` (8-byte words, seen as float64 and as int64 at once).
A cell's value: -1 nobody; v >= 0 polygon v holds the whole cell; v <= -2 the words from -2 - v on decide:

    finer cells     -1, scale (a float), cells a side, first row, first column, base in lut
    polygons        n, otherwise; then n candidates, lowest polygon first:
                    polygon, edges * 2 + parity, marks; marks * (y); edges * (xa, ya, xb, yb) with ya <= yb

A candidate holds the point when parity + edges crossed by the ray from the point towards +x + marks above the point is
odd, or when the point is on one of the edges. `raster` says why these few words are enough.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from gridgov.geo.compiled import kernel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]

FINER_WORDS = 6  # words of a "finer cells" record
READ_AHEAD = 24  # words of a record fetched early, three cache lines; the pool ends with as many that mean nothing
BLOCK = 512  # points looked up before those on boundary cells are resolved; their places stay in the first-level cache
ERROR_BOUND = 3.3306690738754716e-16  # (3 + 16 e) e with e = 2**-53: Shewchuk 1997, "Adaptive precision", section 4.2
UNDERFLOW = 1e-250  # products below it may have lost digits that the bound does not know of
SPLITTER = 134217729.0  # 2**27 + 1


@kernel
def _two_sum(a: float, b: float) -> tuple[float, float]:
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


@kernel
def _two_product(a: float, b: float) -> tuple[float, float]:
    product = a * b
    wide = SPLITTER * a
    a_high = wide - (wide - a)
    a_low = a - a_high
    wide = SPLITTER * b
    b_high = wide - (wide - b)
    b_low = b - b_high
    return product, a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


@kernel
def _grow(terms: Floats, count: int, value: float) -> int:
    """Add `value` to the expansion terms[:count], exactly; the new count (Shewchuk 1997, grow-expansion)."""
    for i in range(count):
        value, terms[i] = _two_sum(value, terms[i])
    terms[count] = value
    return count + 1


@kernel
def orientation_exact(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> int:
    """Sign of (a - p) x (b - p) without rounding: the sixteen partial products summed as an expansion.

    All six numbers are first scaled by one power of two, so that not even 5e-324 beside 180 is lost in a product.
    """
    _, exponent = math.frexp(max(abs(ax), abs(ay), abs(bx), abs(by), abs(px), abs(py)))
    scale = math.ldexp(1.0, min(400 - exponent, 1000))
    axp, axt = _two_sum(ax * scale, -px * scale)
    ayp, ayt = _two_sum(ay * scale, -py * scale)
    bxp, bxt = _two_sum(bx * scale, -px * scale)
    byp, byt = _two_sum(by * scale, -py * scale)
    terms = np.empty(16)
    count = 0
    for u, v in ((axt, byt), (axt, byp), (axp, byt), (axp, byp), (-ayt, bxt), (-ayt, bxp), (-ayp, bxt), (-ayp, bxp)):
        product, tail = _two_product(u, v)
        count = _grow(terms, count, tail)
        count = _grow(terms, count, product)
    for i in range(count - 1, -1, -1):
        if terms[i] != 0.0:
            return 1 if terms[i] > 0.0 else -1
    return 0


@kernel
def orientation(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> int:
    """+1 when p is left of a -> b, -1 when right, 0 when on its line; coordinates up to 1e100. Exact."""
    left = (ax - px) * (by - py)
    right = (ay - py) * (bx - px)
    determinant = left - right
    size = abs(left) + abs(right)
    if size > UNDERFLOW:
        if abs(determinant) >= ERROR_BOUND * size:
            return 1 if determinant > 0.0 else -1
    elif (ax == px or by == py) and (ay == py or bx == px):
        return 0
    return orientation_exact(ax, ay, bx, by, px, py)  # type: ignore[no-any-return]


@kernel
def meet(px: float, py: float, xa: float, ya: float, xb: float, yb: float) -> int:
    """How the ray from p towards +x meets the edge a -> b, ya <= yb: 0 not at all, 1 crosses it, 2 begins on it.

    An edge has its lower end and not its upper one, so that a ray through a vertex counts it once.
    """
    if py < ya or py > yb:
        return 0
    if py == yb:
        return 2 if px == xb or (ya == yb and min(xa, xb) <= px <= max(xa, xb)) else 0
    if px < xa and px < xb:
        return 1
    if px > xa and px > xb:
        return 0
    side = orientation(xa, ya, xb, yb, px, py)
    return 2 if side == 0 else (1 if side > 0 else 0)


@kernel
def resolve(px: float, py: float, tx: float, ty: float, value: int, lut: Int32s, pool: Floats, words: Ints) -> int:
    """The polygon of a point whose cell has `value` <= -2. tx, ty: the point in root cells."""
    at = -2 - value
    while words[at] < 0:
        scale = pool[at + 1]
        row = int(ty * scale) - words[at + 3]
        column = int(tx * scale) - words[at + 4]
        found = lut[words[at + 5] + row * words[at + 2] + column]
        if found >= -1:
            return found  # type: ignore[no-any-return]
        at = -2 - found
    candidates = words[at]
    otherwise = words[at + 1]
    at += 2
    for _ in range(candidates):
        polygon = words[at]
        inside = words[at + 1] & 1
        marks_end = at + 3 + words[at + 2]
        end = marks_end + 4 * (words[at + 1] >> 1)
        for i in range(at + 3, marks_end):
            inside ^= pool[i] > py
        for i in range(marks_end, end, 4):
            met = meet(px, py, pool[i], pool[i + 1], pool[i + 2], pool[i + 3])
            if met == 2:
                return polygon  # type: ignore[no-any-return]
            inside ^= met
        if inside:
            return polygon  # type: ignore[no-any-return]
        at = end
    return otherwise  # type: ignore[no-any-return]


@kernel
def find_one(
    px: float, py: float, x0: float, y0: float, kx: float, ky: float, rows: int, columns: int,
    lut: Int32s, pool: Floats, words: Ints,
) -> int:  # fmt: skip
    tx = (px - x0) * kx
    ty = (py - y0) * ky
    if not (tx >= 0.0 and ty >= 0.0 and tx < columns and ty < rows):
        return -1
    value = lut[int(ty) * columns + int(tx)]
    if value >= -1:
        return value  # type: ignore[no-any-return]
    return resolve(px, py, tx, ty, value, lut, pool, words)  # type: ignore[no-any-return]


@kernel
def find_many(
    x: Floats, y: Floats, out: Int32s, x0: float, y0: float, kx: float, ky: float, rows: int, columns: int,
    lut: Int32s, pool: Floats, words: Ints,
) -> None:  # fmt: skip
    """Fill `out`. Three passes a block, because memory is what takes the time: the first reads the cells, the second
    touches the words that will be needed; neither waits for what it reads, so their cache misses overlap."""
    waiting = np.empty(BLOCK + 1, np.int64)
    for start in range(0, len(x), BLOCK):
        count = 0
        for i in range(start, min(start + BLOCK, len(x))):
            tx = (x[i] - x0) * kx
            ty = (y[i] - y0) * ky
            out[i] = -1
            if tx >= 0.0 and ty >= 0.0 and tx < columns and ty < rows:
                out[i] = lut[int(ty) * columns + int(tx)]
            waiting[count] = i
            count += out[i] < -1
        touched = 0
        for j in range(count):
            at = -2 - out[waiting[j]]
            for ahead in range(0, READ_AHEAD, 8):
                touched ^= words[at + ahead]
        waiting[BLOCK] = touched  # kept, or the compiler would see that the pass computes nothing
        for j in range(count):
            i = waiting[j]
            out[i] = resolve(x[i], y[i], (x[i] - x0) * kx, (y[i] - y0) * ky, out[i], lut, pool, words)
