"""The attribute table of a shapefile: which encoding its texts are in.

Owns reading just enough of a dBASE file for that. Does not own the values themselves (GDAL reads them).
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterator
from pathlib import Path

from gridgov.interop.files.refusals import BrokenEncoding, FileBroken, FileTruncated

_HEADER_BYTES = 32
_TEXT_FIELDS = frozenset("CM")
_MOST_RECORDS = 200_000


def encoding_of_dbf(dbf: Path, cpg: Path | None, wanted: str | None = None) -> str:
    """The encoding of a .dbf: what the user or the .cpg says when the texts can be read that way, else UTF-8 or
    GB18030.

    Raises BrokenEncoding when nothing fits, FileTruncated, FileBroken.
    """
    texts = list(_texts(dbf))
    if wanted is not None:
        if _known(wanted) and all(_fits(text, width, wanted) for text, width in texts):
            return wanted
        raise BrokenEncoding(
            f"{dbf.name} is not {wanted}.", field="encoding", remedy="Leave `encoding` out or name another."
        )
    said = cpg.read_text("ascii", errors="replace").strip().strip("\x00") if cpg is not None else ""
    declared = {"936": "gb18030", "65001": "utf-8", "ansi 936": "gb18030"}.get(said.lower(), said)
    for candidate in (declared, "utf-8", "gb18030"):
        if candidate and _known(candidate) and all(_fits(text, width, candidate) for text, width in texts):
            return "GB18030" if codecs.lookup(candidate).name in ("gbk", "gb2312", "gb18030") else candidate.upper()
    raise BrokenEncoding(
        f"The texts in {dbf.name} are neither {said + ', ' if said else ''}UTF-8 nor GBK.",
        field="encoding",
        remedy="Say which with `encoding`, or export the file as UTF-8.",
    )


def _known(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def _fits(text: bytes, width: int, encoding: str) -> bool:
    """A text that fills its field may have been cut in the middle of its last character."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    try:
        decoder.decode(text, final=len(text) < width)
    except UnicodeError:
        return False
    return True


def _texts(dbf: Path) -> Iterator[tuple[bytes, int]]:
    """Non-ASCII texts with the width of their field, from at most _MOST_RECORDS records."""
    with dbf.open("rb") as stream:
        header = stream.read(_HEADER_BYTES)
        if len(header) < _HEADER_BYTES:
            raise FileTruncated(f"{dbf.name} is cut off in its header.", field="file", remedy="Copy it again.")
        count, start, width = struct.unpack("<IHH", header[4:12])
        if start < _HEADER_BYTES or width < 1:
            raise FileBroken(f"{dbf.name} is not a dBASE table.", field="file", remedy="Export the shapefile again.")
        if dbf.stat().st_size < start + count * width:
            raise FileTruncated(
                f"{dbf.name} is cut off: {count:,} records are promised.",
                field="file",
                remedy="Copy or export it again.",
            )
        fields = _text_fields(stream.read(start - _HEADER_BYTES))
        stream.seek(start)
        for _record in range(min(count, _MOST_RECORDS)):
            record = stream.read(width)
            if record.isascii():
                continue
            for offset, length in fields:
                text = record[offset : offset + length].rstrip(b" \x00")
                if not text.isascii():
                    yield text, length


def _text_fields(raw: bytes) -> list[tuple[int, int]]:
    """(offset in the record, length) of the text fields; a descriptor is 32 bytes, the list ends with 0x0D."""
    fields: list[tuple[int, int]] = []
    offset = 1
    for at in range(0, len(raw) - 31, 32):
        if raw[at] == 0x0D:
            break
        length = raw[at + 16]
        if chr(raw[at + 11]) in _TEXT_FIELDS:
            fields.append((offset, length))
        offset += length
    return fields
