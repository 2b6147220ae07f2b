"""Colour profiles (ICC.1:2001-04): matrix and curve for a screen, with texts of our own in them."""

from __future__ import annotations

import struct

# D50-adapted primaries as XYZ: sRGB (IEC 61966-2-1) and Display P3.
SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
P3 = ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))


def profile(primaries: tuple[tuple[float, float, float], ...] = P3, *, text: str = "a screen", pad: int = 0) -> bytes:
    """A display profile of gamma 2.2; `text` is its description and its copyright, `pad` bytes follow the tags."""
    red, green, blue = (_xyz(one) for one in primaries)
    raw = text.encode("ascii") + b"\0"
    description = b"desc" + bytes(4) + struct.pack(">I", len(raw)) + raw + bytes(4 + 4 + 2 + 1 + 67)
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(2.2 * 256))
    tags = {
        b"desc": description,
        b"cprt": b"text" + bytes(4) + raw,
        b"wtpt": _xyz((0.9642, 1.0, 0.8249)),
        b"rXYZ": red,
        b"gXYZ": green,
        b"bXYZ": blue,
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        table += struct.pack(">4sII", name, at + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    whole = at + len(body) + pad
    head = struct.pack(">I4sI4s4s4s12x4s", whole, b"test", 0x02100000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    head = head.ljust(68, b"\0") + struct.pack(">iii", 63190, 65536, 54061)  # D50
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body + bytes(pad)


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">iii", *(round(value * 65536) for value in values))
