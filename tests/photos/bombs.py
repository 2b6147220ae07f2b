"""Pictures that are larger than they look, and EXIF that leads astray."""

from __future__ import annotations

import random
import struct
import zlib
from functools import lru_cache

from PIL import Image

from tests.photos import camera, heif, icc, tiff
from tests.photos.camera import chunk, encoded, segment, with_chunks, with_segments
from tests.photos.made import File, Maker

HUGE = 20_000  # a side: 400 million pixels


@lru_cache
def _packed(size: int) -> bytes:
    """So many zeros, as small as they get."""
    return zlib.compress(bytes(size), 9)


def _huge_jpeg(rng: random.Random, payload: bytes) -> File:
    data = bytearray(encoded(camera.quadrants(), "JPEG"))
    at = data.index(b"\xff\xc0")
    struct.pack_into(">HH", data, at + 5, HUGE, HUGE)
    return File(bytes(data))


def _huge_png(rng: random.Random, payload: bytes) -> File:
    head = struct.pack(">IIBBBBB", HUGE, HUGE, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1 + 3 * HUGE) * 8)
    return File(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


def _huge_webp(rng: random.Random, payload: bytes) -> File:
    data = bytearray(encoded(camera.quadrants(), "WEBP", exif=b"Exif\0\0" + tiff.block({})))
    data[24:30] = (HUGE - 1).to_bytes(3, "little") * 2  # the canvas of VP8X
    return File(bytes(data))


def _huge_heic(rng: random.Random, payload: bytes) -> File:
    return File(heif.heic(extras=heif.Extras(size=(HUGE, HUGE))))


def _thin(rng: random.Random, payload: bytes) -> File:
    """Few pixels, but a side that no JPEG has."""
    return File(encoded(Image.new("L", (rng.choice((66_000, 30_000_000)), 1)), "PNG"))


def _whole_bomb(rng: random.Random, payload: bytes) -> File:
    """A picture of the largest size that is taken, in some kilobytes."""
    return File(encoded(Image.new("1", (8000, 5000)), "PNG", optimize=True))


def _scan_bomb(rng: random.Random, payload: bytes) -> File:
    """A progressive JPEG whose last scan comes again some thousand times."""
    data = encoded(Image.new("L", (3000, 3000)), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    scan = data[last:-2]
    return File(data[:-2] + scan * (1_500_000 // len(scan)) + b"\xff\xd9")


def _idat_bomb(rng: random.Random, payload: bytes) -> File:
    """Far more rows than the header says."""
    head = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
    rows = _packed(200_000_000)
    return File(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


def _text_bomb(rng: random.Random, payload: bytes) -> File:
    text = chunk(b"zTXt", b"Comment\0\0" + _packed(100_000_000))
    return File(with_chunks(encoded(camera.quadrants(), "PNG"), *[text] * rng.randint(1, 4)))


def _profile_bomb(rng: random.Random, payload: bytes) -> File:
    bomb = chunk(b"iCCP", b"p\0\0" + zlib.compress(icc.profile(text=payload.decode(), pad=30_000_000), 9))
    return File(with_chunks(encoded(camera.quadrants(), "PNG"), bomb))


def _huge_profile(rng: random.Random, payload: bytes) -> File:
    whole = icc.profile(text=payload.decode(), pad=rng.randint(5, 8) << 20)
    parts = [whole[at : at + 65_000] for at in range(0, len(whole), 65_000)][:255]
    heads = [b"ICC_PROFILE\0" + bytes([number, len(parts)]) for number in range(1, len(parts) + 1)]
    marks = [segment(0xE2, head + one) for head, one in zip(heads, parts, strict=True)]
    return File(with_segments(encoded(camera.quadrants(), "JPEG"), *marks))


def _broken_profile(rng: random.Random, payload: bytes) -> File:
    whole = bytearray(icc.profile(text=payload.decode()))
    for _ in range(rng.randint(1, 60)):
        whole[rng.randrange(len(whole))] = rng.randrange(256)
    return File(encoded(camera.quadrants(), "JPEG", icc_profile=bytes(whole)))


# --- EXIF that leads astray -------------------------------------------------------------------------------------------


def _in_form(rng: random.Random, exif: bytes) -> File:
    """In one of the four formats."""
    form = rng.choice(camera.FORMATS)
    if form == "heic":
        return File(heif.heic(extras=heif.Extras(exif=exif)))
    if form == "png":
        return File(with_chunks(encoded(camera.quadrants(), "PNG"), chunk(b"eXIf", exif)))
    if form == "webp":
        return File(encoded(camera.quadrants(), "WEBP", exif=b"Exif\0\0" + exif))
    return File(with_segments(encoded(camera.quadrants(), "JPEG"), segment(0xE1, (b"Exif\0\0" + exif)[:65_000])))


def _exif_circle(rng: random.Random, payload: bytes) -> File:
    block = bytearray(tiff.block({0x010F: (tiff.ASCII, payload)}, exif={0x9003: (tiff.ASCII, b"x\0")}))
    at = 8 + 2 + 12 * struct.unpack_from("<H", block, 8)[0]
    struct.pack_into("<I", block, at, 8)  # the next directory is this one
    return _in_form(rng, bytes(block))


def _exif_giant(rng: random.Random, payload: bytes) -> File:
    """Counts and places beyond everything."""
    kinds = (1, 2, 4, 5, 7, 9, 10, 12)
    fields = {tag: (rng.choice(kinds), 0xFFFFFFF0) for tag in rng.sample(range(0x100, 0xA500), 40)}
    block = bytearray(tiff.block(fields))
    for place in range(40):
        struct.pack_into("<I", block, 8 + 2 + 12 * place + 4, rng.choice((0xFFFFFFFF, 0x7FFFFFFF, 0x10000000)))
    return _in_form(rng, bytes(block) + payload)


def _exif_flood(rng: random.Random, payload: bytes) -> File:
    count = 5_000
    fields = b"".join(struct.pack("<HHII", tag, tiff.RATIONAL, 8_000, 8) for tag in range(count))
    return _in_form(rng, b"II*\0\x08\0\0\0" + struct.pack("<H", count) + fields + bytes(4) + payload)


def _exif_odd(rng: random.Random, payload: bytes) -> File:
    """A position that is none."""
    odd = [(rng.randrange(1 << 32), rng.choice((0, 0, 1, 7))) for _ in range(3)]
    gps: tiff.Fields = {
        1: (tiff.ASCII, rng.choice((b"N\0", b"\0", b"NORTH\0", payload))),
        2: (tiff.RATIONAL, odd),
        3: (tiff.ASCII, b"E\0"),
        4: (tiff.RATIONAL, odd),
        6: (tiff.RATIONAL, [(1, 0)]),
        7: (tiff.RATIONAL, odd),
        18: (tiff.ASCII, payload + b"\n\r;"),
        29: (tiff.ASCII, b"2025:11:20\0"),
    }
    turn = {0x0112: (tiff.SHORT, rng.randrange(65536))}
    return _in_form(rng, tiff.block(turn, exif={0x9003: (tiff.ASCII, payload)}, gps=gps))


FILES: dict[str, Maker] = {
    "huge jpeg": _huge_jpeg,
    "huge png": _huge_png,
    "huge webp": _huge_webp,
    "huge heic": _huge_heic,
    "thin": _thin,
    "largest": _whole_bomb,
    "scans": _scan_bomb,
    "rows": _idat_bomb,
    "text bomb": _text_bomb,
    "profile bomb": _profile_bomb,
    "huge profile": _huge_profile,
    "broken profile": _broken_profile,
    "exif circle": _exif_circle,
    "exif giant": _exif_giant,
    "exif flood": _exif_flood,
    "exif odd": _exif_odd,
}
SLOW = frozenset({"largest", "scans", "rows"})  # a decoder takes seconds
