"""Tiles on disk: written whole or not at all, the longest unused thrown away when there are too many bytes.

Owns one folder. Several processes may share it: a file that another threw away is one that is not there.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Lock

FILL = 0.9  # down to this share of the room, so that not every tile throws one away
LOOK_EVERY = 500  # tiles written between two looks at what other processes have written


class Kept:
    """`room_bytes` bounds the folder; `keep_s`: what is older counts as not there."""

    def __init__(self, folder: Path, *, room_bytes: int, keep_s: float) -> None:
        self._folder, self._room, self._keep_s = folder, room_bytes, keep_s
        self._lock = Lock()
        self._bytes = 0
        self._written = 0

    def get(self, name: str, *, now_s: float) -> bytes | None:
        """What was kept under a name, unless it is too old."""
        path = self._folder / name
        try:
            made_s = path.stat().st_mtime
            if now_s - made_s > self._keep_s:
                return None
            data = path.read_bytes()
            os.utime(path, (now_s, made_s))  # used now, made then
        except OSError:
            return None
        return data

    def put(self, name: str, data: bytes, *, now_s: float) -> None:
        """Keeps it; a disk that is full keeps nothing, and nobody waits for it."""
        path = self._folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, half = tempfile.mkstemp(dir=path.parent, prefix=".half-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                os.utime(half, (now_s, now_s))
                os.replace(half, path)
            except OSError:
                with suppress(OSError):
                    os.unlink(half)
                raise
        except OSError:
            return
        with self._lock:
            self._bytes += len(data)
            self._written += 1
            if self._bytes > self._room or self._written % LOOK_EVERY == 1:
                self._bytes = self._made_room()

    @property
    def nbytes(self) -> int:
        """Bytes in the folder now."""
        return sum(size for _, size, _ in self._files())

    def _made_room(self) -> int:
        """Bytes that are left."""
        files = sorted(self._files())
        whole = sum(size for _, size, _ in files)
        if whole <= self._room:
            return whole
        for _, size, path in files:
            if whole <= self._room * FILL:
                break
            with suppress(OSError):
                path.unlink()
            whole -= size
        return whole

    def _files(self) -> list[tuple[float, int, Path]]:
        """(last used, bytes, path) of every file."""
        found = []
        for folder, _, names in os.walk(self._folder):
            for name in names:
                path = Path(folder) / name
                with suppress(OSError):
                    seen = path.stat()
                    found.append((seen.st_atime, seen.st_size, path))
        return found
