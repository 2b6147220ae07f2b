"""What a screenshot really shows: every colour, and how much there is of it.

Owns the counting. Does not own what a story expects to see. Counted in this process: a blank page of the browser's own,
opened for each picture, cost fifteen times the processor time.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

MAP = ".map-canvas"


def colours(_browser: Browser, of: Page | Locator) -> dict[int, float]:
    """Every colour (0xRRGGBB) of a page or of one of its parts, with its share of the picture."""
    return colours_in(_browser, of.screenshot())


def colours_in(_browser: Browser, png: bytes, box: tuple[int, int, int, int] | None = None) -> dict[int, float]:
    """The same of a picture that was taken before, or of a part of it: x, y, width, height in pixels."""
    with Image.open(BytesIO(png)) as picture:
        red, green, blue = np.moveaxis(np.asarray(picture.convert("RGB"), dtype=np.uint32), -1, 0)
    left, top, width, height = box or (0, 0, red.shape[1], red.shape[0])
    packed = (red << 16 | green << 8 | blue)[top : top + height, left : left + width]
    found, counts = np.unique(packed, return_counts=True)
    return dict(zip(found.tolist(), (counts / packed.size).tolist(), strict=True))


def difference(one: dict[int, float], other: dict[int, float]) -> float:
    """How much of the picture changed colour, at least: 0 = the same colours, as much of each; 1 = none shared."""
    return sum(abs(one.get(colour, 0) - other.get(colour, 0)) for colour in one.keys() | other.keys()) / 2
