"""Photos as cameras and programs leave them: every place that can hold something beside pixels holds a planted text."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from PIL import Image

from tests.photos import heif, icc, tiff
from tests.photos.hevc import DISC, QUADRANTS

FORMATS = ("jpeg", "png", "webp", "heic")
CORNERS = {"top left": "red", "top right": "lime", "bottom left": "blue", "bottom right": "white"}
RGB = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}


@dataclass(frozen=True)
class Photo:
    """A file; `planted`: texts that must not survive; `lon`, `lat`: where it says it was taken."""

    data: bytes
    form: str
    planted: tuple[bytes, ...]
    lon: float
    lat: float
    turn: int


def quadrants(width: int = 96, height: int = 64) -> Image.Image:
    """Red, lime, blue and white from top left."""
    image = Image.new("RGB", (width, height))
    for colour, left, top in (("red", 0, 0), ("lime", 1, 0), ("blue", 0, 1), ("white", 1, 1)):
        image.paste(
            RGB[colour], (left * width // 2, top * height // 2, (1 + left) * width // 2, (1 + top) * height // 2)
        )
    return image


def scene(rng: random.Random, width: int, height: int) -> Image.Image:
    """Soft patches of colour, so that a file has the size of a photo."""
    small = max(2, width // 16), max(2, height // 16)
    noise = Image.frombytes("RGB", small, rng.randbytes(small[0] * small[1] * 3))
    return noise.resize((width, height), Image.Resampling.BICUBIC)


def corner(image: Image.Image, name: str) -> str:
    """The nearest of the four colours in a corner of a picture."""
    right, bottom = "right" in name, "bottom" in name
    at = (image.width * (3 if right else 1) // 4, image.height * (3 if bottom else 1) // 4)
    seen = image.convert("RGB").getpixel(at)
    assert isinstance(seen, tuple)
    return min(RGB, key=lambda one: sum((a - b) ** 2 for a, b in zip(RGB[one], seen, strict=True)))


def photos(seed: int, count: int) -> Iterator[Photo]:
    """The four formats in turn."""
    rng = random.Random(seed)
    for number in range(count):
        yield photo(rng, FORMATS[number % len(FORMATS)])


def photo(rng: random.Random, form: str, *, image: Image.Image | None = None, turn: int | None = None) -> Photo:
    """One photo with all that can be planted in its format."""
    mark = _Marks(f"{rng.getrandbits(48):012x}")
    lon, lat = round(rng.uniform(73, 135), 5), round(rng.uniform(18, 53), 5)
    turn = rng.randint(1, 8) if turn is None else turn
    image = image or scene(rng, rng.choice((160, 320, 480)), rng.choice((120, 240, 360)))
    exif = _exif(mark, lon, lat, turn)
    data = WRITERS[form](image, exif, mark)
    return Photo(data, form, tuple(mark.made), lon, lat, turn)


class _Marks:
    """Texts to plant, each known again."""

    def __init__(self, word: str) -> None:
        self._word = word
        self.made: list[bytes] = []

    def __call__(self, place: str) -> bytes:
        text = f"planted-{place}-{self._word}".encode()
        self.made.append(text)
        return text


def _exif(mark: _Marks, lon: float, lat: float, turn: int) -> bytes:
    small = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(small, "JPEG", comment=mark("thumbnail"))
    return tiff.block(
        {
            0x010E: (tiff.ASCII, mark("description") + b"\0"),
            0x010F: (tiff.ASCII, mark("maker") + b"\0"),
            0x0110: (tiff.ASCII, mark("model") + b"\0"),
            0x0112: (tiff.SHORT, turn),
            0x013B: (tiff.ASCII, mark("artist") + b"\0"),
        },
        exif={
            0x9003: (tiff.ASCII, b"2025:11:20 08:14:52\0"),
            0x9011: (tiff.ASCII, b"+08:00\0"),
            0x927C: (tiff.UNDEFINED, mark("makernote") * 20),
            0x9286: (tiff.UNDEFINED, b"ASCII\0\0\0" + mark("usercomment")),
            0xA431: (tiff.ASCII, mark("serial") + b"\0"),
        },
        gps=tiff.gps_fields(lon, lat),
        thumbnail=small.getvalue(),
    )


def _xmp(mark: _Marks) -> bytes:
    return (
        b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        b'xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="33,7.2N" exif:Note="'
        + mark("xmp")
        + b'"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )


def _profile(mark: _Marks) -> bytes:
    return icc.profile(text=mark("profile").decode())


def segment(kind: int, body: bytes) -> bytes:
    """A JPEG segment."""
    return struct.pack(">BBH", 0xFF, kind, len(body) + 2) + body


def chunk(kind: bytes, body: bytes) -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def encoded(image: Image.Image, form: str, **how: object) -> bytes:
    """Pillow's own file of a picture."""
    out = io.BytesIO()
    image.save(out, form, **how)
    return out.getvalue()


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """Behind SOI and JFIF."""
    at = 2 + 2 + struct.unpack_from(">H", jpeg, 4)[0]
    return jpeg[:at] + b"".join(segments) + jpeg[at:]


def with_chunks(png: bytes, *chunks: bytes) -> bytes:
    """Behind IHDR."""
    return png[:33] + b"".join(chunks) + png[33:]


def _jpeg(image: Image.Image, exif: bytes, mark: _Marks) -> bytes:
    iptc = b"\x1c\x02\x78" + struct.pack(">H", 40) + mark("iptc")[:40].ljust(40)
    resource = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc
    return (
        with_segments(
            encoded(image, "JPEG", quality=85),
            segment(0xE1, b"Exif\0\0" + exif),
            segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + _xmp(mark)),
            segment(0xE2, b"ICC_PROFILE\0\x01\x01" + _profile(mark)),
            segment(0xED, resource),
            segment(0xEC, b"Ducky" + mark("ducky")),
            segment(0xFE, mark("comment")),
        )
        + b"\0\0"
        + mark("trailing")
    )


def _png(image: Image.Image, exif: bytes, mark: _Marks) -> bytes:
    return with_chunks(
        encoded(image, "PNG"),
        chunk(b"iCCP", b"p\0\0" + zlib.compress(_profile(mark))),
        chunk(b"tEXt", b"Comment\0" + mark("text")),
        chunk(b"zTXt", b"Author\0\0" + zlib.compress(mark("ztext"))),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + _xmp(mark)),
        chunk(b"eXIf", exif),
        chunk(b"tIME", struct.pack(">HBBBBB", 2025, 11, 20, 8, 14, 52)),
        chunk(b"maRk", mark("private")),
    ) + mark("trailing")


def _webp(image: Image.Image, exif: bytes, mark: _Marks) -> bytes:
    data = encoded(image, "WEBP", quality=85, exif=exif, icc_profile=_profile(mark), xmp=_xmp(mark))
    private = mark("private")
    data += struct.pack("<4sI", b"MARK", len(private)) + private + bytes(len(private) % 2)
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:] + mark("trailing")


def _heic(_image: Image.Image, exif: bytes, mark: _Marks) -> bytes:
    extras = heif.Extras(
        exif=exif,
        xmp=_xmp(mark),
        icc=_profile(mark),
        thumbnail=DISC,
        free=mark("free"),
        trailing=heif.box(b"uuid", bytes(16), mark("trailing")),
    )
    return heif.heic(QUADRANTS, extras)


WRITERS: Mapping[str, Callable[[Image.Image, bytes, _Marks], bytes]] = {
    "jpeg": _jpeg,
    "png": _png,
    "webp": _webp,
    "heic": _heic,
}
