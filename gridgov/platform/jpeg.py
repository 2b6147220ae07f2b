"""Is a JPEG bare: nothing in it but what pictures are decoded from (ITU-T T.81, annex B; JFIF 1.02)?

Owns this one check. It is made of what comes back from the child that decoded a stranger's file: should a decoder have
been taken over, it can still bring out nothing but a picture.
"""

from __future__ import annotations

import re

# SOI, and JFIF 1.01 without density and thumbnail.
START, END = b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0", b"\xff\xd9"
TABLES, FRAME, CODES, SCAN = 0xDB, 0xC0, 0xC4, 0xDA
# How many bytes each segment may have in all: two quantisation tables, four code tables of at most 162 words.
MOST = {TABLES: 2 * 67, FRAME: 17, CODES: 2 * (19 + 12) + 2 * (19 + 162) + 8, SCAN: 12}
IN_SCAN = re.compile(rb"\xff[^\x00]")


def bare_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) of a baseline JPEG that holds its picture and nothing else; None for any other bytes."""
    if not data.startswith(START):
        return None
    at, seen, size = len(START), dict.fromkeys(MOST, 0), (0, 0)
    while len(data) - at >= 4 and data[at] == 0xFF and data[at + 1] in MOST:
        kind, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        body = data[at + 4 : at + 2 + length]
        seen[kind] += length
        if length < 2 or seen[kind] > MOST[kind]:
            return None
        if kind == FRAME:
            size = int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big")
        at += 2 + length
        if kind == SCAN:
            end = IN_SCAN.search(data, at)
            return size if end and end.start() == len(data) - 2 and data.endswith(END) and min(size) > 0 else None
    return None
