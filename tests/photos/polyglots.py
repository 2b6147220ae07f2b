"""Two files in one, and files that are no picture at all."""

from __future__ import annotations

import io
import random
import zipfile
from functools import lru_cache

from tests.photos import camera, heif
from tests.photos.camera import encoded, segment, with_segments
from tests.photos.hevc import DISC
from tests.photos.made import File, Maker


def _zip(payload: bytes, name: str = "run.sh") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), payload)  # a date of its own would be another each time
    return out.getvalue()


def _jpeg_zip(rng: random.Random, payload: bytes) -> File:
    return File(encoded(camera.quadrants(), "JPEG") + _zip(payload))


def _jpeg_page(rng: random.Random, payload: bytes) -> File:
    page = b"<html><script>" + payload + b"</script></html>"
    return File(with_segments(encoded(camera.quadrants(), "JPEG"), segment(0xFE, page)), name=b"a.html")


def _gif_jar(rng: random.Random, payload: bytes) -> File:
    return File(encoded(camera.quadrants(), "GIF") + _zip(payload, "Main.class"), media=b"image/gif")


def _png_script(rng: random.Random, payload: bytes) -> File:
    code = rng.choice((b"<?php " + payload + b" ?>", b"<script>" + payload + b"</script>", b"#!/bin/sh\n" + payload))
    return File(encoded(camera.quadrants(), "PNG") + code, name=b"a.php", media=b"application/x-php")


def _webp_zip(rng: random.Random, payload: bytes) -> File:
    return File(encoded(camera.quadrants(), "WEBP") + _zip(payload), media=b"image/webp")


def _heic_page(rng: random.Random, payload: bytes) -> File:
    return File(heif.heic(DISC, heif.Extras(free=b"<script>" + payload + b"</script>", trailing=_zip(payload))))


# --- what is no picture -----------------------------------------------------------------------------------------------


def _no_picture(rng: random.Random, payload: bytes) -> File:
    media, name = rng.choice(((b"image/jpeg", b"a.jpg"), (b"image/png", b"a.png"), (b"image/heic", b"a.heic")))
    data = rng.choice(
        (
            b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/><script>' + payload
            + b"</script></svg>",
            b"<!doctype html><script>" + payload + b"</script>",
            b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(" + payload + b")>>>>endobj",
            b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0" + payload,
            b"\x7fELF" + bytes(60) + payload,
            b"#!/bin/sh\n" + payload,
            b"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>"
            b"</OGRVRTDataSource>" + payload,
            b"<VRTDataset rasterXSize='1' rasterYSize='1'><VRTRasterBand><SimpleSource><SourceFilename>/etc/passwd"
            b"</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>" + payload,
            b'push graphic-context\nfill \'url(https://127.0.0.1/x"|ls "-la)\'\npop graphic-context' + payload,
            b"%!PS\n(" + payload + b") run",
            b"BM" + bytes(52) + payload,
            b"II*\0\x08\0\0\0" + bytes(40) + payload,
            payload,
            b"\0",
            payload * 50_000,
        )
    )  # fmt: skip
    return File(data, name, media)


@lru_cache
def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(zipfile.ZipInfo(f"{number}.jpg"), bytes(100_000_000), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _zip_bomb(rng: random.Random, payload: bytes) -> File:
    return File(_bomb(), b"photos.zip", b"application/zip")


def _other_format(rng: random.Random, payload: bytes) -> File:
    """Pictures that Pillow reads and that are not taken here."""
    form = rng.choice(("GIF", "BMP", "TIFF", "ICO", "PPM", "TGA", "PCX", "JPEG2000", "DDS", "SGI"))
    return File(encoded(camera.quadrants(64, 64), form) + payload)


def _moves(rng: random.Random, payload: bytes) -> File:
    form = rng.choice(("PNG", "WEBP", "GIF"))
    frames = [camera.scene(rng, 32, 32) for _ in range(rng.choice((2, 200)))]
    return File(encoded(frames[0], form, save_all=True, append_images=frames[1:], duration=20))


def _empty(rng: random.Random, payload: bytes) -> File:
    return File(b"")


def _too_long(rng: random.Random, payload: bytes) -> File:
    return File(encoded(camera.quadrants(), "JPEG") + rng.randbytes(1 << 20) * 11 + payload)


FILES: dict[str, Maker] = {
    "jpeg+zip": _jpeg_zip,
    "jpeg+page": _jpeg_page,
    "gif+jar": _gif_jar,
    "png+script": _png_script,
    "webp+zip": _webp_zip,
    "heic+page": _heic_page,
    "no picture": _no_picture,
    "no picture, again": _no_picture,
    "zip bomb": _zip_bomb,
    "other format": _other_format,
    "moves": _moves,
    "empty": _empty,
    "too long": _too_long,
}
