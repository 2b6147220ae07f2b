"""What a screenshot really shows: the browser itself decodes the picture, on a blank page of its own."""

from __future__ import annotations

import base64
from typing import Any

from playwright.sync_api import Browser, Locator, Page

MAP = ".map-canvas"
READ = """async ([png, box]) => {
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(...(box ?? [0, 0, image.width, image.height]));
  const seen = new Map();
  for (let at = 0; at < data.length; at += 4) {
    const colour = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
    seen.set(colour, (seen.get(colour) ?? 0) + 1);
  }
  return [...seen.entries()];
}"""


def colours(browser: Browser, of: Page | Locator) -> dict[int, float]:
    """Every colour (0xRRGGBB) of a page or of one of its parts, with its share of the picture."""
    return colours_in(browser, of.screenshot())


def colours_in(browser: Browser, png: bytes, box: tuple[int, int, int, int] | None = None) -> dict[int, float]:
    """The same of a picture that was taken before, or of a part of it: x, y, width, height in pixels."""
    picture = base64.b64encode(png).decode()
    context = browser.new_context()
    try:
        counted: list[list[Any]] = context.new_page().evaluate(READ, [picture, box])
    finally:
        context.close()
    total = sum(count for _, count in counted)
    return {int(colour): count / total for colour, count in counted}


def difference(one: dict[int, float], other: dict[int, float]) -> float:
    """How much of the picture changed colour, at least: 0 = the same colours, as much of each; 1 = none shared."""
    return sum(abs(one.get(colour, 0) - other.get(colour, 0)) for colour in one.keys() | other.keys()) / 2
