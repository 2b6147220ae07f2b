"""What makers of hostile files make."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

BOUNDARY = b"----gridgov-boundary"


@dataclass(frozen=True)
class File:
    """Bytes with a name and a type as a client might give them."""

    data: bytes
    name: bytes = b"photo.jpg"
    media: bytes = b"image/jpeg"


Maker = Callable[[random.Random, bytes], File]  # chances, and the payload to hide


def part(data: bytes, name: bytes = b"photo.jpg", media: bytes = b"image/jpeg", field: bytes = b"file") -> bytes:
    """A body of one file."""
    return (
        b"--" + BOUNDARY + b'\r\nContent-Disposition: form-data; name="' + field + b'"; filename="' + name
        + b'"\r\nContent-Type: ' + media + b"\r\n\r\n" + data + b"\r\n--" + BOUNDARY + b"--\r\n"
    )  # fmt: skip
