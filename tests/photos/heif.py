"""HEIC files around given coded pictures (ISO/IEC 23008-12, 14496-12): what a phone puts in, and what nobody should."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from tests.photos.hevc import QUADRANTS, Coded

NCLX = b"nclx" + struct.pack(">HHHB", 1, 13, 6, 0x80)  # sRGB as primaries and transfer, full range


@dataclass
class Extras:
    """What lies in the file beside the picture. `turn`: quarters to the left. `size`: what the header claims."""

    exif: bytes = b""
    xmp: bytes = b""
    icc: bytes = b""
    thumbnail: Coded | None = None
    turn: int = 0
    size: tuple[int, int] | None = None
    free: bytes = b""
    trailing: bytes = b""
    pictures: int = 1
    brand: bytes = b"heic"


@dataclass
class _Item:
    kind: bytes
    data: bytes
    properties: list[int] = field(default_factory=list)
    mime: bytes = b""


def box(kind: bytes, *parts: bytes, full: tuple[int, int] | None = None) -> bytes:
    """A box; `full`: version and flags."""
    head = b"" if full is None else struct.pack(">I", full[0] << 24 | full[1])
    body = head + b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def heic(coded: Coded = QUADRANTS, extras: Extras | None = None) -> bytes:
    """A file of one picture (or `pictures` times the same)."""
    more = extras or Extras()
    width, height = more.size or coded.size
    properties = [
        box(b"hvcC", coded.config),
        box(b"ispe", struct.pack(">II", width, height), full=(0, 0)),
        box(b"pixi", b"\x03\x08\x08\x08", full=(0, 0)),
        box(b"colr", b"prof" + more.icc) if more.icc else box(b"colr", NCLX),
        box(b"irot", bytes([more.turn])),
    ]
    of_picture = [0x81, 2, 3, 4, 0x85] if more.turn else [0x81, 2, 3, 4]
    items = [_Item(b"hvc1", coded.data, of_picture) for _ in range(more.pictures)]
    references = []
    if more.thumbnail is not None:
        properties += [
            box(b"hvcC", more.thumbnail.config),
            box(b"ispe", struct.pack(">II", *more.thumbnail.size), full=(0, 0)),
        ]
        items.append(_Item(b"hvc1", more.thumbnail.data, [0x80 | len(properties) - 1, len(properties), 3]))
        references.append((b"thmb", len(items)))
    if more.exif:
        items.append(_Item(b"Exif", struct.pack(">I", 6) + b"Exif\0\0" + more.exif))
        references.append((b"cdsc", len(items)))
    if more.xmp:
        items.append(_Item(b"mime", more.xmp, mime=b"application/rdf+xml"))
        references.append((b"cdsc", len(items)))
    head = box(b"ftyp", more.brand, struct.pack(">I", 0), b"mif1", more.brand)
    free = box(b"free", more.free) if more.free else b""
    meta = _meta(items, properties, references, 0)
    start = len(head) + len(free) + len(meta) + 8
    meta = _meta(items, properties, references, start)
    return head + free + meta + box(b"mdat", *(item.data for item in items)) + more.trailing


def _meta(items: list[_Item], properties: list[bytes], references: list[tuple[bytes, int]], start: int) -> bytes:
    infos, places, associations = [], [], []
    for number, item in enumerate(items, 1):
        named = item.kind + b"\0" + (item.mime + b"\0" if item.mime else b"")
        infos.append(box(b"infe", struct.pack(">HH", number, 0), named, full=(2, 0)))
        places.append(struct.pack(">HHHII", number, 0, 1, start, len(item.data)))
        start += len(item.data)
        if item.properties:
            associations.append(struct.pack(">HB", number, len(item.properties)) + bytes(item.properties))
    links = [box(kind, struct.pack(">HHH", number, 1, 1)) for kind, number in references]
    return box(
        b"meta",
        box(b"hdlr", struct.pack(">I4s", 0, b"pict"), bytes(13), full=(0, 0)),
        box(b"pitm", struct.pack(">H", 1), full=(0, 0)),
        box(b"iloc", b"\x44\x00", struct.pack(">H", len(items)), *places, full=(0, 0)),
        box(b"iinf", struct.pack(">H", len(items)), *infos, full=(0, 0)),
        box(b"iref", *links, full=(0, 0)) if links else b"",
        box(
            b"iprp",
            box(b"ipco", *properties),
            box(b"ipma", struct.pack(">I", len(associations)), *associations, full=(0, 0)),
        ),
        full=(0, 0),
    )
