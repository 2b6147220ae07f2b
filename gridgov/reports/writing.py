"""Putting a page where it was asked for: whole, or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from gridgov.platform.errors import BadInput


class CannotWrite(BadInput):
    """The page cannot be put there."""

    code = "cannot-write"


def write_page(path: Path, page: str) -> int:
    """Replaces the file at once; a reader never sees half a page. Returns its bytes. Raises `CannotWrite`."""
    return write_bytes(path, page.encode())


def write_bytes(path: Path, content: bytes) -> int:
    """The same of any content."""
    half = path.with_name(path.name + ".part")
    try:
        half.write_bytes(content)
        os.replace(half, path)
    except OSError as problem:
        with suppress(OSError):
            half.unlink()
        raise CannotWrite(
            f"{path} cannot be written ({problem.strerror}).",
            field="out",
            remedy="Name a file in a folder that exists.",
        ) from None
    return len(content)
