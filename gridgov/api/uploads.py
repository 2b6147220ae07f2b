"""Files of a multipart request (RFC 7578), taken one at a time while the body comes in.

Owns that no more is held than one file of the largest size, and that nothing too large is read to its end. Does not own
what a file is. Names and types that a client gives its files are not looked at: they prove nothing, and a name may be
anything, also a path.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from gridgov.platform.errors import BadInput, TooLarge

FIELD = "file"
OVERHEAD_BYTES = 16 * 1024  # of a part: its boundary and headers


def form(what: str, *, most: int) -> dict[str, object]:
    """How the API's document describes a body of one to `most` files; `what`: which files are taken."""
    files = {
        "type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1, "maxItems": most,
        "description": what,
    }  # fmt: skip
    schema = {"type": "object", "required": [FIELD], "properties": {FIELD: files}}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


class NotMultipart(BadInput):
    code = "not-multipart"


class MalformedParts(BadInput):
    code = "malformed-body"


class UnknownPart(BadInput):
    code = "unknown-part"


class NoFile(BadInput):
    code = "file-missing"


class TooManyFiles(TooLarge):
    code = "too-many-files"


class BodyTooLarge(TooLarge):
    code = "too-large"


class _Parts:
    """What the parser found so far: whole files, and the one that is being read."""

    def __init__(self, boundary: bytes, *, most_files: int, most_bytes: int) -> None:
        self.whole: list[bytes] = []
        self.count = 0
        self.ended = False
        self._most_files, self._most_bytes = most_files, most_bytes
        self._now = bytearray()
        self._header, self._value = bytearray(), bytearray()
        self._field: bytes | None = None
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_end,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_end": self._all,
            },
        )

    def feed(self, data: bytes) -> None:
        """Raises `MalformedParts` and what the parts themselves are refused for."""
        try:
            self._parser.write(data)
        except FormParserError:
            raise _malformed() from None

    def _begin(self) -> None:
        self.count += 1
        self._now, self._field = bytearray(), None
        if self.count > self._most_files:
            raise TooManyFiles(
                f"At most {self._most_files} files are taken here.", field=FIELD, remedy="Send the others apart."
            )

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            self._field = parse_options_header(bytes(self._value))[1].get(b"name")
        self._header, self._value = bytearray(), bytearray()

    def _headers_end(self) -> None:
        if self._field != FIELD.encode():
            raise UnknownPart(
                f"A part is not named “{FIELD}”.", field="body", remedy=f"Send each file as a part named “{FIELD}”."
            )

    def _data(self, data: bytes, start: int, end: int) -> None:
        if len(self._now) + end - start > self._most_bytes:
            raise BodyTooLarge(
                f"A file has at most {self._most_bytes // 2**20} MB.",
                field=f"{FIELD}[{self.count}]",
                remedy="Send it in a smaller size.",
            )
        self._now += data[start:end]

    def _end(self) -> None:
        self.whole.append(bytes(self._now))
        self._now = bytearray()

    def _all(self) -> None:
        self.ended = True


async def files(request: Request, *, most_files: int, most_bytes: int) -> AsyncIterator[bytes]:
    """Each file as soon as it is whole; the body is read no faster than its files are taken.

    Raises `NotMultipart`, `MalformedParts`, `UnknownPart`, `NoFile`, `TooManyFiles`, `BodyTooLarge`.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind.lower() != b"multipart/form-data" or not 0 < len(boundary) <= 70:
        raise NotMultipart(
            "The body is not multipart/form-data with a boundary.",
            field="body",
            remedy=f"Send the files as parts named “{FIELD}”.",
        )
    most = most_files * (most_bytes + OVERHEAD_BYTES)
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and (len(told) > 18 or int(told) > most):
        raise _body_too_large(most)
    parts, read = _Parts(boundary, most_files=most_files, most_bytes=most_bytes), 0
    try:
        async for chunk in request.stream():
            read += len(chunk)
            if read > most:
                raise _body_too_large(most)
            parts.feed(chunk)
            while parts.whole:
                yield parts.whole.pop(0)
    except ClientDisconnect:
        raise _malformed() from None
    if not parts.ended:
        raise _malformed()
    if not parts.count:
        raise NoFile("No file came.", field=FIELD, remedy=f"Send at least one part named “{FIELD}”.")


def _malformed() -> MalformedParts:
    return MalformedParts("The parts of the body cannot be read to their end.", field="body", remedy="Send it again.")


def _body_too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(
        f"The body has more than {most // 2**20} MB.", field="body", remedy="Send fewer files, or smaller ones."
    )
