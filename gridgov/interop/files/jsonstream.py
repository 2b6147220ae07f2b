"""JSON from a file of any size, one value at a time.

Owns walking through an object or array whose parts are decoded as they come, and telling "cut off" from "wrong". Does
not own GeoJSON (`geojson.py`).
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from gridgov.interop.files.refusals import FileBroken, FileTruncated
from gridgov.interop.files.text import TextStream

_SPACE = " \t\r\n"
# An error this close to the end of what has been read may only mean that more has to be read ("-Infinit", "\\u12").
_NEAR_END_CHARS = 24
_FIRST_READ_CHARS = 1 << 16
_MOST_READ_CHARS = 1 << 23
_KEEP_CHARS = 1 << 20


def _constant(_name: str) -> float:
    """NaN, Infinity and -Infinity are no JSON, yet many programs write them: all are "not a finite number" here."""
    return math.nan


class JsonStream:
    """A cursor in a JSON text. Raises FileTruncated where the text ends too early, FileBroken where it is not JSON."""

    def __init__(self, stream: TextStream, name: str) -> None:
        self._stream = stream
        self._name = name
        self._decoder = json.JSONDecoder(parse_constant=_constant)
        self._buffer = ""
        self._at = 0
        self._ended = False
        self._next_read = _FIRST_READ_CHARS
        self.where = "at its beginning"

    def peek(self) -> str:
        """The next character that is not white space; "" at the end."""
        while True:
            while self._at < len(self._buffer):
                if self._buffer[self._at] not in _SPACE:
                    return self._buffer[self._at]
                self._at += 1
            if not self._read():
                return ""

    def take(self, wanted: str) -> str:
        """Step over one of the characters in `wanted` and return it."""
        found = self.peek()
        if not found:
            self._cut()
        if found not in wanted:
            self._wrong(f"expected {' or '.join(wanted)}, found {found!r}")
        self._at += 1
        return found

    def value(self) -> Any:
        """Decode the next whole value."""
        if not self.peek():
            self._cut()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                unfinished = (
                    error.msg.startswith("Unterminated string") or error.pos >= len(self._buffer) - _NEAR_END_CHARS
                )
                if not unfinished:
                    self._wrong(error.msg)
                if not self._read():
                    if self._closes_soon(error):
                        self._wrong(error.msg)
                    self._cut()
            except RecursionError:
                self._wrong("nested too deeply")
            else:
                # A number at the very end of the buffer may go on.
                if end == len(self._buffer) and self._read():
                    continue
                self._at = end
                self._next_read = _FIRST_READ_CHARS
                self._drop_read()
                return value

    def _closes_soon(self, error: json.JSONDecodeError) -> bool:
        """True when the text did not just stop: its last character closes something; the fault lies before."""
        return (
            error.pos < len(self._buffer.rstrip())
            and self._buffer.rstrip()[-1:] == "}"
            and "delimiter" not in error.msg
        )

    def _read(self) -> bool:
        """Read more; each next time twice as much, so that one huge value is not decoded too often."""
        if self._ended:
            return False
        more = self._stream.text.read(self._next_read)
        self._next_read = min(self._next_read * 2, _MOST_READ_CHARS)
        if not more:
            self._ended = True
            return False
        self._buffer += more
        return True

    def _drop_read(self) -> None:
        if self._at > _KEEP_CHARS:
            self._buffer = self._buffer[self._at :]
            self._at = 0

    def _cut(self) -> NoReturn:
        raise FileTruncated(
            f"{self._name} is cut off {self.where}.", field="file", remedy="Copy or export it again, whole."
        )

    def _wrong(self, detail: str) -> NoReturn:
        raise FileBroken(
            f"{self._name} is not valid JSON {self.where}: {detail}.", field="file", remedy="Export it again."
        )
