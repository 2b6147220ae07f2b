"""A provider of map tiles on the loopback address: a real HTTP server that draws what it is asked for.

Its pictures are made so that a place can be read off them: a dark ring of 5 px around each of some points, at the place
where they lie in the datum in which this provider draws.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
from PIL import Image, ImageDraw

from gridgov.geo.crs import Datum, from_wgs84
from gridgov.geo.tileshift import to_tiles

SIDE, OVER = 256, 8


def place(lon: float, lat: float, z: int) -> tuple[float, float]:
    """Column and row of a spot among the tiles of a zoom, with their fractions."""
    column, row = to_tiles(np.array([lon]), np.array([lat]), z)
    return float(column[0]), float(row[0])


@dataclass
class Provider:
    """What it draws, and what it was asked for. `mood`: "well", or how it misbehaves."""

    datum: Datum
    marks: list[tuple[float, float]] = field(default_factory=list)
    mood: str = "well"
    asked: list[str] = field(default_factory=list)
    address: str = ""

    def tile(self, z: int, x: int, y: int) -> bytes:
        """PNG. Drawn eight times as large, so that a mark lies at a part of a pixel."""
        image = Image.new("RGB", (SIDE * OVER, SIDE * OVER), (240, 240, 235))
        draw = ImageDraw.Draw(image)
        for lon, lat in self.marks:
            column, row = place(*from_wgs84(lon, lat, self.datum), z)
            px, py = (column - x) * SIDE * OVER, (row - y) * SIDE * OVER
            draw.ellipse((px - 40, py - 40, px + 40, py + 40), fill=(0, 0, 0))
        small = image.resize((SIDE, SIDE), Image.Resampling.BOX)
        out = io.BytesIO()
        small.save(out, "PNG")
        return out.getvalue()


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        provider = self.provider
        provider.asked.append(self.path)
        if provider.mood == "slow":
            time.sleep(30)
        if provider.mood == "redirects":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()
            return
        if provider.mood in ("refuses", "has-none"):
            self.send_error(403 if provider.mood == "refuses" else 404)
            return
        z, x, y = (int(part) for part in self.path.partition("?")[0].split("/")[-3:])
        body = {
            "html": b"<html><script>alert(1)</script></html>",
            "huge": b"\x89PNG\r\n\x1a\n" + bytes(2 << 20),
            "cut": provider.tile(z, x, y)[:300],
        }.get(provider.mood) or provider.tile(z, x, y)
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):  # whoever asked has heard enough
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    """The provider at a free port; `address` is the template of its tiles."""
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    provider.address = f"http://127.0.0.1:{server.server_address[1]}/tiles/{{z}}/{{x}}/{{y}}?tk={{key}}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def darkest(png: bytes) -> tuple[float, float]:
    """Where the mark of a tile lies, in pixels: the middle of what is dark."""
    image = Image.open(io.BytesIO(png)).convert("L")
    dark = np.clip(200.0 - np.asarray(image, dtype=np.float64), 0.0, None)
    rows, columns = np.mgrid[0 : image.height, 0 : image.width]
    return float((columns * dark).sum() / dark.sum() + 0.5), float((rows * dark).sum() / dark.sum() + 0.5)
