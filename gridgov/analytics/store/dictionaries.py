"""Numbers for places, agencies and hexagons: one numbering for all processes of a home, that only grows at its end.

Owns the files and who may add to them. Does not own what is numbered (`reading`).

A file is a head and a row of int64 keys. It is given its room ahead, so that a full disk is met long before there is
none left for a new place. Whoever adds takes a lock, reads what others have added, writes its keys, then their count.
"""

from __future__ import annotations

import os
import struct
import threading
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.store.files import Damaged
from gridgov.platform.locks import let_go, take_alone

MAGIC = b"GGDICT01"
HEAD_BYTES = 64
ROOM = 16_384  # keys reserved ahead; a new piece as soon as half of the last is used
NAMES = ("places", "agencies", "hexes")
Keys = NDArray[np.int64]
Codes = NDArray[np.int32]


def place_keys(grid: Keys, area: Keys, unit: Keys, outside: NDArray[np.bool_]) -> Keys:
    """One number a place: grid, or else area (negative), above unit above outside. Ids must be below 2^31."""
    if len(grid) and max(int(grid.max()), int(area.max()), int(unit.max())) >= 1 << 31:
        raise OverflowError("ids of areas beyond 2^31 cannot be numbered")
    home = np.where(grid != 0, grid, -area)
    keys: Keys = (home << 32) | (unit << 1) | outside
    return keys


def place_parts(keys: Keys) -> tuple[Keys, Keys, Keys, NDArray[np.bool_]]:
    """(grid, area, unit, outside) of `place_keys`."""
    home = keys >> 32
    return np.maximum(home, 0), np.maximum(-home, 0), (keys & 0xFFFFFFFF) >> 1, (keys & 1) != 0


class Dictionary:
    """Key -> number. Key 0 has number 0. Safe among threads and processes."""

    def __init__(self, path: Path) -> None:
        """Opens the file, or makes it. Raises `Damaged`, `OSError`."""
        self._path = path
        self._lock = threading.Lock()
        self._keys: Keys = np.zeros(0, dtype=np.int64)
        self._numbers: dict[int, int] = {}
        with self._lock:
            if not path.exists():
                self._add([0])
            self._read()

    @property
    def keys(self) -> Keys:
        """All keys by number; a later answer begins like this one."""
        return self._keys

    def checksum(self, count: int) -> int:
        """Of the first keys. Raises `Damaged` where there are not so many."""
        if count > len(self._keys):
            with self._lock:
                self._read()
            if count > len(self._keys):
                raise Damaged(f"{self._path.name}: fewer keys than were written")
        return zlib.crc32(self._keys[:count].tobytes())

    def codes(self, keys: Keys) -> Codes:
        """The number of each key; new ones are added. Raises `OSError` where the disk is full."""
        if not len(keys):
            return np.zeros(0, dtype=np.int32)
        starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
        distinct, back = np.unique(keys[starts], return_inverse=True)
        of_distinct = self._codes(distinct)[back]
        return np.repeat(of_distinct, np.diff(starts, append=len(keys)))

    def _codes(self, distinct: Keys) -> Codes:
        asked = distinct.tolist()
        with self._lock:
            if any(key not in self._numbers for key in asked):
                self._read()
                missing = [key for key in asked if key not in self._numbers]
                if missing:
                    self._add(missing)
            numbers = self._numbers
            return np.array([numbers[key] for key in asked], dtype=np.int32)

    def _read(self) -> None:
        """What others have added since."""
        with open(self._path, "rb") as file:
            count = self._count(file.read(HEAD_BYTES))
            known = len(self._keys)
            if count <= known:
                return
            file.seek(HEAD_BYTES + 8 * known)
            data = file.read(8 * (count - known))
        if len(data) < 8 * (count - known):
            raise Damaged(f"{self._path.name}: cut short")
        self._know(np.frombuffer(data, dtype="<i8").astype(np.int64))

    def _know(self, new: Keys) -> None:
        for number, key in enumerate(new.tolist(), start=len(self._keys)):
            self._numbers.setdefault(key, number)
        self._keys = np.concatenate((self._keys, new))

    def _add(self, wanted: list[int]) -> None:
        """Appends under the lock of all processes what nobody has added in between."""
        held = take_alone(self._path.with_suffix(".lock"))
        try:
            fresh = not self._path.exists() or self._path.stat().st_size < HEAD_BYTES
            if not fresh:
                self._read()
            missing = [key for key in wanted if key not in self._numbers]
            if missing:
                self._append(missing)
                self._know(np.array(missing, dtype=np.int64))
        finally:
            let_go(held)

    def _append(self, missing: list[int]) -> None:
        known, after = len(self._keys), len(self._keys) + len(missing)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            room = (os.fstat(descriptor).st_size - HEAD_BYTES) // 8
            if room < after:  # without it there is no place for them
                self._reserve(descriptor, after + ROOM)
            elif room < after + ROOM // 2:
                with suppress(OSError):  # the disk is full; there is room for these
                    self._reserve(descriptor, after + ROOM)
            os.pwrite(descriptor, np.array(missing, dtype="<i8").tobytes(), HEAD_BYTES + 8 * known)
            os.pwrite(descriptor, MAGIC + struct.pack("<Q", after), 0)
        finally:
            os.close(descriptor)

    @staticmethod
    def _reserve(descriptor: int, keys: int) -> None:
        os.posix_fallocate(descriptor, 0, HEAD_BYTES + 8 * keys)

    def sync(self) -> None:
        """Until what was added is on the disk."""
        with open(self._path, "rb") as file:
            os.fdatasync(file.fileno())

    def _count(self, head: bytes) -> int:
        if len(head) < HEAD_BYTES or not head.startswith(MAGIC):
            raise Damaged(f"{self._path.name}: not a file of numbers")
        return int(struct.unpack_from("<Q", head, len(MAGIC))[0])


class Dictionaries:
    """The three of them, in one folder. Raises `Damaged`, `OSError`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.places = Dictionary(folder / "places")
        self.agencies = Dictionary(folder / "agencies")
        self.hexes = Dictionary(folder / "hexes")

    def each(self) -> tuple[Dictionary, Dictionary, Dictionary]:
        """In the order of `NAMES`."""
        return self.places, self.agencies, self.hexes
