"""Files and requests that are cut, flipped, shuffled, or named with intent."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

from tests.photos import camera, heif, tiff
from tests.photos.camera import encoded
from tests.photos.hevc import DISC, QUADRANTS
from tests.photos.made import BOUNDARY, File, Maker, part


def _photo(rng: random.Random) -> bytes:
    return camera.photo(rng, rng.choice(camera.FORMATS), image=camera.scene(rng, 160, 120)).data


def _cut(rng: random.Random, payload: bytes) -> File:
    data = _photo(rng)
    return File(data[: rng.randrange(len(data))])


def _flipped(rng: random.Random, payload: bytes) -> File:
    data = bytearray(_photo(rng))
    for _ in range(rng.choice((1, 4, 30, 200))):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return File(bytes(data))


def _flipped_heic(rng: random.Random, payload: bytes) -> File:
    """In the boxes or in the coded picture."""
    data = bytearray(heif.heic(rng.choice((DISC, QUADRANTS)), heif.Extras(exif=tiff.block({}), thumbnail=DISC)))
    for _ in range(rng.choice((1, 2, 8, 40))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return File(bytes(data), b"a.heic", b"image/heic")


def _shuffled(rng: random.Random, payload: bytes) -> File:
    """Pieces of several photos."""
    pieces = [_photo(rng) for _ in range(3)]
    cuts = [one[: rng.randrange(len(one))] + other[rng.randrange(len(other)) :] for one, other in pairwise(pieces)]
    return File(b"".join(cuts))


def _noise(rng: random.Random, payload: bytes) -> File:
    head = rng.choice(
        (b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\xff\xff\xff\xffWEBPVP8 ", b"\0\0\0\x18ftypheic")
    )
    return File(head + rng.randbytes(rng.choice((10, 1_000, 100_000))))


# --- names and bodies -------------------------------------------------------------------------------------------------

NAMES = (
    b"../../../../../../tmp/escape.jpg",
    b"/etc/cron.d/escape",
    b"..\\..\\escape.jpg",
    b"escape.jpg\0.png",
    b"escape\r\nX-Injected: yes.jpg",
    b"escape\nline.jpg",
    "\u202egpj.exe".encode(),
    b"a" * 4_000,
    b"%2e%2e%2fescape.jpg",
    b"file:///etc/passwd",
    b"|touch escape",
    b"$(touch escape).jpg",
    b".",
    b"",
    b"NUL",
    "照片\U0001f4f7.jpg".encode(),
    b"\xff\xfe\xfd",
    b'a"; name="other',
)


def _name(rng: random.Random, payload: bytes) -> File:
    return File(encoded(camera.quadrants(), "JPEG"), rng.choice(NAMES))


def _media(rng: random.Random, payload: bytes) -> File:
    media = rng.choice((b"text/html", b"image/svg+xml", b"a" * 3_000, b"image/jpeg\0", b"multipart/mixed; boundary=x"))
    return File(encoded(camera.quadrants(), "JPEG"), media=media)


Body = tuple[bytes, str]


def _bad_body(rng: random.Random, payload: bytes) -> Body:
    good = part(encoded(camera.quadrants(), "JPEG"))
    head = b"--" + BOUNDARY + b"\r\n"
    many = good.removesuffix(b"--" + BOUNDARY + b"--\r\n") * 30 + b"--" + BOUNDARY + b"--\r\n"
    named = b'Content-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
    return rng.choice(
        (
            (b"", ""),
            (good[: rng.randrange(len(good))], ""),
            (good.replace(BOUNDARY, b"----another"), ""),
            (good, "multipart/form-data"),
            (good, "multipart/form-data; boundary="),
            (good, "multipart/form-data; boundary=" + "x" * 500),
            (good, 'multipart/form-data; boundary="unclosed'),
            (good, "multipart/mixed; boundary=" + BOUNDARY.decode()),
            (good, "application/json"),
            (good, "application/x-www-form-urlencoded"),
            (good, "text/plain; boundary=" + BOUNDARY.decode()),
            (part(payload, field=b"other"), ""),
            (part(payload, field=b"file[]"), ""),
            (head + b"\r\n" + payload + b"\r\n--" + BOUNDARY + b"--\r\n", ""),
            (head + named + named + b"\r\n" + payload + b"\r\n--" + BOUNDARY + b"--\r\n", ""),
            (head + b"X-Long: " + b"y" * 100_000 + b"\r\n" + named + b"\r\n" + payload, ""),
            (head + b"X: y\r\n" * 20_000 + named + b"\r\n" + payload, ""),
            (head + b"no colon\r\n" + named + b"\r\n" + payload, ""),
            (b"--" + BOUNDARY + b"--\r\n", ""),
            (b"\r\n\r\n" + good + payload, ""),
            (good.replace(b"\r\n", b"\n"), ""),
            (many, ""),
            (rng.randbytes(5_000), ""),
            (b"{" + b'"file": "' + payload + b'"}', "application/json"),
        )
    )  # fmt: skip


FILES: dict[str, Maker] = {
    "cut": _cut,
    "cut, again": _cut,
    "flipped": _flipped,
    "flipped, again": _flipped,
    "flipped heic": _flipped_heic,
    "flipped heic, again": _flipped_heic,
    "shuffled": _shuffled,
    "noise": _noise,
    "name": _name,
    "name, again": _name,
    "media type": _media,
}
BODIES: dict[str, Callable[[random.Random, bytes], Body]] = {
    "bad body": _bad_body,
    "bad body, again": _bad_body,
    "bad body, once more": _bad_body,
}
