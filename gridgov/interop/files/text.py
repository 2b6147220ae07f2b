"""Text from outside: which encoding it is in, and that it is whole.

Owns telling UTF-8 from GBK (read as GB18030, which holds it) and saying where a text is broken. Does not own what the
text means.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from gridgov.interop.files.refusals import BrokenEncoding, FileBroken, UnsafeArchive

_BLOCK_BYTES = 1 << 20
# gzip packs at most about 1,030 to 1; a table packs 5 to 30.
MOST_GZIP_RATIO = 300
_RATIO_FROM_BYTES = 256 * 1024**2
_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_HANZI_RUN = re.compile(rb"(?:[\xb0-\xf7][\xa1-\xfe])+")


@dataclass(frozen=True, slots=True)
class TextStream:
    """Decoded text and, beside it, how many bytes of the file have been read (`bytes_read()` of `bytes_total`)."""

    text: io.TextIOBase
    encoding: str
    _raw: BinaryIO
    bytes_total: int

    def position(self) -> int:
        """Bytes of the file that have been read."""
        return self._raw.tell()

    def share(self) -> float:
        """How much of the file has been read, 0..1."""
        return min(1.0, self.position() / max(self.bytes_total, 1))


@contextmanager
def open_text(path: Path, encoding: str | None = None, newline: str | None = "") -> Iterator[TextStream]:
    """Open a text file (.gz too) in the encoding it is in. Raises BrokenEncoding, FileBroken, UnsafeArchive."""
    found = encoding_of(path, encoding)
    with path.open("rb") as raw:
        inner = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if path.name.lower().endswith(".gz") else raw
        with io.TextIOWrapper(inner, encoding=found, newline=newline) as text:
            yield TextStream(text, found, raw, path.stat().st_size)


def encoding_of(path: Path, wanted: str | None = None) -> str:
    """The encoding of a text file: "utf-8-sig", "utf-16" or "gb18030". The whole file is read once.

    `wanted` is what the user says it is; it is believed when the text can be read that way. Raises BrokenEncoding.
    """
    if wanted is not None:
        try:
            codecs.lookup(wanted)
        except LookupError as error:
            raise BrokenEncoding(
                f"There is no encoding {wanted!r}.", field="encoding", remedy="Say UTF-8 or GB18030."
            ) from error
        at = _first_error(path, wanted)
        if at is not None:
            raise BrokenEncoding(
                f"{path.name} is not {wanted}: {_place(path, at)}.", field="encoding", remedy="Leave `encoding` out."
            )
        return wanted
    with _blocks(path) as blocks:
        head = next(blocks, b"")[:3]
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return _whole(path, "utf-16")
    at = _first_error(path, "utf-8-sig")
    if at is None:
        return "gb18030" if head != codecs.BOM_UTF8 and _hanzi_by_chance(path) else "utf-8-sig"
    if _mostly_utf8(path):
        raise BrokenEncoding(
            f"{path.name} is UTF-8 with broken characters: {_place(path, at)}.",
            field="encoding",
            remedy="The file was damaged or cut; export it again.",
        )
    return _whole(path, "gb18030", also=at)


def decode(raw: bytes, name: str) -> str:
    """A short text (a sidecar file, a city file) decoded as UTF-8 or GB18030. Raises BrokenEncoding."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BrokenEncoding(f"{name} is neither UTF-8 nor GBK.", field="encoding", remedy="Save it as UTF-8.")


def _whole(path: Path, encoding: str, also: int | None = None) -> str:
    at = _first_error(path, encoding)
    if at is None:
        return encoding
    tried = "UTF-16" if encoding == "utf-16" else "UTF-8 nor GBK (GB18030)"
    word = "not whole" if encoding == "utf-16" else "neither"
    places = _place(path, max(at, also or 0))
    raise BrokenEncoding(
        f"{path.name} is {word} {tried}: {places}.", field="encoding", remedy="Save it as UTF-8 and try again."
    )


def _first_error(path: Path, encoding: str) -> int | None:
    """Byte offset at which the file stops being text of `encoding` (its length: cut in a character), or None."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    offset = 0
    with _blocks(path) as blocks:
        for block in blocks:
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(block)
            except UnicodeError as error:
                return offset - pending + getattr(error, "start", 0)
            offset += len(block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeError:
        return offset
    return None


def _hanzi_by_chance(path: Path) -> bool:
    """True for GBK text that happens to be well-formed UTF-8 (一 is D2 BB): GB 2312 hanzi only, some side by side.

    Latin letters with accents stand alone among ASCII; Greek and Cyrillic use bytes that no hanzi ends in.
    """
    together = False
    with _blocks(path) as blocks:
        for block in blocks:
            for run in _HIGH_RUN.findall(block.removeprefix(codecs.BOM_UTF8)):
                if not _HANZI_RUN.fullmatch(run):
                    return False
                together = together or len(run) >= 4
    return together


def _mostly_utf8(path: Path) -> bool:
    """True when nine of ten non-ASCII bytes stand in well-formed UTF-8: a damaged UTF-8 file, not a GBK one."""
    high = inside = 0
    with _blocks(path) as blocks:
        for block in blocks:
            high += len(_HIGH_BYTE.findall(block))
            inside += sum(len(sequence) for sequence in _UTF8_SEQUENCE.findall(block))
    return inside >= 0.9 * high


def _place(path: Path, at: int) -> str:
    line = 1
    seen = 0
    with _blocks(path) as blocks:
        for block in blocks:
            if seen + len(block) > at:
                line += block[: at - seen].count(b"\n")
                return f"byte 0x{block[at - seen]:02X} at position {at} (line {line})"
            line += block.count(b"\n")
            seen += len(block)
    return f"it ends in the middle of a character (line {line})"


@contextmanager
def _blocks(path: Path) -> Iterator[Iterator[bytes]]:
    """The bytes of a file in blocks, unpacked when its name ends in .gz, with a limit on what they may grow to."""
    packed = path.stat().st_size
    zipped = path.name.lower().endswith(".gz")

    def blocks(stream: BinaryIO) -> Iterator[bytes]:
        seen = 0
        try:
            while block := stream.read(_BLOCK_BYTES):
                seen += len(block)
                if zipped and seen > _RATIO_FROM_BYTES and seen > MOST_GZIP_RATIO * packed:
                    raise UnsafeArchive(
                        f"{path.name} ({packed:,} bytes) unpacks to more than {seen:,} bytes.", field="file"
                    )
                yield block
        except (EOFError, gzip.BadGzipFile) as error:
            raise FileBroken(
                f"{path.name} is broken or truncated gzip ({error}).", field="file", remedy="Copy it again."
            ) from error

    with path.open("rb") as raw:
        if zipped:
            with gzip.GzipFile(fileobj=raw) as stream:
                yield blocks(cast(BinaryIO, stream))
        else:
            yield blocks(raw)


def check_gzip(path: Path) -> None:
    """Unpack once without keeping anything: the file is whole and does not grow out of bounds. Raises FileBroken,
    UnsafeArchive.
    """
    with _blocks(path) as blocks:
        for _block in blocks:
            pass
